//! Tables that are confusion matrices: what was, what was told, and how often.

/// Of a table with the same names along both sides, as confusion matrices have them: of each cell its share of
/// its row.
pub fn shares(rows: &[Vec<String>]) -> Option<Vec<Vec<f64>>> {
    let (head, body) = rows.split_first()?;
    let names = head.get(1..).filter(|it| it.len() > 1 && it.len() == body.len())?;
    let is_named = |(row, name): (&Vec<String>, &String)| row.len() == head.len() && row.first() == Some(name);
    if !body.iter().zip(names).all(is_named) {
        return None;
    }
    let share = |row: &Vec<String>| {
        let counts = row.get(1..)?.iter().map(|it| it.trim().parse().ok().filter(|it| *it >= 0.0));
        let counts = counts.collect::<Option<Vec<f64>>>()?;
        let sum: f64 = counts.iter().sum();
        Some(counts.iter().map(|it| if sum > 0.0 { it / sum } else { 0.0 }).collect())
    };
    body.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[&[&str]], expected: Option<Vec<Vec<f64>>>) {
        let rows: Vec<Vec<String>> = rows.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect()).collect();
        assert_eq!(shares(&rows), expected, "{rows:?}");
    }

    #[test]
    fn a_table_with_the_same_names_on_both_sides_is_a_matrix() {
        let head: &[&str] = &["actual", "cat", "dog"];
        check(&[head, &["cat", "9", "1"], &["dog", "0", "0"]], Some(vec![vec![0.9, 0.1], vec![0.0, 0.0]]));
        check(&[], None);
        check(&[&["a", "b"], &["1", "2"]], None);
        check(&[head, &["cat", "9", "1"]], None);
        check(&[head, &["cat", "9", "1"], &["bird", "0", "0"]], None);
        check(&[head, &["cat", "9", "x"], &["dog", "0", "0"]], None);
        check(&[head, &["cat", "9", "-1"], &["dog", "0", "0"]], None);
        check(&[head, &["cat", "9"], &["dog", "0", "0"]], None);
    }
}
