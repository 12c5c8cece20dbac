//! What may have been meant: the known name nearest to one that is not known.

/// Within a third of its length; of several equally near the first.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let lower = word.to_lowercase();
    known
        .filter_map(|it| {
            let other = it.to_lowercase();
            // What begins or ends the same is near whatever its length: `accuracy` for `val/accuracy`.
            let is_part = lower.len() > 2 && (other.ends_with(&lower) || other.starts_with(&lower));
            let distance = if is_part { 1 } else { distance(&lower, &other, limit)? };
            Some((distance, it))
        })
        .min_by_key(|it| it.0)
        .map(|it| it.1)
}

/// Insertions, deletions, replacements and swaps of neighbours; `None` beyond `limit`.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let (mut before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            next[j] = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|it| *it <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let known = ["optimizer", "lr", "val/accuracy", "val/loss"];
        let near = |word| nearest(word, known.into_iter());
        assert_eq!(near("optimiser"), Some("optimizer"));
        assert_eq!(near("accuracy"), Some("val/accuracy"));
        assert_eq!(near("val/lsos"), Some("val/loss"));
        assert_eq!(near("temperature"), None);
    }
}
