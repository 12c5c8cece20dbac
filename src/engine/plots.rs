//! Charts: keeps what they draw ready between two drawings, and draws it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use halimede_raster::{Kind, Points, Range, Scale, Stroke, View};

use super::points::along;
use super::protocol::{Answer, AxisKind, Part, PlotAnswer, PlotAsk, PlotHead, PlotOf, Seek};
use super::{Engine, Reply, Result};
use crate::model::{Completeness, RunId};
use crate::query::smooth::{Smooth, smooth};
use crate::store::layout::CachedSeries;

/// What is kept ready at most; the charts drawn last stay.
const MOST_BYTES: usize = 192_000_000;
/// Marks of what has no place, as far as anyone could tell them apart.
const MOST_ODD: usize = 200;
/// Of one line, so that a zoom finds its own.
const MOST_KEPT_ODD: usize = 5_000;
/// A picture larger than any screen is a mistake.
const MOST_PIXELS: u32 = 16_384;
const MOST_AREA: u32 = 40_000_000;

#[derive(Default)]
pub struct Plots(RefCell<Vec<Ready>>);

struct Ready {
    of: PlotOf,
    /// None: the run has no such series.
    lines: HashMap<RunId, Option<Rc<Line>>>,
}

/// One run's line, ready to be drawn.
struct Line {
    points: Points,
    /// Behind a smoothed one.
    raw: Option<Points>,
    /// Not a number or infinite: x and the value.
    odd: Vec<(f64, f64)>,
    n_points: u32,
    completeness: Completeness,
    last: f64,
    stale: bool,
}

impl Line {
    fn new(of: &PlotOf, cached: &CachedSeries, stale: bool) -> Self {
        let series = &cached.series;
        let (x, y) = (along(series, of.series.x), &series.values);
        let odd = x.iter().zip(y).filter(|it| !it.1.is_finite()).map(|(x, y)| (*x, *y)).take(MOST_KEPT_ODD);
        let points = Points::new(&x, y);
        let (points, raw) = match of.smooth {
            Smooth::None => (points, None),
            how => (Points::new(&x, &smooth(&x, y, how)), Some(points)),
        };
        Self {
            points,
            raw,
            odd: odd.collect(),
            n_points: u32::try_from(series.len()).unwrap_or(u32::MAX),
            completeness: series.completeness,
            last: y.last().copied().unwrap_or(f64::NAN),
            stale,
        }
    }

    fn size(&self) -> usize {
        self.points.size() + self.raw.as_ref().map_or(0, Points::size) + 200
    }

    /// The points themselves, not smoothed.
    fn exact(&self) -> &Points {
        self.raw.as_ref().unwrap_or(&self.points)
    }
}

impl Engine {
    pub(super) async fn plot(&self, ask: PlotAsk) -> Result<Reply> {
        let runs: Vec<RunId> = ask.lines.iter().map(|it| it.run.clone()).collect();
        let lines = self.ready(&ask.of, &runs).await?;
        let width = ask.width.min(MOST_PIXELS);
        let height = ask.height.min(MOST_PIXELS).min(MOST_AREA / width.max(1));
        let all = || lines.iter().flatten().map(|it| &it.points);
        let whole = all().filter_map(Points::x_range).fold(None, |a, b| Range::join(a, Some(b)));
        let x = given(ask.x).or_else(|| whole.map(|it| it.with_room().rounded_up(5)));
        let x = x.unwrap_or(Range { low: 0.0, high: 1.0 });
        let points = whole.unwrap_or(x);
        let (y, kind) = y_range(&ask, all, x);
        let view = View {
            width,
            height,
            x: Scale::new(x, Kind::Linear, 0.0, f64::from(width)),
            y: Scale::new(y, kind, f64::from(height), 0.0),
        };
        let top = ask.top.map(|it| it as usize).filter(|it| *it < lines.len());
        let order = || top.into_iter().chain((0..lines.len()).filter(|it| Some(*it) != top));
        let drawn = || order().filter_map(|at| Some((&ask.lines[at], lines[at].as_ref()?)));
        let whole = drawn().map(|(ask, line)| (&line.points, stroke(ask, 1.0)));
        let behind =
            drawn().filter(|it| it.0.shows_raw).filter_map(|(ask, line)| Some((line.raw.as_ref()?, stroke(ask, 0.28))));
        let strokes: Vec<(&Points, Stroke)> = whole.chain(behind).collect();
        let pixels = halimede_raster::draw(strokes.iter().map(|it| (it.0, &it.1)), &view);
        let answer = PlotAnswer {
            x: (x.low, x.high),
            y: (y.low, y.high),
            points: (points.low.max(x.low), points.high.min(x.high)),
            y_kind: match kind {
                Kind::Linear => AxisKind::Linear,
                Kind::Log => AxisKind::Log,
                Kind::SymLog => AxisKind::SymLog,
            },
            width,
            height,
            heads: heads(&runs, &lines),
            odd: odd(&runs, &lines, x, kind),
        };
        Ok(Reply { answer: Answer::Plot(Box::new(answer)), parts: vec![Part::Bytes(pixels)] })
    }

    pub(super) async fn probe(&self, of: PlotOf, runs: Vec<RunId>, seek: Seek) -> Result<Reply> {
        let lines = self.ready(&of, &runs).await?;
        let at = sought(lines.iter().flatten().map(|it| it.exact()), seek);
        let mut parts = [const { Vec::new() }; 3];
        for line in &lines {
            let found = line.as_ref().zip(at).and_then(|(line, x)| Some((line, place(line.exact(), x)?)));
            let values = match found {
                Some((line, at)) => [line.exact().x(at), line.exact().y(at), line.points.y(at)],
                None => [f64::NAN; 3],
            };
            parts.iter_mut().zip(values).for_each(|(part, it)| part.push(it));
        }
        Ok(Reply { answer: Answer::Probe(at, runs), parts: parts.map(Part::Numbers).into() })
    }

    /// The lines of these runs, in their order. What is not ready is read.
    async fn ready(&self, of: &PlotOf, runs: &[RunId]) -> Result<Vec<Option<Rc<Line>>>> {
        let missing: Vec<RunId> = {
            let plots = self.0.plots.0.borrow();
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
        let mut plots = self.0.plots.0.borrow_mut();
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

fn given(range: Option<(f64, f64)>) -> Option<Range> {
    let (low, high) = range?;
    (low.is_finite() && high.is_finite() && low < high).then_some(Range { low, high })
}

fn stroke(ask: &super::protocol::PlotLine, opacity: f32) -> Stroke {
    Stroke { colour: ask.colour, width: ask.width.clamp(0.5, 40.0), opacity, dash: ask.dash.clone() }
}

/// As asked for, else what the lines need between both ends of x.
fn y_range<'a, I: Iterator<Item = &'a Points>>(ask: &PlotAsk, all: impl Fn() -> I, x: Range) -> (Range, Kind) {
    let wanted = match ask.y_kind {
        AxisKind::Linear => Kind::Linear,
        AxisKind::Log => Kind::Log,
        AxisKind::SymLog => Kind::SymLog,
    };
    if let Some(range) = given(ask.y).filter(|it| wanted != Kind::Log || it.low > 0.0) {
        return (range, wanted);
    }
    let extent = |kind: Kind| {
        let of = |it: &Points| if ask.clips { middle(it, x, kind) } else { it.extent(inside(it, x), kind) };
        all().filter_map(of).fold(None, |a, b| Range::join(a, Some(b)))
    };
    let (found, kind) = match extent(wanted) {
        // Nothing positive: shown as it is rather than not at all.
        None if wanted == Kind::Log => (extent(Kind::Linear), Kind::Linear),
        found => (found, wanted),
    };
    let range = found.unwrap_or(Range { low: 0.0, high: 1.0 }).with_room();
    match kind {
        Kind::Log => {
            (Range { low: range.low.max(f64::MIN_POSITIVE) / 1.1, high: (range.high * 1.1).min(f64::MAX) }, kind)
        }
        _ => (range.padded(0.04), kind),
    }
}

/// Points between both ends; of a line that passes without one, those beside.
fn inside(points: &Points, x: Range) -> std::ops::Range<usize> {
    let visible = points.visible(x);
    let (mut from, mut to) = (visible.start, visible.end);
    if visible.len() > 2 {
        from += usize::from(points.x(from) < x.low);
        to -= usize::from(points.x(to - 1) > x.high);
    }
    from..to
}

/// From the 1st to the 99th percentile, of at most so many values.
fn middle(points: &Points, x: Range, kind: Kind) -> Option<Range> {
    const MOST: usize = 2_000;
    let places = inside(points, x);
    let stride = places.len().div_ceil(MOST).max(1);
    let mut values: Vec<f64> = places
        .step_by(stride)
        .map(|at| points.y(at))
        .filter(|it| it.is_finite() && (kind != Kind::Log || *it > 0.0))
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(Range { low: values[last / 100], high: values[last - last / 100] })
}

fn heads(runs: &[RunId], lines: &[Option<Rc<Line>>]) -> Vec<PlotHead> {
    let head = |(run, line): (&RunId, &Option<Rc<Line>>)| {
        let line = line.as_ref()?;
        Some(PlotHead {
            run: run.clone(),
            n_points: line.n_points,
            completeness: line.completeness,
            last: line.last,
            stale: line.stale,
        })
    };
    runs.iter().zip(lines).filter_map(head).collect()
}

/// What has no place on the scale, between both ends of x; of each line a share.
fn odd(runs: &[RunId], lines: &[Option<Rc<Line>>], x: Range, kind: Kind) -> Vec<(RunId, f64, f64)> {
    let share = (MOST_ODD / lines.len().max(1)).max(4);
    let of = |(run, line): (&RunId, &Option<Rc<Line>>)| {
        let Some(line) = line else { return Vec::new() };
        let not_finite = line.odd.iter().copied().filter(|it| (x.low..=x.high).contains(&it.0));
        let points = line.exact();
        let hides = kind == Kind::Log && points.extent(inside(points, x), Kind::Linear).is_some_and(|it| it.low <= 0.0);
        let hidden = if hides { inside(points, x) } else { 0..0 };
        let hidden = hidden.map(|at| (points.x(at), points.y(at))).filter(|it| it.1 <= 0.0);
        not_finite.chain(hidden).take(share).map(|(x, y)| (run.clone(), x, y)).collect::<Vec<_>>()
    };
    runs.iter().zip(lines).flat_map(of).take(MOST_ODD * 4).collect()
}

/// The point at or before a place, else the first.
fn place(points: &Points, x: f64) -> Option<usize> {
    let mut at = points.first_from(x);
    // Of several at one place the last.
    while at < points.len() && points.x(at) == x {
        at += 1;
    }
    (!points.is_empty()).then(|| at.saturating_sub(1))
}

fn sought<'a>(lines: impl Iterator<Item = &'a Points>, seek: Seek) -> Option<f64> {
    let lines = lines.filter(|it| !it.is_empty());
    match seek {
        Seek::At(x) => Some(x).filter(|it| it.is_finite()),
        Seek::Next(None) => lines.map(|it| it.x(0)).min_by(f64::total_cmp),
        Seek::Previous(None) => lines.map(|it| it.x(it.len() - 1)).max_by(f64::total_cmp),
        Seek::Next(Some(x)) => {
            let next = |it: &Points| {
                let at = (it.first_from(x)..it.len()).find(|at| it.x(*at) > x)?;
                Some(it.x(at))
            };
            lines.filter_map(next).min_by(f64::total_cmp).or(Some(x))
        }
        Seek::Previous(Some(x)) => {
            let before = |it: &Points| it.first_from(x).checked_sub(1).map(|at| it.x(at));
            lines.filter_map(before).max_by(f64::total_cmp).or(Some(x))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(x: &[f64], y: &[f64]) -> Points {
        Points::new(x, y)
    }

    #[test]
    fn the_cursor_finds_the_point_at_or_before() {
        let it = points(&[0.0, 10.0, 10.0, 20.0], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!([-5.0, 10.0, 19.0, 99.0].map(|x| place(&it, x)), [Some(0), Some(2), Some(2), Some(3)]);
        assert_eq!(place(&points(&[], &[]), 1.0), None);
    }

    #[test]
    fn the_cursor_steps_from_point_to_point_of_any_line() {
        let lines = [points(&[0.0, 10.0], &[1.0, 2.0]), points(&[4.0, 12.0], &[1.0, 2.0])];
        let to = |seek| sought(lines.iter(), seek);
        assert_eq!([to(Seek::Next(None)), to(Seek::Previous(None))], [Some(0.0), Some(12.0)]);
        assert_eq!([0.0, 4.0, 12.0].map(|x| to(Seek::Next(Some(x)))), [Some(4.0), Some(10.0), Some(12.0)]);
        assert_eq!([0.0, 4.0, 11.0].map(|x| to(Seek::Previous(Some(x)))), [Some(0.0), Some(0.0), Some(10.0)]);
    }
}
