//! Fields of the runs that match, side by side: what charts over runs are drawn from.

use super::cells::Calculated;
use super::column::{Numbers, numbers_of, texts_of};
use crate::model::order::{sort, sort_by};
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
        n_far: 0,
        n_cut: 0,
        ranking: None,
    }
}

/// Tells the runs that are far off in a metric, and leaves them out if it `clips`: beyond the outer fences of Tukey, "Exploratory Data Analysis", 1977,
/// three times as far from the middle half of the runs as it is wide. What people choose, as params are, is kept.
pub fn find_outliers(sheet: &mut Sheet, clips: bool) {
    let fences: Vec<Option<(f64, f64)>> = sheet.columns.iter().map(fences).collect();
    let is_within = |row: usize| {
        sheet.columns.iter().zip(&fences).all(|(column, fences)| {
            let value = column.numbers[row];
            value.is_nan() || fences.is_none_or(|it| (it.0..=it.1).contains(&value))
        })
    };
    let kept: Vec<usize> = (0..sheet.ids.len()).filter(|it| is_within(*it)).collect();
    sheet.n_far = u32::try_from(sheet.ids.len() - kept.len()).unwrap_or(u32::MAX);
    if !clips {
        return;
    }
    sheet.n_cut = sheet.n_far;
    sheet.ids = kept.iter().map(|it| sheet.ids[*it].clone()).collect();
    sheet.names = kept.iter().map(|it| sheet.names[*it].clone()).collect();
    for column in &mut sheet.columns {
        column.numbers = kept.iter().map(|it| column.numbers[*it]).collect();
    }
}

/// None for what is not measured, and where so many runs are alike that any other would be far off.
fn fences(column: &SheetColumn) -> Option<(f64, f64)> {
    let is_measured = matches!(column.field, Field::Metric(_) | Field::Figure(..) | Field::Expr(_));
    let mut sorted: Vec<f64> = column.numbers.iter().copied().filter(|it| it.is_finite()).collect();
    if !is_measured || !column.labels.is_empty() || sorted.is_empty() {
        return None;
    }
    sort_by(&mut sorted, |a, b| a.total_cmp(b));
    let last = sorted.len() - 1;
    let (low, high) = (sorted[last / 4], sorted[last - last / 4]);
    let width = high - low;
    (width > 0.0).then_some((low - 3.0 * width, high + 3.0 * width))
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
    fn runs_that_are_far_off_are_left_out() {
        let of = |field: Field, numbers: Vec<f64>| SheetColumn { field, labels: Vec::new(), numbers };
        let mut it = Sheet {
            ids: (0..9).map(|i| format!("r{i}").into()).collect(),
            names: (0..9).map(|i| format!("run {i}")).collect(),
            columns: vec![
                of(Field::Metric("acc".into()), vec![0.9, 0.91, 0.92, 0.1, 0.93, f64::NAN, 0.94, 0.95, f64::INFINITY]),
                of(Field::Metric("alike".into()), vec![1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0]),
                of(Field::Param("lr".into()), vec![1e9, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3]),
            ],
            ..Sheet::default()
        };
        find_outliers(&mut it, false);
        assert_eq!((it.n_far, it.n_cut, it.names.len()), (2, 0, 9));
        find_outliers(&mut it, true);
        assert_eq!((it.n_cut, it.names.len(), it.columns[2].numbers[0]), (2, 7, 1e9));
        assert_eq!(it.names.join(" "), "run 0 run 1 run 2 run 4 run 5 run 6 run 7");
        find_outliers(&mut Sheet::default(), true);
    }

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
