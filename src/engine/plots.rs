//! Charts: what they draw is said once and drawn often, as pixels.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use halimede_raster::{Easel, Kind, Points, Range, Scale, Shape, Stroke, View};

use super::lines::{Found, Line, Lines};
use super::protocol::{Answer, Drawing, Part, PlotAnswer, PlotAsk, PlotHead, PlotLine, PlotLook, PlotView, XAxis};
use super::{Engine, Reply, Result};
use crate::model::RunId;
use crate::query::fold_lines::Folding;

/// Drawings that are remembered; a page shows fewer charts at a time.
const MOST_DRAWINGS: usize = 256;
/// Marks of what has no place, as far as anyone could tell them apart.
const MOST_ODD: usize = 200;
/// A picture larger than any screen is a mistake.
const MOST_PIXELS: u32 = 16_384;
const MOST_AREA: u32 = 40_000_000;
/// Up to so many smoothed lines the points themselves are seen behind.
const MOST_WITH_RAW: usize = 4;
/// Nearer together, in pixels, shapes say nothing.
const LEAST_APART: u32 = 8;

#[derive(Default)]
pub struct Plots {
    pub(super) lines: Lines,
    /// The one used last is the last.
    drawings: RefCell<Vec<Rc<Known>>>,
    easel: Rc<RefCell<Easel>>,
}

pub(super) struct Known {
    number: u32,
    drawing: Drawing,
    /// Of each run's line, as long as it is kept ready.
    lines: RefCell<Vec<Option<Weak<Line>>>>,
    /// What they are as one, where runs are drawn together.
    folded: RefCell<Option<Vec<Option<Rc<Line>>>>>,
}

impl Plots {
    fn remember(&self, number: u32, drawing: Drawing) {
        let mut all = self.drawings.borrow_mut();
        all.retain(|it| it.number != number);
        // What older drawings of the same made of their lines is of no use any more.
        for it in all.iter().filter(|it| it.drawing.of.series == drawing.of.series) {
            it.folded.take();
        }
        if all.len() >= MOST_DRAWINGS {
            all.remove(0);
        }
        all.push(Rc::new(Known { number, drawing, lines: RefCell::default(), folded: RefCell::default() }));
    }

    pub(super) fn drawing(&self, number: u32) -> Option<Rc<Known>> {
        let mut all = self.drawings.borrow_mut();
        let at = all.iter().rposition(|it| it.number == number)?;
        let known = all.remove(at);
        all.push(known.clone());
        Some(known)
    }
}

impl Known {
    /// Of all lines, one after the other.
    fn runs(&self) -> impl Iterator<Item = &RunId> {
        self.drawing.lines.iter().flat_map(|it| std::iter::once(&it.run).chain(&it.others))
    }

    /// A line for each of the drawing's, from those of the runs.
    fn folded(&self, of_runs: &[Option<Rc<Line>>], how: Folding) -> Vec<Option<Rc<Line>>> {
        let mut rest = of_runs;
        let fold = |it: &PlotLine| {
            let (own, after) = rest.split_at(rest.len().min(1 + it.others.len()));
            rest = after;
            Line::folded(&own.iter().flatten().cloned().collect::<Vec<_>>(), how, self.drawing.of.smooth)
        };
        self.drawing.lines.iter().map(fold).collect()
    }

    /// None: some are not ready any more.
    fn held(&self) -> Option<Vec<Option<Rc<Line>>>> {
        let held = self.lines.borrow();
        if held.len() != self.runs().count() {
            return None;
        }
        let line = |it: &Option<Weak<Line>>| match it {
            None => Some(None),
            Some(it) => it.upgrade().map(Some),
        };
        held.iter().map(line).collect()
    }
}

impl Engine {
    pub(super) async fn plot(&self, ask: PlotAsk) -> Result<Reply> {
        let PlotAsk { drawing: number, made_of, n_heads, view: ask, goes_on } = ask;
        let is_said = made_of.is_some();
        if let Some(drawing) = made_of {
            self.0.plots.remember(number, drawing);
        }
        let Some(known) = self.0.plots.drawing(number) else { return Ok(Answer::NoDrawing(number).into()) };
        let Found { lines, left, trouble } = match ask.only {
            Some(_) => Found { lines: self.shown(&known).await?, left: false, trouble: None },
            None => self.lines_of(&known, given(ask.x), goes_on).await?,
        };
        let (view, points) = framed(&ask, &lines, &known.drawing.of.series.x);
        let most = paint(&mut self.0.plots.easel.borrow_mut(), &known.drawing.lines, &lines, &ask, &view);
        let (x, y) = (view.x.range(), view.y.range());
        // A picture of another size may be the first that has all lines.
        let has_more = ask.only.is_none() && lines.iter().flatten().count() != n_heads as usize;
        let answer = PlotAnswer {
            drawing: number,
            x: (x.low, x.high),
            y: (y.low, y.high),
            points: {
                let first = points.low.max(x.low);
                (first, points.high.min(x.high).max(first))
            },
            x_kind: view.x.kind().into(),
            y_kind: view.y.kind().into(),
            width: view.width,
            height: view.height,
            heads: (is_said || goes_on || has_more).then(|| heads(&lines)),
            left,
            trouble,
            is_empty: (ask.x.is_some() || ask.y.is_some()) && is_empty(&lines, &view),
            most,
            odd: if ask.only.is_none() { odd(&lines, x, view.y.kind()) } else { Vec::new() },
        };
        Ok(Reply { answer: Answer::Plot(Box::new(answer)), parts: vec![Part::Pixels(self.0.plots.easel.clone())] })
    }

    /// `seen`: from where to where along x, if not all is. What may be waited for is read first.
    async fn lines_of(&self, known: &Known, seen: Option<Range>, may_wait: bool) -> Result<Found> {
        let (of, runs): (_, Vec<RunId>) = (&known.drawing.of, known.runs().cloned().collect());
        let mut found = match known.held() {
            Some(lines) => Found { lines, left: false, trouble: None },
            None => self.ready_of(known, &runs, may_wait).await?,
        };
        // Seen from near, a sampled line has too few points; there may be more of them.
        if let Some(seen) = seen.filter(|_| !found.left) {
            let coarse = Self::coarse(of, &runs, &found.lines, seen);
            found.left = !coarse.is_empty() && !may_wait;
            if may_wait && !coarse.is_empty() && self.refine(of, &coarse, seen).await {
                known.lines.take();
                found = self.ready_of(known, &runs, false).await?;
                // Of many some at a time.
                found.left |= !Self::coarse(of, &runs, &found.lines, seen).is_empty();
            }
        }
        if let Some(how) = known.drawing.folding {
            found.lines = known.folded.borrow_mut().get_or_insert_with(|| known.folded(&found.lines, how)).clone();
        }
        Ok(found)
    }

    /// As they are on the screen: nobody is asked for the sake of a cursor.
    pub(super) async fn shown(&self, known: &Known) -> Result<Vec<Option<Rc<Line>>>> {
        let runs: Vec<RunId> = known.runs().cloned().collect();
        match (known.held().or_else(|| self.at_hand(&known.drawing.of, &runs)), known.drawing.folding) {
            (Some(lines), None) => Ok(lines),
            (Some(lines), Some(how)) => {
                Ok(known.folded.borrow_mut().get_or_insert_with(|| known.folded(&lines, how)).clone())
            }
            (None, _) => Ok(self.lines_of(known, None, false).await?.lines),
        }
    }

    /// Of all runs, and kept with the drawing as long as they are.
    async fn ready_of(&self, known: &Known, runs: &[RunId], may_wait: bool) -> Result<Found> {
        let found = self.ready(&known.drawing.of, runs, may_wait).await?;
        known.folded.take();
        // What could not be asked for is asked for again the next time.
        if !found.left && found.trouble.is_none() && found.lines.iter().flatten().all(|it| !it.stale) {
            *known.lines.borrow_mut() = found.lines.iter().map(|it| it.as_ref().map(Rc::downgrade)).collect();
        }
        Ok(found)
    }
}

/// What is seen of the lines, and from where to where they have points.
fn framed(ask: &PlotView, lines: &[Option<Rc<Line>>], along: &XAxis) -> (View, Range) {
    let width = ask.width.min(MOST_PIXELS);
    let height = ask.height.min(MOST_PIXELS).min(MOST_AREA / width.max(1));
    let all = || lines.iter().flatten().map(|it| &it.points);
    let bands = || lines.iter().flatten().filter_map(|it| it.band.as_ref()).flat_map(|it| [&it.0, &it.1]);
    let (whole, x_kind) = x_range(ask, all);
    let x = match (given(ask.x), whole) {
        // What is not positive has no place on a logarithmic scale.
        (Some(it), Some(whole)) if x_kind == Kind::Log && it.low <= 0.0 => {
            Range { low: if whole.low < it.high { whole.low } else { it.high / 1e3 }, ..it }.with_room()
        }
        (Some(it), _) => it,
        // All at one moment of wall time, in milliseconds since 1970: a share of that would be years.
        (None, Some(it)) if it.low == it.high && *along == XAxis::Wall => {
            Range { low: it.low - 3e4, high: it.high + 3e4 }.with_room()
        }
        (None, Some(it)) if x_kind == Kind::Linear => it.with_room().rounded_up(5),
        (None, it) => it.map_or(Range { low: 0.0, high: 1.0 }, Range::with_room),
    };
    let (y, kind) = y_range(ask, all, bands, x);
    let view = View {
        width,
        height,
        x: Scale::new(x, x_kind, 0.0, f64::from(width)),
        y: Scale::new(y, kind, f64::from(height), 0.0),
    };
    (view, whole.unwrap_or(x))
}

/// From where to where the lines have points that the scale has a place for: the one that is asked for, or a linear one
/// where it has none for anything that is to be seen.
fn x_range<'a, I: Iterator<Item = &'a Points>>(ask: &PlotView, all: impl Fn() -> I) -> (Option<Range>, Kind) {
    let on = |kind| all().filter_map(|it| it.x_range_on(kind)).fold(None, |a, b| Range::join(a, Some(b)));
    let wanted = Kind::from(ask.x_kind);
    match on(wanted) {
        // Near the least number there is, logarithms have no steps any more.
        Some(it) if wanted != Kind::Log || given(ask.x).is_none_or(|seen| seen.high > 1e-300) => (Some(it), wanted),
        _ => (on(Kind::Linear), Kind::Linear),
    }
}

/// Whether all lines lie beside what is seen.
fn is_empty(lines: &[Option<Rc<Line>>], view: &View) -> bool {
    let (x, y) = (view.x.range(), view.y.range());
    let misses = |it: Option<Range>, seen: Range| it.is_none_or(|it| it.high < seen.low || it.low > seen.high);
    lines
        .iter()
        .flatten()
        .map(|it| &it.points)
        .all(|points| misses(points.x_range(), x) || misses(points.extent(points.visible(x), view.y.kind()), y))
}

/// Draws the lines as they are to be seen. Gives back, of a heat map, how many of them are in the cell that has most.
fn paint(
    easel: &mut Easel,
    drawn: &[PlotLine],
    lines: &[Option<Rc<Line>>],
    ask: &PlotView,
    view: &View,
) -> Option<u32> {
    let all = || lines.iter().flatten().map(|it| &it.points).collect::<Vec<_>>();
    match &ask.look {
        PlotLook::Heat { cell, ramp } if ask.only.is_none() => Some(easel.heat(&all(), view, *cell, ramp)),
        PlotLook::Ridges { apart, colour } if ask.only.is_none() => {
            easel.ridges(&all(), view, (*apart).max(LEAST_APART), ask.line_width.clamp(0.5, 40.0), *colour);
            None
        }
        _ => {
            let strokes = strokes(drawn, lines, ask);
            let bands = if ask.only.is_none() { bands(drawn, lines, view) } else { Vec::new() };
            let shapes = strokes.iter().map(|(points, stroke)| Shape::Line(points, stroke));
            let below = bands.iter().map(|(low, high, stroke)| Shape::Band(low, high, stroke));
            easel.draw(&shapes.chain(below).collect::<Vec<_>>(), view);
            None
        }
    }
}

/// From the top down; where lines are smoothed and few, the points themselves below.
fn strokes<'a>(drawn: &'a [PlotLine], lines: &'a [Option<Rc<Line>>], ask: &PlotView) -> Vec<(&'a Points, Stroke)> {
    let width = ask.line_width.clamp(0.5, 40.0);
    let stroke =
        |at: usize, opacity: f32| Stroke { colour: drawn[at].colour, width, opacity, dash: drawn[at].dash.clone() };
    let is_asked = |at: &usize| ask.only.is_none_or(|it| it as usize == *at);
    let ready = || (0..lines.len()).filter(is_asked).filter_map(|at| Some((at, lines[at].as_ref()?)));
    let shows_raw = ask.only.is_some() || lines.len() <= MOST_WITH_RAW;
    let behind = ready().filter(|_| shows_raw).filter_map(|(at, it)| Some((it.raw.as_ref()?, stroke(at, 0.28))));
    ready().map(|(at, it)| (&it.points, stroke(at, 1.0))).chain(behind).collect()
}

/// How far the runs of each line spread, below all lines.
fn bands(drawn: &[PlotLine], lines: &[Option<Rc<Line>>], view: &View) -> Vec<(Points, Points, Stroke)> {
    const OPACITY: f32 = 0.18;
    let of = |(it, line): (&PlotLine, &Option<Rc<Line>>)| {
        let (low, high) = line.as_ref()?.band.as_ref()?;
        let stroke = Stroke { colour: it.colour, width: 0.0, opacity: OPACITY, dash: Vec::new() };
        Some((on_scale(low, view), high.clone(), stroke))
    };
    drawn.iter().zip(lines).filter_map(of).collect()
}

/// A band that reaches below zero goes on to the end of a logarithmic scale.
fn on_scale(low: &Points, view: &View) -> Points {
    let end = view.y.range().low;
    if view.y.kind() != Kind::Log || low.extent(0..low.len(), Kind::Linear).is_none_or(|it| it.low > 0.0) {
        return low.clone();
    }
    let x: Vec<f64> = (0..low.len()).map(|at| low.x(at)).collect();
    let y: Vec<f64> = (0..low.len()).map(|at| low.y(at)).map(|it| if it <= 0.0 { end } else { it }).collect();
    Points::new(x, y)
}

fn given(range: Option<(f64, f64)>) -> Option<Range> {
    let (low, high) = range?;
    (low.is_finite() && high.is_finite() && low < high).then_some(Range { low, high })
}

/// As asked for, else what the lines need between both ends of x.
fn y_range<'a, I: Iterator<Item = &'a Points>, J: Iterator<Item = &'a Points>>(
    ask: &PlotView,
    lines: impl Fn() -> I,
    bands: impl Fn() -> J,
    x: Range,
) -> (Range, Kind) {
    let wanted = Kind::from(ask.y_kind);
    if let Some(range) = given(ask.y).filter(|it| wanted != Kind::Log || it.low > 0.0) {
        return (range, wanted);
    }
    let extent = |kind: Kind| {
        let of = |it: &Points| if ask.clips { middle(it, x, kind) } else { it.extent(inside(it, x), kind) };
        let joined =
            |all: &mut dyn Iterator<Item = &'a Points>| all.filter_map(of).fold(None, |a, b| Range::join(a, Some(b)));
        let lines = joined(&mut lines());
        Range::join(lines, lines.zip(joined(&mut bands())).map(|(lines, bands)| near(lines, bands, kind)))
    };
    let (found, kind) = match extent(wanted) {
        // Nothing positive: shown as it is rather than not at all.
        None if wanted == Kind::Log => (extent(Kind::Linear), Kind::Linear),
        found => (found, wanted),
    };
    let mut range = found.unwrap_or(Range { low: 0.0, high: 1.0 });
    // What is left of a sum's rounding is no course.
    if range.high / 2.0 - range.low / 2.0 < 1e-14 * range.high.abs().max(range.low.abs()) {
        range.high = range.low;
    }
    let range = range.with_room();
    match kind {
        Kind::Log => {
            (Range { low: range.low.max(f64::MIN_POSITIVE) / 1.1, high: (range.high * 1.1).min(f64::MAX) }, kind)
        }
        _ => (range.padded(0.04), kind),
    }
}

/// What of a band is worth the room: the interval of two runs may be ten times as high as all that was measured.
fn near(lines: Range, band: Range, kind: Kind) -> Range {
    let (low, high) = match kind {
        Kind::Log => (lines.low * (lines.low / lines.high), lines.high * (lines.high / lines.low)),
        _ => (lines.low - (lines.high - lines.low), lines.high + (lines.high - lines.low)),
    };
    // A flat line says nothing of how high its band may be.
    if !(low < lines.low && high.is_finite()) {
        return band;
    }
    Range { low: band.low.max(low), high: band.high.min(high) }
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
    // Not each so many-th: what comes and goes as regularly would be seen never, or always.
    let one = |(n, at): (usize, usize)| (at + n.wrapping_mul(0x9E37_79B1) % stride).min(places.end - 1);
    let mut values: Vec<f64> = places
        .clone()
        .step_by(stride)
        .enumerate()
        .map(|it| points.y(one(it)))
        .filter(|it| it.is_finite() && (kind != Kind::Log || *it > 0.0))
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(Range { low: values[last / 100], high: values[last - last / 100] })
}

fn heads(lines: &[Option<Rc<Line>>]) -> Vec<PlotHead> {
    let head = |(at, line): (u32, &Option<Rc<Line>>)| {
        let line = line.as_ref()?;
        Some(PlotHead {
            line: at,
            n_points: line.n_points,
            completeness: line.completeness,
            last: line.last,
            band: line.exact_band().and_then(|(low, high)| {
                let at = low.len().checked_sub(1)?;
                Some((low.value(at), high.value(at)))
            }),
            end: line.end(),
            stale: line.stale,
        })
    };
    (0..).zip(lines).filter_map(head).collect()
}

/// What has no place on the scale, between both ends of x; of each line a share, from all that is seen of it.
fn odd(lines: &[Option<Rc<Line>>], x: Range, kind: Kind) -> Vec<(u32, f64, f64)> {
    let share = (MOST_ODD / lines.len().max(1)).max(4);
    let of = |(at, line): (u32, &Option<Rc<Line>>)| {
        let Some(line) = line else { return Vec::new() };
        let not_finite = line.odd.iter().copied().filter(|it| (x.low..=x.high).contains(&it.0));
        let points = line.exact();
        let hides = kind == Kind::Log && points.extent(inside(points, x), Kind::Linear).is_some_and(|it| it.low <= 0.0);
        let hidden = if hides { inside(points, x) } else { 0..0 };
        let hidden = hidden.map(|at| (points.x(at), points.y(at))).filter(|it| it.1 <= 0.0);
        let all: Vec<(f64, f64)> = not_finite.chain(hidden).collect();
        let n = all.len().min(share);
        (0..n).map(|i| all[i * (all.len() - 1) / (n - 1).max(1)]).map(|(x, y)| (at, x, y)).collect::<Vec<_>>()
    };
    (0..).zip(lines).flat_map(of).take(MOST_ODD * 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_given_as_much_room_above_and_below_as_the_lines_have() {
        let range = |low, high| Range { low, high };
        assert_eq!(near(range(1.0, 2.0), range(-50.0, 2.5), Kind::Linear), range(0.0, 2.5));
        assert_eq!(near(range(0.25, 1.0), range(1e-9, 3.0), Kind::Log), range(0.0625, 3.0));
        assert_eq!(near(range(1.0, 1.0), range(0.0, 9.0), Kind::Linear), range(0.0, 9.0), "of a flat line all");
        assert_eq!(near(range(1.0, 1.0), range(0.5, 9.0), Kind::Log), range(0.5, 9.0), "of a flat line all");
    }
}
