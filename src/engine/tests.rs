//! The engine natively: a scripted server, a fake clock, a store in memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;

use super::protocol::*;
use super::*;
use crate::model::{Completeness, Field, Health, ProjectId, ProjectKey, RunId, StorageTrouble};
use crate::query::rows::RowsQuery;
use crate::query::selection::Selection;
use crate::sources::http::{Request, Response};
use crate::store::Memory;
use crate::sync::FakeClock;

mod lines;
mod pages;
mod secrets;

/// A server of `n_runs` runs that can be switched off.
#[derive(Default)]
struct Server {
    n_runs: Cell<u32>,
    down: Cell<bool>,
    /// Milliseconds that a history takes.
    slow: Cell<f64>,
    clock: RefCell<Option<Rc<FakeClock>>>,
    asked: RefCell<Vec<String>>,
}

#[async_trait(?Send)]
impl Http for Server {
    async fn send(&self, request: Request) -> Result<Response> {
        let path = request.url.strip_prefix("http://h").unwrap_or_default().to_owned();
        let body = String::from_utf8(request.body.clone().unwrap_or_default()).unwrap_or_default();
        self.asked.borrow_mut().push(format!("{path} {body}"));
        if self.down.get() {
            return Err(Problem::Unreachable { address: "http://h".into() });
        }
        if path.contains("get-history")
            && let Some(clock) = &*self.clock.borrow()
        {
            clock.0.set(clock.0.get() + self.slow.get());
        }
        let text = match path.split('?').next().unwrap_or_default() {
            "/version" => "3.18.0".to_owned(),
            "/api/2.0/mlflow/experiments/search" => r#"{"experiments":[{"experiment_id":"1","name":"digits"}]}"#.into(),
            "/api/2.0/mlflow/runs/search" => self.runs(&body),
            "/api/2.0/mlflow/metrics/get-history-bulk-interval" if path.contains("metric_key=long") => sampled(&path),
            "/api/2.0/mlflow/metrics/get-history-bulk-interval" if path.contains("metric_key=none") => {
                r#"{"metrics":[]}"#.into()
            }
            "/api/2.0/mlflow/metrics/get-history-bulk-interval" => {
                let point =
                    |step: u32| format!(r#"{{"key":"loss","value":0.5,"timestamp":1,"step":{step},"run_id":"r0"}}"#);
                format!(r#"{{"metrics":[{},{}]}}"#, point(0), point(1))
            }
            _ => return Ok(Response { status: 404, bytes: b"<html>".to_vec(), ..Response::default() }),
        };
        Ok(Response { status: 200, bytes: text.into_bytes(), ..Response::default() })
    }

    async fn answers(&self, _: &str) -> bool {
        !self.down.get()
    }
}

impl Server {
    fn runs(&self, body: &str) -> String {
        let asked: serde_json::Value = serde_json::from_str(body).expect("JSON");
        if asked["run_view_type"] == "DELETED_ONLY" {
            return "{}".into();
        }
        let number = |it: &serde_json::Value| it.as_u64().and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
        let from: u32 = asked["page_token"].as_str().map_or(0, |it| it.parse().expect("our token"));
        let to = (from + number(&asked["max_results"])).min(self.n_runs.get());
        let run = |i: u32| {
            format!(
                r#"{{"info":{{"run_id":"r{i}","run_name":"run {i}","status":"FINISHED","start_time":{}}},
                "data":{{"metrics":[{{"key":"loss","value":{i},"timestamp":1,"step":1}}]}}}}"#,
                1_000_000 - i
            )
        };
        // The one filter that is asked here: loss greater than so much.
        let least =
            asked["filter"].as_str().map(|it| it.rsplit(' ').next().unwrap_or_default().parse().expect("a number"));
        let runs: Vec<String> = (from..to).filter(|i| least.is_none_or(|least: u32| *i > least)).map(run).collect();
        let next = if to < self.n_runs.get() { format!(r#","next_page_token":"{to}""#) } else { String::new() };
        format!(r#"{{"runs":[{}]{next}}}"#, runs.join(","))
    }
}

/// Of each run asked for ten thousand steps, thinned as the server does.
fn sampled(path: &str) -> String {
    const STEPS: u32 = 10_000;
    let asked: Vec<(&str, &str)> = path.split(['?', '&']).skip(1).filter_map(|it| it.split_once('=')).collect();
    let number = |name: &str| asked.iter().find(|it| it.0 == name).and_then(|it| it.1.parse::<u32>().ok());
    let (from, to) = (number("start_step").unwrap_or(0), number("end_step").unwrap_or(STEPS - 1).min(STEPS - 1));
    let n = number("max_results").expect("how many");
    // As 3.17.1 and before: of a stretch far from the start one point is left, and what lies outside of
    // it comes too from servers that know nothing of stretches.
    if asked.contains(&("metric_key", "long-old")) && from > 0 {
        let points: Vec<String> = asked.iter().filter(|it| it.0 == "run_ids").map(|run| {
            format!(r#"{{"key":"long-old","value":{from},"timestamp":1,"step":{from},"run_id":"{0}"}},{{"key":"long-old","value":7,"timestamp":1,"step":7,"run_id":"{0}"}}"#, run.1)
        }).collect();
        return format!(r#"{{"metrics":[{}]}}"#, points.join(","));
    }
    let n = n.min(to - from + 1);
    let point = |run: &str, step: u32| {
        // Ten steps a second.
        let time = 1_000_000 + 100 * step;
        format!(r#"{{"key":"long","value":{step},"timestamp":{time},"step":{step},"run_id":"{run}"}}"#)
    };
    let runs = asked.iter().filter(|it| it.0 == "run_ids");
    let points: Vec<String> =
        runs.flat_map(|run| (0..n).map(|i| point(run.1, from + i * (to - from) / (n - 1).max(1)))).collect();
    format!(r#"{{"metrics":[{}]}}"#, points.join(","))
}

struct Bench {
    pool: LocalPool,
    engine: Engine,
    server: Rc<Server>,
    events: Rc<RefCell<Vec<Event>>>,
}

fn bench(server: Rc<Server>, store: Rc<dyn Store>) -> Bench {
    let pool = LocalPool::new();
    let spawner = pool.spawner();
    let events: Rc<RefCell<Vec<Event>>> = Rc::default();
    let heard = events.clone();
    let clock = Rc::new(FakeClock(Cell::new(1_000_000.0)));
    *server.clock.borrow_mut() = Some(clock.clone());
    let engine = Engine::new(Outside {
        http: server.clone(),
        store,
        store_trouble: None,
        clock,
        spawn: Box::new(move |task| spawner.spawn_local(task).expect("spawns")),
        announce: Box::new(move |event| heard.borrow_mut().push(event)),
        base: "http://h/".into(),
    });
    let mut pool = pool;
    pool.run_until(engine.load());
    Bench { pool, engine, server, events }
}

impl Bench {
    fn ask(&mut self, question: Question) -> Result<Reply> {
        self.pool.run_until(self.engine.ask(question, None))
    }

    fn rows(&mut self, search: &str) -> RowsAnswer {
        let ask = RowsAsk {
            project: key(),
            query: RowsQuery { filter: search.into(), ..RowsQuery::default() },
            fields: vec![Field::Metric("loss".into())],
            toggled: Vec::new(),
            offset: 0,
            limit: 10,
            selection: Selection::First(3),
        };
        match self.ask(Question::Rows(Box::new(ask))).map(|it| it.answer) {
            Ok(Answer::Rows(it)) => *it,
            other => panic!("{other:?}"),
        }
    }

    fn connect(&mut self) {
        let asked = Question::Connect { kind: "mlflow".into(), address: "http://h".into(), auth: Auth::None };
        assert!(self.ask(asked).is_ok());
    }
}

fn key() -> ProjectKey {
    ProjectKey { source: "mlflow:http://h".into(), project: ProjectId::from("1") }
}

fn server(n_runs: u32) -> Rc<Server> {
    let server = Server::default();
    server.n_runs.set(n_runs);
    Rc::new(server)
}

#[test]
fn runs_stream_into_the_table_and_the_cache() {
    let store: Rc<dyn Store> = Rc::new(Memory::default());
    let mut bench = bench(server(2_345), store.clone());
    bench.connect();
    assert_eq!(bench.rows("").n_cached, 0, "an answer at once, before any page");
    bench.pool.run_until_stalled();
    let rows = bench.rows("");
    assert_eq!((rows.n_cached, rows.sync.complete, rows.sync.phase), (2_345, true, Phase::Idle));
    assert_eq!(rows.rows[0].name, "run 0");
    assert_eq!(rows.drawn.len(), 3);
    assert_eq!(bench.rows("run 2344").n_matched, 1);
    assert!(bench.events.borrow().contains(&Event::Runs(key())));
    let limits: Vec<String> =
        bench.server.asked.borrow().iter().filter(|it| it.contains("runs/search")).cloned().collect();
    assert!(limits[0].contains(r#""max_results":100"#) && limits[1].contains(r#""max_results":1000"#));
}

#[test]
fn what_was_seen_is_there_when_the_server_is_gone() {
    let store: Rc<dyn Store> = Rc::new(Memory::default());
    let mut first = bench(server(250), store.clone());
    first.connect();
    first.rows("");
    first.pool.run_until_stalled();
    let ask = || {
        Question::Series(SeriesAsk {
            of: SeriesOf { project: key(), metric: "loss".into(), want: Want::Sampled(320), x: XAxis::Step },
            runs: vec!["r0".into()],
            columns: 100,
            smooth: Default::default(),
            between: None,
        })
    };
    first.ask(ask()).expect("a series");
    // Written once it is on screen.
    first.pool.run_until_stalled();

    let gone = server(0);
    gone.down.set(true);
    let mut later = bench(gone, store);
    let rows = later.rows("");
    assert_eq!((rows.n_cached, rows.rows.len()), (250, 10), "at once, from the cache");
    later.pool.run_until_stalled();
    let rows = later.rows("");
    assert!(matches!(rows.sync.phase, Phase::Failed(Problem::Unreachable { .. })), "{:?}", rows.sync.phase);
    assert_eq!(rows.n_cached, 250);
    let Answer::Sources(sources) = later.ask(Question::Sources).expect("sources").answer else { panic!() };
    assert!(matches!(sources[0].health, Health::Trouble(_)));
    let reply = later.ask(ask()).expect("the cached series");
    let Answer::Series(heads) = reply.answer else { panic!() };
    assert_eq!((heads[0].len, heads[0].completeness), (2, Completeness::Full));
    let Answer::Run(run) = later.ask(Question::Run(key().run("r7".into()))).expect("a cached run").answer else {
        panic!()
    };
    assert!(run.stale.is_some() && run.run.name == "run 7");
    let absent = later.ask(Question::Series(SeriesAsk {
        of: SeriesOf { project: key(), metric: "loss".into(), want: Want::Full, x: XAxis::Step },
        runs: vec!["r9".into()],
        columns: 10,
        smooth: Default::default(),
        between: None,
    }));
    assert!(matches!(absent, Err(Problem::NotCached { .. })), "{absent:?}");
}

#[test]
fn a_run_that_is_gone_at_the_source_goes_here_with_a_full_reading() {
    let mut bench = bench(server(300), Rc::new(Memory::default()));
    bench.connect();
    bench.rows("");
    bench.pool.run_until_stalled();
    bench.server.n_runs.set(299);
    bench.ask(Question::Refresh { project: key(), all: false }).expect("starts");
    bench.pool.run_until_stalled();
    assert_eq!(bench.rows("").n_cached, 300, "news alone cannot tell");
    bench.ask(Question::Refresh { project: key(), all: true }).expect("starts");
    bench.pool.run_until_stalled();
    assert_eq!(bench.rows("").n_cached, 299);
    assert_eq!(bench.rows("run 299").n_matched, 0);
}

#[test]
fn nothing_is_asked_of_a_source_that_a_link_names_and_nobody_added() {
    let mut bench = bench(server(3), Rc::new(Memory::default()));
    let rows = bench.rows("");
    bench.pool.run_until_stalled();
    assert_eq!(rows.n_cached, 0);
    assert!(matches!(bench.rows("").sync.phase, Phase::Failed(Problem::UnknownSource { .. })));
    assert!(bench.server.asked.borrow().is_empty(), "{:?}", bench.server.asked.borrow());
    let projects = bench.ask(Question::Projects { source: key().source, refresh: false });
    assert!(matches!(projects, Err(Problem::UnknownSource { .. })));
}

#[test]
fn forgetting_a_source_leaves_nothing() {
    let store: Rc<dyn Store> = Rc::new(Memory::default());
    let mut bench = bench(server(20), store.clone());
    bench.connect();
    bench.rows("");
    bench.pool.run_until_stalled();
    assert!(!futures::executor::block_on(store.keys("rows/")).expect("keys").is_empty());
    bench.ask(Question::Forget(key().source)).expect("forgets");
    let left = futures::executor::block_on(store.keys("")).expect("keys");
    assert_eq!(left, ["sources"]);
    let Answer::Sources(sources) = bench.ask(Question::Sources).expect("sources").answer else { panic!() };
    assert!(sources.is_empty());
}

#[test]
fn forgetting_while_runs_stream_in_leaves_nothing_either() {
    let store: Rc<dyn Store> = Rc::new(Memory::default());
    let mut bench = bench(server(3_000), store.clone());
    bench.connect();
    bench.rows("");
    bench.ask(Question::Projects { source: key().source, refresh: false }).expect("starts");
    bench.ask(Question::Forget(key().source)).expect("forgets");
    bench.pool.run_until_stalled();
    let left = futures::executor::block_on(store.keys("")).expect("keys");
    assert_eq!(left, ["sources"]);
}

/// A store that takes nothing, as when the disk is full.
struct Full;

#[async_trait(?Send)]
impl Store for Full {
    async fn get(&self, keys: &[String]) -> crate::store::Result<Vec<Option<Vec<u8>>>> {
        Ok(vec![None; keys.len()])
    }
    async fn update(&self, _: &str, _: crate::store::Update) -> crate::store::Result<()> {
        Err(StorageTrouble::Quota)
    }
    async fn keys(&self, _: &str) -> crate::store::Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn is_lasting(&self) -> bool {
        true
    }
}

#[test]
fn a_full_disk_is_said_and_stops_nothing() {
    let mut bench = bench(server(150), Rc::new(Full));
    bench.connect();
    bench.rows("");
    bench.pool.run_until_stalled();
    let rows = bench.rows("");
    assert_eq!((rows.n_cached, rows.sync.not_saved), (150, Some(StorageTrouble::Quota)));
}

#[test]
fn the_second_page_waits_until_the_first_is_painted() {
    let mut bench = bench(server(500), Rc::new(Memory::default()));
    bench.connect();
    bench.rows("");
    let count = |bench: &Bench| bench.server.asked.borrow().iter().filter(|it| it.contains("runs/search")).count();
    // The fake clock lets the patience pass at once, so only the order can be seen here.
    bench.ask(Question::Painted(key())).expect("done");
    bench.pool.run_until_stalled();
    assert_eq!(count(&bench), 3, "first page, the rest, the deleted");
    assert_eq!(RunId::from("r0").as_str(), "r0");
}

#[test]
fn a_filter_asks_the_source_for_what_is_not_cached() {
    let mut bench = bench(server(500), Rc::new(Memory::default()));
    bench.connect();
    bench.rows("");
    bench.ask(Question::Stop(key())).expect("done");
    bench.pool.run_until_stalled();
    let rows = bench.rows("loss > 497 or loss < 0");
    assert_eq!((rows.n_cached, rows.sync.complete, rows.searching), (0, false, None), "nothing surely contains this");
    bench.rows("metrics.loss > 497");
    bench.pool.run_until_stalled();
    let rows = bench.rows("metrics.loss > 497");
    let whole = Searching { n_found: 2, is_whole: true, ..Searching::default() };
    assert_eq!((rows.n_matched, rows.n_cached, rows.searching), (2, 2, Some(whole)));
    let asked = bench.server.asked.borrow().iter().filter(|it| it.contains("\"filter\"")).count();
    assert_eq!(asked, 1, "and only once");
}

#[test]
fn a_page_asked_for_before_a_write_does_not_undo_it() {
    let slot = super::table::ProjectSlot::default();
    let mut run = crate::model::Run::empty("a".into());
    assert_eq!(slot.take_page(std::slice::from_ref(&run), slot.writes()), 1);
    let asked = slot.writes();
    let page = [run.clone()];
    run.name = "written".into();
    assert!(slot.take_written(&run));
    assert_eq!(slot.take_page(&page, asked), 0, "older than the write");
    assert_eq!(slot.table.borrow().names.get(0), Some("written"));
    assert_eq!(slot.take_page(&page, slot.writes()), 1, "asked for after it");
}
