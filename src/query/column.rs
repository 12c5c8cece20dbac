//! Columns of numbers as sorts, filters, groups and figures read them: a place for each row.

use super::bits::Bits;
use crate::model::table::TextColumn;
use crate::model::value::number;
use crate::model::{Field, RunTable};

/// One number a row, where it is present. NaN is a value, missing is a bit that is not set.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub values: Vec<f64>,
    pub present: Bits,
}

impl Numbers {
    pub fn missing(n: usize) -> Self {
        Self { values: vec![0.0; n], present: Bits::none(n) }
    }

    pub fn all(n: usize, value: f64) -> Self {
        Self { values: vec![value; n], present: Bits::all(n) }
    }

    /// Texts that read as numbers; the others are missing.
    pub fn of_texts(column: &TextColumn, n: usize) -> Self {
        let parsed: Vec<Option<f64>> = column.texts().iter().map(number).collect();
        let mut numbers = Self::missing(n);
        column.each(|row, code| {
            if let Some(value) = parsed[code as usize] {
                numbers.set(row, value);
            }
        });
        numbers
    }

    pub fn get(&self, row: u32) -> Option<f64> {
        self.present.get(row).then(|| self.values[row as usize])
    }

    pub fn set(&mut self, row: u32, value: f64) {
        self.values[row as usize] = value;
        self.present.set(row);
    }

    pub fn each(&self, mut visit: impl FnMut(u32, f64)) {
        for row in self.present.rows() {
            visit(row, self.values[row as usize]);
        }
    }
}

/// The numbers of a field: metrics, times (milliseconds), durations (milliseconds), and texts that
/// read as numbers.
pub fn numbers_of(table: &RunTable, field: &Field) -> Numbers {
    let n = table.len();
    let known = |value: &dyn Fn(usize) -> f64| {
        let mut numbers = Numbers::missing(n);
        for row in 0..table.n_rows() {
            let value = value(row as usize);
            if !value.is_nan() {
                numbers.set(row, value);
            }
        }
        numbers
    };
    match field {
        Field::Metric(name) => {
            let mut numbers = Numbers::missing(n);
            if let Some(column) = table.metrics.get(name) {
                for (row, value) in column.rows.iter().zip(&column.values) {
                    numbers.set(row, *value);
                }
            }
            numbers
        }
        Field::Started => known(&|row| table.start[row]),
        Field::Ended => known(&|row| table.end[row]),
        Field::Duration => known(&|row| table.end[row] - table.start[row]),
        _ => texts_of(table, field).map_or_else(|| Numbers::missing(n), |it| Numbers::of_texts(it, n)),
    }
}

/// The column of a field that is text.
pub fn texts_of<'a>(table: &'a RunTable, field: &Field) -> Option<&'a TextColumn> {
    match field {
        Field::Name => Some(&table.names),
        Field::User => Some(&table.users),
        Field::Parent => Some(&table.parents),
        Field::Param(name) => table.params.get(name),
        Field::Tag(name) => table.tags.get(name),
        _ => None,
    }
}
