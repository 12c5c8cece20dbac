//! All runs of one project as columns. A column holds entries only for the rows that have a
//! value, so an experiment with 22,000 metric names costs what it logged and no more.

mod columns;
mod near;
mod old;
mod rows;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use super::packed;
use super::{Dataset, Lifecycle, LoggedModel, Run, RunId, Status};
use crate::model::order::map;
pub use columns::{MetricColumn, TextColumn};
pub use old::TableOfVersion2;
pub use rows::Rows;

/// What is not a column: few runs have it, or only the run page shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Extras {
    datasets: Vec<u32>,
    models: Vec<LoggedModel>,
    note: Option<String>,
    broken: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RunTable {
    ids: Vec<RunId>,
    #[serde(skip)]
    by_id: HashTable<u32>,
    #[serde(skip)]
    hasher: DefaultHashBuilder,
    pub names: TextColumn,
    pub users: TextColumn,
    pub parents: TextColumn,
    pub status: Vec<Status>,
    pub lifecycle: Vec<Lifecycle>,
    /// Milliseconds since the epoch; NaN where the source gives none.
    #[serde(with = "packed::f64s")]
    pub start: Vec<f64>,
    #[serde(with = "packed::f64s")]
    pub end: Vec<f64>,
    pub params: BTreeMap<String, TextColumn>,
    pub tags: BTreeMap<String, TextColumn>,
    pub metrics: BTreeMap<String, MetricColumn>,
    extras: BTreeMap<u32, Extras>,
    datasets: Vec<Dataset>,
    /// Made on first use.
    #[serde(skip)]
    known_datasets: HashTable<u32>,
    /// Blocks of rows that changed since they were last asked for.
    #[serde(skip)]
    changed: BTreeSet<u32>,
}

/// Rows a block of changes has.
pub const BLOCK: u32 = 4_096;

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    Added,
    Changed,
    Same,
}

impl RunTable {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn n_rows(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub fn id(&self, row: u32) -> &RunId {
        &self.ids[row as usize]
    }

    pub fn ids(&self) -> &[RunId] {
        &self.ids
    }

    pub fn row_of(&self, id: &RunId) -> Option<u32> {
        self.by_id.find(self.hasher.hash_one(id), |row| self.ids[*row as usize] == *id).copied()
    }

    pub fn broken(&self, row: u32) -> Option<&str> {
        self.extras.get(&row)?.broken.as_deref()
    }

    /// Rows that could not be read whole.
    pub fn n_broken(&self) -> usize {
        self.extras.values().filter(|it| it.broken.is_some()).count()
    }

    pub fn datasets_of(&self, row: u32) -> impl Iterator<Item = &Dataset> {
        self.extras.get(&row).into_iter().flat_map(|it| &it.datasets).map(|at| &self.datasets[*at as usize])
    }

    fn add_id(&mut self, id: RunId) {
        let row = self.n_rows();
        let hash = self.hasher.hash_one(&id);
        self.ids.push(id);
        let Self { ids, by_id, hasher, .. } = self;
        by_id.insert_unique(hash, row, |row| hasher.hash_one(&ids[*row as usize]));
    }

    pub fn upsert(&mut self, run: &Run) -> Upsert {
        match self.row_of(&run.id) {
            None => {
                let row = self.n_rows();
                self.add_id(run.id.clone());
                self.status.push(run.status);
                self.lifecycle.push(run.lifecycle);
                self.start.push(f64::NAN);
                self.end.push(f64::NAN);
                self.fill(row, run);
                Upsert::Added
            }
            Some(row) if self.run(row) == *run => Upsert::Same,
            Some(row) => {
                // What it has still is written over: to take an entry out of a column is dear.
                remove_others(&mut self.params, row, names(&run.params), TextColumn::remove);
                remove_others(&mut self.tags, row, names(&run.tags), TextColumn::remove);
                remove_others(&mut self.metrics, row, names(&run.metrics), MetricColumn::remove);
                self.parents.remove(row);
                self.fill(row, run);
                Upsert::Changed
            }
        }
    }

    fn fill(&mut self, row: u32, run: &Run) {
        self.changed.insert(row / BLOCK);
        let at = row as usize;
        self.names.set(row, &run.name);
        self.users.set(row, &run.user);
        if let Some(parent) = &run.parent {
            self.parents.set(row, parent.as_str());
        }
        self.status[at] = run.status;
        self.lifecycle[at] = run.lifecycle;
        self.start[at] = run.start.unwrap_or(f64::NAN);
        self.end[at] = run.end.unwrap_or(f64::NAN);
        for (name, text) in &run.params {
            column(&mut self.params, name).set(row, text);
        }
        for (name, text) in &run.tags {
            column(&mut self.tags, name).set(row, text);
        }
        for (name, value) in &run.metrics {
            column(&mut self.metrics, name).set(row, *value);
        }
        let datasets = run.datasets.iter().map(|it| self.intern_dataset(it)).collect();
        let extras =
            Extras { datasets, models: run.models.clone(), note: run.note.clone(), broken: run.broken.clone() };
        if extras == Extras::default() {
            self.extras.remove(&row);
        } else {
            self.extras.insert(row, extras);
        }
    }

    fn intern_dataset(&mut self, dataset: &Dataset) -> u32 {
        let Self { datasets, known_datasets: known, hasher, .. } = self;
        if known.is_empty() {
            for (at, held) in (0u32..).zip(&*datasets) {
                known.insert_unique(hasher.hash_one(held), at, |at| hasher.hash_one(&datasets[*at as usize]));
            }
        }
        let hash = hasher.hash_one(dataset);
        if let Some(at) = known.find(hash, |it| datasets[*it as usize] == *dataset) {
            return *at;
        }
        let at = u32::try_from(datasets.len()).unwrap_or(u32::MAX);
        datasets.push(dataset.clone());
        known.insert_unique(hash, at, |at| hasher.hash_one(&datasets[*at as usize]));
        at
    }

    /// One row put together again, names in order.
    pub fn run(&self, row: u32) -> Run {
        let at = row as usize;
        let texts = |columns: &BTreeMap<String, TextColumn>| {
            columns
                .iter()
                .filter_map(|(name, it)| Some((name.clone(), it.get(row)?.to_owned())))
                .collect::<Vec<(String, String)>>()
        };
        let extras = self.extras.get(&row).cloned().unwrap_or_default();
        Run {
            id: self.ids[at].clone(),
            name: self.names.get(row).unwrap_or_default().to_owned(),
            status: self.status[at],
            lifecycle: self.lifecycle[at],
            start: known(self.start[at]),
            end: known(self.end[at]),
            user: self.users.get(row).unwrap_or_default().to_owned(),
            parent: self.parents.get(row).map(RunId::from),
            params: texts(&self.params),
            tags: texts(&self.tags),
            metrics: self.metrics.iter().filter_map(|(name, it)| Some((name.clone(), it.get(row)?))).collect(),
            note: extras.note,
            datasets: self.datasets_of(row).cloned().collect(),
            models: extras.models,
            broken: extras.broken,
        }
    }

    /// Blocks that changed since the last call.
    pub fn take_changed(&mut self) -> BTreeSet<u32> {
        std::mem::take(&mut self.changed)
    }

    /// What could not be kept after all counts as changed again.
    pub fn changed_again(&mut self, blocks: BTreeSet<u32>) {
        self.changed.extend(blocks);
    }

    /// Rows `from..to` as a table of their own, for one chunk of the cache.
    pub fn slice(&self, from: u32, to: u32) -> RunTable {
        let to = to.min(self.n_rows());
        let from = from.min(to);
        let (a, b) = (from as usize, to as usize);
        let texts = |columns: &BTreeMap<String, TextColumn>| {
            let sliced = columns.iter().map(|(name, it)| (name.clone(), it.slice(from, to)));
            map(sliced.filter(|it| !it.1.rows.is_empty()))
        };
        let metrics = self.metrics.iter().map(|(name, it)| (name.clone(), it.slice(from, to)));
        let mut chunk = RunTable {
            ids: self.ids[a..b].to_vec(),
            names: self.names.slice(from, to),
            users: self.users.slice(from, to),
            parents: self.parents.slice(from, to),
            status: self.status[a..b].to_vec(),
            lifecycle: self.lifecycle[a..b].to_vec(),
            start: self.start[a..b].to_vec(),
            end: self.end[a..b].to_vec(),
            params: texts(&self.params),
            tags: texts(&self.tags),
            metrics: map(metrics.filter(|it| !it.1.rows.is_empty())),
            extras: map(self.extras.range(from..to).map(|(row, it)| (row - from, it.clone()))),
            ..RunTable::default()
        };
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for at in chunk.extras.values_mut().flat_map(|it| &mut it.datasets) {
            let next = u32::try_from(chunk.datasets.len()).unwrap_or(u32::MAX);
            *at = *moved.entry(*at).or_insert_with_key(|at| {
                chunk.datasets.push(self.datasets[*at as usize].clone());
                next
            });
        }
        chunk
    }

    /// Keeps only these runs; says whether any went.
    pub fn retain(&mut self, keep: &HashSet<RunId>) -> bool {
        if self.ids.iter().all(|it| keep.contains(it)) {
            return false;
        }
        let mut rest = RunTable::default();
        for row in (0..self.n_rows()).filter(|row| keep.contains(self.id(*row))) {
            rest.upsert(&self.run(row));
        }
        *self = rest;
        true
    }

    /// Appends a chunk read from the cache. Runs that are there already are replaced. `total` rows are
    /// to be expected in the end.
    pub fn append(&mut self, mut chunk: RunTable, total: u32) {
        if self.is_empty() {
            let ids = std::mem::take(&mut chunk.ids);
            *self = chunk;
            self.ids.reserve_exact(total as usize);
            ids.into_iter().for_each(|it| self.add_id(it));
            return;
        }
        if chunk.ids.iter().any(|it| self.row_of(it).is_some()) {
            for row in 0..chunk.n_rows() {
                self.upsert(&chunk.run(row));
            }
            return;
        }
        let offset = self.n_rows();
        let (n, total) = (chunk.len(), total as usize);
        // A column that has a value in every row of the chunk likely has one in all.
        let room = |len: usize| if len * 2 > n { total } else { 0 };
        std::mem::take(&mut chunk.ids).into_iter().for_each(|it| self.add_id(it));
        self.names.append(&chunk.names, offset, total);
        self.users.append(&chunk.users, offset, total);
        self.parents.append(&chunk.parents, offset, 0);
        for (name, it) in chunk.params {
            let room = room(it.rows.len());
            column(&mut self.params, &name).append(&it, offset, room);
        }
        for (name, it) in chunk.tags {
            let room = room(it.rows.len());
            column(&mut self.tags, &name).append(&it, offset, room);
        }
        for (name, it) in chunk.metrics {
            let room = room(it.rows.len());
            column(&mut self.metrics, &name).append(it, offset, room);
        }
        for (row, mut extras) in chunk.extras {
            for at in &mut extras.datasets {
                *at = self.intern_dataset(&chunk.datasets[*at as usize]);
            }
            self.extras.insert(offset + row, extras);
        }
        self.status.append(&mut chunk.status);
        self.lifecycle.append(&mut chunk.lifecycle);
        self.start.append(&mut chunk.start);
        self.end.append(&mut chunk.end);
    }

    /// Whether the lengths agree; a chunk from the disk is checked before it is used.
    pub fn is_sound(&self) -> bool {
        let n = self.ids.len();
        let n_rows = self.n_rows();
        [self.status.len(), self.lifecycle.len(), self.start.len(), self.end.len()] == [n; 4]
            && self.extras.keys().all(|row| *row < n_rows)
            && [&self.names, &self.users, &self.parents].into_iter().all(|it| it.is_sound(n_rows))
            && self.params.values().chain(self.tags.values()).all(|it| it.is_sound(n_rows))
            && self.metrics.values().all(|it| it.is_sound(n_rows))
            && self.extras.values().flat_map(|it| &it.datasets).all(|at| (*at as usize) < self.datasets.len())
    }
}

fn names<T>(values: &[(String, T)]) -> HashSet<&str> {
    values.iter().map(|it| it.0.as_str()).collect()
}

fn remove_others<C>(columns: &mut BTreeMap<String, C>, row: u32, stay: HashSet<&str>, remove: fn(&mut C, u32)) {
    columns.iter_mut().filter(|it| !stay.contains(it.0.as_str())).for_each(|it| remove(it.1, row));
}

fn known(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

fn column<'a, C: Default>(columns: &'a mut BTreeMap<String, C>, name: &str) -> &'a mut C {
    if !columns.contains_key(name) {
        columns.insert(name.to_owned(), C::default());
    }
    columns.entry(name.to_owned()).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MetricValue;

    fn run(id: &str, params: &[(&str, &str)], metrics: &[(&str, f64)]) -> Run {
        let mut run = Run::empty(id.into());
        run.params = params.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        run.metrics =
            metrics.iter().map(|(k, v)| (k.to_string(), MetricValue { value: *v, step: 1.0, time: 2.0 })).collect();
        run
    }

    #[test]
    fn a_run_comes_back_as_it_went_in() {
        let mut table = RunTable::default();
        let mut original = run("a", &[("lr", "0.1")], &[("loss", f64::NAN)]);
        original.tags = vec![("team".into(), "أ <b>".into())];
        original.note = Some("# hi".into());
        original.parent = Some("p".into());
        original.start = Some(5.0);
        assert_eq!(table.upsert(&run("z", &[], &[("other", 1.0)])), Upsert::Added);
        assert_eq!(table.upsert(&original), Upsert::Added);
        assert_eq!(table.run(1), original);
        assert_eq!(table.upsert(&original), Upsert::Same, "an unchanged NaN is unchanged");
    }

    #[test]
    fn a_change_drops_what_is_gone() {
        let mut table = RunTable::default();
        table.upsert(&run("a", &[("lr", "0.1"), ("old", "x")], &[("loss", 1.0)]));
        let newer = run("a", &[("lr", "0.2")], &[("acc", 0.5)]);
        assert_eq!(table.upsert(&newer), Upsert::Changed);
        assert_eq!(table.run(0), newer);
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn chunks_put_the_table_together_again() {
        let mut table = RunTable::default();
        for i in 0..10 {
            let params = if i % 3 == 0 { vec![("rare", "x")] } else { vec![] };
            table.upsert(&run(&format!("r{i}"), &params, &[("loss", f64::from(i))]));
        }
        let mut back = RunTable::default();
        for from in [0, 4, 8] {
            let bytes = postcard::to_allocvec(&table.slice(from, from + 4)).expect("encodes");
            let chunk: RunTable = postcard::from_bytes(&bytes).expect("decodes");
            assert!(chunk.is_sound());
            back.append(chunk, 10);
        }
        assert_eq!(back.len(), 10);
        for row in 0..10 {
            assert_eq!(back.run(row), table.run(row));
        }
        assert_eq!(back.upsert(&table.run(3)), Upsert::Same);
    }

    #[test]
    fn a_chunk_with_wrong_lengths_is_refused() {
        let mut table = RunTable::default();
        table.upsert(&run("a", &[("lr", "1")], &[]));
        table.params.get_mut("lr").expect("there").rows = (1..2).collect();
        assert!(!table.is_sound());
    }
}
