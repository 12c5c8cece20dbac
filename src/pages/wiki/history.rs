//! Versions of a page: who, when, what changed, and back to one.

use leptos::prelude::*;

use super::Wiki;
use crate::components::dom;
use crate::engine::protocol::{Answer, FileDiff, Question};
use crate::pages::ask::use_answer;
use crate::pages::compare::shown_diff;
use crate::query::compare::text_diff::text_diff;

/// Same lines around a change.
const CONTEXT: usize = 2;

#[component]
pub fn History(wiki: Wiki) -> impl IntoView {
    let versions = Memo::new(move |_| {
        let path = wiki.path.get();
        let pages = wiki.pages.ok().map(|it| it.pages).unwrap_or_default();
        pages.into_iter().find(|it| it.path == path).map(|it| it.versions).unwrap_or_default()
    });
    view! {
        <Show when=move || !versions.with(Vec::is_empty)>
            <section class="wiki-history" aria-label="History of this page">
                <div class="head">"History of this page"</div>
                <ul>{move || {
                    let all = versions.get();
                    let newest = all.last().map(|it| it.n);
                    all.into_iter().rev().map(|it| {
                        let n = it.n;
                        let is_here = move || wiki.view.with(|it| it.version) == Some(n) || (wiki.view.with(|it| it.version.is_none()) && newest == Some(n));
                        let who = if it.by.is_empty() { String::new() } else { format!("{}, ", it.by) };
                        view! {
                            <li><button aria-current=move || is_here().then_some("true") title=dom::full_time(it.at)
                                on:click=move |_| wiki.change(|it| it.version = Some(n).filter(|it| Some(*it) != newest))>
                                <span>{format!("v{n}")}</span><span class="minor cut"><bdi>{who}</bdi>{dom::short_time(it.at)}</span></button></li>
                        }
                    }).collect_view()
                }}</ul>
            </section>
        </Show>
    }
}

/// Above an older version: what changed since, and the way back to it.
#[component]
pub fn Old(wiki: Wiki) -> impl IntoView {
    let version = Memo::new(move |_| wiki.view.with(|it| it.version));
    let newest = use_answer(
        move || {
            let project = wiki.project.get_value();
            version.get().map(|_| Question::Page { project, path: wiki.path.get(), n: None })
        },
        |told| match told.answer {
            Answer::Page(it) => Some(it),
            _ => None,
        },
    );
    let shows = RwSignal::new(true);
    let restore = move |_| {
        let Some(newest) = untrack(|| newest.ok()) else { return };
        let old = wiki.written.get_untracked();
        wiki.change(|it| it.version = None);
        wiki.keep(old.path, Some(old.text), newest.n);
    };
    view! {
        {move || version.get().map(|n| view! {
            <div class="notice old">
                <div class="title">{format!("Version {n}, not the newest")}</div>
                <div class="actions">
                    <button class="button primary" on:click=restore>"Make it the newest"</button>
                    <button class="button" aria-pressed=move || shows.get().to_string() on:click=move |_| shows.update(|it| *it = !*it)>"What changed since"</button>
                    <button class="button quiet" on:click=move |_| wiki.change(|it| it.version = None)>"Back to the newest"</button>
                </div>
                {move || (shows.get()).then(|| newest.ok()).flatten().map(|newest| {
                    let text = text_diff(&wiki.written.with(|it| it.text.clone()), &newest.text, CONTEXT);
                    view! { <div class="filediff">{shown_diff(FileDiff { text, json: None })}</div> }
                })}
            </div>
        })}
    }
}
