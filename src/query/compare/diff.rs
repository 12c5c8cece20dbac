//! Runs side by side: what they share, what differs, and by how much from one of them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::model::value::number;
use crate::model::{Dataset, Run};
use crate::query::fields::{is_better_lower, metric_rank};
use crate::query::group::is_seed;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// The run has none.
    Missing,
    Number(f64),
    /// A text that reads as a number, shown as received.
    NumberText(f64, String),
    Text(String),
    /// Milliseconds.
    Duration(f64),
    /// Bytes.
    Size(f64),
}

impl Value {
    fn text(text: Option<&str>) -> Self {
        match text {
            None => Value::Missing,
            Some(text) => {
                number(text).map_or_else(|| Value::Text(text.into()), |it| Value::NumberText(it, text.into()))
            }
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(it) | Value::NumberText(it, _) | Value::Duration(it) | Value::Size(it) => Some(*it),
            Value::Missing | Value::Text(_) => None,
        }
    }

    /// Whether both say the same: `0.10` and `1e-1` do, NaN and NaN do.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
            (None, None) => self == other,
            _ => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    Metrics,
    Params,
    Data,
    Code,
    Packages,
    Model,
    Artifacts,
    Tags,
    Run,
}

impl Part {
    pub const ALL: [(Part, &str); 9] = [
        (Part::Metrics, "Metrics"),
        (Part::Params, "Params"),
        (Part::Data, "Data"),
        (Part::Code, "Code"),
        (Part::Packages, "Packages"),
        (Part::Model, "Model"),
        (Part::Artifacts, "Artifacts"),
        (Part::Tags, "Tags"),
        (Part::Run, "Run"),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }
}

/// One name with its value in each run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub part: Part,
    pub name: String,
    pub values: Vec<Value>,
    pub differs: bool,
}

/// A value against the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delta {
    pub absolute: f64,
    /// Of the baseline's size; none where that is zero.
    pub relative: Option<f64>,
    /// None where the name does not say which way is better.
    pub is_better: Option<bool>,
}

impl Line {
    pub fn delta(&self, at: usize, baseline: usize) -> Option<Delta> {
        let (value, base) = (self.values.get(at)?.number()?, self.values.get(baseline)?.number()?);
        let absolute = value - base;
        if absolute == 0.0 || !absolute.is_finite() {
            return None;
        }
        let lower = if self.part == Part::Metrics { is_better_lower(&self.name) } else { None };
        Some(Delta {
            absolute,
            relative: (base != 0.0).then(|| absolute / base.abs()),
            is_better: lower.map(|lower| lower == (absolute < 0.0)),
        })
    }

    pub fn is_changed(&self, at: usize, baseline: usize) -> bool {
        at != baseline && !self.values[at].is_same(&self.values[baseline])
    }

    /// The run with the best value, where the name says what is better and they differ.
    pub fn best(&self) -> Option<usize> {
        let lower = is_better_lower(&self.name).filter(|_| self.part == Part::Metrics && self.differs)?;
        let numbers = self.values.iter().enumerate().filter_map(|(i, it)| Some((i, it.number()?)));
        let numbers = numbers.filter(|it| !it.1.is_nan());
        let best = numbers.min_by(|a, b| if lower { a.1.total_cmp(&b.1) } else { b.1.total_cmp(&a.1) });
        best.map(|it| it.0)
    }
}

/// All lines: parts in order; within a part those that differ first, of metrics those that tell how
/// good a run is, seeds last, then by name.
pub fn lines(runs: &[&Run]) -> Vec<Line> {
    let mut all = Vec::new();
    let mut add = |part: Part, name: &str, values: Vec<Value>| {
        let differs = values.iter().any(|it| !it.is_same(&values[0]));
        all.push(Line { part, name: name.to_owned(), values, differs });
    };
    for name in names(runs, |it| it.metrics.iter().map(|it| it.0.as_str()).collect()) {
        let value = |run: &&Run| {
            run.metrics.iter().find(|it| it.0 == name).map_or(Value::Missing, |it| Value::Number(it.1.value))
        };
        add(Part::Metrics, name, runs.iter().map(value).collect());
    }
    let text = |pairs: &[(String, String)], name: &str| {
        Value::text(pairs.iter().find(|it| it.0 == name).map(|it| it.1.as_str()))
    };
    for name in names(runs, |it| it.params.iter().map(|it| it.0.as_str()).collect()) {
        add(Part::Params, name, runs.iter().map(|it| text(&it.params, name)).collect());
    }
    for name in names(runs, |it| it.datasets.iter().map(|it| it.name.as_str()).collect()) {
        let digest = |run: &&Run| {
            let found: Vec<String> = run.datasets.iter().filter(|it| it.name == name).map(said).collect();
            if found.is_empty() { Value::Missing } else { Value::Text(found.join(", ")) }
        };
        add(Part::Data, name, runs.iter().map(digest).collect());
    }
    // Of the tracker's own tags only those that say where the code came from.
    for name in names(runs, |it| it.tags.iter().map(|it| it.0.as_str()).collect()) {
        let values = runs.iter().map(|it| text(&it.tags, name)).collect();
        match (name.strip_prefix("mlflow.source."), name.starts_with("mlflow.")) {
            (Some(of_code), _) => add(Part::Code, &of_code.replace('.', " "), values),
            (None, true) => {}
            (None, false) => add(Part::Tags, name, values),
        }
    }
    add(Part::Run, "status", runs.iter().map(|it| Value::Text(it.status.word().into())).collect());
    add(Part::Run, "duration", runs.iter().map(|it| it.duration().map_or(Value::Missing, Value::Duration)).collect());
    let user = |it: &&Run| if it.user.is_empty() { Value::Missing } else { Value::Text(it.user.clone()) };
    add(Part::Run, "user", runs.iter().map(user).collect());
    crate::model::order::sort_by_key(&mut all, |it| {
        let rank = match it.part {
            Part::Metrics => metric_rank(&it.name),
            Part::Params => u8::from(is_seed(&it.name)),
            _ => 0,
        };
        (it.part, !it.differs, rank, it.name.clone())
    });
    all
}

fn said(dataset: &Dataset) -> String {
    if dataset.context.is_empty() {
        dataset.digest.clone()
    } else {
        format!("{} ({})", dataset.digest, dataset.context)
    }
}

fn names<'a>(runs: &[&'a Run], of: impl Fn(&'a Run) -> Vec<&'a str>) -> BTreeSet<&'a str> {
    crate::model::order::set(runs.iter().flat_map(|it| of(it)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MetricValue;

    fn run(params: &[(&str, &str)], metrics: &[(&str, f64)]) -> Run {
        let mut run = Run::empty("r".into());
        run.params = params.iter().map(|it| (it.0.into(), it.1.into())).collect();
        let value = |value| MetricValue { value, step: 0.0, time: 0.0 };
        run.metrics = metrics.iter().map(|it| (it.0.into(), value(it.1))).collect();
        run
    }

    #[test]
    fn says_what_differs_and_which_way_is_better() {
        let a = run(&[("lr", "0.1"), ("opt", "adam"), ("seed", "1")], &[("val/acc", 0.9), ("loss", f64::NAN)]);
        let b = run(&[("lr", "1e-1"), ("opt", "sgd"), ("seed", "2")], &[("val/acc", 0.6), ("loss", f64::NAN)]);
        let c = run(&[("opt", "sgd"), ("seed", "3")], &[("val/acc", 0.95)]);
        let all = lines(&[&a, &b, &c]);
        let line = |name: &str| all.iter().find(|it| it.name == name).expect("a line");
        let order: Vec<&str> = all.iter().filter(|it| it.part == Part::Params).map(|it| it.name.as_str()).collect();
        assert_eq!(order, ["lr", "opt", "seed"], "missing differs from there; seeds come last");
        assert!(!line("lr").is_changed(1, 0), "0.1 is 1e-1");
        assert!(line("lr").is_changed(2, 0));
        let acc = line("val/acc");
        let delta = acc.delta(1, 0).expect("a delta");
        assert!((delta.absolute + 0.3).abs() < 1e-12 && delta.is_better == Some(false));
        assert!((delta.relative.expect("a size") + 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((acc.best(), acc.delta(0, 0)), (Some(2), None));
        assert!(!line("loss").is_changed(1, 0) && line("loss").is_changed(2, 0), "NaN is NaN, and not missing");
        assert!(!line("status").differs);
    }
}
