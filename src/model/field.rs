//! What a column can show and a sort can use, with the text form that links and filters share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    Name,
    Status,
    Started,
    Ended,
    Duration,
    User,
    Id,
    Parent,
    Dataset,
    /// Its last value.
    Metric(String),
    Param(String),
    Tag(String),
    /// A figure of the whole series of a metric.
    Figure(Figure, String),
    /// The course of a metric, as a small picture.
    Curve(String),
    /// A calculation in the filter language, such as `max(val/acc) - last(val/acc)`.
    Expr(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Figure {
    /// Greatest step, then latest time.
    Last,
    First,
    /// Without NaN, as are the greatest and the mean.
    Min,
    Max,
    Mean,
    /// Number of points.
    Count,
}

impl Figure {
    pub const ALL: [(&str, Figure); 6] = [
        ("last", Figure::Last),
        ("first", Figure::First),
        ("min", Figure::Min),
        ("max", Figure::Max),
        ("mean", Figure::Mean),
        ("count", Figure::Count),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }
}

impl Field {
    /// The name without its prefix, as a column header shows it.
    pub fn label(&self) -> &str {
        match self {
            Field::Name => "Run",
            Field::Status => "status",
            Field::Started => "started",
            Field::Ended => "ended",
            Field::Parent => "parent",
            Field::Duration => "time",
            Field::User => "user",
            Field::Id => "id",
            Field::Dataset => "dataset",
            Field::Metric(name)
            | Field::Param(name)
            | Field::Tag(name)
            | Field::Figure(_, name)
            | Field::Curve(name)
            | Field::Expr(name) => name,
        }
    }

    pub fn as_curve(&self) -> Option<&str> {
        if let Field::Curve(name) = self { Some(name) } else { None }
    }

    /// Numbers stand right-aligned, text left.
    pub fn is_numeric_kind(&self) -> bool {
        matches!(
            self,
            Field::Metric(_) | Field::Started | Field::Ended | Field::Duration | Field::Figure(..) | Field::Expr(_)
        )
    }
}

const ATTRIBUTES: [(&str, Field); 9] = [
    ("run_name", Field::Name),
    ("status", Field::Status),
    ("start_time", Field::Started),
    ("end_time", Field::Ended),
    ("parent_id", Field::Parent),
    ("duration", Field::Duration),
    ("user_id", Field::User),
    ("run_id", Field::Id),
    ("dataset", Field::Dataset),
];

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Metric(name) => write!(f, "metrics.{name}"),
            Field::Param(name) => write!(f, "params.{name}"),
            Field::Tag(name) => write!(f, "tags.{name}"),
            Field::Figure(figure, name) => write!(f, "{}.{name}", figure.word()),
            Field::Curve(name) => write!(f, "curve.{name}"),
            Field::Expr(text) => write!(f, "expr.{text}"),
            attribute => {
                let name = ATTRIBUTES.iter().find(|(_, it)| it == attribute).map_or("", |(name, _)| name);
                write!(f, "attributes.{name}")
            }
        }
    }
}

impl FromStr for Field {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, name) = text.split_once('.').ok_or(())?;
        match kind {
            "metrics" => Ok(Field::Metric(name.to_owned())),
            "params" => Ok(Field::Param(name.to_owned())),
            "tags" => Ok(Field::Tag(name.to_owned())),
            "attributes" => ATTRIBUTES.iter().find(|(it, _)| *it == name).map(|(_, field)| field.clone()).ok_or(()),
            "curve" => Ok(Field::Curve(name.to_owned())),
            "expr" => Ok(Field::Expr(name.to_owned())),
            _ => {
                let figure = Figure::ALL.iter().find(|it| it.0 == kind).ok_or(())?.1;
                Ok(Field::Figure(figure, name.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_field_are_one_to_one() {
        let named = [
            Field::Metric("val/acc.x".into()),
            Field::Param("a b".into()),
            Field::Tag("mlflow.user".into()),
            Field::Figure(Figure::Max, "val/acc".into()),
            Field::Curve("val/acc".into()),
            Field::Expr("max(a.b) - 1".into()),
        ];
        for field in ATTRIBUTES.iter().map(|(_, field)| field.clone()).chain(named) {
            assert_eq!(field.to_string().parse(), Ok(field));
        }
        assert_eq!("nonsense".parse::<Field>(), Err(()));
        assert_eq!("attributes.nope".parse::<Field>(), Err(()));
    }
}
