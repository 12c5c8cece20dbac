//! What leaves a chart: a menu of its files. A picture of points is made from the drawing, so that all
//! charts have both.

use base64::Engine;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::frame::unit;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::paper::{self, Paper};
use crate::components::react::{effect, spawn};
use crate::components::toast::toast;

/// Pixels of a copied picture for each of the screen's.
const FINE: u32 = 2;
/// Of a saved one.
const FINES: [u32; 4] = [1, 2, 3, 4];

/// What a chart can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Svg,
    /// So many pixels for each of the screen's.
    Png(u32),
    /// Into the clipboard.
    Copy,
    Csv,
    /// For LaTeX.
    Pgfplots,
    /// Onto the page that is printed, for the chart of this mark.
    Paper(u32),
}

const FILES: [(File, &str, &str); 4] = [
    (File::Copy, "Copy the picture", "copy"),
    (File::Svg, "Save as SVG", "download"),
    (File::Csv, "Save the values as CSV", "download"),
    (File::Pgfplots, "Save as pgfplots (LaTeX)", "download"),
];

/// What can be done with a chart: what its page adds, and its files.
#[component]
pub fn ChartMenu(
    #[prop(into)] on_file: Callback<File>,
    can_latex: bool,
    #[prop(optional)] children: Option<ChildrenFn>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let mark = next_mark();
    if let Some(paper) = use_context::<Paper>() {
        let is_wanted = Memo::new(move |_| paper.0.get());
        effect(move || {
            if is_wanted.get() {
                // One that comes near only now has nothing to draw yet.
                set_timeout(move || on_file.run(File::Paper(mark)), std::time::Duration::from_millis(400));
            }
        });
    }
    view! {
        <div style="position:relative" data-paper=mark.to_string()>
            <button class="button quiet square" aria-label="More of this chart" title="More of this chart"
                aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="ellipsis" />
            </button>
            <Popover open=open label="More of this chart" place="right:0;top:24px;min-width:210px">
                {children.clone().map(|it| view! { <div on:click=move |_| open.set(false)>{it()}</div> })}
                {FILES.into_iter().filter(|it| can_latex || it.0 != File::Pgfplots).map(|(file, said, icon)| view! {
                    <button class="item" on:click=move |_| { open.set(false); on_file.run(file); }>
                        <Icon name=icon />{said}
                    </button>
                }).collect_view()}
                <div class="item sizes"><Icon name="image" />"Save as PNG"
                    {FINES.into_iter().map(|fine| view! {
                        <button title=format!("{fine} pixels for each of the screen's") aria-label=format!("Save as PNG, {fine} times as fine")
                            on:click=move |_| { open.set(false); on_file.run(File::Png(fine)); }>{format!("{fine}×")}</button>
                    }).collect_view()}
                </div>
            </Popover>
        </div>
    }
}

/// Tells one chart of the page from another.
fn next_mark() -> u32 {
    thread_local! { static LAST: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }
    LAST.set(LAST.get().wrapping_add(1));
    LAST.get()
}

/// Saves or copies a chart that is drawn as paths. `name` without its ending.
pub fn save_drawing(file: File, name: &str, svg: String, size: (f64, f64)) {
    let name = file_name(name);
    match file {
        File::Svg => dom::download(&format!("{name}.svg"), sized(&svg, size).as_bytes()),
        File::Paper(mark) => paper::put(mark, &svg),
        File::Png(fine) => spawn(async move {
            if let Some(bytes) = png(&svg, size, fine).await {
                dom::download(&format!("{name}.png"), &bytes);
            }
        }),
        File::Copy => spawn(async move {
            let Some(bytes) = png(&svg, size, FINE).await else { return };
            if copy(&bytes).await.is_some() {
                toast("The picture is in the clipboard");
            } else {
                // Where there is no clipboard for pictures a file is the next best.
                dom::download(&format!("{name}.png"), &bytes);
                toast("No clipboard for pictures here: saved as a file");
            }
        }),
        File::Csv | File::Pgfplots => {}
    }
}

/// As large as the chart is, not as its fine units are.
fn sized(svg: &str, (width, height): (f64, f64)) -> String {
    let units = format!("width=\"{}\" height=\"{}\"", unit(width), unit(height));
    svg.replacen(&units, &format!("width=\"{width}\" height=\"{height}\""), 1)
}

pub fn file_name(name: &str) -> String {
    name.chars().map(|it| if it.is_alphanumeric() || "-_. ".contains(it) { it } else { '_' }).collect()
}

async fn png(svg: &str, (width, height): (f64, f64), fine: u32) -> Option<Vec<u8>> {
    let fine = f64::from(fine);
    let address = format!("data:image/svg+xml;base64,{}", base64::engine::general_purpose::STANDARD.encode(svg));
    let image = HtmlImageElement::new().ok()?;
    image.set_src(&address);
    JsFuture::from(image.decode()).await.ok()?;
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture's size")]
    let pixels = |it: f64| (it * fine).round().clamp(1.0, 16_384.0) as u32;
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_fill_style_str("#ffffff");
    context.fill_rect(0.0, 0.0, width * fine, height * fine);
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width * fine, height * fine).ok()?;
    let address = canvas.to_data_url_with_type("image/png").ok()?;
    base64::engine::general_purpose::STANDARD.decode(address.strip_prefix("data:image/png;base64,")?).ok()
}

async fn copy(png: &[u8]) -> Option<()> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("image/png");
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(png));
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let window = window();
    let made: js_sys::Function = js_sys::Reflect::get(&window, &"ClipboardItem".into()).ok()?.dyn_into().ok()?;
    let types = js_sys::Object::new();
    js_sys::Reflect::set(&types, &"image/png".into(), &blob).ok()?;
    let item: JsValue = js_sys::Reflect::construct(&made, &js_sys::Array::of1(&types)).ok()?;
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into()).ok()?;
    let write: js_sys::Function = js_sys::Reflect::get(&clipboard, &"write".into()).ok()?.dyn_into().ok()?;
    let done: js_sys::Promise = write.call1(&clipboard, &js_sys::Array::of1(&item)).ok()?.dyn_into().ok()?;
    JsFuture::from(done).await.ok().map(|_| ())
}
