//! A run at a glance, and its metrics as a grid of charts.

use leptos::prelude::*;

use crate::charts::line::Line;
use crate::charts::line_state::Link;
use crate::charts::spark::Spark;
use crate::components::copy::CopyButton;
use crate::components::each::each;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::markdown::Markdown;
use crate::components::on_screen::OnScreen;
use crate::engine::protocol::{Answer, NamedRun, Question, RunAnswer, SeriesAsk, SeriesOf, Want, XAxis};
use crate::model::order::sort_by_key;
use crate::model::{MetricValue, RunKey};
use crate::pages::ask::use_answer;
use crate::pages::edit::{EditButton, OfRun, What};
use crate::pages::metric_chart::MetricChart;
use crate::pages::route::{Route, RunView, Tab};
use crate::pages::runs::StatusMark;

const MOST_TILES: usize = 8;

fn by_weight(metrics: &[(String, MetricValue)]) -> Vec<(String, MetricValue)> {
    let mut sorted = metrics.to_vec();
    sort_by_key(&mut sorted, |it| {
        (it.0.starts_with("system/"), !(it.0.contains("val") || it.0.contains("test")), it.0.clone())
    });
    sorted
}

#[component]
pub fn Overview(answer: RunAnswer, key: RunKey, link: Link) -> impl IntoView {
    let run = answer.run;
    let metrics = by_weight(&run.metrics);
    let more = metrics.len().saturating_sub(MOST_TILES);
    let all = Route::Run(key.clone(), RunView { tab: Tab::Metrics, file: None }).link();
    let named = NamedRun { id: run.id.clone(), name: run.name.clone(), status: run.status };
    let first: Vec<String> = metrics.iter().take(2).map(|it| it.0.clone()).collect();
    let project = key.project_key();
    let charts: Vec<_> = first
        .into_iter()
        .map(|metric| {
            let drawn = vec![(named.clone(), 0)];
            view! { <div class="part" style="height:280px;display:flex"><div style="flex:1;display:grid">
                <MetricChart project=project.clone() metric=metric drawn=Signal::derive(move || drawn.clone()) link=link /></div></div> }
        })
        .collect();
    let children =
        (!answer.children.is_empty()).then(|| view! { <Children key=key.clone() children=answer.children /> });
    let user_tags: Vec<(String, String)> = run.tags.iter().filter(|it| !it.0.starts_with("mlflow.")).cloned().collect();
    view! {
        <div class="tiles">
            {metrics.into_iter().take(MOST_TILES).map(|it| view! { <Tile key=key.clone() metric=it.0 value=it.1 link=all.clone() /> }).collect_view()}
            {(more > 0).then(|| view! { <a class="tile" href=all.clone()><div class="name">"and"</div><div class="big">{format!("{} more", format::count(more as u64))}</div><div class="at">"metrics"</div></a> })}
        </div>
        <div class="cols">
            <section>{charts}{children}</section>
            <section>
                <Note note=run.note />
                <div class="part"><h2>"Params"<span class="n">{run.params.len()}</span></h2><Pairs pairs=run.params empty="This run logged no param." /></div>
                {(!run.datasets.is_empty()).then(|| {
                    let pairs: Vec<(String, String)> = run.datasets.iter().map(|it| (format!("{} {}", it.name, it.context), it.digest.clone())).collect();
                    view! { <div class="part"><h2>"Inputs"<span class="n">{pairs.len()}</span></h2><Pairs pairs=pairs empty="" /></div> }
                })}
                <div class="part"><h2>"Tags"<span class="n">{user_tags.len()}</span></h2><Tags tags=user_tags empty="This run has no tag." /></div>
            </section>
        </div>
    }
}

#[component]
fn Note(note: Option<String>) -> impl IntoView {
    let of_run = expect_context::<OfRun>();
    let shown = note.clone().filter(|it| !it.trim().is_empty());
    let (is_empty, held) = (shown.is_none(), StoredValue::new(note));
    view! {
        <Show when=move || of_run.can.get() || !is_empty>
            <div class="part">
                <h2>"Note"<EditButton label=if is_empty { "Write a note" } else { "Edit the note" } what=What::Note(held.get_value()) /></h2>
                {match held.get_value().filter(|it| !it.trim().is_empty()) {
                    Some(note) => view! { <Markdown text=note /> }.into_any(),
                    None => view! { <p class="minor" style="padding:0 16px 12px">"No note yet."</p> }.into_any(),
                }}
            </div>
        </Show>
    }
}

/// Tags, each with a pencil where they can be changed.
#[component]
pub fn Tags(tags: Vec<(String, String)>, empty: &'static str) -> impl IntoView {
    let of_run = expect_context::<OfRun>();
    let open = move |what: What| of_run.open(what);
    view! {
        <Pairs pairs=tags empty=empty edit=Callback::new(move |(key, value): (String, String)| open(What::Tag { key, value: Some(value) })) />
        <Show when=move || of_run.can.get()>
            <div style="padding:4px 16px 12px"><button class="button" on:click=move |_| open(What::Tag { key: String::new(), value: None })><Icon name="tag" />"Set a tag"</button></div>
        </Show>
    }
}

#[component]
fn Children(key: RunKey, children: Vec<NamedRun>) -> impl IntoView {
    let n = children.len();
    view! {
        <div class="part">
            <h2>"Children"<span class="n">{format::count(n as u64)}</span></h2>
            <ul class="list">
                {children.into_iter().map(|it| {
                    let link = Route::Run(key.project_key().run(it.id.clone()), RunView::default()).link();
                    view! { <li><a class="line" style="min-height:26px;padding:3px 16px" href=link><StatusMark status=it.status /><bdi class="cut">{it.name}</bdi></a></li> }
                }).collect_view()}
            </ul>
        </div>
    }
}

/// Last value, its step, and the course so far.
#[component]
fn Tile(key: RunKey, metric: String, value: MetricValue, link: String) -> impl IntoView {
    let name = metric.clone();
    let asked = use_answer(
        move || {
            Some(Question::Series(SeriesAsk {
                of: SeriesOf {
                    project: key.project_key(),
                    metric: metric.clone(),
                    want: Want::Sampled(320),
                    x: XAxis::Step,
                },
                runs: vec![key.run.clone()],
                columns: 96,
                smooth: Default::default(),
                between: None,
            }))
        },
        |told| {
            let (x, y) = (told.numbers(0), told.numbers(2));
            matches!(told.answer, Answer::Series(_)).then_some((x, y))
        },
    );
    let line = Signal::derive(move || {
        let (x, y) = asked.ok()?;
        (x.len() > 1).then(|| Line { x, y, ..Line::default() })
    });
    view! {
        <a class="tile" href=link title=format!("{} at step {}", format::exact(value.value), format::exact(value.step))>
            <div class="name"><bdi>{name}</bdi>" "<span class="minor">"last"</span></div>
            <div class="row">
                <div>
                    <div class="big">{format::number(value.value)}</div>
                    <div class="at">{format!("@{}", format::number(value.step))}</div>
                </div>
                <Spark line=line />
            </div>
        </a>
    }
}

#[component]
pub fn Metrics(answer: RunAnswer, key: RunKey, link: Link) -> impl IntoView {
    let run = answer.run;
    if run.metrics.is_empty() {
        return view! { <p class="empty">"This run logged no metric."</p> }.into_any();
    }
    let named = NamedRun { id: run.id.clone(), name: run.name.clone(), status: run.status };
    let search = RwSignal::new(String::new());
    let names: Vec<String> = by_weight(&run.metrics).into_iter().map(|it| it.0).collect();
    let found = Memo::new(move |_| {
        let word = search.get().to_lowercase();
        names.iter().filter(|it| it.to_lowercase().contains(&word)).cloned().collect::<Vec<_>>()
    });
    let project = StoredValue::new(key.project_key());
    let named = StoredValue::new(named);
    view! {
        <div class="bar filter"><div class="search"><crate::components::icon::Icon name="search" />
            <input class="input" type="search" placeholder="Find a metric" aria-label="Find a metric" bind:value=search /></div>
            <span class="minor" role="status">{move || format::n_of(found.get().len() as u64, "metric")}</span>
        </div>
        <div class="charts">
            {each(move || found.get(), String::clone, move |metric| view! {
                <OnScreen><MetricChart project=project.get_value() metric=metric.clone()
                    drawn=Signal::derive(move || vec![(named.get_value(), 0)]) link=link /></OnScreen>
            }.into_any())}
        </div>
    }
    .into_any()
}

/// Longer texts are folded until asked for.
const FOLD: usize = 600;

#[component]
pub fn Pairs(
    pairs: Vec<(String, String)>,
    empty: &'static str,
    /// Opens the change of a pair.
    #[prop(optional)]
    edit: Option<Callback<(String, String)>>,
) -> impl IntoView {
    let can = edit.and_then(|edit| Some((edit, use_context::<OfRun>()?.can)));
    if pairs.is_empty() {
        return view! { <p class="minor" style="padding:0 16px 12px">{empty}</p> }.into_any();
    }
    let row = |(key, value): (String, String)| {
        let is_long = value.chars().count() > FOLD;
        let open = RwSignal::new(!is_long);
        let pair = StoredValue::new((key.clone(), value.clone()));
        let pencil = can.map(|(edit, can)| view! {
            <Show when=move || can.get()>
                <button class="button quiet square pencil" aria-label=format!("Change {}", pair.get_value().0) title="Change"
                    on:click=move |_| edit.run(pair.get_value())><Icon name="pencil" /></button>
            </Show>
        });
        let (short, long) = (crate::model::problem::shortened(&value, FOLD), value.clone());
        view! {
            <tr>
                <th scope="row" title=key.clone()><bdi>{crate::model::problem::shortened(&key, 300)}</bdi></th>
                <td><bdi>{move || if open.get() { long.clone() } else { short.clone() }}</bdi>
                    {is_long.then(|| view! { " "<button class="more" on:click=move |_| open.update(|it| *it = !*it)>{move || if open.get() { "less" } else { "all of it" }}</button> })}
                    {pencil}
                </td>
            </tr>
        }
    };
    let csv = pairs.iter().map(|(key, value)| format!("{key}\t{value}")).collect::<Vec<_>>().join("\n");
    view! {
        <div style="position:relative">
            <div style="position:absolute;right:6px;top:-29px"><CopyButton text=csv what="these as text" quiet=true /></div>
            <table class="kv"><tbody>{pairs.into_iter().map(row).collect_view()}</tbody></table>
        </div>
    }
    .into_any()
}
