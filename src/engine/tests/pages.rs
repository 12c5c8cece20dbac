//! Pages of the wiki between two browsers and one tracker.

use super::*;
use crate::model::page::PageVersion;
use crate::sources::files::{Files, InMemory};

/// A tracker that holds the labels of one project.
#[derive(Default)]
struct Labels {
    held: RefCell<Vec<(String, String)>>,
    /// Written by somebody else right before the next label arrives.
    meanwhile: RefCell<Vec<(String, String)>>,
    /// Labels that are still taken before it fails.
    takes: Cell<Option<u32>>,
    /// Of the one run that holds them, if it was made.
    files: RefCell<Option<HashMap<String, Vec<u8>>>>,
    /// Requests for one of them.
    n_read: Cell<u32>,
    /// A proxy answers instead, with its page.
    is_proxied: Cell<bool>,
}

impl Labels {
    fn put(&self, key: String, value: String) {
        let mut held = self.held.borrow_mut();
        held.retain(|it| it.0 != key);
        held.push((key, value));
    }
}

#[async_trait(?Send)]
impl Http for Labels {
    async fn send(&self, request: Request) -> Result<Response> {
        let path = request.url.strip_prefix("http://h").unwrap_or_default().to_owned();
        let body: serde_json::Value =
            serde_json::from_slice(&request.body.clone().unwrap_or_default()).unwrap_or_default();
        let ok = |text: String| Ok(Response { status: 200, bytes: text.into_bytes(), ..Response::default() });
        let project = || {
            let tags: Vec<serde_json::Value> =
                self.held.borrow().iter().map(|it| serde_json::json!({ "key": it.0, "value": it.1 })).collect();
            serde_json::json!({ "experiment_id": "1", "name": "digits", "tags": tags })
        };
        match path.split('?').next().unwrap_or_default() {
            "/version" => ok("3.18.0".into()),
            "/api/2.0/mlflow/experiments/search" => ok(serde_json::json!({ "experiments": [project()] }).to_string()),
            "/api/2.0/mlflow/experiments/get" => ok(serde_json::json!({ "experiment": project() }).to_string()),
            "/api/2.0/mlflow/experiments/set-experiment-tag" => {
                self.meanwhile.take().into_iter().for_each(|it| self.put(it.0, it.1));
                match self.takes.get() {
                    Some(0) => return Ok(Response { status: 400, bytes: b"{}".to_vec(), ..Response::default() }),
                    left => self.takes.set(left.map(|it| it - 1)),
                }
                let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
                self.put(text("key"), text("value"));
                ok("{}".into())
            }
            "/api/2.0/mlflow/runs/search" => {
                let run = serde_json::json!({ "info": { "run_id": "keeper" } });
                let runs = self.files.borrow().iter().map(|_| run.clone()).collect::<Vec<_>>();
                ok(serde_json::json!({ "runs": runs }).to_string())
            }
            "/api/2.0/mlflow/runs/create" => {
                assert!(self.files.borrow_mut().replace(HashMap::new()).is_none(), "made once");
                ok(r#"{"run":{"info":{"run_id":"keeper","experiment_id":"1"}}}"#.into())
            }
            "/api/2.0/mlflow/runs/update" => ok("{}".into()),
            "/ajax-api/2.0/mlflow/upload-artifact" | "/get-artifact" if self.is_proxied.get() => {
                ok("<html>Sign in".into())
            }
            "/ajax-api/2.0/mlflow/upload-artifact" => {
                let name = named(&path);
                self.files.borrow_mut().as_mut().expect("a run").insert(name, request.body.unwrap_or_default());
                ok("{}".into())
            }
            "/get-artifact" => {
                self.n_read.set(self.n_read.get() + 1);
                let held = self.files.borrow().as_ref().and_then(|it| it.get(&named(&path)).cloned());
                let status = if held.is_some() { 200 } else { 404 };
                Ok(Response { status, bytes: held.unwrap_or_default(), ..Response::default() })
            }
            _ => Ok(Response { status: 404, bytes: b"<html>".to_vec(), ..Response::default() }),
        }
    }

    async fn answers(&self, _: &str) -> bool {
        true
    }
}

/// The file that a request is about.
fn named(path: &str) -> String {
    path.split("path=").nth(1).unwrap_or_default().replace("%2F", "/")
}

fn browser(labels: &Rc<Labels>) -> (LocalPool, Engine) {
    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    let engine = Engine::new(Outside {
        http: labels.clone(),
        store: Rc::new(Memory::default()),
        store_trouble: None,
        clock: Rc::new(FakeClock(Cell::new(1_000_000.0))),
        spawn: Box::new(move |task| spawner.spawn_local(task).expect("spawns")),
        announce: Box::new(|_| ()),
        base: "http://h/".into(),
    });
    let asked = Question::Connect { kind: "mlflow".into(), address: "http://h".into(), auth: Auth::None };
    pool.run_until(engine.ask(asked, None)).expect("connects");
    (pool, engine)
}

fn keep(browser: &mut (LocalPool, Engine), text: &str, base: u32, by: &str) -> Result<Kept> {
    let ask = Question::KeepPage { project: key(), path: "a/b".into(), text: Some(text.into()), base, by: by.into() };
    browser.0.run_until(browser.1.ask(ask, None)).map(|it| match it.answer {
        Answer::KeptPage(it) => it,
        other => panic!("{other:?}"),
    })
}

fn read(browser: &mut (LocalPool, Engine)) -> PageText {
    browser.0.run_until(browser.1.ask(Question::Pages(key()), None)).expect("lists");
    let ask = Question::Page { project: key(), path: "a/b".into(), n: None };
    match browser.0.run_until(browser.1.ask(ask, None)).expect("reads").answer {
        Answer::Page(it) => it,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_version_that_somebody_saved_since_is_put_together_and_not_written_over() {
    let labels = Rc::new(Labels::default());
    let (mut a, mut b) = (browser(&labels), browser(&labels));
    assert_eq!(keep(&mut a, "one\ntwo\nthree", 0, "a"), Ok(Kept::As(1)));
    assert_eq!(read(&mut b).text, "one\ntwo\nthree");
    assert_eq!(keep(&mut b, "ONE\ntwo\nthree", 1, "b"), Ok(Kept::As(2)));
    let merged = Kept::Clash { n: 2, by: "b".into(), merged: "ONE\ntwo\nTHREE".into(), n_conflicts: 0 };
    assert_eq!(keep(&mut a, "one\ntwo\nTHREE", 1, "a"), Ok(merged));
    assert_eq!(keep(&mut a, "ONE\ntwo\nTHREE", 2, "a"), Ok(Kept::As(3)));
}

#[test]
fn two_that_are_saved_at_one_moment_are_both_there() {
    let labels = Rc::new(Labels::default());
    let mut a = browser(&labels);
    assert_eq!(keep(&mut a, "one\ntwo", 0, "a"), Ok(Kept::As(1)));
    let theirs =
        PageVersion { path: "a/b".into(), n: 2, at: 5.0, by: "b".into(), text: Some("ONE\ntwo".into()), file: None };
    *labels.meanwhile.borrow_mut() = theirs.labels();
    let told = keep(&mut a, "one\nTWO", 1, "a");
    assert!(matches!(&told, Ok(Kept::Clash { n: 2, by, .. }) if by == "b"), "{told:?}");
    let all = PageVersion::of_labels(&labels.held.borrow());
    let texts: Vec<&str> = all.iter().filter_map(|it| it.text.as_deref()).collect();
    assert!(texts.contains(&"one\nTWO") && texts.contains(&"ONE\ntwo"), "{texts:?}");
    assert_eq!(keep(&mut a, "ONE\nTWO", 2, "a"), Ok(Kept::As(3)));
}

#[test]
fn a_long_one_that_broke_off_can_be_saved_again() {
    let labels = Rc::new(Labels::default());
    let mut a = browser(&labels);
    let long: String = (0..9_000u32).map(|it| char::from_u32(0x4e00 + it * 7_919 % 20_000).unwrap_or('x')).collect();
    labels.takes.set(Some(1));
    assert!(keep(&mut a, &long, 0, "a").is_err());
    labels.takes.set(None);
    // Somebody else's long one in between, under the same number.
    let mut b = browser(&labels);
    let other: String = long.chars().rev().collect();
    assert_eq!(keep(&mut b, &other, 0, "b"), Ok(Kept::As(1)));
    assert!(matches!(keep(&mut a, &long, 0, "a"), Ok(Kept::Clash { n: 1, .. })));
    assert_eq!(keep(&mut a, &long, 1, "a"), Ok(Kept::As(2)));
    assert_eq!(read(&mut b).n, 1, "asked again only after a while");
    assert_eq!(PageVersion::of_labels(&labels.held.borrow()).len(), 2);
}

#[test]
fn a_draft_stays_until_just_that_is_saved() {
    let labels = Rc::new(Labels::default());
    let mut a = browser(&labels);
    let draft =
        |text: &str| Question::DraftPage { project: key(), path: "a/b".into(), text: Some(text.into()), base: 0 };
    a.0.run_until(a.1.ask(draft("typed on"), None)).expect("is kept");
    assert_eq!(keep(&mut a, "typed", 0, "a"), Ok(Kept::As(1)));
    assert_eq!(read(&mut a).draft, Some(("typed on".into(), 0)));
    assert_eq!(keep(&mut a, "typed on", 1, "a"), Ok(Kept::As(2)));
    assert_eq!(read(&mut a).draft, None);
}

#[test]
fn a_text_too_long_for_labels_is_a_file() {
    let labels = Rc::new(Labels::default());
    let (mut a, mut b) = (browser(&labels), browser(&labels));
    let long = |last: &str| format!("{}{last}", "A line of a long report.\n".repeat(6_000));
    assert_eq!(keep(&mut a, &long("one"), 0, "a"), Ok(Kept::As(1)));
    assert_eq!(keep(&mut a, &long("two"), 1, "a"), Ok(Kept::As(2)));
    assert!(labels.held.borrow().iter().all(|it| it.1.len() < 1_000), "no text in labels");
    assert_eq!(read(&mut b).text, long("two"));
    // The older one when it is asked for, and once.
    let n = labels.n_read.get();
    for _ in 0..2 {
        let ask = Question::Page { project: key(), path: "a/b".into(), n: Some(1) };
        let told = b.0.run_until(b.1.ask(ask, None)).expect("reads").answer;
        assert!(matches!(told, Answer::Page(it) if it.text == long("one")));
    }
    assert_eq!(labels.n_read.get(), n + 1);
    // Both put together, whichever holds the base.
    assert_eq!(keep(&mut b, &format!("B\n{}", long("two")), 2, "b"), Ok(Kept::As(3)));
    let told = keep(&mut a, &long("two\nA"), 2, "a");
    let both = format!("B\n{}", long("two\nA"));
    assert!(matches!(&told, Ok(Kept::Clash { n: 3, merged, n_conflicts: 0, .. }) if *merged == both), "{told:?}");
    // One that somebody wrote over is no version.
    let mut c = browser(&labels);
    labels.files.borrow_mut().as_mut().expect("files").values_mut().for_each(|it| it.push(b'!'));
    c.0.run_until(c.1.ask(Question::Pages(key()), None)).expect("lists");
    let ask = Question::Page { project: key(), path: "a/b".into(), n: None };
    assert!(c.0.run_until(c.1.ask(ask, None)).is_err());
    // And none is too long.
    let told = keep(&mut a, &"x".repeat(crate::model::page::LONGEST + 1), 3, "a");
    assert!(matches!(told, Err(Problem::TooLarge { .. })));
}

#[test]
fn what_a_proxy_says_is_neither_kept_nor_believed() {
    let labels = Rc::new(Labels::default());
    let (mut a, mut b) = (browser(&labels), browser(&labels));
    let long = "A line of a long report.\n".repeat(6_000);
    labels.is_proxied.set(true);
    assert!(matches!(keep(&mut a, &long, 0, "a"), Err(Problem::Malformed { .. })));
    assert_eq!(*labels.held.borrow(), [], "no version without its text");
    labels.is_proxied.set(false);
    assert_eq!(keep(&mut a, &long, 0, "a"), Ok(Kept::As(1)));
    labels.is_proxied.set(true);
    b.0.run_until(b.1.ask(Question::Pages(key()), None)).expect("lists");
    let ask = || Question::Page { project: key(), path: "a/b".into(), n: None };
    assert!(b.0.run_until(b.1.ask(ask(), None)).is_err());
    labels.is_proxied.set(false);
    assert_eq!(read(&mut b).text, long);
}

#[test]
fn pictures_that_are_kept_at_once_lie_in_one_run() {
    let labels = Rc::new(Labels::default());
    let (mut pool, engine) = browser(&labels);
    let keep = |bytes: &[u8]| {
        let files: Rc<dyn Files> = Rc::new(InMemory { name: "a.png".into(), bytes: bytes.to_vec() });
        engine.ask(Question::KeepPicture { project: key(), ending: "png".into() }, Some(files))
    };
    let kept = pool.run_until(futures::future::join_all([keep(b"one"), keep(b"two"), keep(b"three")]));
    assert!(kept.iter().all(Result::is_ok), "made once: {:?}", kept.iter().map(Result::is_ok).collect::<Vec<_>>());
    assert_eq!(labels.files.borrow().as_ref().map(HashMap::len), Some(3));
    let files: Rc<dyn Files> = Rc::new(InMemory { name: "a.svg".into(), bytes: b"<svg>".to_vec() });
    let ask = Question::KeepPicture { project: key(), ending: "svg".into() };
    assert!(pool.run_until(engine.ask(ask, Some(files))).is_err());
}
