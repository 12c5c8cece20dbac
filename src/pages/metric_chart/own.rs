//! What a page keeps of one of its charts, and the entries of its menu that change it.

use leptos::prelude::*;

use crate::charts::line_state::Wish;
use crate::charts::spread::Style;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::pages::chart_settings::rounded;
use crate::pages::chart_spec::ChartSpec;
use crate::query::derived::MARK;

/// What of one chart its page keeps.
#[derive(Clone, Copy)]
pub struct Own {
    /// Of the metric charts of a page, which can be pinned and widened.
    pub is_in_grid: bool,
    pub spec: Signal<ChartSpec>,
    pub change: Callback<ChartSpec>,
}

impl Own {
    pub fn change(self, change: impl FnOnce(&mut ChartSpec)) {
        let mut spec = self.spec.get_untracked();
        change(&mut spec);
        self.change.run(spec);
    }

    /// From where to where it shows along y is kept with it, and comes back with it.
    pub fn keep_seen(self, wish: RwSignal<Wish>) {
        let kept = Memo::new(move |_| self.spec.with(|it| it.seen));
        let now = Memo::new(move |_| wish.with(|it| it.y.map(rounded)));
        effect(move || {
            let kept = kept.get();
            if now.get_untracked() != kept.map(rounded) {
                wish.update(|it| it.y = kept);
            }
        });
        effect(move || {
            let now = now.get();
            if kept.get_untracked().map(rounded) != now {
                self.change(|it| it.seen = now);
            }
        });
    }
}

/// What it is called, what it shows, and its icon.
const STYLES: [(Style, [&str; 3]); 2] = [
    (Style::Heat, ["As a heat map", "How many lines go where", "grid-3x3"]),
    (Style::Ridges, ["As ridges", "How the lines are spread, at some places", "chart-area"]),
];

#[component]
pub fn OwnMenu(own: Own) -> impl IntoView {
    let pin = move || match own.spec.get() {
        // It stands nowhere else.
        it if it.metric.starts_with(MARK) => "Remove this chart",
        it if it.is_pinned => "Unpin",
        _ => "Pin to the top",
    };
    let heighten = move || if own.spec.get().is_tall { "As high as the others" } else { "Twice as high" };
    let widen = move || if own.spec.get().is_wide { "As wide as the others" } else { "Twice as wide" };
    view! {
        <button class="item" on:click=move |_| own.change(|it| it.is_pinned = !it.is_pinned)><Icon name="pin" />{pin}</button>
        <button class="item" on:click=move |_| own.change(|it| it.is_wide = !it.is_wide)><Icon name="columns-3" />{widen}</button>
        <button class="item" on:click=move |_| own.change(|it| it.is_tall = !it.is_tall)><Icon name="rows-3" />{heighten}</button>
        {STYLES.into_iter().map(|(style, [said, shows, icon])| view! {
            <button class="item" title=shows aria-pressed=move || (own.spec.get().style == style).to_string()
                on:click=move |_| own.change(|it| it.style = if it.style == style { Style::Lines } else { style })>
                <Icon name=icon />{move || if own.spec.get().style == style { "As lines" } else { said }}
            </button>
        }).collect_view()}
    }
}
