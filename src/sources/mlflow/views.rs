//! Views that MLflow's own page shares: experiment tags `mlflow.sharedViewState.<key>` of JSON,
//! plain or as `deflate;` and base64 (`experimentViewStateUtils` and `compression.ts` of its page).

use base64::Engine as _;
use serde::Deserialize;

use crate::model::view::SharedView;
use crate::model::{Field, Project};

const PREFIX: &str = "mlflow.sharedViewState.";
const PACKED: &str = "deflate;";
/// A view is a few kB; more is not one.
const LARGEST: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct State {
    search_filter: String,
    order_by_key: String,
    order_by_asc: bool,
    selected_columns: Option<Vec<String>>,
    group_by: serde_json::Value,
}

impl Default for State {
    fn default() -> Self {
        Self {
            search_filter: String::new(),
            order_by_key: String::new(),
            order_by_asc: false,
            selected_columns: None,
            group_by: serde_json::Value::Null,
        }
    }
}

/// Those that can be read; the others are none of ours.
pub fn shared(project: &Project) -> Vec<SharedView> {
    project.tags.iter().filter_map(|(key, value)| view(key.strip_prefix(PREFIX)?, &text(value)?)).collect()
}

fn text(value: &str) -> Option<String> {
    let Some(packed) = value.strip_prefix(PACKED) else { return Some(value.to_owned()) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed.trim()).ok()?;
    let bytes = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, LARGEST).ok()?;
    String::from_utf8(bytes).ok()
}

fn view(key: &str, text: &str) -> Option<SharedView> {
    let state: State = serde_json::from_str(text).ok()?;
    Some(SharedView {
        name: format!("MLflow view {}", key.chars().take(8).collect::<String>()),
        filter: state.search_filter,
        sort: field(&state.order_by_key).into_iter().map(|it| (it, !state.order_by_asc)).collect(),
        columns: state.selected_columns.map(|it| it.iter().filter_map(|it| field(it)).collect()),
        group: groups(&state.group_by),
    })
}

/// ``metrics.`val/acc` `` or `attributes.Created`, whose names are those of its table's columns.
fn field(key: &str) -> Option<Field> {
    let (scope, name) = key.split_once('.')?;
    let name = name.trim_matches('`').to_owned();
    match scope {
        "metrics" => Some(Field::Metric(name)),
        "params" => Some(Field::Param(name)),
        "tags" => Some(Field::Tag(name)),
        "attributes" => match name.as_str() {
            "start_time" | "Created" => Some(Field::Started),
            "run_name" | "Run Name" => Some(Field::Name),
            "user_id" | "User" => Some(Field::User),
            "Duration" => Some(Field::Duration),
            "status" | "Status" => Some(Field::Status),
            "Dataset" => Some(Field::Dataset),
            _ => None,
        },
        _ => None,
    }
}

/// `{"groupByKeys": [{"mode": "param", "groupByData": "lr"}]}`, or `param.lr` before 2.12.
fn groups(value: &serde_json::Value) -> Vec<Field> {
    let of = |mode: &str, name: &str| match mode {
        "param" => Some(Field::Param(name.to_owned())),
        "tag" => Some(Field::Tag(name.to_owned())),
        "dataset" => Some(Field::Dataset),
        _ => None,
    };
    match value {
        serde_json::Value::String(text) => text.split_once('.').and_then(|it| of(it.0, it.1)).into_iter().collect(),
        _ => {
            let keys = value["groupByKeys"].as_array().map(Vec::as_slice).unwrap_or_default();
            let of_key =
                |it: &serde_json::Value| of(it["mode"].as_str()?, it["groupByData"].as_str().unwrap_or("dataset"));
            keys.iter().filter_map(of_key).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lifecycle;

    const STATE: &str = r#"{"searchFilter":"params.lr = '0.1'","orderByKey":"metrics.`val/acc`","orderByAsc":false,
        "startTime":"ALL","lifecycleFilter":"Active","selectedColumns":["params.`lr`","attributes.`Source`","metrics.`val/acc`"],
        "groupBy":{"aggregateFunction":"average","groupByKeys":[{"mode":"param","groupByData":"model"}]},"viewMaximized":false}"#;

    fn views(value: String) -> Vec<SharedView> {
        shared(&Project {
            id: "1".into(),
            name: String::new(),
            description: None,
            tags: vec![("team".into(), "x".into()), (format!("{PREFIX}0123456789abcdef"), value)],
            created: None,
            updated: None,
            lifecycle: Lifecycle::Active,
        })
    }

    #[test]
    fn reads_both_forms() {
        let expected = SharedView {
            name: "MLflow view 01234567".into(),
            filter: "params.lr = '0.1'".into(),
            sort: vec![(Field::Metric("val/acc".into()), true)],
            columns: Some(vec![Field::Param("lr".into()), Field::Metric("val/acc".into())]),
            group: vec![Field::Param("model".into())],
        };
        assert_eq!(views(STATE.into()), std::slice::from_ref(&expected));
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(STATE.as_bytes(), 6);
        let packed = base64::engine::general_purpose::STANDARD.encode(packed);
        assert_eq!(views(format!("{PACKED}{packed}")), [expected]);
    }

    #[test]
    fn what_is_no_view_is_left_out() {
        for odd in ["", "[]x", "deflate;", "deflate;!!", "deflate;AAAA", r#"{"searchFilter":5}"#] {
            assert_eq!(views(odd.into()), [], "{odd}");
        }
        assert_eq!(views("{}".into()).len(), 1);
    }
}
