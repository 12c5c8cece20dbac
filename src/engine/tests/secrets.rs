//! Tokens reach their server and nothing else: not what is stored, not what leaves.

use super::*;
use crate::model::Auth;
use crate::model::view::StoredView;
use crate::query::out::{Format, SpreadStyle};
use crate::query::redact::Redact;

const CANARY: &str = "canary-5f1c";

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|it| it == CANARY.as_bytes())
}

/// `HALIMEDE_STATES=10000` for a long run.
#[test]
fn no_token_is_in_what_is_kept_or_leaves() {
    let n: u32 = std::env::var("HALIMEDE_STATES").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
    let store = Rc::new(Memory::default());
    let server = Rc::new(Server::default());
    server.n_runs.set(5);
    let mut bench = bench(server.clone(), store.clone());
    let mut seed = 11u32;
    let mut next = move |n: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % n
    };
    for round in 0..n {
        let auth = match next(3) {
            0 => Auth::Bearer(CANARY.into()),
            1 => Auth::Basic { user: format!("u-{CANARY}"), password: CANARY.into() },
            _ => Auth::Headers(vec![("x-key".into(), CANARY.into())]),
        };
        let kind = "mlflow".to_owned();
        bench.ask(Question::Connect { kind, address: "http://h".into(), auth }).expect("connects");
        bench.rows("");
        bench.pool.run_until_stalled();
        bench.rows("");
        let selection = match next(3) {
            0 => Selection::First(1 + next(4)),
            1 => Selection::Newest(2),
            _ => Selection::AllBut(vec![format!("r{}", next(5)).as_str().into()]),
        };
        let text = format!("look=dashboard&q=loss%20%3E%20{}", next(3));
        let part = SnapshotPart {
            project: key(),
            query: RowsQuery::default(),
            selection: selection.clone(),
            views: vec![StoredView { name: "v".into(), text }],
            pages: if next(2) == 0 { Pages::All } else { Pages::None },
        };
        let redact = Redact { hosts: next(2) == 0, users: next(2) == 0, paths: next(2) == 0, tags: String::new() };
        let points = (next(2) == 0).then_some(8 + next(100));
        let ask = SnapshotAsk {
            title: "t".into(),
            parts: vec![part],
            points,
            files: None,
            redact,
            as_page: false,
            start: None,
        };
        let snapshot = bench.ask(Question::Snapshot(Box::new(ask))).expect("is made");
        let rows = RowsAsk {
            project: key(),
            query: RowsQuery::default(),
            fields: vec![Field::Metric("loss".into()), Field::Id],
            toggled: Vec::new(),
            offset: 0,
            limit: 10,
            selection,
        };
        let export = match next(3) {
            0 => Export::Script,
            1 => Export::Table(Format::Json, SpreadStyle::default()),
            _ => Export::Table(Format::Csv, SpreadStyle::default()),
        };
        let exported = bench.ask(Question::Export(Box::new(ExportAsk { rows, export }))).expect("leaves");
        let [Part::Bytes(snapshot)] = snapshot.parts.as_slice() else { panic!("one file") };
        let [Part::Bytes(exported)] = exported.parts.as_slice() else { panic!("one text") };
        let unpacked = crate::sources::snapshot::unpacked(snapshot.clone());
        assert!(unpacked.len() > 500 && !holds(&unpacked), "round {round}");
        assert!(!exported.is_empty() && !holds(exported), "round {round}");
        let said = format!("{:?}", bench.ask(Question::Sources).expect("tells").answer);
        assert!(!said.contains(CANARY), "round {round}: {said}");
    }
    let keys = bench.pool.run_until(store.keys("")).expect("lists");
    assert!(keys.len() > 1);
    for bytes in bench.pool.run_until(store.get(&keys)).expect("reads").into_iter().flatten() {
        assert!(!holds(&bytes), "what is stored");
    }
}
