//! Light, dark or as the system has it. `boot.js` sets it before the first paint.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::dom;
use super::icon::Icon;

const KEY: &str = "halimede.theme";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    System,
    Light,
    Dark,
}

/// True while the page is dark. Charts redraw when it changes.
#[derive(Clone, Copy)]
pub struct Dark(pub Signal<bool>);

pub fn provide_theme() -> RwSignal<bool> {
    let dark = RwSignal::new(is_dark_now());
    provide_context(Dark(dark.into()));
    dark
}

fn root() -> Option<web_sys::Element> {
    document().document_element()
}

fn is_dark_now() -> bool {
    root().and_then(|it| it.get_attribute("data-theme")).as_deref() == Some("dark")
}

fn system_is_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|it| it.matches())
}

#[component]
pub fn ThemeButton(dark: RwSignal<bool>) -> impl IntoView {
    let choice = RwSignal::new(match dom::stored(KEY).as_deref() {
        Some("light") => Choice::Light,
        Some("dark") => Choice::Dark,
        _ => Choice::System,
    });
    let show = move |is_dark: bool| {
        if let Some(root) = root() {
            let _ = root.set_attribute("data-theme", if is_dark { "dark" } else { "light" });
        }
        dark.set(is_dark);
    };
    // The system turns dark in the evening.
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let turned = Closure::<dyn FnMut()>::new(move || {
            if choice.try_get_untracked() == Some(Choice::System) {
                show(system_is_dark());
            }
        });
        query.set_onchange(Some(turned.as_ref().unchecked_ref()));
        // Both live as long as the page.
        turned.forget();
        std::mem::forget(query);
    }
    let next = move |_| {
        choice.update(|it| {
            *it = match *it {
                Choice::System => Choice::Light,
                Choice::Light => Choice::Dark,
                Choice::Dark => Choice::System,
            }
        });
        let (word, is_dark) = match choice.get_untracked() {
            Choice::System => ("", system_is_dark()),
            Choice::Light => ("light", false),
            Choice::Dark => ("dark", true),
        };
        dom::store(KEY, word);
        show(is_dark);
    };
    let name = move || match choice.get() {
        Choice::System => "Theme: as the system",
        Choice::Light => "Theme: light",
        Choice::Dark => "Theme: dark",
    };
    view! {
        <button class="button quiet square" on:click=next title=name aria-label=name>
            {move || match choice.get() {
                Choice::System => view! { <Icon name="monitor" /> },
                Choice::Light => view! { <Icon name="sun" /> },
                Choice::Dark => view! { <Icon name="moon" /> },
            }}
        </button>
    }
}
