//! The picker of columns: a tree of names, search, calculated columns.

use leptos::prelude::*;

use super::Runs;
use super::calculation::Calculation;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::segment::segment;
use crate::model::Field;
use crate::pages::route::MOST_MORE_LINES;
use crate::query::fields::FieldInfo;

#[component]
pub fn ColumnsButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    let said = move || {
        let shown = runs.columns.get().len();
        // Without a copy: there may be thousands.
        let of =
            runs.fields.value.with(|it| it.as_ref().and_then(|it| it.as_ref().ok()).map_or(0, |it| it.fields.len()));
        format!("{shown} of {}", format::count(of as u64))
    };
    view! {
        <div style="position:relative">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="columns-3" />"Columns "<b style="font-weight:550">{said}</b>
            </button>
            <Popover open=open label="Columns" place="position:fixed;right:12px;top:78px" class="columns-menu">
                <Picker runs=runs />
            </Popover>
        </div>
    }
}

/// So many that a list of all would only slow the page; the search finds the rest.
const MOST_SHOWN: usize = 300;

/// Whether a field belongs to a group of the picker.
type IsIn = fn(&Field) -> bool;

const GROUPS: [(&str, IsIn); 4] = [
    ("Metrics", |it| matches!(it, Field::Metric(_))),
    ("Params", |it| matches!(it, Field::Param(_))),
    ("Attributes", |it| !matches!(it, Field::Metric(_) | Field::Param(_) | Field::Tag(_))),
    ("Tags", |it| matches!(it, Field::Tag(_))),
];

/// What stands on one level of the names, cut at their slashes.
enum Node {
    Leaf(FieldInfo),
    /// All that begins with this, and how many that are.
    Branch(String, usize),
}

/// Names in order, those that share a part up to a slash together.
fn level(fields: &[FieldInfo], prefix: &str) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for field in fields {
        let Some(rest) = field.field.label().strip_prefix(prefix) else { continue };
        let Some(end) = rest.find('/').filter(|end| *end > 0 && end + 1 < rest.len()) else {
            nodes.push(Node::Leaf(field.clone()));
            continue;
        };
        let path = &field.field.label()[..prefix.len() + end + 1];
        match nodes.last_mut() {
            Some(Node::Branch(held, n)) if held == path => *n += 1,
            _ => nodes.push(Node::Branch(path.to_owned(), 1)),
        }
    }
    nodes
}

#[component]
fn Picker(runs: Runs) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let add = move |text: String| {
        runs.set_columns(|it| it.insert(0, Field::Expr(text).into()));
        typed.set(String::new());
    };
    let group = move |(name, is_in): (&'static str, IsIn)| {
        move || {
            let word = search.get().to_lowercase();
            let found = found(runs, is_in, &word);
            (!found.is_empty()).then(|| {
                let nodes =
                    if word.is_empty() { level(&found, "") } else { found.into_iter().map(Node::Leaf).collect() };
                view! { <h3>{name}</h3>{nodes_view(runs, is_in, nodes, 0)} }
            })
        }
    };
    let lines = (0..=MOST_MORE_LINES).zip(["1", "2", "3", "4", "5"]).map(|(more, word)| (more, word, "")).collect();
    let choose = move |more| runs.change(|it| it.more_lines = more);
    let lines = segment("Lines of text in a row", lines, move || runs.view.with(|it| it.more_lines), choose);
    view! {
        <input class="input" type="search" placeholder="Find a column" aria-label="Find a column" bind:value=search />
        <Calculation runs=runs label="Add a calculated column" example="max(val/acc) - last(val/acc)" typed=typed is_curve=false on_add=add />
        <div class="scroll">
            {GROUPS.map(group).into_iter().collect_view()}
            <hr />
            <div class="rule">
                <span class="grow" style="padding:0 8px">"Lines in a row"</span>
                {lines}
            </div>
            <button class="item" on:click=move |_| runs.change(|it| it.columns = None)><Icon name="rotate-ccw" />"Suggested columns"</button>
        </div>
    }
}

fn found(runs: Runs, is_in: IsIn, word: &str) -> Vec<FieldInfo> {
    let mut found: Vec<FieldInfo> = runs.fields.ok().map(|it| it.fields).unwrap_or_default();
    found.retain(|it| is_in(&it.field) && (word.is_empty() || it.field.label().to_lowercase().contains(word)));
    found
}

/// `prefix` bytes of each name are said by the branches above.
fn nodes_view(runs: Runs, is_in: IsIn, mut nodes: Vec<Node>, prefix: usize) -> AnyView {
    let more = nodes.len().saturating_sub(MOST_SHOWN);
    nodes.truncate(MOST_SHOWN);
    let node = move |it: Node| match it {
        Node::Leaf(info) => view! { <Choice runs=runs info=info prefix=prefix /> }.into_any(),
        Node::Branch(path, n) => view! { <Branch runs=runs is_in=is_in path=path n=n /> }.into_any(),
    };
    view! {
        {nodes.into_iter().map(node).collect_view()}
        {(more > 0).then(|| view! { <p class="minor" style="padding:4px 8px">{format!("{} more: type to find them", format::count(more as u64))}</p> })}
    }
    .into_any()
}

/// Made when it is opened: there may be thousands below.
#[component]
fn Branch(runs: Runs, is_in: IsIn, path: String, n: usize) -> impl IntoView {
    let open = RwSignal::new(false);
    let held = StoredValue::new(path.clone());
    let below = move || {
        open.get().then(|| {
            let nodes = held.with_value(|path| level(&found(runs, is_in, ""), path));
            view! { <div class="below">{nodes_view(runs, is_in, nodes, held.with_value(String::len))}</div> }
        })
    };
    let short = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    view! {
        <button class="item branch" aria-expanded=move || open.get().to_string() title=path on:click=move |_| open.update(|it| *it = !*it)>
            <Icon name="chevron-right" /><bdi class="cut">{short}"/"</bdi><span class="n">{format::count(n as u64)}</span>
        </button>
        {below}
    }
}

#[component]
fn Choice(runs: Runs, info: FieldInfo, prefix: usize) -> impl IntoView {
    let short = info.field.label().get(prefix..).unwrap_or_default().to_owned();
    let field = StoredValue::new(info.field.clone());
    let shown = Memo::new(move |_| runs.columns.get().iter().any(|it| it.field == field.get_value()));
    let toggle = move |_| {
        let field = field.get_value();
        runs.set_columns(|it| match it.iter().position(|it| it.field == field) {
            Some(at) => {
                it.remove(at);
            }
            None => it.push(field.into()),
        });
    };
    let kind = if info.numeric { "numbers" } else { "text" };
    view! {
        <label title=info.field.label().to_owned()>
            <input type="checkbox" prop:checked=move || shown.get() on:change=toggle />
            <span class="cut"><bdi>{short}</bdi></span>
            <span class="type" title=kind>{if info.numeric { "#" } else { "T" }}</span>
            <span class="n">{format::count(info.n_runs)}</span>
        </label>
    }
}
