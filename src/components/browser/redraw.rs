//! When all that is on canvases has to be drawn anew: the browser took their memory and gave it back, as it does after
//! its graphics failed, or the window moved to a screen with other pixels.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

thread_local! {
    static TIMES: ArcRwSignal<u32> = begin();
}

/// The effect that asks runs again then.
pub fn redrawn() {
    TIMES.with(Get::get);
}

fn begin() -> ArcRwSignal<u32> {
    let times = ArcRwSignal::new(0u32);
    let again = times.clone();
    let on_restored = Closure::<dyn FnMut()>::new(move || again.update(|it| *it = it.wrapping_add(1)));
    // It does not rise, but all can be seen on its way down.
    let listener = on_restored.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback_and_bool("contextrestored", listener, true);
    // For as long as the page.
    on_restored.forget();
    follow_ratio(times.clone());
    times
}

/// A query is of one ratio: with the next another is asked.
fn follow_ratio(times: ArcRwSignal<u32>) {
    let query = format!("(resolution: {}dppx)", window().device_pixel_ratio());
    let Ok(Some(query)) = window().match_media(&query) else { return };
    let on_other = Closure::once_into_js(move || {
        times.update(|it| *it = it.wrapping_add(1));
        follow_ratio(times);
    });
    let options = web_sys::AddEventListenerOptions::new();
    options.set_once(true);
    let listener = on_other.unchecked_ref();
    let _ = query.add_event_listener_with_callback_and_add_event_listener_options("change", listener, &options);
}
