//! Which widgets there are, each as it would look here.

use leptos::prelude::*;

use super::grid::Page;
use super::spec::Settings;
use crate::components::dialog::Dialog;
use crate::components::icon::Icon;
use crate::components::on_screen::OnScreen;
use crate::pages::widgets::{self, Kind, Scope};

#[component]
pub fn Gallery(page: Page, open: RwSignal<bool>) -> impl IntoView {
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Dialog title="Add a widget" close=close submit=close first=".gallery .card button" class="side wide">
            <div class="body gallery">
                {widgets::kinds().map(|kind| view! { <Card page=page kind=kind open=open /> }).collect_view()}
            </div>
        </Dialog>
    }
}

#[component]
fn Card(page: Page, kind: Kind, open: RwSignal<bool>) -> impl IntoView {
    let first = Memo::new(move |held: Option<&Settings>| {
        // It stays as it is shown while the rest of the runs stream in.
        held.filter(|it| **it != Settings::default())
            .cloned()
            .unwrap_or_else(|| page.with_known(|known| (kind.first)(&kind, known)))
    });
    let add = move |_| {
        open.set(false);
        page.add(kind.word, kind.size, first.get_untracked());
    };
    let scope = Scope { put: None, ..Scope::of_page(page.runs, first, Callback::new(|_| ())) };
    view! {
        <article class="card">
            <button type="button" class="add" on:click=add aria-label=format!("Add: {}, {}", kind.label, kind.about)>
                <Icon name=kind.icon /><span><b>{kind.label}</b><span class="minor">{kind.about}</span></span><Icon name="plus" />
            </button>
            <div class="sample" inert=true><OnScreen>{(kind.show)(&kind, scope)}</OnScreen></div>
        </article>
    }
}
