//! Files beside a run.

use serde::{Deserialize, Serialize};

/// One line of a folder's listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactEntry {
    /// From the run's root, `/` between parts.
    pub path: String,
    pub is_dir: bool,
    pub size: Option<u64>,
}

impl ArtifactEntry {
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// A folder's listing, complete or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Artifact {
    pub entries: Vec<ArtifactEntry>,
    /// More exist than a sane listing holds.
    pub cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactBytes {
    pub bytes: Vec<u8>,
    /// The whole size where the source says it; `bytes` may be only the start.
    pub size: Option<u64>,
}
