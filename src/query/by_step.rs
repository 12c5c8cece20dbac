//! Files that were logged again and again while a run went on: which of them belong together, and at which step each
//! was logged. Only names tell: `grid+step+3+timestamp+1700+ab12.png` as MLflow's `log_image` has it (or with `%`),
//! `samples_step_0100.txt`, `epoch-12/…`, `00012.png`.

use crate::model::order::sort_by;

/// A file's name without its step, the same for all of a kind, and the step.
pub fn parts(path: &str) -> Option<(String, u64)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    for word in ["step", "epoch", "iter", "iteration"] {
        for (at, _) in lower.match_indices(word) {
            let after = at + word.len();
            let Some(digits) = lower[after..].find(|it: char| it.is_ascii_digit()).map(|it| after + it) else {
                continue;
            };
            // Between the word and its number stands a sign at most.
            if digits - after <= 1 && lower.is_char_boundary(at) {
                return of(folder, name, &name[..at], digits);
            }
        }
    }
    let stem = name.rsplit_once('.').map_or(name, |it| it.0);
    let digits = stem.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let is_apart = digits == 0 || stem[..digits].ends_with(['_', '-', '.', ' ']);
    (digits < stem.len() && is_apart).then(|| of(folder, name, &name[..digits], digits)).flatten()
}

/// `before`: what stands before the step; `digits`: where its number begins.
fn of(folder: &str, name: &str, before: &str, digits: usize) -> Option<(String, u64)> {
    let n = name[digits..].find(|it: char| !it.is_ascii_digit()).unwrap_or(name.len() - digits);
    let step = name[digits..digits + n].parse().ok()?;
    let rest = &name[digits + n..];
    // When it was logged is another each time.
    let is_time = rest.strip_prefix(['%', '+']).is_some_and(|it| it.starts_with("timestamp"));
    let rest = if is_time { "" } else { rest.rsplit_once('.').map_or("", |it| it.0) };
    Some((format!("{folder}/{before}{rest}"), step))
}

/// What of a run's files is shown at a step: of each kind the last until then, and what has no step. `paths` in any
/// order; the same picture in two formats is one.
pub fn at_step(paths: &[String], step: Option<u64>) -> Vec<String> {
    let mut kinds: Vec<(String, u64, String)> = Vec::new();
    let mut shown = Vec::new();
    for path in sorted(paths) {
        match parts(&path) {
            None => shown.push(path),
            Some((_, at)) if step.is_some_and(|it| at > it) => {}
            Some((kind, at)) => match kinds.iter_mut().find(|it| it.0 == kind) {
                // A tie: the format that was written first, by its name.
                Some(held) if at > held.1 => (held.1, held.2) = (at, path),
                Some(_) => {}
                None => kinds.push((kind, at, path)),
            },
        }
    }
    kinds.into_iter().map(|it| it.2).chain(shown).collect()
}

/// 2 before 10.
fn sorted(paths: &[String]) -> Vec<String> {
    let mut all = paths.to_vec();
    sort_by(&mut all, |a, b| natural(a).cmp(&natural(b)));
    all
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
        check("images/grid%step%3%timestamp%1700000000%ab12.webp", Some(("images/grid%", 3)));
        check("images/grid+step+40+timestamp+1700000000+ab12+compressed.webp", Some(("images/grid+", 40)));
        check("samples_step_0100.txt", Some(("/samples_", 100)));
        check("Step12_left.png", Some(("/_left", 12)));
        check("a/epoch-7.json", Some(("a/", 7)));
        check("a/00012.png", Some(("a/", 12)));
        check("a/pred.200.csv", Some(("a/pred.", 200)));
        check("model.png", None);
        check("resnet50.png", None);
        check("stepwise.png", None);
        check("misstep/notes.txt", None);
        check("größe_step5.png", Some(("/größe_", 5)));
        check("step99999999999999999999.png", None);
        check("", None);
    }

    #[test]
    fn of_each_kind_the_last_until_a_step_is_shown() {
        let all: Vec<String> =
            ["b_step10.png", "b_step2.png", "b_step2.webp", "a_5.txt", "model.png"].map(str::to_owned).into();
        assert_eq!(at_step(&all, Some(2)), ["b_step2.png", "model.png"]);
        assert_eq!(at_step(&all, Some(7)), ["a_5.txt", "b_step2.png", "model.png"]);
        assert_eq!(at_step(&all, None), ["a_5.txt", "b_step10.png", "model.png"]);
        assert_eq!(at_step(&[], Some(1)), [] as [String; 0]);
    }
}
