//! A place runs come from, and what it can do: data, not an `if` on its name.

use serde::{Deserialize, Serialize};

use super::{Problem, SourceId};

/// How to sign in. Kept in memory only; never in links, logs or the cache.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Auth {
    #[default]
    None,
    Basic {
        user: String,
        password: String,
    },
    Bearer(String),
    /// Extra headers, for proxies that want their own.
    Headers(Vec<(String, String)>),
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Auth::None => "None",
            Auth::Basic { .. } => "Basic(…)",
            Auth::Bearer(_) => "Bearer(…)",
            Auth::Headers(_) => "Headers(…)",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Capabilities {
    /// Reads over the network: can be offline, slow, refused.
    pub remote: bool,
    /// Points per series and runs per request of the sampled reading, where there is one.
    pub sampled: Option<(u32, u32)>,
    /// Runs in one page at most.
    pub runs_per_page: u32,
    pub artifacts: bool,
    /// Deleted runs can be asked for.
    pub deleted_runs: bool,
    pub logged_models: bool,
    /// Runs can be renamed, labelled, deleted and restored.
    pub edits: bool,
    /// Takes the filter strings that the filter language contains.
    pub filters: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub enum Health {
    /// Not asked yet in this session.
    #[default]
    Unknown,
    Ok,
    /// Shown with its reason; what is cached still works.
    Trouble(Problem),
    /// A folder or file whose permission ended with the page.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    pub id: SourceId,
    pub label: String,
    pub capabilities: Capabilities,
    /// As the server states it.
    pub version: Option<String>,
    pub health: Health,
    /// Where it wants to be opened first, as a link within it; untrusted.
    pub start: Option<String>,
}
