//! The columns: entries only for the rows that have a value, row numbers ascending.

use serde::{Deserialize, Serialize};

use super::super::{MetricValue, packed};
use super::near::Near;
use super::rows::{Rows, make_room};
use super::texts::Texts;

/// Text, each different value stored once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TextColumn {
    pub rows: Rows,
    #[serde(with = "packed::u32s")]
    codes: Vec<u32>,
    texts: Texts,
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
        self.texts.get(code)
    }

    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    pub fn set(&mut self, row: u32, text: &str) {
        let code = self.texts.intern(text);
        match self.rows.place(row) {
            Ok(at) => self.codes[at] = code,
            Err(at) => {
                self.rows.insert(at, row);
                self.codes.insert(at, code);
            }
        }
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> TextColumn {
        let places = self.rows.between(from, to);
        let mut moved = vec![u32::MAX; self.texts.len()];
        let mut texts = Texts::default();
        let codes = self.codes[places.clone()].iter().map(|code| {
            let to = &mut moved[*code as usize];
            if *to == u32::MAX {
                *to = texts.push(self.texts.get(*code));
            }
            *to
        });
        let codes = codes.collect();
        TextColumn { rows: self.rows.slice(places, from), codes, texts }
    }

    /// Rows of `other` come after all of this one's.
    pub(super) fn append(&mut self, other: &TextColumn, offset: u32, room: usize) {
        make_room(&mut self.codes, other.codes.len(), room);
        let moved: Vec<u32> = other.texts.iter().map(|it| self.texts.intern(it)).collect();
        self.codes.extend(other.codes.iter().map(|code| moved[*code as usize]));
        self.rows.append(&other.rows, offset, room);
    }

    pub(super) fn remove(&mut self, row: u32) {
        if let Ok(at) = self.rows.place(row) {
            self.rows.remove(at);
            self.codes.remove(at);
        }
    }

    pub(super) fn is_sound(&self, n_rows: u32) -> bool {
        let n_texts = self.texts.len();
        self.rows.fit(self.codes.len(), n_rows)
            && self.texts.is_sound()
            && self.codes.iter().all(|code| (*code as usize) < n_texts)
    }
}

/// Last value, its step and its time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MetricColumn {
    pub rows: Rows,
    #[serde(with = "packed::f64s")]
    pub values: Vec<f64>,
    steps: Near,
    times: Near,
}

impl MetricColumn {
    pub fn get(&self, row: u32) -> Option<MetricValue> {
        let at = self.rows.place(row).ok()?;
        Some(MetricValue { value: self.values[at], step: self.steps.get(at), time: self.times.get(at) })
    }

    pub fn value(&self, row: u32) -> Option<f64> {
        self.rows.place(row).ok().map(|at| self.values[at])
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> MetricColumn {
        let places = self.rows.between(from, to);
        MetricColumn {
            values: self.values[places.clone()].to_vec(),
            steps: self.steps.slice(places.clone()),
            times: self.times.slice(places.clone()),
            rows: self.rows.slice(places, from),
        }
    }

    /// Rows of `other` come after all of this one's.
    pub(super) fn append(&mut self, mut other: MetricColumn, offset: u32, room: usize) {
        make_room(&mut self.values, other.values.len(), room);
        self.values.append(&mut other.values);
        self.steps.append(other.steps);
        self.times.append(other.times);
        self.rows.append(&other.rows, offset, room);
    }

    pub(super) fn set(&mut self, row: u32, it: MetricValue) {
        match self.rows.place(row) {
            Ok(at) => {
                self.values[at] = it.value;
                self.steps.set(at, it.step);
                self.times.set(at, it.time);
            }
            Err(at) if at == self.rows.len() => {
                self.rows.push(row);
                self.values.push(it.value);
                self.steps.push(it.step);
                self.times.push(it.time);
            }
            Err(at) => {
                self.rows.insert(at, row);
                self.values.insert(at, it.value);
                self.steps.insert(at, it.step);
                self.times.insert(at, it.time);
            }
        }
    }

    pub(super) fn remove(&mut self, row: u32) {
        if let Ok(at) = self.rows.place(row) {
            self.rows.remove(at);
            self.values.remove(at);
            self.steps.remove(at);
            self.times.remove(at);
        }
    }

    pub(super) fn is_sound(&self, n_rows: u32) -> bool {
        let n = self.values.len();
        self.rows.fit(n, n_rows) && [&self.steps, &self.times].into_iter().all(|it| it.is_sound() && it.len() == n)
    }
}
