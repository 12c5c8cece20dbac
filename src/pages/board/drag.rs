//! Moving and resizing a widget: by its grip and its corner, with the pointer or with the arrow keys.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::grid::Page;
use super::layout::{COLUMNS, Spot, moved};
use crate::components::icon::Icon;

/// Of the grid, in CSS pixels; `style/board.css` has the same.
const GAP: f64 = 8.0;
const ROW: f64 = 24.0;
/// So near the edge of the window the page scrolls along.
const EDGE: f64 = 48.0;
const SCROLL: i32 = 14;

/// One that is held.
#[derive(Clone, Debug, PartialEq)]
pub struct Drag {
    pub id: u32,
    /// Moved, else resized.
    pub is_move: bool,
    /// Where it stood.
    pub from: Spot,
    /// How far the pointer is, in CSS pixels.
    pub by: (f64, f64),
    /// Where all would stand.
    pub spots: Vec<(u32, Spot)>,
    start: (f64, f64),
}

impl Drag {
    /// Where it would stand, for those who don't see it.
    pub fn said(&self) -> Option<String> {
        let (_, spot) = self.spots.iter().find(|it| it.0 == self.id)?;
        Some(if self.is_move {
            format!("column {}, row {}", spot.x + 1, spot.y + 1)
        } else {
            format!("{} columns wide, {} rows high", spot.w, spot.h)
        })
    }
}

#[component]
pub fn Grip(page: Page, id: u32, title: Memo<String>) -> impl IntoView {
    view! {
        <button class="grip" title="Drag to move. Arrows move it too, with Shift they resize it" tabindex="0"
            aria-label=move || format!("Move {}: arrows move it, with Shift they resize it, D makes another, Delete removes it", title.get())
            on:pointerdown=move |event| begin(page, id, true, &event)
            on:pointermove=move |event| follow(page, id, &event)
            on:pointerup=move |_| end(page, id)
            on:pointercancel=move |_| page.drag.set(None)
            on:keydown=move |event| keys(page, id, &event)>
            <Icon name="grip-vertical" />
        </button>
    }
}

#[component]
pub fn Corner(page: Page, id: u32, title: Memo<String>) -> impl IntoView {
    view! {
        <button class="corner" tabindex="-1" title="Drag to resize" aria-label=move || format!("Resize {}", title.get())
            on:pointerdown=move |event| begin(page, id, false, &event)
            on:pointermove=move |event| follow(page, id, &event)
            on:pointerup=move |_| end(page, id)
            on:pointercancel=move |_| page.drag.set(None)></button>
    }
}

fn scrolled(page: Page) -> f64 {
    scroller(page).map_or(0.0, |it| f64::from(it.scroll_top()))
}

fn scroller(page: Page) -> Option<web_sys::Element> {
    page.node.get_untracked()?.closest(".board").ok()?
}

fn place(page: Page, event: &ev::PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()) + scrolled(page))
}

fn begin(page: Page, id: u32, is_move: bool, event: &ev::PointerEvent) {
    if event.button() != 0 {
        return;
    }
    let spots = page.shown.get_untracked();
    let Some(from) = spots.iter().find(|it| it.0 == id).map(|it| it.1) else { return };
    let Some(target) = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) else { return };
    let _ = target.set_pointer_capture(event.pointer_id());
    let start = place(page, event);
    page.drag.set(Some(Drag { id, is_move, from, by: (0.0, 0.0), spots, start }));
}

fn follow(page: Page, id: u32, event: &ev::PointerEvent) {
    let Some(held) = page.drag.get_untracked().filter(|it| it.id == id) else { return };
    scroll_along(page, f64::from(event.client_y()));
    let at = place(page, event);
    let by = (at.0 - held.start.0, at.1 - held.start.1);
    let width = page.node.get_untracked().map_or(1.0, |it| f64::from(it.client_width()));
    // On a narrow screen all stand below one another, full width.
    let column = (width - GAP * f64::from(COLUMNS - 1)) / f64::from(COLUMNS) + GAP;
    let (dx, dy) = (cells(by.0 / column), cells(by.1 / (ROW + GAP)));
    let from = held.from;
    let to = if held.is_move {
        Spot { x: plus(from.x, dx), y: plus(from.y, dy), ..from }
    } else {
        Spot { w: plus(from.w, dx).clamp(1, COLUMNS - from.x), h: plus(from.h, dy).max(1), ..from }
    };
    let spots = with_moved(&page.shown.get_untracked(), id, to);
    page.drag.set(Some(Drag { by, spots, ..held }));
}

fn end(page: Page, id: u32) {
    let Some(held) = page.drag.get_untracked().filter(|it| it.id == id) else { return };
    page.drag.set(None);
    if held.spots != page.shown.get_untracked() {
        page.runs.begin_step();
        page.place(&held.spots);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a few hundred cells")]
fn cells(by: f64) -> i32 {
    by.round().clamp(-10_000.0, 10_000.0) as i32
}

fn plus(at: u16, by: i32) -> u16 {
    u16::try_from((i32::from(at) + by).max(0)).unwrap_or(u16::MAX)
}

fn with_moved(all: &[(u32, Spot)], id: u32, to: Spot) -> Vec<(u32, Spot)> {
    let Some(at) = all.iter().position(|it| it.0 == id) else { return all.to_vec() };
    let spots = moved(&all.iter().map(|it| it.1).collect::<Vec<_>>(), at, to);
    all.iter().map(|it| it.0).zip(spots).collect()
}

fn scroll_along(page: Page, y: f64) {
    let Some(it) = scroller(page) else { return };
    let rect = it.get_bounding_client_rect();
    if y > rect.bottom() - EDGE {
        it.set_scroll_top(it.scroll_top() + SCROLL);
    } else if y < rect.top() + EDGE {
        it.set_scroll_top(it.scroll_top() - SCROLL);
    }
}

fn keys(page: Page, id: u32, event: &ev::KeyboardEvent) {
    let all = page.shown.get_untracked();
    let Some(from) = all.iter().find(|it| it.0 == id).map(|it| it.1) else { return };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-1, 0),
        "ArrowRight" => (1, 0),
        "ArrowUp" => (0, -1),
        "ArrowDown" => (0, 1),
        "Escape" if page.drag.with_untracked(Option::is_some) => {
            page.drag.set(None);
            return;
        }
        "Delete" => {
            event.prevent_default();
            let next =
                all.iter().position(|it| it.0 == id).and_then(|at| all.get(at + 1).or(all.get(at.wrapping_sub(1))));
            let next = next.map(|it| it.0);
            page.remove(id);
            if let Some(next) = next {
                focus_soon(next);
            }
            return;
        }
        "d" => {
            event.prevent_default();
            return page.duplicate(id);
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let to = if event.shift_key() {
        Spot { w: plus(from.w, dx).clamp(1, COLUMNS - from.x), h: plus(from.h, dy).max(1), ..from }
    } else {
        // Past those it stands beside: a step of one row would only fall back.
        let step = if dy == 0 { 0 } else { dy * past(&all, id, from, dy > 0) };
        Spot { x: plus(from.x, dx), y: plus(from.y, step), ..from }
    };
    let spots = with_moved(&all, id, to);
    if spots != all {
        page.place(&spots);
    }
    focus_soon(id);
}

/// A widget may be put elsewhere in the page, which takes the focus away: once it stands there.
fn focus_soon(id: u32) {
    request_animation_frame(move || crate::components::dom::focus(&format!("[data-widget='{id}'] .grip")));
}

/// So many rows are needed to stand above or below the next one in its columns.
fn past(all: &[(u32, Spot)], id: u32, from: Spot, is_down: bool) -> i32 {
    let is_in_way = |it: &&(u32, Spot)| it.0 != id && it.1.x < from.x + from.w && from.x < it.1.x + it.1.w;
    let next = all.iter().filter(is_in_way).map(|it| it.1);
    if is_down {
        let below = next.filter(|it| it.y >= from.y + from.h).min_by_key(|it| it.y);
        below.map_or(1, |it| i32::from(it.y + it.h) - i32::from(from.y))
    } else {
        let above = next.filter(|it| it.y < from.y).max_by_key(|it| it.y);
        above.map_or(1, |it| i32::from(from.y) - i32::from(it.y))
    }
}
