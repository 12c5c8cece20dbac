//! Two settings compared seed by seed: runs with the same seeds are a pair, so what a seed does to
//! both of them drops out of the difference.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::model::Run;
use crate::model::order::map;
use crate::model::stats::Summary;
use crate::query::group::is_seed;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Of candidate less baseline, one value a pair; `half_interval` gives the 95 % interval.
    pub difference: Summary,
    pub verdict: Verdict,
    pub baseline: Side,
    pub candidate: Side,
}

impl Paired {
    pub fn interval(&self) -> (f64, f64) {
        let half = self.difference.half_interval();
        (self.difference.mean - half, self.difference.mean + half)
    }
}

/// Whether zero lies outside the 95 % interval of the mean difference, and on which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Better,
    Worse,
    /// Where it is not known which way is better.
    Higher,
    Lower,
    Unclear,
}

impl Verdict {
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Higher => "higher",
            Verdict::Lower => "lower",
            Verdict::Unclear => "no clear difference",
        }
    }
}

/// What of one group did not go into pairs as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Runs whose seeds the other group does not have.
    pub unpaired: usize,
    /// Runs without a finite value, diverged ones among them. They count for nothing here.
    pub without_value: usize,
    /// Seeds that several runs have; their mean is taken.
    pub averaged: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotPaired {
    /// In one of the groups no run has a finite value.
    NoValues,
    /// In one of the groups no run with a value has a param that is a seed.
    NoSeeds,
    /// An interval takes two pairs.
    TooFewPairs { n: usize, baseline: Side, candidate: Side },
}

/// `is_lower_better` as `fields::is_better_lower` guesses it.
pub fn paired(
    baseline: &[&Run],
    candidate: &[&Run],
    metric: &str,
    is_lower_better: Option<bool>,
) -> Result<Paired, NotPaired> {
    let (baseline, candidate) = (BySeed::of(baseline, metric), BySeed::of(candidate, metric));
    for group in [&baseline, &candidate] {
        match (group.values.is_empty(), group.n_seedless) {
            (true, 0) => return Err(NotPaired::NoValues),
            (true, _) => return Err(NotPaired::NoSeeds),
            _ => {}
        }
    }
    let mean = |values: &[f64]| Summary::of(values.iter().copied()).mean;
    let pairs = candidate.values.iter().filter_map(|(seeds, values)| Some((values, baseline.values.get(seeds)?)));
    let difference = Summary::of(pairs.map(|(candidate, baseline)| mean(candidate) - mean(baseline)));
    let sides = (baseline.side(&candidate), candidate.side(&baseline));
    if difference.n < 2 {
        let n = usize::from(difference.n == 1);
        return Err(NotPaired::TooFewPairs { n, baseline: sides.0, candidate: sides.1 });
    }
    let verdict = match is_lower_better {
        _ if difference.mean.abs() <= difference.half_interval() => Verdict::Unclear,
        Some(lower) if lower == (difference.mean < 0.0) => Verdict::Better,
        Some(_) => Verdict::Worse,
        None if difference.mean > 0.0 => Verdict::Higher,
        None => Verdict::Lower,
    };
    Ok(Paired { difference, verdict, baseline: sides.0, candidate: sides.1 })
}

/// Names and texts of all params of a run that are seeds.
type Seeds<'a> = BTreeMap<&'a str, &'a str>;

struct BySeed<'a> {
    values: BTreeMap<Seeds<'a>, Vec<f64>>,
    n_seedless: usize,
    n_without_value: usize,
}

impl<'a> BySeed<'a> {
    fn of(runs: &[&'a Run], metric: &str) -> Self {
        let mut found = BySeed { values: BTreeMap::new(), n_seedless: 0, n_without_value: 0 };
        for run in runs {
            let value = run.metrics.iter().find(|it| it.0 == metric).map(|it| it.1.value);
            let Some(value) = value.filter(|it| it.is_finite()) else {
                found.n_without_value += 1;
                continue;
            };
            let seeds = run.params.iter().filter(|it| is_seed(&it.0)).map(|it| (it.0.as_str(), it.1.trim()));
            let seeds: Seeds = map(seeds);
            if seeds.is_empty() {
                found.n_seedless += 1;
            } else {
                found.values.entry(seeds).or_default().push(value);
            }
        }
        found
    }

    fn side(&self, other: &Self) -> Side {
        let alone = self.values.iter().filter(|it| !other.values.contains_key(it.0));
        Side {
            unpaired: self.n_seedless + alone.map(|it| it.1.len()).sum::<usize>(),
            without_value: self.n_without_value,
            averaged: self.values.iter().filter(|it| it.1.len() > 1 && other.values.contains_key(it.0)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MetricValue;

    fn runs(all: &[(&[(&str, &str)], f64)]) -> Vec<Run> {
        let run = |(params, value): &(&[(&str, &str)], f64)| {
            let mut run = Run::empty("r".into());
            run.params = params.iter().map(|it| (it.0.into(), it.1.into())).collect();
            run.params.push(("lr".into(), value.to_string()));
            run.metrics = vec![("acc".into(), MetricValue { value: *value, step: 0.0, time: 0.0 })];
            run
        };
        all.iter().map(run).collect()
    }

    fn compare(baseline: &[Run], candidate: &[Run], lower: Option<bool>) -> Result<Paired, NotPaired> {
        paired(&baseline.iter().collect::<Vec<_>>(), &candidate.iter().collect::<Vec<_>>(), "acc", lower)
    }

    fn baseline() -> Vec<Run> {
        runs(&[
            (&[("seed", "0")], 0.912),
            (&[("seed", "1")], 0.905),
            (&[("seed", "2")], 0.931),
            (&[("seed", "3")], 0.898),
            (&[("seed", "4")], 0.917),
            (&[("seed", "7")], 0.5),
        ])
    }

    #[test]
    fn figures_are_those_of_scipy() {
        let candidate = runs(&[
            (&[("seed", "4")], 0.929),
            (&[("seed", "0")], 0.921),
            (&[("seed", "2")], 0.935),
            // Twice the same seed, 0.919 on average.
            (&[("seed", "1")], 0.918),
            (&[("seed", " 1")], 0.920),
            (&[("seed", "3")], 0.899),
            (&[("seed", "9")], 0.99),
            (&[("seed", "7")], f64::NAN),
            (&[], 0.99),
        ]);
        let found = compare(&baseline(), &candidate, Some(false)).expect("pairs");
        // b = Series({0: .912, 1: .905, 2: .931, 3: .898, 4: .917}); c = Series({4: .929, 0: .921, 2: .935, 1: .919, 3: .899})
        // d = c - b; (d.mean(), d.std(), scipy.stats.ttest_rel(c[b.index], b).confidence_interval(0.95))
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
        assert_eq!(found.difference.n, 5);
        close(found.difference.mean, 0.008);
        close(found.difference.sd, 0.005_431_390_245_600_113);
        close(found.interval().0, 0.001_256_038_271_843_246_8);
        close(found.interval().1, 0.014_743_961_728_156_767);
        assert_eq!(found.verdict, Verdict::Better);
        assert_eq!(found.baseline, Side { unpaired: 1, without_value: 0, averaged: 0 });
        assert_eq!(found.candidate, Side { unpaired: 2, without_value: 1, averaged: 1 });
        assert_eq!(compare(&baseline(), &candidate, Some(true)).map(|it| it.verdict), Ok(Verdict::Worse));
        assert_eq!(compare(&candidate, &baseline(), None).map(|it| it.verdict), Ok(Verdict::Lower));
    }

    #[test]
    fn says_unclear_and_why_not() {
        let mixed = runs(&[(&[("seed", "0")], 0.95), (&[("seed", "1")], 0.85), (&[("seed", "2")], 0.932)]);
        assert_eq!(compare(&baseline(), &mixed, Some(false)).map(|it| it.verdict), Ok(Verdict::Unclear));
        assert_eq!(compare(&baseline(), &baseline(), Some(false)).map(|it| it.verdict), Ok(Verdict::Unclear));
        let seedless = runs(&[(&[("lr", "1")], 0.95)]);
        assert_eq!(compare(&baseline(), &seedless, None), Err(NotPaired::NoSeeds));
        let diverged = runs(&[(&[("seed", "0")], f64::NAN), (&[("seed", "1")], f64::INFINITY)]);
        assert_eq!(compare(&diverged, &baseline(), None), Err(NotPaired::NoValues));
        assert_eq!(compare(&baseline(), &[], None), Err(NotPaired::NoValues));
        let others = runs(&[(&[("seed", "0"), ("data_seed", "0")], 0.9), (&[("seed", "1")], 0.9)]);
        let (of_baseline, of_others) =
            (Side { unpaired: 5, ..Side::default() }, Side { unpaired: 1, ..Side::default() });
        let few = NotPaired::TooFewPairs { n: 1, baseline: of_baseline, candidate: of_others };
        assert_eq!(compare(&baseline(), &others, None), Err(few), "all seeds must be the same");
    }
}
