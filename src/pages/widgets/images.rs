//! The same pictures of several runs, side by side: a file, or those of a folder, of each drawn run. Where
//! their names tell a step, one slider goes through them all.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says};
use crate::charts::palette;
use crate::components::{format, words};
use crate::engine::protocol::{Answer, NamedRun, Question};
use crate::model::order::sort_by;
use crate::pages::ask::use_answer;
use crate::pages::board::spec::Settings;
use crate::pages::run::{Image, is_image};

/// Of a run, and runs.
const MOST_EACH: usize = 24;
const MOST_RUNS: usize = 12;

pub const KIND: Kind = Kind {
    word: "images",
    label: "Pictures",
    about: "the same pictures of each drawn run, by step",
    icon: "image",
    size: (6, 9),
    settings: |_| {
        vec![
            Setting::new("path", "File or folder", Takes::Text, "its path among each run's artifacts; images"),
            Setting::new("size", "Width of one", Takes::Number, "96"),
        ]
    },
    title: |_, set| set.get("path").unwrap_or("Pictures").to_owned(),
    first: |_, _| Settings::of([("path", "images")]),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let path = scope.setting("path");
    let size = scope.setting("size");
    let width = Memo::new(move |_| size.get().parse::<u32>().unwrap_or(96).clamp(16, 1_024));
    let steps = RwSignal::new(BTreeSet::<u64>::new());
    let at = RwSignal::new(usize::MAX);
    let runs = Memo::new(move |_| scope.drawn.with(|all| all.iter().take(MOST_RUNS).cloned().collect::<Vec<_>>()));
    let step = Memo::new(move |_| steps.with(|all| all.iter().nth(at.get().min(all.len().saturating_sub(1))).copied()));
    view! {
        {move || {
            let path = path.get();
            if path.is_empty() {
                return says("No file or folder named", "Name one in the settings of this widget.");
            }
            if runs.with(Vec::is_empty) {
                return says("No run is drawn", "Open the eyes of those whose pictures to show.");
            }
            steps.set(BTreeSet::new());
            let path = StoredValue::new(path);
            view! {
                <div class="widget-images" style=move || format!("--w:{}px", width.get())>
                    <For each=move || runs.get() key=id_of let:one>
                        <OfRun scope=scope one=one path=path.get_value() steps=steps step=step />
                    </For>
                </div>
                <Show when=move || { steps.with(BTreeSet::len) > 1 }>
                    <label class="widget-slider"><span>"step"</span>
                        <input type="range" min="0" max=move || steps.with(|it| it.len() - 1).to_string()
                            prop:value=move || at.get().min(steps.with(|it| it.len().saturating_sub(1))).to_string()
                            on:input=move |event| at.set(event_target_value(&event).parse().unwrap_or(usize::MAX)) />
                        <span class="value">{move || step.get().map(format::count)}</span>
                    </label>
                </Show>
            }.into_any()
        }}
    }
    .into_any()
}

fn id_of(it: &(NamedRun, u8)) -> crate::model::RunId {
    it.0.id.clone()
}

#[component]
fn OfRun(
    scope: Scope,
    one: (NamedRun, u8),
    path: String,
    steps: RwSignal<BTreeSet<u64>>,
    step: Memo<Option<u64>>,
) -> impl IntoView {
    let (run, slot) = one;
    let key = StoredValue::new(scope.project.get_value().run(run.id.clone()));
    let is_file = is_image(&path);
    let asked = {
        let path = path.clone();
        use_answer(
            move || (!is_file).then(|| Question::Artifacts { run: key.get_value(), path: path.clone() }),
            |told| match told.answer {
                Answer::Artifacts(it) => Some(it),
                _ => None,
            },
        )
    };
    let all = Memo::new(move |_| {
        if is_file {
            return vec![path.clone()];
        }
        let entries = asked.ok().map(|it| it.entries).unwrap_or_default();
        let mut all: Vec<String> =
            entries.into_iter().filter(|it| !it.is_dir && is_image(&it.path)).map(|it| it.path).collect();
        // 2 before 10.
        sort_by(&mut all, |a, b| natural(a).cmp(&natural(b)));
        all
    });
    crate::components::react::effect(move || {
        let found: Vec<u64> = all.with(|all| all.iter().filter_map(|it| step_of(it)).collect());
        if !found.is_empty() && steps.with_untracked(|held| found.iter().any(|it| !held.contains(it))) {
            steps.update(|it| it.extend(found));
        }
    });
    let shown = move || {
        let step = step.get();
        let is_shown = |it: &String| step.is_none() || step_of(it).is_none_or(|it| Some(it) == step);
        all.get().into_iter().filter(is_shown).take(MOST_EACH).collect::<Vec<_>>()
    };
    let said = move || match asked.value.get() {
        Some(Err(problem)) => Some(words::of(&problem).title),
        Some(Ok(_)) if all.with(Vec::is_empty) => Some("no picture there".to_owned()),
        _ => None,
    };
    view! {
        <figure class="of-run">
            <figcaption class="minor"><span class="line-sample" style=palette::sample(slot)></span><bdi class="cut">{run.name}</bdi></figcaption>
            <div class="pictures">
                <For each=shown key=|it| it.clone() let:path><Image key=key.get_value() path=path /></For>
                {move || said().map(|it| view! { <span class="minor">{it}</span> })}
            </div>
        </figure>
    }
}

/// Numbers in a name count as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|it: char| it.is_ascii_digit()).unwrap_or(rest.len());
        let (before, after) = rest.split_at(text);
        let digits = after.find(|it: char| !it.is_ascii_digit()).unwrap_or(after.len());
        parts.push((0, before.to_owned()));
        parts.push((after[..digits].parse().unwrap_or(u64::MAX), String::new()));
        rest = &after[digits..];
    }
    parts
}

/// The number after "step" in a name, as in `errors%step%3%timestamp%…png` or `step_0003.png`.
fn step_of(path: &str) -> Option<u64> {
    let name = path.rsplit('/').next()?;
    let after = name.split_once("step").map(|it| it.1.trim_start_matches(|it: char| !it.is_ascii_digit()));
    let digits: String = after?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
