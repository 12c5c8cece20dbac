//! A small YAML reader, event by event: maps, lists, and every scalar as its text. No aliases, bounded.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

const LARGEST: usize = 4 << 20;
const DEEPEST: usize = 16;

#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// Quotes and folding are undone.
    Text(String),
    List(Vec<Yaml>),
    Map(BTreeMap<String, Yaml>),
}

impl Yaml {
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        match self {
            Yaml::Map(entries) => entries.get(key),
            _ => None,
        }
    }

    /// A scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match self {
            Yaml::Text(text) if !matches!(text.as_str(), "" | "~" | "null") => Some(text),
            _ => None,
        }
    }

    /// Empty for what is no list.
    pub fn items(&self) -> &[Yaml] {
        match self {
            Yaml::List(items) => items,
            _ => &[],
        }
    }
}

/// The one document; an empty text is an empty map.
pub fn read(text: &str) -> Result<Yaml, String> {
    if text.len() > LARGEST {
        return Err(format!("larger than {LARGEST} bytes"));
    }
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, _) = next.map_err(|error| error.to_string())?;
        let node = match event {
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEEPEST => {
                return Err("nested too deeply".into());
            }
            Event::MappingStart(..) => {
                open.push(Open::Map { entries: BTreeMap::new(), key: None });
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Open::Map { entries, .. }) => Yaml::Map(entries),
                Some(Open::List(items)) => Yaml::List(items),
                None => return Err("ends what did not begin".into()),
            },
            Event::Scalar(value, ..) => Yaml::Text(value.into_owned()),
            Event::Alias(_) => return Err("aliases are refused".into()),
            _ => continue,
        };
        match (open.last_mut(), node) {
            (Some(Open::List(items)), node) => items.push(node),
            (Some(Open::Map { entries, key }), node) => match (key.take(), node) {
                (Some(key), node) => {
                    entries.insert(key, node);
                }
                (None, Yaml::Text(text)) => *key = Some(text),
                (None, _) => return Err("a key that is no text".into()),
            },
            (None, node) if root.is_none() => root = Some(node),
            (None, _) => return Err("more than one document".into()),
        }
    }
    Ok(root.unwrap_or_else(|| Yaml::Map(BTreeMap::new())))
}

/// What is begun and not yet ended.
enum Open {
    List(Vec<Yaml>),
    /// `key` awaits its value.
    Map {
        entries: BTreeMap<String, Yaml>,
        key: Option<String>,
    },
}

/// `key` → text; keys of a nested map as `outer/key`. Lists are left out.
pub fn flat(text: &str) -> Result<BTreeMap<String, String>, String> {
    fn collect(path: &str, node: Yaml, out: &mut BTreeMap<String, String>) {
        match node {
            Yaml::Text(text) => {
                out.insert(path.to_owned(), text);
            }
            Yaml::Map(entries) => {
                for (key, node) in entries {
                    let path = if path.is_empty() { key } else { format!("{path}/{key}") };
                    collect(&path, node, out);
                }
            }
            Yaml::List(_) => {}
        }
    }
    let root = read(text)?;
    if !matches!(root, Yaml::Map(_)) {
        return Err("not a map".into());
    }
    let mut out = BTreeMap::new();
    collect("", root, &mut out);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_run() {
        let text = "artifact_uri: mlflow-artifacts:/2/x\nend_time: null\nname: 'a: \"b\"'\ntags: []\nstatus: 3\ninner:\n  mlflow.data.context: train\nuser_id: root\n";
        let map = flat(text).expect("parses");
        assert_eq!(map["name"], "a: \"b\"");
        assert_eq!(map["inner/mlflow.data.context"], "train");
        assert_eq!(map["end_time"], "null");
        assert_eq!(map["status"], "3");
        assert_eq!(map["user_id"], "root");
    }

    #[test]
    fn unfolds_long_json() {
        let map = flat("schema: '{\"a\": [{\"type\": \"double\"},\n  {\"type\": \"long\"}]}'\n").expect("parses");
        assert_eq!(map["schema"], "{\"a\": [{\"type\": \"double\"}, {\"type\": \"long\"}]}");
    }

    #[test]
    fn keeps_lists_and_what_is_in_them() {
        let root = read("name: x\nnothing: null\ndeps:\n- python=3.11\n- pip:\n  - a==1\n  - b\n").expect("parses");
        let deps = root.get("deps").expect("a list").items();
        assert_eq!(
            (root.get("name").and_then(Yaml::text), root.get("nothing").and_then(Yaml::text)),
            (Some("x"), None)
        );
        assert_eq!((deps[0].text(), deps[1].get("pip").map(|it| it.items().len())), (Some("python=3.11"), Some(2)));
    }

    #[test]
    fn refuses_bombs_and_garbage() {
        assert!(flat("a: &a x\nb: *a\n").is_err());
        assert!(flat("\u{0}\u{1}{{{").is_err());
        assert!(flat("just text").is_err());
        assert!(flat(&"{a: ".repeat(5000)).is_err());
    }
}
