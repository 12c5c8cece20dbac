//! A dialog at the side: over the page, closed by Esc or beside it, and the keyboard stays inside.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dom;
use super::react::effect;

#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    close: Callback<()>,
    submit: Callback<()>,
    /// What the keyboard stands at first.
    first: &'static str,
    #[prop(default = "side")] class: &'static str,
    children: Children,
) -> impl IntoView {
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            close.run(());
        }
    });
    on_cleanup(move || escape.remove());
    let form: NodeRef<html::Form> = NodeRef::new();
    let back = document().active_element().and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
    let back = StoredValue::new_local(back);
    effect(move || {
        if form.get().is_some() {
            dom::focus(first);
        }
    });
    on_cleanup(move || {
        if let Some(Some(back)) = back.try_get_value() {
            let _ = back.focus();
        }
    });
    let label = title.clone();
    view! {
        <div class="scrim" on:click=move |_| close.run(())></div>
        <form class=class role="dialog" aria-modal="true" aria-label=label node_ref=form novalidate
            on:keydown=keep_focus_inside
            on:submit=move |event| { event.prevent_default(); submit.run(()) }>
            <div class="head">
                <h2>{title}</h2>
                <button type="button" class="button quiet" on:click=move |_| close.run(())><span class="key">"Esc"</span>"close"</button>
            </div>
            {children()}
        </form>
    }
}

/// Tab goes round within the dialog.
fn keep_focus_inside(event: ev::KeyboardEvent) {
    if event.key() != "Tab" {
        return;
    }
    let Some(form) = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) else { return };
    let Ok(all) = form.query_selector_all("button:not(:disabled), input, select, textarea, a[href], summary") else {
        return;
    };
    let node = |i: u32| all.item(i).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
    let (Some(first), Some(last)) = (node(0), all.length().checked_sub(1).and_then(node)) else { return };
    let active = document().active_element();
    let is = |it: &web_sys::HtmlElement| {
        active.as_ref().is_some_and(|active| active == it.unchecked_ref::<web_sys::Element>())
    };
    let next = if event.shift_key() && is(&first) {
        last
    } else if !event.shift_key() && is(&last) {
        first
    } else {
        return;
    };
    event.prevent_default();
    let _ = next.focus();
}
