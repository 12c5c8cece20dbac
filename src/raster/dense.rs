//! Lines with several points a pixel: of each column of pixels the least and greatest value, and
//! where the line crosses its edges, so that nothing is lost and nothing is torn.

use std::ops::Range as Places;

use super::cover::{greater, lesser};
use super::extent;
use super::picture::{Paint, Picture};
use super::points::{Along, Points, Values};
use super::{Placer, Stroke, View};

/// `edges` is room that is used again.
pub fn draw(
    points: &Points,
    visible: Places<usize>,
    stroke: &Stroke,
    view: &View,
    edges: &mut Vec<Edge>,
    picture: &mut Picture,
) {
    let y = view.y.placer();
    find_edges(points, &visible, view, &y, edges);
    let paint = Paint::new(stroke.colour, stroke.opacity);
    let half = stroke.width / 2.0;
    let mut dash = Dash::new(&stroke.dash);
    for (column, pair) in edges.windows(2).enumerate() {
        if !dash.is_on() {
            continue;
        }
        let (left, right) = (&pair[0], &pair[1]);
        let is_crossed = !(left.y.is_nan() || right.y.is_nan());
        let (top, bottom) = (lesser(left.y, right.y), greater(left.y, right.y));
        let Some((low, high)) = extent_of(points, left.next..right.next, view, &y) else {
            // No point of its own: the line passes through, or there is none.
            if is_crossed {
                through(column, left.y, right.y, stroke.width, paint, picture);
            }
            continue;
        };
        if is_crossed && low >= top - 0.25 && high <= bottom + 0.25 {
            // Between its edges it goes straight enough.
            through(column, left.y, right.y, stroke.width, paint, picture);
            continue;
        }
        // On a screen the greatest is at the top. An edge that is not crossed is NaN and is passed over.
        let top = lesser(right.y, lesser(left.y, low));
        let bottom = greater(right.y, greater(left.y, high));
        picture.span(column, top - half, bottom + half, paint);
    }
}

/// The left edge of a column of pixels.
#[derive(Debug)]
pub struct Edge {
    /// The first point at or after it.
    next: usize,
    /// Where the line crosses it, in pixels; else NaN.
    y: f32,
}

fn find_edges(points: &Points, visible: &Places<usize>, view: &View, y: &Placer, edges: &mut Vec<Edge>) {
    edges.clear();
    match &points.x {
        Along::Even { first, step } => even_edges(points, visible, view, y, (*first, *step), edges),
        Along::Each(_) => each_edge(points, visible, view, y, edges),
    }
    // A point on the right edge belongs to the last column.
    if let Some(last) = edges.last_mut() {
        last.next = visible.end.max(last.next).min(points.len());
        last.next = first_above(points, view.x.range().high, last.next, visible.start);
    }
}

/// Where points follow a rule, so do those at the edges.
fn even_edges(
    points: &Points,
    visible: &Places<usize>,
    view: &View,
    y: &Placer,
    (first, step): (f64, f64),
    edges: &mut Vec<Edge>,
) {
    let range = view.x.range();
    let start = (range.low - first) / step;
    let by = (range.high - range.low) / step / f64::from(view.width);
    #[expect(clippy::cast_precision_loss, reason = "a count of points")]
    let (least, most) = (visible.start as f64, visible.end as f64);
    for column in 0..=view.width {
        let place = start + f64::from(column) * by;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between both ends")]
        let next = place.ceil().clamp(least, most) as usize;
        let crossed = if next > visible.start && next < visible.end {
            #[expect(clippy::cast_precision_loss, reason = "a count of points")]
            let share = (place - (next - 1) as f64).clamp(0.0, 1.0);
            #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
            between(points, next, share as f32, y)
        } else {
            f32::NAN
        };
        edges.push(Edge { next, y: crossed });
    }
}

fn each_edge(points: &Points, visible: &Places<usize>, view: &View, y: &Placer, edges: &mut Vec<Edge>) {
    let mut next = visible.start;
    for column in 0..=view.width {
        let x = view.x.value(f64::from(column));
        next = first_from(points, x, next, visible.end);
        let crossed = if next > visible.start && next < visible.end {
            let (x0, x1) = (points.x(next - 1), points.x(next));
            let share = if x1 > x0 { ((x - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { 1.0 };
            #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
            between(points, next, share as f32, y)
        } else {
            f32::NAN
        };
        edges.push(Edge { next, y: crossed });
    }
}

/// On the piece of the line that leads to a point.
#[inline]
fn between(points: &Points, to: usize, share: f32, y: &Placer) -> f32 {
    let (a, b) = (y.at(points.y(to - 1)), y.at(points.y(to)));
    a + (b - a) * share
}

/// Searches on from the last place with strides that double: columns hold about the same number.
fn first_from(points: &Points, x: f64, from: usize, to: usize) -> usize {
    let (mut low, mut stride) = (from, 1);
    while low + stride < to && points.x(low + stride - 1) < x {
        low += stride;
        stride *= 2;
    }
    let mut high = (low + stride).min(to);
    while low < high {
        let middle = low.midpoint(high);
        if points.x(middle) < x { low = middle + 1 } else { high = middle }
    }
    low
}

fn first_above(points: &Points, x: f64, mut at: usize, least: usize) -> usize {
    while at > least && points.x(at - 1) > x {
        at -= 1;
    }
    at
}

/// Top and bottom in pixels of the points of a column.
fn extent_of(points: &Points, places: Places<usize>, view: &View, y: &Placer) -> Option<(f32, f32)> {
    if places.is_empty() {
        return None;
    }
    let (a, b) = match (&points.y, y.is_plain()) {
        // The usual case in few instructions: single floats on a linear scale.
        (Values::Single(values), true) => {
            let (low, high) = extent::of_single(&values[places]);
            if low > high {
                return None;
            }
            (y.at(f64::from(low)), y.at(f64::from(high)))
        }
        _ => {
            let range = points.extent(places, view.y.kind())?;
            (y.at(range.low), y.at(range.high))
        }
    };
    Some((lesser(a, b), greater(a, b)))
}

/// A straight piece over the whole width of a column.
fn through(column: usize, a: f32, b: f32, width: f32, paint: Paint, picture: &mut Picture) {
    let rise = (b - a).abs();
    let middle = (a + b) / 2.0;
    // Seen from above a slanting line is thicker; a steep one reaches from end to end.
    let half = if rise < 1.0 { width / 2.0 * (rise * rise + 1.0).sqrt() } else { (rise + width) / 2.0 };
    picture.span(column, middle - half, middle + half, paint);
}

/// Goes along a dash pattern a pixel at a time.
struct Dash<'a> {
    pattern: &'a [f32],
    at: usize,
    left: f32,
}

impl<'a> Dash<'a> {
    fn new(pattern: &'a [f32]) -> Self {
        Self { pattern, at: 0, left: pattern.first().copied().unwrap_or(0.0) }
    }

    fn is_on(&mut self) -> bool {
        if self.pattern.is_empty() {
            return true;
        }
        self.left -= 1.0;
        let is_on = self.at.is_multiple_of(2);
        if self.left <= 0.0 {
            self.at = (self.at + 1) % self.pattern.len().next_multiple_of(2);
            self.left += self.pattern[self.at % self.pattern.len()].max(0.1);
        }
        is_on
    }
}
