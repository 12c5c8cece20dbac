//! While the cache does not hold all runs of a project, its source is asked for those that match.

use std::cell::{Cell, RefCell};

use futures_util::future::{AbortHandle, Abortable};

use super::protocol::{Event, RowsAsk, Searching};
use super::table::ProjectSlot;
use super::{Engine, Result};
use crate::model::{Lifecycle, ProjectKey};
use crate::query::filter;
use crate::query::out::python::pushable;
use crate::sources::{Page, Which};
use crate::sync::retry::retrying;

/// A filter that is still being typed asks nothing.
const REST_MS: f64 = 400.0;
/// More of them than this are not asked for; the reading of all goes on beside it.
const MOST_RUNS: u32 = 5_000;

#[derive(Default)]
pub struct SourceSearch(RefCell<Option<Asked>>);

struct Asked {
    /// The filter as it is written, and of which runs.
    question: (String, Lifecycle),
    state: Searching,
    job: AbortHandle,
}

impl SourceSearch {
    pub fn state(&self) -> Option<Searching> {
        self.0.borrow().as_ref().map(|it| it.state.clone())
    }

    /// One that failed is asked again.
    pub(super) fn forget_failure(&self) {
        if self.state().is_some_and(|it| it.problem.is_some()) {
            self.end();
        }
    }

    fn end(&self) {
        if let Some(asked) = self.0.take() {
            asked.job.abort();
        }
    }

    fn change(&self, change: impl FnOnce(&mut Searching)) {
        if let Some(asked) = &mut *self.0.borrow_mut() {
            change(&mut asked.state);
        }
    }
}

impl Engine {
    /// Asks once for each filter, for what surely contains all that matches.
    pub(super) fn search_source(&self, ask: &RowsAsk, slot: &std::rc::Rc<ProjectSlot>) {
        let capabilities = self.0.known.borrow().get(&ask.project.source).map(|it| it.info.capabilities);
        let can = capabilities.is_some_and(|it| it.filters) && !slot.state.borrow().complete;
        // By the filter as it is written: what it says of now is another text each time.
        let question = (ask.query.filter.clone(), ask.query.lifecycle);
        if can && slot.search.0.borrow().as_ref().is_some_and(|it| it.question == question) {
            return;
        }
        slot.search.end();
        let pushed = if can { self.pushed(ask, slot) } else { None };
        let Some(pushed) = pushed else { return };
        let (job, registration) = AbortHandle::new_pair();
        let state = Searching { is_running: true, ..Searching::default() };
        *slot.search.0.borrow_mut() = Some(Asked { question, state, job });
        let (engine, slot, key, lifecycle) = (self.clone(), slot.clone(), ask.project.clone(), ask.query.lifecycle);
        self.spawn(async move {
            let work = engine.read_matching(&key, &slot, (pushed, lifecycle));
            let Ok(outcome) = Abortable::new(work, registration).await else { return };
            slot.search.change(|it| {
                it.is_running = false;
                it.problem = outcome.err();
            });
            engine.announce(Event::Runs(key.clone()));
            engine.save(&key, &slot).await;
        });
    }

    fn pushed(&self, ask: &RowsAsk, slot: &ProjectSlot) -> Option<String> {
        let expr = filter::parse(&ask.query.filter).ok()??;
        slot.with_context(&ask.query, &[], self.0.outside.clock.as_ref(), |context| pushable(&expr, context))
    }

    async fn read_matching(&self, key: &ProjectKey, slot: &ProjectSlot, question: (String, Lifecycle)) -> Result<()> {
        let clock = self.0.outside.clock.clone();
        clock.sleep(REST_MS).await;
        let source = self.open(&key.source).await?;
        let which = if question.1 == Lifecycle::Deleted { Which::Deleted } else { Which::Active };
        let mut from = None;
        let mut n_found = 0;
        loop {
            let page = || Page { limit: 1_000, from: from.clone(), which, filter: Some(question.0.clone()) };
            let asked = Cell::new(slot.writes());
            let ask = || {
                asked.set(slot.writes());
                source.runs(&key.project, page())
            };
            let batch = retrying(clock.as_ref(), &|_, _| {}, ask).await?;
            let n = u32::try_from(batch.items.len()).unwrap_or(u32::MAX);
            n_found += n;
            slot.take_page(&batch.items, asked.get());
            from = batch.next.filter(|_| n > 0);
            let is_whole = from.is_none();
            slot.search.change(|it| {
                it.n_found = n_found;
                it.is_whole = is_whole;
            });
            self.announce(Event::Runs(key.clone()));
            if is_whole || n_found >= MOST_RUNS {
                return Ok(());
            }
        }
    }
}
