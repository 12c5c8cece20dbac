//! The drawn runs side by side, where they differ.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes, says, trouble};
use crate::charts::palette;
use crate::components::format;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::Run;
use crate::pages::ask::use_answer;
use crate::pages::board::spec::Settings;
use crate::pages::route::{CompareView, Route};
use crate::query::compare::diff::{self, Part, Value};

/// Side by side in a widget.
const MOST: usize = 12;
const MOST_LINES: usize = 200;

pub const KIND: Kind = Kind {
    word: "compare",
    label: "Comparison",
    about: "where the drawn runs differ",
    icon: "git-compare-arrows",
    size: (12, 10),
    settings: |_| {
        vec![Setting::new(
            "show",
            "Lines",
            Takes::Choice(&[("", "metrics and params that differ"), ("all", "all that differ")]),
            "",
        )]
    },
    title: |_, _| "Where they differ".to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let data = expect_context::<Data>();
    let keys = Memo::new(move |_| {
        let project = scope.project.get_value();
        scope.drawn.with(|all| all.iter().take(MOST).map(|it| project.run(it.0.id.clone())).collect::<Vec<_>>())
    });
    let asked = use_answer(
        move || {
            data.track(&Event::Read(scope.project.get_value()));
            let keys = keys.get();
            (!keys.is_empty()).then_some(Question::Compare(keys))
        },
        |told| match told.answer {
            Answer::Compare(it) => Some(it),
            _ => None,
        },
    );
    let shows_all = scope.setting("show");
    view! {
        {move || match asked.value.get() {
            _ if keys.with(Vec::is_empty) => says("No run is drawn", "Open the eyes of those to compare."),
            None => ().into_any(),
            Some(Err(problem)) => trouble(&problem),
            Some(Ok(told)) => {
                let runs: Vec<Run> = told.into_iter().filter_map(Result::ok).collect();
                sheet(scope, &runs, shows_all.get() == "all", keys.get())
            }
        }}
    }
    .into_any()
}

fn sheet(scope: Scope, runs: &[Run], shows_all: bool, keys: Vec<crate::model::RunKey>) -> AnyView {
    let mut lines = diff::lines(&runs.iter().collect::<Vec<_>>());
    lines.retain(|it| it.differs && (shows_all || matches!(it.part, Part::Metrics | Part::Params)));
    if lines.is_empty() {
        return says("They do not differ", "Nothing these runs logged is unlike in any of them.");
    }
    let n = lines.len();
    let heads = runs
        .iter()
        .map(|run| {
            let sample = scope.slot_of(&run.id).map_or_else(String::new, palette::sample);
            let name = if run.name.is_empty() { run.id.to_string() } else { run.name.clone() };
            view! { <th scope="col" class="num"><span class="line-sample" style=sample></span>" "<bdi>{name}</bdi></th> }
        })
        .collect_view();
    let rows = lines
        .into_iter()
        .take(MOST_LINES)
        .map(|line| {
            let best = line.best();
            let cells = line.values.iter().enumerate().map(|(i, it)| {
                let text = said(it);
                view! { <td class=if best == Some(i) { "num best" } else { "num" } title=text.clone()>{text.clone()}</td> }
            });
            view! { <tr><th scope="row"><bdi>{line.name.clone()}</bdi></th>{cells.collect_view()}</tr> }
        })
        .collect_view();
    let link = Route::Compare(CompareView { runs: keys, ..CompareView::default() }).link();
    view! {
        <div class="widget-table"><table>
            <thead><tr><th scope="col"></th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="minor widget-foot">{format::n_of(n as u64, "line")}" differ · "<a href=link>"compare in full"</a></p></div>
    }
    .into_any()
}

fn said(value: &Value) -> String {
    match value {
        Value::Missing => "–".into(),
        Value::Number(it) => format::number(*it),
        Value::NumberText(_, text) | Value::Text(text) => text.clone(),
        Value::Duration(ms) => format::duration(*ms),
        Value::Size(it) =>
        {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a file's size")]
            format::bytes(it.max(0.0) as u64)
        }
    }
}
