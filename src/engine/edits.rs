//! Changes that people make: each is a job that goes on beside the questions, tells how far it is,
//! keeps what failed, and can be undone.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::stream::{self, StreamExt};

use super::protocol::{Answer, Chosen, Clash, EditAsk, Event, Failure, JobAct, JobState};
use super::rows::mark;
use super::table::ProjectSlot;
use super::{Engine, Result};
use crate::model::edit::Edit;
use crate::model::{Problem, ProjectKey, Run, RunId};
use crate::sync::edits::{Outcome, write};

/// Requests of one job that are under way at once.
const AT_ONCE: usize = 4;
/// Failures told one by one.
const MOST_TOLD: usize = 50;

#[derive(Default)]
pub struct Jobs {
    last: Cell<u32>,
    all: RefCell<BTreeMap<u32, Rc<Job>>>,
}

struct Job {
    project: ProjectKey,
    edit: Edit,
    undoes: bool,
    n_total: u32,
    n_done: Cell<u32>,
    /// Not tried yet, failed, or in the way of somebody else's change.
    rest: RefCell<Vec<Item>>,
    failures: RefCell<Vec<(Item, Problem)>>,
    clashes: RefCell<Vec<(Item, Edit)>>,
    /// What sets back what was written.
    back: RefCell<Vec<Item>>,
    is_running: Cell<bool>,
    /// What is under way is finished, the rest waits.
    is_stopped: Cell<bool>,
}

#[derive(Clone)]
struct Item {
    run: RunId,
    edit: Edit,
    /// What was seen in its place; none: to be set over whatever is there.
    base: Option<Edit>,
}

impl Engine {
    pub(super) async fn edit(&self, ask: EditAsk) -> Result<Answer> {
        let slot = self.loaded(&ask.project).await;
        let runs: Vec<RunId> = match &ask.runs {
            Chosen::These(ids) => ids.clone(),
            Chosen::Selected { query, selection, mark: seen } => {
                let runs = self.selected(&slot, query, selection);
                if mark(runs.iter()) != *seen {
                    return Err(Problem::malformed("the selection as it was shown", "other runs are selected by now"));
                }
                runs
            }
        };
        let table = slot.table.borrow();
        let item = |run: RunId| {
            // Of a run that is not here nobody saw anything.
            let seen = || match table.row_of(&run) {
                Some(row) => ask.edit.as_in(&table.run(row)),
                None => ask.edit.as_in(&Run::empty(run.clone())),
            };
            Item { base: Some(ask.base.clone().unwrap_or_else(seen)), edit: ask.edit.clone(), run }
        };
        let items: Vec<Item> = runs.into_iter().map(item).collect();
        drop(table);
        if items.is_empty() {
            return Err(Problem::NotFound { what: "no run is chosen".into() });
        }
        Ok(Answer::Job(self.start_job(ask.project, ask.edit, items, false)))
    }

    fn start_job(&self, project: ProjectKey, edit: Edit, items: Vec<Item>, undoes: bool) -> u32 {
        let jobs = &self.0.jobs;
        let id = jobs.last.get() + 1;
        jobs.last.set(id);
        let job = Rc::new(Job {
            project,
            edit,
            undoes,
            n_total: u32::try_from(items.len()).unwrap_or(u32::MAX),
            n_done: Cell::default(),
            rest: RefCell::new(items),
            failures: RefCell::default(),
            clashes: RefCell::default(),
            back: RefCell::default(),
            is_running: Cell::default(),
            is_stopped: Cell::default(),
        });
        jobs.all.borrow_mut().insert(id, job.clone());
        self.go_on(&job);
        id
    }

    /// Works off what is left of a job.
    fn go_on(&self, job: &Rc<Job>) {
        job.is_running.set(true);
        job.is_stopped.set(false);
        let (engine, job) = (self.clone(), job.clone());
        self.spawn(async move {
            let slot = engine.loaded(&job.project).await;
            let items = std::mem::take(&mut *job.rest.borrow_mut());
            let work = stream::iter(items).map(|item| engine.write_item(&job, &slot, item));
            work.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
            job.is_running.set(false);
            engine.announce(Event::Jobs);
            engine.announce(Event::Runs(job.project.clone()));
            // The run's own page reads it again.
            engine.announce(Event::Read(job.project.clone()));
            engine.save(&job.project, &slot).await;
        });
        self.announce(Event::Jobs);
    }

    async fn write_item(&self, job: &Job, slot: &ProjectSlot, item: Item) {
        if job.is_stopped.get() {
            job.rest.borrow_mut().push(item);
            return;
        }
        let outcome = self.written(&job.project, &item).await;
        let done = match outcome {
            Ok(Outcome::Written { run, before }) => {
                let back = Item { run: item.run.clone(), edit: before, base: Some(item.edit.clone()) };
                job.back.borrow_mut().push(back);
                Some(run)
            }
            Ok(Outcome::Already(run)) => Some(run),
            Ok(Outcome::Changed { run, theirs }) => {
                job.clashes.borrow_mut().push((item, theirs));
                self.take_in(slot, &job.project, &run);
                None
            }
            Err(problem) => {
                job.failures.borrow_mut().push((item, problem));
                None
            }
        };
        if let Some(run) = done {
            job.n_done.set(job.n_done.get() + 1);
            self.take_in(slot, &job.project, &run);
        }
        self.announce(Event::Jobs);
    }

    async fn written(&self, project: &ProjectKey, item: &Item) -> Result<Outcome> {
        let source = self.open(&project.source).await?;
        let clock = self.0.outside.clock.as_ref();
        let done = write(source.as_ref(), &project.project, &item.run, &item.edit, item.base.as_ref(), clock).await;
        self.note_outcome(&project.source, &done);
        done
    }

    fn take_in(&self, slot: &ProjectSlot, project: &ProjectKey, run: &crate::model::Run) {
        if slot.take_written(run) && slot.is_time(self.now()) {
            self.announce(Event::Runs(project.clone()));
        }
    }

    pub(super) fn jobs(&self) -> Answer {
        let jobs = self.0.jobs.all.borrow();
        Answer::Jobs(jobs.iter().map(|(id, job)| self.job_state(*id, job)).collect())
    }

    fn job_state(&self, id: u32, job: &Job) -> JobState {
        let slot = self.slot(&job.project);
        let table = slot.table.borrow();
        let name = |run: &RunId| {
            let name = table.row_of(run).and_then(|row| table.names.get(row)).unwrap_or_default();
            if name.is_empty() { run.to_string() } else { name.to_owned() }
        };
        let failures = job.failures.borrow();
        let clashes = job.clashes.borrow();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        JobState {
            id,
            project: job.project.clone(),
            edit: job.edit.clone(),
            undoes: job.undoes,
            n_total: job.n_total,
            n_done: job.n_done.get(),
            n_failed: count(failures.len()),
            n_left: count(job.rest.borrow().len()),
            failures: failures
                .iter()
                .take(MOST_TOLD)
                .map(|(item, problem)| Failure { name: name(&item.run), problem: problem.clone() })
                .collect(),
            n_clashes: count(clashes.len()),
            clashes: clashes
                .iter()
                .take(MOST_TOLD)
                .map(|(item, theirs)| Clash { name: name(&item.run), theirs: theirs.clone(), yours: item.edit.clone() })
                .collect(),
            is_running: job.is_running.get(),
            can_undo: !job.back.borrow().is_empty(),
        }
    }

    pub(super) fn act_on_job(&self, id: u32, act: JobAct) -> Result<Answer> {
        let job = self.0.jobs.all.borrow().get(&id).cloned();
        let job = job.ok_or_else(|| Problem::NotFound { what: "this change is no longer listed".into() })?;
        let is_running = job.is_running.get();
        match act {
            JobAct::Stop => job.is_stopped.set(true),
            _ if is_running => {}
            JobAct::Retry => {
                let failed = std::mem::take(&mut *job.failures.borrow_mut());
                job.rest.borrow_mut().extend(failed.into_iter().map(|it| it.0));
                self.go_on(&job);
            }
            JobAct::Overwrite => {
                let clashes = std::mem::take(&mut *job.clashes.borrow_mut());
                // Over what the person was shown, and nothing newer.
                let seen = clashes.into_iter().map(|(item, theirs)| Item { base: Some(theirs), ..item });
                job.rest.borrow_mut().extend(seen);
                self.go_on(&job);
            }
            JobAct::Undo => {
                let back = std::mem::take(&mut *job.back.borrow_mut());
                self.0.jobs.all.borrow_mut().remove(&id);
                if let Some(first) = back.first() {
                    self.start_job(job.project.clone(), first.edit.clone(), back, true);
                }
            }
            JobAct::Dismiss => {
                self.0.jobs.all.borrow_mut().remove(&id);
            }
        }
        self.announce(Event::Jobs);
        Ok(Answer::Done)
    }
}
