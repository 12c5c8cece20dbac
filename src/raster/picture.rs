//! The picture as it grows from front to back, column by column: what is opaque already is skipped by
//! one bit a pixel, so that hidden lines cost next to nothing.

/// Premultiplied RGBA, one column after the other.
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
    /// One bit for each pixel that is opaque.
    opaque: Vec<u64>,
    /// Whether anything is in these 64 pixels.
    touched: Vec<bool>,
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
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let words = height.div_ceil(64);
        Self {
            width,
            height,
            pixels: vec![0; width * height],
            opaque: vec![0; width * words],
            touched: vec![false; width * words],
            words,
        }
    }

    /// Lays a stretch of a column under what is there. Its ends cover parts of pixels.
    pub fn span(&mut self, column: usize, top: f32, bottom: f32, paint: Paint) {
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
        let (base, bits) = (column * self.height, column * self.words);
        let mut word = from / 64;
        while word * 64 < to {
            let start = word * 64;
            let low = u64::MAX << from.saturating_sub(start);
            let high = if to - start >= 64 { u64::MAX } else { !(u64::MAX << (to - start)) };
            let wanted = low & high;
            let mut open = wanted & !self.opaque[bits + word];
            self.touched[bits + word] = true;
            if open != 0 && paint.alpha == 255 {
                self.opaque[bits + word] |= wanted;
            }
            while open != 0 {
                let first = open.trailing_zeros() as usize;
                let n = (!(open >> first)).trailing_zeros().min(64) as usize;
                for pixel in &mut self.pixels[base + start + first..base + start + first + n] {
                    *pixel = if *pixel == 0 { paint.whole } else { under(*pixel, paint, paint.alpha) };
                }
                open &= if first + n >= 64 { 0 } else { u64::MAX << (first + n) };
            }
            word += 1;
        }
    }

    /// Part of one pixel.
    pub fn dot(&mut self, column: usize, row: usize, part: f32, paint: Paint) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        self.dab(column, row, (part.clamp(0.0, 1.0) * 255.0) as u32, paint);
    }

    /// Part of one pixel, in 255ths.
    pub fn dab(&mut self, column: usize, row: usize, part: u32, paint: Paint) {
        let word = column * self.words + row / 64;
        self.touched[word] = true;
        let bit = &mut self.opaque[word];
        let mask = 1u64 << (row % 64);
        if *bit & mask != 0 || part == 0 {
            return;
        }
        let pixel = &mut self.pixels[column * self.height + row];
        *pixel = under(*pixel, paint, by_255(part * paint.alpha));
        if *pixel >> 24 == 255 {
            *bit |= mask;
        }
    }

    /// Row by row, not premultiplied.
    pub fn into_rgba(self) -> Vec<u8> {
        // 255 / alpha in 16 bits after the point.
        let inverse: [u32; 256] = std::array::from_fn(|alpha| {
            let alpha = u32::try_from(alpha).unwrap_or(1).max(1);
            ((255 << 16) + alpha / 2) / alpha
        });
        let plain = |pixel: u32| {
            let alpha = pixel >> 24;
            if alpha == 0 || alpha == 255 {
                return pixel;
            }
            let of =
                |shift: u32| (((pixel >> shift & 255) * inverse[alpha as usize] + (1 << 15)) >> 16).min(255) << shift;
            of(0) | of(8) | of(16) | alpha << 24
        };
        let mut out = vec![0u8; self.width * self.height * 4];
        // In stripes, so that both sides stay in the nearest cache.
        const SIDE: usize = 16;
        for left in (0..self.width).step_by(SIDE) {
            let columns = left..(left + SIDE).min(self.width);
            for word in 0..self.words {
                let (top, bottom) = (word * 64, (word * 64 + 64).min(self.height));
                for column in columns.clone().filter(|it| self.touched[it * self.words + word]) {
                    let pixels = &self.pixels[column * self.height + top..column * self.height + bottom];
                    for (row, pixel) in (top..bottom).zip(pixels) {
                        if *pixel != 0 {
                            let at = (row * self.width + column) * 4;
                            out[at..at + 4].copy_from_slice(&plain(*pixel).to_le_bytes());
                        }
                    }
                }
            }
        }
        out
    }
}

/// A colour of this alpha laid under a pixel.
fn under(pixel: u32, paint: Paint, alpha: u32) -> u32 {
    let share = by_255(alpha * (255 - (pixel >> 24)));
    let add = pack(paint.rgb, share);
    // Sums of the parts stay below 256, but for the last digit's rounding.
    let sum = |shift: u32| ((pixel >> shift & 255) + (add >> shift & 255)).min(255) << shift;
    sum(0) | sum(8) | sum(16) | sum(24)
}
