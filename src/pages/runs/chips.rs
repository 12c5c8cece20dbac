//! The conditions of the filter one by one, below its text: two views of one tree. A press on a chip
//! selects its part of the text, its cross takes it out.

use leptos::prelude::*;

use super::Runs;
use crate::components::icon::Icon;
use crate::model::problem::shortened;
use crate::query::filter::tree::{Expr, ExprKind, Span};
use crate::query::filter::{Trouble, parse};

/// The parts that all must hold; of fewer than two the text is its own chip.
fn parts(text: &str) -> Vec<Expr> {
    match parse(text) {
        Ok(Some(Expr { kind: ExprKind::And(parts), .. })) => parts,
        _ => Vec::new(),
    }
}

/// The filter without one of its parts.
fn without(text: &str, at: usize) -> Result<String, Trouble> {
    let Some(whole) = parse(text)? else { return Ok(String::new()) };
    let ExprKind::And(mut parts) = whole.kind else { return Ok(String::new()) };
    if at < parts.len() {
        parts.remove(at);
    }
    let left = match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => Expr { span: 0..0, kind: ExprKind::And(parts.into_iter().chain(last).collect()) },
    };
    Ok(left.to_string())
}

#[component]
pub fn Chips(runs: Runs, select: Callback<Span>) -> impl IntoView {
    let filter = Memo::new(move |_| runs.view.get().filter);
    let chips =
        Memo::new(move |_| parts(&filter.get()).into_iter().map(|it| (it.to_string(), it.span)).collect::<Vec<_>>());
    let remove = move |at: usize| {
        runs.change(|it| {
            if let Ok(left) = without(&it.filter, at) {
                it.filter = left;
            }
        });
    };
    let chip = move |(at, (text, span)): (usize, (String, Span))| {
        let short = shortened(&text, 60);
        view! {
            <li class="chip">
                <button class="cut" title=text.clone() on:click=move |_| select.run(span.clone())><bdi>{short}</bdi></button>
                <button class="x" aria-label=format!("Take out {text}") title="Take out" on:click=move |_| remove(at)><Icon name="x" /></button>
            </li>
        }
    };
    view! {
        <Show when=move || chips.with(|it| it.len() > 1)>
            <ul class="chips bar" aria-label="Conditions, all of which hold">{move || chips.get().into_iter().enumerate().map(chip).collect_view()}</ul>
        </Show>
    }
}
