//! Words, as Markdown.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says};
use crate::components::markdown::Markdown;
use crate::pages::board::spec::Settings;
use crate::pages::route::{Route, WikiView};

pub const KIND: Kind = Kind {
    word: "text",
    label: "Text",
    about: "what you found, as Markdown",
    icon: "file-text",
    size: (4, 6),
    settings: |_| {
        vec![Setting::new("text", "Text", Takes::Markdown, "Markdown: # heading, **bold**, - list, [link](https://…)")]
    },
    title: |_, _| "Note".to_owned(),
    first: |_, _| Settings::of([("text", "## What this dashboard answers\n\n")]),
    show: |_, scope| show(scope),
    has_runs: false,
};

fn show(scope: Scope) -> AnyView {
    let text = scope.setting("text");
    view! {
        {move || match text.get() {
            it if it.trim().is_empty() => says("No text yet", "Write it in the settings of this widget."),
            it => {
                let base = Route::Wiki(scope.project.get_value(), WikiView::default()).link();
                view! { <div class="widget-text"><Markdown text=it base=base /></div> }.into_any()
            }
        }}
    }
    .into_any()
}
