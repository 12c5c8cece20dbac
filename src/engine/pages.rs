//! The wiki of a project. Versions stand in the tracker's labels where it takes any, and else in this
//! browser; both are held here, with what was typed and is not saved yet.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::protocol::{Answer, Event, Kept, PageFound, PageInfo, PageText, PagesAnswer, VersionInfo};
use super::{Engine, Result};
use crate::model::order::sort_by;
use crate::model::page::{LONGEST, LONGEST_IN_LABELS, PageVersion, clean_path};
use crate::model::{Problem, ProjectKey, StorageTrouble};
use crate::query::merge::merge;
use crate::store::layout;
use crate::store::{Batch, chunk};
use crate::sync::edits::write_project_tag;
use crate::sync::retry::retrying;

/// Versions of a page that a tracker keeps; the oldest go first.
const MOST_VERSIONS: usize = 30;
const MOST_FOUND: usize = 100;
/// A tracker is asked again after it.
const FRESH_MS: f64 = 20_000.0;
/// Letters of a line that is found.
const LONGEST_LINE: usize = 160;

/// What this browser holds of a project's pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HeldPages {
    /// As the tracker had them last.
    pub read: Vec<PageVersion>,
    /// Saved here, where no tracker takes them.
    pub own: Vec<PageVersion>,
    pub drafts: Vec<Draft>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    path: String,
    text: String,
    base: u32,
}

/// What version 4 of the store held: it knew of no files.
#[derive(Deserialize)]
struct HeldOfVersion4 {
    read: Vec<PageOfVersion4>,
    own: Vec<PageOfVersion4>,
    drafts: Vec<Draft>,
}

#[derive(Deserialize)]
struct PageOfVersion4 {
    path: String,
    n: u32,
    at: f64,
    by: String,
    text: Option<String>,
}

/// Whichever version wrote it.
fn decoded(bytes: &[u8]) -> Result<HeldPages, StorageTrouble> {
    if !matches!(bytes.first(), Some(1..=4)) {
        return chunk::decode(bytes);
    }
    let old: HeldOfVersion4 = chunk::decode(bytes)?;
    let now = |all: Vec<PageOfVersion4>| {
        let one = |PageOfVersion4 { path, n, at, by, text }| PageVersion { path, n, at, by, text, file: None };
        all.into_iter().map(one).collect()
    };
    Ok(HeldPages { read: now(old.read), own: now(old.own), drafts: old.drafts })
}

/// When a tracker was last asked for its pages, and why it did not answer.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    at: f64,
    trouble: Option<Problem>,
}

impl HeldPages {
    /// Versions by page, the newest last. Those of here go on where the tracker's end.
    fn by_page(&self) -> BTreeMap<&str, Vec<&PageVersion>> {
        let mut all: BTreeMap<&str, Vec<&PageVersion>> = BTreeMap::new();
        for version in self.read.iter().chain(&self.own) {
            all.entry(&version.path).or_default().push(version);
        }
        all.values_mut().for_each(|it| sort_by(it, |a, b| a.n.cmp(&b.n).then(a.at.total_cmp(&b.at))));
        all
    }

    fn newest(&self, path: &str) -> Option<&PageVersion> {
        self.by_page().remove(path)?.pop()
    }
}

impl Engine {
    async fn held_pages(&self, key: &ProjectKey) -> HeldPages {
        let held = self.store().get(&[layout::pages_key(key)]).await.ok().and_then(|mut it| it.pop().flatten());
        held.and_then(|it| decoded(&it).ok()).unwrap_or_default()
    }

    /// One read-modify-write: other tabs write here too.
    async fn change_pages(&self, key: &ProjectKey, work: impl Fn(&mut HeldPages) + 'static) -> Result<()> {
        let at = layout::pages_key(key);
        let place = at.clone();
        let is_written = Rc::new(Cell::new(false));
        let wrote = is_written.clone();
        let change = move |old: Option<Vec<u8>>| {
            let mut held = match old.map_or(Ok(HeldPages::default()), |it| decoded(&it)) {
                Ok(held) => held,
                // What a newer version wrote is left alone; what is damaged is nobody's.
                Err(StorageTrouble::Newer) => return Batch::default(),
                Err(_) => HeldPages::default(),
            };
            wrote.set(true);
            work(&mut held);
            match chunk::encode(&held) {
                Ok(bytes) => Batch { puts: vec![(place, bytes)], deletes: Vec::new() },
                Err(_) => Batch::default(),
            }
        };
        self.store().update(&at, Box::new(change)).await.map_err(Problem::Storage)?;
        if is_written.get() {
            return Ok(());
        }
        Err(Problem::malformed(
            "the pages kept in this browser",
            "they were written by a newer Halimede: reload the page",
        ))
    }

    fn takes_labels(&self, key: &ProjectKey) -> bool {
        self.0.known.borrow().get(&key.source).is_some_and(|it| it.info.capabilities.edits)
    }

    /// Reads them anew; what is held stays where that fails, with why.
    async fn fresh_pages(&self, key: &ProjectKey) -> (HeldPages, Option<Problem>) {
        let told = match self.open(&key.source).await {
            Ok(source) => retrying(self.0.outside.clock.as_ref(), &|_, _| {}, || source.project(&key.project)).await,
            Err(problem) => Err(problem),
        };
        let mut held = self.held_pages(key).await;
        match told {
            Ok(project) => {
                let read = PageVersion::of_labels(&project.tags);
                self.read_ahead(key, &read);
                if held.read != read {
                    held.read.clone_from(&read);
                    // A full cache is told where something is saved.
                    let _ = self.change_pages(key, move |it| it.read.clone_from(&read)).await;
                    self.announce(Event::Pages(key.clone()));
                }
                (held, None)
            }
            // A source that knows of no labels has none.
            Err(Problem::Unsupported { .. }) => (held, None),
            Err(problem) => (held, Some(problem)),
        }
    }

    pub(super) async fn pages(&self, key: &ProjectKey) -> Result<Answer> {
        let held = self.held_pages(key).await;
        let asked = self.0.pages.borrow().get(key).cloned().unwrap_or_default();
        let is_time = self.now() - asked.at > FRESH_MS;
        let (held, stale) = if is_time && !held.by_page().is_empty() {
            // What is held shows at once; a tracker that is down is asked for seconds.
            self.note_asked(key, asked.trouble.clone());
            let (engine, asked_of) = (self.clone(), key.clone());
            self.spawn(async move {
                let (_, trouble) = engine.fresh_pages(&asked_of).await;
                if asked.trouble != trouble {
                    engine.note_asked(&asked_of, trouble);
                    engine.announce(Event::Pages(asked_of));
                }
            });
            (held, self.0.pages.borrow().get(key).and_then(|it| it.trouble.clone()))
        } else if is_time {
            // A question that is asked again meanwhile does not ask the tracker again.
            self.note_asked(key, asked.trouble.clone());
            let (held, trouble) = self.fresh_pages(key).await;
            self.note_asked(key, trouble.clone());
            (held, trouble)
        } else {
            (held, asked.trouble)
        };
        let info = |it: &PageVersion| VersionInfo { n: it.n, at: it.at, by: it.by.clone(), size: it.size() };
        let mut pages: Vec<PageInfo> = held
            .by_page()
            .into_iter()
            .filter(|it| it.1.last().is_some_and(|it| !it.is_gone()))
            .map(|(path, versions)| PageInfo {
                path: path.to_owned(),
                versions: versions.into_iter().map(info).collect(),
                has_draft: false,
            })
            .collect();
        for draft in &held.drafts {
            match pages.iter_mut().find(|it| it.path == draft.path) {
                Some(it) => it.has_draft = true,
                None => pages.push(PageInfo { path: draft.path.clone(), versions: Vec::new(), has_draft: true }),
            }
        }
        sort_by(&mut pages, |a, b| a.path.cmp(&b.path));
        Ok(Answer::Pages(PagesAnswer { pages, stale, on_tracker: self.takes_labels(key) }))
    }

    fn note_asked(&self, key: &ProjectKey, trouble: Option<Problem>) {
        self.0.pages.borrow_mut().insert(key.clone(), Asked { at: self.now(), trouble });
    }

    /// The newest version of each page.
    pub(super) async fn newest_pages(&self, key: &ProjectKey) -> Vec<PageVersion> {
        let (held, _) = self.fresh_pages(key).await;
        let newest = held.by_page().into_values().filter_map(|mut it| it.pop().cloned());
        newest.filter(|it| !it.is_gone()).collect()
    }

    /// As it was read last; a version, or the newest.
    pub(super) async fn page(&self, key: &ProjectKey, path: &str, n: Option<u32>) -> Result<Answer> {
        let held = self.held_pages(key).await;
        let versions = held.by_page().remove(path).unwrap_or_default();
        let found = versions.iter().rev().find(|it| n.is_none_or(|n| it.n == n));
        let draft = held.drafts.iter().find(|it| it.path == path).map(|it| (it.text.clone(), it.base));
        let Some(found) = found else {
            if n.is_some() || draft.is_none() {
                return Err(Problem::NotFound { what: format!("the page {path}") });
            }
            let (path, by) = (path.to_owned(), String::new());
            let text = String::new();
            return Ok(Answer::Page(PageText { path, asked: n, n: 0, at: 0.0, by, text, is_here: true, draft }));
        };
        Ok(Answer::Page(PageText {
            path: path.to_owned(),
            asked: n,
            n: found.n,
            at: found.at,
            by: found.by.clone(),
            text: self.text_of(key, found).await.map_err(not_the_page)?.unwrap_or_default(),
            is_here: held.own.iter().any(|it| it.path == path && it.n == found.n),
            draft: draft.filter(|_| n.is_none()),
        }))
    }

    /// What is typed, so that nothing of it is lost; none: it is saved or given up.
    pub(super) async fn draft_page(
        &self,
        key: &ProjectKey,
        path: &str,
        text: Option<String>,
        base: u32,
    ) -> Result<Answer> {
        let path = clean_path(path);
        let had = self.held_pages(key).await.drafts.iter().any(|it| it.path == path);
        let is_there = text.is_some();
        self.change_pages(key, move |it| {
            it.drafts.retain(|it| it.path != path);
            it.drafts.extend(text.clone().map(|text| Draft { path: path.clone(), text, base }));
        })
        .await?;
        if had != is_there {
            self.announce(Event::Pages(key.clone()));
        }
        Ok(Answer::Done)
    }

    /// Saves a version after the one its author began with; none takes the page away.
    pub(super) async fn keep_page(
        &self,
        key: &ProjectKey,
        path: &str,
        text: Option<String>,
        base: u32,
        by: &str,
    ) -> Result<Answer> {
        let path = clean_path(path);
        if path.is_empty() {
            return Err(Problem::malformed("the page's name", "it is empty"));
        }
        if text.as_ref().is_some_and(|it| it.len() > LONGEST) {
            return Err(Problem::TooLarge { what: format!("the page {path}"), limit: LONGEST as u64 });
        }
        let (held, stale) = self.fresh_pages(key).await;
        // It stays a draft: a tracker must be asked what it has before anything is written, one that is not
        // known here yet too.
        if let Some(problem) = stale.filter(|it| self.takes_labels(key) || matches!(it, Problem::UnknownSource { .. }))
        {
            return Err(problem);
        }
        let newest = held.newest(&path).cloned().unwrap_or_default();
        if newest.n > base {
            return self.clash(key, &held, base, &newest, text.as_deref()).await;
        }
        let (n, at, by) = (newest.n + 1, self.now(), by.to_owned());
        let mut version = PageVersion { path: path.clone(), n, at, by, text, file: None };
        if self.takes_labels(key) {
            if let Some(text) = version.text.as_ref().filter(|it| it.len() > LONGEST_IN_LABELS) {
                version.file = Some(self.keep_bytes(key, "md", text.clone().into_bytes()).await?);
            }
            let source = self.open(&key.source).await?;
            let clock = self.0.outside.clock.as_ref();
            for (label, value) in version.labels() {
                // No name is written twice with another value: the text is part of it.
                write_project_tag(source.as_ref(), &key.project, &label, Some(&value), None, clock).await?;
            }
            let (held, _) = self.fresh_pages(key).await;
            let same = |it: &&PageVersion| {
                it.path == path && it.n == version.n && (&it.text, &it.file) != (&version.kept_text(), &version.file)
            };
            if let Some(theirs) = held.read.iter().find(same).cloned() {
                // Both saved at the same moment, and both are there.
                self.announce(Event::Pages(key.clone()));
                return self.clash(key, &held, base, &theirs, version.text.as_deref()).await;
            }
            self.forget_old(key, &path).await;
        } else {
            let version = version.clone();
            self.change_pages(key, move |it| it.own.push(version.clone())).await?;
        }
        // What was typed meanwhile is another draft.
        let saved = version.text.clone();
        self.change_pages(key, move |it| {
            it.drafts.retain(|it| it.path != path || saved.as_ref().is_some_and(|saved| *saved != it.text));
        })
        .await?;
        self.announce(Event::Pages(key.clone()));
        Ok(Answer::KeptPage(Kept::As(version.n)))
    }

    /// Both as one, which nobody has saved yet.
    async fn clash(
        &self,
        key: &ProjectKey,
        held: &HeldPages,
        base: u32,
        newest: &PageVersion,
        yours: Option<&str>,
    ) -> Result<Answer> {
        let versions = held.by_page().remove(newest.path.as_str()).unwrap_or_default();
        let was = match versions.iter().find(|it| it.n == base) {
            Some(it) => self.text_of(key, it).await?.unwrap_or_default(),
            None => String::new(),
        };
        let theirs = self.text_of(key, newest).await?.unwrap_or_default();
        let merged = merge(&was, yours.unwrap_or_default(), &theirs);
        Ok(Answer::KeptPage(Kept::Clash {
            n: newest.n,
            by: newest.by.clone(),
            merged: merged.text,
            n_conflicts: merged.n_conflicts,
        }))
    }

    /// So that labels do not pile up. Servers that take none away keep them all.
    async fn forget_old(&self, key: &ProjectKey, path: &str) {
        let Ok(source) = self.open(&key.source).await else { return };
        let Ok(project) = source.project(&key.project).await else { return };
        let versions: Vec<u32> =
            PageVersion::of_labels(&project.tags).iter().filter(|it| it.path == path).map(|it| it.n).collect();
        let old = versions.len().saturating_sub(MOST_VERSIONS);
        for n in versions.into_iter().take(old) {
            for label in PageVersion::keys(path, n, &project.tags) {
                if source.tag_project(&key.project, &label, None).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Lines with the words, of the newest versions.
    pub(super) async fn find_pages(&self, key: &ProjectKey, words: &str) -> Result<Answer> {
        let held = self.held_pages(key).await;
        let words = words.to_lowercase();
        let mut found = Vec::new();
        for (path, versions) in held.by_page() {
            let Some(newest) = versions.last().filter(|it| !it.is_gone()) else { continue };
            // A long one as far as it is here; by its name it is found without.
            let text = match &newest.text {
                Some(text) => text.clone(),
                None => self.held_text(key, newest).await.unwrap_or_default(),
            };
            let line = text.lines().find(|it| it.to_lowercase().contains(&words));
            if line.is_some() || path.to_lowercase().contains(&words) {
                let line = crate::model::problem::shortened(line.unwrap_or_default().trim(), LONGEST_LINE);
                found.push(PageFound { path: path.to_owned(), line });
            }
            if found.len() >= MOST_FOUND {
                break;
            }
        }
        Ok(Answer::PagesFound(found))
    }
}

/// The page is there; the file with its text is not.
fn not_the_page(problem: Problem) -> Problem {
    match problem {
        Problem::NotFound { what } => Problem::malformed("the text of this page", format!("its file is gone: {what}")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_version_4_held_is_read() {
        let page = ("a/b", 2u32, 5.0f64, "mara", Some("# Hi"));
        let draft = Draft { path: "a/b".into(), text: "typed".into(), base: 2 };
        let mut bytes = chunk::encode(&(vec![page], vec![page, page], vec![draft.clone()])).expect("encodes");
        bytes[0] = 4;
        let held = decoded(&bytes).expect("reads");
        assert_eq!((held.read.len(), held.own.len(), held.drafts), (1, 2, vec![draft]));
        assert_eq!(held.read[0].text.as_deref(), Some("# Hi"));
        let again = chunk::encode(&HeldPages { read: held.read.clone(), ..HeldPages::default() }).expect("encodes");
        assert_eq!(decoded(&again).expect("reads").read, held.read);
        assert!(matches!(decoded(&[chunk::VERSION + 1]), Err(StorageTrouble::Newer)));
    }
}
