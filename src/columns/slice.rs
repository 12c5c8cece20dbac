//! Some of an array that several hold.

use std::ops::{Deref, Range};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Slice<T> {
    all: Arc<[T]>,
    from: usize,
    to: usize,
}

impl<T> Slice<T> {
    /// Some of it, not copied. Panics beyond the end, as a slice does.
    pub fn part(&self, places: Range<usize>) -> Self {
        assert!(places.start <= places.end && places.end <= self.len(), "within the slice");
        Self { all: self.all.clone(), from: self.from + places.start, to: self.from + places.end }
    }
}

impl<T> Deref for Slice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all[self.from..self.to]
    }
}

impl<T> From<Vec<T>> for Slice<T> {
    fn from(all: Vec<T>) -> Self {
        Self { from: 0, to: all.len(), all: all.into() }
    }
}

impl<T> FromIterator<T> for Slice<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        all.into_iter().collect::<Vec<T>>().into()
    }
}
