//! Series: from the cache where that answers, else fetched, then thinned for the picture.

use std::collections::HashMap;

use super::protocol::{Answer, Part, SeriesAsk, SeriesHead, Want, XAxis};
use super::{Engine, Reply, Result};
use crate::model::{Problem, RunId, Series};
use crate::query::downsample::m4;
use crate::sources::Reading;
use crate::store::layout::{self, CachedSeries, SeriesPack};
use crate::sync::retry::retrying;
use crate::sync::series::{Known, wanted};

impl Engine {
    pub(super) async fn series(&self, ask: SeriesAsk) -> Result<Reply> {
        let slot = self.loaded(&ask.project).await;
        let reading = match ask.want {
            Want::Sampled(points) => Reading::Sampled { points, steps: None },
            Want::Full => Reading::Full,
        };
        let key = layout::series_key(&ask.project, &ask.metric);
        let pack = layout::read::<SeriesPack>(self.store(), key).await.ok().flatten().unwrap_or_default();
        let mut held: HashMap<RunId, (CachedSeries, bool)> =
            pack.series.into_iter().map(|it| (it.series.run.clone(), (it, false))).collect();
        let known = |run: &RunId| {
            let table = slot.table.borrow();
            let row = table.row_of(run);
            Known {
                ended: row.is_some_and(|row| !table.status[row as usize].is_live()),
                last: row.and_then(|row| table.metrics.get(&ask.metric)?.get(row)),
            }
        };
        let cached: Vec<CachedSeries> = ask.runs.iter().filter_map(|it| held.get(it).map(|it| it.0.clone())).collect();
        let missing = wanted(&ask.runs, &cached, reading, self.now(), known);
        if !missing.is_empty() {
            // As it was before the reading: what changes while it is read is read again.
            let before: HashMap<RunId, Known> = missing.iter().map(|it| (it.clone(), known(it))).collect();
            let can_wait = !missing.iter().all(|it| held.contains_key(it));
            match self.fetch_series(&ask, &missing, reading, can_wait).await {
                Ok(fetched) => {
                    let now = self.now();
                    let asked = match ask.want {
                        Want::Sampled(points) => points,
                        Want::Full => u32::MAX,
                    };
                    let new: Vec<CachedSeries> = fetched
                        .into_iter()
                        .map(|series| {
                            let known = before.get(&series.run).copied().unwrap_or_default();
                            CachedSeries { settled: known.ended, last: known.last, series, asked, fetched: now }
                        })
                        .collect();
                    if self.keeps(&ask.project.source) && !new.is_empty() {
                        // A cache that is full must not keep the curve from being drawn.
                        let _ = layout::write_series(self.store(), &ask.project, &ask.metric, new.clone()).await;
                    }
                    held.extend(new.into_iter().map(|it| (it.series.run.clone(), (it, false))));
                }
                Err(problem) => {
                    if !ask.runs.iter().any(|it| held.contains_key(it)) {
                        return Err(match problem {
                            Problem::Unreachable { .. } | Problem::Closed { .. } | Problem::TimedOut { .. } => {
                                Problem::NotCached { what: ask.metric }
                            }
                            other => other,
                        });
                    }
                    for (cached, stale) in held.values_mut() {
                        *stale = missing.contains(&cached.series.run);
                    }
                }
            }
        }
        let found = ask.runs.iter().filter_map(|run| held.get(run)).filter(|it| !it.0.series.is_empty());
        Ok(thinned(found, ask.columns, ask.x))
    }

    /// Tries again only where there is nothing to show meanwhile: old points are better than a wait.
    async fn fetch_series(
        &self,
        ask: &SeriesAsk,
        runs: &[RunId],
        reading: Reading,
        can_wait: bool,
    ) -> Result<Vec<Series>> {
        let id = &ask.project.source;
        let source = self.open(id).await?;
        let clock = self.0.outside.clock.clone();
        let attempt = || source.series(&ask.project.project, &ask.metric, runs, reading);
        let is_down = matches!(
            self.0.known.borrow().get(id).map(|it| &it.info.health),
            Some(crate::model::Health::Trouble(Problem::Unreachable { .. } | Problem::TimedOut { .. }))
        );
        let outcome =
            if is_down || !can_wait { attempt().await } else { retrying(clock.as_ref(), &|_, _| {}, attempt).await };
        self.note_outcome(id, &outcome);
        outcome
    }
}

/// Keeps what `columns` columns of pixels can show, and lays all series end to end.
fn thinned<'a>(found: impl Iterator<Item = &'a (CachedSeries, bool)>, columns: u32, x: XAxis) -> Reply {
    let mut heads = Vec::new();
    let (mut steps, mut times, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for (cached, stale) in found {
        let series = &cached.series;
        let along = if x == XAxis::Step { &series.steps } else { &series.times };
        let kept = m4(along, &series.values, columns);
        heads.push(SeriesHead {
            run: series.run.clone(),
            offset: count(values.len()),
            len: count(kept.len()),
            n_points: count(series.len()),
            completeness: series.completeness,
            fetched: cached.fetched,
            stale: *stale,
        });
        let pick = |from: &[f64], to: &mut Vec<f64>| to.extend(kept.iter().map(|at| from[*at as usize]));
        pick(&series.steps, &mut steps);
        pick(&series.times, &mut times);
        pick(&series.values, &mut values);
    }
    Reply { answer: Answer::Series(heads), parts: [steps, times, values].map(Part::Numbers).into() }
}
