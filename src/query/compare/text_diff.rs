//! What differs between two texts, line by line, as hunks to show.

use serde::{Deserialize, Serialize};
use std::ops::Range;

use super::myers::Changes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Same,
    Added,
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub kind: Kind,
    /// With its line ending.
    pub text: String,
    /// Bytes of `shown` that differ from the line it replaces or is replaced by.
    pub changed: Option<Range<usize>>,
}

impl Line {
    /// Without its line ending.
    pub fn shown(&self) -> &str {
        shown(&self.text)
    }
}

/// Changed lines that stand close together, and the same ones around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// Place of its first line in either text, from 0.
    pub a_start: usize,
    pub b_start: usize,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDiff {
    pub hunks: Vec<Hunk>,
    pub added: usize,
    pub removed: usize,
    /// Too long or too different: everything between what both begin and end with counts as replaced.
    pub is_rough: bool,
}

/// `context` is how many same lines stand around a change.
pub fn text_diff(a: &str, b: &str, context: usize) -> TextDiff {
    let a: Vec<&str> = a.split_inclusive('\n').collect();
    let b: Vec<&str> = b.split_inclusive('\n').collect();
    let changes = Changes::find(&a, &b);
    let count = |of: &[bool]| of.iter().filter(|it| **it).count();
    TextDiff {
        hunks: hunks(&a, &b, &changes, context),
        added: count(&changes.added),
        removed: count(&changes.removed),
        is_rough: changes.is_rough,
    }
}

fn hunks(a: &[&str], b: &[&str], changes: &Changes, context: usize) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    // Same lines since the last change.
    let mut n_same = 0;
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let is_removed = changes.removed.get(i) == Some(&true);
        let is_added = !is_removed && changes.added.get(j) == Some(&true);
        if !is_removed && !is_added {
            n_same += 1;
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let is_near = !hunks.is_empty() && n_same <= context.saturating_mul(2);
        if !is_near {
            if let Some(hunk) = hunks.last_mut() {
                hunk.lines.extend(a[i - n_same..].iter().take(context).map(|it| line(Kind::Same, it)));
            }
            let before = n_same.min(context);
            hunks.push(Hunk { a_start: i - before, b_start: j - before, lines: Vec::new() });
            n_same = before;
        }
        if let Some(hunk) = hunks.last_mut() {
            hunk.lines.extend(a[i - n_same..i].iter().map(|it| line(Kind::Same, it)));
            hunk.lines.push(if is_removed { line(Kind::Removed, a[i]) } else { line(Kind::Added, b[j]) });
        }
        n_same = 0;
        (i, j) = (i + usize::from(is_removed), j + usize::from(is_added));
    }
    if let Some(hunk) = hunks.last_mut() {
        hunk.lines.extend(a[i - n_same..].iter().take(context).map(|it| line(Kind::Same, it)));
    }
    hunks.iter_mut().for_each(|it| emphasise(&mut it.lines));
    hunks
}

fn line(kind: Kind, text: &str) -> Line {
    Line { kind, text: text.to_owned(), changed: None }
}

fn shown(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Where as many lines were removed as were added in their place, marks in each pair what is not
/// common to both ends.
fn emphasise(lines: &mut [Line]) {
    for block in lines.chunk_by_mut(|a, b| a.kind != Kind::Same && b.kind != Kind::Same) {
        let n_removed = block.iter().take_while(|it| it.kind == Kind::Removed).count();
        let (removed, added) = block.split_at_mut(n_removed);
        if removed.len() != added.len() || added.iter().any(|it| it.kind != Kind::Added) {
            continue;
        }
        for (removed, added) in removed.iter_mut().zip(added) {
            if let Some((was, is)) = apart(removed.shown(), added.shown()) {
                (removed.changed, added.changed) = (Some(was), Some(is));
            }
        }
    }
}

/// What stands between the common ends; none where the ends are no more than what differs.
fn apart(a: &str, b: &str) -> Option<(Range<usize>, Range<usize>)> {
    fn common<'t>(a: impl Iterator<Item = char> + 't, b: impl Iterator<Item = char> + 't) -> usize {
        a.zip(b).take_while(|it| it.0 == it.1).map(|it| it.0.len_utf8()).sum()
    }
    let start = common(a.chars(), b.chars());
    let end = common(a[start..].chars().rev(), b[start..].chars().rev());
    let longest = a.len().max(b.len());
    (2 * (start + end) > longest).then(|| (start..a.len() - end, start..b.len() - end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::compare::myers::MOST_LINES;

    /// As `diff -u` prints it, with `[…]` around what changed within a line.
    #[track_caller]
    fn check(a: &str, b: &str, context: usize, expected: &str) {
        let diff = text_diff(a, b, context);
        let mut said = String::new();
        for hunk in &diff.hunks {
            said += &format!("@ {} {}\n", hunk.a_start, hunk.b_start);
            for line in &hunk.lines {
                let sign = match line.kind {
                    Kind::Same => ' ',
                    Kind::Added => '+',
                    Kind::Removed => '-',
                };
                let text = line.shown();
                let text = match line.changed.clone() {
                    None => text.to_owned(),
                    Some(it) => format!("{}[{}]{}", &text[..it.start], &text[it.clone()], &text[it.end..]),
                };
                said += &format!("{sign}{text}\n");
            }
        }
        assert_eq!(said, expected);
    }

    #[test]
    fn shows_what_changed_in_a_config() {
        let a = "model: mlp\nhidden: 64\nlr: 0.01\nepochs: 10\nseed: 1\ndata: digits\nname: größe-α\nend: 1\n";
        let b = "model: mlp\nhidden: 64\nlr: 0.001\nepochs: 10\nseed: 1\ndata: digits\nname: größe-β\nend: 1\nnew: 2\n";
        let expected = "@ 1 1\n hidden: 64\n-lr: 0.0[]1\n+lr: 0.0[0]1\n epochs: 10\n@ 5 5\n data: digits\n-name: größe-[α]\n+name: größe-[β]\n end: 1\n+new: 2\n";
        check(a, b, 1, expected);
        check(a, a, 3, "");
        check("", "a\n", 3, "@ 0 0\n+a\n");
        check("a\n", "", 3, "@ 0 0\n-a\n");
        check("x\ny\nz\n", "x\nz\n", 0, "@ 1 1\n-y\n");
    }

    #[test]
    fn an_edit_is_the_shortest() {
        // Myers' own example: ABCABBA to CBABAC takes five.
        let lines = |it: &str| it.chars().map(|it| format!("{it}\n")).collect::<String>();
        let diff = text_diff(&lines("ABCABBA"), &lines("CBABAC"), 0);
        assert_eq!((diff.removed, diff.added, diff.is_rough), (3, 2, false));
    }

    #[test]
    fn line_endings_count() {
        let diff = text_diff("a\nb", "a\r\nb\n", 3);
        assert_eq!((diff.removed, diff.added), (2, 2));
        assert!(diff.hunks[0].lines.iter().all(|it| matches!(it.shown(), "a" | "b")));
    }

    #[test]
    fn too_long_or_too_different_is_replaced() {
        let numbers = |from: usize, to: usize| (from..to).map(|it| format!("{it}\n")).collect::<String>();
        let diff = text_diff(&numbers(0, 6000), &format!("0\n{}5999\n", numbers(10_000, 15_000)), 3);
        assert!(diff.is_rough);
        assert_eq!((diff.removed, diff.added), (5998, 5000));
        let (long, longer) = (numbers(0, MOST_LINES), numbers(0, MOST_LINES + 2));
        assert!(!text_diff(&long, &longer, 3).is_rough, "only added at the end");
        assert!(text_diff(&longer, &longer.replace("\n9\n", "\nnine\n"), 3).is_rough);
    }

    /// xorshift64*.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let next = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
            usize::try_from(next).unwrap_or(0) % n
        }

        fn text(&mut self) -> String {
            (0..self.below(14)).map(|_| ["a\n", "b\n", "c\r\n", "ä\n", "\n", "d"][self.below(6)]).collect()
        }
    }

    /// `a` with the hunks put in.
    fn applied(a: &str, diff: &TextDiff) -> String {
        let lines: Vec<&str> = a.split_inclusive('\n').collect();
        let (mut out, mut n_out, mut at) = (String::new(), 0, 0);
        for hunk in &diff.hunks {
            out.extend(lines[at..hunk.a_start].iter().copied());
            n_out += hunk.a_start - at;
            at = hunk.a_start;
            assert_eq!(n_out, hunk.b_start);
            for line in &hunk.lines {
                if line.kind != Kind::Added {
                    assert_eq!(lines[at], line.text);
                    at += 1;
                }
                if line.kind != Kind::Removed {
                    out += &line.text;
                    n_out += 1;
                }
            }
        }
        out.extend(lines[at..].iter().copied());
        out
    }

    /// Of the longest common subsequence, by the plain table.
    fn shortest_edit(a: &str, b: &str) -> usize {
        let (a, b): (Vec<_>, Vec<_>) = (a.split_inclusive('\n').collect(), b.split_inclusive('\n').collect());
        let mut row = vec![0; b.len() + 1];
        for x in &a {
            let mut corner = 0;
            for (j, y) in b.iter().enumerate() {
                let best = if x == y { corner + 1 } else { row[j].max(row[j + 1]) };
                corner = std::mem::replace(&mut row[j + 1], best);
            }
        }
        a.len() + b.len() - 2 * row[b.len()]
    }

    #[test]
    fn applied_to_a_it_gives_b_and_is_shortest() {
        let mut random = Random(7);
        for round in 0..20_000 {
            let (a, b) = (random.text(), random.text());
            let diff = text_diff(&a, &b, random.below(4));
            assert_eq!(applied(&a, &diff), b, "round {round}: {a:?}");
            assert_eq!(diff.added + diff.removed, shortest_edit(&a, &b), "round {round}: {a:?} {b:?}");
            assert!(!diff.is_rough);
        }
    }
}
