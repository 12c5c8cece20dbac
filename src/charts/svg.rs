//! Charts as files that a paper can print: the same drawing code on another backend.

use halimede_raster::{Kind, Range};
use plotters::prelude::*;

use plotters::style::text_anchor::{HPos, VPos};

use super::ends::{self, End};
use super::frame::{text, title_height, titled, unit};
use super::line::{Geometry, Line, XKind, dashed, draw, draw_axes};
use super::palette::{dash, series, theme};
use super::single;
use super::spread::{self, Style};
use super::surface::Surface;

/// CSS pixels; a column of a paper is about so wide.
const SIZE: (f64, f64) = (640.0, 360.0);

/// Names below the plot; of more lines no paper says all.
const MOST_NAMES: usize = 24;
const NAME_HEIGHT: f64 = 16.0;

/// The file and its size in CSS pixels. None where it cannot be drawn.
pub fn line_chart(
    title: &str,
    lines: &[Line],
    (x, y): ((Range, Kind), (Range, Kind)),
    kind: XKind,
    style: Style,
    // What is along x, and what was done to the lines.
    note: &str,
) -> Option<(String, (f64, f64))> {
    let is_lines = style == Style::Lines;
    let mut out = String::new();
    let geometry = Geometry::new(x, y, SIZE, is_lines && lines.len() <= ends::MOST);
    let named: Vec<&Line> = lines.iter().filter(|_| is_lines).take(MOST_NAMES).collect();
    let key = if style == Style::Heat { spread::KEY_HEIGHT } else { 0.0 };
    let has_note = u32::from(!note.is_empty());
    let below = SIZE.1 + NAME_HEIGHT * f64::from(u32::try_from(named.len()).unwrap_or(0) + has_note) + key;
    let height = below + title_height(title);
    {
        let size = (unit(SIZE.0).unsigned_abs(), unit(height).unsigned_abs());
        let whole = Surface::area(SVGBackend::with_string(&mut out, size));
        let area = titled(&whole, title, (SIZE.0, below), theme(false)).ok()?;
        if is_lines {
            draw(&area, lines, kind, &geometry, theme(false)).ok()?;
        } else {
            draw_axes(&area, kind, &geometry, theme(false)).ok()?;
            spread::draw(&area, lines, style, &geometry, theme(false)).ok()?;
        }
        if has_note > 0 {
            let under = (geometry.inset.right, SIZE.1 + NAME_HEIGHT * 0.5);
            text(&area, note, under, HPos::Right, VPos::Center, theme(false)).ok()?;
        }
        for (at, line) in (has_note..).zip(named) {
            let y = SIZE.1 + NAME_HEIGHT * (f64::from(at) + 0.5);
            let (left, right) = (geometry.inset.left, geometry.inset.left + 24.0);
            let colour = series(line.slot, false).to_rgba();
            let style = ShapeStyle { color: colour, filled: false, stroke_width: unit(1.5).unsigned_abs() };
            let sample = [(unit(left), unit(y)), (unit(right), unit(y))];
            let pattern = dash(line.slot);
            let pieces = if pattern.is_empty() { vec![sample.to_vec()] } else { dashed(&sample, pattern) };
            for piece in pieces {
                area.draw(&PathElement::new(piece, style)).ok()?;
            }
            text(&area, &line.name, (right + 6.0, y), HPos::Left, VPos::Center, theme(false)).ok()?;
        }
        whole.present().ok()?;
    }
    Some((out, (SIZE.0, height)))
}

/// The same of metrics that were logged once.
pub fn singles(title: &str, ends: &[End]) -> Option<(String, (f64, f64))> {
    /// More rows than that no paper has room for.
    const MOST_ROWS: usize = 100;
    let size = (SIZE.0, single::height(ends.len().min(MOST_ROWS)));
    let height = size.1 + title_height(title);
    let mut out = String::new();
    {
        let backend = SVGBackend::with_string(&mut out, (unit(size.0).unsigned_abs(), unit(height).unsigned_abs()));
        let whole = Surface::area(backend);
        single::draw(&titled(&whole, title, size, theme(false)).ok()?, ends, size, None, theme(false)).ok()?;
        whole.present().ok()?;
    }
    Some((out, (size.0, height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_a_whole_file() {
        let line = Line { x: vec![0.0, 1.0], y: vec![1.0, 2.0], band: None, slot: 4, name: "a <b>".into() };
        let range = Range { low: 0.0, high: 2.0 };
        let (svg, _) = line_chart(
            "loss & more",
            &[line],
            ((range, Kind::Linear), (range, Kind::Linear)),
            XKind::Step,
            Style::Lines,
            "step, EMA 0.60",
        )
        .expect("draws");
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("a &lt;b&gt;"), "the line's name, as text: {svg}");
        assert!(svg.contains("loss &amp; more") && svg.contains("step, EMA 0.60"), "what it is of: {svg}");
    }
}
