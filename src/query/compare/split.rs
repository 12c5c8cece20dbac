//! The runs of a comparison by their value in one line, and how well a metric goes along with that.

use super::diff::{Line, Value};
use super::explained::{correlation, explained_by_groups, less_chance, ranks, share};
use crate::model::problem::shortened;
use crate::model::stats::Summary;

/// What the runs came to.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    pub metric: &'a Line,
    pub is_lower_better: Option<bool>,
}

/// A metric in at least three runs, and not the same in all.
pub struct Values {
    /// For each run; what is no number stands beyond the worst by the whole spread.
    each: Vec<Option<f64>>,
    is_diverged: Vec<bool>,
    /// For each run whether it is worse than the baseline, where that can be said.
    is_worse: Option<Vec<bool>>,
}

impl Values {
    pub fn of(outcome: Outcome, baseline: usize) -> Option<Self> {
        let told: Vec<Option<f64>> = outcome.metric.values.iter().map(Value::number).collect();
        let finite = Summary::of(told.iter().flatten().copied().filter(|it| it.is_finite()));
        let spread = if finite.max > finite.min { finite.max - finite.min } else { 1.0 };
        let (low, high) = if finite.n == 0 { (0.0, 0.0) } else { (finite.min - spread, finite.max + spread) };
        let is_lower_better = outcome.is_lower_better;
        let nan = if is_lower_better == Some(false) { low } else { high };
        let placed = |it: f64| match () {
            () if it.is_finite() => it,
            () if it.is_nan() => nan,
            () if it > 0.0 => high,
            () => low,
        };
        let is_diverged = told.iter().map(|it| it.is_some_and(|it| !it.is_finite())).collect();
        let each: Vec<Option<f64>> = told.into_iter().map(|it| it.map(placed)).collect();
        let all = Summary::of(each.iter().flatten().copied());
        let is_telling = all.n >= 3 && all.max > all.min && (all.max - all.min).is_finite();
        let base = each.get(baseline).copied().flatten();
        let is_worse = is_lower_better.zip(base).map(|(lower, base)| {
            each.iter().map(|it| it.is_some_and(|it| if lower { it > base } else { it < base })).collect()
        });
        is_telling.then_some(Self { each, is_diverged, is_worse })
    }

    fn of_run(&self, run: usize) -> Option<f64> {
        self.each.get(run).copied().flatten()
    }
}

/// The runs by their value in a line.
pub struct Split<'a> {
    line: &'a Line,
    /// For each run the place among the different values; the baseline's is 0.
    group: Vec<usize>,
    /// A run that has it, for each of the different values.
    first: Vec<usize>,
}

impl<'a> Split<'a> {
    pub fn of(line: &'a Line, baseline: usize) -> Self {
        let mut first = vec![baseline];
        let mut group = Vec::with_capacity(line.values.len());
        for (run, value) in line.values.iter().enumerate() {
            let known = first.iter().position(|it| line.values[*it].is_same(value));
            group.push(known.unwrap_or(first.len()));
            if known.is_none() {
                first.push(run);
            }
        }
        Self { line, group, first }
    }

    pub fn share_as_baseline(&self) -> f64 {
        share(self.group.iter().filter(|it| **it == 0).count(), self.group.len())
    }

    /// What is there instead of what, where it is one other value; else in how many runs.
    pub fn plain(&self) -> Option<String> {
        let n_changed = self.group.iter().filter(|it| **it > 0).count();
        let n_others = self.group.len() - 1;
        let instead = (self.first.len() == 2).then(|| self.instead(1));
        let many = (n_others > 1).then(|| format!("in {n_changed} of {n_others} runs"));
        match (instead, many) {
            (Some(instead), Some(many)) => Some(format!("{instead} {many}")),
            (one, other) => one.or(other),
        }
    }

    fn instead(&self, group: usize) -> String {
        let said = |at: usize| match &self.line.values[at] {
            Value::Missing => "none".to_owned(),
            Value::Number(it) | Value::Duration(it) | Value::Size(it) => short(*it),
            Value::NumberText(_, text) | Value::Text(text) => shortened(text, 40),
        };
        format!("{} instead of {}", said(self.first[group]), said(self.first[0]))
    }
}

/// How strongly the metric goes along with the line, and how that is said.
pub fn goes_along(split: &Split, outcome: &Values) -> (f64, Option<String>) {
    let runs: Vec<usize> = (0..split.group.len()).filter(|it| outcome.of_run(*it).is_some()).collect();
    let metric: Vec<f64> = runs.iter().filter_map(|it| outcome.of_run(*it)).collect();
    let of_group =
        |group| Summary::of(runs.iter().filter(|it| split.group[**it] == group).filter_map(|it| outcome.of_run(*it)));
    let groups: Vec<Summary> = (0..split.first.len()).map(of_group).collect();
    let n_groups = groups.iter().filter(|it| it.n > 0).count();
    if n_groups < 2 {
        return (0.0, None);
    }
    let by_value = explained_by_groups(&groups, &Summary::of(metric.iter().copied()));
    let numbers: Option<Vec<f64>> = runs.iter().map(|it| split.line.values[*it].number()).collect();
    let numbers = numbers.filter(|it| n_groups > 2 && it.iter().all(|it| !it.is_nan()));
    let slope = numbers.map_or(0.0, |it| correlation(&ranks(&it), &metric));
    let by_rank = less_chance(slope * slope, metric.len(), 1);
    let said = if by_rank > by_value {
        let way = if slope > 0.0 { "up" } else { "down" };
        Some(format!("the metric goes {way} as it goes up, over {n_groups} values"))
    } else {
        furthest(&groups).and_then(|(group, by)| {
            let diverged = |group| runs.iter().any(|it| split.group[*it] == group && outcome.is_diverged[*it]);
            // A difference to what is no number is none to tell.
            let what = match (diverged(0), diverged(group)) {
                (false, false) => signed(by),
                (true, false) => "a number".into(),
                (false, true) => "diverged".into(),
                (true, true) => return None,
            };
            Some(format!("{what} where {}", split.instead(group)))
        })
    };
    let said: Vec<String> = [in_worse(split, outcome), said].into_iter().flatten().collect();
    (by_value.max(by_rank), (!said.is_empty()).then(|| said.join(", ")))
}

/// The value whose runs are furthest from those with the baseline's, and by how much.
fn furthest(groups: &[Summary]) -> Option<(usize, f64)> {
    let base = groups.first().filter(|it| it.n > 0)?.mean;
    let others = groups.iter().enumerate().skip(1).filter(|it| it.1.n > 0).map(|it| (it.0, it.1.mean - base));
    others.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
}

/// `in 4 of 5 worse runs and in 1 of 3 others`.
fn in_worse(split: &Split, outcome: &Values) -> Option<String> {
    // Of a line with many values nearly every run differs from the baseline, which says nothing.
    let is_worse = outcome.is_worse.as_ref().filter(|_| split.first.len() == 2)?;
    let count = |worse: bool| {
        let of = || {
            (0..is_worse.len().min(split.group.len()))
                .filter(move |it| outcome.of_run(*it).is_some() && is_worse[*it] == worse)
        };
        (of().filter(|it| split.group[*it] > 0).count(), of().count())
    };
    let ((in_worse, n_worse), (in_others, n_others)) = (count(true), count(false));
    (n_worse > 0).then(|| format!("in {in_worse} of {n_worse} worse runs and in {in_others} of {n_others} others"))
}

/// To three digits that count.
fn short(it: f64) -> String {
    let digits = (0..=6).find(|digits| it.abs() * 10f64.powi(*digits) >= 100.0);
    match digits.map(usize::try_from) {
        Some(Ok(digits)) if it.abs() < 1e6 => {
            let text = format!("{it:.digits$}");
            if digits == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
        }
        _ if it == 0.0 => "0".into(),
        _ => format!("{it:.2e}"),
    }
    .replace('-', "−")
}

fn signed(it: f64) -> String {
    if it > 0.0 { format!("+{}", short(it)) } else { short(it) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let all = [
            (-0.031, "−0.031"),
            (1234.5, "1234"),
            (0.000_012_3, "1.23e−5"),
            (2.0, "2"),
            (0.0, "0"),
            (1e9, "1.00e9"),
            (100.0, "100"),
        ];
        for (number, expected) in all {
            assert_eq!(short(number), expected);
        }
    }
}
