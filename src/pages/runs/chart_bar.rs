//! What all charts show: smoothing, the axis along x, outliers.

use leptos::prelude::*;

use super::Runs;
use crate::components::icon::Icon;
use crate::components::segment::segment;
use crate::engine::protocol::{AxisKind, XAxis};
use crate::model::Field;
use crate::pages::chart_settings::{AXES, KINDS, Size, of_parts, parts, said_amount};
use crate::query::fields::FieldInfo;
use crate::query::fold_lines::Folding;

const SIZES: [(Size, &str, &str); 3] = [
    (Size::Small, "S", "Small charts"),
    (Size::Usual, "M", "Charts as large as usual"),
    (Size::Large, "L", "Large charts"),
];

/// Along x, but for metrics.
const X_AXES: [XAxis; 3] = [XAxis::Step, XAxis::Relative, XAxis::Wall];

/// What may stand along x: first what grows as a run goes on.
fn progress(fields: Vec<FieldInfo>, chosen: &str) -> Vec<String> {
    /// A list of more is of no use.
    const MOST: usize = 200;
    let names = fields.into_iter().filter_map(|it| if let Field::Metric(name) = it.field { Some(name) } else { None });
    let grows = |it: &String| {
        let it = it.to_lowercase();
        ["epoch", "token", "sample", "iter", "step", "time", "flops"].iter().any(|word| it.contains(word))
    };
    let (first, rest): (Vec<String>, Vec<String>) = names.partition(grows);
    let mut all: Vec<String> = first.into_iter().chain(rest).take(MOST).collect();
    if !chosen.is_empty() && !all.iter().any(|it| it == chosen) {
        all.push(chosen.to_owned());
    }
    all
}

#[component]
pub fn ChartBar(
    runs: Runs,
    /// Widgets have sizes of their own.
    #[prop(optional)]
    has_sizes: bool,
) -> impl IntoView {
    let settings = move || runs.view.get().charts;
    // The kind stays chosen while the slider is at nothing.
    let chosen = RwSignal::new(0usize);
    let kind = Memo::new(move |_| parts(settings().smooth).map_or(chosen.get(), |it| it.0));
    let amount =
        move || parts(settings().smooth).filter(|it| it.0 == kind.get()).map_or(KINDS[kind.get()].2, |it| it.1);
    let said = move || match (parts(settings().smooth), amount()) {
        (None, _) => "off".to_owned(),
        (_, it) => said_amount(it),
    };
    let part = move || {
        let (_, _, least, most, _) = KINDS[kind.get()];
        format!("--part:{:.1}%", (amount() - least) / (most - least) * 100.0)
    };
    let slide = move |event: leptos::ev::Event| {
        let amount = event_target_value(&event).parse().unwrap_or(0.0);
        runs.change(|it| it.charts.smooth = of_parts(kind.get_untracked(), amount));
    };
    let choose = move |event: leptos::ev::Event| {
        let to = event_target_value(&event).parse().unwrap_or(0usize).min(KINDS.len() - 1);
        let was_on = parts(runs.view.get_untracked().charts.smooth).is_some();
        chosen.set(to);
        if was_on {
            runs.change(|it| it.charts.smooth = of_parts(to, KINDS[to].4));
        }
    };
    // Seldom changed; said to be there where it is not as usual.
    let more = RwSignal::new(false);
    let is_set = move || {
        let it = settings();
        it.clips
            || it.size != Size::Usual
            || it.x_kind() != AxisKind::Linear
            || parts(it.smooth).is_some_and(|it| it.0 != 0)
    };
    let step = move || ["0.01", "0.002"].get(kind.get()).copied().unwrap_or("1");
    // From where to where one looked along steps says nothing of times.
    let turn = move |x: XAxis| {
        runs.link.x.set(None);
        runs.change(|it| (it.charts.x, it.charts.seen) = (x, None));
    };
    let axes = ["Step", "Relative", "Wall"].into_iter().enumerate().map(|(at, word)| (at, word, "")).collect();
    let axis = move || X_AXES.iter().position(|it| *it == settings().x).unwrap_or(X_AXES.len());
    let axes = segment("Along x", axes, axis, move |at| turn(X_AXES[at].clone()));
    let scales = AXES.into_iter().map(|(word, kind)| (kind, word, "")).collect();
    let scales = segment(
        "How x is divided",
        scales,
        move || settings().scale,
        move |kind| runs.change(|it| it.charts.scale = kind),
    );
    let sizes = segment(
        "Size of charts",
        SIZES.into(),
        move || settings().size,
        move |it| runs.change(|to| to.charts.size = it),
    );
    let metric = Memo::new(move |_| match settings().x {
        XAxis::Metric(name) => name,
        _ => String::new(),
    });
    let over = move |event: leptos::ev::Event| {
        let name = event_target_value(&event);
        turn(if name.is_empty() { XAxis::Step } else { XAxis::Metric(name) });
    };
    let others = move || {
        let names = progress(runs.fields.ok().map(|it| it.fields).unwrap_or_default(), &metric.get());
        let option = move |name: String| {
            let own = name.clone();
            view! { <option value=name.clone() selected=move || metric.get() == own>{name.clone()}</option> }
        };
        names.into_iter().map(option).collect_view()
    };
    let fold = move |event: leptos::ev::Event| {
        let word = event_target_value(&event);
        let folding = Folding::ALL.into_iter().find(|it| it.0 == word).map(|it| it.2);
        runs.change(|it| it.charts.folding = folding);
    };
    view! {
        <div class="chartbar" class:all=move || more.get() role="group" aria-label="All charts">
            <label class="smooth"><span>"Smoothing"</span>
                <input type="range" aria-label="Amount of smoothing" min=move || KINDS[kind.get()].2 max=move || KINDS[kind.get()].3 step=step style=part aria-valuetext=said
                    prop:value=move || amount().to_string() on:input=slide />
                <span class="n">{said}</span>
            </label>
            <div class="along">
            {axes}
            <select class="input metric" aria-label="Another metric along x" title="Another metric along x, joined by step" on:change=over>
                <option value="" selected=move || metric.get().is_empty()>"or a metric"</option>
                {others}
            </select>
            </div>
            <label class="seeds"><span>"Seeds"</span>
                <select class="input" aria-label="Runs that differ in the seed only" on:change=fold>
                    <option value="" selected=move || settings().folding.is_none()>"each run"</option>
                    {Folding::ALL.into_iter().map(|it| view! {
                        <option value=it.0 selected=move || settings().folding == Some(it.2)>{it.1}</option>
                    }).collect_view()}
                </select>
            </label>
            <button class="button quiet square" title="More for all charts" aria-label="More for all charts" aria-expanded=move || more.get().to_string()
                class:set=is_set on:click=move |_| more.update(|it| *it = !*it)><Icon name="settings-2" /></button>
            <div class="more">
                <label><span>"Smoothed by"</span><select class="input" aria-label="Kind of smoothing" on:change=choose>
                    {KINDS.iter().enumerate().map(|(at, it)| view! {
                        <option value=at.to_string() selected=move || kind.get() == at>{it.1}</option>
                    }).collect_view()}
                </select></label>
                <div class="sizes" hidden=move || settings().x == XAxis::Wall><span>"Along x"</span>{scales}</div>
                <button class="button quiet" aria-pressed=move || settings().clips.to_string() title="Curves from the 1st to the 99th percentile of each run, and charts over runs without those that are far off"
                    on:click=move |_| runs.change(|it| it.charts.clips = !it.charts.clips)>"Cut outliers"</button>
                <div class="sizes" hidden=!has_sizes><span>"Charts"</span>{sizes}</div>
            </div>
        </div>
    }
}
