//! What widgets of one metric share: which figure of it, which way it is better, what it is called.

use super::{Setting, Takes};
use crate::model::{Field, Figure};
use crate::pages::board::spec::Settings;
use crate::query::fields::is_better_lower;

const FIGURES: [(&str, &str); 4] = [("", "last value"), ("max", "greatest"), ("min", "least"), ("mean", "mean")];

const WAYS: [(&str, &str); 3] = [("", "as its name says"), ("lower", "lower"), ("higher", "higher")];

pub const SETTINGS: [Setting; 3] = [
    Setting::new("metric", "Metric", Takes::Metric, ""),
    Setting::new("of", "Its", Takes::Choice(&FIGURES), ""),
    Setting::new("better", "Better is", Takes::Choice(&WAYS), ""),
];

/// A metric's last value, or a figure of its whole course.
pub fn field_of(set: &Settings) -> Option<Field> {
    let metric = set.get("metric")?.to_owned();
    let figure = set.get("of").and_then(|word| Figure::ALL.iter().find(|it| it.0 == word)).map(|it| it.1);
    Some(figure.map_or_else(|| Field::Metric(metric.clone()), |it| Field::Figure(it, metric.clone())))
}

pub fn is_lower_better(set: &Settings) -> Option<bool> {
    set.get("better").map(|it| it == "lower")
}

/// Of a metric whose name does not say which way it is better nobody can know the best.
pub fn title(set: &Settings) -> String {
    let metric = set.get("metric").unwrap_or("value");
    let is_known = is_lower_better(set).or_else(|| is_better_lower(metric)).is_some();
    let of = set.get("of").map_or("last", |it| it);
    format!("{} {metric} ({of})", if is_known { "Best" } else { "Greatest" })
}
