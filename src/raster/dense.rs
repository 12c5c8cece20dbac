//! Lines with several points a pixel: of each column of pixels the least and greatest value, and
//! where the line crosses its edges, so that nothing is lost and nothing is torn.

use std::ops::Range as Places;

use super::columns::Columns;
use super::cover::{greater, lesser};
use super::points::{Along, Points, Values};
use super::{Kind, Placer, Stroke, View};

/// `edges` is room that is used again.
#[inline(never)]
pub fn gather(
    points: &Points,
    visible: Places<usize>,
    stroke: &Stroke,
    view: &View,
    edges: &mut Vec<Edge>,
    columns: &mut Columns,
) {
    let y = view.y.placer();
    let half = stroke.width / 2.0;
    #[expect(clippy::cast_precision_loss, reason = "a count of points")]
    let density = visible.len() as f64 / f64::from(view.width);
    // Only where columns have about the same number of points.
    if view.x.kind() == Kind::Linear && y.is_plain() && points.has_blocks(density) {
        // A column and the next share the block of points that their edge is in, so no edge is torn;
        // what a block reaches beyond it is a fraction of a pixel.
        find_edges(points, &visible, view, None, edges);
        for (column, pair) in edges.windows(2).enumerate().filter(|it| it.1[0].next < it.1[1].next) {
            let (low, high) = points.extent_about(pair[0].next..pair[1].next);
            if low <= high {
                let (a, b) = (y.at(f64::from(low)), y.at(f64::from(high)));
                columns.add(column, lesser(a, b) - half, greater(a, b) + half);
            }
        }
        return;
    }
    find_edges(points, &visible, view, Some(&y), edges);
    for (column, pair) in edges.windows(2).enumerate() {
        let (left, right) = (&pair[0], &pair[1]);
        // An edge that is not crossed is NaN and is passed over.
        let is_crossed = !(left.y.is_nan() || right.y.is_nan());
        let (top, bottom) = (lesser(left.y, right.y), greater(left.y, right.y));
        let own = extent_of(points, left.next..right.next, view, &y);
        match own {
            // Between its edges it goes straight enough, or has no point of its own.
            Some((low, high)) if is_crossed && low >= top - 0.25 && high <= bottom + 0.25 => {
                columns.through(column, (top, bottom), half);
            }
            // On a screen the greatest is at the top.
            Some((low, high)) => {
                let top = lesser(right.y, lesser(left.y, low));
                let bottom = greater(right.y, greater(left.y, high));
                columns.add(column, top - half, bottom + half);
            }
            None if is_crossed => columns.through(column, (top, bottom), half),
            None => {}
        }
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

/// Without `y` it is not asked where the line crosses them.
fn find_edges(points: &Points, visible: &Places<usize>, view: &View, y: Option<&Placer>, edges: &mut Vec<Edge>) {
    edges.clear();
    match &points.x {
        Along::Even { first, step } if view.x.kind() == Kind::Linear => {
            even_edges(points, visible, view, y, (*first, *step), edges);
        }
        _ => each_edge(points, visible, view, y, edges),
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
    y: Option<&Placer>,
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

fn each_edge(points: &Points, visible: &Places<usize>, view: &View, y: Option<&Placer>, edges: &mut Vec<Edge>) {
    let mut next = visible.start;
    for column in 0..=view.width {
        let x = view.x.value(f64::from(column));
        next = first_from(points, x, next, visible.end);
        let crossed = if next > visible.start && next < visible.end {
            // The line is straight on the screen, whatever the scale. What has no place there is NaN.
            let place = |at: usize| view.x.place(points.x(at)).unwrap_or(f64::NAN);
            let (x0, x1) = (place(next - 1), place(next));
            let share = if x1 <= x0 { 1.0 } else { ((f64::from(column) - x0) / (x1 - x0)).clamp(0.0, 1.0) };
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
fn between(points: &Points, to: usize, share: f32, y: Option<&Placer>) -> f32 {
    let Some(y) = y else { return f32::NAN };
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
            let (low, high) = points.extent_of_single(values, places);
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
