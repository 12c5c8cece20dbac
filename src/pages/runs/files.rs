//! Below the charts: what the drawn runs logged by step as files. Looked for only when somebody comes near: it asks the
//! tracker for a few folders of the first drawn run.

use leptos::prelude::*;

use super::Runs;
use crate::components::on_screen::{Near, OnScreen};
use crate::engine::protocol::{Answer, Question};
use crate::model::RunKey;
use crate::pages::ask::use_answer;
use crate::pages::by_step::{FilesByStep, StepSlider, Steps};
use crate::pages::run::is_image;
use crate::query::by_step::parts;

/// Folders of a run that are looked into.
const MOST_FOLDERS: usize = 12;
const WIDTH: u32 = 128;

#[component]
pub fn LoggedFiles(runs: Runs) -> impl IntoView {
    let first = Memo::new(move |_| {
        let project = runs.project.get_value();
        runs.drawn.with(|all| all.first().map(|it| project.run(it.0.id.clone())))
    });
    view! {
        <div class="logged">
            <OnScreen>
                {move || first.get().map(|run| view! { <Folders runs=runs run=run /> })}
            </OnScreen>
        </div>
    }
}

/// Of a run: its files, and the names of its folders.
fn listed(run: RunKey, path: String) -> impl Fn() -> (Vec<String>, Vec<String>) + Copy + Send + Sync {
    let near = use_context::<Near>();
    let asked = use_answer(
        move || {
            let is_near = near.is_none_or(|it| it.0.get());
            is_near.then(|| Question::Artifacts { run: run.clone(), path: path.clone() })
        },
        |told| match told.answer {
            Answer::Artifacts(it) => Some(it),
            _ => None,
        },
    );
    move || {
        let entries = asked.ok().map(|it| it.entries).unwrap_or_default();
        let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|it| it.is_dir);
        (files.into_iter().map(|it| it.path).collect(), folders.into_iter().map(|it| it.path).collect())
    }
}

#[component]
fn Folders(runs: Runs, run: RunKey) -> impl IntoView {
    let steps = Steps::new();
    let root = listed(run.clone(), String::new());
    let found = RwSignal::new(0u32);
    let folders = Memo::new(move |_| {
        let inner = root().1.into_iter().filter(|it| it != "halimede").take(MOST_FOLDERS);
        std::iter::once(String::new()).chain(inner).collect::<Vec<_>>()
    });
    let run = StoredValue::new(run);
    view! {
        <div class="section" hidden=move || found.get() == 0>
            <span>"Files by step"</span><span class="minor">"of the drawn runs"</span>
            <StepSlider steps=steps />
        </div>
        <For each=move || folders.get() key=|it| it.clone() let:path>
            <Folder runs=runs run=run.get_value() path=path steps=steps found=found />
        </For>
    }
}

/// Nothing where the first run has no file with a step there.
#[component]
fn Folder(runs: Runs, run: RunKey, path: String, steps: Steps, found: RwSignal<u32>) -> impl IntoView {
    let listed = listed(run, path.clone());
    let has_some = Memo::new(move |_| listed().0.iter().any(|it| parts(it).is_some()));
    let has_texts = Memo::new(move |_| listed().0.iter().any(|it| !is_image(it) && parts(it).is_some()));
    crate::components::react::effect(move || {
        if has_some.get() {
            found.update(|it| *it += 1);
        }
    });
    let path = StoredValue::new(path);
    let title = move || path.with_value(|it| if it.is_empty() { "its files".to_owned() } else { format!("{it}/") });
    view! {
        <Show when=move || has_some.get()>
            <div class="folder">
                <div class="minor mono">{title}</div>
                <FilesByStep project=runs.project drawn=runs.drawn path=path.get_value() steps=steps width=Signal::stored(WIDTH)
                    has_texts=has_texts.get_untracked() />
            </div>
        </Show>
    }
}
