//! Values of the filter language as columns of pandas.

use super::{literal, quoted};
use crate::model::value::number;
use crate::model::{Field, Figure, RunTable};
use crate::query::filter::Trouble;
use crate::query::filter::apply::Context;
use crate::query::filter::bind::{self, Known, Source};
use crate::query::filter::date;
use crate::query::filter::tree::{Value, ValueKind};

pub enum Column {
    Constant(Constant),
    Numbers(Numbers),
    Texts {
        code: String,
        /// Of statuses, whose words are in small letters here.
        any_case: bool,
    },
    /// A part of each dataset of a run.
    Many(&'static str),
    /// No run has it.
    Nowhere,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Number(f64),
    /// Milliseconds.
    Duration(f64),
    Text(String),
}

pub struct Numbers {
    pub code: String,
    /// Where runs have the value, be it NaN.
    pub present: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Plain,
    Time,
    Duration,
}

impl Column {
    pub fn of(value: &Value, context: &Context) -> Result<Self, Trouble> {
        Ok(match &value.kind {
            ValueKind::Number(it) => Column::Constant(Constant::Number(it.value)),
            ValueKind::Duration(it) => Column::Constant(Constant::Duration(it.value)),
            ValueKind::Text(it) => Column::Constant(Constant::Text(it.clone())),
            ValueKind::Negative(inner) => match Column::of(inner, context)? {
                Column::Constant(Constant::Number(it)) => Column::Constant(Constant::Number(-it)),
                Column::Constant(Constant::Duration(it)) => Column::Constant(Constant::Duration(-it)),
                other => {
                    let it = other.numbers();
                    Column::plain(format!("(-{})", it.code), it.present)
                }
            },
            ValueKind::Function(function, inner) => match Column::of(inner, context)? {
                Column::Constant(Constant::Number(it)) => Column::Constant(Constant::Number(function.of(it))),
                other => {
                    let it = other.numbers();
                    Column::plain(format!("function({}, {})", quoted(function.word()), it.code), it.present)
                }
            },
            ValueKind::Arithmetic(left, op, right) => match (Column::of(left, context)?, Column::of(right, context)?) {
                (Column::Constant(Constant::Number(a)), Column::Constant(Constant::Number(b))) => {
                    Column::Constant(Constant::Number(op.of(a, b)))
                }
                (a, b) => {
                    let (a, b) = (a.numbers(), b.numbers());
                    Column::plain(
                        format!("({} {} {})", a.code, op.sign(), b.code),
                        format!("({} & {})", a.present, b.present),
                    )
                }
            },
            ValueKind::Name(_) | ValueKind::Figure(..) => match source(value, context.table)? {
                Source::Nowhere => Column::Nowhere,
                Source::DatasetDigest => Column::Many("digest"),
                Source::DatasetContext => Column::Many("context"),
                Source::Field(field) => Column::field(&field),
                Source::Figure(figure, metric) => Column::figure(figure, &metric),
            },
        })
    }

    fn field(field: &Field) -> Self {
        let texts = |code: String| Column::Texts { code, any_case: false };
        let times = |name: &str| format!("times({})", quoted(name));
        let numbers = |code: String, kind: Kind| {
            let present = format!("{code}.notna()");
            Column::Numbers(Numbers { code, present, kind })
        };
        match field {
            Field::Metric(name) => Column::plain(format!("numbers({})", column("metrics", name)), has(name)),
            Field::Param(name) => texts(column("params", name)),
            Field::Tag(name) => texts(column("tags", name)),
            // The frame has these as tags only; every run has them, empty ones too.
            Field::Name => texts(format!("{}.fillna(\"\")", column("tags", "mlflow.runName"))),
            Field::User => texts(format!("{}.fillna(\"\")", column("tags", "mlflow.user"))),
            Field::Parent => texts(column("tags", "mlflow.parentRunId")),
            Field::Id => texts("column(\"run_id\")".into()),
            Field::Status => Column::Texts {
                code: "column(\"status\").str.lower().replace(\"scheduled\", \"queued\")".into(),
                any_case: true,
            },
            Field::Started => numbers(times("start_time"), Kind::Time),
            Field::Ended => numbers(times("end_time"), Kind::Time),
            Field::Duration => numbers(format!("({} - {})", times("end_time"), times("start_time")), Kind::Duration),
            Field::Dataset => Column::Many("name"),
            Field::Figure(..) | Field::Expr(_) | Field::Curve(_) => Column::Nowhere,
        }
    }

    fn figure(figure: Figure, metric: &str) -> Self {
        Column::plain(format!("figure({}, {})", quoted(metric), quoted(figure.word())), has(metric))
    }

    fn plain(code: String, present: String) -> Self {
        Column::Numbers(Numbers { code, present, kind: Kind::Plain })
    }

    /// What calculations see.
    pub fn numbers(self) -> Numbers {
        let always = || "constant(True)".to_owned();
        let plain = |code: String, present: String| Numbers { code, present, kind: Kind::Plain };
        match self {
            // In seconds, as a plain number beside them is.
            Column::Numbers(it) if it.kind != Kind::Plain => plain(format!("({} / 1000)", it.code), it.present),
            Column::Numbers(it) => it,
            Column::Constant(Constant::Number(it)) => plain(format!("constant({})", literal(it)), always()),
            Column::Constant(Constant::Duration(it)) => plain(format!("constant({})", literal(it / 1000.0)), always()),
            Column::Texts { code, .. } => {
                let numbers = format!("numbers({code})");
                let present = format!("({numbers}.notna() | {})", is_nan(&code));
                plain(numbers, present)
            }
            Column::Constant(Constant::Text(_)) | Column::Many(_) | Column::Nowhere => {
                plain("constant(float(\"nan\"))".into(), "constant(False)".into())
            }
        }
    }

    pub fn present(&self) -> String {
        match self {
            Column::Constant(_) => "constant(True)".into(),
            Column::Numbers(it) => it.present.clone(),
            Column::Texts { code, .. } => format!("{code}.notna()"),
            Column::Many(part) => format!("any_dataset({}, lambda it: True)", quoted(part)),
            Column::Nowhere => "constant(False)".into(),
        }
    }
}

/// Texts that read as NaN.
pub fn is_nan(texts: &str) -> String {
    format!("({texts}.str.strip().str.lower() == \"nan\")")
}

fn column(kind: &str, name: &str) -> String {
    format!("column({})", quoted(&format!("{kind}.{name}")))
}

fn has(metric: &str) -> String {
    format!("has({})", quoted(metric))
}

/// A full name is taken at its word: the server may have runs that are not cached.
pub fn source(value: &Value, table: &RunTable) -> Result<Source, Trouble> {
    struct Everything;
    impl Known for Everything {
        fn has(&self, _: &Field) -> bool {
            true
        }
        fn names(&self) -> Vec<&str> {
            Vec::new()
        }
    }
    let is_bare = matches!(&value.kind, ValueKind::Name(it) if it.scope.is_none());
    let known: &dyn Known = if is_bare { table } else { &Everything };
    Ok(bind::place(value, known, &mut Vec::new())?.unwrap_or(Source::Nowhere))
}

/// What a constant means beside a column of this kind, as the filter takes it.
pub fn limit(constant: &Constant, kind: Kind, context: &Context) -> Option<f64> {
    match (constant, kind) {
        (Constant::Number(it), Kind::Duration) => Some(it * 1000.0),
        (Constant::Number(it), _) | (Constant::Duration(it), Kind::Duration) => Some(*it),
        (Constant::Duration(it), Kind::Time) => Some(context.now + it),
        (Constant::Duration(_), Kind::Plain) => None,
        (Constant::Text(it), Kind::Time) => date::parse(it, context.to_utc),
        (Constant::Text(it), _) => number(it),
    }
}
