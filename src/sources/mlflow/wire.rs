//! MLflow's JSON, typed, and its translation into the nouns. Fields are omitted when empty.

use std::borrow::Cow;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::http::{json, malformed};
use super::super::{Batch, Cursor, Result};
use crate::model::order::sort_by;
use crate::model::problem::shortened;
use crate::model::{Dataset, Lifecycle, LoggedModel, MetricValue, Problem, Project, Run, RunId, Status};

/// A number, or the text some stores send instead: `"NaN"`, `"Infinity"`, `"12"`.
/// SQL stores cannot hold an infinity and keep the greatest double in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number(pub f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Any;
        #[expect(clippy::cast_precision_loss, reason = "steps and times are drawn as f64")]
        impl Visitor<'_> for Any {
            type Value = f64;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a number, or NaN or Infinity as text")
            }
            fn visit_f64<E>(self, it: f64) -> Result<f64, E> {
                Ok(it)
            }
            fn visit_i64<E>(self, it: i64) -> Result<f64, E> {
                Ok(it as f64)
            }
            fn visit_u64<E>(self, it: u64) -> Result<f64, E> {
                Ok(it as f64)
            }
            fn visit_str<E: Error>(self, it: &str) -> Result<f64, E> {
                crate::model::value::number(it).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(it), &self))
            }
        }
        let number = input.deserialize_any(Any)?;
        Ok(Number(if number == f64::MAX {
            f64::INFINITY
        } else if number == f64::MIN {
            f64::NEG_INFINITY
        } else {
            number
        }))
    }
}

/// A size in bytes; a number or its text.
pub struct Size(pub Option<u64>);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let Number(size) = Number::deserialize(input)?;
        Ok(Size(format!("{size:.0}").parse().ok()))
    }
}

#[derive(Deserialize)]
struct Experiments<'a> {
    #[serde(borrow, default)]
    experiments: Vec<&'a RawValue>,
    #[serde(default)]
    next_page_token: serde_json::Value,
}

/// One page of `experiments/search`. What cannot be read of an experiment does not hide the others.
pub fn experiments(bytes: &[u8]) -> Result<Batch<Project>> {
    let page: Experiments = json("the list of experiments", bytes)?;
    let read = |raw: &&RawValue| {
        serde_json::from_slice::<Experiment>(raw.get().as_bytes())
            .map(Experiment::into_project)
            .ok()
            .or_else(|| bare_project(raw))
    };
    Ok(Batch { items: page.experiments.iter().filter_map(read).collect(), next: cursor(&page.next_page_token) })
}

/// The answer of `experiments/get`.
pub fn experiment(bytes: &[u8]) -> Result<Project> {
    #[derive(Deserialize)]
    struct One {
        experiment: Experiment,
    }
    json::<One>("the experiment", bytes).map(|it| it.experiment.into_project())
}

/// Only id and name, where the rest is odd.
fn bare_project(raw: &RawValue) -> Option<Project> {
    let value: serde_json::Value = serde_json::from_slice(raw.get().as_bytes()).ok()?;
    let text = |it: &serde_json::Value| it.as_str().map(str::to_owned).or_else(|| it.as_u64().map(|it| it.to_string()));
    let id = text(&value["experiment_id"])?;
    let name = text(&value["name"]).unwrap_or_else(|| id.clone());
    let experiment = Experiment {
        experiment_id: id,
        name,
        lifecycle_stage: String::new(),
        creation_time: None,
        last_update_time: None,
        tags: Vec::new(),
    };
    Some(experiment.into_project())
}

/// A token that is no text is none.
fn cursor(token: &serde_json::Value) -> Option<Cursor> {
    token.as_str().filter(|it| !it.is_empty()).map(|it| Cursor(it.to_owned()))
}

#[derive(Deserialize)]
struct Experiment {
    experiment_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    lifecycle_stage: String,
    creation_time: Option<Number>,
    last_update_time: Option<Number>,
    #[serde(default)]
    tags: Vec<OwnedPair>,
}

#[derive(Deserialize)]
struct OwnedPair {
    key: String,
    #[serde(default)]
    value: String,
}

impl Experiment {
    fn into_project(self) -> Project {
        let description = self.tags.iter().find(|it| it.key == NOTE).map(|it| it.value.clone());
        Project {
            id: self.experiment_id.into(),
            name: self.name,
            description,
            tags: self.tags.into_iter().map(|it| (it.key, it.value)).collect(),
            created: self.creation_time.map(|it| it.0),
            updated: self.last_update_time.map(|it| it.0),
            lifecycle: lifecycle(&self.lifecycle_stage),
        }
    }
}

pub const NOTE: &str = "mlflow.note.content";
pub const RUN_NAME: &str = "mlflow.runName";
const PARENT: &str = "mlflow.parentRunId";

fn lifecycle(text: &str) -> Lifecycle {
    if text == "deleted" { Lifecycle::Deleted } else { Lifecycle::Active }
}

#[derive(Deserialize)]
struct RunsPage<'a> {
    #[serde(borrow, default)]
    runs: Vec<WireRun<'a>>,
    #[serde(default)]
    next_page_token: serde_json::Value,
}

/// The same page, each run still unread.
#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(borrow, default)]
    runs: Vec<&'a RawValue>,
    #[serde(default)]
    next_page_token: serde_json::Value,
}

#[derive(Deserialize)]
pub struct RunAnswer<'a> {
    #[serde(borrow)]
    pub run: WireRun<'a>,
}

/// One page of `runs/search`. A run that cannot be read stays in the list with its reason.
pub fn runs(bytes: &[u8]) -> Result<Batch<Run>> {
    let (items, next) = match serde_json::from_slice::<RunsPage>(bytes) {
        Ok(page) => (page.runs.into_iter().map(WireRun::into_run).collect(), page.next_page_token),
        Err(error) => {
            let page: RawPage =
                serde_json::from_slice(bytes).map_err(|_| malformed("the list of runs", bytes, &error))?;
            (page.runs.iter().map(|raw| run_or_broken(raw)).collect(), page.next_page_token)
        }
    };
    Ok(Batch { items, next: cursor(&next) })
}

fn run_or_broken(raw: &RawValue) -> Run {
    match serde_json::from_slice::<WireRun>(raw.get().as_bytes()) {
        Ok(run) => run.into_run(),
        Err(error) => {
            #[derive(Deserialize)]
            struct OnlyId {
                info: IdInfo,
            }
            #[derive(Deserialize)]
            struct IdInfo {
                run_id: String,
            }
            let id = serde_json::from_slice::<OnlyId>(raw.get().as_bytes()).map(|it| it.info.run_id);
            let mut run = Run::empty(id.unwrap_or_else(|_| format!("unreadable-{}", checksum(raw.get()))).into());
            run.broken = Some(shortened(&error.to_string(), 200));
            run
        }
    }
}

/// Names what has no name: the same text, the same run, on whatever page it comes.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[derive(Deserialize)]
pub struct WireRun<'a> {
    #[serde(borrow)]
    info: Info<'a>,
    #[serde(borrow, default)]
    data: Data<'a>,
    #[serde(borrow, default)]
    inputs: Inputs<'a>,
    #[serde(borrow, default)]
    outputs: Outputs<'a>,
}

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow)]
    run_id: Cow<'a, str>,
    #[serde(borrow, default)]
    experiment_id: Cow<'a, str>,
    #[serde(borrow, default)]
    run_name: Cow<'a, str>,
    #[serde(borrow, default)]
    user_id: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    start_time: Option<Number>,
    end_time: Option<Number>,
    #[serde(borrow, default)]
    lifecycle_stage: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
struct Data<'a> {
    #[serde(borrow, default)]
    metrics: Vec<Point<'a>>,
    #[serde(borrow, default)]
    params: Vec<Pair<'a>>,
    #[serde(borrow, default)]
    tags: Vec<Pair<'a>>,
}

#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
pub struct Point<'a> {
    #[serde(borrow, default)]
    key: Cow<'a, str>,
    value: Number,
    #[serde(default)]
    timestamp: Number,
    #[serde(default)]
    step: Number,
    #[serde(borrow, default)]
    pub run_id: Cow<'a, str>,
}

impl Point<'_> {
    /// (step, time, value)
    pub fn triple(&self) -> (f64, f64, f64) {
        (self.step.0, self.timestamp.0, self.value.0)
    }
}

#[derive(Deserialize, Default)]
struct Inputs<'a> {
    #[serde(borrow, default)]
    dataset_inputs: Vec<DatasetInput<'a>>,
}

#[derive(Deserialize)]
struct DatasetInput<'a> {
    #[serde(borrow, default)]
    tags: Vec<Pair<'a>>,
    #[serde(borrow)]
    dataset: WireDataset<'a>,
}

#[derive(Deserialize)]
struct WireDataset<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    digest: Cow<'a, str>,
    #[serde(borrow, default)]
    source_type: Cow<'a, str>,
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow, default)]
    schema: Cow<'a, str>,
    #[serde(borrow, default)]
    profile: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
struct Outputs<'a> {
    #[serde(borrow, default)]
    model_outputs: Vec<ModelOutput<'a>>,
}

#[derive(Deserialize)]
struct ModelOutput<'a> {
    #[serde(borrow)]
    model_id: Cow<'a, str>,
    #[serde(default)]
    step: i64,
}

impl WireRun<'_> {
    pub fn experiment(&self) -> &str {
        &self.info.experiment_id
    }

    pub fn into_run(self) -> Run {
        let tag = |name: &str| self.data.tags.iter().find(|it| it.key == name).map(|it| it.value.to_string());
        let name = if self.info.run_name.is_empty() { tag(RUN_NAME) } else { None };
        // "unknown" is what a server writes for clients that name nobody.
        let user = if matches!(&*self.info.user_id, "" | "unknown") { tag("mlflow.user") } else { None };
        Run {
            id: RunId::from(&*self.info.run_id),
            name: name.unwrap_or_else(|| self.info.run_name.into_owned()),
            status: match &*self.info.status {
                "RUNNING" => Status::Running,
                "SCHEDULED" => Status::Scheduled,
                "FINISHED" => Status::Finished,
                "FAILED" => Status::Failed,
                "KILLED" => Status::Killed,
                _ => Status::Unknown,
            },
            lifecycle: lifecycle(&self.info.lifecycle_stage),
            // 0 stands for "not yet".
            start: self.info.start_time.map(|it| it.0).filter(|it| *it > 0.0),
            end: self.info.end_time.map(|it| it.0).filter(|it| *it > 0.0),
            user: user.unwrap_or_else(|| self.info.user_id.into_owned()),
            parent: tag(PARENT).map(RunId::from),
            note: tag(NOTE),
            params: sorted(self.data.params.into_iter().map(|it| (it.key.into_owned(), it.value.into_owned()))),
            metrics: sorted(self.data.metrics.into_iter().map(|it| {
                let (step, time, value) = it.triple();
                (it.key.into_owned(), MetricValue { value, step, time })
            })),
            tags: sorted(self.data.tags.into_iter().map(|it| (it.key.into_owned(), it.value.into_owned()))),
            datasets: self.inputs.dataset_inputs.into_iter().map(DatasetInput::into_dataset).collect(),
            models: self
                .outputs
                .model_outputs
                .into_iter()
                .map(|it| LoggedModel { id: it.model_id.into_owned(), name: String::new(), step: it.step })
                .collect(),
            broken: None,
        }
    }
}

fn sorted<V>(pairs: impl Iterator<Item = (String, V)>) -> Vec<(String, V)> {
    let mut pairs: Vec<_> = pairs.collect();
    sort_by(&mut pairs, |a, b| a.0.cmp(&b.0));
    pairs
}

impl DatasetInput<'_> {
    fn into_dataset(self) -> Dataset {
        let context = self.tags.iter().find(|it| it.key == "mlflow.data.context");
        Dataset {
            context: context.map(|it| it.value.to_string()).unwrap_or_default(),
            name: self.dataset.name.into_owned(),
            digest: self.dataset.digest.into_owned(),
            source_type: self.dataset.source_type.into_owned(),
            source: self.dataset.source.into_owned(),
            schema: self.dataset.schema.into_owned(),
            profile: self.dataset.profile.into_owned(),
        }
    }
}

#[derive(Deserialize)]
pub struct History<'a> {
    #[serde(borrow, default)]
    pub metrics: Vec<Point<'a>>,
    #[serde(borrow)]
    pub next_page_token: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub struct Artifacts {
    #[serde(default)]
    pub files: Vec<File>,
    pub next_page_token: Option<String>,
}

#[derive(Deserialize)]
pub struct File {
    pub path: String,
    #[serde(default)]
    pub is_dir: bool,
    pub file_size: Option<Size>,
}

/// The answer of `/version`: a short text that starts with a digit. Anything else that answers
/// there with success is some other server.
pub fn version(bytes: &[u8]) -> Result<Option<String>> {
    let text = std::str::from_utf8(bytes).unwrap_or_default().trim().trim_matches('"');
    if text.len() <= 40 && text.starts_with(|it: char| it.is_ascii_digit()) && text.contains('.') {
        return Ok(Some(text.to_owned()));
    }
    match json::<serde_json::Value>("the version", bytes) {
        Err(problem) if bytes.first() == Some(&b'<') => Err(problem),
        _ => Err(Problem::malformed("the version", "the answer is not a version of MLflow")),
    }
}

pub fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_spelling() {
        let text =
            r#"[1, 0.5, "NaN", "Infinity", "-Infinity", 1.7976931348623157e+308, -1.7976931348623157e+308, "7"]"#;
        let read: Vec<Number> = serde_json::from_str(text).expect("reads");
        let read: Vec<f64> = read.into_iter().map(|it| it.0).collect();
        let inf = f64::INFINITY;
        assert_eq!(format!("{read:?}"), format!("{:?}", [1.0, 0.5, f64::NAN, inf, -inf, inf, -inf, 7.0]));
        assert!(serde_json::from_str::<Number>("\"many\"").is_err());
        assert!(serde_json::from_str::<Number>("null").is_err());
    }

    #[test]
    fn one_broken_run_does_not_hide_the_others() {
        let page = br#"{"runs":[{"info":{"run_id":"a"}},{"info":{"run_id":"b"},"data":{"metrics":[{"key":"x","value":{}}]}},{"data":{}}],"next_page_token":""}"#;
        let batch = runs(page).expect("a page");
        assert_eq!(batch.items.len(), 3);
        assert!(batch.items[0].broken.is_none());
        assert_eq!(batch.items[1].id.as_str(), "b");
        assert!(batch.items[1].broken.is_some() && batch.items[2].broken.is_some());
        assert_eq!(batch.next, None);
    }

    #[test]
    fn one_odd_experiment_does_not_hide_the_others() {
        let page = br#"{"experiments":[{"experiment_id":"1","name":"a","tags":null},{"experiment_id":5,"name":"b"},{"name":"c"},
            {"experiment_id":"7","name":"d","creation_time":"soon"}],"next_page_token":5}"#;
        let batch = experiments(page).expect("a page");
        let names: Vec<&str> = batch.items.iter().map(|it| it.name.as_str()).collect();
        assert_eq!((names, batch.next), (vec!["a", "b", "d"], None));
    }

    #[test]
    fn an_empty_answer_is_an_empty_list() {
        assert!(runs(b"{}").expect("empty").items.is_empty());
        assert!(runs(b"<html>").is_err());
        assert!(runs(br#"{"runs":[{"in"#).is_err());
    }

    #[test]
    fn a_version_is_told_from_a_web_page() {
        assert_eq!(version(b"3.18.0").expect("a version").as_deref(), Some("3.18.0"));
        assert_eq!(version(b"2.22.5\n").expect("a version").as_deref(), Some("2.22.5"));
        assert!(version(b"<!doctype html><title>hi").is_err());
        assert!(version(b"OK").is_err());
        assert_eq!(major("3.18.0"), Some(3));
    }
}
