//! The best runs by a metric, seeds folded to mean and deviation.

use leptos::prelude::*;

use super::metric::{SETTINGS, field_of, is_lower_better, title};
use super::table::{MOST_ROWS, best_first, cell, head, name_cell};
use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::components::format;
use crate::engine::protocol::RowsAnswer;
use crate::model::Field;
use crate::pages::board::spec::Settings;
use crate::query::cells::Row;
use crate::query::filter::tree::Value;
use crate::query::group::Grouping;

const ROWS: u32 = 10;

pub const KIND: Kind = Kind {
    word: "leaders",
    label: "Leaderboard",
    about: "the best runs by a metric, seeds as mean ± sd",
    icon: "list-ordered",
    size: (4, 10),
    settings: |_| {
        let own = [
            Setting::new("also", "Beside it", Takes::Fields, "nothing else"),
            Setting::new("seeds", "Seeds", Takes::Choice(&[("", "folded"), ("each", "each run")]), ""),
            Setting::new("rows", "Rows", Takes::Number, "10"),
        ];
        SETTINGS.into_iter().chain(own).collect()
    },
    title: |_, set| title(set),
    first: |_, known| known.metrics().first().map_or_else(Settings::default, |it| Settings::of([("metric", it)])),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let asked = scope.rows(move || {
        let set = scope.set.get();
        let field = field_of(&set)?;
        let mut query = best_first(scope.query.get(), &field, is_lower_better(&set));
        query.group = Grouping { fold_seeds: set.get("seeds") != Some("each"), ..Grouping::default() };
        // A run without the metric leads nothing.
        let metric = Value::field(&Field::Metric(field.label().to_owned()));
        let has = format!("{metric} IS NOT NULL");
        query.filter = if query.filter.trim().is_empty() { has } else { format!("({}) AND {has}", query.filter) };
        let limit = set.get("rows").and_then(|it| it.parse().ok()).unwrap_or(ROWS).clamp(1, MOST_ROWS);
        let also = super::table::fields_of(set.get("also").unwrap_or_default());
        Some((query, std::iter::once(field).chain(also).collect(), limit))
    });
    view! {
        {move || match (scope.set.with(|it| it.get("metric").is_some()), asked.value.get()) {
            (false, _) => says("No metric chosen", "Choose one in the settings of this widget."),
            (_, None) => ().into_any(),
            (_, Some(Err(problem))) => trouble(&problem),
            (_, Some(Ok(it))) if it.rows.is_empty() => says("No run has it", "None of the runs that match logged this metric."),
            (_, Some(Ok(it))) => board(scope, &it),
        }}
    }
    .into_any()
}

fn board(scope: Scope, it: &RowsAnswer) -> AnyView {
    let heads = it.fields.iter().map(head).collect_view();
    let line = |(i, row): (usize, &Row)| {
        let n = row.fold.as_ref().map(|it| it.n_runs).filter(|it| *it > 1);
        let cells = row.cells.iter().enumerate().map(|(at, it)| cell(it, i == 0 && at == 0)).collect_view();
        view! {
            <tr><td class="rank">{i + 1}</td>{name_cell(scope, row)}{cells}
                <td class="num minor">{n.map(|it| format!("n {it}"))}</td></tr>
        }
    };
    let more = it.n_lines.saturating_sub(u32::try_from(it.rows.len()).unwrap_or(0));
    view! {
        <div class="widget-table"><table>
            <thead><tr><th scope="col" class="rank">"#"</th><th scope="col">"Run"</th>{heads}<th></th></tr></thead>
            <tbody>{it.rows.iter().enumerate().map(line).collect_view()}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="minor widget-foot">{format!("top {} of {}", it.rows.len(), format::count(it.n_lines))}</p> })}
        </div>
    }
    .into_any()
}
