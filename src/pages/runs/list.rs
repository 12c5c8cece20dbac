//! The list of runs beside the charts: eye, colour, name, and the value they are sorted by.

use leptos::prelude::*;

use super::Runs;
use crate::charts::palette;
use crate::components::format;
use crate::components::icon::Icon;
use crate::pages::route::{Route, RunView};
use crate::query::cells::Cell;

#[component]
pub fn RunList(runs: Runs) -> impl IntoView {
    // The charts look shows the head of the table; the search brings others up.
    runs.window.set((0, 200));
    let sorted = Memo::new(move |_| {
        let field = runs.view.get().sort.first().map(|it| it.field.clone());
        let columns = runs.columns.get();
        let at = field
            .and_then(|field| columns.iter().position(|it| it.field == field))
            .or((!columns.is_empty()).then_some(0))?;
        Some((at, columns[at].field.label().to_owned()))
    });
    view! {
        <aside class="runlist" aria-label="Runs">
            <div class="head">
                <Icon name="eye" />
                <span>{move || format!("{} drawn", runs.drawn.get().len())}</span>
                <span class="grow"></span>
                <span class="cut">{move || sorted.get().map(|it| it.1)}</span>
            </div>
            <ol>
                {move || {
                    let answer = runs.rows.ok()?;
                    let column = sorted.get().map(|it| it.0);
                    let more = answer.n_matched.saturating_sub(u32::try_from(answer.rows.len()).unwrap_or(0));
                    let lines = answer.rows.into_iter().map(|row| {
                        let slot = runs.slot_of_row(&row);
                        let value = column.and_then(|it| row.cells.get(it).cloned());
                        let eye = row.clone();
                        let link = Route::Run(runs.project.get_value().run(row.id.clone()), RunView::default()).link();
                        let sample = slot.map_or(String::new(), palette::sample);
                        view! {
                            <li class:off=slot.is_none()>
                                <button class="eye" aria-pressed=slot.is_some().to_string() aria-label=format!("Curve of {}", row.name)
                                    on:click=move |_| runs.toggle_row_eye(&eye)>
                                    {if slot.is_some() { view! { <Icon name="eye" /> } } else { view! { <Icon name="eye-off" /> } }}
                                </button>
                                <span class="line-sample" style=sample></span>
                                <a class="cut" href=link title=row.name.clone()><bdi>{row.name.clone()}</bdi></a>
                                <span class="value">{value.map(short)}</span>
                            </li>
                        }
                    }).collect_view();
                    Some(view! { {lines}{(more > 0).then(|| view! { <li class="minor" style="padding-left:12px">{format!("{} more: search to find them", format::count(more))}</li> })} })
                }}
            </ol>
        </aside>
    }
}

fn short(cell: Cell) -> String {
    match cell {
        Cell::Metric { value, .. } | Cell::Number(value) => format::number(value),
        Cell::NumberText(text) | Cell::Text(text) => text,
        Cell::Duration(ms) => format::duration(ms),
        Cell::Spread(it) => format::number(it.mean),
        Cell::Best(value) => format::number(value),
        _ => "–".into(),
    }
}
