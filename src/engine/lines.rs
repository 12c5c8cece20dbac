//! The lines of charts, kept ready between two drawings.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::{self, StreamExt};
use halimede_columns::Column;
use halimede_raster::{Points, Range};

use super::points::{Held, Placed, along};
use super::protocol::{PlotOf, SeriesOf, XAxis};
use super::{Engine, Result};
use crate::model::order::sort_by;
use crate::model::{Completeness, Problem, RunId, Series};
use crate::query::fold_lines::{Folded, Folding, fold};
use crate::query::smooth::{Smooth, smooth};

/// Runs that are asked for before there is any picture, and then together.
pub(super) const FIRST_RUNS: usize = 16;
const MORE_RUNS: usize = 100;
/// A source that answers within it is read to the end.
const A_MOMENT_MS: f64 = 250.0;
/// So few points are not what there is to see of a sampled line.
const FEW_POINTS: usize = 160;
/// Requests for stretches that are under way together.
const AT_ONCE: usize = 2;
/// Stretches that are read before there is another picture.
const MOST_PARTS: usize = 16;
/// Stretches that are remembered of a line.
const MOST_REFINED: usize = 64;
/// What is kept ready at most; the charts drawn last stay.
const MOST_BYTES: usize = 192_000_000;
/// Of one line, so that a zoom finds its own.
const MOST_KEPT_ODD: usize = 5_000;

#[derive(Default)]
pub struct Lines(RefCell<Vec<Ready>>);

struct Ready {
    of: PlotOf,
    /// None: the run has no such series.
    lines: HashMap<RunId, Option<Rc<Line>>>,
}

/// One run's line, ready to be drawn.
#[derive(Clone)]
pub struct Line {
    pub points: Points,
    /// Behind a smoothed one.
    pub raw: Option<Points>,
    /// Of several runs as one: from where to where they spread.
    pub band: Option<(Points, Points)>,
    /// The same behind a smoothed one.
    raw_band: Option<(Points, Points)>,
    /// Not a number or infinite: x and the value.
    pub odd: Vec<(f64, f64)>,
    pub n_points: u32,
    pub completeness: Completeness,
    pub last: f64,
    pub stale: bool,
    /// What it is made of, in the order of its axis; none where runs are drawn as one.
    series: Option<Series>,
    /// From where to where more points were asked for, and whether these are all.
    refined: Vec<(Range, bool)>,
}

/// Whether a stretch is within another.
fn holds(outer: Range, inner: Range) -> bool {
    outer.low <= inner.low && outer.high >= inner.high
}

/// What was read of some runs' lines.
#[derive(Default)]
struct Read {
    lines: HashMap<RunId, Rc<Line>>,
    /// Not asked for yet.
    left: HashSet<RunId>,
    trouble: Option<Problem>,
}

/// What is ready of some runs' lines.
pub struct Found {
    /// In the order of the runs; None: the run has no such series, or it is not there yet.
    pub lines: Vec<Option<Rc<Line>>>,
    /// Some are not asked for yet.
    pub left: bool,
    /// Why some could not be.
    pub trouble: Option<Problem>,
}

impl Line {
    fn new(of: &PlotOf, it: &Placed) -> Self {
        let series = &it.cached.series;
        let line = Self::of(of.smooth, &it.x, &series.values);
        let completeness = series.completeness;
        Self { completeness, last: it.last, stale: it.stale, series: Some(series.clone()), ..line }
    }

    fn of(smooth_by: Smooth, x: &Column, y: &Column) -> Self {
        let not_finite = y.not_finite();
        // Of very many some from everywhere: marks show where they are.
        let every = not_finite.len().div_ceil(MOST_KEPT_ODD).max(1);
        let odd = not_finite.into_iter().step_by(every).map(|at| (x.at(at), y.at(at)));
        let points = Points::new(x, y);
        let (points, raw) = match smooth_by {
            Smooth::None => (points, None),
            how => (Points::new(x, smooth(&x.to_vec(), &y.to_vec(), how)), Some(points)),
        };
        Self {
            points,
            raw,
            band: None,
            raw_band: None,
            odd: odd.collect(),
            n_points: u32::try_from(y.len()).unwrap_or(u32::MAX),
            completeness: Completeness::Full,
            last: y.last().unwrap_or(f64::NAN),
            stale: false,
            series: None,
            refined: Vec::new(),
        }
    }

    /// Too few points are seen here of one whose source left out some.
    fn is_coarse(&self, seen: Range) -> bool {
        let is_done = |(range, all): &(Range, bool)| *range == seen || (*all && holds(*range, seen));
        self.completeness == Completeness::Sampled
            && self.exact().visible(seen).len() < FEW_POINTS
            && !self.refined.iter().any(is_done)
    }

    /// The steps between which more points would be seen. Along time they are those of the known points on both sides.
    fn steps_of(&self, x: &XAxis, seen: Range) -> Option<Range> {
        if *x == XAxis::Step {
            return Some(seen);
        }
        let (series, points) = (self.series.as_ref()?, self.exact());
        let places = points.visible(seen);
        let steps = Range { low: series.steps.at(places.start), high: series.steps.at(places.end.checked_sub(1)?) };
        (points.len() == series.len() && steps.low < steps.high).then_some(steps)
    }

    /// With what was read of a stretch between two steps beside what was known. `seen`: the stretch along x.
    fn refined(&self, x: &XAxis, seen: Range, steps: Range, read: Option<&Series>) -> Self {
        let Some(known) = &self.series else { return self.clone() };
        let points = |it: &Series, range: Range| {
            let point = |at: usize| (it.steps.at(at), it.times.at(at), it.values.at(at));
            (0..it.len()).map(point).filter(|it| (range.low..=range.high).contains(&it.0)).collect::<Vec<_>>()
        };
        // Steps are asked for as whole numbers; what a server gives beyond them was not asked for.
        let asked = Range { low: steps.low.floor(), high: steps.high.ceil() };
        let read_points = read.map(|it| points(it, asked)).unwrap_or_default();
        let key = |it: &(f64, f64, f64)| (it.0.to_bits(), it.2.to_bits());
        let has: HashSet<_> = read_points.iter().map(key).collect();
        let here = points(known, steps);
        // A server that does not give again what it gave before did not give all.
        let is_all =
            here.iter().all(|it| has.contains(&key(it))) && read.is_none_or(|it| it.completeness == Completeness::Full);
        let everywhere = Range { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let mut all = points(known, everywhere);
        all.retain(|it| !has.contains(&key(it)));
        all.extend(read_points);
        let series = Series::from_points(known.run.clone(), all, known.completeness);
        let mut refined = self.refined.clone();
        refined.retain(|it| !(is_all && holds(seen, it.0)));
        if refined.len() >= MOST_REFINED {
            refined.remove(0);
        }
        refined.push((seen, is_all));
        let line = Self::of(Smooth::None, &along(&series, x), &series.values);
        let (completeness, last, stale) = (self.completeness, self.last, self.stale);
        Self { completeness, last, stale, refined, series: Some(series), ..line }
    }

    /// Several as one, smoothed then. None: there is no line.
    pub fn folded(lines: &[Rc<Line>], how: Folding, smooth_by: Smooth) -> Option<Rc<Line>> {
        let [first, rest @ ..] = lines else { return None };
        if rest.is_empty() {
            return Some(first.clone());
        }
        let numbers = |it: &Rc<Line>| {
            let points = it.exact();
            (0..points.len()).map(|at| (points.x(at), points.value(at))).unzip()
        };
        let folded = fold(&lines.iter().map(numbers).collect::<Vec<_>>(), how);
        let last = folded.middle.last().copied().unwrap_or(f64::NAN);
        let drawn = |it: &Folded| {
            let points = |y: &[f64]| Points::new(&it.x, y);
            (points(&it.middle), (points(&it.low), points(&it.high)))
        };
        let (exact, exact_band) = drawn(&folded);
        let smooth = (smooth_by != Smooth::None).then(|| drawn(&folded.smoothed(smooth_by)));
        let ((points, band), raw) = match smooth {
            Some(smooth) => (smooth, Some((exact, exact_band))),
            None => ((exact, exact_band), None),
        };
        let (raw, raw_band) = raw.unzip();
        Some(Rc::new(Line {
            points,
            raw,
            band: Some(band),
            raw_band,
            odd: lines.iter().flat_map(|it| it.odd.iter().copied()).take(MOST_KEPT_ODD).collect(),
            n_points: lines.iter().map(|it| it.n_points).max().unwrap_or(0),
            completeness: lines
                .iter()
                .map(|it| it.completeness)
                .find(|it| *it != Completeness::Full)
                .unwrap_or(Completeness::Full),
            last,
            stale: lines.iter().any(|it| it.stale),
            series: None,
            refined: Vec::new(),
        }))
    }

    /// Its last point that has a place.
    pub fn end(&self) -> (f64, f64) {
        let points = &self.points;
        let at = (0..points.len()).rev().find(|at| points.y(*at).is_finite());
        at.map_or((f64::NAN, f64::NAN), |at| (points.x(at), points.y(at)))
    }

    fn size(&self) -> usize {
        let band = |it: &Option<(Points, Points)>| it.as_ref().map_or(0, |it| it.0.size() + it.1.size());
        let raw = self.raw.as_ref().map_or(0, Points::size);
        self.points.size() + raw + band(&self.band) + band(&self.raw_band) + 16 * self.odd.len() + 200
    }

    /// The points themselves, not smoothed.
    pub fn exact(&self) -> &Points {
        self.raw.as_ref().unwrap_or(&self.points)
    }

    pub fn exact_band(&self) -> Option<&(Points, Points)> {
        self.raw_band.as_ref().or(self.band.as_ref())
    }
}

impl Engine {
    /// The lines of these runs, in their order. What is not ready is read: as much as makes a first
    /// picture, and what is far away only where it may be waited for.
    pub(super) async fn ready(&self, of: &PlotOf, runs: &[RunId], may_wait: bool) -> Result<Found> {
        let (missing, has_some) = {
            let plots = self.0.plots.lines.0.borrow();
            let held = plots.iter().find(|it| it.of == *of);
            let is_missing = |it: &&RunId| held.is_none_or(|held| !held.lines.contains_key(it));
            let missing: Vec<RunId> = runs.iter().filter(is_missing).cloned().collect();
            (missing, runs.iter().any(|run| held.is_some_and(|it| it.lines.get(run).is_some_and(Option::is_some))))
        };
        let Read { lines: read, left, trouble } = self.read(of, &missing, may_wait, has_some).await?;
        let mut plots = self.0.plots.lines.0.borrow_mut();
        let mut ready = match plots.iter().position(|it| it.of == *of) {
            Some(at) => plots.remove(at),
            None => Ready { of: of.clone(), lines: HashMap::new() },
        };
        // What could not be asked for, or was not yet, is asked for the next time. What another question
        // made ready meanwhile stays.
        for run in missing.iter().filter(|it| !left.contains(*it)) {
            match read.get(run) {
                Some(line) if line.stale => {}
                Some(line) => {
                    ready.lines.insert(run.clone(), Some(line.clone()));
                }
                None if trouble.is_some() => {}
                None => {
                    ready.lines.entry(run.clone()).or_insert(None);
                }
            }
        }
        let line = |run: &RunId| read.get(run).cloned().or_else(|| ready.lines.get(run).cloned().flatten());
        let found = runs.iter().map(line).collect();
        if ready.lines.len() > 2 * runs.len() + 64 {
            ready.lines.retain(|run, _| runs.contains(run));
        }
        // An older reading of the same is of no use any more.
        plots.retain(|it| it.of.series != of.series || it.of.smooth != of.smooth);
        plots.push(ready);
        let size = |it: &Ready| it.lines.values().flatten().map(|it| it.size()).sum::<usize>();
        while plots.len() > 1 && plots.iter().map(size).sum::<usize>() > MOST_BYTES {
            plots.remove(0);
        }
        Ok(Found { lines: found, left: !left.is_empty(), trouble })
    }

    /// Reads what is missing: of the cache all, of the source as many runs as come within a moment, but
    /// some where there is nothing to show meanwhile.
    async fn read(&self, of: &PlotOf, missing: &[RunId], may_wait: bool, has_some: bool) -> Result<Read> {
        let mut read = Read::default();
        if !self.keeps(&of.series.project.source) {
            // Of a file that is open a few runs at a time are copied.
            for some in missing.chunks(64) {
                let held = self.held_series(&of.series, some, usize::MAX).await?;
                self.take(of, held, &mut read).await?;
            }
            return Ok(read);
        }
        let started = self.now();
        let (mut rest, mut waits, mut at_once) = (missing.to_vec(), may_wait, MORE_RUNS);
        while !rest.is_empty() {
            match self.held_series(&of.series, &rest, if waits { at_once } else { 0 }).await {
                Ok(held) => {
                    rest = held.left.clone();
                    self.take(of, held, &mut read).await?;
                }
                Err(problem) if has_some || !read.lines.is_empty() => {
                    read.trouble = Some(problem);
                    rest.clear();
                }
                Err(problem) => return Err(problem),
            }
            match waits {
                false if read.lines.is_empty() && !has_some => (waits, at_once) = (true, FIRST_RUNS),
                false => break,
                true if self.now() - started >= A_MOMENT_MS => break,
                true => at_once = (2 * at_once).max(MORE_RUNS),
            }
        }
        read.left = rest.into_iter().collect();
        Ok(read)
    }

    async fn take(&self, of: &PlotOf, held: Held, into: &mut Read) -> Result<()> {
        if held.trouble.is_some() {
            into.trouble = held.trouble;
        }
        for it in self.placed(&of.series, held.found).await? {
            into.lines.insert(it.cached.series.run.clone(), Rc::new(Line::new(of, &it)));
        }
        Ok(())
    }

    /// What is ready of these runs, without asking anyone. None: nothing is.
    pub(super) fn at_hand(&self, of: &PlotOf, runs: &[RunId]) -> Option<Vec<Option<Rc<Line>>>> {
        let plots = self.0.plots.lines.0.borrow();
        let held = plots.iter().find(|it| it.of == *of)?;
        Some(runs.iter().map(|it| held.lines.get(it).cloned().flatten()).collect())
    }

    /// The series of a run with all points that a zoom read of it.
    pub(super) fn refined_series(&self, of: &SeriesOf, run: &RunId) -> Option<Series> {
        let plots = self.0.plots.lines.0.borrow();
        let held = plots.iter().find(|it| it.of.series == *of && it.of.smooth == Smooth::None)?;
        let line = held.lines.get(run)?.as_ref().filter(|it| !it.refined.is_empty())?;
        line.series.clone()
    }

    /// Those of which too few points are seen between two places along x. A smoothed line stays as it is: made of
    /// more points in one stretch it would be another there.
    pub(super) fn coarse(of: &PlotOf, runs: &[RunId], lines: &[Option<Rc<Line>>], seen: Range) -> Vec<RunId> {
        if matches!(of.series.x, XAxis::Metric(_)) || of.smooth != Smooth::None {
            return Vec::new();
        }
        // Of one that lies beside what is seen nothing more is to be had.
        let is_coarse = |it: &Option<Rc<Line>>| {
            it.as_ref().is_some_and(|it| it.is_coarse(seen) && it.steps_of(&of.series.x, seen).is_some())
        };
        runs.iter().zip(lines).filter(|it| is_coarse(it.1)).map(|it| it.0.clone()).take(MORE_RUNS).collect()
    }

    /// Reads more points of these runs between two places along x. False: there was nothing to be had.
    pub(super) async fn refine(&self, of: &PlotOf, runs: &[RunId], seen: Range) -> bool {
        let lines = self.at_hand(of, runs).unwrap_or_default();
        let steps = |line: &Option<Rc<Line>>| line.as_ref()?.steps_of(&of.series.x, seen);
        let mut wanted: HashMap<RunId, Range> =
            runs.iter().zip(&lines).filter_map(|(run, line)| Some((run.clone(), steps(line)?))).collect();
        let mut parts = together(wanted.iter().map(|it| (it.0.clone(), *it.1)).collect());
        parts.truncate(MOST_PARTS);
        wanted.retain(|run, _| parts.iter().any(|it| it.0.contains(run)));
        let ask = |(runs, steps): &(Vec<RunId>, Range)| {
            let (series, runs, steps) = (of.series.clone(), runs.clone(), (steps.low, steps.high));
            async move { self.series_between(&series, &runs, steps).await }.boxed_local()
        };
        let asked: Vec<LocalBoxFuture<_>> = parts.iter().map(ask).collect();
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        let mut read: HashMap<RunId, Series> = HashMap::new();
        while let Some(answer) = answers.next().await {
            let Ok(series) = answer else { return false };
            read.extend(series.into_iter().map(|it| (it.run.clone(), it)));
        }
        let mut plots = self.0.plots.lines.0.borrow_mut();
        let Some(ready) = plots.iter_mut().find(|it| it.of == *of) else { return false };
        let mut is_any = false;
        for (run, steps) in &wanted {
            let Some(Some(line)) = ready.lines.get_mut(run) else { continue };
            *line = Rc::new(line.refined(&of.series.x, seen, *steps, read.get(run)));
            is_any = true;
        }
        is_any
    }
}

/// Runs of which about the same steps are wanted are asked for together: of more steps than it needs, each would have
/// fewer points.
fn together(mut wanted: Vec<(RunId, Range)>) -> Vec<(Vec<RunId>, Range)> {
    sort_by(&mut wanted, |a, b| a.1.low.total_cmp(&b.1.low).then(a.0.cmp(&b.0)));
    let mut parts: Vec<(Vec<RunId>, Range)> = Vec::new();
    // Of the last part, what the run needs that needs least.
    let mut least = 0.0;
    for (run, steps) in wanted {
        let width = |it: Range| it.high - it.low;
        let joined = |it: Range| Range { low: it.low.min(steps.low), high: it.high.max(steps.high) };
        match parts.last_mut().filter(|it| width(joined(it.1)) <= 2.0 * width(steps).min(least)) {
            Some(part) => {
                part.0.push(run);
                part.1 = joined(part.1);
                least = width(steps).min(least);
            }
            None => {
                parts.push((vec![run], steps));
                least = width(steps);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_went_at_the_same_pace_are_asked_for_together() {
        let of = |run: &str, low: f64, high: f64| (RunId::from(run), Range { low, high });
        let parts = together(vec![of("a", 0.0, 100.0), of("slow", 10.0, 20.0), of("b", 5.0, 110.0)]);
        let said: Vec<(usize, f64, f64)> = parts.iter().map(|it| (it.0.len(), it.1.low, it.1.high)).collect();
        assert_eq!(said, [(2, 0.0, 110.0), (1, 10.0, 20.0)]);
        // None is asked for many times what it needs because others stand between.
        let chain = [10.0, 20.0, 40.0, 80.0].map(|it| of("r", 0.0, it));
        assert_eq!(together(chain.into()).len(), 2);
        assert!(together(Vec::new()).is_empty());
    }
}
