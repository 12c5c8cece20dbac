//! The projects of a source.

use leptos::prelude::*;

use super::app::Syncing;
use super::ask::use_answer;
use super::connect::Connecting;
use super::home::OpeningState;
use super::nav::use_nav;
use super::route::Route;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::{Problem, ProjectKey, SourceId};

#[component]
pub fn ProjectsPage(source: SourceId) -> impl IntoView {
    let data = expect_context::<Data>();
    expect_context::<Syncing>().0.set(None);
    let search = RwSignal::new(String::new());
    let asked = {
        let source = source.clone();
        use_answer(
            move || {
                data.track(&Event::Projects(source.clone()));
                data.track(&Event::Sources);
                Some(Question::Projects { source: source.clone(), refresh: false })
            },
            |told| match told.answer {
                Answer::Projects(it) => Some(it),
                _ => None,
            },
        )
    };
    let refresh = {
        let source = source.clone();
        move |_| {
            let question = Question::Projects { source: source.clone(), refresh: true };
            spawn(async move {
                let _ = data.ask(question).await;
            });
        }
    };
    let listed = source.clone();
    let troubled = StoredValue::new(source.clone());
    view! {
        <div class="page projects">
            <div class="projects-head">
                <h1>"Projects"</h1>
                {move || asked.ok().map(|it| view! {
                    <span class="minor" role="status">
                        {if it.loading { "Reading the list".to_owned() } else {
                            format!("{}{}", format::n_of(it.projects.len() as u64, "project"),
                                it.fetched.map(|at| format!(", read {}", dom::since(at))).unwrap_or_default())
                        }}
                    </span>
                })}
                <input class="input" type="search" placeholder="Find a project" aria-label="Find a project" bind:value=search />
                <button class="button" on:click=refresh><Icon name="refresh-cw" />"Refresh"</button>
            </div>
            {move || asked.problem().map(|problem| view! { <SourceNotice problem=problem source=troubled.get_value() /> })}
            {move || asked.ok().and_then(|it| it.trouble).map(|problem| view! { <SourceNotice problem=problem source=troubled.get_value() /> })}
            <OpeningState />
            <ul class="list" aria-label="Projects">
                {move || {
                    let word = search.get().to_lowercase();
                    let found = asked.ok()?;
                    let is_empty = found.projects.is_empty() && !found.loading && found.trouble.is_none();
                    let lines = found.projects.into_iter().filter(|it| it.name.to_lowercase().contains(&word)).map(|it| {
                        let key = ProjectKey { source: listed.clone(), project: it.id.clone() };
                        let first_line = it.description.as_deref().and_then(|it| it.lines().find(|it| !it.trim().is_empty()));
                        let description = first_line.unwrap_or_default().trim_start_matches(['#', ' ']).to_owned();
                        view! {
                            <li><a class="line" href=Route::Runs(key, Box::default()).link()>
                                <Icon name="folder" />
                                <span class="name cut"><bdi>{it.name}</bdi></span>
                                <span class="desc cut grow">{description}</span>
                                <span class="minor">{it.updated.or(it.created).map(|at| view! { <span title=dom::full_time(at)>{dom::short_time(at)}</span> })}</span>
                            </a></li>
                        }
                    }).collect_view();
                    Some(view! {
                        {lines}
                        {is_empty.then(|| view! { <li><p class="empty">"This source holds no project yet. Log a run, then press Refresh."</p></li> })}
                    })
                }}
            </ul>
        </div>
    }
}

/// A problem of a source with the buttons that fit it.
#[component]
pub fn SourceNotice(problem: Problem, source: SourceId) -> impl IntoView {
    let connecting = expect_context::<Connecting>();
    let route = use_nav().route.get_untracked();
    let kind = source.kind().to_owned();
    let connect = move |word: &'static str| {
        let (source, route) = (source.clone(), route.clone());
        view! { <button class="button primary" on:click=move |_| connecting.open_for(&source, Some(route.clone()))>{word}</button> }
    };
    let buttons = match &problem {
        Problem::UnknownSource { .. } if crate::sources::is_server(kind.as_str()) => {
            Some(connect("Connect to it …").into_any())
        }
        Problem::UnknownSource { .. } | Problem::Closed { .. } => {
            Some(view! { <a class="button primary" href="#/">"Open it again"</a> }.into_any())
        }
        Problem::Unauthorized { .. } => Some(connect("Sign in").into_any()),
        Problem::Unreachable { .. } | Problem::TimedOut { .. } | Problem::Forbidden { .. } => {
            Some(connect("Test the connection").into_any())
        }
        _ => None,
    };
    match buttons {
        Some(buttons) => {
            view! { <div style="padding:16px 0"><Notice problem=problem>{buttons}</Notice></div> }.into_any()
        }
        None => view! { <div style="padding:16px 0"><Notice problem=problem /></div> }.into_any(),
    }
}
