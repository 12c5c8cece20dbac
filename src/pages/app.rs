//! The whole page: what is shared, the frame, and the view of the place it is at.

use leptos::prelude::*;

use super::connect::{ConnectDialog, Connecting};
use super::edit::{EditDialog, Editing};
use super::frame::Frame;
use super::jobs::Jobs;
use super::nav::Nav;
use super::opening::{OpenAtStart, Opening, listen_for_drops};
use super::route::Route;
use super::{compare, door, home, projects, run, runs, shell, storage, wiki};
use crate::components::dom;
use crate::components::paper::{self, Paper};
use crate::components::react::effect;
use crate::components::theme::provide_theme;
use crate::engine::data::Data;
use crate::engine::protocol::SyncState;

/// What the top bar says of the project that is open.
#[derive(Clone, Copy)]
pub struct Syncing(pub RwSignal<Option<SyncState>>);

pub fn start() {
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let data = Data::start();
    let nav = Nav::start();
    let dark = provide_theme();
    provide_context(data);
    provide_context(nav);
    provide_context(Connecting::new());
    provide_context(Opening::new());
    provide_context(compare::Basket::new());
    provide_context(Editing::new());
    provide_context(runs::Histories::new());
    provide_context(Syncing(RwSignal::new(None)));
    let paper = Paper(RwSignal::new(false));
    provide_context(paper);
    paper::listen(paper);
    let update = shell::register();
    door::open(data, nav);
    listen_for_drops();
    // A place is made anew when it is another one; a change of its view is not.
    let place = Memo::new(move |_| match nav.route.get() {
        Route::Runs(key, _) => Route::Runs(key, Default::default()),
        Route::Run(key, _) => Route::Run(key, Default::default()),
        Route::Wiki(key, _) => Route::Wiki(key, Default::default()),
        Route::Compare(_) => Route::Compare(Default::default()),
        other => other,
    });
    effect(move || document().set_title(&title(&place.get())));
    view! {
        <a class="skip" href="#main" on:click=move |event| {
            event.prevent_default();
            crate::components::dom::focus("#main");
        }>"Skip to the content"</a>
        <Frame dark=dark update=update>{move || view_of(place.get())}</Frame>
        <ConnectDialog />
        <EditDialog />
        <Jobs />
    }
}

fn view_of(place: Route) -> AnyView {
    match place {
        Route::Home if dom::is_single() || dom::search_value("open").is_some() => view! { <OpenAtStart /> }.into_any(),
        Route::Home => view! { <home::Home /> }.into_any(),
        Route::Storage => view! { <storage::StoragePage /> }.into_any(),
        Route::Projects(source) => view! { <projects::ProjectsPage source=source /> }.into_any(),
        Route::Runs(key, _) => view! { <runs::RunsPage project=key /> }.into_any(),
        Route::Run(key, _) => view! { <run::RunPage key=key /> }.into_any(),
        Route::Wiki(key, _) => view! { <wiki::WikiPage project=key /> }.into_any(),
        Route::Compare(_) => view! { <compare::ComparePage /> }.into_any(),
        Route::Unknown(text) => view! { <home::Lost text=text /> }.into_any(),
    }
}

fn title(place: &Route) -> String {
    match place {
        Route::Home | Route::Unknown(_) => "Halimede".into(),
        Route::Storage => "Sources & storage · Halimede".into(),
        Route::Compare(_) => "Compare · Halimede".into(),
        Route::Projects(source) => format!("{} · Halimede", source.address()),
        Route::Runs(..) => "Runs · Halimede".into(),
        Route::Wiki(..) => "Wiki · Halimede".into(),
        Route::Run(..) => "Run · Halimede".into(),
    }
}
