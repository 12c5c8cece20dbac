//! Which runs' series must be asked for, given what is cached.

use crate::model::{Completeness, MetricValue, RunId};
use crate::sources::Reading;
use crate::store::series::CachedSeries;

/// A run that still logs is asked again after this long.
const LIVE_STALE_MS: f64 = 15_000.0;

/// What the table says of a run and the metric asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    pub ended: bool,
    pub last: Option<MetricValue>,
}

/// Runs whose cached series does not answer this reading: too few points, read before the run's
/// last value was what it is now, or of a run that still logs and read some time ago.
pub fn wanted(
    runs: &[RunId],
    cached: &[CachedSeries],
    reading: Reading,
    now: f64,
    known: impl Fn(&RunId) -> Known,
) -> Vec<RunId> {
    let good = |run: &RunId| {
        cached.iter().find(|it| it.series.run == *run).is_some_and(|it| {
            let enough = match (it.series.completeness, reading) {
                (Completeness::Full | Completeness::Cut, _) => true,
                (Completeness::Sampled, Reading::Sampled { points, .. }) => it.asked >= points,
                (Completeness::Sampled, Reading::Full) => false,
            };
            let known = known(run);
            let is_recent = now - it.fetched < LIVE_STALE_MS;
            let is_final = it.settled && known.ended;
            enough && it.last == known.last && (is_final || (is_recent && !known.ended))
        })
    };
    runs.iter().filter(|it| !good(it)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Series;

    fn value(value: f64) -> Option<MetricValue> {
        Some(MetricValue { value, step: 1.0, time: 1.0 })
    }

    fn cached(completeness: Completeness, asked: u32, fetched: f64, settled: bool) -> CachedSeries {
        let series = Series::from_points("a".into(), vec![], completeness);
        CachedSeries { series, asked, fetched, settled, last: value(0.5) }
    }

    #[track_caller]
    fn check(held: CachedSeries, reading: Reading, known: Known, asked_again: bool) {
        let runs = wanted(&["a".into()], &[held], reading, 100_000.0, |_| known);
        assert_eq!(!runs.is_empty(), asked_again);
    }

    const ENDED: fn() -> Known = || Known { ended: true, last: value(0.5) };
    const LIVE: fn() -> Known = || Known { ended: false, last: value(0.5) };

    #[test]
    fn a_settled_series_is_not_asked_again() {
        let sample = |points| Reading::Sampled { points, steps: None };
        check(cached(Completeness::Full, 0, 0.0, true), Reading::Full, ENDED(), false);
        check(cached(Completeness::Sampled, 320, 0.0, true), sample(320), ENDED(), false);
        check(cached(Completeness::Sampled, 320, 0.0, true), sample(640), ENDED(), true);
        check(cached(Completeness::Sampled, 320, 0.0, true), Reading::Full, ENDED(), true);
    }

    #[test]
    fn a_live_one_is_when_it_is_old_or_has_ended() {
        check(cached(Completeness::Full, 0, 99_000.0, false), Reading::Full, LIVE(), false);
        check(cached(Completeness::Full, 0, 10_000.0, false), Reading::Full, LIVE(), true);
        check(cached(Completeness::Full, 0, 99_000.0, false), Reading::Full, ENDED(), true);
    }

    #[test]
    fn a_value_logged_after_the_end_is_fetched() {
        let late = Known { ended: true, last: value(42.0) };
        check(cached(Completeness::Full, 0, 0.0, true), Reading::Full, late, true);
        check(cached(Completeness::Full, 0, 0.0, true), Reading::Full, LIVE(), true);
    }
}
