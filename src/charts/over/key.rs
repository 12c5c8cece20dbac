//! What colours stand for, where they are names: a row of squares above the plot.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::fill;
use crate::charts::frame::{Area, Drawn, Inset, short, text, text_width, unit};
use crate::charts::palette::Theme;

/// Room for it above the plot, in CSS pixels.
pub const HEIGHT: f64 = 16.0;

const SQUARE: f64 = 8.0;
const GAP: f64 = 12.0;

/// As many as there is room for. `inset`: of the plot below it.
pub fn draw(area: &Area, names: &[(String, RGBColor)], inset: Inset, theme: Theme) -> Drawn {
    let middle = inset.top - HEIGHT / 2.0 - 2.0;
    let mut left = inset.left;
    for (name, colour) in names {
        let name = short(name, 24);
        let (from, wide) = (left + SQUARE + 4.0, text_width(&name));
        if from + wide > inset.right && left > inset.left {
            return text(area, "…", (left, middle), HPos::Left, VPos::Center, theme);
        }
        let corners = [(left, middle - SQUARE / 2.0), (left + SQUARE, middle + SQUARE / 2.0)];
        area.draw(&Rectangle::new(corners.map(|it| (unit(it.0), unit(it.1))), fill(colour.to_rgba())))?;
        text(area, &name, (from, middle), HPos::Left, VPos::Center, theme)?;
        left = from + wide + GAP;
    }
    Ok(())
}
