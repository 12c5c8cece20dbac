//! One run: overview, metrics, artifacts, data, tags.

mod artifacts;
mod overview;
mod preview;
mod tables;

pub use preview::{Image, Preview, is_image, is_text};

use leptos::prelude::*;

use super::app::Syncing;
use super::ask::use_answer;
use super::compare::CompareButton;
use super::edit::{EditButton, Editing, OfRun, What, use_capabilities};
use super::frame::{Names, name_project};
use super::metric_chart::short_id;
use super::nav::use_nav;
use super::projects::SourceNotice;
use super::route::{Route, RunView, Tab};
use super::runs::StatusMark;
use crate::charts::line_state::Link;
use crate::charts::palette;
use crate::components::copy::CopyButton;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question, RunAnswer};
use crate::model::{Capabilities, Dataset, Lifecycle, Problem, Run, RunKey};

#[component]
pub fn RunPage(key: RunKey) -> impl IntoView {
    let data = expect_context::<Data>();
    let nav = use_nav();
    let names = expect_context::<Names>();
    expect_context::<Syncing>().0.set(None);
    let held = StoredValue::new(key.clone());
    names.run.set(key.run.to_string());
    name_project(key.project_key(), false);
    let again = RwSignal::new(0u32);
    let asked = use_answer(
        move || {
            data.track(&Event::Read(held.get_value().project_key()));
            data.track(&Event::Sources);
            again.track();
            Some(Question::Run(held.get_value()))
        },
        |told| match told.answer {
            Answer::Run(it) => Some(*it),
            _ => None,
        },
    );
    effect(move || {
        if let Some(it) = asked.ok() {
            document().set_title(&format!("{} · Halimede", it.run.name));
            names.run.set(if it.run.name.is_empty() { it.run.id.to_string() } else { it.run.name });
        }
    });
    let capabilities = use_capabilities(key.source.clone());
    let view = Memo::new(move |old: Option<&RunView>| match nav.route.get() {
        Route::Run(at, view) if at == held.get_value() => view,
        _ => old.cloned().unwrap_or_default(),
    });
    view! {
        <div class="run">
            {move || asked.problem().map(|problem| view! {
                <div style="padding:12px 16px"><SourceNotice problem=problem source=held.get_value().source /></div>
            })}
            {move || (asked.value.get().is_none()).then(|| view! { <div class="runhead"><span class="skeleton" style="width:260px;height:14px"></span></div> })}
            {move || asked.ok().map(|answer| view! { <Loaded answer=answer key=held view=view again=again capabilities=capabilities /> })}
        </div>
    }
}

#[component]
fn Loaded(
    answer: RunAnswer,
    key: StoredValue<RunKey>,
    view: Memo<RunView>,
    again: RwSignal<u32>,
    capabilities: Memo<Capabilities>,
) -> impl IntoView {
    let nav = use_nav();
    let run = answer.run.clone();
    let link = Link::new();
    let to = move |tab: Tab| Route::Run(key.get_value(), RunView { tab, file: None });
    let counts = [0, run.metrics.len(), 0, run.datasets.len() + run.models.len(), run.tags.len()];
    let tabs: Vec<_> = Tab::ALL
        .into_iter()
        .zip(counts)
        .map(|(tab, n)| {
            let (word, n) = (capital(tab.word()), (n > 0).then(|| format::count(n as u64)));
            view! {
                <a class="tab" href=to(tab).link() aria-current=move || (view.get().tab == tab).then_some("page")
                    on:click=move |event| { event.prevent_default(); nav.replace(&to(tab)) }>
                    {word}{n.map(|it| view! { <span class="n">{it}</span> })}
                </a>
            }
        })
        .collect();
    let shown = StoredValue::new(answer.clone());
    OfRun::provide(key.get_value().project_key(), answer.run.clone(), capabilities);
    let tab = Memo::new(move |_| view.get().tab);
    view! {
        <Head answer=answer.clone() key=key again=again capabilities=capabilities />
        <nav class="bar tabs" aria-label="Run">{tabs}</nav>
        {move || match tab.get() {
            Tab::Overview => view! { <overview::Overview answer=shown.get_value() key=key.get_value() link=link /> }.into_any(),
            Tab::Metrics => view! { <overview::Metrics answer=shown.get_value() key=key.get_value() link=link /> }.into_any(),
            Tab::Artifacts => view! { <artifacts::Artifacts key=key.get_value() view=view /> }.into_any(),
            Tab::Data => view! { <DataTab datasets=shown.get_value().run.datasets models=shown.get_value().run.models /> }.into_any(),
            Tab::Tags => view! { <div class="part"><overview::Tags tags=shown.get_value().run.tags empty="This run has no tag." /></div> }.into_any(),
        }}
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |it| it.to_uppercase().chain(chars).collect())
}

#[component]
fn Head(
    answer: RunAnswer,
    key: StoredValue<RunKey>,
    again: RwSignal<u32>,
    capabilities: Memo<Capabilities>,
) -> impl IntoView {
    let run = answer.run;
    let name = if run.name.is_empty() { run.id.to_string() } else { run.name.clone() };
    let mut facts = Vec::new();
    facts.extend(run.duration().map(format::duration));
    facts.extend(run.start.map(dom::full_time));
    facts.extend(Some(run.user.clone()).filter(|it| !it.is_empty()));
    let id = run.id.to_string();
    let parent = run.parent.clone().map(|parent| {
        let route = Route::Run(key.get_value().project_key().run(parent.clone()), RunView::default());
        let name = answer.parent_name.clone().filter(|it| !it.is_empty()).unwrap_or_else(|| short_id(parent.as_str()));
        view! { <a class="chip" href=route.link()><span class="cut">"child of "<bdi>{name}</bdi></span></a> }
    });
    let status_class = match run.status {
        crate::model::Status::Failed => "badge bad",
        crate::model::Status::Killed | crate::model::Status::Scheduled => "badge warn",
        crate::model::Status::Running => "badge run",
        _ => "badge",
    };
    let stale = answer.stale.map(|problem| {
        let text = crate::components::words::of(&problem).title;
        let is_local = matches!(problem, Problem::Closed { .. });
        view! {
            <span class="badge warn" title=text.clone()>{if is_local { "from the cache".to_owned() } else { format!("from the cache: {text}") }}</span>
            <button class="button quiet" on:click=move |_| again.update(|it| *it += 1)>"Try again"</button>
        }
    });
    view! {
        <div class="runhead">
            <span class="swatch" style=format!("background:{}", palette::css(0))></span>
            <h1><bdi>{name.clone()}</bdi></h1>
            <EditButton label="Rename" what=What::Name(run.name.clone()) />
            <span class=status_class><StatusMark status=run.status />{run.status.word()}</span>
            <span class="mono minor" title=id.clone()>{short_id(&id)}</span>
            <CopyButton text=Signal::derive(move || id.clone()) what="the run's id" quiet=true />
            <CompareButton key=key.get_value() />
            <DeleteButton run=run.clone() key=key capabilities=capabilities />
            <span class="facts">{facts.join(" · ")}</span>
            {parent}
            {stale}
            {run.broken.map(|why| view! { <span class="badge warn" title=why.clone()>{format!("could not be read whole: {why}")}</span> })}
        </div>
    }
}

#[component]
fn DeleteButton(run: Run, key: StoredValue<RunKey>, capabilities: Memo<Capabilities>) -> impl IntoView {
    let editing = expect_context::<Editing>();
    let is_deleted = run.lifecycle == Lifecycle::Deleted;
    let (icon, word, to) = match is_deleted {
        true => ("undo-2", "Restore", Lifecycle::Active),
        false => ("trash-2", "Delete", Lifecycle::Deleted),
    };
    let run = StoredValue::new(run);
    let open = move |_| {
        run.with_value(|run| editing.open_for_run(key.get_value().project_key(), run, What::Lifecycle(to)));
    };
    view! {
        {is_deleted.then(|| view! { <span class="badge warn">"deleted"</span> })}
        <Show when=move || capabilities.get().edits>
            <button class="button quiet square" aria-label=word title=word on:click=open><Icon name=icon /></button>
        </Show>
    }
}

/// Datasets the run read and models it wrote.
#[component]
fn DataTab(datasets: Vec<Dataset>, models: Vec<crate::model::LoggedModel>) -> impl IntoView {
    if datasets.is_empty() && models.is_empty() {
        return view! { <p class="empty">"This run logged no dataset and no model."</p> }.into_any();
    }
    let dataset = |it: Dataset| {
        let mut pairs = vec![
            ("digest".to_owned(), it.digest),
            ("source type".into(), it.source_type),
            ("source".into(), it.source),
            ("schema".into(), it.schema),
            ("profile".into(), it.profile),
        ];
        pairs.retain(|it| !it.1.is_empty());
        let used = (!it.context.is_empty()).then_some(it.context);
        view! {
            <div class="part">
                <h2><bdi>{it.name}</bdi>{used.map(|it| view! { <span class="badge">{it}</span> })}</h2>
                <overview::Pairs pairs=pairs empty="" />
            </div>
        }
    };
    let models: Vec<(String, String)> = models
        .into_iter()
        .map(|it| {
            (if it.name.is_empty() { "model".to_owned() } else { it.name }, format!("{} at step {}", it.id, it.step))
        })
        .collect();
    view! {
        {datasets.into_iter().map(dataset).collect_view()}
        {(!models.is_empty()).then(|| view! { <div class="part"><h2>"Logged models"</h2><overview::Pairs pairs=models empty="" /></div> })}
    }
    .into_any()
}
