//! Runs, their series, files and views in one file that leaves. What goes in is read as the pages read it:
//! from the cache where that answers, else from the source.

use std::collections::{BTreeSet, HashSet};

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::protocol::{
    Answer, Event, Packing, Pages, Part, SeriesOf, SnapshotAsk, SnapshotMade, SnapshotPart, Start, Want, XAxis,
};
use super::{Engine, Reply, Result};
use crate::model::link::{HERE, PART, VALUE, page_link, run_link};
use crate::model::packed_view::{pack, unpack};
use crate::model::page::{LARGEST_FILE, PageVersion, pictures_in};
use crate::model::view::StoredView;
use crate::model::{Completeness, Lifecycle, Problem, Project, ProjectId, ProjectKey, Run, RunKey};
use crate::query::downsample::m4;
use crate::query::redact::Redactor;
use crate::sources::snapshot::{MOST_POINTS, Writer};
use crate::store::series::CachedSeries;
use crate::sync::retry::retrying;

/// More runs are better shared by their tracker.
const MOST_RUNS: usize = 5_000;
/// Files listed of one run, folders with them.
const MOST_FILES: usize = 500;
/// Runs whose series are asked for at once.
const AT_ONCE: usize = 25;
/// How long the reading of runs is waited for.
const A_MOMENT_MS: f64 = 100.0;
const MOST_WAITS: u32 = 1_200;
/// Named of those left out.
const MOST_NAMED: usize = 20;
/// The whole file, packed.
const MOST_BYTES: u64 = 400 << 20;

impl Engine {
    pub(super) async fn snapshot(&self, ask: SnapshotAsk) -> Result<Reply> {
        let outcome = self.packed(ask).await;
        self.0.packing.take();
        self.announce(Event::Packing);
        outcome
    }

    pub(super) fn packing(&self) -> Answer {
        Answer::Packing(self.0.packing.borrow().clone())
    }

    /// Says how far it is, and lets others work.
    async fn packs(&self, what: &str, done: usize, total: usize) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        *self.0.packing.borrow_mut() = Packing { what: what.to_owned(), done: count(done), total: count(total) };
        self.announce(Event::Packing);
        self.0.outside.clock.sleep(0.0).await;
    }

    async fn packed(&self, ask: SnapshotAsk) -> Result<Reply> {
        let mut made = SnapshotMade::default();
        let mut runs: Vec<(ProjectKey, Vec<Run>)> = Vec::new();
        for part in &ask.parts {
            runs.push((part.project.clone(), self.runs_of(part).await?));
        }
        // A folder or file has a name, and no machine.
        let servers =
            self.0.known.borrow().keys().filter(|it| crate::sources::is_server(it.kind())).cloned().collect::<Vec<_>>();
        let hosts: Vec<String> = servers.iter().map(|it| host(it.address()).to_owned()).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let mut pages: Vec<Vec<PageVersion>> = Vec::new();
        for part in &ask.parts {
            pages.push(if part.pages == Pages::None { Vec::new() } else { self.newest_pages(&part.project).await });
        }
        let authors: Vec<String> = pages.iter().flatten().map(|it| it.by.clone()).collect();
        let mut redactor = Redactor::new(ask.redact.clone(), &hosts, &authors, runs.iter().flat_map(|it| &it.1))
            .map_err(|said| Problem::malformed("the pattern for labels", said))?;
        let spots = regex_lite::Regex::new(r"\*\d+\*\d+(?:\.\d+){3}").ok();
        let mut writer = Writer::new(&redactor.prose(&ask.title), self.now());
        let mut ids = HashSet::new();
        for ((part, (key, runs)), mut pages) in ask.parts.iter().zip(&runs).zip(pages) {
            let mut project = redactor.project(self.project_of(key).await);
            // Two trackers may both have a project 1.
            while !ids.insert(project.id.clone()) {
                project.id = format!("{}'", project.id).as_str().into();
            }
            let id = project.id.clone();
            let here = Here::of(&ask.parts);
            writer.project(&project);
            for view in &part.views {
                // A view names machines where a widget is of another project, and words may name anything.
                let plain = unpack(&view.text).unwrap_or_else(|_| "http://unreadable:1".into());
                let plain = here.text(&plain);
                let plain = percent_decode_str(&plain).decode_utf8_lossy();
                // Twice: settings stand encoded in it.
                let plain = percent_decode_str(&plain).decode_utf8_lossy();
                // Places on a grid read like addresses.
                let plain =
                    spots.as_ref().map_or_else(|| plain.to_string(), |it| it.replace_all(&plain, "").into_owned());
                if redactor.prose(&plain) == plain {
                    let view = StoredView { name: redactor.prose(&view.name), text: here.view(&view.text) };
                    writer.view(&id, &view)?;
                    made.n_views += 1;
                } else {
                    made.troubles.push(format!("The view {} names a machine or a person and was left out", view.name));
                }
            }
            if let Pages::One(path) = &part.pages {
                pages.retain(|it| it.path == *path);
            }
            self.pack_pages(key, pages, &here, (&mut writer, &id), &mut made, &mut redactor).await?;
            let n = runs.len();
            for (at, run) in runs.iter().enumerate() {
                if at % 20 == 0 {
                    self.packs("runs", at, n).await;
                }
                let files = match ask.files {
                    Some(limit) => {
                        self.pack_files(&key.run(run.id.clone()), limit, &mut writer, &mut made, &mut redactor).await?
                    }
                    None => Vec::new(),
                };
                made.n_runs += 1;
                writer.run(&id, &redactor.run(run.clone()), files)?;
            }
            self.pack_series(key, runs, ask.points, &mut writer, &mut made).await?;
        }
        if let (Some(start), Some(project)) = (ask.start, runs.first().map(|it| &it.0.project)) {
            writer.start(match start {
                Start::Run(run) => run_link(project, &run),
                Start::Page(path) => page_link(project, &redactor.prose(&path)),
            });
        }
        made.title = redactor.prose(&ask.title);
        made.n_points = writer.n_points() as u64;
        made.redacted = redactor.said();
        writer.redacted(made.redacted.clone());
        self.packs("writing", 0, 0).await;
        let mut bytes = writer.finish()?;
        if ask.as_page {
            bytes = self.single_page(&bytes).await?;
        }
        Ok(Reply { answer: Answer::Snapshot(Box::new(made)), parts: vec![Part::Bytes(bytes)] })
    }

    /// The newest version of each, with the pictures in it.
    async fn pack_pages(
        &self,
        key: &ProjectKey,
        pages: Vec<PageVersion>,
        here: &Here,
        (writer, id): (&mut Writer, &ProjectId),
        made: &mut SnapshotMade,
        redactor: &mut Redactor,
    ) -> Result<()> {
        let mut pictures = BTreeSet::new();
        let mut n_missing = 0;
        for mut page in pages {
            match self.text_of(key, &page).await {
                Ok(text) => page.text = text.map(|it| here.text(&it)),
                Err(problem) => {
                    made.troubles.push(format!("The page {} could not be read: {problem}", page.path));
                    continue;
                }
            }
            pictures.extend(page.text.as_deref().map(pictures_in).unwrap_or_default());
            page.text = page.text.map(|it| redactor.prose(&it));
            page.path = redactor.prose(&page.path);
            page.file = None;
            if redactor.hides_people() {
                page.by.clear();
            }
            writer.page(id, &page)?;
            made.n_pages += 1;
        }
        for (run, path) in pictures {
            let run = key.run(run.as_str().into());
            match self.whole_file(&run, &path, LARGEST_FILE).await {
                Some(bytes) => {
                    made.n_files += 1;
                    made.file_bytes += bytes.len() as u64;
                    writer.file(&run.run, &path, &bytes)?;
                }
                None => n_missing += 1,
            }
            if writer.n_bytes() > MOST_BYTES {
                return Err(Problem::TooLarge { what: "the snapshot".into(), limit: MOST_BYTES });
            }
        }
        if n_missing > 0 {
            made.troubles.push(format!("{n_missing} pictures of pages could not be read"));
        }
        Ok(())
    }

    async fn runs_of(&self, part: &SnapshotPart) -> Result<Vec<Run>> {
        let slot = self.loaded(&part.project).await;
        // Who came by a link may have read none of them yet; what was read once is enough.
        let is_whole = slot.state.borrow().complete;
        if !is_whole {
            self.ensure_fresh(&part.project, &slot);
            self.painted(&part.project);
        }
        for _ in 0..MOST_WAITS {
            if is_whole || !slot.is_streaming() {
                break;
            }
            self.packs("reading runs", 0, 0).await;
            self.0.outside.clock.sleep(A_MOMENT_MS).await;
        }
        let ids = self.selected(&slot, &part.query, &part.selection);
        if ids.is_empty() {
            return Err(Problem::NotFound { what: "a run that is selected".into() });
        }
        if ids.len() > MOST_RUNS {
            return Err(Problem::TooLarge {
                what: format!("a snapshot of {} runs", ids.len()),
                limit: MOST_RUNS as u64,
            });
        }
        let mut runs = Vec::with_capacity(ids.len());
        for id in ids {
            runs.push(self.one_run(&part.project.run(id)).await?);
        }
        Ok(runs)
    }

    /// As its source tells it, else by what is cached.
    async fn project_of(&self, key: &ProjectKey) -> Project {
        let told = match self.open(&key.source).await {
            Ok(source) => {
                retrying(self.0.outside.clock.as_ref(), &|_, _| {}, || source.project(&key.project)).await.ok()
            }
            Err(_) => None,
        };
        // Views are chosen one by one; pages too.
        let without_ours = |project: Project| {
            let tags = project.tags.into_iter().filter(|it| !it.0.starts_with("halimede.")).collect();
            Project { tags, ..project }
        };
        if let Some(project) = told {
            return without_ours(project);
        }
        let listed = match self.project_list(&key.source, false).await {
            Ok(Answer::Projects(it)) => it.projects.into_iter().find(|it| it.id == key.project),
            _ => None,
        };
        listed.map(without_ours).unwrap_or_else(|| Project {
            id: key.project.clone(),
            name: key.project.to_string(),
            description: None,
            tags: Vec::new(),
            created: None,
            updated: None,
            lifecycle: Lifecycle::Active,
        })
    }

    /// The files of a run, folder by folder: those small enough are in the snapshot, all are listed.
    async fn pack_files(
        &self,
        run: &RunKey,
        limit: u64,
        writer: &mut Writer,
        made: &mut SnapshotMade,
        redactor: &mut Redactor,
    ) -> Result<Vec<(String, Option<u64>)>> {
        let mut listed = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let entries = match self.artifacts(run, &folder).await {
                Ok(Answer::Artifacts(it)) => it.entries,
                Ok(_) => Vec::new(),
                Err(problem) => {
                    made.troubles.push(format!("Files of {} could not be listed: {problem}", run.run));
                    return Ok(listed);
                }
            };
            for entry in entries {
                if entry.is_dir {
                    folders.push(entry.path);
                    continue;
                }
                if listed.len() >= MOST_FILES {
                    made.troubles.push(format!("Only {MOST_FILES} files of {} are listed", run.run));
                    return Ok(listed);
                }
                let shown = redactor.prose(&entry.path);
                listed.push((shown.clone(), entry.size));
                let is_small = entry.size.is_none_or(|it| it <= limit);
                let bytes = if is_small { self.whole_file(run, &entry.path, limit).await } else { None };
                match bytes {
                    Some(bytes) => {
                        made.n_files += 1;
                        made.file_bytes += bytes.len() as u64;
                        writer.file(&run.run, &shown, &bytes)?;
                    }
                    None => {
                        made.n_left_out += 1;
                        if made.left_out.len() < MOST_NAMED {
                            made.left_out.push(shown);
                        }
                    }
                }
                if writer.n_bytes() > MOST_BYTES {
                    return Err(Problem::TooLarge { what: "the snapshot".into(), limit: MOST_BYTES });
                }
            }
        }
        Ok(listed)
    }

    async fn whole_file(&self, run: &RunKey, path: &str, limit: u64) -> Option<Vec<u8>> {
        let reply = self.artifact(run, path, limit.saturating_add(1)).await.ok()?;
        match reply.parts.into_iter().next() {
            Some(Part::Bytes(bytes)) if bytes.len() as u64 <= limit => Some(bytes),
            _ => None,
        }
    }

    async fn pack_series(
        &self,
        key: &ProjectKey,
        runs: &[Run],
        points: Option<u32>,
        writer: &mut Writer,
        made: &mut SnapshotMade,
    ) -> Result<()> {
        let metrics = crate::model::order::set(runs.iter().flat_map(|run| run.metrics.iter().map(|it| it.0.as_str())));
        let n = metrics.len();
        for (at, metric) in metrics.into_iter().enumerate() {
            let having = runs.iter().filter(|run| run.metrics.iter().any(|it| it.0 == metric));
            let ids: Vec<_> = having.map(|it| it.id.clone()).collect();
            let want = points.map_or(Want::Full, Want::Sampled);
            let of = SeriesOf { project: key.clone(), metric: metric.to_owned(), want, x: XAxis::Step };
            for ids in ids.chunks(AT_ONCE) {
                self.packs(metric, at, n).await;
                let held = match self.held_series(&of, ids, usize::MAX).await {
                    Ok(held) => held,
                    Err(problem) => {
                        made.troubles.push(format!("{metric} could not be read: {problem}"));
                        continue;
                    }
                };
                if let Some(problem) = held.trouble {
                    made.troubles.push(format!("{metric} could not be read of some runs: {problem}"));
                }
                for (cached, _) in held.found {
                    add_series(writer, metric, &cached, points)?;
                    made.n_series += 1;
                    if writer.n_points() > MOST_POINTS {
                        let what = format!("a snapshot of more than {} million points", MOST_POINTS / 1_000_000);
                        return Err(Problem::TooLarge { what, limit: MOST_POINTS as u64 });
                    }
                }
            }
        }
        Ok(())
    }
}

fn add_series(writer: &mut Writer, metric: &str, cached: &CachedSeries, points: Option<u32>) -> Result<()> {
    let series = &cached.series;
    let (steps, times, values) = (series.steps.to_vec(), series.times.to_vec(), series.values.to_vec());
    let is_full = series.completeness == Completeness::Full;
    let most = points.map_or(usize::MAX, |it| it as usize);
    if values.len() <= most {
        return writer.series(&series.run, metric, [&steps, &times, &values], is_full);
    }
    // Four points a column keep its ends and extremes.
    let kept = m4(&steps, &values, u32::try_from(most / 4).unwrap_or(u32::MAX).max(1));
    let of = |all: &[f64]| kept.iter().filter_map(|at| all.get(*at as usize).copied()).collect::<Vec<f64>>();
    writer.series(&series.run, metric, [&of(&steps), &of(&times), &of(&values)], false)
}

/// Of an address, without its port.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |it| it.1);
    let host = rest.split('/').next().unwrap_or(rest);
    host.rsplit_once(':').map_or(host, |it| it.0)
}

/// Links to what is in the snapshot lead to it, wherever it is opened, and no more to the tracker it came from.
struct Here(Vec<(String, String)>);

impl Here {
    fn of(parts: &[SnapshotPart]) -> Self {
        // As links write it, and as a view holds a link: encoded once more.
        let prefix = |it: &SnapshotPart| {
            let once = utf8_percent_encode(it.project.source.as_str(), PART).to_string();
            let twice = utf8_percent_encode(&format!("#/s/{once}/"), VALUE).to_string();
            [(format!("#/s/{once}/"), HERE.to_owned()), (twice, utf8_percent_encode(HERE, VALUE).to_string())]
        };
        Here(parts.iter().flat_map(prefix).collect())
    }

    fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// A view's text, packed or not.
    fn view(&self, text: &str) -> String {
        unpack(text).map_or_else(|_| text.to_owned(), |it| pack(&self.text(&it)).into_owned())
    }
}
