//! The frame around every page: top bar, rail, main.

use leptos::prelude::*;

use super::app::Syncing;
use super::ask::{use_answer, use_sources};
use super::compare::Basket;
use super::nav::use_nav;
use super::route::{Look, Route, RunView, WikiView};
use super::shell::{Update, keep_demo};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::react::effect;
use crate::components::theme::ThemeButton;
use crate::components::toast::ToastBar;
use crate::components::{format, words};
use crate::engine::DEMO;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Phase, Question, SyncState};
use crate::model::{Health, ProjectKey, SourceInfo};

const NARROW: &str = "halimede.rail";
const LAST: &str = "halimede.last";

/// Names for the breadcrumb, set by the page that knows them.
#[derive(Clone, Copy)]
pub struct Names {
    pub project: RwSignal<String>,
    pub run: RwSignal<String>,
}

/// Tells the breadcrumb, and the title where `titled`, what the project is called.
pub fn name_project(key: ProjectKey, titled: bool) {
    let data = expect_context::<Data>();
    let names = expect_context::<Names>();
    names.project.set(String::new());
    let source = key.source.clone();
    let list = use_answer(
        move || {
            data.track(&Event::Projects(source.clone()));
            Some(Question::Projects { source: source.clone(), refresh: false })
        },
        |told| match told.answer {
            Answer::Projects(it) => Some(it),
            _ => None,
        },
    );
    effect(move || {
        let found = list.ok().and_then(|it| it.projects.into_iter().find(|it| it.id == key.project));
        if let Some(found) = found {
            if titled {
                document().set_title(&format!("{} · Halimede", found.name));
            }
            names.project.set(found.name);
        }
    });
}

#[component]
pub fn Frame(dark: RwSignal<bool>, update: Update, children: Children) -> impl IntoView {
    let nav = use_nav();
    provide_context(Names { project: RwSignal::new(String::new()), run: RwSignal::new(String::new()) });
    let sources = use_sources();
    let sources = Signal::derive(move || sources.ok().unwrap_or_default());
    keep_demo(move || sources.with(|all| all.iter().any(|it| it.id.as_str() == DEMO)));
    let chosen = RwSignal::new(dom::stored(NARROW));
    // Open where people choose, collapsed where they look, until the person decides.
    let narrow = move || match chosen.get().as_deref() {
        Some("narrow") => true,
        Some("wide") => false,
        _ => nav.route.with(is_for_looking),
    };
    let toggle = move |_| {
        let next = if narrow() { "wide" } else { "narrow" };
        dom::store(NARROW, next);
        chosen.set(Some(next.to_owned()));
    };
    view! {
        <div class="frame" class:narrow=narrow>
            <Rail sources=sources toggle=Callback::new(move |()| toggle(())) />
            <Top sources=sources dark=dark />
            <main class="main" id="main" tabindex="-1">
                <super::shell::UpdateBar update=update />
                <ToastBar />
                {children()}
            </main>
        </div>
    }
}

/// What is there to be seen wants the room.
fn is_for_looking(route: &Route) -> bool {
    match route {
        Route::Home | Route::Storage | Route::Projects(_) | Route::Unknown(_) => false,
        Route::Runs(_, view) => view.look != Look::Table,
        Route::Run(..) | Route::Wiki(..) | Route::Compare(_) => true,
    }
}

#[component]
fn Rail(sources: Signal<Vec<SourceInfo>>, toggle: Callback<()>) -> impl IntoView {
    let nav = use_nav();
    let last = RwSignal::new(dom::stored(LAST).map(|it| Route::parse(&it)));
    effect(move || {
        let now = nav.route.get();
        if let Some(route) = runs_of(&now) {
            dom::store(LAST, &route.link());
            last.set(Some(route));
        }
    });
    let basket = expect_context::<Basket>();
    let current = move |is_here: bool| if is_here { Some("page") } else { None };
    view! {
        <nav class="rail" aria-label="Main">
            <div class="brand">
                <a href="#/" aria-label="Halimede, home">
                    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
                        <ellipse cx="12" cy="12" rx="10" ry="5.2" transform="rotate(-32 12 12)" fill="none" stroke="currentColor" stroke-width="1.8" />
                        <circle cx="12" cy="12" r="4.4" fill="currentColor" />
                    </svg>
                    <span class="word">"Halimede"</span>
                </a>
                <button class="button quiet square toggle" aria-label="Narrow or widen the rail" title="Narrow or widen the rail" on:click=move |_| toggle.run(())>
                    <Icon name="panel-left" />
                </button>
            </div>
            <a class="go" href="#/" title="Home" aria-current=move || current(nav.route.get() == Route::Home)>
                <Icon name="house" /><span class="word">"Home"</span>
            </a>
            {move || last.get().map(|route| view! {
                <a class="go" href=route.link() title="Runs"
                    aria-current=move || current(matches!(nav.route.get(), Route::Runs(..) | Route::Run(..)))>
                    <Icon name="table-2" /><span class="word">"Runs"</span>
                </a>
            })}
            {move || wiki_of(&nav.route.get(), last.get()).map(|route| view! {
                <a class="go" href=route.link() title="Wiki" aria-current=move || current(matches!(nav.route.get(), Route::Wiki(..)))>
                    <Icon name="book-open" /><span class="word">"Wiki"</span>
                </a>
            })}
            {move || (!basket.0.get().is_empty()).then(|| view! {
                <a class="go" href=basket.route().link() title="Compare" aria-current=move || current(matches!(nav.route.get(), Route::Compare(_)))>
                    <Icon name="git-compare-arrows" /><span class="word">"Compare"</span>
                    <span class="word count">{format::count(basket.0.get().len() as u64)}</span>
                </a>
            })}
            <div class="sources">
                <h2>"Sources"</h2>
                {move || {
                    let all = sources.get();
                    if all.is_empty() {
                        return view! { <p class="none">"None yet. Connect one and its runs appear here."</p> }.into_any();
                    }
                    all.into_iter().map(|it| {
                        let route = Route::Projects(it.id.clone());
                        let (dot, said) = health(&it.health);
                        let here = it.id.clone();
                        view! {
                            <a class="go" href=route.link() title=format!("{}: {}", it.id, said.clone())
                                aria-current=move || current(matches!(nav.route.get(), Route::Projects(id) if id == here))>
                                <span class=format!("dot {dot}")></span>
                                <span class="word cut">{it.label}</span>
                                <span class="sr">{said.clone()}</span>
                            </a>
                        }
                    }).collect_view().into_any()
                }}
            </div>
            <div class="foot" style:display=dom::is_single().then_some("none")>
                <a class="go" href="#/storage" title="Sources & storage" aria-current=move || current(nav.route.get() == Route::Storage)>
                    <Icon name="hard-drive" /><span class="word">"Sources & storage"</span>
                </a>
            </div>
        </nav>
    }
}

/// The wiki of the project that is looked at, or was last.
fn wiki_of(route: &Route, last: Option<Route>) -> Option<Route> {
    let of = |it: &Route| match it {
        Route::Runs(key, _) => Some(Route::Wiki(key.clone(), WikiView::default())),
        Route::Run(key, _) => Some(Route::Wiki(key.project_key(), WikiView::default())),
        Route::Wiki(key, _) => Some(Route::Wiki(key.clone(), WikiView::default())),
        _ => None,
    };
    of(route).or_else(|| last.as_ref().and_then(of))
}

/// The runs page a place belongs to.
fn runs_of(route: &Route) -> Option<Route> {
    match route {
        Route::Runs(key, view) => Some(Route::Runs(key.clone(), view.clone())),
        Route::Wiki(key, _) => runs_of(&Route::Run(key.run("".into()), RunView::default())),
        Route::Run(key, _) => {
            let stored = dom::stored(LAST).map(|it| Route::parse(&it));
            match stored {
                Some(Route::Runs(held, _)) if held == key.project_key() => None,
                _ => Some(Route::Runs(key.project_key(), Box::default())),
            }
        }
        _ => None,
    }
}

/// Class of the dot and its words.
pub fn health(health: &Health) -> (&'static str, String) {
    match health {
        Health::Ok => ("ok", "reachable".into()),
        Health::Unknown => ("hollow", "not asked yet".into()),
        Health::Closed => ("hollow", "not open now; what is cached still works".into()),
        Health::Trouble(problem) => ("bad", words::of(problem).title),
    }
}

#[component]
fn Top(sources: Signal<Vec<SourceInfo>>, dark: RwSignal<bool>) -> impl IntoView {
    let nav = use_nav();
    let syncing = expect_context::<Syncing>();
    view! {
        <header class="top">
            <Crumbs sources=sources />
            {move || match (nav.route.get().source().is_some(), syncing.0.get()) {
                (true, Some(state)) => view! { <SyncLine state=state /> }.into_any(),
                (true, None) => ().into_any(),
                (false, _) => view! {
                    <span class="sync wide"><Icon name="lock" />"Everything stays in this browser"</span>
                }.into_any(),
            }}
            <super::share::ShareButton />
            <ThemeButton dark=dark />
        </header>
    }
}

#[component]
fn Crumbs(sources: Signal<Vec<SourceInfo>>) -> impl IntoView {
    let nav = use_nav();
    let names = expect_context::<Names>();
    let source_crumb = move |id: crate::model::SourceId| {
        let info = sources.get().into_iter().find(|it| it.id == id);
        let (dot, said) = info.as_ref().map_or(("hollow", "not known here".to_owned()), |it| health(&it.health));
        let label = info.map_or_else(|| id.address().to_owned(), |it| it.label);
        view! {
            <a class="source" href=Route::Projects(id).link() title=said>
                <span class=format!("dot {dot}")></span><span class="cut"><bdi>{label}</bdi></span>
            </a>
        }
    };
    let project_crumb = move |key: ProjectKey, is_here: bool| {
        let name =
            move || Some(names.project.get()).filter(|it| !it.is_empty()).unwrap_or_else(|| key.project.to_string());
        let link = runs_link(&key_of(nav.route.get_untracked()));
        if is_here {
            view! { <span class="here" aria-current="page"><bdi>{name}</bdi></span> }.into_any()
        } else {
            view! { <a href=link><bdi>{name}</bdi></a> }.into_any()
        }
    };
    let slash = || view! { <span class="slash" aria-hidden="true">"/"</span> };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            {move || match place(nav.route.get()) {
                Place::Named(name) => view! { <span class="here">{name}</span> }.into_any(),
                Place::Source(id) => source_crumb(id).into_any(),
                Place::Project(key) => view! { {source_crumb(key.source.clone())} {slash()} {project_crumb(key, true)} }.into_any(),
                Place::Page(key, path) => {
                    let wiki = Route::Wiki(key.clone(), WikiView::default()).link();
                    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                    view! {
                        {source_crumb(key.source.clone())} {slash()} {project_crumb(key, false)} {slash()} <a href=wiki>"Wiki"</a>
                        {(!name.is_empty()).then(|| view! { {slash()} <span class="here" aria-current="page"><bdi>{name}</bdi></span> })}
                    }.into_any()
                }
                Place::Run(key) => view! {
                    {source_crumb(key.source.clone())} {slash()} {project_crumb(key, false)} {slash()}
                    <span class="here" aria-current="page"><bdi>{move || names.run.get()}</bdi></span>
                }.into_any(),
            }}
        </nav>
    }
}

enum Place {
    Named(&'static str),
    Source(crate::model::SourceId),
    Project(ProjectKey),
    Run(ProjectKey),
    Page(ProjectKey, String),
}

fn place(route: Route) -> Place {
    match route {
        Route::Home => Place::Named("Home"),
        Route::Storage => Place::Named("Sources & storage"),
        Route::Compare(_) => Place::Named("Compare"),
        Route::Unknown(_) => Place::Named("Not a place"),
        Route::Projects(source) => Place::Source(source),
        Route::Runs(key, _) => Place::Project(key),
        Route::Run(key, RunView { .. }) => Place::Run(key.project_key()),
        Route::Wiki(key, view) => Place::Page(key, view.path),
    }
}

fn key_of(route: Route) -> Option<ProjectKey> {
    match route {
        Route::Runs(key, _) => Some(key),
        Route::Run(key, _) => Some(key.project_key()),
        Route::Wiki(key, _) => Some(key),
        _ => None,
    }
}

/// Back to the runs as they were looked at last.
fn runs_link(key: &Option<ProjectKey>) -> String {
    let last = dom::stored(LAST).map(|it| Route::parse(&it));
    match (last, key) {
        (Some(Route::Runs(held, view)), Some(key)) if held == *key => Route::Runs(held, view).link(),
        (_, Some(key)) => Route::Runs(key.clone(), Box::default()).link(),
        _ => "#/".into(),
    }
}

/// Live, cached since when, waiting until when, failed.
#[component]
fn SyncLine(state: SyncState) -> impl IntoView {
    let tick = dom::ticking(10);
    let (fetched, all) = (state.fetched, state.full_fetched);
    let (class, icon, text): (&str, &'static str, Box<dyn Fn() -> String + Send + Sync>) = match state.phase {
        Phase::Loading => ("sync", "refresh-cw", Box::new(|| "Reading runs".into())),
        Phase::Waiting { problem, until } => {
            let said = words::of(&problem).title;
            let left = move || ((until - dom::now()) / 1000.0).max(0.0);
            ("sync warn", "clock", Box::new(move || format!("{said}. Next try in {:.0} s", left())))
        }
        Phase::Failed(problem) => {
            let said = words::of(&problem).title;
            let since = fetched.map(dom::since);
            (
                "sync bad",
                "unplug",
                Box::new(move || match &since {
                    Some(since) => format!("{said}. Cached {since}"),
                    None => said.clone(),
                }),
            )
        }
        Phase::Idle => (
            "sync",
            "clock",
            Box::new(move || match fetched {
                Some(at) if all.is_some_and(|all| at - all > 60_000.0) => {
                    format!("News {}, all {}", dom::since(at), all.map(dom::since).unwrap_or_default())
                }
                Some(at) => format!("Read {}", dom::since(at)),
                None => "Not read yet".into(),
            }),
        ),
    };
    let partial = (!state.complete && fetched.is_some()).then_some("incomplete");
    let full = fetched.map(dom::full_time);
    view! {
        <span class=class role="status" title=full>
            <Icon name=icon />
            <span class="cut">{move || { tick.get(); text() }}</span>
            {partial.map(|it| view! { <span class="badge warn">{it}</span> })}
        </span>
    }
}
