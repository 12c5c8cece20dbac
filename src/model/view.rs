//! Views of a project that others left on its tracker.

use serde::{Deserialize, Serialize};

use super::Field;

/// A view of ours, kept as a label of the project; `text` is the part of a link after `?`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredView {
    pub name: String,
    pub text: String,
}

/// A view of the tracker's own page, as far as it says what ours does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedView {
    pub name: String,
    /// In the tracker's filter grammar, which ours contains.
    pub filter: String,
    /// Descending or not.
    pub sort: Vec<(Field, bool)>,
    /// None: as the tracker's page usually shows.
    pub columns: Option<Vec<Field>>,
    pub group: Vec<Field>,
}
