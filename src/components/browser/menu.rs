//! A button with a popover: closes on Esc, on a click outside and when focus leaves.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::react::effect;

fn document_width() -> i32 {
    document().document_element().map_or(0, |it| it.client_width())
}

#[component]
pub fn Popover(
    open: RwSignal<bool>,
    /// Said by screen readers.
    #[prop(into)]
    label: String,
    /// Where it stands, as CSS.
    #[prop(into)]
    place: Signal<String>,
    #[prop(optional)] class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let back = RwSignal::new_local(None::<web_sys::HtmlElement>);
    effect(move || {
        if open.get() {
            let held = document().active_element().and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
            back.set(held);
        }
    });
    // What would reach beyond the window stands so far to the other side.
    effect(move || {
        const EDGE: f64 = 8.0;
        let Some(node) = node.get() else { return };
        let (rect, wide) = (node.get_bounding_client_rect(), f64::from(document_width()));
        let aside = (wide - EDGE - rect.right()).min(0.0).max(EDGE - rect.left());
        if aside != 0.0 {
            let _ = web_sys::HtmlElement::style(&node).set_property("transform", &format!("translateX({aside}px)"));
        }
    });
    // Into the popover once it is there, so that the keyboard goes on inside.
    effect(move || {
        if let Some(node) = node.get()
            && let Ok(Some(first)) = node.query_selector("input, button, a")
            && let Ok(first) = first.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = first.focus();
        }
    });
    let close = move || {
        if open.get_untracked() {
            open.set(false);
            if let Some(back) = back.get_untracked() {
                let _ = back.focus();
            }
        }
    };
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let inside = node.get_untracked().is_some_and(|it| {
            event
                .target()
                .and_then(|it| it.dyn_into::<web_sys::Node>().ok())
                .is_some_and(|target| it.contains(Some(&target)))
        });
        // The button that opened it closes it by its own click, which would open it again.
        let is_its_button = event
            .target()
            .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|it| it.closest("[aria-expanded='true']").is_ok_and(|it| it.is_some()));
        if open.get_untracked() && !inside && !is_its_button {
            set_timeout(move || open.set(false), std::time::Duration::from_millis(0));
        }
    });
    on_cleanup(move || outside.remove());
    let keys = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.stop_propagation();
            close();
        }
        key @ ("ArrowDown" | "ArrowUp") if move_focus(node.get_untracked().as_deref(), key == "ArrowDown") => {
            event.prevent_default();
        }
        _ => {}
    };
    let label = StoredValue::new(label);
    let children = StoredValue::new(children);
    view! {
        <Show when=move || open.get()>
            <div
                class=format!("popover {class}")
                node_ref=node
                role="dialog"
                aria-label=label.get_value()
                style=place
                on:keydown=keys
            >
                {children.with_value(|it| it())}
            </div>
        </Show>
    }
}

fn move_focus(node: Option<&web_sys::HtmlElement>, down: bool) -> bool {
    let Some(node) = node else { return false };
    let Ok(all) = node.query_selector_all("input, button, a") else { return false };
    let active = document().active_element();
    let at = (0..all.length()).find(|i| all.item(*i).and_then(|it| it.dyn_into().ok()) == active);
    let next = match (at, down) {
        (None, _) => 0u32,
        (Some(at), true) => (at + 1).min(all.length().saturating_sub(1)),
        (Some(at), false) => at.saturating_sub(1),
    };
    match all.item(next).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        Some(it) => it.focus().is_ok(),
        None => false,
    }
}
