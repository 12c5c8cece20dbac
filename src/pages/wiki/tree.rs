//! The pages, as a tree by their paths, and the search over all of them.

use std::collections::HashSet;

use leptos::prelude::*;

use super::Wiki;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::engine::protocol::{Answer, PageInfo, Question};
use crate::model::order::sort_by;
use crate::pages::ask::use_answer;

/// A line of the tree: a folder, or a page.
#[derive(Clone, PartialEq)]
struct Line {
    depth: usize,
    name: String,
    page: Option<PageInfo>,
}

/// Folders stand above what is in them.
fn lines(pages: &[PageInfo]) -> Vec<Line> {
    let mut pages = pages.to_vec();
    // Name by name: "a/b" belongs to "a", whatever "a b" is.
    sort_by(&mut pages, |a, b| a.path.split('/').cmp(b.path.split('/')));
    let paths: HashSet<&str> = pages.iter().map(|it| it.path.as_str()).collect();
    let mut all: Vec<Line> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for page in &pages {
        let names: Vec<&str> = page.path.split('/').collect();
        let (folders, name) = names.split_at(names.len().saturating_sub(1));
        let same = open.iter().zip(folders).take_while(|it| it.0 == it.1).count();
        open.truncate(same);
        for folder in &folders[same..] {
            let folder_path = names[..=open.len()].join("/");
            // A page that is called as the folder stands for it.
            if !paths.contains(folder_path.as_str()) {
                all.push(Line { depth: open.len(), name: (*folder).to_owned(), page: None });
            }
            open.push(folder);
        }
        let name = name.first().copied().unwrap_or_default().to_owned();
        all.push(Line { depth: folders.len(), name, page: Some(page.clone()) });
    }
    all
}

#[component]
pub fn Tree(wiki: Wiki) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let found = use_answer(
        move || {
            let words = words.get().trim().to_owned();
            (words.chars().count() > 1).then(|| Question::FindPages { project: wiki.project.get_value(), words })
        },
        |told| match told.answer {
            Answer::PagesFound(it) => Some(it),
            _ => None,
        },
    );
    let is_search = move || words.with(|it| it.trim().chars().count() > 1);
    let tick = dom::ticking(60);
    let line = move |it: Line| {
        let indent = format!("padding-left:{}px", 12 + it.depth * 16);
        match it.page {
            None => view! { <li class="folder" style=indent><Icon name="folder-open" /><bdi class="cut">{it.name}</bdi></li> }.into_any(),
            Some(page) => {
                let here = page.path.clone();
                let is_here = Memo::new(move |_| wiki.path.get() == here);
                let age = page.versions.last().map(|it| it.at);
                view! {
                    <li><a style=indent href=wiki.link_of(&page.path) aria-current=move || is_here.get().then_some("page")>
                        <Icon name="file-text" /><bdi class="cut">{it.name}</bdi>
                        <span class="minor">{if page.has_draft { Some("draft".to_owned()) } else { age.map(|at| { tick.get(); dom::short_time(at) }) }}</span>
                    </a></li>
                }.into_any()
            }
        }
    };
    view! {
        <nav class="wiki-tree" aria-label="Pages">
            <div class="head"><span>"Pages"</span><span class="grow"></span>
                <button class="button quiet square" aria-label="New page" title="New page" style:display=dom::is_single().then_some("none") on:click=move |_| wiki.adding.set(true)><Icon name="plus" /></button></div>
            <div class="search"><Icon name="search" /><input class="input" type="search" placeholder="Search all pages" aria-label="Search all pages" bind:value=words /></div>
            {move || if is_search() {
                let all = found.ok().unwrap_or_default();
                if all.is_empty() && !found.busy.get() {
                    return view! { <p class="minor none">"No page has these words."</p> }.into_any();
                }
                view! { <ul>{all.into_iter().map(|it| view! {
                    <li><a class="found" href=wiki.link_of(&it.path)><bdi class="cut">{it.path.clone()}</bdi><span class="minor cut"><bdi>{it.line}</bdi></span></a></li>
                }).collect_view()}</ul> }.into_any()
            } else {
                let pages = wiki.pages.ok().map(|it| it.pages).unwrap_or_default();
                view! { <ul>{lines(&pages).into_iter().map(line).collect_view()}</ul> }.into_any()
            }}
        </nav>
    }
}
