//! The language as people write it: what parses to what, what is refused with which words, what
//! passes.

use super::apply::{Context, NoFigures, apply};
use super::{parse, parse_value};
use crate::model::{Dataset, MetricValue, Run, RunTable, Status};

/// Shown again, or the words of the refusal with what they point at.
fn shown(text: &str) -> String {
    match parse(text) {
        Ok(None) => "everything".into(),
        Ok(Some(expr)) => {
            let again = parse(&expr.to_string());
            assert_eq!(again.as_ref().ok(), Some(&Some(expr.clone())), "{text} shown as {expr}: {again:?}");
            expr.to_string()
        }
        Err(trouble) => format!("{}: {}", &text[trouble.span], trouble.message),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected);
}

#[test]
fn reads_what_mlflow_reads() {
    check("metrics.rmse < 1 and params.model = 'tree'", "metrics.rmse < 1 and params.model = \"tree\"");
    check("params.`learning rate` = \"0.1\"", "params.`learning rate` = \"0.1\"");
    check("metric.\"val acc\" > 0.9", "metrics.`val acc` > 0.9");
    check("tags.mlflow.parentRunId LIKE 'a%'", "tags.mlflow.parentRunId like \"a%\"");
    check("attributes.status != 'FAILED'", "attributes.status != \"FAILED\"");
    check("attributes.run_id NOT IN ('a', 'b')", "attributes.run_id not in (\"a\", \"b\")");
    check("dataset.name ILIKE '%mnist%'", "datasets.name ilike \"%mnist%\"");
    check("params.x IS NOT NULL", "params.x is not null");
    check("attributes.start_time >= 1664067852747", "attributes.start_time >= 1664067852747");
}

#[test]
fn reads_what_mlflow_does_not() {
    check("lr < 1e-3 or not optimizer = \"adam\"", "lr < 1e-3 or not optimizer = \"adam\"");
    check("(a = 1 or b = 2) and c = 3", "(a = 1 or b = 2) and c = 3");
    check("a = 1 or b = 2 and c = 3", "a = 1 or b = 2 and c = 3");
    check("((a = 1))", "a = 1");
    check("name =~ '^mlp-\\d+'", "name =~ \"^mlp-\\\\d+\"");
    check("lr between 1e-4 and 1e-2", "lr between 1e-4 and 1e-2");
    check("start_time > -7d and duration < 1.5h", "start_time > -7d and duration < 1.5h");
    check("start_time > 2026-11-01", "start_time > \"2026-11-01\"");
    check("max(val/acc) - last(val/acc) > 0.1", "max(val/acc) - last(val/acc) > 0.1");
    check("(a - b) * 2 >= c / 3", "(a - b) * 2 >= c / 3");
    check("a - (b - c) = 0", "a - (b - c) = 0");
    check("a-b = 1", "a-b = 1");
    check("lr<1&&lr>0||x==2", "lr < 1 and lr > 0 or x = 2");
    check("-lr < -1", "-lr < -1");
    check("`and` = 1", "`and` = 1");
    check("loss = nan", "loss = nan");
}

#[test]
fn words_alone_are_a_search() {
    check("adam 256x128", "\"adam\" and \"256x128\"");
    check("adam lr < 1", "\"adam\" and lr < 1");
    check("'two words' or 3", "\"two words\" or \"3\"");
    check("not adam", "not \"adam\"");
    check("  ", "everything");
}

#[test]
fn refusals_point_and_say() {
    check("lr <", ": expected a name or a value");
    check("lr < 1 and", ": expected a name or a value");
    check("(lr < 1", ": a bracket is not closed");
    check("(lr + 2 x) < 1", "(: a bracket is not closed");
    check("lr < 1)", "): no bracket is open here");
    check("name = 'adam", "'adam: this quote is not closed: add '");
    check("name like adam", "adam: expected a text in quotes to match name with");
    check("name =~ '(a'", "'(a': not a regular expression: found open group without closing ')'");
    check(
        "median(loss) < 1",
        "median: median is neither a figure of a series (last, first, min, max, mean, count) nor a function (abs, sqrt, exp, log, log2, log10)",
    );
    check("max(params.lr) < 1", "params.lr: only metrics have a series");
    check("lr is 3", "3: expected null or not null after is");
    check("lr in 3", "3: expected a list in brackets, such as ('a', 'b')");
    check("a + 1", ": expected a comparison after a + 1, such as = or <");
    check(
        "what.`x` = 1",
        "what.`x`: what is no kind of name; there are metrics, params, tags, attributes and datasets",
    );
    check("a = ; ", ";: ; means nothing here");
    assert!(shown(&"(".repeat(5000)).contains("nested deeper"));
    assert!(shown(&"not ".repeat(2000)).contains("nested deeper"));
    assert!(shown(&"max(".repeat(2000)).contains("nested deeper"));
    assert!(shown(&format!("{} = 1", vec!["1"; 2000].join(" + "))).contains("more than"));
    assert!(parse_value("max(a) -").is_err() && parse_value("a = 1").is_err());
}

fn table() -> RunTable {
    let mut table = RunTable::default();
    let mut add = |id: &str, params: &[(&str, &str)], metrics: &[(&str, f64)], change: &dyn Fn(&mut Run)| {
        let mut run = Run::empty(id.into());
        run.name = format!("run-{id}");
        run.params = params.iter().map(|it| (it.0.into(), it.1.into())).collect();
        run.metrics =
            metrics.iter().map(|it| (it.0.into(), MetricValue { value: it.1, step: 0.0, time: 0.0 })).collect();
        change(&mut run);
        table.upsert(&run);
    };
    add("a", &[("lr", "0.1"), ("opt", "adam")], &[("loss", 0.5), ("opt", 1.0)], &|it| {
        it.start = Some(1_000_000.0);
        it.end = Some(1_090_000.0);
        it.status = Status::Finished;
    });
    add("b", &[("lr", "1e-2"), ("opt", "Adam W")], &[("loss", f64::NAN)], &|it| {
        it.status = Status::Failed;
        it.tags = vec![("team".into(), "x".into())];
        it.start = Some(5_000_000.0);
    });
    add("c", &[("lr", "auto")], &[("loss", f64::INFINITY)], &|it| {
        let text = |it: &str| it.to_owned();
        let dataset = |name: &str| Dataset {
            name: text(name),
            digest: text("d1"),
            context: text("train"),
            source_type: text(""),
            source: text(""),
            schema: text(""),
            profile: text(""),
        };
        it.datasets = vec![dataset("mnist"), dataset("cifar")];
    });
    add("d", &[], &[], &|_| {});
    table
}

#[track_caller]
fn passes(filter: &str, expected: &str) {
    let table = table();
    let context = Context { table: &table, now: 5_060_000.0, to_utc: &|it| it, figures: &NoFigures };
    let expr = parse(filter).expect("parses").expect("not empty");
    let found = match apply(&expr, &context) {
        Ok(passed) => {
            let ids: Vec<&str> = passed.yes.rows().map(|row| table.id(row).as_str()).collect();
            ids.join("")
        }
        Err(trouble) => format!("{}: {}", &filter[trouble.span], trouble.message),
    };
    assert_eq!(found, expected, "{filter}");
}

#[test]
fn functions_are_of_any_value() {
    check("LOG10( lr ) < -1", "log10(lr) < -1");
    check("exp(-(a + b)) > sqrt(2 * max(loss))", "exp(-(a + b)) > sqrt(2 * max(loss))");
    passes("log10(lr) <= -1", "ab");
    passes("log2(4) = 2", "abcd");
    passes("abs(loss - 2) = 1.5", "a");
    passes("exp(loss) > 1e300", "c");
    passes("log(-lr) = nan", "ab");
    passes("abs(duration) < 91", "a");
    passes("duration / 60 = 1.5", "a");
    passes("end_time - 90s = start_time", "a");
    passes("end_time - start_time = 90", "a");
    passes("log('x') = 1", "'x': this is a text, not a number to calculate with");
    check("log(lr 2) < 1", "(: a bracket is not closed");
    check("log(lr", ": a bracket is not closed");
    check("log() < 1", "): expected a name or a value, not )");
}

#[test]
fn params_compare_as_numbers_and_as_texts() {
    passes("params.lr < 0.1", "b");
    passes("lr <= 0.1", "ab");
    passes("lr = 0.01", "b");
    passes("lr = '0.01'", "");
    passes("lr != 0.1", "bc");
    passes("lr between 0 and 1", "ab");
    passes("lr not between 0 and 0.05", "ac");
    passes("lr in (0.1, 'auto')", "ac");
    passes("lr not in (0.1)", "bc");
    passes("0.05 < lr", "a");
}

#[test]
fn missing_nan_and_infinity_stay_apart() {
    passes("loss > 1", "c");
    passes("loss < 1", "a");
    passes("loss != 0.5", "bc");
    passes("loss = nan", "b");
    passes("loss = inf", "c");
    passes("loss is null", "d");
    passes("loss is not null", "abc");
    passes("not loss < 1", "bcd");
    passes("params.nope = 1 or loss < 1", "a");
    passes("loss - 0.5 = 0", "a");
    passes("loss * 2 > lr", "a");
}

#[test]
fn texts_match_by_pattern() {
    passes("params.opt like 'a%'", "a");
    passes("params.opt ilike 'A%_'", "ab");
    passes("params.opt not like 'a%'", "b");
    passes("params.opt =~ '^[Aa]dam$'", "a");
    passes("params.opt !~ 'W'", "a");
    passes("datasets.name = 'cifar' and datasets.digest = 'd1'", "c");
    passes("dataset.context != 'train'", "");
    passes("status = 'FINISHED'", "a");
    passes("status like 'FIN%'", "a");
    passes("status != 'SCHEDULED' and status = 'Failed'", "b");
    passes("status in ('failed', 'finished')", "ab");
    passes("run_id = 'd'", "d");
    passes("name = 'run-c'", "c");
    passes("loss like 'x'", "loss: this is a number: compare it with = < > or a range");
}

#[test]
fn a_pattern_may_be_costly_to_nobody() {
    assert!(shown("name =~ '(x{500}){500}y'").contains("not a regular expression"));
    let mut run = Run::empty("a".into());
    run.params = vec![("huge".into(), "x".repeat(10_000_000))];
    let mut table = RunTable::default();
    table.upsert(&run);
    let context = Context { table: &table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
    let expr = parse("huge =~ '(a|x)*y$'").expect("parses").expect("not empty");
    let begun = std::time::Instant::now();
    assert!(apply(&expr, &context).expect("makes sense").yes.is_empty());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn times_and_durations() {
    passes("start_time > -5m", "b");
    passes("start_time < 1970-01-01T01:00:00Z", "a");
    passes("start_time >= 5000000", "b");
    passes("duration > 1m", "a");
    passes("duration = 90", "a");
    passes("duration < 2h", "a");
    passes(
        "start_time > 'soon'",
        "'soon': expected a date such as \"2026-11-24\" or \"2026-11-24 14:53\", or a time ago such as -7d",
    );
    passes("loss > 3d", "3d: a duration beside a plain number");
}

#[test]
fn words_and_logic() {
    passes("adam", "ab");
    passes("adam and not W", "a");
    passes("x", "b");
    passes("(lr = 0.1 or lr = 0.01) and status = 'failed'", "b");
    passes("team = 'x'", "b");
}

#[test]
fn notes_say_what_nobody_has_and_what_is_two_things() {
    let table = table();
    let context = Context { table: &table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
    let notes = |filter: &str| {
        let expr = parse(filter).expect("parses").expect("not empty");
        let passed = apply(&expr, &context).expect("makes sense");
        passed.notes.into_iter().map(|it| (it.message, it.instead)).collect::<Vec<_>>()
    };
    assert_eq!(notes("lss < 1"), [("no cached run has the name lss".to_owned(), Some("loss".to_owned()))]);
    assert_eq!(
        notes("opt = 1"),
        [("opt is metrics.opt and params.opt; the first is taken".to_owned(), Some("params.opt".to_owned()))]
    );
    assert!(notes("loss < 1").is_empty());
    assert_eq!(
        notes("status = finished"),
        [("no cached run has the name finished; a text stands in quotes".to_owned(), Some("'finished'".to_owned()))]
    );
    let unknown = parse("attributes.statis = 'x'").expect("parses").expect("not empty");
    assert_eq!(apply(&unknown, &context).expect_err("no such attribute").instead.as_deref(), Some("attributes.status"));
}

#[test]
fn figures_not_loaded_are_open_not_false() {
    let table = table();
    let context = Context { table: &table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
    let expr = parse("max(loss) > 1 and lr < 1 or name = 'run-d'").expect("parses").expect("not empty");
    let passed = apply(&expr, &context).expect("makes sense");
    assert_eq!(passed.yes.rows().collect::<Vec<_>>(), [3]);
    assert_eq!(passed.open.rows().collect::<Vec<_>>(), [0, 1], "those whose lr passes");
    assert_eq!(passed.wanted.len(), 1);
    // What lacks one side has no difference, whatever the other is.
    let expr = parse("max(loss) - lr < 1").expect("parses").expect("not empty");
    let passed = apply(&expr, &context).expect("makes sense");
    assert_eq!(passed.open.rows().collect::<Vec<_>>(), [0, 1], "c's lr is no number, d has nothing");
    let expr = parse("max(loss) - team is not null").expect("parses").expect("not empty");
    assert_eq!(apply(&expr, &context).expect("makes sense").yes.rows().count(), 0);
    // The last value tells already: the greatest of a's is no less than 0.5, c's is infinite.
    let expr = parse("max(loss) >= 0.5").expect("parses").expect("not empty");
    let passed = apply(&expr, &context).expect("makes sense");
    assert_eq!(passed.yes.rows().collect::<Vec<_>>(), [0, 2]);
    assert_eq!(passed.open.rows().collect::<Vec<_>>(), [1]);
}
