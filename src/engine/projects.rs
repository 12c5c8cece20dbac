//! The list of projects of a source: cached at once, read again in the background.

use std::collections::HashSet;

use super::protocol::{Answer, Event, ProjectsAnswer};
use super::{Engine, Result};
use crate::model::{Lifecycle, Problem, Project, SourceId};
use crate::store::layout::{self, ProjectList};
use crate::store::{Batch, chunk};
use crate::sync::retry::retrying;

#[derive(Default)]
pub struct ListState {
    list: ProjectList,
    known: bool,
    loading: bool,
    asked: bool,
    trouble: Option<Problem>,
}

/// No page shows more; a source with more says so through its filter.
const MOST_PROJECTS: usize = 20_000;

impl Engine {
    pub(super) async fn project_list(&self, source: &SourceId, refresh: bool) -> Result<Answer> {
        self.load_list(source).await;
        if !self.0.known.borrow().contains_key(source) {
            self.open(source).await?;
        }
        let start = {
            let mut lists = self.0.lists.borrow_mut();
            let state = lists.entry(source.clone()).or_default();
            let start = !state.loading && (refresh || !state.asked);
            if start {
                state.loading = true;
                state.asked = true;
            }
            start
        };
        if start {
            let (engine, source) = (self.clone(), source.clone());
            self.spawn(async move {
                let outcome = engine.read_projects(&source).await;
                engine.note_outcome(&source, &outcome);
                if let Some(state) = engine.0.lists.borrow_mut().get_mut(&source) {
                    state.loading = false;
                    state.trouble = outcome.err();
                }
                engine.announce(Event::Projects(source));
            });
        }
        let lists = self.0.lists.borrow();
        let state = lists.get(source).ok_or(Problem::Cancelled)?;
        let projects = state.list.projects.iter().filter(|it| it.lifecycle == Lifecycle::Active).cloned();
        Ok(Answer::Projects(ProjectsAnswer {
            projects: projects.collect(),
            loading: state.loading,
            fetched: state.known.then_some(state.list.fetched),
            trouble: state.trouble.clone(),
        }))
    }

    async fn load_list(&self, source: &SourceId) {
        if self.0.lists.borrow().contains_key(source) {
            return;
        }
        let cached = layout::read::<ProjectList>(self.store(), layout::projects_key(source)).await.ok().flatten();
        let state = ListState { known: cached.is_some(), list: cached.unwrap_or_default(), ..ListState::default() };
        self.0.lists.borrow_mut().entry(source.clone()).or_insert(state);
    }

    async fn read_projects(&self, id: &SourceId) -> Result<()> {
        let source = self.open(id).await?;
        let mut all: Vec<Project> = Vec::new();
        let mut known = HashSet::new();
        let mut from = None;
        loop {
            let clock = self.0.outside.clock.clone();
            let ask = || source.projects(from.clone());
            let batch = retrying(clock.as_ref(), &|_, _| {}, ask).await?;
            let n_before = all.len();
            for project in batch.items {
                if known.insert(project.id.clone()) {
                    all.push(project);
                }
            }
            // A listing that only repeats itself has ended, whatever its token says.
            let brought_none = all.len() == n_before;
            match batch.next {
                Some(next) if !brought_none && all.len() < MOST_PROJECTS => from = Some(next),
                _ => break,
            }
        }
        let list = ProjectList { projects: all, fetched: self.now() };
        if let Some(state) = self.0.lists.borrow_mut().get_mut(id) {
            state.list = list.clone();
            state.known = true;
        }
        if self.keeps(id)
            && let Ok(bytes) = chunk::encode(&list)
        {
            let batch = Batch { puts: vec![(layout::projects_key(id), bytes)], deletes: Vec::new() };
            // Not saved: the next session reads it again; the storage page says why.
            let _ = crate::store::write(self.store(), batch).await;
        }
        Ok(())
    }
}
