//! The wiki of a project: pages in a tree, read and written side by side, with live widgets in them.

mod complete;
mod editor;
mod embed;
mod history;
mod new_page;
mod pictures;
mod reading;
mod state;
mod templates;
mod tree;

use leptos::ev;
use leptos::prelude::*;

use super::ask::{Asked, use_answer};
use super::frame::name_project;
use super::nav::{Nav, use_nav};
use super::projects::SourceNotice;
use super::route::{Mode, Route, WikiView};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::paper::{self, Paper};
use crate::components::react::effect;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, PageText, PagesAnswer, Question};
use crate::model::{Problem, ProjectKey};

pub use state::{Said, Written};

/// Who writes, as people call themselves.
const NAME: &str = "halimede.name";
const LOOK_SECONDS: u64 = 30;

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
    /// Pictures that are being kept.
    pub n_coming: RwSignal<u32>,
    /// A page was made right now, whose author writes on.
    pub begun: StoredValue<bool>,
    data: Data,
    nav: Nav,
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
    // What teammates save.
    let look = dom::ticking_in_sight(LOOK_SECONDS);
    let pages = use_answer(
        move || {
            look.get();
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
        n_coming: RwSignal::new(0),
        begun: StoredValue::new(false),
        data,
        nav,
    };
    state::take_text(wiki);
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
                        <Show when=move || mode() != Mode::Write><reading::Reading wiki=wiki /></Show>
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
        if wiki.n_coming.get() > 0 {
            return Some(("badge", "keeping the picture …".to_owned()));
        }
        if wiki.is_saving.get() {
            return Some(("badge", format!("saving to {place} …")));
        }
        let page = wiki.page.ok()?;
        if let Some((n, by)) = wiki.newer() {
            let who = if by.is_empty() { "somebody" } else { &by };
            return Some(("badge warn", format!("{who} saved version {n} meanwhile; saving puts both together")));
        }
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
    let can_save = move || wiki.written.with(|it| it.is_changed) && !wiki.is_saving.get() && wiki.n_coming.get() == 0;
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
                                <button class="button primary" disabled=move || !can_save() on:click=move |_| wiki.save()>"Save"<span class="key wide">"Ctrl S"</span></button>
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
            Said::Discarded(it) => view! {
                <div class="notice wiki-notice" role="status"><div class="title">"What was not saved is discarded"</div>
                    <div class="actions"><button class="button" on:click=move |_| {
                        wiki.said.set(None);
                        wiki.take_back(it.clone());
                    }>"Undo"</button></div></div>
            }.into_any(),
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
