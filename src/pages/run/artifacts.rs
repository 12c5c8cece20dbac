//! A run's files: a tree read folder by folder, and the preview of one.

use leptos::prelude::*;

use super::preview::Preview;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::engine::protocol::{Answer, Question};
use crate::model::order::sort_by;
use crate::model::{ArtifactEntry, RunKey};
use crate::pages::ask::use_answer;
use crate::pages::nav::use_nav;
use crate::pages::route::{Route, RunView, Tab};

#[component]
pub fn Artifacts(key: RunKey, view: Memo<RunView>) -> impl IntoView {
    let held = StoredValue::new(key);
    let file = Memo::new(move |_| view.get().file);
    view! {
        <div class="artifacts">
            <nav class="tree" aria-label="Files"><Folder key=held path="" depth=0 file=file /></nav>
            <div class="preview">
                {move || match file.get() {
                    Some(path) => view! { <Preview key=held.get_value() path=path /> }.into_any(),
                    None => view! { <p class="empty minor">"Choose a file to see it here."</p> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// No view type may contain itself, so what nests is boxed.
#[component]
fn Folder(key: StoredValue<RunKey>, #[prop(into)] path: String, depth: u32, file: Memo<Option<String>>) -> AnyView {
    let asked = {
        let path = path.clone();
        use_answer(
            move || Some(Question::Artifacts { run: key.get_value(), path: path.clone() }),
            |told| match told.answer {
                Answer::Artifacts(it) => Some(it),
                _ => None,
            },
        )
    };
    let is_root = path.is_empty();
    view! {
        {move || asked.problem().map(|problem| view! { <div style="padding:10px 14px"><Notice problem=problem /></div> })}
        {move || asked.value.get().is_none().then(|| view! { <div style="padding:8px 14px"><span class="skeleton" style="width:120px"></span></div> })}
        {move || asked.ok().map(|listing| {
            let is_empty = listing.entries.is_empty();
            let mut entries = listing.entries;
            sort_by(&mut entries, |a, b| b.is_dir.cmp(&a.is_dir).then_with(|| a.path.cmp(&b.path)));
            view! {
                <ul>{entries.into_iter().map(|it| view! { <li><Node key=key entry=it depth=depth file=file /></li> }).collect_view()}</ul>
                {(is_empty && is_root).then(|| view! { <p class="minor" style="padding:10px 14px">"This run logged no file."</p> })}
                {listing.cut.then(|| view! { <p class="minor" style="padding:10px 14px">"More files exist than are listed."</p> })}
            }
        })}
    }
    .into_any()
}

#[component]
fn Node(key: StoredValue<RunKey>, entry: ArtifactEntry, depth: u32, file: Memo<Option<String>>) -> AnyView {
    let nav = use_nav();
    let indent = format!("padding-left:{}px", 14 + depth * 15);
    let name = entry.name().to_owned();
    if entry.is_dir {
        let inside = format!("{}/", entry.path);
        // A link to a file opens the folders on the way to it.
        let open = RwSignal::new(file.get_untracked().is_some_and(|it| it.starts_with(&inside)));
        let path = entry.path.clone();
        return view! {
            <button class="node" style=indent aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                {move || if open.get() { view! { <Icon name="folder-open" /> } } else { view! { <Icon name="folder" /> } }}
                <span class="cut"><bdi>{name}</bdi></span>
            </button>
            <Show when=move || open.get()><Folder key=key path=path.clone() depth=depth + 1 file=file /></Show>
        }
        .into_any();
    }
    let route = Route::Run(key.get_value(), RunView { tab: Tab::Artifacts, file: Some(entry.path.clone()) });
    let link = route.link();
    let path = entry.path.clone();
    view! {
        <a class="node" style=indent href=link title=entry.path.clone()
            aria-current=move || (file.get().as_deref() == Some(path.as_str())).to_string()
            on:click=move |event| { event.prevent_default(); nav.replace(&route) }>
            <Icon name=icon_of(&name) />
            <span class="cut"><bdi>{name}</bdi></span>
            <span class="size">{entry.size.map(format::bytes)}</span>
        </a>
    }
    .into_any()
}

fn icon_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "bmp" => "image",
        "csv" | "tsv" => "sheet",
        "json" | "yaml" | "yml" | "html" | "py" => "file-code",
        "wav" | "mp3" | "ogg" | "flac" => "music",
        "md" | "txt" | "log" => "file-text",
        _ => "file",
    }
}
