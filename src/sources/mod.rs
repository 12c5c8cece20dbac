//! One file per tracking API or file format. An adapter translates: it neither caches nor retries.
//! To add one: its file, its `mod` line and its line in [`SOURCES`].

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod diagnose;
pub mod files;
pub mod http;
mod mlflow;
mod mlruns;
mod npy;
pub mod snapshot;

use std::rc::Rc;

use async_trait::async_trait;

use crate::model::edit::Edit;
use crate::model::view::SharedView;
use crate::model::{Artifact, ArtifactBytes, Capabilities, Problem, Project, ProjectId, Run, RunId, Series};
use files::Files;
use http::Client;

pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// Something runs can be read from.
/// A key, and its value unless it went.
pub type Label = (String, Option<String>);

#[async_trait(?Send)]
pub trait Source {
    /// Asks who is there. Errors say why a person cannot work with it.
    async fn greet(&self) -> Result<Greeting>;

    async fn projects(&self, from: Option<Cursor>) -> Result<Batch<Project>>;

    /// Newest start first where the source can sort.
    async fn runs(&self, project: &ProjectId, page: Page) -> Result<Batch<Run>>;

    async fn run(&self, project: &ProjectId, run: &RunId) -> Result<Run>;

    /// One answer per run that has the metric, in no particular order.
    async fn series(&self, project: &ProjectId, metric: &str, runs: &[RunId], reading: Reading) -> Result<Vec<Series>>;

    /// One level of the run's files; `""` is the root.
    async fn artifacts(&self, project: &ProjectId, run: &RunId, path: &str) -> Result<Artifact>;

    /// At most the first `limit` bytes.
    async fn artifact(&self, project: &ProjectId, run: &RunId, path: &str, limit: u64) -> Result<ArtifactBytes>;

    /// Sets it, whatever was there; called by `sync::edits` only, and only where the capabilities say so.
    /// Gives the labels that change with it, beside what the edit itself says.
    async fn edit(&self, _project: &ProjectId, _run: &RunId, _edit: &Edit) -> Result<Vec<Label>> {
        Err(Problem::Unsupported { what: "changing a run".into() })
    }

    async fn project(&self, _project: &ProjectId) -> Result<Project> {
        Err(Problem::Unsupported { what: "asking for one project".into() })
    }

    /// Views of the tracker's own page, read from the project's labels.
    fn views(&self, _project: &Project) -> Vec<SharedView> {
        Vec::new()
    }

    /// As `edit`, for a label of the project; none takes it away.
    async fn tag_project(&self, _project: &ProjectId, _key: &str, _value: Option<&str>) -> Result<()> {
        Err(Problem::Unsupported { what: "labelling a project".into() })
    }

    /// As `edit`, for a file of the project's pages: a run that is labelled [`KEEPER`](crate::model::page::KEEPER)
    /// takes it, one that is made `now` (milliseconds since the epoch) where there is none. Gives that run.
    async fn keep_file(&self, _project: &ProjectId, _name: &str, _bytes: Vec<u8>, _now: f64) -> Result<RunId> {
        Err(Problem::Unsupported { what: "keeping a file with a project".into() })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    pub version: Option<String>,
    pub capabilities: Capabilities,
    /// For people: the server's host, the folder's name, the snapshot's title.
    pub label: String,
    /// Where it wants to be opened first, as a link within it ([`HERE`](crate::model::link::HERE)).
    pub start: Option<String>,
}

/// Where a listing goes on; the source's own words, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub limit: u32,
    pub from: Option<Cursor>,
    pub which: Which,
    /// Only those that match, where the capabilities say that the source takes filters.
    pub filter: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Active,
    Deleted,
}

/// How much of a series is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// About `points` per run, real points, ends kept; only between two steps if given.
    Sampled {
        points: u32,
        steps: Option<(f64, f64)>,
    },
    Full,
}

/// One row of the registry of adapters.
pub struct SourceKind {
    /// Stands in links: never change it.
    pub name: &'static str,
    pub label: &'static str,
    pub opens: Opens,
}

pub enum Opens {
    Server(fn(Client) -> Rc<dyn Source>),
    /// Looks at what was opened and says whether it is its kind.
    Files(RecogniseFiles),
}

/// Recognises a folder or file and opens it, or leaves it to the next kind with `Ok(None)`.
pub type RecogniseFiles =
    for<'a> fn(&'a Rc<dyn Files>) -> futures_util::future::LocalBoxFuture<'a, Result<Option<Rc<dyn Source>>>>;

pub const SOURCES: &[SourceKind] = &[mlflow::KIND, snapshot::KIND, mlruns::KIND];

pub fn kind(name: &str) -> Option<&'static SourceKind> {
    SOURCES.iter().find(|it| it.name == name)
}

/// What the page may know of a kind. Copied out of [`SOURCES`] when compiling, so that naming the
/// kinds on the page does not bring the adapters' code along.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub label: &'static str,
    pub is_server: bool,
}

const KINDS: [Kind; SOURCES.len()] = {
    let mut kinds = [Kind { name: "", label: "", is_server: false }; SOURCES.len()];
    let mut i = 0;
    while i < SOURCES.len() {
        let it = &SOURCES[i];
        kinds[i] = Kind { name: it.name, label: it.label, is_server: matches!(it.opens, Opens::Server(_)) };
        i += 1;
    }
    kinds
};

/// The kinds that are connected to by address.
pub fn servers() -> impl Iterator<Item = Kind> {
    KINDS.into_iter().filter(|it| it.is_server)
}

pub fn is_server(name: &str) -> bool {
    servers().any(|it| it.name == name)
}

/// Opens a server of the kind named.
pub fn open_server(name: &str, client: Client) -> Result<Rc<dyn Source>> {
    match kind(name).map(|it| &it.opens) {
        Some(Opens::Server(open)) => Ok(open(client)),
        _ => Err(Problem::Unsupported { what: format!("connecting to a server of kind {name}") }),
    }
}

/// Finds the kind of a folder or file that was opened.
pub async fn open_files(files: Rc<dyn Files>) -> Result<(&'static SourceKind, Rc<dyn Source>)> {
    for kind in SOURCES {
        if let Opens::Files(recognise) = &kind.opens
            && let Some(source) = recognise(&files).await?
        {
            return Ok((kind, source));
        }
    }
    Err(Problem::malformed(files.name(), "it is neither an mlruns folder nor a Halimede snapshot"))
}
