//! Pictures and long texts of a project's pages: files of a run that is marked for it. They lie under the name
//! of what they hold, so what was read once is read from this browser from then on, offline too.

use std::collections::HashMap;
use std::rc::Rc;

use super::files::start_of_file;
use super::protocol::{Answer, Event, Part};
use super::{Engine, Reply, Result};
use crate::model::page::{KeptFile, LARGEST_FILE, LONGEST, PICTURES, PageVersion};
use crate::model::{Problem, ProjectKey, RunKey};
use crate::sources::files::Files;
use crate::store::{Batch, chunk, layout};
use crate::sync::edits::keep_file;
use crate::sync::turns::MOST;

/// Bytes of texts that are read before anybody asks.
const MOST_AHEAD: u64 = 8 << 20;

impl Engine {
    /// A file that was kept, wherever it is.
    pub(super) async fn kept(&self, run: &RunKey, path: &str, limit: u64) -> Result<Reply> {
        let key = layout::kept_key(run, path);
        let held = layout::read::<Vec<u8>>(self.store(), key.clone()).await.ok().flatten();
        if let Some(mut bytes) = held.filter(|it| KeptFile::is(path, it)) {
            let size = bytes.len() as u64;
            bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let answer = Answer::Artifact { size: Some(size), whole: size <= limit };
            return Ok(Reply { answer, parts: vec![Part::Bytes(bytes)] });
        }
        // It says nothing of the tracker's health: one file of it may be broken.
        let source = self.open(&run.source).await?;
        let reply = start_of_file(source.artifact(&run.project, &run.run, path, limit).await?, limit);
        if let (Answer::Artifact { whole: true, .. }, [Part::Bytes(bytes)]) = (&reply.answer, reply.parts.as_slice()) {
            self.hold(run, path, bytes).await;
        }
        Ok(reply)
    }

    /// Only a convenience offline; a full cache is said on the storage page.
    async fn hold(&self, run: &RunKey, path: &str, bytes: &[u8]) {
        // A proxy may have answered instead, or it is another file that is only called so.
        if !self.keeps(&run.source) || bytes.len() as u64 > LARGEST_FILE || !KeptFile::is(path, bytes) {
            return;
        }
        if let Ok(bytes) = chunk::encode(bytes) {
            let put = (layout::kept_key(run, path), bytes);
            let _ = crate::store::write(self.store(), Batch { puts: vec![put], deletes: Vec::new() }).await;
        }
    }

    /// Keeps the file that travels beside the question.
    pub(super) async fn keep_picture(&self, key: &ProjectKey, ending: &str, files: Rc<dyn Files>) -> Result<Answer> {
        if !PICTURES.iter().any(|it| it.1 == ending) {
            return Err(Problem::Unsupported { what: format!("keeping a file that ends in .{ending}") });
        }
        let size = files.size("").await?;
        if size > LARGEST_FILE {
            return Err(Problem::TooLarge { what: files.name(), limit: LARGEST_FILE });
        }
        let bytes = files.read("", 0, size).await?;
        let file = self.keep_bytes(key, ending, bytes).await?;
        Ok(Answer::KeptFile { run: file.run.as_str().into(), path: file.name })
    }

    pub(super) async fn keep_bytes(&self, key: &ProjectKey, ending: &str, bytes: Vec<u8>) -> Result<KeptFile> {
        let name = KeptFile::name_of(&bytes, ending);
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let source = self.open(&key.source).await?;
        let (clock, now) = (self.0.outside.clock.as_ref(), self.now());
        // One at a time: two would make two runs for them.
        let turns = self.0.uploads.borrow_mut().entry(key.source.clone()).or_default().clone();
        let turn = turns.turn(&name, MOST).await;
        let run = keep_file(source.as_ref(), &key.project, &name, &bytes, now, clock).await?;
        drop(turn);
        self.hold(&key.run(run.clone()), &name, &bytes).await;
        Ok(KeptFile { run: run.to_string(), name, size })
    }

    /// Newest versions are read before anybody asks, so that they are there offline and found by their words: a
    /// few, one after the other, and none a second time.
    pub(super) fn read_ahead(&self, key: &ProjectKey, versions: &[PageVersion]) {
        let mut newest: HashMap<&str, &PageVersion> = HashMap::new();
        newest.extend(versions.iter().map(|it| (it.path.as_str(), it)));
        let mut tried = self.0.tried.borrow_mut();
        let is_new = |it: &&PageVersion| it.file.as_ref().is_some_and(|it| tried.insert(it.name.clone()));
        let mut room = MOST_AHEAD;
        let mut wanted: Vec<PageVersion> = newest.into_values().filter(is_new).cloned().collect();
        wanted.retain(|it| {
            room = room.saturating_sub(u64::from(it.size()).max(1));
            room > 0
        });
        drop(tried);
        if wanted.is_empty() {
            return;
        }
        let (engine, key) = (self.clone(), key.clone());
        self.spawn(async move {
            for version in wanted {
                // What can't be read is said where somebody opens it.
                let _ = engine.text_of(&key, &version).await;
            }
            engine.announce(Event::Pages(key));
        });
    }

    /// Of a version whose text is a file, as far as it is here.
    pub(super) async fn held_text(&self, key: &ProjectKey, version: &PageVersion) -> Option<String> {
        let file = version.file.as_ref()?;
        let place = layout::kept_key(&key.run(file.run.as_str().into()), &file.name);
        let bytes = layout::read::<Vec<u8>>(self.store(), place).await.ok().flatten()?;
        String::from_utf8(bytes).ok()
    }

    /// What a version says, read where it is not here yet. None: the page was removed with it.
    pub(super) async fn text_of(&self, key: &ProjectKey, version: &PageVersion) -> Result<Option<String>> {
        let (None, Some(file)) = (&version.text, &version.file) else { return Ok(version.text.clone()) };
        let run = key.run(file.run.as_str().into());
        let reply = self.kept(&run, &file.name, LONGEST as u64 + 1).await?;
        let [Part::Bytes(bytes)] = reply.parts.as_slice() else { return Ok(None) };
        let said = || Problem::malformed(&file.name, "it is not what was kept under this name");
        let text = String::from_utf8(bytes.clone()).map_err(|_| said())?;
        if KeptFile::is(&file.name, text.as_bytes()) { Ok(Some(text)) } else { Err(said()) }
    }
}
