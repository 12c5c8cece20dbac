//! A page as it is read: its outline, its text with what is live in it, who wrote it and when.

use std::time::Duration;

use leptos::prelude::*;

use super::{Wiki, embed, history};
use crate::components::dom;
use crate::components::markdown::Markdown;
use crate::components::paper::Paper;
use crate::components::prose::Heading;
use crate::components::react::effect;

/// A long text is set anew a moment after the last letter: its author must not wait for it.
fn slowly(text: Signal<String>) -> RwSignal<String> {
    const LONG: usize = 6_000;
    const PAUSE: Duration = Duration::from_millis(250);
    let shown = RwSignal::new(String::new());
    let turn = StoredValue::new(0u32);
    effect(move || {
        let now = text.get();
        let at = turn.try_update_value(|it| {
            *it = it.wrapping_add(1);
            *it
        });
        if now.len() < LONG || shown.with_untracked(String::is_empty) {
            return shown.set(now);
        }
        set_timeout(
            move || {
                if turn.try_get_value() == at && at.is_some() {
                    let _ = shown.try_set(now);
                }
            },
            PAUSE,
        );
    });
    shown
}

#[component]
pub fn Reading(wiki: Wiki) -> impl IntoView {
    let base = wiki.link_of("");
    let embed =
        Callback::new(move |(word, body): (String, String)| embed::embed(wiki.project.get_value(), &word, &body));
    let headings = RwSignal::new(Vec::<Heading>::new());
    let text = slowly(Signal::derive(move || wiki.written.with(|it| it.text.clone())));
    let paper = use_context::<Paper>();
    let about = move || {
        // On paper it stays as it was when it was printed.
        let when = |at: f64| if paper.is_some_and(|it| it.0.get()) { dom::full_time(at) } else { dom::since(at) };
        let page = wiki.page.ok()?;
        let who = if page.by.is_empty() { String::new() } else { format!("{} · ", page.by) };
        (page.n > 0).then(|| format!("{who}{} · version {}", when(page.at), page.n))
    };
    let outline = move || {
        let all = headings.get();
        (all.len() > 2).then(|| view! {
            <nav class="outline" aria-label="Outline">{all.into_iter().map(|it| {
                let id = it.id.clone();
                view! { <button data-level=it.level.to_string() on:click=move |_| dom::show_at_top(&id)><bdi>{it.text}</bdi></button> }
            }).collect_view()}</nav>
        })
    };
    view! {
        <article class="reading">
            {outline}
            <div class="sheet">
                <history::Old wiki=wiki />
                <Markdown text=text base=base embed=embed headings=headings />
                <p class="minor about">{about}</p>
            </div>
        </article>
    }
}
