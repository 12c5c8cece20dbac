//! What stands in a snapshot's JSON, and its translation into the nouns and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::order::map;
use crate::model::{ArtifactEntry, Dataset, Lifecycle, LoggedModel, MetricValue, Project, Run, RunId, Status};

#[derive(Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    pub title: String,
    /// Where it opens: a link within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<serde_json::Value>,
    /// Milliseconds since the epoch, UTC.
    #[serde(default)]
    pub created: f64,
    #[serde(default)]
    pub projects: Vec<WireProject>,
    /// What was left out or replaced before it was written.
    #[serde(default)]
    pub redacted: Vec<String>,
    /// SHA-256 of every other entry, by its name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// `dashboards/<n>.json`: a view of a project, as in a link after `?`.
#[derive(Serialize, Deserialize)]
pub struct WireView {
    pub project: String,
    pub name: String,
    pub view: String,
}

/// A line of `pages.jsonl`; the page's Markdown is `pages/<project>/<path>.md`.
#[derive(Serialize, Deserialize)]
pub struct WirePage {
    pub project: String,
    pub path: String,
    #[serde(default)]
    pub at: f64,
    #[serde(default)]
    pub by: String,
}

impl WirePage {
    pub fn file(&self) -> String {
        format!("pages/{}/{}.md", self.project, self.path)
    }
}

#[derive(Serialize, Deserialize)]
pub struct WireProject {
    pub id: String,
    name: String,
    description: Option<String>,
    created: Option<f64>,
    updated: Option<f64>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl From<&Project> for WireProject {
    fn from(it: &Project) -> Self {
        WireProject {
            id: it.id.to_string(),
            name: it.name.clone(),
            description: it.description.clone(),
            created: it.created,
            updated: it.updated,
            tags: map(it.tags.iter().cloned()),
        }
    }
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

#[derive(Serialize, Deserialize)]
pub struct WireSeries {
    pub run: String,
    pub metric: String,
    pub offset: usize,
    pub length: usize,
    pub complete: bool,
}

#[derive(Serialize, Deserialize)]
pub struct WireFile {
    pub path: String,
    pub size: Option<u64>,
}

impl WireFile {
    pub fn entry(&self) -> ArtifactEntry {
        ArtifactEntry { path: self.path.clone(), is_dir: false, size: self.size }
    }
}

#[derive(Serialize, Deserialize)]
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

#[derive(Serialize, Deserialize)]
struct WireValue {
    value: WireNumber,
    #[serde(default)]
    step: f64,
    #[serde(default)]
    time: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WireNumber {
    Finite(f64),
    /// `NaN`, `Infinity`, `-Infinity`: JSON has no words for them.
    Other(String),
}

#[derive(Serialize, Deserialize)]
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

#[derive(Serialize, Deserialize)]
struct WireModel {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    step: i64,
}

impl WireNumber {
    fn of(it: f64) -> Self {
        let word = |it: &str| WireNumber::Other(it.to_owned());
        match it {
            it if it.is_finite() => WireNumber::Finite(it),
            it if it.is_nan() => word("NaN"),
            it => word(if it > 0.0 { "Infinity" } else { "-Infinity" }),
        }
    }
}

/// The words of a status in a snapshot.
const STATUSES: [(&str, Status); 5] = [
    ("scheduled", Status::Scheduled),
    ("running", Status::Running),
    ("finished", Status::Finished),
    ("failed", Status::Failed),
    ("killed", Status::Killed),
];

impl WireRun {
    pub fn of(project: &str, run: &Run, artifacts: Vec<WireFile>) -> Self {
        let some = |it: &str| Some(it.to_owned()).filter(|it| !it.is_empty());
        // JSON has no word for a step that is no number.
        let whole = |it: f64| if it.is_finite() { it } else { 0.0 };
        let value = |it: &MetricValue| WireValue {
            value: WireNumber::of(it.value),
            step: whole(it.step),
            time: whole(it.time),
        };
        let dataset = |it: &Dataset| WireDataset {
            name: it.name.clone(),
            digest: it.digest.clone(),
            context: some(&it.context),
            source_type: some(&it.source_type),
            source: some(&it.source),
            schema: some(&it.schema),
            profile: some(&it.profile),
        };
        let model = |it: &LoggedModel| WireModel { id: it.id.clone(), name: it.name.clone(), step: it.step };
        WireRun {
            id: run.id.to_string(),
            project: project.to_owned(),
            name: run.name.clone(),
            status: STATUSES.iter().find(|it| it.1 == run.status).map_or("", |it| it.0).to_owned(),
            lifecycle: if run.lifecycle == Lifecycle::Deleted { "deleted" } else { "active" }.to_owned(),
            start: run.start,
            end: run.end,
            user: some(&run.user),
            parent: run.parent.as_ref().map(RunId::to_string),
            note: run.note.clone(),
            params: map(run.params.iter().cloned()),
            tags: map(run.tags.iter().cloned()),
            metrics: map(run.metrics.iter().map(|(name, it)| (name.clone(), value(it)))),
            datasets: run.datasets.iter().map(dataset).collect(),
            models: run.models.iter().map(model).collect(),
            artifacts,
        }
    }

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
            status: STATUSES.iter().find(|it| it.0 == self.status).map_or(Status::Unknown, |it| it.1),
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
