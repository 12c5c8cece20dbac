//! The few things views need of the window: local time, storage, focus, timers.

use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

use crate::components::format::ago;

pub fn now() -> f64 {
    Date::now()
}

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What is added to a time to get the viewer's, in milliseconds.
pub fn zone_offset(ms: f64) -> f64 {
    let offset = -Date::new(&JsValue::from_f64(ms)).get_timezone_offset() * 60_000.0;
    if offset.is_finite() { offset } else { 0.0 }
}

/// Short, in the viewer's zone: `14:53`, `Mon 14:53`, `12 Nov`, `12 Nov 2025`.
pub fn short_time(ms: f64) -> String {
    let (at, today) = (Date::new(&JsValue::from_f64(ms)), Date::new(&JsValue::from_f64(now())));
    let clock = format!("{:02}:{:02}", at.get_hours(), at.get_minutes());
    let month = MONTHS.get(at.get_month() as usize).copied().unwrap_or_default();
    let age = now() - ms;
    if at.to_date_string() == today.to_date_string() {
        clock
    } else if (0.0..6.0 * 86_400_000.0).contains(&age) {
        format!("{} {clock}", DAYS.get(at.get_day() as usize).copied().unwrap_or_default())
    } else if at.get_full_year() == today.get_full_year() {
        format!("{} {month}", at.get_date())
    } else {
        format!("{} {month} {}", at.get_date(), at.get_full_year())
    }
}

/// `2026-11-24 14:53:07.120 (UTC+1)`: for tooltips and the run page.
pub fn full_time(ms: f64) -> String {
    let at = Date::new(&JsValue::from_f64(ms));
    let offset = -at.get_timezone_offset() / 60.0;
    format!(
        "{}-{:02}-{:02} {:02}:{:02}:{:02} (UTC{}{})",
        at.get_full_year(),
        at.get_month() + 1,
        at.get_date(),
        at.get_hours(),
        at.get_minutes(),
        at.get_seconds(),
        if offset < 0.0 { "−" } else { "+" },
        offset.abs(),
    )
}

pub fn since(ms: f64) -> String {
    ago((now() - ms).max(0.0))
}

/// A counter that goes up every `seconds`, for texts like `3 min ago`.
pub fn ticking(seconds: u64) -> Signal<u32> {
    let tick = RwSignal::new(0u32);
    if let Ok(handle) = set_interval_with_handle(
        move || tick.update(|it| *it = it.wrapping_add(1)),
        std::time::Duration::from_secs(seconds),
    ) {
        on_cleanup(move || handle.clear());
    }
    tick.into()
}

/// The same, but not while nobody looks at the page: for what is asked of a tracker.
pub fn ticking_in_sight(seconds: u64) -> Signal<u32> {
    let tick = ticking(seconds);
    Memo::new(move |held: Option<&u32>| {
        let now = tick.get();
        held.copied().filter(|_| document().hidden()).unwrap_or(now)
    })
    .into()
}

pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a preference; where storage is off it lasts as long as the page.
pub fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Whether what an event happened to is such an element, or lies within one.
pub fn is_within(event: &web_sys::Event, selector: &str) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|it| it.closest(selector).is_ok_and(|it| it.is_some()))
}

pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        let _ = element.focus();
    }
}

pub fn blur(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        let _ = element.blur();
    }
}

/// Scrolls the element into its list's window, no further than needed.
pub fn show_up(selector: &str) {
    let selector = selector.to_owned();
    request_animation_frame(move || {
        if let Ok(Some(element)) = document().query_selector(&selector) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Scrolls the element with this id to the top of what it scrolls in.
pub fn show_at_top(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view();
    }
}

/// `27 Nov 2026`, in the viewer's zone.
pub fn day(ms: f64) -> String {
    let at = Date::new(&JsValue::from_f64(ms));
    let month = MONTHS.get(at.get_month() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", at.get_date(), at.get_full_year())
}

pub fn scroll_left(selector: &str, to: i32) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        element.set_scroll_left(to);
    }
}

/// Where the page stands, as a server sees it; `null` for a file.
pub fn origin() -> String {
    window().location().origin().unwrap_or_else(|_| "null".into())
}

/// Whether the page is a snapshot that opens by itself: there is nothing to connect to.
pub fn is_single() -> bool {
    js_sys::Reflect::get(&window(), &"halimedeSingle".into()).is_ok_and(|it| it.is_truthy())
}

/// What stands before `#` in the address, by its name.
pub fn search_value(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    let mut pairs = search.trim_start_matches('?').split('&').filter_map(|it| it.split_once('='));
    pairs.find(|it| it.0 == name).map(|it| it.1.to_owned())
}

pub fn is_phone() -> bool {
    window().inner_width().ok().and_then(|it| it.as_f64()).is_some_and(|it| it <= 640.0)
}

/// Saves bytes as a file on the viewer's machine.
pub fn download(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let Ok(blob) = web_sys::Blob::new_with_u8_array_sequence(&parts) else { return };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(link) = document().create_element("a")
        && let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>()
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}

fn has_storage_manager() -> bool {
    js_sys::Reflect::get(&window().navigator(), &"storage".into()).is_ok_and(|it| it.is_truthy())
}

/// Asks the browser to keep what is cached when space is short; says whether it will.
pub async fn persist() -> bool {
    if !has_storage_manager() {
        return false;
    }
    match window().navigator().storage().persist() {
        Ok(promise) => wasm_bindgen_futures::JsFuture::from(promise).await.is_ok_and(|it| it.is_truthy()),
        Err(_) => false,
    }
}
