//! The columns: entries only for the rows that have a value, row numbers ascending.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::super::{MetricValue, packed};

/// Row numbers of the entries of one column, ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows(#[serde(with = "packed::u32s")] pub(super) Vec<u32>);

impl Rows {
    /// Where the entry for `row` stands, or where it would be put.
    fn place(&self, row: u32) -> Result<usize, usize> {
        // A column without gaps is the usual case: entry i is row i.
        match self.0.get(row as usize) {
            Some(it) if *it == row => Ok(row as usize),
            _ => self.0.binary_search(&row),
        }
    }

    /// Places of the entries for rows `from..to`.
    fn between(&self, from: u32, to: u32) -> std::ops::Range<usize> {
        self.0.partition_point(|it| *it < from)..self.0.partition_point(|it| *it < to)
    }

    fn slice(&self, places: std::ops::Range<usize>, from: u32) -> Rows {
        Rows(self.0[places].iter().map(|it| it - from).collect())
    }

    fn append(&mut self, other: Rows, offset: u32) {
        self.0.extend(other.0.into_iter().map(|it| it + offset));
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

/// Text, each different value stored once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TextColumn {
    pub rows: Rows,
    #[serde(with = "packed::u32s")]
    pub(super) codes: Vec<u32>,
    pub(super) texts: Vec<String>,
    #[serde(skip)]
    by_hash: HashMap<u64, Vec<u32>>,
}

impl TextColumn {
    pub fn get(&self, row: u32) -> Option<&str> {
        self.code(row).map(|code| self.text(code))
    }

    /// The value's number in the dictionary, for work done once per different value.
    pub fn code(&self, row: u32) -> Option<u32> {
        self.rows.place(row).ok().map(|at| self.codes[at])
    }

    /// Row and code of every value.
    pub fn each(&self, mut visit: impl FnMut(u32, u32)) {
        for (row, code) in self.rows.iter().zip(&self.codes) {
            visit(row, *code);
        }
    }

    pub fn text(&self, code: u32) -> &str {
        &self.texts[code as usize]
    }

    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    pub fn set(&mut self, row: u32, text: &str) {
        let code = self.intern(text);
        match self.rows.place(row) {
            Ok(at) => self.codes[at] = code,
            Err(at) => {
                self.rows.0.insert(at, row);
                self.codes.insert(at, code);
            }
        }
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> TextColumn {
        let places = self.rows.between(from, to);
        let mut moved = vec![u32::MAX; self.texts.len()];
        let mut texts = Vec::new();
        let codes = self.codes[places.clone()].iter().map(|code| {
            let to = &mut moved[*code as usize];
            if *to == u32::MAX {
                *to = u32::try_from(texts.len()).unwrap_or(u32::MAX - 1);
                texts.push(self.texts[*code as usize].clone());
            }
            *to
        });
        let codes = codes.collect();
        TextColumn { rows: self.rows.slice(places, from), codes, texts, by_hash: HashMap::new() }
    }

    /// Rows of `other` come after all of this one's.
    pub(super) fn append(&mut self, other: TextColumn, offset: u32, room: usize) {
        make_room(&mut self.codes, other.codes.len(), room);
        make_room(&mut self.rows.0, other.codes.len(), room);
        let moved: Vec<u32> = other.texts.iter().map(|it| self.intern(it)).collect();
        self.codes.extend(other.codes.iter().map(|code| moved[*code as usize]));
        self.rows.append(other.rows, offset);
    }

    pub(super) fn remove(&mut self, row: u32) {
        if let Ok(at) = self.rows.place(row) {
            self.rows.0.remove(at);
            self.codes.remove(at);
        }
    }

    fn intern(&mut self, text: &str) -> u32 {
        if self.by_hash.is_empty() && !self.texts.is_empty() {
            // Decoded from the cache: the look-up is made on first use.
            for (code, text) in (0u32..).zip(&self.texts) {
                self.by_hash.entry(hash(text)).or_default().push(code);
            }
        }
        let codes = self.by_hash.entry(hash(text)).or_default();
        if let Some(code) = codes.iter().find(|it| self.texts[**it as usize] == text) {
            return *code;
        }
        let code = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        codes.push(code);
        self.texts.push(text.to_owned());
        code
    }
}

/// A column that grows by `more` now and is likely to reach `room` gets all of it at once: growing by
/// doubling would leave up to half of it unused.
fn make_room<T>(column: &mut Vec<T>, more: usize, room: usize) {
    if column.capacity() - column.len() < more {
        column.reserve_exact(room.saturating_sub(column.len()).max(more));
    }
}

/// For look-ups in memory only.
pub(super) fn hash(it: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    it.hash(&mut hasher);
    hasher.finish()
}

/// Last value, its step and its time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MetricColumn {
    pub rows: Rows,
    #[serde(with = "packed::f64s")]
    pub values: Vec<f64>,
    #[serde(with = "packed::f64s")]
    pub steps: Vec<f64>,
    #[serde(with = "packed::f64s")]
    pub times: Vec<f64>,
}

impl MetricColumn {
    pub fn get(&self, row: u32) -> Option<MetricValue> {
        let at = self.rows.place(row).ok()?;
        Some(MetricValue { value: self.values[at], step: self.steps[at], time: self.times[at] })
    }

    pub fn value(&self, row: u32) -> Option<f64> {
        self.rows.place(row).ok().map(|at| self.values[at])
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> MetricColumn {
        let places = self.rows.between(from, to);
        MetricColumn {
            values: self.values[places.clone()].to_vec(),
            steps: self.steps[places.clone()].to_vec(),
            times: self.times[places.clone()].to_vec(),
            rows: self.rows.slice(places, from),
        }
    }

    /// Rows of `other` come after all of this one's.
    pub(super) fn append(&mut self, mut other: MetricColumn, offset: u32, room: usize) {
        for column in [&mut self.values, &mut self.steps, &mut self.times] {
            make_room(column, other.values.len(), room);
        }
        make_room(&mut self.rows.0, other.values.len(), room);
        self.values.append(&mut other.values);
        self.steps.append(&mut other.steps);
        self.times.append(&mut other.times);
        self.rows.append(other.rows, offset);
    }

    pub(super) fn set(&mut self, row: u32, it: MetricValue) {
        match self.rows.place(row) {
            Ok(at) => {
                self.values[at] = it.value;
                self.steps[at] = it.step;
                self.times[at] = it.time;
            }
            Err(at) => {
                self.rows.0.insert(at, row);
                self.values.insert(at, it.value);
                self.steps.insert(at, it.step);
                self.times.insert(at, it.time);
            }
        }
    }

    pub(super) fn remove(&mut self, row: u32) {
        if let Ok(at) = self.rows.place(row) {
            self.rows.0.remove(at);
            self.values.remove(at);
            self.steps.remove(at);
            self.times.remove(at);
        }
    }
}
