//! The settings of a widget, shown as it is changed. Every change can be undone.

use leptos::prelude::*;

use super::grid::Page;
use crate::charts::over;
use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::icon::Icon;
use crate::model::Field;
use crate::pages::over_spec::fits;
use crate::pages::widgets::{self, OF_RUNS, Setting, Takes};
use crate::query::fields::FieldInfo;

/// So many that a list of all would only slow the page; the others can be typed.
const MOST_OPTIONS: usize = 300;

#[component]
pub fn EditWidget(page: Page, id: u32, close: Callback<()>) -> impl IntoView {
    let found = page.widgets.with_untracked(|all| all.iter().find(|it| it.id == id).cloned())?;
    let kind = widgets::kind(&found.kind);
    let title = kind.map_or_else(|| "Widget".to_owned(), |it| format!("{} · settings", it.label));
    let own = kind.map(|it| (it.settings)(&it)).unwrap_or_default();
    let has_runs = kind.is_some_and(|it| it.has_runs);
    let of_runs = kind.filter(|it| it.has_runs).map(|_| OF_RUNS).into_iter().flatten();
    let block = Signal::derive(move || {
        let found = page.widgets.with(|all| all.iter().find(|it| it.id == id).cloned());
        found.map(|it| format!("```{}\n{}```\n", it.kind, it.set.lines())).unwrap_or_default()
    });
    let act = move |work: fn(Page, u32)| {
        move |_| {
            close.run(());
            work(page, id);
        }
    };
    let named = Setting { key: "title", label: "Title", takes: Takes::Text, hint: "" };
    Some(view! {
        <Dialog title=title close=close submit=close first=".side input, .side select, .side textarea">
            <div class="body widget-form">
                {own.into_iter().map(|it| view! { <Line page=page id=id setting=it /> }).collect_view()}
                <Line page=page id=id setting=Setting { hint: "by what it shows", ..named } />
                {of_runs.map(|it| view! { <Line page=page id=id setting=it /> }).collect_view()}
                {has_runs.then(|| view! {
                    <div class="field"><span class="label">"In a page of the wiki"</span>
                        <div class="command"><pre>{block}</pre><CopyButton text=block what="the block for a page" /></div></div>
                })}
            </div>
            <div class="foot">
                <button type="button" class="button" on:click=act(Page::duplicate)><Icon name="copy" />"Duplicate"</button>
                <button type="button" class="button" on:click=act(Page::remove)><Icon name="trash-2" />"Remove"</button>
                <span class="grow"></span>
                <button class="button primary">"Done"</button>
            </div>
        </Dialog>
    })
}

#[component]
fn Line(page: Page, id: u32, setting: Setting) -> impl IntoView {
    let Setting { key, label, takes, hint } = setting;
    let value = Memo::new(move |_| {
        page.widgets.with(|all| {
            let it = all.iter().find(|it| it.id == id);
            it.and_then(|it| it.set.get(key)).unwrap_or_default().to_owned()
        })
    });
    let put = move |text: String| page.change_one(id, |it| it.set.put(key, text.trim()));
    let changed = move |event: leptos::ev::Event| put(event_target_value(&event));
    let field_id = format!("widget-{key}");
    let list_id = format!("widget-{key}-list");
    let input = match takes {
        Takes::Choice(all) => view! {
            <select class="input" id=field_id.clone() on:change=changed>
                {all.iter().map(|(word, name)| view! { <option value=*word selected=move || value.get() == *word>{*name}</option> }).collect_view()}
            </select>
        }.into_any(),
        Takes::Markdown => view! {
            <textarea class="input" rows="12" id=field_id.clone() prop:value=value placeholder=hint
                on:input=move |event| page.change_one(id, |it| it.set.put(key, &event_target_value(&event)))></textarea>
        }.into_any(),
        Takes::Run => view! {
            <select class="input" id=field_id.clone() on:change=changed>
                <option value="" selected=move || value.get().is_empty()>{hint}</option>
                {move || runs(page, &value.get()).into_iter().map(|(run, name)| {
                    let own = run.clone();
                    view! { <option value=run selected=move || value.get() == own>{name}</option> }
                }).collect_view()}
            </select>
        }.into_any(),
        Takes::Number => view! {
            <input class="input" type="number" min="1" max="1000" id=field_id.clone() prop:value=value placeholder=hint on:change=changed />
        }.into_any(),
        _ => view! {
            <input class="input" id=field_id.clone() list=list_id.clone() prop:value=value placeholder=hint autocomplete="off" spellcheck="false" on:change=changed />
            <datalist id=list_id>{move || options(page, takes, &value.get()).into_iter().map(|it| view! { <option value=it></option> }).collect_view()}</datalist>
        }.into_any(),
    };
    let note = (takes == Takes::Fields)
        .then_some("Several, with a comma and a space between them, such as metrics.val/acc, params.lr");
    view! {
        <div class="field"><label for=field_id>{label}</label>{input}{note.map(|it| view! { <p class="minor">{it}</p> })}</div>
    }
}

fn options(page: Page, takes: Takes, now: &str) -> Vec<String> {
    let all = page.runs.fields.ok().map(|it| it.fields).unwrap_or_default();
    let texts: Vec<String> = match takes {
        Takes::Metric => {
            let metric = |it: FieldInfo| if let Field::Metric(name) = it.field { Some(name) } else { None };
            all.into_iter().filter_map(metric).collect()
        }
        Takes::Field(takes) => all.into_iter().filter(|it| fits(takes, it)).map(|it| it.field.to_string()).collect(),
        Takes::Fields => {
            // The next one behind those that are chosen.
            let before = if now.is_empty() { String::new() } else { format!("{now}, ") };
            let fitting = all.into_iter().filter(|it| fits(over::Takes::Any, it));
            fitting.map(|it| format!("{before}{}", it.field)).collect()
        }
        _ => Vec::new(),
    };
    texts.into_iter().take(MOST_OPTIONS).collect()
}

/// Those with an open eye, and the one chosen.
fn runs(page: Page, chosen: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = page
        .runs
        .drawn
        .get()
        .into_iter()
        .map(|(it, _)| (it.id.to_string(), if it.name.is_empty() { it.id.to_string() } else { it.name }))
        .collect();
    if !chosen.is_empty() && all.iter().all(|it| it.0 != chosen) {
        all.push((chosen.to_owned(), chosen.to_owned()));
    }
    all
}
