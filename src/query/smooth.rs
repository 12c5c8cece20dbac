//! Smoothing of a series. NaN and infinities stay as they are and count for nothing.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Smooth {
    #[default]
    None,
    /// Exponential moving average, debiased: each point counts this much of what its successor does.
    /// As `ewm(alpha=1-weight)` of pandas.
    Ema(f64),
    /// The same by distance along x: half after this share of the whole range.
    /// As `ewm(halflife=…, times=…)` of pandas.
    TimeEma(f64),
    /// Weights of a normal curve; its deviation in points.
    Gaussian(f64),
    /// Over so many points around each. As `rolling(n, center=True, min_periods=1)` of pandas.
    Mean(u32),
    Median(u32),
}

/// `x` ascending and as long as `y`.
pub fn smooth(x: &[f64], y: &[f64], how: Smooth) -> Vec<f64> {
    match how {
        Smooth::None => y.to_vec(),
        Smooth::Ema(weight) => {
            let weight = weight.clamp(0.0, 0.999_999);
            decayed(y, |_| weight)
        }
        Smooth::TimeEma(share) => {
            let range = x.last().zip(x.first()).map_or(0.0, |(last, first)| last - first);
            let half_life = range * share.max(0.0);
            let keep =
                move |at: usize| if half_life > 0.0 { 0.5f64.powf((x[at] - x[at - 1]) / half_life) } else { 0.0 };
            decayed(y, keep)
        }
        Smooth::Gaussian(deviation) => gaussian(y, deviation),
        Smooth::Mean(n) => around(y, n, |window| window.iter().sum::<f64>() / count(window.len())),
        Smooth::Median(n) => around(y, n, median),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of points")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Weighted mean of all so far; `keep` says how much of the weights stays from one place to the next.
fn decayed(y: &[f64], keep: impl Fn(usize) -> f64) -> Vec<f64> {
    let (mut mean, mut weights) = (0.0, 0.0);
    let step = |(at, value): (usize, &f64)| {
        if at > 0 {
            weights *= keep(at);
        }
        if !value.is_finite() {
            return *value;
        }
        weights += 1.0;
        // As the sum of all by the sum of their weights, but what never changes stays the same to the last digit.
        mean += (value - mean) / weights;
        mean
    };
    y.iter().enumerate().map(step).collect()
}

fn gaussian(y: &[f64], deviation: f64) -> Vec<f64> {
    /// Beyond three deviations next to nothing is left.
    const REACH: f64 = 3.0;
    const MOST: f64 = 2_000.0;
    let deviation = deviation.clamp(0.0, MOST);
    if deviation == 0.0 {
        return y.to_vec();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 6000")]
    let reach = (deviation * REACH).ceil() as usize;
    let weights: Vec<f64> = (0..=reach).map(|it| (-0.5 * (count(it) / deviation).powi(2)).exp()).collect();
    let at = |place: usize| {
        if !y[place].is_finite() {
            return y[place];
        }
        let (from, to) = (place.saturating_sub(reach), (place + reach + 1).min(y.len()));
        let near = (from..to).filter(|it| y[*it].is_finite());
        let (sum, all) = near.fold((0.0, 0.0), |(sum, all), it| {
            let weight = weights[it.abs_diff(place)];
            (sum + weight * y[it], all + weight)
        });
        sum / all
    };
    (0..y.len()).map(at).collect()
}

fn around(y: &[f64], n: u32, of: impl Fn(&mut [f64]) -> f64) -> Vec<f64> {
    let n = n.clamp(1, 10_001) as usize;
    // Of an even number one more lies before than after.
    let (before, after) = (n / 2, (n - 1) / 2);
    let mut window = Vec::new();
    let at = |place: usize| {
        if !y[place].is_finite() {
            return y[place];
        }
        let (from, to) = (place.saturating_sub(before), (place + after + 1).min(y.len()));
        window.clear();
        window.extend(y[from..to].iter().filter(|it| it.is_finite()));
        of(&mut window)
    };
    (0..y.len()).map(at).collect()
}

fn median(window: &mut [f64]) -> f64 {
    let middle = window.len() / 2;
    let is_even = window.len().is_multiple_of(2);
    let (below, high, _) = window.select_nth_unstable_by(middle, f64::total_cmp);
    let high = *high;
    let low = if is_even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { high };
    low / 2.0 + high / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const Y: [f64; 8] = [1.0, 4.0, 2.0, f64::NAN, 8.0, 5.0, 7.0, 1.0];
    const X: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 9.0, 10.0];

    #[track_caller]
    fn check(how: Smooth, expected: [f64; 8]) {
        let found = smooth(&X, &Y, how);
        let same = |it: (&f64, &f64)| it.0.is_nan() && it.1.is_nan() || (it.0 - it.1).abs() < 1e-12;
        assert!(found.iter().zip(&expected).all(same), "{found:?}");
    }

    /// The figures are pandas': see the calls beside each kind. Where it fills a gap, ours stays one.
    #[test]
    fn as_pandas_has_them() {
        let nan = f64::NAN;
        check(
            Smooth::Ema(0.6),
            [
                1.0,
                2.8749999999999996,
                2.4285714285714284,
                nan,
                5.695121951219512,
                5.3515736201170325,
                6.096114933225414,
                3.9074472120369195,
            ],
        );
        check(
            Smooth::TimeEma(0.2),
            [
                1.0,
                2.7573593128807152,
                2.414213562373095,
                nan,
                5.551714007878856,
                5.30747210092675,
                6.2484784978964205,
                3.9382334856102195,
            ],
        );
        check(Smooth::Mean(3), [2.5, 2.3333333333333335, 3.0, nan, 6.5, 6.666666666666667, 4.333333333333333, 4.0]);
        check(
            Smooth::Mean(4),
            [2.5, 2.3333333333333335, 2.3333333333333335, nan, 5.0, 6.666666666666667, 5.25, 4.333333333333333],
        );
        check(Smooth::Median(5), [2.0, 2.0, 3.0, nan, 6.0, 6.0, 6.0, 5.0]);
        check(
            Smooth::Gaussian(1.5),
            [
                2.349539799601812,
                2.764216624630286,
                3.5057012563753815,
                nan,
                5.61527290713236,
                5.6003114562920615,
                4.9805665672299595,
                4.147565411024199,
            ],
        );
    }

    #[test]
    fn what_cannot_be_smoothed_stays() {
        let odd = [f64::NAN, f64::INFINITY, 1.0, f64::NEG_INFINITY];
        for how in [Smooth::Ema(0.9), Smooth::Gaussian(2.0), Smooth::Mean(3), Smooth::Median(3), Smooth::TimeEma(0.1)] {
            let found = smooth(&[0.0, 1.0, 2.0, 3.0], &odd, how);
            assert!(found[0].is_nan() && found[1] == f64::INFINITY && found[2] == 1.0 && found[3] == f64::NEG_INFINITY);
            assert!(smooth(&[], &[], how).is_empty());
        }
    }
}
