//! A widget in a page: a fenced block whose word is a widget's and whose lines are its settings.

use leptos::prelude::*;

use crate::components::dom;
use crate::components::markdown::PICTURE;
use crate::components::on_screen::OnScreen;
use crate::model::ProjectKey;
use crate::pages::board::spec::Settings;
use crate::pages::route::{Route, RunView};
use crate::pages::run::{Image, is_image};
use crate::pages::widgets::{self, Kind, OF_RUNS, Scope, says};

/// Of the dashboard's grid, with the gap.
const ROW: u16 = 32;
const HIGHEST: u16 = 40;
/// In rows of a dashboard.
const HEIGHT: &str = "rows-high";

/// None: the block is code.
pub fn embed(project: ProjectKey, word: &str, body: &str) -> Option<AnyView> {
    if word == PICTURE {
        return picture(&project, body);
    }
    let kind = widgets::kind(word).filter(|it| it.has_runs)?;
    let settings = Settings::from_lines(body);
    let rows = settings.get(HEIGHT).and_then(|it| it.parse().ok()).unwrap_or(kind.size.1).clamp(2, HIGHEST);
    let title = kind.title_of(&settings);
    let own = settings.get("runs").map(str::to_owned);
    let set = Memo::new(move |_| settings.clone());
    let project = StoredValue::new(project);
    let own_settings = (kind.settings)(&kind);
    let known: Vec<&str> = own_settings.iter().chain(&OF_RUNS).map(|it| it.key).chain(["title", HEIGHT]).collect();
    let unknown: Vec<String> =
        set.with_untracked(|it| it.names().filter(|it| !known.contains(it)).map(str::to_owned).collect());
    let unknown = (!unknown.is_empty()).then(|| {
        let text = format!("{} is no setting of it; these are: {}", unknown.join(", "), known.join(", "));
        view! { <p class="widget-foot"><span class="badge warn">{text}</span></p> }
    });
    Some(
        view! {
            <section class="widget in-page" aria-label=title.clone()>
                <header class="widget-head"><h3 class="cut"><bdi>{title.clone()}</bdi></h3><span class="minor cut">{own}</span><span class="grow"></span></header>
                {unknown}
                <div class="widget-body" style=format!("height:{}px", rows * ROW)><OnScreen>{live(project.get_value(), kind, set)}</OnScreen></div>
            </section>
        }
        .into_any(),
    )
}

/// A picture of the same tracker, by its link and its words.
fn picture(project: &ProjectKey, body: &str) -> Option<AnyView> {
    let (address, words) = body.split_once('\n')?;
    let Route::Run(run, RunView { file: Some(path), .. }) = Route::parse(address) else { return None };
    let is_ours = run.source == project.source && is_image(&path);
    let held = StoredValue::new((run, path, words.to_owned()));
    let image = move || {
        let (key, path, words) = held.get_value();
        view! { <Image key=key path=path words=words /> }
    };
    // A page of many is read as far as somebody looks.
    is_ours.then(|| view! { <OnScreen>{image()}</OnScreen> }.into_any())
}

/// Once it is near the screen: until then it asks for nothing.
fn live(project: ProjectKey, kind: Kind, set: Memo<Settings>) -> AnyView {
    let scope = match Scope::of_project(project, set) {
        Ok(scope) => scope,
        Err((title, text)) => return says(&title, &text),
    };
    let tick = dom::ticking(30);
    // A file holds what it held when it was made.
    let is_live = crate::sources::is_server(scope.project.get_value().source.kind());
    let age = move || {
        tick.get();
        if !is_live {
            return None;
        }
        scope.fetched.get().map(|it| format!("data read {}", dom::since(it)))
    };
    view! {
        <span class="minor age">{age}</span>
        {(kind.show)(&kind, scope)}
    }
    .into_any()
}
