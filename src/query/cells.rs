//! What a table row shows, typed; the page formats it in the viewer's zone and language.

use serde::{Deserialize, Serialize};

use crate::model::value::number;
use crate::model::{Field, RunId, RunTable, Status};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// The run has no such value. Not the same as NaN, which is a number.
    Missing,
    Number(f64),
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: RunId,
    pub name: String,
    pub status: Status,
    pub is_child: bool,
    pub broken: Option<String>,
    pub cells: Vec<Cell>,
}

impl Row {
    /// What an empty line shows.
    pub fn nothing() -> Self {
        Self {
            id: RunId::from(""),
            name: String::new(),
            status: Status::Unknown,
            is_child: false,
            broken: None,
            cells: Vec::new(),
        }
    }
}

/// Longer texts are cut in the table; the run page shows all of it.
const TEXT_LIMIT: usize = 300;

pub fn row(table: &RunTable, row: u32, fields: &[Field]) -> Row {
    let at = row as usize;
    Row {
        id: table.id(row).clone(),
        name: crate::model::problem::shortened(table.names.get(row).unwrap_or_default(), TEXT_LIMIT),
        status: table.status[at],
        is_child: table.parents.get(row).is_some(),
        broken: table.broken(row).map(str::to_owned),
        cells: fields.iter().map(|field| cell(table, row, field)).collect(),
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
        Field::Figure(..) | Field::Expr(_) => Cell::Missing,
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
