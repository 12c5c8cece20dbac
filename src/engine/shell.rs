//! The thin worker around the engine: messages in, messages out, cancellation, traps.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::task::Poll;

use async_trait::async_trait;
use futures_util::future::{AbortHandle, Abortable, Either, LocalBoxFuture, poll_fn, select};
use js_sys::{Array, Float64Array, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File, FileSystemDirectoryHandle, MessageEvent};

use super::protocol::{Part, ToEngine, ToPage, VERSION};
use super::{Engine, Outside, Reply};
use crate::model::{Problem, StorageTrouble};
use crate::sources::browser::{Fetch, FileTree, Folder, OneFile, sleep};
use crate::sources::files::{Files, InMemory};
use crate::store::{IndexedDb, Memory, Store};
use crate::sync::Clock;

/// An older tab that holds the database must not keep this one from starting.
const STORE_PATIENCE_MS: f64 = 5_000.0;

struct BrowserClock;

#[async_trait(?Send)]
impl Clock for BrowserClock {
    fn now(&self) -> f64 {
        js_sys::Date::now()
    }

    async fn sleep(&self, ms: f64) {
        sleep(ms).await;
    }

    fn to_utc(&self, local: f64) -> f64 {
        // As if it were UTC, then by what the zone was off then.
        let at = js_sys::Date::new(&JsValue::from_f64(local));
        let near = js_sys::Date::new(&JsValue::from_f64(local + at.get_timezone_offset() * 60_000.0));
        local + near.get_timezone_offset() * 60_000.0
    }
}

thread_local! {
    /// The question being worked on, so that a trap can say which input did it.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Runs until the page ends. `base` is the folder the app is served from.
pub async fn run(base: String) {
    std::panic::set_hook(Box::new(|info| {
        let said = info.to_string();
        web_sys::console::error_1(&said.clone().into());
        let result = Err(Problem::Engine { said });
        post(&ToPage::Reply { id: CURRENT.get(), result }, Vec::new());
    }));
    let (store, store_trouble) = open_store(&base).await;
    let engine = Engine::new(Outside {
        http: Rc::new(Fetch),
        store,
        store_trouble,
        clock: Rc::new(BrowserClock),
        spawn: Box::new(|task: LocalBoxFuture<'static, ()>| spawn_local(task)),
        announce: Box::new(|event| post(&ToPage::Event(event), Vec::new())),
        base,
    });
    engine.load().await;
    if let Some(bytes) = snapshot() {
        // What can't be read is told by the page, which finds no source.
        if let Err(problem) = engine.open_files(Rc::new(InMemory { name: "snapshot".into(), bytes })).await {
            web_sys::console::error_1(&problem.to_string().into());
        }
    }
    let running: Rc<RefCell<HashMap<u32, AbortHandle>>> = Rc::default();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        receive(&engine, &running, &event.data());
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // Messages sent before this moment would be lost, so the page waits for it.
    post(&ToPage::Ready { version: VERSION.to_owned() }, Vec::new());
}

/// The one that stands in this very page.
fn snapshot() -> Option<Vec<u8>> {
    let bytes = Reflect::get(&scope(), &"halimedeSnapshot".into()).ok()?;
    bytes.is_truthy().then(|| bytes.unchecked_ref::<Uint8Array>().to_vec())
}

async fn open_store(base: &str) -> (Rc<dyn Store>, Option<StorageTrouble>) {
    let has_database = Reflect::get(&scope(), &"indexedDB".into()).is_ok_and(|it| it.is_truthy());
    if base.starts_with("file:") || base.starts_with("single:") || !has_database {
        return (Rc::new(Memory::default()), Some(StorageTrouble::Unavailable));
    }
    let name = format!("halimede {base}");
    let opening = Box::pin(IndexedDb::open(&name));
    match select(opening, Box::pin(sleep(STORE_PATIENCE_MS))).await {
        Either::Left((Ok(store), _)) => (Rc::new(store), None),
        Either::Left((Err(trouble), _)) => (Rc::new(Memory::default()), Some(trouble)),
        Either::Right(_) => (Rc::new(Memory::default()), Some(StorageTrouble::Blocked)),
    }
}

fn receive(engine: &Engine, running: &Rc<RefCell<HashMap<u32, AbortHandle>>>, data: &JsValue) {
    let message: &Array = data.unchecked_ref();
    let head = crate::handover::take(message.get(0).unchecked_ref());
    let spare: Array = message.get(3).dyn_into().unwrap_or_default();
    spare.iter().filter_map(|it| it.dyn_into().ok()).for_each(crate::handover::spare);
    match postcard::from_bytes(&head) {
        Ok(ToEngine::Cancel { id }) => {
            if let Some(handle) = running.borrow_mut().remove(&id) {
                handle.abort();
            }
        }
        Ok(ToEngine::Ask { id, question }) => {
            let files = files(message);
            let (handle, registration) = AbortHandle::new_pair();
            running.borrow_mut().insert(id, handle);
            let (engine, running) = (engine.clone(), running.clone());
            let mut work = Box::pin(async move { engine.ask(question, files).await });
            let named = poll_fn(move |context| {
                CURRENT.set(id);
                let polled = work.as_mut().poll(context);
                CURRENT.set(0);
                if let Poll::Ready(done) = polled { Poll::Ready(done) } else { Poll::Pending }
            });
            spawn_local(async move {
                let done = Abortable::new(named, registration).await;
                running.borrow_mut().remove(&id);
                match done {
                    Ok(Ok(Reply { answer, parts })) => post(&ToPage::Reply { id, result: Ok(answer) }, parts),
                    Ok(Err(problem)) => post(&ToPage::Reply { id, result: Err(problem) }, Vec::new()),
                    Err(_) => {}
                }
            });
        }
        Err(error) => web_sys::console::error_1(&format!("a message that is none: {error}").into()),
    }
}

/// What was opened: a handle, a file, or the lists of paths and files of a picked folder.
fn files(message: &Array) -> Option<Rc<dyn Files>> {
    let opened = message.get(1);
    if opened.is_undefined() {
        return None;
    }
    if Array::is_array(&opened) {
        return Some(Rc::new(FileTree::new(opened.unchecked_ref(), message.get(2).unchecked_ref())));
    }
    if opened.is_instance_of::<File>() {
        return Some(Rc::new(OneFile(opened.unchecked_into())));
    }
    Some(Rc::new(Folder(opened.unchecked_into::<FileSystemDirectoryHandle>())))
}

fn post(message: &ToPage, parts: Vec<Part>) {
    let head = match postcard::to_allocvec(message) {
        Ok(head) => head,
        Err(error) => {
            web_sys::console::error_1(&format!("an answer that cannot be sent: {error}").into());
            return;
        }
    };
    let out = Array::new();
    let transfer = Array::new();
    let head = Uint8Array::from(head.as_slice());
    transfer.push(&head.buffer());
    out.push(&head);
    for part in parts {
        // The one copy out of the engine's memory; from there the buffer only changes hands.
        let (view, buffer): (JsValue, JsValue) = match part {
            Part::Numbers(column) => {
                let view = Float64Array::from(column.as_slice());
                let buffer = view.buffer().into();
                (view.into(), buffer)
            }
            Part::Bytes(bytes) => {
                let view = Uint8Array::from(bytes.as_slice());
                let buffer = view.buffer().into();
                (view.into(), buffer)
            }
            Part::Pixels(easel) => {
                let mut easel = easel.borrow_mut();
                let view = crate::handover::some_spare(easel.n_bytes());
                let mut at = 0;
                easel.pour(|bytes| {
                    let to = at + u32::try_from(bytes.len()).unwrap_or(0);
                    view.subarray(at, to).copy_from(bytes);
                    at = to;
                });
                let buffer = view.buffer().into();
                (view.into(), buffer)
            }
        };
        out.push(&view);
        transfer.push(&buffer);
    }
    if let Err(error) = scope().post_message_with_transfer(&out, &transfer) {
        web_sys::console::error_1(&error);
    }
}
