//! The runs as a table: those that match, in an order, with the columns asked for.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::charts::palette;
use crate::components::format::{self, Style};
use crate::engine::protocol::RowsAnswer;
use crate::model::Field;
use crate::pages::board::spec::Settings;
use crate::pages::route::{Route, RunView};
use crate::pages::runs::{StatusMark, cell_words};
use crate::query::cells::{Cell, Row};
use crate::query::fields::is_better_lower;
use crate::query::out::SpreadStyle;
use crate::query::rows::{RowsQuery, Sort};

/// Rows of a widget; more are on the page of the runs.
pub const MOST_ROWS: u32 = 200;
const ROWS: u32 = 20;
/// Columns of one that nobody chose.
const COLUMNS: usize = 5;

pub const KIND: Kind = Kind {
    word: "runs",
    label: "Runs",
    about: "a table of runs with the columns you choose",
    icon: "table-2",
    size: (8, 10),
    settings: |_| {
        vec![
            Setting::new("columns", "Columns", Takes::Fields, "the suggested ones"),
            Setting::new(
                "sort",
                "Sorted by",
                Takes::Field(crate::charts::over::Takes::Any),
                "as on the page; - before it for descending",
            ),
            Setting::new("rows", "Rows", Takes::Number, "20"),
        ]
    },
    title: |_, _| "Runs".to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let columns = scope.setting("columns");
    let fields = Memo::new(move |held: Option<&Vec<Field>>| {
        let chosen = fields_of(&columns.get());
        if !chosen.is_empty() {
            return chosen;
        }
        // A suggestion stays while the rest of the runs stream in.
        let suggested = || scope.fields.ok().map(|it| it.suggested).unwrap_or_default();
        held.filter(|it| !it.is_empty()).cloned().unwrap_or_else(|| suggested().into_iter().take(COLUMNS).collect())
    });
    let (sort, n_rows) = (scope.setting("sort"), scope.setting("rows"));
    let asked = scope.rows(move || {
        let fields = fields.get();
        let limit = n_rows.get().parse().unwrap_or(ROWS).clamp(1, MOST_ROWS);
        let mut query = scope.query.get();
        if let Some(sort) = sort_of(&sort.get()) {
            query.sort = vec![sort];
        }
        (!fields.is_empty()).then_some((query, fields, limit))
    });
    view! {
        {move || match asked.value.get() {
            None => ().into_any(),
            Some(Err(problem)) => trouble(&problem),
            Some(Ok(it)) if it.rows.is_empty() => says("No run matches", "The filter leaves none to show."),
            Some(Ok(it)) => table(scope, &it),
        }}
    }
    .into_any()
}

/// As they stand in a setting.
pub fn fields_of(text: &str) -> Vec<Field> {
    text.split(", ").filter_map(|it| it.trim().parse().ok()).collect()
}

/// `-metrics.val/acc` for descending.
pub fn sort_of(text: &str) -> Option<Sort> {
    let (descending, name) = text.strip_prefix('-').map_or((false, text), |it| (true, it));
    Some(Sort { field: name.trim().parse().ok()?, descending })
}

/// Best first, where its name says which way that is.
pub fn best_first(query: RowsQuery, field: &Field, is_lower_better: Option<bool>) -> RowsQuery {
    let is_lower = is_lower_better.or_else(|| is_better_lower(field.label())).unwrap_or(false);
    RowsQuery { sort: vec![Sort { field: field.clone(), descending: !is_lower }], ..query }
}

fn table(scope: Scope, it: &RowsAnswer) -> AnyView {
    let heads = it.fields.iter().map(head).collect_view();
    let best: Vec<Option<usize>> = (0..it.fields.len()).map(|at| best(&it.rows, at, &it.fields[at])).collect();
    let rows: Vec<_> = it
        .rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let cells = row
                .cells
                .iter()
                .enumerate()
                .map(|(at, cell)| self::cell(cell, best.get(at) == Some(&Some(i))))
                .collect_view();
            view! { <tr>{name_cell(scope, row)}{cells}</tr> }
        })
        .collect();
    let more = it.n_lines.saturating_sub(u32::try_from(it.rows.len()).unwrap_or(0));
    view! {
        <div class="widget-table"><table>
            <thead><tr><th scope="col">"Run"</th>{heads}</tr></thead>
            <tbody>{rows.into_iter().collect_view()}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="minor widget-foot">{format!("{} more", format::count(more))}</p> })}
        </div>
    }
    .into_any()
}

pub fn head(field: &Field) -> impl IntoView + use<> {
    let name = match field {
        Field::Figure(figure, name) => format!("{} {name}", figure.word()),
        it => it.label().to_owned(),
    };
    view! { <th scope="col" class="num"><bdi>{name}</bdi></th> }
}

pub fn name_cell(scope: Scope, row: &Row) -> impl IntoView + use<> {
    let link = Route::Run(scope.project.get_value().run(row.id.clone()), RunView::default()).link();
    let name = row.name.clone();
    let id = row.id.clone();
    let sample = move || scope.slot_of(&id).map_or_else(|| "visibility:hidden".to_owned(), palette::sample);
    view! {
        <th scope="row"><span class="who"><span class="line-sample" style=sample></span><StatusMark status=row.status />
            <a class="cut" href=link title=name.clone()><bdi>{name.clone()}</bdi></a></span></th>
    }
}

pub fn cell(cell: &Cell, is_best: bool) -> impl IntoView + use<> {
    let (class, text, beside) = cell_words::words(cell, (Style::Auto, SpreadStyle::default()));
    let class = if is_best { format!("{class} best") } else { class.to_owned() };
    view! { <td class=class title=cell_words::tip(cell)>{text}{beside.map(|it| view! { <span class="side-value">{it}</span> })}</td> }
}

/// The row with the best value of those shown.
fn best(rows: &[Row], at: usize, field: &Field) -> Option<usize> {
    if !matches!(field, Field::Metric(_) | Field::Figure(..)) {
        return None;
    }
    let is_lower = is_better_lower(field.label())?;
    let value = |row: &Row| match row.cells.get(at)? {
        Cell::Metric { value, .. } | Cell::Number(value) | Cell::Sampled { value, .. } => Some(*value),
        _ => None,
    };
    let all = rows.iter().enumerate().filter_map(|(i, it)| Some((i, value(it).filter(|it| !it.is_nan())?)));
    let better = |a: &(usize, f64), b: &(usize, f64)| if is_lower { a.1.total_cmp(&b.1) } else { b.1.total_cmp(&a.1) };
    all.min_by(better).map(|it| it.0)
}
