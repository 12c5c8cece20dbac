//! The same pictures of several runs, side by side: a file, or those of a folder, of each drawn run. Where
//! their names tell a step, one slider goes through them all.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says};
use crate::pages::board::spec::Settings;
use crate::pages::by_step::{FilesByStep, Shown, StepSlider, Steps};

/// Pictures of a run.
const MOST_EACH: usize = 24;

pub const KIND: Kind = Kind {
    word: "images",
    label: "Pictures",
    about: "the same pictures of each drawn run, by step",
    icon: "image",
    size: (6, 9),
    settings: |_| {
        vec![
            Setting::new("path", "File or folder", Takes::Text, "its path among each run's artifacts; images"),
            Setting::new("size", "Width of one", Takes::Number, "96"),
        ]
    },
    title: |_, set| set.get("path").unwrap_or("Pictures").to_owned(),
    first: |_, _| Settings::of([("path", "images")]),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let path = scope.setting("path");
    let size = scope.setting("size");
    let shown = Memo::new(move |_| {
        let width = size.get().parse::<u32>().unwrap_or(96).clamp(16, 1_024);
        Shown { width, has_texts: false, most: MOST_EACH }
    });
    let steps = Steps::new();
    let has_runs = Memo::new(move |_| scope.drawn.with(|it| !it.is_empty()));
    view! {
        {move || {
            let path = path.get();
            if path.is_empty() {
                return says("No file or folder named", "Name one in the settings of this widget.");
            }
            if !has_runs.get() {
                return says("No run is drawn", "Open the eyes of those whose pictures to show.");
            }
            view! {
                <FilesByStep project=scope.project drawn=scope.drawn path=path steps=steps shown=shown />
                <StepSlider steps=steps />
            }.into_any()
        }}
    }
    .into_any()
}
