//! Changes of runs, which go on beside the questions.

use serde::{Deserialize, Serialize};

use crate::model::edit::Edit;
use crate::model::{Problem, ProjectKey, RunId};
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditAsk {
    pub project: ProjectKey,
    pub runs: Chosen,
    pub edit: Edit,
    /// What its author saw in this place; none: what the cache holds.
    pub base: Option<Edit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Chosen {
    These(Vec<RunId>),
    /// A rule; if it means other runs by now than those of this mark, nothing is done.
    Selected {
        query: RowsQuery,
        selection: Selection,
        mark: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobAct {
    /// What is written stays; the rest can be gone on with.
    Stop,
    Undo,
    /// Tries again what failed, and goes on with what is left.
    Retry,
    /// Writes over what others set, as far as it was shown.
    Overwrite,
    Dismiss,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobState {
    pub id: u32,
    pub project: ProjectKey,
    pub edit: Edit,
    /// It sets back an earlier one.
    pub undoes: bool,
    pub n_total: u32,
    pub n_done: u32,
    pub n_failed: u32,
    /// Stopped before these.
    pub n_left: u32,
    /// The first of them.
    pub failures: Vec<Failure>,
    pub n_clashes: u32,
    pub clashes: Vec<Clash>,
    pub is_running: bool,
    pub can_undo: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub name: String,
    pub problem: Problem,
}

/// Somebody else changed the same thing since it was seen here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clash {
    pub name: String,
    pub theirs: Edit,
    pub yours: Edit,
}
