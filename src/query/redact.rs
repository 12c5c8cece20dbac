//! What is taken out of runs before they leave: names of machines, of people, paths, and labels by a
//! pattern. Files are not looked into.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::{Captures, Regex};
use serde::{Deserialize, Serialize};

use crate::model::order::sort_by;
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
    /// Any address, with who logs in and the port.
    address: Option<Regex>,
    /// In prose an address is what the text is about, unless it names a machine or who logs in there.
    private_address: Option<Regex>,
    /// Numbers of machines.
    numbers: Option<Regex>,
    /// `somebody@somewhere`
    mail: Option<Regex>,
    path: Option<Regex>,
    windows_path: Option<Regex>,
    hosts: Vec<String>,
    people: Vec<String>,
    tags: Option<Regex>,
    counts: BTreeMap<&'static str, usize>,
}

/// Shorter names are words.
const LEAST_NAME: usize = 3;
const MACHINES: &str = "machines";
const PEOPLE: &str = "people";
const PATHS: &str = "paths";

impl Redactor {
    /// `hosts` and `authors`: those that are known; `runs`: where further names are looked for. An unreadable pattern is
    /// told as it is.
    pub fn new<'a>(
        of: Redact,
        hosts: &[&str],
        authors: &[String],
        runs: impl Iterator<Item = &'a Run>,
    ) -> Result<Self, String> {
        let mut machines: BTreeSet<String> = hosts.iter().map(|it| (*it).to_owned()).collect();
        let mut people: BTreeSet<String> = authors.iter().cloned().collect();
        for run in runs {
            people.insert(run.user.clone());
            for (key, value) in run.tags.iter().chain(&run.params) {
                if names_user(key) {
                    people.insert(value.clone());
                } else if names_host(key) {
                    machines.insert(value.clone());
                }
            }
        }
        // The longest first, so that no part of a name is left.
        let sorted = |all: BTreeSet<String>, is_wanted: bool| {
            let long = |it: &String| is_wanted && it.chars().count() >= LEAST_NAME;
            let mut all: Vec<String> = all.into_iter().filter(long).collect();
            sort_by(&mut all, |a, b| b.len().cmp(&a.len()));
            all
        };
        let tags = match of.tags.trim() {
            "" => None,
            pattern => Some(Regex::new(pattern).map_err(|error| error.to_string())?),
        };
        let when = |is: bool, pattern: &str| if is { Regex::new(pattern).ok() } else { None };
        Ok(Redactor {
            address: when(of.hosts, r"(?i)([a-z][a-z0-9+.-]*://)[^/\s]+"),
            private_address: when(
                of.hosts,
                r"(?i)([a-z][a-z0-9+.-]*://)(?:[^/\s@]*@[^/\s]+|\d{1,3}(?:\.\d{1,3}){3}[^/\s]*|localhost[^/\s]*|[a-z0-9-]+(?::\d+)|[^/\s]+\.(?:local|lan|internal|corp|intra|home)\b[^/\s]*)",
            ),
            numbers: when(of.hosts, r"(^|[^0-9A-Za-z.]|%[0-9A-Fa-f]{2})\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?"),
            mail: when(of.hosts || of.users, r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"),
            path: when(
                of.paths,
                r#"([A-Za-z][A-Za-z0-9+.-]*:)?(/{1,3})(?:[^\s/"',;:()`<>\[\]]+/)+([^\s/"',;:()`<>\[\]]+)"#,
            ),
            windows_path: when(of.paths, r#"[A-Za-z]:\\(?:[^\\\s"']+\\)+"#),
            hosts: sorted(machines, of.hosts),
            people: sorted(people, of.users),
            tags,
            of,
            counts: BTreeMap::new(),
        })
    }

    /// In words, for the list of what was done.
    pub fn said(&self) -> Vec<String> {
        self.counts.iter().map(|(what, n)| format!("{what}: {n}")).collect()
    }

    pub fn hides_people(&self) -> bool {
        self.of.users
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
        let first = |it: &Captures| it.get(1).map_or(String::new(), |it| it.as_str().to_owned());
        let address = if is_prose { &self.private_address } else { &self.address };
        let mut done: Vec<&'static str> = Vec::new();
        let mut step = |what: &'static str, out: &mut String, new: String| {
            if *out != new {
                done.push(what);
                *out = new;
            }
        };
        // Paths before addresses: what begins with the name of a scheme is none, unless that is a file's.
        if let Some(pattern) = &self.path {
            let new = pattern.replace_all(&out, |it: &Captures| shortened(it, &out)).into_owned();
            step(PATHS, &mut out, new);
        }
        if let Some(pattern) = &self.windows_path {
            let new = pattern.replace_all(&out, "…\\").into_owned();
            step(PATHS, &mut out, new);
        }
        if let Some(pattern) = address {
            let new = pattern.replace_all(&out, |it: &Captures| format!("{}host", first(it))).into_owned();
            step(MACHINES, &mut out, new);
        }
        if let Some(pattern) = &self.numbers {
            let new = pattern.replace_all(&out, |it: &Captures| format!("{}host", first(it))).into_owned();
            step(MACHINES, &mut out, new);
        }
        for host in &self.hosts {
            let new = without_word(&out, host, "host");
            step(MACHINES, &mut out, new);
        }
        if let Some(pattern) = &self.mail {
            let new = pattern.replace_all(&out, "someone@host").into_owned();
            step(PEOPLE, &mut out, new);
        }
        for name in &self.people {
            let new = without_word(&out, name, "someone");
            step(PEOPLE, &mut out, new);
        }
        for what in done {
            *self.counts.entry(what).or_default() += 1;
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
            let named = match () {
                () if self.of.hosts && names_host(&key) => Some((MACHINES, "host")),
                () if self.of.users && names_user(&key) => Some((PEOPLE, "someone")),
                () => None,
            };
            let value = match named {
                Some((what, word)) if !value.is_empty() => {
                    *self.counts.entry(what).or_default() += 1;
                    word.to_owned()
                }
                _ => self.text(&value),
            };
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
            *self.counts.entry(PEOPLE).or_default() += 1;
        }
        run.name = self.prose(&run.name);
        run.params = self.pairs(run.params);
        run.tags = self.labels(run.tags);
        run.note = run.note.map(|it| self.prose(&it));
        for dataset in &mut run.datasets {
            for text in [&mut dataset.name, &mut dataset.source, &mut dataset.profile, &mut dataset.schema] {
                *text = self.text(text);
            }
        }
        for model in &mut run.models {
            model.name = self.prose(&model.name);
        }
        run
    }

    pub fn project(&mut self, mut project: Project) -> Project {
        project.name = self.prose(&project.name);
        project.description = project.description.map(|it| self.prose(&it));
        project.tags = self.labels(project.tags);
        project
    }
}

fn names_user(key: &str) -> bool {
    let key = key.to_lowercase();
    ["user", "author", "owner"].iter().any(|it| key.contains(it))
}

fn names_host(key: &str) -> bool {
    key.to_lowercase().contains("host")
}

/// A path keeps its last name. What follows the name of a scheme is an address, unless that is a file's; what
/// follows a letter, a dot or `#` is no path of a machine.
fn shortened(it: &Captures, whole: &str) -> String {
    let all = it.get(0).map_or("", |it| it.as_str());
    let scheme = it.get(1).map_or("", |it| it.as_str());
    let start = it.get(0).map_or(0, |it| it.start());
    let before = whole[..start].chars().next_back();
    let is_within = before.is_some_and(|it| it.is_alphanumeric() || "._~#…%*-/".contains(it));
    let is_address = !scheme.is_empty()
        && !scheme.eq_ignore_ascii_case("file:")
        && it.get(2).is_some_and(|it| it.as_str().len() > 1);
    if is_address || (scheme.is_empty() && is_within) {
        return all.to_owned();
    }
    format!("{scheme}…/{}", it.get(3).map_or("", |it| it.as_str()))
}

/// Where it stands on its own: no letter or digit on either side, but for those of `%2F`.
fn without_word(text: &str, word: &str, instead: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let whole_before = &text[..text.len() - rest.len() + at];
        let is_start =
            !whole_before.chars().next_back().is_some_and(char::is_alphanumeric) || ends_encoded(whole_before);
        let is_end = !after.chars().next().is_some_and(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if is_start && is_end { instead } else { word });
        rest = after;
    }
    out + rest
}

fn ends_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 3 && bytes[bytes.len() - 3] == b'%' && bytes[bytes.len() - 2..].iter().all(u8::is_ascii_hexdigit)
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
            ("file".into(), "file:///home/x/y.txt".into()),
            ("lr".into(), "1e-3".into()),
            ("name".into(), "val/loss of a/b/c".into()),
        ];
        run.tags = vec![
            ("hostname".into(), "node17.example.org".into()),
            ("x.user".into(), "José".into()),
            ("z".into(), "ok".into()),
        ];
        run.note = Some(
            "Ask mara or José at 10.0.0.7:22, not Tamara, see https://arxiv.org/abs/1/x or http://u:p@x.org/y; \
             C:\\Users\\mara\\x.py on lab.corp, `/srv/data/a.csv`, node17.example.org, git@lab.corp:x \
             [run](#/s/mlflow:http:%2F%2Flab.corp:5000/p/1/r/2) http://tracker:5000/a"
                .into(),
        );
        run
    }

    fn redacted(of: Redact) -> (Run, Vec<String>) {
        let run = run();
        let mut it = Redactor::new(of, &["lab.corp"], &[], std::iter::once(&run)).expect("a pattern");
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
        assert_eq!(params, ["…/digits.npz", "s3://host/x/y", "file:…/y.txt", "1e-3", "val/loss of a/b/c"]);
        assert_eq!(it.tags, [("hostname".into(), "host".into()), ("x.user".into(), "someone".to_owned())]);
        assert_eq!(
            it.note.as_deref(),
            Some(
                "Ask someone or someone at host, not Tamara, see https://arxiv.org/abs/1/x or http://host/y; \
                 …\\x.py on host, `…/a.csv`, host, someone@host:x \
                 [run](#/s/mlflow:http:%2F%2Fhost:5000/p/1/r/2) http://host/a"
            )
        );
        assert!(said.iter().any(|it| it == "labels: 1"), "{said:?}");
        // Each on its own takes no other's.
        let (it, _) = redacted(Redact { paths: true, ..Redact::default() });
        assert_eq!(it.params[1].1, "s3://key:secret@bucket.corp/x/y");
        assert!(it.note.is_some_and(|it| it.contains("https://arxiv.org/abs/1/x") && it.contains("mara")));
    }

    #[test]
    fn a_pattern_that_is_none_is_told() {
        assert!(Redactor::new(Redact { tags: "(".into(), ..Redact::default() }, &[], &[], std::iter::empty()).is_err());
    }
}
