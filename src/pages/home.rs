//! Home: three doors, and the way back to what was looked at.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::ask::use_sources;
use super::connect::Connecting;
use super::frame::health;
use super::nav::use_nav;
use super::opening::{Opening, has_folder_picker, open_demo, open_list, pick_folder};
use super::route::Route;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::react::effect;
use crate::engine::data::Data;
use crate::model::SourceInfo;
use crate::model::packed_view::{self as packed, Trouble};

#[component]
pub fn Home() -> impl IntoView {
    let (data, nav) = (expect_context::<Data>(), use_nav());
    let (connecting, opening) = (expect_context::<Connecting>(), expect_context::<Opening>());
    let choosing = RwSignal::new(false);
    let demo = move || open_demo(opening, data, nav);
    let keys = window_event_listener(ev::keydown, move |event| {
        let typing = event.target().is_some_and(|it| wasm_bindgen::JsCast::has_type::<web_sys::HtmlInputElement>(&it));
        if typing || event.ctrl_key() || event.meta_key() || event.alt_key() || connecting.is_open() {
            return;
        }
        match event.key().as_str() {
            "1" => connecting.open("", None),
            "2" => choosing.update(|it| *it = !*it),
            "3" => demo(),
            _ => return,
        }
        // Or the digit would be typed into the field that just opened.
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
    let sources = use_sources();
    // The doors stand below the known sources: shown before those are known, they would move away under the pointer.
    let is_known = Memo::new(move |_| sources.value.with(Option::is_some));
    view! {
        <div class="home" class:waiting=move || !is_known.get()>
            <h1>"Read your experiments"</h1>
            <p>"From MLflow servers, mlruns folders and snapshots, on this machine, with or without a network."</p>
            {move || sources.ok().filter(|it| !it.is_empty()).map(known)}
            <ul class="doors">
                <li>
                    <button class="door" aria-label="Connect" on:click=move |_| connecting.open("", None)>
                        <Icon name="server" />
                        <span class="name">"Connect a server"</span><span class="key">"1"</span>
                        <span class="what">"MLflow 2 and 3. Runs are cached, so you can go on offline."</span>
                    </button>
                </li>
                <li>
                    <button class="door" aria-label="Open folder or file" aria-expanded=move || choosing.get().to_string()
                        on:click=move |_| choosing.update(|it| *it = !*it)>
                        <Icon name="folder-open" />
                        <span class="name">"Open a folder or file"</span><span class="key">"2"</span>
                        <span class="what">
                            <code>"mlruns"</code>" folders and Halimede snapshots. Read in place, never uploaded. Or drop one anywhere."
                        </span>
                    </button>
                    <Show when=move || choosing.get()><Chooser /></Show>
                </li>
                <li>
                    <button class="door" aria-label="Try the demo" on:click=move |_| demo()>
                        <Icon name="play" />
                        <span class="name">"Try the demo"</span><span class="key">"3"</span>
                        <span class="what">"85 real training runs in three projects, 0.9 MB, served with this page."</span>
                    </button>
                    <a class="minor beside-door" href="demo.html">"The same as one file that needs no server"</a>
                </li>
            </ul>
            <OpeningState />
            <p class="drop"><Icon name="download" />"Or drop a folder or snapshot anywhere on this page"</p>
        </div>
    }
}

/// What is being opened, or why it could not be.
#[component]
pub fn OpeningState() -> impl IntoView {
    let opening = expect_context::<Opening>();
    view! {
        {move || opening.busy.get().map(|what| view! {
            <p class="empty" style="padding:16px 14px" role="status">{format!("Reading {what} …")}</p>
        })}
        {move || opening.problem.get().map(|problem| view! {
            <div style="padding:20px 0"><Notice problem=problem>
                <button class="button" on:click=move |_| opening.problem.set(None)>"Dismiss"</button>
            </Notice></div>
        })}
    }
}

#[component]
fn Chooser() -> impl IntoView {
    let (data, nav, opening) = (expect_context::<Data>(), use_nav(), expect_context::<Opening>());
    let folder: NodeRef<html::Input> = NodeRef::new();
    let file: NodeRef<html::Input> = NodeRef::new();
    // The attribute is no standard property of the element.
    effect(move || {
        if let Some(input) = folder.get() {
            let _ = input.set_attribute("webkitdirectory", "");
        }
    });
    let opened = move |input: NodeRef<html::Input>| {
        if let Some(list) = input.get_untracked().and_then(|it| it.files()) {
            open_list(opening, data, nav, &list);
        }
    };
    let choose_folder = move |_| {
        if has_folder_picker() {
            pick_folder(opening, data, nav);
        } else if let Some(input) = folder.get_untracked() {
            input.click();
        }
    };
    view! {
        <div style="display:flex;gap:8px;padding:0 14px 18px 52px;flex-wrap:wrap">
            <button class="button primary" on:click=choose_folder>"Choose a folder"</button>
            <button class="button" on:click=move |_| { if let Some(it) = file.get_untracked() { it.click() } }>"Choose a file"</button>
            <input type="file" id="open-folder" class="sr" tabindex="-1" aria-label="Folder" node_ref=folder on:change=move |_| opened(folder) />
            <input type="file" id="open-file" class="sr" tabindex="-1" aria-label="File" node_ref=file on:change=move |_| opened(file) />
        </div>
    }
}

/// Sources of earlier visits come first: most people come back to one of them.
fn known(all: Vec<SourceInfo>) -> impl IntoView {
    view! {
        <section aria-label="Your sources">
            <h2>"Your sources"</h2>
            <ul class="list">
                {all.into_iter().map(|it| {
                    let (dot, said) = health(&it.health);
                    view! {
                        <li><a class="line" href=Route::Projects(it.id.clone()).link()>
                            <span class=format!("dot {dot}")></span>
                            <span class="name cut"><bdi>{it.label}</bdi></span>
                            <span class="minor cut">{it.id.kind().to_owned()}{it.version.map(|it| format!(" {it}"))}</span>
                            <span class="grow"></span>
                            <span class="minor">{said}</span>
                        </a></li>
                    }
                }).collect_view()}
            </ul>
        </section>
    }
}

/// A link that leads nowhere.
#[component]
pub fn Lost(text: String) -> impl IntoView {
    let (title, what_next) = match text.split_once('?').map(|it| packed::unpack(it.1)) {
        Some(Err(Trouble::Newer)) => (
            "This link was made by a newer Halimede",
            "Reload the page to get the newest version this place has, or open the link where it was made.",
        ),
        Some(Err(Trouble::Damaged)) => (
            "This link is cut off or damaged",
            "It holds a whole view, so every letter counts. Ask for it again, or for a file.",
        ),
        _ => ("This link leads to no place in Halimede", ""),
    };
    view! {
        <div class="empty">
            <div class="notice warn">
                <div class="title">{title}</div>
                <div class="text">{what_next}</div>
                <div class="text cut"><bdi>{text}</bdi></div>
                <div class="actions"><a class="button" href="#/">"Go home"</a></div>
            </div>
        </div>
    }
}
