//! The runs put aside for comparing, of any projects and sources.

use leptos::prelude::*;

use crate::components::dom;
use crate::components::icon::Icon;
use crate::engine::protocol::MOST_COMPARED;
use crate::model::RunKey;
use crate::pages::route::{CompareView, Route};

const STORED: &str = "halimede.basket";

/// The runs put aside for comparing. Lasts in this browser.
#[derive(Clone, Copy)]
pub struct Basket(pub RwSignal<Vec<RunKey>>);

impl Basket {
    pub fn new() -> Self {
        let held = match dom::stored(STORED).map(|it| Route::parse(&it)) {
            Some(Route::Compare(view)) => view.runs,
            _ => Vec::new(),
        };
        Basket(RwSignal::new(held))
    }

    pub fn route(self) -> Route {
        Route::Compare(CompareView { runs: self.0.get(), ..CompareView::default() })
    }

    pub fn has(self, key: &RunKey) -> bool {
        self.0.with(|it| it.contains(key))
    }

    /// All in, or, where they are in already, all out.
    pub fn toggle_all(self, keys: Vec<RunKey>) {
        let mut held = self.0.get_untracked();
        if keys.iter().all(|it| held.contains(it)) {
            held.retain(|it| !keys.contains(it));
        } else {
            held.extend(keys.into_iter().filter(|it| !self.0.with_untracked(|held| held.contains(it))));
            held.truncate(MOST_COMPARED);
        }
        self.put(held);
    }

    /// These and no others; gives the page that shows them.
    pub fn put(self, runs: Vec<RunKey>) -> Route {
        let route = Route::Compare(CompareView { runs: runs.clone(), ..CompareView::default() });
        dom::store(STORED, &route.link());
        self.0.set(runs);
        route
    }
}

#[component]
pub fn CompareButton(key: RunKey) -> impl IntoView {
    let basket = expect_context::<Basket>();
    let held = StoredValue::new(key);
    let is_in = Memo::new(move |_| basket.has(&held.get_value()));
    view! {
        <button class="button quiet" aria-pressed=move || is_in.get().to_string() on:click=move |_| basket.toggle_all(vec![held.get_value()])>
            <Icon name="git-compare-arrows" />{move || if is_in.get() { "In the comparison" } else { "Compare" }}
        </button>
    }
}
