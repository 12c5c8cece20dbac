//! A snapshot: which runs, how much of them, what is taken out; made first, so that what is in it and how
//! large it is can be seen before it is saved.

use std::sync::Arc;

use futures_util::future::{AbortHandle, Abortable};
use leptos::prelude::*;

use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::components::segment::segment;
use crate::engine::data::Data;
use crate::engine::protocol::{
    Answer, Event, Packing, Pages, Question, SnapshotAsk, SnapshotMade, SnapshotPart, Start, ViewsAnswer,
};
use crate::model::Problem;
use crate::model::view::StoredView;
use crate::pages::ask::use_answer;
use crate::pages::route::{Eyes, Route};
use crate::query::redact::Redact;

/// Points of a series: the word, what it means.
const POINTS: [(&str, Option<u32>); 4] = [
    ("all points", None),
    ("at most 2 000 points each", Some(2_000)),
    ("at most 500 points each", Some(500)),
    ("no curves' detail (8 points)", Some(8)),
];
const FILES: [(&str, Option<u64>); 5] = [
    ("no files", None),
    ("files up to 100 kB", Some(100_000)),
    ("files up to 1 MB", Some(1_000_000)),
    ("files up to 10 MB", Some(10_000_000)),
    ("files up to 50 MB", Some(50_000_000)),
];

#[derive(Clone, Copy)]
struct Form {
    title: RwSignal<String>,
    only_drawn: RwSignal<bool>,
    points: RwSignal<usize>,
    files: RwSignal<usize>,
    hosts: RwSignal<bool>,
    users: RwSignal<bool>,
    paths: RwSignal<bool>,
    tags: RwSignal<String>,
    as_page: RwSignal<bool>,
    with_view: RwSignal<bool>,
    kept: RwSignal<Vec<String>>,
    with_pages: RwSignal<bool>,
    /// Of a wiki just the page that is open.
    one_page: RwSignal<bool>,
}

/// What is in it, the file, its name.
type Made = (SnapshotMade, Arc<Vec<u8>>, String);

#[component]
pub fn SnapshotForm(route: Route, parts: Vec<SnapshotPart>) -> impl IntoView {
    let data = expect_context::<Data>();
    let (project, view) = match &route {
        Route::Runs(key, view) => (Some(key.clone()), Some((**view).clone())),
        _ => (None, None),
    };
    let form = Form {
        title: RwSignal::new(document().title().trim_end_matches(" · Halimede").to_owned()),
        only_drawn: RwSignal::new(false),
        points: RwSignal::new(0),
        files: RwSignal::new(1),
        hosts: RwSignal::new(true),
        users: RwSignal::new(true),
        paths: RwSignal::new(true),
        tags: RwSignal::new(String::new()),
        // A page of its own can't make another: it asks nothing of any server, not even for its own parts.
        as_page: RwSignal::new(!dom::is_single()),
        with_view: RwSignal::new(view.is_some()),
        kept: RwSignal::new(Vec::new()),
        with_pages: RwSignal::new(false),
        one_page: RwSignal::new(true),
    };
    let views = {
        let project = project.clone();
        use_answer(
            move || project.clone().map(Question::Views),
            |told| match told.answer {
                Answer::Views(it) => Some(it),
                _ => None,
            },
        )
    };
    let packing = use_answer(
        move || {
            data.track(&Event::Packing);
            Some(Question::Packing)
        },
        |told| match told.answer {
            Answer::Packing(it) => Some(it),
            _ => None,
        },
    );
    let outcome = RwSignal::new(None::<Result<Made, Problem>>);
    let running = RwSignal::new_local(None::<AbortHandle>);
    let has_runs_view = view.is_some();
    let has_page = matches!(&route, Route::Wiki(_, view) if !view.path.is_empty());
    let start = match &route {
        Route::Run(key, _) => Some(Start::Run(key.run.clone())),
        Route::Wiki(_, view) => Some(Start::Page(view.path.clone())),
        _ => None,
    };
    let held = StoredValue::new((parts, view, start));
    let make = move |_| {
        let (parts, view, start) = held.get_value();
        let stored = untrack(|| views.ok()).unwrap_or_default();
        let ask = form.ask(parts, view.as_ref().map(|it| (it.eyes.clone(), it.to_query())), start, &stored);
        let as_page = ask.as_page;
        outcome.set(None);
        let (handle, registration) = AbortHandle::new_pair();
        running.set(Some(handle));
        let work =
            Abortable::new(async move { data.told(Question::Snapshot(Box::new(ask)), None).await }, registration);
        spawn(async move {
            let told = work.await;
            let _ = running.try_set(None);
            let Ok(told) = told else { return };
            let made = told.and_then(|told| {
                let bytes = told.bytes(0);
                match told.answer {
                    Answer::Snapshot(it) => {
                        let name = file_name(&it.title, as_page);
                        Ok((*it, Arc::new(bytes), name))
                    }
                    _ => Err(Problem::Engine { said: "an answer of the wrong kind".into() }),
                }
            });
            let _ = outcome.try_set(Some(made));
        });
    };
    let stop = move || {
        if let Some(handle) = running.get_untracked() {
            handle.abort();
            running.set(None);
        }
    };
    on_cleanup(move || {
        if let Some(Some(handle)) = running.try_get_untracked() {
            handle.abort();
        }
    });
    // A changed choice is another snapshot.
    let choice = move |label: &'static str, is: RwSignal<bool>| {
        view! {
            <label class="check"><input type="checkbox" prop:checked=is on:change=move |event| { is.set(event_target_checked(&event)); outcome.set(None) } />{label}</label>
        }
    };
    let kinds = vec![(true, "Page, opens by double-click", ""), (false, "Archive (ZIP)", "")];
    let choose = move |as_page| {
        form.as_page.set(as_page);
        outcome.set(None);
    };
    let kinds = segment("Kind of file", kinds, move || form.as_page.get(), choose);
    let stored = move || views.ok().map(|it| it.stored).unwrap_or_default();
    view! {
        <section class="share-part">
            <h3>"Snapshot"</h3>
            <p class="minor">"One file that needs no server and no account. Nothing is sent anywhere: it is made here and saved."</p>
            {(!dom::is_single()).then_some(kinds)}
            <div class="field"><label for="snapshot-title">"Title"</label><input id="snapshot-title" class="input" maxlength="120" bind:value=form.title /></div>
            {has_runs_view.then(|| view! {
                <div class="field"><label for="snapshot-runs">"Runs"</label>
                    <select id="snapshot-runs" class="input" on:change=move |event| { form.only_drawn.set(event_target_value(&event) == "drawn"); outcome.set(None) }>
                        <option value="all">"all that match the filter"</option><option value="drawn">"those with an open eye"</option>
                    </select></div>
            })}
            {has_page.then(|| view! {
                <div class="field"><label for="snapshot-pages">"Pages"</label>
                    <select id="snapshot-pages" class="input" on:change=move |event| { form.one_page.set(event_target_value(&event) == "one"); outcome.set(None) }>
                        <option value="one">"this page"</option><option value="all">"all pages of the wiki"</option>
                    </select></div>
            })}
            <div class="pair">
                <div class="field"><label for="snapshot-points">"Curves"</label>
                    <select id="snapshot-points" class="input" on:change=move |event| { form.points.set(event_target_value(&event).parse().unwrap_or(0)); outcome.set(None) }>
                        {POINTS.iter().enumerate().map(|(at, it)| view! { <option value=at.to_string()>{it.0}</option> }).collect_view()}
                    </select></div>
                <div class="field"><label for="snapshot-files">"Files"</label>
                    <select id="snapshot-files" class="input" on:change=move |event| { form.files.set(event_target_value(&event).parse().unwrap_or(0)); outcome.set(None) }>
                        {FILES.iter().enumerate().map(|(at, it)| view! { <option value=at.to_string() selected=at == 1>{it.0}</option> }).collect_view()}
                    </select></div>
            </div>
            {has_runs_view.then(|| view! {
                <fieldset class="checks"><legend>"Views, dashboards, pages"</legend>
                    {choice("what is looked at now", form.with_view)}{choice("all pages of the wiki", form.with_pages)}
                    {move || stored().into_iter().map(|it| {
                        let name = StoredValue::new(it.name.clone());
                        view! {
                            <label class="check"><input type="checkbox" on:change=move |event| {
                                let is = event_target_checked(&event);
                                form.kept.update(|all| { all.retain(|it| *it != name.get_value()); if is { all.push(name.get_value()) } });
                                outcome.set(None);
                            } /><bdi>{it.name}</bdi></label>
                        }
                    }).collect_view()}
                </fieldset>
            })}
            <fieldset class="checks"><legend>"Take out of names, params, labels and notes"</legend>
                {choice("machines and addresses", form.hosts)}{choice("people", form.users)}{choice("folders of paths", form.paths)}
                <div class="field"><label for="snapshot-tags">"Labels whose name has the pattern"</label>
                    <input id="snapshot-tags" class="input mono" placeholder="none" spellcheck="false" bind:value=form.tags on:input=move |_| outcome.set(None) /></div>
                <p class="minor">"Files are not looked into: what they say goes along."</p>
            </fieldset>
            {move || if running.with(Option::is_some) {
                view! {
                    <div class="packing" role="status"><span class="cut">{move || packing.ok().map(said)}</span>
                        <progress max="1" prop:value=move || packing.ok().map_or(0.0, share)></progress>
                        <button type="button" class="button" on:click=move |_| stop()><Icon name="circle-stop" />"Stop"</button></div>
                }.into_any()
            } else {
                view! { <div><button type="button" class="button" class:primary=move || outcome.with(Option::is_none) on:click=make>"Make it"</button></div> }.into_any()
            }}
            {move || outcome.get().map(|it| match it {
                Ok(made) => view! { <Contents made=made /> }.into_any(),
                Err(problem) => view! { <Notice problem=problem /> }.into_any(),
            })}
        </section>
    }
}

impl Form {
    fn ask(
        self,
        mut parts: Vec<SnapshotPart>,
        view: Option<(Eyes, String)>,
        start: Option<Start>,
        stored: &ViewsAnswer,
    ) -> SnapshotAsk {
        if let (Some(part), Some((eyes, text))) = (parts.first_mut(), view) {
            if self.only_drawn.get_untracked() {
                part.selection = eyes.selection();
            }
            if self.with_view.get_untracked() {
                part.views.push(StoredView { name: self.title.get_untracked(), text });
            }
            part.pages = if self.with_pages.get_untracked() { Pages::All } else { Pages::None };
            let kept = self.kept.get_untracked();
            part.views.extend(stored.stored.iter().filter(|it| kept.contains(&it.name)).cloned());
        }
        if let (Some(part), Some(Start::Page(path))) = (parts.first_mut(), &start)
            && self.one_page.get_untracked()
            && !path.is_empty()
        {
            part.pages = Pages::One(path.clone());
        }
        SnapshotAsk {
            title: Some(self.title.get_untracked().trim().to_owned())
                .filter(|it| !it.is_empty())
                .unwrap_or_else(|| "Snapshot".into()),
            parts,
            points: POINTS.get(self.points.get_untracked()).and_then(|it| it.1),
            files: FILES.get(self.files.get_untracked()).and_then(|it| it.1),
            redact: Redact {
                hosts: self.hosts.get_untracked(),
                users: self.users.get_untracked(),
                paths: self.paths.get_untracked(),
                tags: self.tags.get_untracked(),
            },
            as_page: self.as_page.get_untracked(),
            start,
        }
    }
}

fn said(it: Packing) -> String {
    match it.total {
        0 => it.what,
        n => format!("{} · {} of {}", it.what, it.done + 1, n),
    }
}

fn share(it: Packing) -> f64 {
    f64::from(it.done) / f64::from(it.total.max(1))
}

fn file_name(title: &str, as_page: bool) -> String {
    let plain: String =
        title.chars().map(|it| if it.is_alphanumeric() || "-_.".contains(it) { it } else { '-' }).collect();
    let plain = plain.trim_matches(['-', '.']).to_owned();
    let plain = if plain.is_empty() { "snapshot".to_owned() } else { plain };
    format!("{plain}.{}", if as_page { "html" } else { "halimede.zip" })
}

/// What is in it, before it is saved.
#[component]
fn Contents(made: Made) -> impl IntoView {
    let (made, bytes, name) = made;
    let size = format::bytes(bytes.len() as u64);
    let saved = StoredValue::new((name.clone(), bytes));
    let mut lines = vec![
        format!(
            "{}, {} of {}",
            format::n_of(made.n_runs, "run"),
            format::n_of(made.n_series, "curve"),
            format::n_of(made.n_points, "point")
        ),
        format!("{} of {}", format::n_of(made.n_files, "file"), format::bytes(made.file_bytes)),
        format!("{}, {}", format::n_of(made.n_views, "view"), format::n_of(made.n_pages, "page")),
    ];
    if made.n_left_out > 0 {
        lines.push(format!("{} left out: {}", format::n_of(made.n_left_out, "file"), made.left_out.join(", ")));
    }
    lines.extend((!made.redacted.is_empty()).then(|| format!("Taken out: {}", made.redacted.join(", "))));
    let troubles = made.troubles;
    let save = move |_| saved.with_value(|it| dom::download(&it.0, &it.1));
    view! {
        <div class="made" role="status">
            <b><bdi>{name}</bdi>" · "{size}</b>
            <ul>{lines.into_iter().map(|it| view! { <li>{it}</li> }).collect_view()}
                {troubles.into_iter().map(|it| view! { <li><span class="badge warn">{it}</span></li> }).collect_view()}</ul>
            <button type="button" class="button primary" on:click=save><Icon name="download" />"Save"</button>
        </div>
    }
}
