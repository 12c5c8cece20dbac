//! The one way to a server. A [`Client`] is bound to scheme, host, port and path of its source and
//! sends its sign-in nowhere else.

use std::rc::Rc;

use async_trait::async_trait;
use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Result;
use crate::model::problem::shortened;
use crate::model::{Auth, Problem};

/// Sends requests. The browser's fetch in the engine; recordings and fakes in tests.
#[async_trait(?Send)]
pub trait Http {
    async fn send(&self, request: Request) -> Result<Response>;

    /// Whether anything answers there, through a request whose answer may not be read. Carries no
    /// sign-in and follows redirects.
    async fn answers(&self, url: &str) -> bool;
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// More than this is refused rather than read.
    pub limit: u64,
    /// Give up reading at the limit and keep what came, instead of refusing.
    pub cut_at_limit: bool,
    pub timeout_ms: u32,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Response {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<String>,
    pub authenticate: Option<String>,
    pub content_length: Option<u64>,
    pub bytes: Vec<u8>,
}

/// scheme, host, port and path prefix, no user, no query, no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseAddress(String);

/// Why an address is not one, in words for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("Enter the address of the server, such as http://localhost:5000")]
    Empty,
    #[error("Only http:// and https:// addresses can be opened, not {0}://")]
    Scheme(String),
    #[error("Leave user name and password out of the address; there are fields for them")]
    UserInfo,
    #[error("“{0}” is not a host name or IP address")]
    Host(String),
    #[error("“{0}” is not a port")]
    Port(String),
}

impl BaseAddress {
    /// Takes what people paste: without a scheme, with a page's fragment, with a trailing slash.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => (default_scheme(text).to_owned(), text),
        };
        if scheme != "http" && scheme != "https" {
            return Err(AddressError::Scheme(shortened(&scheme, 20)));
        }
        let rest = rest.split(['#', '?']).next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(AddressError::UserInfo);
        }
        let (host, port) = split_port(authority);
        let host = host.to_ascii_lowercase();
        let named =
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let numbered = host.starts_with('[')
            && host.ends_with(']')
            && host[1..host.len() - 1].bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
        if !named && !numbered {
            return Err(AddressError::Host(shortened(&host, 60)));
        }
        let mut base = format!("{scheme}://{host}");
        if let Some(port) = port {
            let number: u16 = port.parse().map_err(|_| AddressError::Port(shortened(port, 20)))?;
            let usual = if scheme == "http" { 80 } else { 443 };
            if number != usual {
                base = format!("{base}:{number}");
            }
        }
        for part in path.split('/').filter(|it| !matches!(*it, "" | "." | "..")) {
            base = format!("{base}/{}", utf8_percent_encode(part, PATH));
        }
        Ok(Self(base))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |it| it + 3);
        self.0[host..].find('/').map_or(&self.0, |at| &self.0[..host + at])
    }

    /// Host and port, the usual name for a server.
    pub fn host(&self) -> &str {
        self.origin().split("://").nth(1).unwrap_or_default()
    }

    pub fn path(&self) -> &str {
        &self.0[self.origin().len()..]
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// This machine: an https page may call it though it is http.
    pub fn is_loopback(&self) -> bool {
        let host = split_port(self.host()).0;
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || (host.starts_with("127.") && host.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    }
}

fn default_scheme(text: &str) -> &'static str {
    let authority = text.split('/').next().unwrap_or_default();
    let host = split_port(authority).0;
    let is_number = host.split('.').count() == 4 && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // A bare name with a port is a machine of one's own far more often than a public site.
    if is_number || !host.contains('.') || split_port(authority).1.is_some() { "http" } else { "https" }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port).filter(|it| !it.is_empty())),
        _ => (authority, None),
    }
}

/// What must be escaped in one part of a path; a `%` stands for itself already escaped.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'%');
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// JSON answers beyond this are refused: the page asks for less instead.
pub const JSON_LIMIT: u64 = 64 << 20;
const TIMEOUT_MS: u32 = 90_000;

#[derive(Clone)]
pub struct Client {
    base: BaseAddress,
    auth: Auth,
    http: Rc<dyn Http>,
}

impl Client {
    pub fn new(base: BaseAddress, auth: Auth, http: Rc<dyn Http>) -> Self {
        Self { base, auth, http }
    }

    pub fn base(&self) -> &BaseAddress {
        &self.base
    }

    pub fn address(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut url = format!("{}{path}", self.base.as_str());
        for (i, (key, value)) in query.iter().enumerate() {
            url.push(if i == 0 { '?' } else { '&' });
            url.push_str(key);
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
        }
        url
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let request = self.request("GET", self.address(path, query), None);
        json(path, &self.exchange(request).await?.bytes)
    }

    pub async fn get_bytes(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<u8>> {
        let request = self.request("GET", self.address(path, query), None);
        Ok(self.exchange(request).await?.bytes)
    }

    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>> {
        let request = self.request("POST", self.address(path, &[]), Some(body));
        Ok(self.exchange(request).await?.bytes)
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T> {
        json(path, &self.post_bytes(path, body.to_string().into_bytes()).await?)
    }

    /// A file, as it is.
    pub async fn post_file(&self, path: &str, query: &[(&str, &str)], bytes: Vec<u8>) -> Result<()> {
        let mut request = self.request("POST", self.address(path, query), Some(bytes));
        for header in request.headers.iter_mut().filter(|it| it.0 == "Content-Type") {
            header.1 = "application/octet-stream".into();
        }
        let response = self.exchange(request).await?;
        // A page that asks to sign in is no server that took the file.
        if response.bytes.trim_ascii_start().starts_with(b"<") {
            return Err(Problem::malformed(path, "a web page answered instead of the server"));
        }
        Ok(())
    }

    /// The start of a file, at most `limit` bytes, and its whole size if the server says it.
    pub async fn get_start(&self, path: &str, query: &[(&str, &str)], limit: u64) -> Result<(Vec<u8>, Option<u64>)> {
        let mut request = self.request("GET", self.address(path, query), None);
        request.limit = limit;
        request.cut_at_limit = true;
        let response = self.exchange(request).await?;
        Ok((response.bytes, response.content_length))
    }

    fn request(&self, method: &'static str, url: String, body: Option<Vec<u8>>) -> Request {
        let mut headers = Vec::new();
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        match &self.auth {
            Auth::None => {}
            Auth::Basic { user, password } => {
                let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
                headers.push(("Authorization".to_owned(), format!("Basic {pair}")));
            }
            Auth::Bearer(token) => headers.push(("Authorization".to_owned(), format!("Bearer {token}"))),
            Auth::Headers(extra) => headers.extend(extra.iter().cloned()),
        }
        Request { method, url, headers, body, limit: JSON_LIMIT, cut_at_limit: false, timeout_ms: TIMEOUT_MS }
    }

    /// Every request of every adapter passes here.
    async fn exchange(&self, request: Request) -> Result<Response> {
        let inside = request.url.strip_prefix(self.base.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !inside {
            return Err(Problem::Unsupported { what: "sending a request outside the source's address".into() });
        }
        let response = self.http.send(request).await?;
        match response.status {
            200..=299 => Ok(response),
            status => Err(refusal(status, &response)),
        }
    }
}

fn refusal(status: u16, response: &Response) -> Problem {
    let said = said(response);
    match status {
        401 => Problem::Unauthorized { said: response.authenticate.clone().unwrap_or(said) },
        403 => Problem::Forbidden { said },
        404 => Problem::NotFound { what: said },
        429 | 502 | 503 | 504 => {
            Problem::Busy { status, retry_after_ms: response.retry_after.as_deref().and_then(retry_after_ms) }
        }
        _ => Problem::Server { status, said },
    }
}

/// Seconds; the form with a date is left to the usual wait, as clocks differ.
fn retry_after_ms(text: &str) -> Option<f64> {
    let seconds: f64 = text.trim().parse().ok()?;
    (seconds >= 0.0).then_some(seconds * 1000.0)
}

/// The server's own words: the message of a JSON error, the text of a plain one, not a page of HTML.
fn said(response: &Response) -> String {
    #[derive(Deserialize)]
    struct Wire {
        message: String,
    }
    if let Ok(it) = serde_json::from_slice::<Wire>(&response.bytes) {
        return shortened(&it.message, 300);
    }
    let text = String::from_utf8_lossy(&response.bytes);
    if response.content_type.contains("html") || text.trim_start().starts_with('<') {
        return "a web page instead of data".to_owned();
    }
    shortened(text.trim(), 300)
}

/// Parses an answer, with a message that tells a web page from broken data.
pub fn json<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| malformed(what, bytes, &error))
}

pub fn malformed(what: &str, bytes: &[u8], error: &serde_json::Error) -> Problem {
    let start = bytes.iter().copied().find(|it| !it.is_ascii_whitespace());
    match start {
        Some(b'<') => Problem::malformed(what, "the server answered with a web page instead of data"),
        None => Problem::malformed(what, "the answer is empty"),
        _ if error.is_eof() => Problem::malformed(what, "the answer breaks off in the middle"),
        _ => Problem::malformed(what, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        match BaseAddress::parse(text) {
            Ok(it) => assert_eq!(it.as_str(), expected, "{text}"),
            Err(error) => assert_eq!(error.to_string(), expected, "{text}"),
        }
    }

    #[test]
    fn takes_what_people_paste() {
        check(" http://localhost:5000/ ", "http://localhost:5000");
        check("http://Lab.Example:80/#/experiments/1", "http://lab.example");
        check("https://h/ml flow//x/?a=b", "https://h/ml%20flow/x");
        check("localhost:5000", "http://localhost:5000");
        check("10.0.0.7", "http://10.0.0.7");
        check("mlflow.example.org", "https://mlflow.example.org");
        check("http://[::1]:5000", "http://[::1]:5000");
        check("https://h/a/../b", "https://h/a/b");
    }

    #[test]
    fn refuses_what_is_no_address() {
        check("", "Enter the address of the server, such as http://localhost:5000");
        check("ftp://x", "Only http:// and https:// addresses can be opened, not ftp://");
        check("http://u:p@x/", "Leave user name and password out of the address; there are fields for them");
        check("http://x:99999", "“99999” is not a port");
        check("http://exa mple", "“exa mple” is not a host name or IP address");
        check("http://[xyz]", "“[xyz]” is not a host name or IP address");
        check("http://x\\@evil.com", "Leave user name and password out of the address; there are fields for them");
    }

    #[test]
    fn knows_its_parts() {
        let base = BaseAddress::parse("https://h:8443/team/ml").expect("an address");
        assert_eq!((base.origin(), base.host(), base.path()), ("https://h:8443", "h:8443", "/team/ml"));
        assert!(BaseAddress::parse("http://127.0.0.1:1").is_ok_and(|it| it.is_loopback()));
        assert!(BaseAddress::parse("http://127.example.com").is_ok_and(|it| !it.is_loopback()));
    }

    #[test]
    fn html_with_status_200_is_called_a_web_page() {
        let error = json::<serde_json::Value>("x", b"  <!doctype html>").expect_err("html");
        assert!(error.to_string().contains("web page"), "{error}");
        let cut = json::<serde_json::Value>("x", br#"{"runs": [{"a": 1}, {"#).expect_err("cut");
        assert!(cut.to_string().contains("breaks off"), "{cut}");
    }
}
