//! A chart of one metric as a table, asked for only while it is seen.

use leptos::prelude::*;

use super::Chart;
use super::drawn::{Shown, ones};
use crate::charts::line_table::Row;
use crate::engine::data::Told;
use crate::engine::protocol::{Answer, NamedRun, Question, SeriesAsk};
use crate::model::RunId;
use crate::pages::ask::use_answer;
use crate::query::smooth::Smooth;

/// More rows nobody reads.
const MOST: usize = 200;

/// Of a run: how many points it has, and those that tell of it.
type Known = (RunId, u32, Vec<(f64, f64)>);

fn known(told: Told) -> Option<Vec<Known>> {
    let (values, places) = (told.numbers(2), told.numbers(3));
    let Answer::Series(heads) = told.answer else { return None };
    let all = heads.into_iter().map(|it| {
        let range = it.offset as usize..(it.offset + it.len) as usize;
        let points = places.get(range.clone()).into_iter().flatten().copied();
        (it.run, it.n_points, points.zip(values.get(range).into_iter().flatten().copied()).collect())
    });
    Some(all.collect())
}

impl Chart {
    /// The runs as they are, not folded and not smoothed.
    pub fn table(self, each: Signal<Vec<(NamedRun, u8)>>, is_wanted: Signal<bool>) -> Memo<Option<Vec<Row>>> {
        let asked = use_answer(
            move || {
                let is_seen = is_wanted.get() && self.is_near();
                let runs = is_seen.then(|| each.get())?.into_iter().take(MOST).map(|it| it.0.id).collect();
                // One column keeps the first, the least, the greatest and the last of all points.
                let (columns, smooth, between) = (1, Smooth::None, None);
                Some(Question::Series(SeriesAsk { of: self.of().series, runs, columns, smooth, between }))
            },
            known,
        );
        Memo::new(move |_| {
            let all = is_wanted.get().then(|| asked.ok())??;
            let shown = Shown::new(&ones(&each.get(), &[]));
            let name = |run: &RunId| shown.of(run).map_or_else(|| run.to_string(), |it| it.0.to_string());
            Some(all.iter().filter_map(|it| Row::of(name(&it.0), it.1, &it.2)).collect())
        })
    }
}
