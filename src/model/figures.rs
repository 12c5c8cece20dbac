//! Figures of a whole series: what a table and a filter say of a metric beyond its last value.

use serde::{Deserialize, Serialize};

use super::{Completeness, MetricValue, Series};
use crate::model::Figure;

/// Of one run and one metric. NaN points count as points and are left out of the rest, as pandas does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub first: f64,
    /// NaN where every point is.
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub min_step: f64,
    pub max_step: f64,
    pub count: f64,
    /// Of a sample of the points: the extremes may lie between them.
    pub is_sampled: bool,
    /// Its course in at most `SHAPE` values, point by point, the least and greatest of each part.
    pub shape: Vec<f32>,
    /// The metric's last value in the table when they were read; another one now: they are old.
    pub last: Option<MetricValue>,
}

/// Values of a small picture.
const SHAPE: usize = 40;

#[expect(clippy::cast_possible_truncation, reason = "a picture 17 pixels high")]
fn shape(values: &[f64]) -> Vec<f32> {
    if values.len() <= SHAPE {
        return values.iter().map(|it| *it as f32).collect();
    }
    let size = values.len().div_ceil(SHAPE / 2);
    let part = |part: &[f64]| {
        let place = |best: fn(&f64, &f64) -> bool| {
            let numbers = part.iter().enumerate().filter(|it| !it.1.is_nan());
            numbers.reduce(|a, b| if best(b.1, a.1) { b } else { a }).map_or((0, f64::NAN), |it| (it.0, *it.1))
        };
        let (least, most) = (place(f64::lt), place(f64::gt));
        if least.0 <= most.0 { [least.1 as f32, most.1 as f32] } else { [most.1 as f32, least.1 as f32] }
    };
    values.chunks(size).flat_map(part).collect()
}

impl Figures {
    pub fn of(series: &Series, last: Option<MetricValue>) -> Option<Self> {
        let values = series.values.to_vec();
        let first = *values.first()?;
        let points = || values.iter().copied().zip(series.steps.iter()).filter(|it| !it.0.is_nan());
        let none = (f64::NAN, f64::NAN);
        // The earliest of equals.
        let least = points().fold(none, |best, it| if best.0.is_nan() || it.0 < best.0 { it } else { best });
        let most = points().fold(none, |best, it| if best.0.is_nan() || it.0 > best.0 { it } else { best });
        let n = f64::from(u32::try_from(points().count()).unwrap_or(u32::MAX));
        Some(Self {
            first,
            min: least.0,
            max: most.0,
            mean: points().map(|it| it.0).sum::<f64>() / n,
            min_step: least.1,
            max_step: most.1,
            count: f64::from(u32::try_from(series.len()).unwrap_or(u32::MAX)),
            shape: shape(&values),
            is_sampled: series.completeness != Completeness::Full,
            last,
        })
    }

    /// The value, and its step where it has one.
    pub fn get(&self, figure: Figure) -> (f64, Option<f64>) {
        match figure {
            Figure::First => (self.first, None),
            Figure::Min => (self.min, Some(self.min_step)),
            Figure::Max => (self.max, Some(self.max_step)),
            Figure::Mean => (self.mean, None),
            Figure::Count => (self.count, None),
            Figure::Last => (self.last.map_or(f64::NAN, |it| it.value), self.last.map(|it| it.step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_leave_nan_out_and_keep_infinity() {
        let points = [(0.0, 3.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 1.0), (4.0, 7.0)];
        let series = |points: &[(f64, f64)]| {
            let points = points.iter().map(|it| (it.0, it.0, it.1)).collect();
            Series::from_points("r".into(), points, Completeness::Full)
        };
        let it = Figures::of(&series(&points), None).expect("points");
        assert_eq!((it.first, it.min, it.max, it.mean, it.count), (3.0, 1.0, 7.0, 3.0, 5.0));
        assert_eq!((it.min_step, it.max_step), (2.0, 4.0), "the earliest of equals");
        let long: Vec<(f64, f64)> = (0..1_000u32).map(|i| (f64::from(i), if i == 333 { 9.0 } else { 0.5 })).collect();
        let long = Figures::of(&series(&long), None).expect("points");
        assert_eq!((long.shape.len(), long.shape.iter().filter(|it| **it == 9.0).count()), (40, 1), "a spike stays");
        let odd = Figures::of(&series(&[(0.0, f64::NAN)]), None).expect("a point");
        assert!(odd.first.is_nan() && odd.max.is_nan() && odd.mean.is_nan() && odd.count == 1.0);
        let up = Figures::of(&series(&[(0.0, f64::INFINITY), (1.0, 2.0)]), None).expect("points");
        assert_eq!((up.max, up.min), (f64::INFINITY, 2.0));
        assert_eq!(Figures::of(&series(&[]), None), None);
    }
}
