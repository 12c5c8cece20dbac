//! Which rows have an entry in a column.

use serde::{Deserialize, Serialize};

use super::super::packed;

/// Row numbers of the entries of one column, ascending: one stretch without gaps, which is all there
/// is to most columns and costs nothing, and then the others one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    first: u32,
    n: u32,
    #[serde(with = "packed::u32s")]
    others: Vec<u32>,
}

impl Rows {
    /// Where the entry for `row` stands, or where it would be put.
    pub(super) fn place(&self, row: u32) -> Result<usize, usize> {
        match row.checked_sub(self.first) {
            None => Err(0),
            Some(at) if at < self.n => Ok(at as usize),
            Some(_) => {
                let n = self.n as usize;
                self.others.binary_search(&row).map(|at| at + n).map_err(|at| at + n)
            }
        }
    }

    /// Places of the entries for rows `from..to`.
    pub(super) fn between(&self, from: u32, to: u32) -> std::ops::Range<usize> {
        let place = |row| self.place(row).unwrap_or_else(|at| at);
        place(from)..place(to)
    }

    /// A row after all that are there.
    pub(super) fn push(&mut self, row: u32) {
        if self.n == 0 {
            self.first = row;
        }
        if self.others.is_empty() && row - self.first == self.n {
            self.n += 1;
        } else {
            self.others.push(row);
        }
    }

    pub(super) fn insert(&mut self, at: usize, row: u32) {
        match at.checked_sub(self.n as usize) {
            _ if at == self.len() => self.push(row),
            Some(at) if at > 0 || row - self.first > self.n => self.others.insert(at, row),
            // The stretch grows or changes where it begins.
            _ => *self = self.iter().take(at).chain([row]).chain(self.iter().skip(at)).collect(),
        }
    }

    pub(super) fn remove(&mut self, at: usize) {
        match at.checked_sub(self.n as usize) {
            Some(at) => {
                self.others.remove(at);
            }
            None => *self = self.iter().take(at).chain(self.iter().skip(at + 1)).collect(),
        }
    }

    pub(super) fn slice(&self, places: std::ops::Range<usize>, from: u32) -> Rows {
        let n = self.n as usize;
        let of = |place: usize| match place.checked_sub(n) {
            Some(at) => self.others[at],
            None => self.first + u32::try_from(place).unwrap_or(u32::MAX),
        };
        places.map(|place| of(place) - from).collect()
    }

    /// Rows of `other` come after all of this one's.
    pub(super) fn append(&mut self, other: &Rows, offset: u32, room: usize) {
        if self.others.is_empty() && (self.n == 0 || other.first + offset == self.first + self.n) {
            self.first = if self.n == 0 { other.first + offset } else { self.first };
            self.n += other.n;
        } else {
            make_room(&mut self.others, other.len(), room);
            self.others.extend((other.first..other.first + other.n).map(|it| it + offset));
        }
        if !other.others.is_empty() {
            make_room(&mut self.others, other.others.len(), room);
            self.others.extend(other.others.iter().map(|it| it + offset));
        }
    }

    pub fn len(&self) -> usize {
        self.n as usize + self.others.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (self.first..self.first + self.n).chain(self.others.iter().copied())
    }

    /// Whether there are `len` of them, ascending and below `n_rows`: what comes from the disk is
    /// checked before it is used.
    pub(super) fn fit(&self, len: usize, n_rows: u32) -> bool {
        if self.n > n_rows || self.first > n_rows || (self.n == 0 && self.first != 0) {
            return false;
        }
        let Some(end) = self.first.checked_add(self.n) else { return false };
        let after = self.others.first().is_none_or(|it| self.n == 0 || *it >= end);
        let begins = self.n > 0 || self.others.is_empty();
        let last = self.others.last().copied().or(end.checked_sub(1)).filter(|_| !self.is_empty());
        begins
            && after
            && self.len() == len
            && self.others.is_sorted_by(|a, b| a < b)
            && last.is_none_or(|last| last < n_rows)
    }
}

impl FromIterator<u32> for Rows {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut made = Rows::default();
        rows.into_iter().for_each(|row| made.push(row));
        made
    }
}

/// A column that grows by `more` now and is likely to reach `room` gets all of it at once: growing by
/// doubling would leave up to half of it unused.
pub(super) fn make_room<T>(column: &mut Vec<T>, more: usize, room: usize) {
    if column.capacity() - column.len() < more {
        column.reserve_exact(room.saturating_sub(column.len()).max(more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every change beside the same change of a plain sorted list.
    #[test]
    fn it_is_a_sorted_list_whatever_is_done_to_it() {
        let (mut rows, mut plain) = (Rows::default(), Vec::<u32>::new());
        let mut random = 7u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let row = (random >> 8) % 60;
            let place = plain.binary_search(&row);
            assert_eq!(rows.place(row), place);
            match place {
                Ok(at) if random >> 28 < 9 => {
                    rows.remove(at);
                    plain.remove(at);
                }
                Ok(_) => {}
                Err(at) => {
                    rows.insert(at, row);
                    plain.insert(at, row);
                }
            }
            assert!(rows.iter().eq(plain.iter().copied()), "{rows:?} {plain:?}");
            assert!(rows.fit(plain.len(), 60));
        }
    }

    #[test]
    fn stretches_join() {
        let mut rows: Rows = (0..5).collect();
        rows.append(&(0..3).collect(), 5, 0);
        assert_eq!(rows, (0..8).collect());
        rows.append(&[1, 2, 4].into_iter().collect(), 8, 0);
        assert!(rows.iter().eq([0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 12]));
        assert!(rows.slice(rows.between(6, 11), 6).iter().eq([0, 1, 3, 4]));
        assert!(rows.fit(11, 13) && !rows.fit(11, 12) && !rows.fit(10, 13));
    }

    #[test]
    fn damaged_rows_are_refused_before_they_are_counted() {
        for (first, n, others) in
            [(u32::MAX, 0, vec![]), (0, u32::MAX, vec![7]), (u32::MAX, 2, vec![]), (5, 0, vec![9])]
        {
            let rows = Rows { first, n, others };
            assert!(!rows.fit(1, 10) && !rows.fit(0, 10), "{rows:?}");
        }
        assert!(Rows::default().fit(0, 0));
    }
}
