//! The lines of charts, kept ready between two drawings.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use halimede_raster::Points;

use super::points::along;
use super::protocol::PlotOf;
use super::{Engine, Result};
use crate::model::{Completeness, RunId};
use crate::query::fold_lines::{Folding, fold};
use crate::query::smooth::{Smooth, smooth};
use crate::store::series::CachedSeries;

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
pub struct Line {
    pub points: Points,
    /// Behind a smoothed one.
    pub raw: Option<Points>,
    /// Of several runs as one: from where to where they spread.
    pub band: Option<(Points, Points)>,
    /// Not a number or infinite: x and the value.
    pub odd: Vec<(f64, f64)>,
    pub n_points: u32,
    pub completeness: Completeness,
    pub last: f64,
    pub stale: bool,
}

impl Line {
    fn new(of: &PlotOf, cached: &CachedSeries, stale: bool) -> Self {
        let series = &cached.series;
        let (x, y) = (along(series, of.series.x), &series.values);
        let odd = y.not_finite().into_iter().take(MOST_KEPT_ODD).map(|at| (x.at(at), y.at(at)));
        let points = Points::new(&x, y);
        let (points, raw) = match of.smooth {
            Smooth::None => (points, None),
            how => (Points::new(&x, smooth(&x.to_vec(), &y.to_vec(), how)), Some(points)),
        };
        Self {
            points,
            raw,
            band: None,
            odd: odd.collect(),
            n_points: u32::try_from(series.len()).unwrap_or(u32::MAX),
            completeness: series.completeness,
            last: y.last().unwrap_or(f64::NAN),
            stale,
        }
    }

    /// Several as one. None: there is no line.
    pub fn folded(lines: &[Rc<Line>], how: Folding) -> Option<Rc<Line>> {
        let [first, rest @ ..] = lines else { return None };
        if rest.is_empty() {
            return Some(first.clone());
        }
        let numbers = |it: &Rc<Line>| {
            let points = &it.points;
            (0..points.len()).map(|at| (points.x(at), points.y(at))).unzip()
        };
        let folded = fold(&lines.iter().map(numbers).collect::<Vec<_>>(), how);
        let points = |y: &[f64]| Points::new(&folded.x, y);
        Some(Rc::new(Line {
            points: points(&folded.middle),
            raw: None,
            band: Some((points(&folded.low), points(&folded.high))),
            odd: lines.iter().flat_map(|it| it.odd.iter().copied()).take(MOST_KEPT_ODD).collect(),
            n_points: lines.iter().map(|it| it.n_points).max().unwrap_or(0),
            completeness: lines
                .iter()
                .map(|it| it.completeness)
                .find(|it| *it != Completeness::Full)
                .unwrap_or(Completeness::Full),
            last: folded.middle.last().copied().unwrap_or(f64::NAN),
            stale: lines.iter().any(|it| it.stale),
        }))
    }

    fn size(&self) -> usize {
        self.points.size() + self.raw.as_ref().map_or(0, Points::size) + 200
    }

    /// The points themselves, not smoothed.
    pub fn exact(&self) -> &Points {
        self.raw.as_ref().unwrap_or(&self.points)
    }
}

impl Engine {
    /// The lines of these runs, in their order. What is not ready is read.
    pub(super) async fn ready(&self, of: &PlotOf, runs: &[RunId]) -> Result<Vec<Option<Rc<Line>>>> {
        let missing: Vec<RunId> = {
            let plots = self.0.plots.lines.0.borrow();
            let held = plots.iter().find(|it| it.of == *of);
            runs.iter().filter(|it| held.is_none_or(|held| !held.lines.contains_key(it))).cloned().collect()
        };
        // What a cache holds is read once; of a file that is open a few runs at a time are copied.
        let at_once = if self.keeps(&of.series.project.source) { usize::MAX } else { 64 };
        let mut read = Vec::new();
        for some in missing.chunks(at_once.min(missing.len().max(1))) {
            for (cached, stale) in self.held_series(&of.series, some).await? {
                read.push((cached.series.run.clone(), Rc::new(Line::new(of, &cached, stale))));
            }
        }
        let mut plots = self.0.plots.lines.0.borrow_mut();
        let mut ready = match plots.iter().position(|it| it.of == *of) {
            Some(at) => plots.remove(at),
            None => Ready { of: of.clone(), lines: HashMap::new() },
        };
        // What could not be asked for is asked for again the next time.
        let is_whole = read.iter().all(|it| !it.1.stale);
        ready.lines.extend(missing.into_iter().map(|it| (it, None)));
        ready.lines.extend(read.into_iter().map(|(run, line)| (run, Some(line))));
        let found = runs.iter().map(|it| ready.lines.get(it).cloned().flatten()).collect();
        if !is_whole {
            ready.lines.retain(|_, line| line.as_ref().is_some_and(|it| !it.stale));
        }
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
        Ok(found)
    }
}
