//! The flat YAML of a run folder's `meta.yaml`, read event by event: scalars of the top level and
//! of one nested map (`tags:`), no aliases, bounded.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

/// `key` → text; keys of a nested map as `outer/key`. Quotes and folding are undone.
pub fn flat(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut out = BTreeMap::new();
    let mut parser = Parser::new_from_str(text);
    let mut depth = 0usize;
    // Key awaiting its value, per open map.
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut in_sequence = 0usize;
    while let Some(next) = parser.next_event() {
        let (event, _) = next.map_err(|error| error.to_string())?;
        match event {
            Event::MappingStart(..) => {
                depth += 1;
                keys.push(None);
                if depth > 8 {
                    return Err("nested too deeply".into());
                }
            }
            Event::MappingEnd => {
                depth = depth.saturating_sub(1);
                keys.pop();
                if let Some(outer) = keys.last_mut() {
                    *outer = None;
                }
            }
            Event::SequenceStart(..) => in_sequence += 1,
            Event::SequenceEnd => {
                in_sequence = in_sequence.saturating_sub(1);
                if in_sequence == 0
                    && let Some(key) = keys.last_mut()
                {
                    *key = None;
                }
            }
            Event::Scalar(value, ..) if in_sequence == 0 => match keys.last_mut() {
                Some(key @ None) => *key = Some(value.into_owned()),
                Some(Some(_)) => {
                    let path: Vec<&str> = keys.iter().flatten().map(String::as_str).collect();
                    out.insert(path.join("/"), value.into_owned());
                    if let Some(key) = keys.last_mut() {
                        *key = None;
                    }
                }
                None => return Err("not a map".into()),
            },
            Event::Alias(_) => return Err("aliases are refused".into()),
            _ => {}
        }
    }
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
    fn refuses_bombs_and_garbage() {
        assert!(flat("a: &a x\nb: *a\n").is_err());
        assert!(flat("\u{0}\u{1}{{{").is_err());
        assert!(flat("just text").is_err());
        assert!(flat(&"{a: ".repeat(5000)).is_err());
    }
}
