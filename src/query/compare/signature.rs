//! What a saved model says of itself in its `MLmodel` file: what it was made with, and which columns
//! or tensors it takes and gives.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use thiserror::Error;

use super::diff::{Line, Part, Value};
use crate::model::order::{map, sort_by_key};
use crate::model::problem::shortened;
use crate::model::yaml::{self, Yaml};

/// Of one side of a signature; a wider table is refused.
const MOST_COLUMNS: usize = 20_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedModel {
    pub flavors: Vec<Flavor>,
    pub python: Option<String>,
    pub mlflow: Option<String>,
    pub run_id: Option<String>,
    /// As written, UTC.
    pub created: Option<String>,
    pub inputs: Vec<Column>,
    pub outputs: Vec<Column>,
    pub params: Vec<Column>,
}

/// A library the model can be loaded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flavor {
    pub name: String,
    pub version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Empty for the only tensor or column, which needs none.
    pub name: String,
    /// `double`, `list of string`, `{role: string, content?: string}`; of a tensor that of its numbers.
    pub kind: String,
    /// Of a tensor, and of a param that is a list; -1 where any length will do.
    pub shape: Option<Vec<i64>>,
    pub is_required: bool,
}

impl Column {
    /// `tensor float32 (?, 28, 28)`.
    pub fn said(&self) -> String {
        let lengths = |shape: &[i64]| {
            let each: Vec<String> =
                shape.iter().map(|it| if *it < 0 { "?".to_owned() } else { it.to_string() }).collect();
            each.join(", ")
        };
        let shape = self.shape.as_ref().map_or_else(String::new, |it| format!(" ({})", lengths(it)));
        shortened(&format!("{}{shape}{}", self.kind, if self.is_required { "" } else { ", optional" }), 400)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    #[error("no YAML: {0}")]
    Yaml(String),
    #[error("describes no model")]
    NoModel,
    #[error("its {part} could not be read: {said}")]
    Schema { part: &'static str, said: String },
}

pub fn read(text: &str) -> Result<SavedModel, SignatureError> {
    let root = yaml::read(text).map_err(|it| SignatureError::Yaml(shortened(&it, 300)))?;
    let Some(Yaml::Map(flavors)) = root.get("flavors") else { return Err(SignatureError::NoModel) };
    let said = |key: &str| root.get(key).and_then(Yaml::text).map(str::to_owned);
    let side = |part| columns(root.get("signature").and_then(|it| it.get(part)), part);
    Ok(SavedModel {
        flavors: flavors
            .iter()
            .map(|(name, it)| Flavor { name: name.clone(), version: flavor_version(name, it) })
            .collect(),
        python: flavors.get("python_function").and_then(|it| it.get("python_version")?.text()).map(str::to_owned),
        mlflow: said("mlflow_version"),
        run_id: said("run_id"),
        created: said("utc_time_created"),
        inputs: side("inputs")?,
        outputs: side("outputs")?,
        params: side("params")?,
    })
}

/// `sklearn_version`, and under names cut short, as `xgb_version` of `xgboost`, the one that is there.
fn flavor_version(name: &str, flavor: &Yaml) -> Option<String> {
    let Yaml::Map(entries) = flavor else { return None };
    let is_version = |key: &str| key.ends_with("_version") && key != "python_version";
    let version = entries.get(&format!("{name}_version"));
    let version = version.or_else(|| entries.iter().find(|it| is_version(it.0)).map(|it| it.1));
    version?.text().map(str::to_owned)
}

/// JSON in a string: a list of columns.
fn columns(schema: Option<&Yaml>, part: &'static str) -> Result<Vec<Column>, SignatureError> {
    let wrong = |said: &str| SignatureError::Schema { part, said: shortened(said, 300) };
    let text = match schema {
        Some(Yaml::List(_) | Yaml::Map(_)) => return Err(wrong("not a text")),
        schema => schema.and_then(Yaml::text),
    };
    let Some(text) = text else { return Ok(Vec::new()) };
    let columns: Vec<Json> = serde_json::from_str(text).map_err(|it| wrong(&it.to_string()))?;
    if columns.len() > MOST_COLUMNS {
        return Err(wrong(&format!("more than {MOST_COLUMNS} columns")));
    }
    columns.iter().map(|it| column(it).ok_or_else(|| wrong("a column without a type"))).collect()
}

fn column(it: &Json) -> Option<Column> {
    let tensor = it.get("tensor-spec");
    let shape = tensor.unwrap_or(it).get("shape").and_then(Json::as_array);
    let kind = match tensor {
        Some(tensor) => format!("tensor {}", tensor.get("dtype")?.as_str()?),
        None => kind(it)?,
    };
    Some(Column {
        name: it.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
        kind,
        shape: shape.map(|it| it.iter().map(|it| it.as_i64().unwrap_or(-1)).collect()),
        is_required: is_required(it),
    })
}

/// `optional` is how older files say it.
fn is_required(it: &Json) -> bool {
    it.get("required") != Some(&Json::Bool(false)) && it.get("optional") != Some(&Json::Bool(true))
}

/// No deeper than the parser goes, which refuses more than 128 levels.
fn kind(it: &Json) -> Option<String> {
    Some(match it.get("type")?.as_str()? {
        "array" => format!("list of {}", kind(it.get("items")?)?),
        "map" => format!("map of {}", kind(it.get("values")?)?),
        "object" => {
            let one = |(name, it): (&String, &Json)| {
                Some(format!("{name}{}: {}", if is_required(it) { "" } else { "?" }, kind(it)?))
            };
            let all: Option<Vec<String>> = it.get("properties")?.as_object()?.iter().map(one).collect();
            format!("{{{}}}", all?.join(", "))
        }
        plain => plain.to_owned(),
    })
}

/// What models were made with, take and give, as lines of a comparison: those that differ first,
/// columns in the order of the models. A run without a model differs in nothing.
pub fn diff(models: &[Option<SavedModel>]) -> Vec<Line> {
    let told: Vec<Option<Vec<(String, String)>>> = models.iter().map(|it| it.as_ref().map(facts)).collect();
    let found: Vec<std::collections::BTreeMap<&str, &str>> =
        told.iter().flatten().map(|it| map(it.iter().map(|it| (it.0.as_str(), it.1.as_str())))).collect();
    let mut seen = BTreeSet::new();
    let names = told.iter().flatten().flatten().map(|it| it.0.as_str()).filter(|it| seen.insert(*it));
    let mut lines: Vec<Line> = names
        .map(|name| {
            let mut facts = found.iter();
            let mut value = |it: &Option<_>| {
                let fact = it.as_ref().and_then(|_| facts.next()?.get(name));
                fact.map_or(Value::Missing, |it| Value::Text((*it).to_owned()))
            };
            Line {
                part: Part::Model,
                name: name.to_owned(),
                values: told.iter().map(&mut value).collect(),
                differs: found.windows(2).any(|it| it[0].get(name) != it[1].get(name)),
            }
        })
        .collect();
    sort_by_key(&mut lines, |it| !it.differs);
    lines
}

/// Name and value of each line.
fn facts(model: &SavedModel) -> Vec<(String, String)> {
    let own = [("python", &model.python), ("mlflow", &model.mlflow)];
    let own = own.into_iter().filter_map(|it| Some((it.0.to_owned(), it.1.clone()?)));
    let flavors = model.flavors.iter().map(|it| (it.name.clone(), it.version.clone().unwrap_or_else(|| "yes".into())));
    let sides = [("input", &model.inputs), ("output", &model.outputs), ("param", &model.params)];
    let columns = sides.into_iter().flat_map(|(side, columns)| {
        columns.iter().enumerate().map(move |(at, it)| {
            let name = if it.name.is_empty() { (at + 1).to_string() } else { shortened(&it.name, 200) };
            (format!("{side} {name}"), it.said())
        })
    });
    own.chain(flavors).chain(columns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As mlflow 3.17.2 writes it for scikit-learn.
    const MODEL: &str = r#"flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.skops
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.skops
    serialization_format: skops
    sklearn_version: 1.9.1
    skops_trusted_types: null
is_signature_from_type_hint: false
mlflow_version: 3.17.2
model_id: null
model_size_bytes: 10450
model_uuid: fa164338f98d49689ee5141631513845
prompts: null
run_id: 2394b5b923b9447481b5c0ecaeba7c04
signature:
  inputs: '[{"type": "double", "name": "sepal length", "required": true}, {"type":
    "string", "name": "kind", "required": true}, {"type": "long", "name": "n", "required":
    true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: '[{"name": "alpha", "default": 0.5, "shape": null, "type": "double"}, {"name":
    "names", "default": ["x"], "shape": [-1], "type": "string"}]'
type_hint_from_example: false
utc_time_created: '2026-11-24 13:18:51.668339'
"#;

    fn with_inputs(inputs: &str) -> Result<SavedModel, SignatureError> {
        read(&format!("flavors:\n  xgboost: {{code: null, xgb_version: 2.1.0}}\nsignature:\n  inputs: '{inputs}'\n"))
    }

    #[test]
    fn reads_a_model() {
        let model = read(MODEL).expect("a model");
        let flavors: Vec<_> = model.flavors.iter().map(|it| (it.name.as_str(), it.version.as_deref())).collect();
        assert_eq!(flavors, [("python_function", None), ("sklearn", Some("1.9.1"))]);
        assert_eq!((model.python.as_deref(), model.mlflow.as_deref()), (Some("3.11.7"), Some("3.17.2")));
        assert_eq!(model.run_id.as_deref(), Some("2394b5b923b9447481b5c0ecaeba7c04"));
        assert_eq!(model.created.as_deref(), Some("2026-11-24 13:18:51.668339"));
        let said = |it: &[Column]| it.iter().map(|it| format!("{} {}", it.name, it.said())).collect::<Vec<_>>();
        assert_eq!(said(&model.inputs), ["sepal length double", "kind string", "n long"]);
        assert_eq!(said(&model.outputs), [" tensor int64 (?)"]);
        assert_eq!(said(&model.params), ["alpha double", "names string (?)"]);
    }

    #[test]
    fn reads_what_nests() {
        // As mlflow 3.17.2 writes Array(Object), Map, AnyType and a TensorSpec.
        let model = with_inputs(
            r#"[{"type": "array", "items": {"type": "object", "properties": {"content": {"type": "string", "required": false}, "role": {"type": "string", "required": true}}}, "name": "messages", "required": true}, {"type": "map", "values": {"type": "double"}, "name": "logits", "required": true}, {"type": "any", "name": "anything", "required": false}, {"name": "image", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}]"#,
        )
        .expect("a model");
        let said: Vec<String> = model.inputs.iter().map(Column::said).collect();
        let expected = [
            "list of {content?: string, role: string}",
            "map of double",
            "any, optional",
            "tensor float32 (?, 28, 28)",
        ];
        assert_eq!(said, expected);
        assert_eq!(model.flavors[0].version.as_deref(), Some("2.1.0"));
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(matches!(read("a: [b"), Err(SignatureError::Yaml(_))));
        assert_eq!(read(""), Err(SignatureError::NoModel));
        assert_eq!(read("flavors: null\n"), Err(SignatureError::NoModel));
        for inputs in ["{", "{}", "[1]", "[{}]", r#"[{"type": "array"}]"#, r#"[{"tensor-spec": {"shape": [1]}}]"#] {
            assert!(matches!(with_inputs(inputs), Err(SignatureError::Schema { part: "inputs", .. })), "{inputs}");
        }
        let deep = format!("[{}{}]", r#"{"type":"array","items":"#.repeat(1000), "}".repeat(1000));
        assert!(with_inputs(&deep).is_err());
        assert!(with_inputs(&format!("[{}1]", "1,".repeat(MOST_COLUMNS))).is_err());
        assert!(read("flavors: {}\nsignature:\n  inputs: [a]\n").is_err());
        assert_eq!(read("flavors: {}\nsignature: null\n"), Ok(SavedModel::default()));
    }

    #[test]
    fn tells_what_differs_between_models() {
        let other =
            MODEL.replace("3.17.2", "3.18.0").replace("\"kind\"", "\"species\"").replace("\"long\"", "\"double\"");
        let lines = diff(&[read(MODEL).ok(), None, read(&other).ok()]);
        let value = |it: &Value| match it {
            Value::Text(it) => it.clone(),
            _ => "–".into(),
        };
        let said = |it: &Line| format!("{}: {}", it.name, it.values.iter().map(value).collect::<Vec<_>>().join(" | "));
        let differ: Vec<String> = lines.iter().filter(|it| it.differs).map(said).collect();
        let expected = [
            "mlflow: 3.17.2 | – | 3.18.0",
            "input kind: string | – | –",
            "input n: long | – | double",
            "input species: – | – | string",
        ];
        assert_eq!(differ, expected);
        assert_eq!(lines.len(), 11);
        assert!(lines[4..].iter().all(|it| !it.differs));
        assert!(diff(&[]).is_empty() && diff(&[None, None]).is_empty());
    }
}
