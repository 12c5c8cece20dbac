//! One metric of the drawn runs as a line chart: asks the engine for the picture and for the values
//! under the cursor, and words what is missing.

use std::collections::HashMap;
use std::time::Duration;

use halimede_raster::{Kind, Range};
use leptos::prelude::*;

use crate::charts::line::{Line, XKind};
use crate::charts::line_view::{LineChart, Link, Picture, Pixels, Probed, State, Value, Wish};
use crate::charts::{palette, svg};
use crate::components::format;
use crate::components::react::{effect, spawn};
use crate::components::theme::Dark;
use crate::components::{dom, words};
use crate::engine::data::{Data, Told};
use crate::engine::protocol::{
    Answer, AxisKind, Event, NamedRun, PlotAnswer, PlotAsk, PlotLine, PlotOf, Question, Seek, SeriesAsk, SeriesOf,
    Want, XAxis,
};
use crate::model::{Completeness, ProjectKey, RunId};
use crate::pages::ask::use_answer;
use crate::pages::chart_settings::ChartSettings;

/// What the tracker's own page asks for; enough for a chart of this size.
const SAMPLE: u32 = 320;
/// Columns of points of a chart that is saved.
const COLUMNS: u32 = 1200;

/// The engine's picture with the pixels beside it.
#[derive(Clone, PartialEq)]
struct Plotted {
    answer: PlotAnswer,
    pixels: Pixels,
}

fn plotted(told: Told) -> Option<Plotted> {
    let pixels = Pixels::new(told.array(0));
    match told.answer {
        Answer::Plot(answer) => Some(Plotted { answer: *answer, pixels }),
        _ => None,
    }
}

/// The place, and of each run where its point is, its value and where it is drawn.
#[derive(Clone, PartialEq)]
struct Values {
    at: f64,
    runs: Vec<RunId>,
    places: Vec<f64>,
    values: Vec<f64>,
    drawn: Vec<f64>,
}

fn values(told: Told) -> Option<Values> {
    let (places, values, drawn) = (told.numbers(0), told.numbers(1), told.numbers(2));
    match told.answer {
        Answer::Probe(at, runs) => Some(Values { at: at.unwrap_or(f64::NAN), runs, places, values, drawn }),
        _ => None,
    }
}

/// What of the page's state a chart's questions are made of.
#[derive(Clone, Copy)]
struct Chart {
    data: Data,
    project: StoredValue<ProjectKey>,
    metric: StoredValue<String>,
    drawn: Signal<Vec<(NamedRun, u8)>>,
    settings: Signal<ChartSettings>,
    want: RwSignal<Want>,
    wish: RwSignal<Wish>,
    link: Link,
}

#[component]
pub fn MetricChart(
    project: ProjectKey,
    #[prop(into)] metric: String,
    drawn: Signal<Vec<(NamedRun, u8)>>,
    link: Link,
    #[prop(optional, into)] settings: Signal<ChartSettings>,
) -> impl IntoView {
    let chart = Chart {
        data: expect_context::<Data>(),
        project: StoredValue::new(project),
        metric: StoredValue::new(metric.clone()),
        drawn,
        settings,
        want: RwSignal::new(Want::Sampled(SAMPLE)),
        wish: RwSignal::new(Wish::default()),
        link,
    };
    let dark = use_context::<Dark>();
    // A run that only changed its name needs no new picture. Pages of other runs streaming in are no
    // reason to ask again; that one ended is.
    let lines = Memo::new(move |_| drawn.get().into_iter().map(|it| (it.0.id, it.0.status, it.1)).collect::<Vec<_>>());
    let focused = Memo::new(move |_| {
        let name = link.focused.get()?;
        names(&drawn.get()).iter().position(|it| *it == name)
    });
    let asked = use_answer(
        move || {
            let lines: Vec<(RunId, u8)> = lines.get().into_iter().map(|it| (it.0, it.2)).collect();
            let dark = dark.is_some_and(|it| it.0.get());
            chart.plot_ask(&lines, focused.get(), dark).map(|it| Question::Plot(Box::new(it)))
        },
        plotted,
    );
    let probed = use_answer(
        move || {
            let at = link.at.get()?;
            asked.value.with(|it| it.as_ref().is_some_and(Result::is_ok)).then_some(())?;
            let runs = lines.get().into_iter().map(|it| it.0).collect();
            Some(Question::Probe { of: chart.of(), runs, seek: Seek::At(at) })
        },
        values,
    );
    let probed = Signal::derive(move || probed.ok().map(|it| named_values(&it, &drawn.get())));
    let busy = late(asked.busy);
    let state = Memo::new(move |_| chart.state(asked.value.get(), busy.get()));
    let step = move |right: bool| {
        let at = link.at.get_untracked();
        let runs = lines.get_untracked().into_iter().map(|it| it.0).collect();
        let question = Question::Probe {
            of: untrack(|| chart.of()),
            runs,
            seek: if right { Seek::Next(at) } else { Seek::Previous(at) },
        };
        spawn(async move {
            if let Ok(Answer::Probe(Some(x), _)) = chart.data.ask(question).await {
                let _ = link.at.try_set(Some(x));
            }
        });
    };
    let kind = Signal::derive(move || {
        let start =
            asked.value.with(|it| it.as_ref().and_then(|it| it.as_ref().ok()).map_or(0.0, |it| it.answer.points.0));
        kind_along(settings.get().x, start)
    });
    let save = move |()| spawn(chart.save_svg(untrack(|| asked.ok()).map(|it| it.answer)));
    view! {
        <LineChart title=metric state=state kind=kind link=link wish=chart.wish probed=probed
            on_step=step on_all_points=move |()| chart.want.set(Want::Full) on_svg=save />
    }
}

impl Chart {
    /// What the chart holds between two drawings.
    fn of(self) -> PlotOf {
        let settings = self.settings.get();
        let project = self.project.get_value();
        PlotOf {
            reading: self.data.count(&Event::Read(project.clone())),
            series: SeriesOf { project, metric: self.metric.get_value(), want: self.want.get(), x: settings.x },
            smooth: settings.smooth,
        }
    }

    fn plot_ask(self, lines: &[(RunId, u8)], focused: Option<usize>, dark: bool) -> Option<PlotAsk> {
        let wish = self.wish.get();
        if lines.is_empty() || wish.size.0 == 0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a line's width")]
        let wide = |css: f64| (css * wish.ratio) as f32;
        let line = |at: usize, (run, slot): &(RunId, u8)| {
            let is_focused = focused == Some(at);
            PlotLine {
                run: run.clone(),
                colour: palette::rgb(*slot, dark),
                width: wide(if is_focused {
                    2.25
                } else if focused.is_some() {
                    1.3
                } else {
                    1.5
                }),
                dash: palette::dash(*slot).iter().map(|it| wide(*it)).collect(),
                shows_raw: is_focused || (focused.is_none() && lines.len() <= 4),
            }
        };
        Some(PlotAsk {
            of: self.of(),
            lines: lines.iter().enumerate().map(|(at, it)| line(at, it)).collect(),
            top: focused.and_then(|it| u32::try_from(it).ok()),
            x: self.link.x.get(),
            y: wish.y,
            y_kind: match wish.y_kind {
                Kind::Linear => AxisKind::Linear,
                Kind::Log => AxisKind::Log,
                Kind::SymLog => AxisKind::SymLog,
            },
            clips: self.settings.get().clips,
            width: wish.size.0,
            height: wish.size.1,
        })
    }

    fn state(self, value: Option<Result<Plotted, crate::model::Problem>>, busy: bool) -> State {
        let drawn = self.drawn.get();
        if drawn.is_empty() {
            return says("No run is drawn", "Open a run's eye to see its curve.");
        }
        let plotted = match value {
            None => return State { loading: true, ..State::default() },
            Some(Err(problem)) => {
                let said = words::of(&problem);
                return says(&said.title, &said.text);
            }
            Some(Ok(it)) => it,
        };
        if plotted.answer.heads.is_empty() {
            if busy {
                return State { loading: true, ..State::default() };
            }
            let name = self.metric.get_value();
            let title = format!("None of the {} logged {name}", format::n_of(drawn.len() as u64, "drawn run"));
            return says(&title, "Other runs of this project may have.");
        }
        state_of(plotted, &drawn, busy)
    }

    /// The chart as it is seen, as paths.
    async fn save_svg(self, answer: Option<PlotAnswer>) {
        let (Some(answer), Some(drawn)) = (answer, self.drawn.try_get_untracked()) else { return };
        let of = untrack(|| self.of());
        let (x, of_x) = (of.series.x, of.series.x);
        let runs = drawn.iter().map(|it| it.0.id.clone()).collect();
        let ask = SeriesAsk { of: of.series, runs, columns: COLUMNS, smooth: of.smooth, between: Some(answer.x) };
        let Ok(told) = self.data.told(Question::Series(ask), None).await else { return };
        let (steps, times, values) = (told.numbers(0), told.numbers(1), told.numbers(2));
        let Answer::Series(heads) = told.answer else { return };
        let shown = Shown::new(&drawn);
        let line = |(run, slot): &(NamedRun, u8)| {
            let head = heads.iter().find(|it| it.run == run.id)?;
            let range = head.offset as usize..(head.offset + head.len) as usize;
            let along = if x == XAxis::Step { &steps } else { &times };
            let first = along.get(range.start).copied().filter(|_| x == XAxis::Relative).unwrap_or(0.0);
            let along = along.get(range.clone())?.iter().map(|it| it - first).collect();
            Some(Line { x: along, y: values.get(range)?.to_vec(), slot: *slot, name: shown.of(&run.id)?.0.clone() })
        };
        let lines: Vec<Line> = drawn.iter().filter_map(line).collect();
        let (x, y) = (range(answer.x), range(answer.y));
        let kind = kind_along(of_x, answer.points.0);
        let name = self.metric.try_get_value().unwrap_or_default();
        if let Some(text) = svg::line_chart(&lines, x, y, kind_of(answer.y_kind), kind) {
            dom::download(&format!("{}.svg", name.replace('/', "_")), text.as_bytes());
        }
    }
}

/// `start`: a time of the chart, whose zone is taken for all of it.
fn kind_along(x: XAxis, start: f64) -> XKind {
    match x {
        XAxis::Step => XKind::Step,
        XAxis::Relative => XKind::Relative,
        XAxis::Wall => XKind::Wall { zone: dom::zone_offset(start) },
    }
}

fn range((low, high): (f64, f64)) -> Range {
    Range { low, high }
}

fn kind_of(it: AxisKind) -> Kind {
    match it {
        AxisKind::Linear => Kind::Linear,
        AxisKind::Log => Kind::Log,
        AxisKind::SymLog => Kind::SymLog,
    }
}

/// True once it has been for a moment: what is done within a few frames shows no sign of work.
fn late(busy: RwSignal<bool>) -> RwSignal<bool> {
    const A_MOMENT: Duration = Duration::from_millis(200);
    let shown = RwSignal::new(false);
    effect(move || {
        if !busy.get() {
            if shown.get_untracked() {
                shown.set(false);
            }
            return;
        }
        set_timeout(
            move || {
                if busy.try_get_untracked() == Some(true) {
                    let _ = shown.try_set(true);
                }
            },
            A_MOMENT,
        );
    });
    shown
}

fn says(title: &str, text: &str) -> State {
    State { says: Some((title.to_owned(), text.to_owned())), ..State::default() }
}

fn state_of(plotted: Plotted, drawn: &[(NamedRun, u8)], busy: bool) -> State {
    let Plotted { answer, pixels } = plotted;
    // By their ids: the answer may be of other runs than are drawn by now.
    let shown = Shown::new(drawn);
    let most = answer.heads.iter().filter(|it| it.completeness != Completeness::Full).map(|it| it.n_points).max();
    let last = |it: &crate::engine::protocol::PlotHead| Some((shown.of(&it.run)?.0.clone(), it.last));
    let odd = answer.odd.iter().filter_map(|it| Some((shown.of(&it.0)?.1, it.1, it.2)));
    State {
        loading: busy,
        says: None,
        sampled: most.map(|it| format!("sample of {} points", format::count(it))),
        stale: answer.heads.iter().any(|it| it.stale),
        picture: Some(Picture {
            pixels,
            width: answer.width,
            height: answer.height,
            x: range(answer.x),
            y: range(answer.y),
            points: range(answer.points),
            y_kind: kind_of(answer.y_kind),
            lasts: answer.heads.iter().filter_map(last).collect(),
            odd: odd.collect(),
        }),
    }
}

fn named_values(it: &Values, drawn: &[(NamedRun, u8)]) -> Probed {
    let shown = Shown::new(drawn);
    let value = |(at, run): (usize, &RunId)| {
        // A run without the metric has no place.
        let has = it.places.get(at).is_some_and(|it| !it.is_nan());
        let (name, slot) = shown.of(run).filter(|_| has)?;
        Some(Value { name: name.clone(), slot: *slot, value: *it.values.get(at)?, drawn: *it.drawn.get(at)? })
    };
    Probed { x: it.at, values: it.runs.iter().enumerate().filter_map(value).collect() }
}

/// Names and colours of the drawn runs.
struct Shown<'a>(HashMap<&'a RunId, (String, u8)>);

impl<'a> Shown<'a> {
    fn new(drawn: &'a [(NamedRun, u8)]) -> Self {
        Self(names(drawn).into_iter().zip(drawn).map(|(name, (run, slot))| (&run.id, (name, *slot))).collect())
    }

    fn of(&self, run: &RunId) -> Option<&(String, u8)> {
        self.0.get(run)
    }
}

/// Equal names are told apart by the start of their ids.
fn names(drawn: &[(NamedRun, u8)]) -> Vec<String> {
    let mut seen = HashMap::<&str, u32>::new();
    drawn.iter().for_each(|it| *seen.entry(it.0.name.as_str()).or_default() += 1);
    let name = |(run, _): &(NamedRun, u8)| match (run.name.as_str(), seen.get(run.name.as_str())) {
        ("", _) => run.id.to_string(),
        (name, Some(1)) => name.to_owned(),
        (name, _) => format!("{name} {}", short_id(run.id.as_str())),
    };
    drawn.iter().map(name).collect()
}

pub fn short_id(id: &str) -> String {
    id.chars().take(8).collect()
}
