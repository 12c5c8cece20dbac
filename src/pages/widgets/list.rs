//! What is running, what failed, what came last: runs with how they stand and since when.

use leptos::prelude::*;

use super::table::{MOST_ROWS, name_cell};
use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::components::{dom, format};
use crate::model::Field;
use crate::pages::board::spec::Settings;
use crate::query::cells::{Cell, Row};
use crate::query::rows::Sort;

const ROWS: u32 = 12;

pub const KIND: Kind = Kind {
    word: "recent",
    label: "Latest runs",
    about: "what runs, what failed, what came last",
    icon: "clock",
    size: (4, 8),
    settings: |_| vec![Setting::new("rows", "Rows", Takes::Number, "12")],
    title: |_, _| "Latest runs".to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let n_rows = scope.setting("rows");
    let asked = scope.rows(move || {
        let mut query = scope.query.get();
        query.sort = vec![Sort { field: Field::Started, descending: true }];
        let limit = n_rows.get().parse().unwrap_or(ROWS).clamp(1, MOST_ROWS);
        Some((query, vec![Field::Started, Field::Duration], limit))
    });
    let line = move |row: &Row| {
        let started = row.cells.first().and_then(|it| if let Cell::Time(ms) = it { Some(*ms) } else { None });
        let took = row.cells.get(1).and_then(|it| if let Cell::Duration(ms) = it { Some(*ms) } else { None });
        view! {
            <tr>{name_cell(scope, row)}
                <td class="num" title=started.map(dom::full_time)>{started.map(dom::since)}</td>
                <td class="num">{took.map(format::duration)}</td></tr>
        }
    };
    view! {
        {move || match asked.value.get() {
            None => ().into_any(),
            Some(Err(problem)) => trouble(&problem),
            Some(Ok(it)) if it.rows.is_empty() => says("No run matches", "The filter leaves none to show."),
            Some(Ok(it)) => view! {
                <div class="widget-table"><table>
                    <thead><tr><th scope="col">"Run"</th><th scope="col" class="num">"started"</th><th scope="col" class="num">"took"</th></tr></thead>
                    <tbody>{it.rows.iter().map(line).collect_view()}</tbody>
                </table></div>
            }.into_any(),
        }}
    }
    .into_any()
}
