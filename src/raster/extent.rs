//! Least and greatest of a column, whatever is NaN left out. Nothing comparable: (∞, −∞).

use super::cover::{greater, lesser};

#[cfg(target_arch = "wasm32")]
pub fn of_single(values: &[f32]) -> (f32, f32) {
    use std::arch::wasm32::{f32x4_extract_lane, f32x4_pmax, f32x4_pmin, f32x4_splat, i32x4_shuffle, v128_load};

    // Of a column's few points the fold is done before the lanes are.
    if values.len() < 4 {
        return plain(values);
    }
    let (chunks, rest) = values.as_chunks::<16>();
    let mut low = [f32x4_splat(f32::INFINITY); 4];
    let mut high = [f32x4_splat(f32::NEG_INFINITY); 4];
    for chunk in chunks {
        for i in 0..4 {
            // SAFETY: reads 16 bytes of the 64 that the chunk has from 4 * i on.
            let it = unsafe { v128_load(chunk.as_ptr().add(4 * i).cast()) };
            // Of two the second is taken only if it is less: a NaN never is.
            low[i] = f32x4_pmin(low[i], it);
            high[i] = f32x4_pmax(high[i], it);
        }
    }
    let (fours, rest) = rest.as_chunks::<4>();
    for four in fours {
        // SAFETY: reads the 16 bytes of the chunk.
        let it = unsafe { v128_load(four.as_ptr().cast()) };
        low[0] = f32x4_pmin(low[0], it);
        high[0] = f32x4_pmax(high[0], it);
    }
    let low = f32x4_pmin(f32x4_pmin(low[0], low[1]), f32x4_pmin(low[2], low[3]));
    let high = f32x4_pmax(f32x4_pmax(high[0], high[1]), f32x4_pmax(high[2], high[3]));
    // No lane is NaN: across them halves and quarters are compared.
    let low = f32x4_pmin(low, i32x4_shuffle::<2, 3, 0, 1>(low, low));
    let high = f32x4_pmax(high, i32x4_shuffle::<2, 3, 0, 1>(high, high));
    let low = f32x4_pmin(low, i32x4_shuffle::<1, 0, 3, 2>(low, low));
    let high = f32x4_pmax(high, i32x4_shuffle::<1, 0, 3, 2>(high, high));
    let (least, greatest) = plain(rest);
    (lesser(f32x4_extract_lane::<0>(low), least), greater(f32x4_extract_lane::<0>(high), greatest))
}

#[cfg(not(target_arch = "wasm32"))]
pub fn of_single(values: &[f32]) -> (f32, f32) {
    plain(values)
}

fn plain(values: &[f32]) -> (f32, f32) {
    // NaN is neither less nor greater.
    values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), it| (lesser(*it, low), greater(*it, high)))
}

pub fn of_double(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)))
}
