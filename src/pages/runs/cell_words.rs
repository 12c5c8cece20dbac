//! A cell in words and pictures: its class, its text, what stands small beside it, its tooltip.

use std::fmt::Write;

use crate::components::format::Style;
use crate::components::{dom, format};
use crate::model::stats::Summary;
use crate::query::cells::Cell;
use crate::query::out::SpreadStyle;

/// The values of a curve as an SVG path, greatest on top; what is no number is a gap.
pub fn curve_path(shape: &[f32], width: f64, height: f64) -> String {
    let finite = || shape.iter().copied().filter(|it| it.is_finite());
    let (least, most) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    let span = f64::from(most) - f64::from(least);
    let step = width / f64::from(u32::try_from(shape.len().saturating_sub(1).max(1)).unwrap_or(1));
    let mut path = String::new();
    let (mut x, mut is_open) = (0.0, false);
    for value in shape {
        if value.is_finite() {
            let part = if span > 0.0 { (f64::from(*value) - f64::from(least)) / span } else { 0.5 };
            let _ = write!(path, "{}{x:.1} {:.1}", if is_open { "L" } else { "M" }, height - part * height);
            if !is_open {
                // A point of its own is a dot.
                path.push_str("h.01");
            }
        }
        is_open = value.is_finite();
        x += step;
    }
    path
}

/// A cell's class, text and what stands small beside it.
pub fn words(cell: &Cell, (style, spread): (Style, SpreadStyle)) -> (&'static str, String, Option<String>) {
    let number = |it: f64| style.write(it);
    match cell {
        Cell::Curve(_) => ("curve", String::new(), None),
        Cell::Missing => ("missing", "–".into(), None),
        Cell::NotLoaded => ("missing", "…".into(), None),
        Cell::Metric { value, step } => (
            if value.is_finite() { "num" } else { "num odd" },
            number(*value),
            Some(format!("@{}", format::number(*step))),
        ),
        Cell::Sampled { value, step } => {
            ("num", format!("≈{}", number(*value)), step.map(|it| format!("@{}", format::number(it))))
        }
        Cell::Number(value) => ("num", number(*value), None),
        Cell::NumberText(text) => {
            // As received, unless somebody asked for a style.
            let styled = (style != Style::Auto).then(|| crate::model::value::number(text)).flatten();
            ("num", styled.map_or_else(|| text.clone(), number), None)
        }
        Cell::Text(text) => ("text", text.clone(), None),
        Cell::Time(ms) => ("num", dom::short_time(*ms), None),
        Cell::Duration(ms) => ("num", format::duration(*ms), None),
        Cell::Status(status) => ("", status.word().into(), None),
        Cell::Spread(it) => ("num", number(spread.middle(it)), Some(beside(it, spread))),
        Cell::Best(value) => ("num", number(*value), Some("best".into())),
        Cell::Several(n) => ("several", format!("{} values", format::count(*n)), None),
    }
}

/// A cell in full, for whoever points at it. Written when asked for: a scroll would write hundreds.
pub fn tip(cell: &Cell) -> String {
    match cell {
        Cell::Missing => "missing".into(),
        Cell::Curve(_) => "Its course, point by point, each on its own scale".into(),
        Cell::NotLoaded => "Its series is not read yet".into(),
        Cell::Metric { value, step } => format!("{} at step {}", format::exact(*value), format::exact(*step)),
        Cell::Sampled { value, .. } => {
            format!("{} of a sample of the points: the true one may lie between them", format::exact(*value))
        }
        Cell::Number(value) | Cell::Best(value) => format::exact(*value),
        Cell::NumberText(text) | Cell::Text(text) => text.clone(),
        Cell::Time(ms) => dom::full_time(*ms),
        Cell::Duration(ms) => format!("{} s", format::exact(ms / 1000.0)),
        Cell::Status(status) => status.word().into(),
        Cell::Spread(it) => spread_in_words(it),
        Cell::Several(n) => format!("{} different values", format::count(*n)),
    }
}

fn beside(it: &Summary, spread: SpreadStyle) -> String {
    match spread.half(it) {
        _ if it.n < 2 => String::new(),
        Some(half) => format!("±{}", format::spread(half)),
        None => "med".into(),
    }
}

fn spread_in_words(it: &Summary) -> String {
    let number = format::number;
    if it.n < 2 {
        return format!("{}, the only value", format::exact(it.mean));
    }
    let (low, high) = (it.mean - it.half_interval(), it.mean + it.half_interval());
    format!(
        "mean {} of {} · sd {} · se {}\n95 % interval of the mean {} … {}\nmedian {} · from {} to {}",
        format::exact(it.mean),
        it.n,
        number(it.sd),
        number(it.standard_error()),
        number(low),
        number(high),
        number(it.median),
        number(it.min),
        number(it.max),
    )
}
