//! Conditions that MLflow's own filter strings say, for every version and store of it: what they let
//! through holds all that the condition means, and maybe more.

use super::column::{Constant, Kind, limit, source};
use super::{exact, parts};
use crate::model::{Field, Status};
use crate::query::filter::apply::Context;
use crate::query::filter::bind::Source;
use crate::query::filter::tree::{Expr, ExprKind, Op, Value, ValueKind};
use crate::query::rows::Sort;

/// A filter string of MLflow that lets through at least what the expression does; none where nothing of
/// it can be said there.
pub fn pushable(expr: &Expr, context: &Context) -> Option<String> {
    let found: Vec<String> = parts(expr).into_iter().filter_map(|it| part(it, context)).map(|it| it.filter).collect();
    (!found.is_empty()).then(|| found.join(" AND "))
}

pub struct Pushed {
    pub filter: String,
    /// Whether it lets nothing more through.
    pub is_exact: bool,
}

pub fn part(expr: &Expr, context: &Context) -> Option<Pushed> {
    match &expr.kind {
        ExprKind::Compare { left, op, right } => compare(left, *op, right, context),
        ExprKind::Between { left, low, high, negated: false } => {
            let sides = [compare(left, Op::GreaterEqual, low, context), compare(left, Op::LessEqual, high, context)];
            let is_exact = sides.iter().all(|it| it.as_ref().is_some_and(|it| it.is_exact));
            let found: Vec<String> = sides.into_iter().flatten().map(|it| it.filter).collect();
            (!found.is_empty()).then(|| Pushed { filter: found.join(" AND "), is_exact })
        }
        ExprKind::Like { left, pattern, any_case, negated: false } => like(left, pattern, *any_case, context),
        // `IS NOT NULL` means the same and only newer servers know it; they alone know `IS NULL`.
        ExprKind::IsNull { left, negated: true } => {
            let (name, is_optional) = texts(&place(left, context)?)?;
            is_optional.then(|| Pushed { filter: format!("{name} LIKE '%'"), is_exact: true })
        }
        ExprKind::In { left, list, negated: false } => {
            if place(left, context)? != Source::Field(Field::Id) {
                return None;
            }
            let plain = |it: &str| it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            let ids = list.iter().map(|it| match &it.kind {
                ValueKind::Text(text) if plain(text) => Some(format!("'{text}'")),
                _ => None,
            });
            let ids: Vec<String> = ids.collect::<Option<_>>()?;
            Some(Pushed { filter: format!("attributes.run_id IN ({})", ids.join(", ")), is_exact: true })
        }
        _ => None,
    }
}

/// Where MLflow sorts as we do, its own words; none where it does not.
pub fn order_by(sort: &[Sort]) -> Option<Vec<String>> {
    let mut seen: Vec<&Field> = Vec::new();
    let mut found = Vec::new();
    for it in sort.iter() {
        if seen.contains(&&it.field) {
            continue;
        }
        seen.push(&it.field);
        let name = match &it.field {
            Field::Metric(name) => named("metrics", name)?,
            Field::Started => "attributes.start_time".to_owned(),
            Field::Ended => "attributes.end_time".to_owned(),
            _ => return None,
        };
        found.push(format!("{name} {}", if it.descending { "DESC" } else { "ASC" }));
    }
    Some(found)
}

fn compare(left: &Value, op: Op, right: &Value, context: &Context) -> Option<Pushed> {
    let (value, op, constant) = match (constant(left), constant(right)) {
        (None, Some(it)) => (left, op, it),
        (Some(it), None) => (right, op.turned(), it),
        _ => return None,
    };
    let place = place(value, context)?;
    match &place {
        Source::Field(Field::Metric(name)) => {
            numbers(&named("metrics", name)?, op, limit(&constant, Kind::Plain, context)?)
        }
        // Whole milliseconds, as servers hold them.
        Source::Field(field @ (Field::Started | Field::Ended)) => {
            let limit = limit(&constant, Kind::Time, context)?;
            let name = if *field == Field::Started { "attributes.start_time" } else { "attributes.end_time" };
            if limit.fract() == 0.0 && limit.abs() < 9e15 { numbers(name, op, limit) } else { None }
        }
        Source::Field(Field::Status) => match (&constant, op) {
            (Constant::Text(text), Op::Equal | Op::NotEqual) => {
                let filter = format!("attributes.status {} '{}'", op.sign(), status(text)?);
                Some(Pushed { filter, is_exact: true })
            }
            _ => None,
        },
        _ => {
            let Constant::Text(text) = constant else { return None };
            let (name, is_optional) = texts(&place)?;
            let is_sure = match op {
                Op::Equal => is_optional || !text.is_empty(),
                // Runs that have no name in MLflow's tables have an empty one here, which differs.
                Op::NotEqual => is_optional || place == Source::Field(Field::Id),
                _ => false,
            };
            let filter = format!("{name} {} {}", op.sign(), quoted(&text)?);
            is_sure.then_some(Pushed { filter, is_exact: true })
        }
    }
}

/// Older servers hold NaN as 0: such runs may come along, and must not be lost.
fn numbers(name: &str, op: Op, limit: f64) -> Option<Pushed> {
    let zero_is_lost = op == Op::NotEqual && limit == 0.0;
    // Infinities are the largest number there is in databases.
    let is_sure = limit.abs() < 1e300 && !zero_is_lost;
    is_sure.then(|| Pushed {
        filter: format!("{name} {} {}", op.sign(), exact(limit)),
        is_exact: op == Op::NotEqual || !op.holds(0.0, limit),
    })
}

/// What not every store takes the same way becomes `%`: one character, which some count in bytes; a
/// backslash; in any case letters beyond ASCII, and `i` and `k`, which are the small forms of some of
/// them. In file stores `%` ends with the line, and tags have several.
fn like(left: &Value, pattern: &str, any_case: bool, context: &Context) -> Option<Pushed> {
    let place = place(left, context)?;
    let (name, _) = texts(&place)?;
    let is_sure = |it: char| {
        let has_other_forms = any_case && (!it.is_ascii() || matches!(it, 'i' | 'I' | 'k' | 'K'));
        !matches!(it, '_' | '\\') && !has_other_forms
    };
    let mut loose = String::new();
    for it in pattern.chars() {
        let it = if is_sure(it) { it } else { '%' };
        if it != '%' || !loose.ends_with('%') {
            loose.push(it);
        }
    }
    let is_one_line = matches!(&place, Source::Field(Field::Param(_) | Field::Name | Field::Id));
    if !is_one_line && let Some(at) = loose.find('%') {
        loose.truncate(at + 1);
    }
    let says_something = loose.chars().any(|it| it != '%');
    let filter = format!("{name} {} {}", if any_case { "ILIKE" } else { "LIKE" }, quoted(&loose)?);
    let is_exact = !any_case && loose == pattern;
    says_something.then_some(Pushed { filter, is_exact })
}

fn place(value: &Value, context: &Context) -> Option<Source> {
    source(value, context.table).ok()
}

fn constant(value: &Value) -> Option<Constant> {
    match &value.kind {
        ValueKind::Number(it) => Some(Constant::Number(it.value)),
        ValueKind::Duration(it) => Some(Constant::Duration(it.value)),
        ValueKind::Text(it) => Some(Constant::Text(it.clone())),
        ValueKind::Negative(inner) => match constant(inner)? {
            Constant::Number(it) => Some(Constant::Number(-it)),
            Constant::Duration(it) => Some(Constant::Duration(-it)),
            Constant::Text(_) => None,
        },
        _ => None,
    }
}

/// MLflow's name, and whether a run without the value is the same there as here. Users are not: theirs
/// is a tag where the column says nothing.
fn texts(place: &Source) -> Option<(String, bool)> {
    match place {
        Source::Field(Field::Param(name)) => Some((named("params", name)?, true)),
        Source::Field(Field::Tag(name)) => Some((named("tags", name)?, true)),
        Source::Field(Field::Parent) => Some((named("tags", "mlflow.parentRunId")?, true)),
        Source::Field(Field::Name) => Some(("attributes.run_name".into(), false)),
        Source::Field(Field::Id) => Some(("attributes.run_id".into(), false)),
        Source::Field(Field::Dataset) => Some(("datasets.name".into(), false)),
        Source::DatasetDigest => Some(("datasets.digest".into(), false)),
        Source::DatasetContext => Some(("datasets.context".into(), false)),
        _ => None,
    }
}

/// Always in backticks: `params.in` is not read otherwise. No tracker lets a name have one.
fn named(kind: &str, name: &str) -> Option<String> {
    let is_plain = !name.is_empty() && !name.contains(['`', '\\']) && !name.contains(char::is_control);
    is_plain.then(|| format!("{kind}.`{name}`"))
}

/// Nothing stands for a quote in MLflow's texts, and a backslash before the end would take it away.
fn quoted(text: &str) -> Option<String> {
    if text.contains('\\') || text.contains(char::is_control) {
        return None;
    }
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Some(format!("'{text}'")),
        (true, false) => Some(format!("\"{text}\"")),
        (true, true) => None,
    }
}

fn status(word: &str) -> Option<&'static str> {
    let all = [
        (Status::Scheduled, "SCHEDULED"),
        (Status::Running, "RUNNING"),
        (Status::Finished, "FINISHED"),
        (Status::Failed, "FAILED"),
        (Status::Killed, "KILLED"),
    ];
    all.iter().find(|it| it.0.word() == word.to_lowercase()).map(|it| it.1)
}
