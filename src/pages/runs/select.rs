//! The one selection: which runs are drawn, compared and changed, as a rule or run by run.

use leptos::ev;
use leptos::prelude::*;

use super::{Runs, is_typing};
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::react::spawn;
use crate::engine::protocol::{Answer, Chosen, MOST_COMPARED, Question, RowsAsk};
use crate::model::{Lifecycle, RunId};
use crate::pages::compare::Basket;
use crate::pages::edit::{Editing, Form, What};
use crate::pages::route::{Eyes, FIRST_EYES, MOST_BY_RULE, MOST_EYES};
use crate::query::cells::{FoldKind, Row};
use crate::query::selection::Selection;

/// Names that the dialog of a change lists.
const MOST_NAMES: usize = 8;

/// Which runs a row's eye is of: of a group's line all of its runs, in one colour.
pub fn runs_of(row: &Row) -> &[RunId] {
    match row.fold.as_ref().filter(|it| it.kind != FoldKind::Parent) {
        Some(fold) => &fold.runs,
        None => std::slice::from_ref(&row.id),
    }
}

impl Runs {
    fn eyes(self) -> Vec<(RunId, u8)> {
        self.drawn.get_untracked().into_iter().map(|(run, slot)| (run.id, slot)).collect()
    }

    /// Opens or closes the eye of a row.
    pub fn toggle_row_eye(self, row: &Row) {
        self.toggle_eyes(runs_of(row).to_vec());
    }

    /// All on, in the lowest colour slot that is free, or, where they are on already, all off.
    pub fn toggle_eyes(self, runs: Vec<RunId>) {
        if let Eyes::AllBut(mut not) = self.view.get_untracked().eyes {
            if runs.iter().all(|it| !not.contains(it)) {
                not.extend(runs);
            } else {
                not.retain(|it| !runs.contains(it));
            }
            // One more would be selected again without a word.
            if not.len() > MOST_EYES {
                return;
            }
            return self.change(|it| it.eyes = Eyes::AllBut(not));
        }
        let mut eyes = self.eyes();
        let are_on = runs.iter().all(|run| eyes.iter().any(|it| it.0 == *run));
        eyes.retain(|it| !runs.contains(&it.0));
        if !are_on {
            let slot = free_slot(&eyes);
            let room = MOST_EYES.saturating_sub(eyes.len());
            eyes.extend(runs.into_iter().take(room).map(|it| (it, slot)));
        }
        self.change(|it| it.eyes = Eyes::These(eyes));
    }

    pub fn slot_of_row(self, row: &Row) -> Option<u8> {
        self.slot_of(runs_of(row))
    }

    /// An eye is open when all of its runs are drawn.
    pub fn slot_of(self, runs: &[RunId]) -> Option<u8> {
        self.slots.with(|slots| runs.iter().map(|it| slots.get(it).copied()).reduce(|a, b| a.and(b)).flatten())
    }

    /// Whether a row is chosen though no curve is drawn of it, there being too many.
    pub fn is_on_undrawn(self, row: &Row) -> bool {
        self.view.with(|it| matches!(&it.eyes, Eyes::AllBut(not) if !not.contains(&row.id)))
    }

    pub fn toggle_all_eyes(self) {
        let any = !self.drawn.get_untracked().is_empty();
        self.change(|it| it.eyes = if any { Eyes::These(Vec::new()) } else { Eyes::default() });
    }

    fn invert(self) {
        let eyes = self.eyes();
        self.change(|it| {
            it.eyes = match &it.eyes {
                Eyes::AllBut(not) => Eyes::These(not.iter().cloned().zip((0u8..=255).cycle()).collect()),
                _ => Eyes::AllBut(eyes.into_iter().map(|it| it.0).collect()),
            }
        });
    }

    /// Opens the eyes of all rows from one to the other, whether they are on screen or not.
    pub fn select_range(self, from: u32, to: u32) {
        let data = self.data;
        let view = self.view.get_untracked();
        let (first, last) = (from.min(to), from.max(to));
        let ask = RowsAsk {
            project: self.project.get_value(),
            query: view.rows_query(),
            toggled: view.toggled,
            fields: Vec::new(),
            offset: first,
            limit: (last - first + 1).min(MOST_BY_RULE),
            selection: Selection::First(0),
        };
        spawn(async move {
            let Ok(Answer::Rows(answer)) = data.ask(Question::Rows(Box::new(ask))).await else { return };
            let mut eyes = self.eyes();
            for row in answer.rows {
                let slot = free_slot(&eyes);
                let runs = row.fold.filter(|it| it.kind != FoldKind::Parent).map_or(vec![row.id], |it| it.runs);
                let new: Vec<RunId> = runs.into_iter().filter(|it| !eyes.iter().any(|eye| eye.0 == *it)).collect();
                eyes.extend(new.into_iter().map(|it| (it, slot)));
            }
            eyes.truncate(MOST_EYES);
            self.change(|it| it.eyes = Eyes::These(eyes));
        });
    }

    fn n_selected(self) -> u32 {
        self.rows.with(|it| it.n_selected).unwrap_or(0)
    }
}

fn free_slot(eyes: &[(RunId, u8)]) -> u8 {
    (0..=u8::MAX).find(|slot| !eyes.iter().any(|it| it.1 == *slot)).unwrap_or(0)
}

#[component]
pub fn SelectionButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    let keys = window_event_listener(ev::keydown, move |event| {
        if is_typing(&event) {
            return;
        }
        match event.key().as_str() {
            "a" => runs.change(|it| {
                let all = Eyes::AllBut(Vec::new());
                it.eyes = if it.eyes == all { Eyes::These(Vec::new()) } else { all };
            }),
            "i" => runs.invert(),
            "s" => open.set(true),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
    let said = move || {
        let n = format::count(runs.n_selected());
        match runs.view.get().eyes {
            Eyes::First(_) => format!("first {n}"),
            Eyes::Newest(_) => format!("newest {n}"),
            Eyes::AllBut(not) if not.is_empty() => format!("all {n}"),
            Eyes::AllBut(_) | Eyes::These(_) => n,
        }
    };
    view! {
        <div style="position:relative">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)
                title="Which runs are drawn, compared and changed (S)">
                <Icon name="eye" />"Selected "<b style="font-weight:550">{said}</b>
            </button>
            <Popover open=open label="Selection" place="position:fixed;right:230px;top:78px" class="columns-menu">
                <Menu runs=runs open=open />
            </Popover>
        </div>
    }
}

#[component]
fn Menu(runs: Runs, open: RwSignal<bool>) -> impl IntoView {
    let n = RwSignal::new(match runs.view.get_untracked().eyes {
        Eyes::First(n) | Eyes::Newest(n) => n.to_string(),
        _ => FIRST_EYES.to_string(),
    });
    let choose = move |make: fn(u32) -> Eyes| {
        move |_| {
            let n = n.get_untracked().trim().parse().unwrap_or(FIRST_EYES).clamp(1, MOST_BY_RULE);
            runs.change(|it| it.eyes = make(n));
        }
    };
    let matched = move || runs.rows.with(|it| it.n_matched).unwrap_or(0);
    view! {
        <div class="rule">
            <input class="input" inputmode="numeric" aria-label="How many runs" bind:value=n />
            <button class="button" title="The first of the table, whatever it is sorted by" on:click=choose(Eyes::First)>"First"</button>
            <button class="button" title="The latest started, as runs come in" on:click=choose(Eyes::Newest)>"Newest"</button>
        </div>
        <button class="item" on:click=move |_| runs.change(|it| it.eyes = Eyes::AllBut(Vec::new()))>
            <Icon name="check" />{move || format!("All {} that match", format::count(matched()))}<span class="key">"A"</span></button>
        <button class="item" on:click=move |_| runs.invert()><Icon name="refresh-cw" />"Invert"<span class="key">"I"</span></button>
        <button class="item" on:click=move |_| runs.change(|it| it.eyes = Eyes::These(Vec::new()))><Icon name="eye-off" />"None"</button>
        <p class="minor" style="padding:4px 8px">"Shift with a click on an eye, or with X, selects up to there."</p>
        <hr />
        <Acts runs=runs open=open />
    }
}

/// What can be done with the runs that are selected.
#[component]
fn Acts(runs: Runs, open: RwSignal<bool>) -> impl IntoView {
    let (editing, basket) = (expect_context::<Editing>(), expect_context::<Basket>());
    let capabilities = runs.capabilities;
    let is_deleted = Memo::new(move |_| runs.view.get().lifecycle == Lifecycle::Deleted);
    let change = move |what: fn(Runs) -> What| {
        move |_| {
            open.set(false);
            editing.open(form(runs, what(runs)));
        }
    };
    let compare = move |_| {
        let project = runs.project.get_value();
        let keys = runs.eyes().into_iter().take(MOST_COMPARED).map(|it| project.run(it.0)).collect();
        runs.nav.go(&basket.put(keys));
    };
    let none = move || runs.n_selected() == 0;
    let one = move || runs.n_selected() == 1;
    view! {
        <button class="item" disabled=none on:click=compare><Icon name="git-compare-arrows" />"Compare side by side"</button>
        <Show when=move || capabilities.get().edits>
            <Show when=move || one() && !is_deleted.get()>
                <button class="item" on:click=change(|runs| What::Name(runs.drawn.get_untracked().first().map(|it| it.0.name.clone()).unwrap_or_default()))>
                    <Icon name="pencil" />"Rename …"</button>
            </Show>
            <Show when=move || !is_deleted.get() fallback=move || view! {
                <button class="item" disabled=none on:click=change(|_| What::Lifecycle(Lifecycle::Active))><Icon name="undo-2" />"Restore …"</button>
            }>
                <button class="item" disabled=none on:click=change(|_| What::Tag { key: String::new(), value: None })><Icon name="tag" />"Set a tag …"</button>
                <button class="item" disabled=none on:click=change(|_| What::Untag)><Icon name="tag" />"Remove a tag …"</button>
                <button class="item" disabled=none on:click=change(|_| What::Lifecycle(Lifecycle::Deleted))><Icon name="trash-2" />"Delete …"</button>
            </Show>
        </Show>
    }
}

fn form(runs: Runs, what: What) -> Form {
    let view = runs.view.get_untracked();
    let names = runs.drawn.get_untracked().into_iter().take(MOST_NAMES);
    Form {
        project: runs.project.get_value(),
        runs: Chosen::Selected {
            query: view.rows_query(),
            selection: view.eyes.selection(),
            mark: runs.rows.with(|it| it.selected_mark).unwrap_or(0),
        },
        n_runs: runs.n_selected(),
        names: names.map(|(run, _)| if run.name.is_empty() { run.id.to_string() } else { run.name }).collect(),
        what,
    }
}
