//! Where a page is written: plain Markdown, `/` for blocks, `@` for runs and pages.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::Wiki;
use super::complete::{Completion, Item, token};

/// A picture that is pasted stands in the text itself.
const LARGEST_PICTURE: f64 = 40_000.0;

#[component]
pub fn Editor(wiki: Wiki) -> impl IntoView {
    let area: NodeRef<html::Textarea> = NodeRef::new();
    let sought = RwSignal::new(None::<(usize, String)>);
    let chosen = RwSignal::new(0usize);
    let trouble = RwSignal::new(None::<String>);
    let items = super::complete::use_items(wiki, sought);
    let caret = move || area.get_untracked().and_then(|it| it.selection_start().ok().flatten()).unwrap_or(0);
    let look = move || {
        let text = wiki.written.with_untracked(|it| it.text.clone());
        sought.set(token(&text, caret() as usize));
        chosen.set(0);
    };
    let typed = move |event: ev::Event| {
        trouble.set(None);
        wiki.write(event_target_value(&event));
        look();
    };
    let insert = move |from: usize, to: usize, text: &str| {
        let Some(area) = area.get_untracked() else { return };
        let held = wiki.written.with_untracked(|it| it.text.clone());
        let units: Vec<u16> = held.encode_utf16().collect();
        let new: Vec<u16> = text.encode_utf16().collect();
        let (from, to) = (from.min(units.len()), to.min(units.len()));
        let all = [&units[..from], &new, &units[to..]].concat();
        wiki.write(String::from_utf16_lossy(&all));
        area.set_value(&wiki.written.with_untracked(|it| it.text.clone()));
        let at = u32::try_from(from + new.len()).unwrap_or(0);
        let _ = area.set_selection_range(at, at);
        let _ = area.focus();
        sought.set(None);
    };
    let take = move |item: &Item| {
        if let Some((from, _)) = sought.get_untracked() {
            insert(from, caret() as usize, &item.text);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let n = items.with_untracked(Vec::len);
        if sought.with_untracked(Option::is_none) || n == 0 {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|it| *it = (*it + 1) % n),
            "ArrowUp" => chosen.update(|it| *it = (*it + n - 1) % n),
            "Enter" | "Tab" => {
                let item = items.with_untracked(|it| it.get(chosen.get_untracked()).cloned());
                if let Some(item) = item {
                    take(&item);
                }
            }
            "Escape" => sought.set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let add_file = move |file: &web_sys::File| {
        if !["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&file.type_().as_str()) {
            trouble.set(Some(format!("{} is no picture", file.name())));
            return;
        }
        if file.size() > LARGEST_PICTURE {
            trouble.set(Some(
                "A picture in a page may have 40 kB. Log a larger one with a run, and show it with /file".into(),
            ));
            return;
        }
        let Ok(reader) = web_sys::FileReader::new() else { return };
        let held = reader.clone();
        let at = caret() as usize;
        let done = Closure::once_into_js(move || {
            if let Some(address) = held.result().ok().and_then(|it| it.as_string()) {
                insert(at, at, &format!("![picture]({address})\n"));
            }
        });
        reader.set_onload(Some(done.unchecked_ref()));
        let _ = reader.read_as_data_url(file);
    };
    let files_of = move |data: Option<web_sys::DataTransfer>| {
        let files = data.and_then(|it| it.files())?;
        (files.length() > 0).then(|| (0..files.length()).filter_map(|at| files.item(at)).collect::<Vec<_>>())
    };
    let pasted = move |event: ev::ClipboardEvent| {
        if let Some(files) = files_of(event.clipboard_data()) {
            event.prevent_default();
            files.iter().for_each(add_file);
        }
    };
    let dropped = move |event: ev::DragEvent| {
        if let Some(files) = files_of(event.data_transfer()) {
            event.prevent_default();
            event.stop_propagation();
            files.iter().for_each(add_file);
        }
    };
    view! {
        <section class="editor" aria-label="Markdown">
            <textarea node_ref=area class="mono" aria-label="The page as Markdown" spellcheck="true" prop:value=move || wiki.written.with(|it| it.text.clone())
                on:input=typed on:keydown=keys on:click=move |_| look() on:paste=pasted on:drop=dropped
                placeholder="Markdown. / inserts a block, @ a run or a page"></textarea>
            <div class="editor-foot">
                {move || match (sought.get(), items.get()) {
                    (Some(_), items) if !items.is_empty() => view! {
                        <Completion items=items chosen=chosen take=Callback::new(move |it: Item| take(&it)) />
                    }.into_any(),
                    _ => view! { <span class="minor"><span class="key">"/"</span>" insert "<span class="key">"@"</span>" mention"</span> }.into_any(),
                }}
                {move || trouble.get().map(|it| view! { <span class="badge warn" role="alert">{it}</span> })}
            </div>
        </section>
    }
}
