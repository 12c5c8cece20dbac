//! A list of objects, one a line of the table. JSON has no NaN and no infinity: they are texts.

use super::number::exact;
use super::{Datum, Sheet};
use crate::query::filter::date::iso;

pub fn write(sheet: &Sheet) -> String {
    let names: Vec<String> = sheet.columns.iter().map(|it| text(&it.title)).collect();
    let object = |row: &Vec<Datum>| {
        let pairs: Vec<String> = names.iter().zip(row).map(|(name, it)| format!("{name}: {}", value(it))).collect();
        format!("{{{}}}", pairs.join(", "))
    };
    let objects: Vec<String> = sheet.rows.iter().map(object).collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn value(datum: &Datum) -> String {
    match datum {
        Datum::Missing | Datum::NotLoaded => "null".into(),
        Datum::Number(it) | Datum::Sampled(it) => number(*it),
        Datum::Duration(ms) => number(ms / 1000.0),
        Datum::Time(ms) => text(&iso(*ms)),
        Datum::Spread(it) => number(it.mean),
        Datum::Text(it) => text(it),
    }
}

fn number(value: f64) -> String {
    if value.is_finite() { exact(value) } else { text(&exact(value).replace("inf", "Infinity")) }
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
