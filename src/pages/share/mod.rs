//! What is looked at, for others: as a link, as a view on the tracker, as a file that needs no server. Each
//! says what it holds and who will be able to open it.

mod link;
mod snapshot;

use leptos::prelude::*;

use super::nav::use_nav;
use super::route::Route;
use crate::components::dialog::Dialog;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::engine::protocol::{Pages, SnapshotPart};
use crate::model::order::sort;
use crate::model::{Lifecycle, ProjectKey, RunKey, SourceId};
use crate::query::group::Grouping;
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

/// In the top bar, where there is something to share.
#[component]
pub fn ShareButton() -> impl IntoView {
    let nav = use_nav();
    let open = RwSignal::new(false);
    let can_share = Memo::new(move |_| !sources(&nav.route.get()).is_empty());
    view! {
        <Show when=move || can_share.get()>
            <button class="button quiet" aria-haspopup="dialog" on:click=move |_| open.set(true) title="Share what is looked at">
                <Icon name="share-2" /><span class="wide">"Share"</span>
            </button>
        </Show>
        {move || open.get().then(|| view! { <ShareDialog open=open /> })}
    }
}

#[component]
fn ShareDialog(open: RwSignal<bool>) -> impl IntoView {
    let nav = use_nav();
    let close = Callback::new(move |()| open.set(false));
    let route = nav.route.get_untracked();
    let parts = parts(&route);
    let snapshot =
        (!parts.is_empty()).then(|| view! { <snapshot::SnapshotForm route=route.clone() parts=parts.clone() /> });
    view! {
        <Dialog title="Share" close=close submit=Callback::new(|()| ()) first=".side input" class="side share">
            <div class="body">
                {(!dom::is_single()).then(|| view! { <link::LinkPart /> })}
                {snapshot}
            </div>
        </Dialog>
    }
}

/// Where what is looked at comes from.
fn sources(route: &Route) -> Vec<SourceId> {
    let mut all: Vec<SourceId> = match route {
        Route::Compare(view) => view.runs.iter().map(|it| it.source.clone()).collect(),
        Route::Runs(..) | Route::Run(..) | Route::Wiki(..) => route.source().cloned().into_iter().collect(),
        _ => Vec::new(),
    };
    sort(&mut all);
    all.dedup();
    all
}

/// The runs that a snapshot of this place is of.
fn parts(route: &Route) -> Vec<SnapshotPart> {
    match route {
        Route::Runs(key, view) => {
            let query = RowsQuery { group: Grouping::default(), ..view.rows_query() };
            vec![SnapshotPart {
                project: key.clone(),
                query,
                selection: Selection::AllBut(Vec::new()),
                views: Vec::new(),
                pages: Pages::None,
            }]
        }
        Route::Run(key, _) => these(std::slice::from_ref(key)),
        // What its pages show is of any of them.
        Route::Wiki(key, _) => vec![SnapshotPart {
            project: key.clone(),
            query: RowsQuery::default(),
            selection: Selection::AllBut(Vec::new()),
            views: Vec::new(),
            pages: Pages::All,
        }],
        Route::Compare(view) => these(&view.runs),
        _ => Vec::new(),
    }
}

fn these(runs: &[RunKey]) -> Vec<SnapshotPart> {
    let mut parts: Vec<SnapshotPart> = Vec::new();
    for key in runs {
        let project: ProjectKey = key.project_key();
        let at = parts.iter().position(|it| it.project == project).unwrap_or_else(|| {
            let query = RowsQuery { lifecycle: Lifecycle::Active, ..RowsQuery::default() };
            parts.push(SnapshotPart {
                project,
                query,
                selection: Selection::These(Vec::new()),
                views: Vec::new(),
                pages: Pages::None,
            });
            parts.len() - 1
        });
        if let Selection::These(runs) = &mut parts[at].selection {
            runs.push(key.run.clone());
        }
    }
    parts
}
