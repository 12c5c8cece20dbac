//! One change a person makes to a run, and what a run has in its place now.

use serde::{Deserialize, Serialize};

use super::order::sort;
use super::{Lifecycle, Run};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    Name(String),
    /// Markdown; none takes the note away.
    Note(Option<String>),
    /// None takes the tag away.
    Tag(String, Option<String>),
    Lifecycle(Lifecycle),
}

impl Edit {
    /// The same thing as this run has it: what undoes the edit.
    pub fn as_in(&self, run: &Run) -> Edit {
        match self {
            Edit::Name(_) => Edit::Name(run.name.clone()),
            Edit::Note(_) => Edit::Note(run.note.clone()),
            Edit::Tag(key, _) => Edit::Tag(key.clone(), run.tags.iter().find(|it| it.0 == *key).map(|it| it.1.clone())),
            Edit::Lifecycle(_) => Edit::Lifecycle(run.lifecycle),
        }
    }

    pub fn apply(&self, run: &mut Run) {
        match self {
            Edit::Name(name) => run.name.clone_from(name),
            Edit::Note(note) => run.note.clone_from(note),
            Edit::Tag(key, value) => {
                run.tags.retain(|it| it.0 != *key);
                run.tags.extend(value.iter().map(|it| (key.clone(), it.clone())));
                sort(&mut run.tags);
            }
            Edit::Lifecycle(lifecycle) => run.lifecycle = *lifecycle,
        }
    }

    /// The text it sets, for people who have to choose between two.
    pub fn text(&self) -> Option<&str> {
        match self {
            Edit::Name(text) => Some(text),
            Edit::Note(text) | Edit::Tag(_, text) => text.as_deref(),
            Edit::Lifecycle(Lifecycle::Active) => Some("active"),
            Edit::Lifecycle(Lifecycle::Deleted) => Some("deleted"),
        }
    }
}
