//! The Chrome DevTools protocol: calls and events of all sessions over one WebSocket.

use super::lock;
use super::watch::Watch;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tungstenite::{Message, client};

/// How long one call may take, a page's own promises included.
pub const CALL: Duration = Duration::from_secs(60);

type Answer = Result<Value, String>;

/// A connection to a browser; clones share it.
#[derive(Clone)]
pub struct Cdp(Arc<Shared>);

struct Shared {
    // Writes only; a thread reads from a second handle of the same socket.
    writer: Mutex<WebSocket<TcpStream>>,
    pending: Mutex<HashMap<u64, Sender<Answer>>>,
    next: AtomicU64,
    watch: Mutex<Watch>,
}

impl Cdp {
    /// Connects to `path` of the DevTools server on a loopback port.
    pub fn connect(port: u16, path: &str, watch: Watch) -> Self {
        let stream =
            TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|e| panic!("connect to DevTools on {port}: {e}"));
        let second = stream.try_clone().expect("a second handle of the DevTools socket");
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (reader, _) = client::client_with_config(format!("ws://127.0.0.1:{port}{path}"), stream, Some(config))
            .unwrap_or_else(|e| panic!("WebSocket handshake with DevTools: {e}"));
        let shared = Arc::new(Shared {
            writer: Mutex::new(WebSocket::from_raw_socket(second, Role::Client, Some(config))),
            pending: Mutex::default(),
            next: AtomicU64::new(1),
            watch: Mutex::new(watch),
        });
        let cdp = Self(shared);
        let copy = cdp.clone();
        thread::spawn(move || copy.read(reader));
        cdp
    }

    /// Calls a method in a session ("" is the browser's own) and awaits its result.
    pub fn call(&self, session: &str, method: &str, params: Value) -> Answer {
        self.call_within(CALL, session, method, params)
    }

    pub fn call_within(&self, patience: Duration, session: &str, method: &str, params: Value) -> Answer {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel();
        lock(&self.0.pending).insert(id, sender);
        self.write(id, session, method, params)?;
        let answer = receiver.recv_timeout(patience).unwrap_or_else(|e| {
            Err(match e {
                mpsc::RecvTimeoutError::Timeout => format!("no answer in {patience:?}"),
                mpsc::RecvTimeoutError::Disconnected => "the browser is gone".to_owned(),
            })
        });
        lock(&self.0.pending).remove(&id);
        answer.map_err(|e| format!("{method}: {e}"))
    }

    /// Calls a method and does not await its result.
    pub fn send(&self, session: &str, method: &str, params: Value) {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        // A browser that is gone shows at the next call.
        let _ = self.write(id, session, method, params);
    }

    /// Looks into what was seen so far.
    pub fn watch<T>(&self, look: impl FnOnce(&mut Watch) -> T) -> T {
        look(&mut lock(&self.0.watch))
    }

    fn write(&self, id: u64, session: &str, method: &str, params: Value) -> Result<(), String> {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let sent = lock(&self.0.writer).send(Message::text(message.to_string()));
        sent.map_err(|e| format!("{method}: the browser is gone: {e}"))
    }

    fn read(&self, mut socket: WebSocket<TcpStream>) {
        while let Ok(message) = socket.read() {
            let Ok(text) = message.to_text() else {
                continue;
            };
            let Ok(mut message) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            if let Some(id) = message["id"].as_u64() {
                let waiting = lock(&self.0.pending).remove(&id);
                let error = message["error"]["message"].as_str().map(str::to_owned);
                let answer = error.map_or_else(|| Ok(message["result"].take()), Err);
                let _ = waiting.map(|sender| sender.send(answer));
            } else {
                let wishes = self.watch(|watch| watch.event(&message));
                for (session, method, params) in wishes {
                    self.send(&session, method, params);
                }
            }
        }
        // Whoever still waits learns that nothing will come.
        lock(&self.0.pending).clear();
    }
}
