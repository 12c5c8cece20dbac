//! The wiki of a project: pages in a tree, read and written side by side, with live widgets in them.

mod complete;
mod editor;
mod embed;
mod history;
mod new_page;
mod templates;
mod tree;

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;

use super::ask::{Asked, use_answer};
use super::frame::name_project;
use super::nav::{Nav, use_nav};
use super::projects::SourceNotice;
use super::route::{Mode, Route, WikiView};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::markdown::Markdown;
use crate::components::notice::Notice;
use crate::components::paper::{self, Paper};
use crate::components::prose::Heading;
use crate::components::react::{effect, spawn};
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Kept, PageText, PagesAnswer, Question};
use crate::model::{Problem, ProjectKey};
use crate::query::merge::{THEIRS, YOURS};

/// What is typed is kept this long after the last letter.
const A_MOMENT: Duration = Duration::from_millis(600);
/// Who writes, as people call themselves.
const NAME: &str = "halimede.name";

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Wiki {
    pub project: StoredValue<ProjectKey>,
    pub view: Memo<WikiView>,
    pub pages: Asked<PagesAnswer>,
    /// The page at hand: the one of the address, or the first.
    pub path: Memo<String>,
    pub page: Asked<PageText>,
    /// As it is written now: the text never stands without the page it is of.
    pub written: RwSignal<Written>,
    pub is_saving: RwSignal<bool>,
    pub said: RwSignal<Option<Said>>,
    pub adding: RwSignal<bool>,
    data: Data,
    nav: Nav,
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
    fn discard(self) {
        let it = self.written.get_untracked();
        self.keep_draft(Written { is_changed: false, ..it.clone() });
        match self.page.value.get_untracked() {
            Some(Ok(page)) if page.path == it.path && page.asked.is_none() && page.n > 0 => {
                self.written.set(Written { text: page.text, base: page.n, is_changed: false, ..it });
            }
            _ => self.go(WikiView::default()),
        }
    }
}

#[component]
pub fn WikiPage(project: ProjectKey) -> impl IntoView {
    let (data, nav) = (expect_context::<Data>(), use_nav());
    let key = StoredValue::new(project.clone());
    expect_context::<super::app::Syncing>().0.set(None);
    name_project(project.clone(), false);
    let view = Memo::new(move |held: Option<&WikiView>| match nav.route.get() {
        Route::Wiki(at, view) if at == key.get_value() => view,
        _ => held.cloned().unwrap_or_default(),
    });
    let pages = use_answer(
        move || {
            data.track(&Event::Pages(key.get_value()));
            data.track(&Event::Sources);
            Some(Question::Pages(key.get_value()))
        },
        |told| match told.answer {
            Answer::Pages(it) => Some(it),
            _ => None,
        },
    );
    let path = Memo::new(move |_| match view.get().path {
        it if it.is_empty() => pages.ok().and_then(|it| first(&it)).unwrap_or_default(),
        it => it,
    });
    let version = Memo::new(move |_| view.with(|it| it.version));
    let page = use_answer(
        move || {
            data.track(&Event::Pages(key.get_value()));
            let path = path.get();
            let is_listed = pages.value.with(Option::is_some);
            (is_listed && !path.is_empty()).then(|| Question::Page { project: key.get_value(), path, n: version.get() })
        },
        |told| match told.answer {
            Answer::Page(it) => Some(it),
            _ => None,
        },
    );
    let wiki = Wiki {
        project: key,
        view,
        pages,
        path,
        page,
        written: RwSignal::new(Written::default()),
        is_saving: RwSignal::new(false),
        said: RwSignal::new(None),
        adding: RwSignal::new(false),
        data,
        nav,
    };
    take_text(wiki);
    effect(move || {
        let name = path.get().rsplit('/').next().unwrap_or_default().to_owned();
        document().set_title(&format!("{} · Halimede", if name.is_empty() { "Wiki" } else { &name }));
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key() == "s" {
            event.prevent_default();
            wiki.save();
        }
    });
    on_cleanup(move || keys.remove());
    let is_old = move || version.get().is_some();
    // A snapshot that is one page keeps nothing, so nothing is written there.
    let mode = move || if is_old() || dom::is_single() { Mode::Read } else { view.get().mode };
    let is_split = Memo::new(move |_| mode() == Mode::Split);
    let is_empty = move || pages.ok().is_some_and(|it| it.pages.is_empty()) && view.with(|it| it.path.is_empty());
    view! {
        <div class="wiki">
            <Bar wiki=wiki />
            <div class="wiki-side"><tree::Tree wiki=wiki /><history::History wiki=wiki /></div>
            <div class="wiki-page">
                {move || pages.problem().map(|problem| view! { <div style="padding:12px 16px"><SourceNotice problem=problem source=key.get_value().source /></div> })}
                {move || pages.ok().and_then(|it| it.stale).map(|problem| view! { <div class="wiki-notice"><SourceNotice problem=problem source=key.get_value().source /></div> })}
                <Outcome wiki=wiki />
                {move || is_empty().then(|| view! {
                    <div class="empty"><div class="notice"><div class="title">"No page yet"</div>
                        <div class="text">"Write down what you found, with live curves and tables in it. "{pages.ok().map(|it| if it.on_tracker {
                            "Pages are kept on the tracker, where everybody with access finds them."
                        } else {
                            "This source takes no pages, so they are kept in this browser; a snapshot takes them along."
                        })}</div>
                        <div class="actions" style:display=dom::is_single().then_some("none")><button class="button primary" on:click=move |_| wiki.adding.set(true)>"Write the first page"</button></div></div></div>
                })}
                {move || page.problem().filter(|_| !path.get().is_empty()).map(|problem| match problem {
                    Problem::NotFound { .. } => view! {
                        <div class="empty"><div class="notice"><div class="title">{format!("There is no page {}", path.get())}</div>
                            <div class="actions"><button class="button primary" on:click=move |_| wiki.adding.set(true)>"Write it"</button></div></div></div>
                    }.into_any(),
                    problem => view! { <div style="padding:16px"><Notice problem=problem /></div> }.into_any(),
                })}
                <Show when=move || page.ok().is_some_and(|it| it.path == path.get())>
                    <div class="wiki-panes" class:split=is_split>
                        <Show when=move || mode() != Mode::Read><editor::Editor wiki=wiki /></Show>
                        <Show when=move || mode() != Mode::Write><Reading wiki=wiki /></Show>
                    </div>
                </Show>
            </div>
            {move || wiki.adding.get().then(|| view! { <new_page::NewPage wiki=wiki /> })}
        </div>
    }
}

/// The one called as wikis begin, else the first.
fn first(it: &PagesAnswer) -> Option<String> {
    let starts = |path: &str| ["start here", "home", "index", "readme"].contains(&path.to_lowercase().as_str());
    it.pages.iter().find(|it| starts(&it.path)).or(it.pages.first()).map(|it| it.path.clone())
}

/// The page that is read becomes the one that is written, unless somebody writes; what is typed becomes a
/// draft of its page, a moment after the last letter or when it is left.
fn take_text(wiki: Wiki) {
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
}

#[component]
fn Bar(wiki: Wiki) -> impl IntoView {
    let mode = move |word: &'static str, is: Mode| {
        view! {
            <button aria-pressed=move || wiki.view.with(|it| it.mode == is).to_string() on:click=move |_| wiki.change(|it| { it.mode = is; it.version = None })>{word}</button>
        }
    };
    let tick = dom::ticking(20);
    let paper = expect_context::<Paper>();
    let state = move || {
        tick.get();
        let place = if wiki.pages.ok().is_some_and(|it| it.on_tracker) { "the tracker" } else { "this browser" };
        if wiki.is_saving.get() {
            return Some(("badge", format!("saving to {place} …")));
        }
        let page = wiki.page.ok()?;
        if wiki.written.with(|it| it.is_changed) {
            return Some(("badge warn", format!("not saved to {place} yet")));
        }
        let place = match (page.is_here, wiki.pages.ok().is_some_and(|it| it.on_tracker)) {
            (true, _) => "saved in this browser ",
            (false, true) => "saved in the tracker ",
            // It came with a file.
            (false, false) => "",
        };
        (page.n > 0).then(|| ("badge", format!("version {} · {place}{}", page.n, dom::since(page.at))))
    };
    let name = RwSignal::new(dom::stored(NAME).unwrap_or_default());
    let rename = move |event: ev::Event| {
        let it: String = event_target_value(&event).trim().chars().take(60).collect();
        dom::store(NAME, &it);
        name.set(it);
    };
    let remove = move |_| {
        let it = wiki.written.get_untracked();
        if it.version.is_none() {
            wiki.keep(it.path, None, it.base);
        }
    };
    view! {
        <div class="bar wiki-bar">
            <div class="segment" role="group" aria-label="How the page shows" style:display=dom::is_single().then_some("none")>{mode("Read", Mode::Read)}{mode("Split", Mode::Split)}{mode("Write", Mode::Write)}</div>
            {move || state().map(|it| view! { <span class=it.0 role="status">{it.1}</span> })}
            <Show when=move || wiki.written.with(|it| it.is_changed)>
                <button class="button quiet" on:click=move |_| wiki.discard() title="Back to the version that is saved">"Discard"</button>
            </Show>
            <span class="grow"></span>
            <Show when=move || wiki.view.with(|it| it.mode != Mode::Read)>
                <input class="input name" placeholder="Your name" aria-label="Your name, for the history" maxlength="60" prop:value=name on:change=rename />
            </Show>
            <Show when=move || wiki.page.ok().is_some()>
                <button class="button quiet" on:click=move |_| paper::print(paper) title="Print, or save as PDF"><Icon name="printer" /><span class="wide">"Print"</span></button>
            </Show>
            <Show when=move || wiki.page.ok().is_some() && !dom::is_single()>
                <button class="button quiet square" title="Remove this page" aria-label="Remove this page" on:click=remove><Icon name="trash-2" /></button>
                                <button class="button primary" disabled=move || !wiki.written.with(|it| it.is_changed) || wiki.is_saving.get() on:click=move |_| wiki.save()>"Save"<span class="key wide">"Ctrl S"</span></button>
            </Show>
        </div>
    }
}

#[component]
fn Outcome(wiki: Wiki) -> impl IntoView {
    let notice = |title: String, text: &'static str| {
        view! { <div class="notice warn wiki-notice" role="alert"><div class="title">{title}</div><div class="text">{text}</div></div> }
    };
    view! {
        {move || wiki.said.get().map(|it| match it {
            Said::Problem(problem) => view! { <div class="wiki-notice"><Notice problem=problem /><p class="minor">"What you wrote is kept in this browser."</p></div> }.into_any(),
            Said::Merged { by, n_conflicts } => {
                let who = if by.is_empty() { "Somebody".to_owned() } else { by };
                let title = format!("{who} saved this page meanwhile. Both are put together here; nothing is saved yet");
                let text = if n_conflicts == 0 {
                    "You changed different lines. Look it through, then save."
                } else {
                    "Where you changed the same lines both stand, between <<<<<<< and >>>>>>>. Choose, then save."
                };
                notice(title, text).into_any()
            }
            Said::Marks => notice(
                "Lines that both of you changed still stand twice".to_owned(),
                "Look for <<<<<<< and >>>>>>> and choose; saving once more keeps them as they are.",
            ).into_any(),
            Said::Removed(path, text, n) => view! {
                <div class="notice wiki-notice" role="status"><div class="title">{format!("{path} was removed")}</div>
                    <div class="actions"><button class="button" on:click=move |_| {
                        wiki.said.set(None);
                        wiki.keep(path.clone(), Some(text.clone()), n);
                    }>"Undo"</button></div></div>
            }.into_any(),
        })}
    }
}

/// A long text is set anew a moment after the last letter: its author must not wait for it.
fn slowly(text: Signal<String>) -> RwSignal<String> {
    const LONG: usize = 6_000;
    const PAUSE: Duration = Duration::from_millis(250);
    let shown = RwSignal::new(String::new());
    let turn = StoredValue::new(0u32);
    effect(move || {
        let now = text.get();
        let at = turn.try_update_value(|it| {
            *it = it.wrapping_add(1);
            *it
        });
        if now.len() < LONG || shown.with_untracked(String::is_empty) {
            return shown.set(now);
        }
        set_timeout(
            move || {
                if turn.try_get_value() == at && at.is_some() {
                    let _ = shown.try_set(now);
                }
            },
            PAUSE,
        );
    });
    shown
}

#[component]
fn Reading(wiki: Wiki) -> impl IntoView {
    let base = wiki.link_of("");
    let embed =
        Callback::new(move |(word, body): (String, String)| embed::embed(wiki.project.get_value(), &word, &body));
    let headings = RwSignal::new(Vec::<Heading>::new());
    let text = slowly(Signal::derive(move || wiki.written.with(|it| it.text.clone())));
    let about = move || {
        let page = wiki.page.ok()?;
        let who = if page.by.is_empty() { String::new() } else { format!("{} · ", page.by) };
        (page.n > 0).then(|| format!("{who}{} · version {}", dom::since(page.at), page.n))
    };
    let outline = move || {
        let all = headings.get();
        (all.len() > 2).then(|| view! {
            <nav class="outline" aria-label="Outline">{all.into_iter().map(|it| {
                let id = it.id.clone();
                view! { <button data-level=it.level.to_string() on:click=move |_| dom::show_at_top(&id)><bdi>{it.text}</bdi></button> }
            }).collect_view()}</nav>
        })
    };
    view! {
        <article class="reading">
            {outline}
            <div class="sheet">
                <history::Old wiki=wiki />
                <Markdown text=text base=base embed=embed headings=headings />
                <p class="minor about">{about}</p>
            </div>
        </article>
    }
}
