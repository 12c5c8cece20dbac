//! What crosses between page and engine. One postcard envelope with request id, version and error
//! as a value, and beside it the buffers that are transferred rather than copied.

mod jobs;
mod pages;
mod series;
mod snapshot;

use std::cell::RefCell;
use std::rc::Rc;

use halimede_raster::Easel;
use serde::{Deserialize, Serialize};

pub use jobs::*;
pub use pages::*;
pub use series::*;
pub use snapshot::*;

use crate::model::sheet::Sheet;
use crate::model::view::{SharedView, StoredView};
use crate::model::{
    Artifact, Auth, Field, Problem, Project, ProjectKey, Run, RunId, RunKey, SourceId, SourceInfo, StorageTrouble,
};
use crate::query::cells::Row;
use crate::query::check::Checked;
use crate::query::compare::diff::Line;
use crate::query::compare::json_diff::JsonDiff;
use crate::query::compare::paired::Paired;
use crate::query::compare::text_diff::TextDiff;
use crate::query::distribution::Distribution;
use crate::query::fields::FieldInfo;
use crate::query::filter::Trouble;
use crate::query::filter::complete::Completions;
use crate::query::out::pivot::PivotAsk;
use crate::query::out::{Format, SpreadStyle};
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;
use crate::sources::diagnose::{Diagnosis, Place};

/// Page and engine come from one build; a mix of two is refused.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Serialize, Deserialize)]
pub enum ToEngine {
    Ask { id: u32, question: Question },
    Cancel { id: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum ToPage {
    Ready { version: String },
    Reply { id: u32, result: Result<Answer, Problem> },
    Event(Event),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    Sources,
    Connect {
        kind: String,
        address: String,
        auth: Auth,
    },
    Diagnose {
        kind: String,
        address: String,
        auth: Auth,
        place: Place,
    },
    /// The folder or file travels beside the question.
    OpenFiles,
    OpenDemo,
    /// A snapshot on the host that the page comes from, by its path there.
    OpenBeside(String),
    /// Removes the source and all that is cached of it.
    Forget(SourceId),
    Projects {
        source: SourceId,
        refresh: bool,
    },
    Fields(ProjectKey),
    Rows(Box<RowsAsk>),
    /// How the values of a column are spread over the runs that match.
    Distribution {
        project: ProjectKey,
        query: RowsQuery,
        field: Field,
    },
    /// Fields of the runs that match, for charts over runs.
    Sheet {
        project: ProjectKey,
        query: RowsQuery,
        fields: Vec<Field>,
        /// What the last of them turns on is wanted too.
        ranked: bool,
        /// Without runs that are far off.
        clips: bool,
    },
    Export(Box<ExportAsk>),
    /// Runs in one file.
    Snapshot(Box<SnapshotAsk>),
    /// How far one is that is being made.
    Packing,
    /// Stops the reading of series for figures; what came stays.
    StopGathering(ProjectKey),
    /// Reads them again after a stop or a failure.
    Gather(ProjectKey),
    /// What may come next in a filter, `cursor` in bytes.
    Complete {
        project: ProjectKey,
        text: String,
        cursor: u32,
    },
    /// Whether a calculation makes sense: of metrics step by step, else of any fields.
    Check {
        project: ProjectKey,
        text: String,
        is_curve: bool,
    },
    /// The first rows are on screen: the next pages may be asked for.
    Painted(ProjectKey),
    Refresh {
        project: ProjectKey,
        all: bool,
    },
    /// Stops the streaming of a project's runs; what came stays.
    Stop(ProjectKey),
    Run(RunKey),
    /// Side by side: from the cache where it holds them, else from their sources.
    Compare(Vec<RunKey>),
    /// Their files, packages and models.
    CompareFiles(Vec<RunKey>),
    /// Each with its siblings that differ in the seed only.
    CompareSeeds {
        runs: Vec<RunKey>,
        baseline: u32,
    },
    DiffFiles {
        a: RunKey,
        b: RunKey,
        path: String,
    },
    Series(SeriesAsk),
    Plot(Box<PlotAsk>),
    /// Values of a drawing's lines at a place along x.
    Probe {
        drawing: u32,
        seek: Seek,
    },
    Artifacts {
        run: RunKey,
        path: String,
    },
    Artifact {
        run: RunKey,
        path: String,
        limit: u64,
    },
    Storage,
    ClearCache(Option<SourceId>),
    /// Begins a change of runs, which goes on beside the questions.
    Edit(Box<EditAsk>),
    /// Views kept on the tracker.
    Views(ProjectKey),
    /// Keeps one there, or takes it away; not over what its author has not seen.
    KeepView {
        project: ProjectKey,
        name: String,
        text: Option<String>,
        base: Option<String>,
    },
    /// The wiki of a project.
    Pages(ProjectKey),
    /// The newest version, or one of them.
    Page {
        project: ProjectKey,
        path: String,
        n: Option<u32>,
    },
    DraftPage {
        project: ProjectKey,
        path: String,
        text: Option<String>,
        base: u32,
    },
    KeepPage {
        project: ProjectKey,
        path: String,
        text: Option<String>,
        base: u32,
        by: String,
    },
    /// A picture for a page; the file travels beside the question.
    KeepPicture {
        project: ProjectKey,
        /// Of its name: `png`.
        ending: String,
    },
    FindPages {
        project: ProjectKey,
        words: String,
    },
    /// Changes that are under way, or done and not dismissed yet.
    Jobs,
    ActOnJob {
        job: u32,
        act: JobAct,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowsAsk {
    pub project: ProjectKey,
    pub query: RowsQuery,
    pub fields: Vec<Field>,
    /// Lines that are not open or closed as usual.
    pub toggled: Vec<u64>,
    pub offset: u32,
    pub limit: u32,
    pub selection: Selection,
}

/// So many runs of a selection are drawn at most.
pub const MOST_DRAWN: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportAsk {
    /// All lines of it, whatever its window.
    pub rows: RowsAsk,
    pub export: Export,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Export {
    Table(Format, SpreadStyle),
    Pivot(PivotAsk, Format, SpreadStyle),
    /// A program that asks the tracker the same.
    Script,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedRun {
    pub id: RunId,
    pub name: String,
    pub status: crate::model::Status,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Done,
    Sources(Vec<SourceInfo>),
    Source(SourceInfo),
    Diagnosis(Diagnosis),
    Projects(ProjectsAnswer),
    Fields(FieldsAnswer),
    Rows(Box<RowsAnswer>),
    Completions(Completions),
    Checked(Checked),
    Distribution(Distribution),
    Sheet(Box<Sheet>),
    Run(Box<RunAnswer>),
    /// One for each key, in their order.
    Compare(Vec<Result<Run, Problem>>),
    Views(ViewsAnswer),
    /// Nothing was written where somebody changed it since; empty: took it away.
    KeptView {
        theirs: Option<String>,
    },
    /// One part beside it: the text.
    Exported {
        n_lines: u32,
        /// Figures that are left empty.
        n_not_loaded: u32,
    },
    /// One part beside it: the bytes.
    Snapshot(Box<SnapshotMade>),
    Packing(Packing),
    Pages(PagesAnswer),
    Page(PageText),
    KeptPage(Kept),
    /// Where it lies now.
    KeptFile {
        run: RunId,
        path: String,
    },
    PagesFound(Vec<PageFound>),
    Job(u32),
    Jobs(Vec<JobState>),
    Files(Files),
    Seeds(Vec<PairedLine>),
    FileDiff(FileDiff),
    /// Four parts beside it, of all series end to end: steps, times, values, and places along the axis asked for.
    Series(Vec<SeriesHead>),
    Plot(Box<PlotAnswer>),
    /// The place; beside it of each line where its point is, its value, where it is drawn there, and
    /// from where to where its band goes, where any has one. NaN for the place of a line that has none.
    Probe {
        drawing: u32,
        at: Option<f64>,
    },
    /// The drawing has to be said again: the engine was started anew, or has seen many others since.
    NoDrawing(u32),
    Artifacts(Artifact),
    /// One part beside it: the bytes.
    Artifact {
        size: Option<u64>,
        whole: bool,
    },
    Storage(StorageAnswer),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewsAnswer {
    pub stored: Vec<StoredView>,
    pub shared: Vec<SharedView>,
}

/// More columns than this nobody reads side by side.
pub const MOST_COMPARED: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Files {
    pub lines: Vec<Line>,
    /// For each run why its files could not be read.
    pub troubles: Vec<Option<Problem>>,
    /// Of some run not all files are listed.
    pub is_cut: bool,
}

/// A metric, compared seed by seed with the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedLine {
    pub metric: String,
    /// None for the baseline, and where no seeds can be paired.
    pub each: Vec<Option<Paired>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileDiff {
    pub text: TextDiff,
    /// Where both are JSON.
    pub json: Option<JsonDiff>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectsAnswer {
    pub projects: Vec<Project>,
    /// More of them are still being read.
    pub loading: bool,
    /// When the list was read; none if it could not be and nothing is cached.
    pub fetched: Option<f64>,
    pub trouble: Option<Problem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldsAnswer {
    pub fields: Vec<FieldInfo>,
    pub suggested: Vec<Field>,
    pub n_runs: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowsAnswer {
    /// Runs in the cache, whatever the query.
    pub n_cached: u32,
    pub n_matched: u32,
    /// With groups: lines to scroll through, which are not as many as runs.
    pub n_lines: u32,
    pub n_broken: u32,
    pub offset: u32,
    /// What the cells of the rows are of.
    pub fields: Vec<Field>,
    pub rows: Vec<Row>,
    /// The selected runs, or the first of them.
    pub drawn: Vec<NamedRun>,
    /// Of each of them a number that is the same where all params but the seed are.
    pub drawn_folds: Vec<u64>,
    pub n_selected: u32,
    /// Of just the runs selected, in any order.
    pub selected_mark: u64,
    pub sync: SyncState,
    /// Names of the filter that no run has, or that may mean several things.
    pub notes: Vec<Trouble>,
    /// Why the filter was not applied; the rows are of the last one that could be.
    pub refused: Option<Trouble>,
    /// Runs that may match once their series are read.
    pub n_open: u32,
    pub gathering: Option<Gathering>,
    pub searching: Option<Searching>,
}

/// The source asked for runs that match, while the cache does not hold all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Searching {
    pub n_found: u32,
    pub is_running: bool,
    /// All that match are here.
    pub is_whole: bool,
    pub problem: Option<Problem>,
}

/// Series being read for the figures that a filter, a sort or a column asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gathering {
    /// The first of the metrics.
    pub metric: String,
    pub done: u32,
    pub total: u32,
    pub problem: Option<Problem>,
    pub is_running: bool,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct SyncState {
    pub phase: Phase,
    /// All runs were read at least once.
    pub complete: bool,
    /// When the source was last asked with success.
    pub fetched: Option<f64>,
    /// When all of it was last read from end to end.
    pub full_fetched: Option<f64>,
    /// The cache could not be written.
    pub not_saved: Option<StorageTrouble>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub enum Phase {
    #[default]
    Idle,
    Loading,
    /// Tried again at this time.
    Waiting {
        problem: Problem,
        until: f64,
    },
    Failed(Problem),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunAnswer {
    pub run: Run,
    pub children: Vec<NamedRun>,
    pub parent_name: Option<String>,
    /// Read from the cache because the source did not answer.
    pub stale: Option<Problem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageAnswer {
    pub lasting: bool,
    pub trouble: Option<StorageTrouble>,
    pub sources: Vec<StoredSource>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSource {
    pub info: SourceInfo,
    pub bytes: u64,
    pub n_runs: u32,
    pub n_projects: u32,
}

/// What changed; open questions that read it are asked again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    Sources,
    Projects(SourceId),
    Runs(ProjectKey),
    /// A reading of the project's runs, or a change of some, has come to its end.
    Read(ProjectKey),
    Jobs,
    /// A page of the wiki was saved, or has a draft or no more.
    Pages(ProjectKey),
    /// A snapshot is a step further.
    Packing,
}

/// A buffer that travels beside an answer.
#[derive(Clone, Debug)]
pub enum Part {
    Numbers(Vec<f64>),
    Bytes(Vec<u8>),
    /// What was drawn last: copied out before the next drawing begins.
    Pixels(Rc<RefCell<Easel>>),
}
