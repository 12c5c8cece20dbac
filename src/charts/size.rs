//! Where a chart stands in the window, kept up to date, and where its legend does.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::components::react::effect;

/// The plot's box in CSS pixels, kept up to date.
pub fn sizes(plot: NodeRef<html::Div>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    // The closure lives as long as its observer.
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(node) = plot.get() else { return };
        let measured = node.clone();
        let on_size = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            // What is not displayed has no size, and keeps the one it had.
            if now.0 > 0.0 && size.try_get_untracked().is_some_and(|it| it != now) {
                size.set(now);
            }
        });
        if let Ok(made) = web_sys::ResizeObserver::new(on_size.as_ref().unchecked_ref()) {
            made.observe(&node);
            observer.set_value(Some((made, on_size)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = observer.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    size
}

/// A line of a legend, in pixels.
pub const LINE: f64 = 17.0;

/// The left upper corner of a plot in the window. Asked for after something has changed, the browser arranges all of the
/// page anew before it answers.
pub fn corner(plot: &web_sys::HtmlElement) -> (f64, f64) {
    let it = plot.get_bounding_client_rect();
    (it.left(), it.top())
}

/// Where the legend stands in the window: beside the crosshair on the side with more room, at the top of the plot or
/// low in it, and whole.
pub fn beside((left, above): (f64, f64), height: f64, x: f64, n_lines: usize, is_low: bool) -> String {
    let side = |it: Result<JsValue, _>| it.ok().and_then(|it| it.as_f64()).unwrap_or(0.0);
    let (width, most) = (side(window().inner_width()), side(window().inner_height()));
    let tall = f64::from(u32::try_from(n_lines).unwrap_or(0)) * LINE + 12.0;
    let top = if is_low { above + height - tall - 26.0 } else { above + 4.0 };
    let top = top.min(most - tall - 8.0).max(8.0);
    let place = left + x;
    // Nearer to the window's right edge than to its left: to the left of the crosshair.
    if place > width / 2.0 {
        format!("right:{}px;top:{top}px", width - place + 10.0)
    } else {
        format!("left:{}px;top:{top}px", place + 10.0)
    }
}

/// A chart that fills the window goes back by Esc, wherever the focus is.
pub fn close_on_escape(full: RwSignal<bool>) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && full.get_untracked() {
            full.set(false);
        }
    });
    on_cleanup(move || keys.remove());
}
