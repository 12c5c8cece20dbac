//! Saved views: by name, in this browser or on the tracker for everyone, and those that the
//! tracker's own page shares. One may be what the project opens with.

use leptos::ev;
use leptos::prelude::*;

use super::Runs;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::menu::Popover;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::protocol::{Answer, Event, Question, ViewsAnswer};
use crate::model::view::{SharedView, StoredView};
use crate::model::{Problem, ProjectKey};
use crate::pages::route::{Column, RunsView};
use crate::query::group::Grouping;
use crate::query::rows::Sort;

const LOCAL: &str = "halimede.views";
const DEFAULT: &str = "halimede.default-view";
/// Names are labels on trackers, which hold no more.
const LONGEST_NAME: usize = 80;

fn of(key: &ProjectKey, what: &str) -> String {
    format!("{what}:{}|{}", key.source, key.project)
}

/// A name and a view a line; names hold no tab, links no line break.
fn local(key: &ProjectKey) -> Vec<StoredView> {
    let text = dom::stored(&of(key, LOCAL)).unwrap_or_default();
    let view = |line: &str| line.split_once('\t').map(|it| StoredView { name: it.0.to_owned(), text: it.1.to_owned() });
    text.lines().filter_map(view).collect()
}

fn keep_local(key: &ProjectKey, name: &str, text: Option<&str>) {
    let mut all = local(key);
    all.retain(|it| it.name != name);
    all.extend(text.map(|text| StoredView { name: name.to_owned(), text: text.to_owned() }));
    let lines: Vec<String> = all.iter().map(|it| format!("{}\t{}", it.name, it.text)).collect();
    dom::store(&of(key, LOCAL), &lines.join("\n"));
}

/// What a project opens with, where somebody chose that.
pub fn default_view(key: &ProjectKey) -> Option<RunsView> {
    dom::stored(&of(key, DEFAULT)).filter(|it| !it.is_empty()).map(|it| RunsView::from_query(&it))
}

/// A link that names a view on the tracker becomes that view, once it is read; else why it did not.
pub fn open_stored(runs: Runs) -> RwSignal<Option<Problem>> {
    let trouble = RwSignal::new(None);
    let named = Memo::new(move |_| runs.view.with(|it| it.stored.clone()));
    crate::components::react::effect(move || {
        let Some(name) = named.get() else { return };
        // Its source may be connected only now.
        runs.data.track(&Event::Sources);
        trouble.set(None);
        spawn(async move {
            let told = runs.data.ask(Question::Views(runs.project.get_value())).await;
            let found = told.and_then(|it| match it {
                Answer::Views(it) => it
                    .stored
                    .into_iter()
                    .find(|it| it.name == name)
                    .ok_or(Problem::NotFound { what: format!("the view {name} on the tracker") }),
                _ => Err(Problem::Engine { said: "an answer of the wrong kind".into() }),
            });
            if named.try_get_untracked().flatten().is_none() {
                return;
            }
            match found {
                Ok(it) => runs.show(RunsView::from_query(&it.text)),
                Err(problem) => {
                    let _ = trouble.try_set(Some(problem));
                }
            }
        });
    });
    trouble
}

fn from_shared(shared: &SharedView) -> RunsView {
    let view = RunsView {
        filter: shared.filter.clone(),
        sort: shared.sort.iter().map(|it| Sort { field: it.0.clone(), descending: it.1 }).collect(),
        columns: shared.columns.as_ref().map(|it| it.iter().cloned().map(Column::from).collect()),
        group: Grouping { by: shared.group.clone(), ..Grouping::default() },
        ..RunsView::default()
    };
    // Within the limits of a link, whatever it holds.
    RunsView::from_query(&view.to_query())
}

#[component]
pub fn ViewsButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <div style="position:relative">
            <button class="button quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|it| *it = !*it)>
                <Icon name="bookmark" />"View"
            </button>
            <Popover open=open label="View" place="position:fixed;right:300px;top:78px" class="columns-menu">
                <Menu runs=runs open=open />
            </Popover>
        </div>
    }
}

#[derive(Clone, Copy)]
struct State {
    runs: Runs,
    local: RwSignal<Vec<StoredView>>,
    /// None while they are asked for.
    tracker: RwSignal<Option<Result<ViewsAnswer, Problem>>>,
    default: RwSignal<String>,
    problem: RwSignal<Option<Problem>>,
    /// A view of this name was changed by somebody: name, what was to be written, what stands there.
    clash: RwSignal<Option<(String, Option<String>, String)>>,
}

impl State {
    fn reload(self) {
        let runs = self.runs;
        // Asked for after an answer too, when the page may be gone.
        let Some(project) = runs.project.try_get_value() else { return };
        self.local.set(local(&project));
        spawn(async move {
            let told = runs.data.ask(Question::Views(project)).await;
            let told = told.map(|it| if let Answer::Views(it) = it { it } else { ViewsAnswer::default() });
            let _ = self.tracker.try_set(Some(told));
        });
    }

    fn stored_on_tracker(self, name: &str) -> Option<String> {
        let told = self.tracker.get_untracked()?.ok()?;
        told.stored.into_iter().find(|it| it.name == name).map(|it| it.text)
    }

    /// On the tracker, over what was seen there and nothing else.
    fn keep(self, name: String, text: Option<String>, base: Option<String>) {
        let runs = self.runs;
        self.problem.set(None);
        spawn(async move {
            let ask =
                Question::KeepView { project: runs.project.get_value(), name: name.clone(), text: text.clone(), base };
            match runs.data.ask(ask).await {
                Ok(Answer::KeptView { theirs: Some(theirs) }) => {
                    let _ = self.clash.try_set(Some((name, text, theirs)));
                }
                Ok(_) => {
                    let _ = self.clash.try_set(None);
                    self.reload();
                }
                Err(it) => {
                    let _ = self.problem.try_set(Some(it));
                }
            }
        });
    }

    fn set_default(self, text: &str) {
        let text = if self.default.get_untracked() == text { "" } else { text };
        dom::store(&of(&self.runs.project.get_value(), DEFAULT), text);
        self.default.set(text.to_owned());
    }
}

#[component]
fn Menu(runs: Runs, open: RwSignal<bool>) -> impl IntoView {
    let key = runs.project.get_value();
    let state = State {
        runs,
        local: RwSignal::new(Vec::new()),
        tracker: RwSignal::new(None),
        default: RwSignal::new(dom::stored(&of(&key, DEFAULT)).unwrap_or_default()),
        problem: RwSignal::new(None),
        clash: RwSignal::new(None),
    };
    state.reload();
    let local_lines = move || {
        state
            .local
            .get()
            .into_iter()
            .map(|it| view! { <Line state=state view=it on_tracker=false open=open /> })
            .collect_view()
    };
    let tracker_lines = move || {
        match state.tracker.get() {
        None => view! { <p class="minor" style="padding:4px 8px">"Asking the tracker …"</p> }.into_any(),
        Some(Err(Problem::Unsupported { .. } | Problem::Closed { .. })) => ().into_any(),
        Some(Err(problem)) => view! { <div style="padding:4px 8px"><Notice problem=problem /></div> }.into_any(),
        Some(Ok(told)) => view! {
            {(!told.stored.is_empty()).then(|| view! { <h3>"On the tracker"</h3> })}
            {told.stored.into_iter().map(|it| view! { <Line state=state view=it on_tracker=true open=open /> }).collect_view()}
            {(!told.shared.is_empty()).then(|| view! { <h3>"Shared on the tracker's own page"</h3> })}
            {told.shared.into_iter().map(|it| {
                let shown = from_shared(&it);
                view! { <button class="item" on:click=move |_| { open.set(false); runs.change(|view| *view = shown.clone()) }><bdi class="cut">{it.name}</bdi></button> }
            }).collect_view()}
        }.into_any(),
    }
    };
    view! {
        <div class="steps2">
            <button class="button quiet" disabled=move || !runs.can_step(true) on:click=move |_| runs.step(true) title="Ctrl-Z"><Icon name="undo-2" />"Undo"</button>
            <button class="button quiet" disabled=move || !runs.can_step(false) on:click=move |_| runs.step(false) title="Ctrl-Shift-Z"><Icon name="redo-2" />"Redo"</button>
        </div>
        <Save state=state />
        <div class="scroll">
            {move || (!state.local.get().is_empty()).then(|| view! { <h3>"In this browser"</h3> })}
            {local_lines}
            {tracker_lines}
            <hr />
            <button class="item" on:click=move |_| { open.set(false); runs.change(|it| *it = RunsView::default()) }><Icon name="rotate-ccw" />"As it comes"</button>
        </div>
    }
}

#[component]
fn Save(state: State) -> impl IntoView {
    let runs = state.runs;
    let name = RwSignal::new(String::new());
    let on_tracker = RwSignal::new(false);
    let save = move || {
        let named: String = name.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ");
        let named: String = named.chars().take(LONGEST_NAME).collect();
        if named.is_empty() {
            return dom::focus("#view-name");
        }
        let text = runs.view.get_untracked().to_query();
        if on_tracker.get_untracked() {
            let base = state.stored_on_tracker(&named);
            state.keep(named, Some(text), base);
        } else {
            keep_local(&runs.project.get_value(), &named, Some(&text));
            state.reload();
        }
        name.set(String::new());
    };
    let enter = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            save();
        }
    };
    let place = move |word: &'static str, is: bool| {
        view! {
            <button aria-pressed=move || (on_tracker.get() == is).to_string() on:click=move |_| on_tracker.set(is)>{word}</button>
        }
    };
    view! {
        <div class="rule">
            <input id="view-name" class="input" placeholder="Save this view as …" aria-label="Name of the view" maxlength="80" bind:value=name on:keydown=enter />
            <button class="button" on:click=move |_| save()>"Save"</button>
        </div>
        <Show when=move || runs.capabilities.get().edits>
            <div class="segment where" role="group" aria-label="Where it is kept">
                {place("In this browser", false)}{place("On the tracker, for everyone", true)}
            </div>
        </Show>
        {move || state.problem.get().map(|problem| view! { <div style="padding:4px 8px"><Notice problem=problem /></div> })}
        {move || state.clash.get().map(|(name, text, theirs)| {
            let (shown, again) = (name.clone(), name.clone());
            let base = Some(theirs.clone()).filter(|it| !it.is_empty());
            view! {
                <div class="notice warn" role="alert" style="margin:4px 8px">
                    <div class="title">{format!("{shown} was changed by somebody else")}</div>
                    <div class="text">{if theirs.is_empty() { "It was removed from the tracker." } else { "It looks different on the tracker than when it was read here." }}</div>
                    <div class="actions">
                        <button class="button" on:click=move |_| state.keep(again.clone(), text.clone(), base.clone())>"Write mine over it"</button>
                        <button class="button" on:click=move |_| { state.clash.set(None); state.reload() }>"Keep theirs"</button>
                    </div>
                </div>
            }
        })}
    }
}

#[component]
fn Line(state: State, view: StoredView, on_tracker: bool, open: RwSignal<bool>) -> impl IntoView {
    let runs = state.runs;
    let held = StoredValue::new(view.clone());
    let is_default = Memo::new(move |_| held.with_value(|it| it.text == state.default.get()));
    let is_shown = Memo::new(move |_| held.with_value(|it| RunsView::from_query(&it.text) == runs.view.get()));
    let show = move |_| {
        open.set(false);
        runs.change(|it| *it = RunsView::from_query(&held.get_value().text));
    };
    let remove = move |_| {
        let StoredView { name, text } = held.get_value();
        if on_tracker {
            state.keep(name, None, Some(text));
        } else {
            keep_local(&runs.project.get_value(), &name, None);
            state.reload();
        }
    };
    let name = view.name;
    view! {
        <div class="viewline">
            <button class="item" aria-current=move || is_shown.get().then_some("true") on:click=show><bdi class="cut">{name.clone()}</bdi>
                {move || is_default.get().then(|| view! { <span class="badge">"opens with it"</span> })}</button>
            <button class="button quiet square" aria-pressed=move || is_default.get().to_string() aria-label=format!("Open the project with {name}")
                title="Open the project with this view" on:click=move |_| state.set_default(&held.get_value().text)><Icon name="house" /></button>
            <Show when=move || !on_tracker || runs.capabilities.get().edits>
                <button class="button quiet square" aria-label=format!("Remove {}", held.get_value().name) title="Remove" on:click=remove><Icon name="x" /></button>
            </Show>
        </div>
    }
}
