//! The lasting store: one object store of byte chunks in IndexedDB.

use async_trait::async_trait;
use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::TransactionMode;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use super::{Result, Store, Update};
use crate::handover;
use crate::model::StorageTrouble;

/// Of the database: its object stores. What stands in a chunk has its own version, in `chunk`.
const VERSION: u32 = 1;
const CHUNKS: &str = "chunks";

pub struct IndexedDb {
    db: Database,
}

impl IndexedDb {
    /// `name` differs between two copies of the app on one origin.
    pub async fn open(name: &str) -> Result<Self> {
        let db = Database::open(name)
            .with_version(VERSION)
            .with_on_upgrade_needed(|event, db| {
                // Each version adds what it brings to what the one before left.
                if event.old_version() < 1.0 {
                    db.create_object_store(CHUNKS).build()?;
                }
                Ok(())
            })
            .await
            .map_err(|error| trouble(&error.to_string()))?;
        // A newer version in another tab must not wait for this one.
        if let Ok(mut changes) = db.version_changes() {
            let closing = db.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if changes.recv().await.is_some() {
                    closing.close();
                }
            });
        }
        Ok(Self { db })
    }
}

fn trouble(said: &str) -> StorageTrouble {
    if said.contains("Quota") || said.contains("quota") {
        StorageTrouble::Quota
    } else if said.contains("VersionError") || said.contains("less than the existing version") {
        StorageTrouble::Newer
    } else {
        StorageTrouble::Other(said.to_owned())
    }
}

fn other(error: indexed_db_futures::error::Error) -> StorageTrouble {
    trouble(&error.to_string())
}

fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(handover::take)
}

#[async_trait(?Send)]
impl Store for IndexedDb {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>> {
        let transaction = self.db.transaction(CHUNKS).build().map_err(other)?;
        let store = transaction.object_store(CHUNKS).map_err(other)?;
        // All requests go out before the first is awaited, so the transaction stays open.
        let mut asked = Vec::new();
        for key in keys {
            asked.push(store.get::<JsValue, _, _>(key.as_str()).primitive().map_err(other)?);
        }
        let mut found = Vec::new();
        for one in asked {
            let value: Option<JsValue> = one.await.map_err(other)?;
            found.push(value.as_ref().and_then(bytes));
        }
        Ok(found)
    }

    async fn update(&self, key: &str, change: Update) -> Result<()> {
        let transaction = self.db.transaction(CHUNKS).with_mode(TransactionMode::Readwrite).build().map_err(other)?;
        let store = transaction.object_store(CHUNKS).map_err(other)?;
        let now: Option<JsValue> = store.get::<JsValue, _, _>(key).primitive().map_err(other)?.await.map_err(other)?;
        let batch = change(now.as_ref().and_then(bytes));
        // Listens before anything can end it: only `complete` means saved, and only the
        // transaction's own error says that the quota is exceeded.
        let done = transaction.on_done().map_err(other)?;
        for key in &batch.deletes {
            store.delete(key.as_str()).primitive().map_err(other)?;
        }
        for (key, bytes) in &batch.puts {
            let value = Uint8Array::from(bytes.as_slice());
            store.put(JsValue::from(&value)).with_key(key.as_str()).primitive().map_err(other)?;
            // The call has cloned it.
            handover::release(&value);
        }
        if done.await.is_ok() {
            return Ok(());
        }
        let said = transaction.error().map_or_else(|| "the write was aborted".to_owned(), |it| it.to_string());
        Err(trouble(&said))
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let transaction = self.db.transaction(CHUNKS).build().map_err(other)?;
        let store = transaction.object_store(CHUNKS).map_err(other)?;
        let range: KeyRange<String> = KeyRange::from(prefix.to_owned()..=format!("{prefix}\u{ffff}"));
        let keys = store
            .get_all_keys::<String>()
            .with_query::<String, _>(range)
            .primitive()
            .map_err(other)?
            .await
            .map_err(other)?;
        keys.collect::<Result<Vec<String>, _>>().map_err(other)
    }

    fn is_lasting(&self) -> bool {
        true
    }
}
