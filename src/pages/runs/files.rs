//! Below the charts: what the drawn runs logged by step as files. Looked for only when somebody comes near and no eye
//! is opened or closed any more, in the folders of the first drawn runs; what is in a folder is read when
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
type MaybeListing = Memo<Option<Listing>>;

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

/// A folder of one of the first drawn runs, once it is asked for. None: nothing is known yet.
fn listing(runs: Runs, first: First, at: usize, path: &str, is_asked: impl Fn() -> bool + 'static) -> MaybeListing {
    let near = use_context::<Near>();
    let path = path.to_owned();
    let run = Memo::new(move |_| first.with(|all| all.as_ref()?.get(at).cloned()));
    let asked = use_answer(
        move || {
            let run = runs.project.get_value().run(run.get()?);
            let is_near = near.is_none_or(|it| it.0.get());
            (is_near && is_asked()).then(|| Question::Artifacts { run, path: path.clone() })
        },
        |told| match told.answer {
            Answer::Artifacts(it) => Some(it),
            _ => None,
        },
    );
    Memo::new(move |_| {
        if first.with(|all| all.as_ref().is_some_and(|all| at >= all.len())) {
            return Some(Listing::default());
        }
        // One that can't be read has none.
        let entries = asked.value.get()?.map(|it| it.entries).unwrap_or_default();
        let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|it| it.is_dir);
        let paths = |all: Vec<crate::model::ArtifactEntry>| all.into_iter().map(|it| it.path).collect();
        Some((paths(files), paths(folders)))
    })
}

/// The runs' own folders, of each of the first.
fn roots(runs: Runs, first: First) -> Vec<MaybeListing> {
    (0..RUNS_LOOKED_AT).map(|at| listing(runs, first, at, "", || true)).collect()
}

/// A folder of the first run where files by step are in it: the next is asked only where the one before has none.
fn folder(runs: Runs, first: First, roots: &[MaybeListing], path: &str) -> Memo<Listing> {
    let mut before: Option<MaybeListing> = None;
    for (at, root) in roots.iter().copied().enumerate() {
        let name = path.to_owned();
        let has_it = Memo::new(move |_| root.with(|it| it.as_ref().map(|it| it.1.contains(&name))));
        let is_turn = move || before.is_none_or(|it| it.with(|it| it.as_ref().is_some_and(|it| !has_steps(it))));
        let own = listing(runs, first, at, path, move || has_it.get() == Some(true) && is_turn());
        let earlier = before;
        before = Some(Memo::new(move |_| match earlier.map(|it| it.get()) {
            Some(Some(found)) if has_steps(&found) => Some(found),
            Some(None) => None,
            _ if has_it.get()? => own.get(),
            _ => Some(Listing::default()),
        }));
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
    let roots = StoredValue::new(roots(runs, first));
    let n_found = RwSignal::new(0u32);
    // Of any of the runs, each once; the empty name stands for what lies in none.
    let folders = Memo::new(move |_| {
        let mut all = vec![String::new()];
        let inner = roots.get_value().into_iter().filter_map(|it| it.get()).flat_map(|it| it.1);
        for it in inner.filter(|it| it != "halimede") {
            if all.len() <= MOST_FOLDERS && !all.contains(&it) {
                all.push(it);
            }
        }
        all
    });
    view! {
        <div class="section" hidden=move || n_found.get() == 0>
            <span>"Files by step"</span><span class="minor">"of the drawn runs"</span>
            <StepSlider steps=steps />
        </div>
        {each(move || folders.get(), String::clone, move |path| view! {
            <Folder runs=runs first=first roots=roots path=path steps=steps n_found=n_found />
        }.into_any())}
    }
}

/// Nothing where there is no file with a step.
#[component]
fn Folder(
    runs: Runs,
    first: First,
    roots: StoredValue<Vec<MaybeListing>>,
    path: String,
    steps: Steps,
    n_found: RwSignal<u32>,
) -> impl IntoView {
    let listing = roots.with_value(|all| match path.as_str() {
        "" => {
            let all = all.clone();
            let found = move || all.iter().filter_map(|it| it.get()).find(has_steps).unwrap_or_default();
            Memo::new(move |_| found())
        }
        path => folder(runs, first, all, path),
    });
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
