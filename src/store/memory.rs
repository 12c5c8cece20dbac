//! A store that ends with the page: native tests, private mode, `file://` pages.

use std::cell::RefCell;
use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Result, Store, Update};

#[derive(Default)]
pub struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

#[async_trait(?Send)]
impl Store for Memory {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>> {
        let held = self.0.borrow();
        Ok(keys.iter().map(|key| held.get(key).cloned()).collect())
    }

    async fn update(&self, key: &str, change: Update) -> Result<()> {
        let mut held = self.0.borrow_mut();
        let batch = change(held.get(key).cloned());
        for key in &batch.deletes {
            held.remove(key);
        }
        held.extend(batch.puts);
        Ok(())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let held = self.0.borrow();
        Ok(held.keys().filter(|it| it.starts_with(prefix)).cloned().collect())
    }

    fn is_lasting(&self) -> bool {
        false
    }
}
