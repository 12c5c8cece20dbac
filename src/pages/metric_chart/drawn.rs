//! Which runs are drawn as which lines, and what these are called.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::protocol::NamedRun;
use crate::model::RunId;

/// One line: a run, or several as one.
#[derive(Clone, Debug, PartialEq)]
pub struct One {
    pub run: NamedRun,
    pub slot: u8,
    pub others: Vec<RunId>,
}

/// `folds`: of each run what those share that are one; empty: each is its own.
pub fn ones(drawn: &[(NamedRun, u8)], folds: &[u64]) -> Vec<One> {
    let mut all: Vec<One> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for (at, (run, slot)) in drawn.iter().enumerate() {
        if let Some(fold) = folds.get(at) {
            if let Some(place) = places.get(fold) {
                let one = &mut all[*place];
                one.others.push(run.id.clone());
                one.run.name = common(&one.run.name, &run.name);
                continue;
            }
            places.insert(*fold, all.len());
        }
        all.push(One { run: run.clone(), slot: *slot, others: Vec::new() });
    }
    all.iter_mut().filter(|it| !it.others.is_empty()).for_each(|it| {
        it.run.name = format!("{} ×{}", it.run.name, it.others.len() + 1);
    });
    all
}

/// What two names begin with, up to a whole word.
fn common(a: &str, b: &str) -> String {
    if a == b {
        return a.to_owned();
    }
    let same: String = a.chars().zip(b.chars()).take_while(|it| it.0 == it.1).map(|it| it.0).collect();
    let start = same.trim_end_matches(char::is_alphanumeric).trim_end_matches(|it: char| !it.is_alphanumeric());
    let start = if start.is_empty() { same.as_str() } else { start };
    start.strip_suffix("seed").unwrap_or(start).trim_end_matches(|it: char| !it.is_alphanumeric()).to_owned()
}

/// Names and colours of the drawn runs.
#[derive(PartialEq)]
pub struct Shown(HashMap<RunId, (Arc<str>, u8)>);

impl Shown {
    pub fn new(drawn: &[One]) -> Self {
        Self(
            names(drawn).into_iter().zip(drawn).map(|(name, it)| (it.run.id.clone(), (name.into(), it.slot))).collect(),
        )
    }

    pub fn of(&self, run: &RunId) -> Option<&(Arc<str>, u8)> {
        self.0.get(run)
    }
}

/// Equal names are told apart by the start of their ids.
fn names(drawn: &[One]) -> Vec<String> {
    let mut seen = HashMap::<&str, u32>::new();
    drawn.iter().for_each(|it| *seen.entry(it.run.name.as_str()).or_default() += 1);
    let name = |it: &One| match (it.run.name.as_str(), seen.get(it.run.name.as_str())) {
        ("", _) => it.run.id.to_string(),
        (name, Some(1)) => name.to_owned(),
        (name, _) => format!("{name} {}", short_id(it.run.id.as_str())),
    };
    drawn.iter().map(name).collect()
}

pub fn short_id(id: &str) -> String {
    id.chars().take(8).collect()
}
