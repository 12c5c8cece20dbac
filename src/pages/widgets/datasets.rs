//! Which datasets the runs used, and how many runs each.

use leptos::prelude::*;

use super::{Kind, Scope, says, trouble};
use crate::components::format;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question};
use crate::model::Field;
use crate::pages::ask::use_answer;
use crate::pages::board::spec::Settings;
use crate::query::distribution::Value;

pub const KIND: Kind = Kind {
    word: "datasets",
    label: "Datasets",
    about: "which data the runs used",
    icon: "database",
    size: (4, 6),
    settings: |_| Vec::new(),
    title: |_, _| "Datasets".to_owned(),
    first: |_, _| Settings::default(),
    show: |_, scope| show(scope),
    has_runs: true,
};

fn show(scope: Scope) -> AnyView {
    let data = expect_context::<Data>();
    let asked = use_answer(
        move || {
            let project = scope.project.get_value();
            data.track(&Event::Runs(project.clone()));
            Some(Question::Distribution { project, query: scope.query.get(), field: Field::Dataset })
        },
        |told| match told.answer {
            Answer::Distribution(it) => Some(it),
            _ => None,
        },
    );
    view! {
        {move || match asked.value.get() {
            None => ().into_any(),
            Some(Err(problem)) => trouble(&problem),
            Some(Ok(it)) if it.bars.is_empty() => says("No dataset", "None of these runs logged which data it used."),
            Some(Ok(it)) => {
                let most = it.bars.iter().map(|it| it.n).max().unwrap_or(1).max(1);
                let lines = it.bars.into_iter().map(|bar| {
                    let name = match bar.what {
                        Value::Text(it) => it,
                        Value::Number(it) => format::number(it),
                        Value::Range(a, b) => format!("{} … {}", format::number(a), format::number(b)),
                    };
                    let width = format!("width:{:.1}%", 100.0 * f64::from(bar.n) / f64::from(most));
                    view! {
                        <li><span class="cut" title=name.clone()><bdi>{name.clone()}</bdi></span><span class="value">{format::n_of(bar.n, "run")}</span>
                            <span class="share" style=width></span></li>
                    }
                }).collect_view();
                let mut rest = Vec::new();
                if it.n_others > 0 {
                    rest.push(format!("{} with others", format::n_of(it.n_others, "run")));
                }
                if it.n_missing > 0 {
                    rest.push(format!("{} without any", format::n_of(it.n_missing, "run")));
                }
                view! { <ul class="widget-bars">{lines}</ul><p class="minor widget-foot">{rest.join(" · ")}</p> }.into_any()
            }
        }}
    }
    .into_any()
}
