//! One artifact, shown as what it is. What it holds is hostile: pictures only as pictures, HTML
//! only in the isolated viewer and only after a click, everything else as text.

use js_sys::{Array, Uint8Array};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Url};

use super::tables::{Sheet, laid_out, logged_table, rows};
use crate::components::copy::CopyButton;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::markdown::Markdown;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::data::Told;
use crate::engine::protocol::{Answer, Question};
use crate::model::RunKey;
use crate::pages::ask::use_answer;

/// Text is shown up to here; pictures and sounds are read whole up to 64 MB.
const TEXT_LIMIT: u64 = 512 << 10;
const MEDIA_LIMIT: u64 = 64 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image(&'static str),
    Audio(&'static str),
    Video(&'static str),
    Html,
    Markdown,
    Json,
    Table(u8),
    Text,
}

fn kind_of(path: &str) -> Kind {
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => Kind::Image("image/png"),
        "jpg" | "jpeg" => Kind::Image("image/jpeg"),
        "gif" => Kind::Image("image/gif"),
        "webp" => Kind::Image("image/webp"),
        "bmp" => Kind::Image("image/bmp"),
        "svg" => Kind::Image("image/svg+xml"),
        "wav" => Kind::Audio("audio/wav"),
        "mp3" => Kind::Audio("audio/mpeg"),
        "ogg" => Kind::Audio("audio/ogg"),
        "flac" => Kind::Audio("audio/flac"),
        "mp4" => Kind::Video("video/mp4"),
        "webm" => Kind::Video("video/webm"),
        "html" | "htm" => Kind::Html,
        "md" | "markdown" => Kind::Markdown,
        "json" => Kind::Json,
        "csv" => Kind::Table(b','),
        "tsv" => Kind::Table(b'\t'),
        _ => Kind::Text,
    }
}

#[derive(Clone, PartialEq)]
struct File {
    bytes: Vec<u8>,
    size: Option<u64>,
    whole: bool,
}

fn file(told: Told) -> Option<File> {
    let bytes = told.bytes(0);
    match told.answer {
        Answer::Artifact { size, whole } => Some(File { bytes, size, whole }),
        _ => None,
    }
}

#[component]
pub fn Preview(key: RunKey, path: String) -> impl IntoView {
    let kind = kind_of(&path);
    let limit = if matches!(kind, Kind::Image(_) | Kind::Audio(_) | Kind::Video(_)) { MEDIA_LIMIT } else { TEXT_LIMIT };
    let asked = {
        let (run, path) = (key.clone(), path.clone());
        use_answer(move || Some(Question::Artifact { run: run.clone(), path: path.clone(), limit }), file)
    };
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let saved = StoredValue::new((key, path.clone(), name.clone()));
    let data = expect_context::<crate::engine::data::Data>();
    let save = move |_| {
        let (run, path, name) = saved.get_value();
        spawn(async move {
            let question = Question::Artifact { run, path, limit: MEDIA_LIMIT };
            if let Ok(told) = data.told(question, None).await {
                dom::download(&name, &told.bytes(0));
            }
        });
    };
    view! {
        <div class="bar">
            <b class="cut" style="font-weight:550"><bdi>{path.clone()}</bdi></b>
            <span class="minor">{move || asked.ok().map(|it| format::bytes(it.size.unwrap_or(it.bytes.len() as u64)))}</span>
            <span class="grow"></span>
            {move || asked.ok().is_some_and(|it| it.whole || it.size.is_some_and(|it| it <= MEDIA_LIMIT)).then(|| view! {
                <button class="button quiet" on:click=save><Icon name="download" />"Save"</button>
            })}
        </div>
        <div class="content">
            {move || asked.problem().map(|problem| view! { <Notice problem=problem /> })}
            {move || asked.value.get().is_none().then(|| view! { <span class="skeleton" style="width:240px"></span> })}
            {move || asked.ok().map(|file| view! { <Content kind=kind file=file name=name.clone() /> })}
        </div>
    }
}

/// Whether a file is shown as a picture.
pub fn is_image(path: &str) -> bool {
    matches!(kind_of(path), Kind::Image(_))
}

/// Whether a file is one that people read: a text or a table by its name.
pub fn is_text(path: &str) -> bool {
    let is_plain =
        ["txt", "log"].iter().any(|it| path.rsplit_once('.').is_some_and(|name| name.1.eq_ignore_ascii_case(it)));
    is_plain || matches!(kind_of(path), Kind::Markdown | Kind::Json | Kind::Table(_))
}

/// A picture alone, as small as it stands among others.
#[component]
pub fn Image(
    key: RunKey,
    path: String,
    /// What stands for it; none: the name of the file.
    #[prop(optional)]
    words: String,
) -> impl IntoView {
    let mime = if let Kind::Image(mime) = kind_of(&path) { mime } else { "" };
    let name = if words.is_empty() { path.rsplit('/').next().unwrap_or_default().to_owned() } else { words };
    let asked =
        use_answer(move || Some(Question::Artifact { run: key.clone(), path: path.clone(), limit: MEDIA_LIMIT }), file);
    view! {
        {move || match asked.value.get() {
            None => view! { <span class="skeleton"></span> }.into_any(),
            Some(Err(problem)) => view! { <span class="minor">{crate::components::words::of(&problem).title}</span> }.into_any(),
            Some(Ok(it)) => view! { <Picture bytes=it.bytes mime=mime name=name.clone() /> }.into_any(),
        }}
    }
}

#[component]
fn Content(kind: Kind, file: File, name: String) -> impl IntoView {
    let cut = (!file.whole).then(|| {
        let text = format!("Only the first {} are shown.", format::bytes(file.bytes.len() as u64));
        view! { <p class="minor" style="margin-bottom:10px"><span class="badge warn">{text}</span></p> }
    });
    let text = |it: &File| String::from_utf8_lossy(&it.bytes).into_owned();
    let shown = match kind {
        Kind::Image(mime) if file.whole => view! { <Picture bytes=file.bytes mime=mime name=name /> }.into_any(),
        Kind::Audio(mime) if file.whole => {
            let url = blob_url(&file.bytes, mime);
            view! { <audio controls src=url></audio> }.into_any()
        }
        Kind::Video(mime) if file.whole => {
            let url = blob_url(&file.bytes, mime);
            view! { <video controls src=url style="max-width:100%"></video> }.into_any()
        }
        Kind::Image(_) | Kind::Audio(_) | Kind::Video(_) => view! { <p>"Too large to be shown here."</p> }.into_any(),
        Kind::Html => view! { <Html text=text(&file) /> }.into_any(),
        Kind::Markdown => view! { <Markdown text=text(&file) /> }.into_any(),
        Kind::Json => view! { <Json text=text(&file) /> }.into_any(),
        Kind::Table(separator) => view! { <Sheet rows=rows(&file.bytes, separator) /> }.into_any(),
        Kind::Text if file.bytes.iter().take(2_000).any(|it| *it == 0) => {
            view! { <p>"Not a text. Save it to open it elsewhere."</p> }.into_any()
        }
        Kind::Text => view! { <Text text=text(&file) /> }.into_any(),
    };
    view! { {cut}{shown} }
}

fn blob_url(bytes: &[u8], mime: &str) -> String {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
    let url = blob.and_then(|it| Url::create_object_url_with_blob(&it)).unwrap_or_default();
    let held = url.clone();
    on_cleanup(move || {
        let _ = Url::revoke_object_url(&held);
    });
    url
}

/// As `<img>` even an SVG is inert: no script in it runs.
#[component]
fn Picture(bytes: Vec<u8>, mime: &'static str, name: String) -> impl IntoView {
    let url = blob_url(&bytes, mime);
    let small = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let loaded = move |event: leptos::ev::Event| {
        let image = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlImageElement>().ok());
        // Tiny pictures are pixels that somebody wants to count.
        small.set(image.is_some_and(|it| it.natural_width() < 100 && it.natural_width() > 0));
    };
    view! {
        <img src=url alt=name class:pixel=move || small.get() on:load=loaded on:error=move |_| failed.set(true) />
        {move || failed.get().then(|| view! { <p>"This file is no picture the browser can show."</p> })}
    }
}

/// Runs only after a click, in a frame without an origin inside a viewer with its own policy.
#[component]
fn Html(text: String) -> impl IntoView {
    let running = RwSignal::new(false);
    let frame: NodeRef<html::Iframe> = NodeRef::new();
    let source = StoredValue::new(text.clone());
    let is_file = dom::is_single() || dom::origin() == "null" || dom::origin().starts_with("file:");
    let loaded = move |_| {
        if let Some(window) = frame.get_untracked().and_then(|it| it.content_window()) {
            let _ = window.post_message(&JsValue::from_str(&source.get_value()), &dom::origin());
        }
    };
    view! {
        <div style="display:flex;gap:8px;align-items:center;margin-bottom:12px;flex-wrap:wrap">
            <Show when=move || !is_file>
                <button class="button" aria-pressed=move || running.get().to_string() on:click=move |_| running.update(|it| *it = !*it)>
                    {move || if running.get() { "Show the source" } else { "Run this page" }}
                </button>
            </Show>
            <span class="minor">"It runs apart from this page and your data, and its web requests are blocked."</span>
        </div>
        {move || if running.get() {
            view! { <iframe src="viewer.html" title="The artifact, isolated" node_ref=frame on:load=loaded></iframe> }.into_any()
        } else {
            view! { <Text text=text.clone() /> }.into_any()
        }}
    }
}

#[component]
fn Text(text: String) -> impl IntoView {
    let copied = text.clone();
    view! {
        <div style="position:relative">
            <div style="position:absolute;right:0;top:-4px"><CopyButton text=copied what="the text" quiet=true /></div>
            <pre dir="auto">{text}</pre>
        </div>
    }
}

/// Laid out; a table logged as `{"columns": …, "data": …}` as a table.
#[component]
fn Json(text: String) -> impl IntoView {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(text.as_bytes()) else {
        return view! { <Text text=text /> }.into_any();
    };
    match logged_table(&value) {
        Some(rows) => view! { <Sheet rows=rows /> }.into_any(),
        None => view! { <Text text=laid_out(&text) /> }.into_any(),
    }
}
