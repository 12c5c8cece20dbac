//! Which fields a project's runs have, and a sensible first choice of columns and curves.

use serde::{Deserialize, Serialize};

use crate::model::order::sort_by_key;
use crate::model::value::number;
use crate::model::{Field, RunTable};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldInfo {
    pub field: Field,
    /// Runs that have it.
    pub n_runs: u32,
    /// Different values, where they are texts.
    pub n_values: u32,
    pub numeric: bool,
}

pub fn fields(table: &RunTable) -> Vec<FieldInfo> {
    let attribute =
        |field: Field| FieldInfo { numeric: field.is_numeric_kind(), field, n_runs: table.n_rows(), n_values: 0 };
    let mut all: Vec<FieldInfo> =
        [Field::Status, Field::Started, Field::Duration, Field::User, Field::Id, Field::Dataset].map(attribute).into();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    all.extend(table.metrics.iter().filter(|it| !it.1.rows.is_empty()).map(|(name, column)| FieldInfo {
        field: Field::Metric(name.clone()),
        n_runs: count(column.rows.len()),
        n_values: 0,
        numeric: true,
    }));
    let texts = table.params.iter().map(|it| (Field::Param(it.0.clone()), it.1));
    let texts = texts.chain(table.tags.iter().map(|it| (Field::Tag(it.0.clone()), it.1)));
    all.extend(texts.filter(|it| !it.1.rows.is_empty()).map(|(field, column)| FieldInfo {
        field,
        n_runs: count(column.rows.len()),
        n_values: count(column.texts().len()),
        numeric: column.texts().iter().take(50).all(|it| number(it).is_some()),
    }));
    all
}

/// Metrics that most runs have come first, those that tell how good a run is before the others;
/// then params that differ between runs.
pub fn suggested(fields: &[FieldInfo], n_runs: u32) -> Vec<Field> {
    let mut metrics: Vec<&FieldInfo> = fields.iter().filter(|it| matches!(it.field, Field::Metric(_))).collect();
    metrics.retain(|it| it.n_runs * 5 >= n_runs || n_runs < 5);
    sort_by_key(&mut metrics, |it| (metric_rank(it.field.label()), std::cmp::Reverse(it.n_runs)));
    let mut params: Vec<&FieldInfo> = fields
        .iter()
        .filter(|it| matches!(it.field, Field::Param(_)) && it.n_values > 1 && it.n_runs * 4 >= n_runs)
        .collect();
    sort_by_key(&mut params, |it| std::cmp::Reverse(it.n_runs));
    let metrics = metrics.into_iter().take(4).map(|it| it.field.clone());
    let params = params.into_iter().take(5).map(|it| it.field.clone());
    metrics.chain(params).chain([Field::Duration, Field::Started]).collect()
}

/// Which way a metric is better, guessed from its name; none where the name does not say.
pub fn is_better_lower(metric: &str) -> Option<bool> {
    let name = metric.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
    let lower = ["loss", "err", "rmse", "mae", "mse", "mape", "perplexity", "ppl", "fid", "nll", "brier", "latency"];
    let higher = [
        "acc",
        "f1",
        "auc",
        "r2",
        "score",
        "precision",
        "recall",
        "map",
        "bleu",
        "rouge",
        "iou",
        "dice",
        "reward",
        "psnr",
        "ssim",
    ];
    match (has(&lower), has(&higher)) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// Validation before training before the machine's own figures.
pub fn metric_rank(name: &str) -> u8 {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
    match () {
        () if name.starts_with("system/") => 9,
        () if has(&["val", "valid", "test", "eval"]) && has(&["acc", "f1", "auc", "r2", "score", "map", "bleu"]) => 0,
        () if has(&["val", "valid", "test", "eval"]) && has(&["loss", "rmse", "mae", "error", "mse"]) => 1,
        () if has(&["acc", "f1", "auc", "r2", "score"]) => 2,
        () if has(&["loss", "rmse", "mae", "mse"]) => 3,
        () => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};

    #[test]
    fn suggests_what_tells_runs_apart() {
        let mut table = RunTable::default();
        for (i, lr) in ["0.1", "0.2"].iter().enumerate() {
            let mut run = Run::empty(format!("{i}").into());
            run.params = vec![("lr".into(), lr.to_string()), ("same".into(), "x".into())];
            let value = MetricValue { value: 1.0, step: 0.0, time: 0.0 };
            run.metrics = ["system/cpu", "train/loss", "val/acc"].map(|it| (it.to_owned(), value)).into();
            table.upsert(&run);
        }
        let found = fields(&table);
        let names: Vec<String> = suggested(&found, 2).iter().map(Field::to_string).collect();
        assert_eq!(
            names,
            [
                "metrics.val/acc",
                "metrics.train/loss",
                "metrics.system/cpu",
                "params.lr",
                "attributes.duration",
                "attributes.start_time"
            ]
        );
        assert!(found.iter().any(|it| it.field == Field::Param("lr".into()) && it.numeric));
    }
}
