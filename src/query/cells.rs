//! What a table row shows, typed; the page formats it in the viewer's zone and language.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::column::{Numbers, texts_of};
use super::group::{self, Group};
use crate::model::stats::Summary;
use crate::model::value::number;
use crate::model::{Field, Figure, RunId, RunTable, Status};
use crate::query::fields;

/// Columns of figures and expressions, worked out for all rows.
pub type Calculated = HashMap<Field, Column>;

#[derive(Clone, Debug)]
pub struct Column {
    pub numbers: Numbers,
    /// Rows whose series is not read yet.
    pub open: Bits,
    /// Of the value, where it has one; empty for calculations.
    pub steps: Numbers,
    /// Rows whose value is of a sample of the points; empty for calculations.
    pub sampled: Bits,
}

impl Column {
    fn cell(&self, row: u32) -> Cell {
        match self.numbers.get(row) {
            _ if self.open.get(row) => Cell::NotLoaded,
            None => Cell::Missing,
            Some(value) => {
                let step = self.steps.present.has(row).then(|| self.steps.values[row as usize]);
                match (self.sampled.has(row), step) {
                    (true, step) => Cell::Sampled { value, step },
                    (false, Some(step)) => Cell::Metric { value, step },
                    (false, None) => Cell::Number(value),
                }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// The run has no such value. Not the same as NaN, which is a number.
    Missing,
    /// A figure of a series that is not read yet. Neither missing nor NaN.
    NotLoaded,
    Number(f64),
    /// Of a sample of the points: the true one may lie between them.
    Sampled {
        value: f64,
        step: Option<f64>,
    },
    /// The course of a metric; NaN is a gap.
    Curve(Vec<f32>),
    /// A metric's last value with its step.
    Metric {
        value: f64,
        step: f64,
    },
    Text(String),
    /// A text that reads as a number: right-aligned, shown as received.
    NumberText(String),
    /// Milliseconds since the epoch.
    Time(f64),
    /// Milliseconds.
    Duration(f64),
    Status(Status),
    /// Of the runs of a fold.
    Spread(Summary),
    /// The best of a group's values of a metric.
    Best(f64),
    /// The runs of a group differ: so many different values.
    Several(u32),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: RunId,
    pub name: String,
    pub status: Status,
    pub is_child: bool,
    pub broken: Option<String>,
    /// How far in it stands below groups or parents.
    pub depth: u8,
    /// A line that others fold into.
    pub fold: Option<Fold>,
    pub cells: Vec<Cell>,
}

/// What a line that can be opened says of the runs in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    pub key: u64,
    pub kind: FoldKind,
    pub is_open: bool,
    pub n_runs: u32,
    pub n_running: u32,
    pub n_failed: u32,
    /// The first of them, for eyes.
    pub runs: Vec<RunId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FoldKind {
    /// Runs that have this value of a column, and how many lines it opens to.
    Value { field: String, n_inner: u32 },
    /// Runs that differ in their seed only.
    Seeds,
    /// A run with the runs below it.
    Parent,
}

/// More eyes than this open one by one.
const MOST_FOLD_RUNS: usize = 50;

impl Row {
    /// The cells at these places; what is not there yet is not loaded.
    pub fn with_cells(&self, places: &[Option<usize>]) -> Self {
        let cell = |at: &Option<usize>| at.and_then(|at| self.cells.get(at).cloned()).unwrap_or(Cell::NotLoaded);
        Self { cells: places.iter().map(cell).collect(), ..self.clone() }
    }

    /// What an empty line shows.
    pub fn nothing() -> Self {
        Self {
            id: RunId::from(""),
            name: String::new(),
            status: Status::Unknown,
            is_child: false,
            broken: None,
            depth: 0,
            fold: None,
            cells: Vec::new(),
        }
    }
}

/// Longer texts are cut in the table; the run page shows all of it.
const TEXT_LIMIT: usize = 300;

pub fn row(table: &RunTable, row: u32, fields: &[Field], columns: &Calculated) -> Row {
    let at = row as usize;
    Row {
        id: table.id(row).clone(),
        name: crate::model::problem::shortened(table.names.get(row).unwrap_or_default(), TEXT_LIMIT),
        status: table.status[at],
        is_child: table.parents.get(row).is_some(),
        broken: table.broken(row).map(str::to_owned),
        depth: 0,
        fold: None,
        cells: fields
            .iter()
            .map(|field| match columns.get(field) {
                Some(column) => column.cell(row),
                None => cell(table, row, field),
            })
            .collect(),
    }
}

pub fn cell(table: &RunTable, row: u32, field: &Field) -> Cell {
    let at = row as usize;
    let known = |it: f64, cell: fn(f64) -> Cell| if it.is_nan() { Cell::Missing } else { cell(it) };
    match field {
        Field::Name => text(table.names.get(row)),
        Field::User => text(table.users.get(row)),
        Field::Id => text(Some(table.id(row).as_str())),
        Field::Status => Cell::Status(table.status[at]),
        Field::Started => known(table.start[at], Cell::Time),
        Field::Ended => known(table.end[at], Cell::Time),
        Field::Parent => text(table.parents.get(row)),
        // Worked out for all rows at once, by whoever asks for this one.
        Field::Figure(..) | Field::Expr(_) | Field::Curve(_) => Cell::Missing,
        Field::Duration => known(table.end[at] - table.start[at], Cell::Duration),
        Field::Param(name) => text(table.params.get(name).and_then(|it| it.get(row))),
        Field::Tag(name) => text(table.tags.get(name).and_then(|it| it.get(row))),
        Field::Metric(name) => match table.metrics.get(name).and_then(|it| it.get(row)) {
            Some(it) => Cell::Metric { value: it.value, step: it.step },
            None => Cell::Missing,
        },
        Field::Dataset => {
            let names: Vec<&str> = table.datasets_of(row).map(|it| &*it.name).collect();
            if names.is_empty() { Cell::Missing } else { text(Some(&names.join(", "))) }
        }
    }
}

/// A cell in plain words, where nothing formats it: what a group is called.
pub fn words(cell: &Cell) -> String {
    match cell {
        Cell::Missing | Cell::NotLoaded | Cell::Curve(_) => String::new(),
        Cell::Number(it)
        | Cell::Time(it)
        | Cell::Duration(it)
        | Cell::Metric { value: it, .. }
        | Cell::Sampled { value: it, .. } => it.to_string(),
        Cell::Text(it) | Cell::NumberText(it) => it.clone(),
        Cell::Status(it) => it.word().to_owned(),
        Cell::Spread(it) => it.mean.to_string(),
        Cell::Best(it) => it.to_string(),
        Cell::Several(n) => format!("{n} values"),
    }
}

/// The line of a group.
pub fn group_row(table: &RunTable, group: &Group, is_open: bool, fields: &[Field], columns: &Calculated) -> Row {
    let first = group.rows[0];
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let n_of = |is: fn(Status) -> bool| count(group.rows.iter().filter(|row| is(table.status[**row as usize])).count());
    let kind = match &group.field {
        None => FoldKind::Seeds,
        Some(field) => FoldKind::Value { field: field.label().to_owned(), n_inner: count(group.children.len()) },
    };
    let name = match &group.field {
        None => group::fold_name(&group.rows, table),
        Some(field) => shown_value(table, first, field, &group.value),
    };
    Row {
        id: table.id(first).clone(),
        name: crate::model::problem::shortened(&name, TEXT_LIMIT),
        status: table.status[first as usize],
        is_child: false,
        broken: None,
        depth: 0,
        fold: Some(Fold {
            key: group.key,
            kind,
            is_open,
            n_runs: count(group.rows.len()),
            n_running: n_of(Status::is_live),
            n_failed: n_of(|it| matches!(it, Status::Failed | Status::Killed)),
            runs: group.rows.iter().take(MOST_FOLD_RUNS).map(|row| table.id(*row).clone()).collect(),
        }),
        cells: fields.iter().map(|field| group_cell(table, group, field, columns)).collect(),
    }
}

/// What a group of a field's value is called.
fn shown_value(table: &RunTable, row: u32, field: &Field, value: &str) -> String {
    match (value, field) {
        ("", _) => "none".to_owned(),
        (_, Field::Figure(..) | Field::Expr(_)) => value.to_owned(),
        _ => match cell(table, row, field) {
            Cell::Missing => "none".to_owned(),
            _ => value.to_owned(),
        },
    }
}

fn group_cell(table: &RunTable, group: &Group, field: &Field, columns: &Calculated) -> Cell {
    let values = || group.rows.iter().filter_map(|row| numeric(table, *row, field, columns));
    match field {
        Field::Metric(_) | Field::Figure(..) | Field::Expr(_) | Field::Duration => {
            let summary = Summary::of(values());
            let is_open = columns.get(field).is_some_and(|it| group.rows.iter().any(|row| it.open.get(*row)));
            match field {
                _ if is_open => Cell::NotLoaded,
                _ if summary.n == 0 => Cell::Missing,
                Field::Metric(name) | Field::Figure(Figure::Min | Figure::Max | Figure::Mean, name)
                    if !group.is_fold() =>
                {
                    match fields::is_better_lower(name) {
                        Some(true) => Cell::Best(summary.min),
                        Some(false) => Cell::Best(summary.max),
                        None => Cell::Spread(summary),
                    }
                }
                Field::Duration => Cell::Duration(summary.mean),
                _ => Cell::Spread(summary),
            }
        }
        Field::Started | Field::Ended => values().reduce(f64::max).map_or(Cell::Missing, Cell::Time),
        Field::Id => Cell::Missing,
        Field::Status | Field::Dataset => common(group.rows.iter().map(|row| cell(table, *row, field))),
        _ => match texts_of(table, field) {
            Some(column) => {
                let codes: HashSet<Option<u32>> = group.rows.iter().map(|row| column.code(*row)).collect();
                match (codes.len(), codes.iter().next()) {
                    (1, Some(Some(code))) => text(Some(column.text(*code))),
                    (1, _) => Cell::Missing,
                    (n, _) => Cell::Several(count_of(n)),
                }
            }
            None => Cell::Missing,
        },
    }
}

fn count_of(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn common(mut cells: impl Iterator<Item = Cell>) -> Cell {
    let Some(first) = cells.next() else { return Cell::Missing };
    if cells.all(|it| it == first) { first } else { Cell::Missing }
}

/// One number, without making the whole column.
fn numeric(table: &RunTable, row: u32, field: &Field, columns: &Calculated) -> Option<f64> {
    let known = |it: f64| (!it.is_nan()).then_some(it);
    match field {
        Field::Metric(name) => table.metrics.get(name)?.value(row),
        Field::Started => known(table.start[row as usize]),
        Field::Ended => known(table.end[row as usize]),
        Field::Duration => known(table.end[row as usize] - table.start[row as usize]),
        _ => columns.get(field)?.numbers.get(row),
    }
}

fn text(text: Option<&str>) -> Cell {
    match text {
        None | Some("") => Cell::Missing,
        Some(text) if text.len() < 40 && number(text).is_some() => Cell::NumberText(text.to_owned()),
        Some(text) => Cell::Text(crate::model::problem::shortened(text, TEXT_LIMIT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};

    #[test]
    fn missing_nan_and_text_stay_apart() {
        let mut run = Run::empty("a".into());
        run.params =
            vec![("lr".into(), "1e-3".into()), ("name".into(), "adam".into()), ("long".into(), "x".repeat(8000))];
        run.metrics = vec![("loss".into(), MetricValue { value: f64::NAN, step: 3.0, time: 0.0 })];
        let mut table = RunTable::default();
        table.upsert(&run);
        let at = |field: Field| cell(&table, 0, &field);
        assert_eq!(at(Field::Param("lr".into())), Cell::NumberText("1e-3".into()));
        assert_eq!(at(Field::Param("name".into())), Cell::Text("adam".into()));
        assert_eq!(at(Field::Param("nope".into())), Cell::Missing);
        assert_eq!(at(Field::Metric("nope".into())), Cell::Missing);
        assert!(matches!(at(Field::Metric("loss".into())), Cell::Metric { value, .. } if value.is_nan()));
        assert!(matches!(at(Field::Param("long".into())), Cell::Text(it) if it.chars().count() == TEXT_LIMIT + 1));
        assert_eq!(at(Field::Started), Cell::Missing);
    }
}
