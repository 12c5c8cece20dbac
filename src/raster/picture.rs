//! The picture as it grows from front to back: what is opaque already is skipped by one bit a pixel,
//! so that hidden lines cost next to nothing. Its memory is used again for the next picture.

/// RGBA, row by row. The bits go column by column, as the lines do.
#[derive(Debug, Default)]
pub struct Picture {
    width: usize,
    height: usize,
    /// Premultiplied while it grows.
    pixels: Vec<u32>,
    /// One bit for each pixel that is opaque.
    opaque: Vec<u64>,
    /// Of these bits a column has so many words.
    words: usize,
}

/// A colour ready to be laid under others.
#[derive(Clone, Copy)]
pub struct Paint {
    rgb: [u32; 3],
    /// 0 to 255.
    alpha: u32,
    /// The colour where nothing is yet.
    whole: u32,
}

impl Paint {
    pub fn new(colour: [u8; 3], opacity: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u32;
        let rgb = colour.map(u32::from);
        Self { rgb, alpha, whole: pack(rgb, alpha) }
    }
}

/// Premultiplied.
fn pack(rgb: [u32; 3], alpha: u32) -> u32 {
    let of = |it: u32| by_255(it * alpha);
    of(rgb[0]) | of(rgb[1]) << 8 | of(rgb[2]) << 16 | alpha << 24
}

/// Divided by 255 and rounded, up to 65,535.
fn by_255(it: u32) -> u32 {
    (it + 128 + ((it + 128) >> 8)) >> 8
}

/// Rows are far below 2^31.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=most")]
fn row(at: f32, most: usize) -> usize {
    (at.max(0.0) as usize).min(most)
}

impl Picture {
    /// Empty, of this size.
    pub(crate) fn start(&mut self, width: usize, height: usize) {
        (self.width, self.height, self.words) = (width, height, height.div_ceil(64));
        self.pixels.clear();
        self.pixels.resize(width * height, 0);
        self.opaque.clear();
        self.opaque.resize(width * self.words, 0);
    }

    /// Lays a stretch of a column under what is there. Its ends cover parts of pixels.
    pub(crate) fn span(&mut self, column: usize, top: f32, bottom: f32, paint: Paint) {
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        let height = self.height as f32;
        if !(bottom > 0.0 && top < height && top < bottom) {
            return;
        }
        let (first, last) = (row(top.ceil(), self.height), row(bottom.floor(), self.height));
        if first > last {
            // Within one pixel.
            self.dot(column, last, bottom - top, paint);
            return;
        }
        if top > 0.0 && first > 0 {
            #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
            self.dot(column, first - 1, first as f32 - top, paint);
        }
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        if last < self.height {
            self.dot(column, last, bottom - last as f32, paint);
        }
        self.fill(column, first, last, paint);
    }

    /// Whole pixels `from..to` of a column.
    fn fill(&mut self, column: usize, from: usize, to: usize, paint: Paint) {
        let bits = column * self.words;
        let mut word = from / 64;
        while word * 64 < to {
            let start = word * 64;
            let low = u64::MAX << from.saturating_sub(start);
            let high = if to - start >= 64 { u64::MAX } else { !(u64::MAX << (to - start)) };
            let wanted = low & high;
            let mut open = wanted & !self.opaque[bits + word];
            if open != 0 && paint.alpha == 255 {
                self.opaque[bits + word] |= wanted;
            }
            while open != 0 {
                let first = open.trailing_zeros() as usize;
                let n = (!(open >> first)).trailing_zeros().min(64) as usize;
                let at = (start + first) * self.width + column;
                for pixel in self.pixels[at..].iter_mut().step_by(self.width).take(n) {
                    *pixel = if *pixel == 0 { paint.whole } else { under(*pixel, paint, paint.alpha) };
                }
                open &= if first + n >= 64 { 0 } else { u64::MAX << (first + n) };
            }
            word += 1;
        }
    }

    /// Part of one pixel.
    fn dot(&mut self, column: usize, row: usize, part: f32, paint: Paint) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let part = (part.clamp(0.0, 1.0) * 255.0) as u32;
        let bit = &mut self.opaque[column * self.words + row / 64];
        let mask = 1u64 << (row % 64);
        if *bit & mask != 0 || part == 0 {
            return;
        }
        let pixel = &mut self.pixels[row * self.width + column];
        *pixel = under(*pixel, paint, by_255(part * paint.alpha));
        if *pixel >> 24 == 255 {
            *bit |= mask;
        }
    }

    /// Parts of 64 pixels of a column, in 255ths; which of them are more than nothing, and which whole.
    pub(crate) fn lay(
        &mut self,
        column: usize,
        word: usize,
        parts: &[u8; 64],
        (some, whole): (u64, u64),
        paint: Paint,
    ) {
        let opaque = self.opaque[column * self.words + word];
        let mut open = some & !opaque;
        let mut closed = if paint.alpha == 255 { open & whole } else { 0 };
        let base = word * 64 * self.width + column;
        while open != 0 {
            let row = open.trailing_zeros() as usize;
            open &= open - 1;
            let pixel = &mut self.pixels[base + row * self.width];
            let part = u32::from(parts[row]);
            if part == 255 && *pixel == 0 {
                *pixel = paint.whole;
                continue;
            }
            *pixel = under(*pixel, paint, by_255(part * paint.alpha));
            closed |= u64::from(*pixel >> 24 == 255) << row;
        }
        self.opaque[column * self.words + word] = opaque | closed;
    }

    /// Whether nothing of 64 pixels is to be seen any more.
    pub(crate) fn hides_word(&self, column: usize, word: usize) -> bool {
        self.opaque[column * self.words + word] == u64::MAX
    }

    /// The same of a few rows of a column.
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

    /// As a canvas takes it, not premultiplied.
    pub(crate) fn finish(&mut self) {
        // 255 / alpha in 16 bits after the point.
        let inverse: [u32; 256] = std::array::from_fn(|alpha| {
            let alpha = u32::try_from(alpha).unwrap_or(1).max(1);
            ((255 << 16) + alpha / 2) / alpha
        });
        let (chunks, rest) = self.pixels.as_chunks_mut::<8>();
        for chunk in chunks.iter_mut().filter(|it| it.iter().fold(0, |all, it| all | it) != 0) {
            chunk.iter_mut().for_each(|it| *it = plain(*it, &inverse));
        }
        rest.iter_mut().for_each(|it| *it = plain(*it, &inverse));
    }

    /// RGBA, row by row, not premultiplied.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: a u32 is four bytes without padding, and bytes need no alignment.
        unsafe { std::slice::from_raw_parts(self.pixels.as_ptr().cast(), self.pixels.len() * 4) }
    }
}

fn plain(pixel: u32, inverse: &[u32; 256]) -> u32 {
    let alpha = pixel >> 24;
    if alpha == 0 || alpha == 255 {
        return pixel;
    }
    let of = |shift: u32| (((pixel >> shift & 255) * inverse[alpha as usize] + (1 << 15)) >> 16).min(255) << shift;
    of(0) | of(8) | of(16) | alpha << 24
}

/// A colour of this alpha laid under a pixel.
fn under(pixel: u32, paint: Paint, alpha: u32) -> u32 {
    let share = by_255(alpha * (255 - (pixel >> 24)));
    let add = pack(paint.rgb, share);
    // Sums of the parts stay below 256, but for the last digit's rounding.
    let sum = |shift: u32| ((pixel >> shift & 255) + (add >> shift & 255)).min(255) << shift;
    sum(0) | sum(8) | sum(16) | sum(24)
}
