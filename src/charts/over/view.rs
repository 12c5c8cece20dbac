//! A chart over runs on the page: draws its kind, follows the pointer and the keys, and says by its
//! callbacks which runs are meant.

use std::collections::HashSet;
use std::sync::Arc;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::axis::Axis;
use super::{Arrange, Hit, Kind, Marks, group_name, label, svg};
use crate::charts::canvas::CanvasBackend;
use crate::charts::palette;
use crate::charts::save::{ChartMenu, File, file_name, save_drawing};
use crate::charts::size::{beside, close_on_escape, corner, sizes};
use crate::charts::surface::Surface;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::components::redraw::redrawn;
use crate::components::theme::Dark;
use crate::components::{dom, format};
use crate::model::csv::{line, text};
use crate::model::sheet::{Sheet, SheetColumn};
use crate::model::{Field, RunId};

/// A drag shorter than this is a click.
const LEAST: f64 = 5.0;
/// Of more runs what is under the pointer is said, but the chart is not drawn anew for it.
const MOST_MARKED: usize = 4_000;
/// Rows of the table of values.
const MOST_LINES: usize = 500;
/// Of a saved picture, in CSS pixels.
const PAPER: (f64, f64) = (640.0, 360.0);

#[derive(Clone, Default, PartialEq)]
pub struct OverState {
    pub sheet: Option<Arc<Sheet>>,
    /// Title and text, when there is nothing to draw.
    pub says: Option<(String, String)>,
    pub loading: bool,
}

#[component]
pub fn OverChart(
    kind: &'static Kind,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] state: Signal<OverState>,
    #[prop(into)] on_open: Callback<RunId>,
    /// None: those that are picked can't be selected here.
    on_select: Option<Callback<Vec<RunId>>>,
    /// Fields whose axes stand on their heads.
    #[prop(into)]
    flipped: Signal<Vec<Field>>,
    /// None: it stays as it is.
    on_arrange: Option<Callback<Arrange>>,
    /// Buttons of whoever shows the chart.
    children: Children,
) -> impl IntoView {
    let canvas: NodeRef<html::Canvas> = NodeRef::new();
    let plot: NodeRef<html::Div> = NodeRef::new();
    let size = sizes(plot);
    let sheet = Memo::new(move |_| state.with(|it| it.sheet.clone()));
    let full = RwSignal::new(false);
    let as_table = RwSignal::new(false);
    let marks = RwSignal::new(Marks::default());
    // Of the fields as they stand, until those that were asked for come.
    let flips = Memo::new(move |_| {
        let flipped = flipped.get();
        sheet.with(|it| {
            let columns = it.iter().flat_map(|it| &it.columns);
            columns.map(|it| flipped.contains(&it.field)).collect::<Vec<_>>()
        })
    });
    // Nothing is pointed at.
    let bare = move || Marks { flips: flips.get_untracked(), ..Marks::default() };
    let hit = RwSignal::new(None::<(Hit, f64)>);
    let drag = RwSignal::new(None::<((f64, f64), bool)>);
    // The pointer is on something that can be moved.
    let handle = RwSignal::new(false);
    let dark = use_context::<Dark>();
    let loading = Memo::new(move |_| state.with(|it| it.loading));
    let says = Memo::new(move |_| state.with(|it| it.says.clone()));
    effect(move || {
        redrawn();
        let theme = palette::theme(dark.is_some_and(|it| it.0.get()));
        let (Some(canvas), size) = (canvas.get(), size.get()) else { return };
        let Some(backend) = CanvasBackend::new(&canvas, size) else { return };
        let area = Surface::area(backend);
        if let Some(sheet) = sheet.get() {
            marks.with(|marks| {
                let _ = (kind.draw)(&area, &sheet, size, marks, theme);
            });
        }
    });
    // What was dragged around is of the runs that were there; axes that were moved or turned keep their stretches.
    let mut before: Option<Arc<Sheet>> = None;
    effect(move || {
        let (now, flips) = (sheet.get(), flips.get());
        hit.set(None);
        // On the way to another sheet there is none.
        let Some(now) = now else { return };
        let ranges = match &before {
            Some(before) if are_same(&before.ids, &now.ids) => {
                marks.with_untracked(|it| it.carried(before, &now, &flips))
            }
            _ => Vec::new(),
        };
        marks.set(Marks { ranges, ..bare() });
        before = Some(now);
    });
    // A line around something is of the places as they were.
    effect(move || {
        size.with(|_| ());
        if marks.with_untracked(|it| !it.lasso.is_empty()) {
            marks.update(|it| it.lasso.clear());
        }
    });
    let picked = Memo::new(move |_| {
        let sheet = sheet.get()?;
        let picked = marks.with(|marks| (kind.picked)(&sheet, size.get(), marks))?;
        Some(picked.into_iter().enumerate().filter(|it| it.1).map(|it| it.0).collect::<Vec<usize>>())
    });
    let point_at = move |found: Option<Hit>, x: f64| {
        let rows = found.as_ref().map(|it| it.rows.clone()).unwrap_or_default();
        // The focus leaves a chart that goes, too.
        let Some(sheet) = sheet.try_get_untracked() else { return };
        let n = sheet.map_or(0, |it| it.ids.len());
        if n <= MOST_MARKED && marks.with_untracked(|it| it.rows != rows) {
            marks.update(|it| it.rows = rows);
        }
        hit.set(found.map(|it| (it, x)));
    };
    let moved = move |event: ev::PointerEvent| {
        let Some(sheet) = sheet.get_untracked() else { return };
        let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let size = size.get_untracked();
        match drag.get_untracked() {
            Some((from, is_far)) => {
                if is_far || (from.0 - at.0).hypot(from.1 - at.1) >= LEAST {
                    drag.set(Some((from, true)));
                    hit.set(None);
                    // What cannot be arranged is not pulled.
                    if on_arrange.is_some() || (kind.arrange)(&sheet, size, from, from).is_none() {
                        marks.update(|it| (kind.drag)(&sheet, size, it, from, at));
                    }
                }
            }
            None => {
                let is_handle = on_arrange.is_some() && (kind.arrange)(&sheet, size, at, at).is_some();
                if handle.get_untracked() != is_handle {
                    handle.set(is_handle);
                }
                point_at(marks.with_untracked(|it| (kind.hit)(&sheet, size, it, at)), at.0);
            }
        }
    };
    let pressed = move |event: ev::PointerEvent| {
        if event.pointer_type() == "touch" {
            // It scrolls the page, but what it touches is said.
            let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
            if let Some(sheet) = sheet.get_untracked() {
                point_at(marks.with_untracked(|it| (kind.hit)(&sheet, size.get_untracked(), it, at)), at.0);
            }
            return;
        }
        if event.button() != 0 {
            return;
        }
        drag.set(Some(((f64::from(event.offset_x()), f64::from(event.offset_y())), false)));
        if let Some(target) = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        // A new line around something begins anew; stretches of other axes stay.
        marks.update(|it| it.lasso.clear());
    };
    let open_marked = move || {
        let row = hit
            .with_untracked(|it| it.as_ref().and_then(|it| if let [row] = it.0.rows[..] { Some(row) } else { None }));
        if let (Some(row), Some(sheet)) = (row, sheet.get_untracked())
            && let Some(id) = sheet.ids.get(row)
        {
            on_open.run(id.clone());
        }
    };
    let released = move |event: ev::PointerEvent| {
        let Some((from, is_far)) = drag.get_untracked() else { return };
        drag.set(None);
        let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        if let (Some(on_arrange), Some(sheet)) = (on_arrange, sheet.get_untracked()) {
            if marks.with_untracked(|it| it.pulled.is_some()) {
                marks.update(|it| it.pulled = None);
            }
            let to = if is_far { at } else { from };
            if let Some(how) = (kind.arrange)(&sheet, size.get_untracked(), from, to) {
                on_arrange.run(how);
                return;
            }
        }
        if is_far {
            return;
        }
        if let Some(sheet) = sheet.get_untracked()
            && marks.with_untracked(|it| it.ranges.iter().any(Option::is_some))
        {
            // A click on an axis lets its stretch go.
            let before = marks.with_untracked(|it| it.ranges.clone());
            marks.update(|it| (kind.drag)(&sheet, size.get_untracked(), it, from, at));
            if marks.with_untracked(|it| it.ranges != before) {
                return;
            }
        }
        open_marked();
    };
    let step = move |by: isize| {
        let Some(sheet) = sheet.get_untracked().filter(|it| !it.ids.is_empty()) else { return };
        let now = hit.with_untracked(|it| it.as_ref().and_then(|it| it.0.rows.first().copied()));
        let next = now.map_or(0, |it| it.saturating_add_signed(by).min(sheet.ids.len() - 1));
        let value = |it| (label(it), said(it, Axis::of(it, 0.0, 1.0).as_ref(), next));
        let values = sheet.columns.iter().map(value).collect();
        point_at(
            Some(Hit { rows: vec![next], title: sheet.names[next].clone(), lines: values }),
            size.get_untracked().0 / 2.0,
        );
    };
    close_on_escape(full);
    let keys = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => step(1),
            "ArrowLeft" | "ArrowUp" => step(-1),
            "Enter" => open_marked(),
            "Escape" => {
                drag.set(None);
                marks.set(bare());
            }
            _ => return,
        }
        event.prevent_default();
    };
    let summary = move || {
        let n = sheet.get().map_or(0, |it| kind.n_drawn(&it));
        format!("{}: {}, {}", title.get(), kind.label, format::n_of(n as u64, "run"))
    };
    let save = move |file: File| {
        let Some(sheet) = sheet.get_untracked() else { return };
        let title = title.get_untracked();
        match file {
            File::Csv => dom::download(&format!("{}.csv", file_name(&title)), csv(kind, &sheet).as_bytes()),
            File::Pgfplots => {
                if let Some(text) = (kind.latex)(&sheet) {
                    dom::download(&format!("{}.tex", file_name(&title)), text.as_bytes());
                }
            }
            _ => {
                // On paper it stands below its heading.
                let heading = if matches!(file, File::Paper(_)) { "" } else { &title };
                if let Some((svg, size)) = svg(kind, heading, &sheet, PAPER, &bare()) {
                    save_drawing(file, &title, svg, size);
                }
            }
        }
    };
    let select = move |_| {
        if let (Some(on_select), Some(rows), Some(sheet)) = (on_select, picked.get_untracked(), sheet.get_untracked()) {
            on_select.run(rows.into_iter().filter_map(|it| sheet.ids.get(it).cloned()).collect());
        }
    };
    let n_to_select = move || on_select.and(picked.get()).map(|it| it.len()).filter(|it| *it > 0);
    view! {
        <figure class="chart over" class:full=move || full.get()>
            <figcaption class="title">
                <h3 title=move || title.get()>{move || title.get()}</h3>
                <span class="minor" style:display=move || n_to_select().map(|_| "none") title=move || missing(kind, sheet.get().as_deref())>{move || said_of(kind, sheet.get().as_deref(), picked.get().as_deref())}</span>
                {move || n_to_select().map(|n| view! {
                    <button class="button quiet" title="Their eyes are opened, of the first 200, all others closed" on:click=select>
                        {format!("select {}", format::count(n as u64))}
                    </button>
                })}
                {move || picked.get().is_some().then(|| view! {
                    <button class="button quiet" title="Let go (Esc)" on:click=move |_| marks.set(bare())>"clear"</button>
                })}
                {children()}
                <button class="button quiet square" aria-label="As a table" title="As a table" aria-pressed=move || as_table.get().to_string()
                    on:click=move |_| as_table.update(|it| *it = !*it)><Icon name="table" /></button>
                <button class="button quiet square" aria-label="Full screen" title="Full screen"
                    aria-pressed=move || full.get().to_string() on:click=move |_| full.update(|it| *it = !*it)>
                    <Icon name="maximize-2" />
                </button>
                <ChartMenu on_file=save can_latex=kind.has_latex />
            </figcaption>
            <div class="plot" class:handle=move || handle.get() node_ref=plot tabindex="0" role="img" aria-label=summary on:keydown=keys
                on:pointermove=moved on:pointerdown=pressed on:pointerup=released
                on:blur=move |_| point_at(None, 0.0)
                on:pointercancel=move |event| {
                    drag.set(None);
                    marks.update(|it| it.pulled = None);
                    // A finger that scrolls the page did not mean what it began on.
                    if event.pointer_type() == "touch" {
                        point_at(None, 0.0);
                    }
                }
                on:pointerleave=move |event| if drag.get_untracked().is_none() && event.pointer_type() != "touch" { point_at(None, 0.0) }>
                <canvas node_ref=canvas></canvas>
                {move || loading.get().then(|| view! { <div class="loading"></div> })}
                {move || says.get().map(|(title, text)| view! { <div class="says"><b>{title}</b><span>{text}</span></div> })}
                {move || hit.get().map(|(hit, x)| {
                    let place = plot.get().map_or(String::new(), |it| beside(corner(&it), 0.0, x, hit.lines.len() + 1, false));
                    view! {
                        <div class="legend" style=place role="status">
                            <div style="font-weight:600"><bdi>{hit.title}</bdi></div>
                            {hit.lines.into_iter().map(|(name, value)| view! {
                                <div><span class="name minor"><bdi>{name}</bdi></span><span class="value">{value}</span></div>
                            }).collect_view()}
                        </div>
                    }
                })}
            </div>
            {move || as_table.get().then(|| sheet.get()).flatten().map(|it| values(kind, &it))}
        </figure>
    }
}

/// In whatever order.
fn are_same(a: &[RunId], b: &[RunId]) -> bool {
    a == b || (a.len() == b.len() && a.iter().collect::<HashSet<_>>() == b.iter().collect())
}

fn said(column: &SheetColumn, axis: Option<&Axis>, row: usize) -> String {
    let value = column.numbers.get(row).copied().unwrap_or(f64::NAN);
    axis.filter(|_| !value.is_nan()).map_or_else(|| "–".to_owned(), |it| it.said(value))
}

fn said_of(kind: &Kind, sheet: Option<&Sheet>, picked: Option<&[usize]>) -> String {
    let Some(sheet) = sheet else { return String::new() };
    let (n, n_cut) = (sheet.ids.len() as u64, u64::from(sheet.n_cut));
    if let Some(rows) = picked {
        return format!("{} of {}", format::count(rows.len() as u64), format::n_of(n, "run"));
    }
    let (n_drawn, n_matched) = (kind.n_drawn(sheet) as u64, u64::from(sheet.n_matched));
    match n + n_cut {
        all if n_matched > all => format!("the first {} of {}", format::count(n_drawn), format::count(n_matched)),
        all if n_drawn < all => format!("{} of {}", format::count(n_drawn), format::n_of(all, "run")),
        all => format::n_of(all, "run"),
    }
}

/// Why it is not all of them.
fn missing(kind: &Kind, sheet: Option<&Sheet>) -> Option<String> {
    let sheet = sheet?;
    let n_without = sheet.ids.len().saturating_sub(kind.n_drawn(sheet)) as u64;
    let parts = [(u64::from(sheet.n_cut), "far off and left out"), (n_without, "without a value")];
    let said: Vec<String> =
        parts.into_iter().filter(|it| it.0 > 0).map(|(n, what)| format!("{} {what}", format::n_of(n, "run"))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn values(kind: &Kind, sheet: &Sheet) -> AnyView {
    if let Some(figures) = (kind.figures)(sheet) {
        let row = |(name, numbers): (String, Vec<f64>)| {
            let number = |it: f64| if it.is_nan() { "–".to_owned() } else { format::number(it) };
            let cells = numbers.into_iter().map(|it| view! { <td>{number(it)}</td> }).collect_view();
            view! { <tr><th scope="row"><bdi>{name}</bdi></th>{cells}</tr> }
        };
        return table(figures.heads, figures.rows.into_iter().map(row).collect_view());
    }
    let axes: Vec<_> = sheet.columns.iter().map(|it| (it, Axis::of(it, 0.0, 1.0))).collect();
    let rows = (0..sheet.ids.len().min(MOST_LINES)).map(|row| {
        let cells = axes.iter().map(|it| view! { <td>{said(it.0, it.1.as_ref(), row)}</td> }).collect_view();
        view! { <tr><th scope="row"><bdi>{sheet.names[row].clone()}</bdi></th>{cells}</tr> }
    });
    let heads = std::iter::once("Run".to_owned()).chain(sheet.columns.iter().map(label)).collect();
    table(heads, rows.collect_view())
}

fn table(heads: Vec<String>, rows: impl IntoView + 'static) -> AnyView {
    let heads = heads.into_iter().map(|it| view! { <th scope="col">{it}</th> }).collect_view();
    view! { <div class="values-table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div> }
        .into_any()
}

/// With all digits.
fn csv(kind: &Kind, sheet: &Sheet) -> String {
    let mut out = String::new();
    if let Some(figures) = (kind.figures)(sheet) {
        line(&mut out, figures.heads.iter().map(|it| text(it)));
        for (name, numbers) in figures.rows {
            let cells = numbers.iter().map(|it| if it.is_nan() { String::new() } else { it.to_string() });
            line(&mut out, std::iter::once(name).chain(cells).collect::<Vec<_>>().iter().map(|it| text(it)));
        }
        return out;
    }
    let heads: Vec<String> = sheet.columns.iter().map(|it| it.field.to_string()).collect();
    line(&mut out, ["run_id", "run_name"].into_iter().chain(heads.iter().map(String::as_str)).map(text));
    for (row, id) in sheet.ids.iter().enumerate() {
        let cell = |it: &SheetColumn| match it.numbers.get(row).copied().unwrap_or(f64::NAN) {
            value if value.is_nan() => String::new(),
            value if it.labels.is_empty() => value.to_string(),
            value => group_name(it, value),
        };
        let cells: Vec<String> = sheet.columns.iter().map(cell).collect();
        let own = [id.as_str(), &sheet.names[row]];
        line(&mut out, own.into_iter().chain(cells.iter().map(String::as_str)).map(text));
    }
    out
}
