//! The text of a page between the editor, the draft of this browser and the versions that are saved.

use std::time::Duration;

use leptos::prelude::*;

use super::{NAME, Wiki};
use crate::components::dom;
use crate::components::react::{effect, spawn};
use crate::engine::protocol::{Answer, Kept, Question};
use crate::model::{Problem, ProjectKey};
use crate::pages::route::{Route, WikiView};
use crate::query::merge::{THEIRS, YOURS};

/// What is typed is kept this long after the last letter.
const A_MOMENT: Duration = Duration::from_millis(600);
/// Where this browser holds what was typed when its tab went.
const LEFT: &str = "halimede.left";

fn place(project: &ProjectKey) -> String {
    format!("{LEFT}.{}.{}", project.source, project.project)
}

/// What stands in the editor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    pub path: String,
    /// An older version than the newest is only looked at.
    pub version: Option<u32>,
    pub text: String,
    /// The version it began with.
    pub base: u32,
    /// Since it was read or saved.
    pub is_changed: bool,
}

/// What came of saving.
#[derive(Clone, PartialEq)]
pub enum Said {
    Merged {
        by: String,
        n_conflicts: u32,
    },
    Problem(Problem),
    /// Lines that both changed still stand twice.
    Marks,
    /// What was typed.
    Discarded(Written),
    /// The page, what it said, and the version that took it away.
    Removed(String, String, u32),
}

impl Wiki {
    pub fn go(self, view: WikiView) {
        self.nav.go(&Route::Wiki(self.project.get_value(), view));
    }

    pub fn change(self, change: impl FnOnce(&mut WikiView)) {
        let mut view = self.view.get_untracked();
        change(&mut view);
        view.path = self.path.get_untracked();
        self.nav.replace(&Route::Wiki(self.project.get_value(), view));
    }

    pub fn link_of(self, path: &str) -> String {
        Route::Wiki(self.project.get_value(), WikiView { path: path.to_owned(), ..WikiView::default() }).link()
    }

    /// What is typed is a draft of this browser a moment later, and a version when it is saved.
    pub fn write(self, text: String) {
        self.written.update(|it| {
            it.text = text;
            it.is_changed = it.version.is_none();
        });
    }

    /// Saved by somebody else since this began to be written: its number, and by whom.
    pub fn newer(self) -> Option<(u32, String)> {
        let (path, base) = self.written.with(|it| it.is_changed.then(|| (it.path.clone(), it.base)))?;
        let pages = self.pages.ok()?.pages;
        let newest = pages.into_iter().find(|it| it.path == path)?.versions.pop()?;
        (newest.n > base).then_some((newest.n, newest.by))
    }

    fn keep_draft(self, of: Written) {
        let ask = Question::DraftPage {
            project: self.project.get_value(),
            path: of.path,
            text: of.is_changed.then_some(of.text),
            base: of.base,
        };
        let data = self.data;
        spawn(async move {
            let _ = data.ask(ask).await;
        });
    }

    pub fn save(self) {
        // A version has the picture, not that it is on its way.
        if self.n_coming.get_untracked() > 0 {
            return;
        }
        let it = self.written.get_untracked();
        if !it.is_changed || it.version.is_some() || it.path != self.path.get_untracked() {
            return;
        }
        let has_marks = it.text.lines().any(|it| it == YOURS || it == THEIRS);
        if has_marks && self.said.with_untracked(|it| *it != Some(Said::Marks)) {
            return self.said.set(Some(Said::Marks));
        }
        self.send(it.path, Some(it.text), it.base, true);
    }

    /// A text that nobody has typed now; none takes the page away.
    pub fn keep(self, path: String, text: Option<String>, base: u32) {
        self.send(path, text, base, false);
    }

    /// What is typed becomes the draft first, so that just this draft goes once it is saved, and no letter is lost
    /// where it can't be.
    fn send(self, path: String, text: Option<String>, base: u32, is_typed: bool) {
        if self.is_saving.get_untracked() || path.is_empty() {
            return;
        }
        self.is_saving.set(true);
        self.said.set(None);
        let by = dom::stored(NAME).unwrap_or_default();
        let (project, data) = (self.project.get_value(), self.data);
        let was = self.written.get_untracked().text;
        spawn(async move {
            if is_typed {
                let (project, path, text) = (project.clone(), path.clone(), text.clone());
                let _ = data.ask(Question::DraftPage { project, path, text, base }).await;
            }
            let ask = Question::KeepPage { project, path: path.clone(), text: text.clone(), base, by };
            let told = data.ask(ask).await;
            let _ = self.is_saving.try_set(false);
            // By now another page may be open, or the text another one.
            let Some(now) = self.written.try_get_untracked() else { return };
            let is_open = now.path == path && now.version.is_none();
            match told {
                Ok(Answer::KeptPage(Kept::As(n))) if text.is_none() => {
                    let _ = self.said.try_set(Some(Said::Removed(path, was, n)));
                    if is_open {
                        self.go(WikiView::default());
                    }
                }
                // One that nobody writes in is read anew.
                Ok(Answer::KeptPage(Kept::As(n))) if is_open && now.is_changed => {
                    let is_changed = text.as_ref() != Some(&now.text);
                    let written = Written { base: n, is_changed, ..now };
                    if is_changed {
                        self.keep_draft(written.clone());
                    }
                    let _ = self.written.try_set(written);
                }
                Ok(Answer::KeptPage(Kept::Clash { n, by, merged, n_conflicts })) => {
                    let written = Written { path, version: None, text: merged, base: n, is_changed: true };
                    if !is_open {
                        self.keep_draft(written);
                    } else if text.as_ref() == Some(&now.text) {
                        self.keep_draft(written.clone());
                        let _ = self.written.try_set(written);
                        let _ = self.said.try_set(Some(Said::Merged { by, n_conflicts }));
                    }
                    // Else somebody types on: the next time it is saved both are put together.
                }
                Ok(_) => {}
                Err(problem) => {
                    let _ = self.said.try_set(Some(Said::Problem(problem)));
                }
            }
        });
    }

    /// What is not saved is forgotten, and the page reads as it is saved.
    pub fn discard(self) {
        let it = self.written.get_untracked();
        self.keep_draft(Written { is_changed: false, ..it.clone() });
        self.said.set(Some(Said::Discarded(it.clone())));
        match self.page.value.get_untracked() {
            Some(Ok(page)) if page.path == it.path && page.asked.is_none() && page.n > 0 => {
                self.written.set(Written { text: page.text, base: page.n, is_changed: false, ..it });
            }
            _ => self.go(WikiView::default()),
        }
    }
}

impl Wiki {
    /// What was discarded stands in the editor again.
    pub fn take_back(self, it: Written) {
        self.keep_draft(it.clone());
        if self.path.get_untracked() == it.path && self.view.with_untracked(|it| it.version.is_none()) {
            self.written.set(it);
        } else {
            self.go(WikiView { path: it.path, ..WikiView::default() });
        }
    }

    /// The engine may not hear of what is typed while the tab goes: it stands here until the wiki opens again.
    fn leave(self, it: Written) {
        if let Some(project) = self.project.try_get_value() {
            let left = (project, (it.path, it.text, it.base));
            dom::store(&place(&left.0), &serde_json::to_string(&left).unwrap_or_default());
        }
    }

    /// What was typed when a tab went becomes a draft.
    fn come_back(self) {
        let place = place(&self.project.get_value());
        let Some(text) = dom::stored(&place).filter(|it| !it.is_empty()) else { return };
        let Ok((project, (path, text, base))) = serde_json::from_str::<(ProjectKey, (String, String, u32))>(&text)
        else {
            return dom::store(&place, "");
        };
        if project == self.project.get_value() {
            dom::store(&place, "");
            let draft = Written { path, version: None, text, base, is_changed: true };
            let ask = Question::DraftPage { project, path: draft.path.clone(), text: Some(draft.text.clone()), base };
            spawn(async move {
                let _ = self.data.ask(ask).await;
                // An older draft may be open by now.
                if self.written.try_with_untracked(|it| it.path == draft.path && it.version.is_none()) == Some(true) {
                    self.written.set(draft);
                }
            });
        }
    }
}

/// The page that is read becomes the one that is written, unless somebody writes; what is typed becomes a
/// draft of its page, a moment after the last letter or when it is left.
pub fn take_text(wiki: Wiki) {
    let drafted = StoredValue::new(None::<Written>);
    let keep = move |it: Written| {
        if it.is_changed && drafted.with_value(|held| held.as_ref() != Some(&it)) {
            drafted.set_value(Some(it.clone()));
            wiki.keep_draft(it);
        }
    };
    effect(move || {
        let (path, version) = (wiki.path.get(), wiki.view.with(|it| it.version));
        let old = wiki.written.get_untracked();
        let is_other = old.path != path || old.version != version;
        if is_other {
            keep(old.clone());
        }
        let page = match wiki.page.value.get() {
            Some(Ok(page)) if page.path == path && page.asked == version => page,
            // There is none yet, or it is on its way: nothing of the other page stays in the editor.
            _ if is_other => return wiki.written.set(Written { path, version, ..Written::default() }),
            _ => return,
        };
        if !is_other && old.is_changed {
            return;
        }
        let written = match page.draft {
            Some((text, base)) if version.is_none() => Written { path, version, text, base, is_changed: true },
            _ => Written { path, version, text: page.text, base: page.n, is_changed: false },
        };
        // A draft that was read needs not be written again.
        drafted.set_value(Some(written.clone()));
        if written != old {
            wiki.written.set(written);
        }
    });
    let turn = StoredValue::new(0u32);
    effect(move || {
        let typed = wiki.written.get();
        let now = turn.try_update_value(|it| {
            *it = it.wrapping_add(1);
            *it
        });
        if typed.is_changed {
            set_timeout(
                move || {
                    if turn.try_get_value() == now && now.is_some() {
                        keep(typed);
                    }
                },
                A_MOMENT,
            );
        }
    });
    on_cleanup(move || {
        if let Some(it) = wiki.written.try_get_untracked() {
            keep(it);
        }
    });
    wiki.come_back();
    let left = window_event_listener(leptos::ev::pagehide, move |_| {
        let now = wiki.written.try_get_untracked().filter(|it| it.is_changed);
        if let Some(it) = now.filter(|it| drafted.try_with_value(|held| held.as_ref() != Some(it)) == Some(true)) {
            wiki.leave(it);
        }
    });
    on_cleanup(move || left.remove());
}
