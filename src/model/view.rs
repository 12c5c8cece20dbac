//! Views of a project that others left on its tracker.

use serde::{Deserialize, Serialize};

use super::Field;
use super::hash::hash;

/// A view of ours, kept as a label of the project; `text` is the part of a link after `?`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredView {
    pub name: String,
    pub text: String,
}

/// Stands on trackers: never change it.
const PREFIX: &str = "halimede.view.";

impl StoredView {
    /// Trackers take few characters in a label's name, people any: so the name stands in the value.
    pub fn key(name: &str) -> String {
        format!("{PREFIX}{:016x}", hash(std::iter::once(name)))
    }

    pub fn value(&self) -> String {
        format!("{}\n{}", self.name, self.text)
    }

    /// As it is kept.
    pub fn label(&self) -> (String, String) {
        (Self::key(&self.name), self.value())
    }

    /// None: it is no view of ours.
    pub fn of_label(key: &str, value: &str) -> Option<Self> {
        let (name, text) = value.split_once('\n')?;
        (key == Self::key(name)).then(|| StoredView { name: name.to_owned(), text: text.to_owned() })
    }
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
