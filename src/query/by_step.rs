//! Files that were logged again and again while a run went on: which of them belong together, and at which step each
//! was logged. Only names tell: `grid+step+3+timestamp+1700+ab12.png` as MLflow's `log_image` has it (or with `%`),
//! `samples_step_0100.txt`, `epoch=3-step=300.json`, `00012.png`.

use std::collections::HashMap;

use crate::model::order::sort_by;

/// A number after such a word says when; the first that is there counts.
const WORDS: [&str; 4] = ["step", "iteration", "iter", "epoch"];
/// Digits from which a bare number at a name's end is a step and no class or fold.
const PADDED: usize = 4;

/// All of a run's, in the order of their names, 2 before 10.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByStep {
    /// Of each kind the steps and the files, ascending.
    kinds: Vec<Vec<(u64, String)>>,
    /// Without a step.
    others: Vec<String>,
}

impl ByStep {
    pub fn of(mut paths: Vec<String>) -> Self {
        let key: HashMap<String, Vec<(u64, String)>> = paths.iter().map(|it| (it.clone(), natural(it))).collect();
        sort_by(&mut paths, |a, b| key.get(a).cmp(&key.get(b)));
        let (mut found, mut places) = (ByStep::default(), HashMap::new());
        for path in paths {
            let Some((kind, step)) = parts(&path) else {
                found.others.push(path);
                continue;
            };
            let place = *places.entry(kind).or_insert(found.kinds.len());
            match found.kinds.get_mut(place) {
                Some(all) => all.push((step, path)),
                None => found.kinds.push(vec![(step, path)]),
            }
        }
        // Of one step the first name: the same picture in two formats is one.
        found.kinds.iter_mut().for_each(|it| sort_by(it, |a, b| a.0.cmp(&b.0)));
        found.kinds.iter_mut().for_each(|it| it.dedup_by_key(|it| it.0));
        found
    }

    pub fn steps(&self) -> impl Iterator<Item = u64> {
        self.kinds.iter().flatten().map(|it| it.0)
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.others.is_empty()
    }

    /// Of each kind the last until a step, and what has none; without a step the last of all.
    pub fn at(&self, step: Option<u64>) -> Vec<String> {
        let last = |all: &Vec<(u64, String)>| {
            let n = step.map_or(all.len(), |step| all.partition_point(|it| it.0 <= step));
            all.get(n.checked_sub(1)?).map(|it| it.1.clone())
        };
        self.kinds.iter().filter_map(last).chain(self.others.iter().cloned()).collect()
    }
}

/// A file's name without all that says when, the same for all of a kind, and the step.
pub fn parts(path: &str) -> Option<(String, u64)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    // When it was logged, and under which number, is another each time.
    let name = ["+timestamp", "%timestamp"].iter().filter_map(|it| name.find(it)).min().map_or(name, |at| &name[..at]);
    let stem =
        name.rsplit_once('.').filter(|it| !ends_in_number(it.0) || !it.1.starts_with(|it: char| it.is_ascii_digit()));
    let stem = stem.map_or(name, |it| it.0);
    let mut kind = stem.to_owned();
    let mut step = None;
    for word in WORDS {
        while let Some((from, digits, to)) = worded(&kind, word) {
            step = step.or(kind[digits..to].parse().ok());
            let decimals = fraction(&kind[to..]);
            kind.replace_range(from..to + decimals, "");
        }
    }
    if step.is_none() {
        let from = stem.trim_end_matches(|it: char| it.is_ascii_digit()).len();
        let is_whole = from == 0 || (stem.len() - from >= PADDED && stem[..from].ends_with(['_', '-', '.', ' ']));
        step = (from < stem.len() && is_whole).then(|| stem[from..].parse().ok())?;
        kind = stem[..from].to_owned();
    }
    // What was measured then, as in `step_3_loss_0.25`.
    while let Some((from, to)) = decimal(&kind) {
        kind.replace_range(from..to, "");
    }
    Some((format!("{folder}/{kind}"), step?))
}

fn ends_in_number(it: &str) -> bool {
    it.ends_with(|it: char| it.is_ascii_digit())
}

/// Where a word with a number after it begins, where its digits begin, and where they end.
fn worded(name: &str, word: &str) -> Option<(usize, usize, usize)> {
    let lower = name.to_ascii_lowercase();
    lower.match_indices(word).find_map(|(from, _)| {
        let after = from + word.len();
        // Between the word and its number stands a sign at most.
        let sign = lower[after..].chars().next().filter(|it| !it.is_alphanumeric()).map_or(0, char::len_utf8);
        let n = lower[after + sign..].bytes().take_while(u8::is_ascii_digit).count();
        (n > 0).then_some((from, after + sign, after + sign + n))
    })
}

/// Bytes of a fraction that begins here.
fn fraction(rest: &str) -> usize {
    let digits = rest.strip_prefix('.').map_or(0, |it| it.bytes().take_while(u8::is_ascii_digit).count());
    if digits > 0 { digits + 1 } else { 0 }
}

/// The first number with a fraction.
fn decimal(name: &str) -> Option<(usize, usize)> {
    name.match_indices('.').find_map(|(dot, _)| {
        let before = name[..dot].bytes().rev().take_while(u8::is_ascii_digit).count();
        let after = fraction(&name[dot..]);
        (before > 0 && after > 0).then_some((dot - before, dot + after))
    })
}

/// Numbers in a name count as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|it: char| it.is_ascii_digit()).unwrap_or(rest.len());
        let (before, after) = rest.split_at(text);
        let digits = after.find(|it: char| !it.is_ascii_digit()).unwrap_or(after.len());
        parts.push((0, before.to_owned()));
        parts.push((after[..digits].parse().unwrap_or(u64::MAX), String::new()));
        rest = &after[digits..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<(&str, u64)>) {
        assert_eq!(parts(path), expected.map(|it| (it.0.to_owned(), it.1)), "{path}");
    }

    #[test]
    fn a_name_tells_its_step() {
        check("images/grid%step%3%timestamp%1700000000%ab12.png", Some(("images/grid%", 3)));
        check("images/grid+step+40+timestamp+1700000000+ab12+compressed.webp", Some(("images/grid+", 40)));
        check("samples_step_0100.txt", Some(("/samples_", 100)));
        check("Step12_left.png", Some(("/_left", 12)));
        check("a/epoch-7.json", Some(("a/", 7)));
        check("a/iteration 9.json", Some(("a/", 9)));
        check("a/00012.png", Some(("a/", 12)));
        check("a/12.png", Some(("a/", 12)));
        check("a/pred.0200.csv", Some(("a/pred.", 200)));
        check("größe_step5.png", Some(("/größe_", 5)));
    }

    #[test]
    fn all_that_says_when_is_left_out_of_the_kind() {
        check("epoch=3-step=300.json", Some(("/-", 300)));
        check("epoch=12-step=1500.json", Some(("/-", 1500)));
        check("epoch_3_step_100.png", Some(("/_", 100)));
        check("step_3_loss_0.25.png", Some(("/_loss_", 3)));
        check("step_30_loss_0.031.png", Some(("/_loss_", 30)));
        check("step_3.5.png", Some(("/", 3)));
    }

    #[test]
    fn other_numbers_are_no_steps() {
        for name in [
            "model.png",
            "resnet50.png",
            "stepwise.png",
            "misstep/notes.txt",
            "class_0.png",
            "fold_1.png",
            "roc_curve_2.png",
            "v1.5.txt",
            "step99999999999999999999.png",
            "step٣.png",
            "ſtep3.png",
            "",
            "/",
            "step",
            "....",
        ] {
            check(name, None);
        }
    }

    #[test]
    fn of_each_kind_the_last_until_a_step_is_shown() {
        let all = ["b_step10.png", "b_step2.png", "b_step2.webp", "0005.txt", "class_10.png", "class_2.png"]
            .map(str::to_owned);
        let all = ByStep::of(all.into());
        assert_eq!(all.at(Some(2)), ["b_step2.png", "class_2.png", "class_10.png"]);
        assert_eq!(all.at(Some(7)), ["0005.txt", "b_step2.png", "class_2.png", "class_10.png"]);
        assert_eq!(all.at(None), ["0005.txt", "b_step10.png", "class_2.png", "class_10.png"]);
        assert_eq!(all.steps().collect::<Vec<_>>(), [5, 2, 10]);
        assert_eq!(ByStep::of(Vec::new()).at(Some(1)), [] as [String; 0]);
        assert!(ByStep::of(Vec::new()).is_empty());
    }
}
