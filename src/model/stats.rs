//! Mean, median and spread of a group, as pandas gives them: NaN left out, deviation with n − 1.

use serde::{Deserialize, Serialize};

use super::order::sort_by;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Values that are present and not NaN.
    pub n: u32,
    /// NaN when there is none, as are the others.
    pub mean: f64,
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// Standard deviation of the sample; NaN below two values.
    pub sd: f64,
}

impl Summary {
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.filter(|it| !it.is_nan()).collect();
        let n = values.len();
        let count = f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|it| (it - mean) * (it - mean)).sum();
        values.sort_unstable_by(f64::total_cmp);
        let median = match n {
            0 => f64::NAN,
            _ if n % 2 == 1 => values[n / 2],
            _ => (values[n / 2 - 1] + values[n / 2]) / 2.0,
        };
        Self {
            n: u32::try_from(n).unwrap_or(u32::MAX),
            mean,
            median,
            min: values.first().copied().unwrap_or(f64::NAN),
            max: values.last().copied().unwrap_or(f64::NAN),
            sd: if n > 1 { (squares / (count - 1.0)).sqrt() } else { f64::NAN },
        }
    }

    /// Of the mean.
    pub fn standard_error(&self) -> f64 {
        self.sd / f64::from(self.n).sqrt()
    }

    /// Half of the 95 % interval of the mean, after Student.
    pub fn half_interval(&self) -> f64 {
        if self.n < 2 { f64::NAN } else { student_975(self.n - 1) * self.standard_error() }
    }
}

/// Of each number its place among all, from 0; ties share the middle of their places, NaN has none.
pub fn ranks(numbers: &[f64]) -> Vec<f64> {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let mut order: Vec<usize> = (0..numbers.len()).filter(|it| !numbers[*it].is_nan()).collect();
    sort_by(&mut order, |a, b| numbers[*a].total_cmp(&numbers[*b]));
    let mut ranks = vec![f64::NAN; numbers.len()];
    let mut from = 0;
    for ties in order.chunk_by(|a, b| numbers[*a] == numbers[*b]) {
        ties.iter().for_each(|it| ranks[*it] = count(2 * from + ties.len() - 1) / 2.0);
        from += ties.len();
    }
    ranks
}

/// The 97.5 % point of Student's t, by Newton steps on its distribution from the normal one.
fn student_975(freedom: u32) -> f64 {
    let v = f64::from(freedom);
    // Hill's expansion (Communications of the ACM 13, 1970) is the start; two degrees and less are closed forms.
    let z: f64 = 1.959_963_984_540_054;
    let mut t = match freedom {
        1 => return 12.706_204_736_174_698,
        2 => return 4.302_652_729_749_464,
        _ => z + (z.powi(3) + z) / (4.0 * v) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * v * v),
    };
    for _ in 0..20 {
        let step = (student_below(t, v) - 0.975) / student_density(t, v);
        t -= step;
        if step.abs() < 1e-13 * t {
            break;
        }
    }
    t
}

fn student_density(t: f64, v: f64) -> f64 {
    let log = ln_gamma(f64::midpoint(v, 1.0)) - ln_gamma(v / 2.0) - 0.5 * (v * std::f64::consts::PI).ln();
    (log - f64::midpoint(v, 1.0) * (t * t / v).ln_1p()).exp()
}

/// Probability below a positive t, by the incomplete beta function.
fn student_below(t: f64, v: f64) -> f64 {
    1.0 - 0.5 * incomplete_beta(v / (v + t * t), v / 2.0, 0.5)
}

/// Regularised, by its continued fraction (Lentz's method; DLMF 8.17.22).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let tiny = 1e-300;
    let nonzero = |it: f64| if it.abs() < tiny { tiny } else { it };
    let (mut c, mut d) = (1.0, 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..300 {
        let m = f64::from(m);
        for term in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}

/// Lanczos' approximation with g = 7 and nine terms.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let sum = TERMS.iter().skip(1).zip(1u32..).fold(TERMS[0], |sum, (term, i)| sum + term / (x + f64::from(i)));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::column::Numbers;

    #[test]
    fn figures_are_those_of_pandas_and_scipy() {
        let mut numbers = Numbers::missing(6);
        for (row, value) in [(0, 1.0), (1, 4.0), (2, f64::NAN), (3, 2.5), (5, 9.0)] {
            numbers.set(row, value);
        }
        let of = |rows: &[u32]| Summary::of(rows.iter().filter_map(|row| numbers.get(*row)));
        let (none, one) = (of(&[2, 4]), of(&[1]));
        let of = of(&[0, 1, 2, 3, 4, 5]);
        assert_eq!((of.n, of.mean, of.median, of.min, of.max), (4, 4.125, 3.25, 1.0, 9.0));
        // pandas: Series([1, 4, nan, 2.5, 9]).std()
        assert!((of.sd - 3.473_110_997_362_451).abs() < 1e-15);
        assert!(none.n == 0 && none.mean.is_nan() && none.median.is_nan() && none.sd.is_nan());
        assert!(one.sd.is_nan());
    }

    #[test]
    fn students_points_are_those_of_scipy() {
        // scipy.stats.t.ppf(0.975, v)
        for (v, expected) in [
            (1, 12.706_204_736_174_698),
            (2, 4.302_652_729_749_464),
            (3, 3.182_446_305_283_708),
            (4, 2.776_445_105_197_793_4),
            (9, 2.262_157_162_740_991_5),
            (29, 2.045_229_642_132_703),
            (100, 1.983_971_518_449_634),
        ] {
            let got = student_975(v);
            assert!((got - expected).abs() < 1e-9, "{v}: {got}");
        }
    }
}
