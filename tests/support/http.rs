//! The least HTTP/1.1 the harness needs: a thread-per-connection server and a blocking client, on loopback.

use super::lock;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub type Headers = Vec<(String, String)>;

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A query parameter, not percent-decoded.
    pub fn param(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The body as JSON, `Null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn find_header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap_or_else(|e| panic!("listen on {port}: {e}"));
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
                let Ok(peer) = stream.peer_addr().map(|a| a.port()) else { continue };
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

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4)
}

fn parse_head(bytes: &[u8]) -> (String, Headers) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(|l| l.split_once(':')).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
    (first, headers.collect())
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, `Null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One request to a loopback port; a body cut short is an error.
pub fn send(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8], patience: Duration) -> io::Result<Response> {
    let deadline = Instant::now() + patience;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for (key, value) in headers {
        head.push_str(&format!("{key}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match stream.read(&mut chunk)? {
            0 => break,
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
    let end = head_length(&bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
    let (first, headers) = parse_head(&bytes[..end]);
    let status = first.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = bytes.split_off(end);
    if find_header(&headers, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        body = dechunk(&body).ok_or(io::ErrorKind::UnexpectedEof)?;
    }
    let promised = find_header(&headers, "content-length").and_then(|v| v.parse::<usize>().ok());
    if method != "HEAD" && promised.is_some_and(|n| body.len() < n) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Response { status, headers, body })
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim(), 16).ok()?;
        let start = line + 2;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}
