//! The line chart on the page: axes on one canvas, the line layer's pixels on another, linked
//! crosshair and zoom, legend by value, keyboard cursor. It shows what it is given and says by its
//! signals what it would like to show.

use halimede_raster::{Kind, Scale};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::CanvasBackend;
use super::cursor::{Cursor, nearest, next_curve};
use super::ends;
use super::line::{self, Geometry, XKind};
use super::line_state::{Link, Picture, State, Wish, pixels};
use super::line_table::{LineTable, Row};
use super::line_zoom::{Brush, Zoom};
use super::palette;
use super::probed::{Probed, Value};
use super::save::{ChartMenu, File};
use super::single;
use super::single_view::Singles;
use super::size::{close_on_escape, corner, sizes};
use super::surface::Surface;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::components::redraw::redrawn;
use crate::components::theme::Dark;

#[component]
pub fn LineChart(
    #[prop(into)] title: String,
    #[prop(into)] state: Signal<State>,
    /// The line in focus once more, to be seen over all others.
    #[prop(into)]
    over: Signal<Option<Picture>>,
    #[prop(into)] kind: Signal<XKind>,
    link: Link,
    wish: RwSignal<Wish>,
    #[prop(into)] probed: Signal<Option<Probed>>,
    /// The next point to the right (true) or left is asked for.
    #[prop(into)]
    on_step: Callback<bool>,
    /// Asked for when the person wants every point.
    #[prop(into)]
    on_all_points: Callback<()>,
    /// What could not be read is asked for again.
    #[prop(into)]
    on_again: Callback<()>,
    /// So few lines that the last value of each has room.
    #[prop(into)]
    has_ends: Signal<bool>,
    /// How y is divided, where it is not as the title suggests.
    #[prop(into)]
    y_kind: Signal<Option<Kind>>,
    /// None: as the title suggests.
    #[prop(into)]
    on_kind: Callback<Option<Kind>>,
    /// What else the page does with it.
    #[prop(into)]
    menu: ViewFn,
    is_table: RwSignal<bool>,
    /// The lines as rows, while they are seen so.
    #[prop(into)]
    table: Signal<Option<Vec<Row>>>,
    #[prop(into)] on_file: Callback<File>,
) -> impl IntoView {
    let canvas: NodeRef<html::Canvas> = NodeRef::new();
    let over_canvas: NodeRef<html::Canvas> = NodeRef::new();
    let plot: NodeRef<html::Div> = NodeRef::new();
    let size = sizes(plot);
    let full = RwSignal::new(false);
    // The crosshair is in all charts of the page, the legend only where the person looks.
    let inside = RwSignal::new(None::<f64>);
    let dark = use_context::<Dark>();
    let suggested = if starts_log(&title) { Kind::Log } else { Kind::Linear };
    wish.update(|it| it.y_kind = y_kind.get_untracked().unwrap_or(suggested));
    effect(move || {
        let kind = y_kind.get().unwrap_or(suggested);
        if wish.with_untracked(|it| it.y_kind != kind) {
            wish.update(|it| it.y_kind = kind);
        }
    });
    effect(move || {
        redrawn();
        let (size, ratio) = (size.get(), window().device_pixel_ratio().max(1.0));
        wish.update(|it| (it.size, it.ratio) = (size, ratio));
    });
    // Apart from what else is said: only a new picture is drawn.
    let picture = Memo::new(move |_| state.with(|it| it.picture.clone()));
    let placed =
        move |it: &Picture, size: (f64, f64)| (!it.is_single).then(|| Geometry::new(it.x, it.y, size, has_ends.get()));
    let geometry = Memo::new(move |_| {
        let size = size.get();
        picture.with(|it| placed(it.as_ref()?, size))
    });
    let ends = Memo::new(move |_| picture.with(|it| it.as_ref().filter(|it| it.is_single).map(|it| it.lasts.clone())));
    let singles = Singles { ends, link, size };
    // Reads no memo made of the picture beside it: of such two an effect may miss the one that changed.
    effect(move || {
        redrawn();
        let theme = palette::theme(dark.is_some_and(|it| it.0.get()));
        let (Some(canvas), size, kind) = (canvas.get(), size.get(), kind.get()) else { return };
        picture.with(|it| {
            let Some(picture) = it else {
                // A picture less in memory.
                canvas.set_width(0);
                return;
            };
            let Some(geometry) = placed(picture, size) else {
                if let Some(backend) = CanvasBackend::new(&canvas, size) {
                    let (area, focused) = (Surface::area(backend), link.focused.get());
                    let _ = single::draw(&area, &picture.lasts, size, focused.as_deref(), theme);
                }
                return;
            };
            let backend = if fills(picture, &geometry) {
                CanvasBackend::around(&canvas, size, geometry.inset)
            } else {
                CanvasBackend::new(&canvas, size)
            };
            let Some(backend) = backend else { return };
            // The pixels replace what is there, so the axes come after and go behind.
            put(&canvas, picture, &geometry);
            let area = Surface::area(backend.behind());
            let _ = line::draw_axes(&area, kind, &geometry, theme);
            if has_ends.get() {
                let _ = ends::draw(&area, &picture.lasts, &geometry, theme);
            }
            for (slot, x, value) in &picture.odd {
                if let Some(x) = geometry.x.place(*x) {
                    let _ = line::mark(&area, x, *value, &geometry, *slot, theme);
                }
            }
        });
    });
    // Only over the picture it belongs to.
    let over = Memo::new(move |_| {
        let (over, all) = (over.get()?, size.get());
        let (geometry, size) =
            picture.with(|it| it.as_ref().and_then(|it| Some((placed(it, all)?, (it.width, it.height)))))?;
        let seen = |it: Scale| (it.range(), it.kind());
        let same = (over.x, over.y) == (seen(geometry.x), seen(geometry.y)) && size == (over.width, over.height);
        same.then_some((over, geometry))
    });
    let is_over = Memo::new(move |_| over.with(Option::is_some));
    effect(move || {
        redrawn();
        let (Some(canvas), size) = (over_canvas.get(), size.get()) else { return };
        over.with(|it| {
            let Some((picture, geometry)) = it else {
                // Under a pointer the next is about to come.
                if inside.get_untracked().is_none() {
                    canvas.set_width(0);
                }
                return;
            };
            if CanvasBackend::new(&canvas, size).is_some() {
                put(&canvas, picture, geometry);
            }
        });
    });
    // The line nearest to the pointer, as soon as the values there are known.
    effect(move || {
        let (probed, Some(y)) = (probed.get(), inside.get().filter(|it| !it.is_nan())) else { return };
        let nearest = geometry.get_untracked().zip(probed).and_then(|(geometry, it)| nearest(&it.values, &geometry, y));
        if link.focused.get_untracked() != nearest {
            link.focused.set(nearest);
        }
    });
    let zoom = Zoom::new(link, wish, geometry);
    let pointer = StoredValue::new(0.0f64);
    let by_touch = StoredValue::new(false);
    let at_corner = StoredValue::new((0.0f64, 0.0f64));
    // Under a pointer that rests a zoom brings another place.
    effect(move || {
        let (Some(geometry), Some(y)) = (geometry.get(), inside.get_untracked()) else { return };
        if !y.is_nan() {
            let x = pointer.get_value().clamp(geometry.inset.left, geometry.inset.right);
            link.at.set(Some(geometry.x.value(x)));
        }
    });
    let point = move |event: ev::PointerEvent| {
        if zoom.is_gone() || zoom.pinched(&event) {
            return;
        }
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        if singles.point(y) {
            inside.set(Some(y));
            return;
        }
        let Some(geometry) = geometry.get_untracked() else { return };
        zoom.moved(x, y);
        pointer.set_value(x);
        at_corner.set_value((f64::from(event.client_x()) - x, f64::from(event.client_y()) - y));
        inside.set(Some(y));
        link.at.set(Some(geometry.x.value(x.clamp(geometry.inset.left, geometry.inset.right))));
    };
    let leave = move || {
        if inside.try_get_untracked().flatten().is_some() {
            inside.set(None);
            let _ = link.at.try_set(None);
            let _ = link.focused.try_set(None);
        }
    };
    // What a finger has touched stays; one that scrolls the page did not mean what it began on.
    let is_kept = move || {
        inside.try_get_untracked().flatten().is_some_and(f64::is_nan) || by_touch.try_get_value().unwrap_or(false)
    };
    let gone = move |event: ev::PointerEvent| {
        if event.pointer_type() != "touch" {
            leave();
        }
    };
    let pressed = move |event: ev::PointerEvent| {
        let is_touch = event.pointer_type() == "touch";
        by_touch.set_value(is_touch);
        zoom.pressed(&event);
        if is_touch {
            point(event);
        }
    };
    // A chart that goes while the pointer is in it takes its crosshair along.
    on_cleanup(leave);
    close_on_escape(full);
    // By keys: the legend stands where the plot is, whoever scrolled since.
    let begin = move || {
        if let Some(plot) = plot.get_untracked() {
            at_corner.set_value(corner(&plot));
        }
        inside.set(Some(f64::NAN));
    };
    let keys = move |event: ev::KeyboardEvent| {
        // Those are the browser's.
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            key if key.starts_with("Arrow") && singles.step(key) => inside.set(Some(f64::NAN)),
            "ArrowRight" if event.shift_key() => zoom.pan(0.2),
            "ArrowLeft" if event.shift_key() => zoom.pan(-0.2),
            key @ ("ArrowRight" | "ArrowLeft") => {
                begin();
                on_step.run(key == "ArrowRight");
            }
            // From there on the first that is seen is the next.
            key @ ("Home" | "End") => {
                link.at.set(None);
                begin();
                on_step.run(key == "Home");
            }
            key @ ("ArrowUp" | "ArrowDown") => {
                let is_below = key == "ArrowDown";
                let next = probed.get_untracked().and_then(|it| next_curve(&it.values, link.focused, is_below));
                let Some(next) = next else { return };
                begin();
                link.focused.set(Some(next));
            }
            "+" | "=" => zoom.by(0.5, link.at.get_untracked()),
            "-" => zoom.by(2.0, link.at.get_untracked()),
            "0" => zoom.reset(),
            "Escape" if zoom.is_dragging() => zoom.let_go(),
            _ => return,
        }
        event.prevent_default();
    };
    let name = title.clone();
    let label = move || {
        let said = |it: &Picture| match it.is_single {
            true => single::summary(&name, &it.lasts),
            false => line::summary(&name, it.points, kind.get(), &it.lasts),
        };
        let said = picture.with(|it| it.as_ref().map(said));
        said.unwrap_or_else(|| format!("{name}: no curve"))
    };
    // For those who go by keys and hear.
    let said = move || {
        let is_by_keys = inside.get().is_some_and(f64::is_nan);
        if is_by_keys && ends.with(Option::is_some) {
            return Some(singles.tip());
        }
        let at = link.at.get().filter(|_| is_by_keys)?;
        let values = probed.get().filter(|it| it.at == at)?.values;
        let is_focused = |it: &&Value| link.focused.with(|name| name.as_deref() == Some(&it.name));
        let value = values
            .iter()
            .find(is_focused)
            .or_else(|| values.iter().filter(|it| !it.drawn.is_nan()).max_by(|a, b| a.drawn.total_cmp(&b.drawn)))?;
        Some(format!("{}: {} {}", line::x_label(kind.get(), at), value.name, format::number(value.value)))
    };
    let heading = title.clone();
    // What stands beside the picture is made again only when it changes, not with each picture.
    let now = Memo::new(move |_| wish.get().y_kind);
    let sampled = Memo::new(move |_| state.with(|it| it.sampled.clone()));
    let missed = Memo::new(move |_| state.with(|it| it.missed.clone()));
    let stale = Memo::new(move |_| state.with(|it| it.stale));
    let key = Memo::new(move |_| state.with(|it| it.key.clone()));
    let says = Memo::new(move |_| state.with(|it| it.says.clone()));
    let loading = Memo::new(move |_| state.with(|it| it.loading));
    let is_single = Memo::new(move |_| ends.with(Option::is_some));
    let is_zoomed = Memo::new(move |_| zoom.is_on() && !is_single.get());
    let is_log = move || now.get() != Kind::Linear;
    let turns = move || match now.get() {
        Kind::Linear => "y goes evenly. A click: by its logarithm",
        Kind::Log => "y goes by its logarithm. A click: by one on both sides of zero",
        Kind::SymLog => "y goes by a logarithm on both sides of zero. A click: evenly",
    };
    let next_kind = move |_| {
        let next = match now.get_untracked() {
            Kind::Linear => Kind::Log,
            Kind::Log => Kind::SymLog,
            Kind::SymLog => Kind::Linear,
        };
        on_kind.run((next != suggested).then_some(next));
    };
    view! {
        <figure class="chart lines" class:full=move || full.get()>
            <figcaption class="title">
                <h3 title=title.clone()>{heading}</h3>
                {move || sampled.get().map(|text| view! {
                    <button class="badge warn" title="The source sent a sample. Load every point"
                        on:click=move |_| on_all_points.run(())>
                        {text}
                    </button>
                })}
                {move || missed.get().map(|why| view! {
                    <button class="badge warn" title=why on:click=move |_| on_again.run(())>
                        "some runs are missing: try again"
                    </button>
                })}
                {move || stale.get().then(|| view! { <span class="badge warn">"from the cache"</span> })}
                <span class="grow"></span>
                {move || key.get().map(|key| view! {
                    <span class="minor ramp" title="From one line through a place to the most; the middle stands for about a quarter of them">
                        "1"<span style=format!("background:{}", key.gradient)></span>{key.most}
                    </span>
                })}
                {move || is_zoomed.get().then(|| view! {
                    <button class="button quiet" title="Show all again (0, or a double click)" on:click=move |_| zoom.reset()>"reset zoom"</button>
                })}
                <button class="button quiet" style:display=move || is_single.get().then_some("none") aria-pressed=move || is_log().to_string() title=turns on:click=next_kind>
                    {move || if now.get() == Kind::SymLog { "symlog y" } else { "log y" }}
                </button>
                <button class="button quiet square" aria-label="Full screen" title="Full screen"
                    aria-pressed=move || full.get().to_string() on:click=move |_| full.update(|it| *it = !*it)>
                    <Icon name="maximize-2" />
                </button>
                <ChartMenu on_file=on_file can_latex=true>
                    {menu.run()}
                    <button class="item" on:click=move |_| is_table.update(|it| *it = !*it)>
                        <Icon name="table-2" />{move || if is_table.get() { "As a picture" } else { "As a table" }}
                    </button>
                    <hr/>
                </ChartMenu>
            </figcaption>
            {move || table.get().map(|rows| view! { <LineTable rows=rows kind=kind.get() /> })}
            <div class="plot" node_ref=plot tabindex="0" role="img" aria-label=label
                title=move || singles.tip() on:pointermove=point on:pointerleave=gone on:keydown=keys
                on:blur=move |_| if is_kept() { leave() }
                on:pointerdown=pressed on:pointerup=move |event| zoom.released(&event)
                on:pointercancel=move |event| { zoom.left(&event); if event.pointer_type() == "touch" { leave() } } on:dblclick=move |_| zoom.reset() on:wheel=move |event| zoom.turned(&event)>
                <canvas node_ref=canvas></canvas>
                <canvas node_ref=over_canvas hidden=move || !is_over.get()></canvas>
                {move || loading.get().then(|| view! { <div class="loading"></div> })}
                {move || says.get().map(|(title, text)| view! {
                    <div class="says"><b>{title}</b><span>{text}</span></div>
                })}
                <Brush zoom=zoom />
                <Cursor probed=probed geometry=geometry kind=kind link=link size=size inside=inside corner=at_corner is_dragging=Signal::derive(move || zoom.is_dragging()) />
            </div>
            <div class="sr" role="status">{said}</div>
        </figure>
    }
}

/// Whether the picture is as large as the plot, which it is not while the chart is being resized.
fn fills(picture: &Picture, geometry: &Geometry) -> bool {
    let (ratio, room) = (window().device_pixel_ratio().max(1.0), geometry.inset);
    (picture.width, picture.height) == (pixels(room.right - room.left, ratio), pixels(room.bottom - room.top, ratio))
}

/// Shows the pixels where the plot is.
fn put(canvas: &HtmlCanvasElement, picture: &Picture, geometry: &Geometry) -> Option<()> {
    let clamped = js_sys::Uint8ClampedArray::new(&picture.pixels.buffer());
    let image =
        web_sys::ImageData::new_with_js_u8_clamped_array_and_sh(&clamped, picture.width, picture.height).ok()?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let ratio = f64::from(canvas.width()) / geometry.width;
    let at = |it: f64| (it * ratio).round();
    context.put_image_data(&image, at(geometry.inset.left), at(geometry.inset.top)).ok()
}

/// A loss falls over decades; an accuracy does not.
fn starts_log(title: &str) -> bool {
    let title = title.to_lowercase();
    // A difference of losses falls below zero.
    !title.starts_with('=') && ["loss", "grad_norm", "perplexity"].iter().any(|it| title.contains(it))
}
