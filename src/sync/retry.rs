//! The one retry policy: what may pass is tried again, what a person must mend is not.

use std::future::Future;

use super::Clock;
use crate::model::Problem;

/// Waits before the second, third and fourth try; about as long as a server takes to restart.
const WAITS_MS: [f64; 3] = [1_000.0, 4_000.0, 15_000.0];
/// A server that asks for more is asked again only by hand.
const LONGEST_WAIT_MS: f64 = 120_000.0;

/// `waiting` hears why and until when, in milliseconds since the epoch.
pub async fn retrying<T, F: Future<Output = Result<T, Problem>>>(
    clock: &dyn Clock,
    waiting: &dyn Fn(&Problem, f64),
    mut attempt: impl FnMut() -> F,
) -> Result<T, Problem> {
    for usual in WAITS_MS {
        let problem = match attempt().await {
            Err(problem) if problem.is_transient() => problem,
            done => return done,
        };
        let asked = match &problem {
            Problem::Busy { retry_after_ms, .. } => *retry_after_ms,
            _ => None,
        };
        let wait = asked.unwrap_or(usual);
        if wait > LONGEST_WAIT_MS {
            return Err(problem);
        }
        waiting(&problem, clock.now() + wait);
        clock.sleep(wait).await;
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::executor::block_on;

    use super::super::FakeClock;
    use super::*;

    fn check(problem: Problem, failures: u32, expected_tries: u32, expected_ms: f64, ok: bool) {
        let clock = FakeClock::default();
        let tries = Cell::new(0);
        let result = block_on(retrying(&clock, &|_, _| {}, || {
            tries.set(tries.get() + 1);
            let result = if tries.get() > failures { Ok(()) } else { Err(problem.clone()) };
            async { result }
        }));
        assert_eq!((tries.get(), clock.now(), result.is_ok()), (expected_tries, expected_ms, ok), "{problem}");
    }

    #[test]
    fn tries_again_what_may_pass() {
        let busy = |retry_after_ms| Problem::Busy { status: 503, retry_after_ms };
        check(busy(None), 1, 2, 1_000.0, true);
        check(busy(Some(7_000.0)), 2, 3, 14_000.0, true);
        check(busy(None), 9, 4, 20_000.0, false);
        check(busy(Some(1e9)), 9, 1, 0.0, false);
        check(Problem::Unreachable { address: "h".into() }, 3, 4, 20_000.0, true);
    }

    #[test]
    fn does_not_repeat_what_a_person_must_mend() {
        check(Problem::Unauthorized { said: String::new() }, 9, 1, 0.0, false);
        check(Problem::malformed("x", "y"), 9, 1, 0.0, false);
        check(Problem::Server { status: 500, said: String::new() }, 9, 1, 0.0, false);
    }
}
