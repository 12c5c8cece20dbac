//! A static web host for a built `dist`, as plain as they come, with faults a test can switch on.

use super::http::{Headers, Request};
use super::lock;
use super::server::{self, Server};
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What goes wrong with a file.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answers late.
    Delay(Duration),
    /// Accepts the connection and never answers.
    Hang,
    /// Answers with this status and no content.
    Status(u16),
}

pub struct Site {
    server: Option<Server>,
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    dist: PathBuf,
    sub_path: String,
    log: Mutex<Vec<String>>,
    faults: Mutex<Vec<(String, Fault)>>,
}

impl Site {
    /// Serves `dist` under `sub_path` ("/" or "/somewhere/") on a free port.
    pub fn serve(dist: impl AsRef<Path>, sub_path: &str) -> Self {
        let dist = dist.as_ref().to_owned();
        assert!(dist.is_dir(), "no directory {} to serve: build it first", dist.display());
        let trimmed = sub_path.trim_matches('/');
        let sub_path = if trimmed.is_empty() { "/".to_owned() } else { format!("/{trimmed}/") };
        let shared = Arc::new(Shared { dist, sub_path, log: Mutex::default(), faults: Mutex::default() });
        let mut site = Self { server: None, port: 0, shared };
        site.start();
        site
    }

    /// "http://127.0.0.1:port"
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address of the site's index.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin(), self.shared.sub_path)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From here on connections are refused.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Serves again, on the same port.
    pub fn start(&mut self) {
        self.stop();
        let shared = Arc::clone(&self.shared);
        let server = Server::start(self.port, move |request, stream| shared.answer(&request, stream));
        self.port = server.port();
        self.server = Some(server);
    }

    /// Every request whose path contains `part` ("" is all) now suffers `fault`; the latest that matches wins.
    pub fn fault(&self, part: &str, fault: Fault) {
        lock(&self.shared.faults).push((part.to_owned(), fault));
    }

    pub fn heal(&self) {
        lock(&self.shared.faults).clear();
    }

    /// The paths asked for so far (with queries), in order.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.log).clone()
    }

    /// How many requests asked for a path containing `part` ("" counts all).
    pub fn count(&self, part: &str) -> usize {
        lock(&self.shared.log).iter().filter(|path| path.contains(part)).count()
    }
}

impl Shared {
    fn answer(&self, request: &Request, stream: &mut TcpStream) {
        lock(&self.log).push(request.target.clone());
        let fault =
            lock(&self.faults).iter().rev().find(|(part, _)| request.target.contains(part)).map(|(_, f)| f.clone());
        let (mut status, mut content) = (404, None);
        match fault {
            Some(Fault::Hang) => return server::say_nothing(stream),
            Some(Fault::Status(code)) => status = code,
            Some(Fault::Delay(time)) => {
                thread::sleep(time);
                content = self.file(request.path());
            }
            None => content = self.file(request.path()),
        }
        let mut headers = Headers::new();
        let body = match content {
            Some((path, body)) => {
                status = 200;
                headers.push(("Content-Type".to_owned(), mime(&path).to_owned()));
                body
            }
            None => Vec::new(),
        };
        server::finish_reading(stream);
        let head = server::head(status, &headers, body.len());
        let body = if request.method == "HEAD" { &[][..] } else { &body };
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    }

    fn file(&self, path: &str) -> Option<(PathBuf, Vec<u8>)> {
        let relative = Path::new(path.strip_prefix(&self.sub_path)?);
        if !relative.components().all(|c| matches!(c, Component::Normal(_))) {
            return None;
        }
        let mut file = self.dist.join(relative);
        if path.ends_with('/') {
            file.push("index.html");
        }
        fs::read(&file).ok().map(|body| (file, body))
    }
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "zip" => "application/zip",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
