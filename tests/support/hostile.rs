//! A fake MLflow server that answers whatever the test scripts, however rudely.

pub use super::reply::Reply;

use super::http::Request;
use super::lock;
use super::server::Server;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

pub struct Hostile {
    server: Option<Server>,
    port: u16,
    shared: Arc<Shared>,
}

type Script = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

struct Shared {
    script: Script,
    preflights: bool,
    log: Mutex<Vec<Request>>,
}

impl Hostile {
    /// Answers preflights itself and everything else by the script.
    pub fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::new(true, Box::new(script))
    }

    /// Leaves preflights to the script too.
    pub fn start_raw(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::new(false, Box::new(script))
    }

    fn new(preflights: bool, script: Script) -> Self {
        let shared = Arc::new(Shared { script, preflights, log: Mutex::default() });
        let mut hostile = Self { server: None, port: 0, shared };
        hostile.restart();
        hostile
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// "http://127.0.0.1:port"
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From here on connections are refused.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Answers again, on the same port.
    pub fn restart(&mut self) {
        self.stop();
        let shared = Arc::clone(&self.shared);
        let server = Server::start(self.port, move |request, stream| shared.answer(request, stream));
        self.port = server.port();
        self.server = Some(server);
    }

    /// Every request so far, preflights too, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.log).clone()
    }

    /// How many requests, preflights aside, asked for a target containing `part` ("" counts all).
    pub fn count(&self, part: &str) -> usize {
        lock(&self.shared.log).iter().filter(|r| r.method != "OPTIONS" && r.target.contains(part)).count()
    }
}

impl Shared {
    fn answer(&self, request: Request, stream: &mut TcpStream) {
        let preflight = request.method == "OPTIONS" && request.header("access-control-request-method").is_some();
        lock(&self.log).push(request.clone());
        let reply = if self.preflights && preflight { Reply::preflight(&request) } else { (self.script)(&request) };
        reply.play(&request, stream);
    }
}
