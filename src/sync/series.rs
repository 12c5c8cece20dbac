//! Which runs' series must be asked for, given what is cached.

use crate::model::{Completeness, RunId};
use crate::sources::Reading;
use crate::store::layout::CachedSeries;

/// A run that still logs is asked again after this long.
const LIVE_STALE_MS: f64 = 15_000.0;

/// Runs whose cached series does not answer this reading. `settled` says of a run that it has
/// ended, so that what was read after its end stays true.
pub fn wanted(
    runs: &[RunId],
    cached: &[CachedSeries],
    reading: Reading,
    now: f64,
    settled: impl Fn(&RunId) -> bool,
) -> Vec<RunId> {
    let good = |run: &RunId| {
        cached.iter().find(|it| it.series.run == *run).is_some_and(|it| {
            let enough = match (it.series.completeness, reading) {
                (Completeness::Full | Completeness::Cut, _) => true,
                (Completeness::Sampled, Reading::Sampled { points, .. }) => it.asked >= points,
                (Completeness::Sampled, Reading::Full) => false,
            };
            // A run that was resumed after it had ended grows again.
            enough
                && if it.settled {
                    settled(run) || now - it.fetched < LIVE_STALE_MS
                } else {
                    now - it.fetched < LIVE_STALE_MS && !settled(run)
                }
        })
    };
    runs.iter().filter(|it| !good(it)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Series;

    fn cached(completeness: Completeness, asked: u32, fetched: f64, settled: bool) -> CachedSeries {
        CachedSeries { series: Series::from_points("a".into(), vec![], completeness), asked, fetched, settled }
    }

    #[track_caller]
    fn check(held: CachedSeries, reading: Reading, ended: bool, asked_again: bool) {
        let runs = wanted(&["a".into()], &[held], reading, 100_000.0, |_| ended);
        assert_eq!(!runs.is_empty(), asked_again);
    }

    #[test]
    fn a_settled_series_is_not_asked_again() {
        let sample = |points| Reading::Sampled { points, steps: None };
        check(cached(Completeness::Full, 0, 0.0, true), Reading::Full, true, false);
        check(cached(Completeness::Sampled, 320, 0.0, true), sample(320), true, false);
        check(cached(Completeness::Sampled, 320, 0.0, true), sample(640), true, true);
        check(cached(Completeness::Sampled, 320, 0.0, true), Reading::Full, true, true);
    }

    #[test]
    fn a_live_one_is_when_it_is_old_or_has_ended() {
        check(cached(Completeness::Full, 0, 99_000.0, false), Reading::Full, false, false);
        check(cached(Completeness::Full, 0, 10_000.0, false), Reading::Full, false, true);
        check(cached(Completeness::Full, 0, 99_000.0, false), Reading::Full, true, true);
    }
}
