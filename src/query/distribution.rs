//! How the values of a column are spread over the rows that match, and the filter that a click on a
//! bar adds.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::cells::{self, Calculated};
use super::column::{Numbers, numbers_of, texts_of};
use super::filter::{self, Quoted, tree};
use crate::model::order::sort_by;
use crate::model::stats::Summary;
use crate::model::value::number;
use crate::model::{Field, RunTable};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Rows that match.
    pub n_rows: u32,
    pub n_missing: u32,
    /// Rows whose series is not read yet.
    pub n_open: u32,
    pub n_distinct: u32,
    /// Of columns of numbers.
    pub numbers: Option<Spread>,
    pub bars: Vec<Bar>,
    /// Rows with a value that has no bar of its own.
    pub n_others: u32,
    /// The filter that finds the missing ones.
    pub missing: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Over all that are neither missing nor NaN.
    pub summary: Summary,
    pub n_nan: u32,
    pub n_infinite: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub what: Value,
    pub n: u32,
    /// In the filter language.
    pub clause: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Text(String),
    Number(f64),
    /// From the first up to the second, without it.
    Range(f64, f64),
}

/// Numbers of so many different values are shown value by value.
const FEW: usize = 12;
const MOST_BARS: usize = 12;
const BINS: f64 = 18.0;
const MOST_EDGES: usize = 40;

pub fn distribution(rows: &[u32], field: &Field, table: &RunTable, columns: &Calculated) -> Distribution {
    let name = name_of(field);
    let missing = format!("{name} is null");
    let (numbers, open) = match columns.get(field) {
        Some(column) => (Some(column.numbers.clone()), column.open.clone()),
        None => (numeric(rows, field, table), Bits::none(table.len())),
    };
    let n_open = count(rows.iter().filter(|row| open.get(**row)).count());
    let mut made = Distribution {
        n_rows: count(rows.len()),
        n_missing: 0,
        n_open,
        n_distinct: 0,
        numbers: None,
        bars: Vec::new(),
        n_others: 0,
        missing,
    };
    match numbers {
        Some(numbers) => of_numbers(&mut made, rows, &numbers, &name, field),
        None => of_texts(&mut made, rows, field, table, &name),
    }
    made
}

/// Numbers where every text of the column is one.
fn numeric(rows: &[u32], field: &Field, table: &RunTable) -> Option<Numbers> {
    if field.is_numeric_kind() {
        return Some(numbers_of(table, field));
    }
    let column = texts_of(table, field)?;
    let mut codes: Vec<u32> = rows.iter().filter_map(|row| column.code(*row)).collect();
    codes.sort_unstable();
    codes.dedup();
    let are_numbers = !codes.is_empty() && codes.iter().all(|code| number(column.text(*code)).is_some());
    are_numbers.then(|| numbers_of(table, field))
}

fn of_numbers(made: &mut Distribution, rows: &[u32], numbers: &Numbers, name: &str, field: &Field) {
    let values: Vec<f64> = rows.iter().filter_map(|row| numbers.get(*row)).collect();
    made.n_missing = count(rows.len() - values.len()).saturating_sub(made.n_open);
    let mut finite: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
    finite.sort_unstable_by(f64::total_cmp);
    let n_nan = values.iter().filter(|it| it.is_nan()).count();
    made.numbers = Some(Spread {
        summary: Summary::of(values.iter().copied()),
        n_nan: count(n_nan),
        n_infinite: count(values.iter().filter(|it| it.is_infinite()).count()),
    });
    let mut distinct: Vec<(f64, u32)> = Vec::new();
    for value in &finite {
        match distinct.last_mut() {
            Some(last) if last.0 == *value => last.1 += 1,
            _ => distinct.push((*value, 1)),
        }
    }
    made.n_distinct = count(distinct.len());
    made.n_others = count(values.len() - finite.len());
    // A filter counts durations in seconds.
    let unit = if *field == Field::Duration { 1_000.0 } else { 1.0 };
    made.bars = if distinct.len() <= FEW {
        let bar = |(value, n): (f64, u32)| Bar {
            what: Value::Number(value),
            n,
            clause: format!("{name} = {}", plain(value / unit)),
        };
        distinct.into_iter().map(bar).collect()
    } else {
        let edges = edges(&finite);
        let bin = |pair: &[f64]| {
            let below = |edge: f64| finite.partition_point(|it| *it < edge);
            Bar {
                what: Value::Range(pair[0], pair[1]),
                n: count(below(pair[1]) - below(pair[0])),
                clause: format!("{name} >= {} and {name} < {}", plain(pair[0] / unit), plain(pair[1] / unit)),
            }
        };
        edges.windows(2).map(bin).collect()
    };
}

fn of_texts(made: &mut Distribution, rows: &[u32], field: &Field, table: &RunTable, name: &str) {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for row in rows {
        let text = match texts_of(table, field) {
            Some(column) => column.get(*row).unwrap_or_default().to_owned(),
            None => cells::words(&cells::cell(table, *row, field)),
        };
        *counts.entry(text).or_default() += 1;
    }
    made.n_missing = counts.remove("").unwrap_or_default();
    made.n_distinct = count(counts.len());
    let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
    sort_by(&mut counts, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    made.n_others = counts.iter().skip(MOST_BARS).map(|it| it.1).sum();
    let bar =
        |(text, n): (String, u32)| Bar { clause: format!("{name} = {}", Quoted(&text)), what: Value::Text(text), n };
    made.bars = counts.into_iter().take(MOST_BARS).map(bar).collect();
}

/// Round edges from below the least to above the greatest, in equal steps, or, where all are
/// positive and far apart, at 1, 2 and 5 of each power of ten.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let (Some(least), Some(most)) = (sorted.first().copied(), sorted.last().copied()) else { return Vec::new() };
    if least > 0.0 && most / least > 1_000.0 {
        let (first, last) = (least.log10().floor(), most.log10().ceil());
        // At most a few hundred: doubles end at 308.
        let powers = std::iter::successors(Some(first), |it| Some(it + 1.0)).take_while(|it| *it <= last);
        let all: Vec<f64> = powers.flat_map(|it| [1.0, 2.0, 5.0].map(|lead| tidy(lead * 10f64.powf(it)))).collect();
        let from = all.iter().rposition(|it| *it <= least).unwrap_or(0);
        let to = all.iter().position(|it| *it > most).unwrap_or(all.len() - 1);
        // Over very many powers some of them only, the first and the last among them.
        let every = (to - from).div_ceil(MOST_EDGES).max(1);
        return (from..to).step_by(every).chain([to]).map(|at| all[at]).collect();
    }
    let rough = (most - least) / BINS;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power).find(|it| *it >= rough).unwrap_or(rough);
    let first = (least / step).floor();
    let edges = std::iter::successors(Some(first), |it| Some(it + 1.0)).map(|it| tidy(it * step));
    let mut made = Vec::new();
    for edge in edges.take(64) {
        made.push(edge);
        if edge > most {
            break;
        }
    }
    made
}

/// Without the dust of binary fractions.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn plain(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e15).contains(&value.abs()) { format!("{value:e}") } else { format!("{value}") }
}

fn name_of(field: &Field) -> String {
    match field {
        Field::Figure(figure, metric) => tree::Value::figure(*figure, metric).to_string(),
        Field::Expr(text) => format!("({text})"),
        other => tree::Value::field(other).to_string(),
    }
}

/// The filter with one more condition.
pub fn narrowed(filter: &str, clause: &str) -> Option<String> {
    let clause = filter::parse(clause).ok()??;
    let whole = match filter::parse(filter).ok()? {
        None => clause.kind,
        Some(held) => {
            let parts = |it: tree::Expr| match it.kind {
                tree::ExprKind::And(parts) => parts,
                _ => vec![it],
            };
            tree::ExprKind::And(parts(held).into_iter().chain(parts(clause)).collect())
        }
    };
    Some(tree::Expr { span: 0..0, kind: whole }.to_string())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};
    use crate::query::filter::apply::Context;
    use crate::query::filter::apply::NoFigures;
    use crate::query::rows::{Prepared, RowsQuery, rows};

    fn table() -> RunTable {
        let mut table = RunTable::default();
        for i in 0..200u32 {
            let mut run = Run::empty(format!("r{i:03}").into());
            run.params = vec![
                ("lr".into(), ["1e-3", "0.001", "0.1"][i as usize % 3].into()),
                ("opt/na me".into(), ["adam", "it's", "a\"b"][i as usize % 3].into()),
            ];
            run.start = Some(0.0);
            run.end = Some(f64::from(i) * 700.0);
            let value = match i {
                7 => f64::NAN,
                8 => f64::INFINITY,
                _ => f64::from(i).sqrt() / 10.0 - 0.3,
            };
            let metric = |value| MetricValue { value, step: 0.0, time: 0.0 };
            if i != 9 {
                run.metrics = vec![("val/acc".into(), metric(value)), ("wide".into(), metric(1.1f64.powi(i as i32)))];
            }
            table.upsert(&run);
        }
        table
    }

    fn found(table: &RunTable, filter: &str) -> Vec<u32> {
        let context = Context { table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
        let query = RowsQuery { filter: filter.into(), ..RowsQuery::default() };
        rows(&query, &context, &Prepared::default()).expect(filter).rows
    }

    /// Every bar's filter finds just as many runs as the bar says, and all runs are in one place.
    #[test]
    fn every_bar_is_what_its_filter_finds() {
        let table = table();
        let all = found(&table, "");
        for field in [
            "metrics.val/acc",
            "metrics.wide",
            "params.lr",
            "params.opt/na me",
            "attributes.duration",
            "attributes.status",
        ] {
            let of = distribution(&all, &field.parse().expect("a field"), &table, &Calculated::default());
            for bar in &of.bars {
                let narrow = narrowed("", &bar.clause).expect("a filter");
                assert_eq!(found(&table, &narrow).len(), bar.n as usize, "{field}: {narrow}");
            }
            let missing = narrowed("", &of.missing).expect("a filter");
            assert_eq!(found(&table, &missing).len(), of.n_missing as usize, "{missing}");
            let sum: u32 = of.bars.iter().map(|it| it.n).sum();
            assert_eq!(sum + of.n_others + of.n_missing, of.n_rows, "{field}");
            assert!((2..=30).contains(&of.bars.len()) || field.ends_with("status"), "{field}: {}", of.bars.len());
        }
    }

    #[test]
    fn few_numbers_stand_by_value_whatever_their_spelling() {
        let table = table();
        let of = distribution(&found(&table, ""), &Field::Param("lr".into()), &table, &Calculated::default());
        let bars: Vec<(&Value, u32)> = of.bars.iter().map(|it| (&it.what, it.n)).collect();
        assert_eq!(bars, [(&Value::Number(0.001), 134), (&Value::Number(0.1), 66)]);
    }

    #[test]
    fn a_condition_is_added_without_changing_the_rest() {
        let check = |filter: &str, clause: &str, expected: Option<&str>| {
            assert_eq!(narrowed(filter, clause).as_deref(), expected);
        };
        check("", "lr = 1", Some("lr = 1"));
        check("a or b", "lr >= 1 and lr < 2", Some("(\"a\" or \"b\") and lr >= 1 and lr < 2"));
        check("lr = 3", "x is null", Some("lr = 3 and x is null"));
        check("lr = (", "x is null", None);
    }
}
