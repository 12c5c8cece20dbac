//! Curves of a metric, a line a run.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says};
use crate::components::react::effect;
use crate::engine::protocol::AxisKind;
use crate::pages::board::spec::Settings;
use crate::pages::chart_settings::{ChartSettings, Size};
use crate::pages::chart_settings::{axis_of, word_of};
use crate::pages::chart_spec::ChartSpec;
use crate::pages::metric_chart::{MetricChart, Own};

pub const KIND: Kind = Kind {
    word: "line",
    label: "Curves",
    about: "a metric along its steps, a line a run",
    icon: "chart-line",
    size: (6, 9),
    settings: |_| {
        vec![
            Setting::new("y", "Metric", Takes::Metric, ""),
            Setting::new(
                "axis",
                "Its axis",
                Takes::Choice(&[("", "by its name"), ("linear", "linear"), ("log", "log"), ("symlog", "symlog")]),
                "",
            ),
            Setting::new("smooth", "Smoothing", Takes::Text, "as on the page; ema 0.6, mean 11, off"),
            Setting::new(
                "x",
                "Along x",
                Takes::Choice(&[
                    ("", "as on the page"),
                    ("step", "step"),
                    ("relative", "relative time"),
                    ("wall", "wall time"),
                ]),
                "",
            ),
            Setting::new(
                "xscale",
                "Its scale",
                Takes::Choice(&[("", "as on the page"), ("linear", "linear"), ("log", "log"), ("symlog", "symlog")]),
                "",
            ),
            Setting::new(
                "seeds",
                "Seeds",
                Takes::Choice(&[
                    ("", "as on the page"),
                    ("each", "each run"),
                    ("sd", "mean ± sd"),
                    ("ci", "mean, 95 %"),
                    ("range", "median, range"),
                ]),
                "",
            ),
        ]
    },
    title: |_, set| set.get("y").unwrap_or("Curves").to_owned(),
    first: |_, known| known.metrics().first().map_or_else(Settings::default, |it| Settings::of([("y", it)])),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let metric = scope.setting("y");
    let charts = Memo::new(move |_| scope.set.with(|set| settings(scope.charts.get(), set)));
    // What its own button turns is written down where that is possible, and else kept as long as it stands.
    let held = RwSignal::new(None::<AxisKind>);
    let axis = scope.setting("axis");
    effect(move || held.set(axis.with(|word| axis_of(word))));
    // Where one looks is never written down, and goes when the axis is divided otherwise.
    let seen = RwSignal::new(None);
    let spec = Signal::derive(move || ChartSpec { y: held.get(), seen: seen.get(), ..ChartSpec::of(&metric.get()) });
    let change = Callback::new(move |spec: ChartSpec| {
        seen.set(spec.seen);
        let is_other = held.get_untracked() != spec.y;
        held.set(spec.y);
        if let Some(put) = scope.put.filter(|_| is_other) {
            put.run(("axis", spec.y.map_or("", word_of).to_owned()));
        }
    });
    let own = Own { is_in_grid: false, spec, change };
    view! {
        {move || match metric.get() {
            name if name.is_empty() => says("No metric chosen", "Choose one in the settings of this widget."),
            name => view! {
                <MetricChart project=scope.project.get_value() metric=name drawn=scope.drawn folds=scope.folds link=scope.link
                    own=own settings=charts />
            }.into_any(),
        }}
    }
    .into_any()
}

/// Those of the page, and what the widget says unlike them, in the words of a link.
fn settings(page: ChartSettings, set: &Settings) -> ChartSettings {
    let smooth = set.get("smooth").map(|it| it.replace(' ', ""));
    let own = ChartSettings::parse(&|key| if key == "smooth" { smooth.as_deref() } else { set.get(key) });
    ChartSettings {
        smooth: if smooth.is_some() { own.smooth } else { page.smooth },
        x: if set.get("x").is_some() { own.x } else { page.x },
        scale: if set.get("xscale").is_some() { own.scale } else { page.scale },
        folding: if set.get("seeds").is_some() { own.folding } else { page.folding },
        clips: own.clips || page.clips,
        seen: None,
        size: Size::default(),
    }
}
