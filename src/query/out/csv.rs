//! Comma-separated values after RFC 4180, as pandas reads them.

use std::borrow::Cow;

use super::number::exact;
use super::{Datum, Sheet};
use crate::model::value::number;
use crate::query::filter::date::iso;

pub fn write(sheet: &Sheet) -> String {
    let mut out = String::new();
    line(&mut out, sheet.columns.iter().map(|it| text(&it.title)));
    for row in &sheet.rows {
        line(&mut out, row.iter().map(field));
    }
    out
}

fn line<'a>(out: &mut String, fields: impl Iterator<Item = Cow<'a, str>>) {
    for (i, it) in fields.enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        out.push_str(&it);
    }
    out.push_str("\r\n");
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

/// Spreadsheets run a text that begins like a formula, and names and params come from whoever logged
/// them: an apostrophe before it makes it text there. Numbers such as `-0.5` stay as they are.
fn text(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && number(text).is_none();
    let guard = if is_formula { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\"")).into();
    }
    if is_formula { format!("{guard}{text}").into() } else { text.into() }
}
