//! Pages of a project's wiki.

use serde::{Deserialize, Serialize};

use crate::model::Problem;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PagesAnswer {
    /// By path; those that were removed are not among them.
    pub pages: Vec<PageInfo>,
    /// Why the tracker could not be asked; these are as they were read last.
    pub stale: Option<Problem>,
    /// Saved where teammates see them, else in this browser only.
    pub on_tracker: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageInfo {
    pub path: String,
    /// The newest last.
    pub versions: Vec<VersionInfo>,
    /// What was typed here and is not saved yet.
    pub has_draft: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionInfo {
    pub n: u32,
    /// Milliseconds since the epoch, UTC.
    pub at: f64,
    pub by: String,
    /// In bytes.
    pub size: u32,
}

/// What one page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    pub path: String,
    /// The one that was asked for; none: the newest.
    pub asked: Option<u32>,
    /// 0: there is no version yet.
    pub n: u32,
    pub at: f64,
    pub by: String,
    pub text: String,
    /// Saved in this browser only.
    pub is_here: bool,
    /// What was typed here since, and the version it began with.
    pub draft: Option<(String, u32)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kept {
    /// As this version.
    As(u32),
    /// Somebody saved another version meanwhile: what it says, and both as one.
    Clash { n: u32, by: String, merged: String, n_conflicts: u32 },
}

/// A line of a page that has the words sought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageFound {
    pub path: String,
    pub line: String,
}
