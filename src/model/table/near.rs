//! Numbers of which neighbours are alike: steps and times.

use serde::{Deserialize, Serialize};

use super::super::packed;

/// Entries of a block. Chunks of the cache are whole blocks, so that they go together uncut.
const BLOCK: usize = 1_024;

/// The largest whole number up to which a double has all.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// A column of doubles, bit for bit. Blocks of whole numbers are kept as 0, 2 or 4 bytes each above
/// their least ("frame of reference"): the steps and times of a hundred thousand runs by hundreds of
/// metrics are mostly the same and would take twice what the values take.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Near {
    blocks: Vec<Block>,
    /// What does not fill a block yet.
    #[serde(with = "packed::f64s")]
    tail: Vec<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Block {
    Same(f64),
    Small(f64, #[serde(with = "packed::u16s")] Vec<u16>),
    Large(f64, #[serde(with = "packed::u32s")] Vec<u32>),
    Any(#[serde(with = "packed::f64s")] Vec<f64>),
}

impl Block {
    fn of(values: &[f64]) -> Self {
        let first = values[0];
        if values.iter().all(|it| it.to_bits() == first.to_bits()) {
            return Block::Same(first);
        }
        let is_whole = |it: &f64| it.fract() == 0.0 && it.abs() <= LARGEST && (*it != 0.0 || it.is_sign_positive());
        if !values.iter().all(is_whole) {
            return Block::Any(values.to_vec());
        }
        let (least, most) = values.iter().fold((first, first), |(a, b), it| (a.min(*it), b.max(*it)));
        match most - least {
            range if range <= f64::from(u16::MAX) => {
                Block::Small(least, values.iter().map(|it| small(it - least)).collect())
            }
            range if range <= f64::from(u32::MAX) => {
                Block::Large(least, values.iter().map(|it| large(it - least)).collect())
            }
            _ => Block::Any(values.to_vec()),
        }
    }

    fn get(&self, at: usize) -> f64 {
        match self {
            Block::Same(value) => *value,
            Block::Small(base, offsets) => base + f64::from(offsets[at]),
            Block::Large(base, offsets) => base + f64::from(offsets[at]),
            Block::Any(values) => values[at],
        }
    }

    fn is_whole(&self) -> bool {
        match self {
            Block::Same(_) => true,
            Block::Small(_, offsets) => offsets.len() == BLOCK,
            Block::Large(_, offsets) => offsets.len() == BLOCK,
            Block::Any(values) => values.len() == BLOCK,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within the type's range")]
fn small(offset: f64) -> u16 {
    offset as u16
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within the type's range")]
fn large(offset: f64) -> u32 {
    offset as u32
}

impl Near {
    pub(super) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.tail.len()
    }

    pub(super) fn get(&self, at: usize) -> f64 {
        match self.blocks.get(at / BLOCK) {
            Some(block) => block.get(at % BLOCK),
            None => self.tail[at - self.blocks.len() * BLOCK],
        }
    }

    fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(super) fn push(&mut self, value: f64) {
        self.tail.push(value);
        if self.tail.len() == BLOCK {
            self.blocks.push(Block::of(&self.tail));
            self.tail.clear();
        }
    }

    pub(super) fn set(&mut self, at: usize, value: f64) {
        let n_blocks = self.blocks.len();
        match self.blocks.get_mut(at / BLOCK) {
            Some(block) if block.get(at % BLOCK).to_bits() == value.to_bits() => {}
            Some(block) => {
                let mut values: Vec<f64> = (0..BLOCK).map(|at| block.get(at)).collect();
                values[at % BLOCK] = value;
                *block = Block::of(&values);
            }
            None => self.tail[at - n_blocks * BLOCK] = value,
        }
    }

    pub(super) fn insert(&mut self, at: usize, value: f64) {
        let rest = self.cut(at);
        self.push(value);
        rest.into_iter().for_each(|it| self.push(it));
    }

    pub(super) fn remove(&mut self, at: usize) {
        let rest = self.cut(at);
        rest.into_iter().skip(1).for_each(|it| self.push(it));
    }

    /// Leaves what is before `at`, gives the rest.
    fn cut(&mut self, at: usize) -> Vec<f64> {
        let rest = (at..self.len()).map(|at| self.get(at)).collect();
        let whole = at / BLOCK;
        let tail: Vec<f64> = (whole * BLOCK..at).map(|at| self.get(at)).collect();
        self.blocks.truncate(whole);
        self.tail = tail;
        rest
    }

    pub(super) fn slice(&self, places: std::ops::Range<usize>) -> Near {
        let mut slice = Near::default();
        let mut at = places.start;
        if at.is_multiple_of(BLOCK) {
            let whole = at / BLOCK..(places.end / BLOCK).min(self.blocks.len());
            slice.blocks = self.blocks.get(whole).unwrap_or_default().to_vec();
            at += slice.blocks.len() * BLOCK;
        }
        (at..places.end).for_each(|at| slice.push(self.get(at)));
        slice
    }

    pub(super) fn append(&mut self, mut other: Near) {
        if self.tail.is_empty() {
            self.blocks.append(&mut other.blocks);
            self.tail = other.tail;
        } else {
            other.iter().for_each(|it| self.push(it));
        }
    }

    /// What comes from the disk is checked before it is used.
    pub(super) fn is_sound(&self) -> bool {
        self.tail.len() < BLOCK
            && self.blocks.len() < u32::MAX as usize / BLOCK
            && self.blocks.iter().all(Block::is_whole)
    }
}

impl FromIterator<f64> for Near {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut made = Near::default();
        values.into_iter().for_each(|it| made.push(it));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
        values.into_iter().map(f64::to_bits).collect()
    }

    fn samples() -> Vec<Vec<f64>> {
        let n = 3_089;
        let all = |it: &dyn Fn(u32) -> f64| (0..n).map(it).collect::<Vec<f64>>();
        vec![
            vec![],
            all(&|_| 9.0),
            all(&|_| f64::NAN),
            all(&|i| f64::from(i % 700)),
            all(&|i| 1.7e12 - 61_000.0 * f64::from(i)),
            all(&|i| f64::from(i) * 1e10),
            all(&|i| f64::from(i) / 3.0),
            all(&|i| [0.0, -0.0, 1.0][i as usize % 3]),
            all(&|i| if i == 1500 { f64::INFINITY } else { -f64::from(i) }),
            all(&|i| LARGEST - f64::from(i)),
        ]
    }

    #[test]
    fn every_bit_comes_back() {
        for values in samples() {
            let near: Near = values.iter().copied().collect();
            assert_eq!(bits(near.iter()), bits(values.clone()));
            let bytes = postcard::to_allocvec(&near).expect("encodes");
            let back: Near = postcard::from_bytes(&bytes).expect("decodes");
            assert!(back.is_sound());
            assert_eq!(bits(back.iter()), bits(values));
        }
    }

    #[test]
    fn steps_and_times_are_small() {
        let sizes: Vec<usize> = samples()
            .iter()
            .map(|it| postcard::to_allocvec(&it.iter().copied().collect::<Near>()).map_or(0, |it| it.len()))
            .collect();
        assert!(sizes[1] < 200, "the same step: {sizes:?}");
        assert!(sizes[3] < 3 * 2 * BLOCK + 200, "small steps: {sizes:?}");
        assert!(sizes[4] < 3 * 4 * BLOCK + 200, "times: {sizes:?}");
    }

    #[test]
    fn changes_are_those_of_a_plain_list() {
        for mut plain in samples().into_iter().filter(|it| !it.is_empty()) {
            let mut near: Near = plain.iter().copied().collect();
            for (at, value) in [(0, 5.0), (1_030, f64::NAN), (2_047, 0.1), (3_080, -0.0), (1_024, 1e300)] {
                near.set(at, value);
                plain[at] = value;
                near.insert(at, value + 1.0);
                plain.insert(at, value + 1.0);
                near.remove(at / 2);
                plain.remove(at / 2);
                assert_eq!(bits(near.iter()), bits(plain.clone()));
            }
            for range in [0..1024, 1024..2050, 5..3000, 2048..plain.len(), 7..7] {
                let slice = near.slice(range.clone());
                assert!(slice.is_sound());
                assert_eq!(bits(slice.iter()), bits(plain[range].to_vec()));
            }
            let mut joined = near.slice(0..1024);
            joined.append(near.slice(1024..1500));
            joined.append(near.slice(1500..plain.len()));
            assert_eq!(bits(joined.iter()), bits(plain));
        }
    }
}
