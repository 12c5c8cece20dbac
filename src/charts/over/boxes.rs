//! A box for each group of runs: median and quartiles, whiskers to what lies within one and a half
//! boxes of them, and every run as a dot. Quartiles as numpy's `percentile` has them.

use plotters::prelude::*;

use super::axis::Axis;
use super::{
    Figures, Hit, Marks, Over, Place, Slot, Takes, fill, group_name, groups, label, name_groups, room, said, stroke,
};
use crate::charts::frame::{self, Area, Drawn, unit};
use crate::charts::labels::Ticks;
use crate::charts::palette::{Theme, series};
use crate::model::order::sort_by;
use crate::model::sheet::Sheet;

pub struct Boxes;

const MOST: usize = 60;
/// Of more runs the dots hide one another.
const MOST_DOTS: usize = 400;

struct OneBox {
    value: f64,
    /// By what they measured.
    rows: Vec<usize>,
    quartiles: [f64; 3],
    whiskers: (f64, f64),
}

fn boxes(sheet: &Sheet) -> Vec<OneBox> {
    let [by, values, ..] = sheet.columns.as_slice() else { return Vec::new() };
    let one = |(value, mut rows): (f64, Vec<usize>)| {
        rows.retain(|row| values.numbers[*row].is_finite());
        sort_by(&mut rows, |a, b| values.numbers[*a].total_cmp(&values.numbers[*b]));
        let sorted: Vec<f64> = rows.iter().map(|row| values.numbers[*row]).collect();
        let quartiles = [0.25, 0.5, 0.75].map(|share| percentile(&sorted, share));
        let reach = 1.5 * (quartiles[2] - quartiles[0]);
        let low = sorted.iter().copied().find(|it| *it >= quartiles[0] - reach)?;
        let high = sorted.iter().rev().copied().find(|it| *it <= quartiles[2] + reach)?;
        Some(OneBox { value, rows, quartiles, whiskers: (low, high) })
    };
    groups(by).into_iter().filter_map(one).take(MOST).collect()
}

/// Between two of them in proportion.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = f64::from(u32::try_from(last).unwrap_or(u32::MAX)) * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the list")]
    let at = place.floor() as usize;
    let next = sorted[(at + 1).min(last)];
    sorted[at] + (next - sorted[at]) * place.fract()
}

/// Groups side by side.
pub(super) struct Plot {
    pub inset: frame::Inset,
    pub y: Axis,
    /// Of a group, in CSS pixels.
    pub wide: f64,
}

pub(super) fn plot(sheet: &Sheet, n: usize, size: Place) -> Option<Plot> {
    let inset = room(size);
    let y = Axis::of(sheet.columns.get(1)?, inset.bottom - 4.0, inset.top + 4.0)?;
    let n = f64::from(u32::try_from(n).ok()?).max(1.0);
    Some(Plot { inset, y, wide: (inset.right - inset.left) / n })
}

impl Plot {
    pub fn at(&self, i: usize) -> f64 {
        self.inset.left + self.wide * (f64::from(u32::try_from(i).unwrap_or(0)) + 0.5)
    }
}

impl Over for Boxes {
    const WORD: &'static str = "boxes";
    const LABEL: &'static str = "Boxes, median and quartiles";
    const SLOTS: &'static [Slot] = &[Slot::new("by", Takes::Any), Slot::new("value", Takes::Numbers)];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let boxes = boxes(sheet);
        let Some(plot) = plot(sheet, boxes.len(), size) else { return Ok(()) };
        let inset = plot.inset;
        frame::draw_with(area, inset, &plot.y.scale, &Ticks::default(), &plot.y.scale, &plot.y.up(inset), theme)?;
        let colour = series(0, theme.dark);
        let shows_dots = sheet.ids.len() <= MOST_DOTS;
        for (i, it) in boxes.iter().enumerate() {
            let (x, half) = (plot.at(i), (plot.wide * 0.3).min(26.0));
            let y = |value: f64| unit(plot.y.scale.pixel(value));
            let style = stroke(theme.label.to_rgba(), 1.25);
            let [lower, median, upper] = it.quartiles;
            for (from, to) in [(upper, it.whiskers.1), (lower, it.whiskers.0)] {
                area.draw(&PathElement::new([(unit(x), y(from)), (unit(x), y(to))], style))?;
                area.draw(&PathElement::new([(unit(x - half / 2.0), y(to)), (unit(x + half / 2.0), y(to))], style))?;
            }
            let corners = [(unit(x - half), y(upper)), (unit(x + half), y(lower))];
            area.draw(&Rectangle::new(corners, fill(colour.mix(if shows_dots { 0.25 } else { 0.5 }))))?;
            area.draw(&Rectangle::new(corners, style))?;
            area.draw(&PathElement::new(
                [(unit(x - half), y(median)), (unit(x + half), y(median))],
                stroke(theme.label.to_rgba(), 2.0),
            ))?;
            for (k, row) in it.rows.iter().enumerate() {
                let value = sheet.columns[1].numbers[*row];
                let is_out = value < it.whiskers.0 || value > it.whiskers.1;
                if shows_dots || is_out {
                    // Beside one another, always in the same places, and not by their order: no slope is meant.
                    let aside =
                        if it.rows.len() > 1 { [0.0, 0.28, -0.28, 0.14, -0.42, 0.42, -0.14][k % 7] } else { 0.0 };
                    area.draw(&Circle::new(
                        (unit(x + aside * half * 1.5), y(value)),
                        unit(2.2),
                        fill(colour.mix(0.9)),
                    ))?;
                }
            }
            if marks.rows.iter().any(|row| it.rows.contains(row)) {
                area.draw(&Rectangle::new(corners, stroke(colour.to_rgba(), 2.0)))?;
            }
        }
        let places = boxes.iter().enumerate().map(|(i, it)| (plot.at(i), it.value));
        name_groups(area, &sheet.columns[0], places, (plot.wide, inset), theme)
    }

    fn figures(sheet: &Sheet) -> Option<Figures> {
        let by = sheet.columns.first()?;
        let row = |it: OneBox| {
            let [low, middle, high] = it.quartiles;
            let n = f64::from(u32::try_from(it.rows.len()).unwrap_or(u32::MAX));
            (group_name(by, it.value), vec![middle, low, high, it.whiskers.0, it.whiskers.1, n])
        };
        let heads = ["median", "25 %", "75 %", "whisker from", "whisker to", "runs"];
        Some(Figures::new(&label(by), &heads, boxes(sheet).into_iter().map(row).collect()))
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let boxes = boxes(sheet);
        let plot = plot(sheet, boxes.len(), size)?;
        let (_, it) = boxes.iter().enumerate().find(|(i, _)| (plot.at(*i) - at.0).abs() <= plot.wide / 2.0)?;
        let lines = [
            ("greatest within", it.whiskers.1),
            ("upper quartile", it.quartiles[2]),
            ("median", it.quartiles[1]),
            ("lower quartile", it.quartiles[0]),
            ("least within", it.whiskers.0),
        ];
        let mut lines: Vec<(String, String)> =
            lines.iter().map(|it| (it.0.to_owned(), said(&sheet.columns[1], it.1))).collect();
        lines.push(("runs".into(), it.rows.len().to_string()));
        Some(Hit { rows: it.rows.clone(), title: group_name(&sheet.columns[0], it.value), lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([1, 2, 4, 8], [25, 50, 75])
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!([0.25, 0.5, 0.75].map(|it| percentile(&sorted, it)), [1.75, 3.0, 5.0]);
        assert_eq!(percentile(&[3.0], 0.25), 3.0);
        assert!(percentile(&[], 0.5).is_nan());
    }
}
