//! Effects and tasks of the page, boxed at the door: the framework's machinery is compiled once
//! instead of once per closure, which is what the page's size is made of.

use std::pin::Pin;

use leptos::prelude::Effect;

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
