//! A table of one value over the values of others, as `DataFrame.pivot_table` makes it. Runs that lack
//! a value stand in a row or column of their own, as with pandas' `dropna=False`.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Datum, Sheet, direction, titles};
use crate::model::Field;
use crate::model::stats::Summary;
use crate::query::cells;
use crate::query::filter::Trouble;
use crate::query::filter::apply::Context;
use crate::query::group::Level;
use crate::query::rows::{Prepared, calculated};

/// More are no table to read, and a column of ids would ask for them.
const MOST_COLUMNS: usize = 200;
const MOST_ROWS: usize = 5_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PivotAsk {
    /// A row for each combination of their values; the first decides the order.
    pub down: Vec<Field>,
    /// A column for each of its values; without it there is one.
    pub across: Option<Field>,
    /// What is summed up in the cells.
    pub value: Field,
}

#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum PivotTrouble {
    #[error("{field} has {n} values; at most {MOST_COLUMNS} stand side by side")]
    TooManyColumns { field: String, n: usize },
    #[error("this makes {n} rows; at most {MOST_ROWS} are shown")]
    TooManyRows { n: usize },
    #[error("{}", .0.message)]
    Calculation(Trouble),
}

impl From<Trouble> for PivotTrouble {
    fn from(trouble: Trouble) -> Self {
        PivotTrouble::Calculation(trouble)
    }
}

/// Every cell is a spread of the runs in it; missing where no run has a number, not loaded where the
/// series of one is not read yet.
pub fn pivot(rows: &[u32], ask: &PivotAsk, context: &Context, prepared: &Prepared) -> Result<Sheet, PivotTrouble> {
    let down = Axis::of(rows, &ask.down, context, prepared)?;
    let across = Axis::of(rows, ask.across.as_slice(), context, prepared)?;
    if let Some(field) = ask.across.as_ref().filter(|_| across.firsts.len() > MOST_COLUMNS) {
        return Err(PivotTrouble::TooManyColumns { field: field.label().to_owned(), n: across.firsts.len() });
    }
    if down.firsts.len() > MOST_ROWS {
        return Err(PivotTrouble::TooManyRows { n: down.firsts.len() });
    }
    let (numbers, passed) = calculated(&ask.value, context)?;
    let mut cells: HashMap<(usize, usize), Cell> = HashMap::new();
    for ((row, down), across) in rows.iter().zip(&down.places).zip(&across.places) {
        let cell = cells.entry((*down, *across)).or_default();
        cell.is_open |= passed.open.get(*row);
        cell.values.extend(numbers.get(*row));
    }
    // Written in seconds, as a duration is.
    let scale = if ask.value == Field::Duration { 1e-3 } else { 1.0 };
    let lines = down.firsts.iter().enumerate().map(|(at, first)| {
        let labels = ask.down.iter().zip(&down.levels).map(|(field, level)| label(*first, field, level, context));
        let data = (0..across.firsts.len()).map(|to| cells.get(&(at, to)).map_or(Datum::Missing, |it| it.datum(scale)));
        labels.chain(data).collect()
    });
    let lines = lines.collect();
    let directions: Vec<Option<bool>> =
        ask.down.iter().map(|_| None).chain(across.firsts.iter().map(|_| direction(&ask.value))).collect();
    Ok(Sheet::new(headers(ask, &across, context), &directions, lines))
}

#[derive(Default)]
struct Cell {
    values: Vec<f64>,
    is_open: bool,
}

impl Cell {
    fn datum(&self, scale: f64) -> Datum {
        let summary = Summary::of(self.values.iter().map(|it| it * scale));
        match summary.n {
            _ if self.is_open => Datum::NotLoaded,
            0 => Datum::Missing,
            _ => Datum::Spread(summary),
        }
    }
}

/// The different values of some fields, in order.
struct Axis<'a> {
    levels: Vec<Level<'a>>,
    /// Of each of the rows, its place in the order.
    places: Vec<usize>,
    /// A row for each place.
    firsts: Vec<u32>,
}

impl<'a> Axis<'a> {
    fn of(rows: &[u32], fields: &[Field], context: &Context<'a>, prepared: &Prepared) -> Result<Self, Trouble> {
        let levels: Vec<Level> = fields.iter().map(|it| Level::of(it, context)).collect::<Result<_, _>>()?;
        let keys = fields.iter().map(|it| prepared.keys(context, it)).collect::<Result<Vec<_>, _>>()?;
        let mut found: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut firsts = Vec::new();
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let code: Vec<u64> = levels.iter().map(|it| it.code(*row)).collect();
            let place = *found.entry(code).or_insert(firsts.len());
            if place == firsts.len() {
                firsts.push(*row);
            }
            places.push(place);
        }
        // `0.1` and `1e-1` are two values with one key: their texts decide.
        let key = |at: usize| -> Vec<(u64, String)> {
            let row = firsts[at];
            keys.iter().zip(&levels).map(|(key, level)| (key[row as usize], level.value(row, context.table))).collect()
        };
        let sorted: Vec<Vec<(u64, String)>> = (0..firsts.len()).map(key).collect();
        let order = crate::model::order::order(firsts.len(), &|a, b| sorted[a].cmp(&sorted[b]));
        let mut moved = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| moved[*from] = to);
        places.iter_mut().for_each(|it| *it = moved[*it]);
        Ok(Self { levels, places, firsts: order.into_iter().map(|it| firsts[it]).collect() })
    }
}

fn label(row: u32, field: &Field, level: &Level, context: &Context) -> Datum {
    match field {
        Field::Figure(..) | Field::Expr(_) => {
            level.value(row, context.table).parse().map_or(Datum::Missing, Datum::Number)
        }
        _ => super::datum(&cells::cell(context.table, row, field)),
    }
}

/// A column is called by its value alone; where that is taken already, by the field too.
fn headers(ask: &PivotAsk, across: &Axis, context: &Context) -> Vec<String> {
    let mut all: Vec<String> = titles(&ask.down).collect();
    let (Some(field), Some(level)) = (&ask.across, across.levels.first()) else {
        let unit = if ask.value == Field::Duration { " [s]" } else { "" };
        all.extend(titles(std::slice::from_ref(&ask.value)).map(|it| it + unit));
        return all;
    };
    let mut taken: HashSet<String> = all.iter().cloned().collect();
    for row in &across.firsts {
        let value = level.value(*row, context.table);
        let short = if value.is_empty() { "none".to_owned() } else { value };
        let title = if taken.contains(&short) { format!("{}={short}", field.label()) } else { short };
        taken.insert(title.clone());
        all.push(title);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run, RunTable};
    use crate::query::filter::apply::NoFigures;
    use crate::query::out::{Format, SpreadStyle, write};

    fn table(rows: &[(&str, &str, Option<f64>)]) -> RunTable {
        let mut table = RunTable::default();
        for (i, (lr, opt, acc)) in rows.iter().enumerate() {
            let mut run = Run::empty(format!("{i}").into());
            let params = [("lr", lr), ("opt", opt)].into_iter().filter(|it| !it.1.is_empty());
            run.params = params.map(|it| (it.0.to_owned(), (*it.1).to_owned())).collect();
            let value = |it: f64| ("acc".to_owned(), MetricValue { value: it, step: 0.0, time: 0.0 });
            run.metrics = acc.iter().map(|it| value(*it)).collect();
            table.upsert(&run);
        }
        table
    }

    fn param(name: &str) -> Field {
        Field::Param(name.into())
    }

    fn ask(table: &RunTable, down: &[&str], across: Option<&str>, value: Field) -> Result<Sheet, PivotTrouble> {
        let context = Context { table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
        let ask = PivotAsk { down: down.iter().map(|it| param(it)).collect(), across: across.map(param), value };
        let rows: Vec<u32> = (0..table.n_rows()).collect();
        pivot(&rows, &ask, &context, &Prepared::default())
    }

    fn runs() -> RunTable {
        table(&[
            ("1e-3", "adam", Some(0.9)),
            ("0.01", "adam", Some(0.8)),
            ("1e-3", "sgd", Some(0.7)),
            ("0.01", "sgd", Some(f64::NAN)),
            ("1e-3", "adam", Some(0.95)),
            ("", "sgd", Some(0.5)),
            ("10", "", Some(0.4)),
            ("9", "adam", Some(0.6)),
        ])
    }

    /// pandas, over the same runs in `f` with None where a param and NaN where a number is missing:
    /// `f.pivot_table(index="lr", columns="opt", values="acc", aggfunc=["mean", "std", "count"], dropna=False)`
    #[test]
    fn cells_are_those_of_pandas() {
        let acc = || Field::Metric("acc".into());
        let sheet = ask(&runs(), &["lr"], Some("opt"), acc()).expect("a pivot");
        let titles: Vec<&str> = sheet.columns.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["lr", "adam", "sgd", "none"]);
        let label = |row: usize| match &sheet.rows[row][0] {
            Datum::Text(it) => it.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!([0, 1, 2, 3, 4].map(label), ["1e-3", "0.01", "9", "10", "Missing"], "in the order of numbers");
        let check =
            |row: usize, column: usize, expected: Option<(f64, f64, u32)>| match (&sheet.rows[row][column], expected) {
                (Datum::Spread(it), Some((mean, sd, n))) => {
                    assert!((it.mean - mean).abs() < 1e-15 && it.n == n, "{it:?}");
                    assert!((it.sd - sd).abs() < 1e-15 || (it.sd.is_nan() && sd.is_nan()), "{it:?}");
                }
                (got, expected) => assert!(*got == Datum::Missing && expected.is_none(), "{got:?} {expected:?}"),
            };
        check(0, 1, Some((0.925, 0.035_355_339_059_327_29, 2)));
        check(0, 2, Some((0.7, f64::NAN, 1)));
        check(0, 3, None);
        check(1, 1, Some((0.8, f64::NAN, 1)));
        check(1, 2, None);
        check(2, 1, Some((0.6, f64::NAN, 1)));
        check(3, 3, Some((0.4, f64::NAN, 1)));
        check(4, 2, Some((0.5, f64::NAN, 1)));
        assert!(sheet.columns[1].is_better_lower == Some(false) && sheet.columns[0].is_better_lower.is_none());
    }

    #[test]
    fn several_down_none_across() {
        let sheet = ask(&runs(), &["opt", "lr"], None, Field::Metric("acc".into())).expect("a pivot");
        let text = write(&sheet, Format::Csv, SpreadStyle::Sd);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            &lines[..3],
            ["opt,lr,acc,acc sd,acc n", "adam,1e-3,0.925,0.03535533905932733,2", "adam,0.01,0.8,,1"]
        );
        assert_eq!(lines[5..], ["sgd,0.01,,,", "sgd,,0.5,,1", ",10,0.4,,1"]);
    }

    #[test]
    fn what_is_not_read_yet_is_not_missing() {
        let figure = Field::Figure(crate::model::Figure::Max, "acc".into());
        let sheet = ask(&runs(), &["lr"], None, figure).expect("a pivot");
        assert!(sheet.rows.iter().all(|it| it[1] == Datum::NotLoaded));
    }

    #[test]
    fn says_what_makes_no_table() {
        let ids: Vec<String> = (0..5_001).map(|it| it.to_string()).collect();
        let rows: Vec<(&str, &str, Option<f64>)> = ids.iter().map(|it| (it.as_str(), it.as_str(), None)).collect();
        let refused = |n: usize, down: &[&str], across: Option<&str>, value: Field| {
            ask(&table(&rows[..n]), down, across, value).expect_err("refused")
        };
        let acc = || Field::Metric("acc".into());
        assert_eq!(
            refused(201, &[], Some("opt"), acc()).to_string(),
            "opt has 201 values; at most 200 stand side by side"
        );
        assert_eq!(refused(5_001, &["lr"], None, acc()), PivotTrouble::TooManyRows { n: 5_001 });
        assert!(matches!(refused(2, &["lr"], None, Field::Status), PivotTrouble::Calculation(_)));
    }
}
