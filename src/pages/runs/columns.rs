//! Columns: header with sort, menu, width and place; the picker of what to show.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Runs;
use super::table::{SortMark, aria_sort};
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::model::{Field, Figure};
use crate::pages::route::Column;
use crate::query::fields::FieldInfo;
use crate::query::filter::parse_value;
use crate::query::rows::Sort;

#[component]
pub fn Header(runs: Runs, place: usize, column: Column) -> impl IntoView {
    let field = StoredValue::new(column.field.clone());
    let open = RwSignal::new(false);
    let over = RwSignal::new(false);
    // Params count as numbers where all of them are.
    let numeric = Memo::new(move |_| runs.is_numeric(&field.get_value()));
    let label = column.field.label().to_owned();
    let unit = match &column.field {
        Field::Metric(_) => Some("last"),
        Field::Figure(figure, _) => Some(figure.word()),
        _ => None,
    };
    let sort = move |event: ev::MouseEvent| runs.sort_by(&field.get_value(), event.shift_key());
    let drag = move |event: ev::DragEvent| {
        if let Some(it) = event.data_transfer() {
            let _ = it.set_data("text/x-halimede-column", &place.to_string());
        }
    };
    let drag_over = move |event: ev::DragEvent| {
        if event.data_transfer().is_some_and(|it| it.types().includes(&"text/x-halimede-column".into(), 0)) {
            event.prevent_default();
            over.set(true);
        }
    };
    let drop = move |event: ev::DragEvent| {
        over.set(false);
        let from = event
            .data_transfer()
            .and_then(|it| it.get_data("text/x-halimede-column").ok())
            .and_then(|it| it.parse::<usize>().ok());
        if let Some(from) = from {
            event.prevent_default();
            event.stop_propagation();
            move_column(runs, from, place);
        }
    };
    view! {
        <div class="th" class:num=move || numeric.get() class:over=move || over.get() role="columnheader" draggable="true"
            aria-sort=move || aria_sort(runs, &field.get_value())
            on:dragstart=drag on:dragover=drag_over on:dragleave=move |_| over.set(false) on:drop=drop>
            <button class="sort" on:click=sort title=label.clone()>
                <SortMark runs=runs field=field.get_value() />
                <span class="label"><bdi>{label.clone()}</bdi></span>
                {unit.map(|it| view! { <span class="minor">{it}</span> })}
            </button>
            <button class="more" aria-label=format!("Column {label}") aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="chevron-down" />
            </button>
            <Popover open=open label=format!("Column {label}") place="position:absolute;right:0;top:30px;z-index:40">
                <Menu runs=runs place=place field=field open=open />
            </Popover>
            <Grip runs=runs place=place />
        </div>
    }
}

fn move_column(runs: Runs, from: usize, to: usize) {
    runs.set_columns(|it| {
        if from < it.len() && to < it.len() && from != to {
            let column = it.remove(from);
            it.insert(to, column);
        }
    });
}

#[component]
fn Menu(runs: Runs, place: usize, field: StoredValue<Field>, open: RwSignal<bool>) -> impl IntoView {
    let item = move |icon: &'static str, word: &'static str, act: Box<dyn Fn() + Send + Sync>| {
        view! {
            <button class="item" on:click=move |_| { open.set(false); act() }><Icon name=icon />{word}</button>
        }
    };
    let sort =
        move |descending: bool| move || runs.change(|it| it.sort = vec![Sort { field: field.get_value(), descending }]);
    let wider = move |by: i32| {
        move || {
            runs.set_columns(|it| {
                if let Some(column) = it.get_mut(place) {
                    let now = column.width.unwrap_or(110);
                    column.width = Some(now.saturating_add_signed(by).clamp(40, 900));
                }
            })
        }
    };
    view! {
        <FigureChoice runs=runs place=place field=field />
        {item("arrow-up", "Sort ascending", Box::new(sort(false)))}
        {item("arrow-down", "Sort descending", Box::new(sort(true)))}
        <hr />
        {item("chevron-left", "Move left", Box::new(move || move_column(runs, place, place.saturating_sub(1))))}
        {item("chevron-right", "Move right", Box::new(move || move_column(runs, place, place + 1)))}
        {item("plus", "Wider", Box::new(wider(30)))}
        {item("minus", "Narrower", Box::new(wider(-30)))}
        <hr />
        {item("eye-off", "Hide", Box::new(move || runs.set_columns(|it| {
            if place < it.len() {
                it.remove(place);
            }
        })))}
    }
}

/// Which figure of its series a metric's column shows. A sort by the column goes along.
#[component]
fn FigureChoice(runs: Runs, place: usize, field: StoredValue<Field>) -> impl IntoView {
    let (now, metric) = match field.get_value() {
        Field::Metric(name) => (Figure::Last, name),
        Field::Figure(figure, name) => (figure, name),
        _ => return None,
    };
    let choose = move |figure: Figure, metric: String| {
        let old = field.get_value();
        let new = if figure == Figure::Last { Field::Metric(metric) } else { Field::Figure(figure, metric) };
        let mut columns = runs.columns.get_untracked();
        if let Some(column) = columns.get_mut(place) {
            column.field = new.clone();
        }
        runs.change(|it| {
            it.columns = Some(columns);
            for sort in it.sort.iter_mut().filter(|it| it.field == old) {
                sort.field = new.clone();
            }
        });
    };
    let buttons = Figure::ALL.into_iter().map(|(word, figure)| {
        let metric = metric.clone();
        view! {
            <button aria-pressed=(figure == now).to_string() on:click=move |_| choose(figure, metric.clone())>{word}</button>
        }
    });
    Some(view! { <div class="segment figures" role="group" aria-label="Figure">{buttons.collect_view()}</div> })
}

/// The edge between two columns; dragging it changes the width.
#[component]
fn Grip(runs: Runs, place: usize) -> impl IntoView {
    let start = StoredValue::new(None::<(i32, u32)>);
    let down = move |event: ev::PointerEvent| {
        event.prevent_default();
        event.stop_propagation();
        let grip = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        if let Some(grip) = grip {
            let _ = grip.set_pointer_capture(event.pointer_id());
            let width = grip.parent_element().map_or(100, |it| it.client_width());
            start.set_value(Some((event.client_x(), u32::try_from(width).unwrap_or(100))));
        }
    };
    let moved = move |event: ev::PointerEvent| {
        if let Some((x, width)) = start.get_value() {
            let next = width.saturating_add_signed(event.client_x() - x).clamp(40, 900);
            runs.set_columns(|it| {
                if let Some(column) = it.get_mut(place) {
                    column.width = Some(next);
                }
            });
        }
    };
    view! {
        <div class="grip" draggable="false" aria-hidden="true" on:pointerdown=down on:pointermove=moved
            on:pointerup=move |_| start.set_value(None) on:pointercancel=move |_| start.set_value(None)></div>
    }
}

#[component]
pub fn ColumnsButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    let said = move || {
        let shown = runs.columns.get().len();
        let of = runs.fields.ok().map_or(0, |it| it.fields.len());
        format!("{shown} of {}", format::count(of as u64))
    };
    view! {
        <div style="position:relative">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="columns-3" />"Columns "<b style="font-weight:550">{said}</b>
            </button>
            <Popover open=open label="Columns" place="position:fixed;right:12px;top:78px" class="columns-menu">
                <Picker runs=runs />
            </Popover>
        </div>
    }
}

/// So many that a list of all would only slow the page; the search finds the rest.
const MOST_SHOWN: usize = 300;

/// Whether a field belongs to a group of the picker.
type IsIn = fn(&Field) -> bool;

#[component]
fn Picker(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let groups: [(&str, IsIn); 4] = [
        ("Metrics", |it| matches!(it, Field::Metric(_))),
        ("Params", |it| matches!(it, Field::Param(_))),
        ("Attributes", |it| !matches!(it, Field::Metric(_) | Field::Param(_) | Field::Tag(_))),
        ("Tags", |it| matches!(it, Field::Tag(_))),
    ];
    let group = move |(name, is_in): (&'static str, IsIn)| {
        move || {
            let word = search.get().to_lowercase();
            let mut found: Vec<FieldInfo> = runs.fields.ok()?.fields;
            found.retain(|it| is_in(&it.field) && it.field.label().to_lowercase().contains(&word));
            let more = found.len().saturating_sub(MOST_SHOWN);
            found.truncate(MOST_SHOWN);
            (!found.is_empty()).then(|| view! {
                <h3>{name}</h3>
                {found.into_iter().map(|it| view! { <Choice runs=runs info=it /> }).collect_view()}
                {(more > 0).then(|| view! { <p class="minor" style="padding:4px 8px">{format!("{} more: type to find them", format::count(more as u64))}</p> })}
            })
        }
    };
    view! {
        <input class="input" type="search" placeholder="Find a column" aria-label="Find a column" bind:value=search />
        <Calculation runs=runs />
        <div class="scroll">
            {groups.map(group).into_iter().collect_view()}
            <hr />
            <button class="item" on:click=move |_| runs.change(|it| it.columns = None)><Icon name="rotate-ccw" />"Suggested columns"</button>
        </div>
    }
}

/// A column from an expression.
#[component]
fn Calculation(runs: Runs) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let problem = Memo::new(move |_| {
        let text = typed.get();
        if text.trim().is_empty() { None } else { parse_value(&text).err().map(|it| it.message) }
    });
    let add = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && problem.get_untracked().is_none() && !typed.get_untracked().trim().is_empty() {
            event.prevent_default();
            let text = typed.get_untracked().trim().to_owned();
            runs.set_columns(|it| it.insert(0, Column { field: Field::Expr(text), width: None }));
            typed.set(String::new());
        }
    };
    view! {
        <input class="input mono" style="margin-top:6px" placeholder="Add: max(val/acc) - last(val/acc)" aria-label="Add a calculated column"
            spellcheck="false" autocomplete="off" bind:value=typed on:keydown=add />
        {move || problem.get().map(|it| view! { <p class="minor" style="padding:4px 8px;color:var(--bad)">{it}</p> })}
    }
}

#[component]
fn Choice(runs: Runs, info: FieldInfo) -> impl IntoView {
    let field = StoredValue::new(info.field.clone());
    let shown = Memo::new(move |_| runs.columns.get().iter().any(|it| it.field == field.get_value()));
    let toggle = move |_| {
        let field = field.get_value();
        runs.set_columns(|it| match it.iter().position(|it| it.field == field) {
            Some(at) => {
                it.remove(at);
            }
            None => it.push(Column { field, width: None }),
        });
    };
    view! {
        <label title=info.field.label().to_owned()>
            <input type="checkbox" prop:checked=move || shown.get() on:change=toggle />
            <span class="cut"><bdi>{info.field.label().to_owned()}</bdi></span>
            <span class="n">{format::count(info.n_runs)}</span>
        </label>
    }
}
