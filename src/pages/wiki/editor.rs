//! Where a page is written: plain Markdown, `/` for blocks, `@` for runs, pages and datasets.

use std::rc::Rc;

use super::complete::{Completion, Item, token};
use super::{Wiki, pictures};
use crate::components::react::effect;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Editor(wiki: Wiki) -> impl IntoView {
    let area: NodeRef<html::Textarea> = NodeRef::new();
    let sought = RwSignal::new(None::<(usize, String)>);
    let chosen = RwSignal::new(0usize);
    let trouble = RwSignal::new(None::<String>);
    let items = super::complete::use_items(wiki, sought);
    // One who has just made a page writes on.
    effect(move || {
        if let Some(area) = area.get()
            && wiki.begun.try_update_value(std::mem::take) == Some(true)
        {
            let _ = area.focus();
        }
    });
    let caret =
        move || area.try_get_untracked().flatten().and_then(|it| it.selection_start().ok().flatten()).unwrap_or(0);
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
        let Some(area) = area.try_get_untracked().flatten() else { return };
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
    // Whoever types on keeps the place.
    let replace = move |from: usize, n: usize, text: &str| {
        let at = caret() as usize;
        let held = wiki.written.with_untracked(|it| it.text.clone());
        let units: Vec<u16> = held.encode_utf16().collect();
        let new: Vec<u16> = text.encode_utf16().collect();
        let to = (from + n).min(units.len());
        wiki.write(String::from_utf16_lossy(&[&units[..from.min(to)], &new, &units[to..]].concat()));
        let at = if at < to { at.min(from) } else { at - n + new.len() };
        if let Some(area) = area.try_get_untracked().flatten() {
            area.set_value(&wiki.written.with_untracked(|it| it.text.clone()));
            let at = u32::try_from(at).unwrap_or(0);
            let _ = area.set_selection_range(at, at);
        }
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
    let add_picture = move |file: &web_sys::File| {
        trouble.set(None);
        let at = caret() as usize;
        pictures::add(wiki, file.clone(), trouble, at, Rc::new(replace));
    };
    let files_of = move |data: Option<web_sys::DataTransfer>| {
        let files = data.and_then(|it| it.files())?;
        (files.length() > 0).then(|| (0..files.length()).filter_map(|at| files.item(at)).collect::<Vec<_>>())
    };
    let pasted = move |event: ev::ClipboardEvent| {
        let data = event.clipboard_data();
        // Cells of a spreadsheet come as a text and as a picture of it.
        if data.as_ref().is_some_and(|it| it.get_data("text/plain").is_ok_and(|it| !it.is_empty())) {
            return;
        }
        if let Some(files) = files_of(data) {
            event.prevent_default();
            files.iter().for_each(add_picture);
        }
    };
    let dropped = move |event: ev::DragEvent| {
        if let Some(files) = files_of(event.data_transfer()) {
            event.prevent_default();
            files.iter().for_each(add_picture);
        }
    };
    view! {
        <section class="editor" aria-label="Markdown">
            <textarea node_ref=area class="mono" data-takes-files="" aria-label="The page as Markdown" spellcheck="true" prop:value=move || wiki.written.with(|it| it.text.clone())
                on:input=typed on:keydown=keys on:click=move |_| look() on:paste=pasted on:drop=dropped
                placeholder="Markdown. / inserts a block, @ a run, a page or a dataset"></textarea>
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
