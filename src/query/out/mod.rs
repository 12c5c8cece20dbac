//! Tables that leave: CSV, JSON, Markdown and LaTeX of what the table shows.

mod csv;
mod json;
mod latex;
mod markdown;
mod number;
pub mod pivot;
pub mod python;
mod spread;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::cells::{Cell, FoldKind, Row};
use super::fields::is_better_lower;
use crate::model::Field;
use crate::model::stats::Summary;
use crate::model::value;
pub use spread::SpreadStyle;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub columns: Vec<Header>,
    pub rows: Vec<Vec<Datum>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Of all titles it is the only one that says so.
    pub title: String,
    pub is_numeric: bool,
    /// Which way is better, where the metric's name says it.
    pub is_better_lower: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Missing,
    /// Neither missing nor NaN: nobody read it yet.
    NotLoaded,
    Number(f64),
    /// Of a sample of the points.
    Sampled(f64),
    Text(String),
    /// Milliseconds since the epoch.
    Time(f64),
    /// Milliseconds; written in seconds, which the header says.
    Duration(f64),
    Spread(Summary),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Csv,
    Json,
    Markdown,
    Latex,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Csv, Format::Json, Format::Markdown, Format::Latex];

    pub fn word(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::Json => "JSON",
            Format::Markdown => "Markdown",
            Format::Latex => "LaTeX",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Markdown => "md",
            Format::Latex => "tex",
        }
    }
}

pub fn write(sheet: &Sheet, format: Format, spread: SpreadStyle) -> String {
    match format {
        Format::Csv => csv::write(&spread::apart(sheet, spread)),
        Format::Json => json::write(&spread::apart(sheet, spread)),
        Format::Markdown => markdown::write(sheet, spread),
        Format::Latex => latex::write(sheet, spread),
    }
}

impl Sheet {
    /// The lines of the table, the run's name first. Lines in groups or below parents get two columns
    /// more: `group`, the way to the line (`model=big / mlp-adam`), which `groupby` and `str.startswith`
    /// read where a depth would need the lines before it; and `runs`, how many a summary stands for,
    /// empty for runs themselves, so that `df[df["runs"].isna()]` counts no run twice.
    pub fn of(rows: &[Row], fields: &[Field]) -> Self {
        let is_grouped = rows.iter().any(|it| it.depth > 0 || it.fold.is_some());
        let mut titles: Vec<String> = if is_grouped { vec!["group".into(), "runs".into()] } else { Vec::new() };
        titles.push("run".into());
        titles.extend(self::titles(fields));
        let mut way = Vec::new();
        let lines: Vec<Vec<Datum>> = rows
            .iter()
            .map(|row| {
                let mut line = if is_grouped { place(row, &mut way) } else { Vec::new() };
                line.push(text(&row.name));
                line.extend(row.cells.iter().map(datum));
                line
            })
            .collect();
        let n_first = titles.len() - fields.len();
        let directions = std::iter::repeat_n(None, n_first).chain(fields.iter().map(direction)).collect::<Vec<_>>();
        Self::new(unique(titles, n_first, fields), &directions, lines)
    }

    /// What a column is, is what stands in it.
    fn new(titles: Vec<String>, directions: &[Option<bool>], rows: Vec<Vec<Datum>>) -> Self {
        let header = |(at, title): (usize, String)| {
            let has = |is: fn(&Datum) -> bool| rows.iter().filter_map(|it| it.get(at)).any(is);
            let unit = if has(|it| matches!(it, Datum::Duration(_))) { " [s]" } else { "" };
            Header {
                title: title + unit,
                is_numeric: has(Datum::is_numeric) && !has(Datum::is_words),
                is_better_lower: directions.get(at).copied().flatten(),
            }
        };
        Self { columns: titles.into_iter().enumerate().map(header).collect(), rows }
    }

    /// Cells whose series nobody read yet: they leave empty.
    pub fn n_not_loaded(&self) -> usize {
        self.rows.iter().flatten().filter(|it| **it == Datum::NotLoaded).count()
    }
}

impl Datum {
    fn is_numeric(&self) -> bool {
        match self {
            Datum::Number(_) | Datum::Sampled(_) | Datum::Duration(_) | Datum::Spread(_) => true,
            Datum::Text(it) => value::number(it).is_some(),
            Datum::Missing | Datum::NotLoaded | Datum::Time(_) => false,
        }
    }

    fn is_words(&self) -> bool {
        matches!(self, Datum::Text(_) | Datum::Time(_)) && !self.is_numeric()
    }
}

fn datum(cell: &Cell) -> Datum {
    match cell {
        // Runs of a group that differ in a text have none in common; words there would make a column
        // of numbers one of texts.
        // A picture is no value.
        Cell::Missing | Cell::Several(_) | Cell::Curve(_) => Datum::Missing,
        Cell::NotLoaded => Datum::NotLoaded,
        Cell::Number(it) | Cell::Metric { value: it, .. } | Cell::Best(it) => Datum::Number(*it),
        Cell::Sampled { value, .. } => Datum::Sampled(*value),
        Cell::Text(it) | Cell::NumberText(it) => Datum::Text(it.clone()),
        Cell::Time(it) => Datum::Time(*it),
        Cell::Duration(it) => Datum::Duration(*it),
        Cell::Status(it) => Datum::Text(it.word().into()),
        Cell::Spread(it) => Datum::Spread(*it),
    }
}

fn text(text: &str) -> Datum {
    if text.is_empty() { Datum::Missing } else { Datum::Text(text.to_owned()) }
}

/// The way to a line and how many runs it sums up. `way` holds the lines it stands below.
fn place(row: &Row, way: &mut Vec<String>) -> Vec<Datum> {
    way.truncate(usize::from(row.depth));
    let line = vec![
        text(&way.join(" / ")),
        match &row.fold {
            Some(fold) if fold.kind != FoldKind::Parent => Datum::Number(fold.n_runs.into()),
            _ => Datum::Missing,
        },
    ];
    way.extend(row.fold.as_ref().map(|fold| match &fold.kind {
        FoldKind::Value { field, .. } => format!("{field}={}", row.name),
        FoldKind::Seeds | FoldKind::Parent => row.name.clone(),
    }));
    line
}

fn titles(fields: &[Field]) -> impl Iterator<Item = String> {
    fields.iter().map(|field| match field {
        Field::Figure(figure, name) => format!("{}({name})", figure.word()),
        _ => field.label().to_owned(),
    })
}

/// A title that is taken already gives way to the field's full name: `params.opt` beside a metric `opt`.
fn unique(mut titles: Vec<String>, n_first: usize, fields: &[Field]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    for (at, title) in titles.iter_mut().enumerate() {
        if taken.contains(title.as_str())
            && let Some(field) = at.checked_sub(n_first).and_then(|it| fields.get(it))
        {
            *title = field.to_string();
        }
        taken.insert(title.clone());
    }
    titles
}

fn direction(field: &Field) -> Option<bool> {
    match field {
        Field::Metric(name) | Field::Figure(_, name) => is_better_lower(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
