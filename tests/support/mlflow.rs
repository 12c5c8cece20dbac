//! A real `mlflow server` on a free loopback port, with a database, artifacts and users of its own, and ways to seed it.

use super::http::{self, Response};
use super::process::Group;
use super::{TempDir, free_port};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A first start makes the database, and takes seconds even on an idle machine.
const START: Duration = Duration::from_secs(120);
const ANSWER: Duration = Duration::from_secs(60);
/// When the seeded runs started: 2023-11-14T22:13:20Z, in milliseconds.
pub const SEEDED_AT: i64 = 1_700_000_000_000;

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--cors-allowed-origins`; MLflow's own default admits every loopback origin.
    pub cors: Option<String>,
    /// `--allowed-hosts`
    pub allowed_hosts: Option<String>,
    /// Basic authentication with this administrator; MLflow wants a password of 12 characters or more.
    pub auth: Option<(String, String)>,
    /// Further arguments, such as `--static-prefix`.
    pub args: Vec<String>,
}

pub struct Mlflow {
    server: Option<Group>,
    port: u16,
    options: Options,
    dir: TempDir,
}

impl Mlflow {
    pub fn start(options: Options) -> Self {
        let mut mlflow = Self { server: None, port: free_port(), options, dir: TempDir::new("mlflow") };
        mlflow.restart();
        mlflow
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// "http://127.0.0.1:port"
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills the server; its data stays for `restart`.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Starts (again) on the same port and data, and waits until it answers.
    pub fn restart(&mut self) {
        self.stop();
        let mut server = Group::spawn(&mut self.command());
        let start = Instant::now();
        while !http::send(self.port, "GET", "/health", &[], b"", ANSWER).is_ok_and(|answer| answer.status == 200) {
            if let Some(status) = server.ended() {
                panic!("mlflow server ended ({status}):\n{}", self.log());
            }
            assert!(start.elapsed() < START, "mlflow server not healthy after {START:?}:\n{}", self.log());
            thread::sleep(Duration::from_millis(100));
        }
        self.server = Some(server);
    }

    /// What the server printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("server.log")).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let dir = self.dir.path();
        let log = File::options().create(true).append(true).open(dir.join("server.log")).expect("open the server's log");
        let mut command = Command::new(python());
        command
            .args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1", "--port", &self.port.to_string()])
            .arg("--backend-store-uri")
            .arg(format!("sqlite:///{}", dir.join("mlflow.db").display()))
            .arg("--artifacts-destination")
            .arg(dir.join("artifacts"))
            .current_dir(dir)
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .stdout(log.try_clone().expect("share the server's log"))
            .stderr(log);
        if let Some(origins) = &self.options.cors {
            command.args(["--cors-allowed-origins", origins]);
        }
        if let Some(hosts) = &self.options.allowed_hosts {
            command.args(["--allowed-hosts", hosts]);
        }
        if let Some((user, password)) = &self.options.auth {
            let users = dir.join("users.db");
            let config = self.dir.write(
                "auth.ini",
                format!(
                    "[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{}\nadmin_username = {user}\n\
                     authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n",
                    users.display()
                ),
            );
            command
                .args(["--app-name", "basic-auth"])
                .env("MLFLOW_AUTH_CONFIG_PATH", config)
                .env("MLFLOW_AUTH_ADMIN_PASSWORD", password)
                .env("MLFLOW_FLASK_SERVER_SECRET_KEY", "only for tests");
        }
        command.args(&self.options.args);
        command
    }

    /// A request as the administrator (if there is one); "runs/create" is short for "/api/2.0/mlflow/runs/create".
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Response {
        let login = self.options.auth.as_ref().map(|(user, password)| basic_auth(user, password));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(login.as_deref().map(|value| ("Authorization", value)));
        http::send(self.port, method, &full_path(path), &headers, body, ANSWER)
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
    pub fn run(&self, experiment: &str, name: &str, params: &[(&str, &str)], metrics: &[(&str, &[(i64, f64)])], tags: &[(&str, &str)]) -> String {
        let created = self.post("runs/create", &json!({ "experiment_id": experiment, "run_name": name, "start_time": SEEDED_AT }));
        let run = text(&created["run"]["info"]["run_id"]);
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(k, v)| json!({ "key": k, "value": v })).collect::<Vec<_>>();
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

fn python() -> PathBuf {
    let python = env::var_os("HALIMEDE_PYTHON")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python"), PathBuf::from);
    assert!(python.exists(), "no {}: set HALIMEDE_PYTHON to a Python with mlflow[auth]", python.display());
    python
}
