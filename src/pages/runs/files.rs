//! Below the charts: what the drawn runs logged by step as files. Looked for only when somebody comes near and no eye
//! is opened or closed any more, in the folders of the first drawn run that has some; what is in a folder is read when
//! that comes near.

use std::time::Duration;

use leptos::prelude::*;

use super::Runs;
use crate::components::each::each;
use crate::components::on_screen::{Near, OnScreen};
use crate::components::react::{at_rest, effect};
use crate::engine::protocol::{Answer, Question};
use crate::model::RunId;
use crate::pages::ask::use_answer;
use crate::pages::by_step::{FilesByStep, Shown, StepSlider, Steps};
use crate::pages::run::{is_image, is_text};
use crate::query::by_step::parts;

/// Folders of a run that are looked into.
const MOST_FOLDERS: usize = 12;
/// The newest run may have just begun.
const RUNS_LOOKED_AT: usize = 3;
/// The charts come first, and nobody is asked for what is passed over.
const REST: Duration = Duration::from_millis(700);
const SHOWN: Shown = Shown { width: 128, has_texts: true, most: 8 };

/// The runs that are looked at.
type First = RwSignal<Option<Vec<RunId>>>;

/// What is in a folder of a run: files and folders.
type Listing = (Vec<String>, Vec<String>);

#[component]
pub fn LoggedFiles(
    runs: Runs,
    /// Somebody looks for something else.
    #[prop(into)]
    is_hidden: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="logged" hidden=move || is_hidden.get()>
            <OnScreen><Folders runs=runs /></OnScreen>
        </div>
    }
}

/// Of the first drawn run where something is that is looked for; of nobody else is it asked.
fn listed(runs: Runs, first: First, path: String, has: fn(&Listing) -> bool) -> Memo<Listing> {
    let near = use_context::<Near>();
    let path = StoredValue::new(path);
    let mut before: Option<Memo<Option<Listing>>> = None;
    for at in 0..RUNS_LOOKED_AT {
        let run = Memo::new(move |_| first.with(|all| all.as_ref()?.get(at).cloned()));
        let is_asked = move || before.is_none_or(|it| it.with(|it| it.as_ref().is_some_and(|it| !has(it))));
        let asked = use_answer(
            move || {
                let run = runs.project.get_value().run(run.get()?);
                let is_near = near.is_none_or(|it| it.0.get());
                (is_near && is_asked()).then(|| Question::Artifacts { run, path: path.get_value() })
            },
            |told| match told.answer {
                Answer::Artifacts(it) => Some(it),
                _ => None,
            },
        );
        let own = move || {
            // One that can't be read has none.
            let entries = asked.value.get()?.map(|it| it.entries).unwrap_or_default();
            let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|it| it.is_dir);
            let paths = |all: Vec<crate::model::ArtifactEntry>| all.into_iter().map(|it| it.path).collect();
            Some((paths(files), paths(folders)))
        };
        let earlier = before;
        let all = Memo::new(move |_| match earlier.and_then(|it| it.get()).filter(has) {
            Some(found) => Some(found),
            None if earlier.is_none_or(|it| it.with(Option::is_some)) => own(),
            None => None,
        });
        before = Some(all);
    }
    Memo::new(move |_| before.and_then(|it| it.get()).unwrap_or_default())
}

fn has_steps(listing: &Listing) -> bool {
    listing.0.iter().any(|it| (is_image(it) || is_text(it)) && parts(it).is_some())
}

#[component]
fn Folders(runs: Runs) -> impl IntoView {
    let steps = Steps::new();
    let first = move |_: Option<&_>| {
        runs.drawn.with(|all| all.iter().take(RUNS_LOOKED_AT).map(|it| it.0.id.clone()).collect::<Vec<_>>())
    };
    let first = at_rest(Memo::new(first), REST);
    let root = listed(runs, first, String::new(), |it| !it.1.is_empty() || has_steps(it));
    let n_found = RwSignal::new(0u32);
    let folders = Memo::new(move |_| {
        let inner = root.get().1.into_iter().filter(|it| it != "halimede").take(MOST_FOLDERS);
        std::iter::once(String::new()).chain(inner).collect::<Vec<_>>()
    });
    view! {
        <div class="section" hidden=move || n_found.get() == 0>
            <span>"Files by step"</span><span class="minor">"of the drawn runs"</span>
            <StepSlider steps=steps />
        </div>
        {each(move || folders.get(), String::clone, move |path| view! {
            <Folder runs=runs first=first path=path steps=steps n_found=n_found />
        }.into_any())}
    }
}

/// Nothing where there is no file with a step.
#[component]
fn Folder(runs: Runs, first: First, path: String, steps: Steps, n_found: RwSignal<u32>) -> impl IntoView {
    let listing = listed(runs, first, path.clone(), has_steps);
    let has_some = Memo::new(move |_| listing.with(has_steps));
    // As long as it stands.
    let is_counted = StoredValue::new(false);
    let count = move |now: bool| {
        let was = is_counted.try_update_value(|it| std::mem::replace(it, now)).unwrap_or(now);
        let _ = match (was, now) {
            (false, true) => n_found.try_update(|it| *it += 1),
            (true, false) => n_found.try_update(|it| *it = it.saturating_sub(1)),
            _ => None,
        };
    };
    effect(move || count(has_some.get()));
    on_cleanup(move || count(false));
    let path = StoredValue::new(path);
    let title = move || path.with_value(|it| if it.is_empty() { "its files".to_owned() } else { format!("{it}/") });
    view! {
        <Show when=move || has_some.get()>
            <div class="folder">
                <div class="minor mono">{title}</div>
                <OnScreen>
                    <FilesByStep project=runs.project drawn=runs.drawn path=path.get_value() steps=steps shown=Signal::stored(SHOWN) />
                </OnScreen>
            </div>
        </Show>
    }
}
