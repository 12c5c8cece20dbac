//! Different texts, each stored once.

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};
use std::hash::BuildHasher;

use super::super::packed;

/// Texts one after another in one piece of memory, found by number or by content.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Texts {
    all: String,
    #[serde(with = "packed::u32s")]
    ends: Vec<u32>,
    /// Made on first use: what is only read needs none.
    #[serde(skip)]
    known: HashTable<u32>,
    #[serde(skip)]
    hasher: DefaultHashBuilder,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, number: u32) -> &str {
        text_at(&self.all, &self.ends, number)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0u32..).take(self.ends.len()).map(|it| self.get(it))
    }

    /// A text of which is known that it is new.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.all.push_str(text);
        // 4 GB of text are more than a browser's tab can hold.
        self.ends.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        number
    }

    /// The number of a text, which is added if it is new.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        let Self { all, ends, known, hasher } = self;
        let hash_at = |at: &u32| hasher.hash_one(text_at(all, ends, *at));
        if known.is_empty() {
            for number in (0u32..).take(ends.len()) {
                known.insert_unique(hash_at(&number), number, hash_at);
            }
        }
        let hash = hasher.hash_one(text);
        if let Some(found) = known.find(hash, |it| text_at(all, ends, *it) == text) {
            return *found;
        }
        let number = self.push(text);
        let Self { all, ends, known, hasher } = self;
        known.insert_unique(hash, number, |at| hasher.hash_one(text_at(all, ends, *at)));
        number
    }

    /// What comes from the disk is checked before it is used.
    pub(super) fn is_sound(&self) -> bool {
        self.ends.is_sorted()
            && self.ends.last().map_or(0, |it| *it as usize) == self.all.len()
            && self.ends.iter().all(|it| self.all.is_char_boundary(*it as usize))
    }
}

fn text_at<'a>(all: &'a str, ends: &[u32], number: u32) -> &'a str {
    let at = number as usize;
    let from = at.checked_sub(1).map_or(0, |it| ends[it] as usize);
    all.get(from..ends[at] as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number() {
        let mut texts = Texts::default();
        let numbers: Vec<u32> = ["a", "", "über", "a", "", "b"].map(|it| texts.intern(it)).into();
        assert_eq!(numbers, [0, 1, 2, 0, 1, 3]);
        assert!(texts.iter().eq(["a", "", "über", "b"]));
        let bytes = postcard::to_allocvec(&texts).expect("encodes");
        let mut back: Texts = postcard::from_bytes(&bytes).expect("decodes");
        assert!(back.is_sound());
        assert_eq!((back.intern("über"), back.intern("c")), (2, 4));
    }

    #[test]
    fn ends_that_cut_a_letter_are_refused() {
        let mut texts = Texts::default();
        texts.push("über");
        texts.ends[0] = 1;
        assert!(!texts.is_sound());
    }
}
