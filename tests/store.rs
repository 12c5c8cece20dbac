//! Caches written by every version so far can be read. A new `chunk::VERSION` needs a recording of
//! the one before it in `tests/recordings/store`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use halimede::model::{Completeness, MetricValue, ProjectKey, Run, RunTable, Series, Status};
use halimede::store::layout::{self, Manifest};
use halimede::store::series::{CachedSeries, read_series, write_series};
use halimede::store::{Batch, Memory, Store, chunk, write};

fn dir(version: u8) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/recordings/store/v{version}"))
}

fn key() -> ProjectKey {
    ProjectKey { source: "mlflow:http://localhost:5000".into(), project: "1".into() }
}

fn table() -> RunTable {
    let mut table = RunTable::default();
    for i in 0..3u32 {
        let mut run = Run::empty(format!("run{i}").into());
        run.name = format!("name {i}");
        run.status = Status::Finished;
        run.start = Some(1.7e12 + f64::from(i));
        run.params = vec![("lr".into(), format!("1e-{i}"))];
        run.tags = vec![("team".into(), "vision".into())];
        let value = if i == 2 { f64::NAN } else { f64::from(i) };
        run.metrics = vec![("loss".into(), MetricValue { value, step: 5.0, time: 1.7e12 })];
        run.note = (i == 0).then(|| "# note".to_owned());
        table.upsert(&run);
    }
    table
}

fn series() -> Vec<CachedSeries> {
    let points = vec![(0.0, 1.0, 0.5), (1.0, 2.0, f64::INFINITY)];
    let series = Series::from_points("run0".into(), points, Completeness::Sampled);
    let last = Some(MetricValue { value: 0.5, step: 1.0, time: 2.0 });
    vec![CachedSeries { series, asked: 320, fetched: 1.7e12, settled: true, last }]
}

/// Writes the recording of the present version: `cargo test --test store -- --ignored`.
#[test]
#[ignore = "run once per version of the format"]
fn record() {
    let store = Memory::default();
    let manifest = Manifest { complete: true, fetched: 1.7e12, ..Manifest::default() };
    block_on(async {
        let encoded = layout::encode_table(&key(), &table(), manifest, None, "recorded").expect("encodes");
        layout::write_table(&store, &key(), encoded).await.expect("writes");
        write_series(&store, &key(), "loss", series()).await.expect("writes");
        let dir = dir(chunk::VERSION);
        std::fs::create_dir_all(&dir).expect("a folder");
        for key in store.keys("").await.expect("keys") {
            let bytes = store.get(std::slice::from_ref(&key)).await.expect("reads").remove(0).expect("is there");
            std::fs::write(dir.join(key.replace('%', "=").replace('/', "+").replace(':', "~")), bytes).expect("writes");
        }
    });
}

#[test]
fn every_version_can_be_read() {
    for version in 1..=chunk::VERSION {
        let files = std::fs::read_dir(dir(version)).expect("a recording of every version");
        let puts: Vec<(String, Vec<u8>)> = files
            .flatten()
            .map(|it| {
                let name = it.file_name().to_string_lossy().replace('+', "/").replace('=', "%").replace('~', ":");
                (name, std::fs::read(it.path()).expect("reads"))
            })
            .collect();
        let store = Memory::default();
        block_on(async {
            write(&store, Batch { puts, deletes: Vec::new() }).await.expect("writes");
            let (manifest, read) = layout::read_table(&store, &key()).await.expect("reads").expect("is there");
            assert!(manifest.complete);
            let expected = table();
            for row in 0..3 {
                assert_eq!(read.run(row), expected.run(row), "version {version}");
            }
            let read = read_series(&store, &key(), "loss").await.expect("reads");
            assert_eq!(read, series(), "version {version}");
        });
    }
}
