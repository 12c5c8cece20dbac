//! The end-to-end harness: a real Chromium, a static site, real and hostile MLflow servers, all on loopback.
//!
//! Map:
//! - `browser`  launches Chromium and opens pages. A `Page` goes places, evaluates and waits (`page`), finds elements by
//!   accessible role and name (`find`), clicks, types and drops files (`input`, `keys`), and can be emulated around and
//!   measured (`surroundings`).
//! - `cdp`      is the DevTools protocol over one WebSocket; `watch` keeps what pages and workers asked for and logged
//!   (`seen`).
//! - `site`     serves a built `dist` the way a dumb static host does, with faults on demand.
//! - `mlflow`   runs a real `mlflow server`; `seed` asks it and fills it.
//! - `hostile`  is a fake MLflow server that gives scripted answers (`reply`); `answers` are plausible ones.
//! - `http`     is the tiny HTTP/1.1 under these, with a client, and `server` its server; `process` kills what was
//!   started.
//!
//! Environment: `HALIMEDE_CHROMIUM` (a Chromium), `HALIMEDE_PYTHON` (a Python with mlflow).

// A test binary rarely uses all of a harness, and in a test a panic that says what was awaited is the error report.
#![allow(dead_code, clippy::expect_used)]

pub mod answers;
pub mod browser;
pub mod cdp;
pub mod find;
pub mod hostile;
pub mod http;
pub mod input;
pub mod keys;
pub mod mlflow;
pub mod page;
pub mod process;
pub mod reply;
pub mod seed;
pub mod seen;
pub mod server;
pub mod site;
pub mod surroundings;
pub mod watch;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything is awaited unless a test says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// `target/e2e`, where screenshots of failures and temporary directories go.
pub fn output_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e2e")
}

/// A loopback port nobody listens on, for a server that starts later. It lies below the range out of which the kernel
/// gives ports of its own choice (from 32,768 on): by the time a slow server listens, no other test's can have it.
pub fn free_port() -> u16 {
    const RANGE: std::ops::Range<u32> = 20_000..32_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    for _ in RANGE {
        let nth = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(RANGE.start + nth % (RANGE.end - RANGE.start)).expect("a port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port of {RANGE:?} is free");
}

/// Polls until `done`, or panics saying what was awaited.
pub fn wait_until(what: &str, patience: Duration, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < patience, "waited {patience:?} in vain for: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Locks even after another test thread panicked while holding the lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name made fit for a file: the test's name, then `what`.
pub fn file_name(what: &str) -> String {
    let test = thread::current().name().unwrap_or("test").to_owned();
    let mut name = String::new();
    for c in format!("{test} {what}").chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(100);
    name.trim_matches('-').to_owned()
}

/// A directory under `target/e2e/tmp`, removed when dropped (or by a later run, if this one was killed).
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(label: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let root = output_dir().join("tmp");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            remove_leftovers(&root);
        }
        let path = root.join(format!("{}-{number}-{label}", std::process::id()));
        fs::create_dir_all(&path).unwrap_or_else(|e| panic!("create {}: {e}", path.display()));
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, making the folders on its way; returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        let folder = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .unwrap_or_else(|e| panic!("write {}: {e}", path.display()));
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // A process that was just killed may still be writing its last file.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        eprintln!("could not remove {}", self.0.display());
    }
}

fn remove_leftovers(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.split('-').next().unwrap_or_default();
        if owner.parse::<u32>().is_ok() && Path::new("/proc/self").exists() && !Path::new("/proc").join(owner).exists()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
