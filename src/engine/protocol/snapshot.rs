//! Asking for a snapshot: which runs, how much of them, what is taken out.

use serde::{Deserialize, Serialize};

use crate::model::view::StoredView;
use crate::model::{ProjectKey, RunId};
use crate::query::redact::Redact;
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotAsk {
    pub title: String,
    pub parts: Vec<SnapshotPart>,
    /// Of a series at most; none: all there are.
    pub points: Option<u32>,
    /// Files up to so many bytes are in it; none: no files.
    pub files: Option<u64>,
    pub redact: Redact,
    /// A page that opens by itself, else an archive.
    pub as_page: bool,
    /// Where it opens; none: at its first view.
    pub start: Option<Start>,
}

/// Pages of a project's wiki.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Pages {
    None,
    /// By its path.
    One(String),
    All,
}

/// A place in the first project of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Start {
    Run(RunId),
    /// By its path.
    Page(String),
}

/// Runs of one project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotPart {
    pub project: ProjectKey,
    pub query: RowsQuery,
    pub selection: Selection,
    pub views: Vec<StoredView>,
    pub pages: Pages,
}

/// What is in it; beside it the bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotMade {
    /// As it stands in it, without what was taken out.
    pub title: String,
    pub n_runs: u32,
    pub n_series: u32,
    pub n_points: u64,
    pub n_views: u32,
    pub n_pages: u32,
    pub n_files: u32,
    pub file_bytes: u64,
    /// Paths of files that are listed but too large or unreadable, with the run's name; the first of them.
    pub left_out: Vec<String>,
    pub n_left_out: u32,
    /// What was taken out, in words.
    pub redacted: Vec<String>,
    /// Series or files that could not be read, in words.
    pub troubles: Vec<String>,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Packing {
    pub what: String,
    pub done: u32,
    pub total: u32,
}
