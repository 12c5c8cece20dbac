//! A page of the project's wiki, as it is saved; its live blocks stand as what they are made of.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::components::markdown::Markdown;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::Problem;
use crate::pages::ask::use_answer;
use crate::pages::board::spec::Settings;
use crate::pages::route::{Route, WikiView};

pub const KIND: Kind = Kind {
    word: "page",
    label: "Page of the wiki",
    about: "what somebody wrote about this project",
    icon: "book-open",
    size: (6, 10),
    settings: |_| vec![Setting::new("path", "Page", Takes::Text, "its name, such as Reports/Width")],
    title: |_, set| set.get("path").map_or("Page", |it| it.rsplit('/').next().unwrap_or(it)).to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: false,
};

fn show(scope: Scope) -> AnyView {
    let data = expect_context::<Data>();
    let path = scope.setting("path");
    let project = scope.project.get_value();
    // The wiki may not have been read yet.
    let listed = {
        let project = project.clone();
        use_answer(
            move || {
                data.track(&Event::Pages(project.clone()));
                (!path.get().is_empty()).then(|| Question::Pages(project.clone()))
            },
            |told| match told.answer {
                Answer::Pages(it) => Some(it),
                _ => None,
            },
        )
    };
    let asked = {
        let project = project.clone();
        use_answer(
            move || {
                data.track(&Event::Pages(project.clone()));
                let is_listed = listed.value.with(Option::is_some);
                let project = project.clone();
                is_listed.then(|| Question::Page { project, path: path.get(), n: None })
            },
            |told| match told.answer {
                Answer::Page(it) => Some(it),
                _ => None,
            },
        )
    };
    let base = Route::Wiki(project.clone(), WikiView::default()).link();
    let project = StoredValue::new(project);
    view! {
        {move || match (path.get(), asked.value.get()) {
            (path, _) if path.is_empty() => says("No page chosen", "Name one in the settings of this widget."),
            (path, Some(Err(Problem::NotFound { .. }))) => says(&format!("There is no page {path}"), "It may have been removed or renamed."),
            (_, Some(Err(problem))) => trouble(&problem),
            (_, None) => ().into_any(),
            (path, Some(Ok(it))) => {
                let link = Route::Wiki(project.get_value(), WikiView { path, ..WikiView::default() }).link();
                view! {
                    <div class="widget-text reading-small"><Markdown text=it.text base=base.clone() />
                        <p class="minor"><a href=link>"Open the page"</a></p></div>
                }.into_any()
            }
        }}
    }
    .into_any()
}
