//! The header of a column: sort, menu, width and place, by mouse and keyboard.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Runs;
use super::column_menu::ColumnMenu;
use super::table::{SortMark, aria_sort, width_of};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::react::effect;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::Field;
use crate::pages::ask::use_answer;
use crate::pages::route::Column;

/// Whose menu is open, and where its button ends.
#[derive(Clone, Copy, PartialEq)]
pub struct Opened {
    pub place: usize,
    right: f64,
    bottom: f64,
}

/// One menu for all headers, outside the table, which would cut it off.
#[component]
pub fn HeaderMenu(runs: Runs, menu: RwSignal<Option<Opened>>) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each follows the other, and only where they differ, or they would go on for ever.
    effect(move || {
        let is_some = menu.get().is_some();
        if open.get_untracked() != is_some {
            open.set(is_some);
        }
    });
    effect(move || {
        if !open.get() && menu.get_untracked().is_some() {
            menu.set(None);
        }
    });
    let place = Signal::derive(move || {
        let (left, top) = menu.get().map_or((0.0, 0.0), |it| ((it.right - 288.0).max(8.0), it.bottom + 4.0));
        format!("position:fixed;left:{left}px;top:{top}px;max-height:calc(100dvh - {}px);overflow:auto", top + 12.0)
    });
    let chosen = move || {
        let at = menu.get()?;
        let column = runs.columns.get().into_iter().nth(at.place)?;
        Some(view! { <ColumnMenu runs=runs place=at.place column=column open=open /> })
    };
    view! { <Popover open=open label="Column" place=place class="column-menu">{chosen}</Popover> }
}

#[component]
pub fn Header(
    runs: Runs,
    place: usize,
    column: Column,
    /// Of a pinned one, where it stands.
    left: Option<u32>,
    menu: RwSignal<Option<Opened>>,
) -> impl IntoView {
    let is_pinned = column.is_pinned;
    let pin = left.map(|it| format!("left:{it}px"));
    let field = StoredValue::new(column.field.clone());
    let is_open = Memo::new(move |_| menu.get().is_some_and(|it| it.place == place));
    let open_menu = move |event: ev::MouseEvent| {
        let at = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let place_of = at.map(|it| it.get_bounding_client_rect());
        let (right, bottom) = place_of.map_or((0.0, 0.0), |it| (it.right(), it.bottom()));
        menu.update(|it| {
            *it = if it.is_some_and(|it| it.place == place) { None } else { Some(Opened { place, right, bottom }) }
        });
    };
    let over = RwSignal::new(false);
    // Params count as numbers where all of them are.
    let numeric = Memo::new(move |_| runs.is_numeric(&field.get_value()));
    let label = column.field.label().to_owned();
    let unit = match &column.field {
        Field::Metric(_) => Some("last"),
        Field::Figure(figure, _) => Some(figure.word()),
        _ => None,
    };
    // A calculation that makes no sense says why its cells are empty.
    let wrong = match &column.field {
        Field::Expr(text) => Some(view! { <Wrong runs=runs text=text.clone() /> }),
        _ => None,
    };
    // A picture has no order; its metric does.
    let sorts = StoredValue::new(match &column.field {
        Field::Curve(name) => Field::Metric(name.clone()),
        other => other.clone(),
    });
    let sort = move |event: ev::MouseEvent| runs.sort_by(&sorts.get_value(), event.shift_key());
    // Alt with an arrow moves, with Shift it changes the width.
    let keys = move |event: ev::KeyboardEvent| {
        let by: i32 = match event.key().as_str() {
            "ArrowLeft" => -1,
            "ArrowRight" => 1,
            _ => return,
        };
        if !event.alt_key() {
            return;
        }
        event.prevent_default();
        let to = place.saturating_add_signed(if by < 0 { -1 } else { 1 });
        if event.shift_key() {
            resize(runs, place, by * 10);
        } else {
            move_column(runs, place, to);
        }
        let to = if event.shift_key() { place } else { to };
        request_animation_frame(move || dom::focus(&format!(".th[data-place='{to}'] .sort")));
    };
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
        <div class="th" class:num=move || numeric.get() class:over=move || over.get() class:pinned=is_pinned role="columnheader" draggable="true" data-place=place style=pin
            aria-sort=move || aria_sort(runs, &sorts.get_value())
            on:dragstart=drag on:dragover=drag_over on:dragleave=move |_| over.set(false) on:drop=drop>
            <button class="sort" on:click=sort on:keydown=keys title=label.clone()>
                <SortMark runs=runs field=sorts.get_value() />
                <span class="label"><bdi>{label.clone()}</bdi></span>
                {unit.map(|it| view! { <span class="minor">{it}</span> })}
                {wrong}
            </button>
            <button class="more" aria-label=format!("Column {label}") aria-expanded=move || is_open.get().to_string() on:click=open_menu>
                <Icon name="chevron-down" />
            </button>
            <Grip runs=runs place=place />
        </div>
    }
}

#[component]
fn Wrong(runs: Runs, text: String) -> impl IntoView {
    let asked = use_answer(
        move || {
            let project = runs.project.get_value();
            runs.data.track(&Event::Runs(project.clone()));
            Some(Question::Check { project, text: text.clone(), is_curve: false })
        },
        |told| match told.answer {
            Answer::Checked(it) => Some(it.trouble.map(|it| it.message)),
            _ => None,
        },
    );
    move || {
        asked.ok().flatten().map(|why| view! { <span class="badge warn" title=why.clone() aria-label=why>"!"</span> })
    }
}

pub fn resize(runs: Runs, place: usize, by: i32) {
    runs.set_columns(|it| {
        if let Some(column) = it.get_mut(place) {
            column.width = Some(width_of(column).saturating_add_signed(by).clamp(40, 900));
        }
    });
}

pub fn move_column(runs: Runs, from: usize, to: usize) {
    runs.set_columns(|it| {
        if from < it.len() && to < it.len() && from != to {
            let column = it.remove(from);
            it.insert(to, column);
        }
    });
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
