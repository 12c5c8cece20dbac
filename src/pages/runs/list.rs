//! The list of runs beside the charts: eye, colour, name, and the value they are sorted by. A line is made once; what
//! of it follows its eye is told by one class and the colour.

use std::collections::HashMap;

use leptos::ev;
use leptos::prelude::*;

use super::select::runs_of;
use super::{Runs, is_typing};
use crate::charts::palette;
use crate::components::dom;
use crate::components::each::each;
use crate::components::format;
use crate::components::icon::Icon;
use crate::model::RunId;
use crate::pages::compare::Basket;
use crate::pages::metric_chart::short_id;
use crate::pages::route::{Route, RunView};
use crate::query::cells::{Cell, Row};

/// What a line says: one that says something else is another, but for its value.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Said {
    run: RunId,
    name: String,
    /// A few letters of its id, where its name is another's too: charts go on with the same.
    mark: Option<String>,
    /// Of its eye.
    runs: Vec<RunId>,
}

#[component]
pub fn RunList(runs: Runs) -> impl IntoView {
    // The charts look shows the head of the table; the search brings others up.
    runs.window.set((0, 200));
    let sorted = Memo::new(move |_| {
        let field = runs.view.with(|it| it.sort.first().map(|it| it.field.clone()));
        runs.columns.with(|columns| {
            let at = field.and_then(|field| columns.iter().position(|it| it.field == field));
            let at = at.or((!columns.is_empty()).then_some(0))?;
            Some((at, columns[at].field.label().to_owned()))
        })
    });
    let lines = Memo::new(move |_| {
        let lines = |rows: &[Row]| {
            let mut named = HashMap::<&str, u32>::new();
            for row in rows {
                *named.entry(&row.name).or_default() += 1;
            }
            let said = |row: &Row| Said {
                run: row.id.clone(),
                name: row.name.clone(),
                mark: (named.get(row.name.as_str()) > Some(&1))
                    .then(|| short_id(row.id.as_str()).chars().take(4).collect()),
                runs: runs_of(row).to_vec(),
            };
            rows.iter().map(said).collect::<Vec<_>>()
        };
        runs.rows.with(|it| lines(&it.rows)).unwrap_or_default()
    });
    let values = Memo::new(move |_| {
        let column = sorted.with(|it| it.as_ref().map(|it| it.0));
        let value = |row: &Row| Some((row.id.clone(), short(row.cells.get(column?)?)));
        runs.rows.with(|it| it.rows.iter().filter_map(value).collect::<HashMap<_, _>>()).unwrap_or_default()
    });
    let more = Memo::new(move |_| {
        let of = |it: u32, shown: usize| it.saturating_sub(u32::try_from(shown).unwrap_or(0));
        runs.rows.with(|it| of(it.n_matched, it.rows.len())).unwrap_or(0)
    });
    // One stop of the Tab key for all lines: where the keys are, or the first.
    let current = RwSignal::new(None::<RunId>);
    let stop = Memo::new(move |_| {
        let current = current.get();
        lines.with(|all| {
            all.iter().find(|it| Some(&it.run) == current.as_ref()).or(all.first()).map(|it| it.run.clone())
        })
    });
    let basket = expect_context::<Basket>();
    let keys = window_event_listener(ev::keydown, move |event| {
        if is_typing(&event) || event.default_prevented() {
            return;
        }
        let step = match event.key().as_str() {
            "j" => 1,
            "k" => -1,
            "ArrowDown" if dom::is_within(&event, ".runlist") => 1,
            "ArrowUp" if dom::is_within(&event, ".runlist") => -1,
            key @ ("x" | "c") => {
                let here = current.get_untracked();
                let line = lines.with_untracked(|all| all.iter().find(|it| Some(&it.run) == here.as_ref()).cloned());
                match line {
                    Some(line) if key == "x" => runs.toggle_eyes(line.runs),
                    Some(line) => {
                        let project = runs.project.get_value();
                        basket.toggle_all(line.runs.into_iter().map(|it| project.run(it)).collect());
                    }
                    None => return,
                }
                return event.prevent_default();
            }
            _ => return,
        };
        event.prevent_default();
        let here = current.get_untracked();
        let next = lines.with_untracked(|all| {
            let at = all.iter().position(|it| Some(&it.run) == here.as_ref());
            let to = at.map_or(0, |at| at.saturating_add_signed(step));
            all.get(to.min(all.len().saturating_sub(1))).map(|it| it.run.clone())
        });
        current.set(next);
        // So a screen reader says the run, and Enter follows its link.
        request_animation_frame(|| dom::focus(".runlist li.current a"));
    });
    on_cleanup(move || keys.remove());
    view! {
        <aside class="runlist" aria-label="Runs">
            <div class="head">
                <Icon name="eye" />
                <span>{move || format!("{} drawn", runs.drawn.with(Vec::len))}</span>
                <span class="grow"></span>
                <span class="cut">{move || sorted.get().map(|it| it.1)}</span>
            </div>
            <ol>
                {each(move || lines.get(), Said::clone, move |said| view! { <Line runs=runs said=said values=values current=current stop=stop /> }.into_any())}
                {move || (more.get() > 0).then(|| view! {
                    <li class="minor" style="padding-left:12px">{format!("{} more: search to find them", format::count(more.get()))}</li>
                })}
            </ol>
        </aside>
    }
}

#[component]
fn Line(
    runs: Runs,
    said: Said,
    values: Memo<HashMap<RunId, String>>,
    current: RwSignal<Option<RunId>>,
    stop: Memo<Option<RunId>>,
) -> impl IntoView {
    let Said { run, name, mark, runs: eye } = said;
    let eye = StoredValue::new(eye);
    let slot = Memo::new(move |_| eye.with_value(|it| runs.slot_of(it)));
    // With the letters that tell it from others of its name.
    let label = std::iter::once(format!("Curve of {name}")).chain(mark.clone()).collect::<Vec<_>>().join(" ");
    let (title, own) = (name.clone(), StoredValue::new(run.clone()));
    let is_current = move || own.with_value(|own| current.with(|it| it.as_ref() == Some(own)));
    let is_stop = Memo::new(move |_| own.with_value(|own| stop.with(|it| it.as_ref() == Some(own))));
    let tab = move || if is_stop.get() { "0" } else { "-1" };
    let link = Route::Run(runs.project.get_value().run(run.clone()), RunView::default()).link();
    view! {
        <li class:off=move || slot.get().is_none() class:current=is_current on:focusin=move |_| current.set(Some(own.get_value()))>
            <button class="eye" tabindex=tab aria-pressed=move || slot.get().is_some().to_string() aria-label=label
                on:click=move |_| runs.toggle_eyes(eye.get_value())>
                <Icon name="eye" /><Icon name="eye-off" />
            </button>
            <span class="line-sample" style=move || slot.get().map_or(String::new(), palette::sample)></span>
            <a class="cut" href=link title=title tabindex=tab><bdi>{name}</bdi></a>
            {mark.map(|it| view! { <span class="mark">{it}</span> })}
            <span class="value">{move || values.with(|it| it.get(&run).cloned())}</span>
        </li>
    }
}

fn short(cell: &Cell) -> String {
    match cell {
        Cell::Metric { value, .. } | Cell::Number(value) | Cell::Best(value) => format::number(*value),
        Cell::NumberText(text) | Cell::Text(text) => text.clone(),
        Cell::Duration(ms) => format::duration(*ms),
        Cell::Spread(it) => format::number(it.mean),
        _ => "–".into(),
    }
}
