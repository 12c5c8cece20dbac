//! Changing runs: one dialog for a name, a tag, a note, deleting and restoring, for one run or many.

use leptos::prelude::*;

use super::ask::use_sources;
use crate::components::dialog::Dialog;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::markdown::Markdown;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::data::Data;
use crate::engine::protocol::{Chosen, EditAsk, Question};
use crate::model::edit::Edit;
use crate::model::{Capabilities, Lifecycle, Problem, ProjectKey, Run, SourceId};

/// The dialog's state, for whoever wants to open it.
#[derive(Clone, Copy)]
pub struct Editing {
    form: RwSignal<Option<Form>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub project: ProjectKey,
    pub runs: Chosen,
    pub n_runs: u32,
    /// The first of them.
    pub names: Vec<String>,
    pub what: What,
}

/// What is changed, with what stands there now where it is of one run.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Name(String),
    Tag { key: String, value: Option<String> },
    Untag,
    Note(Option<String>),
    Lifecycle(Lifecycle),
}

impl Editing {
    pub fn new() -> Self {
        Self { form: RwSignal::new(None) }
    }

    pub fn open(self, form: Form) {
        self.form.set(Some(form));
    }

    pub fn open_for_run(self, project: ProjectKey, run: &Run, what: What) {
        let name = if run.name.is_empty() { run.id.to_string() } else { run.name.clone() };
        self.open(Form { project, runs: Chosen::These(vec![run.id.clone()]), n_runs: 1, names: vec![name], what });
    }
}

/// What the source can do; nothing before it is known.
pub fn use_capabilities(source: SourceId) -> Memo<Capabilities> {
    let sources = use_sources();
    Memo::new(move |_| {
        let all = sources.ok().unwrap_or_default();
        all.into_iter().find(|it| it.id == source).map(|it| it.capabilities).unwrap_or_default()
    })
}

/// The way to the dialog from the page of a run, where its source can be written to.
#[derive(Clone, Copy)]
pub struct OfRun {
    editing: Editing,
    pub can: Memo<bool>,
    project: StoredValue<ProjectKey>,
    run: StoredValue<Run>,
}

impl OfRun {
    pub fn provide(project: ProjectKey, run: Run, capabilities: Memo<Capabilities>) {
        let is_active = run.lifecycle == Lifecycle::Active;
        provide_context(Self {
            editing: expect_context::<Editing>(),
            // Trackers let nobody change what is deleted.
            can: Memo::new(move |_| capabilities.get().edits && is_active),
            project: StoredValue::new(project),
            run: StoredValue::new(run),
        });
    }

    pub fn open(self, what: What) {
        self.run.with_value(|run| self.editing.open_for_run(self.project.get_value(), run, what));
    }
}

#[component]
pub fn EditDialog() -> impl IntoView {
    let editing = expect_context::<Editing>();
    view! { {move || editing.form.get().map(|form| view! { <EditForm form=form editing=editing /> })} }
}

#[derive(Clone, Copy)]
struct Fields {
    key: RwSignal<String>,
    text: RwSignal<String>,
    /// Typed to confirm that many are deleted.
    count: RwSignal<String>,
}

/// Longer than a name or tag can be at any tracker met so far.
const LONGEST_TAG: usize = 8_000;
const LONGEST_KEY: usize = 250;

impl Fields {
    fn of(what: &What) -> Self {
        let (key, text) = match what {
            What::Name(name) => (String::new(), name.clone()),
            What::Tag { key, value } => (key.clone(), value.clone().unwrap_or_default()),
            What::Note(note) => (String::new(), note.clone().unwrap_or_default()),
            What::Untag | What::Lifecycle(_) => Default::default(),
        };
        Self { key: RwSignal::new(key), text: RwSignal::new(text), count: RwSignal::new(String::new()) }
    }

    /// The change as it stands in the form, or what is missing.
    fn edit(self, form: &Form) -> Result<Edit, &'static str> {
        let (key, text) = (self.key.get().trim().to_owned(), self.text.get());
        let key = match key.len() {
            1..=LONGEST_KEY => Ok(key),
            0 => Err("Give the tag a name"),
            _ => Err("A tag's name has 250 characters at most"),
        };
        match &form.what {
            What::Name(_) if text.trim().is_empty() => Err("A run needs a name"),
            What::Name(_) => Ok(Edit::Name(text.trim().to_owned())),
            What::Tag { .. } if text.len() > LONGEST_TAG => Err("A tag holds 8,000 characters at most"),
            What::Tag { .. } => Ok(Edit::Tag(key?, Some(text))),
            What::Untag => Ok(Edit::Tag(key?, None)),
            What::Note(_) if text.len() > LONGEST_TAG => Err("A note holds 8,000 characters at most"),
            What::Note(_) => Ok(Edit::Note(Some(text).filter(|it| !it.trim().is_empty()))),
            What::Lifecycle(Lifecycle::Deleted)
                if form.n_runs > 1 && self.count.get().trim() != form.n_runs.to_string() =>
            {
                Err("Type the number of runs")
            }
            What::Lifecycle(to) => Ok(Edit::Lifecycle(*to)),
        }
    }
}

/// What its author saw in its place, of one run.
fn base(form: &Form, edit: &Edit) -> Option<Edit> {
    match (&form.what, edit) {
        (What::Name(name), _) => Some(Edit::Name(name.clone())),
        (What::Note(note), _) => Some(Edit::Note(note.clone())),
        (What::Tag { key, value }, Edit::Tag(now, _)) if key == now && !key.is_empty() => {
            Some(Edit::Tag(key.clone(), value.clone()))
        }
        // A new tag: its author saw none of this name.
        (What::Tag { .. }, Edit::Tag(now, _)) if form.n_runs == 1 => Some(Edit::Tag(now.clone(), None)),
        _ => None,
    }
}

#[component]
fn EditForm(form: Form, editing: Editing) -> impl IntoView {
    let data = expect_context::<Data>();
    let fields = Fields::of(&form.what);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let held = StoredValue::new(form.clone());
    let edit = Memo::new(move |_| held.with_value(|form| fields.edit(form)));
    let close = move || editing.form.set(None);
    let send = move |edit: Edit| {
        let ask = held.with_value(|form| EditAsk {
            project: form.project.clone(),
            runs: form.runs.clone(),
            base: base(form, &edit),
            edit,
        });
        busy.set(true);
        spawn(async move {
            match data.ask(Question::Edit(Box::new(ask))).await {
                Ok(_) => close(),
                Err(it) => problem.set(Some(it)),
            }
            let _ = busy.try_set(false);
        });
    };
    let go = move || {
        if let Ok(edit) = edit.get_untracked() {
            send(edit);
        }
    };
    let remove = match &form.what {
        What::Tag { key, value: Some(_) } => {
            let key = key.clone();
            let remove = move |_| send(Edit::Tag(key.clone(), None));
            Some(
                view! { <button type="button" class="button" on:click=remove><Icon name="trash-2" />"Remove the tag"</button> },
            )
        }
        _ => None,
    };
    let whom = match form.names.as_slice() {
        [name] if form.n_runs == 1 => name.clone(),
        _ => format::n_of(u64::from(form.n_runs), "run"),
    };
    let (title, verb, first) = match &form.what {
        What::Name(_) => ("Rename".to_owned(), "Rename", "#edit-text"),
        What::Tag { key, .. } if key.is_empty() => (format!("Tag {whom}"), "Set the tag", "#edit-key"),
        What::Tag { .. } => (format!("Tag of {whom}"), "Set the tag", "#edit-text"),
        What::Untag => (format!("Remove a tag of {whom}"), "Remove the tag", "#edit-key"),
        What::Note(_) => (format!("Note of {whom}"), "Save the note", "#edit-text"),
        What::Lifecycle(Lifecycle::Deleted) if form.n_runs > 1 => (format!("Delete {whom}"), "Delete", "#edit-count"),
        What::Lifecycle(Lifecycle::Deleted) => (format!("Delete {whom}"), "Delete", ".side .primary"),
        What::Lifecycle(Lifecycle::Active) => (format!("Restore {whom}"), "Restore", ".side .primary"),
    };
    let is_one = form.n_runs == 1;
    let body = body(&form, fields);
    view! {
        <Dialog title=title first=first close=Callback::new(move |()| close()) submit=Callback::new(move |()| go())>
            <div class="body">
                {body}
                {(!is_one).then(|| view! { <Names names=form.names.clone() n_runs=form.n_runs /> })}
                {move || problem.get().map(|problem| view! { <Notice problem=problem /> })}
            </div>
            <div class="foot">
                {remove}
                <span class="minor grow" role="status">{move || edit.get().err()}</span>
                <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || busy.get() || edit.get().is_err()>{verb}</button>
            </div>
        </Dialog>
    }
}

fn body(form: &Form, fields: Fields) -> AnyView {
    let key = move || {
        view! {
            <div class="field"><label for="edit-key">"Name"</label>
                <input id="edit-key" class="input mono" autocomplete="off" spellcheck="false" maxlength="250" bind:value=fields.key /></div>
        }
    };
    match &form.what {
        What::Name(_) => view! {
            <div class="field"><label for="edit-text">"Name"</label>
                <input id="edit-text" class="input" autocomplete="off" spellcheck="false" maxlength="250" bind:value=fields.text /></div>
        }
        .into_any(),
        What::Tag { .. } => view! {
            {key()}
            <div class="field"><label for="edit-text">"Value"</label>
                <textarea id="edit-text" class="input mono" style="height:64px" spellcheck="false" bind:value=fields.text></textarea></div>
        }
        .into_any(),
        What::Untag => key().into_any(),
        What::Note(_) => view! {
            <div class="field" style="flex:1"><label for="edit-text">"Markdown"</label>
                <textarea id="edit-text" class="input mono note" bind:value=fields.text></textarea></div>
            <div class="field"><span class="label">"Preview"</span>
                {move || view! { <Markdown text=fields.text.get() /> }}</div>
        }
        .into_any(),
        What::Lifecycle(Lifecycle::Active) => view! { <p>"It is listed among the active runs again."</p> }.into_any(),
        What::Lifecycle(Lifecycle::Deleted) => view! {
            <p>"Deleted runs leave all lists. They stay on the tracker, under Deleted beside the filter, and can be restored until somebody cleans the tracker up."</p>
            {(form.n_runs > 1).then(|| view! {
                <div class="field"><label for="edit-count">{format!("Type {} to delete them", form.n_runs)}</label>
                    <input id="edit-count" class="input mono" inputmode="numeric" autocomplete="off" bind:value=fields.count /></div>
            })}
        }
        .into_any(),
    }
}

#[component]
fn Names(names: Vec<String>, n_runs: u32) -> impl IntoView {
    let more = u64::from(n_runs).saturating_sub(names.len() as u64);
    view! {
        <ul class="names">
            {names.into_iter().map(|it| view! { <li class="cut"><bdi>{it}</bdi></li> }).collect_view()}
            {(more > 0).then(|| view! { <li class="minor">{format!("and {} more", format::count(more))}</li> })}
        </ul>
    }
}

/// A pencil on the page of a run.
#[component]
pub fn EditButton(#[prop(into)] label: String, what: What) -> impl IntoView {
    let of_run = expect_context::<OfRun>();
    let (label, what) = (StoredValue::new(label), StoredValue::new(what));
    view! {
        <Show when=move || of_run.can.get()>
            <button class="button quiet square" aria-label=label.get_value() title=label.get_value()
                on:click=move |_| of_run.open(what.get_value())><Icon name="pencil" /></button>
        </Show>
    }
}
