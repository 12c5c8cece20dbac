//! Question in, answer out. Runs in the worker; native tests call it directly.

mod compare;
mod connect;
#[cfg(target_arch = "wasm32")]
pub mod data;
mod edits;
mod export;
mod figures;
mod files;
mod kept;
mod lines;
mod pages;
mod plots;
mod points;
mod probe;
mod projects;
pub mod protocol;
mod rows;
mod search;
#[cfg(target_arch = "wasm32")]
pub mod shell;
mod single;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;
mod views;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use futures_util::future::{FutureExt, LocalBoxFuture, Shared};

use crate::model::order::sort_by;
use crate::model::{Auth, Health, Problem, ProjectKey, SourceId, SourceInfo};
use crate::sources::files::{Files, InMemory};
use crate::sources::http::{BaseAddress, Client, Http};
use crate::sources::{self, Opens, Source};
use crate::store::layout::{self, SOURCES, SourceRecord};
use crate::store::{Store, chunk};
use crate::sync::Clock;
use crate::sync::turns::Turns;
use protocol::{Answer, Event, Part, Question};
use table::ProjectSlot;

pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// What the engine needs from the place it runs in.
pub struct Outside {
    pub http: Rc<dyn Http>,
    pub store: Rc<dyn Store>,
    /// Why the store is not the lasting one, if it is not.
    pub store_trouble: Option<crate::model::StorageTrouble>,
    pub clock: Rc<dyn Clock>,
    /// Runs something beside the questions.
    pub spawn: Box<dyn Fn(LocalBoxFuture<'static, ()>)>,
    pub announce: Box<dyn Fn(Event)>,
    /// The folder that the page is served from, with a slash at its end.
    pub base: String,
}

/// An answer and the number columns or bytes that travel beside it.
#[derive(Debug)]
pub struct Reply {
    pub answer: Answer,
    pub parts: Vec<Part>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Reply { answer, parts: Vec::new() }
    }
}

pub struct Engine(Rc<Inner>);

impl Clone for Engine {
    fn clone(&self) -> Self {
        Engine(self.0.clone())
    }
}

struct Inner {
    outside: Outside,
    /// Known sources by id: this session's and those of earlier ones.
    known: RefCell<BTreeMap<SourceId, Known>>,
    projects: RefCell<HashMap<ProjectKey, Rc<ProjectSlot>>>,
    lists: RefCell<HashMap<SourceId, projects::ListState>>,
    jobs: edits::Jobs,
    plots: plots::Plots,
    pages: RefCell<HashMap<ProjectKey, pages::Asked>>,
    /// Of each tracker who reads series next.
    turns: RefCell<HashMap<SourceId, Rc<Turns>>>,
    /// And who writes files.
    uploads: RefCell<HashMap<SourceId, Rc<Turns>>>,
    /// Long texts that were asked for before anybody wanted them.
    tried: RefCell<HashSet<String>>,
    /// How far the snapshot is that is being made.
    packing: RefCell<protocol::Packing>,
    /// The demo is fetched once, however many questions need it.
    demo: RefCell<Option<Shared<LocalBoxFuture<'static, Result<SourceInfo>>>>>,
}

struct Known {
    info: SourceInfo,
    open: Option<Rc<dyn Source>>,
    used: f64,
}

pub const DEMO: &str = "snapshot:demo";
/// Beside the page.
pub const DEMO_FILE: &str = "demo.halimede.zip";

/// A task of its own.
fn reply<'a, T: Into<Reply>>(work: impl Future<Output = Result<T>> + 'a) -> LocalBoxFuture<'a, Result<Reply>> {
    Box::pin(async move { work.await.map(T::into) })
}

impl Engine {
    pub fn new(outside: Outside) -> Self {
        Engine(Rc::new(Inner {
            outside,
            known: RefCell::default(),
            projects: RefCell::default(),
            lists: RefCell::default(),
            jobs: edits::Jobs::default(),
            plots: plots::Plots::default(),
            pages: RefCell::default(),
            turns: RefCell::default(),
            uploads: RefCell::default(),
            tried: RefCell::default(),
            packing: RefCell::default(),
            demo: RefCell::default(),
        }))
    }

    /// `files` is what was opened, for the one question that opens something.
    ///
    /// Each kind of question is a task of its own: as one they would be so large a function that a
    /// browser spends a third of a second on its compilation once any of them is asked often.
    pub async fn ask(&self, question: Question, files: Option<Rc<dyn Files>>) -> Result<Reply> {
        let work: LocalBoxFuture<'_, Result<Reply>> = match question {
            Question::Sources => reply(async { Ok(Answer::Sources(self.source_infos())) }),
            Question::Connect { kind, address, auth } => {
                reply(async move { self.connect(&kind, &address, auth).await })
            }
            Question::Diagnose { kind, address, auth, place } => {
                reply(async move { self.diagnose(&kind, &address, auth, place).await })
            }
            Question::OpenFiles => {
                let files = files.ok_or_else(|| Problem::Engine { said: "nothing was opened".into() })?;
                reply(self.open_files(files))
            }
            Question::OpenDemo => reply(self.open_demo()),
            Question::OpenBeside(path) => reply(async move { self.open_beside(&path).await }),
            Question::Forget(source) => reply(async move { self.forget(&source).await }),
            Question::Projects { source, refresh } => reply(async move { self.project_list(&source, refresh).await }),
            Question::Fields(project) => reply(async move { self.fields(&project).await }),
            Question::Rows(ask) => reply(self.rows(*ask)),
            Question::Distribution { project, query, field } => {
                reply(async move { self.distribution(&project, &query, &field).await })
            }
            Question::Sheet { project, query, fields, ranked, clips } => {
                reply(async move { self.sheet(&project, &query, &fields, (ranked, clips)).await })
            }
            Question::Export(ask) => reply(self.export(*ask)),
            Question::Snapshot(ask) => reply(self.snapshot(*ask)),
            Question::Packing => reply(async { Ok(self.packing()) }),
            Question::Compare(keys) => reply(self.compare(keys)),
            Question::CompareFiles(keys) => reply(self.compare_files(keys)),
            Question::CompareSeeds { runs, baseline } => reply(self.compare_seeds(runs, baseline as usize)),
            Question::DiffFiles { a, b, path } => reply(async move { self.diff_files(&a, &b, &path).await }),
            Question::Gather(project) => reply(async move {
                let slot = self.loaded(&project).await;
                slot.figures.retry();
                self.announce(Event::Runs(project));
                Ok(Answer::Done)
            }),
            Question::StopGathering(project) => reply(async move {
                let slot = self.loaded(&project).await;
                slot.figures.stop();
                self.announce(Event::Runs(project));
                Ok(Answer::Done)
            }),
            Question::Complete { project, text, cursor } => {
                reply(async move { self.complete(&project, &text, cursor).await })
            }
            Question::Check { project, text, is_curve } => {
                reply(async move { self.check(&project, &text, is_curve).await })
            }
            Question::Painted(project) => reply(async move {
                self.painted(&project);
                Ok(Answer::Done)
            }),
            Question::Refresh { project, all } => {
                reply(async move { self.refresh(&project, all).await.map(|()| Answer::Done) })
            }
            Question::Stop(project) => reply(async move {
                self.stop(&project);
                Ok(Answer::Done)
            }),
            Question::Run(key) => reply(async move { self.run(&key).await }),
            Question::Series(ask) => reply(self.series(ask)),
            Question::Plot(ask) => reply(self.plot(*ask)),
            Question::Probe { drawing, seek } => reply(self.probe(drawing, seek)),
            Question::Artifacts { run, path } => reply(async move { self.artifacts(&run, &path).await }),
            Question::Artifact { run, path, limit } => reply(async move { self.artifact(&run, &path, limit).await }),
            Question::Storage => reply(self.storage()),
            Question::Views(project) => reply(async move { self.views(&project).await }),
            Question::KeepView { project, name, text, base } => {
                reply(async move { self.keep_view(&project, &name, text.as_deref(), base.as_deref()).await })
            }
            Question::Edit(ask) => reply(self.edit(*ask)),
            Question::Pages(project) => reply(async move { self.pages(&project).await }),
            Question::Page { project, path, n } => reply(async move { self.page(&project, &path, n).await }),
            Question::DraftPage { project, path, text, base } => {
                reply(async move { self.draft_page(&project, &path, text, base).await })
            }
            Question::KeepPicture { project, ending } => {
                let files = files.ok_or_else(|| Problem::Engine { said: "nothing was opened".into() })?;
                reply(async move { self.keep_picture(&project, &ending, files).await })
            }
            Question::KeepPage { project, path, text, base, by } => {
                reply(async move { self.keep_page(&project, &path, text, base, &by).await })
            }
            Question::FindPages { project, words } => reply(async move { self.find_pages(&project, &words).await }),
            Question::Jobs => reply(async { Ok(self.jobs()) }),
            Question::ActOnJob { job, act } => reply(async move { self.act_on_job(job, act) }),
            Question::ClearCache(source) => reply(self.clear_cache(source)),
        };
        work.await
    }

    fn announce(&self, event: Event) {
        (self.0.outside.announce)(event);
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        (self.0.outside.spawn)(Box::pin(task));
    }

    fn now(&self) -> f64 {
        self.0.outside.clock.now()
    }

    fn store(&self) -> &dyn Store {
        self.0.outside.store.as_ref()
    }

    fn source_infos(&self) -> Vec<SourceInfo> {
        let known = self.0.known.borrow();
        let mut all: Vec<&Known> = known.values().collect();
        sort_by(&mut all, |a, b| b.used.total_cmp(&a.used));
        all.into_iter().map(|it| it.info.clone()).collect()
    }

    /// Reads the sources of earlier sessions; the first question comes after it. A cache that cannot
    /// be read is not a reason to stop.
    pub async fn load(&self) {
        let bytes = self.store().get(&[SOURCES.to_owned()]).await.ok().and_then(|mut it| it.pop().flatten());
        let records: Vec<SourceRecord> = bytes.and_then(|it| layout::sources(&it).ok()).unwrap_or_default();
        let mut known = self.0.known.borrow_mut();
        for record in records {
            let health = if record.capabilities.remote { Health::Unknown } else { Health::Closed };
            let info = SourceInfo {
                id: record.id.clone(),
                label: record.label,
                capabilities: record.capabilities,
                version: record.version,
                health,
                start: None,
            };
            known.entry(record.id).or_insert(Known { info, open: None, used: record.used });
        }
    }

    /// Writes one source's record beside what other tabs wrote.
    async fn remember(&self, id: &SourceId) -> Result<()> {
        let record = self.0.known.borrow().get(id).map(|it| SourceRecord {
            id: it.info.id.clone(),
            label: it.info.label.clone(),
            capabilities: it.info.capabilities,
            version: it.info.version.clone(),
            used: it.used,
        });
        let id = id.clone();
        let change = move |old: Option<Vec<u8>>| {
            // A list written by a newer version is left alone.
            let held = old.map_or(Ok(Vec::new()), |it| layout::sources(&it));
            let Ok(mut records) = held else { return crate::store::Batch::default() };
            records.retain(|it| it.id != id);
            records.extend(record);
            match chunk::encode(&records) {
                Ok(bytes) => crate::store::Batch { puts: vec![(SOURCES.to_owned(), bytes)], deletes: Vec::new() },
                Err(_) => crate::store::Batch::default(),
            }
        };
        self.store().update(SOURCES, Box::new(change)).await.map_err(Problem::Storage)
    }

    /// The adapter behind an id, opened again where that needs nobody.
    async fn open(&self, id: &SourceId) -> Result<Rc<dyn Source>> {
        if let Some(open) = self.0.known.borrow().get(id).and_then(|it| it.open.clone()) {
            return Ok(open);
        }
        if id.as_str() == DEMO {
            self.open_demo().await?;
            return self.0.known.borrow().get(id).and_then(|it| it.open.clone()).ok_or(Problem::Cancelled);
        }
        if !self.0.known.borrow().contains_key(id) {
            return Err(Problem::UnknownSource { source_id: id.to_string() });
        }
        match sources::kind(id.kind()).map(|it| &it.opens) {
            Some(Opens::Server(_)) => {
                let source = self.server(id.kind(), id.address(), Auth::None)?.1;
                if let Some(known) = self.0.known.borrow_mut().get_mut(id) {
                    known.open = Some(source.clone());
                }
                Ok(source)
            }
            _ => Err(Problem::Closed { what: self.label(id) }),
        }
    }

    /// Whether what is read of a source is cached: not the demo's, which is beside the page anyway,
    /// nor that of a source that was removed meanwhile.
    fn keeps(&self, id: &SourceId) -> bool {
        id.as_str() != DEMO && self.0.known.borrow().contains_key(id)
    }

    fn label(&self, id: &SourceId) -> String {
        self.0.known.borrow().get(id).map_or_else(|| id.to_string(), |it| it.info.label.clone())
    }

    fn server(&self, kind: &str, address: &str, auth: Auth) -> Result<(BaseAddress, Rc<dyn Source>)> {
        let base = BaseAddress::parse(address).map_err(|it| Problem::malformed("the address", it))?;
        let client = Client::new(base.clone(), auth, self.0.outside.http.clone());
        Ok((base, sources::open_server(kind, client)?))
    }

    fn set_health(&self, id: &SourceId, health: Health) {
        let mut known = self.0.known.borrow_mut();
        if let Some(it) = known.get_mut(id)
            && it.info.health != health
        {
            it.info.health = health;
            drop(known);
            self.announce(Event::Sources);
        }
    }

    /// What the outcome of a request says about its source.
    fn note_outcome<T>(&self, id: &SourceId, outcome: &Result<T>) {
        match outcome {
            Ok(_) => self.set_health(id, Health::Ok),
            Err(
                problem @ (Problem::Unreachable { .. }
                | Problem::TimedOut { .. }
                | Problem::Unauthorized { .. }
                | Problem::Busy { .. }
                | Problem::Server { .. }),
            ) => self.set_health(id, Health::Trouble(problem.clone())),
            Err(Problem::Closed { .. }) => self.set_health(id, Health::Closed),
            Err(_) => {}
        }
    }

    async fn add(&self, id: SourceId, source: Rc<dyn Source>, greeting: sources::Greeting) -> SourceInfo {
        let info = SourceInfo {
            id: id.clone(),
            label: greeting.label,
            capabilities: greeting.capabilities,
            version: greeting.version,
            health: Health::Ok,
            start: greeting.start,
        };
        let known = Known { info: info.clone(), open: Some(source), used: self.now() };
        self.0.known.borrow_mut().insert(id.clone(), known);
        self.reopened(&id);
        // A full or private store must not keep anybody from looking at a server.
        let _ = self.remember(&id).await;
        self.announce(Event::Sources);
        // Names that could not be asked for before can be now.
        self.announce(Event::Projects(id));
        info
    }

    async fn open_demo(&self) -> Result<Answer> {
        let opening = {
            let start = || self.clone().fetch_demo().boxed_local().shared();
            self.0.demo.borrow_mut().get_or_insert_with(start).clone()
        };
        let opened = opening.await;
        let is_open = self.0.known.borrow().get(&SourceId::from(DEMO)).is_some_and(|it| it.open.is_some());
        if opened.is_err() || !is_open {
            // Failed, or removed since: the next question tries anew.
            *self.0.demo.borrow_mut() = None;
        }
        opened.map(Answer::Source)
    }

    async fn fetch_demo(self) -> Result<SourceInfo> {
        let id = SourceId::from(DEMO);
        let request = sources::http::Request {
            method: "GET",
            url: format!("{}{DEMO_FILE}", self.0.outside.base),
            headers: Vec::new(),
            body: None,
            limit: 16 << 20,
            cut_at_limit: false,
            timeout_ms: 60_000,
        };
        let response = self.0.outside.http.send(request).await?;
        if response.status != 200 {
            return Err(Problem::NotFound { what: "the demo beside this page".into() });
        }
        let files = Rc::new(InMemory { name: "Demo".into(), bytes: response.bytes });
        let (_, source) = sources::open_files(files).await?;
        let greeting = source.greet().await?;
        Ok(self.add(id, source, greeting).await)
    }
}
