//! The link of what is looked at: whole, or short where the view is kept on the tracker.

use leptos::prelude::*;

use super::sources;
use crate::components::copy::CopyButton;
use crate::components::format;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Question};
use crate::model::packed_view::MOST_SHARED;
use crate::model::{Problem, SourceId};
use crate::pages::edit::use_capabilities;
use crate::pages::nav::use_nav;
use crate::pages::route::{Route, RunsView};

/// The address of this page with another place.
fn whole(route: &Route) -> String {
    let page = window().location().href().unwrap_or_default();
    format!("{}{}", page.split('#').next().unwrap_or_default(), route.link())
}

#[component]
pub fn LinkPart() -> impl IntoView {
    let nav = use_nav();
    let link = Signal::derive(move || whole(&nav.route.get()));
    let who = move || sources(&nav.route.get()).iter().map(who).collect::<Vec<_>>().join(" ");
    let is_long = move || link.with(String::len) > MOST_SHARED;
    view! {
        <section class="share-part">
            <h3>"Link"</h3>
            <p class="minor">"What you look at stands in the link behind #, which no server is told. "{who}</p>
            <div class="copyline"><input class="input mono" readonly aria-label="The link" prop:value=link on:focus=select_all /><CopyButton text=link what="the link" /></div>
            <p class="minor">{move || format!("{} · no tokens", format::bytes(link.with(String::len) as u64))}
                {move || is_long().then(|| view! { <span class="badge warn">"too long for many chats and mail programs: keep the view on the tracker, or send a snapshot"</span> })}</p>
            {move || match nav.route.get() {
                Route::Runs(key, view) => Some(view! { <Kept key=key view=*view /> }),
                _ => None,
            }}
            {move || is_static().then(|| {
                let code = Signal::derive(move || embed(&link.get()));
                view! {
                    <div class="copyline"><input class="input mono" readonly aria-label="Code for a frame in another page" prop:value=code on:focus=select_all /><CopyButton text=code what="the code for a frame" /></div>
                    <p class="minor">"A frame in another page: it shows what this place's snapshot holds, and keeps nothing."</p>
                }
            })}
        </section>
    }
}

fn select_all(event: leptos::ev::FocusEvent) {
    use wasm_bindgen::JsCast;
    if let Some(input) = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        input.select();
    }
}

/// Who can open it.
fn who(source: &SourceId) -> String {
    if crate::sources::is_server(source.kind()) {
        return format!("Readers need access to {}.", source.address());
    }
    if source.as_str() == crate::engine::DEMO || is_static() {
        return "Anyone who can open this page sees the same.".to_owned();
    }
    let name = source.address().split('~').next().unwrap_or_default().to_owned();
    format!("Readers need {name} itself, which they open on their machine: a snapshot is easier.")
}

/// The snapshot comes from the same host as the page.
fn is_static() -> bool {
    crate::components::dom::search_value("open").is_some()
}

fn embed(link: &str) -> String {
    let link = link.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<iframe src=\"{link}\" width=\"100%\" height=\"600\" style=\"border:0\" loading=\"lazy\" title=\"Experiments\"></iframe>"
    )
}

/// A short link: the view by its name on the tracker.
#[component]
fn Kept(key: crate::model::ProjectKey, view: RunsView) -> impl IntoView {
    let data = expect_context::<Data>();
    let can = use_capabilities(key.source.clone());
    let name = RwSignal::new(String::new());
    let outcome = RwSignal::new(None::<Result<String, Problem>>);
    let key = StoredValue::new(key);
    let text = StoredValue::new(view.to_query());
    let keep = move |_| {
        let named: String =
            name.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect();
        if named.is_empty() {
            return crate::components::dom::focus("#share-name");
        }
        let project = key.get_value();
        let short =
            Route::Runs(project.clone(), Box::new(RunsView { stored: Some(named.clone()), ..RunsView::default() }));
        let ask = Question::KeepView { project, name: named, text: Some(text.get_value()), base: None };
        spawn(async move {
            let told = match data.ask(ask).await {
                Ok(Answer::KeptView { theirs: None }) => Ok(whole(&short)),
                Ok(_) => {
                    Err(Problem::Engine { said: "a view of this name is there already: choose another name".into() })
                }
                Err(problem) => Err(problem),
            };
            let _ = outcome.try_set(Some(told));
        });
    };
    view! {
        <Show when=move || can.get().edits>
            <div class="copyline">
                <input id="share-name" class="input" placeholder="Keep it on the tracker as …, for a short link" aria-label="Name of the view on the tracker" maxlength="80" bind:value=name />
                <button type="button" class="button" on:click=keep>"Keep"</button>
            </div>
            {move || outcome.get().map(|it| match it {
                Ok(link) => {
                    let text = Signal::stored(link);
                    view! { <div class="copyline"><input class="input mono" readonly aria-label="The short link" prop:value=text on:focus=select_all /><CopyButton text=text what="the short link" /></div> }.into_any()
                }
                Err(problem) => view! { <Notice problem=problem /> }.into_any(),
            })}
        </Show>
    }
}
