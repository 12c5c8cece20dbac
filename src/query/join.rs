//! One metric over another: loss over tokens, accuracy over epochs.

use crate::model::Series;

/// The points of `series` in the order of `by`'s value at their step, and those values. The value at a
/// step is the last one at or before it. Points before the first of `by`, and where that is not finite,
/// have no place and are left out.
pub fn by_step(series: &Series, by: &Series) -> (Series, Vec<f64>) {
    let mut next = 0;
    let mut placed: Vec<(f64, usize)> = Vec::new();
    let mut value = f64::NAN;
    for at in 0..series.len() {
        while next < by.len() && by.steps.at(next) <= series.steps.at(at) {
            value = by.values.at(next);
            next += 1;
        }
        if value.is_finite() {
            placed.push((value, at));
        }
    }
    // A metric may fall and rise again; points at one place stay in the order of their steps.
    crate::model::order::sort_by(&mut placed, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let column = |of: &dyn Fn(usize) -> f64| placed.iter().map(|it| of(it.1)).collect::<Vec<f64>>().into();
    let ordered = Series {
        run: series.run.clone(),
        steps: column(&|at| series.steps.at(at)),
        times: column(&|at| series.times.at(at)),
        values: column(&|at| series.values.at(at)),
        completeness: series.completeness,
    };
    (ordered, placed.into_iter().map(|it| it.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Completeness;

    fn series(points: &[(f64, f64)]) -> Series {
        Series::from_points("a".into(), points.iter().map(|it| (it.0, 0.0, it.1)).collect(), Completeness::Full)
    }

    #[test]
    fn a_point_stands_at_the_last_value_at_or_before_its_step() {
        let loss = series(&[(0.0, 9.0), (5.0, 8.0), (10.0, 7.0), (12.0, 6.0), (20.0, 5.0)]);
        let epoch = series(&[(5.0, 1.0), (10.0, 2.0), (11.0, f64::NAN), (15.0, 0.5)]);
        let (ordered, x) = by_step(&loss, &epoch);
        assert_eq!(x, [0.5, 1.0, 2.0]);
        assert_eq!(ordered.values.to_vec(), [5.0, 8.0, 7.0]);
        assert_eq!(ordered.steps.to_vec(), [20.0, 5.0, 10.0]);
        assert!(by_step(&loss, &series(&[])).1.is_empty());
        // Its own values along itself are a straight line.
        let (ordered, x) = by_step(&loss, &loss);
        assert_eq!(ordered.values.to_vec(), x);
    }
}
