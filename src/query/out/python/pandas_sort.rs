//! A sort as pandas does it: stable, one key after the other, on the order in which MLflow answers. Runs
//! whose value is NaN stand among those without one: the frame does not tell them apart.

use super::column::Column;
use crate::model::{Field, Status};
use crate::query::filter;
use crate::query::filter::apply::Context;
use crate::query::filter::tree::Value;
use crate::query::rows::Sort;

/// The last key first: each sort keeps the order of equals.
pub fn steps(sort: &[Sort], context: &Context) -> Vec<String> {
    let step = |sort: &Sort| {
        let direction = if sort.descending { ", ascending=False" } else { "" };
        let key = key(&sort.field, context)?;
        Some(format!("runs = runs.loc[{key}.sort_values(kind=\"stable\", na_position=\"last\"{direction}).index]"))
    };
    sort.iter().rev().filter_map(step).collect()
}

/// None for a calculation that makes no sense, which sorts nothing.
fn key(field: &Field, context: &Context) -> Option<String> {
    let value = match field {
        Field::Figure(figure, metric) => Value::figure(*figure, metric),
        Field::Expr(text) => filter::parse_value(text).ok()?,
        _ => Value::field(field),
    };
    let column = Column::of(&value, context).ok()?;
    Some(match (field, column) {
        (Field::Id, _) => "runs[\"run_id\"]".into(),
        (Field::Status, Column::Texts { code, .. }) => {
            let words = [Status::Scheduled, Status::Running, Status::Finished, Status::Failed, Status::Killed];
            let words: Vec<String> = words.iter().map(|it| format!("\"{}\"", it.word())).collect();
            format!("{code}.map([{}].index)", words.join(", "))
        }
        (Field::Dataset, _) => "datasets(\"name\").map(lambda it: it[0] if it else None)".into(),
        (Field::Expr(_), column) => column.numbers().code,
        (_, Column::Texts { code, .. }) => format!("{code}.map(lambda it: rank(it), na_action=\"ignore\")"),
        (_, column) => column.numbers().code,
    })
}
