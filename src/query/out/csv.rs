//! A sheet as comma-separated values.

use std::borrow::Cow;

use super::number::exact;
use super::{Datum, Sheet};
use crate::model::csv::{line, text};
use crate::query::filter::date::iso;

pub fn write(sheet: &Sheet) -> String {
    let mut out = String::new();
    line(&mut out, sheet.columns.iter().map(|it| text(&it.title)));
    for row in &sheet.rows {
        line(&mut out, row.iter().map(field));
    }
    out
}

fn field(datum: &Datum) -> Cow<'_, str> {
    match datum {
        Datum::Missing | Datum::NotLoaded => Cow::Borrowed(""),
        Datum::Number(it) | Datum::Sampled(it) => exact(*it).into(),
        Datum::Duration(ms) => exact(ms / 1000.0).into(),
        Datum::Time(ms) => iso(*ms).into(),
        Datum::Spread(it) => exact(it.mean).into(),
        Datum::Text(it) => text(it),
    }
}
