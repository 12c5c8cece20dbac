//! A project's runs: cached first, then streamed, sorted once per question.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable, FutureExt, LocalBoxFuture, Shared, select};

use super::figures::FigureCache;
use super::protocol::{Answer, Event, NamedRun, Phase, RunAnswer, SyncState};
use super::rows::Answers;
use super::search::SourceSearch;
use super::{Engine, Result};
use crate::model::{Problem, ProjectKey, Run, RunId, RunKey, RunTable, StorageTrouble, table::Upsert};
use crate::store::layout::{self, Manifest, Saved};
use crate::sync::runs::{Extent, Sink, stream};

/// How long the second page waits for the first to be painted.
const PAINT_WAIT_MS: f64 = 1_500.0;
/// A project opened again within this is not asked for news.
const FRESH_MS: f64 = 60_000.0;
/// After this a project is read from end to end again when it is opened.
const FULL_EVERY_MS: f64 = 6.0 * 3_600_000.0;
/// Small changes are told together.
const TELL_EVERY_MS: f64 = 250.0;
/// While pages stream in, the cache is written when this many rows are new, and at the end.
const SAVE_EVERY: u32 = 5_000;

#[derive(Default)]
pub struct ProjectSlot {
    pub table: RefCell<RunTable>,
    pub state: RefCell<SyncState>,
    manifest: RefCell<Manifest>,
    /// Everybody who needs the table waits for the same reading of the cache.
    loading: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>>,
    /// Counts changes of the table, so that a sorted order is known to be still right.
    pub(super) generation: Cell<u64>,
    pub(super) answers: Answers,
    painting: RefCell<Option<AbortHandle>>,
    is_painted: Cell<bool>,
    streaming: RefCell<Option<AbortHandle>>,
    asked_at: Cell<f64>,
    unsaved: Cell<u32>,
    /// A folder or file was opened again: it may be another copy, so it is read from end to end.
    reads_all: Cell<bool>,
    /// Removed from the cache: nothing of it is written any more.
    pub gone: Cell<bool>,
    n_saves: Cell<u32>,
    pub figures: FigureCache,
    pub(super) search: SourceSearch,
    /// Counts the runs that were written, and says which was which.
    n_written: Cell<u64>,
    written: RefCell<HashMap<RunId, u64>>,
    told_at: Cell<f64>,
}

impl ProjectSlot {
    pub(super) fn changed(&self) {
        self.generation.set(self.generation.get() + 1);
    }

    /// Where the writes are now; see `take_page`.
    pub(super) fn writes(&self) -> u64 {
        self.n_written.get()
    }

    /// Takes in what was written; says whether the table is another one now.
    pub(super) fn take_written(&self, run: &Run) -> bool {
        self.n_written.set(self.n_written.get() + 1);
        self.written.borrow_mut().insert(run.id.clone(), self.n_written.get());
        self.take(std::iter::once(run)) > 0
    }

    /// Takes in runs that were asked for when `asked` writes had been made. A run that was written
    /// since is newer here than there. Gives how many brought anything new.
    pub(super) fn take_page(&self, runs: &[Run], asked: u64) -> u32 {
        let written = self.written.borrow();
        self.take(runs.iter().filter(|it| written.get(&it.id).is_none_or(|at| *at <= asked)))
    }

    fn take<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> u32 {
        let mut table = self.table.borrow_mut();
        // The one that holds pictures of the wiki is no experiment.
        let runs = runs.filter(|it| !it.is_keeper());
        let n_new = runs.map(|it| table.upsert(it)).filter(|it| *it != Upsert::Same).count();
        let n_new = u32::try_from(n_new).unwrap_or(u32::MAX);
        if n_new > 0 {
            self.changed();
            self.unsaved.set(self.unsaved.get() + n_new);
        }
        n_new
    }

    /// Whether it is time to say again that runs changed: of thousands of small changes the page would
    /// make the order anew for each.
    pub(super) fn is_time(&self, now: f64) -> bool {
        let is_time = now - self.told_at.get() >= TELL_EVERY_MS;
        if is_time {
            self.told_at.set(now);
        }
        is_time
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.streaming.borrow().is_some()
    }
}

impl Engine {
    pub(super) fn slot(&self, key: &ProjectKey) -> Rc<ProjectSlot> {
        self.0.projects.borrow_mut().entry(key.clone()).or_default().clone()
    }

    /// A source was opened or signed in again: its projects may ask anew.
    pub(super) fn reopened(&self, source: &crate::model::SourceId) {
        self.0.pages.borrow_mut().retain(|key, _| key.source != *source);
        for (key, slot) in self.0.projects.borrow().iter().filter(|it| it.0.source == *source) {
            slot.asked_at.set(0.0);
            slot.figures.retry();
            slot.reads_all.set(!source_is_remote(source));
            self.announce(Event::Runs(key.clone()));
        }
    }

    /// From the cache on first use.
    pub(super) async fn loaded(&self, key: &ProjectKey) -> Rc<ProjectSlot> {
        let slot = self.slot(key);
        let loading = {
            let start = || self.clone().load_slot(key.clone(), slot.clone()).boxed_local().shared();
            slot.loading.borrow_mut().get_or_insert_with(start).clone()
        };
        loading.await;
        slot
    }

    /// What cannot be read counts as absent and is said.
    async fn load_slot(self, key: ProjectKey, slot: Rc<ProjectSlot>) {
        match layout::read_table(self.store(), &key).await {
            Ok(Some((manifest, table))) => {
                {
                    let mut state = slot.state.borrow_mut();
                    state.complete = manifest.complete;
                    state.fetched = Some(manifest.fetched);
                    state.full_fetched = manifest.full_fetched;
                }
                *slot.table.borrow_mut() = table;
                *slot.manifest.borrow_mut() = manifest;
                slot.changed();
            }
            Ok(None) => {}
            Err(trouble) => slot.state.borrow_mut().not_saved = Some(trouble),
        }
    }

    /// Asks for news where the last answer is old: everything the first time.
    pub(super) fn ensure_fresh(&self, key: &ProjectKey, slot: &Rc<ProjectSlot>) {
        let now = self.now();
        if slot.is_streaming() || now - slot.asked_at.get() < FRESH_MS {
            return;
        }
        let (complete, read) = {
            let state = slot.state.borrow();
            (state.complete, state.full_fetched.unwrap_or(0.0))
        };
        // Renames, tags and removals of older runs show only in a full reading.
        let is_old = now - read > FULL_EVERY_MS;
        let news = complete && !is_old && !slot.reads_all.replace(false);
        let extent = if news { Extent::News } else { Extent::All };
        self.start(key, slot, extent);
    }

    pub(super) async fn refresh(&self, key: &ProjectKey, all: bool) -> Result<()> {
        let slot = self.loaded(key).await;
        self.stop(key);
        slot.figures.retry();
        slot.search.forget_failure();
        let extent = if all || !slot.state.borrow().complete { Extent::All } else { Extent::News };
        self.start(key, &slot, extent);
        Ok(())
    }

    pub(super) fn stop(&self, key: &ProjectKey) {
        let slot = self.slot(key);
        let running = slot.streaming.borrow_mut().take();
        if let Some(running) = running {
            running.abort();
            // Stopped by hand: only a hand starts it again.
            slot.asked_at.set(f64::INFINITY);
            slot.state.borrow_mut().phase = Phase::Idle;
            self.announce(Event::Runs(key.clone()));
        }
    }

    pub(super) fn painted(&self, key: &ProjectKey) {
        let slot = self.slot(key);
        slot.is_painted.set(true);
        let gate = slot.painting.borrow_mut().take();
        if let Some(gate) = gate {
            gate.abort();
        }
    }

    fn start(&self, key: &ProjectKey, slot: &Rc<ProjectSlot>, extent: Extent) {
        slot.asked_at.set(self.now());
        slot.state.borrow_mut().phase = Phase::Loading;
        let (handle, registration) = AbortHandle::new_pair();
        *slot.streaming.borrow_mut() = Some(handle);
        let (engine, key, slot) = (self.clone(), key.clone(), slot.clone());
        self.spawn(async move {
            let work = engine.stream(&key, &slot, extent);
            let done = Abortable::new(work, registration).await;
            let Ok(outcome) = done else {
                // Stopped: what came is kept.
                engine.save(&key, &slot).await;
                return;
            };
            *slot.streaming.borrow_mut() = None;
            slot.state.borrow_mut().phase = match &outcome {
                Ok(()) => Phase::Idle,
                Err(problem) => Phase::Failed(problem.clone()),
            };
            engine.note_outcome(&key.source, &outcome);
            engine.announce(Event::Runs(key.clone()));
            engine.announce(Event::Read(key.clone()));
            engine.save(&key, &slot).await;
            engine.announce(Event::Runs(key));
        });
    }

    async fn stream(&self, key: &ProjectKey, slot: &Rc<ProjectSlot>, extent: Extent) -> Result<()> {
        let source = self.open(&key.source).await?;
        let capabilities = self.0.known.borrow().get(&key.source).map(|it| it.info.capabilities).unwrap_or_default();
        let mut into = Into { engine: self, key, slot, asked: Cell::new(slot.writes()) };
        let begun = slot.writes();
        let limit = capabilities.runs_per_page.max(1);
        let clock = self.0.outside.clock.clone();
        let seen =
            stream(source.as_ref(), &key.project, extent, limit, capabilities.deleted_runs, clock.as_ref(), &mut into)
                .await?;
        let now = self.now();
        slot.state.borrow_mut().fetched = Some(now);
        slot.manifest.borrow_mut().fetched = now;
        if let Some(seen) = seen {
            self.read_to_the_end(slot, seen, begun, now);
        }
        let is_on_disk = slot.unsaved.get() == 0 && extent == Extent::News;
        if is_on_disk && layout::touch_table(self.store(), key, now).await == Ok(true) {
            slot.state.borrow_mut().not_saved = None;
        } else {
            slot.unsaved.set(slot.unsaved.get().max(1));
        }
        Ok(())
    }

    fn read_to_the_end(&self, slot: &ProjectSlot, mut seen: HashSet<RunId>, begun: u64, now: f64) {
        // What was deleted or restored meanwhile may have stood in neither list when it was read.
        slot.written.borrow_mut().retain(|_, at| *at > begun);
        seen.extend(slot.written.borrow().keys().cloned());
        if slot.table.borrow_mut().retain(&seen) {
            slot.changed();
        }
        {
            let mut state = slot.state.borrow_mut();
            state.complete = true;
            state.full_fetched = Some(now);
        }
        let mut manifest = slot.manifest.borrow_mut();
        manifest.complete = true;
        manifest.full_fetched = Some(now);
    }

    pub(super) async fn save(&self, key: &ProjectKey, slot: &ProjectSlot) {
        if slot.gone.get() || !self.keeps(&key.source) {
            return;
        }
        let n_unsaved = slot.unsaved.replace(0);
        if n_unsaved == 0 {
            return;
        }
        let blocks = slot.table.borrow_mut().take_changed();
        let mut saved = self.save_blocks(key, slot, Some(&blocks)).await;
        if saved == Ok(Saved::Again) {
            saved = self.save_blocks(key, slot, None).await;
        }
        match saved {
            Ok(Saved::As(manifest)) => slot.manifest.borrow_mut().adopt(manifest),
            // Another tab's fuller reading stays; what is new here is kept for the next writing.
            Ok(Saved::Theirs | Saved::Again) => {
                slot.table.borrow_mut().changed_again(blocks);
                slot.unsaved.set(slot.unsaved.get() + n_unsaved);
            }
            Err(trouble) => {
                slot.table.borrow_mut().changed_again(blocks);
                slot.unsaved.set(slot.unsaved.get() + n_unsaved);
                slot.state.borrow_mut().not_saved = Some(trouble);
                return;
            }
        }
        slot.state.borrow_mut().not_saved = None;
    }

    async fn save_blocks(
        &self,
        key: &ProjectKey,
        slot: &ProjectSlot,
        blocks: Option<&BTreeSet<u32>>,
    ) -> std::result::Result<Saved, StorageTrouble> {
        slot.n_saves.set(slot.n_saves.get() + 1);
        let stamp = format!("{:.0}-{}", self.now(), slot.n_saves.get());
        let mut manifest = slot.manifest.borrow().clone();
        if manifest.fetched == 0.0 {
            manifest.fetched = self.now();
        }
        let encoded = layout::encode_table(key, &slot.table.borrow(), manifest, blocks, &stamp)?;
        layout::write_table(self.store(), key, encoded).await
    }

    /// From the source where it answers, else from the cache with the reason.
    pub(super) async fn run(&self, key: &RunKey) -> Result<Answer> {
        let project = key.project_key();
        let slot = self.loaded(&project).await;
        let asked = slot.writes();
        let fresh = match self.open(&key.source).await {
            Ok(source) => {
                let fresh = source.run(&key.project, &key.run).await;
                self.note_outcome(&key.source, &fresh);
                fresh
            }
            Err(problem) => Err(problem),
        };
        let stale = match fresh {
            // It is not among the runs, and can be looked at.
            Ok(run) if run.is_keeper() => {
                let (children, parent_name) = (Vec::new(), None);
                return Ok(Answer::Run(Box::new(RunAnswer { children, parent_name, run, stale: None })));
            }
            Ok(run) => {
                if slot.take_page(std::slice::from_ref(&run), asked) > 0 {
                    self.announce(Event::Runs(project.clone()));
                    // Beside the question: leaving the page must not break the write off.
                    let (engine, project, slot) = (self.clone(), project.clone(), slot.clone());
                    self.spawn(async move { engine.save(&project, &slot).await });
                }
                None
            }
            Err(problem) => Some(problem),
        };
        let table = slot.table.borrow();
        let Some(row) = table.row_of(&key.run) else {
            return Err(stale.unwrap_or(Problem::NotFound { what: format!("run {}", key.run) }));
        };
        let run = table.run(row);
        let name_of = |id: &RunId| table.row_of(id).and_then(|row| table.names.get(row)).map(str::to_owned);
        let children = table.parents.rows.iter().filter(|it| table.parents.get(*it) == Some(key.run.as_str()));
        let children = children.map(|row| named(&table, row));
        Ok(Answer::Run(Box::new(RunAnswer {
            children: children.take(1_000).collect(),
            parent_name: run.parent.as_ref().and_then(name_of),
            run,
            stale,
        })))
    }
}

/// Servers are asked for news; what lies on this machine is cheap to read whole.
fn source_is_remote(id: &crate::model::SourceId) -> bool {
    crate::sources::is_server(id.kind())
}

pub(super) fn named(table: &RunTable, row: u32) -> NamedRun {
    NamedRun {
        id: table.id(row).clone(),
        name: table.names.get(row).unwrap_or_default().to_owned(),
        status: table.status[row as usize],
    }
}

struct Into<'a> {
    engine: &'a Engine,
    key: &'a ProjectKey,
    slot: &'a Rc<ProjectSlot>,
    /// How many writes had been made when the page was asked for.
    asked: Cell<u64>,
}

impl Sink for Into<'_> {
    fn asking(&self) {
        self.asked.set(self.slot.writes());
    }

    fn page(&mut self, runs: Vec<Run>) -> bool {
        let n_new = self.slot.take_page(&runs, self.asked.get());
        self.slot.state.borrow_mut().phase = Phase::Loading;
        self.engine.announce(Event::Runs(self.key.clone()));
        if self.slot.unsaved.get() >= SAVE_EVERY {
            let (engine, key, slot) = (self.engine.clone(), self.key.clone(), self.slot.clone());
            self.engine.spawn(async move { engine.save(&key, &slot).await });
        }
        n_new > 0
    }

    fn waiting(&self, problem: &Problem, until: f64) {
        self.slot.state.borrow_mut().phase = Phase::Waiting { problem: problem.clone(), until };
        self.engine.note_outcome::<()>(&self.key.source, &Err(problem.clone()));
        self.engine.announce(Event::Runs(self.key.clone()));
    }

    fn painted(&self) -> LocalBoxFuture<'static, ()> {
        if self.slot.is_painted.get() {
            return Box::pin(async {});
        }
        let (handle, registration) = AbortHandle::new_pair();
        *self.slot.painting.borrow_mut() = Some(handle);
        let clock = self.engine.0.outside.clock.clone();
        Box::pin(async move {
            let gate = Abortable::new(std::future::pending::<()>(), registration).boxed_local();
            let patience = async move { clock.sleep(PAINT_WAIT_MS).await }.boxed_local();
            select(gate, patience).await;
        })
    }
}
