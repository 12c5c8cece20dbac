//! Zoom and pan of a line chart: a dragged box, Shift and drag, Ctrl and wheel (a pinch on a touchpad
//! is one), a double click to see all again. Along x all charts of a page go together.

use halimede_raster::{Kind, Scale};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::frame::Inset;
use super::line::Geometry;
use super::line_state::{Link, Wish};

/// A drag shorter than this is a click.
const LEAST: f64 = 5.0;
/// A box less high than this means x alone.
const LEAST_HIGH: f64 = 28.0;

#[derive(Clone, Copy)]
pub struct Zoom {
    link: Link,
    wish: RwSignal<Wish>,
    geometry: Memo<Option<Geometry>>,
    drag: RwSignal<Option<Drag>>,
    fingers: StoredValue<Fingers>,
}

/// Which fingers are down and where along x, and what two of them began from.
#[derive(Clone, Default)]
struct Fingers {
    down: Vec<(i32, f64)>,
    from: Option<(Geometry, [f64; 2])>,
}

#[derive(Clone, Copy, PartialEq)]
struct Drag {
    from: (f64, f64),
    to: (f64, f64),
    /// The picture is moved instead, as it was when the drag began.
    pans: Option<Geometry>,
}

impl Zoom {
    pub fn new(link: Link, wish: RwSignal<Wish>, geometry: Memo<Option<Geometry>>) -> Self {
        Self { link, wish, geometry, drag: RwSignal::new(None), fingers: StoredValue::default() }
    }

    pub fn is_on(self) -> bool {
        self.link.x.get().is_some() || self.wish.get().y.is_some()
    }

    /// A pointer that is held goes on telling a chart that is gone.
    pub fn is_gone(self) -> bool {
        self.drag.is_disposed()
    }

    pub fn reset(self) {
        self.link.x.set(None);
        self.wish.update(|it| it.y = None);
    }

    pub fn pressed(self, event: &ev::PointerEvent) {
        let Some(geometry) = self.geometry.get_untracked() else { return };
        // A finger scrolls the page; two of them pinch.
        if event.pointer_type() == "touch" {
            self.fingers.update_value(|it| {
                it.down.push((event.pointer_id(), f64::from(event.offset_x())));
                it.from = if let [a, b] = it.down[..] { Some((geometry, [a.1, b.1])) } else { None };
            });
            return;
        }
        if event.button() != 0 {
            return;
        }
        let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        self.drag.set(Some(Drag { from: at, to: at, pans: event.shift_key().then_some(geometry) }));
        if let Some(target) = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    }

    pub fn moved(self, x: f64, y: f64) {
        let Some(mut drag) = self.drag.get_untracked() else { return };
        drag.to = (x, y);
        self.drag.set(Some(drag));
        if let Some(geometry) = drag.pans {
            let by = drag.from.0 - x;
            self.show(geometry.x.value(geometry.inset.left + by), geometry.x.value(geometry.inset.right + by));
        }
    }

    /// What two fingers are on stays under them. False: there are not two.
    pub fn pinched(self, event: &ev::PointerEvent) -> bool {
        /// Nearer together they say nothing of a scale.
        const LEAST_APART: f64 = 12.0;
        let place = self.fingers.try_update_value(|it| {
            let finger = it.down.iter_mut().find(|it| it.0 == event.pointer_id())?;
            finger.1 = f64::from(event.offset_x());
            let [a, b] = it.down[..] else { return None };
            Some((it.from?, [a.1, b.1]))
        });
        let Some(Some(((geometry, from), to))) = place else { return false };
        let apart = to[1] - to[0];
        if apart.abs() >= LEAST_APART && apart * (from[1] - from[0]) > 0.0 {
            let at = |place: f64| geometry.x.value(from[0] + (place - to[0]) * (from[1] - from[0]) / apart);
            self.show(at(geometry.inset.left), at(geometry.inset.right));
        }
        true
    }

    /// A pointer is gone.
    pub fn left(self, event: &ev::PointerEvent) {
        if self.is_gone() {
            return;
        }
        self.fingers.update_value(|it| {
            it.down.retain(|it| it.0 != event.pointer_id());
            it.from = None;
        });
        self.let_go();
    }

    pub fn released(self, event: &ev::PointerEvent) {
        if self.is_gone() {
            return;
        }
        self.fingers.update_value(|it| {
            it.down.retain(|it| it.0 != event.pointer_id());
            it.from = None;
        });
        let (Some(mut drag), Some(geometry)) = (self.drag.get_untracked(), self.geometry.get_untracked()) else {
            return;
        };
        self.let_go();
        // The box ends with the plot, wherever the pointer is.
        let room = geometry.inset;
        for it in [&mut drag.from, &mut drag.to] {
            *it = (it.0.clamp(room.left, room.right), it.1.clamp(room.top, room.bottom));
        }
        let (width, height) = ((drag.to.0 - drag.from.0).abs(), (drag.to.1 - drag.from.1).abs());
        if drag.pans.is_some() || width.max(height) < LEAST {
            return;
        }
        let between = |scale: &Scale, a: f64, b: f64| {
            let (a, b) = (scale.value(a), scale.value(b));
            (a.min(b), a.max(b))
        };
        if width >= LEAST {
            let (low, high) = between(&geometry.x, drag.from.0, drag.to.0);
            self.show(low, high);
        }
        if height >= LEAST_HIGH {
            let y = between(&geometry.y, drag.from.1, drag.to.1);
            self.wish.update(|it| it.y = Some(y));
        }
    }

    pub fn is_dragging(self) -> bool {
        self.drag.with(Option::is_some)
    }

    pub fn let_go(self) {
        if self.drag.get_untracked().is_some() {
            self.drag.set(None);
        }
    }

    pub fn turned(self, event: &ev::WheelEvent) {
        // Without Ctrl the wheel scrolls the page.
        let Some(geometry) = self.geometry.get_untracked().filter(|_| event.ctrl_key() || event.meta_key()) else {
            return;
        };
        event.prevent_default();
        let at = geometry.x.value(f64::from(event.offset_x()));
        self.by((event.delta_y() / 300.0).clamp(-1.0, 1.0).exp2(), Some(at));
    }

    /// Shows so many times as much, around a place.
    pub fn by(self, times: f64, around: Option<f64>) {
        let Some(geometry) = self.geometry.get_untracked() else { return };
        let Inset { left, right, .. } = geometry.inset;
        let around = around.and_then(|it| geometry.x.place(it)).unwrap_or(left.midpoint(right)).clamp(left, right);
        let at = |place: f64| geometry.x.value(around + (place - around) * times);
        self.show(at(left), at(right));
    }

    /// To the right by a share of what is shown.
    pub fn pan(self, share: f64) {
        let Some(geometry) = self.geometry.get_untracked() else { return };
        let Inset { left, right, .. } = geometry.inset;
        let by = (right - left) * share;
        self.show(geometry.x.value(left + by), geometry.x.value(right + by));
    }

    fn show(self, low: f64, high: f64) {
        // So near that neighbouring numbers are one, there is nothing more to see.
        let is_wide = high - low > 1e-12 * low.abs().max(high.abs());
        // Nor so far away that decades without end lie around the points.
        let is_log = self.geometry.with_untracked(|it| it.is_some_and(|it| it.x.kind() == Kind::Log));
        let is_far = is_log && (low <= 0.0 || high / low > 1e15);
        if is_wide && !is_far && low.is_finite() && high.is_finite() {
            self.link.x.set(Some((low, high)));
        }
    }
}

/// The box while it is dragged.
#[component]
pub fn Brush(zoom: Zoom) -> impl IntoView {
    move || {
        let drag = zoom.drag.get().filter(|it| it.pans.is_none())?;
        let geometry = zoom.geometry.get()?;
        let room = geometry.inset;
        let (left, right) = (drag.from.0.min(drag.to.0).max(room.left), drag.from.0.max(drag.to.0).min(room.right));
        let is_high = (drag.to.1 - drag.from.1).abs() >= LEAST_HIGH;
        let (left, right) = match (right - left >= LEAST, is_high) {
            (true, _) => (left, right),
            (false, true) => (room.left, room.right),
            (false, false) => return None,
        };
        let (top, bottom) = if is_high {
            (drag.from.1.min(drag.to.1).max(room.top), drag.from.1.max(drag.to.1).min(room.bottom))
        } else {
            (room.top, room.bottom)
        };
        let style = format!("left:{left}px;width:{}px;top:{top}px;bottom:auto;height:{}px", right - left, bottom - top);
        Some(view! { <div class="brush" style=style></div> })
    }
}
