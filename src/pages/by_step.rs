//! Files that drawn runs logged again and again, side by side: pictures, texts, tables. One slider goes through the
//! steps of all.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::ask::use_answer;
use super::run::{Image, Preview, is_image};
use crate::charts::palette;
use crate::components::react::effect;
use crate::components::{format, words};
use crate::engine::protocol::{Answer, NamedRun, Question};
use crate::model::{ProjectKey, RunId};
use crate::query::by_step::{at_step, parts};

/// Files of a run, and runs.
const MOST_EACH: usize = 24;
const MOST_RUNS: usize = 12;

/// All steps at which something was logged, and the one that is looked at.
#[derive(Clone, Copy)]
pub struct Steps {
    found: RwSignal<BTreeSet<u64>>,
    /// None: the last.
    at: RwSignal<Option<u64>>,
}

impl Steps {
    pub fn new() -> Self {
        Steps { found: RwSignal::new(BTreeSet::new()), at: RwSignal::new(None) }
    }

    pub fn forget(self) {
        self.found.set(BTreeSet::new());
    }

    fn last(self) -> Option<u64> {
        self.found.with(|it| it.last().copied())
    }

    fn now(self) -> Option<u64> {
        self.at.get().or_else(|| self.last())
    }

    fn add(self, some: impl IntoIterator<Item = u64>) {
        let new: Vec<u64> =
            self.found.with_untracked(|held| some.into_iter().filter(|it| !held.contains(it)).collect());
        if !new.is_empty() {
            self.found.update(|it| it.extend(new));
        }
    }
}

/// Nothing to slide through, no slider.
#[component]
pub fn StepSlider(steps: Steps) -> impl IntoView {
    let place = move || {
        let now = steps.now();
        steps.found.with(|all| all.iter().position(|it| Some(*it) >= now).unwrap_or(all.len().saturating_sub(1)))
    };
    let slide = move |event: leptos::ev::Event| {
        let place = event_target_value(&event).parse().unwrap_or(usize::MAX);
        // Whoever is at the end stays there as more is logged.
        steps
            .at
            .set(steps.found.with_untracked(|all| all.iter().nth(place).copied().filter(|it| Some(it) != all.last())));
    };
    view! {
        <Show when=move || { steps.found.with(BTreeSet::len) > 1 }>
            <label class="widget-slider"><span>"step"</span>
                <input type="range" min="0" max=move || (steps.found.with(BTreeSet::len) - 1).to_string()
                    prop:value=move || place().to_string() on:input=slide />
                <span class="value">{move || steps.now().map(format::count)}</span>
            </label>
        </Show>
    }
}

/// A file, or those of a folder, of each run. `width`: of a picture, in CSS pixels.
#[component]
pub fn FilesByStep(
    project: StoredValue<ProjectKey>,
    #[prop(into)] drawn: Signal<Vec<(NamedRun, u8)>>,
    path: String,
    steps: Steps,
    #[prop(into)] width: Signal<u32>,
    /// Texts and tables too.
    has_texts: bool,
) -> impl IntoView {
    let path = StoredValue::new(path);
    let runs = Memo::new(move |_| drawn.with(|all| all.iter().take(MOST_RUNS).cloned().collect::<Vec<_>>()));
    let more = move || drawn.with(Vec::len).checked_sub(MOST_RUNS).filter(|it| *it > 0);
    view! {
        <div class="widget-images" style=move || format!("--w:{}px", width.get())>
            <For each=move || runs.get() key=id_of let:one>
                <OfRun project=project one=one path=path.get_value() steps=steps has_texts=has_texts />
            </For>
            {move || more().map(|it| view! { <span class="minor">{format!("and {} more", format::n_of(it as u64, "drawn run"))}</span> })}
        </div>
    }
}

fn id_of(it: &(NamedRun, u8)) -> RunId {
    it.0.id.clone()
}

#[component]
fn OfRun(
    project: StoredValue<ProjectKey>,
    one: (NamedRun, u8),
    path: String,
    steps: Steps,
    has_texts: bool,
) -> impl IntoView {
    let (run, slot) = one;
    let key = StoredValue::new(project.get_value().run(run.id.clone()));
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
        let is_shown = |path: &str| is_image(path) || (has_texts && parts(path).is_some());
        entries.into_iter().filter(|it| !it.is_dir && is_shown(&it.path)).map(|it| it.path).collect::<Vec<_>>()
    });
    effect(move || steps.add(all.with(|all| all.iter().filter_map(|it| Some(parts(it)?.1)).collect::<Vec<_>>())));
    let shown = Memo::new(move |_| {
        let mut shown = all.with(|all| at_step(all, steps.now()));
        shown.truncate(MOST_EACH);
        shown
    });
    let (pictures, texts) = (
        move || shown.get().into_iter().filter(|it| is_image(it)).collect::<Vec<_>>(),
        move || shown.get().into_iter().filter(|it| !is_image(it)).collect::<Vec<_>>(),
    );
    let said = move || match asked.value.get() {
        Some(Err(problem)) => Some(words::of(&problem).title),
        Some(Ok(_)) if all.with(Vec::is_empty) => Some("nothing there".to_owned()),
        Some(Ok(_)) if shown.with(Vec::is_empty) => Some("nothing until this step".to_owned()),
        _ => None,
    };
    view! {
        <figure class="of-run">
            <figcaption class="minor"><span class="line-sample" style=palette::sample(slot)></span><bdi class="cut">{run.name}</bdi></figcaption>
            <div class="pictures">
                <For each=pictures key=|it| it.clone() let:path><Image key=key.get_value() path=path /></For>
                <For each=texts key=|it| it.clone() let:path>
                    <div class="of-step"><Preview key=key.get_value() path=path /></div>
                </For>
                {move || said().map(|it| view! { <span class="minor">{it}</span> })}
            </div>
        </figure>
    }
}
