//! A widget in a page: a fenced block whose word is a widget's and whose lines are its settings.

use leptos::prelude::*;

use crate::components::dom;
use crate::components::on_screen::OnScreen;
use crate::model::ProjectKey;
use crate::pages::board::spec::Settings;
use crate::pages::widgets::{self, Scope};

/// Of the dashboard's grid, with the gap.
const ROW: u16 = 32;
const HIGHEST: u16 = 40;

/// None: the block is code.
pub fn embed(project: ProjectKey, word: &str, body: &str) -> Option<AnyView> {
    let kind = widgets::kind(word).filter(|it| it.has_runs)?;
    let settings = Settings::from_lines(body);
    let rows = settings.get("rows-high").and_then(|it| it.parse().ok()).unwrap_or(kind.size.1).clamp(2, HIGHEST);
    let title = kind.title_of(&settings);
    let own = settings.get("runs").map(str::to_owned);
    let set = Memo::new(move |_| settings.clone());
    let scope = Scope::of_project(project, set);
    let tick = dom::ticking(30);
    let age = move || {
        tick.get();
        scope.fetched.get().map(|it| format!("data read {}", dom::since(it)))
    };
    Some(
        view! {
            <section class="widget in-page" aria-label=title.clone()>
                <header class="widget-head"><h3 class="cut"><bdi>{title.clone()}</bdi></h3><span class="minor cut">{own}</span><span class="grow"></span><span class="minor age">{age}</span></header>
                <div class="widget-body" style=format!("height:{}px", rows * ROW)><OnScreen>{(kind.show)(&kind, scope)}</OnScreen></div>
            </section>
        }
        .into_any(),
    )
}
