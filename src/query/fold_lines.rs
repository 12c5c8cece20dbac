//! Several runs' lines as one: at each place the mean or median of those that reach it, and how far
//! they spread. Between its points a line is straight.

use serde::{Deserialize, Serialize};

use crate::model::stats::Summary;
use crate::query::smooth::{Smooth, smooth};

/// What the line of a group is, and its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Folding {
    /// Mean ± standard deviation of the sample.
    Sd,
    /// Mean ± standard error.
    Se,
    /// Mean and the 95 % interval of it, after Student; of two of more runs there is none.
    Interval95,
    /// Median, least and greatest.
    Range,
}

impl Folding {
    /// The word in a link, and the name.
    pub const ALL: [(&str, &str, Folding); 4] = [
        ("sd", "mean ± sd", Folding::Sd),
        ("se", "mean ± se", Folding::Se),
        ("ci", "mean, 95 % interval", Folding::Interval95),
        ("range", "median, min to max", Folding::Range),
    ];
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    pub x: Vec<f64>,
    pub middle: Vec<f64>,
    pub low: Vec<f64>,
    pub high: Vec<f64>,
}

impl Folded {
    /// Smoothed as one line: runs that log at different places would each lag in their own way, and stand apart for it.
    pub fn smoothed(&self, how: Smooth) -> Folded {
        let of = |y: &[f64]| smooth(&self.x, y, how);
        Folded { x: self.x.clone(), middle: of(&self.middle), low: of(&self.low), high: of(&self.high) }
    }
}

/// Places along x; more than any screen has pixels.
const MOST_PLACES: usize = 4_096;

/// Each line as x ascending and y.
pub fn fold(lines: &[(Vec<f64>, Vec<f64>)], how: Folding) -> Folded {
    let mut folded = Folded { x: places(lines), ..Folded::default() };
    let mut cursors = vec![0; lines.len()];
    let few = if lines.len() < 3 { 2 } else { 3 };
    for x in &folded.x {
        let values = lines.iter().zip(&mut cursors).filter_map(|((along, y), cursor)| value(along, y, *x, cursor));
        let it = Summary::of(values);
        // Where all but two have ended, Student's factor makes a wall of the interval.
        let interval = if it.n < few { f64::NAN } else { it.half_interval() };
        let (middle, low, high) = match how {
            Folding::Sd => (it.mean, it.mean - it.sd, it.mean + it.sd),
            Folding::Se => (it.mean, it.mean - it.standard_error(), it.mean + it.standard_error()),
            Folding::Interval95 => (it.mean, it.mean - interval, it.mean + interval),
            Folding::Range => (it.median, it.min, it.max),
        };
        // Of one run nothing is known of a spread: it has none, and not one of nothing.
        folded.middle.push(middle);
        folded.low.push(low);
        folded.high.push(high);
    }
    folded
}

/// All places of any line, or as many of them as are of use.
fn places(lines: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let Some(((first, _), others)) = lines.split_first() else { return Vec::new() };
    let mut all = first.clone();
    if others.iter().any(|it| it.0 != *first) {
        all.extend(others.iter().flat_map(|it| &it.0));
        all.retain(|it| it.is_finite());
        all.sort_unstable_by(f64::total_cmp);
    }
    all.dedup();
    if all.len() > MOST_PLACES {
        let last = all.len() - 1;
        all = (0..MOST_PLACES).map(|it| all[it * last / (MOST_PLACES - 1)]).collect();
    }
    all.extend(gaps(lines));
    all.sort_unstable_by(f64::total_cmp);
    all
}

/// A place in each stretch between two that no line reaches, so that none is drawn through it: seeds that ran one
/// after the other, along wall time.
fn gaps(lines: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let mut reaches: Vec<(f64, f64)> = lines.iter().filter_map(|it| Some((*it.0.first()?, *it.0.last()?))).collect();
    reaches.retain(|it| it.0.is_finite() && it.1.is_finite());
    reaches.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut end = f64::NAN;
    let mut gaps = Vec::new();
    for (from, to) in reaches {
        if from > end {
            gaps.push(end + (from - end) / 2.0);
        }
        end = if to > end || end.is_nan() { to } else { end };
    }
    gaps
}

/// `cursor`: where the last place was found; places ascend.
fn value(along: &[f64], y: &[f64], x: f64, cursor: &mut usize) -> Option<f64> {
    while *cursor < along.len() && along[*cursor] < x {
        *cursor += 1;
    }
    // Of several at one place the last.
    while along.get(*cursor + 1) == Some(&x) {
        *cursor += 1;
    }
    let at = *cursor;
    let (next, value) = (*along.get(at)?, *y.get(at)?);
    if next == x {
        return value.is_finite().then_some(value);
    }
    let before = at.checked_sub(1)?;
    let share = (x - along[before]) / (next - along[before]);
    let between = y[before] + (value - y[before]) * share;
    between.is_finite().then_some(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
        (x.to_vec(), y.to_vec())
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// pandas: `DataFrame({0: [1, 2], 1: [2, 2], 2: [4, 5]}).agg(["mean", "std", "sem", "median"], axis=1)`,
    /// and `scipy.stats.t.interval(.95, 2, mean, sem)`.
    #[test]
    fn as_pandas_has_it() {
        let x = [0.0, 10.0];
        let lines = [line(&x, &[1.0, 2.0]), line(&x, &[2.0, 2.0]), line(&x, &[4.0, 5.0])];
        let sd = fold(&lines, Folding::Sd);
        assert_eq!(sd.x, x);
        near(sd.middle[0], 7.0 / 3.0);
        near(sd.high[0] - sd.middle[0], 1.527_525_231_651_946_7);
        near(fold(&lines, Folding::Se).high[0] - 7.0 / 3.0, 0.881_917_103_688_196_9);
        near(fold(&lines, Folding::Interval95).low[0], -1.461_249_700_406_131_3);
        let range = fold(&lines, Folding::Range);
        assert_eq!((range.middle[1], range.low[1], range.high[1]), (2.0, 2.0, 5.0));
    }

    #[test]
    fn each_place_is_of_the_runs_that_reach_it() {
        let nan = f64::NAN;
        let lines = [line(&[0.0, 2.0, 4.0], &[0.0, 2.0, 4.0]), line(&[1.0, 2.0], &[5.0, nan])];
        let it = fold(&lines, Folding::Range);
        assert_eq!(it.x, [0.0, 1.0, 2.0, 4.0]);
        // Alone; with the other's point; where that is NaN; beyond its end.
        assert_eq!(it.middle, [0.0, 3.0, 2.0, 4.0]);
        assert_eq!((it.low[1], it.high[1]), (1.0, 5.0));
        assert_eq!(fold(&[], Folding::Sd), Folded::default());
        // One after the other: between them is nothing.
        let apart = fold(&[line(&[0.0, 1.0], &[9.0, 1.0]), line(&[5.0, 6.0], &[8.0, 2.0])], Folding::Sd);
        assert_eq!(apart.x, [0.0, 1.0, 3.0, 5.0, 6.0]);
        assert!(apart.middle[2].is_nan() && apart.middle[3] == 8.0);
    }

    /// One run logs twice as often as the other, and both the same: smoothed or not, nothing is between them.
    #[test]
    fn smoothing_brings_no_spread() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let (even, all) = (x.iter().copied().step_by(2).collect::<Vec<_>>(), x[..39].to_vec());
        let it = fold(&[line(&all, &all), line(&even, &even)], Folding::Sd).smoothed(Smooth::Ema(0.9));
        assert!(it.low.iter().zip(&it.high).all(|(low, high)| (high - low).abs() < 1e-9), "{it:?}");
        near(it.middle[1], (0.9 * 0.0 * 0.1 + 0.1 * 1.0) / (1.0 - 0.81));
    }

    #[test]
    fn two_runs_that_are_left_of_three_have_no_interval() {
        let lines = [line(&[0.0, 1.0], &[1.0, 2.0]), line(&[0.0, 1.0], &[2.0, 3.0]), line(&[0.0], &[3.0])];
        let it = fold(&lines, Folding::Interval95);
        assert!(it.high[0] > it.middle[0]);
        assert!(it.low[1].is_nan() && it.middle[1] == 2.5 && it.high[1].is_nan(), "{it:?}");
        let two = fold(&lines[..2], Folding::Interval95);
        near(two.high[1] - two.middle[1], 12.706_204_736_432_095 * 0.5);
    }

    #[test]
    fn of_several_values_at_one_place_the_last_counts() {
        let it =
            fold(&[line(&[0.0, 1.0, 1.0, 2.0], &[0.0, 5.0, 7.0, 0.0]), line(&[0.0, 1.0], &[0.0, 9.0])], Folding::Sd);
        assert_eq!((it.x, it.middle), (vec![0.0, 1.0, 2.0], vec![0.0, 8.0, 0.0]));
    }

    #[test]
    fn of_too_many_places_some_are_taken_with_both_ends() {
        let x: Vec<f64> = (0..20_000).map(f64::from).collect();
        let it = fold(&[(x.clone(), x.clone()), (x.iter().map(|it| it + 0.5).collect(), x)], Folding::Sd);
        assert_eq!((it.x.len(), it.x[0], it.x[4_095]), (4_096, 0.0, 19_999.5));
    }
}
