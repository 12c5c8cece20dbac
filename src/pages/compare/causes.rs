//! What changed: the differences that are no outcomes, those that go along with the outcome first.

use leptos::prelude::*;

use crate::components::dom;
use crate::components::format;
use crate::query::compare::diff::{Line, Part};
use crate::query::compare::rank::{Kind, causes};
use crate::query::compare::split::Outcome;
use crate::query::fields::is_better_lower;

const SHOWN: usize = 6;

#[component]
pub fn WhatChanged(lines: Memo<Vec<Line>>, baseline: Signal<usize>) -> impl IntoView {
    let all = RwSignal::new(false);
    let content = move || {
        let lines = lines.get();
        // The lines stand with the metrics that tell most first.
        let metric = lines.iter().find(|it| it.part == Part::Metrics && it.differs);
        let outcome = metric.map(|metric| Outcome { metric, is_lower_better: is_better_lower(&metric.name) });
        let found = causes(&lines, baseline.get(), outcome);
        if found.is_empty() {
            return None;
        }
        let n = found.len();
        let shown = if all.get() { n } else { SHOWN };
        let item = |it: crate::query::compare::rank::Cause| {
            let line = &lines[it.line];
            let id = row_id(line);
            let word = match it.kind {
                Kind::Data => "badge bad",
                _ => "minor",
            };
            view! {
                <li><button on:click=move |_| dom::show_up(&format!("#{id}"))>
                    <span class=word>{line.part.word()}</span>
                    <bdi class="name">{line.name.clone()}</bdi>
                    <span class="why">{it.why}</span>
                </button></li>
            }
        };
        let of = metric.map(|it| format!("most in step with {} first", it.name));
        Some(view! {
            <section class="changed-list" aria-label="What changed">
                <h2>"What changed"<span class="minor">{of}</span></h2>
                <ol>{found.into_iter().take(shown).map(item).collect_view()}</ol>
                {(n > SHOWN).then(|| view! {
                    <button class="more" on:click=move |_| all.update(|it| *it = !*it)>
                        {if all.get_untracked() { "fewer".to_owned() } else { format!("{} more", format::count((n - SHOWN) as u64)) }}
                    </button>
                })}
            </section>
        })
    };
    view! { {content} }
}

/// The row of a line, for whoever scrolls to it.
pub fn row_id(line: &Line) -> String {
    let name: String = line.name.bytes().map(|it| format!("{it:02x}")).collect();
    format!("line-{}-{name}", line.part.word())
}
