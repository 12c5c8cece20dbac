//! Names of a filter to what the runs have: a bare name is looked up, one that nobody has is said.

use super::suggest::nearest;
use super::tree::{Expr, ExprKind, Name, Scope, Span, Trouble, Value, ValueKind};
use crate::model::{Field, Figure, RunTable};

/// Where a name's values are.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Field(Field),
    DatasetDigest,
    DatasetContext,
    /// Of the series of the metric.
    Figure(Figure, String),
    /// No run has it; every comparison with it fails.
    Nowhere,
}

/// What filters and columns call the attributes of a run; the first is what we write.
const ATTRIBUTES: [(&[&str], Field); 9] = [
    (&["run_name", "name", "run name", "run"], Field::Name),
    (&["status"], Field::Status),
    (&["start_time", "started", "created", "start time"], Field::Started),
    (&["end_time", "ended", "end time"], Field::Ended),
    (&["duration", "time"], Field::Duration),
    (&["user_id", "user"], Field::User),
    (&["run_id", "id", "run id"], Field::Id),
    (&["parent_id", "parent"], Field::Parent),
    (&["dataset"], Field::Dataset),
];

pub fn attributes<'a>() -> impl Iterator<Item = &'a str> {
    ATTRIBUTES.iter().map(|it| -> &'a str { it.0[0] })
}

/// Names the runs have. The table answers it, and so does the page's list of fields.
pub trait Known {
    fn has(&self, field: &Field) -> bool;
    fn names(&self) -> Vec<&str>;
}

impl Known for RunTable {
    fn has(&self, field: &Field) -> bool {
        match field {
            Field::Metric(name) => self.metrics.contains_key(name),
            Field::Param(name) => self.params.contains_key(name),
            Field::Tag(name) => self.tags.contains_key(name),
            _ => true,
        }
    }

    fn names(&self) -> Vec<&str> {
        self.metrics.keys().chain(self.params.keys()).chain(self.tags.keys()).map(String::as_str).collect()
    }
}

/// An attribute that does not exist is an error, a metric, param or tag no run has is a note.
pub fn source(name: &Name, span: &Span, known: &dyn Known, notes: &mut Vec<Trouble>) -> Result<Source, Trouble> {
    let text = || name.text.clone();
    let field = match name.scope {
        Some(Scope::Metrics) => Field::Metric(text()),
        Some(Scope::Params) => Field::Param(text()),
        Some(Scope::Tags) => Field::Tag(text()),
        Some(Scope::Attributes) => {
            return attribute(&name.text).map(Source::Field).ok_or_else(|| no_attribute(name, span));
        }
        Some(Scope::Datasets) => {
            return match name.text.to_ascii_lowercase().as_str() {
                "name" => Ok(Source::Field(Field::Dataset)),
                "digest" => Ok(Source::DatasetDigest),
                "context" => Ok(Source::DatasetContext),
                _ => Err(Trouble {
                    span: span.clone(),
                    message: "a dataset has name, digest and context".into(),
                    instead: nearest(&name.text, ["name", "digest", "context"].into_iter())
                        .map(|it| format!("datasets.{it}")),
                }),
            };
        }
        None => return Ok(bare(name, span, known, notes)),
    };
    if !known.has(&field) {
        note_missing(name, span, known, notes);
        return Ok(Source::Nowhere);
    }
    Ok(Source::Field(field))
}

fn bare(name: &Name, span: &Span, known: &dyn Known, notes: &mut Vec<Trouble>) -> Source {
    let text = || name.text.clone();
    let all = [Field::Metric(text()), Field::Param(text()), Field::Tag(text())];
    let mut found: Vec<Field> = all.into_iter().filter(|it| known.has(it)).collect();
    found.extend(attribute(&name.text));
    if found.len() > 1 {
        let names: Vec<String> = found.iter().map(Field::to_string).collect();
        notes.push(Trouble {
            span: span.clone(),
            message: format!("{} is {}; the first is taken", name.text, names.join(" and ")),
            instead: names.get(1).cloned(),
        });
    }
    if found.is_empty() {
        note_missing(name, span, known, notes);
        return Source::Nowhere;
    }
    Source::Field(found.swap_remove(0))
}

fn attribute(name: &str) -> Option<Field> {
    let name = name.to_ascii_lowercase();
    ATTRIBUTES.iter().find(|it| it.0.contains(&name.as_str())).map(|it| it.1.clone())
}

fn no_attribute(name: &Name, span: &Span) -> Trouble {
    let all: Vec<&str> = attributes().collect();
    Trouble {
        span: span.clone(),
        message: format!("runs have no attribute {}; there are {}", name.text, all.join(", ")),
        instead: nearest(&name.text, all.iter().copied()).map(|it| format!("attributes.{it}")),
    }
}

/// Said once for each name, and for no more names than anyone reads.
fn note_missing(name: &Name, span: &Span, known: &dyn Known, notes: &mut Vec<Trouble>) {
    const MOST: usize = 5;
    if notes.len() < MOST && !notes.iter().any(|it| it.span == *span) {
        notes.push(nobody_has(name, span, known));
    }
}

fn nobody_has(name: &Name, span: &Span, known: &dyn Known) -> Trouble {
    let kind = match name.scope {
        Some(Scope::Metrics) => "metric",
        Some(Scope::Params) => "param",
        Some(Scope::Tags) => "tag",
        _ => "name",
    };
    let names = known.names();
    let near = nearest(&name.text, names.iter().copied().chain(attributes()));
    let instead = near.map(|it| Name { scope: None, text: it.to_owned() }.to_string());
    Trouble { span: span.clone(), message: format!("no cached run has the {kind} {}", name.text), instead }
}

/// What stands beside a text and is no name was likely meant as one.
pub fn hint_quotes(value: &Value, notes: &mut [Trouble]) {
    let Some(note) = notes.iter_mut().find(|it| it.span == value.span) else { return };
    if let ValueKind::Name(name) = &value.kind
        && name.scope.is_none()
        && !name.text.contains('\'')
    {
        note.message = format!("no cached run has the name {}; a text stands in quotes", name.text);
        note.instead = Some(format!("'{}'", name.text));
    }
}

/// Where a value's name or figure is found.
pub fn place(value: &Value, known: &dyn Known, notes: &mut Vec<Trouble>) -> Result<Option<Source>, Trouble> {
    match &value.kind {
        ValueKind::Name(name) => source(name, &value.span, known, notes).map(Some),
        ValueKind::Figure(figure, name) => {
            let field = Field::Metric(name.text.clone());
            if !known.has(&field) {
                let name = Name { scope: Some(Scope::Metrics), text: name.text.clone() };
                let n = notes.len();
                note_missing(&name, &value.span, known, notes);
                // The figure of another name is meant, not that name.
                if let Some(it) = notes.get_mut(n).and_then(|it| it.instead.as_mut()) {
                    *it = format!("{}({it})", figure.word());
                }
                return Ok(Some(Source::Nowhere));
            }
            Ok(Some(if *figure == Figure::Last {
                Source::Field(field)
            } else {
                Source::Figure(*figure, name.text.clone())
            }))
        }
        _ => Ok(None),
    }
}

/// Figures that a filter reads; last values are at hand without.
pub fn figures(expr: &Expr) -> Vec<(Figure, String)> {
    let mut found = Vec::new();
    let _ = each_value(expr, &mut |value| {
        found.extend(figure(value));
        Ok(())
    });
    found
}

pub fn figures_of_value(value: &Value) -> Vec<(Figure, String)> {
    let mut found = Vec::new();
    let _ = each_part(value, &mut |value| {
        found.extend(figure(value));
        Ok(())
    });
    found
}

fn figure(value: &Value) -> Option<(Figure, String)> {
    match &value.kind {
        ValueKind::Figure(figure, name) if *figure != Figure::Last => Some((*figure, name.text.clone())),
        _ => None,
    }
}

/// Calls `visit` for every value in the tree, the parts of calculations too.
fn each_value(expr: &Expr, visit: &mut impl FnMut(&Value) -> Result<(), Trouble>) -> Result<(), Trouble> {
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().try_for_each(|it| each_value(it, visit)),
        ExprKind::Not(inner) => each_value(inner, visit),
        ExprKind::Compare { left, right, .. } => [left, right].into_iter().try_for_each(|it| each_part(it, visit)),
        ExprKind::Like { left, .. } | ExprKind::Matches { left, .. } | ExprKind::IsNull { left, .. } => {
            each_part(left, visit)
        }
        ExprKind::In { left, list, .. } => std::iter::once(left).chain(list).try_for_each(|it| each_part(it, visit)),
        ExprKind::Between { left, low, high, .. } => {
            [left, low, high].into_iter().try_for_each(|it| each_part(it, visit))
        }
        ExprKind::Word(_) => Ok(()),
    }
}

/// Calls `visit` for a value and all parts of it.
pub fn each_part(value: &Value, visit: &mut impl FnMut(&Value) -> Result<(), Trouble>) -> Result<(), Trouble> {
    visit(value)?;
    match &value.kind {
        ValueKind::Function(_, inner) | ValueKind::Negative(inner) => each_part(inner, visit),
        ValueKind::Arithmetic(left, _, right) => {
            each_part(left, visit)?;
            each_part(right, visit)
        }
        _ => Ok(()),
    }
}
