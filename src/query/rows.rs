//! Which rows match and in which order.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::model::table::TextColumn;
use crate::model::value::number;
use crate::model::{Field, Lifecycle, RunTable};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsQuery {
    /// Words that must all occur in the run's name, id, user, params or tags. Case does not matter.
    pub search: String,
    /// First decides, the next ones break ties; the last resort is newest first.
    pub sort: Vec<Sort>,
    pub lifecycle: Lifecycle,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    pub field: Field,
    pub descending: bool,
}

impl Default for RowsQuery {
    fn default() -> Self {
        Self { search: String::new(), sort: Vec::new(), lifecycle: Lifecycle::Active }
    }
}

/// Row numbers that match, in order. Missing values stand last in both directions, NaN before them.
pub fn rows(table: &RunTable, query: &RowsQuery) -> Vec<u32> {
    let words: Vec<String> = query.search.split_whitespace().map(str::to_lowercase).collect();
    let matching = matching(table, &words);
    let mut rows: Vec<u32> = (0..table.n_rows())
        .filter(|row| {
            table.lifecycle[*row as usize] == query.lifecycle && matching.as_ref().is_none_or(|it| it[*row as usize])
        })
        .collect();
    let keys: Vec<(Keys, bool)> = query.sort.iter().map(|it| (Keys::new(table, &it.field), it.descending)).collect();
    let newest = &table.start;
    rows.sort_unstable_by(|a, b| {
        for (keys, descending) in &keys {
            let order = keys.compare(*a, *b, *descending);
            if order != Ordering::Equal {
                return order;
            }
        }
        let (start_a, start_b) = (newest[*a as usize], newest[*b as usize]);
        last_if(start_a.is_nan(), start_b.is_nan())
            .then_with(|| start_b.total_cmp(&start_a))
            .then_with(|| table.id(*a).cmp(table.id(*b)))
    });
    rows
}

fn last_if(a: bool, b: bool) -> Ordering {
    a.cmp(&b)
}

/// For each row whether every word occurs somewhere; `None` when there is no word.
fn matching(table: &RunTable, words: &[String]) -> Option<Vec<bool>> {
    if words.is_empty() {
        return None;
    }
    let mut all = vec![true; table.len()];
    for word in words {
        let mut hit = vec![false; table.len()];
        for row in 0..table.n_rows() {
            hit[row as usize] = table.id(row).as_str().contains(word.as_str());
        }
        let texts = [&table.names, &table.users].into_iter().chain(table.params.values()).chain(
            // Tags of the tracker itself are long JSON that everything would match.
            table.tags.iter().filter(|it| !it.0.starts_with("mlflow.")).map(|it| it.1),
        );
        for column in texts {
            mark(column, word, &mut hit);
        }
        for (all, hit) in all.iter_mut().zip(hit) {
            *all &= hit;
        }
    }
    Some(all)
}

/// Looks at each different text once.
fn mark(column: &TextColumn, word: &str, hit: &mut [bool]) {
    let found: Vec<bool> = column.texts().iter().map(|it| it.to_lowercase().contains(word)).collect();
    if found.contains(&true) {
        for row in column.rows.iter() {
            if column.code(row).is_some_and(|code| found[code as usize]) {
                hit[row as usize] = true;
            }
        }
    }
}

/// What a field sorts by, looked up once per row or once per different text.
enum Keys {
    Numbers(Vec<f64>, Vec<bool>),
    /// Per row: place of its text among the texts in order; `u32::MAX` where missing.
    Ranks(Vec<u32>),
}

impl Keys {
    fn new(table: &RunTable, field: &Field) -> Self {
        let n = table.n_rows();
        let numbers = |value: &dyn Fn(u32) -> Option<f64>| {
            let found: Vec<Option<f64>> = (0..n).map(value).collect();
            Keys::Numbers(
                found.iter().map(|it| it.unwrap_or(0.0)).collect(),
                found.iter().map(Option::is_some).collect(),
            )
        };
        let known = |it: f64| (!it.is_nan()).then_some(it);
        let text = |column: Option<&TextColumn>| {
            Keys::Ranks(column.map_or_else(|| vec![u32::MAX; n as usize], |it| ranks(it, n)))
        };
        match field {
            Field::Name => text(Some(&table.names)),
            Field::User => text(Some(&table.users)),
            Field::Param(name) => text(table.params.get(name)),
            Field::Tag(name) => text(table.tags.get(name)),
            Field::Metric(name) => match table.metrics.get(name) {
                Some(column) => numbers(&|row| column.value(row)),
                None => numbers(&|_| None),
            },
            Field::Started => numbers(&|row| known(table.start[row as usize])),
            Field::Duration => numbers(&|row| known(table.end[row as usize] - table.start[row as usize])),
            Field::Status => numbers(&|row| Some(f64::from(table.status[row as usize] as u8))),
            Field::Id => Keys::Ranks(dense_ranks(n, |a, b| table.id(a).cmp(table.id(b)))),
            Field::Dataset => {
                let first: Vec<Option<&str>> =
                    (0..n).map(|row| table.datasets_of(row).next().map(|it| &*it.name)).collect();
                let mut ranks = dense_ranks(n, |a, b| first[a as usize].cmp(&first[b as usize]));
                for (rank, name) in ranks.iter_mut().zip(&first) {
                    if name.is_none() {
                        *rank = u32::MAX;
                    }
                }
                Keys::Ranks(ranks)
            }
        }
    }

    fn compare(&self, a: u32, b: u32, descending: bool) -> Ordering {
        let (a, b) = (a as usize, b as usize);
        let turn = |order: Ordering| if descending { order.reverse() } else { order };
        match self {
            Keys::Ranks(ranks) => {
                last_if(ranks[a] == u32::MAX, ranks[b] == u32::MAX).then_with(|| turn(ranks[a].cmp(&ranks[b])))
            }
            Keys::Numbers(values, present) => last_if(!present[a], !present[b])
                .then_with(|| last_if(values[a].is_nan(), values[b].is_nan()))
                .then_with(|| turn(values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal))),
        }
    }
}

/// Equal keys get equal ranks.
fn dense_ranks(n: u32, compare: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut ranks = vec![0; n as usize];
    let mut rank = 0;
    for (i, row) in order.iter().enumerate() {
        if i > 0 && compare(order[i - 1], *row) != Ordering::Equal {
            rank += 1;
        }
        ranks[*row as usize] = rank;
    }
    ranks
}

/// Numbers by value before texts by letters, upper and lower case together.
fn ranks(column: &TextColumn, n: u32) -> Vec<u32> {
    let texts: Vec<(Option<f64>, String)> = column.texts().iter().map(|it| (number(it), it.to_lowercase())).collect();
    let n_texts = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    let by_code = dense_ranks(n_texts, |a, b| {
        let (a, b) = (&texts[a as usize], &texts[b as usize]);
        match (a.0, b.0) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => natural(&a.1, &b.1),
        }
    });
    let mut ranks = vec![u32::MAX; n as usize];
    for row in column.rows.iter() {
        if let Some(code) = column.code(row) {
            ranks[row as usize] = by_code[code as usize];
        }
    }
    ranks
}

/// `run-9` before `run-10`: stretches of digits compare by their value.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |it: &[u8]| it.iter().take_while(|b| b.is_ascii_digit()).count();
        match (digits(a), digits(b)) {
            (0, _) | (_, 0) => match (a.split_first(), b.split_first()) {
                (Some((x, rest_a)), Some((y, rest_b))) => {
                    if x != y {
                        return x.cmp(y);
                    }
                    (a, b) = (rest_a, rest_b);
                }
                (x, y) => return x.is_some().cmp(&y.is_some()),
            },
            (x, y) => {
                let value = |it: &[u8]| it.iter().position(|b| *b != b'0').unwrap_or(it.len());
                let (left, right) = (&a[value(&a[..x])..x], &b[value(&b[..y])..y]);
                let order = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (&a[x..], &b[y..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};

    fn table(rows: &[(&str, &str, Option<f64>)]) -> RunTable {
        let mut table = RunTable::default();
        for (id, lr, acc) in rows {
            let mut run = Run::empty((*id).into());
            run.name = format!("Run-{id}");
            if !lr.is_empty() {
                run.params = vec![("lr".into(), lr.to_string())];
            }
            run.metrics =
                acc.iter().map(|it| ("acc".into(), MetricValue { value: *it, step: 0.0, time: 0.0 })).collect();
            table.upsert(&run);
        }
        table
    }

    #[track_caller]
    fn check(table: &RunTable, field: Field, descending: bool, expected: &str) {
        let query = RowsQuery { sort: vec![Sort { field, descending }], ..RowsQuery::default() };
        let ids: Vec<&str> = rows(table, &query).into_iter().map(|row| table.id(row).as_str()).collect();
        assert_eq!(ids.join(" "), expected);
    }

    #[test]
    fn missing_is_last_both_ways_and_nan_before_it() {
        let table = table(&[
            ("a", "", Some(1.0)),
            ("b", "", None),
            ("c", "", Some(f64::NAN)),
            ("d", "", Some(f64::INFINITY)),
            ("e", "", Some(-2.0)),
        ]);
        check(&table, Field::Metric("acc".into()), false, "e a d c b");
        check(&table, Field::Metric("acc".into()), true, "d a e c b");
    }

    #[test]
    fn params_sort_as_numbers_where_they_are_numbers() {
        let table =
            table(&[("a", "1e-3", None), ("b", "0.01", None), ("c", "auto", None), ("d", "9", None), ("e", "", None)]);
        check(&table, Field::Param("lr".into()), false, "a b d c e");
        check(&table, Field::Param("lr".into()), true, "c d b a e");
        check(&table, Field::Param("nope".into()), false, "a b c d e");
    }

    #[test]
    fn names_sort_as_people_count() {
        let table = table(&[("10", "", None), ("9", "", None), ("007", "", None)]);
        check(&table, Field::Name, false, "007 9 10");
    }

    #[test]
    fn every_word_must_occur_somewhere() {
        let table = table(&[("a", "0.1", None), ("b", "0.2", None)]);
        let found = |search: &str| rows(&table, &RowsQuery { search: search.into(), ..RowsQuery::default() });
        assert_eq!(found("run- 0.1"), [0]);
        assert_eq!(found("RUN-B"), [1]);
        assert!(found("a 0.2").is_empty());
        assert_eq!(found("  ").len(), 2);
    }

    #[test]
    fn deleted_runs_are_apart() {
        let mut table = table(&[("a", "", None)]);
        let mut gone = Run::empty("z".into());
        gone.lifecycle = Lifecycle::Deleted;
        table.upsert(&gone);
        assert_eq!(rows(&table, &RowsQuery::default()), [0]);
        assert_eq!(rows(&table, &RowsQuery { lifecycle: Lifecycle::Deleted, ..RowsQuery::default() }), [1]);
    }
}
