//! A new page: where it stands and what it begins with.

use leptos::prelude::*;

use super::Wiki;
use super::templates::{About, TEMPLATES};
use crate::components::dialog::Dialog;
use crate::components::dom;
use crate::components::react::spawn;
use crate::engine::protocol::{Answer, Question, RowsAsk};
use crate::model::page::{LONGEST_PATH, clean_path};
use crate::model::{Field, Run};
use crate::pages::route::{Mode, WikiView};
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

#[component]
pub fn NewPage(wiki: Wiki) -> impl IntoView {
    let close = Callback::new(move |()| wiki.adding.set(false));
    let at = wiki.path.get_untracked();
    // Beside the page at hand, or the page that a link named and nobody wrote.
    let is_missing = untrack(|| wiki.page.problem()).is_some();
    let folder = at.rsplit_once('/').map_or(String::new(), |it| format!("{}/", it.0));
    let path = RwSignal::new(if is_missing { at } else { folder });
    let template = RwSignal::new(0usize);
    let is_taken = Memo::new(move |_| {
        let path = clean_path(&path.get());
        wiki.pages.ok().is_some_and(|it| it.pages.iter().any(|it| it.path == path))
    });
    let submit = Callback::new(move |()| {
        let path = clean_path(&path.get_untracked());
        if path.is_empty() || is_taken.get_untracked() {
            return dom::focus("#page-path");
        }
        let (data, project) = (wiki.data, wiki.project.get_value());
        spawn(async move {
            let chosen = &TEMPLATES[template.get_untracked().min(TEMPLATES.len() - 1)];
            let metric = first_metric(wiki).await;
            let run = if chosen.of_run { newest_run(wiki).await } else { None };
            let title = path.rsplit('/').next().unwrap_or_default().to_owned();
            let today = dom::day(dom::now());
            let text = (chosen.text)(&About {
                title: &title,
                today: &today,
                metric: metric.as_deref(),
                run: run.as_ref().map(|it| (&project, it)),
            });
            let draft = Question::DraftPage { project: project.clone(), path: path.clone(), text: Some(text), base: 0 };
            if let Err(problem) = data.ask(draft).await {
                let _ = wiki.said.try_set(Some(super::Said::Problem(problem)));
            }
            let _ = wiki.adding.try_set(false);
            wiki.begun.set_value(true);
            wiki.go(WikiView { path, mode: Mode::Split, version: None });
        });
    });
    view! {
        <Dialog title="New page" close=close submit=submit first="#page-path">
            <div class="body">
                <div class="field"><label for="page-path">"Name"</label>
                    <input id="page-path" class="input" maxlength=LONGEST_PATH.to_string() placeholder="Reports/Width against depth" autocomplete="off" bind:value=path />
                    <p class="minor">{move || if is_taken.get() { "There is a page of this name." } else { "A slash puts it into a folder." }}</p></div>
                <fieldset class="checks"><legend>"It begins with"</legend>
                    {TEMPLATES.iter().enumerate().map(|(at, it)| view! {
                        <label class="check"><input type="radio" name="template" prop:checked=move || template.get() == at on:change=move |_| template.set(at) />{it.name}
                            {it.of_run.then(|| view! { <span class="minor">"filled from the newest run"</span> })}</label>
                    }).collect_view()}
                </fieldset>
            </div>
            <div class="foot"><span class="grow"></span><button class="button primary" disabled=move || is_taken.get()>"Write it"</button></div>
        </Dialog>
    }
}

/// What most of the project is about; its runs may be read only now.
async fn first_metric(wiki: Wiki) -> Option<String> {
    const TRIES: u32 = 20;
    const A_MOMENT_MS: f64 = 100.0;
    for _ in 0..TRIES {
        let Ok(Answer::Fields(it)) = wiki.data.ask(Question::Fields(wiki.project.get_value())).await else { break };
        let metric = |it: Field| if let Field::Metric(it) = it { Some(it) } else { None };
        if it.n_runs > 0 {
            return it.suggested.into_iter().find_map(metric);
        }
        crate::sources::browser::sleep(A_MOMENT_MS).await;
    }
    None
}

async fn newest_run(wiki: Wiki) -> Option<Run> {
    let project = wiki.project.get_value();
    let selection = Selection::Newest(1);
    let ask = RowsAsk {
        project: project.clone(),
        query: RowsQuery::default(),
        fields: Vec::new(),
        toggled: Vec::new(),
        offset: 0,
        limit: 0,
        selection,
    };
    let Ok(Answer::Rows(rows)) = wiki.data.ask(Question::Rows(Box::new(ask))).await else { return None };
    let key = project.run(rows.drawn.first()?.id.clone());
    match wiki.data.ask(Question::Compare(vec![key])).await {
        Ok(Answer::Compare(all)) => all.into_iter().next()?.ok(),
        _ => None,
    }
}
