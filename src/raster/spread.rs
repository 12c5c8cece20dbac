//! How lines are spread, where they are too many to tell apart: of each cell of the plot how many lines go through
//! it (a histogram of their values at every place along x), and at some places the shape of the distribution.

use super::picture::Picture;
use super::points::Points;
use super::{Paint, Placer, Scale, View};

/// Points of a line that are looked at within one column of cells.
const MOST_LOOKED_AT: usize = 16;
/// Fewer lines have no shape.
const LEAST: usize = 3;
/// Beyond so many widths of a kernel nothing is seen of it.
const REACH: f64 = 4.0;
/// How wide the widest place of a shape is, as a share of the way to the next.
pub const WIDE: f32 = 0.88;

/// How many lines go through each cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Side of a cell in pixels; those at the right and bottom edges may be cut.
    pub cell: u32,
    pub rows: usize,
    /// Column by column, from the top.
    pub counts: Vec<u32>,
    /// The greatest of them.
    pub most: u32,
}

impl Grid {
    pub fn of(lines: &[&Points], view: &View, cell: u32) -> Self {
        let cell = cell.max(1);
        let (columns, rows) = (view.width.div_ceil(cell) as usize, view.height.div_ceil(cell) as usize);
        let mut counts = vec![0u32; columns * rows];
        let y = view.y.placer();
        for (column, counts) in (0u32..).zip(counts.chunks_exact_mut(rows.max(1))) {
            let edge = |at: u32| view.x.value(f64::from(at * cell));
            let (low, high) = (edge(column), edge(column + 1));
            for line in lines {
                let at = height(line, (&view.x, &y), low, high);
                #[expect(clippy::cast_precision_loss, reason = "a side of some pixels")]
                let row = at / cell as f32;
                // NaN is not.
                if row >= 0.0 {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below zero")]
                    let row = row as usize;
                    if let Some(it) = counts.get_mut(row) {
                        *it += 1;
                    }
                }
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        Grid { cell, rows, counts, most }
    }

    /// Cells with lines: column, row and from almost none, 0, to most, 1. Roots, so that few among many are seen.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let share = |it: u32| if self.most > 1 { ((it - 1) as f64 / (self.most - 1) as f64).sqrt() } else { 1.0 };
        let place = |at: usize| (at / self.rows, at % self.rows);
        let used = self.counts.iter().enumerate().filter(|it| *it.1 > 0);
        used.map(move |(at, n)| (place(at).0, place(at).1, share(*n)))
    }

    pub(crate) fn lay(&self, view: &View, ramp: &[[u8; 3]], picture: &mut Picture) {
        let Some(last) = ramp.len().checked_sub(1) else { return };
        let paints: Vec<Paint> = ramp.iter().map(|it| Paint::new(*it, 1.0)).collect();
        let (cell, width) = (self.cell as usize, view.width as usize);
        for (column, row, share) in self.cells() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
            #[expect(clippy::cast_precision_loss, reason = "a short list")]
            let paint = &paints[(share * last as f64).round() as usize];
            #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
            let (top, bottom) = ((row * cell) as f32, ((row + 1) * cell) as f32);
            for x in column * cell..((column + 1) * cell).min(width) {
                picture.span(x, top, bottom, paint);
            }
        }
    }
}

/// How values are spread at one place: their density by Gaussian kernels, on the scale as it is shown. The kernels are as
/// wide as Scott's rule says (Scott, "Multivariate Density Estimation", 1992), of the quartiles where those are nearer
/// together than the deviation: one that went wrong does not make all others one lump.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    /// In pixels from the left.
    pub x: f32,
    /// Of each row of pixels, as a share of the greatest.
    pub density: Vec<f32>,
    /// In pixels from the top.
    pub median: f32,
}

/// About so many pixels from one to the next.
pub fn ridges(lines: &[&Points], view: &View, apart: u32) -> Vec<Ridge> {
    let n = (view.width / apart.max(1)).max(1);
    let y = view.y.placer();
    let one = |at: u32| {
        let left = view.width * at / n;
        let (low, high) = (view.x.value(f64::from(left)), view.x.value(f64::from(left + 1)));
        let mut heights: Vec<f32> =
            lines.iter().map(|it| height(it, (&view.x, &y), low, high)).filter(|it| !it.is_nan()).collect();
        heights.sort_unstable_by(f32::total_cmp);
        let median = *heights.get(heights.len() / 2)?;
        let density = density(&heights, view.height as usize)?;
        #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
        Some(Ridge { x: left as f32, density, median })
    };
    (0..n).filter_map(one).collect()
}

/// Heights in order. None: they have no shape.
fn density(heights: &[f32], rows: usize) -> Option<Vec<f32>> {
    /// Of a normal distribution, from quartile to quartile.
    const QUARTILES: f64 = 1.349;
    if heights.len() < LEAST {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of lines")]
    let n = heights.len() as f64;
    let wide = |at: usize| f64::from(heights[at.min(heights.len() - 1)]);
    let mean = heights.iter().map(|it| f64::from(*it)).sum::<f64>() / n;
    let sd = (heights.iter().map(|it| (f64::from(*it) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let middle = (wide(heights.len() * 3 / 4) - wide(heights.len() / 4)) / QUARTILES;
    let spread = if middle > 0.0 && middle < sd { middle } else { sd };
    // Where all are the same it is still a pixel high.
    let sd = (spread * n.powf(-0.2)).max(1.0);
    let at = |row: f64| {
        let from = heights.partition_point(|it| f64::from(*it) < row - REACH * sd);
        let near = heights[from..].iter().map(|it| (f64::from(*it) - row) / sd).take_while(|it| *it <= REACH);
        near.map(|it| (-0.5 * it * it).exp()).sum::<f64>()
    };
    #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
    let sums: Vec<f64> = (0..rows).map(|row| at(row as f64 + 0.5)).collect();
    // What is most may lie outside of what is seen.
    let beyond = [1, 2, 3].map(|it| at(wide(heights.len() * it / 4)));
    let most = sums.iter().chain(&beyond).copied().fold(0.0, f64::max);
    #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
    (most > 0.0).then(|| sums.iter().map(|it| (it / most) as f32).collect())
}

/// Less is nothing.
pub const SEEN: f32 = 3e-3;

impl Ridge {
    /// `apart`: room to the next.
    pub(crate) fn lay(&self, view: &View, apart: f32, line: f32, colour: [u8; 3], picture: &mut Picture) {
        let (shade, edge) = (Paint::new(colour, 0.4), Paint::new(colour, 1.0));
        let wide = apart * WIDE;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the picture")]
        let (first, last) = (self.x as usize, ((self.x + wide) as usize + 1).min(view.width as usize));
        let row = if self.median >= 0.0 { self.median } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let to_median = self.density.get(row as usize).map_or(0.0, |it| it * wide);
        for column in first..last {
            #[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
            let away = column as f32 - self.x;
            if away < to_median {
                picture.span(column, self.median - line / 2.0, self.median + line / 2.0, &edge);
            }
            if away < 1.0 {
                picture.lay_rows(column, &shade, |row| if self.density[row] > SEEN { 1.0 } else { 0.0 });
            }
            picture.lay_rows(column, &shade, |row| (self.density[row] * wide - away).clamp(0.0, 1.0));
        }
    }
}

/// Where a line goes through a column of cells, in pixels from the top: the mean of its points, or of some of many;
/// NaN: it does not.
fn height(line: &Points, (x, y): (&Scale, &Placer), low: f64, high: f64) -> f32 {
    let (from, to) = (line.first_from(low), line.first_from(high));
    if from < to {
        let places = (from..to).step_by((to - from).div_ceil(MOST_LOOKED_AT));
        let finite = places.map(|at| line.y(at)).filter(|it| !it.is_nan());
        let (n, sum) = finite.fold((0.0, 0.0), |(n, sum), it| (n + 1.0, sum + it));
        return y.at(sum / n);
    }
    if from == 0 || from >= line.len() {
        return f32::NAN;
    }
    // The line is straight on the screen, whatever the scale. What has no place there is NaN.
    let place = |it: f64| x.place(it).unwrap_or(f64::NAN);
    let (x0, x1) = (place(line.x(from - 1)), place(line.x(from)));
    let middle = place(low).midpoint(place(high));
    let share = if x1 <= x0 { 1.0 } else { ((middle - x0) / (x1 - x0)).clamp(0.0, 1.0) };
    let (a, b) = (y.at(line.y(from - 1)), y.at(line.y(from)));
    #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
    let share = share as f32;
    a + (b - a) * share
}
