//! One run as an adapter hands it over: inputs, last metric values, labels.

use serde::{Deserialize, Serialize};

use super::RunId;
use super::page::KEEPER;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub enum Status {
    Scheduled,
    Running,
    Finished,
    Failed,
    Killed,
    #[default]
    Unknown,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Scheduled => "queued",
            Status::Running => "running",
            Status::Finished => "finished",
            Status::Failed => "failed",
            Status::Killed => "killed",
            Status::Unknown => "unknown",
        }
    }

    /// A run that may still change without anybody editing it.
    pub fn is_live(self) -> bool {
        matches!(self, Status::Scheduled | Status::Running)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub enum Lifecycle {
    #[default]
    Active,
    Deleted,
}

/// The last value of a metric: greatest step, then latest time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct MetricValue {
    /// May be NaN or ±infinity: those are values, not absences.
    pub value: f64,
    pub step: f64,
    /// Milliseconds since the epoch, UTC.
    pub time: f64,
}

impl PartialEq for MetricValue {
    fn eq(&self, other: &Self) -> bool {
        // By bits, so that an unchanged NaN counts as unchanged.
        [self.value, self.step, self.time].map(f64::to_bits) == [other.value, other.step, other.time].map(f64::to_bits)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dataset {
    pub name: String,
    pub digest: String,
    /// What the run used it for, e.g. `train`.
    pub context: String,
    pub source_type: String,
    pub source: String,
    pub schema: String,
    pub profile: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedModel {
    pub id: String,
    pub name: String,
    pub step: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub name: String,
    pub status: Status,
    pub lifecycle: Lifecycle,
    /// Milliseconds since the epoch, UTC.
    pub start: Option<f64>,
    pub end: Option<f64>,
    pub user: String,
    pub parent: Option<RunId>,
    /// Text as received; `model::value::number` is the parsed view.
    pub params: Vec<(String, String)>,
    pub metrics: Vec<(String, MetricValue)>,
    pub tags: Vec<(String, String)>,
    /// Markdown, untrusted.
    pub note: Option<String>,
    pub datasets: Vec<Dataset>,
    pub models: Vec<LoggedModel>,
    /// Why the run could be read only in part; shown beside it, never hidden.
    pub broken: Option<String>,
}

impl Run {
    /// Whether it only holds files of its project's pages.
    pub fn is_keeper(&self) -> bool {
        self.tags.iter().any(|it| it.0 == KEEPER) && self.metrics.is_empty() && self.params.is_empty()
    }

    pub fn empty(id: RunId) -> Self {
        Run {
            id,
            name: String::new(),
            status: Status::Unknown,
            lifecycle: Lifecycle::Active,
            start: None,
            end: None,
            user: String::new(),
            parent: None,
            params: Vec::new(),
            metrics: Vec::new(),
            tags: Vec::new(),
            note: None,
            datasets: Vec::new(),
            models: Vec::new(),
            broken: None,
        }
    }

    /// Milliseconds.
    pub fn duration(&self) -> Option<f64> {
        Some(self.end? - self.start?)
    }
}
