//! Charts over the runs that match: which there are, what they are made of, one more.

use leptos::prelude::*;

use super::Runs;
use super::calculation::Calculation;
use super::charts::{SectionHead, is_open};
use crate::charts::over::{Arrange, KINDS, Slot};
use crate::components::each::each;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::on_screen::OnScreen;
use crate::components::toast::toast;
use crate::model::{Field, RunId};
use crate::pages::chart_spec::ChartSpec;
use crate::pages::over_spec::{self, OverSpec, first_fields, fits};
use crate::pages::route::{Eyes, MOST_EYES};
use crate::pages::sheet_chart::SheetChart;
use crate::query::derived::MARK;

/// Chosen, or suggested.
pub fn specs(runs: Runs) -> Vec<OverSpec> {
    if let Some(chosen) = runs.view.get().over {
        return chosen;
    }
    let Some(fields) = runs.fields.ok() else { return Vec::new() };
    over_spec::suggested(&fields.fields, fields.n_runs, target(runs).as_ref())
}

/// What all is about: the first metric among the columns.
fn target(runs: Runs) -> Option<Field> {
    let is_value = |it: &Field| matches!(it, Field::Metric(_) | Field::Figure(..) | Field::Expr(_));
    runs.columns.get().into_iter().map(|it| it.field).find(is_value)
}

fn change(runs: Runs, work: impl FnOnce(&mut Vec<OverSpec>)) {
    runs.begin_step();
    let mut all = untrack(|| specs(runs));
    work(&mut all);
    if over_spec::fit_a_link(&all) {
        runs.change(|it| it.over = Some(all));
    } else {
        toast("A link has room for 40 charts over runs, of 16 fields each: take one away first");
    }
}

fn arrange(runs: Runs, at: usize, how: Arrange) {
    change(runs, |all| {
        if let Some(it) = all.get_mut(at) {
            it.arrange(how);
        }
    });
}

/// A button that adds a chart.
#[component]
pub fn AddChart(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    let add = move |at: usize| {
        open.set(false);
        let kind = &KINDS[at];
        let fields = untrack(|| runs.fields.ok()).map(|it| it.fields).unwrap_or_default();
        let fields = first_fields(kind, &fields, untrack(|| target(runs)).as_ref());
        change(runs, |all| all.insert(0, OverSpec::of(kind.word, fields)));
    };
    // A curve that nobody logged. What is half typed is there when the menu is opened again.
    let typed = RwSignal::new(String::new());
    let add_curve = move |text: String| {
        let spec = ChartSpec { is_pinned: true, ..ChartSpec::of(&format!("{MARK} {text}")) };
        runs.begin_step();
        if runs.set_chart(spec) {
            open.set(false);
            typed.set(String::new());
        }
    };
    view! {
        <div style="position:relative">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="plus" />"Chart"
            </button>
            <Popover open=open label="Add a chart over the runs" place="left:0;top:28px;min-width:220px">
                {KINDS.iter().enumerate().map(|(at, kind)| view! {
                    <button class="item" on:click=move |_| add(at)>{kind.label}</button>
                }).collect_view()}
                <hr/>
                <Calculation runs=runs label="Curve of a calculation" example="train/loss - val/loss" typed=typed is_curve=true on_add=add_curve />
            </Popover>
        </div>
    }
}

#[component]
pub fn OverRuns(
    runs: Runs,
    search: RwSignal<String>,
    /// By its title.
    is_found: Callback<String, bool>,
) -> impl IntoView {
    const TITLE: &str = "Across runs";
    let is_open = is_open(runs, TITLE, search);
    let all = Memo::new(move |_| specs(runs));
    let at_all = move || {
        let found = |it: &(usize, OverSpec)| is_found.run(it.1.title());
        all.get().into_iter().enumerate().filter(found).collect::<Vec<_>>()
    };
    view! {
        <Show when=move || !at_all().is_empty()>
            <SectionHead runs=runs title=TITLE.to_owned() is_open=is_open note="all that match the filter" />
            <Show when=move || is_open.get()>
                <div class="charts across">
                    {each(at_all, |it| (it.0, it.1.kind), move |one| view! {
                        <One runs=runs at=one.0 kind=one.1.kind all=all />
                    }.into_any())}
                </div>
            </Show>
        </Show>
    }
}

/// The chart at one place of the list. Its fields may change while it stands.
#[component]
fn One(runs: Runs, at: usize, kind: &'static str, all: Memo<Vec<OverSpec>>) -> impl IntoView {
    let spec = Memo::new(move |held: Option<&OverSpec>| {
        let now = all.get().into_iter().nth(at).filter(|it| it.kind == kind);
        now.or_else(|| held.cloned()).unwrap_or(OverSpec::of(kind, Vec::new()))
    });
    let class = if kind == "parallel" { "wide" } else { "" };
    view! {
        <div class=class><OnScreen><Chart runs=runs at=at spec=spec /></OnScreen></div>
    }
}

#[component]
fn Chart(runs: Runs, at: usize, spec: Memo<OverSpec>) -> impl IntoView {
    let select = move |chosen: Vec<RunId>| {
        let slots = chosen.into_iter().take(MOST_EYES).zip((0u8..=255).cycle());
        runs.change(|it| it.eyes = Eyes::These(slots.collect()));
    };
    let clip = move |clips: bool| {
        runs.begin_step();
        runs.change(|it| it.charts.clips = clips);
    };
    view! {
        <SheetChart project=runs.project.get_value() query=Signal::derive(move || runs.view.get().rows_query()) spec=spec
            clips=Signal::derive(move || runs.view.with(|it| it.charts.clips)) on_clips=Some(Callback::new(clip))
            on_select=Some(Callback::new(select)) on_arrange=Some(Callback::new(move |how| arrange(runs, at, how)))>
            <Fields runs=runs at=at spec=spec />
        </SheetChart>
    }
}

/// Which fields a chart is made of, and its end.
#[component]
fn Fields(runs: Runs, at: usize, spec: Memo<OverSpec>) -> impl IntoView {
    let open = RwSignal::new(false);
    let set = move |place: usize, field: Option<Field>| {
        change(runs, |all| {
            if let Some(it) = all.get_mut(at) {
                it.put(place, field);
            }
        });
    };
    let remove = move |_| {
        open.set(false);
        change(runs, |all| {
            if at < all.len() {
                all.remove(at);
            }
        });
    };
    let slots = move || {
        let spec = spec.get();
        let slots = spec.kind().slots;
        let last_is_many = slots.last().is_some_and(|it| it.is_many);
        // What may be left out comes after what stands before it.
        let needed = slots.iter().filter(|it| !it.is_optional).count();
        let n = if last_is_many { spec.fields.len() + 1 } else { slots.len().min(needed.max(spec.fields.len() + 1)) };
        (0..n)
            .map(|place| {
                let slot = &slots[place.min(slots.len() - 1)];
                let field = spec.fields.get(place).cloned();
                let turns =
                    (spec.kind().has_axes && field.is_some()).then(|| view! { <Turns runs=runs at=at place=place /> });
                view! {
                    <div class="axis">
                        <FieldChoice runs=runs of=slot place=place field=field on_choose=move |it| set(place, it) />
                        {turns}
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <div style="position:relative">
            <button class="button quiet square" aria-label="Fields of this chart" title="Fields of this chart"
                aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="settings-2" />
            </button>
            <Popover open=open label="Fields of this chart" place="right:0;top:24px;min-width:290px" class="fields-menu">
                {slots}
                <hr/>
                <button class="item" on:click=remove><Icon name="x" />"Remove this chart"</button>
            </Popover>
        </div>
    }
}

/// What a pull at an axis does, for those who do not pull.
#[component]
fn Turns(runs: Runs, at: usize, place: usize) -> impl IntoView {
    let to_left = move |_| arrange(runs, at, Arrange::Move { from: place, to: place.saturating_sub(1) });
    view! {
        <button class="button quiet square" aria-label="To the left" title="To the left" disabled=place == 0 on:click=to_left>"←"</button>
        <button class="button quiet square" aria-label="Upside down" title="Upside down"
            on:click=move |_| arrange(runs, at, Arrange::Flip(place))>"↕"</button>
    }
}

/// So many that a list of all would only slow the page; the others can be typed.
const MOST_OPTIONS: usize = 300;

#[component]
fn FieldChoice(
    runs: Runs,
    of: &'static Slot,
    place: usize,
    field: Option<Field>,
    #[prop(into)] on_choose: Callback<Option<Field>>,
) -> impl IntoView {
    let said = field.map(|it| it.to_string()).unwrap_or_default();
    let is_wrong = RwSignal::new(false);
    let id = format!("fields-{}-{place}", of.name);
    let options = move || {
        let all = runs.fields.ok().map(|it| it.fields).unwrap_or_default();
        let fitting = all.into_iter().filter(|it| fits(of.takes, it)).take(MOST_OPTIONS);
        fitting.map(|it| view! { <option value=it.field.to_string()></option> }).collect_view()
    };
    let choose = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let field = text.trim().parse::<Field>().ok();
        is_wrong.set(field.is_none() && !text.trim().is_empty());
        if field.is_some() || text.trim().is_empty() {
            on_choose.run(field);
        }
    };
    let name = if of.is_many { format!("{} {}", of.name, place + 1) } else { of.name.to_owned() };
    let hint = if of.is_optional || of.is_many { "none" } else { "a field, such as params.lr" };
    view! {
        <label class="line"><span>{name}</span>
            <input class="input" list=id.clone() prop:value=said placeholder=hint aria-invalid=move || is_wrong.get().to_string() on:change=choose />
            <datalist id=id>{options}</datalist>
        </label>
    }
}
