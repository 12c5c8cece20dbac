//! What needs a browser and no page: the lasting store keeps the contract every store keeps.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used)]

use halimede::model::StorageTrouble;
use halimede::store::{Batch, IndexedDb, Store, suite, write};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn indexed_db_passes_the_suite() {
    let store = IndexedDb::open("suite").await.expect("opens");
    suite(&store).await.expect("passes");
}

#[wasm_bindgen_test]
async fn what_was_written_is_there_for_the_next_opening() {
    let puts = vec![("k".to_owned(), vec![7; 3_000_000])];
    {
        let store = IndexedDb::open("twice").await.expect("opens");
        write(&store, Batch { puts, deletes: Vec::new() }).await.expect("writes");
    }
    let store = IndexedDb::open("twice").await.expect("opens again");
    let held = store.get(&["k".into()]).await.expect("reads");
    assert_eq!(held[0].as_ref().map(Vec::len), Some(3_000_000));
}

#[wasm_bindgen_test]
async fn two_writers_lose_no_update() {
    let (a, b) = (IndexedDb::open("two").await.expect("opens"), IndexedDb::open("two").await.expect("opens"));
    let add_one = || -> halimede::store::Update {
        Box::new(|now| {
            let n = now.and_then(|it| it.first().copied()).unwrap_or(0);
            Batch { puts: vec![("n".into(), vec![n + 1])], deletes: Vec::new() }
        })
    };
    for _ in 0..50 {
        let (one, two) = (a.update("n", add_one()), b.update("n", add_one()));
        one.await.expect("writes");
        two.await.expect("writes");
    }
    assert_eq!(a.get(&["n".into()]).await.expect("reads"), [Some(vec![100])]);
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_version_is_said_to_be_so() {
    indexed_db_futures::database::Database::open("newer").with_version(99u32).await.expect("opens");
    assert_eq!(IndexedDb::open("newer").await.err(), Some(StorageTrouble::Newer));
}
