//! Asking a real MLflow server over its REST interface, and seeding it with experiments, runs and artifacts.

use super::http::{self, Response};
use super::mlflow::{ANSWER, Mlflow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// When the seeded runs started: 2023-11-14T22:13:20Z, in milliseconds.
pub const SEEDED_AT: i64 = 1_700_000_000_000;

impl Mlflow {
    /// A request as the administrator (if there is one); "runs/create" is short for "/api/2.0/mlflow/runs/create".
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Response {
        let login = self.options.auth.as_ref().map(|(user, password)| basic_auth(user, password));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(login.as_deref().map(|value| ("Authorization", value)));
        http::send(self.port(), method, &full_path(path), &headers, body, ANSWER)
            .unwrap_or_else(|e| panic!("{method} {path}: {e}\n{}", self.log()))
    }

    /// Posts JSON; anything but success panics.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        succeed("POST", path, &self.request("POST", path, body.to_string().as_bytes()))
    }

    pub fn get(&self, path: &str) -> Value {
        succeed("GET", path, &self.request("GET", path, b""))
    }

    /// Creates an experiment; its id.
    pub fn experiment(&self, name: &str) -> String {
        text(&self.post("experiments/create", &json!({ "name": name }))["experiment_id"])
    }

    /// Creates a finished run; its id. Each metric is a series of (step, value), a second apart.
    pub fn run(
        &self,
        experiment: &str,
        name: &str,
        params: &[(&str, &str)],
        metrics: &[(&str, &[(i64, f64)])],
        tags: &[(&str, &str)],
    ) -> String {
        let created = self
            .post("runs/create", &json!({ "experiment_id": experiment, "run_name": name, "start_time": SEEDED_AT }));
        let run = text(&created["run"]["info"]["run_id"]);
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(k, v)| json!({ "key": k, "value": v })).collect::<Vec<_>>();
        for chunk in pairs(params).chunks(100) {
            self.post("runs/log-batch", &json!({ "run_id": run, "params": chunk }));
        }
        for chunk in pairs(tags).chunks(100) {
            self.post("runs/log-batch", &json!({ "run_id": run, "tags": chunk }));
        }
        let points: Vec<Value> = metrics
            .iter()
            .flat_map(|(key, series)| series.iter().map(move |(step, value)| point(key, *step, *value)))
            .collect();
        for chunk in points.chunks(1000) {
            self.post("runs/log-batch", &json!({ "run_id": run, "metrics": chunk }));
        }
        let end = SEEDED_AT + 60_000;
        self.post("runs/update", &json!({ "run_id": run, "status": "FINISHED", "end_time": end }));
        run
    }

    /// Uploads one artifact of a run through the server's artifact proxy.
    pub fn artifact(&self, experiment: &str, run: &str, path: &str, content: &[u8]) {
        let target = format!("/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/{path}");
        succeed("PUT", &target, &self.request("PUT", &target, content));
    }
}

/// The value of an `Authorization` header.
pub fn basic_auth(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn point(key: &str, step: i64, value: f64) -> Value {
    // JSON has no such numbers; MLflow takes and gives them as these words.
    let value = match value {
        v if v.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        v => json!(v),
    };
    json!({ "key": key, "step": step, "timestamp": SEEDED_AT + step * 1000, "value": value })
}

fn full_path(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/api/2.0/mlflow/{path}") }
}

fn succeed(method: &str, path: &str, answer: &Response) -> Value {
    assert!(answer.status == 200, "{method} {path}: status {}: {}", answer.status, answer.text());
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("MLflow gave {value} for an id")).to_owned()
}
