//! Fewer points for the same picture: each column of pixels keeps its first, lowest, highest and
//! last point (M4), so a spike is never lost and a line redraws the same.
//! Source: Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.

/// Indices to keep, ascending, for `n_columns` columns over the x range of the data. Of the values
/// that are not finite each column keeps the first and last of each kind: they are marks, not line.
pub fn m4(x: &[f64], y: &[f64], n_columns: u32) -> Vec<u32> {
    let n = x.len().min(y.len());
    let all = || (0..n).map(|it| u32::try_from(it).unwrap_or(u32::MAX)).collect();
    let columns = n_columns.max(1);
    if n <= 4 * columns as usize {
        return all();
    }
    let finite = x[..n].iter().copied().filter(|it| it.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    if high <= low {
        return all();
    }
    let scale = f64::from(columns) / (high - low);
    let column_of = |x: f64| ((x - low) * scale).floor().min(f64::from(columns) - 1.0);
    let mut keep = Vec::new();
    let mut at = 0;
    while at < n {
        let column = column_of(x[at]);
        let mut end = at + 1;
        while end < n && column_of(x[end]) == column {
            end += 1;
        }
        keep_column(y, at, end, &mut keep);
        at = end;
    }
    keep
}

fn keep_column(y: &[f64], from: usize, to: usize, keep: &mut Vec<u32>) {
    let (mut low, mut high) = (from, from);
    let mut places = vec![from, to - 1];
    // NaN, +Inf, −Inf: first and last.
    let mut odd = [None::<(usize, usize)>; 3];
    for (i, value) in y.iter().enumerate().take(to).skip(from) {
        if !value.is_finite() {
            let kind = if value.is_nan() { 0 } else { 1 + usize::from(*value < 0.0) };
            odd[kind] = Some((odd[kind].map_or(i, |it| it.0), i));
        } else {
            if !y[low].is_finite() || *value < y[low] {
                low = i;
            }
            if !y[high].is_finite() || *value > y[high] {
                high = i;
            }
        }
    }
    places.extend([low, high]);
    places.extend(odd.iter().flatten().flat_map(|it| [it.0, it.1]));
    let mut places: Vec<u32> = places.into_iter().map(|it| u32::try_from(it).unwrap_or(u32::MAX)).collect();
    places.sort_unstable();
    places.dedup();
    keep.extend(places);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_and_a_nan_survive() {
        let x: Vec<f64> = (0..10_000).map(f64::from).collect();
        let mut y: Vec<f64> = x.iter().map(|it| (it / 100.0).sin()).collect();
        y[5_003] = 99.0;
        y[7_777] = f64::NAN;
        y[2] = f64::NEG_INFINITY;
        let kept = m4(&x, &y, 100);
        for place in [0, 2, 5_003, 7_777, 9_999] {
            assert!(kept.contains(&place), "{place}");
        }
        assert!(kept.len() <= 402 + 2, "{}", kept.len());
        assert!(kept.is_sorted());
    }

    #[test]
    fn a_run_that_went_nan_stays_small() {
        let x: Vec<f64> = (0..100_000).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|it| if *it < 50_000.0 { *it } else { f64::NAN }).collect();
        let kept = m4(&x, &y, 100);
        assert!(kept.len() <= 1_000, "{}", kept.len());
        assert!(kept.contains(&50_000) && kept.contains(&99_999));
    }

    #[test]
    fn few_points_or_one_place_stay_whole() {
        assert_eq!(m4(&[1.0, 2.0], &[0.0, 0.0], 100), [0, 1]);
        assert_eq!(m4(&[3.0; 50], &[1.0; 50], 1).len(), 50);
        assert!(m4(&[], &[], 10).is_empty());
    }
}
