//! One number: the best value of a metric, whose it is, its course, and what it is against a baseline.

use leptos::prelude::*;

use super::metric::{SETTINGS, field_of, is_lower_better, title};
use super::table::best_first;
use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::components::format;
use crate::engine::protocol::RowsAnswer;
use crate::model::Field;
use crate::pages::board::spec::Settings;
use crate::pages::route::{Route, RunView};
use crate::pages::runs::cell_words::curve_path;
use crate::query::cells::{Cell, Row};
use crate::query::fields::is_better_lower;

const CURVE: (f64, f64) = (96.0, 36.0);

pub const KIND: Kind = Kind {
    word: "tile",
    label: "Number",
    about: "the best value of a metric, and against a baseline",
    icon: "hash",
    size: (3, 3),
    settings: |_| {
        let own = [Setting::new("baseline", "Baseline: the best where", Takes::Filter, "none")];
        SETTINGS.into_iter().chain(own).collect()
    },
    title: |_, set| title(set),
    first: |_, known| known.metrics().first().map_or_else(Settings::default, |it| Settings::of([("metric", it)])),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let best = move |filter: Option<String>| {
        let set = scope.set.get();
        let field = field_of(&set)?;
        let mut query = best_first(scope.query.get(), &field, is_lower_better(&set));
        if let Some(filter) = filter {
            query.filter = filter;
        }
        let curve = Field::Curve(field.label().to_owned());
        Some((query, vec![field, curve], 1))
    };
    let asked = scope.rows(move || best(None));
    let baseline = scope.rows(move || {
        let filter = scope.set.with(|it| it.get("baseline").map(str::to_owned))?;
        best(Some(filter))
    });
    view! {
        {move || match (scope.set.with(|it| it.get("metric").is_some()), asked.value.get()) {
            (false, _) => says("No metric chosen", "Choose one in the settings of this widget."),
            (_, None) => ().into_any(),
            (_, Some(Err(problem))) => trouble(&problem),
            (_, Some(Ok(it))) => match it.rows.first().and_then(|row| Some((row.clone(), value(row)?))) {
                None => says("No value", "None of the runs that match logged it."),
                Some((row, value)) => number(scope, &row, value, baseline.ok()),
            },
        }}
    }
    .into_any()
}

fn value(row: &Row) -> Option<f64> {
    match row.cells.first()? {
        Cell::Metric { value, .. } | Cell::Number(value) | Cell::Sampled { value, .. } => Some(*value),
        _ => None,
    }
}

fn number(scope: Scope, row: &Row, value: f64, baseline: Option<RowsAnswer>) -> AnyView {
    let step = match row.cells.first() {
        Some(Cell::Metric { step, .. }) => Some(format!(" @{}", format::number(*step))),
        _ => None,
    };
    let about = if matches!(row.cells.first(), Some(Cell::Sampled { .. })) { "≈" } else { "" };
    let curve = match row.cells.get(1) {
        Some(Cell::Curve(shape)) if shape.len() > 1 => Some(curve_path(shape, CURVE.0, CURVE.1)),
        _ => None,
    };
    let set = scope.set.get_untracked();
    let is_lower = is_lower_better(&set).or_else(|| is_better_lower(set.get("metric").unwrap_or_default()));
    let base = baseline.as_ref().map(|it| it.rows.first().and_then(|it| Some((it.name.clone(), self::value(it)?))));
    let delta = base.map(|base| match base {
        None => view! { <span class="minor">"no baseline matches"</span> }.into_any(),
        Some((name, base)) => {
            let by = value - base;
            let (class, word) = match is_lower {
                _ if by == 0.0 => ("delta", " same as"),
                Some(lower) if (by < 0.0) == lower => ("delta better", " better than"),
                Some(_) => ("delta worse", " worse than"),
                None => ("delta", " against"),
            };
            let sign = if by > 0.0 { "+" } else { "" };
            view! { <span class=class>{format!("{sign}{}{word} ", format::number(by))}<bdi>{name}</bdi></span> }
                .into_any()
        }
    });
    let link = Route::Run(scope.project.get_value().run(row.id.clone()), RunView::default()).link();
    view! {
        <div class="widget-tile">
            <div class="said">
                <b title=format::exact(value)>{about}{format::number(value)}</b>
                <span class="minor cut"><a href=link title=row.name.clone()><bdi>{row.name.clone()}</bdi></a>{step}</span>
                {delta}
            </div>
            {curve.map(|it| view! {
                <svg class="course" viewBox=format!("-2 -2 {} {}", CURVE.0 + 4.0, CURVE.1 + 4.0) preserveAspectRatio="none" aria-hidden="true"><path d=it></path></svg>
            })}
        </div>
    }
    .into_any()
}
