//! How much of each pixel one line covers, in 255ths, column by column. What the pieces of a line cover
//! is added up here first, so that pieces that meet in a pixel are not laid over one another. A line goes
//! from left to right: a few columns are open at a time, and those it has left are laid.

use super::blend::{GROUP, Paint};
use super::picture::Picture;

/// Rows that are written at once.
const LANES: usize = 8;

#[derive(Debug, Default)]
pub struct Cover {
    /// Of the open columns, one behind the other in a ring.
    parts: Vec<u8>,
    /// Of each of them the rows that were touched.
    touched: Vec<(u32, u32)>,
    /// Columns before it are laid.
    first: usize,
    /// Rows of a column with room for the last lanes, in whole groups.
    stride: usize,
    width: usize,
    height: usize,
    paint: Paint,
    /// Where the last long piece went, as a vector of length one; else nothing.
    pub heading: (f32, f32),
}

/// What a straight piece covers of a column, by the distance of a row's middle from the piece's:
/// the least of `most` and `peak - fall * distance`.
///
/// A piece that rises by `rise` rows within the column and is `thick` rows thick covers a row as far
/// as three boxes lie over one another: the rise, the thickness and the row's own height. The longest
/// makes the plateau; the other two make the slopes, as one box that spreads as much as both.
#[derive(Clone, Copy)]
pub struct Slab {
    most: f32,
    peak: f32,
    fall: f32,
    /// Beyond this distance nothing is covered.
    pub reach: f32,
}

impl Slab {
    /// `share`: of the column's width.
    pub fn new(rise: f32, thick: f32, share: f32) -> Self {
        let (least, most) = (lesser(rise, thick), greater(rise, thick));
        let long = greater(most, 1.0);
        let others = (least * least + lesser(most, 1.0).powi(2)).sqrt();
        let slopes = lesser(others, long);
        let most = 255.0 * share * (thick / long);
        let fall = most / slopes;
        let reach = (long + slopes) * 0.5;
        Self { most, peak: fall * reach, fall, reach }
    }
}

impl Cover {
    /// For a line that is nowhere wider than `line`.
    pub fn start(&mut self, (width, height): (usize, usize), line: f32, paint: Paint) {
        // A piece, its corner and a lone point's disc begin less than half so far to the left of where the line is.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a line's width")]
        let open = ((line * 8.0) as usize).max(64).next_power_of_two();
        let stride = (height + LANES).next_multiple_of(GROUP);
        if (self.stride, self.touched.len()) != (stride, open) {
            self.parts = vec![0; open * stride];
            self.touched = vec![(u32::MAX, 0); open];
        }
        (self.stride, self.width, self.height) = (stride, width, height);
        (self.first, self.paint, self.heading) = (0, paint, (0.0, 0.0));
    }

    /// Lays what is left of the line.
    pub fn end(&mut self, picture: &mut Picture) {
        self.leave(self.width, picture);
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// Room for a column among the open ones. None: it is laid.
    #[inline]
    fn open(&mut self, column: usize, picture: &mut Picture) -> Option<usize> {
        let n = self.touched.len();
        if column >= self.first + n {
            // Several at once; the nearer half may be gone back to.
            self.leave(column + 1 - n / 2, picture);
        }
        debug_assert!(column >= self.first, "a line goes from left to right");
        (column >= self.first).then_some(column & (n - 1))
    }

    fn touch(&mut self, slot: usize, from: usize, to: usize) {
        let touched = &mut self.touched[slot];
        let narrow = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        *touched = (touched.0.min(narrow(from)), touched.1.max(narrow(to)));
    }

    /// A piece around a row, cut off at both bounds.
    #[inline]
    pub fn slab(&mut self, column: usize, middle: f32, slab: &Slab, bounds: (f32, f32), picture: &mut Picture) {
        let from = greater(middle - slab.reach, bounds.0);
        let to = lesser(middle + slab.reach, bounds.1);
        let rows = cells(from, to, self.height);
        if rows.is_empty() || picture.hides(column, &rows) {
            return;
        }
        let Some(slot) = self.open(column, picture) else { return };
        self.touch(slot, rows.start, rows.end);
        let base = slot * self.stride;
        for row in rows.clone().step_by(LANES) {
            #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
            let at = row as f32 + 0.5;
            let parts = &mut self.parts[base + row..base + row + LANES];
            add(parts, at - middle, slab, (at + 0.5 - bounds.0, bounds.1 - at + 0.5));
        }
    }

    /// A part of one pixel, 0 to 1.
    pub fn dot(&mut self, column: usize, row: usize, part: f32, picture: &mut Picture) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let part = (part * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
        let Some(slot) = self.open(column, picture) else { return };
        self.touch(slot, row, row + 1);
        let it = &mut self.parts[slot * self.stride + row];
        *it = it.saturating_add(part);
    }

    /// Lays the open columns before this one under the picture, and clears their room for those after.
    #[inline(never)]
    fn leave(&mut self, until: usize, picture: &mut Picture) {
        let n = self.touched.len();
        for column in self.first..until.min(self.first + n) {
            let slot = column & (n - 1);
            let (from, to) = std::mem::replace(&mut self.touched[slot], (u32::MAX, 0));
            let (from, to) = (from as usize, to as usize);
            if from >= to {
                continue;
            }
            let base = slot * self.stride;
            // The lanes may have gone beyond the last row.
            self.parts[base + self.height..base + self.stride].fill(0);
            let (first, last) = (from / GROUP, to.div_ceil(GROUP));
            let (groups, _) = self.parts[base + first * GROUP..].as_chunks_mut::<GROUP>();
            for (group, parts) in (first..last).zip(groups) {
                picture.lay(column, group, parts, &self.paint);
                *parts = [0; GROUP];
            }
        }
        self.first = until;
    }
}

/// Whole numbers of `from..to` that lie within `0..most`.
#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates at 0, then at most")]
pub fn cells(from: f32, to: f32, most: usize) -> std::ops::Range<usize> {
    (from as usize).min(most)..(to.ceil() as usize).min(most)
}

/// The standard library's calls a function that cares for NaN.
#[inline]
pub fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline]
pub fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Adds what the slab covers of eight rows. `at`: of the first row's middle, from the slab's;
/// `ends`: how much of the first row lies within each bound.
#[cfg(target_arch = "wasm32")]
#[inline]
fn add(parts: &mut [u8], at: f32, slab: &Slab, ends: (f32, f32)) {
    use std::arch::wasm32::{
        f32x4, f32x4_abs, f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sub, i16x8_narrow_i32x4,
        i32x4_splat, u8x16_add_sat, u8x16_narrow_i16x8, v128_and, v128_load64_zero, v128_store64_lane,
    };
    let lanes = f32x4(0.0, 1.0, 2.0, 3.0);
    let four = |from: f32| {
        let rows = f32x4_add(lanes, f32x4_splat(from));
        let distance = f32x4_abs(f32x4_add(rows, f32x4_splat(at)));
        let it = f32x4_sub(f32x4_splat(slab.peak), f32x4_mul(distance, f32x4_splat(slab.fall)));
        let above = f32x4_mul(f32x4_add(rows, f32x4_splat(ends.0)), f32x4_splat(255.0));
        let below = f32x4_mul(f32x4_sub(f32x4_splat(ends.1), rows), f32x4_splat(255.0));
        let it = f32x4_pmin(f32x4_pmin(it, f32x4_splat(slab.most)), f32x4_pmin(above, below));
        // Beside so great a number the last digits are whole ones: rounded in one step.
        let it = f32x4_add(f32x4_pmax(it, f32x4_splat(0.0)), f32x4_splat(8_388_608.0));
        v128_and(it, i32x4_splat(0xff))
    };
    let eight = i16x8_narrow_i32x4(four(0.0), four(4.0));
    let bytes = u8x16_narrow_i16x8(eight, eight);
    let parts: &mut [u8; LANES] = match parts.first_chunk_mut() {
        Some(it) => it,
        None => return,
    };
    // SAFETY: reads and writes the eight bytes of the array.
    unsafe {
        let sum = u8x16_add_sat(v128_load64_zero(parts.as_ptr().cast()), bytes);
        v128_store64_lane::<0>(sum, parts.as_mut_ptr().cast());
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn add(parts: &mut [u8], at: f32, slab: &Slab, ends: (f32, f32)) {
    let mut row = 0.0f32;
    for part in parts {
        let it = slab.peak - (at + row).abs() * slab.fall;
        let end = (ends.0 + row).min(ends.1 - row) * 255.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let it = (it.min(slab.most).min(end).max(0.0) + 0.5) as u8;
        *part = part.saturating_add(it);
        row += 1.0;
    }
}
