//! A Halimede snapshot: one ZIP with runs, their series as NumPy columns, and artifacts. The demo
//! is one. The format is described in `demo/README.md`.

use std::collections::HashMap;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;

use super::files::Files;
use super::http::json;
use super::{Batch, Cursor, Greeting, Opens, Page, Reading, Result, Source, SourceKind, Which, npy};
use crate::model::{
    Artifact, ArtifactBytes, ArtifactEntry, Capabilities, Completeness, Dataset, Lifecycle, LoggedModel, MetricValue,
    Problem, Project, ProjectId, Run, RunId, Series, Status,
};

pub const KIND: SourceKind =
    SourceKind { name: "snapshot", label: "Halimede snapshot", opens: Opens::Files(recognise) };

/// The file itself, and all it may unpack to.
const FILE_LIMIT: u64 = 512 << 20;
const UNPACKED_LIMIT: u64 = 1 << 30;
const VERSION: u32 = 1;

fn recognise(files: &Rc<dyn Files>) -> LocalBoxFuture<'_, Result<Option<Rc<dyn Source>>>> {
    Box::pin(async move {
        if !files.is_file() || !files.read("", 0, 4).await?.starts_with(b"PK") {
            return Ok(None);
        }
        if files.size("").await? > FILE_LIMIT {
            return Err(Problem::TooLarge { what: files.name(), limit: FILE_LIMIT });
        }
        let bytes = files.read("", 0, FILE_LIMIT).await?;
        Ok(Some(Rc::new(Snapshot::open(Zip::open(bytes)?)?) as Rc<dyn Source>))
    })
}

/// The archive in memory and where its entries are.
struct Zip {
    bytes: Vec<u8>,
    entries: HashMap<String, Place>,
}

#[derive(Clone, Copy)]
struct Place {
    wayfinder: rawzip::ZipArchiveEntryWayfinder,
    deflated: bool,
    size: u64,
}

fn bad(said: impl ToString) -> Problem {
    Problem::malformed("the snapshot", said)
}

impl Zip {
    fn open(bytes: Vec<u8>) -> Result<Self> {
        let archive = rawzip::ZipArchive::from_slice(&bytes).map_err(bad)?;
        let mut entries = HashMap::new();
        let mut unpacked = 0u64;
        for record in archive.entries() {
            let record = record.map_err(bad)?;
            if record.is_dir() {
                continue;
            }
            let name = String::from_utf8_lossy(record.file_path().as_ref()).into_owned();
            let method = record.compression_method();
            let deflated = method == rawzip::CompressionMethod::DEFLATE;
            if !deflated && method != rawzip::CompressionMethod::STORE {
                return Err(bad(format!("{name} is packed in a way other than deflate")));
            }
            let size = record.uncompressed_size_hint();
            unpacked = unpacked.saturating_add(size);
            entries.insert(name, Place { wayfinder: record.wayfinder(), deflated, size });
        }
        if unpacked > UNPACKED_LIMIT {
            return Err(Problem::TooLarge { what: "the snapshot, unpacked,".into(), limit: UNPACKED_LIMIT });
        }
        Ok(Self { bytes, entries })
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let place = self.entries.get(name).ok_or_else(|| Problem::NotFound { what: name.to_owned() })?;
        let archive = rawzip::ZipArchive::from_slice(&self.bytes).map_err(bad)?;
        let entry = archive.get_entry(place.wayfinder).map_err(bad)?;
        if !place.deflated {
            return Ok(entry.data().to_vec());
        }
        // The stated size is the bound: a bomb that unpacks to more is refused.
        let limit = usize::try_from(place.size).map_err(|_| bad("an entry of impossible size"))?;
        miniz_oxide::inflate::decompress_to_vec_with_limit(entry.data(), limit)
            .map_err(|error| bad(format!("{name}: {error}")))
    }

    /// One value a line; a line that cannot be read does not hide the others.
    fn lines<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Vec<Result<T>>> {
        let bytes = self.read(name)?;
        let lines = bytes.split(|it| *it == b'\n').map(<[u8]>::trim_ascii).filter(|it| !it.is_empty());
        Ok(lines.map(|line| json(name, line)).collect())
    }
}

struct Snapshot {
    zip: Zip,
    title: String,
    projects: Vec<Project>,
    runs: Vec<(ProjectId, Run)>,
    files: HashMap<RunId, Vec<ArtifactEntry>>,
    /// Where each (run, metric) lies in the columns.
    places: HashMap<(RunId, String), Span>,
    steps: Vec<f64>,
    times: Vec<f64>,
    values: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
    complete: bool,
}

impl Snapshot {
    fn open(zip: Zip) -> Result<Self> {
        if !zip.entries.contains_key("manifest.json") {
            return Err(bad("the ZIP has no manifest.json at its top, so it is no Halimede snapshot"));
        }
        let manifest: Manifest = json("manifest.json", &zip.read("manifest.json")?)?;
        if manifest.format != "halimede-snapshot" {
            return Err(bad("the ZIP is not a Halimede snapshot"));
        }
        if manifest.version > VERSION {
            return Err(bad(format!("it was written by a newer Halimede (format {})", manifest.version)));
        }
        let column = |name: &str| npy::column(name, &zip.read(name)?);
        let (steps, times, values) = (column("step.npy")?, column("time.npy")?, column("value.npy")?);
        if steps.len() != values.len() || times.len() != values.len() {
            return Err(bad("its columns differ in length"));
        }
        let mut places = HashMap::new();
        for it in zip.lines::<WireSeries>("series.jsonl")?.into_iter().flatten() {
            // One that lies outside the columns is left out: its run still stands in the table.
            let Some(to) = it.offset.checked_add(it.length).filter(|to| *to <= values.len()) else { continue };
            places.insert((it.run.into(), it.metric), Span { from: it.offset, to, complete: it.complete });
        }
        let mut files = HashMap::new();
        let mut runs = Vec::new();
        let first = manifest.projects.first().map_or("", |it| it.id.as_str()).to_owned();
        for (i, it) in zip.lines::<WireRun>("runs.jsonl")?.into_iter().enumerate() {
            let it = match it {
                Ok(it) => it,
                Err(problem) => {
                    let mut run = Run::empty(format!("line-{}", i + 1).into());
                    run.broken = Some(problem.to_string());
                    runs.push((first.as_str().into(), run));
                    continue;
                }
            };
            let project = ProjectId::from(it.project.as_str());
            files.insert(RunId::from(it.id.as_str()), it.artifacts.iter().map(WireFile::entry).collect());
            runs.push((project, it.into_run()));
        }
        runs.sort_by(|a, b| b.1.start.unwrap_or(0.0).total_cmp(&a.1.start.unwrap_or(0.0)));
        let projects = manifest.projects.into_iter().map(WireProject::into_project).collect();
        Ok(Self { title: manifest.title, projects, runs, files, places, steps, times, values, zip })
    }

    fn entries(&self, run: &RunId) -> &[ArtifactEntry] {
        self.files.get(run).map(Vec::as_slice).unwrap_or_default()
    }
}

#[async_trait(?Send)]
impl Source for Snapshot {
    async fn greet(&self) -> Result<Greeting> {
        Ok(Greeting {
            version: None,
            label: self.title.clone(),
            capabilities: Capabilities {
                remote: false,
                sampled: None,
                runs_per_page: 1000,
                artifacts: true,
                deleted_runs: true,
                logged_models: true,
            },
        })
    }

    async fn projects(&self, _from: Option<Cursor>) -> Result<Batch<Project>> {
        Ok(Batch { items: self.projects.clone(), next: None })
    }

    async fn runs(&self, project: &ProjectId, page: Page) -> Result<Batch<Run>> {
        let lifecycle = if page.which == Which::Active { Lifecycle::Active } else { Lifecycle::Deleted };
        let from: usize = page.from.as_ref().and_then(|it| it.0.parse().ok()).unwrap_or(0);
        let all = self.runs.iter().filter(|it| it.0 == *project && it.1.lifecycle == lifecycle);
        let mut rest = all.skip(from).map(|it| it.1.clone());
        let items: Vec<Run> = rest.by_ref().take(page.limit as usize).collect();
        let next = rest.next().map(|_| Cursor((from + items.len()).to_string()));
        Ok(Batch { items, next })
    }

    async fn run(&self, _project: &ProjectId, run: &RunId) -> Result<Run> {
        let found = self.runs.iter().find(|it| it.1.id == *run);
        found.map(|it| it.1.clone()).ok_or_else(|| Problem::NotFound { what: format!("run {run}") })
    }

    async fn series(&self, _project: &ProjectId, metric: &str, runs: &[RunId], _: Reading) -> Result<Vec<Series>> {
        let of_run = |run: &RunId| {
            let span = self.places.get(&(run.clone(), metric.to_owned()))?;
            let range = span.from..span.to;
            Some(Series {
                run: run.clone(),
                steps: self.steps[range.clone()].to_vec(),
                times: self.times[range.clone()].to_vec(),
                values: self.values[range].to_vec(),
                completeness: if span.complete { Completeness::Full } else { Completeness::Sampled },
            })
        };
        Ok(runs.iter().filter_map(of_run).collect())
    }

    async fn artifacts(&self, _project: &ProjectId, run: &RunId, path: &str) -> Result<Artifact> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut entries: Vec<ArtifactEntry> = Vec::new();
        for file in self.entries(run) {
            let Some(rest) = file.path.strip_prefix(&prefix) else { continue };
            match rest.split_once('/') {
                None => entries.push(file.clone()),
                Some((dir, _)) => {
                    let path = format!("{prefix}{dir}");
                    if !entries.iter().any(|it| it.path == path) {
                        entries.push(ArtifactEntry { path, is_dir: true, size: None });
                    }
                }
            }
        }
        Ok(Artifact { entries, cut: false })
    }

    async fn artifact(&self, _project: &ProjectId, run: &RunId, path: &str, limit: u64) -> Result<ArtifactBytes> {
        let mut bytes = self.zip.read(&format!("artifacts/{run}/{path}"))?;
        let size = bytes.len() as u64;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(ArtifactBytes { bytes, size: Some(size) })
    }
}

#[derive(Deserialize)]
struct Manifest {
    format: String,
    version: u32,
    title: String,
    #[serde(default)]
    projects: Vec<WireProject>,
}

#[derive(Deserialize)]
struct WireProject {
    id: String,
    name: String,
    description: Option<String>,
    created: Option<f64>,
    updated: Option<f64>,
    #[serde(default)]
    tags: std::collections::BTreeMap<String, String>,
}

impl WireProject {
    fn into_project(self) -> Project {
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
struct WireSeries {
    run: String,
    metric: String,
    offset: usize,
    length: usize,
    complete: bool,
}

#[derive(Deserialize)]
struct WireFile {
    path: String,
    size: Option<u64>,
}

impl WireFile {
    fn entry(&self) -> ArtifactEntry {
        ArtifactEntry { path: self.path.clone(), is_dir: false, size: self.size }
    }
}

#[derive(Deserialize)]
struct WireRun {
    id: String,
    project: String,
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
    params: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    tags: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    metrics: std::collections::BTreeMap<String, WireValue>,
    #[serde(default)]
    datasets: Vec<WireDataset>,
    #[serde(default)]
    models: Vec<WireModel>,
    #[serde(default)]
    artifacts: Vec<WireFile>,
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
    fn into_run(self) -> Run {
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
