//! Curves of the drawn runs: a strip below the table, or all metrics by section.

use std::collections::{BTreeMap, HashSet};

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Runs;
use super::chart_bar::ChartBar;
use super::over::{AddChart, OverRuns};
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::on_screen::OnScreen;
use crate::components::react::effect;
use crate::model::Field;
use crate::model::order::sort_by_key;
use crate::pages::chart_spec;
use crate::pages::metric_chart::{MetricChart, Own};

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
        let suggested = runs.fields.ok().map(|it| it.suggested).unwrap_or_default();
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
                <For each=drawn key=|it| it.clone() let:name>
                    <MetricChart project=runs.project.get_value() metric=name drawn=runs.drawn.into() folds=runs.drawn_folds link=runs.link
                        settings=Signal::derive(move || runs.view.get().charts) />
                </For>
            </section>
        </Show>
    }
}

/// Which metrics a search finds: a pattern, or where it is none the letters themselves.
fn finder(word: &str) -> Box<dyn Fn(&str) -> bool> {
    let made = js_sys::Reflect::get(&window(), &"RegExp".into()).ok().and_then(|it| it.dyn_into().ok());
    let pattern = made.and_then(|it: js_sys::Function| {
        js_sys::Reflect::construct(&it, &js_sys::Array::of2(&word.into(), &"i".into())).ok()
    });
    match pattern.and_then(|it| it.dyn_into::<js_sys::RegExp>().ok()) {
        Some(pattern) => Box::new(move |name| pattern.test(name)),
        None => {
            let word = word.to_lowercase();
            Box::new(move |name| name.to_lowercase().contains(&word))
        }
    }
}

/// A heading and its metrics.
#[derive(Clone, PartialEq, Eq, Hash)]
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
        it.own.iter().filter(|it| it.is_pinned && names.contains(&it.metric)).map(|it| it.metric.clone()).collect()
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
    let pinned = (!pinned.is_empty()).then(|| Group { title: "Pinned".to_owned(), metrics: pinned });
    let title = |it: String| if it.is_empty() { "Metrics".to_owned() } else { format!("{it}/") };
    pinned.into_iter().chain(all.into_iter().map(|(name, metrics)| Group { title: title(name), metrics })).collect()
}

#[component]
pub fn Grid(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let groups = Memo::new(move |_| groups(runs, &search.get()));
    // How good runs are comes first, then what it turns on, then the rest.
    let part = move |first: bool| {
        let (from, n) = if first { (0, 1) } else { (1, usize::MAX) };
        groups.get().into_iter().skip(from).take(n).collect::<Vec<_>>()
    };
    view! {
        <section class="chartgrid" aria-label="Charts">
            <div class="bar charttools">
                <ChartBar runs=runs />
                <AddChart runs=runs />
                <div class="search"><Icon name="search" />
                    <input class="input" type="search" placeholder="Find a chart: letters or a pattern" aria-label="Find a chart" bind:value=search />
                </div>
            </div>
            <For each=move || part(true) key=|it| it.clone() let:group>
                <Section runs=runs group=group />
            </For>
            <Show when=move || search.get().is_empty()><OverRuns runs=runs /></Show>
            <For each=move || part(false) key=|it| it.clone() let:group>
                <Section runs=runs group=group />
            </For>
            {move || (groups.get().is_empty() && runs.fields.ok().is_some()).then(|| view! {
                <div class="empty"><div class="notice"><div class="title">"No metric to draw"</div>
                <div class="text">"No run here logged one, or none matches the search."</div></div></div>
            })}
        </section>
    }
}

#[component]
fn Section(runs: Runs, group: Group) -> impl IntoView {
    let n = format::n_of(group.metrics.len() as u64, "metric");
    view! {
        <div class="section"><span>{group.title}</span><span class="minor">{n}</span></div>
        <div class="charts">
            {group.metrics.into_iter().map(|metric| view! { <One runs=runs metric=metric /> }).collect_view()}
        </div>
    }
}

#[component]
fn One(runs: Runs, metric: String) -> impl IntoView {
    let name = StoredValue::new(metric);
    let spec = Memo::new(move |_| runs.view.with(|it| name.with_value(|name| chart_spec::find(&it.own, name))));
    let change = Callback::new(move |spec| runs.change(|it| chart_spec::set(&mut it.own, spec)));
    let own = Own { spec: spec.into(), change };
    view! {
        <OnScreen is_wide=Signal::derive(move || spec.get().is_wide)>
            <MetricChart project=runs.project.get_value() metric=name.get_value() drawn=runs.drawn.into()
                folds=runs.drawn_folds link=runs.link own=own settings=Signal::derive(move || runs.view.get().charts) />
        </OnScreen>
    }
}
