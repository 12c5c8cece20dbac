//! What is taken out of runs before they leave: names of machines, of people, paths, and labels by a
//! pattern. Files are not looked into.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::model::{Project, Run};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redact {
    pub hosts: bool,
    pub users: bool,
    pub paths: bool,
    /// Labels whose name has this pattern are left out; nothing: none are.
    pub tags: String,
}

/// Takes out, and counts what it took.
pub struct Redactor {
    of: Redact,
    address: Option<Regex>,
    /// In prose an address is what the text is about, unless it names a machine or who logs in there.
    private_address: Option<Regex>,
    known_hosts: Vec<Regex>,
    path: Option<Regex>,
    windows_path: Option<Regex>,
    people: Vec<Regex>,
    tags: Option<Regex>,
    counts: BTreeMap<&'static str, usize>,
}

/// Shorter names are words.
const LEAST_NAME: usize = 3;

impl Redactor {
    /// `hosts`: those that are known; `runs`: where names of people are looked for. An unreadable pattern is
    /// told as it is.
    pub fn new<'a>(of: Redact, hosts: &[&str], runs: impl Iterator<Item = &'a Run>) -> Result<Self, String> {
        let word = |it: &str| Regex::new(&format!(r"\b{}\b", regex_lite::escape(it))).ok();
        let known_hosts = hosts.iter().filter(|it| of.hosts && it.len() >= LEAST_NAME).filter_map(|it| word(it));
        let known_hosts = known_hosts.collect();
        let mut people = BTreeSet::new();
        if of.users {
            for run in runs {
                people.insert(run.user.clone());
                people.extend(run.tags.iter().filter(|it| names_user(&it.0)).map(|it| it.1.clone()));
            }
        }
        let people = people.iter().filter(|it| it.len() >= LEAST_NAME).filter_map(|it| word(it)).collect();
        let tags = match of.tags.trim() {
            "" => None,
            pattern => Some(Regex::new(pattern).map_err(|error| error.to_string())?),
        };
        let when = |is: bool, pattern: &str| if is { Regex::new(pattern).ok() } else { None };
        Ok(Redactor {
            // Any address, with who logs in and the port; and numbers of machines.
            address: when(of.hosts, r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s]+|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
            private_address: when(
                of.hosts,
                r"(?i)\b([a-z][a-z0-9+.-]*://)(?:[^/\s@]*@[^/\s]+|\d{1,3}(?:\.\d{1,3}){3}[^/\s]*|localhost[^/\s]*)|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
            ),
            path: when(of.paths, r#"(^|[\s"'=:(,\[])(?:/[^\s/"',;:]+){2,}"#),
            windows_path: when(of.paths, r#"\b[A-Za-z]:\\(?:[^\\\s"']+\\)+"#),
            known_hosts,
            people,
            tags,
            of,
            counts: BTreeMap::new(),
        })
    }

    /// In words, for the list of what was done.
    pub fn said(&self) -> Vec<String> {
        self.counts.iter().map(|(what, n)| format!("{what}: {n}")).collect()
    }

    /// A value: whatever it is.
    pub fn text(&mut self, text: &str) -> String {
        self.without(text, false)
    }

    /// Words that somebody wrote.
    pub fn prose(&mut self, text: &str) -> String {
        self.without(text, true)
    }

    fn without(&mut self, text: &str, is_prose: bool) -> String {
        let mut out = text.to_owned();
        if let Some(pattern) = if is_prose { &self.private_address } else { &self.address } {
            let replaced = pattern.replace_all(&out, |it: &regex_lite::Captures| {
                format!("{}host", it.get(1).map_or("", |it| it.as_str()))
            });
            let replaced = replaced.into_owned();
            note(&mut self.counts, "machines", &mut out, replaced);
        }
        for pattern in &self.known_hosts {
            let replaced = pattern.replace_all(&out, "host").into_owned();
            note(&mut self.counts, "machines", &mut out, replaced);
        }
        if let Some(pattern) = &self.path {
            let replaced = pattern.replace_all(&out, |it: &regex_lite::Captures| {
                let all = it.get(0).map_or("", |it| it.as_str());
                let last = all.rsplit('/').next().unwrap_or_default();
                format!("{}…/{last}", it.get(1).map_or("", |it| it.as_str()))
            });
            let replaced = replaced.into_owned();
            note(&mut self.counts, "paths", &mut out, replaced);
        }
        if let Some(pattern) = &self.windows_path {
            let replaced = pattern.replace_all(&out, "…\\").into_owned();
            note(&mut self.counts, "paths", &mut out, replaced);
        }
        for pattern in &self.people {
            let replaced = pattern.replace_all(&out, "someone").into_owned();
            note(&mut self.counts, "people", &mut out, replaced);
        }
        out
    }

    /// Whether a label stays.
    fn keeps(&mut self, key: &str) -> bool {
        let is_out = self.tags.as_ref().is_some_and(|it| it.is_match(key));
        if is_out {
            *self.counts.entry("labels").or_default() += 1;
        }
        !is_out
    }

    fn pairs(&mut self, pairs: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut out = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let names_host = self.of.hosts && key.to_lowercase().contains("host");
            let value = if names_host { "host".to_owned() } else { self.text(&value) };
            out.push((key, value));
        }
        out
    }

    fn labels(&mut self, tags: Vec<(String, String)>) -> Vec<(String, String)> {
        let kept = tags.into_iter().filter(|it| self.keeps(&it.0)).collect();
        self.pairs(kept)
    }

    pub fn run(&mut self, mut run: Run) -> Run {
        if self.of.users && !run.user.is_empty() {
            run.user = "someone".to_owned();
        }
        run.name = self.text(&run.name);
        run.params = self.pairs(run.params);
        run.tags = self.labels(run.tags);
        run.note = run.note.map(|it| self.prose(&it));
        for dataset in &mut run.datasets {
            dataset.source = self.text(&dataset.source);
            dataset.profile = self.text(&dataset.profile);
        }
        run
    }

    pub fn project(&mut self, mut project: Project) -> Project {
        project.description = project.description.map(|it| self.prose(&it));
        project.tags = self.labels(project.tags);
        project
    }
}

fn names_user(key: &str) -> bool {
    let key = key.to_lowercase();
    ["user", "author", "owner"].iter().any(|it| key.contains(it))
}

fn note(counts: &mut BTreeMap<&'static str, usize>, what: &'static str, out: &mut String, replaced: String) {
    if *out != replaced {
        *counts.entry(what).or_default() += 1;
        *out = replaced;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let mut run = Run::empty("r".into());
        run.user = "mara".into();
        run.params = vec![
            ("data".into(), "/home/mara/data/digits.npz".into()),
            ("url".into(), "s3://key:secret@bucket.corp/x/y".into()),
            ("lr".into(), "1e-3".into()),
        ];
        run.tags =
            vec![("hostname".into(), "gpu-7".into()), ("x.user".into(), "mara".into()), ("z".into(), "ok".into())];
        run.note = Some("Ask mara at 10.0.0.7:22, not Tamara, see https://arxiv.org/abs/1 or http://u:p@x.org/y; C:\\Users\\mara\\x.py on lab.corp".into());
        run
    }

    fn redacted(of: Redact) -> (Run, Vec<String>) {
        let run = run();
        let mut it = Redactor::new(of, &["lab.corp"], std::iter::once(&run)).expect("a pattern");
        let done = it.run(run.clone());
        (done, it.said())
    }

    #[test]
    fn nothing_is_touched_unless_asked() {
        assert_eq!(redacted(Redact::default()), (run(), vec![]));
    }

    #[test]
    fn machines_people_paths_and_labels_go() {
        let (it, said) = redacted(Redact { hosts: true, users: true, paths: true, tags: "^z".into() });
        assert_eq!(it.user, "someone");
        let params: Vec<&str> = it.params.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(params, ["…/digits.npz", "s3://host/x/y", "1e-3"]);
        assert_eq!(it.tags, [("hostname".into(), "host".into()), ("x.user".into(), "someone".to_owned())]);
        assert_eq!(
            it.note.as_deref(),
            Some("Ask someone at host, not Tamara, see https://arxiv.org/abs/1 or http://host/y; …\\x.py on host")
        );
        assert!(said.iter().any(|it| it == "labels: 1"), "{said:?}");
    }

    #[test]
    fn a_pattern_that_is_none_is_told() {
        assert!(Redactor::new(Redact { tags: "(".into(), ..Redact::default() }, &[], std::iter::empty()).is_err());
    }
}
