//! Which runs are chosen: a rule over the rows of the table, or single runs.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::rows::Prepared;
use crate::model::{RunId, RunTable};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Selection {
    /// The first of the table, whatever it is sorted by.
    First(u32),
    /// The latest started of those that match.
    Newest(u32),
    /// All that match, without these.
    AllBut(Vec<RunId>),
    /// These, whether they match or not.
    These(Vec<RunId>),
}

impl Selection {
    /// Row numbers, in the table's order where it is a rule. `matched` are the rows that match, in order.
    pub fn rows(&self, matched: &[u32], table: &RunTable, prepared: &Prepared) -> Vec<u32> {
        match self {
            Selection::First(n) => matched.iter().take(*n as usize).copied().collect(),
            Selection::Newest(n) => {
                let mut is_in = Bits::none(table.len());
                matched.iter().for_each(|row| is_in.set(*row));
                let newest = prepared.newest_first(table);
                newest.iter().filter(|row| is_in.get(**row)).take(*n as usize).copied().collect()
            }
            Selection::AllBut(ids) => {
                let not: HashSet<u32> = ids.iter().filter_map(|id| table.row_of(id)).collect();
                matched.iter().filter(|row| !not.contains(row)).copied().collect()
            }
            Selection::These(ids) => {
                let mut seen = HashSet::new();
                ids.iter().filter_map(|id| table.row_of(id)).filter(|row| seen.insert(*row)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Run;

    #[test]
    fn a_rule_follows_the_rows() {
        let mut table = RunTable::default();
        for (id, start) in [("a", 1.0), ("b", 3.0), ("c", 2.0), ("d", 9.0)] {
            let mut run = Run::empty(id.into());
            run.start = Some(start);
            table.upsert(&run);
        }
        let check = |selection: Selection, expected: &str| {
            let rows = selection.rows(&[2, 0, 1], &table, &Prepared::default());
            assert_eq!(rows.iter().map(|row| table.id(*row).as_str()).collect::<String>(), expected);
        };
        check(Selection::First(2), "ca");
        check(Selection::Newest(2), "bc");
        check(Selection::AllBut(vec!["a".into(), "gone".into()]), "cb");
        check(Selection::These(vec!["d".into(), "gone".into(), "a".into()]), "da");
    }
}
