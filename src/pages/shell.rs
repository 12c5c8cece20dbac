//! The offline shell's page side: registers the service worker, offers a new version, and never
//! mixes two.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

use crate::components::react::{effect, spawn};
use crate::engine::DEMO_FILE;

/// A newer version waits to take over.
#[derive(Clone, Copy)]
pub struct Update(RwSignal<Option<ServiceWorkerRegistration>, LocalStorage>);

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    // Absent on plain http, in private windows and for files.
    let it = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    it.is_truthy().then(|| navigator.service_worker())
}

/// Whether this page can start without its server.
pub fn is_offline_capable() -> bool {
    container().is_some_and(|it| it.controller().is_some())
}

pub fn register() -> Update {
    let update = Update(RwSignal::new_local(None));
    let Some(container) = container().filter(|_| !crate::components::dom::is_single()) else { return update };
    if window().location().protocol().as_deref() == Ok("file:") {
        return update;
    }
    let had_controller = container.controller().is_some();
    let taken = RwSignal::new(false);
    provide_context(TakenOver(taken));
    // The new worker took over because the person pressed the button: start again with its files.
    let changed = Closure::<dyn FnMut()>::new(move || {
        if had_controller {
            let _ = window().location().reload();
        } else {
            taken.set(true);
        }
    });
    container.set_oncontrollerchange(Some(changed.as_ref().unchecked_ref()));
    changed.forget();
    spawn(async move {
        let registered = JsFuture::from(container.register("sw.js")).await;
        if let Ok(registration) = registered.and_then(|it| it.dyn_into::<ServiceWorkerRegistration>()) {
            watch(&registration, update);
        }
    });
    update
}

/// On a first visit the page began without its offline shell, which has it now.
#[derive(Clone, Copy)]
struct TakenOver(RwSignal<bool>);

/// The engine of a first visit fetches past the shell: the page fetches the demo once more, and it stays.
pub fn keep_demo(is_open: impl Fn() -> bool + 'static) {
    let Some(TakenOver(taken)) = use_context::<TakenOver>() else { return };
    let is_kept = StoredValue::new(false);
    effect(move || {
        if taken.get() && is_open() && !is_kept.get_value() {
            is_kept.set_value(true);
            spawn(async { drop(JsFuture::from(window().fetch_with_str(DEMO_FILE)).await) });
        }
    });
}

fn watch(registration: &ServiceWorkerRegistration, update: Update) {
    if registration.waiting().is_some() && registration.active().is_some() {
        update.0.set(Some(registration.clone()));
    }
    let watched = registration.clone();
    let found = Closure::<dyn FnMut()>::new(move || {
        let Some(installing) = watched.installing() else { return };
        let (watched, worker) = (watched.clone(), installing.clone());
        let state = Closure::<dyn FnMut()>::new(move || {
            let is_installed = worker.state() == web_sys::ServiceWorkerState::Installed;
            if is_installed && watched.active().is_some() {
                update.0.set(Some(watched.clone()));
            }
        });
        installing.set_onstatechange(Some(state.as_ref().unchecked_ref()));
        state.forget();
    });
    registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
    found.forget();
}

#[component]
pub fn UpdateBar(update: Update) -> impl IntoView {
    let take = move |_| {
        if let Some(waiting) = update.0.get_untracked().and_then(|it| it.waiting()) {
            let _ = waiting.post_message(&"take over".into());
        }
    };
    view! {
        <Show when=move || update.0.with(Option::is_some)>
            <div class="update" role="status">
                "A new version of Halimede is ready."
                <button class="button" on:click=take>"Reload"</button>
            </div>
        </Show>
    }
}
