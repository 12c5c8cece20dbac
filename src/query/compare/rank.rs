//! What changed between runs that may have to do with their outcome, the most telling first. It
//! finds what goes along with a difference, not what made it: that takes an experiment.
//!
//! Lines stand by kind: data, then other inputs (params, packages, code), then seeds, then marks
//! (who, where, when). Within a kind by strength, from 0 to 1:
//!
//! - With a metric in three runs or more: the share of the metric's variance that the line's values
//!   explain, less what as many values would explain by chance, `1 − (1 − R²)(n − 1)/(n − 1 − p)`,
//!   and no less than 0. R² is that of the means of runs with the same value (`p` is the number of
//!   values less one) or, of numbers, that of a straight line over their ranks (`p` is 1), whichever
//!   is stronger. So a name that is different in each run explains nothing.
//! - Without: the share of runs that are as the baseline is. What differs in few stands out.

use super::diff::{Line, Part};
use super::split::{Outcome, Split, Values, goes_along};
use crate::model::order::sort_by;
use crate::query::group::is_seed;

#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Index into the lines that were given.
    pub line: usize,
    pub kind: Kind,
    /// The kind's rank plus the strength; greater comes first.
    pub score: f64,
    /// Short and plain, as `−0.031 where 0.1 instead of 0.01`.
    pub why: String,
}

/// The last comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Who, where, when.
    Mark,
    Seed,
    Input,
    /// Runs on other data do not compare at all.
    Data,
}

impl Kind {
    /// None for an outcome, which is no cause.
    fn of(line: &Line) -> Option<Self> {
        let name = line.name.to_lowercase();
        match line.part {
            // Files are what came out, as the model is.
            Part::Metrics | Part::Model | Part::Artifacts => None,
            Part::Run if line.name != "user" => None,
            Part::Run => Some(Kind::Mark),
            Part::Data => Some(Kind::Data),
            Part::Packages | Part::Code => Some(Kind::Input),
            Part::Params if is_seed(&line.name) => Some(Kind::Seed),
            Part::Params if is_mark(&name) => Some(Kind::Mark),
            Part::Params => Some(Kind::Input),
            Part::Tags if is_code(&name) => Some(Kind::Input),
            Part::Tags => Some(Kind::Mark),
        }
    }

    fn rank(self) -> f64 {
        match self {
            Kind::Mark => 0.0,
            Kind::Seed => 1.0,
            Kind::Input => 2.0,
            Kind::Data => 3.0,
        }
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty())
}

fn is_code(name: &str) -> bool {
    words(name).any(|it| matches!(it, "commit" | "sha" | "revision" | "branch" | "version" | "source"))
}

/// A param that only says who, where or when.
fn is_mark(name: &str) -> bool {
    let last = name.rsplit(['/', '.']).next().unwrap_or(name);
    // Only at the end: `user_dim` is none.
    let is_who = matches!(
        words(last).last(),
        Some("host" | "hostname" | "user" | "username" | "date" | "timestamp" | "datetime" | "uuid")
    );
    is_who
        || matches!(
            last,
            "run_name" | "run_id" | "experiment_name" | "exp_name" | "output_dir" | "log_dir" | "save_dir"
        )
}

/// The lines that differ and are no outcomes, those that tell most first; of equals in the order of
/// the lines. `baseline` is the run the others are held against.
pub fn causes(lines: &[Line], baseline: usize, outcome: Option<Outcome>) -> Vec<Cause> {
    let outcome = outcome.and_then(|it| Values::of(it, baseline));
    let cause = |(at, line): (usize, &Line)| {
        let kind = Kind::of(line).filter(|_| line.differs && baseline < line.values.len())?;
        let split = Split::of(line, baseline);
        let (strength, said) = match &outcome {
            Some(outcome) => goes_along(&split, outcome),
            None => (split.share_as_baseline(), None),
        };
        let why = [loud(kind).map(str::to_owned), said.or_else(|| split.plain())];
        let why = why.into_iter().flatten().collect::<Vec<_>>().join("; ");
        Some(Cause { line: at, kind, score: kind.rank() + strength, why })
    };
    let mut causes: Vec<Cause> = lines.iter().enumerate().filter_map(cause).collect();
    sort_by(&mut causes, |a, b| b.score.total_cmp(&a.score));
    causes
}

fn loud(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Data => Some("not the same data"),
        Kind::Seed => Some("a seed: some difference is chance"),
        Kind::Input | Kind::Mark => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Dataset, MetricValue, Run};
    use crate::query::compare::diff::lines;

    struct Random(u64);

    impl Random {
        /// From 0 to 1; xorshift64*.
        fn next(&mut self) -> f64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            f64::from(u32::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32).expect("32 bits"))
                / f64::from(u32::MAX)
        }
    }

    fn run(params: &[(&str, &str)], acc: Option<f64>) -> Run {
        let mut run = Run::empty("r".into());
        run.params = params.iter().map(|it| (it.0.into(), it.1.into())).collect();
        run.metrics =
            acc.map(|value| ("acc".into(), MetricValue { value, step: 0.0, time: 0.0 })).into_iter().collect();
        run
    }

    /// `name: why`, with accuracy as the outcome.
    fn said(runs: &[Run], lower: Option<bool>) -> Vec<String> {
        let lines = lines(&runs.iter().collect::<Vec<_>>());
        let metric = lines.iter().find(|it| it.name == "acc");
        let outcome = metric.map(|metric| Outcome { metric, is_lower_better: lower });
        causes(&lines, 0, outcome).iter().map(|it| format!("{}: {}", lines[it.line].name, it.why)).collect()
    }

    #[test]
    fn a_planted_cause_comes_first() {
        for seed in 1..=50 {
            let mut random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
            let made = |i: usize, random: &mut Random| {
                let is_planted = [2, 5, 6, 19].contains(&i);
                let acc = if is_planted { 0.60 } else { 0.90 } + 0.02 * random.next();
                let mut run =
                    run(&[("opt", if is_planted { "sgd" } else { "adam" }), ("seed", &i.to_string())], Some(acc));
                for noise in 0..20 {
                    let value =
                        if noise % 2 == 0 { format!("{:.0}", 2.0 * random.next()) } else { random.next().to_string() };
                    run.params.push((format!("noise{noise}"), value));
                }
                run.params.push(("name".into(), format!("run-{i}")));
                run.tags.push(("host".into(), if is_planted { "b" } else { "a" }.into()));
                run
            };
            let runs: Vec<Run> = (0..20).map(|i| made(i, &mut random)).collect();
            let said = said(&runs, Some(false));
            assert!(said[0].starts_with("opt: in 4 of "), "{}", said[0]);
            assert!(said[0].contains("where sgd instead of adam"), "{}", said[0]);
            assert!(said[said.len() - 1].starts_with("host: "), "a mark comes last, however well it goes along");
            assert!(said[said.len() - 2].starts_with("seed: a seed: some difference is chance"));
        }
    }

    #[test]
    fn says_why_in_plain_words() {
        let made =
            |lr: &str, width: &str, opt: &str, acc: f64| run(&[("lr", lr), ("width", width), ("opt", opt)], Some(acc));
        let runs = [
            made("0.01", "8", "adam", 0.90),
            made("0.010", "16", "sgd", 0.91),
            made("0.1", "32", "adam", 0.859),
            made("0.1", "64", "sgd", 0.861),
            made("0.01", "128", "adam", 0.92),
        ];
        let expected = [
            "lr: in 2 of 2 worse runs and in 0 of 3 others, −0.05 where 0.1 instead of 0.01",
            "opt: in 1 of 2 worse runs and in 1 of 3 others, −0.0075 where sgd instead of adam",
            "width: −0.041 where 32 instead of 8",
        ];
        let got = said(&runs, Some(false));
        assert_eq!(got, expected);
        assert_eq!(said(&runs, None)[0], "lr: −0.05 where 0.1 instead of 0.01");
        let rising: Vec<Run> =
            ["8", "16", "32", "64"].iter().zip([0.7, 0.75, 0.8, 0.82]).map(|it| made("1", it.0, "a", it.1)).collect();
        assert_eq!(said(&rising, Some(false)), ["width: the metric goes up as it goes up, over 4 values"]);
    }

    #[test]
    fn other_data_comes_first_and_code_before_marks() {
        let mut runs = [run(&[("lr", "1"), ("seed", "1")], Some(0.9)), run(&[("lr", "2"), ("seed", "2")], Some(0.8))];
        for (run, which) in runs.iter_mut().zip(["x", "y"]) {
            let empty = String::new;
            run.datasets.push(Dataset {
                name: "train".into(),
                digest: which.into(),
                context: empty(),
                source_type: empty(),
                source: empty(),
                schema: empty(),
                profile: empty(),
            });
            run.tags = vec![("git.commit".into(), which.into()), ("note".into(), which.into())];
            run.user = which.into();
        }
        let expected = [
            "train: not the same data; y instead of x",
            "lr: 2 instead of 1",
            "git.commit: y instead of x",
            "seed: a seed: some difference is chance; 2 instead of 1",
            "note: y instead of x",
            "user: y instead of x",
        ];
        assert_eq!(said(&runs, Some(false)), expected);
    }

    #[test]
    fn a_run_that_diverged_counts_as_worst() {
        let made = |lr: &str, other: &str, acc: f64| run(&[("lr", lr), ("other", other)], Some(acc));
        let runs = [made("1", "a", 0.9), made("1", "b", 0.91), made("9", "a", f64::NAN), made("1", "b", 0.92)];
        let got = said(&runs, Some(false));
        assert_eq!(got[0], "lr: in 1 of 1 worse runs and in 0 of 3 others, diverged where 9 instead of 1");
        let from_it = [runs[2].clone(), runs[0].clone(), runs[1].clone()];
        assert_eq!(said(&from_it, Some(false))[0], "lr: a number where 1 instead of 9");
    }

    #[test]
    fn ties_keep_their_order_and_nothing_is_no_cause() {
        let made = |value: &str, acc| run(&[("a", value), ("b", value), ("c", "same")], acc);
        let runs = [made("1", Some(0.5)), made("2", Some(0.5)), made("2", Some(0.5)), made("1", None)];
        assert_eq!(said(&runs, Some(false)), ["a: 2 instead of 1 in 2 of 3 runs", "b: 2 instead of 1 in 2 of 3 runs"]);
        let bare = [made("1", None), run(&[], None)];
        assert_eq!(said(&bare, None), ["a: none instead of 1", "b: none instead of 1", "c: none instead of same"]);
        assert!(said(&[run(&[], None)], None).is_empty());
        assert!(causes(&[], 3, None).is_empty());
        let (few, many) = (lines(&[&bare[0], &bare[1]]), lines(&runs.iter().collect::<Vec<_>>()));
        let outcome = many.iter().find(|it| it.name == "acc").map(|metric| Outcome { metric, is_lower_better: None });
        assert_eq!(causes(&few, 1, outcome).len(), 3, "lines of fewer runs than the metric");
        let infinite = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX, f64::MIN];
        let infinite: Vec<Run> = infinite.iter().map(|it| run(&[("x", &it.to_string())], Some(*it))).collect();
        assert_eq!(said(&infinite, Some(true)).len(), 1);
    }

    #[test]
    fn tells_marks_from_inputs() {
        assert!(["host", "env/hostname", "start_date", "run_name", "train.output_dir"].iter().all(|it| is_mark(it)));
        assert!(["lr", "user_dim", "date_features", "name", ""].iter().all(|it| !is_mark(it)));
        assert!(is_code("mlflow.source.git.commit") && is_code("git_sha") && !is_code("sharding"));
    }
}
