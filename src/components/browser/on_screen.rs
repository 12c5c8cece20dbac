//! What is made when it comes near the screen, and knows when it is away from it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use leptos::context::Provider;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::paper::Paper;
use crate::components::react::effect;

/// Whether a chart is near enough to the screen to be drawn; what nobody sees neither fetches nor draws.
#[derive(Clone, Copy)]
pub struct Near(pub RwSignal<bool>);

/// Makes its content when it first comes near the screen, and says where it is from then on. Away from
/// the screen it is not displayed: each canvas would still be a layer that the browser cares for.
#[component]
pub fn OnScreen(
    /// Takes the room of two, side by side or one over the other.
    #[prop(optional, into)]
    is_wide: Signal<bool>,
    #[prop(optional, into)] is_tall: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let near = RwSignal::new(false);
    let made = RwSignal::new(false);
    // On paper everything is near.
    if let Some(paper) = use_context::<Paper>() {
        effect(move || {
            if paper.0.get() {
                near.set(true);
                made.set(true);
            }
        });
    }
    // The closure lives as long as its observer.
    let held = StoredValue::new_local(None::<(web_sys::IntersectionObserver, Closure<dyn FnMut(js_sys::Array)>)>);
    effect(move || {
        let Some(node) = node.get() else { return };
        let on_change = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let last = entries.iter().last().map(|it| it.unchecked_into::<web_sys::IntersectionObserverEntry>());
            let is_near = last.is_some_and(|it| it.is_intersecting());
            if near.try_get_untracked() == Some(!is_near) {
                near.set(is_near);
            }
            if is_near && made.try_get_untracked() == Some(false) {
                in_turn(made);
            }
        });
        let options = web_sys::IntersectionObserverInit::new();
        options.set_root_margin("300px");
        if let Ok(observer) =
            web_sys::IntersectionObserver::new_with_options(on_change.as_ref().unchecked_ref(), &options)
        {
            observer.observe(&node);
            held.set_value(Some((observer, on_change)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = held.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    // What has the focus stays, however far it is: else the focus would be nowhere.
    let held_focus = RwSignal::new(false);
    let children = StoredValue::new(children);
    view! {
        <div class="cell" on:focusin=move |_| held_focus.set(true) on:focusout=move |_| { held_focus.try_set(false); }
            class:away=move || !near.get() && !held_focus.get() class:wide=move || is_wide.get() class:tall=move || is_tall.get() node_ref=node>
            <Provider value=Near(near)>
                <Show when=move || made.get()>{children.with_value(|it| it())}</Show>
            </Provider>
        </div>
    }
}

/// Sets one signal with every other frame, in between a picture has time to come: a row of charts made
/// at once would hold up the scrolling.
fn in_turn(made: RwSignal<bool>) {
    thread_local! {
        static WAITING: RefCell<VecDeque<RwSignal<bool>>> = const { RefCell::new(VecDeque::new()) };
        static IS_GOING: Cell<bool> = const { Cell::new(false) };
    }
    fn next() {
        match WAITING.with_borrow_mut(VecDeque::pop_front) {
            Some(made) => {
                let _ = made.try_set(true);
                request_animation_frame(|| request_animation_frame(next));
            }
            None => IS_GOING.set(false),
        }
    }
    WAITING.with_borrow_mut(|it| it.push_back(made));
    if !IS_GOING.replace(true) {
        request_animation_frame(next);
    }
}
