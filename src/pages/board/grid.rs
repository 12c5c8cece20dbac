//! The grid of widgets on the page.

use std::collections::HashMap;

use leptos::html;
use leptos::prelude::*;

use super::drag::{Corner, Drag, Grip};
use super::layout::{Spot, settled};
use super::spec::{MOST, Settings, Widget, add};
use super::templates::{Known, TEMPLATES};
use super::{edit, gallery};
use crate::components::each::each;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::on_screen::OnScreen;
use crate::components::paper::{self, Paper};
use crate::model::Field;
use crate::model::order::sort_by_key;
use crate::pages::route::RunsView;
use crate::pages::runs::Runs;
use crate::pages::runs::chart_bar::ChartBar;
use crate::pages::widgets::{self, Scope, with_own};

/// What the parts of a dashboard share.
#[derive(Clone, Copy)]
pub struct Page {
    pub runs: Runs,
    pub widgets: Memo<Vec<Widget>>,
    /// Those that no folded section hides, where they stand.
    pub shown: Memo<Vec<(u32, Spot)>>,
    pub drag: RwSignal<Option<Drag>>,
    pub node: NodeRef<html::Div>,
    editing: RwSignal<Option<u32>>,
    adding: RwSignal<bool>,
    /// The last change made more than a link can hold, and was not taken.
    pub is_too_large: RwSignal<bool>,
}

impl Page {
    pub fn change(self, work: impl FnOnce(&mut Vec<Widget>)) {
        let mut all = self.widgets.get_untracked();
        work(&mut all);
        let view = RunsView { board: Some(all.clone()), ..self.runs.view.get_untracked() };
        // What a link can't hold would be gone after a reload.
        let fits = view.fits();
        self.is_too_large.set(!fits);
        if fits {
            self.runs.change(|it| it.board = Some(all));
        }
    }

    pub fn change_one(self, id: u32, work: impl FnOnce(&mut Widget)) {
        self.change(|all| {
            if let Some(it) = all.iter_mut().find(|it| it.id == id) {
                work(it);
            }
        });
    }

    /// Those that are shown stand elsewhere; what a section hides goes with it.
    pub fn place(self, spots: &[(u32, Spot)]) {
        self.change(|all| super::arrange(all, spots));
    }

    pub fn remove(self, id: u32) {
        let left: Vec<(u32, Spot)> = self.shown.get_untracked().into_iter().filter(|it| it.0 != id).collect();
        let spots = settled(&left.iter().map(|it| it.1).collect::<Vec<_>>());
        let left: Vec<(u32, Spot)> = left.into_iter().map(|it| it.0).zip(spots).collect();
        self.change(|all| {
            all.retain(|it| it.id != id);
            super::arrange(all, &left);
        });
    }

    pub fn duplicate(self, id: u32) {
        self.change(|all| {
            if let Some(it) = all.iter().find(|it| it.id == id).cloned() {
                add(all, &it.kind, (it.spot.w, it.spot.h), it.set);
            }
        });
    }

    pub fn add(self, kind: &str, size: (u16, u16), set: Settings) {
        let mut id = None;
        self.change(|all| id = add(all, kind, size, set));
        if let Some(id) = id {
            crate::components::dom::show_up(&format!("[data-widget='{id}']"));
        }
    }

    /// What a template or a first setting is made from.
    pub fn with_known<T>(self, work: impl FnOnce(&Known) -> T) -> T {
        let fields = self.runs.fields.value.with(|it| it.as_ref().and_then(|it| it.as_ref().ok().cloned()));
        let is_value = |it: &Field| matches!(it, Field::Metric(_));
        let target = self.runs.columns.with(|it| it.iter().map(|it| it.field.clone()).find(is_value));
        let (fields, n_runs) = fields.map_or((Vec::new(), 0), |it| (it.fields, it.n_runs));
        work(&Known { fields: &fields, n_runs, target })
    }
}

#[component]
pub fn Board(runs: Runs) -> impl IntoView {
    let node = NodeRef::new();
    let drag = RwSignal::new(None::<Drag>);
    let nothing = Page {
        runs,
        widgets: Memo::new(|_| Vec::new()),
        shown: Memo::new(|_| Vec::new()),
        drag,
        node,
        editing: RwSignal::new(None),
        adding: RwSignal::new(false),
        is_too_large: RwSignal::new(false),
    };
    // A suggestion stays while the rest of the runs stream in.
    let suggested = Memo::new(move |held: Option<&Vec<Widget>>| match held.filter(|it| it.len() > 1) {
        Some(held) => held.clone(),
        None if runs.fields.with(|it| it.n_runs == 0) != Some(false) => Vec::new(),
        None => nothing.with_known(|known| (TEMPLATES[0].make)(known)),
    });
    let widgets = Memo::new(move |_| runs.view.with(|it| it.board.clone()).unwrap_or_else(|| suggested.get()));
    let shown = Memo::new(move |_| super::shown(&widgets.get()));
    let page = Page { widgets, shown, ..nothing };
    let spots = Memo::new(move |_| {
        let spots = drag.with(|it| it.as_ref().map(|it| it.spots.clone())).unwrap_or_else(|| shown.get());
        spots.into_iter().collect::<HashMap<u32, Spot>>()
    });
    // In the order they are read.
    let order = move || {
        let mut all = shown.get();
        sort_by_key(&mut all, |it| (it.1.y, it.1.x));
        let kind = |id: u32| widgets.with(|all| all.iter().find(|it| it.id == id).map(|it| it.kind.clone()));
        all.into_iter().map(|it| (it.0, kind(it.0).unwrap_or_default())).collect::<Vec<_>>()
    };
    let target = move || {
        let drag = drag.get()?;
        let spot = spots.with(|it| it.get(&drag.id).copied())?;
        Some(view! { <div class="widget-target" style=place_of(spot)></div> })
    };
    view! {
        <section class="board" aria-label="Dashboard">
            <Tools page=page />
            {move || page.is_too_large.get().then(|| view! {
                <div class="notice warn" role="alert" style="margin:8px 12px"><div class="title">"This change was not taken: the dashboard would be larger than a link can hold"</div>
                    <div class="text">"Long texts and pictures belong into a page of the wiki, which a widget can show."</div></div>
            })}
            <div class="board-grid" class:moving=move || drag.with(Option::is_some) node_ref=node>
                {target}
                {each(order, |it| it.clone(), move |(id, word)| view! { <One page=page id=id word=word spots=spots /> }.into_any())}
            </div>
            {move || (widgets.with(Vec::is_empty) && runs.fields.with(|_| ()).is_some()).then(|| view! {
                <div class="empty"><div class="notice"><div class="title">"An empty dashboard"</div>
                    <div class="text">"Add a widget, or start from a template made of what is logged here."</div>
                    <div class="actions"><button class="button primary" on:click=move |_| page.adding.set(true)>"Add a widget"</button></div></div></div>
            })}
            <p class="sr" role="status">{move || drag.get().and_then(|it| it.said())}</p>
            {move || page.adding.get().then(|| view! { <gallery::Gallery page=page open=page.adding /> })}
            {move || page.editing.get().map(|id| view! { <edit::EditWidget page=page id=id close=Callback::new(move |()| page.editing.set(None)) /> })}
        </section>
    }
}

#[component]
fn Tools(page: Page) -> impl IntoView {
    let open = RwSignal::new(false);
    let paper = expect_context::<Paper>();
    let is_full = move || page.widgets.with(Vec::len) >= MOST;
    let start = move |at: usize| {
        open.set(false);
        let made = untrack(|| page.with_known(|known| (TEMPLATES[at].make)(known)));
        page.change(|all| *all = made);
    };
    view! {
        <div class="bar charttools">
            <button class="button" disabled=is_full on:click=move |_| page.adding.set(true)><Icon name="plus" />"Widget"</button>
            <div style="position:relative">
                <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                    <Icon name="layout-dashboard" />"Template"
                </button>
                <Popover open=open label="Start from a template" place="left:0;top:28px;min-width:300px">
                    {TEMPLATES.iter().enumerate().map(|(at, it)| view! {
                        <button class="item two-lines" on:click=move |_| start(at)><span>{it.name}</span><span class="minor">{it.about}</span></button>
                    }).collect_view()}
                    <hr />
                    <button class="item" on:click=move |_| { open.set(false); page.runs.change(|it| it.board = None) }><Icon name="rotate-ccw" />"As it comes"</button>
                    <button class="item" on:click=move |_| { open.set(false); page.change(Vec::clear) }><Icon name="x" />"Empty"</button>
                </Popover>
            </div>
            <button class="button quiet square" aria-label="Print this dashboard" title="Print, or save as PDF" on:click=move |_| paper::print(paper)><Icon name="printer" /></button>
            <ChartBar runs=page.runs />
        </div>
    }
}

fn place_of(spot: Spot) -> String {
    format!("--x:{};--y:{};--w:{};--h:{}", spot.x + 1, spot.y + 1, spot.w, spot.h)
}

#[component]
fn One(page: Page, id: u32, word: String, spots: Memo<HashMap<u32, Spot>>) -> impl IntoView {
    let found = move || page.widgets.with(|all| all.iter().find(|it| it.id == id).cloned());
    let widget = Memo::new(move |held: Option<&Option<Widget>>| found().or_else(|| held.cloned().flatten()));
    let set = Memo::new(move |_| widget.with(|it| it.as_ref().map(|it| it.set.clone())).unwrap_or_default());
    let kind = widgets::kind(&word);
    let title = Memo::new(move |_| kind.map_or_else(|| "Unknown".to_owned(), |it| set.with(|set| it.title_of(set))));
    let is_section = word == super::SECTION;
    let is_folded = move || set.with(|it| it.get("folded").is_some());
    let style = move || {
        let held = page.drag.with(|it| it.as_ref().filter(|it| it.id == id && it.is_move).map(|it| (it.from, it.by)));
        match held {
            // It follows the pointer from where it stood.
            Some((from, by)) => format!("{};transform:translate({}px,{}px)", place_of(from), by.0, by.1),
            None => spots.with(|it| it.get(&id).copied()).map(place_of).unwrap_or_default(),
        }
    };
    let is_held = move || page.drag.with(|it| it.as_ref().is_some_and(|it| it.id == id));
    let put = Callback::new(move |(key, value): (&'static str, String)| {
        page.change_one(id, |it| it.set.put(key, &value));
    });
    let body = move || {
        match kind {
        Some(kind) => {
            let scope = Scope::of_page(page.runs, set, put);
            with_own(scope, move |scope| (kind.show)(&kind, scope)).into_any()
        }
        None => view! {
            <div class="widget-says"><b>{format!("A widget of a kind not known here: {word}")}</b>
                <span>"It was made by a newer Halimede. Reload the page to get the newest version this place has."</span></div>
        }.into_any(),
    }
    };
    let fold = move |_| {
        let value = if is_folded() { "" } else { "yes" };
        page.change_one(id, |it| it.set.put("folded", value));
    };
    view! {
        <section class="widget" class:section=is_section class:held=is_held data-widget=id.to_string() style=style
            aria-label=move || title.get()>
            <header class="widget-head">
                <Grip page=page id=id title=title />
                {is_section.then(|| view! {
                    <button class="button quiet square" aria-expanded=move || (!is_folded()).to_string() aria-label="Fold this section" on:click=fold>
                        {move || if is_folded() { view! { <Icon name="chevron-right" /> } } else { view! { <Icon name="chevron-down" /> } }}
                    </button>
                })}
                <h3 class="cut" title=move || title.get()><bdi>{move || title.get()}</bdi></h3>
                <span class="minor cut">{move || own_words(&set.get())}</span>
                <span class="grow"></span>
                <button class="button quiet square" aria-label=move || format!("Settings of {}", title.get()) title="Settings" on:click=move |_| page.editing.set(Some(id))>
                    <Icon name="pencil" /></button>
            </header>
            {(!is_section).then(|| view! { <div class="widget-body"><OnScreen>{body()}</OnScreen></div> })}
            <Corner page=page id=id title=title />
        </section>
    }
}

/// What a widget says of its runs unlike its page.
fn own_words(set: &Settings) -> String {
    let filter = set.get("runs").map(str::to_owned);
    let project = set.get("project").map(|_| "another project".to_owned());
    project.into_iter().chain(filter).collect::<Vec<_>>().join(" · ")
}
