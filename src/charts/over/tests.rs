//! Every kind on a small sheet and on odd ones: what is drawn is a whole file, and nothing fails.

use super::*;
use crate::model::Field;
use crate::model::sheet::{Importance, Ranking};

fn column(name: &str, numbers: &[f64]) -> SheetColumn {
    SheetColumn { field: Field::Metric(name.into()), labels: Vec::new(), numbers: numbers.to_vec() }
}

fn named(name: &str, labels: &[&str], places: &[f64]) -> SheetColumn {
    let labels = labels.iter().map(|it| (*it).to_owned()).collect();
    SheetColumn { field: Field::Param(name.into()), labels, numbers: places.to_vec() }
}

fn sheet(columns: Vec<SheetColumn>) -> Sheet {
    let n = columns[0].numbers.len();
    Sheet {
        ids: (0..n).map(|it| format!("r{it}").into()).collect(),
        names: (0..n).map(|it| format!("run <{it}>")).collect(),
        columns,
        n_matched: u32::try_from(n).unwrap_or(0),
        n_far: 0,
        n_cut: 0,
        ranking: None,
    }
}

#[test]
fn runs_without_what_it_takes_are_not_counted() {
    let nan = f64::NAN;
    let columns = vec![column("lr", &[0.1, nan, 0.3]), column("acc", &[0.9, 0.8, 0.7]), column("wd", &[nan, nan, nan])];
    let n = |word: &str| kind(word).map(|it| it.n_drawn(&sheet(columns.clone())));
    assert_eq!((n("scatter"), n("heat"), n("bars"), n("histogram")), (Some(2), Some(0), Some(2), Some(2)));
    // An axis without a value leaves the rest of the curve.
    assert_eq!(n("parallel"), Some(3));
}

const SIZE: (f64, f64) = (420.0, 260.0);

#[test]
fn every_kind_draws_what_it_is_given() {
    let lr = column("lr", &[1e-4, 1e-3, 1e-2, 1e-1, 1e-3, 1e-2]);
    let optimizer = named("optimizer", &["adam", "sgd"], &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    let accuracy = column("acc", &[0.91, 0.95, 0.97, 0.4, 0.96, 0.9]);
    let words = KINDS.iter().map(|it| it.word).chain(["bars of colours", "scatter of names"]);
    for word in words {
        let kind = kind(word.split(' ').next().unwrap_or(word)).expect("is there");
        let columns = match word {
            "bars of colours" => vec![optimizer.clone(), accuracy.clone(), lr.clone()],
            "scatter of names" => vec![lr.clone(), accuracy.clone(), optimizer.clone()],
            "scatter" => vec![lr.clone(), accuracy.clone(), lr.clone(), accuracy.clone()],
            "parallel" => vec![lr.clone(), optimizer.clone(), accuracy.clone()],
            "bars" | "boxes" | "violin" => vec![optimizer.clone(), accuracy.clone()],
            "importance" => vec![lr.clone(), optimizer.clone(), accuracy.clone()],
            "heat" => vec![optimizer.clone(), lr.clone(), accuracy.clone()],
            _ => vec![accuracy.clone()],
        };
        let mut sheet = sheet(columns);
        if kind.is_ranked {
            let of =
                |it: &SheetColumn, share: f64| Importance { field: it.field.clone(), share, correlation: 0.5 - share };
            sheet.ranking =
                Some(Ranking { n_runs: 6, explained: 0.8, fields: vec![of(&lr, 0.6), of(&optimizer, 0.2)] });
        }
        let drawn = svg(kind, "", &sheet, SIZE, &Marks::default()).expect("draws").0;
        crate::charts::snapshots::check(&format!("over-{}", word.replace(' ', "-")), &drawn);
        if kind.is_ranked {
            continue;
        }
        let n = drawn.matches("<circle").count() + drawn.matches("<polyline").count() + drawn.matches("<rect").count();
        assert!(drawn.ends_with("</svg>\n") && n > 4, "{}: {drawn}", kind.word);
        let mut found = Vec::new();
        for x in 0..42 {
            for y in 0..26 {
                found.extend(
                    (kind.hit)(&sheet, SIZE, &Marks::default(), (f64::from(x) * 10.0, f64::from(y) * 10.0))
                        .map(|it| it.rows)
                        .into_iter()
                        .flatten(),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, (0..6).collect::<Vec<_>>(), "{}: each run can be pointed at", kind.word);
    }
}

/// `Series([1, 3, 2]).quantile([.25, .5, .75])`, `.mean()`, `.std()` of pandas.
#[test]
fn what_is_made_of_runs_is_a_table_too() {
    let by = named("optimizer", &["adam", "sgd"], &[0.0, 0.0, 0.0, 1.0]);
    let sheet = sheet(vec![by, column("loss", &[1.0, 3.0, 2.0, 7.0])]);
    let figures = |word: &str| kind(word).and_then(|it| (it.figures)(&sheet)).map(|it| it.rows).unwrap_or_default();
    let bars = figures("bars");
    assert_eq!((bars[0].0.as_str(), bars[0].1[0], bars[0].1[3], bars[0].1[4]), ("adam", 2.0, 1.0, 3.0));
    assert!(bars[1].1[1].is_nan(), "of one run there is no interval");
    assert_eq!(figures("boxes")[0], ("adam".into(), vec![2.0, 1.5, 2.5, 1.0, 3.0, 3.0]));
    assert!(figures("scatter").is_empty());
}

#[test]
fn bars_leave_for_latex_as_they_stand() {
    let nan = f64::NAN;
    let optimizer = named("optimizer", &["adam", "sgd_1"], &[0.0, 0.0, 1.0, 1.0, nan]);
    let hidden = column("hidden", &[32.0, 64.0, 32.0, nan, 32.0]);
    let of = |values: &[f64]| sheet(vec![optimizer.clone(), column("loss", values), hidden.clone()]);
    let latex = |values: &[f64]| kind("bars").and_then(|it| (it.latex)(&of(values))).expect("bars can");
    let text = latex(&[1.0, 3.0, 2.0, 4.0, 5.0]);
    assert!(text.contains("ybar, ymin=0, xlabel={optimizer}, ylabel={loss}") && text.contains("{sgd\\_1}"), "{text}");
    // One run each, so without an interval; what has no value stands beside the others.
    for (name, points) in [("32", "(0,1)\n(1,2)"), ("64", "(0,3)"), ("–", "(1,4)")] {
        assert!(text.contains(&format!("{points}\n}};\n\\addlegendentry{{{name}}}")), "{text}");
    }
    // Far from zero they are dots on the screen too.
    assert!(latex(&[1000.0, 1001.0, 1002.0, 1003.0, 0.0]).contains("only marks"));
}

#[test]
fn odd_sheets_draw_something_or_nothing_but_never_fail() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let odd: [Vec<f64>; 8] = [
        vec![],
        vec![1.0],
        vec![nan, nan, nan],
        vec![inf, -inf, nan, 1.0],
        vec![5.0; 40],
        vec![f64::MAX, -f64::MAX, 1e-308],
        vec![0.5, f64::MAX, 1.0],
        (0..200).map(|it| f64::from(it * it)).collect(),
    ];
    for kind in &KINDS {
        for numbers in &odd {
            for size in [SIZE, (0.0, 0.0), (3.0, 2000.0)] {
                let many = vec![column("a", numbers); 4];
                let sheet = sheet(many);
                assert!(svg(kind, "what", &sheet, size, &Marks::default()).is_some(), "{} {numbers:?}", kind.word);
                let mut marks = Marks::default();
                for to in [(10.0, 90.0), (200.0, 100.0), (60.0, 10.0)] {
                    (kind.drag)(&sheet, size, &mut marks, (60.0, 10.0), to);
                }
                let _ = (kind.picked)(&sheet, size, &marks);
                let _ = (kind.hit)(&sheet, size, &marks, (100.0, 100.0));
                let _ = (kind.arrange)(&sheet, size, (60.0, 10.0), (100.0, 100.0));
            }
        }
        // A link may ask for no field at all.
        assert!(svg(kind, "what", &Sheet::default(), SIZE, &Marks::default()).is_some());
        assert!((kind.hit)(&Sheet::default(), SIZE, &Marks::default(), (9.0, 9.0)).is_none());
    }
}

#[test]
fn a_lasso_and_a_stretch_pick_runs() {
    let it = sheet(vec![column("x", &[0.0, 1.0, 2.0, 3.0]), column("y", &[0.0, 1.0, 2.0, 3.0])]);
    let scatter = kind("scatter").expect("is there");
    let mut marks = Marks::default();
    for to in [(235.0, 0.0), (235.0, 260.0), (0.0, 260.0)] {
        (scatter.drag)(&it, SIZE, &mut marks, (0.0, 0.0), to);
    }
    assert_eq!((scatter.picked)(&it, SIZE, &marks), Some(vec![true, true, false, false]));
    let parallel = kind("parallel").expect("is there");
    let mut marks = Marks::default();
    (parallel.drag)(&it, SIZE, &mut marks, (52.0, 20.0), (52.0, 130.0));
    assert_eq!((parallel.picked)(&it, SIZE, &marks), Some(vec![false, false, true, true]));
    (parallel.drag)(&it, SIZE, &mut marks, (52.0, 130.0), (52.0, 130.0));
    assert_eq!((parallel.picked)(&it, SIZE, &marks), None);
}

#[test]
fn an_axis_is_pulled_by_its_name_and_turned_by_a_click() {
    let parallel = kind("parallel").expect("is there");
    let it = sheet(["a", "b", "c"].map(|name| column(name, &[0.0, 1.0])).into());
    let arrange = |from, to| (parallel.arrange)(&it, SIZE, from, to);
    assert_eq!(arrange((55.0, 8.0), (55.0, 8.0)), Some(Arrange::Flip(0)));
    assert_eq!(arrange((55.0, 8.0), (360.0, 90.0)), Some(Arrange::Move { from: 0, to: 2 }));
    assert_eq!(arrange((55.0, 8.0), (70.0, 8.0)), None, "back to its own place");
    assert_eq!(arrange((55.0, 90.0), (360.0, 90.0)), None, "a stretch of the axis");
    let mut marks = Marks { flips: vec![true], ..Marks::default() };
    (parallel.drag)(&it, SIZE, &mut marks, (52.0, 20.0), (52.0, 130.0));
    assert_eq!((parallel.picked)(&it, SIZE, &marks), Some(vec![true, false]), "the least is on top");
    // What is picked stays so when the axis is turned upright and moved.
    let other = sheet(["b", "a", "c"].map(|name| column(name, &[0.0, 1.0])).into());
    let moved = Marks { ranges: marks.carried(&it, &other, &[false; 3]), ..Marks::default() };
    assert_eq!((parallel.picked)(&other, SIZE, &moved), Some(vec![true, false]));
    assert!(moved.ranges[0].is_none() && moved.ranges[2].is_none());
    (parallel.drag)(&it, SIZE, &mut marks, (55.0, 8.0), (200.0, 8.0));
    assert_eq!(marks.pulled, Some((0, 200.0)));
}
