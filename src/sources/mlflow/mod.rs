//! MLflow 2.x and 3.x over REST. Endpoints, limits and quirks as observed on 2.22 and 3.18;
//! <https://mlflow.org/docs/latest/api_reference/rest-api.html> describes the documented part.

mod views;
mod wire;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::{self, StreamExt};
use serde_json::json;

use super::http::{Client, json};
use super::{Batch, Cursor, Greeting, Label, Opens, Page, Reading, Result, Source, SourceKind, Which};
use crate::model::edit::Edit;
use crate::model::page::KEEPER;
use crate::model::view::SharedView;
use crate::model::{
    Artifact, ArtifactBytes, ArtifactEntry, Capabilities, Completeness, Lifecycle, Problem, Project, ProjectId, Run,
    RunId, Series,
};

pub const KIND: SourceKind =
    SourceKind { name: "mlflow", label: "MLflow", opens: Opens::Server(|client| Rc::new(Mlflow::new(client))) };

/// `runs/search` costs the server about 1 ms and 3.3 kB a run, so pages stay near 3 MB.
const RUNS_PER_PAGE: u32 = 1000;
/// Limits of `get-history-bulk-interval`.
const SAMPLED_POINTS: u32 = 2500;
const SAMPLED_RUNS: usize = 25;
/// Not worth a request of their own.
const FEW_RUNS: usize = 4;
/// Requests for histories that are under way together: the server has several workers.
const AT_ONCE: usize = 4;
/// Every step there can be. Said even where all steps are wanted: without a range SQLite reads this metric of every
/// run of the server to find that of one (9 ms of it among 100 runs of 1000 points, and a tenth of a ms with it).
const ALL_STEPS: (&str, &str) = ("-9223372036854775808", "9223372036854775807");
/// The largest page `get-history` gives.
const HISTORY_PAGE: &str = "25000";
/// Beyond this a full reading stops and says so: 40 pages, about 120 MB of JSON.
const FULL_POINTS: usize = 1_000_000;

struct Mlflow {
    client: Client,
    /// Servers before 2.14 lack the sampled history.
    no_sampling: Cell<bool>,
    /// Some may not take all steps for a range.
    no_all_steps: Cell<bool>,
}

impl Mlflow {
    fn new(client: Client) -> Self {
        Self { client, no_sampling: Cell::new(false), no_all_steps: Cell::new(false) }
    }

    /// Every point of one series, page after page.
    async fn history(&self, metric: &str, run: &RunId) -> Result<Series> {
        let mut points = Vec::new();
        let mut token = String::new();
        let mut seen = HashSet::new();
        let mut completeness = Completeness::Full;
        loop {
            let mut query = vec![("run_id", run.as_str()), ("metric_key", metric), ("max_results", HISTORY_PAGE)];
            if !token.is_empty() {
                query.push(("page_token", &token));
            }
            let bytes = self.client.get_bytes("/api/2.0/mlflow/metrics/get-history", &query).await?;
            let page: wire::History = json("the metric's history", &bytes)?;
            points.extend(page.metrics.iter().map(wire::Point::triple));
            if points.len() >= FULL_POINTS {
                completeness = Completeness::Cut;
                break;
            }
            match page.next_page_token.filter(|it| !it.is_empty()) {
                Some(next) if seen.insert(next.to_string()) => token = next.into_owned(),
                Some(_) => return Err(repeated_token("the metric's history")),
                None => break,
            }
        }
        Ok(Series::from_points(run.clone(), points, completeness))
    }

    async fn sampled(
        &self,
        metric: &str,
        runs: &[RunId],
        points: u32,
        steps: Option<(f64, f64)>,
    ) -> Result<Vec<Series>> {
        let points = points.clamp(2, SAMPLED_POINTS);
        let bytes = match steps.map(|it| (whole(it.0.floor()), whole(it.1.ceil()))) {
            Some((from, to)) => self.sampled_bytes(metric, runs, points, Some((&from, &to))).await?,
            None if self.no_all_steps.get() => self.sampled_bytes(metric, runs, points, None).await?,
            None => match self.sampled_bytes(metric, runs, points, Some(ALL_STEPS)).await {
                Err(Problem::Server { status: 400, .. }) => {
                    let bytes = self.sampled_bytes(metric, runs, points, None).await?;
                    self.no_all_steps.set(true);
                    bytes
                }
                answer => answer?,
            },
        };
        let answer: wire::History = json("the sampled history", &bytes)?;
        // Servers thin the steps of all runs together, or those of each: if they are fewer than were asked
        // for, all are there in both cases.
        let steps_given: HashSet<u64> = answer.metrics.iter().map(|it| it.triple().0.to_bits()).collect();
        let has_all = steps_given.len() < points as usize;
        let mut by_run: HashMap<&str, Vec<(f64, f64, f64)>> = HashMap::new();
        for point in &answer.metrics {
            by_run.entry(&point.run_id).or_default().push(point.triple());
        }
        Ok(runs
            .iter()
            .filter_map(|run| {
                let points_of_run = by_run.remove(run.as_str())?;
                let completeness = if has_all { Completeness::Full } else { Completeness::Sampled };
                Some(Series::from_points(run.clone(), points_of_run, completeness))
            })
            .collect())
    }

    async fn sampled_bytes(
        &self,
        metric: &str,
        runs: &[RunId],
        points: u32,
        steps: Option<(&str, &str)>,
    ) -> Result<Vec<u8>> {
        let points = points.to_string();
        let mut query: Vec<(&str, &str)> = runs.iter().map(|it| ("run_ids", it.as_str())).collect();
        query.extend([("metric_key", metric), ("max_results", &points)]);
        query.extend(steps.iter().flat_map(|it| [("start_step", it.0), ("end_step", it.1)]));
        self.client.get_bytes("/api/2.0/mlflow/metrics/get-history-bulk-interval", &query).await
    }
}

/// Parts of about the same size, so small that all its workers have some until the end: reading points is most of
/// their work.
fn requests(runs: &[RunId]) -> impl Iterator<Item = &[RunId]> {
    let n = runs.len();
    let n_requests = n.div_ceil(FEW_RUNS).min(3 * AT_ONCE).max(n.div_ceil(SAMPLED_RUNS));
    (0..n_requests).map(move |at| &runs[at * n / n_requests..(at + 1) * n / n_requests])
}

/// A step as the server takes it: a whole number within i64.
fn whole(step: f64) -> String {
    format!("{:.0}", step.clamp(-9.2e18, 9.2e18))
}

fn repeated_token(what: &str) -> Problem {
    Problem::malformed(what, "the server sent the same page token twice, so the listing would never end")
}

#[async_trait(?Send)]
impl Source for Mlflow {
    async fn greet(&self) -> Result<Greeting> {
        let version = match self.client.get_bytes("/version", &[]).await {
            Ok(bytes) => wire::version(&bytes)?,
            // Very old servers and some proxies have no such address; the listing decides then.
            Err(Problem::NotFound { .. }) => None,
            Err(problem) => return Err(problem),
        };
        let page = self.projects_page(None, 1).await?;
        drop(page);
        Ok(Greeting {
            capabilities: Capabilities {
                remote: true,
                sampled: Some((SAMPLED_POINTS, u32::try_from(SAMPLED_RUNS).unwrap_or(1))),
                runs_per_page: RUNS_PER_PAGE,
                artifacts: true,
                deleted_runs: true,
                logged_models: version.as_deref().and_then(wire::major).is_none_or(|it| it >= 3),
                edits: true,
                filters: true,
            },
            label: format!("{}{}", self.client.base().host(), self.client.base().path()),
            version,
            start: None,
        })
    }

    async fn projects(&self, from: Option<Cursor>) -> Result<Batch<Project>> {
        self.projects_page(from, 1000).await
    }

    async fn runs(&self, project: &ProjectId, page: Page) -> Result<Batch<Run>> {
        let view = match page.which {
            Which::Active => "ACTIVE_ONLY",
            Which::Deleted => "DELETED_ONLY",
        };
        let mut body = json!({
            "experiment_ids": [project.as_str()],
            "max_results": page.limit.clamp(1, RUNS_PER_PAGE),
            "run_view_type": view,
            "order_by": ["attributes.start_time DESC"],
        });
        if let Some(filter) = &page.filter {
            body["filter"] = json!(filter);
        }
        if let Some(Cursor(token)) = &page.from {
            body["page_token"] = json!(token);
        }
        let bytes = self.client.post_bytes("/api/2.0/mlflow/runs/search", body.to_string().into_bytes()).await?;
        wire::runs(&bytes)
    }

    async fn run(&self, project: &ProjectId, run: &RunId) -> Result<Run> {
        let bytes = self.client.get_bytes("/api/2.0/mlflow/runs/get", &[("run_id", run.as_str())]).await?;
        let answer: wire::RunAnswer = json("the run", &bytes)?;
        // The server finds a run wherever it is; a link may name another project.
        if answer.run.experiment() != project.as_str() {
            return Err(Problem::NotFound { what: format!("run {run} is not in this project") });
        }
        Ok(answer.run.into_run())
    }

    async fn series(
        &self,
        _project: &ProjectId,
        metric: &str,
        runs: &[RunId],
        reading: Reading,
    ) -> Result<Vec<Series>> {
        let mut all = Vec::new();
        if let (Reading::Sampled { points, steps }, false) = (reading, self.no_sampling.get()) {
            let asked: Vec<LocalBoxFuture<_>> =
                requests(runs).map(|some| self.sampled(metric, some, points, steps).boxed_local()).collect();
            // In order, one that takes long would keep the next from being asked.
            let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
            while let Some(answer) = answers.next().await {
                match answer {
                    Ok(series) => all.extend(series),
                    // An address the server does not know, not a run it does not know: those differ in words only.
                    Err(Problem::NotFound { what }) if what.contains("web page") => {
                        self.no_sampling.set(true);
                        all.clear();
                        break;
                    }
                    Err(problem) => return Err(problem),
                }
            }
            if !self.no_sampling.get() {
                return Ok(all);
            }
        }
        let mut histories = stream::iter(runs.iter().map(|run| self.history(metric, run))).buffered(AT_ONCE);
        while let Some(series) = histories.next().await {
            all.extend(Some(series?).filter(|it| !it.is_empty()));
        }
        Ok(all)
    }

    async fn artifacts(&self, _project: &ProjectId, run: &RunId, path: &str) -> Result<Artifact> {
        let mut listing = Artifact::default();
        let mut token = String::new();
        let mut seen = HashSet::new();
        loop {
            let mut query = vec![("run_id", run.as_str())];
            if !path.is_empty() {
                query.push(("path", path));
            }
            if !token.is_empty() {
                query.push(("page_token", &token));
            }
            let page: wire::Artifacts = self.client.get("/api/2.0/mlflow/artifacts/list", &query).await?;
            listing.entries.extend(page.files.into_iter().map(|it| ArtifactEntry {
                path: it.path,
                is_dir: it.is_dir,
                size: it.file_size.and_then(|it| it.0),
            }));
            listing.cut = listing.entries.len() > 20_000;
            match page.next_page_token.filter(|it| !it.is_empty()) {
                Some(next) if !listing.cut && seen.insert(next.clone()) => token = next,
                _ => return Ok(listing),
            }
        }
    }

    async fn artifact(&self, _project: &ProjectId, run: &RunId, path: &str, limit: u64) -> Result<ArtifactBytes> {
        let query = [("run_uuid", run.as_str()), ("path", path)];
        let (bytes, size) = self.client.get_start("/get-artifact", &query, limit).await?;
        Ok(ArtifactBytes { bytes, size })
    }

    async fn edit(&self, _project: &ProjectId, run: &RunId, edit: &Edit) -> Result<Vec<Label>> {
        let tag = match edit {
            // By its label: servers of 2.x that are told a name alone set the status back to running.
            Edit::Name(name) => (wire::RUN_NAME, Some(name.as_str())),
            Edit::Note(note) => (wire::NOTE, note.as_deref()),
            Edit::Tag(key, value) => (key.as_str(), value.as_deref()),
            Edit::Lifecycle(to) => {
                let verb = if *to == Lifecycle::Deleted { "delete" } else { "restore" };
                self.tell(&format!("/api/2.0/mlflow/runs/{verb}"), &json!({ "run_id": run.as_str() })).await?;
                return Ok(Vec::new());
            }
        };
        match tag {
            (key, Some(value)) => {
                let body = json!({ "run_id": run.as_str(), "key": key, "value": value });
                self.tell("/api/2.0/mlflow/runs/set-tag", &body).await?;
            }
            (key, None) => {
                let body = json!({ "run_id": run.as_str(), "key": key });
                self.tell("/api/2.0/mlflow/runs/delete-tag", &body).await?;
            }
        }
        Ok(vec![(tag.0.to_owned(), tag.1.map(str::to_owned))])
    }

    async fn project(&self, project: &ProjectId) -> Result<Project> {
        let query = [("experiment_id", project.as_str())];
        wire::experiment(&self.client.get_bytes("/api/2.0/mlflow/experiments/get", &query).await?)
    }

    fn views(&self, project: &Project) -> Vec<SharedView> {
        views::shared(project)
    }

    async fn tag_project(&self, project: &ProjectId, key: &str, value: Option<&str>) -> Result<()> {
        let mut body = json!({ "experiment_id": project.as_str(), "key": key });
        let Some(value) = value else {
            return self.tell("/api/2.0/mlflow/experiments/delete-experiment-tag", &body).await;
        };
        body["value"] = json!(value);
        self.tell("/api/2.0/mlflow/experiments/set-experiment-tag", &body).await
    }

    async fn keep_file(&self, project: &ProjectId, name: &str, bytes: Vec<u8>, now: f64) -> Result<RunId> {
        let run = match self.keeper(project).await? {
            Some(run) => run,
            None => self.new_keeper(project, now).await?,
        };
        // What its own page logs pictures with; the server passes it on to wherever its files are.
        let query = [("run_uuid", run.as_str()), ("path", name)];
        self.client.post_file("/ajax-api/2.0/mlflow/upload-artifact", &query, bytes).await?;
        Ok(run)
    }
}

impl Mlflow {
    /// The oldest, where two people made one at a time.
    async fn keeper(&self, project: &ProjectId) -> Result<Option<RunId>> {
        let body = json!({
            "experiment_ids": [project.as_str()],
            "max_results": 1,
            "filter": format!("tags.`{KEEPER}` != ''"),
            "order_by": ["attributes.start_time ASC"],
        });
        let bytes = self.client.post_bytes("/api/2.0/mlflow/runs/search", body.to_string().into_bytes()).await?;
        Ok(wire::runs(&bytes)?.items.into_iter().next().map(|it| it.id))
    }

    async fn new_keeper(&self, project: &ProjectId, now: f64) -> Result<RunId> {
        let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
        let now = whole(now);
        let body = json!({
            "experiment_id": project.as_str(),
            "run_name": "Pictures of the wiki",
            "start_time": now,
            "tags": [
                tag(KEEPER, "pages"),
                tag(wire::NOTE, "Holds pictures and long pages of this experiment's wiki, which Halimede shows."),
            ],
        });
        let bytes = self.client.post_bytes("/api/2.0/mlflow/runs/create", body.to_string().into_bytes()).await?;
        let made: wire::RunAnswer = json("the new run", &bytes)?;
        let run = made.run.into_run().id;
        let body = json!({ "run_id": run.as_str(), "status": "FINISHED", "end_time": now });
        self.tell("/api/2.0/mlflow/runs/update", &body).await?;
        Ok(run)
    }

    async fn tell(&self, path: &str, body: &serde_json::Value) -> Result<()> {
        self.client.post_bytes(path, body.to_string().into_bytes()).await.map(drop)
    }

    async fn projects_page(&self, from: Option<Cursor>, limit: u32) -> Result<Batch<Project>> {
        let mut body =
            json!({ "max_results": limit, "view_type": "ACTIVE_ONLY", "order_by": ["last_update_time DESC"] });
        if let Some(Cursor(token)) = from {
            body["page_token"] = json!(token);
        }
        let path = "/api/2.0/mlflow/experiments/search";
        let bytes = self.client.post_bytes(path, body.to_string().into_bytes()).await?;
        wire::experiments(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_even_and_hold_all_runs_once() {
        let runs: Vec<RunId> = (0..1_000).map(|it| RunId::from(it.to_string().as_str())).collect();
        for n in [0, 1, 3, 4, 5, 16, 84, 100, 301, 1_000] {
            let parts: Vec<&[RunId]> = requests(&runs[..n]).collect();
            assert_eq!(parts.concat(), runs[..n], "{n}");
            let sizes = parts.iter().map(|it| it.len());
            let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
            assert!(most - least <= 1 && most <= SAMPLED_RUNS, "{n}: {least} to {most}");
        }
    }
}
