//! The table: a window of rows over all that match, pooled, with pinned eye, colour, status, name.

use std::time::Duration;

use leptos::ev;
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::columns::{Header, HeaderMenu};
use super::rows::{self, Layout, Painted, Part, Pool, Shown};
use super::{Runs, is_typing};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::react::{effect, next_frame};
use crate::engine::protocol::Phase;
use crate::model::{Field, Status};
use crate::pages::nav::use_nav;
use crate::pages::route::{Column, Route, RunView};
use crate::query::cells::{FoldKind, Row};

/// Rows asked for beyond the screen, so that a scroll finds them there.
const MARGIN: u32 = 4;
/// A scroll that pauses this long rests.
const REST: Duration = Duration::from_millis(80);

fn row_height(more_lines: u8) -> f64 {
    let one = if dom::is_phone() { 52.0 } else { 26.0 };
    one + 16.0 * f64::from(more_lines)
}

pub fn width_of(column: &Column) -> u32 {
    let extra = if matches!(column.field, Field::Metric(_) | Field::Figure(..)) { 66 } else { 36 };
    let label = u32::try_from(column.field.label().chars().count()).unwrap_or(20) * 7 + extra;
    let usual = match &column.field {
        Field::Metric(_) | Field::Figure(..) | Field::Expr(_) => 130,
        Field::Curve(_) => 118,
        Field::Started => 104,
        Field::Duration => 96,
        Field::Status => 84,
        Field::Id => 120,
        _ => 84,
    };
    column.width.unwrap_or_else(|| usual.max(label.min(220))).clamp(40, 900)
}

fn name_width(runs: Runs) -> u32 {
    match (dom::is_phone(), runs.view.get().group.is_flat()) {
        (true, _) => 210,
        (false, true) => 290,
        (false, false) => 390,
    }
}

/// A narrow screen has no room for more than the name.
fn n_pinned(columns: &[Column]) -> usize {
    if dom::is_phone() { 0 } else { columns.iter().take_while(|it| it.is_pinned).count() }
}

fn layout(runs: Runs, visible: std::ops::Range<usize>) -> Layout {
    let columns = runs.columns.get();
    let mut left = name_width(runs);
    let places = columns.iter().map(|it| {
        let width = width_of(it);
        left += width;
        (left - width, width)
    });
    Layout {
        places: places.collect(),
        n_pinned: n_pinned(&columns),
        numeric: columns.iter().map(|it| runs.is_numeric(&it.field)).collect(),
        styles: columns.iter().map(|it| it.style).collect(),
        spread: runs.view.get().spread,
        visible,
        width: left,
    }
}

/// Columns that a window of this left edge and width shows some of.
fn visible(runs: Runs, from: f64, width: f64) -> std::ops::Range<usize> {
    let places = untrack(|| layout(runs, 0..0)).places;
    let first = places.iter().position(|it| f64::from(it.0 + it.1) > from).unwrap_or(0);
    let last = places.iter().position(|it| f64::from(it.0) > from + width).unwrap_or(places.len());
    first..last.max(first)
}

#[component]
pub fn Table(runs: Runs) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let nav = use_nav();
    let basket = expect_context::<crate::pages::compare::Basket>();
    let more_lines = runs.view.get_untracked().more_lines;
    let height = row_height(more_lines);
    let n_rows = Memo::new(move |_| runs.rows.with(|it| it.n_lines).unwrap_or(0));
    let current = RwSignal::new(None::<u32>);
    // Where a range of eyes begins: the last one opened or closed.
    let anchor = StoredValue::new(None::<u32>);
    let shown_columns = RwSignal::new(0..40usize);
    let seen = StoredValue::new(0..u32::MAX);
    let look = move || {
        // A scroll is told with the next frame, when the table may be gone.
        let Some(node) = node.try_get_untracked().flatten() else { return };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
        let rows = |it: f64| (it / height).max(0.0) as u32;
        let first = rows(f64::from(node.scroll_top()));
        let on_screen = rows(f64::from(node.client_height())) + 2;
        seen.set_value(first..first + on_screen);
        // In steps, so that a small scroll asks nothing.
        let offset = first.saturating_sub(MARGIN) / MARGIN * MARGIN;
        let window = (offset, on_screen + 2 * MARGIN);
        if runs.window.get_untracked() != window {
            runs.window.set(window);
        }
        let visible = visible(runs, f64::from(node.scroll_left()), f64::from(node.client_width()));
        if shown_columns.get_untracked() != visible {
            shown_columns.set(visible);
        }
    };
    effect(move || {
        // In a frame of its own: asked at once, the browser would have to lay the page out in the middle.
        // And when columns change, of which other ones may be on screen.
        runs.columns.with(|_| ());
        if node.get().is_some() {
            next_frame(look);
        }
    });
    // What a new order or filter brings up stands at the top.
    let asked = Memo::new(move |_| {
        let view = runs.view.get();
        (view.filter, view.sort, view.group)
    });
    effect(move || {
        asked.with(|_| ());
        if let Some(node) = node.get_untracked() {
            node.set_scroll_top(0);
        }
    });
    let resized = window_event_listener(ev::resize, move |_| look());
    on_cleanup(move || resized.remove());
    let go = move |to: u32| {
        let to = to.min(n_rows.get_untracked().saturating_sub(1));
        current.set(Some(to));
        let Some(node) = node.get_untracked() else { return };
        let (top, bottom) = (f64::from(to) * height, f64::from(to + 1) * height + 30.0);
        let (from, size) = (f64::from(node.scroll_top()), f64::from(node.client_height()));
        #[expect(clippy::cast_possible_truncation, reason = "within the table's height")]
        if top < from {
            node.set_scroll_top(top as i32);
        } else if bottom > from + size {
            node.set_scroll_top((bottom - size) as i32);
        }
        // The focus goes along, so that a screen reader says the run and Enter follows its link.
        request_animation_frame(|| request_animation_frame(|| dom::focus(".tr.current a.name")));
    };
    let row_at =
        move |at: u32| runs.rows.with(|it| it.rows.get(at.checked_sub(it.offset)? as usize).cloned()).flatten();
    let open = move |row: &Row| nav.go(&Route::Run(runs.project.get_value().run(row.id.clone()), RunView::default()));
    let keys = window_event_listener(ev::keydown, move |event| {
        let on_control = dom::is_within(&event, "a[href], button, [tabindex='0']");
        let in_table = dom::is_within(&event, ".tablebox");
        // A link or button under the focus keeps its own keys; letters still move, and in the table
        // the arrows too.
        let is_letter = matches!(event.key().as_str(), "j" | "k" | "x" | "X" | "c");
        let acts = matches!(event.key().as_str(), "Enter" | " ");
        let is_its_own = on_control && !is_letter && (acts || !in_table);
        if is_typing(&event) || event.default_prevented() || is_its_own {
            return;
        }
        let at = current.get_untracked();
        let page = 20;
        match event.key().as_str() {
            "j" | "ArrowDown" => go(at.map_or(0, |it| it + 1)),
            "k" | "ArrowUp" => go(at.map_or(0, |it| it.saturating_sub(1))),
            "PageDown" => go(at.unwrap_or(0) + page),
            "PageUp" => go(at.unwrap_or(0).saturating_sub(page)),
            "Home" => go(0),
            "End" => go(u32::MAX - 1),
            // Up to here from the one before.
            "X" => {
                if let Some(at) = at {
                    runs.select_range(anchor.get_value().unwrap_or(at), at);
                    anchor.set_value(Some(at));
                }
            }
            "x" => {
                if let Some(row) = at.and_then(row_at) {
                    anchor.set_value(at);
                    runs.toggle_row_eye(&row);
                }
            }
            key @ ("ArrowRight" | "ArrowLeft") => match at.and_then(row_at).and_then(|it| it.fold) {
                Some(fold) if fold.is_open == (key == "ArrowLeft") => runs.turn(fold.key),
                _ => return,
            },
            "c" => {
                if let Some(row) = at.and_then(row_at) {
                    let runs_of = row.fold.filter(|it| it.kind != FoldKind::Parent).map_or(vec![row.id], |it| it.runs);
                    basket.toggle_all(runs_of.into_iter().map(|it| runs.project.get_value().run(it)).collect());
                }
            }
            "Enter" => match at.and_then(row_at) {
                Some(Row { fold: Some(fold), .. }) if fold.kind != FoldKind::Parent => runs.turn(fold.key),
                Some(row) => open(&row),
                None => return,
            },
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
    let layout = Memo::new(move |_| layout(runs, shown_columns.get()));
    let template = move || {
        let layout = layout.get();
        let columns: Vec<String> = layout.places.iter().map(|it| format!("{}px", it.1)).collect();
        let name = name_width(runs);
        let pinned: u32 = layout.places.iter().take(layout.n_pinned).map(|it| it.1).sum();
        format!(
            "--row:{height}px;--pinned:{pinned}px;--pin:{}px;--cols:{name}px {} minmax(0,1fr);min-width:{}px",
            name + pinned,
            columns.join(" "),
            layout.width
        )
    };
    let menu = RwSignal::new(None);
    let box_node: NodeRef<html::Div> = NodeRef::new();
    let pool = StoredValue::new_local(None::<Pool>);
    let more = RwSignal::new(0u32);
    let rest = StoredValue::new_local(None::<TimeoutHandle>);
    effect(move || {
        let Some(node) = box_node.get() else { return };
        let current = current.get();
        let best = best_column(runs);
        let size = runs.window.get().1;
        let layout = layout.get();
        runs.drawn.with(|_| ());
        let answer = runs.rows.value.read();
        let Some(Ok(answer)) = answer.as_ref() else { return };
        // An answer may still be of the columns as they were.
        let columns = runs.columns.get();
        let places: Vec<Option<usize>> =
            columns.iter().map(|it| answer.fields.iter().position(|field| *field == it.field)).collect();
        let is_same = answer.fields.len() == columns.len() && places.iter().enumerate().all(|(i, it)| *it == Some(i));
        let lines = answer.offset..;
        let lines = lines.zip(&answer.rows).map(|(at, row)| Shown {
            at,
            row: if is_same { row.clone() } else { row.with_cells(&places) },
            slot: runs.slot_of_row(row),
            is_on: runs.is_on_undrawn(row),
            is_current: current == Some(at),
            best: best.filter(|_| at == 0),
        });
        more.track();
        let painted = pool.try_update_value(|pool| {
            let pool = pool.get_or_insert_with(|| Pool::new(node.into(), runs.project.get_value(), height));
            pool.paint(size as usize, &layout, lines, seen.get_value())
        });
        let again = move || {
            let _ = more.try_update(|it| *it = it.wrapping_add(1));
        };
        if let Some(waiting) = rest.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        match painted {
            Some(Painted::LinesToCome) => request_animation_frame(again),
            Some(Painted::EdgesToCome) => rest.set_value(set_timeout_with_handle(again, REST).ok()),
            Some(Painted::All) | None => {}
        }
    });
    let point = move |event: ev::PointerEvent| {
        if let Some(target) = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) {
            pool.with_value(|it| {
                if let Some(pool) = it {
                    pool.point(&target);
                }
            });
        }
    };
    // The row that the keyboard stands on is the one that keys act on.
    let focused = move |event: ev::FocusEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let row = target.and_then(|it| rows::pressed(&it)).map(|it| it.0);
        if row.is_some() && current.get_untracked() != row {
            current.set(row);
        }
    };
    let press = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let Some((at, part)) = target.and_then(|it| rows::pressed(&it)) else { return };
        match (row_at(at), part) {
            (Some(_), Part::Eye) if event.shift_key() && anchor.get_value().is_some() => {
                runs.select_range(anchor.get_value().unwrap_or(at), at);
                anchor.set_value(Some(at));
            }
            (Some(row), Part::Eye) => {
                anchor.set_value(Some(at));
                runs.toggle_row_eye(&row);
            }
            (Some(Row { fold: Some(fold), .. }), Part::Fold) => runs.turn(fold.key),
            _ => current.set(Some(at)),
        }
    };
    view! {
        <div class="tablebox" node_ref=node on:scroll=move |_| look() tabindex="-1">
            <div class="table" role="table" aria-label="Runs" aria-rowcount=move || (n_rows.get() + 1).to_string() style=template>
                <div class="thead" role="row">
                    <div class="th pin" role="columnheader" aria-sort=move || aria_sort(runs, &Field::Name)>
                        <button class="eye" aria-label="Show or hide all curves" title="Show or hide all curves"
                            aria-pressed=move || (!runs.drawn.get().is_empty()).to_string() on:click=move |_| runs.toggle_all_eyes()>
                            {move || if runs.drawn.get().is_empty() { view! { <Icon name="eye-off" /> } } else { view! { <Icon name="eye" /> } }}
                        </button>
                        <button class="sort" on:click=move |event| runs.sort_by(&Field::Name, event.shift_key())>
                            <span class="label">"Run"</span><SortMark runs=runs field=Field::Name />
                        </button>
                    </div>
                    {move || {
                        let columns = runs.columns.get();
                        let (n_pinned, mut left) = (n_pinned(&columns), name_width(runs));
                        columns.into_iter().enumerate().map(|(i, column)| {
                            let at = (i < n_pinned).then_some(left);
                            left += width_of(&column);
                            view! { <Header runs=runs place=i column=column left=at menu=menu /> }
                        }).collect_view()
                    }}
                </div>
                <div class="rowsbox" class:flat=move || runs.view.get().group.is_flat() class:tall=(more_lines > 0) role="rowgroup" node_ref=box_node on:focusin=focused on:click=press on:pointerover=point
                    style=move || format!("height:{}px", f64::from(n_rows.get()) * height)></div>
            </div>
            <Nothing runs=runs />
        </div>
        <HeaderMenu runs=runs menu=menu />
    }
}

/// Sorted by a metric, the first row has the best value of that column.
fn best_column(runs: Runs) -> Option<usize> {
    let sort = runs.view.get().sort.into_iter().next()?;
    let columns = runs.columns.get();
    let at = columns.iter().position(|it| it.field == sort.field)?;
    let is_best_first = columns[at].is_better_lower() == Some(!sort.descending);
    (is_best_first && matches!(sort.field, Field::Metric(_) | Field::Figure(..) | Field::Expr(_))).then_some(at)
}

pub fn status_icon(status: Status) -> &'static str {
    match status {
        Status::Finished => "check",
        Status::Failed => "circle-x",
        Status::Killed => "circle-slash",
        Status::Running => "loader",
        Status::Scheduled => "clock",
        Status::Unknown => "minus",
    }
}

#[component]
pub fn StatusMark(status: Status) -> impl IntoView {
    view! { <span class=format!("status {}", status.word()) title=status.word()><Icon name=status_icon(status) /><span class="sr">{status.word()}</span></span> }
}

pub fn aria_sort(runs: Runs, field: &Field) -> &'static str {
    match runs.view.get().sort.iter().find(|it| it.field == *field) {
        Some(sort) if sort.descending => "descending",
        Some(_) => "ascending",
        None => "none",
    }
}

#[component]
pub fn SortMark(runs: Runs, field: Field) -> impl IntoView {
    move || {
        let sorts = runs.view.get().sort;
        let at = sorts.iter().position(|it| it.field == field)?;
        let icon = if sorts[at].descending { "arrow-down" } else { "arrow-up" };
        Some(view! { <Icon name=icon />{(sorts.len() > 1).then(|| view! { <span class="minor">{at + 1}</span> })} })
    }
}

/// What stands where rows would: nothing matches, nothing there, or still on its way.
#[component]
fn Nothing(runs: Runs) -> impl IntoView {
    let kind = Memo::new(move |_| {
        let said = runs.rows.with(|it| match (it.n_matched, it.n_cached, &it.sync.phase) {
            (0, 0, Phase::Loading | Phase::Waiting { .. }) => "loading",
            (0, 0, Phase::Failed(_)) => "",
            (0, 0, _) => "empty",
            (0, _, _) if !runs.view.with(|it| it.filter.is_empty()) => "unmatched",
            (0, _, _) => "none",
            _ => "",
        });
        said.unwrap_or(if runs.rows.problem().is_some() { "" } else { "loading" })
    });
    move || {
        match kind.get() {
        "loading" => (0..12)
            .map(|i| {
                let width = 120 + (i * 37) % 90;
                view! { <div style="height:26px;border-bottom:1px solid var(--hl);padding:8px 48px" aria-hidden="true"><span class="skeleton" style=format!("width:{width}px")></span></div> }
            })
            .collect_view()
            .into_any(),
        "empty" => view! { <div class="empty"><div class="notice"><div class="title">"This project has no run yet"</div>
            <div class="text">"Runs appear here when they are logged. Press Refresh to look again."</div></div></div> }.into_any(),
        "none" => view! { <div class="empty"><div class="notice"><div class="title">"No run here"</div>
            <div class="text">"This project has runs, but none of this kind."</div></div></div> }.into_any(),
        "unmatched" => view! { <div class="empty"><div class="notice"><div class="title">"No run matches"</div>
            <div class="text">"Runs that lack a value fail every comparison with it. A word on its own must occur in the name, id, user, params or tags."</div>
            <div class="actions"><button class="button" on:click=move |_| runs.change(|it| it.filter.clear())>"Clear the filter"</button></div></div></div> }.into_any(),
        _ => ().into_any(),
    }
    }
}
