//! Lines over steps or time. NaN breaks a line and stands as ×, +Inf as ▲ at the top, −Inf as ▼ at
//! the bottom: a value that is not a number is still shown.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::frame::{Area, Drawn, Inset, UNIT, inset, text, unit, x_tick_count, y_tick_count};
use super::palette::{Theme, dash, series};
use super::scale::{Range, Scale, labels};
use crate::components::format;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum XKind {
    #[default]
    Step,
    /// Milliseconds since the start.
    Relative,
    /// Milliseconds since the epoch.
    Wall,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Line {
    /// Sorted.
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub slot: u8,
    pub name: String,
}

impl Line {
    /// The point nearest to `x` that comes at or before it, else the first.
    pub fn at(&self, x: f64) -> Option<usize> {
        let after = self.x.partition_point(|it| *it <= x);
        if self.x.is_empty() { None } else { Some(after.saturating_sub(1)) }
    }
}

/// Scales and room, shared by drawing and by the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    pub inset: Inset,
    pub x: Scale,
    pub y: Scale,
    pub log: bool,
}

/// None where no line has a finite point to show.
pub fn geometry(lines: &[Line], log: bool, width: f64, height: f64) -> Option<Geometry> {
    let x_range = Range::of(lines.iter().flat_map(|it| it.x.iter().copied()))?.rounded_up(5);
    let values = || lines.iter().flat_map(|it| it.y.iter().copied());
    let positive = if log { Range::of(values().filter(|it| *it > 0.0)) } else { None };
    let log = positive.is_some();
    let y_range = match positive {
        Some(it) => Range { low: it.low / 1.1, high: (it.high * 1.1).min(f64::MAX) },
        None => Range::of(values()).unwrap_or(Range { low: 0.0, high: 1.0 }).padded(0.04),
    };
    // Ticks depend on the height only, the left margin on their labels.
    let room = inset(&[], width, height);
    let ticks = Scale::new(y_range, log, room.bottom, room.top).ticks(y_tick_count(room));
    let room = inset(&labels(&ticks), width, height);
    Some(Geometry {
        inset: room,
        x: Scale::new(x_range, false, room.left, room.right),
        y: Scale::new(y_range, log, room.bottom, room.top),
        log,
    })
}

pub fn x_label(kind: XKind, x: f64) -> String {
    match kind {
        XKind::Step => format::number(x),
        XKind::Relative => format::duration(x),
        XKind::Wall => {
            let minutes = (x / 60_000.0).floor();
            format!("{:02.0}:{:02.0} UTC", (minutes / 60.0).floor() % 24.0, minutes % 60.0)
        }
    }
}

fn x_ticks(kind: XKind, geometry: &Geometry) -> Vec<(f64, String)> {
    let ticks = geometry.x.ticks(x_tick_count(geometry.inset));
    let names = match kind {
        XKind::Step => labels(&ticks),
        _ => ticks.iter().map(|it| x_label(kind, *it)).collect(),
    };
    ticks.into_iter().zip(names).collect()
}

/// Sets the dash of the lines that follow, in CSS pixels, where the backend itself can; plotters
/// has no word for it. Without one the dashes are cut by hand, which costs a path each.
#[derive(Clone, Copy)]
pub struct Pen<'a>(pub Option<&'a SetDash<'a>>);

pub type SetDash<'a> = dyn Fn(&[f64]) + 'a;

/// `focused` is the line drawn thicker and on top.
pub fn draw<B: DrawingBackend>(
    area: &Area<B>,
    lines: &[Line],
    kind: XKind,
    geometry: &Geometry,
    focused: Option<usize>,
    theme: Theme,
    pen: Pen<'_>,
) -> Drawn<B> {
    super::frame::draw(area, geometry.inset, &geometry.x, &x_ticks(kind, geometry), &geometry.y, theme)?;
    let width = if focused.is_some() { 1.3 } else { 1.5 };
    for (_, line) in lines.iter().enumerate().filter(|it| Some(it.0) != focused) {
        draw_line(area, line, geometry, width, theme, pen)?;
    }
    if let Some(line) = focused.and_then(|it| lines.get(it)) {
        draw_line(area, line, geometry, 2.25, theme, pen)?;
    }
    Ok(())
}

fn draw_line<B: DrawingBackend>(
    area: &Area<B>,
    line: &Line,
    geometry: &Geometry,
    width: f64,
    theme: Theme,
    pen: Pen<'_>,
) -> Drawn<B> {
    let colour = series(line.slot, theme.dark);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a line's width")]
    let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: (width * UNIT).round() as u32 };
    let mut stretch: Vec<(i32, i32)> = Vec::new();
    let mut stretches = Vec::new();
    for (x, y) in line.x.iter().zip(&line.y) {
        match (geometry.x.place(*x), geometry.y.place(*y)) {
            (Some(x), Some(y)) => stretch.push((unit(x), unit(y))),
            (Some(x), None) => {
                stretches.push(std::mem::take(&mut stretch));
                mark(area, x, *y, geometry, colour, theme)?;
            }
            _ => {}
        }
    }
    stretches.push(stretch);
    for points in stretches {
        match points.as_slice() {
            [] => {}
            // A lone point would be invisible as a line.
            [one] => area.draw(&Circle::new(*one, unit(2.0), colour.filled()))?,
            _ if dash(line.slot).is_empty() => area.draw(&PathElement::new(points, style))?,
            _ if pen.0.is_some() => {
                let set_dash = |pattern: &[f64]| pen.0.iter().for_each(|it| it(pattern));
                set_dash(dash(line.slot));
                area.draw(&PathElement::new(points, style))?;
                set_dash(&[]);
            }
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
fn mark<B: DrawingBackend>(
    area: &Area<B>,
    x: f64,
    y: f64,
    geometry: &Geometry,
    colour: RGBColor,
    theme: Theme,
) -> Drawn<B> {
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

/// Cuts a path into its drawn pieces.
fn dashed(points: &[(i32, i32)], pattern: &[f64]) -> Vec<Vec<(i32, i32)>> {
    let mut pieces = Vec::new();
    let mut piece = vec![points[0]];
    let (mut at, mut left, mut on) = (0, pattern[0] * UNIT, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (f64::from(to.0) - f64::from(from.0), f64::from(to.1) - f64::from(from.1));
            let length = dx.hypot(dy);
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
pub fn summary(title: &str, lines: &[Line], kind: XKind) -> String {
    if lines.is_empty() {
        return format!("{title}: no curve");
    }
    let x = Range::of(lines.iter().flat_map(|it| it.x.iter().copied()));
    let span =
        x.map_or_else(String::new, |it| format!(" from {} to {}", x_label(kind, it.low), x_label(kind, it.high)));
    let lasts: Vec<String> =
        lines.iter().take(8).filter_map(|it| Some(format!("{} {}", it.name, format::number(*it.y.last()?)))).collect();
    format!("{title}, {}{span}. Last values: {}", format::n_of(lines.len() as u64, "curve"), lasts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::palette::theme;

    fn svg(lines: &[Line], log: bool) -> String {
        let mut out = String::new();
        let (width, height) = (400.0, 200.0);
        if let Some(geometry) = geometry(lines, log, width, height) {
            let size = (unit(width).unsigned_abs(), unit(height).unsigned_abs());
            let area = SVGBackend::with_string(&mut out, size).into_drawing_area();
            draw(&area, lines, XKind::Step, &geometry, None, theme(false), Pen(None)).expect("draws");
            area.present().expect("ends");
        }
        out
    }

    fn line(points: &[(f64, f64)]) -> Line {
        Line {
            x: points.iter().map(|it| it.0).collect(),
            y: points.iter().map(|it| it.1).collect(),
            slot: 0,
            name: "a".into(),
        }
    }

    #[test]
    fn a_curve_is_one_path_over_a_labelled_grid() {
        let drawn = svg(&[line(&[(0.0, 1.0), (10.0, 2.0), (20.0, 1.5)])], false);
        assert_eq!(drawn.matches("#6D8CE3").count(), 1, "{drawn}");
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
            vec![(0.0, f64::NAN)],
            vec![(5.0, 5.0)],
            vec![(0.0, big), (1.0, -big)],
            vec![(0.0, 1e-308), (1.0, 2e-308)],
            vec![(0.0, -1.0), (1.0, 0.0)],
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
    fn the_cursor_finds_the_point_at_or_before() {
        let it = line(&[(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)]);
        assert_eq!([it.at(-5.0), it.at(10.0), it.at(19.0), it.at(99.0)], [Some(0), Some(1), Some(1), Some(2)]);
        assert_eq!(line(&[]).at(1.0), None);
    }

    #[test]
    fn the_summary_says_what_is_drawn() {
        let text = summary("loss", &[line(&[(0.0, 1.0), (10.0, 0.25)])], XKind::Step);
        assert_eq!(text, "loss, 1 curve from 0 to 10. Last values: a 0.2500");
    }
}
