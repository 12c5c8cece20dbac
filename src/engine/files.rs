//! Artifacts and what the cache holds.

use super::protocol::{Answer, Event, Part, StorageAnswer, StoredSource};
use super::{Engine, Reply, Result};
use crate::model::page::KeptFile;
use crate::model::{Artifact, ArtifactBytes, Problem, RunKey, SourceId};
use crate::store::layout::{self, FileList, Manifest};
use crate::store::{Batch, chunk};

/// No preview needs more; a download streams past the engine.
const MOST_BYTES: u64 = 64 << 20;

/// What came of a file of which so much was asked for. Less is all there is; a stated size may count packed bytes.
pub(super) fn start_of_file(file: ArtifactBytes, limit: u64) -> Reply {
    let n = file.bytes.len() as u64;
    let answer = Answer::Artifact { size: file.size, whole: n < limit || file.size == Some(n) };
    Reply { answer, parts: vec![Part::Bytes(file.bytes)] }
}

impl Engine {
    pub(super) async fn artifacts(&self, run: &RunKey, path: &str) -> Result<Answer> {
        let outcome = match self.open(&run.source).await {
            Ok(source) => source.artifacts(&run.project, &run.run, path).await,
            Err(problem) => Err(problem),
        };
        self.note_outcome(&run.source, &outcome);
        match outcome {
            Ok(listing) => {
                self.keep_listing(run, path, &listing).await;
                Ok(Answer::Artifacts(listing))
            }
            Err(problem) if !(problem.is_transient() || matches!(problem, Problem::Closed { .. })) => Err(problem),
            Err(problem) => {
                let cached = layout::read::<FileList>(self.store(), layout::files_key(run)).await.ok().flatten();
                let folder = cached.and_then(|it| it.folders.into_iter().find(|it| it.0 == path));
                folder.map(|it| Answer::Artifacts(it.1)).ok_or(problem)
            }
        }
    }

    async fn keep_listing(&self, run: &RunKey, path: &str, listing: &Artifact) {
        if !self.keeps(&run.source) {
            return;
        }
        let key = layout::files_key(run);
        let (at, path, listing) = (key.clone(), path.to_owned(), listing.clone());
        let change = move |old: Option<Vec<u8>>| {
            let mut list: FileList = old.and_then(|it| chunk::decode(&it).ok()).unwrap_or_default();
            list.folders.retain(|it| it.0 != path);
            list.folders.push((path, listing));
            match chunk::encode(&list) {
                Ok(bytes) => Batch { puts: vec![(at, bytes)], deletes: Vec::new() },
                Err(_) => Batch::default(),
            }
        };
        // Only a convenience offline; a full cache is said on the storage page.
        let _ = self.store().update(&key, Box::new(change)).await;
    }

    pub(super) async fn artifact(&self, run: &RunKey, path: &str, limit: u64) -> Result<Reply> {
        if KeptFile::is_name(path) {
            return self.kept(run, path, limit).await;
        }
        let source = self.open(&run.source).await?;
        let limit = limit.min(MOST_BYTES);
        let outcome = source.artifact(&run.project, &run.run, path, limit).await;
        self.note_outcome(&run.source, &outcome);
        Ok(start_of_file(outcome?, limit))
    }

    pub(super) async fn storage(&self) -> Result<Answer> {
        let mut sources = Vec::new();
        for info in self.source_infos() {
            let keys = layout::keys_of(self.store(), &info.id).await.map_err(Problem::Storage)?;
            let manifests: Vec<String> = keys.iter().filter(|it| it.starts_with("runs/")).cloned().collect();
            let mut stored = StoredSource { info, bytes: 0, n_runs: 0, n_projects: 0 };
            for bytes in self.store().get(&manifests).await.map_err(Problem::Storage)?.into_iter().flatten() {
                if let Ok(manifest) = chunk::decode::<Manifest>(&bytes) {
                    stored.n_projects += 1;
                    stored.n_runs += manifest.n_runs;
                    stored.bytes += manifest.bytes;
                }
            }
            let others: Vec<String> =
                keys.into_iter().filter(|it| it.starts_with("series/") || it.starts_with("files/")).collect();
            for key in others {
                let held = self.store().get(&[key]).await.map_err(Problem::Storage)?;
                stored.bytes += held.into_iter().flatten().map(|it| it.len() as u64).sum::<u64>();
            }
            sources.push(stored);
        }
        Ok(Answer::Storage(StorageAnswer {
            lasting: self.store().is_lasting(),
            trouble: self.0.outside.store_trouble.clone(),
            sources,
        }))
    }

    /// Empties the cache of one source or of all; the sources themselves stay.
    pub(super) async fn clear_cache(&self, source: Option<SourceId>) -> Result<Answer> {
        let all: Vec<SourceId> = self.source_infos().into_iter().map(|it| it.id).collect();
        for id in all.iter().filter(|it| source.as_ref().is_none_or(|only| only == *it)) {
            // First, so that what is streaming in does not write it back.
            self.drop_in_memory(id);
            let deletes = layout::keys_of(self.store(), id).await.map_err(Problem::Storage)?;
            crate::store::write(self.store(), Batch { puts: Vec::new(), deletes }).await.map_err(Problem::Storage)?;
        }
        self.announce(Event::Sources);
        Ok(Answer::Done)
    }

    pub(super) async fn forget(&self, id: &SourceId) -> Result<Answer> {
        // Known no more before it is emptied, so that nothing in flight writes it back.
        let known = self.0.known.borrow_mut().remove(id);
        if let Some(known) = known {
            drop(known);
            self.drop_in_memory(id);
            let deletes = layout::keys_of(self.store(), id).await.map_err(Problem::Storage)?;
            crate::store::write(self.store(), Batch { puts: Vec::new(), deletes }).await.map_err(Problem::Storage)?;
        }
        self.remember(id).await?;
        self.announce(Event::Sources);
        Ok(Answer::Done)
    }

    fn drop_in_memory(&self, id: &SourceId) {
        let keys: Vec<_> = self.0.projects.borrow().keys().filter(|it| it.source == *id).cloned().collect();
        for key in keys {
            self.slot(&key).gone.set(true);
            self.stop(&key);
            self.0.projects.borrow_mut().remove(&key);
        }
        self.0.lists.borrow_mut().remove(id);
    }
}
