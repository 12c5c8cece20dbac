//! The archive in memory, its entries read one by one and never beyond their stated size.

use std::collections::HashMap;

use super::super::Result;
use super::super::http::json;
use crate::model::Problem;

/// All it may unpack to.
const UNPACKED_LIMIT: u64 = 1 << 30;

/// The archive in memory and where its entries are.
pub struct Zip {
    bytes: Vec<u8>,
    pub entries: HashMap<String, Place>,
}

#[derive(Clone, Copy)]
pub struct Place {
    wayfinder: rawzip::ZipArchiveEntryWayfinder,
    deflated: bool,
    size: u64,
}

/// Letters that archives read as places stand as `%3A`, `%5C`; two dots in a row too.
pub fn entry_name(name: &str) -> String {
    name.replace('%', "%25").replace(':', "%3A").replace('\\', "%5C").replace("..", "%2E%2E")
}

pub fn bad(said: impl ToString) -> Problem {
    Problem::malformed("the snapshot", said)
}

impl Zip {
    pub fn open(bytes: Vec<u8>) -> Result<Self> {
        let archive = rawzip::ZipArchive::from_slice(&bytes).map_err(bad)?;
        let mut entries = HashMap::new();
        let mut unpacked = 0u64;
        for record in archive.entries() {
            let record = record.map_err(bad)?;
            if record.is_dir() {
                continue;
            }
            let name = String::from_utf8_lossy(record.file_path().as_ref()).into_owned();
            let method = record.compression_method();
            let deflated = method == rawzip::CompressionMethod::DEFLATE;
            if !deflated && method != rawzip::CompressionMethod::STORE {
                return Err(bad(format!("{name} is packed in a way other than deflate")));
            }
            let size = record.uncompressed_size_hint();
            unpacked = unpacked.saturating_add(size);
            entries.insert(name, Place { wayfinder: record.wayfinder(), deflated, size });
        }
        if unpacked > UNPACKED_LIMIT {
            return Err(Problem::TooLarge { what: "the snapshot, unpacked,".into(), limit: UNPACKED_LIMIT });
        }
        Ok(Self { bytes, entries })
    }

    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let place = self.entries.get(name).or_else(|| self.entries.get(&entry_name(name)));
        let place = place.ok_or_else(|| Problem::NotFound { what: name.to_owned() })?;
        let archive = rawzip::ZipArchive::from_slice(&self.bytes).map_err(bad)?;
        let entry = archive.get_entry(place.wayfinder).map_err(bad)?;
        if !place.deflated {
            return Ok(entry.data().to_vec());
        }
        // The stated size is the bound: a bomb that unpacks to more is refused.
        let limit = usize::try_from(place.size).map_err(|_| bad("an entry of impossible size"))?;
        miniz_oxide::inflate::decompress_to_vec_with_limit(entry.data(), limit)
            .map_err(|error| bad(format!("{name}: {error}")))
    }

    /// One value a line; a line that cannot be read does not hide the others.
    pub fn lines<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Vec<Result<T>>> {
        let bytes = self.read(name)?;
        let lines = bytes.split(|it| *it == b'\n').map(<[u8]>::trim_ascii).filter(|it| !it.is_empty());
        Ok(lines.map(|line| json(name, line)).collect())
    }
}
