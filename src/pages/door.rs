//! A door for programs: `window.halimede`. Tests and notebooks use it; it asks the same questions
//! as the pages. Every call gives a promise of plain objects and typed arrays.

use std::pin::Pin;

use js_sys::{Array, Float64Array, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::nav::Nav;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Phase, Question, RowsAnswer, RowsAsk, SeriesAsk, SeriesOf, Want, XAxis};
use crate::model::{Auth, Completeness, Field, Health, Lifecycle, Problem, ProjectKey, RunId, SourceInfo};
use crate::query::cells::{Cell, Fold, FoldKind};
use crate::query::group::Grouping;
use crate::query::rows::{RowsQuery, Sort};
use crate::query::selection::Selection;

/// Raised when a call changes in a way that breaks programs.
const VERSION: &str = "1";

type Js<T> = Result<T, JsValue>;

pub fn open(data: Data, _nav: Nav) {
    let door = Object::new();
    set(&door, "version", &VERSION.into());
    method0(&door, "ready", move || async move {
        data.ask(Question::Sources).await.map_err(error)?;
        Ok(true.into())
    });
    method0(&door, "sources", move || async move {
        match data.ask(Question::Sources).await.map_err(error)? {
            Answer::Sources(all) => Ok(list(all.iter().map(source))),
            _ => Ok(JsValue::NULL),
        }
    });
    method0(&door, "status", move || async move { status(data).await });
    method(&door, "connect", move |args| async move {
        let first = crate::sources::servers().next().map_or("", |it| it.name);
        let kind = get(&args.get(1), "kind").as_string().unwrap_or_else(|| first.to_owned());
        let question = Question::Connect { kind, address: text(&args.get(0)), auth: auth(&args.get(1)) };
        answered_source(data.ask(question).await)
    });
    method(&door, "open", move |args| async move {
        let files = args.get(0);
        let opened = if Array::is_array(&files) { files.unchecked_into() } else { Array::of1(&files) };
        answered_source(data.told(Question::OpenFiles, Some(opened)).await.map(|it| it.answer))
    });
    method0(&door, "demo", move || async move { answered_source(data.ask(Question::OpenDemo).await) });
    method(&door, "projects", move |args| async move { projects(data, text(&args.get(0))).await });
    method(&door, "runs", move |args| async move { runs(data, project(&args.get(0))?, args.get(1)).await });
    method(
        &door,
        "series",
        move |args| async move { series(data, args.get(0), text(&args.get(1)), args.get(2)).await },
    );
    set(&window(), "halimede", &door);
}

fn set(at: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(at, &key.into(), value);
}

fn get(at: &JsValue, key: &str) -> JsValue {
    Reflect::get(at, &key.into()).unwrap_or_default()
}

fn text(it: &JsValue) -> String {
    it.as_string().unwrap_or_default()
}

fn error(problem: Problem) -> JsValue {
    let made = js_sys::Error::new(&problem.to_string());
    let kind = format!("{problem:?}");
    set(&made, "kind", &kind.split([' ', '(', '{']).next().unwrap_or_default().into());
    made.into()
}

fn list(items: impl Iterator<Item = JsValue>) -> JsValue {
    items.collect::<Array>().into()
}

/// Compiled once for all calls.
fn promised(work: Pin<Box<dyn Future<Output = Js<JsValue>>>>) -> js_sys::Promise {
    future_to_promise(work)
}

/// A function of any number of arguments that gives a promise.
fn method<F: Future<Output = Js<JsValue>> + 'static>(door: &Object, name: &str, call: impl Fn(Array) -> F + 'static) {
    let with_args = Closure::<dyn Fn(Array) -> js_sys::Promise>::new(move |args: Array| promised(Box::pin(call(args))));
    // `(...args) => inner(args)` without an eval: bind apply's shape through Reflect.
    let inner: &js_sys::Function = with_args.as_ref().unchecked_ref();
    let spread = spread(inner);
    set(door, name, &spread);
    with_args.forget();
}

fn method0<F: Future<Output = Js<JsValue>> + 'static>(door: &Object, name: &str, call: impl Fn() -> F + 'static) {
    method(door, name, move |_| call());
}

/// Up to three arguments are what any call here takes.
fn spread(inner: &js_sys::Function) -> JsValue {
    let inner = inner.clone();
    let outer = Closure::<dyn Fn(JsValue, JsValue, JsValue) -> JsValue>::new(move |a, b, c| {
        inner.call1(&JsValue::NULL, &Array::of3(&a, &b, &c)).unwrap_or_default()
    });
    let value = outer.as_ref().clone();
    outer.forget();
    value
}

fn auth(it: &JsValue) -> Auth {
    if !it.is_object() {
        return Auth::None;
    }
    let (user, token) = (get(it, "user").as_string(), get(it, "token").as_string());
    match (user, token) {
        (Some(user), _) => Auth::Basic { user, password: text(&get(it, "password")) },
        (None, Some(token)) => Auth::Bearer(token),
        _ => {
            let headers = get(it, "headers");
            let pairs = headers.dyn_ref::<Object>().map(Object::entries).unwrap_or_default();
            let pair = |it: JsValue| {
                let it: Array = it.unchecked_into();
                (text(&it.get(0)), text(&it.get(1)))
            };
            Auth::Headers(pairs.iter().map(pair).collect())
        }
    }
}

fn source(info: &SourceInfo) -> JsValue {
    let it = Object::new();
    set(&it, "id", &info.id.as_str().into());
    set(&it, "label", &info.label.as_str().into());
    set(&it, "version", &info.version.as_deref().into());
    let health = match &info.health {
        Health::Unknown => "unknown".to_owned(),
        Health::Ok => "ok".to_owned(),
        Health::Closed => "closed".to_owned(),
        Health::Trouble(problem) => problem.to_string(),
    };
    set(&it, "health", &health.into());
    it.into()
}

fn answered_source(answer: Result<Answer, Problem>) -> Js<JsValue> {
    match answer.map_err(error)? {
        Answer::Source(info) => Ok(source(&info)),
        _ => Ok(JsValue::NULL),
    }
}

async fn projects(data: Data, id: String) -> Js<JsValue> {
    // The list is read in the background; a program wants all of it.
    loop {
        let question = Question::Projects { source: id.as_str().into(), refresh: false };
        let Answer::Projects(answer) = data.ask(question).await.map_err(error)? else { return Ok(JsValue::NULL) };
        if answer.loading {
            crate::sources::browser::sleep(30.0).await;
            continue;
        }
        if let (Some(problem), true) = (answer.trouble, answer.projects.is_empty()) {
            return Err(error(problem));
        }
        return Ok(list(answer.projects.iter().map(|project| {
            let it = Object::new();
            set(&it, "source", &id.as_str().into());
            set(&it, "id", &project.id.as_str().into());
            set(&it, "name", &project.name.as_str().into());
            it.into()
        })));
    }
}

/// `{source, id}` as `projects()` gives it.
fn project(it: &JsValue) -> Js<ProjectKey> {
    let (source, id) = (text(&get(it, "source")), text(&get(it, "id")));
    if source.is_empty() || id.is_empty() {
        return Err(js_sys::TypeError::new("a project is {source, id}, as projects() gives it").into());
    }
    Ok(ProjectKey { source: source.into(), project: id.into() })
}

/// `{filter, sort, limit, offset, columns, deleted, wait}`; `sort` is `"-metrics.val/acc,params.lr"`.
async fn runs(data: Data, project: ProjectKey, options: JsValue) -> Js<JsValue> {
    let number = |key: &str, usual: f64| {
        let it = get(&options, key).as_f64().unwrap_or(usual).clamp(0.0, 4e9);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let it = it as u32;
        it
    };
    let field = |it: &str| -> Js<Field> {
        it.parse().map_err(|()| js_sys::TypeError::new(&format!("no such field: {it}")).into())
    };
    let mut sort = Vec::new();
    for it in text(&get(&options, "sort")).split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let (descending, name) = it.strip_prefix('-').map_or((false, it), |rest| (true, rest));
        sort.push(Sort { field: field(name)?, descending });
    }
    let mut fields = Vec::new();
    if let Some(columns) = get(&options, "columns").dyn_ref::<Array>() {
        for it in columns.iter() {
            fields.push(field(&text(&it))?);
        }
    }
    let mut group = Grouping::default();
    for it in text(&get(&options, "group")).split(',').map(str::trim).filter(|it| !it.is_empty()) {
        match it {
            "seeds" => group.fold_seeds = true,
            "children" => group.nest = true,
            name => group.by.push(field(name)?),
        }
    }
    let lifecycle = if get(&options, "deleted").is_truthy() { Lifecycle::Deleted } else { Lifecycle::Active };
    let ask = RowsAsk {
        query: RowsQuery { filter: text(&get(&options, "filter")), sort, lifecycle, group },
        toggled: Vec::new(),
        fields: fields.clone(),
        offset: number("offset", 0.0),
        limit: number("limit", 100.0),
        selection: Selection::First(0),
        project,
    };
    let waits = get(&options, "wait").is_undefined() || get(&options, "wait").is_truthy();
    loop {
        let Answer::Rows(answer) = data.ask(Question::Rows(Box::new(ask.clone()))).await.map_err(error)? else {
            return Ok(JsValue::NULL);
        };
        if let Some(refused) = answer.refused {
            let said = format!("{} at {}", refused.message, refused.span.start);
            return Err(js_sys::SyntaxError::new(&said).into());
        }
        let is_gathering = answer.gathering.as_ref().is_some_and(|it| it.is_running);
        let is_reading = matches!(answer.sync.phase, Phase::Loading | Phase::Waiting { .. }) || is_gathering;
        if waits && is_reading {
            let painted = Question::Painted(ask.project.clone());
            data.ask(painted).await.map_err(error)?;
            crate::sources::browser::sleep(50.0).await;
            continue;
        }
        return rows(&answer, &fields);
    }
}

fn rows(answer: &RowsAnswer, fields: &[Field]) -> Js<JsValue> {
    let it = Object::new();
    set(&it, "matched", &answer.n_matched.into());
    set(&it, "cached", &answer.n_cached.into());
    set(&it, "complete", &answer.sync.complete.into());
    if let Phase::Failed(problem) = &answer.sync.phase {
        set(&it, "problem", &problem.to_string().into());
    }
    set(&it, "ids", &list(answer.rows.iter().map(|row| row.id.as_str().into())));
    set(&it, "names", &list(answer.rows.iter().map(|row| row.name.as_str().into())));
    // With groups: how far in each line stands, and what it holds; undefined for a run.
    set(&it, "depth", &list(answer.rows.iter().map(|row| row.depth.into())));
    set(&it, "groups", &list(answer.rows.iter().map(|row| row.fold.as_ref().map_or(JsValue::UNDEFINED, group))));
    set(&it, "status", &list(answer.rows.iter().map(|row| row.status.word().into())));
    let columns = Object::new();
    for (i, field) in fields.iter().enumerate() {
        let column = list(answer.rows.iter().map(|row| row.cells.get(i).map_or(JsValue::UNDEFINED, cell)));
        set(&columns, &field.to_string(), &column);
    }
    set(&it, "columns", &columns);
    Ok(it.into())
}

fn group(fold: &Fold) -> JsValue {
    let it = Object::new();
    let kind = match &fold.kind {
        FoldKind::Value { field, .. } => field.as_str(),
        FoldKind::Seeds => "seeds",
        FoldKind::Parent => "children",
    };
    set(&it, "of", &kind.into());
    set(&it, "n", &fold.n_runs.into());
    set(&it, "ids", &list(fold.runs.iter().map(|it| it.as_str().into())));
    it.into()
}

/// Missing is undefined, NaN is NaN.
fn cell(cell: &Cell) -> JsValue {
    match cell {
        Cell::Missing | Cell::NotLoaded => JsValue::UNDEFINED,
        Cell::Number(it)
        | Cell::Metric { value: it, .. }
        | Cell::Sampled { value: it, .. }
        | Cell::Time(it)
        | Cell::Duration(it) => (*it).into(),
        Cell::Text(it) | Cell::NumberText(it) => it.as_str().into(),
        Cell::Status(it) => it.word().into(),
        Cell::Best(it) => (*it).into(),
        Cell::Several(_) => JsValue::UNDEFINED,
        Cell::Curve(shape) => list(shape.iter().map(|it| f64::from(*it).into())),
        Cell::Spread(of) => {
            let it = Object::new();
            set(&it, "n", &of.n.into());
            let figures = [("mean", of.mean), ("median", of.median), ("min", of.min), ("max", of.max), ("sd", of.sd)];
            for (name, value) in figures.into_iter().chain([("se", of.standard_error()), ("ci95", of.half_interval())])
            {
                set(&it, name, &value.into());
            }
            it.into()
        }
    }
}

/// `run` is `{source, project, id}`, or such with several `ids`; `{points}` asks for a sample, else all.
async fn series(data: Data, run: JsValue, metric: String, options: JsValue) -> Js<JsValue> {
    let ids: Vec<RunId> = match get(&run, "ids").dyn_ref::<Array>() {
        Some(ids) => ids.iter().map(|it| RunId::from(text(&it))).collect(),
        None => vec![RunId::from(text(&get(&run, "id")))],
    };
    let project = ProjectKey { source: text(&get(&run, "source")).into(), project: text(&get(&run, "project")).into() };
    let points = get(&options, "points").as_f64().map(|it| it.clamp(2.0, 1e6));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let want = points.map_or(Want::Full, |it| Want::Sampled(it as u32));
    let ask = SeriesAsk {
        of: SeriesOf { project, metric, want, x: XAxis::Step },
        runs: ids,
        columns: u32::MAX / 8,
        smooth: Default::default(),
        between: None,
    };
    let told = data.told(Question::Series(ask), None).await.map_err(error)?;
    let Answer::Series(heads) = &told.answer else { return Ok(JsValue::NULL) };
    let part = |i: usize, from: u32, len: u32| -> JsValue {
        let column: &Float64Array = told.parts[i].unchecked_ref();
        column.slice(from, from + len).into()
    };
    Ok(list(heads.iter().map(|head| {
        let it = Object::new();
        set(&it, "run", &head.run.as_str().into());
        set(&it, "steps", &part(0, head.offset, head.len));
        set(&it, "times", &part(1, head.offset, head.len));
        set(&it, "values", &part(2, head.offset, head.len));
        set(&it, "complete", &(head.completeness == Completeness::Full).into());
        it.into()
    })))
}

async fn status(data: Data) -> Js<JsValue> {
    let Answer::Storage(storage) = data.ask(Question::Storage).await.map_err(error)? else { return Ok(JsValue::NULL) };
    let it = Object::new();
    set(&it, "lasting", &storage.lasting.into());
    set(&it, "offlineStart", &super::shell::is_offline_capable().into());
    #[expect(clippy::cast_precision_loss, reason = "sizes in bytes")]
    let sources = storage.sources.iter().map(|stored| {
        let one: Object = source(&stored.info).unchecked_into();
        set(&one, "runs", &stored.n_runs.into());
        set(&one, "bytes", &(stored.bytes as f64).into());
        one.into()
    });
    set(&it, "sources", &list(sources));
    Ok(it.into())
}
