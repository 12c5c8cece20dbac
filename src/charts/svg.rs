//! Charts as files that a paper can print: the same drawing code on another backend.

use halimede_raster::{Kind, Range};
use plotters::prelude::*;

use super::frame::unit;
use super::line::{Geometry, Line, XKind, draw};
use super::palette::theme;

/// CSS pixels; a column of a paper is about so wide.
const SIZE: (f64, f64) = (640.0, 360.0);

/// None where it cannot be drawn.
pub fn line_chart(lines: &[Line], x: Range, y: Range, y_kind: Kind, kind: XKind) -> Option<String> {
    let mut out = String::new();
    let geometry = Geometry::new(x, y, y_kind, SIZE.0, SIZE.1);
    {
        let size = (unit(SIZE.0).unsigned_abs(), unit(SIZE.1).unsigned_abs());
        let area = SVGBackend::with_string(&mut out, size).into_drawing_area();
        draw(&area, lines, kind, &geometry, theme(false)).ok()?;
        area.present().ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_a_whole_file() {
        let line = Line { x: vec![0.0, 1.0], y: vec![1.0, 2.0], slot: 0, name: "a".into() };
        let range = Range { low: 0.0, high: 2.0 };
        let svg = line_chart(&[line], range, range, Kind::Linear, XKind::Step).expect("draws");
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    }
}
