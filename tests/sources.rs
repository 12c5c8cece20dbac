//! The contract every source keeps, on recordings of real servers and on real folders and files.
//! To add a source: its line in `every_source`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use async_trait::async_trait;
use futures::executor::block_on;
use halimede::model::{Auth, Completeness, Problem, ProjectId, Run, RunId, Status};
use halimede::sources::files::disk::Disk;
use halimede::sources::http::{BaseAddress, Client, Http, Request, Response};
use halimede::sources::{self, Page, Reading, Source, Which};
use serde_json::Value;

/// Answers requests with what a real server answered.
struct Recording {
    dir: PathBuf,
}

impl Recording {
    fn read(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.dir.join(format!("{name}.json")));
        serde_json::from_str(&text.unwrap_or_else(|error| panic!("{name}: {error}"))).expect("a recording")
    }

    fn answer(&self, request: &Request) -> Option<Value> {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let path = path.strip_prefix("http://recorded")?;
        let query: Vec<(String, String)> = query
            .split('&')
            .filter_map(|it| it.split_once('='))
            .map(|(key, value)| {
                (key.to_owned(), percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
            })
            .collect();
        let body: Value = request.body.as_deref().map_or(Value::Null, |it| serde_json::from_slice(it).expect("JSON"));
        let names: Vec<String> = std::fs::read_dir(&self.dir)
            .expect("recordings")
            .flatten()
            .map(|it| it.file_name().to_string_lossy().trim_end_matches(".json").to_owned())
            .collect();
        names.iter().map(|it| self.read(it)).find(|it| {
            it["path"] == path
                && it["method"] == request.method
                && fits(&it["query"], &query)
                && same_question(&it["body"], &body)
        })
    }
}

/// The recorded query's ids and names must be those asked for; limits may differ.
fn fits(recorded: &Value, asked: &[(String, String)]) -> bool {
    let Some(recorded) = recorded.as_object() else { return true };
    let has_path = asked.iter().any(|it| it.0 == "path") == recorded.contains_key("path");
    has_path
        && recorded.iter().filter(|it| it.0 != "max_results").all(|(key, value)| {
            let wanted: Vec<&str> = asked.iter().filter(|it| it.0 == *key).map(|it| it.1.as_str()).collect();
            match value {
                Value::Array(all) => wanted.iter().all(|it| all.iter().any(|held| held == it)),
                Value::String(text) => wanted == [text],
                other => wanted == [other.to_string()],
            }
        })
}

fn same_question(recorded: &Value, asked: &Value) -> bool {
    let view = |it: &Value| it["run_view_type"].as_str().unwrap_or("ACTIVE_ONLY").to_owned();
    recorded["experiment_ids"] == asked["experiment_ids"]
        && (asked["experiment_ids"].is_null() || view(recorded) == view(asked))
        && recorded["page_token"] == asked["page_token"]
}

#[async_trait(?Send)]
impl Http for Recording {
    async fn send(&self, request: Request) -> sources::Result<Response> {
        let Some(found) = self.answer(&request) else {
            // Not recorded: neither there nor absent.
            return Ok(Response { status: 400, bytes: b"{}".to_vec(), ..Response::default() });
        };
        let answer = &found["response"];
        let bytes = match (&answer["json"], &answer["text"], &answer["bytes_base64"]) {
            (Value::Null, Value::String(text), _) => text.clone().into_bytes(),
            (Value::Null, _, Value::String(data)) => {
                base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).expect("base64")
            }
            (json, ..) => json.to_string().into_bytes(),
        };
        Ok(Response {
            status: answer["status"].as_u64().and_then(|it| u16::try_from(it).ok()).expect("a status"),
            content_type: answer["content_type"].as_str().unwrap_or_default().to_owned(),
            bytes,
            ..Response::default()
        })
    }

    async fn answers(&self, _: &str) -> bool {
        true
    }
}

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn recorded_mlflow(version: &str) -> Rc<dyn Source> {
    let http = Rc::new(Recording { dir: recordings().join(format!("mlflow-{version}")) });
    let base = BaseAddress::parse("http://recorded").expect("an address");
    sources::open_server("mlflow", Client::new(base, Auth::None, http)).expect("opens")
}

/// A folder recorded as an archive, unpacked once per test.
fn folder(name: &str, test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{test}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a folder");
    let archive = recordings().join(format!("{name}.tar.gz"));
    let status = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(&dir).status().expect("tar runs");
    assert!(status.success());
    dir
}

fn opened(path: &Path) -> Rc<dyn Source> {
    block_on(sources::open_files(Rc::new(Disk(path.to_owned())))).expect("opens").1
}

fn every_source(test: &str) -> Vec<(&'static str, Rc<dyn Source>)> {
    vec![
        ("MLflow 3.18", recorded_mlflow("3.18")),
        ("MLflow 2.22", recorded_mlflow("2.22")),
        ("mlruns 3.18", opened(&folder("mlruns-3.18", test).join("mlruns"))),
        ("mlruns 2.22", opened(&folder("mlruns-2.22", test))),
        ("snapshot", opened(&Path::new(env!("CARGO_MANIFEST_DIR")).join("public/demo.halimede.zip"))),
    ]
}

/// All pages of one project's runs.
fn all_runs(source: &dyn Source, project: &ProjectId, limit: u32) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut from = None;
    for _ in 0..200 {
        let page = Page { limit, from, which: Which::Active, filter: None };
        let batch = block_on(source.runs(project, page)).expect("a page of runs");
        runs.extend(batch.items);
        match batch.next {
            Some(next) => from = Some(next),
            None => return runs,
        }
    }
    panic!("the pages never end");
}

/// A project with runs; recordings hold the runs of some only.
fn busy_project(source: &dyn Source) -> (ProjectId, Vec<Run>) {
    let projects = block_on(source.projects(None)).expect("projects").items;
    assert!(!projects.is_empty());
    for project in projects {
        let page = Page { limit: 100, from: None, which: Which::Active, filter: None };
        let Ok(first) = block_on(source.runs(&project.id, page)) else { continue };
        let is_whole = |it: &&Run| it.broken.is_none();
        if first.items.iter().any(|it| it.metrics.len() > 2)
            && first.items.iter().filter(is_whole).any(|it| block_on(source.run(&project.id, &it.id)).is_ok())
        {
            let runs = all_runs(source, &project.id, 100);
            return (project.id, runs);
        }
    }
    panic!("no project with runs");
}

#[test]
fn greets_and_lists_projects() {
    for (name, source) in every_source("greets") {
        let greeting = block_on(source.greet()).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert!(!greeting.label.is_empty(), "{name}");
        let projects = block_on(source.projects(None)).expect("projects").items;
        let mut ids: Vec<&str> = projects.iter().map(|it| it.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), projects.len(), "{name}: ids are unique");
        assert!(projects.iter().all(|it| !it.name.is_empty()), "{name}");
    }
}

#[test]
fn runs_have_ids_states_and_ordered_names() {
    for (name, source) in every_source("runs") {
        let (_, runs) = busy_project(source.as_ref());
        let mut ids: Vec<&RunId> = runs.iter().map(|it| &it.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), runs.len(), "{name}: ids are unique");
        assert!(runs.iter().any(|it| it.status == Status::Finished), "{name}");
        for run in runs.iter().filter(|it| it.broken.is_none()) {
            assert!(run.params.is_sorted_by(|a, b| a.0 < b.0), "{name}: params of {}", run.name);
            assert!(run.metrics.is_sorted_by(|a, b| a.0 < b.0), "{name}: metrics of {}", run.name);
            assert!(run.start.is_none_or(|it| it > 1.5e12), "{name}: milliseconds");
        }
    }
}

#[test]
fn pages_add_up_to_the_whole() {
    for (name, source) in every_source("pages").into_iter().filter(|it| !it.0.starts_with("MLflow")) {
        let (project, all) = busy_project(source.as_ref());
        let pages = all_runs(source.as_ref(), &project, 3);
        let ids = |runs: &[Run]| runs.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&pages), ids(&all), "{name}");
        assert!(all.is_sorted_by(|a, b| a.start.unwrap_or(f64::MAX) >= b.start.unwrap_or(0.0)), "{name}: newest first");
    }
}

#[test]
fn one_run_is_the_run_of_the_list() {
    for (name, source) in every_source("one") {
        let (project, runs) = busy_project(source.as_ref());
        let same = runs.iter().filter_map(|it| Some((it, block_on(source.run(&project, &it.id)).ok()?)));
        let pairs: Vec<_> = same.collect();
        assert!(!pairs.is_empty(), "{name}");
        for (listed, single) in pairs {
            assert_eq!(*listed, single, "{name}");
        }
    }
}

#[test]
fn series_are_sorted_and_end_in_the_last_value() {
    for (name, source) in every_source("series") {
        let (project, runs) = busy_project(source.as_ref());
        let mut n_checked = 0;
        for run in runs.iter().filter(|it| it.broken.is_none()) {
            for (metric, last) in &run.metrics {
                for reading in [Reading::Sampled { points: 320, steps: None }, Reading::Full] {
                    let Ok(series) = block_on(source.series(&project, metric, std::slice::from_ref(&run.id), reading))
                    else {
                        continue;
                    };
                    let Some(series) = series.first() else { continue };
                    let at = format!("{name}: {metric} of {}", run.name);
                    assert_eq!(series.run, run.id, "{at}");
                    assert!(series.steps.is_sorted(), "{at}");
                    assert_eq!([series.times.len(), series.values.len()], [series.len(); 2], "{at}");
                    assert_eq!(series.steps.last(), Some(last.step), "{at}");
                    // Of several values at the last step and time any may stand last.
                    let ends = series.steps.iter().zip(series.values.iter()).filter(|it| it.0 == last.step);
                    let found = ends
                        .into_iter()
                        .any(|it| it.1.to_bits() == last.value.to_bits() || it.1.is_nan() && last.value.is_nan());
                    assert!(found, "{at}: {} is not among the last values", last.value);
                    n_checked += 1;
                }
            }
        }
        assert!(n_checked > 0, "{name}: nothing was checked");
    }
}

/// A server that takes no range of all steps, and how often it was asked for one.
struct Narrow {
    recording: Recording,
    n_refused: Cell<u32>,
}

#[async_trait(?Send)]
impl Http for Narrow {
    async fn send(&self, request: Request) -> sources::Result<Response> {
        if request.url.contains("start_step=-9223372036854775808&end_step=9223372036854775807") {
            self.n_refused.set(self.n_refused.get() + 1);
            return Ok(Response { status: 400, bytes: b"{}".to_vec(), ..Response::default() });
        }
        self.recording.send(request).await
    }

    async fn answers(&self, _: &str) -> bool {
        true
    }
}

#[test]
fn a_server_that_takes_no_range_of_all_steps_is_asked_without_one_from_then_on() {
    let recording = Recording { dir: recordings().join("mlflow-3.18") };
    let http = Rc::new(Narrow { recording, n_refused: Cell::new(0) });
    let base = BaseAddress::parse("http://recorded").expect("an address");
    let source = sources::open_server("mlflow", Client::new(base, Auth::None, http.clone())).expect("opens");
    let (project, runs) = busy_project(source.as_ref());
    let reading = Reading::Sampled { points: 320, steps: None };
    let read = || {
        let mut n_points = 0;
        for run in &runs {
            for (metric, _) in &run.metrics {
                let series = block_on(source.series(&project, metric, std::slice::from_ref(&run.id), reading));
                n_points += series.into_iter().flatten().map(|it| it.len()).sum::<usize>();
            }
        }
        n_points
    };
    let n_points = read();
    assert!(n_points > 0 && http.n_refused.get() > 0);
    let n_refused = http.n_refused.get();
    assert_eq!((read(), http.n_refused.get()), (n_points, n_refused));
}

#[test]
fn what_is_not_there_is_said_so() {
    for (name, source) in every_source("absent") {
        let (project, runs) = busy_project(source.as_ref());
        let absent = RunId::from("00000000000000000000000000000000");
        let problem = block_on(source.run(&project, &absent)).expect_err(name);
        assert!(matches!(problem, Problem::NotFound { .. }), "{name}: {problem:?}");
        let recorded = runs.iter().find(|it| block_on(source.run(&project, &it.id)).is_ok()).expect("a run");
        let series = block_on(source.series(&project, "nope", std::slice::from_ref(&recorded.id), Reading::Full));
        assert!(series.is_ok_and(|it| it.is_empty()), "{name}: a metric nobody logged");
        for path in ["../..", "../../../etc/passwd"] {
            assert!(block_on(source.artifact(&project, &recorded.id, path, 100)).is_err(), "{name}: {path}");
        }
    }
}

#[test]
fn artifacts_are_listed_level_by_level_and_read_to_a_limit() {
    for (name, source) in every_source("artifacts").into_iter().filter(|it| it.0 != "MLflow 2.22") {
        let (project, runs) = busy_project(source.as_ref());
        let mut n_read = 0;
        for run in &runs {
            let Ok(root) = block_on(source.artifacts(&project, &run.id, "")) else { continue };
            for entry in &root.entries {
                assert!(!entry.path.starts_with('/') && !entry.path.contains('\\'), "{name}: {}", entry.path);
                if entry.is_dir {
                    let Ok(inner) = block_on(source.artifacts(&project, &run.id, &entry.path)) else { continue };
                    assert!(inner.entries.iter().all(|it| it.path.starts_with(&format!("{}/", entry.path))), "{name}");
                    for file in inner.entries.iter().filter(|it| !it.is_dir) {
                        let Ok(read) = block_on(source.artifact(&project, &run.id, &file.path, 10)) else { continue };
                        assert!(!read.bytes.is_empty(), "{name}: {}", file.path);
                        n_read += 1;
                    }
                }
            }
        }
        // Pickles and models were left out of the recorded folders, small files were not.
        assert!(n_read > 0 || name.starts_with("mlruns"), "{name}");
    }
}

#[test]
fn edge_cases_of_a_real_server_come_through() {
    let source = recorded_mlflow("3.18");
    let project = ProjectId::from("4");
    let series = block_on(source.series(&project, "loss", &["74554cf8b73540b4bab3fe764aa65e00".into()], Reading::Full))
        .expect("reads");
    let series = &series[0];
    assert!(series.values.iter().any(|it| it.is_nan()), "NaN");
    assert!(
        [f64::INFINITY, f64::NEG_INFINITY].iter().all(|it| series.values.iter().any(|value| value == *it)),
        "infinities"
    );
    assert!(series.steps.iter().zip(series.steps.iter().skip(1)).any(|it| it.0 == it.1), "steps that repeat are kept");
    assert_eq!(series.completeness, Completeness::Full);
}

#[test]
fn a_broken_run_is_listed_with_its_reason() {
    let dir = folder("mlruns-3.18", "broken").join("mlruns");
    let project = std::fs::read_dir(&dir).expect("projects").flatten().map(|it| it.path()).find(|it| {
        it.join("meta.yaml").exists()
            && std::fs::read_dir(it).expect("runs").flatten().filter(|run| run.path().join("metrics").exists()).count()
                > 3
    });
    let project = project.expect("a project with runs");
    let runs: Vec<PathBuf> = std::fs::read_dir(&project)
        .expect("runs")
        .flatten()
        .map(|it| it.path())
        .filter(|it| it.join("metrics").exists())
        .collect();
    std::fs::write(runs[0].join("meta.yaml"), "{{{ not yaml").expect("writes");
    std::fs::remove_file(runs[1].join("meta.yaml")).expect("removes");
    let source = opened(&dir);
    let id = ProjectId::from(project.file_name().expect("a name").to_string_lossy().as_ref());
    let listed = all_runs(source.as_ref(), &id, 100);
    assert_eq!(listed.len(), runs.len(), "none is hidden");
    assert_eq!(listed.iter().filter(|it| it.broken.is_some()).count(), 2);
}

#[test]
fn a_folder_is_known_from_its_parent_and_from_one_project() {
    let dir = folder("mlruns-2.22", "layouts");
    let from_parent = busy_project(opened(&dir).as_ref());
    let from_root = busy_project(opened(&dir.join("mlruns")).as_ref());
    assert_eq!(from_parent.1, from_root.1);
    let single = opened(&dir.join("mlruns").join(from_root.0.as_str()));
    assert_eq!(all_runs(single.as_ref(), &from_root.0, 100), from_root.1);
    let nothing = block_on(sources::open_files(Rc::new(Disk(dir.join("mlruns/models")))));
    assert!(nothing.is_err());
}
