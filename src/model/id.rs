//! Ids are newtypes and carry their source, so two servers coexist in one table.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

text_id! {
    /// `kind:address`, e.g. `mlflow:http://localhost:5000`. Holds no secret: it stands in links.
    SourceId
}
text_id! {
    /// A project within its source. Text, because file stores use 18 digits.
    ProjectId
}
text_id! {
    /// A run within its source.
    RunId
}

impl SourceId {
    pub fn new(kind: &str, address: &str) -> Self {
        format!("{kind}:{address}").into()
    }

    /// The adapter's name, as in the registry of sources.
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or("", |(kind, _)| kind)
    }

    pub fn address(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, address)| address)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProjectKey {
    pub source: SourceId,
    pub project: ProjectId,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey {
    pub source: SourceId,
    pub project: ProjectId,
    pub run: RunId,
}

impl RunKey {
    pub fn project_key(&self) -> ProjectKey {
        ProjectKey { source: self.source.clone(), project: self.project.clone() }
    }
}

impl ProjectKey {
    pub fn run(&self, run: RunId) -> RunKey {
        RunKey { source: self.source.clone(), project: self.project.clone(), run }
    }
}
