//! Writes a snapshot: what is added is kept packed, the columns of all series are written at the end.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use rawzip::{CompressionMethod, ZipArchiveWriter};
use sha2::{Digest, Sha256};

use super::wire::{Manifest, WireFile, WirePage, WireProject, WireRun, WireSeries, WireView};
use super::zip::{bad, entry_name};
use super::{FORMAT, VERSION};
use crate::model::page::PageVersion;
use crate::model::view::StoredView;
use crate::model::{Project, ProjectId, Run, RunId};
use crate::sources::{Result, npy};

/// Of all series together; a browser's memory holds no more beside the rest.
pub const MOST_POINTS: usize = 8_000_000;
/// Packed files that deflate would not make smaller.
const PACKED: [&str; 14] =
    ["png", "jpg", "jpeg", "gif", "webp", "zip", "gz", "tgz", "parquet", "mp3", "mp4", "webm", "ogg", "flac"];
const EFFORT: u8 = 8;

pub struct Writer {
    zip: ZipArchiveWriter<Vec<u8>>,
    manifest: Manifest,
    runs: String,
    series: String,
    pages: String,
    columns: [Vec<f64>; 3],
    names: HashSet<String>,
    n_views: usize,
}

impl Writer {
    /// `created` in milliseconds since the epoch, UTC.
    pub fn new(title: &str, created: f64) -> Self {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            title: title.to_owned(),
            start: None,
            created,
            projects: Vec::new(),
            redacted: Vec::new(),
            files: BTreeMap::new(),
        };
        Writer {
            zip: ZipArchiveWriter::new(Vec::new()),
            manifest,
            runs: String::new(),
            series: String::new(),
            pages: String::new(),
            columns: Default::default(),
            names: HashSet::new(),
            n_views: 0,
        }
    }

    pub fn n_points(&self) -> usize {
        self.columns[0].len()
    }

    /// So far, without what is written at the end.
    pub fn n_bytes(&self) -> u64 {
        self.zip.stream_offset()
    }

    pub fn project(&mut self, project: &Project) {
        self.manifest.projects.push(WireProject::from(project));
    }

    /// A link within it, where it is to be opened.
    pub fn start(&mut self, link: String) {
        self.manifest.start = Some(link.into());
    }

    /// What was left out or replaced, in words.
    pub fn redacted(&mut self, what: Vec<String>) {
        self.manifest.redacted = what;
    }

    /// `files`: paths and sizes of those that are listed; those that are in it are added besides.
    pub fn run(&mut self, project: &ProjectId, run: &Run, files: Vec<(String, Option<u64>)>) -> Result<()> {
        let files = files.into_iter().map(|(path, size)| WireFile { path, size }).collect();
        line(&mut self.runs, &WireRun::of(project.as_str(), run, files))
    }

    /// Points sorted by step; three columns of one length.
    pub fn series(&mut self, run: &RunId, metric: &str, points: [&[f64]; 3], complete: bool) -> Result<()> {
        let offset = self.n_points();
        for (column, of) in self.columns.iter_mut().zip(points) {
            column.extend_from_slice(of);
        }
        let length = points[0].len();
        let series = WireSeries { run: run.to_string(), metric: metric.to_owned(), offset, length, complete };
        line(&mut self.series, &series)
    }

    pub fn file(&mut self, run: &RunId, path: &str, bytes: &[u8]) -> Result<()> {
        self.entry(&format!("artifacts/{run}/{path}"), bytes)
    }

    pub fn view(&mut self, project: &ProjectId, view: &StoredView) -> Result<()> {
        self.n_views += 1;
        let wire = WireView { project: project.to_string(), name: view.name.clone(), view: view.text.clone() };
        let text = serde_json::to_vec(&wire).map_err(bad)?;
        self.entry(&format!("dashboards/{}.json", self.n_views), &text)
    }

    pub fn page(&mut self, project: &ProjectId, page: &PageVersion) -> Result<()> {
        let Some(text) = &page.text else { return Ok(()) };
        let wire = WirePage { project: project.to_string(), path: page.path.clone(), at: page.at, by: page.by.clone() };
        line(&mut self.pages, &wire)?;
        self.entry(&wire.file(), text.as_bytes())
    }

    pub fn finish(mut self) -> Result<Vec<u8>> {
        let (runs, series) = (std::mem::take(&mut self.runs), std::mem::take(&mut self.series));
        let pages = std::mem::take(&mut self.pages);
        if !pages.is_empty() {
            self.entry("pages.jsonl", pages.as_bytes())?;
        }
        self.entry("runs.jsonl", runs.as_bytes())?;
        self.entry("series.jsonl", series.as_bytes())?;
        for (name, at) in [("step.npy", 0), ("time.npy", 1), ("value.npy", 2)] {
            let column = std::mem::take(&mut self.columns[at]);
            self.entry(name, &npy::write(&column))?;
        }
        let manifest = serde_json::to_vec_pretty(&self.manifest).map_err(bad)?;
        self.entry("manifest.json", &manifest)?;
        self.zip.finish().map_err(bad)
    }

    fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let name = &entry_name(name);
        // A tracker may list the same path twice.
        if !self.names.insert(name.to_owned()) {
            return Ok(());
        }
        let digest: String = Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect();
        self.manifest.files.insert(name.to_owned(), digest);
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_packed = PACKED.contains(&ending.as_str());
        let method = if is_packed { CompressionMethod::STORE } else { CompressionMethod::DEFLATE };
        let packed = (!is_packed).then(|| miniz_oxide::deflate::compress_to_vec(bytes, EFFORT));
        let (mut entry, config) = self.zip.new_file(name).compression_method(method).start().map_err(bad)?;
        let mut data = config.wrap(&mut entry);
        data.write_all(packed.as_deref().unwrap_or(bytes)).map_err(bad)?;
        let crc = rawzip::DataDescriptorOutput::new(rawzip::crc32(bytes), bytes.len() as u64);
        data.finish().map_err(bad)?;
        entry.finish(crc).map_err(bad)?;
        Ok(())
    }
}

fn line<T: serde::Serialize>(out: &mut String, it: &T) -> Result<()> {
    out.push_str(&serde_json::to_string(it).map_err(bad)?);
    out.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures::executor::block_on;

    use super::*;
    use crate::model::{Lifecycle, MetricValue, Status};
    use crate::sources::files::InMemory;
    use crate::sources::{Cursor, Page, Reading, Which, open_files};

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new("Mine", 1.0e12);
        let project = Project {
            id: "p/1".into(),
            name: "digits".into(),
            description: Some("# ü".into()),
            tags: vec![("team".into(), "x".into())],
            created: Some(1.0),
            updated: None,
            lifecycle: Lifecycle::Active,
        };
        writer.project(&project);
        let mut run = Run::empty("r1".into());
        run.status = Status::Failed;
        run.params = vec![("lr".into(), "1e-3".into())];
        let value = |value| MetricValue { value, step: 2.0, time: 5.0 };
        run.metrics = vec![("acc".into(), value(f64::NAN)), ("loss".into(), value(f64::NEG_INFINITY))];
        writer.run(&project.id, &run, vec![("a/b.txt".into(), Some(2))]).expect("writes");
        writer.file(&run.id, "a/b.txt", b"hi").expect("writes");
        writer.series(&run.id, "loss", [&[1.0, 2.0], &[4.0, 5.0], &[0.1, f64::NEG_INFINITY]], true).expect("writes");
        let view = StoredView { name: "Width".into(), text: "look=dashboard".into() };
        writer.view(&project.id, &view).expect("writes");
        let page = PageVersion {
            path: "a/ü: b\\c 5%".into(),
            n: 1,
            at: 7.0,
            by: "m".into(),
            text: Some("# Hi".into()),
            file: None,
        };
        writer.page(&project.id, &page).expect("writes");
        let bytes = writer.finish().expect("writes");

        let files = Rc::new(InMemory { name: "x.zip".into(), bytes });
        let (kind, source) = block_on(open_files(files)).expect("opens");
        assert_eq!(kind.name, "snapshot");
        let read = block_on(source.project(&project.id)).expect("is there");
        assert_eq!(read.tags[..2], [("team".into(), "x".into()), view.label()]);
        assert_eq!(PageVersion::of_labels(&read.tags), [page]);
        assert_eq!(StoredView::of_label(&read.tags[1].0, &read.tags[1].1), Some(view));
        let page = Page { from: None::<Cursor>, limit: 10, which: Which::Active, filter: None };
        assert_eq!(block_on(source.runs(&project.id, page)).expect("lists").items, std::slice::from_ref(&run));
        let series = block_on(source.series(&project.id, "loss", std::slice::from_ref(&run.id), Reading::Full));
        let series = &series.expect("reads")[0];
        assert_eq!((series.steps.to_vec(), series.values.to_vec()), (vec![1.0, 2.0], vec![0.1, f64::NEG_INFINITY]));
        let file = block_on(source.artifact(&project.id, &run.id, "a/b.txt", 99)).expect("reads");
        assert_eq!(file.bytes, b"hi");
    }
}
