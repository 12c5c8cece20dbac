//! A set of rows, one bit each.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub fn all(len: usize) -> Self {
        let mut all = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        all.trim();
        all
    }

    /// Bits beyond the length stay zero.
    fn trim(&mut self) {
        if let (Some(last), rest @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1u64 << rest) - 1;
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|it| *it == 0)
    }

    pub fn count(&self) -> u32 {
        self.words.iter().map(|it| it.count_ones()).sum()
    }

    pub fn get(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// False beyond the end too.
    pub fn has(&self, row: u32) -> bool {
        (row as usize) < self.len && self.get(row)
    }

    pub fn set(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    pub fn unset(&mut self, row: u32) {
        self.words[row as usize / 64] &= !(1 << (row % 64));
    }

    /// Sets it where `yes`; never clears.
    pub fn set_if(&mut self, row: u32, yes: bool) {
        self.words[row as usize / 64] |= u64::from(yes) << (row % 64);
    }

    pub fn and(&mut self, other: &Bits) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
    }

    pub fn or(&mut self, other: &Bits) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    pub fn without(&mut self, other: &Bits) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
    }

    pub fn invert(&mut self) {
        for it in &mut self.words {
            *it = !*it;
        }
        self.trim();
    }

    /// Ascending.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().zip((0u32..).step_by(64)).flat_map(|(word, from)| {
            std::iter::successors((*word != 0).then_some(*word), |it| {
                let rest = it & (it - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |it| from + it.trailing_zeros())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn sets_do_what_sets_do() {
        let of = |rows: &[u32]| {
            let mut bits = Bits::none(130);
            rows.iter().for_each(|it| bits.set(*it));
            bits
        };
        let (mut a, b) = (of(&[0, 63, 64, 129]), of(&[63, 100]));
        a.or(&b);
        assert_eq!(a.rows().collect::<Vec<_>>(), [0, 63, 64, 100, 129]);
        a.without(&b);
        assert_eq!(a.rows().collect::<Vec<_>>(), [0, 64, 129]);
        a.invert();
        assert_eq!((a.count(), a.get(129), a.get(128)), (127, false, true));
        a.and(&b);
        assert_eq!(a, b);
        assert_eq!(Bits::all(130).count(), 130);
        assert!(Bits::none(0).is_empty() && Bits::all(0).is_empty());
    }
}
