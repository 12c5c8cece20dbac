//! The table as versions 1 and 2 of the cache hold it: read, never written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{Dataset, Lifecycle, RunId, Status, packed};
use super::{Extras, MetricColumn, RunTable, TextColumn};
use crate::model::MetricValue;
use crate::model::order::map;

#[derive(Deserialize)]
struct OldRows(#[serde(with = "packed::u32s")] Vec<u32>);

#[derive(Deserialize)]
struct OldTexts {
    rows: OldRows,
    #[serde(with = "packed::u32s")]
    codes: Vec<u32>,
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct OldMetric {
    rows: OldRows,
    #[serde(with = "packed::f64s")]
    values: Vec<f64>,
    #[serde(with = "packed::f64s")]
    steps: Vec<f64>,
    #[serde(with = "packed::f64s")]
    times: Vec<f64>,
}

#[derive(Deserialize)]
pub struct TableOfVersion2 {
    ids: Vec<RunId>,
    names: OldTexts,
    users: OldTexts,
    parents: OldTexts,
    status: Vec<Status>,
    lifecycle: Vec<Lifecycle>,
    #[serde(with = "packed::f64s")]
    start: Vec<f64>,
    #[serde(with = "packed::f64s")]
    end: Vec<f64>,
    params: BTreeMap<String, OldTexts>,
    tags: BTreeMap<String, OldTexts>,
    metrics: BTreeMap<String, OldMetric>,
    extras: Vec<Extras>,
    datasets: Vec<Dataset>,
}

impl OldRows {
    fn is_sound(&self) -> bool {
        self.0.is_sorted_by(|a, b| a < b) && self.0.last().is_none_or(|last| *last < u32::MAX / 2)
    }
}

impl OldTexts {
    fn now(self) -> TextColumn {
        let mut column = TextColumn::default();
        for (row, code) in self.rows.0.iter().zip(&self.codes) {
            if let Some(text) = self.texts.get(*code as usize) {
                column.set(*row, text);
            }
        }
        column
    }
}

impl OldMetric {
    fn now(self) -> MetricColumn {
        let mut column = MetricColumn::default();
        for (((row, value), step), time) in self.rows.0.iter().zip(self.values).zip(self.steps).zip(self.times) {
            column.set(*row, MetricValue { value, step, time });
        }
        column
    }
}

impl TableOfVersion2 {
    /// What does not fit together makes a table that is not sound.
    pub fn now(self) -> RunTable {
        let texts = |it: BTreeMap<String, OldTexts>| map(it.into_iter().map(|(name, column)| (name, column.now())));
        let is_whole = {
            let texts = [&self.names, &self.users, &self.parents].into_iter();
            let mut rows = texts.chain(self.params.values()).chain(self.tags.values()).map(|it| &it.rows);
            self.extras.len() == self.ids.len()
                && rows.all(OldRows::is_sound)
                && self.metrics.values().all(|it| it.rows.is_sound())
        };
        if !is_whole {
            // Fits nothing, and is refused as damaged.
            return RunTable { status: vec![Status::Unknown], ..RunTable::default() };
        }
        RunTable {
            ids: self.ids,
            names: self.names.now(),
            users: self.users.now(),
            parents: self.parents.now(),
            status: self.status,
            lifecycle: self.lifecycle,
            start: self.start,
            end: self.end,
            params: texts(self.params),
            tags: texts(self.tags),
            metrics: self.metrics.into_iter().map(|(name, column)| (name, column.now())).collect(),
            extras: (0u32..).zip(self.extras).filter(|it| it.1 != Extras::default()).collect(),
            datasets: self.datasets,
            ..RunTable::default()
        }
    }
}
