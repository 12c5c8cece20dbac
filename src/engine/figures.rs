//! Figures of whole series for filters, sorts and columns: from the cache, else read in the
//! background, a batch of runs at a time, and only for the runs that the question turns on.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};

use super::Engine;
use super::protocol::{Event, Gathering};
use super::table::ProjectSlot;
use crate::model::figures::Figures;
use crate::model::{Figure, MetricValue, Problem, ProjectKey, RunId, RunTable};
use crate::query::bits::Bits;
use crate::query::cells::Cell;
use crate::query::column::Numbers;
use crate::query::filter::apply::{self, FigureColumn};
use crate::sources::Reading;
use crate::store::layout;
use crate::sync::retry::retrying;

/// Runs in one request, and in one step of progress.
const BATCH: usize = 100;
/// Of sources that hold all points at hand.
const LOCAL_BATCH: usize = 20;
/// The cache is written after this many batches, and at the end.
const SAVE_EVERY: usize = 50;

#[derive(Default)]
pub struct FigureCache {
    metrics: RefCell<BTreeMap<String, Rc<RefCell<OfMetric>>>>,
    /// Counts changes, so that an order made with old figures is made again.
    pub generation: std::cell::Cell<u64>,
}

#[derive(Default)]
struct OfMetric {
    is_loaded: bool,
    by_run: HashMap<RunId, Figures>,
    /// Runs without a single point of the metric, though the table had this last value.
    empty: HashMap<RunId, Option<MetricValue>>,
    queue: Vec<RunId>,
    /// In the queue or being read.
    awaited: HashSet<RunId>,
    total: usize,
    job: Option<AbortHandle>,
    problem: Option<Problem>,
    stopped: bool,
}

/// Columns of the figures as they are known now.
pub struct FigureColumns(HashMap<(Figure, String), FigureColumn>);

impl apply::Figures for FigureColumns {
    fn get(&self, figure: Figure, metric: &str) -> Option<&FigureColumn> {
        self.0.get(&(figure, metric.to_owned()))
    }
}

impl FigureCache {
    /// What is known of these figures, row by row.
    pub fn columns(&self, wanted: &[(Figure, String)], table: &RunTable) -> FigureColumns {
        let mut columns = HashMap::new();
        for (figure, metric) in wanted {
            let of = self.of(metric);
            let of = of.borrow();
            let n = table.len();
            let mut column = FigureColumn { values: Numbers::missing(n), known: Bits::none(n) };
            for (row, id) in (0u32..).zip(table.ids()) {
                if let Some(it) = of.by_run.get(id) {
                    // A sample says nothing of how many points there are.
                    if !(it.is_sampled && *figure == Figure::Count) {
                        column.values.set(row, it.get(*figure).0);
                    }
                    column.known.set(row);
                } else if of.empty.contains_key(id) {
                    column.known.set(row);
                }
            }
            columns.insert((*figure, metric.clone()), column);
        }
        FigureColumns(columns)
    }

    /// Where the value of a figure stands, and which rows have it of a sample only.
    pub fn places(&self, figure: Figure, metric: &str, table: &RunTable) -> (Numbers, Bits) {
        let (mut steps, mut sampled) = (Numbers::missing(table.len()), Bits::none(table.len()));
        let of = self.of(metric);
        let of = of.borrow();
        for (row, id) in (0u32..).zip(table.ids()) {
            if let Some(it) = of.by_run.get(id) {
                if let (_, Some(step)) = it.get(figure) {
                    steps.set(row, step);
                }
                sampled.set_if(row, it.is_sampled);
            }
        }
        (steps, sampled)
    }

    /// The course of one run's metric.
    pub fn curve(&self, metric: &str, run: &RunId) -> Cell {
        let of = self.of(metric);
        let of = of.borrow();
        match of.by_run.get(run) {
            Some(it) => Cell::Curve(it.shape.clone()),
            None if of.empty.contains_key(run) => Cell::Missing,
            None => Cell::NotLoaded,
        }
    }

    /// Rows whose series grew since their figures were read: a filter still goes by the old ones, so
    /// they are read again.
    pub fn old(&self, metric: &str, table: &RunTable) -> Vec<u32> {
        let of = self.of(metric);
        let of = of.borrow();
        let Some(column) = table.metrics.get(metric) else { return Vec::new() };
        let is_old = |row: &u32| {
            let read = of.by_run.get(table.id(*row)).map(|it| it.last);
            let read = read.or_else(|| of.empty.get(table.id(*row)).copied());
            read.is_some_and(|it| it != column.get(*row))
        };
        column.rows.iter().filter(is_old).collect()
    }

    fn of(&self, metric: &str) -> Rc<RefCell<OfMetric>> {
        self.metrics.borrow_mut().entry(metric.to_owned()).or_default().clone()
    }

    /// What is being read, for the line that says so.
    pub fn gathering(&self) -> Option<Gathering> {
        let mut all: Option<Gathering> = None;
        for (metric, of) in &*self.metrics.borrow() {
            let of = of.borrow();
            if of.job.is_none() && of.problem.is_none() {
                continue;
            }
            let (total, left) = (of.total, of.awaited.len().min(of.total));
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let all = all.get_or_insert_with(|| Gathering { metric: metric.clone(), ..Gathering::default() });
            all.done += count(total - left);
            all.total += count(total);
            all.is_running |= of.job.is_some();
            all.problem = all.problem.take().or(of.problem.clone());
        }
        all
    }

    pub fn stop(&self) {
        for of in self.metrics.borrow().values() {
            let mut of = of.borrow_mut();
            of.stopped = true;
            of.queue.clear();
            of.awaited.clear();
            of.total = 0;
            of.problem = None;
            if let Some(job) = of.job.take() {
                job.abort();
            }
        }
    }

    /// After a stop or a failure: what is asked for is read again.
    pub fn retry(&self) {
        for of in self.metrics.borrow().values() {
            let mut of = of.borrow_mut();
            of.stopped = false;
            of.problem = None;
        }
    }

    fn changed(&self) {
        self.generation.set(self.generation.get() + 1);
    }
}

impl Engine {
    /// Reads what the cache holds of these metrics, once.
    pub(super) async fn load_figures(&self, key: &ProjectKey, slot: &ProjectSlot, metrics: &[&str]) {
        for metric in metrics {
            let of = slot.figures.of(metric);
            if of.borrow().is_loaded {
                continue;
            }
            let at = layout::figures_key(key, metric);
            let held = layout::read::<Vec<(RunId, Figures)>>(self.store(), at).await.ok().flatten().unwrap_or_default();
            // Another question may have read it meanwhile, or newer ones from the source.
            let mut of = of.borrow_mut();
            if !std::mem::replace(&mut of.is_loaded, true) {
                for (run, figures) in held {
                    of.by_run.entry(run).or_insert(figures);
                }
                slot.figures.changed();
            }
        }
    }

    /// Sees to it that the figures of these rows are read, or read again where they are old.
    pub(super) fn gather(
        &self,
        key: &ProjectKey,
        slot: &Rc<ProjectSlot>,
        metric: &str,
        rows: impl Iterator<Item = u32>,
    ) {
        let of = slot.figures.of(metric);
        let table = slot.table.borrow();
        let Some(column) = table.metrics.get(metric) else { return };
        let mut state = of.borrow_mut();
        if state.stopped || state.problem.is_some() {
            return;
        }
        let mut new = Vec::new();
        for row in rows {
            let id = table.id(row);
            let Some(last) = column.get(row) else { continue };
            let is_known = state.by_run.get(id).is_some_and(|it| it.last == Some(last))
                || state.empty.get(id).is_some_and(|it| *it == Some(last));
            if !is_known && !state.awaited.contains(id) {
                new.push(id.clone());
            }
        }
        if new.is_empty() {
            return;
        }
        if state.job.is_none() {
            state.total = 0;
        }
        state.total += new.len();
        state.awaited.extend(new.iter().cloned());
        // The newest wish first: it is what the person looks at.
        new.reverse();
        state.queue.append(&mut new);
        if state.job.is_some() {
            return;
        }
        let (handle, registration) = AbortHandle::new_pair();
        state.job = Some(handle);
        drop(state);
        let (engine, key, slot, metric) = (self.clone(), key.clone(), slot.clone(), metric.to_owned());
        self.spawn(async move {
            let work = engine.gather_all(&key, &slot, &metric);
            let outcome = Abortable::new(work, registration).await;
            let of = slot.figures.of(&metric);
            if let Ok(outcome) = outcome {
                let mut of = of.borrow_mut();
                of.job = None;
                of.problem = outcome.err();
                of.queue.clear();
                of.awaited.clear();
            }
            engine.save_figures(&key, &slot, &metric).await;
            slot.figures.changed();
            engine.announce(Event::Runs(key));
        });
    }

    async fn gather_all(&self, key: &ProjectKey, slot: &ProjectSlot, metric: &str) -> super::Result<()> {
        let source = self.open(&key.source).await?;
        let sampled = self.0.known.borrow().get(&key.source).and_then(|it| it.info.capabilities.sampled);
        let (reading, batch) = match sampled {
            Some((points, runs)) => (Reading::Sampled { points, steps: None }, BATCH.min(runs as usize)),
            None => (Reading::Full, LOCAL_BATCH),
        };
        let clock = self.0.outside.clock.clone();
        let of = slot.figures.of(metric);
        for n in 1usize.. {
            let runs: Vec<RunId> = {
                let mut of = of.borrow_mut();
                let from = of.queue.len().saturating_sub(batch);
                of.queue.split_off(from)
            };
            if runs.is_empty() {
                return Ok(());
            }
            // As it was before: what changes while it is read is read again.
            let last: HashMap<RunId, _> = {
                let table = slot.table.borrow();
                let column = table.metrics.get(metric);
                let value = |id: &RunId| column.and_then(|it| it.get(table.row_of(id)?));
                runs.iter().map(|id| (id.clone(), value(id))).collect()
            };
            let attempt = || source.series(&key.project, metric, &runs, reading);
            let series = retrying(clock.as_ref(), &|_, _| {}, attempt).await?;
            {
                let mut of = of.borrow_mut();
                let mut without: HashSet<RunId> = runs.iter().cloned().collect();
                for it in &series {
                    if let Some(figures) = Figures::of(it, last.get(&it.run).copied().flatten()) {
                        without.remove(&it.run);
                        of.by_run.insert(it.run.clone(), figures);
                    }
                }
                for run in &runs {
                    of.awaited.remove(run);
                }
                of.empty.extend(without.into_iter().map(|run| {
                    let last = last.get(&run).copied().flatten();
                    (run, last)
                }));
            }
            slot.figures.changed();
            self.announce(Event::Runs(key.clone()));
            if n.is_multiple_of(SAVE_EVERY) {
                self.save_figures(key, slot, metric).await;
            }
        }
        Ok(())
    }

    async fn save_figures(&self, key: &ProjectKey, slot: &ProjectSlot, metric: &str) {
        if slot.gone.get() || !self.keeps(&key.source) {
            return;
        }
        let held: Vec<(RunId, Figures)> =
            slot.figures.of(metric).borrow().by_run.iter().map(|it| (it.0.clone(), it.1.clone())).collect();
        // They can be read again, so a cache that is full costs time only.
        let _ = layout::write_figures(self.store(), key, metric, held).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Completeness, Run, Series};

    #[test]
    fn figures_of_a_series_that_grew_are_read_again() {
        let value = |value: f64| MetricValue { value, step: value, time: 0.0 };
        let mut run = Run::empty("a".into());
        run.metrics = vec![("loss".into(), value(1.0))];
        let mut table = RunTable::default();
        table.upsert(&run);
        let cache = FigureCache::default();
        assert_eq!(cache.old("loss", &table), [0u32; 0], "nothing was read yet");
        let series = Series::from_points("a".into(), vec![(1.0, 0.0, 1.0)], Completeness::Full);
        let figures = Figures::of(&series, Some(value(1.0))).expect("a point");
        cache.of("loss").borrow_mut().by_run.insert("a".into(), figures);
        assert_eq!(cache.old("loss", &table), [0u32; 0]);
        run.metrics = vec![("loss".into(), value(2.0))];
        table.upsert(&run);
        assert_eq!(cache.old("loss", &table), [0]);
    }
}
