//! A metric that was logged once is no curve: a bar for each run, from zero, in the order of the runs.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ends::End;
use super::frame::{Area, Drawn, short, text, text_width, unit};
use super::line::Line;
use super::palette::{Theme, series};
use crate::components::format;

/// Of a row, in CSS pixels; in less than the second no word has room.
const HIGH: f64 = 22.0;
const WORDS: f64 = 12.0;
/// Above the first and below the last.
const MARGIN: f64 = 8.0;
/// Room for a value beside the longest bar.
const VALUE: f64 = 58.0;
const LETTERS: usize = 40;

/// Where the rows stand.
struct Rows {
    left: f64,
    right: f64,
    high: f64,
    /// Of as many there is room.
    n: usize,
    /// At the left end and at the right.
    low: f64,
    top: f64,
}

fn rows(ends: &[End], (width, height): (f64, f64)) -> Rows {
    let room = (height - 2.0 * MARGIN).max(1.0);
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let high = (room / count(ends.len().max(1))).clamp(1.0, HIGH);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a screen")]
    let n = ends.len().min((room / high + 1e-6) as usize);
    let names = || ends.iter().take(n).map(|it| text_width(&short(&it.name, LETTERS)));
    let wide = if high < WORDS { 0.0 } else { names().fold(0.0, f64::max) };
    let left = (wide + 16.0).min(width * 0.45);
    let reached = ends.iter().take(n).flat_map(|it| [Some(it.value), it.band.map(|it| it.0), it.band.map(|it| it.1)]);
    let reached = reached.flatten().filter(|it| it.is_finite());
    let (low, top) = reached.fold((0.0f64, 0.0f64), |(low, top), it| (low.min(it), top.max(it)));
    let right = width - if high < WORDS { 12.0 } else { VALUE };
    Rows { left, right: right.max(left + 1.0), high, n, low, top }
}

impl Rows {
    fn middle(&self, at: usize) -> f64 {
        MARGIN + self.high * (f64::from(u32::try_from(at).unwrap_or(u32::MAX)) + 0.5)
    }

    fn x(&self, value: f64) -> f64 {
        // Halves, as both ends may be as far off as a number goes.
        let share = (value / 2.0 - self.low / 2.0) / (self.top / 2.0 - self.low / 2.0).max(f64::MIN_POSITIVE);
        self.left + (self.right - self.left) * share.clamp(0.0, 1.0)
    }
}

/// As high as all rows take, in CSS pixels.
pub fn height(n: usize) -> f64 {
    HIGH * f64::from(u32::try_from(n).unwrap_or(u32::MAX)) + 2.0 * MARGIN
}

/// Which of them is at a height.
pub fn at(ends: &[End], size: (f64, f64), y: f64) -> Option<usize> {
    let rows = rows(ends, size);
    (0..rows.n).find(|it| (rows.middle(*it) - y).abs() <= rows.high / 2.0)
}

pub fn draw(area: &Area, ends: &[End], size: (f64, f64), focused: Option<&str>, theme: Theme) -> Drawn {
    let rows = rows(ends, size);
    let line = |colour: RGBAColor| ShapeStyle { color: colour, filled: false, stroke_width: unit(1.25).unsigned_abs() };
    let (base, has_words) = (rows.x(0.0), rows.high >= WORDS);
    for (place, end) in ends.iter().take(rows.n).enumerate() {
        let y = rows.middle(place);
        let half = if has_words { (rows.high * 0.34).min(7.0) } else { rows.high * 0.45 };
        let alpha = match focused {
            Some(name) if name == end.name => 1.0,
            Some(_) => 0.4,
            None => 0.8,
        };
        let mut last = base;
        if end.value.is_finite() {
            let x = rows.x(end.value);
            let corners = [(unit(base.min(x)), unit(y - half)), (unit(base.max(x)), unit(y + half))];
            let colour = series(end.slot, theme.dark).mix(alpha);
            area.draw(&Rectangle::new(corners, ShapeStyle { color: colour, filled: true, stroke_width: 0 }))?;
            last = last.max(x);
        }
        if let Some((low, high)) = end.band.filter(|it| it.0 < it.1) {
            let (low, high) = (rows.x(low), rows.x(high));
            for path in [[(low, y), (high, y)], [(low, y - 3.0), (low, y + 3.0)], [(high, y - 3.0), (high, y + 3.0)]] {
                let path = path.map(|it| (unit(it.0), unit(it.1)));
                area.draw(&PathElement::new(path, line(theme.label.to_rgba())))?;
            }
            last = last.max(high);
        }
        if has_words {
            text(area, &fitting(&end.name, rows.left - 16.0), (rows.left - 8.0, y), HPos::Right, VPos::Center, theme)?;
            text(area, &format::number(end.value), (last + 6.0, y), HPos::Left, VPos::Center, theme)?;
        }
    }
    let edge = [(unit(base), unit(MARGIN)), (unit(base), unit(rows.middle(rows.n) - rows.high / 2.0))];
    area.draw(&PathElement::new(edge, line(theme.axis.to_rgba())))?;
    if rows.n < ends.len() {
        let more = format!("and {} more", format::count((ends.len() - rows.n) as u64));
        text(area, &more, (size.0 - 8.0, size.1 - 2.0), HPos::Right, VPos::Bottom, theme)?;
    }
    Ok(())
}

/// Both ends of a name that is wider than there is room, as ends tell names apart.
fn fitting(name: &str, room: f64) -> String {
    let mut letters = LETTERS;
    while letters > 4 && text_width(&short(name, letters)) > room {
        letters -= 1;
    }
    short(name, letters)
}

/// Of lines the only values.
pub fn ends(lines: &[Line]) -> Vec<End> {
    let end = |it: &Line| {
        let (x, y) = (*it.x.first()?, *it.y.first()?);
        let band = it.band.as_ref().and_then(|(low, high)| Some((*low.first()?, *high.first()?)));
        Some(End { name: it.name.clone(), slot: it.slot, x, y, value: y, band })
    };
    lines.iter().filter_map(end).collect()
}

/// One sentence for those who cannot see the picture.
pub fn summary(title: &str, ends: &[End]) -> String {
    let said: Vec<String> = ends.iter().take(8).map(|it| format!("{} {}", it.name, format::number(it.value))).collect();
    format!("{title}, one value of each of {}: {}", format::n_of(ends.len() as u64, "run"), said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::palette::theme;
    use crate::charts::surface::Surface;

    fn end(name: &str, value: f64) -> End {
        End { name: name.into(), slot: 0, x: 1.0, y: value, value, band: None }
    }

    fn svg(ends: &[End], size: (f64, f64)) -> String {
        let mut out = String::new();
        let whole = (unit(size.0).unsigned_abs(), unit(size.1).unsigned_abs());
        let area = Surface::area(SVGBackend::with_string(&mut out, whole));
        draw(&area, ends, size, Some("b"), theme(false)).expect("draws");
        area.present().expect("ends");
        drop(area);
        out
    }

    #[test]
    fn each_run_has_its_bar_and_its_number() {
        let mut ends = vec![end("a", 0.5), end("b", -0.25), end("c", f64::NAN), end("d", 0.0)];
        ends[0].band = Some((0.4, 0.6));
        crate::charts::snapshots::check("single", &svg(&ends, (300.0, 120.0)));
        let found: Vec<Option<usize>> = [2.0, 10.0, 31.0, 95.0, 110.0].map(|y| at(&ends, (300.0, 120.0), y)).into();
        assert_eq!(found, [None, Some(0), Some(1), Some(3), None]);
    }

    #[test]
    fn however_many_and_whatever_they_are_it_stays_within() {
        let many: Vec<End> = (0..1_000).map(|it| end("a run", f64::from(it))).collect();
        assert!(svg(&many, (200.0, 100.0)).contains("and 916 more"));
        for values in [&[][..], &[f64::MAX, -f64::MAX], &[f64::INFINITY, f64::NAN], &[1e-308, 0.0], &[0.0, 0.0]] {
            let ends: Vec<End> = values.iter().map(|it| end(&"long name ".repeat(30), *it)).collect();
            for size in [(300.0, 100.0), (1.0, 1.0), (0.0, 0.0), (30.0, 900.0)] {
                assert!(svg(&ends, size).ends_with("</svg>\n"));
                let rows = rows(&ends, size);
                assert!(values.iter().all(|it| !(rows.x(*it) < rows.left || rows.x(*it) > rows.right)), "{values:?}");
            }
        }
    }
}
