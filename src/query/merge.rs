//! Two people changed the same text: what both did, line by line, as one (diff3; Khanna, Kunal and Pierce,
//! "A Formal Investigation of Diff3", 2007). Where both changed the same lines both stand, marked.

use super::compare::myers::Changes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// Places where both stand.
    pub n_conflicts: u32,
}

pub const YOURS: &str = "<<<<<<< yours";
pub const BETWEEN: &str = "=======";
pub const THEIRS: &str = ">>>>>>> theirs";

/// For each line of the base the line of the other that it became; none: it went.
fn matches(base: &[&str], other: &[&str]) -> Vec<Option<usize>> {
    let changes = Changes::find(base, other);
    let mut at = 0;
    let mut next_kept = || {
        while changes.added.get(at) == Some(&true) {
            at += 1;
        }
        at += 1;
        at - 1
    };
    changes.removed.iter().map(|removed| (!removed).then(&mut next_kept)).collect()
}

pub fn merge(base: &str, yours: &str, theirs: &str) -> Merged {
    let [base, yours, theirs] = [base, yours, theirs].map(|it| it.split('\n').collect::<Vec<&str>>());
    let (in_yours, in_theirs) = (matches(&base, &yours), matches(&base, &theirs));
    let mut out: Vec<&str> = Vec::new();
    let mut n_conflicts = 0;
    let (mut b, mut y, mut t) = (0, 0, 0);
    loop {
        // Lines that all three have here.
        while b < base.len() && in_yours[b] == Some(y) && in_theirs[b] == Some(t) {
            out.push(base[b]);
            (b, y, t) = (b + 1, y + 1, t + 1);
        }
        // Up to the next one that all three have.
        let next = (b..base.len()).find_map(|at| Some((at, in_yours[at]?, in_theirs[at]?)));
        let (to_b, to_y, to_t) = next.unwrap_or((base.len(), yours.len(), theirs.len()));
        let (was, mine, other) = (&base[b..to_b], &yours[y..to_y], &theirs[t..to_t]);
        if mine == other || other == was {
            out.extend(mine);
        } else if mine == was {
            out.extend(other);
        } else {
            n_conflicts += 1;
            out.push(YOURS);
            out.extend(mine);
            out.push(BETWEEN);
            out.extend(other);
            out.push(THEIRS);
        }
        (b, y, t) = (to_b, to_y, to_t);
        if next.is_none() {
            break;
        }
    }
    Merged { text: out.join("\n"), n_conflicts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, yours: &str, theirs: &str, expected: &str, n_conflicts: u32) {
        let lines = |it: &str| it.replace(' ', "\n");
        let merged = merge(&lines(base), &lines(yours), &lines(theirs));
        assert_eq!((merged.text.replace('\n', " "), merged.n_conflicts), (expected.to_owned(), n_conflicts));
    }

    #[test]
    fn what_both_did_is_kept() {
        check("a b c d e", "a B c d e", "a b c d E", "a B c d E", 0);
        check("a b c", "a b c x", "z a b c", "z a b c x", 0);
        check("a b c", "a c", "a b c d", "a c d", 0);
        check("a b c", "a X c", "a X c", "a X c", 0);
        check("", "x", "", "x", 0);
    }

    #[test]
    fn the_same_lines_stand_twice_and_marked() {
        check("a b c", "a X c", "a Y c", "a <<<<<<< yours X ======= Y >>>>>>> theirs c", 1);
        check("a b c d", "a c d", "a B c D", "a <<<<<<< yours ======= B >>>>>>> theirs c D", 1);
        let merged = merge("", "mine", "theirs");
        assert_eq!(merged.n_conflicts, 1);
    }
}
