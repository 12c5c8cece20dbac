//! Asking the engine from a view: asks again when what it read changes, keeps the last answer
//! while a newer one is on its way, and cancels what nobody waits for.

use futures_util::future::{AbortHandle, Abortable};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::engine::data::{Data, Told};
use crate::engine::protocol::Question;
use crate::model::Problem;

pub struct Asked<T: Send + Sync + 'static> {
    /// None until the first answer.
    pub value: RwSignal<Option<Result<T, Problem>>>,
    pub busy: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

impl<T: Clone + Send + Sync + 'static> Asked<T> {
    pub fn ok(self) -> Option<T> {
        self.value.get()?.ok()
    }

    pub fn problem(self) -> Option<Problem> {
        self.value.get()?.err()
    }
}

/// `question` runs again when a signal it reads changes; `read` takes out what is wanted.
pub fn use_answer<T: Clone + PartialEq + Send + Sync + 'static>(
    question: impl Fn() -> Option<Question> + 'static,
    read: impl Fn(Told) -> Option<T> + Copy + 'static,
) -> Asked<T> {
    let data = expect_context::<Data>();
    let value = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let running = StoredValue::new_local(None::<AbortHandle>);
    let stop = move || {
        if let Some(Some(handle)) = running.try_update_value(Option::take) {
            handle.abort();
        }
    };
    Effect::new(move |_| {
        let question = question();
        stop();
        let Some(question) = question else { return };
        let (handle, registration) = AbortHandle::new_pair();
        running.set_value(Some(handle));
        busy.set(true);
        let work = Abortable::new(async move { data.told(question, None).await }, registration);
        spawn_local(async move {
            let Ok(done) = work.await else { return };
            let answer = done.and_then(|told| {
                read(told).ok_or_else(|| Problem::Engine { said: "an answer of the wrong kind".into() })
            });
            // The view may be gone by now.
            let is_same = value.try_with_untracked(|old| old.as_ref() == Some(&answer));
            if is_same == Some(false) {
                value.set(Some(answer));
            }
            let _ = busy.try_set(false);
        });
    });
    on_cleanup(stop);
    Asked { value, busy }
}
