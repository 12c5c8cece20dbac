//! Printing: what is away from the screen is made too, and every chart hands in its drawing as paths, which
//! stands for its canvas on paper.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::react::spawn;

/// Whether everything is asked for its paper form.
#[derive(Clone, Copy)]
pub struct Paper(pub RwSignal<bool>);

/// A look at whether charts still come, and how often nothing new may have come before it is printed.
const A_MOMENT_MS: i32 = 150;
const QUIET: u32 = 5;
const MOST_LOOKS: u32 = 80;

thread_local! {
    static N_DRAWN: Cell<u32> = const { Cell::new(0) };
}

/// The browser's own key for printing does the same, where there are charts.
pub fn listen(paper: Paper) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        // On a Mac Ctrl P goes a line up.
        let is_mac = window().navigator().platform().is_ok_and(|it| it.starts_with("Mac"));
        let held = if is_mac { event.meta_key() } else { event.ctrl_key() };
        let is_print = held && !event.shift_key() && !event.alt_key();
        if is_print
            && event.key().eq_ignore_ascii_case("p")
            && document().query_selector(".chart .plot").is_ok_and(|it| it.is_some())
        {
            event.prevent_default();
            print(paper);
        }
    });
    on_cleanup(move || keys.remove());
}

/// Makes everything ready and opens the browser's own dialog.
pub fn print(paper: Paper) {
    if paper.0.get_untracked() {
        return;
    }
    paper.0.set(true);
    spawn(async move {
        let (mut quiet, mut seen) = (0, N_DRAWN.get());
        for _ in 0..MOST_LOOKS {
            pause().await;
            quiet = if N_DRAWN.get() == seen { quiet + 1 } else { 0 };
            seen = N_DRAWN.get();
            if quiet >= QUIET {
                break;
            }
        }
        // Paper is white.
        let root = document().document_element();
        let theme = root.as_ref().and_then(|it| it.get_attribute("data-theme"));
        let set = |to: &str| root.as_ref().map(|it| it.set_attribute("data-theme", to));
        set("light");
        let _ = window().print();
        theme.as_deref().map(set);
        let _ = paper.0.try_set(false);
        clear();
    });
}

async fn pause() {
    let promise = js_sys::Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, A_MOMENT_MS);
    });
    let _ = JsFuture::from(promise).await;
}

/// The drawing of the chart that has this mark somewhere in it.
pub fn put(mark: u32, svg: &str) {
    N_DRAWN.set(N_DRAWN.get().wrapping_add(1));
    let found = document().query_selector(&format!("[data-paper='{mark}']")).ok().flatten();
    let plot = found
        .and_then(|it| it.closest(".chart").ok().flatten())
        .and_then(|it| it.query_selector(".plot").ok().flatten());
    let Some(plot) = plot else { return };
    let parts = js_sys::Array::of1(&svg.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let Some(url) = blob.ok().and_then(|it| web_sys::Url::create_object_url_with_blob(&it).ok()) else { return };
    if let Ok(image) = document().create_element("img") {
        let _ = image.set_attribute("class", "on-paper");
        let _ = image.set_attribute("alt", "");
        let _ = image.set_attribute("src", &url);
        let _ = plot.append_child(&image);
    }
}

fn clear() {
    let Ok(all) = document().query_selector_all("img.on-paper") else { return };
    for image in (0..all.length()).filter_map(|at| all.item(at)).filter_map(|it| it.dyn_into::<web_sys::Element>().ok())
    {
        if let Some(url) = image.get_attribute("src") {
            let _ = web_sys::Url::revoke_object_url(&url);
        }
        image.remove();
    }
}
