//! A bar for each group of runs: the mean of a value, with its 95 % interval.

use plotters::prelude::*;

use super::{Hit, Marks, Over, Place, Slot, Takes, fill, group_name, groups, name_groups, room, said, stroke};
use crate::charts::frame::{self, Area, Drawn, unit, y_tick_count};
use crate::charts::palette::{Theme, series};
use crate::charts::scale::{labels, ticks};
use crate::model::sheet::Sheet;
use crate::model::stats::Summary;
use halimede_raster::{Kind, Range, Scale};

pub struct Bars;

/// More bars than this have no room for a name.
const MOST: usize = 60;

struct Bar {
    value: f64,
    rows: Vec<usize>,
    mean: f64,
    /// Half of the interval; None: of one run nothing is known.
    half: Option<f64>,
    sd: f64,
}

fn bars(sheet: &Sheet) -> Vec<Bar> {
    let [by, values, ..] = sheet.columns.as_slice() else { return Vec::new() };
    let bar = |(value, rows): (f64, Vec<usize>)| {
        let rows: Vec<usize> = rows.into_iter().filter(|row| values.numbers[*row].is_finite()).collect();
        let it = Summary::of(rows.iter().map(|row| values.numbers[*row]));
        let half = (it.n > 1).then(|| it.half_interval());
        (!rows.is_empty()).then_some(Bar { value, rows, mean: it.mean, half, sd: it.sd })
    };
    groups(by).into_iter().filter_map(bar).take(MOST).collect()
}

struct Plot {
    inset: frame::Inset,
    y: Scale,
    wide: f64,
}

fn plot(bars: &[Bar], size: Place) -> Option<Plot> {
    let inset = room(size);
    let ends = bars.iter().flat_map(|it| [it.mean - it.half.unwrap_or(0.0), it.mean + it.half.unwrap_or(0.0)]);
    let range = Range::of(ends)?;
    // From zero, unless all differ little from one another and much from it: then from a dot's place.
    let starts_at_zero = range.low < 0.0 || range.high - range.low > 0.2 * range.high;
    let range =
        if starts_at_zero { Range { low: range.low.min(0.0), high: range.high.max(0.0) } } else { range.padded(0.12) };
    let n = f64::from(u32::try_from(bars.len()).ok()?);
    let y = Scale::new(range.padded(0.02), Kind::Linear, inset.bottom, inset.top);
    Some(Plot { inset, y, wide: (inset.right - inset.left) / n })
}

impl Plot {
    /// The middle of a bar.
    fn at(&self, i: usize) -> f64 {
        self.inset.left + self.wide * (f64::from(u32::try_from(i).unwrap_or(0)) + 0.5)
    }

    fn starts_at_zero(&self) -> bool {
        let range = self.y.range();
        range.low <= 0.0 && range.high >= 0.0
    }
}

impl Over for Bars {
    const WORD: &'static str = "bars";
    const LABEL: &'static str = "Bars, mean and interval";
    const SLOTS: &'static [Slot] = &[Slot::new("by", Takes::Any), Slot::new("value", Takes::Numbers)];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let bars = bars(sheet);
        let Some(plot) = plot(&bars, size) else { return Ok(()) };
        let inset = plot.inset;
        let y_ticks = ticks(&plot.y, y_tick_count(inset));
        let y_ticks: Vec<(f64, String)> = y_ticks.iter().copied().zip(labels(&y_ticks)).collect();
        frame::draw_with(area, inset, &plot.y, &[], &plot.y, &y_ticks, theme)?;
        let base = plot.y.pixel(if plot.starts_at_zero() { 0.0 } else { plot.y.range().low });
        for (i, bar) in bars.iter().enumerate() {
            let (x, y) = (plot.at(i), plot.y.pixel(bar.mean));
            let half = (plot.wide * 0.36).min(32.0);
            let is_marked = marks.rows.iter().any(|row| bar.rows.contains(row));
            let colour = series(0, theme.dark);
            if plot.starts_at_zero() {
                let corners = [(unit(x - half), unit(y.min(base))), (unit(x + half), unit(y.max(base)))];
                area.draw(&Rectangle::new(corners, fill(colour.mix(if is_marked { 1.0 } else { 0.75 }))))?;
            } else {
                area.draw(&Circle::new(
                    (unit(x), unit(y)),
                    unit(if is_marked { 6.0 } else { 4.5 }),
                    fill(colour.to_rgba()),
                ))?;
            }
            if let Some(wide) = bar.half {
                let (low, high) = (plot.y.pixel(bar.mean - wide), plot.y.pixel(bar.mean + wide));
                let style = stroke(theme.label.to_rgba(), 1.25);
                area.draw(&PathElement::new([(unit(x), unit(low)), (unit(x), unit(high))], style))?;
                for end in [low, high] {
                    area.draw(&PathElement::new([(unit(x - 4.0), unit(end)), (unit(x + 4.0), unit(end))], style))?;
                }
            }
        }
        let places = bars.iter().enumerate().map(|(i, it)| (plot.at(i), it.value));
        name_groups(area, &sheet.columns[0], places, (plot.wide, inset), theme)
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let bars = bars(sheet);
        let plot = plot(&bars, size)?;
        let (_, bar) = bars.iter().enumerate().find(|(i, _)| (plot.at(*i) - at.0).abs() <= plot.wide / 2.0)?;
        let mut lines = vec![
            ("mean".to_owned(), said(&sheet.columns[1], bar.mean)),
            ("runs".to_owned(), bar.rows.len().to_string()),
        ];
        if let Some(half) = bar.half {
            lines.insert(1, ("± sd".to_owned(), said(&sheet.columns[1], bar.sd)));
            lines.insert(
                2,
                (
                    "95 %".to_owned(),
                    format!(
                        "{} to {}",
                        said(&sheet.columns[1], bar.mean - half),
                        said(&sheet.columns[1], bar.mean + half)
                    ),
                ),
            );
        }
        Some(Hit { rows: bar.rows.clone(), title: group_name(&sheet.columns[0], bar.value), lines })
    }
}
