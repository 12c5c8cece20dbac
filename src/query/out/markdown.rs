//! A table of GitHub's Markdown.

use super::number::short;
use super::{Datum, Sheet, SpreadStyle};
use crate::query::filter::date::iso;

pub fn write(sheet: &Sheet, style: SpreadStyle) -> String {
    let titles: Vec<String> = sheet.columns.iter().map(|it| text(&it.title)).collect();
    let rule: Vec<&str> = sheet.columns.iter().map(|it| if it.is_numeric { "---:" } else { "---" }).collect();
    let mut out = format!("| {} |\n| {} |\n", titles.join(" | "), rule.join(" | "));
    for row in &sheet.rows {
        let cells: Vec<String> = row.iter().map(|it| cell(it, style)).collect();
        out += &format!("| {} |\n", cells.join(" | "));
    }
    out
}

fn cell(datum: &Datum, style: SpreadStyle) -> String {
    match datum {
        Datum::Missing => String::new(),
        Datum::NotLoaded => "…".into(),
        Datum::Number(it) => short(*it),
        Datum::Sampled(it) => format!("≈ {}", short(*it)),
        Datum::Duration(ms) => short(ms / 1000.0),
        Datum::Time(ms) => iso(*ms),
        Datum::Spread(it) => match style.texts(it).as_slice() {
            [middle, beside] => format!("{middle} ± {beside}"),
            [middle, low, high] => format!("{middle} ({low}–{high})"),
            texts => texts.concat(),
        },
        Datum::Text(it) => text(it),
    }
}

/// No text from outside makes markup: not a cell, a line, a tag, a link or emphasis.
fn text(text: &str) -> String {
    let mut out = String::new();
    for it in text.chars() {
        match it {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '~' | '&' => out.extend(['\\', it]),
            _ => out.push(it),
        }
    }
    out
}
