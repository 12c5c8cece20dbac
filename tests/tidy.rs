//! The house's rules as tests: who may know whom, and what must not occur.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else if entry.path().extension().is_some_and(|it| it == "rs") {
                found.push(entry.path());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source");
            (path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

/// The text without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    text.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Rooms and what each may use, as in ARCHITECTURE.md.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("sources", &["model"]),
    ("store", &["model"]),
    ("query", &["model"]),
    ("raster", &["model"]),
    ("charts", &["model", "components"]),
    ("components", &["model"]),
    // The diagnosis of a connection and the reading of addresses are the sources' words.
    ("sync", &["model", "sources", "store"]),
    ("engine", &["model", "sources", "store", "query", "sync", "raster"]),
    ("pages", &["model", "query", "engine", "charts", "components", "sources"]),
];

#[test]
fn rooms_know_only_whom_they_may() {
    for (path, text) in sources() {
        let Some((room, _)) = path.split_once('/') else { continue };
        let Some((_, allowed)) = MAY_USE.iter().find(|it| it.0 == room) else { continue };
        for (known, _) in MAY_USE.iter().filter(|it| it.0 != room && !allowed.contains(&it.0)) {
            let word = format!("crate::{known}");
            let strays = code(&text).contains(&word);
            assert!(!strays, "{path} uses {word}; {room} may use {allowed:?}");
        }
    }
}

#[track_caller]
fn only_in(word: &str, rooms: &[&str]) {
    for (path, text) in sources() {
        if !rooms.iter().any(|it| path.starts_with(it)) {
            assert!(!code(&text).contains(word), "{path} names {word}, which belongs to {rooms:?}");
        }
    }
}

#[test]
fn each_foreign_thing_has_one_room() {
    only_in("gloo_net", &["sources/browser.rs"]);
    only_in("indexed_db_futures", &["store/indexed_db.rs"]);
    only_in("plotters", &["charts/"]);
    only_in("halimede_raster", &["raster/", "charts/", "engine/", "pages/metric_chart/"]);
    only_in("leptos", &["charts/", "components/", "pages/", "engine/data.rs"]);
    for (path, text) in sources() {
        if path.starts_with("model/") || path.starts_with("query/") {
            for word in ["web_sys", "js_sys", "wasm_bindgen"] {
                assert!(!code(&text).contains(word), "{path} names the browser: {word}");
            }
        }
    }
}

#[test]
fn no_html_string_reaches_the_page() {
    for word in ["inner_html", "set_inner_html", "outer_html", "insert_adjacent_html", "document.write", "eval("] {
        only_in(word, &[]);
    }
}

#[test]
fn vendor_words_stay_in_their_adapter() {
    for (path, text) in sources() {
        let is_inner = ["model/", "store/", "charts/"].iter().any(|it| path.starts_with(it));
        if is_inner {
            for word in ["mlflow", "MLflow", "neptune", "wandb", "kubeflow"] {
                assert!(!code(&text).contains(word), "{path} names {word}");
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{path} does not open with what it is for");
        let n_lines = text.lines().count();
        assert!(n_lines <= 520, "{path} has {n_lines} lines; split it by idea");
    }
}
