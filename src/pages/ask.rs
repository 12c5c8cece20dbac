//! Asking the engine from a view: asks again when what it read changes, keeps the last answer
//! while a newer one is on its way, and cancels what nobody waits for.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use leptos::prelude::*;

use crate::components::react::{effect, spawn};
use crate::engine::data::{Data, Told};
use crate::engine::protocol::{Answer, Event, FieldsAnswer, Question};
use crate::model::{Problem, ProjectKey, SourceInfo};

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

    /// What is wanted of the answer, without a copy of all of it.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.value.with(|it| it.as_ref()?.as_ref().ok().map(read))
    }

    pub fn problem(self) -> Option<Problem> {
        self.value.with(|it| it.as_ref()?.as_ref().err().cloned())
    }
}

/// `question` runs again when a signal it reads changes; `read` takes out what is wanted.
pub fn use_answer<T: Clone + PartialEq + Send + Sync + 'static>(
    question: impl Fn() -> Option<Question> + 'static,
    read: impl Fn(Told) -> Option<T> + Copy + 'static,
) -> Asked<T> {
    let value = RwSignal::new(None);
    let tell = move |done: Result<Told, Problem>| {
        let answer = done
            .and_then(|told| read(told).ok_or_else(|| Problem::Engine { said: "an answer of the wrong kind".into() }));
        // The view may be gone by now.
        let is_same = value.try_with_untracked(|old| old.as_ref() == Some(&answer));
        if is_same == Some(false) {
            value.set(Some(answer));
        }
    };
    let busy = keep_asking(Box::new(question), Rc::new(tell));
    Asked { value, busy }
}

/// The part that is the same for every kind of answer. True while one is on its way.
fn keep_asking(question: Box<dyn Fn() -> Option<Question>>, tell: Rc<dyn Fn(Result<Told, Problem>)>) -> RwSignal<bool> {
    let data = expect_context::<Data>();
    let busy = RwSignal::new(false);
    let running = StoredValue::new_local(None::<AbortHandle>);
    let stop = move || {
        if let Some(Some(handle)) = running.try_update_value(Option::take) {
            handle.abort();
        }
    };
    effect(move || {
        let question = question();
        stop();
        let Some(question) = question else {
            if busy.get_untracked() {
                busy.set(false);
            }
            return;
        };
        let (handle, registration) = AbortHandle::new_pair();
        running.set_value(Some(handle));
        busy.set(true);
        let work = Abortable::new(async move { data.told(question, None).await }, registration);
        let tell = tell.clone();
        spawn(async move {
            let Ok(done) = work.await else { return };
            tell(done);
            let _ = busy.try_set(false);
        });
    });
    on_cleanup(stop);
    busy
}

/// What the runs of a project have, as they come in.
pub fn use_fields(project: ProjectKey) -> Asked<FieldsAnswer> {
    let data = expect_context::<Data>();
    use_answer(
        move || {
            data.track(&Event::Runs(project.clone()));
            Some(Question::Fields(project.clone()))
        },
        |told| match told.answer {
            Answer::Fields(it) => Some(it),
            _ => None,
        },
    )
}

/// The sources of this browser, the one used last first.
pub fn use_sources() -> Asked<Vec<SourceInfo>> {
    let data = expect_context::<Data>();
    use_answer(
        move || {
            data.track(&Event::Sources);
            Some(Question::Sources)
        },
        |told| match told.answer {
            Answer::Sources(it) => Some(it),
            _ => None,
        },
    )
}
