//! Broken input in every parser: an error or a partial reading, never a panic and never a hang.
//! `HALIMEDE_FUZZ=1000000 cargo test --test fuzz` for a long run; a failing seed is printed.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use async_trait::async_trait;
use futures::executor::block_on;
use halimede::model::packed_view::pack;
use halimede::model::page::PageVersion;
use halimede::model::{Auth, MetricValue, Problem, ProjectId, RunId, RunTable};
use halimede::pages::route::Route;
use halimede::query::compare::version::compare_versions;
use halimede::query::compare::{environment, json_diff, signature, text_diff};
use halimede::query::filter::{self, apply};
use halimede::sources::files::{Entry, Files, InMemory};
use halimede::sources::http::{BaseAddress, Client, Http, Request, Response};
use halimede::sources::{self, Page, Reading, Which};
use halimede::store::{chunk, layout};

fn rounds(usual: u64) -> u64 {
    std::env::var("HALIMEDE_FUZZ").ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
}

/// xorshift64*: the same bytes for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or(0)
    }
}

/// Bytes that were whole, spoilt in one to eight places.
fn spoilt(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut bytes = whole.to_vec();
    let words: [&[u8]; 10] =
        [b"null", b"-1", b"1e999", b"\"", b"{", b"[[[[", b"\xff\xfe", b"99999999999999999999", b"\0", b"NaN"];
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = random.next().to_le_bytes()[0],
            2 => drop(bytes.splice(at..at, words[random.below(words.len())].iter().copied())),
            3 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
            _ => {
                let to = (at + random.below(200)).min(bytes.len());
                let piece = bytes[at..to].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

fn recording(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/mlflow-3.18").join(name);
    let text = std::fs::read_to_string(path).expect("a recording");
    let recorded: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    recorded["response"]["json"].to_string().into_bytes()
}

/// A server that gives the same bytes whatever it is asked.
struct Always(Vec<u8>);

#[async_trait(?Send)]
impl Http for Always {
    async fn send(&self, _: Request) -> sources::Result<Response> {
        Ok(Response { status: 200, bytes: self.0.clone(), ..Response::default() })
    }
    async fn answers(&self, _: &str) -> bool {
        true
    }
}

#[test]
fn answers_of_a_server() {
    let run = RunId::from("3987f76f3ec84c4d861598dea1f29ad3");
    let project = ProjectId::from("1");
    let base = BaseAddress::parse("http://h").expect("an address");
    for name in [
        "runs-search.json",
        "experiments-search.json",
        "metric-history-edge.json",
        "artifacts-list.json",
        "runs-get.json",
    ] {
        let whole = recording(name);
        for seed in 0..rounds(1_500) {
            let http = Rc::new(Always(spoilt(&whole, seed)));
            let source = sources::open_server("mlflow", Client::new(base.clone(), Auth::None, http)).expect("opens");
            block_on(async {
                match name {
                    "runs-search.json" => {
                        let page = Page { limit: 100, from: None, which: Which::Active, filter: None };
                        if let Ok(batch) = source.runs(&project, page).await {
                            let mut table = RunTable::default();
                            for run in &batch.items {
                                table.upsert(run);
                            }
                            assert!(table.is_sound(), "seed {seed}");
                        }
                    }
                    "experiments-search.json" => drop(source.projects(None).await),
                    "metric-history-edge.json" => {
                        drop(source.series(&project, "loss", std::slice::from_ref(&run), Reading::Full).await);
                        let sample = Reading::Sampled { points: 320, steps: None };
                        drop(source.series(&project, "loss", std::slice::from_ref(&run), sample).await);
                    }
                    "artifacts-list.json" => drop(source.artifacts(&project, &run, "").await),
                    _ => drop(source.run(&project, &run).await),
                }
            });
        }
    }
}

fn demo() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("public/demo.halimede.zip")).expect("the demo")
}

#[test]
fn snapshots() {
    let whole = demo();
    for seed in 0..rounds(60) {
        // Most of a ZIP is data; what describes it stands at the end.
        let mut bytes = whole.clone();
        let tail = bytes.split_off(bytes.len() - 40_000.min(bytes.len()));
        bytes.extend(spoilt(&tail, seed));
        let files: Rc<dyn Files> = Rc::new(InMemory { name: "x.zip".into(), bytes });
        if let Ok((_, source)) = block_on(sources::open_files(files)) {
            let projects = block_on(source.projects(None)).map(|it| it.items).unwrap_or_default();
            for project in projects {
                let page = Page { limit: 1000, from: None, which: Which::Active, filter: None };
                let runs = block_on(source.runs(&project.id, page)).map(|it| it.items).unwrap_or_default();
                for run in runs.iter().take(3) {
                    drop(block_on(source.series(
                        &project.id,
                        "val/loss",
                        std::slice::from_ref(&run.id),
                        Reading::Full,
                    )));
                    drop(block_on(source.artifact(&project.id, &run.id, "README.md", 100)));
                }
            }
        }
    }
}

/// A folder in memory.
struct Tree(BTreeMap<String, Vec<u8>>);

#[async_trait(?Send)]
impl Files for Tree {
    fn name(&self) -> String {
        "mlruns".into()
    }
    async fn list(&self, dir: &str) -> sources::Result<Vec<Entry>> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let mut entries: Vec<Entry> = Vec::new();
        for rest in self.0.keys().filter_map(|it| it.strip_prefix(&prefix)) {
            let (name, is_dir) = rest.split_once('/').map_or((rest, false), |it| (it.0, true));
            if !entries.iter().any(|it| it.name == name) {
                entries.push(Entry { name: name.to_owned(), is_dir });
            }
        }
        if entries.is_empty() { Err(Problem::NotFound { what: dir.to_owned() }) } else { Ok(entries) }
    }
    async fn size(&self, path: &str) -> sources::Result<u64> {
        self.0.get(path).map(|it| it.len() as u64).ok_or_else(|| Problem::NotFound { what: path.to_owned() })
    }
    async fn read(&self, path: &str, from: u64, to: u64) -> sources::Result<Vec<u8>> {
        let bytes = self.0.get(path).ok_or_else(|| Problem::NotFound { what: path.to_owned() })?;
        let at = |it: u64| usize::try_from(it).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes[at(from)..at(to)].to_vec())
    }
}

#[test]
fn run_folders() {
    let files: [(&str, &str); 7] = [
        ("1/meta.yaml", "experiment_id: '1'\nname: digits\nlifecycle_stage: active\ncreation_time: 1700000000000\n"),
        (
            "1/a/meta.yaml",
            "run_id: a\nrun_name: one\nstatus: 3\nstart_time: 1700000000000\nend_time: null\nlifecycle_stage: active\n",
        ),
        (
            "1/a/metrics/val/loss",
            "1700000000000 0.5 0\n1700000000001 nan 1\n1700000000002 -inf 2\n1700000000003 1e-300 3\n",
        ),
        ("1/a/params/lr", "0.1"),
        ("1/a/tags/mlflow.note.content", "# note\nmore"),
        ("1/a/inputs/d/meta.yaml", "source_id: x\ntags:\n  mlflow.data.context: train\n"),
        ("1/datasets/x/meta.yaml", "name: d\ndigest: 1\nschema: '{\"a\": [1,\n  2]}'\n"),
    ];
    for seed in 0..rounds(3_000) {
        let mut random = Random(seed + 1);
        let mut tree: BTreeMap<String, Vec<u8>> = files.iter().map(|it| (it.0.to_owned(), it.1.into())).collect();
        // The project's own file stays whole, so that the folder is recognised.
        for (path, _) in files.iter().skip(1) {
            match random.below(4) {
                0 => drop(tree.remove(*path)),
                1 => drop(tree.entry((*path).to_owned()).and_modify(|it| *it = spoilt(it, seed))),
                _ => {}
            }
        }
        let (_, source) = block_on(sources::open_files(Rc::new(Tree(tree)))).expect("recognised");
        let project = ProjectId::from("1");
        let page = Page { limit: 10, from: None, which: Which::Active, filter: None };
        let runs = block_on(source.runs(&project, page)).expect("always a list").items;
        for run in runs {
            drop(block_on(source.series(&project, "val/loss", &[run.id], Reading::Full)));
        }
    }
}

#[test]
fn links_addresses_and_chunks() {
    let board = "look=dashboard&board=line*1*0.0.6.8*y:val/loss;title:%C3%BC,text*2*6.0.6.8*text:%23%20a%0A*,section*3*0.8.12.1*folded:yes";
    let packed = format!("#/s/a/p/b?{}", pack(&format!("{board}&q={}", "x y ".repeat(500))));
    let links: [&str; 8] = [
        &packed,
        "#/s/a/p/b/w/Reports/Width%20%C3%BC?mode=split&v=3",
        "#/s/a/p/b?view=Width%20%26%20depth",
        "#/s/a/p/b?look=dashboard&board=tile*1*0.0.3.3*metric:a;of:max,nope*9*3.0.4.4,compare*4*0.3.12.9",
        "#/s/mlflow:http:%2F%2Fh/p/1?sort=-metrics.val/acc,params.lr&cols=metrics.a*120,attributes.status&eyes=a*0,b*1&q=x",
        "#/s/snapshot:demo/p/1/r/abc?tab=artifacts&file=a/b.png",
        "http://[::1]:5000/a%20b/c",
        "#/storage",
    ];
    let mut table = RunTable::default();
    for i in 0..1_100u32 {
        let mut run = halimede::model::Run::empty(format!("{i}").into());
        run.note = (i == 3).then(|| "note".to_owned());
        run.params = if i % 300 < 2 { vec![("p".into(), format!("ü{}", i % 3))] } else { Vec::new() };
        run.metrics = vec![("m".into(), MetricValue { value: 1.0, step: f64::from(i), time: 1e12 })];
        table.upsert(&run);
    }
    let whole = chunk::encode(&table).expect("encodes");
    // One run is all other bytes.
    let small = chunk::encode(&table.slice(0, 4)).expect("encodes");
    for seed in 0..rounds(20_000) {
        let text = links[usize::try_from(seed % 8).unwrap_or(0)];
        let bytes = spoilt(text.as_bytes(), seed);
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if seed % 16 == 8 {
            // Well packed, of a text that is none.
            let inner = String::from_utf8_lossy(&spoilt(board.repeat(8).as_bytes(), seed)).into_owned();
            text = format!("#/s/a/p/b?{}", pack(&inner));
        }
        // Labels of a tracker are anybody's too.
        let labels = vec![("halimede.page.0123456789abcdef.1".to_owned(), text.clone()), (text.clone(), text.clone())];
        assert_eq!(PageVersion::of_labels(&labels), [], "seed {seed}");
        let route = Route::parse(&text);
        if !matches!(route, Route::Unknown(_)) {
            assert_eq!(Route::parse(&route.link()), route, "seed {seed}: {text}");
        }
        drop(BaseAddress::parse(&text));
        for chunk in [&whole, &small] {
            let mut bytes = spoilt(chunk, seed);
            if let Some(version) = bytes.first_mut().filter(|_| seed % 5 == 0) {
                *version = 2;
            }
            if let Ok(table) = layout::runs(&bytes) {
                assert!(table.len() < 1_000_000, "seed {seed}");
                (0..table.n_rows()).step_by(37).for_each(|row| drop(table.run(row)));
                drop(table.slice(1, table.n_rows()));
            }
        }
    }
}

/// Filters put together from the language's own pieces and spoilt: read or refused with a place in
/// the text; what is read shows as text that reads the same; completion and evaluation stand it too.
#[test]
fn files_beside_a_model() {
    let requirements = "mlflow==3.18.0\nnumpy==1.26; python_version < '3.12'\nown[x] @ git+https://a/b.git@v1#egg=own\n-e git+https://a/c#egg=c\nd==1 \\\n  --hash=sha256:ü\nhttps://a/e-1.0-py3-none-any.whl\n# Editable install (f==2)\n";
    let conda = "dependencies:\n- python=3.11.7\n- pip<=23.2.1\n- a::numpy=1.2=b\n- pip:\n  - mlflow==3.18.0\n  - scikit-learn\nname: x\n";
    let model = r#"flavors:
  sklearn: {code: null, sklearn_version: 1.9.1}
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string", "required": false}}}, "name": "m"}, {"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: '[{"name": "alpha", "default": 0.5, "shape": null, "type": "double"}]'
"#;
    for seed in 0..rounds(3_000) {
        let text = |whole: &str| String::from_utf8_lossy(&spoilt(whole.as_bytes(), seed)).into_owned();
        let files = [("requirements.txt", requirements), ("conda.yaml", conda)];
        let environments = files.map(|(name, whole)| environment::read(name, &text(whole)));
        for line in environment::diff(&environments) {
            let version = |at: usize| line.versions[at].clone().unwrap_or_default();
            let (a, b) = (version(0), version(1));
            let (there, back) = (compare_versions(&a, &b), compare_versions(&b, &a));
            assert_eq!(there, back.map(std::cmp::Ordering::reverse), "seed {seed}: {a:?} {b:?}");
        }
        let models = [signature::read(model).ok(), signature::read(&text(model)).ok()];
        assert!(signature::diff(&models).iter().all(|it| it.values.len() == 2), "seed {seed}");
        let (a, b) = (r#"{"a": [1, {"b": null}], "ü/~": "x", "n": 1e3}"#, text(r#"{"a": [1, {"b": 2}], "n": 1000}"#));
        let differs = json_diff::json_diff(a, &b);
        assert!(differs.is_none_or(|it| it.leaves.iter().all(|it| it.a != it.b)), "seed {seed}: {b:?}");
        let _ = text_diff::text_diff(conda, &text(conda), 3);
    }
}

#[test]
fn filters() {
    const PIECES: [&str; 46] = [
        "lr",
        "val/acc",
        "metrics.loss",
        "params.`a b`",
        "`and`",
        "max(",
        "first(",
        "(",
        ")",
        ",",
        " and ",
        " or ",
        "not ",
        " in (",
        " like ",
        " ilike ",
        " between ",
        " is null",
        " is not ",
        "=",
        "!=",
        "<",
        ">=",
        " =~ ",
        "!~",
        "'",
        "\"",
        "`",
        "'x%_'",
        "\"(a\"",
        "'^a+$'",
        "1",
        "-7d",
        "1e-3",
        "2026-11-01",
        "nan",
        "inf",
        " - ",
        " / ",
        "+",
        "*",
        "ü",
        "\\",
        "datasets.digest",
        "status",
        "start_time",
    ];
    let mut table = RunTable::default();
    for (id, lr) in [("a", "0.1"), ("b", "auto"), ("c", "1e-3")] {
        let mut run = halimede::model::Run::empty(id.into());
        run.params = vec![("lr".into(), lr.into()), ("a b".into(), "x".into())];
        let value = halimede::model::MetricValue { value: f64::NAN, step: 0.0, time: 0.0 };
        run.metrics = vec![("val/acc".into(), value), ("loss".into(), value)];
        table.upsert(&run);
    }
    let context = apply::Context { table: &table, now: 1e12, to_utc: &|it| it, figures: &apply::NoFigures };
    let (mut n_read, mut n_passed) = (0u64, 0u64);
    let all = rounds(30_000);
    for seed in 0..all {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut text = String::new();
        for _ in 0..=random.below(12) {
            text.push_str(PIECES[random.below(PIECES.len())]);
            text.push_str([" ", ""][random.below(2)]);
        }
        if random.below(4) == 0 {
            text = String::from_utf8_lossy(&spoilt(text.as_bytes(), seed)).into_owned();
        }
        match filter::parse(&text) {
            Ok(Some(expr)) => {
                n_read += 1;
                let shown = expr.to_string();
                let again = filter::parse(&shown);
                assert_eq!(again.as_ref().ok(), Some(&Some(expr.clone())), "seed {seed}: {text:?} shown as {shown:?}");
                n_passed += u64::from(apply::apply(&expr, &context).is_ok());
            }
            Ok(None) => {}
            Err(trouble) => {
                assert!(text.get(trouble.span.clone()).is_some(), "seed {seed}: {text:?} {trouble:?}");
            }
        }
        let cursor = random.below(text.len() + 1);
        let offered = filter::complete::complete(&text, cursor, &table);
        assert!(text.get(offered.span.clone()).is_some(), "seed {seed}: {text:?} {offered:?}");
        let _ = filter::colours(&text);
    }
    // The pieces make sense often enough for the test to mean something.
    assert!(n_read > all / 50 && n_passed > all / 100, "{n_read} read, {n_passed} passed of {all}");
}
