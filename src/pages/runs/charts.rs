//! Curves of the drawn runs: a strip below the table, or all metrics by section.

use std::collections::{BTreeMap, HashSet};

use leptos::prelude::*;

use super::Runs;
use super::chart_bar::ChartBar;
use super::over::{AddChart, OverRuns};
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::on_screen::OnScreen;
use crate::components::react::effect;
use crate::model::Field;
use crate::model::order::sort_by_key;
use crate::pages::metric_chart::MetricChart;

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

/// All metrics, by what stands before the first `/`.
#[component]
pub fn Grid(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let sections = Memo::new(move |_| {
        let word = search.get().to_lowercase();
        let mut by_prefix: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for info in runs.fields.ok().map(|it| it.fields).unwrap_or_default() {
            if let Field::Metric(name) = info.field
                && name.to_lowercase().contains(&word)
            {
                let prefix = name.split_once('/').map_or("", |it| it.0).to_owned();
                by_prefix.entry(prefix).or_default().push(name);
            }
        }
        let mut all: Vec<(String, Vec<String>)> = by_prefix.into_iter().collect();
        // What tells how good a run is comes first, the machine's own figures last.
        sort_by_key(&mut all, |it| {
            (it.0 == "system", !(it.0.starts_with("val") || it.0.starts_with("test")), it.0.clone())
        });
        all
    });
    // How good runs are comes first, then what it turns on, then the rest.
    let part = move |first: bool| {
        let (from, n) = if first { (0, 1) } else { (1, usize::MAX) };
        sections.get().into_iter().skip(from).take(n).collect::<Vec<_>>()
    };
    view! {
        <section class="chartgrid" aria-label="Charts">
            <div class="bar charttools">
                <ChartBar runs=runs />
                <AddChart runs=runs />
                <div class="search"><Icon name="search" />
                    <input class="input" type="search" placeholder="Find a chart" aria-label="Find a chart" bind:value=search />
                </div>
            </div>
            <For each=move || part(true) key=|it| it.clone() let:section>
                <Section runs=runs name=section.0 metrics=section.1 />
            </For>
            <Show when=move || search.get().is_empty()><OverRuns runs=runs /></Show>
            <For each=move || part(false) key=|it| it.clone() let:section>
                <Section runs=runs name=section.0 metrics=section.1 />
            </For>
            {move || (sections.get().is_empty() && runs.fields.ok().is_some()).then(|| view! {
                <div class="empty"><div class="notice"><div class="title">"No metric to draw"</div>
                <div class="text">"No run here logged one, or none matches the search."</div></div></div>
            })}
        </section>
    }
}

#[component]
fn Section(runs: Runs, name: String, metrics: Vec<String>) -> impl IntoView {
    let title = if name.is_empty() { "Metrics".to_owned() } else { format!("{name}/") };
    let n = format::n_of(metrics.len() as u64, "metric");
    view! {
        <div class="section"><span>{title}</span><span class="minor">{n}</span></div>
        <div class="charts">
            {metrics.into_iter().map(|metric| view! {
                <OnScreen><MetricChart project=runs.project.get_value() metric=metric.clone()
                    drawn=runs.drawn.into() folds=runs.drawn_folds link=runs.link
                    settings=Signal::derive(move || runs.view.get().charts) /></OnScreen>
            }).collect_view()}
        </div>
    }
}
