//! One metric of one run: three columns of equal length, sorted by (step, time, arrival).

use halimede_columns::Column;
use serde::{Deserialize, Serialize};

use super::RunId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Completeness {
    /// Every point the source holds (at the time of asking).
    Full,
    /// Real points picked by the source; between them others exist.
    Sampled,
    /// The source or a limit of ours cut the end off.
    Cut,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub run: RunId,
    pub steps: Column,
    /// Milliseconds since the epoch, UTC.
    pub times: Column,
    /// NaN and ±infinity are legal values.
    pub values: Column,
    pub completeness: Completeness,
}

impl Series {
    /// From points in order of arrival; duplicates are kept.
    pub fn from_points(run: RunId, mut points: Vec<(f64, f64, f64)>, completeness: Completeness) -> Self {
        // The sort is stable, so equal (step, time) stay in order of arrival.
        let order = |a: &(f64, f64, f64), b: &(f64, f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        if !points.is_sorted_by(|a, b| order(a, b).is_le()) {
            super::order::sort_by(&mut points, order);
        }
        Series {
            run,
            steps: points.iter().map(|it| it.0).collect::<Vec<f64>>().into(),
            times: points.iter().map(|it| it.1).collect::<Vec<f64>>().into(),
            values: points.iter().map(|it| it.2).collect::<Vec<f64>>().into(),
            completeness,
        }
    }

    /// What comes from the disk is checked before it is used.
    pub fn is_sound(&self) -> bool {
        [self.steps.len(), self.times.len()] == [self.values.len(); 2] && self.steps.is_sorted()
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_by_step_then_time_then_arrival_and_keeps_duplicates() {
        let points = vec![(3.0, 9.0, 1.0), (1.0, 5.0, 2.0), (1.0, 4.0, 3.0), (1.0, 4.0, 4.0)];
        let series = Series::from_points("r".into(), points, Completeness::Full);
        assert_eq!(series.steps.to_vec(), [1.0, 1.0, 1.0, 3.0]);
        assert_eq!(series.values.to_vec(), [3.0, 4.0, 2.0, 1.0]);
    }
}
