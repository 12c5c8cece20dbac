//! The nouns of the field, in its standard terms. No I/O, no browser, no vendor.

pub mod artifact;
pub mod csv;
pub mod edit;
pub mod field;
pub mod figures;
pub mod hash;
pub mod id;
pub mod link;
pub mod order;
pub mod packed;
pub mod packed_view;
pub mod page;
pub mod problem;
pub mod project;
pub mod run;
pub mod series;
pub mod sheet;
pub mod source;
pub mod stats;
pub mod table;
pub mod value;
pub mod view;
pub mod yaml;

pub use artifact::{Artifact, ArtifactBytes, ArtifactEntry};
pub use field::{Field, Figure};
pub use id::{ProjectId, ProjectKey, RunId, RunKey, SourceId};
pub use problem::{Problem, StorageTrouble};
pub use project::Project;
pub use run::{Dataset, Lifecycle, LoggedModel, MetricValue, Run, Status};
pub use series::{Completeness, Series};
pub use source::{Auth, Capabilities, Health, SourceInfo};
pub use table::RunTable;
