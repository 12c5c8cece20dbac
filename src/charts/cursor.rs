//! The crosshair of a line chart, its dots, its legend.

use leptos::prelude::*;

use super::frame::Inset;
use super::line::{self, Geometry, XKind};
use super::line_state::Link;
use super::palette;
use super::probed::{Probed, Value};
use super::size::{LINE, beside};
use crate::components::format;
use crate::model::order::sort_by;

/// So many names leave something of a chart so high to be seen.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "4 to 24")]
fn most_names(height: f64) -> usize {
    (height * 0.5 / LINE).clamp(4.0, 24.0) as usize
}

/// The crosshair, its dots, the step on the axis and the legend. Follows the page's shared place: the
/// crosshair at once, the values as soon as they are known.
#[component]
pub fn Cursor(
    #[prop(into)] probed: Signal<Option<Probed>>,
    geometry: Memo<Option<Geometry>>,
    kind: Signal<XKind>,
    link: Link,
    size: RwSignal<(f64, f64)>,
    inside: RwSignal<Option<f64>>,
    /// Where the plot's left upper corner is in the window.
    corner: StoredValue<(f64, f64)>,
    /// The legend would hide what the box is drawn around.
    #[prop(into)]
    is_dragging: Signal<bool>,
) -> impl IntoView {
    /// Dots of more lines than this hide one another.
    const MOST_DOTS: usize = 40;
    let is_here = move |x: f64, room: Inset| (room.left - 0.5..=room.right + 0.5).contains(&x);
    let place = Memo::new(move |_| {
        let (at, geometry) = (link.at.get()?, geometry.get()?);
        geometry.x.place(at).filter(|x| is_here(*x, geometry.inset))
    });
    let is_on = Memo::new(move |_| place.get().is_some());
    let left = move || place.get().map(|x| format!("{x}px"));
    let bottom = move || geometry.get().map(|it| format!("{}px", size.get().1 - it.inset.bottom));
    // Of all points there the nearest, whose values are said; nothing before they are known.
    let step = move || {
        let at = link.at.get()?;
        let said_at = probed.with(|it| it.as_ref().filter(|it| it.at == at).and_then(Probed::nearest_x));
        let rounded = if kind.get() == XKind::Step { at.round() } else { at };
        Some(line::x_label(kind.get(), said_at.unwrap_or(rounded)))
    };
    let values = move || probed.get().filter(|it| is_on.get() && !it.values.is_empty());
    let is_focused = move |name: &str| link.focused.with(|it| it.as_deref() == Some(name));
    let dots = move || {
        let (rows, geometry) = (values()?.values, geometry.get()?);
        let are_few = rows.len() <= MOST_DOTS;
        let dot = |it: &Value| {
            let in_plot = |y: &f64| (geometry.inset.top..=geometry.inset.bottom).contains(y);
            let x = geometry.x.place(it.x).filter(|x| is_here(*x, geometry.inset))?;
            let y = geometry.y.place(it.drawn).filter(in_plot)?;
            let style = format!("left:{x}px;top:{y}px;background:{}", palette::css(it.slot));
            Some(view! { <div class="mark" style=style></div> })
        };
        Some(rows.iter().filter(|it| are_few || is_focused(&it.name)).filter_map(dot).collect::<Vec<_>>())
    };
    let is_inside = Memo::new(move |_| inside.get().is_some() && !is_dragging.get());
    let legend = move || {
        let probed = values().filter(|_| is_inside.get())?;
        let rows = &probed.values;
        let most = most_names(size.get_untracked().1);
        // Of more than there is room for those around the pointer, or the line in focus.
        let at = link.focused.with(|it| rows.iter().position(|row| it.as_deref() == Some(&row.name)));
        let at = at.or_else(|| nearest_row(rows, &geometry.get_untracked()?, inside.get()?));
        let n_above = at.unwrap_or(0).saturating_sub(most / 2).min(rows.len().saturating_sub(most));
        let n_below = rows.len().saturating_sub(n_above + most);
        let rows = rows[n_above..rows.len() - n_below].to_vec();
        // Where the lines are high, it stands low.
        let is_low = geometry.get_untracked().is_some_and(|it| {
            let middle = (it.inset.top + it.inset.bottom) / 2.0;
            let places = rows.iter().filter_map(|row| it.y.place(row.drawn));
            let (n, n_high) = places.fold((0u32, 0u32), |(n, high), y| (n + 1, high + u32::from(y < middle)));
            n_high > n / 2
        });
        let is_smoothed = rows.iter().any(|it| it.drawn.is_finite() && it.value.is_finite() && it.drawn != it.value);
        let n_lines = rows.len() + [n_above > 0, n_below > 0, is_smoothed].map(usize::from).iter().sum::<usize>();
        let height = size.get_untracked().1;
        let at = place.get_untracked();
        let style = at.map_or(String::new(), |x| beside(corner.get_value(), height, x, n_lines, is_low));
        let (said_at, kind) = (probed.nearest_x(), kind.get_untracked());
        let named = move |it: Value| {
            let name = it.name.clone();
            // Where its own point is, if it has none where the others do: of times, as far as that is to be seen.
            let seen = |x: f64| geometry.get_untracked().and_then(|it| it.x.place(x)).unwrap_or(x);
            let is_aside = said_at
                .is_some_and(|at| if kind == XKind::Step { at != it.x } else { (seen(at) - seen(it.x)).abs() > 4.0 });
            let aside = is_aside.then(|| format!("@ {}", line::x_label(kind, it.x)));
            view! {
                <div class:on=move || is_focused(&name)>
                    <span class="line-sample" style=palette::sample(it.slot)></span>
                    <span class="name"><bdi>{it.name.to_string()}</bdi></span>
                    {aside.map(|it| view! { <span class="minor">{it}</span> })}
                    <span class="value">{format::number(it.value)}</span>
                    {it.band.map(|(low, high)| view! {
                        <span class="minor">{format!("{} to {}", format::number(low), format::number(high))}</span>
                    })}
                </div>
            }
        };
        Some(view! {
            <div class="legend" style=style>
                {(n_above > 0).then(|| view! { <div class="minor">{format!("{n_above} above")}</div> })}
                {rows.into_iter().map(named).collect::<Vec<_>>()}
                {is_smoothed.then(|| view! { <div class="minor">"as logged; curves are smoothed"</div> })}
                {(n_below > 0).then(|| view! { <div class="minor">{format!("{n_below} below")}</div> })}
            </div>
        })
    };
    view! {
        <Show when=move || is_on.get()>
            <div class="cross" style:left=left style:bottom=bottom></div>
            <div class="chip-step" style:left=left>{step}</div>
        </Show>
        {dots}
        {legend}
    }
}

/// The line below the one in focus at the cursor, or above it; the first or the last where none is.
pub fn next_curve(values: &[Value], focused: RwSignal<Option<String>>, is_below: bool) -> Option<String> {
    let mut drawn: Vec<&Value> = values.iter().filter(|it| !it.drawn.is_nan()).collect();
    sort_by(&mut drawn, |a, b| b.drawn.total_cmp(&a.drawn));
    let now = focused.with_untracked(|name| drawn.iter().position(|it| name.as_deref() == Some(&it.name)));
    let last = drawn.len().checked_sub(1)?;
    let at = match (now, is_below) {
        (Some(at), true) => (at + 1).min(last),
        (Some(at), false) => at.saturating_sub(1),
        (None, true) => 0,
        (None, false) => last,
    };
    Some(drawn[at].name.to_string())
}

/// Which of the rows, from the greatest down, is drawn nearest to a height; NaN: nobody points.
fn nearest_row(rows: &[Value], geometry: &Geometry, y: f64) -> Option<usize> {
    let off = |it: &Value| geometry.y.place(it.drawn).map_or(f64::INFINITY, |at| (at - y).abs());
    let near = rows.iter().enumerate().min_by(|a, b| off(a.1).total_cmp(&off(b.1)));
    near.map(|it| it.0).filter(|_| !y.is_nan())
}

pub fn nearest(values: &[Value], geometry: &Geometry, y: f64) -> Option<String> {
    let distance = |it: &Value| Some((geometry.y.place(it.drawn)? - y).abs());
    let near = values.iter().filter_map(|it| Some((distance(it)?, it)));
    let near = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (near.0 < 24.0).then(|| near.1.name.to_string())
}
