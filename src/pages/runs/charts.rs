//! Curves of the drawn runs: a strip below the table, or all metrics by section.

use std::collections::{BTreeMap, HashSet};

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Runs;
use super::chart_bar::ChartBar;
use super::files::LoggedFiles;
use super::over::{AddChart, OverRuns, specs};
use crate::components::corner::Corner;
use crate::components::each::each;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::on_screen::OnScreen;
use crate::components::react::effect;
use crate::model::Field;
use crate::model::order::sort_by_key;
use crate::pages::chart_spec::{self, ChartSpec};
use crate::pages::metric_chart::{MetricChart, Own};
use crate::pages::route::{Eyes, FIRST_EYES};
use crate::query::derived::MARK;

/// Suggested metrics first: those of the columns shown.
fn metrics(runs: Runs) -> Vec<String> {
    let mut names: Vec<String> = runs
        .columns
        .get()
        .into_iter()
        .filter_map(|it| match it.field {
            Field::Metric(name) | Field::Figure(_, name) => Some(name),
            _ => None,
        })
        .collect();
    // A metric may have several columns.
    let mut seen = HashSet::new();
    names.retain(|it| seen.insert(it.clone()));
    if names.is_empty() {
        let suggested = runs.fields.with(|it| it.suggested.clone()).unwrap_or_default();
        names.extend(suggested.into_iter().filter_map(|it| match it {
            Field::Metric(name) => Some(name),
            _ => None,
        }));
    }
    names
}

/// Curves of what the table shows, below it, once its rows are on screen.
#[component]
pub fn Strip(runs: Runs, is_ready: RwSignal<bool>) -> impl IntoView {
    let names = Memo::new(move |_| metrics(runs).into_iter().take(3).collect::<Vec<_>>());
    // One more with each frame.
    let n_ready = RwSignal::new(0usize);
    effect(move || {
        let n = n_ready.get();
        if is_ready.get() && n < names.get().len() {
            request_animation_frame(move || {
                let _ = n_ready.try_set(n + 1);
            });
        }
    });
    let drawn = move || names.get().into_iter().take(n_ready.get()).collect::<Vec<_>>();
    view! {
        <Show when=move || !names.get().is_empty()>
            <section class="strip" aria-label="Curves">
                {each(drawn, String::clone, move |name| view! {
                    <MetricChart project=runs.project.get_value() metric=name drawn=runs.drawn.into() folds=runs.drawn_folds link=runs.link
                        settings=Signal::derive(move || runs.view.get().charts) />
                }.into_any())}
            </section>
        </Show>
    }
}

/// Which metrics a search finds: those with its letters, and those that it is a pattern of.
fn finder(word: &str) -> Box<dyn Fn(&str) -> bool> {
    let pattern = is_quick(word).then(|| pattern(word)).flatten();
    let word = word.to_lowercase();
    Box::new(move |name| name.to_lowercase().contains(&word) || pattern.as_ref().is_some_and(|it| it.test(name)))
}

/// The browser's own patterns may take forever: not with few repetitions and none of a group.
fn is_quick(word: &str) -> bool {
    let repeats = |it: char| matches!(it, '*' | '+' | '{' | '?');
    let groups = word.chars().zip(word.chars().skip(1)).any(|it| it.0 == ')' && repeats(it.1));
    !groups && word.chars().filter(|it| repeats(*it)).count() <= 2
}

/// None: it is no pattern.
fn pattern(word: &str) -> Option<js_sys::RegExp> {
    let made: js_sys::Function = js_sys::Reflect::get(&window(), &"RegExp".into()).ok()?.dyn_into().ok()?;
    js_sys::Reflect::construct(&made, &js_sys::Array::of2(&word.into(), &"i".into())).ok()?.dyn_into().ok()
}

/// No prefix is called so: those end with a slash.
const PINNED: &str = "Pinned";

/// A heading and its metrics.
#[derive(Clone, PartialEq)]
struct Group {
    title: String,
    metrics: Vec<String>,
}

/// All metrics: those that are pinned, then by what stands before the first `/`.
fn groups(runs: Runs, search: &str) -> Vec<Group> {
    let is_found = finder(search);
    let names: Vec<String> = runs
        .fields
        .ok()
        .map(|it| it.fields)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|it| if let Field::Metric(name) = it.field { Some(name) } else { None })
        .collect();
    let pinned: Vec<String> = runs.view.with(|it| {
        it.own
            .iter()
            .filter(|it| it.is_pinned && (names.contains(&it.metric) || it.metric.starts_with(MARK)))
            .map(|it| it.metric.clone())
            .collect()
    });
    let mut by_prefix: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names.into_iter().filter(|it| is_found(it) && !pinned.contains(it)) {
        let prefix = name.split_once('/').map_or("", |it| it.0).to_owned();
        by_prefix.entry(prefix).or_default().push(name);
    }
    let mut all: Vec<(String, Vec<String>)> = by_prefix.into_iter().collect();
    // What tells how good a run is comes first, the machine's own figures last.
    sort_by_key(&mut all, |it| {
        (it.0 == "system", !(it.0.starts_with("val") || it.0.starts_with("test")), it.0.clone())
    });
    let pinned: Vec<String> = pinned.into_iter().filter(|it| is_found(it)).collect();
    let pinned = (!pinned.is_empty()).then(|| Group { title: PINNED.to_owned(), metrics: pinned });
    let title = |it: String| if it.is_empty() { "Metrics".to_owned() } else { format!("{it}/") };
    pinned.into_iter().chain(all.into_iter().map(|(name, metrics)| Group { title: title(name), metrics })).collect()
}

#[component]
pub fn Grid(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let groups = Memo::new(move |_| groups(runs, &search.get()));
    let finds_over = move || {
        let is_found = finder(&search.get());
        !search.get().is_empty() && specs(runs).iter().any(|it| is_found(&it.title()))
    };
    // What is pinned and how good runs are comes first, then what it turns on, then the rest.
    let part = move |first: bool| {
        let n_first = groups.with(|it| it.iter().take(2).take_while(|it| it.title == PINNED).count()) + 1;
        let (from, n) = if first { (0, n_first) } else { (n_first, usize::MAX) };
        groups.get().into_iter().map(|it| it.title).skip(from).take(n).collect::<Vec<_>>()
    };
    let size = Memo::new(move |_| runs.view.with(|it| it.charts.size));
    let has_rows = Memo::new(move |_| runs.rows.with(|it| it.n_matched > 0).unwrap_or(false));
    let has_none_drawn = Memo::new(move |_| has_rows.get() && runs.drawn.with(Vec::is_empty));
    view! {
        <section class=move || format!("chartgrid {}", size.get().word()) aria-label="Charts">
            <div class="bar charttools">
                <ChartBar runs=runs has_sizes=true />
                <AddChart runs=runs />
                <div class="search"><Icon name="search" />
                    <input class="input" type="search" placeholder="Find a chart" title="Letters of its name, or a pattern" aria-label="Find a chart" bind:value=search />
                </div>
            </div>
            {move || has_none_drawn.get().then(|| none_drawn(runs))}
            {each(move || part(true), |it| it.clone(), move |title| view! { <Section runs=runs title=title groups=groups search=search /> }.into_any())}
            <OverRuns runs=runs search=search is_found=Callback::new(move |title: String| finder(&search.get())(&title)) />
            {each(move || part(false), |it| it.clone(), move |title| view! { <Section runs=runs title=title groups=groups search=search /> }.into_any())}
            <LoggedFiles runs=runs is_hidden=Signal::derive(move || !search.get().is_empty()) />
            {move || (groups.get().is_empty() && !finds_over() && runs.fields.with(|_| ()).is_some()).then(|| none(search))}
        </section>
    }
}

/// Above charts without a curve.
fn none_drawn(runs: Runs) -> impl IntoView {
    let draw = move |_| {
        runs.begin_step();
        runs.change(|it| it.eyes = Eyes::First(FIRST_EYES));
    };
    view! {
        <div class="bar undrawn"><span>"No run is drawn."</span>
            <button class="button" on:click=draw>{format!("Draw the first {FIRST_EYES}")}</button>
            <span class="minor">"Or open the eyes of those you look for, in the list."</span>
        </div>
    }
}

/// In place of charts: there is nothing to draw, or nothing is found.
fn none(search: RwSignal<String>) -> impl IntoView {
    let word = search.get();
    let (title, text) = match () {
        () if word.is_empty() => ("No metric to draw".to_owned(), "No run here logged one."),
        () if is_quick(&word) && pattern(&word).is_none() => {
            (format!("No chart is called “{word}”"), "As a pattern it can't be read either: is a bracket left open?")
        }
        () => (format!("No chart is called “{word}”"), "Letters of a name are looked for, or a pattern such as ^val/."),
    };
    view! {
        <div class="empty"><div class="notice"><div class="title"><bdi>{title}</bdi></div>
        <div class="text">{text}</div>
        <div class="actions" hidden=word.is_empty()>
            <button class="button" on:click=move |_| search.set(String::new())>"Show all charts"</button></div></div></div>
    }
}

/// Its charts stay when others come or go.
#[component]
fn Section(runs: Runs, title: String, groups: Memo<Vec<Group>>, search: RwSignal<String>) -> impl IntoView {
    let name = title.clone();
    let is_open = is_open(runs, &title, search);
    let metrics = Memo::new(move |_| {
        groups.with(|all| all.iter().find(|it| it.title == name).map(|it| it.metrics.clone())).unwrap_or_default()
    });
    let n = move || format::n_of(metrics.with(Vec::len) as u64, "metric");
    view! {
        <SectionHead runs=runs title=title is_open=is_open note=Signal::derive(n) />
        <Show when=move || is_open.get()>
            <div class="charts">
                {each(move || metrics.get(), String::clone, move |metric| view! { <One runs=runs metric=metric /> }.into_any())}
            </div>
        </Show>
    }
}

/// What is looked for is shown wherever it stands.
pub fn is_open(runs: Runs, title: &str, search: RwSignal<String>) -> Memo<bool> {
    let title = title.to_owned();
    Memo::new(move |_| search.with(|it| !it.is_empty()) || runs.view.with(|it| !it.folded.contains(&title)))
}

/// Folds its section by a click.
#[component]
pub fn SectionHead(
    runs: Runs,
    title: String,
    is_open: Memo<bool>,
    #[prop(into)] note: Signal<String>,
) -> impl IntoView {
    let name = title.clone();
    let fold = move |_| {
        runs.begin_step();
        runs.change(|it| match it.folded.iter().position(|it| *it == name) {
            Some(at) => {
                it.folded.remove(at);
            }
            None => it.folded.push(name.clone()),
        });
    };
    view! {
        <div class="section">
            <button class="fold" aria-expanded=move || is_open.get().to_string() on:click=fold>
                <Icon name="chevron-down" /><span>{title}</span>
            </button>
            <span class="minor">{move || note.get()}</span>
        </div>
    }
}

#[component]
fn One(runs: Runs, metric: String) -> impl IntoView {
    let name = StoredValue::new(metric);
    let spec = Memo::new(move |_| runs.view.with(|it| name.with_value(|name| chart_spec::find(&it.own, name))));
    let change = Callback::new(move |new: ChartSpec| {
        // A zoom along both axes is one step, and so is what follows it soon.
        if (ChartSpec { seen: new.seen, ..spec.get_untracked() }) != new {
            runs.begin_step();
        }
        let _ = runs.set_chart(new);
    });
    let own = Own { is_in_grid: true, spec: spec.into(), change };
    view! {
        <OnScreen is_wide=Signal::derive(move || spec.get().is_wide) is_tall=Signal::derive(move || spec.get().is_tall)>
            <MetricChart project=runs.project.get_value() metric=name.get_value() drawn=runs.drawn.into()
                folds=runs.drawn_folds link=runs.link own=own settings=Signal::derive(move || runs.view.get().charts) />
            <Corner double=Signal::derive(move || spec.with(|it| (it.is_wide, it.is_tall)))
                on_begin=move |()| runs.begin_step()
                on_change=move |(is_wide, is_tall)| { let _ = runs.set_chart(ChartSpec { is_wide, is_tall, ..spec.get_untracked() }); } />
        </OnScreen>
    }
}
