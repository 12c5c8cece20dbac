//! Sorting without comparing: every value becomes a 64-bit key whose order is the wanted order, and
//! the keys are sorted by their bytes. A hundred thousand rows take a few milliseconds.

use std::cmp::Ordering;

use crate::model::order;
use crate::model::table::TextColumn;
use crate::model::value::number;
use crate::model::{Field, RunTable};
use crate::query::column::{Numbers, numbers_of, texts_of};

/// Missing values stand last in both directions.
const MISSING: u64 = u64::MAX;
/// NaN stands before them, after every number.
const NAN: u64 = u64::MAX - 1;

/// Keys of the rows, ascending; turned round by `descend`.
pub fn keys(table: &RunTable, field: &Field) -> Vec<u64> {
    let n = table.n_rows();
    match field {
        Field::Metric(_) | Field::Started | Field::Ended | Field::Duration => of_numbers(&numbers_of(table, field)),
        Field::Status => table.status.iter().map(|it| u64::from(*it as u8)).collect(),
        Field::Id => dense_ranks(n as usize, &|a, b| table.ids()[a].cmp(&table.ids()[b])),
        Field::Dataset => {
            let first: Vec<Option<&str>> =
                (0..n).map(|row| table.datasets_of(row).next().map(|it| &*it.name)).collect();
            let ranks = dense_ranks(first.len(), &|a, b| first[a].cmp(&first[b]));
            ranks.into_iter().zip(first).map(|(rank, name)| if name.is_some() { rank } else { MISSING }).collect()
        }
        _ => texts_of(table, field).map_or_else(|| vec![MISSING; n as usize], |it| of_texts(it, n)),
    }
}

pub fn of_numbers(numbers: &Numbers) -> Vec<u64> {
    let mut keys = vec![MISSING; numbers.values.len()];
    numbers.each(|row, value| keys[row as usize] = of_number(value));
    keys
}

/// The bits of a double order as its value does once negative ones are turned round (Herf, "Radix
/// tricks", 2001). Both zeros are one.
fn of_number(value: f64) -> u64 {
    if value.is_nan() {
        return NAN;
    }
    let bits = (value + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    ordered.min(NAN - 1)
}

/// Largest first; NaN and missing stay last.
pub fn descend(keys: &[u64]) -> Vec<u64> {
    keys.iter().map(|it| if *it >= NAN { *it } else { NAN - 1 - *it }).collect()
}

/// Sorts rows by their keys; rows of equal keys keep their order.
pub fn sort(rows: &mut Vec<u32>, keys: &[u64]) {
    let mut pairs: Vec<(u64, u32)> = rows.iter().map(|row| (keys[*row as usize], *row)).collect();
    let mut spare = pairs.clone();
    // Bytes that are the same in all keys need no pass.
    let (all, any) = pairs.iter().fold((u64::MAX, 0), |(all, any), it| (all & it.0, any | it.0));
    for shift in (0..64).step_by(8).filter(|shift| (all ^ any) >> shift & 0xff != 0) {
        let digit = |it: &(u64, u32)| (it.0 >> shift & 0xff) as usize;
        let mut starts = [0usize; 256];
        pairs.iter().for_each(|it| starts[digit(it)] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for it in &pairs {
            let place = &mut starts[digit(it)];
            spare[*place] = *it;
            *place += 1;
        }
        std::mem::swap(&mut pairs, &mut spare);
    }
    rows.clear();
    rows.extend(pairs.iter().map(|it| it.1));
}

/// Equal items get equal ranks.
pub fn dense_ranks(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u64> {
    let order = order::order(n, compare);
    let mut ranks = vec![0; n];
    let mut rank = 0;
    for (i, at) in order.iter().enumerate() {
        if i > 0 && compare(order[i - 1], *at) != Ordering::Equal {
            rank += 1;
        }
        ranks[*at] = rank;
    }
    ranks
}

/// Numbers by value before texts by letters, upper and lower case together.
fn of_texts(column: &TextColumn, n: u32) -> Vec<u64> {
    let texts: Vec<(Option<f64>, String)> = column.texts().iter().map(|it| (number(it), it.to_lowercase())).collect();
    let by_code = dense_ranks(texts.len(), &|a, b| {
        let (a, b) = (&texts[a], &texts[b]);
        match (a.0, b.0) {
            (Some(x), Some(y)) => of_number(x).cmp(&of_number(y)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => natural(&a.1, &b.1),
        }
    });
    let mut keys = vec![MISSING; n as usize];
    column.each(|row, code| keys[row as usize] = by_code[code as usize]);
    keys
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

    #[test]
    fn keys_order_as_numbers_do() {
        let sorted = [f64::NEG_INFINITY, -2.0, -1e-300, 0.0, 1e-300, 1.0, 1e300, f64::INFINITY];
        let keys = sorted.map(of_number);
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert_eq!(of_number(-0.0), of_number(0.0));
        assert!(of_number(f64::NAN) > keys[7] && of_number(f64::NAN) < MISSING);
        let turned = descend(&keys);
        assert!(turned.is_sorted_by(|a, b| a > b));
        assert_eq!(descend(&[NAN, MISSING]), [NAN, MISSING]);
    }

    #[test]
    fn the_sort_is_stable_and_right() {
        let keys: Vec<u64> = (0..5000u64).map(|it| it.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40 << 13).collect();
        let mut rows: Vec<u32> = (0..5000).collect();
        let mut expected = rows.clone();
        expected.sort_by_key(|it| keys[*it as usize]);
        sort(&mut rows, &keys);
        assert_eq!(rows, expected);
    }
}
