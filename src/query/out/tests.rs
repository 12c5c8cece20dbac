//! Odd names and values through every format.

use super::*;
use crate::model::{RunId, Status};
use crate::query::cells::Fold;

fn line(name: &str, cells: Vec<Cell>) -> Row {
    Row { name: name.into(), id: RunId::from(name), status: Status::Finished, cells, ..Row::nothing() }
}

fn spread() -> Summary {
    Summary::of([0.916, 0.908, 0.912].into_iter())
}

fn sheet() -> Sheet {
    let fields = [
        Field::Metric("val/acc".into()),
        Field::Param("lr".into()),
        Field::Param("note".into()),
        Field::Duration,
        Field::Started,
    ];
    let rows = [
        line(
            "=SUM(A1)",
            vec![
                Cell::Metric { value: 0.1 + 0.2, step: 3.0 },
                Cell::NumberText("-1e-3".into()),
                Cell::Text("a \"b\", 50 %\n| x_y".into()),
                Cell::Duration(90_500.0),
                Cell::Time(1_795_525_200_000.0),
            ],
        ),
        line(
            "b",
            vec![Cell::Spread(spread()), Cell::Missing, Cell::Text("[64] <b>".into()), Cell::Missing, Cell::Missing],
        ),
        line("c", vec![Cell::Number(f64::NAN), Cell::Missing, Cell::Text("-x".into()), Cell::NotLoaded, Cell::Missing]),
        line("d", vec![Cell::Number(f64::NEG_INFINITY), Cell::Missing, Cell::Missing, Cell::Missing, Cell::Missing]),
    ];
    Sheet::of(&rows, &fields)
}

#[test]
fn csv_is_what_pandas_reads_and_no_formula() {
    let text = write(&sheet(), Format::Csv, SpreadStyle::Sd);
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "run,val/acc,val/acc sd,val/acc n,lr,note,time [s],started");
    assert_eq!(
        lines[1],
        "'=SUM(A1),0.30000000000000004,,,-1e-3,\"a \"\"b\"\", 50 %\n| x_y\",90.5,2026-11-24T13:00:00.000Z"
    );
    let (mean, sd) = (number::exact(spread().mean), number::exact(spread().sd));
    assert_eq!(lines[2], format!("b,{mean},{sd},3,,[64] <b>,,"));
    assert_eq!(lines[3], "c,NaN,,,,'-x,,");
    assert_eq!(lines[4], "d,-inf,,,,,,");
    assert!(
        write(&sheet(), Format::Csv, SpreadStyle::Median).starts_with("run,val/acc,val/acc min,val/acc max,val/acc n,")
    );
    assert_eq!(sheet().n_not_loaded(), 1);
}

#[test]
fn json_has_texts_for_what_it_cannot_say() {
    let text = write(&sheet(), Format::Json, SpreadStyle::StandardError);
    let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read[0]["val/acc"], 0.1 + 0.2);
    assert_eq!(read[0]["note"], "a \"b\", 50 %\n| x_y");
    assert_eq!(read[0]["run"], "=SUM(A1)", "only a spreadsheet runs it");
    assert_eq!(read[1]["val/acc se"], spread().standard_error());
    assert_eq!((&read[2]["val/acc"], &read[3]["val/acc"]), (&"NaN".into(), &"-Infinity".into()));
    assert_eq!((&read[2]["time [s]"], &read[2]["val/acc n"]), (&serde_json::Value::Null, &serde_json::Value::Null));
}

#[test]
fn markdown_stays_in_its_cells() {
    let text = write(&sheet(), Format::Markdown, SpreadStyle::Sd);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "| run | val/acc | lr | note | time \\[s\\] | started |");
    assert_eq!(lines[1], "| --- | ---: | ---: | --- | ---: | --- |");
    assert_eq!(lines[2], "| =SUM(A1) | 0.3 | -1e-3 | a \"b\", 50 % \\| x\\_y | 90.5 | 2026-11-24T13:00:00.000Z |");
    assert_eq!(lines[3], "| b | 0.912 ± 0.004 |  | \\[64\\] \\<b\\> |  |  |");
    assert_eq!(lines[4], "| c | NaN |  | -x | … |  |");
    assert!(write(&sheet(), Format::Markdown, SpreadStyle::Median).contains("| 0.912 (0.908–0.916) |"));
}

#[test]
fn latex_escapes_and_marks_the_best() {
    let text = write(&sheet(), Format::Latex, SpreadStyle::Sd);
    assert!(text.contains("\\begin{tabular}{lrrlrl}"), "{text}");
    assert!(text.contains("run & val/acc & lr & note & time {[}s{]} & started \\\\\n\\midrule"), "{text}");
    assert!(text.contains("=SUM(A1) & $0.3$ & -1e-3 & a \"b\", 50 \\% \\textbar{} x\\_y & $90.5$"), "{text}");
    assert!(text.contains("b & $\\mathbf{0.912 \\pm 0.004}$ &  & {[}64{]} \\textless{}b\\textgreater{} &"), "{text}");
    assert!(text.contains("c & $\\mathrm{NaN}$ &"), "{text}");
    assert!(text.contains("d & $-\\infty$ &"), "{text}");
}

#[test]
fn groups_say_the_way_and_the_number_of_their_runs() {
    let fold = |kind: FoldKind, n_runs: u32| {
        Some(Fold { key: 0, kind, is_open: true, n_runs, n_running: 0, n_failed: 0, runs: Vec::new() })
    };
    let value = FoldKind::Value { field: "model".into(), n_inner: 1 };
    let rows = [
        Row { fold: fold(value, 2), ..line("big", vec![Cell::Several(2)]) },
        Row { fold: fold(FoldKind::Seeds, 2), depth: 1, ..line("mlp", vec![Cell::Several(2)]) },
        Row { depth: 2, ..line("mlp-0", vec![Cell::NumberText("0".into())]) },
        Row { fold: fold(FoldKind::Parent, 1), ..line("parent", vec![Cell::Missing]) },
        Row { depth: 1, ..line("child", vec![Cell::Missing]) },
    ];
    let text = write(&Sheet::of(&rows, &[Field::Param("seed".into())]), Format::Csv, SpreadStyle::Sd);
    let expected = [
        "group,runs,run,seed",
        ",2,big,",
        "model=big,2,mlp,",
        "model=big / mlp,,mlp-0,0",
        ",,parent,",
        "parent,,child,",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn two_columns_never_have_one_title() {
    let fields = [Field::Metric("opt".into()), Field::Param("opt".into()), Field::Tag("run".into())];
    let titles: Vec<String> = Sheet::of(&[], &fields).columns.into_iter().map(|it| it.title).collect();
    assert_eq!(titles, ["run", "opt", "params.opt", "tags.run"]);
}
