//! The columns of pixels one line goes through: of each its top and bottom. Walked along a line with
//! few points a pixel, gathered by `dense` for one with many.

use super::blend::{LANES, Paint};
use super::cover::{cells, greater, lesser};
use super::picture::Picture;
use super::points::Points;
use super::{Stroke, View};

/// Room for one line, used again for the next.
#[derive(Debug, Default)]
pub struct Columns {
    /// In pixels from the top; the line's width is within. Nothing: from ∞ to −∞.
    tops: Vec<f32>,
    bottoms: Vec<f32>,
    width: usize,
}

impl Columns {
    pub fn start(&mut self, width: usize) {
        self.width = width;
        // Four columns are written at once, from any on.
        let room = width.next_multiple_of(LANES) + LANES;
        for (of, nothing) in [(&mut self.tops, f32::INFINITY), (&mut self.bottoms, f32::NEG_INFINITY)] {
            of.clear();
            of.resize(room, nothing);
        }
    }

    /// The line goes through these rows of the column.
    #[inline]
    pub fn add(&mut self, column: usize, top: f32, bottom: f32) {
        if let (Some(a), Some(b)) = (self.tops.get_mut(column), self.bottoms.get_mut(column)) {
            (*a, *b) = (lesser(top, *a), greater(bottom, *b));
        }
    }

    /// The same of a straight piece over the whole width of the column.
    #[inline]
    pub fn through(&mut self, column: usize, (top, bottom): (f32, f32), half: f32) {
        let half = half_over(bottom - top, half);
        self.add(column, top - half, bottom + half);
    }

    /// Lays the line under the picture.
    #[inline(never)]
    pub fn lay(&self, stroke: &Stroke, picture: &mut Picture) {
        let paint = Paint::new(stroke.colour, stroke.opacity);
        let mut dash = Dash::new(&stroke.dash);
        let (tops, bottoms) = (self.tops.as_chunks::<LANES>().0, self.bottoms.as_chunks::<LANES>().0);
        for (at, (tops, bottoms)) in tops.iter().zip(bottoms).enumerate() {
            let is_on = dash.next();
            // Most of many lines is hidden.
            if !picture.shows(at * LANES, tops, bottoms) {
                continue;
            }
            for (i, (top, bottom)) in tops.iter().zip(bottoms).enumerate() {
                if is_on[i] && at * LANES + i < self.width {
                    picture.span(at * LANES + i, *top, *bottom, &paint);
                }
            }
        }
    }
}

/// What half a line's width adds above and below a piece that rises so much in a column. Seen from above
/// a slanting line is thicker; a steep one reaches from end to end.
#[inline]
fn half_over(rise: f32, half: f32) -> f32 {
    if rise < 1.0 { half * (rise * rise + 1.0).sqrt() - rise * 0.5 } else { half }
}

/// Goes from point to point.
#[inline(never)]
pub fn walk(points: &Points, visible: std::ops::Range<usize>, stroke: &Stroke, view: &View, columns: &mut Columns) {
    let (x, y) = (view.x.placer(), view.y.placer());
    let mut before: Option<(f32, f32)> = None;
    // A point with no neighbour would be invisible as a line.
    let mut lone = None;
    for at in visible {
        let now = (x.at(points.x(at)), y.at(points.y(at)));
        if now.0.is_nan() || now.1.is_nan() {
            if let Some(it) = lone.take() {
                disc(it, stroke.width * 1.35, columns);
            }
            before = None;
            continue;
        }
        match before {
            Some(from) => {
                lone = None;
                piece(from, now, stroke.width / 2.0, columns);
            }
            None => lone = Some(now),
        }
        before = Some(now);
    }
    if let Some(it) = lone {
        disc(it, stroke.width * 1.35, columns);
    }
}

fn piece(a: (f32, f32), b: (f32, f32), half: f32, columns: &mut Columns) {
    let rise = b.1 - a.1;
    let slope = rise / (b.0 - a.0);
    let half = half_over(slope.abs(), half);
    // A point on the edge of two columns belongs to the right one.
    let within = cells(a.0, b.0, columns.width);
    if within.is_empty() || !slope.is_finite() {
        let column = cells(b.0, b.0 + 1.0, columns.width).start;
        columns.add(column, lesser(a.1, b.1) - half, greater(a.1, b.1) + half);
        return;
    }
    for column in within.step_by(LANES) {
        slant(columns, column, a, b, slope, half);
    }
}

/// A slanting piece over a few columns: in each from where it enters to where it leaves.
#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn slant(columns: &mut Columns, column: usize, a: (f32, f32), b: (f32, f32), slope: f32, half: f32) {
    for column in column..column + LANES {
        let left = column as f32;
        if left < b.0 {
            let at = |x: f32| a.1 + (lesser(greater(x, a.0), b.0) - a.0) * slope;
            let (from, to) = (at(left), at(left + 1.0));
            columns.add(column, lesser(from, to) - half, greater(from, to) + half);
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[inline]
#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn slant(columns: &mut Columns, column: usize, a: (f32, f32), b: (f32, f32), slope: f32, half: f32) {
    use std::arch::wasm32::{
        f32x4, f32x4_add, f32x4_lt, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sub, v128_bitselect,
        v128_load, v128_store,
    };
    let (Some(tops), Some(bottoms)) =
        (columns.tops.get_mut(column..column + LANES), columns.bottoms.get_mut(column..column + LANES))
    else {
        return;
    };
    let left = f32x4_add(f32x4_splat(column as f32), f32x4(0.0, 1.0, 2.0, 3.0));
    let at = |x| {
        let x = f32x4_pmin(f32x4_pmax(x, f32x4_splat(a.0)), f32x4_splat(b.0));
        f32x4_add(f32x4_splat(a.1), f32x4_mul(f32x4_sub(x, f32x4_splat(a.0)), f32x4_splat(slope)))
    };
    let (from, to) = (at(left), at(f32x4_add(left, f32x4_splat(1.0))));
    let is_within = f32x4_lt(left, f32x4_splat(b.0));
    let half = f32x4_splat(half);
    let top = v128_bitselect(f32x4_sub(f32x4_pmin(from, to), half), f32x4_splat(f32::INFINITY), is_within);
    let bottom = v128_bitselect(f32x4_add(f32x4_pmax(from, to), half), f32x4_splat(f32::NEG_INFINITY), is_within);
    // SAFETY: both slices have four numbers.
    unsafe {
        v128_store(tops.as_mut_ptr().cast(), f32x4_pmin(v128_load(tops.as_ptr().cast()), top));
        v128_store(bottoms.as_mut_ptr().cast(), f32x4_pmax(v128_load(bottoms.as_ptr().cast()), bottom));
    }
}

#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn disc((x, y): (f32, f32), radius: f32, columns: &mut Columns) {
    for column in cells(x - radius, x + radius, columns.width) {
        let beside = column as f32 + 0.5 - x;
        let half = greater(radius * radius - beside * beside, 0.0).sqrt();
        columns.add(column, y - half, y + half);
    }
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

    /// Of the next few columns.
    fn next(&mut self) -> [bool; LANES] {
        if self.pattern.is_empty() {
            return [true; LANES];
        }
        [(); LANES].map(|()| {
            self.left -= 1.0;
            let is_on = self.at.is_multiple_of(2);
            if self.left <= 0.0 {
                self.at = (self.at + 1) % self.pattern.len().next_multiple_of(2);
                self.left += self.pattern[self.at % self.pattern.len()].max(0.1);
            }
            is_on
        })
    }
}
