//! A chart over runs with its data: asks for the sheet its fields make, and says what is missing.

use std::sync::Arc;

use leptos::prelude::*;

use super::ask::use_answer;
use super::nav::use_nav;
use super::over_spec::OverSpec;
use super::route::{Route, RunView};
use crate::charts::over::view::{OverChart, OverState};
use crate::charts::over::{Arrange, Slot, Takes};
use crate::components::{format, words};
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::sheet::{Sheet, SheetColumn};
use crate::model::{Problem, ProjectKey, RunId};
use crate::query::rows::RowsQuery;

#[component]
pub fn SheetChart(
    project: ProjectKey,
    #[prop(into)] query: Signal<RowsQuery>,
    #[prop(into)] spec: Signal<OverSpec>,
    /// Runs that are far off are left out.
    #[prop(into)]
    clips: Signal<bool>,
    /// They are to be, or not any more. None: that is settled elsewhere.
    on_clips: Option<Callback<bool>>,
    /// The runs that somebody picked; none: nobody can pick any.
    on_select: Option<Callback<Vec<RunId>>>,
    on_arrange: Option<Callback<Arrange>>,
    children: Children,
) -> impl IntoView {
    let (data, nav) = (expect_context::<Data>(), use_nav());
    let project = StoredValue::new(project);
    let query = Memo::new(move |_| {
        let mut query = query.get();
        // Which runs, and in which order: groups are the table's.
        query.group = Default::default();
        query
    });
    let asked = use_answer(
        move || {
            data.track(&Event::Runs(project.get_value()));
            let spec = spec.get();
            let ranked = spec.kind().is_ranked;
            let project = project.get_value();
            let (query, fields, clips) = (query.get(), spec.fields.clone(), clips.get());
            spec.is_whole().then_some(Question::Sheet { project, query, fields, ranked, clips })
        },
        |told| match told.answer {
            Answer::Sheet(it) => Some(Arc::new(*it)),
            _ => None,
        },
    );
    let state = Signal::derive(move || state(&spec.get(), asked.value.get()));
    // Of how many, and whether they are left out now.
    let n_far = Memo::new(move |_| {
        asked.with(|it| (it.n_far, it.ids.len() as u64 + u64::from(it.n_cut), it.n_cut > 0)).unwrap_or_default()
    });
    let far = move || {
        let on_clips = on_clips.filter(|_| n_far.get().0 > 0)?;
        let why = "Beyond three times the width of the middle half of the runs. A click leaves them out of the charts over runs, or shows them again";
        Some(view! {
            <button class="button quiet far" aria-pressed=move || clips.get().to_string() title=why on:click=move |_| on_clips.run(!clips.get_untracked())>
                {move || {
                    let (n, all, is_cut) = n_far.get();
                    format!("{} of {} {}", format::count(n), format::count(all), if is_cut { "left out" } else { "far off" })
                }}
            </button>
        })
    };
    let open = move |run: RunId| nav.go(&Route::Run(project.get_value().run(run), RunView::default()));
    view! {
        <OverChart kind=spec.get_untracked().kind() title=Signal::derive(move || spec.get().title()) state=state
            on_open=open on_select=on_select on_arrange=on_arrange flipped=Memo::new(move |_| spec.get().flipped)>
            {far}
            {children()}
        </OverChart>
    }
}

fn state(spec: &OverSpec, told: Option<Result<Arc<Sheet>, Problem>>) -> OverState {
    let says = |title: &str, text: &str| OverState { says: Some((title.into(), text.into())), ..OverState::default() };
    if !spec.is_whole() {
        return says("A field is missing", "Choose it with the button above.");
    }
    let sheet = match told {
        None => return OverState { loading: true, ..OverState::default() },
        Some(Err(problem)) => {
            let said = words::of(&problem);
            return says(&said.title, &said.text);
        }
        // The answer of other fields is not this chart's.
        Some(Ok(sheet)) if !sheet.columns.iter().map(|it| &it.field).eq(&spec.fields) => {
            return OverState { loading: true, ..OverState::default() };
        }
        Some(Ok(sheet)) => sheet,
    };
    if sheet.ids.is_empty() {
        return says("No run matches", "The filter leaves none to draw.");
    }
    let is_named = |(slot, column): &(&Slot, &SheetColumn)| slot.takes == Takes::Numbers && !column.labels.is_empty();
    if let Some((_, column)) = spec.kind().slots.iter().zip(&sheet.columns).find(is_named) {
        let title = format!("{} is not a number in all runs", column.field.label());
        return says(&title, "Choose another field with the button above, or filter those runs out.");
    }
    if let Some(it) = sheet.columns.iter().find(|it| it.numbers.iter().all(|it| it.is_nan())) {
        return says(&format!("No run here has {}", it.field.label()), "Choose another field with the button above.");
    }
    if spec.kind().is_ranked && sheet.ranking.is_none() {
        return says("Too few runs to tell", "Eight runs with different values are the least, and a field besides.");
    }
    OverState { sheet: Some(sheet), ..OverState::default() }
}
