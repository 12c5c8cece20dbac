//! A chart of one metric as it leaves: as a picture, as paths, as its points.

use leptos::prelude::*;

use super::drawn::{One, Shown};
use super::{Chart, SAMPLE, kind_along, range};
use crate::charts::line::Line;
use crate::charts::save::{File, file_name, save_drawing};
use crate::charts::{points, single, svg};
use crate::components::dom;
use crate::engine::protocol::{Answer, PlotAnswer, Question, SeriesAsk, Want, XAxis};
use crate::model::RunId;
use crate::pages::chart_settings::said_of;
use crate::query::fold_lines::{Folding, fold};
use crate::query::smooth::{Smooth, smooth};

/// Columns of points of a chart that is saved.
const COLUMNS: u32 = 1200;
/// More than runs that are folded have points.
const ALL_COLUMNS: u32 = 1_000_000;

impl Chart {
    /// The chart as it is seen, as paths or as its points.
    pub async fn save(self, file: File, answer: Option<PlotAnswer>) {
        let (Some(answer), Some(drawn)) = (answer, self.drawn.try_get_untracked()) else { return };
        let of = untrack(|| self.of());
        let of_x = of.series.x.clone();
        let folding = untrack(|| self.settings.get()).folding;
        let runs = drawn.iter().flat_map(|it| std::iter::once(&it.run.id).chain(&it.others)).cloned().collect();
        let mut of = of;
        if let Want::Sampled(points) = &mut of.series.want {
            *points = SAMPLE;
        }
        let is_single = untrack(|| self.is_single());
        // What is folded is cut to what is seen when all is done.
        let between = Some(answer.x).filter(|_| !is_single && folding.is_none());
        // Several as one are smoothed as one, from all that is there.
        let is_folded = folding.is_some();
        let (columns, before) = if is_folded { (ALL_COLUMNS, Smooth::None) } else { (COLUMNS, of.smooth) };
        let ask = SeriesAsk { of: of.series, runs, columns, smooth: before, between };
        let Ok(told) = self.data.told(Question::Series(ask), None).await else { return };
        let (values, places) = (told.numbers(2), told.numbers(3));
        let Answer::Series(heads) = told.answer else { return };
        let shown = Shown::new(&drawn);
        let points = |run: &RunId| {
            let head = heads.iter().find(|it| it.run == *run)?;
            let range = head.offset as usize..(head.offset + head.len) as usize;
            Some((places.get(range.clone())?.to_vec(), values.get(range)?.to_vec()))
        };
        let line = |it: &One| {
            let all: Vec<_> = std::iter::once(&it.run.id).chain(&it.others).filter_map(points).collect();
            let (slot, name) = (it.slot, shown.of(&it.run.id)?.0.to_string());
            match (folding, all.as_slice()) {
                (_, []) => None,
                (Some(how), [_, _, ..]) => {
                    let it = fold(&all, how).smoothed(of.smooth);
                    Some(Line { x: it.x, y: it.middle, band: Some((it.low, it.high)), slot, name })
                }
                (Some(_), [(x, y)]) => Some(Line { x: x.clone(), y: smooth(x, y, of.smooth), band: None, slot, name }),
                (None, [(x, y), ..]) => Some(Line { x: x.clone(), y: y.clone(), band: None, slot, name }),
            }
        };
        let lines: Vec<Line> = drawn.iter().filter_map(line).collect();
        let (x, y) = ((range(answer.x), answer.x_kind.into()), (range(answer.y), answer.y_kind.into()));
        let style = self.style.try_get_untracked().unwrap_or_default();
        let folded = Folding::ALL.into_iter().find(|it| Some(it.2) == folding).map(|it| it.1.to_owned());
        let along = match &of_x {
            XAxis::Relative => "time since the start",
            XAxis::Wall => "time",
            it => it.word(),
        };
        let note = [Some(along.to_owned()), said_of(of.smooth), folded.clone()];
        let note = note.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let kind = kind_along(&of_x, answer.points.0);
        let name = self.metric.try_get_value().unwrap_or_default();
        let text =
            |ending: &str, text: String| dom::download(&format!("{}.{ending}", file_name(&name)), text.as_bytes());
        match file {
            File::Csv => {
                let y = said_of(of.smooth).map_or("value".to_owned(), |it| format!("{it} of value"));
                let y = folded.map_or(y.clone(), |it| format!("{y}: {it}"));
                let seen: Vec<Line> = match is_folded && !is_single {
                    true => lines.iter().map(|it| it.between(x.0)).collect(),
                    false => lines,
                };
                text("csv", points::csv(&seen, (of_x.word(), &y)));
            }
            File::Pgfplots if is_single => text("tex", points::pgfplots_singles(&single::ends(&lines), &name)),
            File::Pgfplots => text("tex", points::pgfplots(&lines, &name, of_x.word(), (x, y))),
            File::Svg | File::Png(_) | File::Copy | File::Paper(_) => {
                // On paper it stands below its heading.
                let title = if matches!(file, File::Paper(_)) { "" } else { &name };
                let drawing = match is_single {
                    true => svg::singles(title, &single::ends(&lines)),
                    false => svg::line_chart(title, &lines, (x, y), kind, style, &note),
                };
                if let Some((drawing, size)) = drawing {
                    save_drawing(file, &name, drawing, size);
                }
            }
        }
    }
}
