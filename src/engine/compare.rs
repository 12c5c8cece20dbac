//! Runs side by side: themselves, the files beside them, their seeds, two files line by line.

use futures_util::stream::{self, StreamExt};

use super::protocol::{Answer, FileDiff, Files, MOST_COMPARED, PairedLine};
use super::{Engine, Result};
use crate::model::order::sort;
use crate::model::{Problem, Run, RunKey};
use crate::query::compare::diff::{Line, Part, Value};
use crate::query::compare::environment::{self, Environment};
use crate::query::compare::json_diff::json_diff;
use crate::query::compare::paired::{NotPaired, paired};
use crate::query::compare::signature::{self, SavedModel};
use crate::query::compare::text_diff::text_diff;
use crate::query::fields::{is_better_lower, metric_rank};

/// Of one run; deeper and longer trees are cut, and that is said.
const MOST_FILES: usize = 400;
const MOST_FOLDERS: usize = 24;
/// Lists of packages that are read.
const MOST_LISTS: u32 = 4;
/// Of a file that is read to be compared.
const MOST_BYTES: u64 = 2 << 20;
/// Runs whose files are read at once.
const AT_ONCE: usize = 4;
/// Metrics whose seeds are compared: those that tell most.
const MOST_METRICS: usize = 8;
/// Of these many, in the order of what they tell.
const MOST_TRIED: usize = 100;
/// Siblings of one run that are looked at.
const MOST_SIBLINGS: usize = 40;
/// With more names of metrics than this, rows are too large to be laid side by side in numbers.
const MOST_NAMES: usize = 2_000;
/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// What stands beside a run.
#[derive(Default)]
struct Beside {
    files: Vec<(String, Option<u64>)>,
    is_cut: bool,
    environment: Option<Environment>,
    model: Option<SavedModel>,
}

impl Engine {
    /// From the cache where it holds them, else from their sources.
    pub(super) async fn compare(&self, keys: Vec<RunKey>) -> Result<Answer> {
        let mut found = Vec::new();
        for key in keys.iter().take(MOST_COMPARED) {
            found.push(self.one_run(key).await);
        }
        Ok(Answer::Compare(found))
    }

    pub(super) async fn one_run(&self, key: &RunKey) -> Result<Run> {
        let slot = self.loaded(&key.project_key()).await;
        let cached = {
            let table = slot.table.borrow();
            table.row_of(&key.run).map(|row| table.run(row))
        };
        match cached {
            Some(run) => Ok(run),
            None => self.open(&key.source).await?.run(&key.project, &key.run).await,
        }
    }

    /// Lines of files, packages and models; where a run's cannot be read, why.
    pub(super) async fn compare_files(&self, keys: Vec<RunKey>) -> Result<Answer> {
        let keys: Vec<RunKey> = keys.into_iter().take(MOST_COMPARED).collect();
        let read = stream::iter(&keys).map(|key| self.beside(key)).buffered(AT_ONCE);
        let found: Vec<Result<Beside>> = read.collect().await;
        let troubles = found.iter().map(|it| it.as_ref().err().cloned()).collect();
        let found: Vec<Option<Beside>> = found.into_iter().map(Result::ok).collect();
        let is_cut = found.iter().flatten().any(|it| it.is_cut);
        let mut lines = file_lines(&found);
        let (environments, models): (Vec<_>, Vec<_>) =
            found.into_iter().map(|it| it.map_or((None, None), |it| (it.environment, it.model))).unzip();
        lines.extend(environment::diff(&environments).iter().map(|it| it.line()));
        lines.extend(signature::diff(&models));
        Ok(Answer::Files(Files { lines, troubles, is_cut }))
    }

    /// The tree of a run's files, level by level, and what is read of them.
    async fn beside(&self, key: &RunKey) -> Result<Beside> {
        let mut made = Beside::default();
        let mut folders = vec![String::new()];
        let mut at = 0;
        while let Some(folder) = folders.get(at).cloned() {
            at += 1;
            if at > MOST_FOLDERS || made.files.len() >= MOST_FILES {
                made.is_cut = true;
                break;
            }
            let Answer::Artifacts(listing) = self.artifacts(key, &folder).await? else { break };
            made.is_cut |= listing.cut;
            for entry in listing.entries {
                if entry.is_dir { folders.push(entry.path) } else { made.files.push((entry.path, entry.size)) }
            }
        }
        let files = made.files.clone();
        let mut n_lists = 0;
        for (path, size) in &files {
            if size.is_some_and(|it| it > MOST_BYTES) {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            if name == "MLmodel" && made.model.is_none() {
                // What one file lacks must not hide the others.
                made.model = self.file_text(key, path).await.ok().and_then(|it| signature::read(&it).ok());
            } else if environment::is_one(path)
                && n_lists < MOST_LISTS
                && let Ok(text) = self.file_text(key, path).await
                && let Some(read) = environment::read(path, &text)
            {
                n_lists += 1;
                made.environment.get_or_insert_default().merge(read);
            }
        }
        Ok(made)
    }

    async fn file_text(&self, key: &RunKey, path: &str) -> Result<String> {
        let source = self.open(&key.source).await?;
        let file = source.artifact(&key.project, &key.run, path, MOST_BYTES).await?;
        if file.bytes.len() as u64 >= MOST_BYTES {
            return Err(Problem::TooLarge { what: path.to_owned(), limit: MOST_BYTES });
        }
        String::from_utf8(file.bytes).map_err(|_| Problem::malformed(path, "it is no text"))
    }

    pub(super) async fn diff_files(&self, a: &RunKey, b: &RunKey, path: &str) -> Result<Answer> {
        let (old, new) = (self.file_text(a, path).await?, self.file_text(b, path).await?);
        Ok(Answer::FileDiff(FileDiff { json: json_diff(&old, &new), text: text_diff(&old, &new, CONTEXT) }))
    }

    /// Each run and its siblings, equal in all but the seed, against those of the baseline.
    pub(super) async fn compare_seeds(&self, keys: Vec<RunKey>, baseline: usize) -> Result<Answer> {
        let mut groups = Vec::new();
        for key in keys.iter().take(MOST_COMPARED) {
            groups.push(self.siblings(key).await);
        }
        let Some(base) = groups.get(baseline).cloned() else { return Ok(Answer::Seeds(Vec::new())) };
        let mut metrics: Vec<&str> =
            base.first().map(|it| it.metrics.iter().map(|it| it.0.as_str()).collect()).unwrap_or_default();
        crate::model::order::sort_by_key(&mut metrics, |it| (metric_rank(it), (*it).to_owned()));
        let line = |metric: &&str| {
            let against = |(i, group): (usize, &Vec<Run>)| {
                // A run of the same settings has the baseline among its siblings: there is nothing to compare.
                let is_same = base.first().is_some_and(|it| group.iter().any(|other| other.id == it.id));
                if i == baseline || group.len() < 2 || is_same {
                    return Err(NotPaired::NoSeeds);
                }
                let (base, group) = (base.iter().collect::<Vec<_>>(), group.iter().collect::<Vec<_>>());
                paired(&base, &group, metric, is_better_lower(metric))
            };
            let each: Vec<_> = groups.iter().enumerate().map(|it| against(it).ok()).collect();
            each.iter().any(Option::is_some).then(|| PairedLine { metric: (*metric).to_owned(), each })
        };
        Ok(Answer::Seeds(metrics.iter().take(MOST_TRIED).filter_map(line).take(MOST_METRICS).collect()))
    }

    /// The run first.
    async fn siblings(&self, key: &RunKey) -> Vec<Run> {
        let slot = self.loaded(&key.project_key()).await;
        let table = slot.table.borrow();
        let Some(row) = table.row_of(&key.run).filter(|_| table.metrics.len() <= MOST_NAMES) else { return Vec::new() };
        let keys = slot.prepared().fold_keys(&table);
        let lifecycle = table.lifecycle[row as usize];
        let is_sibling = |it: &u32| {
            *it != row && keys[*it as usize] == keys[row as usize] && table.lifecycle[*it as usize] == lifecycle
        };
        let others = (0..table.n_rows()).filter(is_sibling).take(MOST_SIBLINGS);
        std::iter::once(row).chain(others).map(|row| table.run(row)).collect()
    }
}

/// Files by path, with their sizes; digests are not to be had from trackers.
fn file_lines(found: &[Option<Beside>]) -> Vec<Line> {
    let mut paths: Vec<&str> = found.iter().flatten().flat_map(|it| &it.files).map(|it| it.0.as_str()).collect();
    sort(&mut paths);
    paths.dedup();
    let line = |path: &str| {
        let value = |run: &Option<Beside>| {
            let file = run.as_ref().and_then(|it| it.files.iter().find(|it| it.0 == path));
            match file {
                None => Value::Missing,
                #[expect(clippy::cast_precision_loss, reason = "sizes beyond 2^53 bytes are of no file")]
                Some((_, Some(size))) => Value::Size(*size as f64),
                Some((_, None)) => Value::Text("there".into()),
            }
        };
        let values: Vec<Value> = found.iter().map(value).collect();
        let known = || values.iter().zip(found).filter(|it| it.1.is_some()).map(|it| it.0);
        let differs = known().zip(known().skip(1)).any(|(a, b)| !a.is_same(b));
        Line { part: Part::Artifacts, name: path.to_owned(), values, differs }
    };
    let mut lines: Vec<Line> = paths.into_iter().map(line).collect();
    crate::model::order::sort_by_key(&mut lines, |it| !it.differs);
    lines
}
