//! Which rows match and in which order.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::filter::apply::{Context, Passed, apply, numbers};
use super::filter::{self, Trouble};
use super::group::Grouping;
use super::order;
use crate::model::table::TextColumn;
use crate::model::{Field, Figure, Lifecycle, RunTable};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsQuery {
    /// In the filter language.
    pub filter: String,
    /// First decides, the next ones break ties; the last resort is newest first.
    pub sort: Vec<Sort>,
    pub lifecycle: Lifecycle,
    pub group: Grouping,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    pub field: Field,
    pub descending: bool,
}

impl Default for RowsQuery {
    fn default() -> Self {
        Self { filter: String::new(), sort: Vec::new(), lifecycle: Lifecycle::Active, group: Grouping::default() }
    }
}

/// What is worked out once for a state of the table and used by many questions.
#[derive(Default)]
pub struct Prepared {
    newest_first: RefCell<Option<Rc<Vec<u32>>>>,
    keys: RefCell<HashMap<Field, Rc<Vec<u64>>>>,
    fold_keys: RefCell<Option<Rc<Vec<u64>>>>,
}

impl Prepared {
    pub fn newest_first(&self, table: &RunTable) -> Rc<Vec<u32>> {
        let make = || {
            let keys = order::descend(&order::keys(table, &Field::Started));
            let mut rows: Vec<u32> = (0..table.n_rows()).collect();
            // Runs of the same time by id, so that the order is one.
            rows.sort_unstable_by(|a, b| {
                keys[*a as usize].cmp(&keys[*b as usize]).then_with(|| table.id(*a).cmp(table.id(*b)))
            });
            Rc::new(rows)
        };
        self.newest_first.borrow_mut().get_or_insert_with(make).clone()
    }

    pub fn fold_keys(&self, table: &RunTable) -> Rc<Vec<u64>> {
        let make = || Rc::new(super::group::fold_keys(table));
        self.fold_keys.borrow_mut().get_or_insert_with(make).clone()
    }

    /// Figures change without the table, so they are not kept.
    pub(super) fn keys(&self, context: &Context, field: &Field) -> Result<Rc<Vec<u64>>, Trouble> {
        match field {
            Field::Figure(..) | Field::Expr(_) => Ok(Rc::new(order::of_numbers(&calculated(field, context)?.0))),
            _ => {
                let make = || Rc::new(order::keys(context.table, field));
                Ok(self.keys.borrow_mut().entry(field.clone()).or_insert_with(make).clone())
            }
        }
    }
}

/// Numbers of a figure or a calculation, and what of it is not loaded.
pub fn calculated(field: &Field, context: &Context) -> Result<(super::column::Numbers, Passed), Trouble> {
    let value = match field {
        Field::Figure(figure, name) => filter::tree::Value::figure(*figure, name),
        Field::Expr(text) => filter::parse_value(text)?,
        other => filter::tree::Value::field(other),
    };
    numbers(&value, context)
}

/// Rows in order, and what the filter could not tell.
#[derive(Debug, Default)]
pub struct Matched {
    pub rows: Vec<u32>,
    /// Rows that may pass once series are loaded.
    pub open: Bits,
    /// Figures that the filter reads.
    pub wanted: Vec<(Figure, String)>,
    pub notes: Vec<Trouble>,
}

/// Row numbers that match, in order. Missing values stand last in both directions, NaN before them.
pub fn rows(query: &RowsQuery, context: &Context, prepared: &Prepared) -> Result<Matched, Trouble> {
    let table = context.table;
    let passed = match filter::parse(&query.filter)? {
        Some(expr) => Some(apply(&expr, context)?),
        None => None,
    };
    let newest_first = prepared.newest_first(table);
    let passes = |row: &u32| {
        table.lifecycle[*row as usize] == query.lifecycle && passed.as_ref().is_none_or(|it| it.yes.get(*row))
    };
    let mut rows: Vec<u32> = newest_first.iter().copied().filter(passes).collect();
    let mut refused = Vec::new();
    // From the last resort to the first decision: each sort keeps the order of equals.
    for sort in query.sort.iter().rev() {
        let keys = match prepared.keys(context, &sort.field) {
            Ok(keys) => keys,
            // A calculation that makes no sense sorts nothing, and says so.
            Err(trouble) => {
                let message = format!("sort by {}: {}", sort.field.label(), trouble.message);
                refused.push(Trouble { span: 0..0, message, instead: None });
                continue;
            }
        };
        if sort.descending { order::sort(&mut rows, &order::descend(&keys)) } else { order::sort(&mut rows, &keys) }
    }
    let (mut open, wanted, mut notes) = match passed {
        Some(it) => (it.open, it.wanted, it.notes),
        None => (Bits::none(table.len()), Vec::new(), Vec::new()),
    };
    for row in 0..table.n_rows() {
        if open.get(row) && table.lifecycle[row as usize] != query.lifecycle {
            open.unset(row);
        }
    }
    notes.extend(refused);
    Ok(Matched { rows, open, wanted, notes })
}

/// Rows where a word occurs in name, id, user, params or tags, whatever its case.
pub fn word(table: &RunTable, word: &str) -> Bits {
    let word = word.to_lowercase();
    let mut hit = Bits::none(table.len());
    for row in 0..table.n_rows() {
        hit.set_if(row, table.id(row).as_str().contains(word.as_str()));
    }
    let texts = [&table.names, &table.users].into_iter().chain(table.params.values()).chain(
        // Tags of the tracker itself are long JSON that everything would match.
        table.tags.iter().filter(|it| !it.0.starts_with("mlflow.")).map(|it| it.1),
    );
    for column in texts {
        mark(column, &word, &mut hit);
    }
    hit
}

/// Looks at each different text once.
fn mark(column: &TextColumn, word: &str, hit: &mut Bits) {
    let found: Vec<bool> = column.texts().iter().map(|it| it.to_lowercase().contains(word)).collect();
    if found.contains(&true) {
        column.each(|row, code| hit.set_if(row, found[code as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};
    use crate::query::filter::apply::NoFigures;

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

    fn found(table: &RunTable, query: &RowsQuery) -> Vec<u32> {
        let context = Context { table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
        rows(query, &context, &Prepared::default()).expect("a good query").rows
    }

    #[track_caller]
    fn check(table: &RunTable, field: Field, descending: bool, expected: &str) {
        let query = RowsQuery { sort: vec![Sort { field, descending }], ..RowsQuery::default() };
        let ids: Vec<&str> = found(table, &query).into_iter().map(|row| table.id(row).as_str()).collect();
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
        let found = |filter: &str| found(&table, &RowsQuery { filter: filter.into(), ..RowsQuery::default() });
        assert_eq!(found("'run-' 0.1"), [0]);
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
        assert_eq!(found(&table, &RowsQuery::default()), [0]);
        assert_eq!(found(&table, &RowsQuery { lifecycle: Lifecycle::Deleted, ..RowsQuery::default() }), [1]);
    }
}
