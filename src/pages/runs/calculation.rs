//! A field for a calculation, of which a column or a curve is made. The engine looks at it first: what no run
//! has is said, and taken all the same when it is asked for again.

use leptos::ev;
use leptos::prelude::*;

use super::Runs;
use crate::components::react::spawn;
use crate::engine::protocol::{Answer, Question};
use crate::model::Figure;
use crate::query::check::Checked;
use crate::query::filter::tree::Function;

#[component]
pub fn Calculation(
    runs: Runs,
    label: &'static str,
    example: &'static str,
    /// What is typed; kept by who keeps more than this field.
    typed: RwSignal<String>,
    /// Of metrics step by step; else of any fields, run by run.
    is_curve: bool,
    #[prop(into)] on_add: Callback<String>,
) -> impl IntoView {
    let checked = RwSignal::new(None::<Checked>);
    let add = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked().trim().trim_start_matches('=').trim().to_owned();
        if checked.with_untracked(|it| it.as_ref().is_some_and(|it| it.may_be_added)) {
            on_add.run(text);
            return;
        }
        let question = Question::Check { project: runs.project.get_value(), text: text.clone(), is_curve };
        spawn(async move {
            match runs.data.ask(question).await {
                Ok(Answer::Checked(it)) if it.trouble.is_some() => {
                    let _ = checked.try_set(Some(it));
                }
                // Gone by now, if the field is.
                _ if checked.try_get_untracked().is_none() => {}
                _ => on_add.run(text),
            }
        });
    };
    let says = move || {
        let trouble = checked.get()?.trouble?;
        let put = trouble.instead.clone().map(|instead| {
            let span = trouble.span.clone();
            let put = instead.clone();
            let replace = move |_| {
                typed.update(|it| {
                    // The sign in front and blanks are not counted.
                    let start = it.len() - it.trim_start().trim_start_matches('=').trim_start().len();
                    let (from, to) = (start + span.start, start + span.end);
                    if it.get(from..to).is_some() {
                        it.replace_range(from..to, &put);
                    }
                });
                checked.set(None);
            };
            view! { <button type="button" class="button" on:click=replace>"Take "<bdi class="mono">{instead}</bdi></button> }
        });
        Some(view! {
            <div class="wrong"><span class="badge warn" role="alert">{trouble.message}</span>{put}</div>
        })
    };
    let may_be_added = move || checked.with(|it| it.as_ref().is_some_and(|it| it.may_be_added));
    let words = |all: &[&str]| all.join(", ");
    let functions = words(&Function::ALL.map(|it| it.0));
    let figures = words(&Figure::ALL.map(|it| it.0));
    let id = if is_curve { "calculated-curve" } else { "calculated-column" };
    view! {
        <form class="calculation" on:submit=add>
            <label for=id>{label}</label>
            <div class="pair">
                <input id=id class="input mono" placeholder=example autocomplete="off" spellcheck="false" bind:value=typed
                    on:input=move |_| checked.set(None) />
                <button class="button">{move || if may_be_added() { "Add anyway" } else { "Add" }}</button>
            </div>
            {says}
            <p class="minor">{format!("Of a value: {functions}. Of a whole curve: {figures}.")}</p>
        </form>
    }
}
