//! One metric of the drawn runs as a line chart: asks the engine for the picture and for the values
//! under the cursor, and words what is missing.

mod drawn;
mod over;
mod own;
mod save;
mod table;

use std::cell::Cell;
use std::sync::Arc;

pub use drawn::short_id;
use drawn::{One, Shown, ones};
use halimede_raster::{Kind, Range};
use leptos::prelude::*;
pub use own::Own;
use own::OwnMenu;

use crate::charts::ends::{self, End};
use crate::charts::line::XKind;
use crate::charts::line_state::{Key, Link, Picture, State, Wish};
use crate::charts::line_view::LineChart;
use crate::charts::palette;
use crate::charts::probed::{Probed, Value};
use crate::charts::save::File;
use crate::charts::spread::{self, Style};
use crate::components::format;
use crate::components::on_screen::Near;
use crate::components::react::{effect, late, spawn};
use crate::components::theme::Dark;
use crate::components::{dom, words};
use crate::engine::data::{Data, Told};
use crate::engine::protocol::{
    Answer, AxisKind, Drawing, Event, NamedRun, PlotAnswer, PlotAsk, PlotHead, PlotLine, PlotLook, PlotOf, PlotView,
    Question, Seek, SeriesOf, Want, XAxis,
};
use crate::handover::Pixels;
use crate::model::{Completeness, ProjectKey, RunId, Status};
use crate::pages::ask::use_answer;
use crate::pages::chart_settings::{ChartSettings, Size};
use crate::pages::chart_spec::ChartSpec;
use crate::query::derived::MARK;
use crate::query::smooth::Smooth;

/// What the tracker's own page asks for; enough for a chart of this size.
const SAMPLE: u32 = 320;
/// Among more lines nobody counts the points of one, and they are there sooner: enough while they are drawn as they
/// are along steps, where what is seen from near is read anew.
const MANY: usize = 40;
const SAMPLE_OF_MANY: u32 = 160;

/// The engine's picture, what it is of, and what is known of its lines.
#[derive(Clone, PartialEq)]
struct Plotted {
    pixels: Pixels,
    answer: PlotAnswer,
    drawing: Arc<Drawing>,
}

/// Of each line where its point is, its value, where it is drawn, and from where to where it spreads.
#[derive(Clone, PartialEq)]
struct Values {
    drawing: u32,
    at: f64,
    places: Vec<f64>,
    values: Vec<f64>,
    drawn: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

fn values(told: Told) -> Option<Values> {
    let [places, values, drawn, low, high] = [0, 1, 2, 3, 4].map(|it| told.numbers(it));
    let Answer::Probe { drawing, at } = told.answer else { return None };
    Some(Values { drawing, at: at.unwrap_or(f64::NAN), places, values, drawn, low, high })
}

/// A drawing under its number.
type Numbered = (u32, Arc<Drawing>);

fn next_number() -> u32 {
    thread_local! {
        static LAST: Cell<u32> = const { Cell::new(0) };
    }
    LAST.set(LAST.get().wrapping_add(1));
    LAST.get()
}

/// What a picture turns on: a run, whether it goes on, its colour, and who is drawn with it.
type Drawn = (RunId, Status, u8, Vec<RunId>);

/// What of the page's state a chart's questions are made of.
#[derive(Clone, Copy)]
struct Chart {
    data: Data,
    project: StoredValue<ProjectKey>,
    metric: StoredValue<String>,
    drawn: Memo<Arc<Vec<One>>>,
    settings: Signal<ChartSettings>,
    /// Every point, whatever it takes.
    wants_all: RwSignal<bool>,
    /// Few runs were drawn in it before: more of them are read as those were.
    was_of_few: StoredValue<bool>,
    wish: RwSignal<Wish>,
    link: Link,
    near: Option<Near>,
    style: Memo<Style>,
    is_dark: Memo<bool>,
    /// The lines' last values stand beside them.
    has_ends: Memo<bool>,
    /// The drawing that the engine knows, and what it said of its lines.
    said: RwSignal<(u32, Arc<[PlotHead]>)>,
}

#[component]
pub fn MetricChart(
    project: ProjectKey,
    #[prop(into)] metric: String,
    drawn: Signal<Vec<(NamedRun, u8)>>,
    /// Of each run what it shares with those that may be drawn with it as one.
    #[prop(optional, into)]
    folds: Signal<Vec<u64>>,
    link: Link,
    #[prop(optional, into)] settings: Signal<ChartSettings>,
    /// Kept by the page; else as long as the chart stands.
    #[prop(optional)]
    own: Option<Own>,
) -> impl IntoView {
    let held = RwSignal::new(ChartSpec::of(&metric));
    let own =
        own.unwrap_or(Own { is_in_grid: false, spec: held.into(), change: Callback::new(move |it| held.set(it)) });
    // Where a page keeps what is seen of it, and how large it is, is no news here: nothing is asked for again.
    let settings: Signal<ChartSettings> =
        Memo::new(move |_| ChartSettings { seen: None, size: Size::default(), ..settings.get() }).into();
    let folding = Memo::new(move |_| settings.get().folding);
    let each = drawn;
    let drawn = Memo::new(move |_| {
        let folds = folds.get();
        Arc::new(ones(&each.get(), if folding.get().is_some() { &folds } else { &[] }))
    });
    let dark = use_context::<Dark>();
    let style = Memo::new(move |_| own.spec.get().style);
    // Along another metric a line does not end with its last value.
    let has_ends = Memo::new(move |_| {
        let is_few = (1..=ends::MOST).contains(&drawn.with(|it| it.len()));
        is_few && style.get() == Style::Lines && settings.with(|it| !matches!(it.x, XAxis::Metric(_)))
    });
    let chart = Chart {
        data: expect_context::<Data>(),
        project: StoredValue::new(project),
        metric: StoredValue::new(metric.clone()),
        drawn,
        settings,
        wants_all: RwSignal::new(false),
        was_of_few: StoredValue::new(false),
        wish: RwSignal::new(Wish { y: own.spec.get_untracked().seen, ..Wish::default() }),
        link,
        near: use_context::<Near>(),
        style,
        has_ends,
        is_dark: Memo::new(move |_| dark.is_some_and(|it| it.0.get())),
        said: RwSignal::new((0, Arc::new([]))),
    };
    own.keep_seen(chart.wish);
    // A run that only changed its name needs no new picture. Pages of other runs streaming in are no
    // reason to ask again; that one ended is.
    let lines = Memo::new(move |_| {
        let drawn = drawn.get();
        drawn.iter().map(|it| (it.run.id.clone(), it.run.status, it.slot, it.others.clone())).collect::<Vec<_>>()
    });
    let shown = Memo::new(move |_| Arc::new(Shown::new(&drawn.get())));
    let focused = Memo::new(move |_| {
        let name = link.focused.get()?;
        let shown = shown.get();
        let is_it = |it: &Drawn| shown.of(&it.0).is_some_and(|it| *it.0 == *name);
        let at = lines.with(|all| all.iter().position(is_it));
        at.and_then(|it| u32::try_from(it).ok())
    });
    let ratio = Memo::new(move |_| chart.wish.get().ratio);
    let drawing = Memo::new(move |old: Option<&Numbered>| {
        let ratio = ratio.get();
        let made_of = lines.with(|lines| chart.drawing(lines, ratio, chart.is_dark.get()));
        match old.filter(|it| *it.1 == made_of) {
            Some(same) => same.clone(),
            None => (next_number(), Arc::new(made_of)),
        }
    });
    // By itself: an effect that looks at the settings, and at what depends on them besides, misses their changes.
    let view = Memo::new(move |_| chart.view());
    // Of a restarted engine, or what could not be read.
    let again = RwSignal::new(0u32);
    // The same picture is asked for again while there is more for it.
    let more = RwSignal::new(None::<(u32, PlotView)>);
    let last = StoredValue::new(None::<(u32, PlotView)>);
    let asked = use_answer(
        move || {
            again.track();
            if !chart.is_near() {
                return None;
            }
            let (number, made_of) = drawing.get();
            let view = view.get()?;
            let (known, heads) = chart.said.get_untracked();
            let is_known = known == number;
            let n_heads = if is_known { u32::try_from(heads.len()).unwrap_or(u32::MAX) } else { 0 };
            let made_of = (!is_known).then(|| (*made_of).clone()).filter(|it| !it.lines.is_empty());
            last.set_value(Some((number, view.clone())));
            let goes_on = more.with(|it| it.as_ref().is_some_and(|it| it.0 == number && it.1 == view));
            (is_known || made_of.is_some())
                .then(|| Question::Plot(Box::new(PlotAsk { drawing: number, made_of, n_heads, view, goes_on })))
        },
        move |told| {
            let pixels = told.pixels(0);
            match told.answer {
                Answer::Plot(mut answer) => {
                    if let Some(heads) = answer.heads.take() {
                        let _ = chart.said.try_set((answer.drawing, heads.into()));
                    }
                    let (number, drawing) = drawing.try_get_untracked()?;
                    if answer.left && answer.drawing == number {
                        let _ = more.try_set(last.try_get_value().flatten());
                    }
                    Some(Some(Plotted { pixels: pixels?, answer: *answer, drawing }))
                }
                Answer::NoDrawing(_) => {
                    let _ = chart.said.try_set((0, Arc::new([])));
                    let _ = again.try_update(|it| *it = it.wrapping_add(1));
                    Some(None)
                }
                _ => None,
            }
        },
    );
    let over = chart.over(focused, drawing, view, asked);
    // What nobody sees needs no memory; near the screen it is asked for again. Where no run is drawn, the next that is
    // has nothing of those before.
    let is_empty = Memo::new(move |_| lines.with(Vec::is_empty));
    effect(move || {
        if (!chart.is_near() || is_empty.get()) && asked.value.with_untracked(Option::is_some) {
            asked.value.set(None);
        }
    });
    let probed = use_answer(
        move || {
            let at = link.at.get().filter(|_| chart.is_near())?;
            let number = drawing.get().0;
            (chart.said.with(|it| it.0) == number).then_some(Question::Probe { drawing: number, seek: Seek::At(at) })
        },
        values,
    );
    let probed = Memo::new(move |_| {
        let values = probed.ok()?;
        let (number, drawing) = drawing.get();
        (values.drawing == number).then(|| named_values(&values, &drawing, &shown.get()))
    });
    let busy = late(asked.busy);
    let lasts = Memo::new(move |_| {
        let (shown, (_, drawing)) = (shown.get(), drawing.get());
        let end = |it: &PlotHead| {
            let (name, slot) = shown.of(&drawing.lines.get(it.line as usize)?.run)?.clone();
            Some(End { name: name.to_string(), slot, x: it.end.0, y: it.end.1, value: it.last, band: it.band })
        };
        chart.said.with(|it| it.1.iter().filter_map(end).collect::<Arc<[_]>>())
    });
    let state = Memo::new(move |_| chart.state(asked.value.get(), busy.get(), &shown.get(), lasts.get()));
    let step = move |right: bool| {
        // A point at the very edge is the first.
        let edge = |it: (f64, f64)| if right { it.0.next_down() } else { it.1.next_up() };
        // A log axis has no place for what is not positive.
        let drawn = untrack(|| asked.ok()).flatten().map(|it| it.answer).filter(|it| it.x_kind == AxisKind::Log);
        let low = drawn.map(|it| it.x.0.next_down());
        // Where nothing is marked it begins with what is seen.
        let seen = link.x.get_untracked().map(edge).or_else(|| low.filter(|_| right));
        let at = link.at.get_untracked().or(seen);
        let question = Question::Probe {
            drawing: drawing.get_untracked().0,
            seek: if right { Seek::Next(at) } else { Seek::Previous(at) },
        };
        spawn(async move {
            if let Ok(Answer::Probe { at: Some(x), .. }) = chart.data.ask(question).await {
                let has_place = low.is_none() || x > 0.0;
                if has_place {
                    let _ = link.at.try_set(Some(x));
                    // What is seen goes along.
                    if let Some(seen) = link.x.try_get_untracked().flatten().filter(|it| x < it.0 || x > it.1) {
                        let edge = if right { seen.1 } else { seen.0 };
                        let room = (seen.1 - seen.0) * if right { 0.3 } else { -0.3 };
                        let (aside, times) = if low.is_some() { (0.0, x / edge) } else { (x - edge + room, 1.0) };
                        let _ = link.x.try_set(Some((seen.0 * times + aside, seen.1 * times + aside)));
                    }
                }
            }
        });
    };
    let is_table = RwSignal::new(false);
    let table = chart.table(each, is_table.into());
    let kind = Memo::new(move |_| {
        let start = asked
            .value
            .with(|it| it.as_ref().and_then(|it| it.as_ref().ok()?.as_ref()).map_or(0.0, |it| it.answer.points.0));
        kind_along(&settings.get().x, start)
    });
    let choose_kind = move |kind: Option<Kind>| own.change(|it| (it.y, it.seen) = (kind.map(AxisKind::from), None));
    let save = move |file: File| spawn(chart.save(file, untrack(|| asked.ok()).flatten().map(|it| it.answer)));
    view! {
        <LineChart title=metric state=state over=over kind=kind link=link wish=chart.wish probed=probed
            on_step=step on_all_points=move |()| chart.wants_all.set(true) on_file=save
            on_again=move |()| again.update(|it| *it = it.wrapping_add(1))
            is_table=is_table table=table
            has_ends=has_ends
            y_kind=Signal::derive(move || own.spec.get().y.map(Kind::from))
            on_kind=choose_kind
            menu=move || own.is_in_grid.then(|| view! { <OwnMenu own=own /> }) />
    }
}

impl Chart {
    /// What is away from the screen asks for nothing.
    fn is_near(self) -> bool {
        self.near.is_none_or(|it| it.0.get())
    }

    /// What was logged once is no curve.
    fn is_single(self) -> bool {
        let heads = self.said.get().1;
        self.style.get() == Style::Lines && !heads.is_empty() && heads.iter().all(|it| it.n_points <= 1)
    }

    /// What the chart holds between two drawings.
    fn of(self) -> PlotOf {
        let settings = self.settings.get();
        let project = self.project.get_value();
        let want = self.want(&settings);
        PlotOf {
            reading: self.data.count(&Event::Read(project.clone())),
            series: SeriesOf { project, metric: self.metric.get_value(), want, x: settings.x },
            smooth: settings.smooth,
        }
    }

    fn want(self, settings: &ChartSettings) -> Want {
        let n_runs = self.drawn.with(|it| it.iter().map(|it| 1 + it.others.len()).sum::<usize>());
        let is_plain = settings.smooth == Smooth::None && settings.x == XAxis::Step;
        if n_runs > 0 && (n_runs <= MANY || !is_plain) {
            self.was_of_few.set_value(true);
        }
        match (self.wants_all.get(), self.was_of_few.get_value()) {
            (true, _) => Want::Full,
            (false, true) => Want::Sampled(SAMPLE),
            (false, false) => Want::Sampled(SAMPLE_OF_MANY),
        }
    }

    fn drawing(self, lines: &[Drawn], ratio: f64, is_dark: bool) -> Drawing {
        let line = |(run, _, slot, others): &Drawn| PlotLine {
            run: run.clone(),
            others: others.clone(),
            colour: palette::rgb(*slot, is_dark),
            dash: palette::dash(*slot).iter().map(|it| wide(*it, ratio)).collect(),
        };
        Drawing { of: self.of(), folding: self.settings.get().folding, lines: lines.iter().map(line).collect() }
    }

    /// All lines as the person wishes to see them.
    fn view(self) -> Option<PlotView> {
        let wish = self.wish.get();
        let (width, height) = wish.pixels(self.has_ends.get())?;
        Some(PlotView {
            only: None,
            line_width: wide(1.5, wish.ratio),
            x: self.link.x.get(),
            y: wish.y,
            x_kind: self.settings.with(ChartSettings::x_kind),
            y_kind: wish.y_kind.into(),
            clips: self.settings.get().clips,
            width,
            height,
            look: look(self.style.get(), wish.ratio, self.is_dark.get()),
        })
    }

    fn state(
        self,
        value: Option<Result<Option<Plotted>, crate::model::Problem>>,
        busy: bool,
        shown: &Shown,
        lasts: Arc<[End]>,
    ) -> State {
        let n_drawn = self.drawn.with(|it| it.iter().map(|it| 1 + it.others.len()).sum::<usize>());
        if n_drawn == 0 {
            return says(
                "No run is drawn",
                "Open a run's eye to see its curve; where none is listed, change the filter.",
            );
        }
        let plotted = match value {
            None | Some(Ok(None)) => return State { loading: true, ..State::default() },
            Some(Err(problem)) => {
                let said = words::of(&problem);
                return says(&said.title, &said.text);
            }
            Some(Ok(Some(it))) => it,
        };
        let heads = self.said.get().1;
        if heads.is_empty() {
            if busy || plotted.answer.left {
                return State { loading: true, ..State::default() };
            }
            let name = self.metric.get_value();
            let whose = if n_drawn == 1 {
                "The drawn run has no".into()
            } else {
                format!("None of the {n_drawn} drawn runs has")
            };
            let why = match name.starts_with(MARK) {
                true => "Each name in it has to be a metric that they logged.",
                false => "Other runs of this project may have it.",
            };
            return says(&format!("{whose} {name}"), why);
        }
        let key = plotted.answer.most.filter(|it| *it > 1).map(|most| Key {
            gradient: spread::gradient(self.is_dark.get()),
            most: spread::most_of(most, heads.len()),
        });
        let is_single = self.is_single();
        let mut state = state_of(plotted, &heads, shown, lasts, busy);
        if let Some(picture) = state.picture.as_mut().filter(|_| is_single) {
            picture.is_single = true;
            // Wherever along x the curves are seen.
            state.says = None;
        }
        State { key, ..state }
    }
}

/// `start`: a time of the chart, whose zone is taken for all of it.
fn kind_along(x: &XAxis, start: f64) -> XKind {
    match x {
        XAxis::Step => XKind::Step,
        XAxis::Metric(_) => XKind::Metric,
        XAxis::Relative => XKind::Relative,
        XAxis::Wall => XKind::Wall { zone: dom::zone_offset(start) },
    }
}

fn look(style: Style, ratio: f64, is_dark: bool) -> PlotLook {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few pixels")]
    let pixels = |css: f64| (css * ratio).round() as u32;
    match style {
        Style::Lines => PlotLook::Lines,
        Style::Heat => PlotLook::Heat { cell: pixels(spread::CELL), ramp: spread::ramp(is_dark) },
        Style::Ridges => PlotLook::Ridges { apart: pixels(spread::APART), colour: palette::rgb(0, is_dark) },
    }
}

/// In device pixels.
#[expect(clippy::cast_possible_truncation, reason = "a line's width")]
fn wide(css: f64, ratio: f64) -> f32 {
    (css * ratio) as f32
}

fn range((low, high): (f64, f64)) -> Range {
    Range { low, high }
}

fn says(title: &str, text: &str) -> State {
    State { says: Some((title.to_owned(), text.to_owned())), ..State::default() }
}

fn state_of(plotted: Plotted, heads: &[PlotHead], shown: &Shown, lasts: Arc<[End]>, busy: bool) -> State {
    let Plotted { answer, pixels, drawing } = plotted;
    let most = heads.iter().filter(|it| it.completeness != Completeness::Full).map(|it| it.n_points).max();
    let odd = answer
        .odd
        .iter()
        .filter_map(|(line, x, value)| Some((shown.of(&drawing.lines.get(*line as usize)?.run)?.1, *x, *value)));
    State {
        loading: busy,
        says: (answer.is_empty && !answer.left)
            .then(|| ("No curve passes here".into(), "A double click, or reset zoom above, shows all of them.".into())),
        sampled: most.map(|it| format!("sample of {} points", format::count(it))),
        stale: heads.iter().any(|it| it.stale),
        missed: answer.trouble.as_ref().map(|it| words::of(it).text),
        key: None,
        picture: Some(Picture { lasts, odd: odd.collect(), ..picture(pixels, &answer) }),
    }
}

fn picture(pixels: Pixels, answer: &PlotAnswer) -> Picture {
    Picture {
        pixels,
        width: answer.width,
        height: answer.height,
        x: (range(answer.x), answer.x_kind.into()),
        y: (range(answer.y), answer.y_kind.into()),
        points: range(answer.points),
        lasts: Arc::new([]),
        odd: Vec::new(),
        is_single: false,
    }
}

fn named_values(it: &Values, drawing: &Drawing, shown: &Shown) -> Probed {
    let value = |(at, line): (usize, &PlotLine)| {
        // A run without the metric has no place.
        let x = it.places.get(at).copied().filter(|it| !it.is_nan())?;
        let (name, slot) = shown.of(&line.run)?;
        let band = it.low.get(at).copied().zip(it.high.get(at).copied()).filter(|it| !it.0.is_nan() && !it.1.is_nan());
        Some(Value { name: name.clone(), slot: *slot, x, value: *it.values.get(at)?, drawn: *it.drawn.get(at)?, band })
    };
    Probed::new(it.at, drawing.lines.iter().enumerate().filter_map(value).collect())
}
