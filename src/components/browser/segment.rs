//! A row of buttons of which one is chosen.

use std::sync::Arc;

use leptos::prelude::*;

/// A value, its word, and what it means where the word alone does not say it.
pub type Choice<T> = (T, &'static str, &'static str);

/// `label` is said by screen readers.
pub fn segment<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    choices: Vec<Choice<T>>,
    chosen: impl Fn() -> T + Send + Sync + 'static,
    choose: impl Fn(T) + Send + Sync + 'static,
) -> AnyView {
    let words = choices.iter().map(|it| (it.1, it.2)).collect();
    let choices = Arc::new(choices);
    let same = choices.clone();
    let is_chosen = move |at: usize| same.get(at).is_some_and(|it| it.0 == chosen());
    let choose = move |at: usize| {
        if let Some(it) = choices.get(at) {
            choose(it.0);
        }
    };
    buttons(label, words, Arc::new(is_chosen), Arc::new(choose))
}

type IsChosen = Arc<dyn Fn(usize) -> bool + Send + Sync>;
type Choose = Arc<dyn Fn(usize) + Send + Sync>;

/// The same for all kinds of values, so that it is compiled once.
fn buttons(
    label: &'static str,
    words: Vec<(&'static str, &'static str)>,
    is_chosen: IsChosen,
    choose: Choose,
) -> AnyView {
    let button = |(at, (word, meaning)): (usize, (&'static str, &'static str))| {
        let name = if meaning.is_empty() { word } else { meaning };
        let (is_chosen, choose) = (is_chosen.clone(), choose.clone());
        view! {
            <button type="button" title=meaning aria-label=name aria-pressed=move || is_chosen(at).to_string()
                on:click=move |_| choose(at)>{word}</button>
        }
    };
    let all = words.into_iter().enumerate().map(button).collect::<Vec<_>>();
    view! { <div class="segment" role="group" aria-label=label>{all}</div> }.into_any()
}
