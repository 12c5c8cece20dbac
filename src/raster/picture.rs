//! The picture as it grows from front to back, column by column as lines do: what is opaque already is
//! skipped by one bit a pixel, so that hidden lines cost next to nothing. At the end it is turned to
//! rows, as a canvas takes it. Its memory is used again for the next picture.

use super::blend::{self, GROUP, LANES, Paint};
use super::cover::cells;

/// The bits of a group.
const ALL: u64 = (1 << GROUP) - 1;
const GROUP_F32: f32 = 16.0;
/// Pixels of a square.
const SQUARE: usize = GROUP * GROUP;

#[derive(Debug, Default)]
pub struct Picture {
    width: usize,
    height: usize,
    /// RGBA, premultiplied: square by square down and then to the right, each column by column. So what a line
    /// goes through lies together.
    pixels: Vec<u32>,
    /// Of the last picture nothing is left.
    is_empty: bool,
    /// One bit for each pixel that is opaque.
    opaque: Vec<u64>,
    /// Of these bits a column has so many words.
    words: usize,
    /// Of each column a stretch of rows that are opaque, from and to.
    hidden: (Vec<f32>, Vec<f32>),
    /// Of each square of pixels, column by column, whether something may be there.
    used: Vec<bool>,
    /// A few rows, not premultiplied.
    strip: Vec<u32>,
}

impl Picture {
    /// Empty, of this size.
    pub(crate) fn start(&mut self, width: usize, height: usize) {
        (self.width, self.height, self.words) = (width, height, height.div_ceil(64));
        let n = width.div_ceil(GROUP) * self.squares() * SQUARE;
        // What was poured out left nothing behind.
        if self.pixels.len() != n || !self.is_empty {
            self.pixels.clear();
            self.pixels.resize(n, 0);
        }
        self.is_empty = false;
        self.opaque.clear();
        self.opaque.resize(width * self.words, 0);
        self.used.clear();
        self.used.resize(width.div_ceil(GROUP) * self.squares(), false);
        // To whole lanes: beyond the last column all is hidden.
        for (of, beyond) in [(&mut self.hidden.0, f32::NEG_INFINITY), (&mut self.hidden.1, f32::INFINITY)] {
            of.clear();
            of.resize(width, 0.0);
            of.resize(width.next_multiple_of(LANES) + LANES, beyond);
        }
    }

    /// Squares one over the other, those below the picture's end with them.
    fn squares(&self) -> usize {
        self.words * (64 / GROUP)
    }

    #[inline]
    fn square(&self, column: usize, group: usize) -> usize {
        column / GROUP * self.squares() + group
    }

    /// Where a group's pixels begin.
    #[inline]
    fn place(&self, column: usize, group: usize) -> usize {
        self.square(column, group) * SQUARE + column % GROUP * GROUP
    }

    /// Lays a stretch of a column under what is there. Its ends cover parts of pixels.
    pub(crate) fn span(&mut self, column: usize, top: f32, bottom: f32, paint: &Paint) {
        let rows = cells(top, bottom, self.height);
        let mut is_more = false;
        for group in rows.start / GROUP..rows.end.div_ceil(GROUP) {
            let (low, high) = (rows.start.saturating_sub(group * GROUP), rows.end - group * GROUP);
            let wanted = (ALL << low) & (if high < GROUP { !(ALL << high) } else { ALL });
            if self.opaque_of(column, group) & wanted == wanted {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
            let first = (group * GROUP) as f32;
            // Between its ends it covers all, and where nothing is yet that is said at once.
            if top <= first && bottom >= first + GROUP_F32 && self.fill(column, group, paint) {
                is_more = true;
                continue;
            }
            let mut parts = blend::stretch(top - first, bottom - first);
            // Nothing may be laid beyond the last row.
            if let Some(beyond) = parts.get_mut(self.height - group * GROUP..) {
                beyond.fill(0);
            }
            self.lay(column, group, &parts, paint);
            is_more = true;
        }
        if is_more && paint.is_opaque() {
            self.hide(column, &rows);
        }
    }

    /// Lays a column under what is there, of each row its part, 0 to 1.
    pub(crate) fn lay_rows(&mut self, column: usize, paint: &Paint, part: impl Fn(usize) -> f32) {
        for group in 0..self.height.div_ceil(GROUP) {
            let mut parts = [0; GROUP];
            for (row, it) in (group * GROUP..self.height).zip(&mut parts) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
                let part = (part(row) * 255.0 + 0.5) as u8;
                *it = part;
            }
            if parts != [0; GROUP] {
                self.lay(column, group, &parts, paint);
            }
        }
    }

    /// The bits of a group.
    #[inline]
    fn opaque_of(&self, column: usize, group: usize) -> u64 {
        let (word, shift) = self.bits_of(column, group);
        self.opaque[word] >> shift & ALL
    }

    /// The word with the bits of a group, and where they begin in it.
    #[inline]
    fn bits_of(&self, column: usize, group: usize) -> (usize, usize) {
        let row = group * GROUP;
        (column * self.words + row / 64, row % 64)
    }

    /// What is opaque around these rows is remembered if it is more than what was.
    fn hide(&mut self, column: usize, rows: &std::ops::Range<usize>) {
        let bits = &self.opaque[column * self.words..(column + 1) * self.words];
        let middle = rows.start.midpoint(rows.end - 1);
        let (word, bit) = (middle / 64, middle % 64);
        if bits[word] >> bit & 1 == 0 {
            return;
        }
        // Ones that follow on the middle, and those before it.
        let (mut to, mut at) = (middle + (bits[word] >> bit).trailing_ones() as usize, word);
        while to % 64 == 0 && to / 64 > at && to / 64 < bits.len() {
            at = to / 64;
            to += bits[at].trailing_ones() as usize;
        }
        let (mut from, mut at) = (middle + 1 - (bits[word] << (63 - bit)).leading_ones() as usize, word);
        while from % 64 == 0 && from / 64 == at && at > 0 {
            at -= 1;
            from -= bits[at].leading_ones() as usize;
        }
        // Below the last row there is nothing to be seen.
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        let (from, to) = (from as f32, if to >= self.height { f32::INFINITY } else { to as f32 });
        if to - from > self.hidden.1[column] - self.hidden.0[column] {
            (self.hidden.0[column], self.hidden.1[column]) = (if from <= 0.0 { f32::NEG_INFINITY } else { from }, to);
        }
    }

    /// Of a few columns, whether something may be seen of stretches from `tops` to `bottoms`.
    #[inline]
    pub(crate) fn shows(&self, column: usize, tops: &[f32; LANES], bottoms: &[f32; LANES]) -> bool {
        let (from, to) = (&self.hidden.0[column..column + LANES], &self.hidden.1[column..column + LANES]);
        blend::reaches_beyond(tops, bottoms, from, to)
    }

    /// A whole group of pixels, if nothing is there and none of it lies beyond the last row.
    #[inline]
    fn fill(&mut self, column: usize, group: usize, paint: &Paint) -> bool {
        if (group + 1) * GROUP > self.height {
            return false;
        }
        let at = self.place(column, group);
        let is_filled = self.pixels[at..].first_chunk_mut::<GROUP>().is_some_and(|it| blend::fill(it, paint));
        if is_filled {
            let square = self.square(column, group);
            self.used[square] = true;
            if paint.is_opaque() {
                let (word, shift) = self.bits_of(column, group);
                self.opaque[word] |= ALL << shift;
            }
        }
        is_filled
    }

    /// Parts of a group of pixels of a column, in 255ths.
    #[inline]
    pub(crate) fn lay(&mut self, column: usize, group: usize, parts: &[u8; GROUP], paint: &Paint) {
        let (word, shift) = self.bits_of(column, group);
        if self.opaque[word] >> shift & ALL == ALL {
            return;
        }
        let at = self.place(column, group);
        if let Some(pixels) = self.pixels[at..].first_chunk_mut::<GROUP>() {
            self.opaque[word] |= u64::from(blend::parts(pixels, parts, paint)) << shift;
            let square = self.square(column, group);
            self.used[square] = true;
        }
    }

    /// Whether nothing is to be seen any more of a few rows of a column.
    #[inline]
    pub(crate) fn hides(&self, column: usize, rows: &std::ops::Range<usize>) -> bool {
        let (first, last) = (rows.start / 64, (rows.end - 1) / 64);
        let bits = &self.opaque[column * self.words..(column + 1) * self.words];
        let (low, high) = (u64::MAX << (rows.start % 64), u64::MAX >> (63 - (rows.end - 1) % 64));
        if first == last {
            return bits[first] & low & high == low & high;
        }
        bits[first] & low == low && bits[last] & high == high && bits[first + 1..last].iter().all(|it| *it == u64::MAX)
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.width * self.height * 4
    }

    /// Turns it to rows, a strip at a time: what was turned is taken while it is still near.
    #[inline(never)]
    pub(crate) fn pour(&mut self, take: &mut dyn FnMut(&[u8])) {
        const SIDE: usize = GROUP;
        self.is_empty = true;
        let squares = self.squares();
        self.strip.clear();
        self.strip.resize(self.width * SIDE, 0);
        // Where the strip holds something of the rows before.
        let mut holds = vec![false; self.width.div_ceil(SIDE)];
        for top in (0..self.height).step_by(SIDE) {
            let n_rows = SIDE.min(self.height - top);
            self.strip.truncate(self.width * n_rows);
            for (square, holds) in holds.iter_mut().enumerate() {
                let left = square * SIDE;
                let n_columns = SIDE.min(self.width - left);
                let at = square * squares + top / SIDE;
                let is_used = self.used[at];
                if !is_used && !*holds {
                    continue;
                }
                *holds = is_used;
                let from = &mut self.pixels[at * SQUARE..(at + 1) * SQUARE];
                let to = &mut self.strip[left..];
                if n_columns == SIDE && n_rows == SIDE {
                    blend::turn::<SIDE>(from, to, self.width);
                    continue;
                }
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        to[row * self.width + column] = blend::plain(from[column * SIDE + row]);
                    }
                }
                from.fill(0);
            }
            // SAFETY: a u32 is four bytes without padding, and bytes need no alignment.
            take(unsafe { std::slice::from_raw_parts(self.strip.as_ptr().cast(), self.strip.len() * 4) });
        }
    }
}
