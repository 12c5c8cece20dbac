//! Two files of the same path, line by line; JSON also leaf by leaf.

use leptos::prelude::*;

use crate::components::format;
use crate::components::notice::Notice;
use crate::engine::protocol::{Answer, FileDiff, Question};
use crate::model::RunKey;
use crate::pages::ask::use_answer;
use crate::query::compare::json_diff::Leaf;
use crate::query::compare::text_diff::{Hunk, Kind, Line};

/// Leaves and lines beyond these are for another tool.
const MOST_LEAVES: usize = 200;
const MOST_LINES: usize = 600;

/// Files that people read; of others only the sizes are compared.
pub fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |it| it.1);
    name == "MLmodel"
        || [
            "json", "txt", "md", "csv", "tsv", "yaml", "yml", "toml", "cfg", "ini", "py", "sh", "log", "diff", "patch",
            "ipynb", "sql", "xml",
        ]
        .contains(&extension)
}

#[component]
pub fn FileDiffView(a: RunKey, b: RunKey, path: String) -> impl IntoView {
    let ask = Question::DiffFiles { a, b, path };
    let asked = use_answer(
        move || Some(ask.clone()),
        |told| match told.answer {
            Answer::FileDiff(it) => Some(it),
            _ => None,
        },
    );
    move || match asked.value.get() {
        None => view! { <p class="minor">"Reading both files …"</p> }.into_any(),
        Some(Err(problem)) => view! { <Notice problem=problem /> }.into_any(),
        Some(Ok(diff)) => shown(diff).into_any(),
    }
}

pub fn shown(diff: FileDiff) -> impl IntoView {
    let text = diff.text;
    let is_same = text.hunks.is_empty();
    let leaves = diff.json.filter(|it| !it.leaves.is_empty()).map(|it| {
        let more = it.leaves.len().saturating_sub(MOST_LEAVES);
        let is_cut = it.is_cut || more > 0;
        view! {
            <table class="leaves"><tbody>{it.leaves.into_iter().take(MOST_LEAVES).map(leaf).collect_view()}</tbody></table>
            {is_cut.then(|| view! { <p class="minor">"More leaves differ than are listed."</p> })}
        }
    });
    let mut n = 0;
    let hunks = text.hunks.into_iter().map_while(|mut it| {
        let room = MOST_LINES.saturating_sub(n);
        n += it.lines.len();
        it.lines.truncate(room);
        (room > 0).then(|| hunk(it))
    });
    let hunks = hunks.collect_view();
    view! {
        <p class="minor">
            {if is_same { "Both are the same to the last byte.".to_owned() } else {
                format!("{} added, {} removed", format::n_of(text.added as u64, "line"), format::n_of(text.removed as u64, "line"))
            }}
            {text.is_rough.then_some(". Too different to be matched line by line")}
        </p>
        {leaves}
        <pre class="hunks">{hunks}{(n > MOST_LINES).then_some("…")}</pre>
    }
}

fn leaf(it: Leaf) -> impl IntoView {
    let side = |it: Option<String>| it.map_or_else(|| "–".to_owned(), |it| crate::model::problem::shortened(&it, 200));
    view! { <tr><th scope="row"><bdi>{it.path}</bdi></th><td class="removed"><bdi>{side(it.a)}</bdi></td><td class="added"><bdi>{side(it.b)}</bdi></td></tr> }
}

fn hunk(it: Hunk) -> impl IntoView {
    let (mut a, mut b) = (it.a_start, it.b_start);
    let line = move |it: Line| {
        let (class, sign) = match it.kind {
            Kind::Same => ("same", " "),
            Kind::Added => ("added", "+"),
            Kind::Removed => ("removed", "−"),
        };
        a += usize::from(it.kind != Kind::Added);
        b += usize::from(it.kind != Kind::Removed);
        let number = if it.kind == Kind::Added { b } else { a };
        let text = crate::model::problem::shortened(it.shown(), 400);
        view! { <span class=class><i>{number}</i>{sign}" "<bdi>{text}</bdi>"\n"</span> }
    };
    view! { <span class="hunk">{it.lines.into_iter().map(line).collect_view()}</span> }
}
