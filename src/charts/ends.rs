//! The last values of a few lines, said beside their ends.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::frame::{Area, Drawn, text, text_width, unit};
use super::line::Geometry;
use super::palette::{Theme, series};
use crate::components::format;
use crate::model::order::sort_by;

/// Of more lines the values hide one another.
pub const MOST: usize = 8;
/// Room for them at the right, in CSS pixels.
pub const ROOM: f64 = 52.0;
/// From one to the next.
const APART: f64 = 12.0;

/// Where a line ends.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    pub name: String,
    pub slot: u8,
    /// Where it is drawn, which may be smoothed.
    pub x: f64,
    pub y: f64,
    /// The last value itself, and from where to where it spreads where it is of several runs.
    pub value: f64,
    pub band: Option<(f64, f64)>,
}

/// Those that are seen, each with a short way from its line's end. What lies too near together is
/// moved apart.
pub fn draw(area: &Area, ends: &[End], geometry: &Geometry, theme: Theme) -> Drawn {
    let room = geometry.inset;
    let place = |it: &&End| {
        let x = geometry.x.place(it.x).filter(|x| (room.left..=room.right + 0.5).contains(x))?;
        let y = geometry.y.place(it.y).filter(|y| (room.top..=room.bottom).contains(y))?;
        Some((x, y))
    };
    let mut seen: Vec<(&End, (f64, f64))> = ends.iter().filter_map(|it| Some((it, place(&it)?))).collect();
    sort_by(&mut seen, |a, b| a.1.1.total_cmp(&b.1.1));
    let rows = apart(&seen.iter().map(|it| it.1.1).collect::<Vec<_>>(), (room.top + 4.0, room.bottom - 4.0));
    for ((end, (x, y)), row) in seen.into_iter().zip(rows) {
        let stroke = |color: RGBAColor, width: f64, path: &[(f64, f64)]| {
            let style = ShapeStyle { color, filled: false, stroke_width: unit(width).unsigned_abs() };
            let path = path.iter().map(|it| (unit(it.0), unit(it.1))).collect::<Vec<_>>();
            area.draw(&PathElement::new(path, style))
        };
        // The way there is no data, so it is grey; beside the number stands the line's colour. A line that ends
        // before the others needs no stroke through them.
        let path = [(x, y), (room.right + 1.0, y), (room.right + 4.0, row)];
        stroke(theme.label.mix(0.3), 0.75, &path[usize::from(room.right - x > 8.0)..])?;
        let colour = series(end.slot, theme.dark).to_rgba();
        stroke(colour, 2.0, &[(room.right + 4.0, row), (room.right + 8.0, row)])?;
        let fits = |it: &String| text_width(it) < ROOM - 6.0;
        let short = |digits: usize| format!("{:.digits$e}", end.value).replacen('-', "−", usize::from(end.value < 0.0));
        let said = [format::number(end.value), short(1)].into_iter().find(fits).unwrap_or_else(|| short(0));
        text(area, &said, (room.right + 10.0, row), HPos::Left, VPos::Center, theme)?;
    }
    Ok(())
}

/// Rows that ascend, moved until each has its room: down where they press on one another, then up from
/// the end.
fn apart(rows: &[f64], (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut placed: Vec<f64> = rows.to_vec();
    let mut least = top;
    for it in &mut placed {
        *it = it.max(least);
        least = *it + APART;
    }
    let mut most = bottom;
    for it in placed.iter_mut().rev() {
        *it = it.min(most);
        most = *it - APART;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_near_together_are_moved_apart() {
        assert_eq!(apart(&[20.0, 21.0, 80.0], (0.0, 100.0)), [20.0, 32.0, 80.0]);
        assert_eq!(apart(&[97.0, 98.0, 99.0], (0.0, 100.0)), [76.0, 88.0, 100.0]);
        assert_eq!(apart(&[], (0.0, 100.0)), [0.0; 0]);
        assert_eq!(apart(&[-5.0], (0.0, 100.0)), [0.0]);
    }
}
