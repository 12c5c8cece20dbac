//! Effects and tasks of the page, boxed at the door: the framework's machinery is compiled once
//! instead of once per closure, which is what the page's size is made of.

use std::pin::Pin;

use leptos::prelude::{Effect, on_cleanup, request_animation_frame_with_handle};

/// Runs now and whenever a signal it read changes, until its owner is gone.
pub fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| run());
}

/// Works on without anyone waiting.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}

/// Works right before the next picture, unless who asks is gone or runs again until then: called from an
/// effect or a component, whose signals it may read.
pub fn next_frame(work: impl FnOnce() + 'static) {
    if let Ok(frame) = request_animation_frame_with_handle(work) {
        on_cleanup(move || frame.cancel());
    }
}
