//! A file of a run, shown as what it is.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says};
use crate::pages::board::spec::Settings;
use crate::pages::run::Preview;

pub const KIND: Kind = Kind {
    word: "artifact",
    label: "File of a run",
    about: "a picture, table, text or page that a run logged",
    icon: "file",
    size: (4, 9),
    settings: |_| {
        vec![
            Setting::new("run", "Run", Takes::Run, "the first that is drawn"),
            Setting::new("path", "File", Takes::Text, "its path among the run's artifacts"),
        ]
    },
    title: |_, set| set.get("path").map_or("File", |it| it.rsplit('/').next().unwrap_or(it)).to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let path = scope.setting("path");
    let chosen = scope.setting("run");
    let run = Memo::new(move |_| match chosen.get() {
        it if it.is_empty() => scope.drawn.with(|all| all.first().map(|it| it.0.id.clone())),
        it => Some(it.as_str().into()),
    });
    view! {
        {move || match (run.get(), path.get()) {
            (_, path) if path.is_empty() => says("No file chosen", "Name its path in the settings of this widget."),
            (None, _) => says("No run is drawn", "Open an eye, or choose a run in the settings of this widget."),
            (Some(run), path) => {
                let key = scope.project.get_value().run(run);
                view! { <div class="preview widget-file"><Preview key=key path=path /></div> }.into_any()
            }
        }}
    }
    .into_any()
}
