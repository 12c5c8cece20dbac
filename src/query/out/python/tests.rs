//! What goes to the server, what to pandas, and that nothing in a name or value gets out of its quotes.
//! `tests/python_copy.rs` runs the scripts.

use super::*;
use crate::model::{Field, MetricValue, Run, RunTable};
use crate::query::filter::apply::NoFigures;
use crate::query::rows::Sort;

fn table() -> RunTable {
    let mut run = Run::empty("a".into());
    run.params = vec![("lr".into(), "0.1".into()), ("both".into(), "x".into())];
    let value = MetricValue { value: 1.0, step: 0.0, time: 0.0 };
    run.metrics = vec![("loss".into(), value), ("both".into(), value), ("val/acc".into(), value)];
    run.tags = vec![("team".into(), "x".into())];
    let mut table = RunTable::default();
    table.upsert(&run);
    table
}

fn with<T>(ask: impl Fn(&Context) -> T) -> T {
    ask(&Context { table: &table(), now: 1_000_000.0, to_utc: &|it| it - 3_600_000.0, figures: &NoFigures })
}

#[track_caller]
fn check(filter: &str, expected: &str) {
    let expr = filter::parse(filter).expect("parses").expect("something");
    assert_eq!(with(|it| pushable(&expr, it)).unwrap_or_default(), expected, "{filter}");
}

#[test]
fn pushes_what_servers_say_as_we_do() {
    check("loss < 0.5 and lr = '0.1'", "metrics.`loss` < 0.5 AND params.`lr` = '0.1'");
    check("0.5 > metrics.loss", "metrics.`loss` < 0.5");
    check("val/acc between 1e-7 and -1", "metrics.`val/acc` >= 1e-7 AND metrics.`val/acc` <= -1");
    check("last(val/acc) >= 1", "metrics.`val/acc` >= 1");
    check("both > 1", "metrics.`both` > 1");
    check("params.both != 'y'", "params.`both` != 'y'");
    check("params.unseen = 'y'", "params.`unseen` = 'y'");
    check("team is not null", "tags.`team` LIKE '%'");
    check("status = 'Queued' and status != FAILED_", "attributes.status = 'SCHEDULED'");
    check(
        "start_time > -7m and end_time < 1970-01-02",
        "attributes.start_time > 580000 AND attributes.end_time < 82800000",
    );
    check(
        "name = 'x' and id in ('a', 'b') and id != 'c'",
        "attributes.run_name = 'x' AND attributes.run_id IN ('a', 'b') AND attributes.run_id != 'c'",
    );
    check(
        "parent = 'p' and dataset = 'd' and datasets.digest = 'e'",
        "tags.`mlflow.parentRunId` = 'p' AND datasets.name = 'd' AND datasets.digest = 'e'",
    );
    check(
        "(loss < 1 and (loss > 0 and lr = 'x')) and adam",
        "metrics.`loss` < 1 AND metrics.`loss` > 0 AND params.`lr` = 'x'",
    );
}

#[test]
fn pushes_nothing_that_could_lose_a_run() {
    for filter in [
        "lr = 0.1",
        "lr < 1",
        "lr < 'b'",
        "loss != 0",
        "loss = nan",
        "loss < inf",
        "loss is null",
        "loss is not null",
        "lr is null",
        "not loss < 1",
        "loss < 1 or lr = 'x'",
        "loss in (1, 2)",
        "lr not in ('x')",
        "lr not like 'a%'",
        "lr =~ 'a'",
        "name != 'x'",
        "name = ''",
        "user = 'x'",
        "duration < 5s",
        "max(loss) > 1",
        "loss - both > 1",
        "exp(loss) > 1",
        "loss > both",
        "status = 'unknown'",
        "status like 'fin%'",
        "status < 'x'",
        "unseen = 'x'",
        "datasets.context != 'x'",
        "start_time > 1e20",
        "start_time > 0.5",
        "adam",
        "'a' = 'b'",
    ] {
        check(filter, "");
    }
}

#[test]
fn patterns_become_looser_where_stores_differ() {
    check("lr like '%a b%'", "params.`lr` LIKE '%a b%'");
    check("lr like 'a_b'", "params.`lr` LIKE 'a%b'");
    check("lr like '__%_'", "");
    check("lr ilike '%Big-Kid-ü%'", "params.`lr` ILIKE '%B%g-%d-%'");
    check("team like 'a%b'", "tags.`team` LIKE 'a%'");
    check("team like '%b'", "");
    check("name like '%b'", "attributes.run_name LIKE '%b'");
}

#[test]
fn nothing_gets_out_of_its_quotes() {
    check("lr = 'say \"x\"'", "params.`lr` = 'say \"x\"'");
    check("lr = \"it's\"", "params.`lr` = \"it's\"");
    check("lr = 'it''s \"x\"'", "");
    check("lr = 'a\\\\'", "");
    check("lr = 'a\nb'", "");
    check("params.\"a b\" = 'x'", "params.`a b` = 'x'");
    check("params.\"a`b\" = 'x'", "");
    let filter = "lr = 'a\"\\n\nimport os' and `x\"\n` = 'y'";
    let query = RowsQuery { filter: filter.into(), ..RowsQuery::default() };
    let text = with(|it| python("http://x/\"\n", "1\"\\", &query, it)).expect("a script");
    assert!(text.contains("set_tracking_uri(\"http://x/\\\"\\n\")\n"), "{text}");
    assert!(text.contains("search_runs([\"1\\\"\\\\\"])"), "{text}");
    assert!(!text.contains("\nimport os"), "{text}");
}

#[test]
fn a_script_holds_what_it_needs_and_no_more() {
    let sort = |field: Field| vec![Sort { field, descending: true }];
    let query = RowsQuery {
        filter: "val/acc > 0.5 and lr < 0.1".into(),
        sort: sort(Field::Metric("val/acc".into())),
        ..RowsQuery::default()
    };
    let text = with(|it| python("http://localhost:5000", "3", &query, it)).expect("a script");
    let expected = r#"# "val/acc > 0.5 and lr < 0.1"
import mlflow
import pandas as pd

mlflow.set_tracking_uri("http://localhost:5000")
runs = mlflow.search_runs(["3"], filter_string="metrics.`val/acc` > 0.5", order_by=["metrics.`val/acc` DESC"])


def column(name):"#;
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("\n\nruns = runs[(numbers(column(\"params.lr\")) < 0.1)]\nprint(runs)\n"), "{text}");
    assert!(!text.contains("def has") && !text.contains("found") && !text.contains("client"), "{text}");

    let query = RowsQuery { sort: sort(Field::Param("lr".into())), ..RowsQuery::default() };
    let text = with(|it| python("http://localhost:5000", "3", &query, it)).expect("a script");
    assert!(text.contains("import re\n") && text.contains("def rank") && !text.contains("order_by"), "{text}");

    let text = with(|it| python("u", "3", &RowsQuery::default(), it)).expect("a script");
    assert_eq!(
        text,
        "import mlflow\n\nmlflow.set_tracking_uri(\"u\")\nruns = mlflow.search_runs([\"3\"])\nprint(runs)\n"
    );
    let bad = RowsQuery { filter: "lr <".into(), ..RowsQuery::default() };
    assert!(with(|it| python("u", "3", &bad, it)).is_err());
}
