//! Pictures that are pasted or dropped into a page: kept by the tracker where it takes files, else within the
//! text itself.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::Wiki;
use crate::components::react::spawn;
use crate::components::{format, words};
use crate::engine::protocol::{Answer, Question};
use crate::model::page::{LARGEST_FILE, PICTURES, picture_link};

/// One within the text itself.
const LARGEST_WITHIN: u64 = 40_000;

/// Puts a text in the place of what is there from the first number on, as long as the second; both in UTF-16 as
/// the browser counts.
pub type Replace = Rc<dyn Fn(usize, usize, &str)>;

/// Puts it into the text at `at`.
pub fn add(wiki: Wiki, file: web_sys::File, trouble: RwSignal<Option<String>>, at: usize, replace: Replace) {
    let Some((_, ending)) = PICTURES.into_iter().find(|it| it.0 == file.type_()) else {
        return trouble.set(Some(format!("{} is no picture: PNG, JPEG, GIF and WebP are", file.name())));
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a file")]
    let size = file.size() as u64;
    if size == 0 {
        return trouble.set(Some(format!("{} is empty", file.name())));
    }
    if !wiki.pages.ok().is_some_and(|it| it.on_tracker) {
        return if size > LARGEST_WITHIN {
            trouble.set(Some(format!(
                "A picture within a page may have {}, this one has {}. Log it with a run, and show it with /file",
                format::bytes(LARGEST_WITHIN),
                format::bytes(size)
            )));
        } else {
            within(&file, move |text| replace(at, 0, &format!("{text}\n")));
        };
    }
    if size > LARGEST_FILE {
        let (most, size) = (format::bytes(LARGEST_FILE), format::bytes(size));
        return trouble.set(Some(format!("The tracker takes pictures of {most}, this one has {size}")));
    }
    let name = named(&file);
    let mark = wiki.mark_of_picture(&name);
    replace(at, 0, &mark);
    wiki.n_coming.update(|it| *it += 1);
    let ask = Question::KeepPicture { project: wiki.project.get_value(), ending: ending.to_owned() };
    let (project, path) = (wiki.project.get_value(), wiki.path.get_untracked());
    let opened = js_sys::Array::of1(&file);
    spawn(async move {
        let told = wiki.data.told(ask, Some(opened)).await.map(|it| it.answer);
        let _ = wiki.n_coming.try_update(|it| *it = it.saturating_sub(1));
        let (text, said) = match told {
            Ok(Answer::KeptFile { run, path }) => {
                (format!("![{name}]({})", picture_link(&project.project, &run, &path)), None)
            }
            Ok(_) => (String::new(), None),
            // A small one can do without.
            Err(_) if size <= LARGEST_WITHIN => {
                let held = mark.clone();
                return within(&file, move |text| wiki.put_picture(&path, &replace, &held, text));
            }
            Err(problem) => {
                let said = words::of(&problem);
                (String::new(), Some(format!("The picture could not be kept. {}: {}", said.title, said.text)))
            }
        };
        wiki.put_picture(&path, &replace, &mark, &text);
        if said.is_some() {
            let _ = trouble.try_set(said);
        }
    });
}

/// As a `data:` address.
fn within(file: &web_sys::File, insert: impl FnOnce(&str) + 'static) {
    let Ok(reader) = web_sys::FileReader::new() else { return };
    let (held, name) = (reader.clone(), named(file));
    let done = Closure::once_into_js(move || {
        if let Some(address) = held.result().ok().and_then(|it| it.as_string()) {
            insert(&format!("![{name}]({address})"));
        }
    });
    reader.set_onload(Some(done.unchecked_ref()));
    let _ = reader.read_as_data_url(file);
}

/// Of the file, without its ending; what is pasted has none that says anything.
fn named(file: &web_sys::File) -> String {
    let name = file.name();
    let name = name.rsplit_once('.').map_or(name.as_str(), |it| it.0);
    let plain: String = name.chars().filter(|it| !matches!(it, '[' | ']' | '\\' | '`' | '\n')).take(80).collect();
    if plain.is_empty() || plain == "image" { "picture".into() } else { plain }
}

impl Wiki {
    /// Stands in the text until the picture does; another one for each.
    fn mark_of_picture(self, name: &str) -> String {
        let text = self.written.with_untracked(|it| it.text.clone());
        let mark = |n: u32| format!("![{name}: being kept, {n}]()");
        (1..).map(mark).find(|it| !text.contains(it)).unwrap_or_default()
    }

    fn put_picture(self, path: &str, replace: &Replace, mark: &str, text: &str) {
        let Some(now) = self.written.try_get_untracked() else { return };
        if now.path != path {
            return self.put_into_draft(path.to_owned(), mark.to_owned(), text.to_owned());
        }
        // By now the mark may be gone.
        if now.path == path
            && now.version.is_none()
            && let Some(at) = now.text.find(mark)
        {
            let units = |it: &str| it.encode_utf16().count();
            replace(units(&now.text[..at]), units(mark), text);
        }
    }

    /// Of a page that is not open any more.
    fn put_into_draft(self, path: String, mark: String, text: String) {
        let project = self.project.get_value();
        spawn(async move {
            let ask = Question::Page { project: project.clone(), path: path.clone(), n: None };
            let Ok(Answer::Page(page)) = self.data.ask(ask).await else { return };
            let (held, base) = page.draft.unwrap_or((page.text, page.n));
            if held.contains(&mark) {
                let text = Some(held.replacen(&mark, &text, 1));
                let _ = self.data.ask(Question::DraftPage { project, path, text, base }).await;
            }
        });
    }
}
