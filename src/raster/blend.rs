//! Colours laid under what is there, sixteen pixels at once where the machine can. Both ways give the
//! same bytes.

/// Pixels that are blended at once.
pub const GROUP: usize = 16;
/// Columns that are looked at at once.
pub const LANES: usize = 4;

/// A colour ready to be laid under others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    rgb: [u32; 3],
    /// 0 to 255.
    alpha: u32,
}

impl Paint {
    pub fn new(colour: [u8; 3], opacity: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u32;
        Self { rgb: colour.map(u32::from), alpha }
    }

    pub fn is_opaque(&self) -> bool {
        self.alpha == 255
    }
}

/// Premultiplied.
fn pack(rgb: [u32; 3], alpha: u32) -> u32 {
    let of = |it: u32| by_255(it * alpha);
    of(rgb[0]) | of(rgb[1]) << 8 | of(rgb[2]) << 16 | alpha << 24
}

/// Divided by 255 and rounded, up to 65,535.
#[inline]
fn by_255(it: u32) -> u32 {
    (it + 128 + ((it + 128) >> 8)) >> 8
}

/// A part of a colour, in 255ths, laid under a pixel.
#[cfg(not(target_arch = "wasm32"))]
fn under(pixel: u32, paint: &Paint, part: u8) -> u32 {
    let share = by_255(by_255(u32::from(part) * paint.alpha) * (255 - (pixel >> 24)));
    let add = pack(paint.rgb, share);
    // Sums of the parts stay below 256, but for the last digit's rounding.
    let sum = |shift: u32| ((pixel >> shift & 255) + (add >> shift & 255)).min(255) << shift;
    sum(0) | sum(8) | sum(16) | sum(24)
}

/// The colour where nothing is yet; false: something is.
#[inline]
pub fn fill(pixels: &mut [u32; GROUP], paint: &Paint) -> bool {
    let is_free = pixels.iter().fold(0, |so_far, it| so_far | it) == 0;
    if is_free {
        *pixels = [pack(paint.rgb, paint.alpha); GROUP];
    }
    is_free
}

/// Under each pixel its part of the colour, in 255ths. Which pixels are opaque then, a bit each.
#[cfg(not(target_arch = "wasm32"))]
pub fn parts(pixels: &mut [u32; GROUP], parts: &[u8; GROUP], paint: &Paint) -> u16 {
    let mut opaque = 0;
    for (at, (pixel, part)) in pixels.iter_mut().zip(parts).enumerate() {
        *pixel = under(*pixel, paint, *part);
        opaque |= u16::from(*pixel >> 24 == 255) << at;
    }
    opaque
}

#[cfg(target_arch = "wasm32")]
#[inline]
pub fn parts(pixels: &mut [u32; GROUP], parts: &[u8; GROUP], paint: &Paint) -> u16 {
    use std::arch::wasm32::{
        i8x16_shuffle, i8x16_swizzle, u8x16, u8x16_add_sat, u8x16_bitmask, u8x16_eq, u8x16_splat, u32x4_splat, v128,
        v128_any_true, v128_load, v128_not, v128_store,
    };
    // SAFETY: reads the 16 bytes.
    let part = unsafe { v128_load(parts.as_ptr().cast()) };
    if !v128_any_true(part) {
        return 0;
    }
    let at: *mut v128 = pixels.as_mut_ptr().cast();
    // SAFETY: 16 pixels are four vectors of four.
    let [a, b, c, d] = unsafe { [0, 1, 2, 3].map(|i| v128_load(at.add(i))) };
    let alpha = |a: v128, b: v128, c: v128, d: v128| {
        let low = i8x16_shuffle::<3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0>(a, b);
        let high = i8x16_shuffle::<3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0>(c, d);
        i8x16_shuffle::<0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23>(low, high)
    };
    let part = if paint.alpha == 255 { part } else { times(part, u8x16_splat(narrow(paint.alpha))) };
    let share = times(part, v128_not(alpha(a, b, c, d)));
    let colour = u32x4_splat(pack(paint.rgb, 255));
    let four =
        |i: u8| u8x16(i, i, i, i, i + 1, i + 1, i + 1, i + 1, i + 2, i + 2, i + 2, i + 2, i + 3, i + 3, i + 3, i + 3);
    let lay = |it: v128, i: u8| u8x16_add_sat(it, times(i8x16_swizzle(share, four(i)), colour));
    let (a, b, c, d) = (lay(a, 0), lay(b, 4), lay(c, 8), lay(d, 12));
    // SAFETY: the same four vectors.
    unsafe {
        v128_store(at, a);
        v128_store(at.add(1), b);
        v128_store(at.add(2), c);
        v128_store(at.add(3), d);
    }
    u8x16_bitmask(u8x16_eq(alpha(a, b, c, d), u8x16_splat(255)))
}

#[cfg(target_arch = "wasm32")]
#[expect(clippy::cast_possible_truncation, reason = "0 to 255")]
fn narrow(it: u32) -> u8 {
    it as u8
}

/// Products in 255ths, rounded as `by_255` does.
#[cfg(target_arch = "wasm32")]
#[inline]
fn times(a: std::arch::wasm32::v128, b: std::arch::wasm32::v128) -> std::arch::wasm32::v128 {
    use std::arch::wasm32::{
        u8x16_narrow_i16x8, u16x8_add, u16x8_extmul_high_u8x16, u16x8_extmul_low_u8x16, u16x8_shr, u16x8_splat, v128,
    };
    let by_255 = |it: v128| {
        let it = u16x8_add(it, u16x8_splat(128));
        u16x8_shr(u16x8_add(it, u16x8_shr(it, 8)), 8)
    };
    u8x16_narrow_i16x8(by_255(u16x8_extmul_low_u8x16(a, b)), by_255(u16x8_extmul_high_u8x16(a, b)))
}

/// Not premultiplied.
pub fn plain(pixel: u32) -> u32 {
    let alpha = pixel >> 24;
    if alpha == 0 || alpha == 255 {
        return pixel;
    }
    #[expect(clippy::cast_precision_loss, reason = "0 to 255")]
    let inverse = 255.0 / alpha as f32;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 255"
    )]
    let of = |shift: u32| (((pixel >> shift & 255) as f32 * inverse + 0.5) as u32).min(255) << shift;
    of(0) | of(8) | of(16) | alpha << 24
}

/// A square of pixels from columns to rows, not premultiplied. Nothing is left where it was.
#[cfg(not(target_arch = "wasm32"))]
pub fn turn<const SIDE: usize>(from: &mut [u32], to: &mut [u32], width: usize) {
    for row in 0..SIDE {
        for column in 0..SIDE {
            to[row * width + column] = plain(std::mem::take(&mut from[column * SIDE + row]));
        }
    }
}

#[cfg(target_arch = "wasm32")]
pub fn turn<const SIDE: usize>(from: &mut [u32], to: &mut [u32], width: usize) {
    use std::arch::wasm32::{i32x4_shuffle, u32x4_splat, v128, v128_any_true, v128_load, v128_or, v128_store};
    assert!(SIDE.is_multiple_of(4) && from.len() >= SIDE * SIDE && to.len() >= (SIDE - 1) * width + SIDE);
    for row in (0..SIDE).step_by(4) {
        for column in (0..SIDE).step_by(4) {
            // SAFETY: within the square, whose corners are within both, as asserted.
            let at = [0, 1, 2, 3].map(|i| unsafe { from.as_mut_ptr().add((column + i) * SIDE + row).cast::<v128>() });
            // SAFETY: as above.
            let [a, b, c, d] = at.map(|it| unsafe { v128_load(it) });
            let mut store = |i: usize, it: v128| {
                // SAFETY: as above.
                unsafe { v128_store(to.as_mut_ptr().add((row + i) * width + column).cast(), it) };
            };
            if !v128_any_true(v128_or(v128_or(a, b), v128_or(c, d))) {
                (0..4).for_each(|i| store(i, a));
                continue;
            }
            // SAFETY: as above.
            at.into_iter().for_each(|it| unsafe { v128_store(it, u32x4_splat(0)) });
            let (ab_low, ab_high) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
            let (cd_low, cd_high) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
            store(0, plain_four(i32x4_shuffle::<0, 1, 4, 5>(ab_low, cd_low)));
            store(1, plain_four(i32x4_shuffle::<2, 3, 6, 7>(ab_low, cd_low)));
            store(2, plain_four(i32x4_shuffle::<0, 1, 4, 5>(ab_high, cd_high)));
            store(3, plain_four(i32x4_shuffle::<2, 3, 6, 7>(ab_high, cd_high)));
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[inline]
fn plain_four(pixels: std::arch::wasm32::v128) -> std::arch::wasm32::v128 {
    use std::arch::wasm32::{
        f32x4_add, f32x4_convert_i32x4, f32x4_div, f32x4_mul, f32x4_pmin, f32x4_splat, i32x4_all_true, i32x4_eq,
        i32x4_shl, i32x4_splat, u32x4_shr, v128, v128_and, v128_or,
    };
    let alpha = u32x4_shr(pixels, 24);
    let full = i32x4_splat(255);
    let empty = i32x4_splat(0);
    if i32x4_all_true(v128_or(i32x4_eq(alpha, full), i32x4_eq(alpha, empty))) {
        return pixels;
    }
    let inverse = f32x4_div(f32x4_splat(255.0), f32x4_convert_i32x4(alpha));
    let of = |it: v128| {
        let value = f32x4_pmin(f32x4_mul(f32x4_convert_i32x4(v128_and(it, full)), inverse), f32x4_splat(255.0));
        // Beside so great a number the last digits are whole ones: rounded in one step.
        v128_and(f32x4_add(value, f32x4_splat(8_388_608.0)), full)
    };
    // Where nothing is, 0 times infinity is NaN, whose last digits are 0.
    let (r, g, b) = (of(pixels), of(u32x4_shr(pixels, 8)), of(u32x4_shr(pixels, 16)));
    v128_or(v128_or(r, i32x4_shl(g, 8)), v128_or(i32x4_shl(b, 16), i32x4_shl(alpha, 24)))
}

/// Which part of each pixel of a group lies between two places, from the group's first, in 255ths.
#[cfg(not(target_arch = "wasm32"))]
pub fn stretch(top: f32, bottom: f32) -> [u8; GROUP] {
    let mut row = 0.0f32;
    [0; GROUP].map(|_| {
        let part = (row + 1.0 - top).min(bottom - row).min(bottom - top).clamp(0.0, 1.0);
        row += 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        let part = (part * 255.0).round_ties_even() as u8;
        part
    })
}

#[cfg(target_arch = "wasm32")]
#[inline]
pub fn stretch(top: f32, bottom: f32) -> [u8; GROUP] {
    use std::arch::wasm32::{
        f32x4, f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sub, i16x8_narrow_i32x4, i32x4_splat,
        u8x16_narrow_i16x8, v128_and, v128_store,
    };
    let most = f32x4_splat(if bottom - top < 1.0 { bottom - top } else { 1.0 });
    let four = |from: f32| {
        let rows = f32x4_add(f32x4(0.0, 1.0, 2.0, 3.0), f32x4_splat(from));
        let above = f32x4_add(rows, f32x4_splat(1.0 - top));
        let below = f32x4_sub(f32x4_splat(bottom), rows);
        let part = f32x4_pmax(f32x4_pmin(f32x4_pmin(above, below), most), f32x4_splat(0.0));
        // Beside so great a number the last digits are whole ones: rounded in one step.
        let part = f32x4_add(f32x4_mul(part, f32x4_splat(255.0)), f32x4_splat(8_388_608.0));
        v128_and(part, i32x4_splat(0xff))
    };
    let (a, b) = (i16x8_narrow_i32x4(four(0.0), four(4.0)), i16x8_narrow_i32x4(four(8.0), four(12.0)));
    let mut parts = [0; GROUP];
    // SAFETY: writes the 16 bytes.
    unsafe { v128_store(parts.as_mut_ptr().cast(), u8x16_narrow_i16x8(a, b)) };
    parts
}

/// Whether any of the stretches is not within its bounds. One that ends before it begins is nothing.
#[cfg(not(target_arch = "wasm32"))]
pub fn reaches_beyond(tops: &[f32; LANES], bottoms: &[f32; LANES], from: &[f32], to: &[f32]) -> bool {
    (0..LANES).any(|i| tops[i] < bottoms[i] && (tops[i] < from[i] || bottoms[i] > to[i]))
}

#[cfg(target_arch = "wasm32")]
#[inline]
pub fn reaches_beyond(tops: &[f32; LANES], bottoms: &[f32; LANES], from: &[f32], to: &[f32]) -> bool {
    use std::arch::wasm32::{f32x4_gt, f32x4_lt, v128_and, v128_any_true, v128_load, v128_or};
    assert!(from.len() >= LANES && to.len() >= LANES);
    // SAFETY: each has at least four numbers.
    let [tops, bottoms, from, to] =
        unsafe { [tops.as_ptr(), bottoms.as_ptr(), from.as_ptr(), to.as_ptr()].map(|it| v128_load(it.cast())) };
    let is_beyond = v128_or(f32x4_lt(tops, from), f32x4_gt(bottoms, to));
    v128_any_true(v128_and(f32x4_lt(tops, bottoms), is_beyond))
}
