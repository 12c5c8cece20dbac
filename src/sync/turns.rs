//! Who reads next from a tracker. Charts of a page all ask at once; a tracker that answers them all at once
//! answers none soon, so the one that asked first is read to its end first, and the next ones by what is left.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;

/// Requests that are under way together: browsers open six connections to a server, and it has some workers.
pub const MOST: u32 = 4;

#[derive(Default)]
pub struct Turns {
    n_taken: Cell<u32>,
    waiting: RefCell<Vec<Waiting>>,
    /// When each reader first asked; forgotten once nobody reads.
    places: RefCell<HashMap<String, usize>>,
    /// Of a reader who will be back in a moment.
    kept: RefCell<Option<Turn>>,
}

struct Waiting {
    place: usize,
    weight: u32,
    name: String,
    go: oneshot::Sender<Turn>,
}

/// Held while its requests are under way.
pub struct Turn {
    turns: Rc<Turns>,
    name: String,
    weight: u32,
}

impl Turns {
    /// Waits for a turn of so many requests.
    pub async fn turn(self: &Rc<Self>, name: &str, weight: u32) -> Turn {
        let (go, told) = oneshot::channel();
        let place = {
            let mut places = self.places.borrow_mut();
            let next = places.len();
            *places.entry(name.to_owned()).or_insert(next)
        };
        let weight = weight.clamp(1, MOST);
        self.waiting.borrow_mut().push(Waiting { place, weight, name: name.to_owned(), go });
        // Once it waits, so that it is the next.
        let is_kept = self.kept.borrow().as_ref().is_some_and(|it| it.name == name);
        if is_kept {
            self.let_go();
        }
        self.next();
        match told.await {
            Ok(turn) => turn,
            // Never: who waits is told or gone.
            Err(_) => Turn { turns: self.clone(), name: name.to_owned(), weight: 0 },
        }
    }

    fn next(self: &Rc<Self>) {
        loop {
            let next = {
                let mut waiting = self.waiting.borrow_mut();
                waiting.retain(|it| !it.go.is_canceled());
                let first = (0..waiting.len()).min_by_key(|at| waiting[*at].place);
                let fits = |at: &usize| self.n_taken.get() + waiting[*at].weight <= MOST;
                first.filter(fits).map(|at| waiting.remove(at))
            };
            let Some(Waiting { weight, name, go, .. }) = next else { break };
            self.n_taken.set(self.n_taken.get() + weight);
            // One who is gone by now drops it, which makes room again.
            let _ = go.send(Turn { turns: self.clone(), name, weight });
        }
        if self.n_taken.get() == 0 && self.waiting.borrow().is_empty() {
            self.places.borrow_mut().clear();
        }
    }

    /// What was kept is kept no more.
    pub fn let_go(&self) {
        let kept = self.kept.take();
        drop(kept);
    }
}

impl Turn {
    /// Its reader asks for more in a moment: nobody else begins until then, or until `let_go`.
    pub fn keep(self) {
        let turns = self.turns.clone();
        let before = turns.kept.replace(Some(self));
        drop(before);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.n_taken.set(self.turns.n_taken.get().saturating_sub(self.weight));
        self.turns.clone().next();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;

    use super::*;

    fn asks<'a>(turns: &'a Rc<Turns>, name: &'static str, weight: u32) -> LocalBoxFuture<'a, Turn> {
        let mut it = turns.turn(name, weight).boxed_local();
        assert!(it.as_mut().now_or_never().is_none(), "{name} waits");
        it
    }

    fn has(turns: &Rc<Turns>, name: &'static str, weight: u32) -> Turn {
        turns.turn(name, weight).now_or_never().expect("at once")
    }

    #[test]
    fn who_asked_first_reads_on_first() {
        let turns = Rc::new(Turns::default());
        let first = has(&turns, "a", 4);
        let (mut b, mut c) = (asks(&turns, "b", 1), asks(&turns, "c", 4));
        // There is more of it: its next part comes before all others.
        first.keep();
        let more = has(&turns, "a", 3);
        let beside = b.as_mut().now_or_never().expect("there is room for one more");
        assert!(c.as_mut().now_or_never().is_none());
        let mut last = asks(&turns, "a", 2);
        drop(beside);
        drop(more);
        let last = last.as_mut().now_or_never().expect("before c");
        assert!(c.as_mut().now_or_never().is_none());
        drop(last);
        assert!(c.as_mut().now_or_never().is_some());
    }

    #[test]
    fn who_goes_leaves_no_gap() {
        let turns = Rc::new(Turns::default());
        let first = has(&turns, "a", 4);
        let gone = asks(&turns, "b", 4);
        let told_and_gone = asks(&turns, "c", 4);
        let mut d = asks(&turns, "d", 4);
        drop(gone);
        drop(first);
        drop(told_and_gone);
        let d = d.as_mut().now_or_never().expect("the others are gone");
        d.keep();
        let mut e = asks(&turns, "e", 4);
        turns.let_go();
        assert!(e.as_mut().now_or_never().is_some(), "who does not come back is not waited for");
        assert_eq!(turns.n_taken.get(), 0);
        assert!(turns.places.borrow().is_empty());
    }
}
