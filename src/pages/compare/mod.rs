//! Runs side by side, of any projects and sources: a basket, a baseline, what differs.

mod basket;
mod causes;
mod file_diff;
mod lines;

use leptos::ev;
use leptos::prelude::*;

use crate::charts::line_state::Link;
use crate::charts::palette;
use crate::components::each::each;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::components::{dom, format, words};
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Files, NamedRun, PairedLine, Question};
use crate::model::{Problem, Run, RunKey};
use crate::pages::ask::{Asked, use_answer};
use crate::pages::metric_chart::{MetricChart, short_id};
use crate::pages::nav::use_nav;
use crate::pages::route::{CompareView, Route, RunView};
use crate::pages::runs::{StatusMark, is_typing};
use crate::query::compare::diff::{Line, Part};
pub use basket::{Basket, CompareButton};
pub use file_diff::shown as shown_diff;

#[derive(Clone, Copy)]
struct Page {
    view: Memo<CompareView>,
    basket: Basket,
    nav: crate::pages::nav::Nav,
    /// Of the lines shown, the one that n and p stand at.
    at: RwSignal<Option<usize>>,
    /// The file whose difference is open, and of which run to the baseline.
    diff: RwSignal<Option<(String, usize)>>,
}

impl Page {
    fn change(self, change: impl FnOnce(&mut CompareView)) {
        let mut view = self.view.get_untracked();
        change(&mut view);
        self.nav.replace(&Route::Compare(view));
    }

    fn remove(self, at: usize) {
        self.change(|it| {
            it.runs.remove(at);
            it.baseline =
                if it.baseline > at { it.baseline - 1 } else { it.baseline.min(it.runs.len().saturating_sub(1)) };
        });
        self.basket.put(self.view.get_untracked().runs);
    }
}

#[component]
pub fn ComparePage() -> impl IntoView {
    let data = expect_context::<Data>();
    let nav = use_nav();
    expect_context::<crate::pages::app::Syncing>().0.set(None);
    let view = Memo::new(move |held: Option<&CompareView>| match nav.route.get() {
        Route::Compare(view) => view,
        _ => held.cloned().unwrap_or_default(),
    });
    let page =
        Page { view, basket: expect_context::<Basket>(), nav, at: RwSignal::new(None), diff: RwSignal::new(None) };
    let keys = Memo::new(move |_| view.get().runs);
    let asked = use_answer(
        move || {
            let keys = keys.get();
            data.track(&Event::Sources);
            for key in &keys {
                data.track(&Event::Read(key.project_key()));
            }
            (!keys.is_empty()).then_some(Question::Compare(keys))
        },
        |told| match told.answer {
            Answer::Compare(it) => Some(it),
            _ => None,
        },
    );
    // Their files take longer, so they come after the runs.
    let files = use_answer(
        move || {
            let keys = keys.get();
            (asked.value.with(Option::is_some) && !keys.is_empty()).then_some(Question::CompareFiles(keys))
        },
        |told| match told.answer {
            Answer::Files(it) => Some(it),
            _ => None,
        },
    );
    let baseline = Memo::new(move |_| view.get().baseline);
    let seeds = use_answer(
        move || {
            let (runs, baseline) = (keys.get(), u32::try_from(baseline.get()).unwrap_or(0));
            (asked.value.with(Option::is_some) && runs.len() > 1).then_some(Question::CompareSeeds { runs, baseline })
        },
        |told| match told.answer {
            Answer::Seeds(it) => Some(it),
            _ => None,
        },
    );
    let all = Memo::new(move |_| {
        let runs: Vec<Run> =
            asked.ok().unwrap_or_default().into_iter().map(|it| it.unwrap_or_else(|_| Run::empty("".into()))).collect();
        let mut all = crate::query::compare::diff::lines(&runs.iter().collect::<Vec<_>>());
        let files = files.ok().map(|it| it.lines).unwrap_or_default();
        // An answer may still be of the runs as they were chosen before.
        all.extend(files.into_iter().filter(|it| it.values.len() == runs.len()));
        all
    });
    let shown = Memo::new(move |_| {
        let everything = view.get().all;
        all.get().into_iter().filter(|it| everything || it.differs).collect::<Vec<_>>()
    });
    let n_differ = move || all.with(|it| it.iter().filter(|it| it.differs).count());
    let go = move |by: isize| {
        let n = n_differ();
        if n == 0 {
            return;
        }
        let next =
            page.at.get_untracked().map_or(if by > 0 { 0 } else { n - 1 }, |it| (it + n).saturating_add_signed(by) % n);
        page.at.set(Some(next));
        dom::show_up(&format!("[data-difference='difference-{next}']"));
    };
    let pressed = window_event_listener(ev::keydown, move |event| {
        if is_typing(&event) {
            return;
        }
        match event.key().as_str() {
            "n" => go(1),
            "p" => go(-1),
            "d" => page.change(|it| it.all = !it.all),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || pressed.remove());
    effect(move || {
        shown.with(|_| ());
        page.at.set(None);
    });
    view! {
        <div class="compare">
            <div class="bar tabs">
                <button class="button" aria-pressed=move || (!view.get().all).to_string() on:click=move |_| page.change(|it| it.all = !it.all)>
                    "Differences only"<span class="key wide">"D"</span>
                </button>
                <span class="minor">{move || format!("{} of {} differ", format::count(n_differ() as u64), format::n_of(all.with(Vec::len) as u64, "line"))}</span>
                <span class="grow"></span>
                <span class="minor">{move || page.at.get().map(|it| format!("Difference {} of {}", it + 1, n_differ()))}</span>
                <button class="button quiet square" aria-label="Previous difference" title="Previous difference (P)" on:click=move |_| go(-1)><Icon name="chevron-up" /></button>
                <button class="button quiet square" aria-label="Next difference" title="Next difference (N)" on:click=move |_| go(1)><Icon name="chevron-down" /></button>
            </div>
            {move || match (keys.get().is_empty(), asked.value.get()) {
                (true, _) => view! { <div class="empty"><div class="notice"><div class="title">"Nothing to compare yet"</div>
                    <div class="text">"Put runs into the comparison with C in a table, or with the button on a run's page. They may come from several projects and sources."</div></div></div> }.into_any(),
                (_, None) => view! { <p class="empty" style="padding:16px">"Reading the runs …"</p> }.into_any(),
                (_, Some(Err(problem))) => view! { <div style="padding:16px"><crate::components::notice::Notice problem=problem /></div> }.into_any(),
                (_, Some(Ok(runs))) => view! { <Sheet page=page runs=runs all=all shown=shown files=files seeds=seeds /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Sheet(
    page: Page,
    runs: Vec<Result<Run, Problem>>,
    all: Memo<Vec<Line>>,
    shown: Memo<Vec<Line>>,
    files: Asked<Files>,
    seeds: Asked<Vec<PairedLine>>,
) -> impl IntoView {
    let keys = page.view.get_untracked().runs;
    let n = runs.len();
    let heads =
        runs.iter().zip(keys.clone()).enumerate().map(|(i, (run, key))| head(page, i, run, &key)).collect_view();
    let curves = curves(&keys, &runs, shown);
    let body = move || {
        let baseline = page.view.get().baseline;
        let all = shown.get();
        let mut n_before = 0;
        let seeds = seeds.ok().unwrap_or_default();
        Part::ALL
            .into_iter()
            .filter_map(|(part, _)| {
                let of: Vec<&Line> = all.iter().filter(|it| it.part == part).collect();
                if of.is_empty() {
                    return None;
                }
                let n_differ = of.iter().filter(|it| it.differs).count();
                let from = n_before;
                n_before += n_differ;
                let said = if n_differ == 0 { "same in all".to_owned() } else { format!("{} differ", format::count(n_differ as u64)) };
                // Runs on different data do not compare: that is said aloud.
                let loud = part == Part::Data && n_differ > 0;
                let mut place = from;
                let lines = of.into_iter().map(|line| {
                    let difference = line.differs.then_some(place);
                    place += usize::from(line.differs);
                    let paired = (part == Part::Metrics).then(|| seeds.iter().find(|it| it.metric == line.name)).flatten();
                    view! {
                        {lines::line(page, line, baseline, difference)}
                        {paired.map(|it| lines::seeds_row(it, baseline))}
                        {(part == Part::Artifacts).then(|| lines::diff_row(page, line.name.clone(), n))}
                    }
                });
                Some(view! {
                    <tr class="part"><th colspan=n + 1>
                        <span class="title">{part.word()}</span>
                        <span class=if loud { "badge bad" } else { "minor" }>{if loud { "these runs used different data".to_owned() } else { said }}</span>
                    </th></tr>
                    {lines.collect_view()}
                })
            })
            .collect_view()
    };
    let many = n > 1;
    let reading = move || files.busy.get() && files.value.with(Option::is_none);
    let trouble = move || {
        let files = files.ok()?;
        let failed = files.troubles.iter().flatten().next().map(|it| words::of(it).title);
        let failed = failed.map(|it| {
            format!(
                "Files of {} could not be read: {it}",
                format::n_of(files.troubles.iter().flatten().count() as u64, "run")
            )
        });
        failed.or_else(|| files.is_cut.then(|| "Not all files are listed: a run has more than fit here.".to_owned()))
    };
    view! {
        {curves}
        {many.then(|| view! { <causes::WhatChanged lines=all baseline=Signal::derive(move || page.view.get().baseline) /> })}
        <div class="sheetbox">
            <table class="versus" aria-label="Comparison" style=format!("--n:{n}")>
                <thead><tr><th class="what">"Against the baseline"</th>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
            <p class="minor" style="padding:8px 12px" role="status">{move || if reading() { Some("Reading files, packages and models …".to_owned()) } else { trouble() }}</p>
        </div>
    }
}

fn slot(i: usize) -> u8 {
    u8::try_from(i).unwrap_or(u8::MAX)
}

fn head(page: Page, i: usize, run: &Result<Run, Problem>, key: &RunKey) -> impl IntoView + use<> {
    let link = Route::Run(key.clone(), RunView::default()).link();
    let (name, status, trouble) = match run {
        Ok(run) if run.name.is_empty() => (run.id.to_string(), Some(run.status), None),
        Ok(run) => (run.name.clone(), Some(run.status), None),
        Err(problem) => (short_id(key.run.as_str()), None, Some(words::of(problem).title)),
    };
    let where_from = format!("{} · {}", short_id(key.run.as_str()), key.source.address());
    let is_base = Memo::new(move |_| page.view.get().baseline == i);
    view! {
        <th scope="col" class:base=move || is_base.get()>
            <div class="who">
                <span class="line-sample" style=palette::sample(slot(i))></span>
                <a class="cut" href=link title=name.clone()><bdi>{name.clone()}</bdi></a>
                <button class="button quiet square" aria-label=format!("Take {name} out") title="Take out" on:click=move |_| page.remove(i)><Icon name="x" /></button>
            </div>
            <div class="from">
                {status.map(|it| view! { <StatusMark status=it /> })}
                <span class="minor mono cut" title=where_from.clone()>{where_from.clone()}</span>
                {trouble.map(|it| view! { <span class="badge bad" title=it.clone()>{it.clone()}</span> })}
                {move || if is_base.get() {
                    view! { <span class="badge">"baseline"</span> }.into_any()
                } else {
                    view! { <button class="button quiet" on:click=move |_| page.change(|it| it.baseline = i)>"make baseline"</button> }.into_any()
                }}
            </div>
        </th>
    }
}

/// Curves of the metrics that differ, where all runs are of one project.
fn curves(keys: &[RunKey], runs: &[Result<Run, Problem>], shown: Memo<Vec<Line>>) -> impl IntoView + use<> {
    let project = keys.first()?.project_key();
    if keys.len() > 20 || keys.iter().any(|it| it.project_key() != project) {
        return None;
    }
    let drawn: Vec<(NamedRun, u8)> = runs
        .iter()
        .enumerate()
        .filter_map(|(i, it)| {
            let run = it.as_ref().ok()?;
            Some((NamedRun { id: run.id.clone(), name: run.name.clone(), status: run.status }, slot(i)))
        })
        .collect();
    let metrics = Memo::new(move |_| {
        let names = shown.get().into_iter().filter(|it| it.part == Part::Metrics && !it.name.starts_with("system/"));
        names.map(|it| it.name).take(3).collect::<Vec<_>>()
    });
    let link = Link::new();
    let drawn = Signal::stored(drawn);
    let project = StoredValue::new(project);
    Some(view! {
        <Show when=move || !metrics.get().is_empty()>
            <section class="strip" aria-label="Curves">
                {each(move || metrics.get(), String::clone, move |metric| view! {
                    <MetricChart project=project.get_value() metric=metric drawn=drawn link=link />
                }.into_any())}
            </section>
        </Show>
    })
}
