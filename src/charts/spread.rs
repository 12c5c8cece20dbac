//! Many lines as how many there are, where a picture of each would be a tangle: a heat map of how many go where, or
//! ridges with the shape of their distribution. On the screen the line layer draws both.

use halimede_raster::{Grid, Points, SEEN, View, WIDE, ridges};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::frame::{Area, Drawn, text, text_width, unit};
use super::line::{Geometry, Line};
use super::palette::{Theme, sequence, series};
use crate::components::format;

/// How a chart shows its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Lines,
    /// How many of them go where.
    Heat,
    /// How they are spread, at some places.
    Ridges,
}

/// Side of a cell, in CSS pixels.
pub const CELL: f64 = 4.0;
/// From one ridge to the next.
pub const APART: f64 = 64.0;
/// Of a saved picture, which is made of its cells.
const CELL_OF_PAPER: u32 = 5;
const STEPS: u32 = 24;
/// Of what stands below a saved picture's axis.
pub const KEY_HEIGHT: f64 = 16.0;

/// From few lines to most.
pub fn ramp(is_dark: bool) -> Vec<[u8; 3]> {
    let colour = |at: u32| sequence(f64::from(at) / f64::from(STEPS - 1), is_dark);
    (0..STEPS).map(colour).map(|RGBColor(r, g, b)| [r, g, b]).collect()
}

/// The same as CSS has it.
pub fn gradient(is_dark: bool) -> String {
    let stops = ramp(is_dark).into_iter().map(|[r, g, b]| format!("rgb({r},{g},{b})"));
    format!("linear-gradient(90deg,{})", stops.collect::<Vec<_>>().join(","))
}

/// What the last colour stands for. The first is one line.
pub fn most_of(most: u32, n_lines: usize) -> String {
    format!("{} of {}", format::count(most), format::n_of(n_lines as u64, "line"))
}

/// As paths, in the plot; lines are drawn by who has them.
pub fn draw(area: &Area, lines: &[Line], style: Style, geometry: &Geometry, theme: Theme) -> Drawn {
    match style {
        Style::Lines => Ok(()),
        Style::Heat => draw_heat(area, lines, geometry, theme),
        Style::Ridges => draw_ridges(area, lines, geometry, theme),
    }
}

/// The plot in pixels of its own.
fn view(geometry: &Geometry) -> View {
    let room = geometry.inset;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a paper")]
    let pixels = |it: f64| it.round().clamp(1.0, 4_096.0) as u32;
    let (width, height) = (pixels(room.right - room.left), pixels(room.bottom - room.top));
    let scale =
        |it: &halimede_raster::Scale, from: f64, to: f64| halimede_raster::Scale::new(it.range(), it.kind(), from, to);
    View { width, height, x: scale(&geometry.x, 0.0, f64::from(width)), y: scale(&geometry.y, f64::from(height), 0.0) }
}

fn points(lines: &[Line]) -> Vec<Points> {
    lines.iter().map(|it| Points::new(it.x.clone(), it.y.clone())).collect()
}

fn draw_heat(area: &Area, lines: &[Line], geometry: &Geometry, theme: Theme) -> Drawn {
    let (view, n_lines, lines) = (view(geometry), lines.len(), points(lines));
    let grid = Grid::of(&lines.iter().collect::<Vec<_>>(), &view, CELL_OF_PAPER);
    let (left, top, side) = (geometry.inset.left, geometry.inset.top, f64::from(grid.cell));
    for (column, row, share) in grid.cells() {
        let at = |place: usize, from: f64| from + f64::from(u32::try_from(place).unwrap_or(0)) * side;
        let (x, y) = (at(column, left), at(row, top));
        let corner = ((x + side).min(geometry.inset.right), (y + side).min(geometry.inset.bottom));
        let colour = ShapeStyle { color: sequence(share, theme.dark).to_rgba(), filled: true, stroke_width: 0 };
        area.draw(&Rectangle::new([(unit(x), unit(y)), (unit(corner.0), unit(corner.1))], colour))?;
    }
    draw_key(area, grid.most, n_lines, geometry, theme)
}

/// Below the axis, what its colours say.
fn draw_key(area: &Area, most: u32, n_lines: usize, geometry: &Geometry, theme: Theme) -> Drawn {
    const WIDTH: f64 = 96.0;
    const HEIGHT: f64 = 6.0;
    if most < 2 {
        return Ok(());
    }
    let row = geometry.inset.bottom + 22.0 + KEY_HEIGHT / 2.0;
    let left = geometry.inset.left + text_width("1") + 6.0;
    text(area, "1", (geometry.inset.left, row), HPos::Left, VPos::Center, theme)?;
    let (side, top) = (WIDTH / f64::from(STEPS), row - HEIGHT / 2.0);
    for at in 0..STEPS {
        let x = left + f64::from(at) * side;
        let colour = sequence(f64::from(at) / f64::from(STEPS - 1), theme.dark);
        let style = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 0 };
        area.draw(&Rectangle::new([(unit(x), unit(top)), (unit(x + side), unit(top + HEIGHT))], style))?;
    }
    let said = most_of(most, n_lines);
    text(area, &said, (left + WIDTH + 6.0, row), HPos::Left, VPos::Center, theme)
}

fn draw_ridges(area: &Area, lines: &[Line], geometry: &Geometry, theme: Theme) -> Drawn {
    let (view, lines) = (view(geometry), points(lines));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some pixels")]
    let apart = APART as u32;
    let all = ridges(&lines.iter().collect::<Vec<_>>(), &view, apart);
    let wide = f64::from(view.width) / f64::from((view.width / apart).max(1)) * f64::from(WIDE);
    let colour = series(0, theme.dark);
    for ridge in all {
        let x = geometry.inset.left + f64::from(ridge.x);
        let edge = |(row, share): (u32, &f32)| {
            (unit(x + f64::from(*share) * wide), unit(geometry.inset.top + f64::from(row) + 0.5))
        };
        let is_seen = |it: &(u32, &f32)| *it.1 > SEEN;
        let mut path: Vec<(i32, i32)> = (0..).zip(&ridge.density).filter(is_seen).map(edge).collect();
        let (Some(first), Some(last)) = (path.first().copied(), path.last().copied()) else { continue };
        path.push((unit(x), last.1));
        path.insert(0, (unit(x), first.1));
        area.draw(&Polygon::new(path, colour.mix(0.4)))?;
        let style = |colour: RGBAColor, width: f64| ShapeStyle {
            color: colour,
            filled: false,
            stroke_width: unit(width).unsigned_abs(),
        };
        area.draw(&PathElement::new([(unit(x), first.1), (unit(x), last.1)], style(colour.mix(0.4), 1.0)))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let at_median = ridge.density.get(ridge.median.max(0.0) as usize).map_or(0.0, |it| f64::from(*it) * wide);
        let row = unit(geometry.inset.top + f64::from(ridge.median));
        area.draw(&PathElement::new([(unit(x), row), (unit(x + at_median), row)], style(colour.to_rgba(), 1.5)))?;
    }
    Ok(())
}
