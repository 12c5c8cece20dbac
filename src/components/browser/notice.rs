//! A problem where the person is looking: what happened, what still works, what to press.

use leptos::prelude::*;

use crate::components::words;
use crate::model::Problem;

#[component]
pub fn Notice(
    problem: Problem,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let said = words::of(&problem);
    let class = match problem {
        Problem::NotCached { .. } | Problem::Closed { .. } | Problem::Cancelled | Problem::Unauthorized { .. } => {
            "notice warn"
        }
        _ => "notice bad",
    };
    view! {
        <div class=class role="alert">
            <div class="title">{said.title}</div>
            <div class="text">{said.text}</div>
            {children.map(|it| view! { <div class="actions">{it()}</div> })}
        </div>
    }
}
