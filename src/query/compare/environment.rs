//! What a run was installed with: Python and packages, from the files that stand beside a model
//! (`requirements.txt`, `conda.yaml`, `python_env.yaml`) or from a `pip freeze`, and how runs differ in it.

use std::collections::BTreeMap;

use super::diff::{Line, Part, Value};
use super::requirement::{Requirement, logical_lines, requirement};
use super::version::compare_versions;
use crate::model::order::{set, sort_by_key};
use crate::model::problem::shortened;
use crate::model::yaml::{self, Yaml};

const LARGEST: usize = 1 << 20;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub python: Option<String>,
    /// By the name as PEP 503 spells it.
    pub packages: BTreeMap<String, Requirement>,
}

#[derive(Clone, Copy, PartialEq)]
enum Listing {
    /// A requirement a line.
    Plain,
    Yaml,
}

fn listing(file_name: &str) -> Option<Listing> {
    let name = file_name.rsplit('/').next()?.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
    match name.rsplit_once('.')?.1 {
        "txt" if has(&["requirement", "freeze", "constraint"]) => Some(Listing::Plain),
        "yaml" | "yml" if has(&["conda", "python_env", "environment"]) => Some(Listing::Yaml),
        _ => None,
    }
}

/// Whether a file's name says that it lists packages.
pub fn is_one(file_name: &str) -> bool {
    listing(file_name).is_some()
}

/// None for a file of another name, or one that cannot be read.
pub fn read(file_name: &str, text: &str) -> Option<Environment> {
    if text.len() > LARGEST {
        return None;
    }
    let mut environment = Environment::default();
    match listing(file_name)? {
        Listing::Plain => logical_lines(text).iter().for_each(|it| environment.add(it)),
        Listing::Yaml => environment.add_yaml(&yaml::read(text).ok()?),
    }
    Some(environment)
}

impl Environment {
    /// Of what both name, an exact version counts for more; of two such the first.
    pub fn merge(&mut self, other: Environment) {
        self.python = self.python.take().or(other.python);
        for (name, requirement) in other.packages {
            let held = self.packages.entry(name).or_default();
            let says_more = requirement.version.is_some() || held.text.is_empty();
            if held.version.is_none() && says_more {
                *held = requirement;
            }
        }
    }

    fn add_yaml(&mut self, root: &Yaml) {
        self.python = root.get("python").and_then(Yaml::text).map(str::to_owned);
        let lists = ["build_dependencies", "dependencies"].into_iter().filter_map(|it| root.get(it));
        for item in lists.flat_map(Yaml::items) {
            let pip = item.get("pip").map_or(&[][..], Yaml::items);
            pip.iter().chain([item]).filter_map(Yaml::text).for_each(|it| self.add(it));
        }
    }

    fn add(&mut self, line: &str) {
        let Some((name, requirement)) = requirement(line) else { return };
        if name == "python" {
            self.python = Some(requirement.said().to_owned());
            return;
        }
        match self.packages.get_mut(&name) {
            None => drop(self.packages.insert(name, requirement)),
            // Which line holds depends on the machine, as their markers say.
            // So many spellings of one package are no list any more, and to keep them all would take for ever.
            Some(held) if held.text != requirement.text && held.text.len() < 400 => {
                held.version = held.version.take().filter(|it| requirement.version.as_ref() == Some(it));
                held.text = format!("{} | {}", held.text, requirement.text);
            }
            Some(_) => {}
        }
    }
}

/// One package with its version in each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageLine {
    pub name: String,
    /// What is asked where it is not one version; none where the package, or the whole list, is missing.
    pub versions: Vec<Option<String>>,
    pub differs: bool,
}

impl PackageLine {
    /// As the other lines of a comparison. A text always, since `1.10` is another version than `1.1`.
    pub fn line(&self) -> Line {
        let value = |it: &Option<String>| it.clone().map_or(Value::Missing, Value::Text);
        Line {
            part: Part::Packages,
            name: self.name.clone(),
            values: self.versions.iter().map(value).collect(),
            differs: self.differs,
        }
    }
}

/// Those that differ first, Python before the packages. A run without a list differs in nothing:
/// what it was installed with is not known.
pub fn diff(environments: &[Option<Environment>]) -> Vec<PackageLine> {
    let known = || environments.iter().flatten();
    let names = set(known().flat_map(|it| it.packages.keys()).map(String::as_str));
    let line = |name: &str, version: &dyn Fn(&Environment) -> Option<String>| {
        let said = known().map(version).collect::<Vec<_>>();
        PackageLine {
            name: name.to_owned(),
            versions: environments.iter().map(|it| it.as_ref().and_then(version)).collect(),
            differs: said.windows(2).any(|it| !is_same(it[0].as_deref(), it[1].as_deref())),
        }
    };
    let mut lines = Vec::new();
    if known().any(|it| it.python.is_some()) {
        lines.push(line("python", &|it| it.python.clone()));
    }
    let version = |name: &str, it: &Environment| it.packages.get(name).map(|it| shortened(it.said(), 200));
    lines.extend(names.into_iter().map(|name| line(name, &|it| version(name, it))));
    sort_by_key(&mut lines, |it| !it.differs);
    lines
}

fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || compare_versions(a, b).is_some_and(std::cmp::Ordering::is_eq),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIREMENTS: &str = "\u{feff}# made by hand
-r base.txt
--extra-index-url https://download.pytorch.org/whl/cu121
mlflow==3.17.2
scikit-learn
Torch.Audio == 2.3.1+cu121   # comment
pandas>=2.0,<3
ruff~=0.5
uvicorn[standard]==0.30.1 ; python_version >= '3.8'
numpy==1.26.4; python_version < '3.12'
numpy==2.0.0; python_version >= '3.12'
requests == 2.32.3 \\
    --hash=sha256:aaa \\
    --hash=sha256:bbb
jax === 0.4.30
six==1.*
own @ git+ssh://git@example.org/own.git@abc#egg=own
https://example.org/wheels/tiny_pkg-0.3-py3-none-any.whl
named @ https://example.org/named-1.4%2Bcpu-py3-none-any.whl#sha256=1
-e git+https://example.org/x.git@v1#egg=My_Editable&subdirectory=a
# Editable install with no version control (local.pkg==0.0.1)
-e /home/somebody/local
--editable=git+https://example.org/y.git#egg=other
<html>not a requirement</html>
two words
";

    /// `name version text`, a line each.
    #[track_caller]
    fn check(file: &str, text: &str, expected: &[(&str, Option<&str>, &str)]) -> Environment {
        let environment = read(file, text).expect("readable");
        let got: Vec<(&str, Option<&str>, &str)> =
            environment.packages.iter().map(|(n, it)| (n.as_str(), it.version.as_deref(), it.text.as_str())).collect();
        assert_eq!(got, expected);
        environment
    }

    #[test]
    fn reads_requirements() {
        let expected = [
            ("jax", Some("0.4.30"), "=== 0.4.30"),
            ("local-pkg", Some("0.0.1"), "==0.0.1"),
            ("mlflow", Some("3.17.2"), "==3.17.2"),
            ("my-editable", None, "@ git+https://example.org/x.git@v1#egg=My_Editable&subdirectory=a"),
            ("named", Some("1.4+cpu"), "@ https://example.org/named-1.4%2Bcpu-py3-none-any.whl#sha256=1"),
            ("numpy", None, "==1.26.4; python_version < '3.12' | ==2.0.0; python_version >= '3.12'"),
            ("other", None, "@ git+https://example.org/y.git#egg=other"),
            ("own", None, "@ git+ssh://git@example.org/own.git@abc#egg=own"),
            ("pandas", None, ">=2.0,<3"),
            ("requests", Some("2.32.3"), "== 2.32.3"),
            ("ruff", None, "~=0.5"),
            ("scikit-learn", None, ""),
            ("six", None, "==1.*"),
            ("tiny-pkg", Some("0.3"), "@ https://example.org/wheels/tiny_pkg-0.3-py3-none-any.whl"),
            ("torch-audio", Some("2.3.1+cu121"), "== 2.3.1+cu121"),
            ("uvicorn", Some("0.30.1"), "[standard]==0.30.1 ; python_version >= '3.8'"),
        ];
        check("model/requirements.txt", REQUIREMENTS, &expected);
        check("pip-freeze.txt", &REQUIREMENTS.replace('\n', "\r\n"), &expected);
    }

    #[test]
    fn reads_what_mlflow_writes_beside_a_model() {
        let conda = "channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip<=23.2.1\n- conda-forge::libblas=3.9.0=20_linux64\n- numpy 1.26.*\n- pip:\n  - mlflow==3.18.0\n  - scikit-learn\nname: mlflow-env\n";
        let expected = [
            ("libblas", Some("3.9.0"), "=3.9.0=20_linux64"),
            ("mlflow", Some("3.18.0"), "==3.18.0"),
            ("numpy", None, "1.26.*"),
            ("pip", None, "<=23.2.1"),
            ("scikit-learn", None, ""),
        ];
        let mut conda = check("m/conda.yaml", conda, &expected);
        assert_eq!(conda.python.as_deref(), Some("3.11.7"));
        let env = "python: 3.11.7\nbuild_dependencies:\n- pip==23.2.1\n- setuptools==65.5.0\n- wheel\ndependencies:\n- -r requirements.txt\n";
        let expected =
            [("pip", Some("23.2.1"), "==23.2.1"), ("setuptools", Some("65.5.0"), "==65.5.0"), ("wheel", None, "")];
        let env = check("python_env.yaml", env, &expected);
        assert_eq!(env.python.as_deref(), Some("3.11.7"));
        conda.merge(env);
        assert_eq!(conda.packages["pip"].version.as_deref(), Some("23.2.1"), "an exact version tells more");
        assert_eq!(conda.packages.len(), 7);
    }

    #[test]
    fn reads_no_other_file_and_no_garbage() {
        assert_eq!(read("notes.txt", "a==1"), None);
        assert_eq!(read("conda.yaml", "a: [b"), None);
        assert_eq!(read("requirements.txt", &"a==1\n".repeat(1 << 20)), None);
        for text in [
            "",
            "\\",
            "-e",
            "-e ",
            "[",
            "a[",
            "a @",
            "@",
            "==1",
            "::",
            "a::",
            "\u{0}#\\\n\\",
            "é==1",
            "-e é",
            "# Editable ()",
            "a==",
        ] {
            let environment = read("requirements.txt", text).expect("readable");
            assert!(environment.packages.values().all(|it| it.version.is_none()), "{text}");
        }
        let list = read("environment.yml", "dependencies: {pip: [a]}\npython: []\n").expect("readable");
        assert_eq!(list, Environment::default());
    }

    #[test]
    fn those_that_differ_come_first() {
        let env = |text: &str| read("requirements.txt", text);
        let all = diff(&[
            env("python==3.11\na==1.0\nb==2\nc==1.1\nsame==1"),
            None,
            env("python==3.12\nA==1.0.0\nb\nc==1.10\nsame==1\nnew==4"),
        ]);
        let line = |it: &PackageLine| {
            let versions: Vec<&str> = it.versions.iter().map(|it| it.as_deref().unwrap_or("–")).collect();
            format!("{} {} {}", if it.differs { "≠" } else { "=" }, it.name, versions.join(" "))
        };
        let said: Vec<String> = all.iter().map(line).collect();
        let expected =
            ["≠ python 3.11 – 3.12", "≠ b 2 – any", "≠ c 1.1 – 1.10", "≠ new – – 4", "= a 1.0 – 1.0.0", "= same 1 – 1"];
        assert_eq!(said, expected);
        assert!(all[2].line().is_changed(2, 0), "1.10 is another version than 1.1");
    }
}
