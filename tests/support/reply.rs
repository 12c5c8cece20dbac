//! Scripted HTTP answers, whole or spoilt, for `Hostile` to give.

use super::http::{Headers, Request};
use super::server;
use serde_json::Value;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// How the body of an answer ends.
#[derive(Clone, Debug)]
enum Ending {
    Whole,
    /// An orderly close after this many bytes.
    Truncated(usize),
    /// A connection reset after this many bytes.
    Reset(usize),
    /// This many bytes at a time, with a pause after each.
    Drip(usize, Duration),
    /// Not one byte, for ever.
    Silent,
}

/// An answer. Start from `json`, `text` or `silent`, then spoil it.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
    ending: Ending,
    delay: Duration,
    cors: bool,
}

impl Reply {
    pub fn bytes(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), ending: Ending::Whole, delay: Duration::ZERO, cors: true }
    }

    pub fn text(status: u16, body: &str) -> Self {
        Self::bytes(status, "text/html; charset=utf-8", body)
    }

    pub fn json(value: &Value) -> Self {
        Self::bytes(200, "application/json", value.to_string())
    }

    /// An error as MLflow words it.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(&serde_json::json!({ "error_code": code, "message": message })).status(status)
    }

    /// The body as JSON, to be changed and sent again.
    pub fn body_json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Takes the request and never answers.
    pub fn silent() -> Self {
        Self { ending: Ending::Silent, ..Self::text(200, "") }
    }

    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Promises the whole body and closes after `at` bytes of it.
    pub fn truncated(self, at: usize) -> Self {
        Self { ending: Ending::Truncated(at), ..self }
    }

    /// Promises the whole body and resets the connection after `at` bytes of it.
    pub fn reset(self, at: usize) -> Self {
        Self { ending: Ending::Reset(at), ..self }
    }

    /// Sends `chunk` bytes of the body at a time, pausing after each.
    pub fn drip(self, chunk: usize, pause: Duration) -> Self {
        Self { ending: Ending::Drip(chunk.max(1), pause), ..self }
    }

    /// Waits before answering at all.
    pub fn delayed(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Without the headers that let a page of another origin read it.
    pub fn without_cors(self) -> Self {
        Self { cors: false, ..self }
    }

    pub(super) fn play(mut self, request: &Request, stream: &mut TcpStream) {
        thread::sleep(self.delay);
        if let (true, Some(origin)) = (self.cors, request.header("origin")) {
            self = self.allow(origin);
        }
        if !matches!(self.ending, Ending::Reset(_)) {
            server::finish_reading(stream);
        }
        let head = server::head(self.status, &self.headers, self.body.len());
        let whole = if request.method == "HEAD" { 0 } else { self.body.len() };
        let part = match self.ending {
            Ending::Silent => return server::say_nothing(stream),
            Ending::Truncated(at) | Ending::Reset(at) => &self.body[..at.min(whole)],
            Ending::Whole | Ending::Drip(..) => &self.body[..whole],
        };
        let (chunk, pause) = match self.ending {
            Ending::Drip(chunk, pause) => (chunk, pause),
            // The unread byte of the request makes closing a reset; what was sent needs time to arrive first.
            Ending::Reset(_) => (part.len().max(1), Duration::from_millis(100)),
            _ => (part.len().max(1), Duration::ZERO),
        };
        // A client that goes away early is none of our business.
        if stream.write_all(head.as_bytes()).is_ok() {
            for piece in part.chunks(chunk) {
                if stream.write_all(piece).is_err() {
                    break;
                }
                thread::sleep(pause);
            }
        }
    }

    fn allow(self, origin: &str) -> Self {
        self.header("Access-Control-Allow-Origin", origin)
            .header("Access-Control-Allow-Credentials", "true")
            .header("Access-Control-Expose-Headers", "*")
            .header("Vary", "Origin")
    }

    /// The answer to a preflight that lets everything through.
    pub(super) fn preflight(request: &Request) -> Self {
        let mut reply = Self { headers: Headers::new(), ..Self::text(204, "") };
        for (asked, granted) in [
            ("access-control-request-method", "Access-Control-Allow-Methods"),
            ("access-control-request-headers", "Access-Control-Allow-Headers"),
            ("access-control-request-private-network", "Access-Control-Allow-Private-Network"),
        ] {
            if let Some(value) = request.header(asked) {
                reply = reply.header(granted, value);
            }
        }
        reply
    }
}
