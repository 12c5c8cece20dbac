//! A project's runs: cached first, then streamed, sorted once per question.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable, FutureExt, LocalBoxFuture, Shared, select};

use super::figures::FigureCache;
use super::protocol::{Answer, Drawn, Event, FieldsAnswer, NamedRun, Phase, RowsAnswer, RowsAsk, RunAnswer, SyncState};
use super::{Engine, Result};
use crate::model::{Field, Figure, Problem, ProjectKey, Run, RunId, RunKey, RunTable, StorageTrouble, table::Upsert};
use crate::query::cells::{Calculated, Fold, FoldKind};
use crate::query::filter::Trouble;
use crate::query::filter::apply::Context;
use crate::query::filter::complete::complete;
use crate::query::group::{Grouped, Line, LineKind, group};
use crate::query::rows::{Matched, Prepared, RowsQuery};
use crate::query::{cells, fields, filter, rows};
use crate::store::layout::{self, Manifest, Saved};
use crate::sync::Clock;
use crate::sync::runs::{Extent, Sink, stream};

/// How long the second page waits for the first to be painted.
const PAINT_WAIT_MS: f64 = 1_500.0;
/// A project opened again within this is not asked for news.
const FRESH_MS: f64 = 60_000.0;
/// After this a project is read from end to end again when it is opened.
const FULL_EVERY_MS: f64 = 6.0 * 3_600_000.0;
/// While pages stream in, the cache is written when this many rows are new, and at the end.
const SAVE_EVERY: u32 = 5_000;

/// Of which generation of table and figures, of which question, and the rows.
type Ordered = ((u64, u64), RowsQuery, Rc<Matched>);

#[derive(Default)]
pub struct ProjectSlot {
    pub table: RefCell<RunTable>,
    pub state: RefCell<SyncState>,
    manifest: RefCell<Manifest>,
    /// Everybody who needs the table waits for the same reading of the cache.
    loading: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>>,
    /// Counts changes of the table, so that a sorted order is known to be still right.
    generation: Cell<u64>,
    order: RefCell<Option<Ordered>>,
    /// Of the rows above: which lines are open, and the lines.
    grouped: RefCell<Option<(Vec<u64>, Rc<Grouped>)>>,
    /// Of which generation, and what is worked out once for it.
    prepared: RefCell<(u64, Rc<Prepared>)>,
    /// The last question whose filter made sense.
    last_good: RefCell<RowsQuery>,
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
}

impl ProjectSlot {
    fn changed(&self) {
        self.generation.set(self.generation.get() + 1);
    }

    fn ordered(&self, query: &RowsQuery, clock: &dyn Clock) -> Result<Rc<Matched>, Trouble> {
        let reads_figures = !wanted(query, &[]).is_empty();
        let figures = if reads_figures { self.figures.generation.get() } else { 0 };
        let generation = (self.generation.get(), figures);
        if let Some((of, asked, order)) = &*self.order.borrow()
            && *of == generation
            && asked == query
        {
            return Ok(order.clone());
        }
        let prepared = self.prepared();
        let order = self.with_context(query, &[], clock, |context| rows::rows(query, context, &prepared))?;
        let order = Rc::new(order);
        *self.order.borrow_mut() = Some((generation, query.clone(), order.clone()));
        *self.last_good.borrow_mut() = query.clone();
        *self.grouped.borrow_mut() = None;
        Ok(order)
    }

    fn with_context<T>(
        &self,
        query: &RowsQuery,
        fields: &[Field],
        clock: &dyn Clock,
        work: impl FnOnce(&Context) -> T,
    ) -> T {
        let table = self.table.borrow();
        let to_utc = |local| clock.to_utc(local);
        let figures = self.figures.columns(&wanted(query, fields), &table);
        work(&Context { table: &table, now: clock.now(), to_utc: &to_utc, figures: &figures })
    }

    fn prepared(&self) -> Rc<Prepared> {
        let mut held = self.prepared.borrow_mut();
        if held.0 != self.generation.get() {
            *held = (self.generation.get(), Rc::default());
        }
        held.1.clone()
    }

    /// None where every line is a run and stands on its own.
    fn grouped(&self, query: &RowsQuery, rows: &[u32], toggled: &[u64], clock: &dyn Clock) -> Option<Rc<Grouped>> {
        if query.group.is_flat() {
            return None;
        }
        if let Some((of, grouped)) = &*self.grouped.borrow()
            && of == toggled
        {
            return Some(grouped.clone());
        }
        let exceptions = toggled.iter().copied().collect();
        let prepared = self.prepared();
        let grouped = self.with_context(query, &[], clock, |context| {
            group(rows, &query.group, &query.sort, &exceptions, context, &prepared).ok()
        })?;
        let grouped = Rc::new(grouped);
        *self.grouped.borrow_mut() = Some((toggled.to_vec(), grouped.clone()));
        Some(grouped)
    }

    /// Figures and expressions among the columns.
    fn calculated(&self, query: &RowsQuery, fields: &[Field], clock: &dyn Clock) -> Calculated {
        let fields: Vec<&Field> = fields.iter().filter(|it| matches!(it, Field::Figure(..) | Field::Expr(_))).collect();
        if fields.is_empty() {
            return Calculated::default();
        }
        let owned: Vec<Field> = fields.iter().map(|it| (*it).clone()).collect();
        self.with_context(query, &owned, clock, |context| {
            let column = |it: &Field| {
                let (numbers, passed) = rows::calculated(it, context).ok()?;
                let (steps, sampled) = match it {
                    Field::Figure(figure, metric) => self.figures.places(*figure, metric, context.table),
                    _ => Default::default(),
                };
                Some((it.clone(), cells::Column { numbers, open: passed.open, steps, sampled }))
            };
            owned.iter().filter_map(column).collect()
        })
    }

    fn is_streaming(&self) -> bool {
        self.streaming.borrow().is_some()
    }
}

impl Engine {
    pub(super) fn slot(&self, key: &ProjectKey) -> Rc<ProjectSlot> {
        self.0.projects.borrow_mut().entry(key.clone()).or_default().clone()
    }

    /// A source was opened or signed in again: its projects may ask anew.
    pub(super) fn reopened(&self, source: &crate::model::SourceId) {
        for (key, slot) in self.0.projects.borrow().iter().filter(|it| it.0.source == *source) {
            slot.asked_at.set(0.0);
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

    pub(super) async fn rows(&self, ask: RowsAsk) -> Result<Answer> {
        let slot = self.loaded(&ask.project).await;
        self.ensure_fresh(&ask.project, &slot);
        let clock = self.0.outside.clock.as_ref();
        let wanted = wanted(&ask.query, &ask.fields);
        let metrics: Vec<&str> = wanted.iter().map(|it| it.1.as_str()).collect();
        self.load_figures(&ask.project, &slot, &metrics).await;
        // A filter that makes no sense leaves the rows of the last that did.
        let (asked, matched, refused) = match slot.ordered(&ask.query, clock) {
            Ok(matched) => (ask.query, matched, None),
            Err(trouble) => {
                let filter = slot.last_good.borrow().filter.clone();
                let query = RowsQuery { filter, ..ask.query };
                let last = slot.ordered(&query, clock).unwrap_or_default();
                (query, last, Some(trouble))
            }
        };
        let order = &matched.rows;
        self.gather_for(&ask.project, &slot, &asked, &matched, &ask.fields, (ask.offset, ask.limit));
        let table = slot.table.borrow();
        let n_matched = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let grouped = slot.grouped(&asked, order, &ask.toggled, clock);
        let columns = slot.calculated(&asked, &ask.fields, clock);
        let n_lines = grouped.as_ref().map_or(order.len(), |it| it.lines.len());
        let window =
            (ask.offset as usize).min(n_lines)..(ask.offset as usize).saturating_add(ask.limit as usize).min(n_lines);
        let lines: Vec<cells::Row> = match &grouped {
            None => order[window].iter().map(|row| cells::row(&table, *row, &ask.fields, &columns)).collect(),
            Some(it) => it.lines[window].iter().map(|line| line_row(&table, it, line, &ask.fields, &columns)).collect(),
        };
        let n_broken = (0..table.n_rows()).filter(|row| table.broken(*row).is_some()).count();
        Ok(Answer::Rows(Box::new(RowsAnswer {
            n_cached: table.n_rows(),
            n_matched,
            n_lines: u32::try_from(n_lines).unwrap_or(u32::MAX),
            n_broken: u32::try_from(n_broken).unwrap_or(u32::MAX),
            offset: ask.offset,
            drawn: match &ask.drawn {
                Drawn::First(n) => order.iter().take(*n as usize).map(|row| named(&table, *row)).collect(),
                Drawn::These(ids) => {
                    ids.iter().filter_map(|id| table.row_of(id)).map(|row| named(&table, row)).collect()
                }
            },
            rows: lines,
            sync: slot.state.borrow().clone(),
            notes: matched.notes.clone(),
            refused,
            n_open: matched.open.count(),
            gathering: slot.figures.gathering(),
        })))
    }

    /// Has the series read that this question turns on: for a filter those of runs it cannot tell, for
    /// a sort those of all runs that match, for a column those of the lines on screen.
    fn gather_for(
        &self,
        key: &ProjectKey,
        slot: &Rc<ProjectSlot>,
        query: &RowsQuery,
        matched: &Matched,
        fields: &[Field],
        window: (u32, u32),
    ) {
        let sorts: Vec<Field> = query.sort.iter().map(|it| it.field.clone()).collect();
        for (_, metric) in figures_of(&sorts) {
            self.gather(key, slot, &metric, matched.rows.iter().copied());
        }
        for (_, metric) in figures_of(fields) {
            let rows = matched.rows.iter().copied();
            // A group's line stands for all its runs.
            if query.group.is_flat() {
                self.gather(key, slot, &metric, rows.skip(window.0 as usize).take(window.1 as usize));
            } else {
                self.gather(key, slot, &metric, rows);
            }
        }
        for (_, metric) in &matched.wanted {
            self.gather(key, slot, metric, matched.open.rows());
        }
    }

    pub(super) async fn fields(&self, key: &ProjectKey) -> Result<Answer> {
        let slot = self.loaded(key).await;
        self.ensure_fresh(key, &slot);
        let table = slot.table.borrow();
        let fields = fields::fields(&table);
        Ok(Answer::Fields(FieldsAnswer {
            suggested: fields::suggested(&fields, table.n_rows()),
            n_runs: table.n_rows(),
            fields,
        }))
    }

    pub(super) async fn complete(&self, key: &ProjectKey, text: &str, cursor: u32) -> Result<Answer> {
        let slot = self.loaded(key).await;
        let table = slot.table.borrow();
        Ok(Answer::Completions(complete(text, cursor as usize, &table)))
    }

    /// Asks for news where the last answer is old: everything the first time.
    fn ensure_fresh(&self, key: &ProjectKey, slot: &Rc<ProjectSlot>) {
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
        let mut into = Into { engine: self, key, slot };
        let limit = capabilities.runs_per_page.max(1);
        let clock = self.0.outside.clock.clone();
        let seen =
            stream(source.as_ref(), &key.project, extent, limit, capabilities.deleted_runs, clock.as_ref(), &mut into)
                .await?;
        let now = self.now();
        slot.state.borrow_mut().fetched = Some(now);
        slot.manifest.borrow_mut().fetched = now;
        if let Some(seen) = seen {
            self.read_to_the_end(slot, &seen, now);
        }
        let is_on_disk = slot.unsaved.get() == 0 && extent == Extent::News;
        if is_on_disk && layout::touch_table(self.store(), key, now).await == Ok(true) {
            slot.state.borrow_mut().not_saved = None;
        } else {
            slot.unsaved.set(slot.unsaved.get().max(1));
        }
        Ok(())
    }

    fn read_to_the_end(&self, slot: &ProjectSlot, seen: &HashSet<RunId>, now: f64) {
        if slot.table.borrow_mut().retain(seen) {
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

    async fn save(&self, key: &ProjectKey, slot: &ProjectSlot) {
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
            Ok(Saved::Theirs | Saved::Again) => {}
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
        let fresh = match self.open(&key.source).await {
            Ok(source) => {
                let fresh = source.run(&key.project, &key.run).await;
                self.note_outcome(&key.source, &fresh);
                fresh
            }
            Err(problem) => Err(problem),
        };
        let stale = match fresh {
            Ok(run) => {
                let change = slot.table.borrow_mut().upsert(&run);
                if change != Upsert::Same {
                    slot.changed();
                    slot.unsaved.set(slot.unsaved.get() + 1);
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

/// Figures that a question reads.
fn wanted(query: &RowsQuery, fields: &[Field]) -> Vec<(Figure, String)> {
    let mut all = figures_of(fields);
    let sorts: Vec<Field> = query.sort.iter().map(|it| it.field.clone()).chain(query.group.by.clone()).collect();
    all.extend(figures_of(&sorts));
    if let Ok(Some(expr)) = filter::parse(&query.filter) {
        all.extend(filter::figures(&expr));
    }
    all
}

fn figures_of(fields: &[Field]) -> Vec<(Figure, String)> {
    let of = |field: &Field| match field {
        Field::Figure(figure, metric) => vec![(*figure, metric.clone())],
        Field::Expr(text) => filter::parse_value(text).map(|it| filter::figures_of_value(&it)).unwrap_or_default(),
        _ => Vec::new(),
    };
    fields.iter().flat_map(of).collect()
}

fn line_row(
    table: &RunTable,
    grouped: &Grouped,
    line: &Line,
    fields: &[Field],
    columns: &cells::Calculated,
) -> cells::Row {
    let mut made = match line.kind {
        LineKind::Run(row) => cells::row(table, row, fields, columns),
        LineKind::Group { at, is_open } => {
            cells::group_row(table, &grouped.groups[at as usize], is_open, fields, columns)
        }
        LineKind::Parent { row, key, is_open, n_below } => {
            let fold = Fold {
                key,
                kind: FoldKind::Parent,
                is_open,
                n_runs: n_below,
                n_running: 0,
                n_failed: 0,
                runs: vec![table.id(row).clone()],
            };
            cells::Row { fold: Some(fold), ..cells::row(table, row, fields, columns) }
        }
    };
    made.depth = line.depth;
    made
}

fn named(table: &RunTable, row: u32) -> NamedRun {
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
}

impl Sink for Into<'_> {
    fn page(&mut self, runs: Vec<Run>) -> bool {
        let mut n_new = 0;
        {
            let mut table = self.slot.table.borrow_mut();
            for run in &runs {
                if table.upsert(run) != Upsert::Same {
                    n_new += 1;
                }
            }
        }
        if n_new > 0 {
            self.slot.changed();
            self.slot.unsaved.set(self.slot.unsaved.get() + n_new);
        }
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
