//! How much of one thing another explains.

use crate::model::order::order;
use crate::model::stats::Summary;

/// The share of the variance of `all` that lies between the groups' means, less chance.
pub fn explained_by_groups(groups: &[Summary], all: &Summary) -> f64 {
    let held = || groups.iter().filter(|it| it.n > 0);
    let total = f64::from(all.n.saturating_sub(1)) * all.sd * all.sd;
    let between: f64 = held().map(|it| f64::from(it.n) * (it.mean - all.mean).powi(2)).sum();
    less_chance(between / total, held().map(|it| it.n as usize).sum(), held().count().saturating_sub(1))
}

/// R² adjusted for `p` values taken from the data, from 0 to 1.
pub fn less_chance(r2: f64, n: usize, p: usize) -> f64 {
    if n < p + 2 {
        return 0.0;
    }
    let adjusted = 1.0 - (1.0 - r2) / share(n - 1 - p, n - 1);
    if adjusted.is_nan() { 0.0 } else { adjusted.clamp(0.0, 1.0) }
}

/// Of the whole.
pub fn share(part: usize, whole: usize) -> f64 {
    let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
    number(part) / number(whole)
}

/// Pearson's. NaN where either does not vary.
pub fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (of_x, of_y) = (Summary::of(x.iter().copied()), Summary::of(y.iter().copied()));
    let together: f64 = x.iter().zip(y).map(|(x, y)| (x - of_x.mean) * (y - of_y.mean)).sum();
    together / (f64::from(of_x.n - 1) * of_x.sd * of_y.sd)
}

/// From 0; equal values share the mean of their places.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let order = order(values.len(), &|a, b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut places = 0..0;
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        places = places.end..places.end + tie.len();
        let mean = Summary::of(places.clone().map(|it| f64::from(u32::try_from(it).unwrap_or(u32::MAX)))).mean;
        tie.iter().for_each(|it| ranks[*it] = mean);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_scipy() {
        // scipy.stats.rankdata(x) - 1
        let x = [3.0, 1.0, 3.0, -2.0, 8.0];
        assert_eq!(ranks(&x), [2.5, 1.0, 2.5, 0.0, 4.0]);
        assert!(ranks(&[]).is_empty());
        // scipy.stats.pearsonr(rankdata(x), y).statistic
        let y = [0.5, 0.2, 0.4, 0.1, 0.3];
        let got = correlation(&ranks(&x), &y);
        assert!((got - 0.666_885_928_855_350_3).abs() < 1e-12, "{got}");
        assert!(correlation(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn groups_explain_what_lies_between_them() {
        let of = |values: &[f64]| Summary::of(values.iter().copied());
        let groups = [of(&[1.0, 2.0]), of(&[]), of(&[5.0, 6.0, 7.0])];
        // numpy.linalg.lstsq of y on the two groups: 1 - (ssr / 3) / (sst / 4)
        let got = explained_by_groups(&groups, &of(&[1.0, 2.0, 5.0, 6.0, 7.0]));
        assert!((got - 0.875_621_890_547_263_7).abs() < 1e-12, "{got}");
        assert_eq!(explained_by_groups(&[], &of(&[])), 0.0);
    }

    #[test]
    fn chance_is_taken_off() {
        assert_eq!(less_chance(0.75, 3, 1), 0.5);
        assert_eq!((less_chance(1.0, 5, 1), less_chance(0.1, 5, 1)), (1.0, 0.0));
        assert_eq!((less_chance(1.0, 5, 4), less_chance(f64::NAN, 5, 1)), (0.0, 0.0), "a value for each run");
    }
}
