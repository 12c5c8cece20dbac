//! Copying text, also on plain http where there is no clipboard API.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::icon::Icon;

use crate::components::react::spawn;

/// Whether it was copied.
async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|it| it.is_truthy());
    if has_clipboard && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    copy_by_command(text).unwrap_or(false)
}

fn copy_by_command(text: &str) -> Option<bool> {
    let area: web_sys::HtmlTextAreaElement = document().create_element("textarea").ok()?.unchecked_into();
    area.set_value(text);
    area.set_class_name("sr");
    let body = document().body()?;
    body.append_child(&area).ok()?;
    area.select();
    let command: js_sys::Function = js_sys::Reflect::get(&document(), &"execCommand".into()).ok()?.dyn_into().ok()?;
    let done = command.call1(&document(), &"copy".into()).ok()?.is_truthy();
    let _ = body.remove_child(&area);
    Some(done)
}

/// `what` is what is copied, for the button's name: "Copy the command".
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    what: &'static str,
    /// Only the icon.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let said = RwSignal::new("Copy");
    let act = move |_| {
        spawn(async move {
            let done = copy(&text.get_untracked()).await;
            said.set(if done { "Copied" } else { "Select and copy by hand" });
            set_timeout(move || said.set("Copy"), std::time::Duration::from_secs(2));
        });
    };
    let class = if quiet { "button quiet square" } else { "button" };
    view! {
        <button class=class on:click=act aria-label=format!("Copy {what}") title=format!("Copy {what}")>
            {move || if said.get() == "Copied" { view! { <Icon name="check" /> } } else { view! { <Icon name="copy" /> } }}
            {move || (!quiet).then(|| said.get())}
            <span class="sr" role="status">{move || (said.get() != "Copy").then(|| said.get())}</span>
        </button>
    }
}

/// A command or setting to take to another machine.
#[component]
pub fn Command(#[prop(into)] text: String, what: &'static str) -> impl IntoView {
    let shown = text.clone();
    view! {
        <div class="command">
            <pre>{shown}</pre>
            <CopyButton text=Signal::derive(move || text.clone()) what=what />
        </div>
    }
}
