//! A project: what MLflow calls an experiment, a folder of runs elsewhere.

use serde::{Deserialize, Serialize};

use super::{Lifecycle, ProjectId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    /// Markdown, untrusted.
    pub description: Option<String>,
    pub tags: Vec<(String, String)>,
    /// Milliseconds since the epoch, UTC.
    pub created: Option<f64>,
    pub updated: Option<f64>,
    pub lifecycle: Lifecycle,
}
