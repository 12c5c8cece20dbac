//! What a column's header offers: how its values are spread, figure, order, place, how it is written.

use leptos::prelude::*;

use super::Runs;
use super::columns::{move_column, resize};
use crate::components::format::{self, Style};
use crate::components::icon::Icon;
use crate::components::segment::segment;
use crate::components::{dom, notice::Notice};
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::{Field, Figure};
use crate::pages::ask::use_answer;
use crate::pages::route::Column;
use crate::query::distribution::{Bar, Distribution, Value, narrowed};
use crate::query::rows::Sort;

#[component]
pub fn ColumnMenu(runs: Runs, place: usize, column: Column, open: RwSignal<bool>) -> impl IntoView {
    let field = StoredValue::new(column.field.clone());
    let item = move |icon: &'static str, word: &'static str, act: Box<dyn Fn() + Send + Sync>| {
        view! { <button class="item" on:click=move |_| { open.set(false); act() }><Icon name=icon />{word}</button> }
    };
    let sort =
        move |descending: bool| move || runs.change(|it| it.sort = vec![Sort { field: field.get_value(), descending }]);
    let is_picture = column.field.as_curve().is_some();
    let (pin, is_pinned) = (if column.is_pinned { "Unpin" } else { "Pin beside the name" }, column.is_pinned);
    view! {
        <FigureChoice runs=runs place=place field=field />
        {(!is_picture).then(|| view! {
            <Spread runs=runs field=field open=open />
            {item("arrow-up", "Sort ascending", Box::new(sort(false)))}
            {item("arrow-down", "Sort descending", Box::new(sort(true)))}
            <hr />
        })}
        {item("pin", pin, Box::new(move || change(runs, place, |it| it.is_pinned = !is_pinned)))}
        {item("chevron-left", "Move left", Box::new(move || move_column(runs, place, place.saturating_sub(1))))}
        {item("chevron-right", "Move right", Box::new(move || move_column(runs, place, place + 1)))}
        {item("plus", "Wider", Box::new(move || resize(runs, place, 30)))}
        {item("minus", "Narrower", Box::new(move || resize(runs, place, -30)))}
        {untrack(|| runs.is_numeric(&column.field)).then(|| view! { <Numbers runs=runs place=place column=column.clone() /> })}
        <hr />
        {item("eye-off", "Hide", Box::new(move || runs.set_columns(|it| {
            if place < it.len() {
                it.remove(place);
            }
        })))}
    }
}

fn change(runs: Runs, place: usize, change: impl FnOnce(&mut Column)) {
    runs.set_columns(|it| {
        if let Some(column) = it.get_mut(place) {
            change(column);
        }
    });
}

/// How numbers are written, and which way they are better.
#[component]
fn Numbers(runs: Runs, place: usize, column: Column) -> impl IntoView {
    let is_time = matches!(column.field, Field::Started | Field::Ended | Field::Duration);
    let now = column.style;
    let style = move |event: leptos::ev::Event| {
        let code = event_target_value(&event);
        change(runs, place, |it| it.style = Style::from_code(&code).unwrap_or_default());
    };
    let is_metric = matches!(column.field, Field::Metric(_) | Field::Figure(..) | Field::Expr(_));
    let better = column.is_better_lower();
    let directions = move || {
        let ways = vec![(Some(true), "lower", ""), (Some(false), "higher", "")];
        let choose = move |to| change(runs, place, |it| it.is_lower_better = to);
        segment("Which way it is better", ways, move || better, choose)
    };
    view! {
        <Show when=move || !is_time>
            <label class="line">"Numbers"
                <select class="input" aria-label="How numbers are written" on:change=style>
                    {Style::ALL.into_iter().map(|(word, it)| view! { <option value=it.code() selected=it == now>{word}</option> }).collect_view()}
                </select>
            </label>
        </Show>
        <Show when=move || is_metric>
            <div class="line">"Better" {directions}</div>
        </Show>
    }
}

/// The values of the rows that match; a click on a bar narrows the filter to it.
#[component]
fn Spread(runs: Runs, field: StoredValue<Field>, open: RwSignal<bool>) -> impl IntoView {
    let asked = use_answer(
        move || {
            runs.data.track(&Event::Runs(runs.project.get_value()));
            let query = runs.view.get().rows_query();
            Some(Question::Distribution { project: runs.project.get_value(), query, field: field.get_value() })
        },
        |told| match told.answer {
            Answer::Distribution(it) => Some(it),
            _ => None,
        },
    );
    let narrow = move |clause: String| {
        open.set(false);
        runs.change(|it| {
            if let Some(filter) = narrowed(&it.filter, &clause) {
                it.filter = filter;
            }
        });
    };
    view! {
        <div class="spread" aria-busy=move || asked.busy.get().to_string()>
            {move || asked.problem().map(|problem| view! { <Notice problem=problem /> })}
            {move || asked.ok().map(|it| view! { <Bars of=it field=field.get_value() narrow=Callback::new(narrow) /> })}
        </div>
        <hr />
    }
}

#[component]
fn Bars(of: Distribution, field: Field, narrow: Callback<String>) -> impl IntoView {
    let most = of.bars.iter().map(|it| it.n).max().unwrap_or(1).max(1);
    let written = move |value: f64| match field {
        Field::Started | Field::Ended => dom::short_time(value),
        Field::Duration => format::duration(value),
        _ => format::number(value),
    };
    let label = {
        let written = written.clone();
        move |it: &Value| match it {
            Value::Text(text) => text.clone(),
            Value::Number(value) => written(*value),
            Value::Range(from, to) => format!("{} to {}", written(*from), written(*to)),
        }
    };
    let is_ranged = of.bars.iter().any(|it| matches!(it.what, Value::Range(..)));
    let bar = |it: Bar| {
        let (name, n) = (label(&it.what), it.n);
        let said = format!("{name}: {}", format::n_of(n, "run"));
        let share = f64::from(n) / f64::from(most) * 100.0;
        let act = move |_| narrow.run(it.clause.clone());
        if is_ranged {
            view! { <button class="bin" disabled=n == 0 title=said.clone() aria-label=said on:click=act><i style=format!("height:{share:.1}%")></i></button> }.into_any()
        } else {
            view! {
                <button class="value" title=said.clone() aria-label=said on:click=act>
                    <i style=format!("width:{share:.1}%")></i><bdi class="cut">{name}</bdi><span class="n">{format::count(n)}</span>
                </button>
            }.into_any()
        }
    };
    let ends = match (of.bars.first().map(|it| &it.what), of.bars.last().map(|it| &it.what)) {
        (Some(Value::Range(from, _)), Some(Value::Range(_, to))) => {
            Some(view! { <div class="ends"><span>{written(*from)}</span><span>{written(*to)}</span></div> })
        }
        _ => None,
    };
    let n_with = of.n_rows.saturating_sub(of.n_missing).saturating_sub(of.n_open);
    let mut facts =
        vec![format!("{}, {}", format::n_of(n_with, "run"), format::n_of(of.n_distinct, "different value"))];
    if let Some(it) = &of.numbers
        && it.summary.n > 1
        && is_ranged
    {
        facts.push(format!("mean {}", written(it.summary.mean)));
        facts.push(format!("median {}", written(it.summary.median)));
    }
    if let Some(it) = &of.numbers {
        facts.extend((it.n_nan > 0).then(|| format!("{} NaN", format::count(it.n_nan))));
        facts.extend((it.n_infinite > 0).then(|| format!("{} infinite", format::count(it.n_infinite))));
    } else {
        facts.extend((of.n_others > 0).then(|| format!("{} of other values", format::count(of.n_others))));
    }
    facts.extend((of.n_open > 0).then(|| format!("{} not read yet", format::count(of.n_open))));
    let class = if is_ranged { "bins" } else { "values" };
    let missing = of.missing.clone();
    view! {
        <div class=class>{of.bars.into_iter().map(bar).collect_view()}</div>
        {ends}
        <p class="minor">{facts.join(" · ")}
            {(of.n_missing > 0).then(|| view! {
                " · "<button class="more" on:click=move |_| narrow.run(missing.clone())>{format!("{} missing", format::count(of.n_missing))}</button>
            })}
        </p>
    }
}

/// Which figure of its series a metric's column shows. A sort by the column goes along.
#[component]
fn FigureChoice(runs: Runs, place: usize, field: StoredValue<Field>) -> impl IntoView {
    let metric = match field.get_value() {
        Field::Metric(name) | Field::Figure(_, name) | Field::Curve(name) => name,
        _ => return None,
    };
    let choose = move |new: Field| {
        let old = field.get_value();
        let mut columns = runs.columns.get_untracked();
        if let Some(column) = columns.get_mut(place) {
            column.field = new.clone();
        }
        runs.change(|it| {
            it.columns = Some(columns);
            for sort in it.sort.iter_mut().filter(|it| it.field == old) {
                sort.field = new.clone();
            }
        });
    };
    let figures = Figure::ALL.into_iter().map(|(word, figure)| {
        let last = figure == Figure::Last;
        (word, if last { Field::Metric(metric.clone()) } else { Field::Figure(figure, metric.clone()) })
    });
    let all = figures.chain([("curve", Field::Curve(metric.clone()))]);
    let buttons = all.map(|(word, new)| {
        let is_now = new == field.get_value();
        view! { <button aria-pressed=is_now.to_string() on:click=move |_| choose(new.clone())>{word}</button> }
    });
    Some(view! { <div class="segment figures" role="group" aria-label="Figure">{buttons.collect_view()}</div> })
}
