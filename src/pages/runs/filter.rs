//! The filter: one field with its text coloured as it is understood, completion, and what is wrong
//! beside it. What cannot be read leaves the last good result in the table.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::Runs;
use super::chips::Chips;
use crate::components::icon::Icon;
use crate::components::react::{effect, spawn};
use crate::components::segment::segment;
use crate::components::{dom, format, words};
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Question, RowsAnswer, Searching};
use crate::model::{Lifecycle, ProjectKey};
use crate::query::filter::complete::{Completion, Completions};
use crate::query::filter::{Trouble, colours, parse};

#[derive(Clone, Copy)]
struct Field {
    runs: Runs,
    data: Data,
    node: NodeRef<html::Input>,
    typed: RwSignal<String>,
    offered: RwSignal<Option<Completions>>,
    chosen: RwSignal<usize>,
}

#[component]
pub fn FilterBar(runs: Runs) -> impl IntoView {
    let field = Field {
        runs,
        data: expect_context::<Data>(),
        node: NodeRef::new(),
        typed: RwSignal::new(runs.view.get_untracked().filter),
        offered: RwSignal::new(None),
        chosen: RwSignal::new(0),
    };
    let typed = field.typed;
    // The address may change the filter too; what is only typed stays.
    let filter = Memo::new(move |_| runs.view.get().filter);
    effect(move || {
        let filter = filter.get();
        if parse(&typed.get_untracked()).is_ok() && typed.get_untracked() != filter {
            typed.set(filter);
        }
    });
    let unread = Memo::new(move |_| parse(&typed.get()).err());
    let trouble = Memo::new(move |_| {
        let said = || runs.rows.with(|it| it.refused.clone().or_else(|| it.notes.first().cloned()));
        unread.get().or_else(|| said().flatten())
    });
    // What goes wrong at the end is not wrong yet.
    let is_wrong = move || match unread.get() {
        Some(it) => it.span.end < typed.get().trim_end().len(),
        None => runs.rows.with(|it| it.refused.is_some()) == Some(true),
    };
    view! {
        <div class="bar filter" role="search">
            <div class="query" class:wrong=is_wrong>
                <Icon name="list-filter" />
                <div class="text">
                    <div class="inked" aria-hidden="true">{move || inked(&typed.get(), trouble.get())}</div>
                    <input id="filter" node_ref=field.node type="text" role="combobox" aria-label="Filter runs" aria-autocomplete="list"
                        aria-expanded=move || field.offered.get().is_some().to_string() aria-controls="filter-offers"
                        aria-activedescendant=move || field.offered.get().map(|_| format!("offer-{}", field.chosen.get()))
                        aria-invalid=move || is_wrong().to_string() aria-describedby="filter-says"
                        placeholder="Filter: adam, lr < 1e-3, val/accuracy > 0.97 and not status = \"failed\""
                        spellcheck="false" autocomplete="off" autocapitalize="off"
                        prop:value=move || typed.get() on:input=move |_| field.changed()
                        on:keydown=move |event| field.key(&event) on:blur=move |_| field.offered.set(None)
                        on:scroll=move |_| field.follow_scroll() />
                    <Offers field=field />
                </div>
                <Show when=move || !typed.get().is_empty()>
                    <button class="clear" aria-label="Clear the filter" title="Clear the filter" on:click=move |_| field.put(String::new(), 0)>
                        <Icon name="x" /></button>
                </Show>
            </div>
            <Says field=field trouble=trouble />
            <Lifecycles runs=runs />
        </div>
        <Chips runs=runs select=Callback::new(move |span| field.select(span)) />
    }
}

/// How many match, or what is wrong and what to press.
#[component]
fn Says(field: Field, trouble: Memo<Option<Trouble>>) -> impl IntoView {
    let runs = field.runs;
    let mend = move |span: std::ops::Range<usize>, instead: String| {
        let typed = field.typed.get_untracked();
        if let (Some(before), Some(after)) = (typed.get(..span.start), typed.get(span.end..)) {
            field.put(format!("{before}{instead}{after}"), before.len() + instead.len());
        }
    };
    view! {
        <span id="filter-says" class="says minor" role="status">
            {move || match trouble.get() {
                Some(it) => view! {
                    <span class="cut" title=it.message.clone()>{it.message.clone()}</span>
                    {it.instead.map(|instead| {
                        let (span, put) = (it.span.clone(), instead.clone());
                        view! { <button class="button quiet" on:click=move |_| mend(span.clone(), put.clone())>"Use "<b>{instead}</b></button> }
                    })}
                }.into_any(),
                None if runs.rows.with(|it| it.gathering.is_some() || it.n_open > 0) == Some(true) => view! { <Reading runs=runs /> }.into_any(),
                None => view! {
                    {move || runs.rows.with(matched).filter(|_| !runs.view.with(|it| it.filter.is_empty()))}
                }.into_any(),
            }}
        </span>
    }
}

/// Of all runs, or of those that are cached so far and what the source was asked for beside them.
fn matched(answer: &RowsAnswer) -> String {
    let n = format::count(answer.n_matched);
    if answer.sync.complete {
        return format!("{n} match");
    }
    match &answer.searching {
        Some(Searching { is_running: true, .. }) => {
            format!("{n} match of {} cached, asking the tracker for the others", format::count(answer.n_cached))
        }
        Some(Searching { is_whole: true, .. }) => format!("{n} match, all there are"),
        _ => format!("{n} match of {} cached, more exist", format::count(answer.n_cached)),
    }
}

/// How far the reading of series is that the filter, the sort or a column turns on.
#[component]
fn Reading(runs: Runs) -> impl IntoView {
    let data = expect_context::<Data>();
    let tell = move |question: fn(ProjectKey) -> Question| {
        let question = question(runs.project.get_value());
        spawn(async move {
            let _ = data.ask(question).await;
        });
    };
    move || {
        let (n_matched, n_open, gathering) = runs.rows.with(|it| (it.n_matched, it.n_open, it.gathering.clone()))?;
        let matched = format!("{} match", format::count(n_matched));
        let Some(it) = gathering else {
            return Some(
                view! {
                    <span class="cut">{format!("{matched}, {} not read", format::count(n_open))}</span>
                    <button class="button quiet" on:click=move |_| tell(Question::Gather)>"Read them"</button>
                }
                .into_any(),
            );
        };
        let said = match &it.problem {
            Some(problem) => format!("{} could not be read: {}", it.metric, words::of(problem).title),
            None => format!(
                "Reading {}: {} of {}",
                it.metric,
                format::count(it.done),
                format::n_of(u64::from(it.total), "run")
            ),
        };
        let again = (!it.is_running).then(
            || view! { <button class="button quiet" on:click=move |_| tell(Question::Gather)>"Try again"</button> },
        );
        Some(view! {
            <span class="cut" title=said.clone()>{said.clone()}</span>
            {again}
            <button class="button quiet" on:click=move |_| tell(Question::StopGathering)>{if it.is_running { "Stop" } else { "Dismiss" }}</button>
        }.into_any())
    }
}

#[component]
fn Lifecycles(runs: Runs) -> impl IntoView {
    let all = vec![(Lifecycle::Active, "Active", ""), (Lifecycle::Deleted, "Deleted", "")];
    let choose = move |to: Lifecycle| runs.change(|it| it.lifecycle = to);
    segment("Which runs", all, move || runs.view.with(|it| it.lifecycle), choose)
}

#[component]
fn Offers(field: Field) -> impl IntoView {
    let offer = move |i: usize, it: Completion| {
        let detail = it.n_runs.map(|n| format::n_of(u64::from(n), "run"));
        view! {
            <li id=format!("offer-{i}") role="option" aria-selected=move || (field.chosen.get() == i).to_string()
                on:pointerdown=move |event: ev::PointerEvent| {
                    event.prevent_default();
                    field.take(i);
                }>
                <bdi class="cut">{it.label}</bdi><span class="kind">{it.kind}</span><span class="n">{detail}</span>
            </li>
        }
    };
    view! {
        <Show when=move || field.offered.get().is_some()>
            <ul id="filter-offers" class="popover offers" role="listbox" aria-label="Completions">
                {move || field.offered.get().map(|it| it.items.into_iter().enumerate().map(|(i, it)| offer(i, it)).collect_view())}
            </ul>
        </Show>
    }
}

impl Field {
    fn changed(self) {
        let Some(input) = self.node.get_untracked() else { return };
        let text = input.value();
        self.typed.set(text.clone());
        self.apply(text);
        self.offer();
    }

    /// Text that can be read goes into the view; the rest waits.
    fn apply(self, text: String) {
        if parse(&text).is_ok() {
            self.runs.window.set((0, self.runs.window.get_untracked().1));
            self.runs.change(|it| it.filter = text);
        }
    }

    fn put(self, text: String, cursor: usize) {
        self.typed.set(text.clone());
        if let Some(input) = self.node.get_untracked() {
            input.set_value(&text);
            let place = u32::try_from(text.get(..cursor).unwrap_or(&text).encode_utf16().count()).unwrap_or(u32::MAX);
            let _ = input.focus();
            let _ = input.set_selection_range(place, place);
        }
        self.apply(text);
        self.offered.set(None);
    }

    /// Asks what may come next at the cursor; the answer to an older text is dropped.
    fn offer(self) {
        let Some(input) = self.node.get_untracked() else { return };
        let text = input.value();
        let units = input.selection_start().ok().flatten().unwrap_or(0);
        let cursor = bytes_of(&text, units);
        let question = Question::Complete {
            project: self.runs.project.get_value(),
            text: text.clone(),
            cursor: u32::try_from(cursor).unwrap_or(u32::MAX),
        };
        spawn(async move {
            let answer = self.data.ask(question).await;
            if self.typed.try_get_untracked().as_deref() != Some(text.as_str()) {
                return;
            }
            if let Ok(Answer::Completions(found)) = answer {
                // What is typed already needs no offer.
                let typed = text.get(found.span.clone()).unwrap_or_default();
                let is_done = found.items.iter().any(|it| it.insert == typed) || found.items.is_empty();
                self.chosen.set(0);
                self.offered.set((!is_done).then_some(found));
            }
        });
    }

    fn take(self, at: usize) {
        let Some(offered) = self.offered.get_untracked() else { return };
        let Some(item) = offered.items.get(at) else { return };
        let typed = self.typed.get_untracked();
        let (Some(before), Some(after)) = (typed.get(..offered.span.start), typed.get(offered.span.end..)) else {
            return;
        };
        // A figure's bracket and a list's wait for their inside, everything else for what comes next.
        let space = if item.insert.ends_with('(') || after.starts_with([' ', ')']) { "" } else { " " };
        let cursor = before.len() + item.insert.len() + space.len();
        self.put(format!("{before}{}{space}{after}", item.insert), cursor);
        self.offer();
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let n = self.offered.with_untracked(|it| it.as_ref().map_or(0, |it| it.items.len()));
        let at = self.chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if n > 0 => self.chosen.set((at + 1) % n),
            "ArrowUp" if n > 0 => self.chosen.set((at + n - 1) % n),
            "Tab" | "Enter" if n > 0 && !event.shift_key() => self.take(at),
            "Escape" if n > 0 => self.offered.set(None),
            "Escape" => dom::blur("#filter"),
            " " if event.ctrl_key() => self.offer(),
            "ArrowDown" => self.offer(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
        dom::show_up(&format!("#offer-{}", self.chosen.get_untracked()));
    }

    /// Selects a part of the text.
    fn select(self, span: std::ops::Range<usize>) {
        let Some(input) = self.node.get_untracked() else { return };
        let text = input.value();
        let units = |bytes: usize| {
            let before = text.get(..bytes).unwrap_or(&text);
            u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
        };
        let _ = input.focus();
        let _ = input.set_selection_range(units(span.start), units(span.end));
    }

    fn follow_scroll(self) {
        if let Some(input) = self.node.try_get_untracked().flatten() {
            dom::scroll_left(".filter .inked", input.scroll_left());
        }
    }
}

/// The browser counts in UTF-16.
fn bytes_of(text: &str, units: u32) -> usize {
    let mut seen = 0;
    for (at, it) in text.char_indices() {
        if seen >= units as usize {
            return at;
        }
        seen += it.len_utf16();
    }
    text.len()
}

/// The text in the colours of its parts, with a wave under what is wrong.
fn inked(text: &str, trouble: Option<Trouble>) -> impl IntoView + use<> {
    let wrong = trouble.map(|it| it.span).unwrap_or(0..0);
    let piece = |class: &'static str, from: usize, to: usize| {
        let inner = text.get(from..to).unwrap_or_default().to_owned();
        let is_wrong = from < wrong.end && to > wrong.start;
        view! { <span class=class class:wave=is_wrong>{inner}</span> }
    };
    let mut pieces = Vec::new();
    let mut at = 0;
    for (class, span) in colours(text) {
        if span.start > at {
            pieces.push(piece("", at, span.start));
        }
        pieces.push(piece(class, span.start, span.end));
        at = span.end;
    }
    if at < text.len() {
        pieces.push(piece("", at, text.len()));
    }
    pieces.into_iter().collect_view()
}
