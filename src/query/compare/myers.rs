//! A shortest edit from one list of lines to another, by Myers' algorithm in linear space ("An O(ND)
//! Difference Algorithm and Its Variations", 1986). Written here since the work must be bounded by
//! counting: the usual crate stops by a clock only, which a test cannot repeat.

use std::collections::HashMap;
use std::ops::Range;

/// Lines of one text; of more no diff is sought.
pub const MOST_LINES: usize = 50_000;
/// Lines added and removed; texts that differ in more are shown as replaced.
const MOST_CHANGES: usize = 4_000;

/// For each line whether it is only there.
pub struct Changes {
    pub removed: Vec<bool>,
    pub added: Vec<bool>,
    /// Nothing shorter was found within the bounds than to replace a whole stretch.
    pub is_rough: bool,
}

impl Changes {
    pub fn find(a: &[&str], b: &[&str]) -> Self {
        let mut numbers = HashMap::new();
        let mut numbered = |lines: &[&'_ str]| -> Vec<usize> {
            lines
                .iter()
                .map(|it| {
                    let next = numbers.len();
                    *numbers.entry((*it).to_owned()).or_insert(next)
                })
                .collect()
        };
        let (a, b) = (numbered(a), numbered(b));
        let mut found = Changes { removed: vec![false; a.len()], added: vec![false; b.len()], is_rough: false };
        let is_long = a.len() > MOST_LINES || b.len() > MOST_LINES;
        // Half of the changes are sought from either end.
        let limit = if is_long { 0 } else { (a.len() + b.len()).min(MOST_CHANGES).div_ceil(2) };
        let mut search = Search { forward: Diagonals::new(limit), backward: Diagonals::new(limit) };
        let mut open = vec![(0..a.len(), 0..b.len())];
        while let Some((x, y)) = open.pop() {
            let (x, y) = without_same_ends(&a, &b, x, y);
            let middle = if x.is_empty() || y.is_empty() { None } else { search.middle(&a[x.clone()], &b[y.clone()]) };
            if let Some((dx, dy)) = middle.filter(|it| *it != (0, 0) && *it != (x.len(), y.len())) {
                let (mx, my) = (x.start + dx, y.start + dy);
                open.extend([(x.start..mx, y.start..my), (mx..x.end, my..y.end)]);
            } else {
                found.is_rough |= !x.is_empty() && !y.is_empty();
                found.removed[x].fill(true);
                found.added[y].fill(true);
            }
        }
        found
    }
}

fn without_same_ends(a: &[usize], b: &[usize], x: Range<usize>, y: Range<usize>) -> (Range<usize>, Range<usize>) {
    let (a, b) = (&a[x.clone()], &b[y.clone()]);
    let start = a.iter().zip(b).take_while(|it| it.0 == it.1).count();
    let ends = a[start..].iter().rev().zip(b[start..].iter().rev());
    let end = ends.take_while(|it| it.0 == it.1).count();
    (x.start + start..x.end - end, y.start + start..y.end - end)
}

/// How far each diagonal (place in `a` less place in `b`) is reached.
struct Diagonals {
    reached: Vec<usize>,
    limit: isize,
}

impl Diagonals {
    fn new(limit: usize) -> Self {
        Self { reached: vec![0; 2 * limit + 3], limit: isize::try_from(limit).unwrap_or(0) }
    }

    fn place(&self, diagonal: isize) -> usize {
        (diagonal + self.limit + 1).unsigned_abs()
    }

    fn get(&self, diagonal: isize) -> usize {
        self.reached[self.place(diagonal)]
    }

    /// One edit further than the neighbours reached, then along what is the same.
    fn step(&mut self, diagonal: isize, edits: isize, is_same: impl Fn(usize, usize) -> bool) -> (usize, usize) {
        let (below, above) = (self.get(diagonal - 1), self.get(diagonal + 1));
        let from_above = diagonal == -edits || (diagonal != edits && below < above);
        let start = if from_above { above } else { below + 1 };
        let mut x = start;
        while is_same(x, x.wrapping_add_signed(-diagonal)) {
            x += 1;
        }
        let place = self.place(diagonal);
        self.reached[place] = x;
        (start, x)
    }
}

struct Search {
    forward: Diagonals,
    backward: Diagonals,
}

impl Search {
    /// A place that a shortest edit passes through, about half of it on either side. None where it
    /// is longer than is sought.
    fn middle(&mut self, a: &[usize], b: &[usize]) -> Option<(usize, usize)> {
        let (n, m) = (a.len(), b.len());
        let delta = isize::try_from(n).ok()? - isize::try_from(m).ok()?;
        let (forward, backward) = (&mut self.forward, &mut self.backward);
        let (start_forward, start_backward) = (forward.place(1), backward.place(1));
        forward.reached[start_forward] = 0;
        backward.reached[start_backward] = 0;
        for edits in 0..=forward.limit {
            for diagonal in (-edits..=edits).step_by(2) {
                let (start, x) = forward.step(diagonal, edits, |x, y| x < n && y < m && a[x] == b[y]);
                let met = delta % 2 != 0 && (diagonal - delta).abs() < edits;
                if met && x + backward.get(delta - diagonal) >= n {
                    return Some((start, start.wrapping_add_signed(-diagonal)));
                }
            }
            for diagonal in (-edits..=edits).step_by(2) {
                let (_, x) = backward.step(diagonal, edits, |x, y| x < n && y < m && a[n - 1 - x] == b[m - 1 - y]);
                let met = delta % 2 == 0 && (diagonal - delta).abs() <= edits;
                if met && x + forward.get(delta - diagonal) >= n {
                    return Some((n.checked_sub(x)?, m.checked_sub(x.wrapping_add_signed(-diagonal))?));
                }
            }
        }
        None
    }
}
