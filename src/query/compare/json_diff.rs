//! What differs between two JSON texts, by path: numbers as numbers, whatever the order of keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::problem::shortened;

const LARGEST: usize = 2 << 20;
const MOST_LEAVES: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// A JSON pointer, as `/a/b/0`; long keys are cut.
    pub path: String,
    /// As JSON, cut where it is long; none where it is missing.
    pub a: Option<String>,
    pub b: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonDiff {
    pub leaves: Vec<Leaf>,
    /// More differ than are told.
    pub is_cut: bool,
}

/// None where one of them is no JSON, or too large: then the lines tell.
pub fn json_diff(a: &str, b: &str) -> Option<JsonDiff> {
    let parse = |it: &str| (it.len() <= LARGEST).then(|| serde_json::from_str::<Value>(it).ok())?;
    let (a, b) = (parse(a)?, parse(b)?);
    let mut found = JsonDiff::default();
    compare(&mut String::new(), Some(&a), Some(&b), &mut found);
    Some(found)
}

/// No deeper than the parser goes, which refuses more than 128 levels.
fn compare(path: &mut String, a: Option<&Value>, b: Option<&Value>, found: &mut JsonDiff) {
    if found.is_cut {
        return;
    }
    match (a, b) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let added = b.keys().filter(|it| !a.contains_key(*it));
            for key in a.keys().chain(added) {
                below(path, key, a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for at in 0..a.len().max(b.len()) {
                below(path, &at.to_string(), a.get(at), b.get(at), found);
            }
        }
        _ if is_same(a, b) => {}
        _ if found.leaves.len() >= MOST_LEAVES => found.is_cut = true,
        _ => {
            let said = |it: Option<&Value>| it.map(|it| shortened(&it.to_string(), 400));
            found.leaves.push(Leaf { path: path.clone(), a: said(a), b: said(b) });
        }
    }
}

fn below(path: &mut String, key: &str, a: Option<&Value>, b: Option<&Value>, found: &mut JsonDiff) {
    let length = path.len();
    path.push('/');
    path.push_str(&shortened(key, 200).replace('~', "~0").replace('/', "~1"));
    compare(path, a, b, found);
    path.truncate(length);
}

fn is_same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        // Whole numbers of 64 bits are exact; beyond and between them 1 is 1.0.
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, expected: &[&str]) {
        let diff = json_diff(a, b).expect("both are JSON");
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "–".into());
        let said: Vec<String> =
            diff.leaves.iter().map(|it| format!("{} {} {}", it.path, text(&it.a), text(&it.b))).collect();
        assert_eq!(said, expected);
        assert!(!diff.is_cut);
    }

    #[test]
    fn tells_differences_by_path() {
        let a = r#"{"model": {"layers": [64, 64], "act": "relu"}, "lr": 1e-3, "n": 1, "old": null, "a/b~": 1}"#;
        let b = r#"{"n": 1.0, "lr": 0.001, "a/b~": 2, "model": {"act": "gelu", "layers": [64, 128, 10]}, "new": {"x": [1]}}"#;
        let expected = [
            "/a~1b~0 1 2",
            "/model/act \"relu\" \"gelu\"",
            "/model/layers/1 64 128",
            "/model/layers/2 – 10",
            "/old null –",
            "/new – {\"x\":[1]}",
        ];
        check(a, b, &expected);
        check("[1, {}]", "[1, []]", &["/1 {} []"]);
        check("1", "2", &[" 1 2"]);
        check("9007199254740993", "9007199254740992", &[" 9007199254740993 9007199254740992"]);
    }

    #[test]
    fn stops_at_what_is_no_json_too_deep_or_too_much() {
        assert_eq!(json_diff("{", "{}"), None);
        assert_eq!(json_diff("NaN", "1"), None);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(json_diff(&deep, &deep), None);
        let many = |it: &str| format!("[{}0]", it.repeat(3000));
        let diff = json_diff(&many("1,"), &many("2,")).expect("both are JSON");
        assert!(diff.is_cut && diff.leaves.len() == MOST_LEAVES);
    }
}
