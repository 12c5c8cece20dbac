//! Lines over steps or time. NaN breaks a line and stands as ×, +Inf as ▲ at the top, −Inf as ▼ at
//! the bottom: a value that is not a number is still shown.

use halimede_raster::{Kind, Range, Scale};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::clip;
use super::ends::{self, End};
use super::frame::{Area, Drawn, Inset, UNIT, inset, text, unit, x_room, x_tick_count};
use super::labels::{Ticks, numbers};
use super::palette::{Theme, dash, series};
use super::scale::ticks;
use super::time_axis;
use crate::components::format;

#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum XKind {
    #[default]
    Step,
    /// Values of another metric.
    Metric,
    /// Milliseconds since the start.
    Relative,
    /// Milliseconds since the epoch; what is added to get the viewer's time.
    Wall { zone: f64 },
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Line {
    /// Sorted.
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    /// Of several runs as one: from where to where they spread.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
    pub slot: u8,
    pub name: String,
}

impl Line {
    /// Its points between both ends.
    pub fn between(&self, x: Range) -> Line {
        let is_in: Vec<bool> = self.x.iter().map(|it| (x.low..=x.high).contains(it)).collect();
        let of = |all: &[f64]| all.iter().zip(&is_in).filter(|it| *it.1).map(|it| *it.0).collect::<Vec<_>>();
        let band = self.band.as_ref().map(|(low, high)| (of(low), of(high)));
        Line { x: of(&self.x), y: of(&self.y), band, slot: self.slot, name: self.name.clone() }
    }
}

/// Scales and room, shared by drawing and by the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Of the whole chart, in CSS pixels.
    pub width: f64,
    pub inset: Inset,
    pub x: Scale,
    pub y: Scale,
}

impl Geometry {
    /// `has_ends`: the lines' last values stand at the right.
    pub fn new(x: (Range, Kind), y: (Range, Kind), (width, height): (f64, f64), has_ends: bool) -> Self {
        let inset = room(width, height, has_ends);
        Self {
            width,
            inset,
            x: Scale::new(x.0, x.1, inset.left, inset.right),
            y: Scale::new(y.0, y.1, inset.bottom, inset.top),
        }
    }
}

/// Where the plot stands.
pub fn room(width: f64, height: f64, has_ends: bool) -> Inset {
    let room = inset(width, height);
    // On a narrow chart the lines need it more.
    let right = if has_ends && width > 6.0 * ends::ROOM { room.right - ends::ROOM + 8.0 } else { room.right };
    Inset { right, ..room }
}

pub fn x_label(kind: XKind, x: f64) -> String {
    match kind {
        XKind::Step | XKind::Metric => format::number(x),
        XKind::Relative => format::duration(x),
        XKind::Wall { zone } => {
            format!("{} {}", time_axis::label(x, zone, f64::INFINITY), time_axis::label(x, zone, 1.0))
        }
    }
}

fn x_ticks(kind: XKind, geometry: &Geometry) -> Ticks {
    let (range, n) = (geometry.x.range(), x_tick_count(geometry.inset));
    let (ticks, names) = match kind {
        XKind::Step | XKind::Metric => {
            let ticks = ticks(&geometry.x, n);
            let room = x_room(&geometry.x, &ticks);
            return numbers(ticks, room);
        }
        XKind::Relative if geometry.x.kind() != Kind::Linear => {
            let ticks = ticks(&geometry.x, n);
            // Shorter times than a second are told apart too.
            let name = |it: &f64| {
                if it.abs() < 1_000.0 { format!("{} ms", format::number(*it)) } else { x_label(kind, *it) }
            };
            let names = ticks.iter().map(name).collect();
            (ticks, names)
        }
        XKind::Relative => {
            let ticks = time_axis::ticks(range.low, range.high, 0.0, n);
            (ticks.clone(), time_axis::elapsed(&ticks))
        }
        XKind::Wall { zone } => {
            let ticks = time_axis::ticks(range.low, range.high, zone, n);
            (ticks.clone(), time_axis::labels(&ticks, zone))
        }
    };
    ticks.into_iter().zip(names).collect()
}

/// Grid, axes and their labels.
pub fn draw_axes(area: &Area, kind: XKind, geometry: &Geometry, theme: Theme) -> Drawn {
    super::frame::draw(area, geometry.inset, &geometry.x, &x_ticks(kind, geometry), &geometry.y, theme)
}

/// All of it as paths: what a paper prints. On the screen the line layer draws the lines.
pub fn draw(area: &Area, lines: &[Line], kind: XKind, geometry: &Geometry, theme: Theme) -> Drawn {
    draw_axes(area, kind, geometry, theme)?;
    for line in lines {
        draw_band(area, line, geometry, theme)?;
    }
    for line in lines.iter().rev() {
        draw_line(area, line, geometry, theme)?;
    }
    if lines.len() <= ends::MOST {
        let last = |it: &Line| {
            let at = it.y.iter().rposition(|it| it.is_finite())?;
            let (x, y, value) = (*it.x.get(at)?, it.y[at], *it.y.last()?);
            Some(End { name: it.name.clone(), slot: it.slot, x, y, value, band: None })
        };
        ends::draw(area, &lines.iter().filter_map(last).collect::<Vec<_>>(), geometry, theme)?;
    }
    Ok(())
}

/// In CSS pixels.
type Place = (f64, f64);

fn draw_band(area: &Area, line: &Line, geometry: &Geometry, theme: Theme) -> Drawn {
    let Some((low, high)) = &line.band else { return Ok(()) };
    // A band that reaches below zero goes on to the end of a logarithmic scale.
    let row = |y: f64| geometry.y.place(y).or_else(|| (y <= 0.0).then_some(geometry.inset.bottom));
    let place = |((x, low), high): ((&f64, &f64), &f64)| {
        let x = geometry.x.place(*x)?;
        Some(((x, row(*high)?), (x, row(*low)?)))
    };
    let places: Vec<_> = line.x.iter().zip(low).zip(high).map(place).collect();
    // A gap is a gap.
    for stretch in places.split(Option::is_none) {
        let above = stretch.iter().flatten().map(|it| it.0);
        let edge: Vec<Place> = above.chain(stretch.iter().rev().flatten().map(|it| it.1)).collect();
        let seen: Vec<_> = clip::area(edge, geometry.inset).into_iter().map(|it| (unit(it.0), unit(it.1))).collect();
        if seen.len() > 2 {
            area.draw(&Polygon::new(seen, series(line.slot, theme.dark).mix(0.18)))?;
        }
    }
    Ok(())
}

fn draw_line(area: &Area, line: &Line, geometry: &Geometry, theme: Theme) -> Drawn {
    let colour = series(line.slot, theme.dark);
    let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: unit(1.5).unsigned_abs() };
    let mut stretch: Vec<Place> = Vec::new();
    let mut stretches = Vec::new();
    let is_seen = |x: f64| (geometry.inset.left..=geometry.inset.right).contains(&x);
    for (x, y) in line.x.iter().zip(&line.y) {
        match (geometry.x.place(*x), geometry.y.place(*y)) {
            (Some(x), Some(y)) => stretch.push((x, y)),
            (Some(x), None) => {
                stretches.push(std::mem::take(&mut stretch));
                if is_seen(x) {
                    mark(area, x, *y, geometry, line.slot, theme)?;
                }
            }
            _ => {}
        }
    }
    stretches.push(stretch);
    let units = |it: Vec<Place>| it.into_iter().map(|it| (unit(it.0), unit(it.1))).collect::<Vec<_>>();
    for points in stretches.iter().flat_map(|it| clip::line(it, geometry.inset)).map(units) {
        match points.as_slice() {
            [] => {}
            // A lone point would be invisible as a line.
            [one] => area.draw(&Circle::new(*one, unit(2.0), colour.filled()))?,
            _ if dash(line.slot).is_empty() => area.draw(&PathElement::new(points, style))?,
            _ => {
                for piece in dashed(&points, dash(line.slot)) {
                    area.draw(&PathElement::new(piece, style))?;
                }
            }
        }
    }
    Ok(())
}

/// What has no place on the scale: not a number, infinite, or not positive on a log scale.
pub fn mark(area: &Area, x: f64, y: f64, geometry: &Geometry, slot: u8, theme: Theme) -> Drawn {
    let colour = series(slot, theme.dark);
    let (top, bottom) = (geometry.inset.top + 4.0, geometry.inset.bottom - 6.0);
    let stroke = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: unit(1.5).unsigned_abs() };
    let triangle = |tip: f64, base: f64| {
        let points = vec![(unit(x), unit(tip)), (unit(x - 3.5), unit(base)), (unit(x + 3.5), unit(base))];
        Polygon::new(points, colour.filled())
    };
    if y.is_nan() {
        for (a, b) in [((-3.0, -3.0), (3.0, 3.0)), ((-3.0, 3.0), (3.0, -3.0))] {
            let ends = [(unit(x + a.0), unit(bottom + a.1)), (unit(x + b.0), unit(bottom + b.1))];
            area.draw(&PathElement::new(ends, stroke))?;
        }
        Ok(())
    } else if y == f64::INFINITY {
        area.draw(&triangle(top - 3.0, top + 3.5))
    } else if y == f64::NEG_INFINITY {
        area.draw(&triangle(bottom + 3.5, bottom - 3.0))
    } else {
        text(area, "≤0", (x, bottom), HPos::Center, VPos::Center, theme)
    }
}

/// A piece so long reaches beyond the picture.
const FAR: f64 = 20_000.0 * UNIT;

/// Cuts a path into its drawn pieces.
pub fn dashed(points: &[(i32, i32)], pattern: &[f64]) -> Vec<Vec<(i32, i32)>> {
    let mut pieces = Vec::new();
    let mut piece = vec![points[0]];
    let (mut at, mut left, mut on) = (0, pattern[0] * UNIT, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (f64::from(to.0) - f64::from(from.0), f64::from(to.1) - f64::from(from.1));
            let length = dx.hypot(dy);
            if length > FAR {
                // It has left the picture; nobody counts its dashes.
                pieces.push(vec![from, to]);
                break;
            }
            if length < left {
                left -= length;
                if on {
                    piece.push(to);
                }
                break;
            }
            #[expect(clippy::cast_possible_truncation, reason = "between two i32")]
            let cut = (from.0 + (dx * left / length).round() as i32, from.1 + (dy * left / length).round() as i32);
            if on {
                piece.push(cut);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![cut];
            }
            at = (at + 1) % pattern.len();
            left = pattern[at] * UNIT;
            on = !on;
            from = cut;
            if length == 0.0 || cut == to {
                break;
            }
        }
    }
    if on && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// One sentence for those who cannot see the picture.
pub fn summary(title: &str, x: Range, kind: XKind, lasts: &[End]) -> String {
    let span = format!("from {} to {}", x_label(kind, x.low), x_label(kind, x.high));
    let said: Vec<String> =
        lasts.iter().take(8).map(|it| format!("{} {}", it.name, format::number(it.value))).collect();
    format!("{title}, {} {span}. Last values: {}", format::n_of(lasts.len() as u64, "curve"), said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::palette::theme;

    fn svg(lines: &[Line], log: bool) -> String {
        let mut out = String::new();
        let (width, height) = (400.0, 200.0);
        let x = Range::of(lines.iter().flat_map(|it| it.x.iter().copied()));
        let y = Range::of(lines.iter().flat_map(|it| it.y.iter().copied()).filter(|it| !log || *it > 0.0));
        if let (Some(x), Some(y)) = (x, y) {
            let kind = if log { Kind::Log } else { Kind::Linear };
            let y = y.padded(if log { 0.0 } else { 0.04 });
            let geometry = Geometry::new((x, Kind::Linear), (y, kind), (width, height), false);
            let size = (unit(width).unsigned_abs(), unit(height).unsigned_abs());
            let area = crate::charts::surface::Surface::area(SVGBackend::with_string(&mut out, size));
            draw(&area, lines, XKind::Step, &geometry, theme(false)).expect("draws");
            area.present().expect("ends");
        }
        out
    }

    fn line(points: &[(f64, f64)]) -> Line {
        Line {
            x: points.iter().map(|it| it.0).collect(),
            y: points.iter().map(|it| it.1).collect(),
            band: None,
            slot: 0,
            name: "a".into(),
        }
    }

    #[test]
    fn a_curve_is_one_path_over_a_labelled_grid() {
        let drawn = svg(&[line(&[(0.0, 1.0), (10.0, 2.0), (20.0, 1.5)])], false);
        assert_eq!(drawn.matches("#6D8CE3").count(), 2, "the line and the stroke to its last value: {drawn}");
        for label in [">10<", ">20<", ">1.5<"] {
            assert!(drawn.replace(['\n', ' '], "").contains(label), "{label} in {drawn}");
        }
    }

    #[test]
    fn nan_and_infinities_break_the_line_and_stand_as_marks() {
        let nan = f64::NAN;
        let inf = f64::INFINITY;
        let drawn =
            svg(&[line(&[(0.0, 1.0), (1.0, 2.0), (2.0, nan), (3.0, 1.0), (4.0, inf), (5.0, -inf), (6.0, 3.0)])], false);
        assert_eq!(drawn.matches("<polygon").count(), 2, "two triangles: {drawn}");
        assert_eq!(drawn.matches("<circle").count(), 2, "lone points: {drawn}");
    }

    #[test]
    fn odd_input_draws_something_or_nothing_but_never_fails() {
        assert_eq!(svg(&[], false), "");
        assert_eq!(svg(&[line(&[])], true), "");
        let big = f64::MAX;
        for points in [
            vec![(5.0, 5.0)],
            vec![(0.0, big), (1.0, -big)],
            vec![(0.0, 1e-308), (1.0, 2e-308)],
            vec![(0.0, -1.0), (1.0, 1.0)],
            vec![(9e15, 1.0), (9.1e15, 2.0)],
        ] {
            for log in [false, true] {
                assert!(svg(&[line(&points)], log).contains("</svg>"), "{points:?} {log}");
            }
        }
    }

    #[test]
    fn dashes_cover_the_path() {
        let pieces = dashed(&[(0, 0), (800, 0)], &[7.0, 2.5]);
        assert_eq!(pieces[0], [(0, 0), (56, 0)]);
        assert_eq!(pieces[1][0], (76, 0));
        assert!(dashed(&[(0, 0), (0, 0)], &[2.0, 2.0]).len() <= 1);
    }

    #[test]
    fn the_summary_says_what_is_drawn() {
        let end = End { name: "a".into(), slot: 0, x: 10.0, y: 0.25, value: 0.25, band: None };
        let text = summary("loss", Range { low: 0.0, high: 10.0 }, XKind::Step, &[end]);
        assert_eq!(text, "loss, 1 curve from 0 to 10. Last values: a 0.2500");
    }
}
