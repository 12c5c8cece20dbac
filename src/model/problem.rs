//! What can go wrong, as values that cross from the engine to the page. Variants are split by
//! what the person can do about them; the page turns each into words and buttons.

use serde::{Deserialize, Serialize};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
pub enum Problem {
    /// The browser gave no answer and no reason: down, refused by CORS, blocked.
    #[error("{address} gave no answer that this page may read")]
    Unreachable { address: String },
    #[error("no answer after {seconds} s from {address}")]
    TimedOut { address: String, seconds: u32 },
    #[error("the server asks for a sign-in ({said})")]
    Unauthorized { said: String },
    #[error("the server refused: {said}")]
    Forbidden { said: String },
    #[error("not found: {what}")]
    NotFound { what: String },
    /// 429, 502, 503, 504: worth another try.
    #[error("the server answered {status}")]
    Busy { status: u16, retry_after_ms: Option<f64> },
    #[error("the server answered {status}: {said}")]
    Server { status: u16, said: String },
    /// The answer came but is not what it should be.
    #[error("{what} could not be read: {said}")]
    Malformed { what: String, said: String },
    #[error("{what} is larger than the limit of {limit} bytes")]
    TooLarge { what: String, limit: u64 },
    #[error("{what} is not possible with this source")]
    Unsupported { what: String },
    #[error("{what} is not cached on this device")]
    NotCached { what: String },
    /// The folder or file was closed with the page and must be opened again.
    #[error("{what} must be opened again")]
    Closed { what: String },
    #[error("this source is not known here: {source_id}")]
    UnknownSource { source_id: String },
    #[error("{0}")]
    Storage(StorageTrouble),
    #[error("cancelled")]
    Cancelled,
    /// Ours. The question that did it is not asked again by itself.
    #[error("Halimede's engine stopped: {said}")]
    Engine { said: String },
}

impl Problem {
    pub fn malformed(what: impl Into<String>, said: impl ToString) -> Self {
        Problem::Malformed { what: what.into(), said: shortened(&said.to_string(), 300) }
    }

    /// Whether the same request may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Problem::Busy { .. } | Problem::TimedOut { .. } | Problem::Unreachable { .. })
    }
}

#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
pub enum StorageTrouble {
    #[error("this browser has no room left for the cache")]
    Quota,
    #[error("another tab holds an older version of the cache open")]
    Blocked,
    #[error("this browser refuses storage here, so the cache lives in memory only")]
    Unavailable,
    #[error("the cache was written by a newer version of Halimede")]
    Newer,
    #[error("the cache could not be read or written: {0}")]
    Other(String),
}

/// The first `limit` characters, so that a server's page of HTML does not fill a message.
pub fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
