//! One view for each of several things that stays as long as its thing does. The framework's machinery for it is
//! compiled once, not once per kind of thing.

use std::any::Any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::prelude::*;

/// A thing, by what it is told from others.
struct One {
    key: u64,
    it: Box<dyn Any + Send>,
}

/// `key`: two of the same are the same thing.
pub fn each<T: Send + 'static, K: Hash>(
    things: impl Fn() -> Vec<T> + Send + 'static,
    key: impl Fn(&T) -> K + Send + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let one = move |it: T| {
        let mut hasher = DefaultHasher::new();
        key(&it).hash(&mut hasher);
        One { key: hasher.finish(), it: Box::new(it) }
    };
    let make = move |it: Box<dyn Any + Send>| it.downcast::<T>().map_or_else(|_| ().into_any(), |it| view(*it));
    list(Box::new(move || things().into_iter().map(&one).collect()), Arc::new(make))
}

type Make = Arc<dyn Fn(Box<dyn Any + Send>) -> AnyView + Send + Sync>;

fn list(things: Box<dyn Fn() -> Vec<One> + Send>, make: Make) -> AnyView {
    view! { <For each=things key=|it| it.key children=move |one| make(one.it) /> }.into_any()
}
