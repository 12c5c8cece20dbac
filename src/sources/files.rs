//! A folder or file that a person opened, read lazily: nothing is listed or read before it is
//! needed, and nothing is ever written.

use async_trait::async_trait;

use super::Result;

#[async_trait(?Send)]
pub trait Files {
    /// The folder's or file's own name.
    fn name(&self) -> String;

    /// Whether a single file was opened rather than a folder.
    fn is_file(&self) -> bool {
        false
    }

    /// One level, in no particular order. `""` is the root. A missing folder is `NotFound`.
    async fn list(&self, dir: &str) -> Result<Vec<Entry>>;

    async fn size(&self, path: &str) -> Result<u64>;

    /// Bytes `from..to`, less where the file ends sooner.
    async fn read(&self, path: &str, from: u64, to: u64) -> Result<Vec<u8>>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub is_dir: bool,
}

pub fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// A real folder, for native tests and tools.
#[cfg(not(target_arch = "wasm32"))]
pub mod disk {
    use std::io::{Read, Seek, SeekFrom};
    use std::path::PathBuf;

    use super::{Entry, Files, Result, async_trait};
    use crate::model::Problem;

    pub struct Disk(pub PathBuf);

    fn problem(path: &str, error: &std::io::Error) -> Problem {
        match error.kind() {
            std::io::ErrorKind::NotFound => Problem::NotFound { what: path.to_owned() },
            _ => Problem::malformed(path, error),
        }
    }

    #[async_trait(?Send)]
    impl Files for Disk {
        fn name(&self) -> String {
            self.0.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
        }

        fn is_file(&self) -> bool {
            self.0.is_file()
        }

        async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
            let entries = std::fs::read_dir(self.0.join(dir)).map_err(|error| problem(dir, &error))?;
            Ok(entries
                .flatten()
                .map(|it| Entry { name: it.file_name().to_string_lossy().into_owned(), is_dir: it.path().is_dir() })
                .collect())
        }

        async fn size(&self, path: &str) -> Result<u64> {
            let path_there = if path.is_empty() { self.0.clone() } else { self.0.join(path) };
            Ok(path_there.metadata().map_err(|error| problem(path, &error))?.len())
        }

        async fn read(&self, path: &str, from: u64, to: u64) -> Result<Vec<u8>> {
            let path_there = if path.is_empty() { self.0.clone() } else { self.0.join(path) };
            let mut file = std::fs::File::open(path_there).map_err(|error| problem(path, &error))?;
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(from)).map_err(|error| problem(path, &error))?;
            file.take(to - from).read_to_end(&mut bytes).map_err(|error| problem(path, &error))?;
            Ok(bytes)
        }
    }
}

/// Bytes already in memory as one file: the demo, a snapshot fetched by address.
pub struct InMemory {
    pub name: String,
    pub bytes: Vec<u8>,
}

#[async_trait(?Send)]
impl Files for InMemory {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn is_file(&self) -> bool {
        true
    }

    async fn list(&self, _dir: &str) -> Result<Vec<Entry>> {
        Ok(vec![Entry { name: self.name.clone(), is_dir: false }])
    }

    async fn size(&self, _path: &str) -> Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    async fn read(&self, _path: &str, from: u64, to: u64) -> Result<Vec<u8>> {
        let at = |it: u64| usize::try_from(it).unwrap_or(usize::MAX).min(self.bytes.len());
        Ok(self.bytes[at(from)..at(to).max(at(from))].to_vec())
    }
}
