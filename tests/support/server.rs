//! A loopback HTTP server, one thread and one request a connection, whose handlers may misbehave on the raw socket.

use super::http::{Headers, Request, find_header, head_length, parse_head};
use super::lock;
use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A listening socket; each connection carries one request, given to the handler with the socket to answer on.
pub struct Server {
    port: u16,
    stopping: Arc<AtomicBool>,
    open: Arc<Mutex<HashMap<u16, TcpStream>>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `port` (0: any free one).
    pub fn start(port: u16, handler: impl Fn(Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap_or_else(|e| panic!("listen on {port}: {e}"));
        let port = listener.local_addr().expect("address of a bound port").port();
        let stopping = Arc::new(AtomicBool::new(false));
        let open = Arc::new(Mutex::new(HashMap::new()));
        let (stop, streams, handler) = (Arc::clone(&stopping), Arc::clone(&open), Arc::new(handler));
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (streams, handler) = (Arc::clone(&streams), Arc::clone(&handler));
                let Ok(peer) = stream.peer_addr().map(|a| a.port()) else {
                    continue;
                };
                if let Ok(copy) = stream.try_clone() {
                    lock(&streams).insert(peer, copy);
                }
                thread::spawn(move || {
                    let mut stream = stream;
                    if let Ok(request) = read_request(&mut stream) {
                        handler(request, &mut stream);
                    }
                    // The copy goes first: the connection closes only with its last handle.
                    lock(&streams).remove(&peer);
                });
            }
        });
        Self { port, stopping, open, acceptor: Some(acceptor) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    /// Frees the port and cuts every open connection.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for stream in lock(&self.open).values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Reads a request but for its very last byte, which stays in the socket: closing a socket with unread input makes
/// the kernel reset the connection, so a handler chooses between `finish_reading` and a reset.
fn read_request(stream: &mut TcpStream) -> io::Result<Request> {
    let mut seen = vec![0; 64 * 1024];
    let head_end = loop {
        let n = stream.peek(&mut seen)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(at) = head_length(&seen[..n]) {
            break at;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let (first, headers) = parse_head(&seen[..head_end]);
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let length = find_header(&headers, "content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut bytes = vec![0; head_end + length];
    let last = bytes.len() - 1;
    stream.read_exact(&mut bytes[..last])?;
    stream.peek(&mut bytes[last..])?;
    Ok(Request { method, target, headers, body: bytes.split_off(head_end) })
}

/// Takes the byte `read_request` left, so that closing is an orderly end of stream.
pub fn finish_reading(stream: &mut TcpStream) {
    let _ = stream.read_exact(&mut [0]);
}

/// Holds the connection open without a word until the peer or the server's stop ends it.
pub fn say_nothing(stream: &mut TcpStream) {
    finish_reading(stream);
    while matches!(stream.read(&mut [0; 64]), Ok(n) if n > 0) {}
}

/// The head of an answer whose body will be `length` bytes.
pub fn head(status: u16, headers: &Headers, length: usize) -> String {
    let mut head = format!("HTTP/1.1 {status} {}\r\nContent-Length: {length}\r\nConnection: close\r\n", reason(status));
    for (key, value) in headers {
        head.push_str(&format!("{key}: {value}\r\n"));
    }
    head + "\r\n"
}

fn reason(status: u16) -> &'static str {
    match status {
        200..300 => "OK",
        404 => "Not Found",
        _ => "Status",
    }
}
