//! Files that drawn runs logged again and again, side by side: pictures, texts, tables. One slider goes through the
//! steps of all.

use std::collections::{BTreeSet, HashMap};

use leptos::prelude::*;

use super::ask::use_answer;
use super::run::{Image, Preview, is_image, is_text};
use crate::charts::palette;
use crate::components::each::each;
use crate::components::on_screen::Near;
use crate::components::react::effect;
use crate::components::{format, words};
use crate::engine::protocol::{Answer, NamedRun, Question};
use crate::model::ProjectKey;
use crate::query::by_step::{ByStep, parts};

const MOST_RUNS: usize = 12;
/// Larger ones are looked at on the run's own page.
const MOST_BYTES: u64 = 4 << 20;

/// At which steps each of those who are shown was logged, and the one that is looked at.
#[derive(Clone, Copy)]
pub struct Steps {
    of: RwSignal<HashMap<u32, BTreeSet<u64>>>,
    all: Memo<BTreeSet<u64>>,
    /// None: the last.
    at: RwSignal<Option<u64>>,
}

impl Steps {
    pub fn new() -> Self {
        let of = RwSignal::new(HashMap::<u32, BTreeSet<u64>>::new());
        let all = Memo::new(move |_| of.with(|it| crate::model::order::set(it.values().flatten().copied())));
        Steps { of, all, at: RwSignal::new(None) }
    }

    fn now(self) -> Option<u64> {
        self.at.get().or_else(|| self.all.with(|it| it.last().copied()))
    }

    /// Those of one that is shown, as long as it is.
    fn put(self, steps: impl Fn() -> BTreeSet<u64> + 'static) {
        let mark = next_mark();
        effect(move || {
            let found = steps();
            self.of.update(|it| drop(it.insert(mark, found)));
        });
        on_cleanup(move || {
            let _ = self.of.try_update(|it| it.remove(&mark));
        });
    }
}

fn next_mark() -> u32 {
    thread_local! { static LAST: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }
    LAST.set(LAST.get().wrapping_add(1));
    LAST.get()
}

/// Nothing to slide through, no slider.
#[component]
pub fn StepSlider(steps: Steps) -> impl IntoView {
    let place = move || {
        let now = steps.now();
        steps.all.with(|all| all.iter().position(|it| Some(*it) >= now).unwrap_or(all.len().saturating_sub(1)))
    };
    let slide = move |event: leptos::ev::Event| {
        let place = event_target_value(&event).parse().unwrap_or(usize::MAX);
        // Whoever is at the end stays there as more is logged.
        steps
            .at
            .set(steps.all.with_untracked(|all| all.iter().nth(place).copied().filter(|it| Some(it) != all.last())));
    };
    let last = move || steps.all.with(BTreeSet::len).max(1) - 1;
    let part = move || format!("--part:{}%", place() * 100 / last().max(1));
    view! {
        <Show when=move || { steps.all.with(BTreeSet::len) > 1 }>
            <label class="widget-slider"><span>"step"</span>
                <input type="range" min="0" max=move || last().to_string() style=part
                    prop:value=move || place().to_string() on:input=slide />
                <span class="value">{move || steps.now().map(format::count)}</span>
            </label>
        </Show>
    }
}

/// How files are shown.
#[derive(Clone, Copy, PartialEq)]
pub struct Shown {
    /// Of a picture, in CSS pixels.
    pub width: u32,
    /// Texts and tables with a step, too.
    pub has_texts: bool,
    /// Files of a run.
    pub most: usize,
}

/// A file, or those of a folder, of each run.
#[component]
pub fn FilesByStep(
    project: StoredValue<ProjectKey>,
    #[prop(into)] drawn: Signal<Vec<(NamedRun, u8)>>,
    path: String,
    steps: Steps,
    #[prop(into)] shown: Signal<Shown>,
) -> impl IntoView {
    let path = StoredValue::new(path);
    let runs = Memo::new(move |_| drawn.with(|all| all.iter().take(MOST_RUNS).cloned().collect::<Vec<_>>()));
    let more = move || drawn.with(Vec::len).checked_sub(MOST_RUNS).filter(|it| *it > 0);
    view! {
        <div class="widget-images" style=move || format!("--w:{}px", shown.get().width)>
            {each(move || runs.get(), |it| it.0.id.clone(), move |one| view! {
                <OfRun project=project one=one path=path.get_value() steps=steps shown=shown />
            }.into_any())}
            {move || more().map(|it| view! { <span class="minor">{format!("and {} more", format::n_of(it as u64, "drawn run"))}</span> })}
        </div>
    }
}

#[component]
fn OfRun(
    project: StoredValue<ProjectKey>,
    one: (NamedRun, u8),
    path: String,
    steps: Steps,
    shown: Signal<Shown>,
) -> impl IntoView {
    let (run, slot) = one;
    let key = StoredValue::new(project.get_value().run(run.id.clone()));
    let is_file = is_image(&path);
    let near = use_context::<Near>();
    let asked = {
        let path = path.clone();
        use_answer(
            move || {
                let is_near = near.is_none_or(|it| it.0.get());
                (is_near && !is_file).then(|| Question::Artifacts { run: key.get_value(), path: path.clone() })
            },
            |told| match told.answer {
                Answer::Artifacts(it) => Some(it),
                _ => None,
            },
        )
    };
    let all = Memo::new(move |_| {
        if is_file {
            return ByStep::of(vec![path.clone()]);
        }
        let has_texts = shown.with(|it| it.has_texts);
        let is_shown = |path: &str| is_image(path) || (has_texts && is_text(path) && parts(path).is_some());
        let entries = asked.ok().map(|it| it.entries).unwrap_or_default().into_iter();
        let files = entries.filter(|it| !it.is_dir && it.size.is_none_or(|it| it <= MOST_BYTES));
        ByStep::of(files.map(|it| it.path).filter(|it| is_shown(it)).collect())
    });
    steps.put(move || all.with(|all| all.steps().collect()));
    let now = Memo::new(move |_| all.with(|all| all.at(steps.now())));
    let of = move |is_picture: bool| {
        let most = shown.with(|it| it.most);
        let some = now.get().into_iter().take(most).filter(|it| is_image(it) == is_picture);
        some.collect::<Vec<_>>()
    };
    let said = move || match asked.value.get() {
        Some(Err(problem)) => Some(words::of(&problem).title),
        Some(Ok(_)) if all.with(ByStep::is_empty) => Some("nothing there".to_owned()),
        Some(Ok(_)) if now.with(Vec::is_empty) => Some("nothing until this step".to_owned()),
        _ => {
            let more = now.with(Vec::len).checked_sub(shown.with(|it| it.most)).filter(|it| *it > 0);
            more.map(|it| format!("and {} more", format::n_of(it as u64, "file")))
        }
    };
    view! {
        <figure class="of-run">
            <figcaption class="minor"><span class="line-sample" style=palette::sample(slot)></span><bdi class="cut">{run.name}</bdi></figcaption>
            <div class="pictures">
                {each(move || of(true), String::clone, move |path| view! { <Image key=key.get_value() path=path /> }.into_any())}
                {each(move || of(false), String::clone, move |path| view! {
                    <div class="of-step"><Preview key=key.get_value() path=path /></div>
                }.into_any())}
                {move || said().map(|it| view! { <span class="minor">{it}</span> })}
            </div>
        </figure>
    }
}
