//! A real `mlflow server` on a free loopback port, with a database, artifacts and users of its own.

use super::http;
use super::process::Group;
use super::{TempDir, free_port, wait_until};
use std::env;
use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A first start makes the database, and takes seconds even on an idle machine.
const START: Duration = Duration::from_secs(120);
pub(super) const ANSWER: Duration = Duration::from_secs(60);
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
    pub(super) options: Options,
    dir: TempDir,
}

impl Mlflow {
    pub fn start(options: Options) -> Self {
        let mut mlflow = Self { server: None, port: free_port(), options, dir: TempDir::new("mlflow") };
        mlflow.restart();
        mlflow
    }

    /// The SQLite file, for filling it faster than the server could.
    pub fn database(&self) -> PathBuf {
        self.dir.path().join("mlflow.db")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// "http://127.0.0.1:port"
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills the server and waits until connections are refused; its data stays for `restart`.
    pub fn stop(&mut self) {
        self.server = None;
        let address = ("127.0.0.1", self.port);
        wait_until("the MLflow server's port to close", ANSWER, || TcpStream::connect(address).is_err());
    }

    /// Starts (again) on the same port and data, and waits until it answers.
    pub fn restart(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
        let mut server = Group::spawn(&mut self.command());
        let start = Instant::now();
        loop {
            let healthy = http::send(self.port, "GET", "/health", &[], b"", ANSWER).is_ok_and(|a| a.status == 200);
            // Asked after the answer: whoever gives it, this server must be there.
            if let Some(status) = server.ended() {
                panic!("mlflow server ended ({status}):\n{}", self.log());
            }
            if healthy {
                break;
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
        let log =
            File::options().create(true).append(true).open(dir.join("server.log")).expect("open the server's log");
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
}

fn python() -> PathBuf {
    let python = env::var_os("HALIMEDE_PYTHON")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python"), PathBuf::from);
    assert!(python.exists(), "no {}: set HALIMEDE_PYTHON to a Python with mlflow[auth]", python.display());
    python
}
