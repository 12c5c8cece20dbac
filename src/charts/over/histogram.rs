//! How a value is spread over the runs: bins of equal width along the axis as it is drawn, by the rule
//! of Freedman and Diaconis ("On the histogram as a density estimator", 1981).

use halimede_raster::{Kind, Range, Scale};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::{Hit, Marks, Over, Place, Slot, Takes, fill, label, room};
use crate::charts::frame::{self, Area, Drawn, short, text, unit, y_tick_count};
use crate::charts::labels::numbers;
use crate::charts::palette::{Theme, series};
use crate::charts::scale::ticks;
use crate::components::format;
use crate::model::order::sort_by;
use crate::model::sheet::Sheet;

pub struct Histogram;

const MOST_BINS: usize = 60;

struct Plot {
    inset: frame::Inset,
    x: Axis,
    y: Scale,
    bins: Vec<Vec<usize>>,
}

fn plot(sheet: &Sheet, size: Place) -> Option<Plot> {
    let inset = room(size);
    let column = sheet.columns.first()?;
    let x = Axis::of(column, inset.left, inset.right)?;
    let wide = inset.right - inset.left;
    let mut places: Vec<(f64, usize)> = column
        .numbers
        .iter()
        .enumerate()
        .filter_map(|(row, value)| Some(((x.place(*value)? - inset.left) / wide, row)))
        .collect();
    sort_by(&mut places, |a, b| a.0.total_cmp(&b.0));
    let n = places.len();
    let spread = places.get(n * 3 / 4)?.0 - places.get(n / 4)?.0;
    let each = 2.0 * spread / f64::from(u32::try_from(n).ok()?).cbrt();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
    let n_bins = if x.is_named() {
        column.labels.len()
    } else if each > 0.0 {
        ((1.0 / each).ceil() as usize).clamp(4, MOST_BINS)
    } else {
        10
    };
    let mut bins = vec![Vec::new(); n_bins.max(1)];
    let last = bins.len() - 1;
    for (share, row) in places {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bins")]
        let at = (share.max(0.0) * f64::from(u32::try_from(bins.len()).ok()?)) as usize;
        bins[at.min(last)].push(row);
    }
    let most = bins.iter().map(Vec::len).max().unwrap_or(0);
    let top = f64::from(u32::try_from(most).ok()?).max(1.0);
    let y = Scale::new(Range { low: 0.0, high: top * 1.05 }, Kind::Linear, inset.bottom, inset.top);
    Some(Plot { inset, x, y, bins })
}

impl Plot {
    /// The edges of a bin, in pixels.
    fn edges(&self, at: usize) -> (f64, f64) {
        let n = f64::from(u32::try_from(self.bins.len()).unwrap_or(1));
        let edge = |at: usize| {
            let share = f64::from(u32::try_from(at).unwrap_or(0)) / n;
            self.inset.left + (self.inset.right - self.inset.left) * share
        };
        (edge(at), edge(at + 1))
    }
}

impl Over for Histogram {
    const WORD: &'static str = "histogram";
    const LABEL: &'static str = "Histogram";
    const SLOTS: &'static [Slot] = &[Slot::new("value", Takes::Any)];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let Some(plot) = plot(sheet, size) else { return Ok(()) };
        let inset = plot.inset;
        let counts: Vec<f64> = ticks(&plot.y, y_tick_count(inset)).into_iter().filter(|it| it.fract() == 0.0).collect();
        let counts = numbers(counts, frame::y_room(inset));
        frame::draw_with(area, inset, &plot.x.scale, &plot.x.along(inset), &plot.y, &counts, theme)?;
        for (at, rows) in plot.bins.iter().enumerate().filter(|it| !it.1.is_empty()) {
            let (left, right) = plot.edges(at);
            let top = plot.y.pixel(f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)));
            let is_marked = marks.rows.iter().any(|row| rows.contains(row));
            let corners = [(unit(left + 0.5), unit(top)), (unit(right - 0.5), unit(inset.bottom))];
            let colour = series(0, theme.dark).mix(if is_marked { 1.0 } else { 0.7 });
            area.draw(&Rectangle::new(corners, fill(colour)))?;
        }
        let name = short(&label(&sheet.columns[0]), 40);
        text(area, &name, (inset.right, inset.bottom + 20.0), HPos::Right, VPos::Top, theme)
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let plot = plot(sheet, size)?;
        let (bin, rows) =
            plot.bins.iter().enumerate().find(|(i, _)| (plot.edges(*i).0..plot.edges(*i).1).contains(&at.0))?;
        let (left, right) = plot.edges(bin);
        let said = |pixel: f64| plot.x.said(plot.x.scale.value(pixel));
        let title =
            if plot.x.is_named() { said((left + right) / 2.0) } else { format!("{} to {}", said(left), said(right)) };
        let share =
            f64::from(u32::try_from(rows.len()).ok()?) / f64::from(u32::try_from(sheet.ids.len()).ok()?).max(1.0);
        let lines = vec![
            ("runs".to_owned(), format::count(rows.len() as u64)),
            ("of all".to_owned(), format!("{:.1} %", share * 100.0)),
        ];
        Some(Hit { rows: rows.clone(), title, lines })
    }
}
