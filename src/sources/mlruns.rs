//! The folder MLflow's file store writes (1.x, 2.x, 3.x), read in place.
//! Layout: `mlruns/<project>/<run>/{meta.yaml, params/, metrics/, tags/, inputs/, outputs/, artifacts/}`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;

use super::files::{Files, join};
use super::{Batch, Cursor, Greeting, Opens, Page, Reading, Result, Source, SourceKind, Which};
use crate::model::order::sort_by;
use crate::model::{
    Artifact, ArtifactBytes, ArtifactEntry, Capabilities, Completeness, Dataset, Lifecycle, LoggedModel, MetricValue,
    Problem, Project, ProjectId, Run, RunId, Series, Status, yaml,
};

pub const KIND: SourceKind = SourceKind { name: "mlruns", label: "mlruns folder", opens: Opens::Files(recognise) };

/// Small files read at once; more only fills the browser's queue.
const PARALLEL: usize = 24;
/// `meta.yaml`, a param, a tag: anything longer is cut there.
const TEXT_LIMIT: u64 = 16 << 20;
/// One metric's file, about 8 million points.
const METRIC_LIMIT: u64 = 256 << 20;
/// A metric's file up to this is read whole for its last value; of a larger one only the end.
const TAIL: u64 = 256 << 10;

fn recognise(files: &Rc<dyn Files>) -> LocalBoxFuture<'_, Result<Option<Rc<dyn Source>>>> {
    Box::pin(async move {
        if files.is_file() {
            return Ok(None);
        }
        let Some(layout) = Layout::find(files.as_ref()).await? else { return Ok(None) };
        let source = Mlruns { files: files.clone(), layout, listings: RefCell::default() };
        Ok(Some(Rc::new(source) as Rc<dyn Source>))
    })
}

/// Where in the opened folder the store is.
struct Layout {
    /// `""`, or `mlruns` when its parent was opened.
    root: String,
    /// The folder opened is itself one project.
    single: bool,
}

impl Layout {
    async fn find(files: &dyn Files) -> Result<Option<Self>> {
        if let Ok(meta) = meta(files, "").await
            && meta.contains_key("experiment_id")
            && !meta.contains_key("run_id")
        {
            return Ok(Some(Self { root: String::new(), single: true }));
        }
        for root in ["", "mlruns"] {
            let Ok(entries) = files.list(root).await else { continue };
            for entry in entries.iter().filter(|it| it.is_dir && !it.name.starts_with('.') && it.name != "models") {
                if meta(files, &join(root, &entry.name)).await.is_ok_and(|it| it.contains_key("experiment_id")) {
                    return Ok(Some(Self { root: root.to_owned(), single: false }));
                }
            }
        }
        Ok(None)
    }
}

struct Mlruns {
    files: Rc<dyn Files>,
    layout: Layout,
    /// The runs of a project, newest first, found once per listing.
    listings: RefCell<HashMap<ProjectId, Rc<Vec<Found>>>>,
}

struct Found {
    id: String,
    start: f64,
    deleted: bool,
}

async fn text(files: &dyn Files, path: &str) -> Result<String> {
    let bytes = files.read(path, 0, TEXT_LIMIT).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn meta(files: &dyn Files, dir: &str) -> Result<BTreeMap<String, String>> {
    let path = join(dir, "meta.yaml");
    yaml::flat(&text(files, &path).await?).map_err(|said| Problem::malformed(path, said))
}

fn field<'a>(meta: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    meta.get(name).map(String::as_str).filter(|it| !matches!(*it, "" | "null" | "~" | "None"))
}

fn time(meta: &BTreeMap<String, String>, name: &str) -> Option<f64> {
    field(meta, name)?.parse().ok()
}

fn lifecycle(meta: &BTreeMap<String, String>) -> Lifecycle {
    if field(meta, "lifecycle_stage") == Some("deleted") { Lifecycle::Deleted } else { Lifecycle::Active }
}

impl Mlruns {
    fn project_dir(&self, project: &ProjectId) -> String {
        if self.layout.single { self.layout.root.clone() } else { join(&self.layout.root, project.as_str()) }
    }

    fn run_dir(&self, project: &ProjectId, run: &RunId) -> Result<String> {
        // A run's id comes from a link too: it must stay one part of the path.
        if run.as_str().is_empty() || run.as_str().contains(['/', '\\']) || run.as_str() == ".." {
            return Err(Problem::NotFound { what: run.to_string() });
        }
        Ok(join(&self.project_dir(project), run.as_str()))
    }

    async fn list_runs(&self, project: &ProjectId) -> Result<Rc<Vec<Found>>> {
        let dir = self.project_dir(project);
        let entries = self.files.list(&dir).await?;
        let ids = entries.into_iter().filter(|it| it.is_dir).map(|it| it.name);
        // `tags`, `datasets`, `models` and the like stand beside the runs.
        let ids = ids.filter(|it| {
            !matches!(it.as_str(), "tags" | "datasets" | "models" | "traces" | "artifacts") && !it.starts_with('.')
        });
        let mut found: Vec<Found> = stream::iter(ids)
            .map(|id| async {
                let read = meta(self.files.as_ref(), &join(&dir, &id)).await;
                let (start, deleted) = match &read {
                    Ok(meta) => (time(meta, "start_time").unwrap_or(0.0), lifecycle(meta) == Lifecycle::Deleted),
                    Err(_) => (f64::INFINITY, false),
                };
                Found { id, start, deleted }
            })
            .buffer_unordered(PARALLEL)
            .collect()
            .await;
        sort_by(&mut found, |a, b| b.start.total_cmp(&a.start).then_with(|| a.id.cmp(&b.id)));
        let found = Rc::new(found);
        self.listings.borrow_mut().insert(project.clone(), found.clone());
        Ok(found)
    }

    /// The run as far as it can be read; what cannot be is said in `broken`.
    async fn read_run(&self, project: &ProjectId, id: &RunId) -> Run {
        let mut run = Run::empty(id.clone());
        if let Err(problem) = self.fill_run(project, id, &mut run).await {
            run.broken = Some(problem.to_string());
        }
        if run.name.is_empty() {
            run.name = run.id.to_string();
        }
        run
    }

    async fn fill_run(&self, project: &ProjectId, id: &RunId, run: &mut Run) -> Result<()> {
        let files = self.files.as_ref();
        let dir = self.run_dir(project, id)?;
        let entries = files.list(&dir).await?;
        let has = |name: &str| entries.iter().any(|it| it.is_dir && it.name == name);
        // Labels first: they are there even where meta.yaml is not.
        if has("params") {
            run.params = self.texts(&join(&dir, "params")).await?;
        }
        if has("tags") {
            run.tags = self.texts(&join(&dir, "tags")).await?;
        }
        let tag = |name: &str| run.tags.iter().find(|it| it.0 == name).map(|it| it.1.clone());
        run.name = tag("mlflow.runName").unwrap_or_default();
        run.user = tag("mlflow.user").unwrap_or_default();
        run.parent = tag("mlflow.parentRunId").map(RunId::from);
        run.note = tag("mlflow.note.content");
        if has("metrics") {
            run.metrics = self.last_values(&join(&dir, "metrics")).await?;
        }
        if has("inputs") {
            run.datasets = self.datasets(project, &join(&dir, "inputs")).await;
        }
        if has("outputs") {
            run.models = self.models(&join(&dir, "outputs")).await;
        }
        let meta = meta(files, &dir).await?;
        if let Some(name) = field(&meta, "run_name").or(field(&meta, "name")) {
            run.name = name.to_owned();
        }
        if let Some(user) = field(&meta, "user_id") {
            run.user = user.to_owned();
        }
        run.status = match field(&meta, "status") {
            Some("1" | "RUNNING") => Status::Running,
            Some("2" | "SCHEDULED") => Status::Scheduled,
            Some("3" | "FINISHED") => Status::Finished,
            Some("4" | "FAILED") => Status::Failed,
            Some("5" | "KILLED") => Status::Killed,
            _ => Status::Unknown,
        };
        run.lifecycle = lifecycle(&meta);
        run.start = time(&meta, "start_time");
        run.end = time(&meta, "end_time");
        Ok(())
    }

    /// Every file under `dir`, a `/` in a name being a folder.
    async fn walk(&self, dir: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut open = vec![String::new()];
        while let Some(inner) = open.pop() {
            let at = if inner.is_empty() { dir.to_owned() } else { join(dir, &inner) };
            for entry in self.files.list(&at).await? {
                let name = join(&inner, &entry.name);
                if entry.is_dir && name.matches('/').count() < 16 {
                    open.push(name);
                } else if !entry.is_dir && entry.name != ".DS_Store" {
                    names.push(name);
                }
            }
        }
        sort_by(&mut names, Ord::cmp);
        Ok(names)
    }

    async fn texts(&self, dir: &str) -> Result<Vec<(String, String)>> {
        let names = self.walk(dir).await?;
        let read = stream::iter(names)
            .map(|name| async {
                let text = text(self.files.as_ref(), &join(dir, &name)).await?;
                Ok((name, text))
            })
            .buffered(PARALLEL)
            .collect::<Vec<Result<_>>>();
        read.await.into_iter().collect()
    }

    async fn last_values(&self, dir: &str) -> Result<Vec<(String, MetricValue)>> {
        let names = self.walk(dir).await?;
        let read = stream::iter(names)
            .map(|name| async {
                let value = self.last_value(&join(dir, &name)).await?;
                Ok(value.map(|value| (name, value)))
            })
            .buffered(PARALLEL)
            .collect::<Vec<Result<_>>>();
        read.await.into_iter().filter_map(Result::transpose).collect()
    }

    /// By greatest (step, time, value), as the tracker itself has it. Only the end of a long file is
    /// read, which is the same unless steps went far back.
    async fn last_value(&self, path: &str) -> Result<Option<MetricValue>> {
        let size = self.files.size(path).await?;
        let bytes = self.files.read(path, size.saturating_sub(TAIL), size).await?;
        let text = String::from_utf8_lossy(&bytes);
        // The first line of a tail is most likely cut.
        let whole = if size > TAIL { text.split_once('\n').map_or("", |it| it.1) } else { &text };
        let points = whole.lines().filter_map(point);
        let last = points.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        Ok(last.map(|(step, time, value)| MetricValue { value, step, time }))
    }

    async fn datasets(&self, project: &ProjectId, dir: &str) -> Vec<Dataset> {
        let files = self.files.as_ref();
        let mut datasets = Vec::new();
        for entry in files.list(dir).await.unwrap_or_default() {
            let Ok(input) = meta(files, &join(dir, &entry.name)).await else { continue };
            let Some(id) = field(&input, "source_id").filter(|it| !it.contains(['/', '\\'])) else { continue };
            let at = join(&join(&self.project_dir(project), "datasets"), id);
            let Ok(it) = meta(files, &at).await else { continue };
            let text = |name: &str| field(&it, name).unwrap_or_default().to_owned();
            datasets.push(Dataset {
                name: text("name"),
                digest: text("digest"),
                context: field(&input, "tags/mlflow.data.context").unwrap_or_default().to_owned(),
                source_type: text("source_type"),
                source: text("source"),
                schema: text("schema"),
                profile: text("profile"),
            });
        }
        sort_by(&mut datasets, |a, b| (&a.name, &a.context).cmp(&(&b.name, &b.context)));
        datasets
    }

    async fn models(&self, dir: &str) -> Vec<LoggedModel> {
        let mut models = Vec::new();
        for entry in self.files.list(dir).await.unwrap_or_default() {
            if let Ok(output) = meta(self.files.as_ref(), &join(dir, &entry.name)).await {
                models.push(LoggedModel {
                    id: field(&output, "destination_id").unwrap_or(&entry.name).to_owned(),
                    name: String::new(),
                    step: field(&output, "step").and_then(|it| it.parse().ok()).unwrap_or(0),
                });
            }
        }
        models
    }

    /// Inside the run, or in `mlartifacts` beside the store where a server kept them.
    async fn artifact_root(&self, project: &ProjectId, run: &RunId) -> Result<String> {
        let dir = self.run_dir(project, run)?;
        let inside = join(&dir, "artifacts");
        if self.files.list(&inside).await.is_ok_and(|it| !it.is_empty()) {
            return Ok(inside);
        }
        let beside = format!("mlartifacts/{project}/{run}/artifacts");
        Ok(if self.files.list(&beside).await.is_ok() { beside } else { inside })
    }
}

/// `timestamp value [step]` → (step, time, value). 1.x wrote no step.
fn point(line: &str) -> Option<(f64, f64, f64)> {
    let mut parts = line.split_ascii_whitespace();
    let time = parts.next()?.parse().ok()?;
    let value = crate::model::value::number(parts.next()?)?;
    let step = parts.next().map_or(Some(0.0), |it| it.parse().ok())?;
    Some((step, time, value))
}

fn safe(path: &str) -> Result<()> {
    if path.split('/').any(|it| it == ".." || it.contains('\\')) {
        return Err(Problem::NotFound { what: path.to_owned() });
    }
    Ok(())
}

#[async_trait(?Send)]
impl Source for Mlruns {
    async fn greet(&self) -> Result<Greeting> {
        Ok(Greeting {
            start: None,
            version: None,
            capabilities: Capabilities {
                remote: false,
                sampled: None,
                runs_per_page: 200,
                artifacts: true,
                deleted_runs: true,
                logged_models: true,
                edits: false,
                filters: false,
            },
            label: self.files.name(),
        })
    }

    async fn projects(&self, _from: Option<Cursor>) -> Result<Batch<Project>> {
        let files = self.files.as_ref();
        let dirs = if self.layout.single {
            vec![String::new()]
        } else {
            let entries = files.list(&self.layout.root).await?;
            let dirs = entries.into_iter().filter(|it| it.is_dir && !it.name.starts_with('.') && it.name != "models");
            dirs.map(|it| join(&self.layout.root, &it.name)).collect()
        };
        let mut projects = Vec::new();
        for dir in dirs {
            let Ok(meta) = meta(files, &dir).await else { continue };
            let folder = dir.rsplit('/').next().unwrap_or_default();
            let id = if self.layout.single { field(&meta, "experiment_id").unwrap_or("0") } else { folder };
            let tags = self.texts(&join(&dir, "tags")).await.unwrap_or_default();
            projects.push(Project {
                id: id.into(),
                name: field(&meta, "name").unwrap_or(id).to_owned(),
                description: tags.iter().find(|it| it.0 == "mlflow.note.content").map(|it| it.1.clone()),
                tags,
                created: time(&meta, "creation_time"),
                updated: time(&meta, "last_update_time"),
                lifecycle: lifecycle(&meta),
            });
        }
        sort_by(&mut projects, |a, b| {
            b.updated.unwrap_or(0.0).total_cmp(&a.updated.unwrap_or(0.0)).then(a.name.cmp(&b.name))
        });
        Ok(Batch { items: projects, next: None })
    }

    async fn runs(&self, project: &ProjectId, page: Page) -> Result<Batch<Run>> {
        let from: usize = page.from.as_ref().and_then(|it| it.0.parse().ok()).unwrap_or(0);
        let known = self.listings.borrow().get(project).filter(|_| from > 0).cloned();
        let found = match known {
            Some(found) => found,
            None => self.list_runs(project).await?,
        };
        let wanted: Vec<&Found> = found.iter().filter(|it| it.deleted == (page.which == Which::Deleted)).collect();
        let to = wanted.len().min(from + page.limit as usize);
        let mut items = Vec::new();
        for it in wanted.get(from..to).unwrap_or_default() {
            items.push(self.read_run(project, &RunId::from(it.id.as_str())).await);
        }
        Ok(Batch { items, next: (to < wanted.len()).then(|| Cursor(to.to_string())) })
    }

    async fn run(&self, project: &ProjectId, run: &RunId) -> Result<Run> {
        let dir = self.run_dir(project, run)?;
        self.files.list(&dir).await?;
        Ok(self.read_run(project, run).await)
    }

    async fn series(&self, project: &ProjectId, metric: &str, runs: &[RunId], _: Reading) -> Result<Vec<Series>> {
        safe(metric)?;
        let mut all = Vec::new();
        for run in runs {
            let path = format!("{}/metrics/{metric}", self.run_dir(project, run)?);
            let size = match self.files.size(&path).await {
                Ok(size) => size,
                Err(Problem::NotFound { .. }) => continue,
                Err(problem) => return Err(problem),
            };
            let bytes = self.files.read(&path, 0, METRIC_LIMIT).await?;
            let points: Vec<_> = String::from_utf8_lossy(&bytes).lines().filter_map(point).collect();
            let completeness = if size > METRIC_LIMIT { Completeness::Cut } else { Completeness::Full };
            all.push(Series::from_points(run.clone(), points, completeness));
        }
        Ok(all)
    }

    async fn artifacts(&self, project: &ProjectId, run: &RunId, path: &str) -> Result<Artifact> {
        safe(path)?;
        let root = self.artifact_root(project, run).await?;
        let dir = if path.is_empty() { root } else { join(&root, path) };
        let entries = match self.files.list(&dir).await {
            Ok(entries) => entries,
            // A run that logged no file has no folder.
            Err(Problem::NotFound { .. }) if path.is_empty() => return Ok(Artifact::default()),
            Err(problem) => return Err(problem),
        };
        let cut = entries.len() > 20_000;
        let mut listed = Vec::new();
        for entry in entries.into_iter().take(20_000) {
            let size = if entry.is_dir { None } else { self.files.size(&join(&dir, &entry.name)).await.ok() };
            listed.push(ArtifactEntry { path: join(path, &entry.name), is_dir: entry.is_dir, size });
        }
        sort_by(&mut listed, |a, b| a.path.cmp(&b.path));
        Ok(Artifact { entries: listed, cut })
    }

    async fn artifact(&self, project: &ProjectId, run: &RunId, path: &str, limit: u64) -> Result<ArtifactBytes> {
        safe(path)?;
        let at = join(&self.artifact_root(project, run).await?, path);
        let size = self.files.size(&at).await?;
        Ok(ArtifactBytes { bytes: self.files.read(&at, 0, limit.min(size)).await?, size: Some(size) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_lines_of_every_age() {
        assert_eq!(point("1795447085773 2.39 7"), Some((7.0, 1795447085773.0, 2.39)));
        assert_eq!(point("1795447085 0.5"), Some((0.0, 1795447085.0, 0.5)), "1.x has no step");
        assert!(point("1 nan 0").is_some_and(|it| it.2.is_nan()));
        assert_eq!(point("1 -inf -3"), Some((-3.0, 1.0, f64::NEG_INFINITY)));
        assert_eq!(point("1 0.5 many"), None);
        assert_eq!(point(""), None);
    }
}
