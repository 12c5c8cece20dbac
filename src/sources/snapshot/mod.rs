//! A Halimede snapshot: one ZIP with runs, their series as NumPy columns, and artifacts. The demo
//! is one. The format is described in `docs/snapshot.md`.

mod wire;
mod write;
mod zip;

pub use write::{MOST_POINTS, Writer};

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use halimede_columns::Column;

use super::files::Files;
use super::http::json;
use super::{Batch, Cursor, Greeting, Opens, Page, Reading, Result, Source, SourceKind, Which, npy};
use crate::model::order::{sort, sort_by};
use crate::model::page::{self, PageVersion};
use crate::model::view::StoredView;
use crate::model::{
    Artifact, ArtifactBytes, ArtifactEntry, Capabilities, Completeness, Lifecycle, Problem, Project, ProjectId, Run,
    RunId, Series,
};
use wire::{Manifest, WireFile, WirePage, WireProject, WireRun, WireSeries, WireView};
use zip::{Zip, bad};

pub const KIND: SourceKind =
    SourceKind { name: "snapshot", label: "Halimede snapshot", opens: Opens::Files(recognise) };

/// The file itself.
const FILE_LIMIT: u64 = 512 << 20;
const VERSION: u32 = 1;
/// A file that names more is none of ours.
const MOST_PAGES: usize = 1_000;
const FORMAT: &str = "halimede-snapshot";

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

struct Snapshot {
    zip: Zip,
    title: String,
    start: Option<String>,
    projects: Vec<Project>,
    runs: Vec<(ProjectId, Run)>,
    files: HashMap<RunId, Vec<ArtifactEntry>>,
    /// Where each (run, metric) lies in the columns.
    places: HashMap<(RunId, String), Span>,
    steps: Column,
    times: Column,
    values: Column,
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
        if manifest.format != FORMAT {
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
        sort_by(&mut runs, |a, b| b.1.start.unwrap_or(0.0).total_cmp(&a.1.start.unwrap_or(0.0)));
        let mut projects: Vec<Project> = manifest.projects.into_iter().map(WireProject::into_project).collect();
        add_views(&zip, &mut projects);
        add_pages(&zip, &mut projects)?;
        Ok(Self {
            title: manifest.title,
            start: manifest.start.and_then(|it| it.as_str().map(str::to_owned)),
            projects,
            runs,
            files,
            places,
            steps,
            times,
            values,
            zip,
        })
    }

    fn entries(&self, run: &RunId) -> &[ArtifactEntry] {
        self.files.get(run).map(Vec::as_slice).unwrap_or_default()
    }
}

/// All names and entries, end to end.
#[cfg(test)]
pub fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let zip = Zip::open(bytes).expect("a ZIP");
    zip.entries.keys().flat_map(|it| [it.clone().into_bytes(), zip.read(it).expect("unpacks")].concat()).collect()
}

/// Dashboards and other views, as labels of their projects, as a tracker has them. One that can't be read
/// does not hide the others.
fn add_views(zip: &Zip, projects: &mut [Project]) {
    let mut names: Vec<&String> = zip.entries.keys().filter(|it| it.starts_with("dashboards/")).collect();
    sort(&mut names);
    for name in names {
        let Ok(view) = zip.read(name).and_then(|it| json::<WireView>(name, &it)) else { continue };
        if let Some(project) = projects.iter_mut().find(|it| it.id.as_str() == view.project) {
            project.tags.push(StoredView { name: view.name, text: view.view }.label());
        }
    }
}

/// Pages of the wiki, as labels of their projects too.
fn add_pages(zip: &Zip, projects: &mut [Project]) -> Result<()> {
    if !zip.entries.contains_key("pages.jsonl") {
        return Ok(());
    }
    let mut seen = HashSet::new();
    for page in zip.lines::<WirePage>("pages.jsonl")?.into_iter().flatten().take(MOST_PAGES) {
        // One that is named twice is the first.
        if !seen.insert(page.file()) {
            continue;
        }
        let Ok(text) = zip.read(&page.file()) else { continue };
        if text.len() > page::LONGEST {
            continue;
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let Some(project) = projects.iter_mut().find(|it| it.id.as_str() == page.project) else { continue };
        let version = PageVersion { path: page.path, n: 1, at: page.at, by: page.by, text: Some(text), file: None };
        project.tags.extend(version.labels());
    }
    Ok(())
}

#[async_trait(?Send)]
impl Source for Snapshot {
    async fn greet(&self) -> Result<Greeting> {
        Ok(Greeting {
            start: self.start.clone(),
            version: None,
            label: self.title.clone(),
            capabilities: Capabilities {
                remote: false,
                sampled: None,
                runs_per_page: 1000,
                artifacts: true,
                deleted_runs: true,
                logged_models: true,
                edits: false,
                filters: false,
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
            let (steps, times) = (self.steps.part(range.clone()).ruled(), self.times.part(range.clone()).ruled());
            let values = self.values.part(range);
            let completeness = if span.complete { Completeness::Full } else { Completeness::Sampled };
            if steps.is_sorted() {
                return Some(Series { run: run.clone(), steps, times, values, completeness });
            }
            // Whoever wrote it left the order to us.
            let points =
                steps.iter().zip(times.iter()).zip(values.iter()).map(|((step, time), value)| (step, time, value));
            Some(Series::from_points(run.clone(), points.collect(), completeness))
        };
        Ok(runs.iter().filter_map(of_run).collect())
    }

    async fn project(&self, project: &ProjectId) -> Result<Project> {
        let found = self.projects.iter().find(|it| it.id == *project);
        found.cloned().ok_or_else(|| Problem::NotFound { what: format!("project {project}") })
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
