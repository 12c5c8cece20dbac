//! The corner by which something in a grid is pulled to the room of one or of two, side by side and one over
//! the other. Menus say the same for who has no pointer.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// Where a pull began: the pointer, and the room of one in the grid.
#[derive(Clone, Copy)]
struct Pull {
    pointer: (f64, f64),
    size: (f64, f64),
    one: (f64, f64),
}

/// Stands in the grid's cell, of whose size it goes by. `double`: whether it has the room of two along x and y.
#[component]
pub fn Corner(
    #[prop(into)] double: Signal<(bool, bool)>,
    /// A pull is about to change it.
    #[prop(into)]
    on_begin: Callback<()>,
    #[prop(into)] on_change: Callback<(bool, bool)>,
) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let pull = StoredValue::new(None::<Pull>);
    let at = |event: &ev::PointerEvent| (f64::from(event.client_x()), f64::from(event.client_y()));
    let begin = move |event: ev::PointerEvent| {
        let Some(cell) = node.get_untracked().and_then(|it| it.parent_element()) else { return };
        let room = cell.get_bounding_client_rect();
        let (double, size) = (double.get_untracked(), (room.width(), room.height()));
        let one = |size: f64, is_double: bool| if is_double { size / 2.0 } else { size };
        pull.set_value(Some(Pull { pointer: at(&event), size, one: (one(size.0, double.0), one(size.1, double.1)) }));
        if let Some(node) = node.get_untracked() {
            let _ = node.set_pointer_capture(event.pointer_id());
        }
        event.prevent_default();
        on_begin.run(());
    };
    let go_on = move |event: ev::PointerEvent| {
        let Some(Some(pull)) = pull.try_get_value() else { return };
        let to = at(&event);
        // Nearer to the room of two than to that of one.
        let wants = |from: f64, to: f64, size: f64, one: f64| size + to - from > 1.5 * one;
        let now = (
            wants(pull.pointer.0, to.0, pull.size.0, pull.one.0),
            wants(pull.pointer.1, to.1, pull.size.1, pull.one.1),
        );
        if now != double.get_untracked() {
            on_change.run(now);
        }
    };
    view! {
        <div class="corner" node_ref=node title="Pull: as wide or as high as two" aria-hidden="true" on:pointerdown=begin
            on:pointermove=go_on on:pointerup=move |_| pull.set_value(None) on:pointercancel=move |_| pull.set_value(None)></div>
    }
}
