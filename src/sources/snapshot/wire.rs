//! What stands in a snapshot's JSON, and its translation into the nouns.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{ArtifactEntry, Dataset, Lifecycle, LoggedModel, MetricValue, Project, Run, RunId, Status};

#[derive(Deserialize)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    pub title: String,
    #[serde(default)]
    pub projects: Vec<WireProject>,
}

#[derive(Deserialize)]
pub struct WireProject {
    pub id: String,
    name: String,
    description: Option<String>,
    created: Option<f64>,
    updated: Option<f64>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl WireProject {
    pub fn into_project(self) -> Project {
        Project {
            id: self.id.into(),
            name: self.name,
            description: self.description,
            tags: self.tags.into_iter().collect(),
            created: self.created,
            updated: self.updated,
            lifecycle: Lifecycle::Active,
        }
    }
}

#[derive(Deserialize)]
pub struct WireSeries {
    pub run: String,
    pub metric: String,
    pub offset: usize,
    pub length: usize,
    pub complete: bool,
}

#[derive(Deserialize)]
pub struct WireFile {
    path: String,
    size: Option<u64>,
}

impl WireFile {
    pub fn entry(&self) -> ArtifactEntry {
        ArtifactEntry { path: self.path.clone(), is_dir: false, size: self.size }
    }
}

#[derive(Deserialize)]
pub struct WireRun {
    pub id: String,
    pub project: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    lifecycle: String,
    start: Option<f64>,
    end: Option<f64>,
    user: Option<String>,
    parent: Option<String>,
    note: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    metrics: BTreeMap<String, WireValue>,
    #[serde(default)]
    datasets: Vec<WireDataset>,
    #[serde(default)]
    models: Vec<WireModel>,
    #[serde(default)]
    pub artifacts: Vec<WireFile>,
}

#[derive(Deserialize)]
struct WireValue {
    value: WireNumber,
    #[serde(default)]
    step: f64,
    #[serde(default)]
    time: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireNumber {
    Finite(f64),
    /// `NaN`, `Infinity`, `-Infinity`: JSON has no words for them.
    Other(String),
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct WireDataset {
    name: String,
    digest: String,
    context: Option<String>,
    source_type: Option<String>,
    source: Option<String>,
    schema: Option<String>,
    profile: Option<String>,
}

#[derive(Deserialize)]
struct WireModel {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    step: i64,
}

impl WireRun {
    pub fn into_run(self) -> Run {
        let value = |it: WireValue| {
            let value = match it.value {
                WireNumber::Finite(number) => number,
                WireNumber::Other(text) => crate::model::value::number(&text)?,
            };
            Some(MetricValue { value, step: it.step, time: it.time })
        };
        Run {
            id: self.id.into(),
            name: self.name,
            status: match self.status.as_str() {
                "scheduled" => Status::Scheduled,
                "running" => Status::Running,
                "finished" => Status::Finished,
                "failed" => Status::Failed,
                "killed" => Status::Killed,
                _ => Status::Unknown,
            },
            lifecycle: if self.lifecycle == "deleted" { Lifecycle::Deleted } else { Lifecycle::Active },
            start: self.start,
            end: self.end,
            user: self.user.unwrap_or_default(),
            parent: self.parent.map(RunId::from),
            note: self.note,
            params: self.params.into_iter().collect(),
            tags: self.tags.into_iter().collect(),
            metrics: self.metrics.into_iter().filter_map(|(name, it)| Some((name, value(it)?))).collect(),
            datasets: self
                .datasets
                .into_iter()
                .map(|it| Dataset {
                    name: it.name,
                    digest: it.digest,
                    context: it.context.unwrap_or_default(),
                    source_type: it.source_type.unwrap_or_default(),
                    source: it.source.unwrap_or_default(),
                    schema: it.schema.unwrap_or_default(),
                    profile: it.profile.unwrap_or_default(),
                })
                .collect(),
            models: self.models.into_iter().map(|it| LoggedModel { id: it.id, name: it.name, step: it.step }).collect(),
            broken: None,
        }
    }
}
