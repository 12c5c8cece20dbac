//! `Data`: the page's handle on the engine. Asks, cancels what is no longer wanted, hears what
//! changed, and starts the engine again if it stops.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Float64Array, Function, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event as DomEvent, MessageEvent, Worker};

use super::protocol::{Answer, Event, Question, ToEngine, ToPage, VERSION};
use crate::handover::Pixels;
use crate::model::Problem;

type Result<T, E = Problem> = std::result::Result<T, E>;

/// An answer with the columns or bytes beside it, as the browser's own arrays.
pub struct Told {
    pub answer: Answer,
    pub parts: Vec<JsValue>,
}

impl Told {
    pub fn numbers(&self, part: usize) -> Vec<f64> {
        self.parts.get(part).map(|it| it.unchecked_ref::<Float64Array>().to_vec()).unwrap_or_default()
    }

    /// The browser's own array, not copied.
    pub fn pixels(&self, part: usize) -> Option<Pixels> {
        Some(Pixels::new(self.parts.get(part)?.clone()))
    }

    pub fn bytes(&self, part: usize) -> Vec<u8> {
        self.parts.get(part).map(|it| it.unchecked_ref::<Uint8Array>().to_vec()).unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
pub struct Data(StoredValue<Rc<Inner>, LocalStorage>);

struct Open {
    question: Question,
    opened: Option<Array>,
    answer: oneshot::Sender<Result<Told>>,
}

#[derive(Default)]
struct Inner {
    worker: RefCell<Option<Worker>>,
    ready: Cell<bool>,
    next_id: Cell<u32>,
    open: RefCell<HashMap<u32, Open>>,
    changes: RefCell<HashMap<Event, ArcRwSignal<u32>>>,
    restarts: Cell<u32>,
    /// Why there is no engine any more.
    given_up: RefCell<Option<String>>,
}

/// The engine is given up after this many stops; each stop drops the question that did it.
const MOST_RESTARTS: u32 = 5;

impl Data {
    pub fn start() -> Self {
        let inner = Rc::new(Inner::default());
        inner.next_id.set(1);
        start_worker(&inner);
        Data(StoredValue::new_local(inner))
    }

    fn inner(self) -> Rc<Inner> {
        self.0.get_value()
    }

    pub async fn ask(self, question: Question) -> Result<Answer> {
        self.told(question, None).await.map(|it| it.answer)
    }

    /// `opened` is a folder's handle, a file, or the two lists of a picked folder.
    pub async fn told(self, question: Question, opened: Option<Array>) -> Result<Told> {
        let inner = self.inner();
        if let Some(said) = inner.given_up.borrow().clone() {
            return Err(Problem::Engine { said });
        }
        let id = inner.next_id.replace(inner.next_id.get().wrapping_add(1).max(1));
        let (answer, told) = oneshot::channel();
        inner.send_ask(id, &question, opened.as_ref());
        inner.open.borrow_mut().insert(id, Open { question, opened, answer });
        let cancel = CancelOnDrop { inner: inner.clone(), id };
        let told = told.await.unwrap_or(Err(Problem::Cancelled));
        drop(cancel);
        told
    }

    /// Makes the reactive scope that calls it run again when this happens.
    pub fn track(self, event: &Event) {
        self.inner().counter(event).track();
    }

    /// The same, and how often it happened.
    pub fn count(self, event: &Event) -> u32 {
        self.inner().counter(event).get()
    }
}

struct CancelOnDrop {
    inner: Rc<Inner>,
    id: u32,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.inner.open.borrow_mut().remove(&self.id).is_some() {
            self.inner.send(&ToEngine::Cancel { id: self.id }, None);
        }
    }
}

impl Inner {
    fn counter(&self, event: &Event) -> ArcRwSignal<u32> {
        self.changes.borrow_mut().entry(event.clone()).or_insert_with(|| ArcRwSignal::new(0)).clone()
    }

    fn send_ask(&self, id: u32, question: &Question, opened: Option<&Array>) {
        self.send(&ToEngine::Ask { id, question: question.clone() }, opened);
    }

    fn send(&self, message: &ToEngine, opened: Option<&Array>) {
        // Questions asked before the engine is ready are sent when it says so.
        if !self.ready.get() {
            return;
        }
        let Ok(head) = postcard::to_allocvec(message) else { return };
        let out = Array::of1(&Uint8Array::from(head.as_slice()));
        for it in opened.iter().flat_map(|it| it.iter()) {
            out.push(&it);
        }
        let Some(worker) = &*self.worker.borrow() else { return };
        // Behind what is opened: buffers of pictures that are not shown any more.
        let spare: Array = crate::handover::take_spare().into_iter().map(JsValue::from).collect();
        let sent = if spare.length() == 0 {
            worker.post_message(&out)
        } else {
            out.set(3, spare.clone().into());
            worker.post_message_with_transfer(&out, &spare)
        };
        if let Err(error) = sent {
            web_sys::console::error_1(&error);
        }
    }

    fn finish(&self, id: u32, result: Result<Told>) {
        let open = self.open.borrow_mut().remove(&id);
        if let Some(open) = open {
            let _ = open.answer.send(result);
        }
    }
}

fn start_worker(inner: &Rc<Inner>) {
    match new_worker() {
        Ok((worker, early)) => {
            let hearing = Rc::downgrade(inner);
            let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                if let Some(inner) = hearing.upgrade() {
                    hear(&inner, &event.data());
                }
            });
            worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            on_message.forget();
            let hearing = Rc::downgrade(inner);
            let on_error = Closure::<dyn FnMut(DomEvent)>::new(move |_| {
                if let Some(inner) = hearing.upgrade() {
                    restart(&inner);
                }
            });
            worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
            on_error.forget();
            *inner.worker.borrow_mut() = Some(worker);
            for message in early.iter() {
                hear(inner, &message);
            }
        }
        Err(error) => give_up(inner, &format!("the engine could not be started: {error:?}")),
    }
}

/// `boot.js` has one running already; after a trap it makes another.
fn new_worker() -> std::result::Result<(Worker, Array), JsValue> {
    let window = window();
    let mut engine = Reflect::get(&window, &"halimedeEngine".into())?;
    if engine.is_falsy() {
        let start: Function = Reflect::get(&window, &"halimedeStartEngine".into())?.dyn_into()?;
        engine = start.call0(&window)?;
    }
    Reflect::set(&window, &"halimedeEngine".into(), &JsValue::NULL)?;
    let worker = Reflect::get(&engine, &"worker".into())?.dyn_into()?;
    Ok((worker, Reflect::get(&engine, &"early".into())?.dyn_into()?))
}

fn hear(inner: &Rc<Inner>, data: &JsValue) {
    let message: &Array = data.unchecked_ref();
    let head = crate::handover::take(message.get(0).unchecked_ref());
    match postcard::from_bytes::<ToPage>(&head) {
        Ok(ToPage::Ready { version }) if version == VERSION => {
            inner.ready.set(true);
            for (id, open) in &*inner.open.borrow() {
                inner.send_ask(*id, &open.question, open.opened.as_ref());
            }
        }
        Ok(ToPage::Ready { .. }) => give_up(inner, "page and engine are of two versions; reload the page"),
        Ok(ToPage::Reply { id, result }) => {
            inner.finish(id, result.map(|answer| Told { answer, parts: message.iter().skip(1).collect() }));
        }
        Ok(ToPage::Event(event)) => inner.counter(&event).update(|it| *it = it.wrapping_add(1)),
        Err(error) => web_sys::console::error_1(&format!("an answer that is none: {error}").into()),
    }
}

/// The engine trapped: its memory is lost. The question that did it was answered with the reason;
/// the other open ones are asked again.
fn restart(inner: &Rc<Inner>) {
    if let Some(worker) = inner.worker.borrow_mut().take() {
        worker.terminate();
    }
    inner.ready.set(false);
    inner.restarts.set(inner.restarts.get() + 1);
    if inner.restarts.get() > MOST_RESTARTS {
        give_up(inner, "the engine stopped several times");
        return;
    }
    start_worker(inner);
    // What was opened is lost with it, so every open view asks anew.
    let all: Vec<ArcRwSignal<u32>> = inner.changes.borrow().values().cloned().collect();
    for counter in all {
        counter.update(|it| *it = it.wrapping_add(1));
    }
}

fn give_up(inner: &Rc<Inner>, said: &str) {
    *inner.given_up.borrow_mut() = Some(said.to_owned());
    let ids: Vec<u32> = inner.open.borrow().keys().copied().collect();
    for id in ids {
        inner.finish(id, Err(Problem::Engine { said: said.to_owned() }));
    }
}
