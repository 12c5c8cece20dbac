//! What a column can show and a sort can use, with the text form that links and filters share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    Name,
    Status,
    Started,
    Duration,
    User,
    Id,
    Dataset,
    Metric(String),
    Param(String),
    Tag(String),
}

impl Field {
    /// The name without its prefix, as a column header shows it.
    pub fn label(&self) -> &str {
        match self {
            Field::Name => "Run",
            Field::Status => "status",
            Field::Started => "started",
            Field::Duration => "time",
            Field::User => "user",
            Field::Id => "id",
            Field::Dataset => "dataset",
            Field::Metric(name) | Field::Param(name) | Field::Tag(name) => name,
        }
    }

    /// Numbers stand right-aligned, text left.
    pub fn is_numeric_kind(&self) -> bool {
        matches!(self, Field::Metric(_) | Field::Started | Field::Duration)
    }
}

const ATTRIBUTES: [(&str, Field); 7] = [
    ("run_name", Field::Name),
    ("status", Field::Status),
    ("start_time", Field::Started),
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
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_field_are_one_to_one() {
        let named = [Field::Metric("val/acc.x".into()), Field::Param("a b".into()), Field::Tag("mlflow.user".into())];
        for field in ATTRIBUTES.iter().map(|(_, field)| field.clone()).chain(named) {
            assert_eq!(field.to_string().parse(), Ok(field));
        }
        assert_eq!("nonsense".parse::<Field>(), Err(()));
        assert_eq!("attributes.nope".parse::<Field>(), Err(()));
    }
}
