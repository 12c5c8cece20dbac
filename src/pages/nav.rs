//! Where the page is. The address is the one place that knows; everybody else reads it here.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::route::Route;

#[derive(Clone, Copy)]
pub struct Nav {
    pub route: RwSignal<Route>,
}

impl Nav {
    pub fn start() -> Self {
        let route = RwSignal::new(read());
        let moved = window_event_listener(ev::hashchange, move |_| {
            let now = read();
            if route.get_untracked() != now {
                route.set(now);
            }
        });
        // For the life of the page.
        std::mem::forget(moved);
        Nav { route }
    }

    /// Opens a place: Back returns from it.
    pub fn go(self, to: &Route) {
        let link = to.link();
        let _ = window().location().set_hash(&link);
        if self.route.get_untracked() != *to {
            self.route.set(to.clone());
        }
    }

    /// Changes the view of the place: Back does not undo it.
    pub fn replace(self, to: &Route) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&to.link()));
        }
        self.route.set(to.clone());
    }
}

fn read() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

pub fn use_nav() -> Nav {
    expect_context::<Nav>()
}
