//! How runs are grouped: by columns, folded over seeds, or children below their parents.

use leptos::prelude::*;

use super::Runs;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::model::Field;
use crate::query::fields::FieldInfo;
use crate::query::group::{Grouping, is_seed};
use crate::query::out::SpreadStyle;

#[component]
pub fn GroupButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    let said = Memo::new(move |_| {
        let group = runs.view.get().group;
        let mut parts: Vec<String> = group.by.iter().map(|it| it.label().to_owned()).collect();
        if group.fold_seeds {
            parts.push("seeds folded".into());
        }
        if group.nest {
            parts.push("children nested".into());
        }
        parts.join(" › ")
    });
    view! {
        <div style="position:relative;min-width:0">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="layers" />"Group "<b class="cut" style="font-weight:550;max-width:220px">{said}</b>
            </button>
            <Popover open=open label="Group" place="position:fixed;right:150px;top:78px" class="columns-menu">
                <Menu runs=runs />
            </Popover>
        </div>
    }
}

#[component]
fn Menu(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let group = Memo::new(move |_| runs.view.get().group);
    let seeds = Memo::new(move |_| {
        let fields = runs.fields.ok().map(|it| it.fields).unwrap_or_default();
        fields.into_iter().map(|it| it.field).filter(|it| matches!(it, Field::Param(name) if is_seed(name))).count()
    });
    let found = move || {
        let word = search.get().to_lowercase();
        let mut found: Vec<FieldInfo> = runs.fields.ok().map(|it| it.fields).unwrap_or_default();
        found.retain(|it| may_group(it) && it.field.label().to_lowercase().contains(&word));
        found.truncate(100);
        found.into_iter().map(|it| view! { <Choice runs=runs info=it /> }).collect_view()
    };
    let turn = move |change: fn(&mut Grouping)| {
        move |_| {
            runs.window.set((0, runs.window.get_untracked().1));
            runs.change(|it| {
                change(&mut it.group);
                it.toggled.clear();
            });
        }
    };
    view! {
        <label title="Runs equal in every param but the seed become one line with mean and deviation">
            <input type="checkbox" prop:checked=move || group.get().fold_seeds on:change=turn(|it| {
                it.fold_seeds = !it.fold_seeds;
                it.nest = false;
            }) />
            "Fold seeds"
            <span class="n">{move || match seeds.get() {
                0 => "no param is a seed".to_owned(),
                n => crate::components::format::n_of(n as u64, "seed param"),
            }}</span>
        </label>
        <label title="Child runs stand below their parent, in the order of the sort">
            <input type="checkbox" prop:checked=move || group.get().nest on:change=turn(|it| {
                it.nest = !it.nest;
                it.fold_seeds = false;
                it.by.clear();
            }) />
            "Nest child runs"
        </label>
        <div class="field" style="padding:4px 8px"><label for="spread" class="minor">"Of several runs"</label>
            <select id="spread" class="input" style="height:26px" on:change=move |event| {
                let word = event_target_value(&event);
                runs.change(|it| it.spread = SpreadStyle::ALL.into_iter().find(|it| it.code() == word).unwrap_or_default());
            }>
                {SpreadStyle::ALL.into_iter().map(|it| view! {
                    <option value=it.code() selected=move || runs.view.get().spread == it>{it.words()}</option>
                }).collect_view()}
            </select></div>
        <hr />
        <input class="input" type="search" placeholder="Group by…" aria-label="Find a column to group by" bind:value=search />
        <div class="scroll">
            {found}
            <hr />
            <button class="item" on:click=move |_| runs.change(|it| it.group = Grouping::default())><Icon name="rotate-ccw" />"No groups"</button>
        </div>
    }
}

/// Columns of which some runs share a value.
fn may_group(info: &FieldInfo) -> bool {
    match &info.field {
        Field::Status | Field::User | Field::Dataset => true,
        Field::Param(_) => info.n_values > 1,
        Field::Tag(name) => info.n_values > 1 && !name.starts_with("mlflow."),
        _ => false,
    }
}

#[component]
fn Choice(runs: Runs, info: FieldInfo) -> impl IntoView {
    let field = StoredValue::new(info.field.clone());
    let place = Memo::new(move |_| runs.view.get().group.by.iter().position(|it| *it == field.get_value()));
    let toggle = move |_| {
        runs.window.set((0, runs.window.get_untracked().1));
        runs.change(|it| {
            match it.group.by.iter().position(|it| *it == field.get_value()) {
                Some(at) => {
                    it.group.by.remove(at);
                }
                None => it.group.by.push(field.get_value()),
            }
            it.group.nest = false;
            it.toggled.clear();
        });
    };
    let n = (info.n_values > 0).then(|| crate::components::format::n_of(u64::from(info.n_values), "value"));
    view! {
        <label title=info.field.label().to_owned()>
            <input type="checkbox" prop:checked=move || place.get().is_some() on:change=toggle />
            <span class="cut"><bdi>{info.field.label().to_owned()}</bdi></span>
            <span class="n">{move || place.get().map(|it| format!("level {} · ", it + 1))}{n}</span>
        </label>
    }
}
