//! What a value turns on: how much worse a small random forest foretells it once a field is shuffled
//! among the runs that its trees did not see, as a share of the value's variance (Breiman, "Random
//! Forests", 2001, section 10), and how the two rise together (Spearman's ρ).

use crate::model::order::sort_by;
use crate::model::sheet::{Importance, Ranking, SheetColumn};
use crate::model::stats::ranks;

const TREES: usize = 100;
const DEEPEST: u32 = 8;
/// Of more runs a part is as good.
const MOST_RUNS: usize = 1_000;
/// Runs in a leaf.
const LEAST: usize = 2;

/// Of the last column by all before it. None: too few runs have it.
pub fn ranking(columns: &[SheetColumn]) -> Option<Ranking> {
    const FEWEST: usize = 8;
    let (target, fields) = columns.split_last()?;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut rows: Vec<usize> = (0..target.numbers.len()).filter(|row| target.numbers[*row].is_finite()).collect();
    if rows.len() < FEWEST || fields.is_empty() {
        return None;
    }
    let n_runs = rows.len();
    random.shuffle(&mut rows);
    rows.truncate(MOST_RUNS);
    let pick = |column: &SheetColumn| rows.iter().map(|row| column.numbers[*row]).collect::<Vec<f64>>();
    // A run without a value stands before all that have one.
    let x: Vec<Vec<f64>> = fields
        .iter()
        .map(|it| pick(it).into_iter().map(|it| if it.is_nan() { f64::NEG_INFINITY } else { it }).collect())
        .collect();
    let y = pick(target);
    let n = count(y.len());
    let mean = y.iter().sum::<f64>() / n;
    let variance = y.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n;
    if variance <= 0.0 {
        return None;
    }
    let forest = Forest { x: &x, y: &y };
    let (losses, error) = forest.losses(&mut random);
    let said = |(column, loss): (&SheetColumn, &f64)| {
        let is_ordered = column.labels.is_empty();
        let correlation = if is_ordered { spearman(&pick(column), &y) } else { f64::NAN };
        Importance { field: column.field.clone(), share: (loss / variance).max(0.0), correlation }
    };
    let mut fields: Vec<Importance> = fields.iter().zip(&losses).map(said).collect();
    sort_by(&mut fields, |a, b| b.share.total_cmp(&a.share));
    Some(Ranking { n_runs: u32::try_from(n_runs).unwrap_or(u32::MAX), explained: 1.0 - error / variance, fields })
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

struct Forest<'a> {
    /// Field by field.
    x: &'a [Vec<f64>],
    y: &'a [f64],
}

enum Tree {
    Leaf(f64),
    Split { field: usize, at: f64, below: Box<Tree>, above: Box<Tree> },
}

impl Forest<'_> {
    /// Of each field what its shuffling costs, and the error of all as they are; both as mean squares
    /// over the runs that a tree did not see.
    fn losses(&self, random: &mut Random) -> (Vec<f64>, f64) {
        let n = self.y.len();
        let mut losses = vec![0.0; self.x.len()];
        let (mut sums, mut n_votes) = (vec![0.0; n], vec![0.0; n]);
        let mut n_trees = 0.0;
        for _ in 0..TREES {
            let mut seen = vec![false; n];
            let mut rows: Vec<usize> = (0..n).map(|_| random.below(n)).collect();
            rows.iter().for_each(|row| seen[*row] = true);
            let tree = self.grow(&mut rows, DEEPEST, random);
            let unseen: Vec<usize> = (0..n).filter(|row| !seen[*row]).collect();
            if unseen.is_empty() {
                continue;
            }
            n_trees += 1.0;
            let error = |of: &dyn Fn(usize) -> f64| {
                unseen.iter().enumerate().map(|(at, row)| (of(at) - self.y[*row]).powi(2)).sum::<f64>()
                    / count(unseen.len())
            };
            let told: Vec<f64> = unseen.iter().map(|row| self.tell(&tree, &|field| self.x[field][*row])).collect();
            for (row, value) in unseen.iter().zip(&told) {
                sums[*row] += value;
                n_votes[*row] += 1.0;
            }
            let base = error(&|at| told[at]);
            for (field, loss) in losses.iter_mut().enumerate() {
                let mut others = unseen.clone();
                random.shuffle(&mut others);
                let shuffled = |at: usize| {
                    let value = |it: usize| if it == field { self.x[it][others[at]] } else { self.x[it][unseen[at]] };
                    self.tell(&tree, &value)
                };
                *loss += error(&shuffled) - base;
            }
        }
        losses.iter_mut().for_each(|it| *it /= f64::max(n_trees, 1.0));
        let voted: Vec<usize> = (0..n).filter(|row| n_votes[*row] > 0.0).collect();
        let error = voted.iter().map(|row| (sums[*row] / n_votes[*row] - self.y[*row]).powi(2)).sum::<f64>();
        (losses, error / count(voted.len()).max(1.0))
    }

    fn tell(&self, tree: &Tree, value: &dyn Fn(usize) -> f64) -> f64 {
        match tree {
            Tree::Leaf(mean) => *mean,
            Tree::Split { field, at, below, above } => {
                self.tell(if value(*field) <= *at { below } else { above }, value)
            }
        }
    }

    fn grow(&self, rows: &mut [usize], depth: u32, random: &mut Random) -> Tree {
        let mean = rows.iter().map(|row| self.y[*row]).sum::<f64>() / count(rows.len()).max(1.0);
        let best = if depth == 0 || rows.len() < 2 * LEAST { None } else { self.split(rows, random) };
        let Some((field, at)) = best else { return Tree::Leaf(mean) };
        sort(rows, &self.x[field]);
        let middle = rows.partition_point(|row| self.x[field][*row] <= at);
        let (below, above) = rows.split_at_mut(middle);
        let below = Box::new(self.grow(below, depth - 1, random));
        Tree::Split { field, at, below, above: Box::new(self.grow(above, depth - 1, random)) }
    }

    /// The field and place that leave the least of the squares, among a third of the fields.
    fn split(&self, rows: &mut [usize], random: &mut Random) -> Option<(usize, f64)> {
        let n_tried = self.x.len().div_ceil(3).max(2).min(self.x.len());
        let mut fields: Vec<usize> = (0..self.x.len()).collect();
        random.shuffle(&mut fields);
        let total: f64 = rows.iter().map(|row| self.y[*row]).sum();
        let n = count(rows.len());
        let mut best: Option<(f64, usize, f64)> = None;
        for field in fields.into_iter().take(n_tried) {
            let x = &self.x[field];
            sort(rows, x);
            let mut sum = 0.0;
            for at in 1..rows.len() {
                sum += self.y[rows[at - 1]];
                let (left, right) = (x[rows[at - 1]], x[rows[at]]);
                if left == right || at < LEAST || rows.len() - at < LEAST {
                    continue;
                }
                // What the two means explain.
                let explained = sum * sum / count(at) + (total - sum).powi(2) / (n - count(at));
                if best.is_none_or(|it| explained > it.0) {
                    best = Some((explained, field, left));
                }
            }
        }
        best.filter(|it| it.0 > total * total / n * (1.0 + 1e-12)).map(|it| (it.1, it.2))
    }
}

/// Places by their numbers. In one place, as each sort is compiled anew.
fn sort(rows: &mut [usize], by: &[f64]) {
    rows.sort_unstable_by(|a, b| by[*a].total_cmp(&by[*b]));
}

/// As `Series.corr(method="spearman")` of pandas: pairs with a NaN are left out.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = a.iter().zip(b).filter(|it| !it.0.is_nan() && !it.1.is_nan()).unzip();
    let (a, b) = (ranks(&a), ranks(&b));
    let n = count(a.len());
    let mean = (n - 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        ab += (a - mean) * (b - mean);
        aa += (a - mean).powi(2);
        bb += (b - mean).powi(2);
    }
    ab / (aa * bb).sqrt()
}

/// Xorshift, the same each time: the same runs give the same figures.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = self.below(at + 1);
            all.swap(at, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    fn column(name: &str, numbers: Vec<f64>) -> SheetColumn {
        SheetColumn { field: Field::Param(name.into()), labels: Vec::new(), numbers }
    }

    #[test]
    fn what_it_turns_on_comes_first_and_what_does_nothing_is_nothing() {
        let mut random = Random(7);
        let mut unit = |n: usize| (0..n).map(|_| count(random.below(1_000)) / 1_000.0).collect::<Vec<f64>>();
        let (strong, weak, idle) = (unit(200), unit(200), unit(200));
        let y = strong.iter().zip(&weak).map(|(a, b)| 1.0 - 3.0 * a + b).collect();
        let columns = [column("idle", idle), column("weak", weak), column("strong", strong), column("y", y)];
        let found = ranking(&columns).expect("enough runs");
        let names: Vec<&str> = found.fields.iter().map(|it| it.field.label()).collect();
        assert_eq!(names, ["strong", "weak", "idle"]);
        let shares: Vec<f64> = found.fields.iter().map(|it| it.share).collect();
        assert!(shares[0] > 1.0 && shares[1] > 0.03 && shares[2] < 0.02, "{shares:?}");
        assert!(found.fields[0].correlation < -0.9 && found.explained > 0.8, "{found:?}");
        assert_eq!(ranking(&columns), Some(found), "the same each time");
    }

    /// pandas: `Series([1, 2, 2, 5, nan]).corr(Series([3, 1, 4, 6, 9]), method="spearman")`.
    #[test]
    fn correlation_is_that_of_pandas() {
        let found = spearman(&[1.0, 2.0, 2.0, 5.0, f64::NAN], &[3.0, 1.0, 4.0, 6.0, 9.0]);
        assert!((found - 0.632_455_532_033_675_9).abs() < 1e-12, "{found}");
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(ranking(&[]), None);
        assert_eq!(ranking(&[column("y", vec![1.0; 50])]), None);
        assert_eq!(ranking(&[column("a", vec![1.0; 50]), column("y", vec![1.0; 50])]), None);
        assert_eq!(ranking(&[column("a", vec![1.0; 3]), column("y", vec![1.0, 2.0, 3.0])]), None);
        let nan = vec![f64::NAN; 20];
        let y: Vec<f64> = (0u32..20).map(f64::from).collect();
        let found = ranking(&[column("a", nan), column("y", y)]).expect("runs");
        assert_eq!(found.fields[0].share, 0.0);
    }
}
