//! Undo and redo of view edits, per project, for as long as the page is open. Back never undoes.

use std::collections::HashMap;

use leptos::ev;
use leptos::prelude::*;

use super::{Runs, is_in_text};
use crate::components::dom;
use crate::model::ProjectKey;
use crate::pages::chart_settings::rounded;
use crate::pages::route::RunsView;

const MOST: usize = 100;
/// Changes that follow each other faster are one: typing, dragging an edge.
const ONE_MS: f64 = 800.0;

#[derive(Default)]
struct History {
    past: Vec<RunsView>,
    future: Vec<RunsView>,
    changed: f64,
}

/// Those of all projects looked at.
#[derive(Clone, Copy)]
pub struct Histories(RwSignal<HashMap<ProjectKey, History>, LocalStorage>);

impl Histories {
    pub fn new() -> Self {
        Self(RwSignal::new_local(HashMap::new()))
    }

    /// A view is about to be left for another.
    pub(super) fn leave(self, project: &ProjectKey, before: RunsView, after: &RunsView) {
        let now = dom::now();
        let n_widgets = |it: &RunsView| it.board.as_ref().map(Vec::len);
        // Another look, or a widget more or less, is a step of its own however soon it follows.
        let is_own = before.look != after.look || (before.board.is_some() && n_widgets(&before) != n_widgets(after));
        self.0.update(|all| {
            let it = all.entry(project.clone()).or_default();
            if is_own || now - it.changed > ONE_MS {
                it.past.push(before);
                if it.past.len() > MOST {
                    it.past.remove(0);
                }
            }
            it.changed = if is_own { 0.0 } else { now };
            it.future.clear();
        });
    }

    /// What comes next is a step of its own, however soon.
    fn begin(self, project: &ProjectKey) {
        self.0.update(|all| {
            if let Some(it) = all.get_mut(project) {
                it.changed = 0.0;
            }
        });
    }

    /// The view to go back to; the present one becomes the way forward. `false`: the other way.
    fn step(self, project: &ProjectKey, present: RunsView, is_back: bool) -> Option<RunsView> {
        self.0.try_update(|all| {
            let it = all.get_mut(project)?;
            let (from, to) = if is_back { (&mut it.past, &mut it.future) } else { (&mut it.future, &mut it.past) };
            let next = from.pop()?;
            to.push(present);
            it.changed = 0.0;
            Some(next)
        })?
    }

    fn has(self, project: &ProjectKey, is_back: bool) -> bool {
        let some = |it: &History| if is_back { !it.past.is_empty() } else { !it.future.is_empty() };
        self.0.with(|all| all.get(project).is_some_and(some))
    }
}

impl Runs {
    /// What comes next is undone on its own.
    pub fn begin_step(self) {
        self.histories.begin(&self.project.get_value());
    }

    pub fn can_step(self, is_back: bool) -> bool {
        self.histories.has(&self.project.get_value(), is_back)
    }

    pub fn step(self, is_back: bool) {
        // A zoom that is not written down yet belongs to what is undone.
        let seen = self.link.x.get_untracked().map(rounded);
        self.change(|it| it.charts.seen = seen);
        if let Some(view) = self.histories.step(&self.project.get_value(), self.view.get_untracked(), is_back) {
            self.show(view);
        }
    }
}

/// Ctrl-Z and Ctrl-Shift-Z or Ctrl-Y, outside fields, which have their own.
pub fn listen(runs: Runs) {
    let keys = window_event_listener(ev::keydown, move |event| {
        if !(event.ctrl_key() || event.meta_key()) || is_in_text(&event) {
            return;
        }
        match (event.key().to_lowercase().as_str(), event.shift_key()) {
            ("z", false) => runs.step(true),
            ("z", true) | ("y", false) => runs.step(false),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}
