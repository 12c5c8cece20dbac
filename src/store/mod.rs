//! The cache: named chunks of bytes behind one trait. Saved means the write returned `Ok`.

pub mod chunk;
#[cfg(target_arch = "wasm32")]
mod indexed_db;
pub mod layout;
mod memory;
pub mod series;

use async_trait::async_trait;

use crate::model::StorageTrouble;

#[cfg(target_arch = "wasm32")]
pub use indexed_db::IndexedDb;
pub use memory::Memory;

pub type Result<T, E = StorageTrouble> = std::result::Result<T, E>;

/// Puts and deletes that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    pub puts: Vec<(String, Vec<u8>)>,
    pub deletes: Vec<String>,
}

/// Given what the key holds now, what to write. Runs inside the transaction that read it.
pub type Update = Box<dyn FnOnce(Option<Vec<u8>>) -> Batch>;

#[async_trait(?Send)]
pub trait Store {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>>;

    /// Reads `key` and writes what `change` makes of it, in one transaction.
    async fn update(&self, key: &str, change: Update) -> Result<()>;

    /// Keys that start with `prefix`, in order.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>>;

    /// Whether the content survives the page.
    fn is_lasting(&self) -> bool;
}

/// A write that needs no look at what was there.
pub async fn write(store: &dyn Store, batch: Batch) -> Result<()> {
    store.update("", Box::new(move |_| batch)).await
}

/// The acceptance suite every store passes; natively for memory, in the browser for IndexedDB.
pub async fn suite(store: &dyn Store) -> Result<(), String> {
    let said = |error: StorageTrouble| error.to_string();
    let check = |what: &str, holds: bool| if holds { Ok(()) } else { Err(what.to_owned()) };
    let puts = |pairs: &[(&str, &[u8])]| Batch {
        puts: pairs.iter().map(|(key, bytes)| (key.to_string(), bytes.to_vec())).collect(),
        deletes: Vec::new(),
    };
    write(store, puts(&[("a/1", b"one"), ("a/2", b""), ("b/1", &[0, 255])])).await.map_err(said)?;
    let got = store.get(&["a/1".into(), "nope".into(), "b/1".into(), "a/2".into()]).await.map_err(said)?;
    check(
        "values come back in the order asked",
        got == [Some(b"one".to_vec()), None, Some(vec![0, 255]), Some(Vec::new())],
    )?;
    check("keys by prefix", store.keys("a/").await.map_err(said)? == ["a/1", "a/2"])?;
    let swap = |now: Option<Vec<u8>>| Batch {
        puts: vec![("a/3".into(), now.unwrap_or_default())],
        deletes: vec!["a/1".into()],
    };
    store.update("a/1", Box::new(swap)).await.map_err(said)?;
    let got = store.get(&["a/1".into(), "a/3".into()]).await.map_err(said)?;
    check("an update sees the value and replaces it", got == [None, Some(b"one".to_vec())])?;
    let gone = store.keys("").await.map_err(said)?;
    write(store, Batch { puts: Vec::new(), deletes: gone }).await.map_err(said)?;
    check("everything can be deleted", store.keys("").await.map_err(said)?.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_passes_the_suite() {
        futures::executor::block_on(super::suite(&super::Memory::default())).expect("passes");
    }
}
