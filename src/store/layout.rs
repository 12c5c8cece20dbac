//! What is kept under which key, and the records themselves.
//!
//! ```text
//! sources                      the sources a person added, without sign-ins
//! projects/<source>            the list of projects of a source
//! runs/<source>/<project>      manifest: which chunks make up the table
//! rows/<source>/<project>/<n>  a chunk: up to ROWS_PER_CHUNK runs as columns
//! series/<source>/<project>/<metric>   all cached series of one metric, see `series`
//! figures2/<source>/<project>/<metric> least, greatest, mean of the series of one metric
//! files/<source>/<project>/<run>       listings of a run's artifacts
//! files/<source>/<project>/<run>/<path>  a picture or long text of the project's pages
//! pages/<source>/<project>     pages of the wiki: as read, as saved here, as typed; no clearing takes them
//! ```

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::chunk::{decode, encode};
use super::{Batch, Result, Store};
use crate::model::figures::Figures;
use crate::model::table::{BLOCK, TableOfVersion2};
use crate::model::{Artifact, Capabilities, Project, ProjectKey, RunId, RunKey, RunTable, SourceId, StorageTrouble};

/// About 10 MB at 50 metrics.
pub const ROWS_PER_CHUNK: u32 = 16_384;

pub const SOURCES: &str = "sources";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    pub id: SourceId,
    pub label: String,
    pub capabilities: Capabilities,
    pub version: Option<String>,
    /// When it was last opened; milliseconds since the epoch.
    pub used: f64,
}

/// The record of version 1, which did not know of edits.
#[derive(Deserialize)]
struct FirstRecord {
    id: SourceId,
    label: String,
    capabilities: (bool, Option<(u32, u32)>, u32, bool, bool, bool),
    version: Option<String>,
    used: f64,
}

pub fn sources(bytes: &[u8]) -> Result<Vec<SourceRecord>> {
    if bytes.first() != Some(&1) {
        return decode(bytes);
    }
    let later = |it: FirstRecord| {
        let (remote, sampled, runs_per_page, artifacts, deleted_runs, logged_models) = it.capabilities;
        // The servers there were then can do both.
        let capabilities = Capabilities {
            remote,
            sampled,
            runs_per_page,
            artifacts,
            deleted_runs,
            logged_models,
            edits: remote,
            filters: remote,
        };
        SourceRecord { id: it.id, label: it.label, capabilities, version: it.version, used: it.used }
    };
    Ok(decode::<Vec<FirstRecord>>(bytes)?.into_iter().map(later).collect())
}

/// A chunk of runs, whichever version wrote it.
pub fn runs(bytes: &[u8]) -> Result<RunTable> {
    let table = match bytes.first() {
        Some(1 | 2) => decode::<TableOfVersion2>(bytes)?.now(),
        _ => decode(bytes)?,
    };
    if table.is_sound() { Ok(table) } else { Err(StorageTrouble::Other("a damaged chunk of runs".into())) }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectList {
    pub projects: Vec<Project>,
    pub fetched: f64,
}

/// Describes a project's table as it is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub chunks: Vec<String>,
    pub n_runs: u32,
    /// Every run of the project was fetched once.
    pub complete: bool,
    /// When the source was last asked; milliseconds since the epoch.
    pub fetched: f64,
    /// When all of it was last read from end to end.
    pub full_fetched: Option<f64>,
    pub bytes: u64,
}

impl Manifest {
    /// What was written becomes what is on the disk; what was learnt meanwhile stays.
    pub fn adopt(&mut self, written: Manifest) {
        self.chunks = written.chunks;
        self.n_runs = written.n_runs;
        self.bytes = written.bytes;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileList {
    pub folders: Vec<(String, Artifact)>,
}

fn part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

fn of_project(kind: &str, key: &ProjectKey) -> String {
    format!("{kind}/{}/{}", part(key.source.as_str()), part(key.project.as_str()))
}

pub fn projects_key(source: &SourceId) -> String {
    format!("projects/{}", part(source.as_str()))
}

pub fn manifest_key(key: &ProjectKey) -> String {
    of_project("runs", key)
}

pub fn series_key(key: &ProjectKey, metric: &str) -> String {
    format!("{}/{}", of_project("series", key), part(metric))
}

pub fn figures_key(key: &ProjectKey, metric: &str) -> String {
    // Not "figures", where those of version 1 are, which had no shape.
    format!("{}/{}", of_project("figures2", key), part(metric))
}

pub fn pages_key(key: &ProjectKey) -> String {
    of_project("pages", key)
}

pub fn files_key(key: &RunKey) -> String {
    format!("{}/{}", of_project("files", &key.project_key()), part(key.run.as_str()))
}

pub fn kept_key(key: &RunKey, path: &str) -> String {
    format!("{}/{}", files_key(key), part(path))
}

/// Everything kept of a source, or of one of its projects.
pub async fn keys_of(store: &dyn Store, source: &SourceId) -> Result<Vec<String>> {
    let mut keys = vec![projects_key(source)];
    for kind in ["runs", "rows", "series", "figures", "figures2", "files"] {
        keys.extend(store.keys(&format!("{kind}/{}/", part(source.as_str()))).await?);
    }
    Ok(keys)
}

pub async fn read<T: serde::de::DeserializeOwned>(store: &dyn Store, key: String) -> Result<Option<T>> {
    match store.get(&[key]).await?.pop().flatten() {
        Some(bytes) => decode(&bytes).map(Some),
        None => Ok(None),
    }
}

/// The table of a project as cached, if it is. A chunk at a time: all at once would need twice the
/// memory. Another tab may replace chunks meanwhile; then it is begun again.
pub async fn read_table(store: &dyn Store, key: &ProjectKey) -> Result<Option<(Manifest, RunTable)>> {
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        let Some(manifest) = read::<Manifest>(store, manifest_key(key)).await? else { return Ok(None) };
        if let Some(table) = read_chunks(store, &manifest).await? {
            return Ok(Some((manifest, table)));
        }
    }
    Err(StorageTrouble::Other("a chunk is missing".into()))
}

/// None where a chunk is not there.
async fn read_chunks(store: &dyn Store, manifest: &Manifest) -> Result<Option<RunTable>> {
    let mut table = RunTable::default();
    // The manifest's own number may be damaged.
    let n_chunks = u32::try_from(manifest.chunks.len()).unwrap_or(u32::MAX);
    let n_most = manifest.n_runs.min(n_chunks.saturating_mul(ROWS_PER_CHUNK));
    for chunk in &manifest.chunks {
        let Some(bytes) = store.get(std::slice::from_ref(chunk)).await?.pop().flatten() else { return Ok(None) };
        let chunk = runs(&bytes)?;
        drop(bytes);
        table.append(chunk, n_most);
    }
    Ok(Some(table))
}

/// What another tab may have saved meanwhile stays if it is the fuller or the newer reading.
fn replaces(new: &Manifest, old: &Manifest) -> bool {
    if new.complete != old.complete {
        return new.complete;
    }
    if new.complete { new.fetched >= old.fetched } else { new.n_runs >= old.n_runs }
}

/// What a writing of the table puts down.
pub struct Encoded {
    chunks: Vec<(String, Vec<u8>)>,
    /// Chunks on the disk that stay as they are.
    kept: Vec<String>,
    manifest: Manifest,
}

#[derive(Debug, PartialEq)]
pub enum Saved {
    /// The manifest now on the disk.
    As(Manifest),
    /// Another tab's fuller reading stays.
    Theirs,
    /// Another tab replaced the chunks that were to stay: encode all and write again.
    Again,
}

/// Encodes the chunks with changed blocks (none: all of them). `manifest` says what is on the disk;
/// `stamp` names this writing so that two tabs never share a chunk's name.
pub fn encode_table(
    key: &ProjectKey,
    table: &RunTable,
    mut manifest: Manifest,
    changed: Option<&BTreeSet<u32>>,
    stamp: &str,
) -> Result<Encoded> {
    let blocks = ROWS_PER_CHUNK / BLOCK;
    let old = std::mem::take(&mut manifest.chunks);
    let mut encoded = Encoded { chunks: Vec::new(), kept: Vec::new(), manifest };
    let (mut from, mut i) = (0, 0u32);
    while from < table.n_rows() {
        let to = from.saturating_add(ROWS_PER_CHUNK);
        let stays = changed.is_some_and(|it| it.range(i * blocks..(i + 1) * blocks).next().is_none());
        let name = match old.get(i as usize).filter(|_| stays) {
            Some(held) => {
                encoded.kept.push(held.clone());
                held.clone()
            }
            None => {
                let is_whole = from == 0 && to >= table.n_rows();
                let bytes = if is_whole { encode(table)? } else { encode(&table.slice(from, to))? };
                let name = format!("{}/{stamp}-{from}", of_project("rows", key));
                encoded.chunks.push((name.clone(), bytes));
                name
            }
        };
        encoded.manifest.chunks.push(name);
        (from, i) = (to, i + 1);
    }
    encoded.manifest.n_runs = table.n_rows();
    // What stays is not looked at again; chunks are of about one size.
    let written: u64 = encoded.chunks.iter().map(|it| it.1.len() as u64).sum();
    let n_old = old.len().max(1) as u64;
    encoded.manifest.bytes = written + encoded.manifest.bytes / n_old * encoded.kept.len() as u64;
    Ok(encoded)
}

pub async fn write_table(store: &dyn Store, key: &ProjectKey, encoded: Encoded) -> Result<Saved> {
    let Encoded { chunks, kept, manifest } = encoded;
    let at = manifest_key(key);
    let bytes = encode(&manifest)?;
    let outcome = Rc::new(RefCell::new(Saved::Theirs));
    let change = {
        let outcome = outcome.clone();
        move |old: Option<Vec<u8>>| {
            let old = old.and_then(|bytes| decode::<Manifest>(&bytes).ok());
            if old.as_ref().is_some_and(|old| !replaces(&manifest, old)) {
                return Batch::default();
            }
            let old = old.map(|it| it.chunks).unwrap_or_default();
            if !kept.iter().all(|it| old.contains(it)) {
                *outcome.borrow_mut() = Saved::Again;
                return Batch::default();
            }
            let deletes = old.into_iter().filter(|it| !manifest.chunks.contains(it)).collect();
            let mut puts = chunks;
            puts.push((at, bytes));
            *outcome.borrow_mut() = Saved::As(manifest);
            Batch { puts, deletes }
        }
    };
    store.update(&manifest_key(key), Box::new(change)).await?;
    Ok(outcome.replace(Saved::Theirs))
}

/// Notes that the source was asked and had nothing new; says whether there was a table to note it on.
pub async fn touch_table(store: &dyn Store, key: &ProjectKey, fetched: f64) -> Result<bool> {
    let at = manifest_key(key);
    let is_there = store.get(std::slice::from_ref(&at)).await?.pop().flatten().is_some();
    let change = {
        let at = at.clone();
        move |old: Option<Vec<u8>>| {
            let Some(mut manifest) = old.and_then(|bytes| decode::<Manifest>(&bytes).ok()) else {
                return Batch::default();
            };
            manifest.fetched = manifest.fetched.max(fetched);
            let puts = encode(&manifest).map(|bytes| vec![(at, bytes)]).unwrap_or_default();
            Batch { puts, deletes: Vec::new() }
        }
    };
    store.update(&at, Box::new(change)).await?;
    Ok(is_there)
}

/// Adds to what is held; another tab's are not forgotten.
pub async fn write_figures(
    store: &dyn Store,
    key: &ProjectKey,
    metric: &str,
    new: Vec<(RunId, Figures)>,
) -> Result<()> {
    let at = figures_key(key, metric);
    let change = {
        let at = at.clone();
        move |old: Option<Vec<u8>>| {
            let old: Vec<(RunId, Figures)> = old.and_then(|bytes| decode(&bytes).ok()).unwrap_or_default();
            let mut all: HashMap<RunId, Figures> = old.into_iter().collect();
            all.extend(new);
            let all: Vec<(RunId, Figures)> = all.into_iter().collect();
            match encode(&all) {
                Ok(bytes) => Batch { puts: vec![(at, bytes)], deletes: Vec::new() },
                Err(_) => Batch::default(),
            }
        }
    };
    store.update(&at, Box::new(change)).await
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::super::Memory;
    use super::*;
    use crate::model::Run;

    fn table(n: u32) -> RunTable {
        let mut table = RunTable::default();
        for i in 0..n {
            table.upsert(&Run::empty(format!("r{i}").into()));
        }
        table
    }

    fn key() -> ProjectKey {
        ProjectKey { source: "mlflow:http://h/a".into(), project: "1".into() }
    }

    fn manifest(complete: bool, fetched: f64) -> Manifest {
        Manifest { complete, fetched, ..Manifest::default() }
    }

    async fn save(store: &Memory, table: &RunTable, manifest: Manifest, stamp: &str) -> Saved {
        let encoded = encode_table(&key(), table, manifest, None, stamp).expect("encodes");
        write_table(store, &key(), encoded).await.expect("writes")
    }

    #[test]
    fn only_chunks_that_changed_are_written() {
        block_on(async {
            let store = Memory::default();
            let mut table = table(ROWS_PER_CHUNK * 2 + 1);
            table.take_changed();
            let Saved::As(first) = save(&store, &table, manifest(true, 1.0), "a").await else { panic!("saved") };
            let mut run = table.run(ROWS_PER_CHUNK + 5);
            run.name = "renamed".into();
            table.upsert(&run);
            let changed = table.take_changed();
            let encoded = encode_table(&key(), &table, first.clone(), Some(&changed), "b").expect("encodes");
            assert_eq!((encoded.chunks.len(), encoded.kept.len()), (1, 2));
            let Ok(Saved::As(second)) = write_table(&store, &key(), encoded).await else { panic!("saved") };
            let (_, back) = read_table(&store, &key()).await.expect("reads").expect("is there");
            assert_eq!(back.run(ROWS_PER_CHUNK + 5), run);
            assert_eq!(back.len(), table.len());
            assert_eq!(store.keys("rows/").await.expect("keys").len(), 3, "the replaced chunk is gone");
            // Another tab wrote all of it meanwhile: what this one would keep is gone.
            save(&store, &table, manifest(true, 2.0), "c").await;
            let late = Manifest { fetched: 3.0, ..second };
            let encoded = encode_table(&key(), &table, late, Some(&changed), "d").expect("encodes");
            assert_eq!(write_table(&store, &key(), encoded).await, Ok(Saved::Again));
            assert!(read_table(&store, &key()).await.is_ok_and(|it| it.is_some()));
        });
    }

    #[test]
    fn a_large_table_comes_back_in_chunks() {
        block_on(async {
            let store = Memory::default();
            let n = ROWS_PER_CHUNK + 3;
            save(&store, &table(n), manifest(true, 1.0), "a").await;
            let (manifest, back) = read_table(&store, &key()).await.expect("reads").expect("is there");
            assert_eq!((manifest.chunks.len(), back.n_rows()), (2, n));
            assert_eq!(back.row_of(&format!("r{}", n - 1).into()), Some(n - 1));
        });
    }

    #[test]
    fn the_fuller_reading_stays_whichever_tab_writes_last() {
        block_on(async {
            let store = Memory::default();
            save(&store, &table(10), manifest(true, 5.0), "a").await;
            save(&store, &table(3), manifest(false, 9.0), "b").await;
            let kept = read_table(&store, &key()).await.expect("reads").expect("is there");
            assert_eq!(kept.1.len(), 10);
            save(&store, &table(11), manifest(true, 9.0), "c").await;
            assert_eq!(store.keys("rows/").await.expect("keys").len(), 1, "old chunks are gone");
            let all = keys_of(&store, &key().source).await.expect("keys");
            assert_eq!(all.len(), 3, "the manifest, the chunk and the list's key");
            let shorter = keys_of(&store, &"mlflow:http://h".into()).await.expect("keys");
            assert!(shorter.iter().all(|it| !all.contains(it)), "{shorter:?}: a source whose address begins the same");
        });
    }

    #[test]
    fn sources_of_version_1_are_read() {
        // id, label, remote, sampled, runs per page, artifacts, deleted runs, logged models, version, used.
        let record =
            ("mlflow:http://h", "h", (true, Some((2_500u32, 100u32)), 1_000u32, true, true, false), Some("3.1.0"), 5.0);
        let bytes = postcard::to_extend(&vec![record], vec![1u8]).expect("encodes");
        let read = sources(&bytes).expect("reads");
        assert_eq!((read[0].label.as_str(), read[0].used, read[0].capabilities.edits), ("h", 5.0, true));
        assert_eq!(sources(&encode(&read).expect("encodes")).expect("reads"), read);
    }

    #[test]
    fn a_missing_chunk_is_an_error_not_a_shorter_table() {
        block_on(async {
            let store = Memory::default();
            save(&store, &table(2), manifest(true, 1.0), "a").await;
            let rows = store.keys("rows/").await.expect("keys");
            super::super::write(&store, Batch { puts: vec![], deletes: rows }).await.expect("deletes");
            assert!(read_table(&store, &key()).await.is_err());
        });
    }
}
