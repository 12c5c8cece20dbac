//! Effects and tasks of the page, boxed at the door: the framework's machinery is compiled once
//! instead of once per closure, which is what the page's size is made of.

use std::pin::Pin;
use std::time::Duration;

use leptos::prelude::*;

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

/// What a signal says once it has been the same for a while. Nothing until then.
pub fn at_rest<T: Clone + PartialEq + Send + Sync + 'static>(signal: Memo<T>, rest: Duration) -> RwSignal<Option<T>> {
    let rested = RwSignal::new(None);
    effect(move || {
        let now = signal.get();
        if rested.with_untracked(|it| it.as_ref() == Some(&now)) {
            return;
        }
        if let Ok(timer) = set_timeout_with_handle(move || drop(rested.try_set(Some(now))), rest) {
            on_cleanup(move || timer.clear());
        }
    });
    rested
}

/// True once it has been for a moment: what is done within a few frames shows no sign of work.
pub fn late(busy: RwSignal<bool>) -> RwSignal<bool> {
    const A_MOMENT: Duration = Duration::from_millis(200);
    let shown = RwSignal::new(false);
    effect(move || {
        if busy.get() {
            // Of this piece of work, not of one that comes later.
            let show = move || {
                let _ = shown.try_set(true);
            };
            if let Ok(timer) = set_timeout_with_handle(show, A_MOMENT) {
                on_cleanup(move || timer.clear());
            }
        } else if shown.get_untracked() {
            shown.set(false);
        }
    });
    shown
}
