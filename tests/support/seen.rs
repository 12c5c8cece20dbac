//! Requests and console lines, read from DevTools events.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A request as it left a page or one of its workers.
#[derive(Clone, Debug)]
pub struct NetRequest {
    /// "page", "worker" or "service_worker".
    pub from: String,
    pub method: String,
    pub url: String,
    /// DevTools' resource type: "Document", "Script", "Fetch", "XHR", "Other", ...
    /// Preflights (method "OPTIONS") count as requests of the page, even if a worker caused them.
    pub kind: String,
    /// The length of the posted body; `None` if there is none or DevTools does not tell.
    pub body_len: Option<usize>,
}

/// A console message, an uncaught exception or a message of the browser itself.
#[derive(Clone, Debug)]
pub struct ConsoleLine {
    /// "page", "worker" or "service_worker".
    pub from: String,
    /// The console method ("log", "warning", "error", ...), "exception", "dialog", or "browser <level>".
    pub level: String,
    pub text: String,
}

impl ConsoleLine {
    pub fn is_error(&self) -> bool {
        matches!(self.level.as_str(), "error" | "assert" | "exception" | "browser error")
    }
}

pub(super) fn net_request(from: String, params: &Value) -> NetRequest {
    let request = &params["request"];
    let entries = request["postDataEntries"].as_array().filter(|entries| !entries.is_empty());
    let in_entries = entries.map(|entries| {
        let bytes = entries.iter().filter_map(|e| STANDARD.decode(e["bytes"].as_str()?).ok());
        bytes.map(|b| b.len()).sum()
    });
    NetRequest {
        from,
        method: string(&request["method"]),
        url: string(&request["url"]) + request["urlFragment"].as_str().unwrap_or_default(),
        kind: string(&params["type"]),
        body_len: in_entries.or_else(|| request["postData"].as_str().map(str::len)),
    }
}

/// What a thrown exception says, with its stack.
pub(super) fn exception(details: &Value) -> String {
    let thrown = &details["exception"];
    let said = thrown["description"].as_str().map_or_else(|| thrown["value"].to_string(), str::to_owned);
    format!("{} {said}", string(&details["text"]))
}

pub(super) fn argument(argument: &Value) -> String {
    match (&argument["value"], argument["description"].as_str()) {
        (Value::String(text), _) => text.clone(),
        (Value::Null, Some(description)) => description.to_owned(),
        (value, _) => value.to_string(),
    }
}

pub(super) fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
