//! One metric of the drawn runs as a line chart: asks the engine, words what is missing.

use leptos::prelude::*;

use crate::charts::line::{Line, XKind};
use crate::charts::line_view::{LineChart, Link, State};
use crate::components::format;
use crate::components::words;
use crate::engine::data::{Data, Told};
use crate::engine::protocol::{Answer, Event, NamedRun, Question, SeriesAsk, SeriesHead, Want, XAxis};
use crate::model::{Completeness, ProjectKey};
use crate::pages::ask::use_answer;

/// What the tracker's own page asks for; enough for a chart of this size.
const SAMPLE: u32 = 320;
/// Columns of pixels a chart is drawn at, at most.
const COLUMNS: u32 = 1200;

#[derive(Clone, PartialEq)]
struct Curves {
    heads: Vec<SeriesHead>,
    steps: Vec<f64>,
    values: Vec<f64>,
}

fn curves(told: Told) -> Option<Curves> {
    let (steps, values) = (told.numbers(0), told.numbers(2));
    match told.answer {
        Answer::Series(heads) => Some(Curves { heads, steps, values }),
        _ => None,
    }
}

#[component]
pub fn MetricChart(
    project: ProjectKey,
    #[prop(into)] metric: String,
    drawn: Signal<Vec<(NamedRun, u8)>>,
    link: Link,
) -> impl IntoView {
    let data = expect_context::<Data>();
    let want = RwSignal::new(Want::Sampled(SAMPLE));
    // A run that only changed its name or colour needs no new points; one that ended does. Pages of
    // other runs streaming in are no reason to ask again.
    let runs = Memo::new(move |_| drawn.get().into_iter().map(|it| (it.0.id, it.0.status)).collect::<Vec<_>>());
    let asked = {
        let metric = metric.clone();
        use_answer(
            move || {
                data.track(&Event::Read(project.clone()));
                let runs = runs.get().into_iter().map(|it| it.0).collect();
                let ask = SeriesAsk {
                    project: project.clone(),
                    runs,
                    metric: metric.clone(),
                    want: want.get(),
                    columns: COLUMNS,
                    x: XAxis::Step,
                };
                (!ask.runs.is_empty()).then_some(Question::Series(ask))
            },
            curves,
        )
    };
    let name = metric.clone();
    let state = Memo::new(move |_| {
        let drawn = drawn.get();
        if drawn.is_empty() {
            return says("No run is drawn", "Open a run's eye to see its curve.");
        }
        match asked.value.get() {
            None => State { loading: true, ..nothing() },
            Some(Err(problem)) => {
                let said = words::of(&problem);
                says(&said.title, &said.text)
            }
            Some(Ok(curves)) => {
                let mut state = state_of(&curves, &drawn);
                state.loading = asked.busy.get();
                if state.lines.is_empty() && !state.loading {
                    let text = "Other runs of this project may have.";
                    return says(
                        &format!("None of the {} logged {name}", format::n_of(drawn.len() as u64, "drawn run")),
                        text,
                    );
                }
                state
            }
        }
    });
    view! {
        <LineChart title=metric state=state kind=XKind::Step link=link on_all_points=move |()| want.set(Want::Full) />
    }
}

fn nothing() -> State {
    State { lines: Vec::new(), loading: false, says: None, sampled: None, stale: false }
}

fn says(title: &str, text: &str) -> State {
    State { says: Some((title.to_owned(), text.to_owned())), ..nothing() }
}

fn state_of(curves: &Curves, drawn: &[(NamedRun, u8)]) -> State {
    let mut state = nothing();
    let mut most = 0;
    for (run, slot) in drawn {
        let Some(head) = curves.heads.iter().find(|it| it.run == run.id) else { continue };
        let range = head.offset as usize..(head.offset + head.len) as usize;
        let (Some(x), Some(y)) = (curves.steps.get(range.clone()), curves.values.get(range)) else { continue };
        let name = if run.name.is_empty() { run.id.to_string() } else { run.name.clone() };
        let twin = drawn.iter().any(|it| it.0.name == run.name && it.0.id != run.id);
        // Equal names are told apart by the start of their ids.
        let name = if twin { format!("{name} {}", short_id(run.id.as_str())) } else { name };
        state.lines.push(Line { x: x.to_vec(), y: y.to_vec(), slot: *slot, name });
        state.stale |= head.stale;
        if head.completeness != Completeness::Full {
            most = most.max(head.n_points);
        }
    }
    if most > 0 {
        state.sampled = Some(format!("sample of {} points", format::count(most)));
    }
    state
}

pub fn short_id(id: &str) -> String {
    id.chars().take(8).collect()
}
