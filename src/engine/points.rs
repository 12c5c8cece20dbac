//! Series: from the cache where that answers, else fetched, then thinned for the picture.

use std::borrow::Cow;
use std::collections::HashMap;

use super::protocol::{Answer, Part, SeriesAsk, SeriesHead, SeriesOf, Want, XAxis};
use super::{Engine, Reply, Result};
use crate::model::{Problem, RunId, Series};
use crate::query::downsample::m4;
use crate::query::smooth::smooth;
use crate::sources::Reading;
use crate::store::layout::{self, CachedSeries, SeriesPack};
use crate::sync::retry::retrying;
use crate::sync::series::{Known, wanted};

impl Engine {
    pub(super) async fn series(&self, ask: SeriesAsk) -> Result<Reply> {
        let found = self.held_series(&ask.of, &ask.runs).await?;
        Ok(thinned(&found, &ask))
    }

    /// The series of these runs that there are, in their order, and whether each could not be asked
    /// for again.
    pub(super) async fn held_series(&self, of: &SeriesOf, runs: &[RunId]) -> Result<Vec<(CachedSeries, bool)>> {
        let slot = self.loaded(&of.project).await;
        let reading = match of.want {
            Want::Sampled(points) => Reading::Sampled { points, steps: None },
            Want::Full => Reading::Full,
        };
        let key = layout::series_key(&of.project, &of.metric);
        let pack = layout::read::<SeriesPack>(self.store(), key).await.ok().flatten().unwrap_or_default();
        let mut held: HashMap<RunId, (CachedSeries, bool)> = pack
            .series
            .into_iter()
            .filter(|it| it.series.is_sound())
            .map(|it| (it.series.run.clone(), (it, false)))
            .collect();
        let known = |run: &RunId| {
            let table = slot.table.borrow();
            let row = table.row_of(run);
            Known {
                ended: row.is_some_and(|row| !table.status[row as usize].is_live()),
                last: row.and_then(|row| table.metrics.get(&of.metric)?.get(row)),
            }
        };
        let cached: Vec<CachedSeries> = runs.iter().filter_map(|it| held.get(it).map(|it| it.0.clone())).collect();
        let missing = wanted(runs, &cached, reading, self.now(), known);
        if !missing.is_empty() {
            // As it was before the reading: what changes while it is read is read again.
            let before: HashMap<RunId, Known> = missing.iter().map(|it| (it.clone(), known(it))).collect();
            let can_wait = !missing.iter().all(|it| held.contains_key(it));
            match self.fetch_series(of, &missing, reading, can_wait).await {
                Ok(fetched) => {
                    let now = self.now();
                    let asked = match of.want {
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
                    if self.keeps(&of.project.source) && !new.is_empty() {
                        // A cache that is full must not keep the curve from being drawn.
                        let _ = layout::write_series(self.store(), &of.project, &of.metric, new.clone()).await;
                    }
                    held.extend(new.into_iter().map(|it| (it.series.run.clone(), (it, false))));
                }
                Err(problem) => {
                    if !runs.iter().any(|it| held.contains_key(it)) {
                        return Err(match problem {
                            Problem::Unreachable { .. } | Problem::Closed { .. } | Problem::TimedOut { .. } => {
                                Problem::NotCached { what: of.metric.clone() }
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
        let found = runs.iter().filter_map(|run| held.remove(run)).filter(|it| !it.0.series.is_empty());
        Ok(found.collect())
    }

    /// Tries again only where there is nothing to show meanwhile: old points are better than a wait.
    async fn fetch_series(
        &self,
        of: &SeriesOf,
        runs: &[RunId],
        reading: Reading,
        can_wait: bool,
    ) -> Result<Vec<Series>> {
        let id = &of.project.source;
        let source = self.open(id).await?;
        let clock = self.0.outside.clock.clone();
        let attempt = || source.series(&of.project.project, &of.metric, runs, reading);
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
fn thinned(found: &[(CachedSeries, bool)], ask: &SeriesAsk) -> Reply {
    let mut heads = Vec::new();
    let (mut steps, mut times, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for (cached, stale) in found {
        let series = &cached.series;
        let along = along(series, ask.of.x);
        let y = smooth(&along, &series.values, ask.smooth);
        let (from, to) = match ask.between {
            None => (0, y.len()),
            Some((low, high)) => {
                let from = along.partition_point(|it| *it < low).saturating_sub(1);
                (from, (along.partition_point(|it| *it <= high) + 1).clamp(from, y.len()))
            }
        };
        let kept: Vec<usize> =
            m4(&along[from..to], &y[from..to], ask.columns).into_iter().map(|it| it as usize + from).collect();
        heads.push(SeriesHead {
            run: series.run.clone(),
            offset: count(values.len()),
            len: count(kept.len()),
            n_points: count(series.len()),
            completeness: series.completeness,
            fetched: cached.fetched,
            stale: *stale,
        });
        let pick = |from: &[f64], to: &mut Vec<f64>| to.extend(kept.iter().map(|at| from[*at]));
        pick(&series.steps, &mut steps);
        pick(&series.times, &mut times);
        pick(&y, &mut values);
    }
    Reply { answer: Answer::Series(heads), parts: [steps, times, values].map(Part::Numbers).into() }
}

/// Where a series' points stand along this axis, ascending.
pub(super) fn along(series: &Series, x: XAxis) -> Cow<'_, [f64]> {
    let first = series.times.first().copied().unwrap_or(0.0);
    match x {
        XAxis::Step => Cow::Borrowed(&series.steps),
        XAxis::Wall => Cow::Owned(ascending(series.times.iter().copied())),
        XAxis::Relative => Cow::Owned(ascending(series.times.iter().map(|it| it - first))),
    }
}

/// A clock that was set back stands still until it is past.
fn ascending(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut last = f64::NEG_INFINITY;
    times
        .map(|it| {
            last = if it > last { it } else { last };
            last
        })
        .collect()
}
