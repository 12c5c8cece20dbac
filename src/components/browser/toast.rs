//! A few words that say something was done where nothing else shows it; gone after a moment.

use std::time::Duration;

use leptos::prelude::*;

thread_local! {
    /// What is said, under a number: only the last of several is taken away by its own time.
    static SAID: ArcRwSignal<(u32, Option<&'static str>)> = ArcRwSignal::new((0, None));
}

const SHOWN_FOR: Duration = Duration::from_millis(2_500);

pub fn toast(words: &'static str) {
    let said = SAID.with(Clone::clone);
    said.update(|it| *it = (it.0.wrapping_add(1), Some(words)));
    let number = said.get_untracked().0;
    let end = move || {
        said.update(|it| {
            if it.0 == number {
                it.1 = None;
            }
        });
    };
    set_timeout(end, SHOWN_FOR);
}

#[component]
pub fn ToastBar() -> impl IntoView {
    let said = SAID.with(Clone::clone);
    let words = move || said.get().1;
    view! { <div class="toast" role="status">{words}</div> }
}
