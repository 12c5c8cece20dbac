//! Series: from the cache where that answers, else fetched, then thinned for the picture.

use std::collections::{HashMap, HashSet};

use halimede_columns::Column;

use super::protocol::{Answer, Part, SeriesAsk, SeriesHead, SeriesOf, Want, XAxis};
use super::{Engine, Reply, Result};
use crate::model::{Problem, RunId, Series, SourceId};
use crate::query::derived::Formula;
use crate::query::downsample::m4;
use crate::query::join::by_step;
use crate::query::smooth::smooth;
use crate::sources::Reading;
use crate::store::series::{self, CachedSeries};
use crate::sync::retry::retrying;
use crate::sync::series::{Known, wanted};
use crate::sync::turns::Turn;

/// Of a few runs; more are asked for in several requests at once.
const RUNS_OF_A_REQUEST: usize = 4;

/// What is known of some runs' series.
pub(super) struct Held {
    /// In their order, without those that have none; and whether each could not be asked for again.
    pub found: Vec<(CachedSeries, bool)>,
    /// Not asked for yet.
    pub left: Vec<RunId>,
    /// Why some could not be.
    pub trouble: Option<Problem>,
}

/// A series in the order of an axis.
pub(super) struct Placed {
    pub cached: CachedSeries,
    pub x: Column,
    /// The last value by step, wherever that stands.
    pub last: f64,
    /// It could not be asked for again.
    pub stale: bool,
}

impl Engine {
    pub(super) async fn series(&self, ask: SeriesAsk) -> Result<Reply> {
        let held = self.held_series(&ask.of, &ask.runs, usize::MAX).await?;
        let mut placed = self.placed(&ask.of, held.found).await?;
        for it in &mut placed {
            // As it is on the screen.
            if let Some(series) = self.refined_series(&ask.of, &it.cached.series.run) {
                it.x = series.steps.clone();
                it.cached.series = series;
            }
        }
        Ok(thinned(&placed, &ask))
    }

    /// The series of these runs. At most so many are asked for now.
    pub(super) async fn held_series(&self, of: &SeriesOf, runs: &[RunId], at_once: usize) -> Result<Held> {
        if let Some(formula) = Formula::of(&of.metric) {
            let formula = formula.map_err(|it| Problem::malformed("the calculation", it.message))?;
            return self.derived_series(of, &formula, runs, at_once).await;
        }
        let slot = self.loaded(&of.project).await;
        let reading = match of.want {
            Want::Sampled(points) => Reading::Sampled { points, steps: None },
            Want::Full => Reading::Full,
        };
        let cached = series::read_series(self.store(), &of.project, &of.metric).await.unwrap_or_default();
        let mut held: HashMap<RunId, (CachedSeries, bool)> =
            cached.into_iter().map(|it| (it.series.run.clone(), (it, false))).collect();
        let known = |run: &RunId| {
            let table = slot.table.borrow();
            let row = table.row_of(run);
            Known {
                ended: row.is_some_and(|row| !table.status[row as usize].is_live()),
                last: row.and_then(|row| table.metrics.get(&of.metric)?.get(row)),
            }
        };
        let cached: Vec<CachedSeries> = runs.iter().filter_map(|it| held.get(it).map(|it| it.0.clone())).collect();
        let mut missing = wanted(runs, &cached, reading, self.now(), known);
        let mut left = missing.split_off(at_once.min(missing.len()));
        let mut trouble = None;
        if !missing.is_empty() {
            // As it was before the reading: what changes while it is read is read again.
            let before: HashMap<RunId, Known> = missing.iter().map(|it| (it.clone(), known(it))).collect();
            let can_wait = !missing.iter().all(|it| held.contains_key(it));
            match self.fetch_series(of, &missing, reading, can_wait, !left.is_empty()).await {
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
                        self.keep_series(of, new.clone());
                    }
                    held.extend(new.into_iter().map(|it| (it.series.run.clone(), (it, false))));
                }
                Err(problem) => {
                    let problem = match problem {
                        Problem::Unreachable { .. } | Problem::Closed { .. } | Problem::TimedOut { .. } => {
                            Problem::NotCached { what: of.metric.clone() }
                        }
                        other => other,
                    };
                    if !runs.iter().any(|it| held.contains_key(it)) {
                        return Err(problem);
                    }
                    // Nor would the others be heard.
                    missing.append(&mut left);
                    trouble = Some(problem);
                    for (cached, stale) in held.values_mut() {
                        *stale = missing.contains(&cached.series.run);
                    }
                }
            }
        }
        let found = runs.iter().filter_map(|run| held.remove(run)).filter(|it| !it.0.series.is_empty());
        Ok(Held { found: found.collect(), left, trouble })
    }

    /// Calculated of those that were logged; runs that lack one of them have none.
    async fn derived_series(&self, of: &SeriesOf, formula: &Formula, runs: &[RunId], at_once: usize) -> Result<Held> {
        let mut parts = Vec::new();
        for metric in &formula.names {
            let want = if formula.needs_all(metric) { Want::Full } else { of.want };
            let of = SeriesOf { metric: metric.clone(), want, ..of.clone() };
            parts.push(Box::pin(self.held_series(&of, runs, at_once)).await?);
        }
        let left: HashSet<&RunId> = parts.iter().flat_map(|it| &it.left).collect();
        let by_run: Vec<HashMap<&RunId, &(CachedSeries, bool)>> =
            parts.iter().map(|it| it.found.iter().map(|one| (&one.0.series.run, one)).collect()).collect();
        let one = |run: &RunId| {
            let of: Vec<&(CachedSeries, bool)> = by_run.iter().map(|it| it.get(run).copied()).collect::<Option<_>>()?;
            let series = formula.series(&of.iter().map(|it| &it.0.series).collect::<Vec<_>>())?;
            let first = &of.first()?.0;
            let fetched = of.iter().map(|it| it.0.fetched).fold(f64::INFINITY, f64::min);
            let cached = CachedSeries { settled: false, last: None, series, asked: first.asked, fetched };
            Some((cached, of.iter().any(|it| it.1)))
        };
        let found = runs.iter().filter(|it| !left.contains(it)).filter_map(one).collect();
        let left = runs.iter().filter(|it| left.contains(it)).cloned().collect();
        let trouble = parts.iter().find_map(|it| it.trouble.clone());
        Ok(Held { found, left, trouble })
    }

    /// Where their points stand along the axis. Where that is another metric, it is read too, and runs
    /// without it have no points.
    pub(super) async fn placed(&self, of: &SeriesOf, found: Vec<(CachedSeries, bool)>) -> Result<Vec<Placed>> {
        let last = |it: &CachedSeries| it.series.values.last().unwrap_or(f64::NAN);
        let XAxis::Metric(name) = &of.x else {
            let placed = |(cached, stale): (CachedSeries, bool)| Placed {
                x: along(&cached.series, &of.x),
                last: last(&cached),
                cached,
                stale,
            };
            return Ok(found.into_iter().map(placed).collect());
        };
        let runs: Vec<RunId> = found.iter().map(|it| it.0.series.run.clone()).collect();
        let other = SeriesOf { metric: name.clone(), x: XAxis::Step, ..of.clone() };
        let by = if runs.is_empty() { Vec::new() } else { self.held_series(&other, &runs, usize::MAX).await?.found };
        let by: HashMap<&RunId, &CachedSeries> = by.iter().map(|it| (&it.0.series.run, &it.0)).collect();
        let placed = |(mut cached, stale): (CachedSeries, bool)| {
            let last = last(&cached);
            let (ordered, x) = by_step(&cached.series, &by.get(&cached.series.run)?.series);
            cached.series = ordered;
            Some(Placed { cached, x: x.into(), last, stale })
        };
        Ok(found.into_iter().filter_map(placed).filter(|it| !it.x.is_empty()).collect())
    }

    /// Points between two steps, more of them than were read before.
    pub(super) async fn series_between(&self, of: &SeriesOf, runs: &[RunId], steps: (f64, f64)) -> Result<Vec<Series>> {
        let Want::Sampled(points) = of.want else { return Ok(Vec::new()) };
        // More points of each would be at other steps.
        if Formula::of(&of.metric).is_some() {
            return Ok(Vec::new());
        }
        let reading = Reading::Sampled { points, steps: Some(steps) };
        self.fetch_series(of, runs, reading, false, false).await
    }

    /// Writes them to the cache once they are on screen. One that is full must not keep a curve from
    /// being drawn.
    fn keep_series(&self, of: &SeriesOf, new: Vec<CachedSeries>) {
        const A_MOMENT_MS: f64 = 100.0;
        let (engine, of) = (self.clone(), of.clone());
        self.spawn(async move {
            engine.0.outside.clock.sleep(A_MOMENT_MS).await;
            // Forgotten meanwhile, it must not come back.
            if !engine.keeps(&of.project.source) || engine.slot(&of.project).gone.get() {
                return;
            }
            let _ = series::write_series(engine.store(), &of.project, &of.metric, new).await;
        });
    }

    /// Tries again only where there is nothing to show meanwhile: old points are better than a wait. Where the
    /// rest of them is about to be asked for, nobody else comes between.
    async fn fetch_series(
        &self,
        of: &SeriesOf,
        runs: &[RunId],
        reading: Reading,
        can_wait: bool,
        is_more: bool,
    ) -> Result<Vec<Series>> {
        let id = &of.project.source;
        let source = self.open(id).await?;
        let turn = self.turn(of, runs.len()).await;
        let clock = self.0.outside.clock.clone();
        let attempt = || source.series(&of.project.project, &of.metric, runs, reading);
        let is_down = matches!(
            self.0.known.borrow().get(id).map(|it| &it.info.health),
            Some(crate::model::Health::Trouble(Problem::Unreachable { .. } | Problem::TimedOut { .. }))
        );
        let outcome =
            if is_down || !can_wait { attempt().await } else { retrying(clock.as_ref(), &|_, _| {}, attempt).await };
        self.note_outcome(id, &outcome);
        if let Some(turn) = turn.filter(|_| is_more && outcome.is_ok()) {
            self.keep_turn(id, turn);
        }
        outcome
    }

    /// Trackers answer one chart after the other; files are read at once.
    async fn turn(&self, of: &SeriesOf, n_runs: usize) -> Option<Turn> {
        let id = &of.project.source;
        let is_remote = self.0.known.borrow().get(id).is_some_and(|it| it.info.capabilities.remote);
        if !is_remote {
            return None;
        }
        let turns = self.0.turns.borrow_mut().entry(id.clone()).or_default().clone();
        let weight = u32::try_from(n_runs.div_ceil(RUNS_OF_A_REQUEST)).unwrap_or(u32::MAX);
        Some(turns.turn(&format!("{} {}", of.project.project, of.metric), weight).await)
    }

    /// The page comes back for more once it has drawn what there is, or it does not.
    fn keep_turn(&self, id: &SourceId, turn: Turn) {
        const A_MOMENT_MS: f64 = 60.0;
        turn.keep();
        let Some(turns) = self.0.turns.borrow().get(id).cloned() else { return };
        let clock = self.0.outside.clock.clone();
        self.spawn(async move {
            clock.sleep(A_MOMENT_MS).await;
            turns.let_go();
        });
    }
}

/// Keeps what `columns` columns of pixels can show, and lays all series end to end.
fn thinned(found: &[Placed], ask: &SeriesAsk) -> Reply {
    let mut heads = Vec::new();
    let [mut steps, mut times, mut values, mut places] = [const { Vec::new() }; 4];
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for Placed { cached, x, stale, .. } in found {
        let series = &cached.series;
        let along = x.to_vec();
        let y = smooth(&along, &series.values.to_vec(), ask.smooth);
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
        steps.extend(kept.iter().map(|at| series.steps.at(*at)));
        places.extend(kept.iter().map(|at| along[*at]));
        times.extend(kept.iter().map(|at| series.times.at(*at)));
        values.extend(kept.iter().map(|at| y[*at]));
    }
    Reply { answer: Answer::Series(heads), parts: [steps, times, values, places].map(Part::Numbers).into() }
}

/// Where a series' points stand along an axis that is its own, ascending.
pub(super) fn along(series: &Series, x: &XAxis) -> Column {
    let times = || if series.times.is_sorted() { series.times.clone() } else { ascending(series.times.iter()) };
    match (x, times()) {
        (XAxis::Step | XAxis::Metric(_), _) => series.steps.clone(),
        (XAxis::Wall, times) => times,
        (XAxis::Relative, Column::Even { step, n, .. }) => Column::Even { first: 0.0, step, n },
        (XAxis::Relative, times) => {
            let first = times.first().unwrap_or(0.0);
            times.iter().map(|it| it - first).collect::<Vec<f64>>().into()
        }
    }
}

/// A clock that was set back stands still until it is past.
fn ascending(times: impl Iterator<Item = f64>) -> Column {
    let mut last = f64::NEG_INFINITY;
    let all: Vec<f64> = times
        .map(|it| {
            last = if it > last { it } else { last };
            last
        })
        .collect();
    all.into()
}
