//! Changes under way or just done, at the foot of the page: how far they are, what failed, what
//! others changed meanwhile, and the way back.

use leptos::prelude::*;

use super::ask::use_answer;
use crate::components::each::each;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::react::{effect, spawn};
use crate::components::words;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Clash, Event, Failure, JobAct, JobState, Question};
use crate::model::Lifecycle;
use crate::model::edit::Edit;
use crate::model::problem::shortened;

/// A change without trouble is listed this long after its end.
const STAYS_MS: u64 = 12_000;

#[component]
pub fn Jobs() -> impl IntoView {
    let data = expect_context::<Data>();
    let asked = use_answer(
        move || {
            data.track(&Event::Jobs);
            Some(Question::Jobs)
        },
        |told| match told.answer {
            Answer::Jobs(it) => Some(it),
            _ => None,
        },
    );
    let jobs = Memo::new(move |_| asked.ok().unwrap_or_default());
    let ids = Memo::new(move |_| jobs.get().iter().map(|it| it.id).collect::<Vec<_>>());
    view! {
        <div class="jobs" role="region" aria-label="Changes">
            {each(move || ids.get(), |it| *it, move |id| view! { <Job id=id jobs=jobs data=data /> }.into_any())}
        </div>
    }
}

fn act(data: Data, job: u32, act: JobAct) {
    spawn(async move {
        let _ = data.ask(Question::ActOnJob { job, act }).await;
    });
}

#[component]
fn Job(id: u32, jobs: Memo<Vec<JobState>>, data: Data) -> impl IntoView {
    let job = Memo::new(move |_| jobs.get().into_iter().find(|it| it.id == id));
    let is_clean = Memo::new(move |_| job.get().is_some_and(|it| is_clean(&it)));
    // Not while somebody is at it.
    let is_held = RwSignal::new(false);
    effect(move || {
        if is_clean.get() && !is_held.get() {
            let leave = move || {
                if is_held.try_get_untracked() == Some(false) {
                    act(data, id, JobAct::Dismiss);
                }
            };
            set_timeout(leave, std::time::Duration::from_millis(STAYS_MS));
        }
    });
    let button = move |word: &'static str, what: JobAct| {
        view! { <button class="button" on:click=move |_| act(data, id, what)>{word}</button> }
    };
    view! {
        {move || job.get().map(|job| view! {
            <section class="job" on:pointerenter=move |_| is_held.set(true) on:pointerleave=move |_| is_held.set(false)
                on:focusin=move |_| is_held.set(true) on:focusout=move |_| is_held.set(false)>
                <div class="row">
                    <span class="grow" role="status">{said(&job)}</span>
                    {job.is_running.then(|| button("Stop", JobAct::Stop))}
                    {(!job.is_running && job.n_failed + job.n_left > 0).then(|| button(if job.n_failed > 0 { "Try again" } else { "Go on" }, JobAct::Retry))}
                    {(!job.is_running && job.can_undo).then(|| button(if job.undoes { "Redo" } else { "Undo" }, JobAct::Undo))}
                    {(!job.is_running).then(|| view! {
                        <button class="button quiet square" aria-label="Dismiss" title="Dismiss" on:click=move |_| act(data, id, JobAct::Dismiss)><Icon name="x" /></button>
                    })}
                </div>
                {job.is_running.then(|| view! { <progress max=job.n_total value=job.n_done + job.n_failed + job.n_clashes></progress> })}
                {(job.n_failed > 0).then(|| view! { <Failures failures=job.failures.clone() n_failed=job.n_failed /> })}
                {(job.n_clashes > 0).then(|| view! { <Clashes clashes=job.clashes.clone() n_clashes=job.n_clashes id=id data=data /> })}
            </section>
        })}
    }
}

fn is_clean(job: &JobState) -> bool {
    !job.is_running && job.n_failed + job.n_clashes + job.n_left == 0
}

/// What is being done or was.
fn said(job: &JobState) -> String {
    let (doing, done) = match &job.edit {
        Edit::Name(_) => ("Renaming", "Renamed".to_owned()),
        Edit::Note(Some(_)) => ("Writing the note of", "Wrote the note of".to_owned()),
        Edit::Note(None) => ("Removing the note of", "Removed the note of".to_owned()),
        Edit::Tag(key, Some(_)) => ("Tagging", format!("Set {} of", shortened(key, 40))),
        Edit::Tag(key, None) => ("Untagging", format!("Removed {} of", shortened(key, 40))),
        Edit::Lifecycle(Lifecycle::Deleted) => ("Deleting", "Deleted".to_owned()),
        Edit::Lifecycle(Lifecycle::Active) => ("Restoring", "Restored".to_owned()),
    };
    let total = format::n_of(u64::from(job.n_total), "run");
    let back = if job.undoes { "Set back: " } else { "" };
    if job.is_running {
        return format!("{doing} {total}: {} done", format::count(job.n_done));
    }
    if job.n_done == job.n_total {
        return format!("{back}{done} {total}");
    }
    let mut parts = vec![format!("{back}{done} {} of {total}", format::count(job.n_done))];
    if job.n_failed > 0 {
        parts.push(format!("{} failed", format::count(job.n_failed)));
    }
    if job.n_clashes > 0 {
        parts.push(format!("{} changed by others", format::count(job.n_clashes)));
    }
    if job.n_left > 0 {
        parts.push(format!("stopped before {}", format::count(job.n_left)));
    }
    parts.join(", ")
}

#[component]
fn Failures(failures: Vec<Failure>, n_failed: u32) -> impl IntoView {
    let more = u64::from(n_failed).saturating_sub(failures.len() as u64);
    let line = |it: Failure| {
        let said = words::of(&it.problem);
        view! { <li><bdi>{it.name}</bdi>": "{said.title}{(!said.text.is_empty()).then(|| format!(". {}", said.text))}</li> }
    };
    view! {
        <ul class="why">
            {failures.into_iter().take(5).map(line).collect_view()}
            {(more > 0 || n_failed > 5).then(|| view! { <li class="minor">{format!("{} failed in all", format::count(n_failed))}</li> })}
        </ul>
    }
}

/// Both values side by side; nothing is written before the person chose.
#[component]
fn Clashes(clashes: Vec<Clash>, n_clashes: u32, id: u32, data: Data) -> impl IntoView {
    let text = |it: &Edit| it.text().map_or_else(|| "nothing".to_owned(), |it| shortened(it, 80));
    let line = move |it: Clash| {
        view! { <li><bdi>{it.name}</bdi>": there is now “"<bdi>{text(&it.theirs)}</bdi>"”, yours is “"<bdi>{text(&it.yours)}</bdi>"”"</li> }
    };
    view! {
        <ul class="why">
            {clashes.into_iter().take(5).map(line).collect_view()}
            {(n_clashes > 5).then(|| view! { <li class="minor">{format!("{} in all", format::count(n_clashes))}</li> })}
            <li><button class="button" on:click=move |_| act(data, id, JobAct::Overwrite)>"Write mine over it"</button>
                " "<button class="button quiet" on:click=move |_| act(data, id, JobAct::Dismiss)>"Keep theirs"</button></li>
        </ul>
    }
}
