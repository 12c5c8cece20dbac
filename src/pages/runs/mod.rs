//! The runs of a project: one selection, one filter; as a table with curves below, or as charts
//! with the list of runs beside them.

mod calculation;
pub mod cell_words;
pub mod chart_bar;
pub mod charts;
mod chips;
mod column_menu;
mod columns;
mod export;
mod files;
mod filter;
mod group;
mod history;
mod list;
mod moulds;
mod over;
mod picker;
mod rows;
mod select;
mod table;
mod views;

pub use history::Histories;
pub use table::StatusMark;

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;

use super::app::Syncing;
use super::ask::{Asked, use_answer, use_fields};
use super::board::Board;
use super::chart_settings::rounded;
use super::chart_spec::{self, ChartSpec};
use super::edit::use_capabilities;
use super::frame::name_project;
use super::nav::{Nav, use_nav};
use super::projects::SourceNotice;
use super::route::{Column, Eyes, Look, Route, RunsView};
use crate::charts::line_state::Link;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::react::{effect, spawn};
use crate::components::toast::toast;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, FieldsAnswer, NamedRun, Phase, Question, RowsAnswer, RowsAsk, SyncState};
use crate::model::{Capabilities, Field, ProjectKey, RunId};
use crate::query::rows::Sort;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Runs {
    pub project: StoredValue<ProjectKey>,
    pub view: Memo<RunsView>,
    pub fields: Asked<FieldsAnswer>,
    /// The columns shown: chosen, or suggested.
    pub columns: Memo<Vec<Column>>,
    pub rows: Asked<RowsAnswer>,
    /// First row and number of rows the table shows.
    pub window: RwSignal<(u32, u32)>,
    /// Drawn runs with their colour slots.
    pub drawn: Memo<Vec<(NamedRun, u8)>>,
    /// The same, to look one up.
    pub slots: Memo<HashMap<RunId, u8>>,
    /// Of each the number it shares with those that differ in the seed only.
    pub drawn_folds: Memo<Vec<u64>>,
    pub link: Link,
    /// What the source can do.
    pub capabilities: Memo<Capabilities>,
    data: Data,
    nav: Nav,
    histories: Histories,
}

impl Runs {
    /// Every change of the view goes through the address, and can be undone.
    pub fn change(self, change: impl FnOnce(&mut RunsView)) {
        let before = self.view.get_untracked();
        let mut view = before.clone();
        change(&mut view);
        if view != before {
            self.histories.leave(&self.project.get_value(), before, &view);
            self.show(view);
        }
    }

    /// How one chart is shown unlike the others. False: there is no room for it, which is said.
    pub fn set_chart(self, spec: ChartSpec) -> bool {
        let mut is_kept = true;
        self.change(|it| is_kept = chart_spec::set(&mut it.own, spec));
        if !is_kept {
            toast("The link is full: settings of this chart are not kept. Reset some of the others first");
        }
        is_kept
    }

    fn show(self, view: RunsView) {
        self.nav.replace(&Route::Runs(self.project.get_value(), Box::new(view)));
    }

    pub fn set_columns(self, change: impl FnOnce(&mut Vec<Column>)) {
        let mut columns = self.columns.get_untracked();
        change(&mut columns);
        // Those that are pinned stand first, each kind in its order.
        let (mut pinned, rest): (Vec<Column>, Vec<Column>) = columns.into_iter().partition(|it| it.is_pinned);
        pinned.extend(rest);
        self.change(|it| it.columns = Some(pinned));
    }

    /// The next click on a header: descending for metrics first, then ascending, then as it was.
    pub fn sort_by(self, field: &Field, add: bool) {
        let first_descending = matches!(field, Field::Metric(_) | Field::Started);
        self.change(|it| {
            let now = it.sort.iter().position(|sort| sort.field == *field);
            let state = now.map(|at| it.sort[at].descending);
            if !add {
                it.sort.retain(|sort| sort.field == *field);
            }
            match state {
                None => it.sort.push(Sort { field: field.clone(), descending: first_descending }),
                Some(descending) if descending == first_descending => {
                    for sort in it.sort.iter_mut().filter(|sort| sort.field == *field) {
                        sort.descending = !descending;
                    }
                }
                Some(_) => it.sort.retain(|sort| sort.field != *field),
            }
        });
    }

    /// Opens or closes a line that others fold into.
    pub fn turn(self, key: u64) {
        self.change(|it| match it.toggled.iter().position(|it| *it == key) {
            Some(at) => {
                it.toggled.remove(at);
            }
            None => it.toggled.push(key),
        });
    }

    /// Params count as numbers where all of them are.
    pub fn is_numeric(self, field: &Field) -> bool {
        let says = |it: &FieldsAnswer| it.fields.iter().any(|it| it.field == *field && it.numeric);
        field.is_numeric_kind() || self.fields.value.read().as_ref().is_some_and(|it| it.as_ref().is_ok_and(says))
    }
}

/// Runs with their colour slots. `folds`: of each what it shares with those that are drawn as one with it,
/// and so have its colour; empty: each is its own.
pub fn coloured(named: Vec<NamedRun>, folds: &[u64], eyes: &Eyes) -> Vec<(NamedRun, u8)> {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let orders: Vec<usize> = (0..named.len())
        .map(|at| match folds.get(at) {
            Some(fold) => {
                let next = seen.len();
                *seen.entry(*fold).or_insert(next)
            }
            None => at,
        })
        .collect();
    let slot = |(run, order): (NamedRun, usize)| {
        // Colours go round, so that no number of runs is too many.
        let order = u8::try_from(order % 256).unwrap_or(0);
        let slot = match eyes {
            Eyes::These(runs) if folds.is_empty() => runs.iter().find(|it| it.0 == run.id).map_or(order, |it| it.1),
            _ => order,
        };
        (run, slot)
    };
    named.into_iter().zip(orders).map(slot).collect()
}

#[component]
pub fn RunsPage(project: ProjectKey) -> impl IntoView {
    let data = expect_context::<Data>();
    let nav = use_nav();
    let key = StoredValue::new(project.clone());
    let view = Memo::new(move |held: Option<&RunsView>| match nav.route.get() {
        Route::Runs(at, view) if at == key.get_value() => *view,
        _ => held.cloned().unwrap_or_default(),
    });
    let fields = use_fields(key.get_value());
    // What a few runs suggest, such as one that was opened alone, is not what the others do.
    const ENOUGH: u32 = 20;
    let suggested = Memo::new(move |held: Option<&(Vec<Column>, u32)>| {
        let (suggested, n) = fields.with(|it| (it.suggested.clone(), it.n_runs)).unwrap_or_default();
        // A suggestion stays while the rest of the runs stream in, so that columns do not jump.
        match held.filter(|it| it.0.len() > 2 && (it.1 >= ENOUGH || it.1 == n)) {
            Some(held) => held.clone(),
            None => (suggested.into_iter().map(Column::from).collect(), n),
        }
    });
    let columns = Memo::new(move |_| view.get().columns.unwrap_or_else(|| suggested.get().0));
    let window = RwSignal::new((0, 30));
    // What charts show of the view makes no other rows.
    let asked = Memo::new(move |_| view.with(|it| (it.rows_query(), it.toggled.clone(), it.eyes.selection())));
    let rows = use_answer(
        move || {
            data.track(&Event::Runs(key.get_value()));
            let (query, toggled, selection) = asked.get();
            let (offset, limit) = window.get();
            // Rows without their columns would be built twice.
            if view.with_untracked(|it| it.columns.is_none()) && fields.value.with(Option::is_none) {
                return None;
            }
            let fields = columns.get().into_iter().map(|it| it.field).collect();
            let project = key.get_value();
            Some(Question::Rows(Box::new(RowsAsk { project, query, toggled, fields, offset, limit, selection })))
        },
        |told| match told.answer {
            Answer::Rows(it) => Some(*it),
            _ => None,
        },
    );
    let drawn_folds = Memo::new(move |_| rows.with(|it| it.drawn_folds.clone()).unwrap_or_default());
    let drawn = Memo::new(move |_| {
        let named = rows.with(|it| it.drawn.clone()).unwrap_or_default();
        let (eyes, is_folded) = view.with(|it| (it.eyes.clone(), it.charts.folding.is_some()));
        drawn_folds.with(|folds| coloured(named, if is_folded { folds } else { &[] }, &eyes))
    });
    let slots = Memo::new(move |_| drawn.with(|all| all.iter().map(|it| (it.0.id.clone(), it.1)).collect()));
    let runs = Runs {
        project: key,
        view,
        fields,
        columns,
        rows,
        window,
        drawn,
        slots,
        drawn_folds,
        link: Link::new(),
        capabilities: use_capabilities(project.source),
        data,
        nav,
        histories: expect_context::<Histories>(),
    };
    provide_context(runs);
    history::listen(runs);
    keep_seen(runs);
    if view.get_untracked() == RunsView::default()
        && let Some(chosen) = views::default_view(&key.get_value())
    {
        runs.show(chosen);
    }
    let is_painted = tell_frame(data, runs);
    let not_kept = views::open_stored(runs);
    let trouble = Memo::new(move |_| not_kept.get().or_else(|| trouble(runs)));
    // Rows are higher on a phone, so the table is made anew when the window becomes one.
    let is_phone = RwSignal::new(dom::is_phone());
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if is_phone.get_untracked() != dom::is_phone() {
            is_phone.set(dom::is_phone());
        }
    });
    on_cleanup(move || resized.remove());
    // Of the view only the look and the height of rows: a changed sort must not make the table anew.
    let look = Memo::new(move |_| (view.get().look, view.get().more_lines));
    view! {
        <div class="runs">
            <Tabs runs=runs />
            <filter::FilterBar runs=runs />
            {move || trouble.get().map(|problem| view! {
                <div style="padding:0 16px"><SourceNotice problem=problem source=key.get_value().source /></div>
            })}
            {move || match (look.get(), is_phone.get()).0.0 {
                Look::Table => view! { <div class="split">
                    <table::Table runs=runs />
                    <charts::Strip runs=runs is_ready=is_painted />
                </div> }.into_any(),
                Look::Charts => view! { <div class="beside"><list::RunList runs=runs /><charts::Grid runs=runs /></div> }.into_any(),
                Look::Board => view! { <Board runs=runs /> }.into_any(),
            }}
            <Foot runs=runs />
        </div>
    }
}

/// From where to where along x its charts show is in the link too, once it stays so for a moment.
fn keep_seen(runs: Runs) {
    const A_MOMENT: Duration = Duration::from_millis(400);
    let kept = Memo::new(move |_| runs.view.with(|it| it.charts.seen));
    let now = move || runs.link.x.get_untracked().map(rounded);
    effect(move || {
        let kept = kept.get();
        if now() != kept {
            runs.link.x.set(kept);
        }
    });
    let waiting = StoredValue::new(0u32);
    effect(move || {
        runs.link.x.track();
        if now() == kept.get_untracked() {
            return;
        }
        let turn = waiting.try_update_value(|it| {
            *it = it.wrapping_add(1);
            *it
        });
        let keep = move || {
            if waiting.try_get_value() == turn && kept.try_get_untracked().is_some_and(|it| it != now()) {
                runs.change(|it| it.charts.seen = now());
            }
        };
        // All again is where it stays.
        if now().is_none() { keep() } else { set_timeout(keep, A_MOMENT) }
    });
}

/// Shown above the table; what is cached stays below it.
fn trouble(runs: Runs) -> Option<crate::model::Problem> {
    if let Some(problem) = runs.rows.problem() {
        return Some(problem);
    }
    let sync = runs.rows.with(|it| it.sync.clone())?;
    match sync.phase {
        Phase::Failed(problem) => Some(problem),
        _ => sync.not_saved.map(crate::model::Problem::Storage),
    }
}

/// The breadcrumb's names, the top bar's sync line, and the word that rows are on screen; it comes
/// back too, because curves wait for it: rows and charts in one task are a visible stop.
fn tell_frame(data: Data, runs: Runs) -> RwSignal<bool> {
    let is_painted = RwSignal::new(false);
    let syncing = expect_context::<Syncing>();
    name_project(runs.project.get_value(), true);
    effect(move || syncing.0.set(runs.rows.with(|it| it.sync.clone())));
    let has_rows = Memo::new(move |_| runs.rows.with(|it| !it.rows.is_empty()) == Some(true));
    effect(move || {
        if has_rows.get() {
            let painted = Question::Painted(runs.project.get_value());
            // Two frames: the first lays out, the second is after its paint.
            request_animation_frame(move || {
                request_animation_frame(move || {
                    let _ = is_painted.try_set(true);
                    spawn(async move {
                        let _ = data.ask(painted).await;
                    });
                });
            });
        }
    });
    is_painted
}

#[component]
fn Tabs(runs: Runs) -> impl IntoView {
    let tab = move |look: Look, word: &'static str, key: &'static str| {
        view! {
            <button class="tab" role="tab" aria-selected=move || (runs.view.get().look == look).to_string()
                on:click=move |_| runs.change(|it| it.look = look)>
                {word}<span class="key wide">{key}</span>
            </button>
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if is_typing(&event) {
            return;
        }
        match event.key().as_str() {
            "1" => runs.change(|it| it.look = Look::Table),
            "2" => runs.change(|it| it.look = Look::Charts),
            "3" => runs.change(|it| it.look = Look::Board),
            "/" => {
                event.prevent_default();
                dom::focus("#filter");
            }
            _ => {}
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="bar tabs">
            <div role="tablist" aria-label="Look" style="display:flex">
                {tab(Look::Table, "Table", "1")}{tab(Look::Charts, "Charts", "2")}{tab(Look::Board, "Dashboard", "3")}
            </div>
            <span class="grow"></span>
            <RefreshButton runs=runs />
            <views::ViewsButton runs=runs />
            <select::SelectionButton runs=runs />
            <export::ExportButton runs=runs />
            <group::GroupButton runs=runs />
            <picker::ColumnsButton runs=runs />
        </div>
    }
}

pub fn is_typing(event: &leptos::ev::KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key() || is_in_field(event)
}

/// In a field, or in a dialog or menu that lies over the page.
pub fn is_in_field(event: &leptos::ev::KeyboardEvent) -> bool {
    dom::is_within(event, "input, textarea, select, [role=dialog]")
}

/// Where text is written that has an undo of its own, or in a dialog that lies over the page.
pub fn is_in_text(event: &leptos::ev::KeyboardEvent) -> bool {
    dom::is_within(event, "input:not([type=range], [type=checkbox], [type=radio]), textarea, [role=dialog]")
}

/// Reads again; while reading, stops.
#[component]
fn RefreshButton(runs: Runs) -> impl IntoView {
    let data = expect_context::<Data>();
    let busy = Memo::new(move |_| {
        runs.rows.with(|it| matches!(it.sync.phase, Phase::Loading | Phase::Waiting { .. })) == Some(true)
    });
    let act = move |_| {
        let project = runs.project.get_value();
        let question =
            if busy.get_untracked() { Question::Stop(project) } else { Question::Refresh { project, all: true } };
        spawn(async move {
            let _ = data.ask(question).await;
        });
    };
    view! {
        <button class="button quiet" on:click=act title="Read all runs again. What is new is read by itself">
            {move || if busy.get() {
                view! { <Icon name="circle-stop" />"Stop" }.into_any()
            } else {
                view! { <Icon name="refresh-cw" />"Refresh" }.into_any()
            }}
        </button>
    }
}

#[component]
fn Foot(runs: Runs) -> impl IntoView {
    let said = move || {
        let drawn = runs.drawn.with(Vec::len) as u64;
        let is_flat = runs.view.with(|it| it.group.is_flat());
        runs.rows.with(|it| {
            let more = more(&it.sync);
            let broken = (it.n_broken > 0).then(|| format!("{} could not be read whole", format::count(it.n_broken)));
            view! {
                <span><b>{format::count(it.n_matched)}</b>" of "{format::n_of(it.n_cached, "run")}{more}</span>
                {(!is_flat).then(|| view! { <span>{format::n_of(u64::from(it.n_lines), "line")}</span> })}
                <span>{match u64::from(it.n_selected) {
                    n if n > drawn => format!("{} of {} selected drawn", format::count(drawn), format::count(n)),
                    _ => format!("{} drawn", format::count(drawn)),
                }}</span>
                {broken.map(|it| view! { <span class="badge warn">{it}</span> })}
            }
        })
    };
    let is_board = move || runs.view.with(|it| it.look == Look::Board);
    view! {
        <footer class="foot bar">
            {said}
            <span class="keys" aria-hidden="true">
                <span hidden=is_board><span class="key">"J"</span><span class="key">"K"</span>" move"</span>
                <span hidden=is_board><span class="key">"X"</span>" eye"</span>
                <span hidden=is_board><span class="key">"C"</span>" compare"</span>
                <span hidden=is_board><span class="key">"Enter"</span>" open"</span>
                <span><span class="key">"/"</span>" filter"</span>
            </span>
        </footer>
    }
}

fn more(sync: &SyncState) -> &'static str {
    match (&sync.phase, sync.complete) {
        (Phase::Loading, false) => " so far, reading on",
        (Phase::Waiting { .. } | Phase::Failed(_) | Phase::Idle, false) => " cached, more exist",
        _ => "",
    }
}
