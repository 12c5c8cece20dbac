//! The line chart on the page: canvas, linked crosshair, legend by value, keyboard cursor.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use plotters::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::canvas::CanvasBackend;
use super::line::{self, Geometry, Line, Pen, XKind};
use super::palette;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::components::theme::Dark;
use crate::model::order::sort_by;

/// What all charts of a page share: where the pointer is along x, and the run it is on.
#[derive(Clone, Copy)]
pub struct Link {
    pub at: RwSignal<Option<f64>>,
    pub focused: RwSignal<Option<String>>,
}

impl Link {
    pub fn new() -> Self {
        Self { at: RwSignal::new(None), focused: RwSignal::new(None) }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

/// What a chart shows instead of, or beside, its lines.
#[derive(Clone, PartialEq)]
pub struct State {
    pub lines: Vec<Line>,
    pub loading: bool,
    /// Title and text, when there is nothing to draw.
    pub says: Option<(String, String)>,
    /// Some points were left out by the source: `320 of 3000`.
    pub sampled: Option<String>,
    pub stale: bool,
}

#[component]
pub fn LineChart(
    #[prop(into)] title: String,
    #[prop(into)] state: Signal<State>,
    #[prop(into)] kind: Signal<XKind>,
    link: Link,
    /// Asked for when the person wants every point.
    #[prop(into)]
    on_all_points: Callback<()>,
) -> impl IntoView {
    let canvas: NodeRef<html::Canvas> = NodeRef::new();
    let plot: NodeRef<html::Div> = NodeRef::new();
    let size = sizes(plot);
    let log = RwSignal::new(starts_log(&title));
    let full = RwSignal::new(false);
    // The crosshair is in all charts of the page, the legend only where the person looks.
    let inside = RwSignal::new(false);
    let dark = use_context::<Dark>();
    let geometry = Memo::new(move |_| {
        let (width, height) = size.get();
        state.with(|it| line::geometry(&it.lines, log.get(), width, height))
    });
    let focused = Memo::new(move |_| {
        let name = link.focused.get()?;
        state.with(|it| it.lines.iter().position(|it| it.name == name))
    });
    effect(move || {
        let theme = palette::theme(dark.is_some_and(|it| it.0.get()));
        let (Some(canvas), size) = (canvas.get(), size.get()) else { return };
        let Some(backend) = CanvasBackend::new(&canvas, size) else { return };
        let set_dash = backend.dasher();
        let area = backend.into_drawing_area();
        if let Some(geometry) = geometry.get() {
            let _ = state.with(|it| {
                line::draw(&area, &it.lines, kind.get(), &geometry, focused.get(), theme, Pen(Some(&set_dash)))
            });
        }
    });
    let point = move |event: ev::PointerEvent| {
        inside.set(true);
        let Some(geometry) = geometry.get_untracked() else { return };
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        link.at.set(Some(geometry.x.value(x.clamp(geometry.inset.left, geometry.inset.right))));
        let nearest = state.with_untracked(|it| nearest(&it.lines, &geometry, x, y));
        link.focused.set(nearest);
    };
    let leave = move |_| {
        inside.set(false);
        link.at.set(None);
        link.focused.set(None);
    };
    // A chart that goes while the pointer is in it takes its crosshair along.
    on_cleanup(move || {
        if inside.try_get_untracked() == Some(true) {
            let _ = link.at.try_set(None);
            let _ = link.focused.try_set(None);
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        let right = match event.key().as_str() {
            "ArrowRight" => true,
            "ArrowLeft" => false,
            "Escape" if full.get_untracked() => {
                full.set(false);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        inside.set(true);
        let next = state.with_untracked(|it| step(&it.lines, link.at.get_untracked(), right));
        link.at.set(next);
    };
    let name = title.clone();
    let label = move || state.with(|it| line::summary(&name, &it.lines, kind.get()));
    let heading = title.clone();
    view! {
        <figure class="chart" class:full=move || full.get()>
            <figcaption class="title">
                <h3 title=title.clone()>{heading}</h3>
                {move || state.get().sampled.map(|text| view! {
                    <button class="badge warn" style="border:0;cursor:pointer" title="The source sent a sample. Load every point"
                        on:click=move |_| on_all_points.run(())>
                        {text}
                    </button>
                })}
                {move || state.get().stale.then(|| view! { <span class="badge warn">"from the cache"</span> })}
                <span class="minor"></span>
                <button class="button quiet" aria-pressed=move || log.get().to_string() on:click=move |_| log.update(|it| *it = !*it)>
                    "log y"
                </button>
                <button class="button quiet square" aria-label="Full screen" title="Full screen"
                    aria-pressed=move || full.get().to_string() on:click=move |_| full.update(|it| *it = !*it)>
                    <Icon name="maximize-2" />
                </button>
            </figcaption>
            <div class="plot" node_ref=plot tabindex="0" role="img" aria-label=label
                on:pointermove=point on:pointerleave=leave on:keydown=keys>
                <canvas node_ref=canvas></canvas>
                {move || state.get().loading.then(|| view! { <div class="loading"></div> })}
                {move || state.get().says.map(|(title, text)| view! {
                    <div class="says"><b>{title}</b><span>{text}</span></div>
                })}
                <Cursor state=state geometry=geometry kind=kind link=link size=size inside=inside plot=plot />
            </div>
        </figure>
    }
}

/// A loss falls over decades; an accuracy does not.
fn starts_log(title: &str) -> bool {
    let title = title.to_lowercase();
    ["loss", "grad_norm", "perplexity"].iter().any(|it| title.contains(it))
}

fn nearest(lines: &[Line], geometry: &Geometry, x: f64, y: f64) -> Option<String> {
    let at = geometry.x.value(x);
    let distance = |it: &Line| Some((geometry.y.place(it.y[it.at(at)?])? - y).abs());
    let near = lines.iter().filter_map(|it| Some((distance(it)?, it))).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (near.0 < 24.0).then(|| near.1.name.clone())
}

/// The next point of any line.
fn step(lines: &[Line], at: Option<f64>, right: bool) -> Option<f64> {
    let all = lines.iter().flat_map(|it| it.x.iter().copied());
    match (at, right) {
        (None, true) => all.fold(None, |low: Option<f64>, it| Some(low.map_or(it, |low| low.min(it)))),
        (None, false) => all.fold(None, |high: Option<f64>, it| Some(high.map_or(it, |high| high.max(it)))),
        (Some(at), true) => {
            let next = lines.iter().filter_map(|it| it.x.get(it.x.partition_point(|x| *x <= at)).copied());
            next.min_by(f64::total_cmp).or(Some(at))
        }
        (Some(at), false) => {
            let next =
                lines.iter().filter_map(|it| it.x.get(it.x.partition_point(|x| *x < at).checked_sub(1)?).copied());
            next.max_by(f64::total_cmp).or(Some(at))
        }
    }
}

/// The crosshair, its dots, the step on the axis and the legend. Follows the page's shared place.
#[component]
fn Cursor(
    state: Signal<State>,
    geometry: Memo<Option<Geometry>>,
    kind: Signal<XKind>,
    link: Link,
    size: RwSignal<(f64, f64)>,
    inside: RwSignal<bool>,
    plot: NodeRef<html::Div>,
) -> impl IntoView {
    move || {
        let at = link.at.get()?;
        let geometry = geometry.get()?;
        let x =
            geometry.x.place(at).filter(|x| (geometry.inset.left - 0.5..=geometry.inset.right + 0.5).contains(x))?;
        let focused = link.focused.get();
        let mut rows: Vec<(f64, u8, String, Option<f64>)> = state.with(|it| {
            it.lines
                .iter()
                .filter_map(|line| {
                    let value = line.y[line.at(at)?];
                    Some((value, line.slot, line.name.clone(), geometry.y.place(value)))
                })
                .collect()
        });
        sort_by(&mut rows, |a, b| a.0.is_nan().cmp(&b.0.is_nan()).then(b.0.total_cmp(&a.0)));
        let marks: Vec<_> = rows
            .iter()
            .filter_map(|(_, slot, _, y)| {
                let style = format!("left:{x}px;top:{}px;background:{}", (*y)?, palette::css(*slot));
                Some(view! { <div class="mark" style=style></div> })
            })
            .collect();
        let height = size.get().1;
        let limit = 12;
        let place = plot.get().map_or(String::new(), |it| beside(&it, x, rows.len().min(limit + 1)));
        let more = rows.len().saturating_sub(limit);
        let legend: Vec<_> = rows
            .into_iter()
            .take(limit)
            .map(|(value, slot, name, _)| {
                let weight = if focused.as_deref() == Some(name.as_str()) { "font-weight:600" } else { "" };
                view! {
                    <div style=weight>
                        <span class="line-sample" style=palette::sample(slot)></span>
                        <span class="name"><bdi>{name}</bdi></span>
                        <span class="value">{format::number(value)}</span>
                    </div>
                }
            })
            .collect();
        Some(view! {
            <div class="cross" style=format!("left:{x}px;bottom:{}px", height - geometry.inset.bottom)></div>
            {marks}
            <div class="chip-step" style=format!("left:{x}px")>{line::x_label(kind.get(), if kind.get() == XKind::Step { at.round() } else { at })}</div>
            {inside.get().then(|| view! {
                <div class="legend" style=place>
                    {legend}
                    {(more > 0).then(|| view! { <div class="minor">{format!("and {more} more")}</div> })}
                </div>
            })}
        })
    }
}

/// Where the legend stands in the window: beside the crosshair on the side with more room, and whole.
fn beside(plot: &web_sys::HtmlElement, x: f64, n_lines: usize) -> String {
    let at = plot.get_bounding_client_rect();
    let side = |it: Result<wasm_bindgen::JsValue, _>| it.ok().and_then(|it| it.as_f64()).unwrap_or(0.0);
    let (width, height) = (side(window().inner_width()), side(window().inner_height()));
    let tall = f64::from(u32::try_from(n_lines).unwrap_or(0)) * 17.0 + 12.0;
    let top = (at.top() + 4.0).min(height - tall - 8.0).max(8.0);
    let place = at.left() + x;
    // Nearer to the window's right edge than to its left: to the left of the crosshair.
    if place > width / 2.0 {
        format!("right:{}px;top:{top}px", width - place + 10.0)
    } else {
        format!("left:{}px;top:{top}px", place + 10.0)
    }
}

/// The plot's box in CSS pixels, kept up to date.
fn sizes(plot: NodeRef<html::Div>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    // The closure lives as long as its observer.
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(node) = plot.get() else { return };
        let measured = node.clone();
        let on_size = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.try_get_untracked().is_some_and(|it| it != now) {
                size.set(now);
            }
        });
        if let Ok(made) = web_sys::ResizeObserver::new(on_size.as_ref().unchecked_ref()) {
            made.observe(&node);
            observer.set_value(Some((made, on_size)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = observer.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    size
}
