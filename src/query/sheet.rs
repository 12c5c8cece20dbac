//! Fields of the runs that match, side by side: what charts over runs are drawn from.

use super::cells::Calculated;
use super::column::{Numbers, numbers_of, texts_of};
use crate::model::order::sort;
use crate::model::sheet::{Sheet, SheetColumn};
use crate::model::{Field, RunTable};

/// More runs than this no chart tells apart.
pub const MOST_ROWS: usize = 20_000;

pub fn sheet(rows: &[u32], fields: &[Field], table: &RunTable, calculated: &Calculated) -> Sheet {
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let name = |row: &u32| texts_of(table, &Field::Name).and_then(|it| it.get(*row)).unwrap_or_default().to_owned();
    Sheet {
        ids: shown.iter().map(|row| table.id(*row).clone()).collect(),
        names: shown.iter().map(name).collect(),
        columns: fields.iter().map(|it| column(shown, it, table, calculated)).collect(),
        n_matched: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        ranking: None,
    }
}

fn column(rows: &[u32], field: &Field, table: &RunTable, calculated: &Calculated) -> SheetColumn {
    if let Some(texts) = text_column(rows, field, table) {
        return texts;
    }
    let numbers = match calculated.get(field) {
        Some(it) => it.numbers.clone(),
        None => numbers_of(table, field),
    };
    let numbers = rows.iter().map(|row| numbers.get(*row).unwrap_or(f64::NAN)).collect();
    SheetColumn { field: field.clone(), labels: Vec::new(), numbers }
}

/// None where every text reads as a number.
fn text_column(rows: &[u32], field: &Field, table: &RunTable) -> Option<SheetColumn> {
    let status = |row: &u32| Some(table.status[*row as usize].word().to_owned());
    let texts: Vec<Option<String>> = match field {
        Field::Status => rows.iter().map(status).collect(),
        Field::Id => rows.iter().map(|row| Some(table.id(*row).to_string())).collect(),
        _ => {
            let column = texts_of(table, field)?;
            let numbers = Numbers::of_texts(column, table.len());
            if rows.iter().all(|row| column.get(*row).is_none() || numbers.get(*row).is_some()) {
                return None;
            }
            rows.iter().map(|row| column.get(*row).map(str::to_owned)).collect()
        }
    };
    let mut labels: Vec<String> = texts.iter().flatten().cloned().collect();
    sort(&mut labels);
    labels.dedup();
    let place = |it: &Option<String>| {
        let at = labels.binary_search(it.as_ref()?).ok()?;
        u32::try_from(at).ok().map(f64::from)
    };
    let numbers = texts.iter().map(|it| place(it).unwrap_or(f64::NAN)).collect();
    Some(SheetColumn { field: field.clone(), labels, numbers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};

    #[test]
    fn numbers_are_numbers_and_other_texts_are_places_in_their_order() {
        let mut table = RunTable::default();
        for (i, (lr, optimizer)) in [("1e-3", "sgd"), ("0.1", "adam"), ("5", "sgd")].into_iter().enumerate() {
            let mut run = Run::empty(format!("r{i}").into());
            run.name = format!("run {i}");
            run.params = vec![("lr".into(), lr.into()), ("optimizer".into(), optimizer.into())];
            if i != 1 {
                run.metrics = vec![("acc".into(), MetricValue { value: 0.5, step: 1.0, time: 0.0 })];
            }
            table.upsert(&run);
        }
        let fields = [Field::Param("lr".into()), Field::Param("optimizer".into()), Field::Metric("acc".into())];
        let it = sheet(&[2, 1, 0], &fields, &table, &Calculated::default());
        assert_eq!(it.names, ["run 2", "run 1", "run 0"]);
        assert_eq!(it.columns[0].numbers, [5.0, 0.1, 1e-3]);
        assert!(it.columns[0].labels.is_empty());
        assert_eq!(
            (it.columns[1].labels.clone(), it.columns[1].numbers.clone()),
            (vec!["adam".into(), "sgd".into()], vec![1.0, 0.0, 1.0])
        );
        assert!(it.columns[2].numbers[1].is_nan() && it.columns[2].numbers[0] == 0.5);
    }
}
