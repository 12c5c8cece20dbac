//! Lines with several points a pixel: of each column of pixels the least and greatest value, and
//! where the line crosses its edges, so that nothing is lost and nothing is torn.

use std::ops::Range as Places;

use super::extent;
use super::picture::{Paint, Picture};
use super::points::{Points, Values};
use super::{Stroke, View};

/// `edges` is room that is used again.
pub fn draw(
    points: &Points,
    visible: Places<usize>,
    stroke: &Stroke,
    view: &View,
    edges: &mut Vec<Edge>,
    picture: &mut Picture,
) {
    find_edges(points, &visible, view, edges);
    let paint = Paint::new(stroke.colour, stroke.opacity);
    let half = stroke.width / 2.0;
    let mut dash = Dash::new(&stroke.dash);
    for (column, pair) in edges.windows(2).enumerate() {
        if !dash.is_on() {
            continue;
        }
        let (left, right) = (&pair[0], &pair[1]);
        let Some((low, high)) = extent_of(points, left.next..right.next, view) else {
            // No point of its own: the line passes through, or there is none.
            if let (Some(a), Some(b)) = (left.y, right.y) {
                through(column, a, b, stroke.width, paint, picture);
            }
            continue;
        };
        if let (Some(a), Some(b)) = (left.y, right.y)
            && low >= a.min(b) - 0.25
            && high <= a.max(b) + 0.25
        {
            // Between its edges it goes straight enough.
            through(column, a, b, stroke.width, paint, picture);
            continue;
        }
        let ends = [left.y, right.y].into_iter().flatten();
        // On a screen the greatest is at the top.
        let (top, bottom) = ends.fold((low, high), |(top, bottom), it| (top.min(it), bottom.max(it)));
        picture.span(column, top - half, bottom + half, paint);
    }
}

/// The left edge of a column of pixels.
pub struct Edge {
    /// The first point at or after it.
    next: usize,
    /// Where the line crosses it, in pixels.
    y: Option<f32>,
}

fn find_edges(points: &Points, visible: &Places<usize>, view: &View, edges: &mut Vec<Edge>) {
    edges.clear();
    let mut next = visible.start;
    for column in 0..=view.width {
        let x = view.x.value(f64::from(column));
        next = first_from(points, x, next, visible.end);
        let crosses = next > visible.start && next < visible.end;
        let y = if crosses { crossing(points, next, x, view) } else { None };
        edges.push(Edge { next, y });
    }
    // A point on the right edge belongs to the last column.
    if let Some(last) = edges.last_mut() {
        last.next = visible.end.max(last.next).min(points.len());
        last.next = first_above(points, view.x.range().high, last.next, visible.start);
    }
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

#[expect(clippy::cast_possible_truncation, reason = "pixels")]
fn crossing(points: &Points, next: usize, x: f64, view: &View) -> Option<f32> {
    let (x0, x1) = (points.x(next - 1), points.x(next));
    let (y0, y1) = (view.y.place(points.y(next - 1))?, view.y.place(points.y(next))?);
    let share = if x1 > x0 { ((x - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { 1.0 };
    Some((y0 + (y1 - y0) * share) as f32)
}

/// Top and bottom in pixels of the points of a column.
#[expect(clippy::cast_possible_truncation, reason = "pixels")]
fn extent_of(points: &Points, places: Places<usize>, view: &View) -> Option<(f32, f32)> {
    if places.is_empty() {
        return None;
    }
    // The usual case in few instructions: single floats on a linear scale.
    if let (Values::Single(y), Some((slope, offset))) = (&points.y, view.y.linear()) {
        let (low, high) = extent::of_single(&y[places]);
        let at = |it: f32| (f64::from(it) * slope + offset).clamp(-1e6, 1e6) as f32;
        return (low <= high).then(|| (at(high).min(at(low)), at(low).max(at(high))));
    }
    let range = points.extent(places, view.y.kind())?;
    let (a, b) = (view.y.pixel(range.low) as f32, view.y.pixel(range.high) as f32);
    Some((a.min(b), a.max(b)))
}

/// A straight piece over the whole width of a column.
fn through(column: usize, a: f32, b: f32, width: f32, paint: Paint, picture: &mut Picture) {
    let rise = (b - a).abs();
    let middle = (a + b) / 2.0;
    // Seen from above a slanting line is thicker; a steep one reaches from end to end.
    let half = if rise < 1.0 { width / 2.0 * rise.hypot(1.0) } else { (rise + width) / 2.0 };
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
