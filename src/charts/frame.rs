//! What every chart with two axes shares: grid, labels, the x axis. Drawn with plotters on any
//! backend, in units of 1/8 pixel so that lines are placed finer than a pixel.

use halimede_raster::Scale;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::labels::{Ticks, numbers};
use super::palette::Theme;
use super::scale::ticks;
pub use super::surface::{Area, DrawError, Drawn};

/// Backend units per CSS pixel.
pub const UNIT: f64 = 8.0;
pub const FONT: &str = "Inter, system-ui, sans-serif";
const FONT_SIZE: f64 = 10.5;

/// To backend units. Pixels of a screen fit with room to spare.
pub fn unit(pixels: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to i32 first")]
    let units = (pixels * UNIT).round().clamp(-1e9, 1e9) as i32;
    units
}

/// Where the plot stands inside the chart, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inset {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// Room for the labels, the same in all charts: so their plots stand in line, and the size of a plot
/// is known before its values are.
pub fn inset(width: f64, height: f64) -> Inset {
    let left = 50f64.min(width / 2.0);
    Inset { left, right: (width - 12.0).max(left + 1.0), top: 8.0, bottom: (height - 22.0).max(9.0) }
}

/// Close enough to place labels; no DOM is asked, as a worker has none.
pub fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|it| match it {
            '.' | ',' | '\u{202f}' | ' ' | 'i' | 'l' | ':' => 3.0,
            'm' | 'w' | 'M' | 'W' => 9.0,
            _ => 6.4,
        })
        .sum()
}

/// Cut in the middle: the end of a name often tells it from the others.
pub fn short(name: &str, most: usize) -> String {
    let n = name.chars().count();
    if n <= most {
        return name.to_owned();
    }
    let head: String = name.chars().take(most - most / 3 - 1).collect();
    let tail: String = name.chars().skip(n - most / 3).collect();
    format!("{head}…{tail}")
}

/// Room for the title of a chart that leaves its page, in CSS pixels.
pub fn title_height(title: &str) -> f64 {
    if title.is_empty() { 0.0 } else { 26.0 }
}

/// Says what the chart is of, and gives back what is left below. `size`: of the chart itself.
pub fn titled<'a>(area: &Area<'a>, title: &str, size: (f64, f64), theme: Theme) -> Result<Area<'a>, DrawError> {
    if title.is_empty() {
        return Ok(area.clone());
    }
    let top = title_height(title);
    let style =
        TextStyle::from((FONT, 13.0 * UNIT).into_font()).color(&theme.title).pos(Pos::new(HPos::Left, VPos::Center));
    // What is too long says so.
    let mut said = printable(title);
    while text_width(&said) * 13.0 / FONT_SIZE > size.0 - 16.0 && said.chars().count() > 2 {
        said.pop();
        said.pop();
        said.push('…');
    }
    area.draw(&Text::new(said, (unit(8.0), unit(top / 2.0 + 1.0)), style))?;
    Ok(area.clone().shrink((0, unit(top)), (unit(size.0).unsigned_abs(), unit(size.1).unsigned_abs())))
}

pub fn draw(area: &Area, inset: Inset, x: &Scale, x_ticks: &Ticks, y: &Scale, theme: Theme) -> Drawn {
    draw_with(area, inset, x, x_ticks, y, &y_ticks(y, inset), theme)
}

/// The same with labels along y as they are given.
pub fn draw_with(
    area: &Area,
    inset: Inset,
    x: &Scale,
    x_ticks: &Ticks,
    y: &Scale,
    y_ticks: &Ticks,
    theme: Theme,
) -> Drawn {
    let hair = |colour: RGBColor| ShapeStyle {
        color: colour.to_rgba(),
        filled: false,
        stroke_width: unit(1.0).unsigned_abs(),
    };
    // On whole pixels plus a half, a hairline is one pixel wide and not two grey ones.
    let crisp = |it: f64| it.floor() + 0.5;
    for (tick, label) in &y_ticks.at {
        let Some(at) = y.place(*tick).filter(|at| (inset.top - 1.0..=inset.bottom + 1.0).contains(at)) else {
            continue;
        };
        let row = unit(crisp(at));
        area.draw(&PathElement::new([(unit(inset.left), row), (unit(inset.right), row)], hair(theme.grid)))?;
        text(area, label, (inset.left - 8.0, at), HPos::Right, VPos::Center, theme)?;
    }
    let base = unit(crisp(inset.bottom));
    area.draw(&PathElement::new([(unit(inset.left), base), (unit(inset.right), base)], hair(theme.axis)))?;
    for (tick, label) in &x_ticks.at {
        let Some(at) = x.place(*tick).filter(|at| (inset.left - 1.0..=inset.right + 1.0).contains(at)) else {
            continue;
        };
        let column = unit(crisp(at));
        area.draw(&PathElement::new([(column, base), (column, base + unit(3.0))], hair(theme.axis)))?;
        // The last label ends with the plot instead of running out of it.
        let half = text_width(label) / 2.0;
        let at = at.min(inset.right + 10.0 - half).max(half);
        text(area, label, (at, inset.bottom + 6.0), HPos::Center, VPos::Top, theme)?;
    }
    if let Some(offset) = &y_ticks.offset {
        text(area, offset, (inset.left + 4.0, inset.top), HPos::Left, VPos::Top, theme)?;
    }
    if let Some(offset) = &x_ticks.offset {
        text(area, offset, (inset.right, inset.bottom - 3.0), HPos::Right, VPos::Bottom, theme)?;
    }
    Ok(())
}

/// Numbers along y.
pub fn y_ticks(y: &Scale, inset: Inset) -> Ticks {
    numbers(ticks(y, y_tick_count(inset)), y_room(inset))
}

/// How wide labels along y may be.
pub fn y_room(inset: Inset) -> f64 {
    inset.left - 8.0
}

/// How wide labels along x may be, from one tick to the next.
pub fn x_room(x: &Scale, ticks: &[f64]) -> f64 {
    let apart = ticks.windows(2).filter_map(|it| Some((x.place(it[1])? - x.place(it[0])?).abs()));
    apart.fold(90.0, f64::min) - 6.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "3 to 6")]
pub fn y_tick_count(inset: Inset) -> u32 {
    ((inset.bottom - inset.top) / 42.0).clamp(2.0, 6.0) as u32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 8")]
pub fn x_tick_count(inset: Inset) -> u32 {
    ((inset.right - inset.left) / 90.0).clamp(2.0, 8.0) as u32
}

/// Without what an SVG may not hold.
fn printable(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}')).collect()
}

pub fn text(area: &Area, text: &str, at: (f64, f64), h: HPos, v: VPos, theme: Theme) -> Drawn {
    let style = TextStyle::from((FONT, FONT_SIZE * UNIT).into_font()).color(&theme.label).pos(Pos::new(h, v));
    area.draw(&Text::new(printable(text), (unit(at.0), unit(at.1)), style))
}
