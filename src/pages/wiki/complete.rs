//! What `/` and `@` offer while a page is written.

use leptos::prelude::*;

use super::Wiki;
use crate::components::react::effect;
use crate::components::{dom, format};
use crate::engine::protocol::{Answer, Question, RowsAsk};
use crate::model::Field;
use crate::model::link::HERE;
use crate::model::order::sort_by_key;
use crate::pages::ask::use_answer;
use crate::pages::board::templates::Known;
use crate::pages::route::{Route, RunView, RunsView, WikiView};
use crate::pages::widgets;
use crate::query::distribution::{Bar, Value};
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

/// Lines of the menu.
const MOST: usize = 60;
/// Letters behind `@`; more is a sentence.
const LONGEST: usize = 60;

#[derive(Clone, PartialEq)]
pub struct Item {
    pub name: String,
    pub about: String,
    /// Stands instead of what was typed.
    pub text: String,
}

/// What is typed before the caret, with its mark, and where it begins; places in UTF-16 as the browser counts.
pub fn token(text: &str, caret: usize) -> Option<(usize, String)> {
    let units: Vec<u16> = text.encode_utf16().take(caret).collect();
    let before = String::from_utf16_lossy(&units);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let from = match line.rfind(['/', '@']) {
        // A block begins its line, a mention its word.
        Some(at) if line[at..].starts_with('/') && line[..at].trim().is_empty() => at,
        Some(at)
            if line[at..].starts_with('@') && line[..at].chars().next_back().is_none_or(|it| !it.is_alphanumeric()) =>
        {
            at
        }
        _ => return None,
    };
    let word = &line[from..];
    let is_long = word.chars().count() > LONGEST || word.contains(['(', ')', '[', ']']);
    (!is_long).then(|| (caret - word.encode_utf16().count(), word.to_owned()))
}

pub fn use_items(wiki: Wiki, sought: RwSignal<Option<(usize, String)>>) -> Memo<Vec<Item>> {
    let word = Memo::new(move |_| sought.get().map(|it| it.1));
    let fields = use_answer(
        move || word.get().filter(|it| it.starts_with('/')).map(|_| Question::Fields(wiki.project.get_value())),
        |told| match told.answer {
            Answer::Fields(it) => Some(it),
            _ => None,
        },
    );
    let runs = use_answer(
        move || {
            let word = word.get()?;
            let name = word.strip_prefix('@')?.replace(['\'', '%', '\\'], "_");
            let query = RowsQuery { filter: format!("attributes.run_name ILIKE '%{name}%'"), ..RowsQuery::default() };
            let selection = Selection::First(0);
            let project = wiki.project.get_value();
            let ask = RowsAsk {
                project,
                query,
                fields: vec![Field::Started],
                toggled: Vec::new(),
                offset: 0,
                limit: 6,
                selection,
            };
            Some(Question::Rows(Box::new(ask)))
        },
        |told| match told.answer {
            Answer::Rows(it) => Some(*it),
            _ => None,
        },
    );
    let datasets = use_answer(
        move || {
            word.get().filter(|it| it.starts_with('@'))?;
            let (project, query) = (wiki.project.get_value(), RowsQuery::default());
            Some(Question::Distribution { project, query, field: Field::Dataset })
        },
        |told| match told.answer {
            Answer::Distribution(it) => Some(it.bars),
            _ => None,
        },
    );
    Memo::new(move |_| {
        let Some(word) = word.get() else { return Vec::new() };
        let sought = word[1..].to_lowercase();
        let mut all: Vec<Item> = if word.starts_with('/') {
            let told = fields.ok();
            let known = Known {
                fields: told.as_ref().map_or(&[], |it| &it.fields),
                n_runs: told.as_ref().map_or(0, |it| it.n_runs),
                target: told.as_ref().and_then(|it| it.suggested.first().cloned()),
            };
            blocks(&known)
        } else {
            let project = wiki.project.get_value();
            let pages = wiki.pages.ok().map(|it| it.pages).unwrap_or_default();
            let page = |path: String| Item {
                text: link(
                    path.rsplit('/').next().unwrap_or(&path),
                    &Route::Wiki(project.clone(), WikiView { path: path.clone(), ..WikiView::default() }),
                ),
                about: "page".into(),
                name: path,
            };
            let run = |row: crate::query::cells::Row| Item {
                text: link(&row.name, &Route::Run(project.run(row.id.clone()), RunView::default())),
                about: format!("run {}", row.id.as_str().chars().take(8).collect::<String>()),
                name: row.name,
            };
            let dataset = |it: Bar| {
                let Value::Text(name) = it.what else { return None };
                let view = RunsView { filter: it.clause, ..RunsView::default() };
                Some(Item {
                    text: link(&name, &Route::Runs(project.clone(), Box::new(view))),
                    about: format!("dataset of {}", format::n_of(it.n, "run")),
                    name,
                })
            };
            let runs = runs.ok().map(|it| it.rows).unwrap_or_default();
            let datasets = datasets.ok().unwrap_or_default();
            let pages = pages.into_iter().map(|it| page(it.path));
            runs.into_iter().map(run).chain(pages).chain(datasets.into_iter().filter_map(dataset)).collect()
        };
        let has = |text: &str| text.to_lowercase().contains(&sought);
        all.retain(|it| has(&it.name) || has(&it.about));
        // Those that are called so come first.
        sort_by_key(&mut all, |it| !has(&it.name));
        all.truncate(MOST);
        all
    })
}

/// A link within the same source: a teammate may have the tracker under another address.
fn link(name: &str, to: &Route) -> String {
    let link = to.link();
    let rest = link.strip_prefix("#/s/").and_then(|it| it.split_once('/'));
    let link = rest.map_or_else(|| link.clone(), |it| format!("{HERE}{}", it.1));
    format!("[{}]({link})", name.replace(['[', ']'], ""))
}

fn blocks(known: &Known) -> Vec<Item> {
    let plain =
        |name: &str, about: &str, text: &str| Item { name: name.into(), about: about.into(), text: text.into() };
    let mut all = vec![
        plain("heading", "a heading", "## "),
        plain("list", "a list of tasks", "- [ ] "),
        plain("table", "a table", "| a | b |\n|---|--:|\n|  |  |\n"),
        plain("code", "code, in colours", "```python\n\n```\n"),
        plain("quote", "words of others", "> "),
        plain("math", "a formula", "$$\n\n$$\n"),
        plain("today", "the date", &dom::day(dom::now())),
    ];
    let live = widgets::kinds().filter(|it| it.has_runs).map(|kind| Item {
        name: kind.label.into(),
        about: format!("{} · {}", kind.about, kind.word),
        text: format!("```{}\n{}```\n", kind.word, (kind.first)(&kind, known).lines()),
    });
    all.splice(0..0, live);
    all
}

#[component]
pub fn Completion(items: Vec<Item>, chosen: RwSignal<usize>, take: Callback<Item>) -> impl IntoView {
    let lines = items.into_iter().enumerate().map(|(at, item)| {
        let held = StoredValue::new(item.clone());
        view! {
            <li><button tabindex="-1" id=format!("completion-{at}") aria-selected=move || (chosen.get() == at).to_string() role="option"
                on:pointerdown=move |event| { event.prevent_default(); take.run(held.get_value()) }>
                <bdi class="cut">{item.name}</bdi><span class="minor cut">{item.about}</span></button></li>
        }
    });
    effect(move || {
        let at = chosen.get();
        dom::show_up(&format!("#completion-{at}"));
    });
    view! { <ul class="completion" role="listbox" aria-label="What to insert">{lines.collect_view()}</ul> }
}
