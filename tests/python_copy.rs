//! Scripts that leave are run and find the runs that pandas finds; what they leave to the server lets
//! all of those through. Needs `HALIMEDE_PYTHON`, a Python with mlflow.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use halimede::model::{Dataset, MetricValue, Run, RunId, RunTable, Status};
use halimede::query::filter::apply::{Context, NoFigures};
use halimede::query::filter::parse;
use halimede::query::out::python::{pushable, python};
use halimede::query::rows::{Prepared, RowsQuery, Sort, rows};
use serde_json::{Value, json};

#[test]
fn scripts_find_what_pandas_finds() {
    let Some(program) = std::env::var_os("HALIMEDE_PYTHON") else {
        eprintln!("skipped: HALIMEDE_PYTHON names no Python with mlflow");
        return;
    };
    let folder = Folder::new();
    let ask = |step: &str| -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_copy.py");
        let said = Command::new(&program).arg(script).arg(step).arg(&folder.0).output().expect("Python runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        // Python's JSON has a NaN of its own.
        let text = String::from_utf8_lossy(&said.stdout).replace("-Infinity", "\"-inf\"");
        let text = text.replace("NaN", "\"nan\"").replace("Infinity", "\"inf\"");
        serde_json::from_str(text.lines().last().unwrap_or_default()).expect("JSON")
    };
    let made = ask("make");
    let table = table(&made["runs"]);
    let now = made["now"].as_f64().expect("a time");
    let context = Context { table: &table, now, to_utc: &|it| it, figures: &NoFigures };
    let queries = made["queries"].as_array().expect("queries");
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let experiment = text(&made["experiment"]);
    let scripts: Vec<Value> = queries
        .iter()
        .map(|it| {
            let filter = text(&it["filter"]);
            let expr = parse(&filter).unwrap_or_else(|it| panic!("{filter}: {it:?}"));
            let pushed = expr.and_then(|it| pushable(&it, &context));
            let query = RowsQuery { filter: filter.clone(), sort: sorts(&text(&it["sort"])), ..RowsQuery::default() };
            let script = python(&text(&made["address"]), &experiment, &query, &context);
            json!({ "filter": filter, "pushed": pushed, "script": script.unwrap_or_else(|it| panic!("{filter}: {it:?}")) })
        })
        .collect();
    let all = json!({ "experiment": experiment, "scripts": scripts });
    std::fs::write(folder.0.join("scripts.json"), all.to_string()).expect("scripts are written");
    let found = ask("run");
    let prepared = Prepared::default();
    for ((query, script), got) in queries.iter().zip(&scripts).zip(found.as_array().expect("answers")) {
        let said = script["script"].as_str().unwrap_or_default();
        assert_eq!(got["ids"], query["ids"], "{} sorted by {}\n{said}", query["filter"], query["sort"]);
        let filter = text(&query["filter"]);
        let ours = RowsQuery { filter: filter.clone(), sort: sorts(&text(&query["sort"])), ..RowsQuery::default() };
        let reads_series = |text: &str| ["max", "min", "first", "count", "expr"].iter().any(|it| text.contains(it));
        if !reads_series(&filter) && !reads_series(&text(&query["sort"])) {
            let found = rows(&ours, &context, &prepared).expect("rows").rows;
            let found: Vec<&str> = found.into_iter().map(|row| table.id(row).as_str()).collect();
            assert_eq!(json!(found), query["ids"], "the table itself: {filter} sorted by {}", query["sort"]);
        }
        if script["pushed"].is_string() {
            let server = got["server"].as_array().expect("ids");
            for id in query["ids"].as_array().expect("ids") {
                assert!(server.contains(id), "{} loses {id} of {}", script["pushed"], query["filter"]);
            }
        }
    }
    assert!(queries.len() > 60);
}

fn sorts(text: &str) -> Vec<Sort> {
    let one = |it: &str| Sort {
        field: it.trim_start_matches('-').parse().expect("a field"),
        descending: it.starts_with('-'),
    };
    text.split(',').filter(|it| !it.is_empty()).map(one).collect()
}

fn table(runs: &Value) -> RunTable {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let pairs = |it: &Value| -> Vec<(String, String)> {
        it.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let number = |it: &Value| it.as_f64().or_else(|| it.as_str()?.parse().ok()).expect("a number");
    let mut table = RunTable::default();
    for it in runs.as_array().expect("runs") {
        let mut run = Run::empty(text(&it["id"]).into());
        run.name = text(&it["name"]);
        run.status = match it["status"].as_str() {
            Some("FINISHED") => Status::Finished,
            Some("FAILED") => Status::Failed,
            Some("RUNNING") => Status::Running,
            Some("KILLED") => Status::Killed,
            _ => Status::Scheduled,
        };
        run.start = it["start"].as_f64();
        run.end = it["end"].as_f64();
        run.params = pairs(&it["params"]);
        run.tags = pairs(&it["tags"]);
        run.user = text(&it["tags"]["mlflow.user"]);
        run.parent = it["tags"]["mlflow.parentRunId"].as_str().map(RunId::from);
        let last = |all: &Value| MetricValue {
            value: number(&all[all.as_array().map_or(0, Vec::len) - 1]),
            step: 0.0,
            time: 0.0,
        };
        run.metrics = it["series"].as_object().into_iter().flatten().map(|it| (it.0.clone(), last(it.1))).collect();
        run.datasets = it["datasets"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| Dataset {
                name: text(&it["name"]),
                digest: text(&it["digest"]),
                context: text(&it["context"]),
                source_type: String::new(),
                source: String::new(),
                schema: String::new(),
                profile: String::new(),
            })
            .collect();
        table.upsert(&run);
    }
    table
}

/// Removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-copy-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
