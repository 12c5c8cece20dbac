//! Which runs a widget is about: those of its page, or its own by a filter, a number or another project.

use leptos::prelude::*;

use super::says;
use crate::charts::line_state::Link;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, FieldsAnswer, NamedRun, Phase, Question, RowsAnswer, RowsAsk};
use crate::model::{Lifecycle, Problem, ProjectKey, RunId};
use crate::pages::ask::{Asked, use_answer, use_fields};
use crate::pages::board::spec::Settings;
use crate::pages::chart_settings::ChartSettings;
use crate::pages::route::{Eyes, MOST_BY_RULE, Route, RunsView};
use crate::pages::runs::{Runs, coloured};
use crate::query::group::Grouping;
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;

/// What a widget is given.
#[derive(Clone, Copy)]
pub struct Scope {
    pub project: StoredValue<ProjectKey>,
    /// Which runs, without groups.
    pub query: Signal<RowsQuery>,
    pub fields: Asked<FieldsAnswer>,
    /// Those with an open eye, with their colours.
    pub drawn: Signal<Vec<(NamedRun, u8)>>,
    /// Of each what it shares with those that differ in the seed only.
    pub folds: Signal<Vec<u64>>,
    pub charts: Signal<ChartSettings>,
    pub link: Link,
    /// Of the widget.
    pub set: Memo<Settings>,
    /// Writes one of them; none: nobody may.
    pub put: Option<Callback<(&'static str, String)>>,
    /// When its source was last asked with success; milliseconds since the epoch.
    pub fetched: Signal<Option<f64>>,
}

impl Scope {
    pub fn of_page(runs: Runs, set: Memo<Settings>, put: Callback<(&'static str, String)>) -> Self {
        Scope {
            project: runs.project,
            query: Signal::derive(move || RowsQuery {
                group: Grouping::default(),
                ..runs.view.with(RunsView::rows_query)
            }),
            fields: runs.fields,
            drawn: runs.drawn.into(),
            folds: runs.drawn_folds.into(),
            charts: Signal::derive(move || runs.view.with(|it| it.charts.clone())),
            link: runs.link,
            set,
            put: Some(put),
            fetched: Signal::derive(move || runs.rows.with(|it| it.sync.fetched).flatten()),
        }
    }

    /// Of a project that no page of runs shows.
    /// Or why its settings can't be meant.
    pub fn of_project(here: ProjectKey, set: Memo<Settings>) -> Result<Self, (String, String)> {
        let own = untrack(|| set.with(|set| Own::of(set, &here)))?;
        let project = own.project.clone().unwrap_or(here);
        let own = Own { project: Some(project.clone()), ..own };
        let page = Signal::stored(RowsQuery::default());
        Ok(own_scope(project, own, page, Signal::stored(ChartSettings::default()), set, None))
    }

    pub fn setting(self, key: &'static str) -> Memo<String> {
        Memo::new(move |_| self.set.with(|it| it.get(key).unwrap_or_default().to_owned()))
    }

    pub fn slot_of(self, run: &RunId) -> Option<u8> {
        self.drawn.with(|all| all.iter().find(|it| it.0.id == *run).map(|it| it.1))
    }

    /// The first runs of a query, with cells.
    pub fn rows(
        self,
        ask: impl Fn() -> Option<(RowsQuery, Vec<crate::model::Field>, u32)> + 'static,
    ) -> Asked<RowsAnswer> {
        let data = expect_context::<Data>();
        let project = self.project;
        let asked = use_answer(
            move || {
                data.track(&Event::Runs(project.get_value()));
                let (query, fields, limit) = ask()?;
                let selection = Selection::First(0);
                let project = project.get_value();
                let ask = RowsAsk { project, query, fields, toggled: Vec::new(), offset: 0, limit, selection };
                Some(Question::Rows(Box::new(ask)))
            },
            |told| match told.answer {
                Answer::Rows(it) => Some(*it),
                _ => None,
            },
        );
        // Rows of another filter are none of this one's, and where nothing could be read it is not said that there
        // is nothing.
        let refused = move || {
            let it = asked.ok()?;
            let refused = it.refused.map(|it| Problem::malformed("the filter", it.message));
            refused.or(match it.sync.phase {
                Phase::Failed(problem) if it.n_cached == 0 => Some(problem),
                _ => None,
            })
        };
        let value = RwSignal::new(None);
        crate::components::react::effect(move || {
            value.set(match refused() {
                Some(problem) => Some(Err(problem)),
                None => asked.value.get(),
            });
        });
        Asked { value, busy: asked.busy }
    }
}

/// What a widget says of its runs itself.
#[derive(Clone, Debug, Default, PartialEq)]
struct Own {
    project: Option<ProjectKey>,
    filter: Option<String>,
    first: Option<u32>,
}

impl Own {
    /// Or why what it says can't be meant: its numbers must not be those of other runs. `here` is the project
    /// it stands in.
    fn of(set: &Settings, here: &ProjectKey) -> Result<Self, (String, String)> {
        // The link of a project's runs: its filter counts too.
        let linked = set.get("project").map(|it| Route::parse(it.split_once('#').map_or(it, |it| it.1)));
        let (project, filter) = match linked {
            Some(Route::Runs(mut key, view)) => {
                if key.source.as_str() == "~" {
                    key.source = here.source.clone();
                }
                (Some(key), Some(view.filter).filter(|it| !it.is_empty()))
            }
            Some(_) => {
                let text = "“Of project” takes the link of the page of a project's runs, from its address.";
                return Err(("There is no such project".into(), text.into()));
            }
            None => (None, None),
        };
        let filter = set.get("runs").map(str::to_owned).or(filter);
        for said in filter.iter().map(String::as_str).chain(set.get("baseline")) {
            if let Err(trouble) = crate::query::filter::parse(said) {
                return Err((format!("The filter can't be read: {said}"), trouble.message));
            }
        }
        let first = set.get("first").and_then(|it| it.parse().ok()).map(|it: u32| it.min(MOST_BY_RULE));
        Ok(Own { project, filter, first })
    }
}

/// The widget in its own scope where it has one, and made anew when that becomes another.
pub fn with_own(page: Scope, show: impl Fn(Scope) -> AnyView + Send + Sync + 'static) -> impl IntoView {
    let own = Memo::new(move |_| page.set.with(|set| Own::of(set, &page.project.get_value())));
    move || {
        let own = match own.get() {
            Ok(own) => own,
            Err((title, text)) => return says(&title, &text),
        };
        if own == Own::default() {
            return show(page);
        }
        let project = own.project.clone().unwrap_or_else(|| page.project.get_value());
        show(own_scope(project, own, page.query, page.charts, page.set, page.put))
    }
}

fn own_scope(
    project: ProjectKey,
    own: Own,
    of_page: Signal<RowsQuery>,
    charts: Signal<ChartSettings>,
    set: Memo<Settings>,
    put: Option<Callback<(&'static str, String)>>,
) -> Scope {
    let data = expect_context::<Data>();
    let key = StoredValue::new(project);
    let is_elsewhere = own.project.is_some();
    let query = Memo::new(move |_| {
        let page = if is_elsewhere { RowsQuery::default() } else { of_page.get() };
        let filter = own.filter.clone().unwrap_or(page.filter);
        RowsQuery { filter, sort: page.sort, lifecycle: Lifecycle::Active, group: Grouping::default() }
    });
    let eyes = Eyes::First(own.first.unwrap_or(crate::pages::route::FIRST_EYES));
    let selection = eyes.selection();
    let asked = use_answer(
        move || {
            data.track(&Event::Runs(key.get_value()));
            let (query, selection) = (query.get(), selection.clone());
            let ask = RowsAsk {
                project: key.get_value(),
                query,
                fields: Vec::new(),
                toggled: Vec::new(),
                offset: 0,
                limit: 0,
                selection,
            };
            Some(Question::Rows(Box::new(ask)))
        },
        |told| match told.answer {
            Answer::Rows(it) => Some(*it),
            _ => None,
        },
    );
    let fields = use_fields(key.get_value());
    let folds = Memo::new(move |_| asked.ok().map(|it| it.drawn_folds).unwrap_or_default());
    let drawn = Memo::new(move |_| {
        let named = asked.ok().filter(|it| it.refused.is_none()).map(|it| it.drawn).unwrap_or_default();
        let is_folded = charts.with(|it| it.folding.is_some()) || set.with(|it| it.get("seeds").is_some());
        folds.with(|folds| coloured(named, if is_folded { folds } else { &[] }, &eyes))
    });
    Scope {
        project: key,
        query: query.into(),
        fields,
        drawn: drawn.into(),
        folds: folds.into(),
        charts,
        link: Link::new(),
        set,
        put,
        fetched: Signal::derive(move || asked.ok().and_then(|it| it.sync.fetched)),
    }
}
