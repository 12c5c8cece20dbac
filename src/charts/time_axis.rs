//! Ticks of times: at whole minutes, hours and days of the viewer's zone, named as short as they differ.

use crate::components::format;

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Distances that people count in.
const STEPS: [f64; 24] = [
    1.0,
    10.0,
    100.0,
    SECOND,
    2.0 * SECOND,
    5.0 * SECOND,
    15.0 * SECOND,
    30.0 * SECOND,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    4.0 * HOUR,
    8.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    7.0 * DAY,
    14.0 * DAY,
    30.0 * DAY,
    91.0 * DAY,
];

fn step(span: f64, n: u32) -> f64 {
    let raw = span / f64::from(n.max(1));
    STEPS.into_iter().find(|it| *it >= raw).unwrap_or_else(|| (raw / (365.0 * DAY)).ceil() * 365.0 * DAY)
}

/// About `n` of them between two times in milliseconds. `zone`: what is added to get local time.
pub fn ticks(low: f64, high: f64, zone: f64, n: u32) -> Vec<f64> {
    let step = step(high - low, n);
    let first = ((low + zone) / step).ceil() * step - zone;
    (0..60).map(|it| first + f64::from(it) * step).take_while(|it| *it <= high).collect()
}

/// A tick of wall time where ticks are `span / n` apart.
pub fn label(ms: f64, zone: f64, apart: f64) -> String {
    let local = ms + zone;
    let days = (local / DAY).floor();
    let of_day = local - days * DAY;
    let part = |unit: f64, most: f64| (of_day / unit).floor() % most;
    let (hour, minute, second) = (part(HOUR, 24.0), part(MINUTE, 60.0), part(SECOND, 60.0));
    // Midnight says which day begins.
    if apart >= DAY || of_day < SECOND {
        let (_, month, day) = civil(days);
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        return format!("{day} {}", MONTHS[month]);
    }
    if apart < MINUTE { format!("{hour:02}:{minute:02}:{second:02}") } else { format!("{hour:02}:{minute:02}") }
}

/// Year, month from 0 and day of a day since 1970.
/// Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.
fn civil(days: f64) -> (f64, usize, u32) {
    let shifted = days + 719_468.0;
    let era = (shifted / 146_097.0).floor();
    let day_of_era = shifted - era * 146_097.0;
    let whole = |it: f64| it.floor();
    let year_of_era = whole(
        (day_of_era - whole(day_of_era / 1_460.0) + whole(day_of_era / 36_524.0) - whole(day_of_era / 146_096.0))
            / 365.0,
    );
    let day_of_year = day_of_era - (365.0 * year_of_era + whole(year_of_era / 4.0) - whole(year_of_era / 100.0));
    let shifted_month = whole((5.0 * day_of_year + 2.0) / 153.0);
    let day = day_of_year - whole((153.0 * shifted_month + 2.0) / 5.0) + 1.0;
    let month = if shifted_month < 10.0 { shifted_month + 2.0 } else { shifted_month - 10.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 11 and 1 to 31")]
    let (month, day) = ((month.max(0.0) as usize).min(11), day as u32);
    (year_of_era + era * 400.0 + f64::from(u8::from(month < 2)), month, day)
}

/// Names of all ticks.
pub fn labels(ticks: &[f64], zone: f64) -> Vec<String> {
    // One that stands alone says all it can.
    let apart = ticks.windows(2).map(|it| it[1] - it[0]).reduce(f64::min).unwrap_or(SECOND);
    ticks.iter().map(|it| label(*it, zone, apart)).collect()
}

/// Names of times since a start.
pub fn elapsed(ticks: &[f64]) -> Vec<String> {
    ticks.iter().map(|it| format::duration(*it)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, span: f64, zone: f64, expected: &str) {
        let ticks = ticks(low, low + span, zone, 4);
        assert_eq!(labels(&ticks, zone).join(" "), expected);
    }

    #[test]
    fn ticks_stand_at_whole_times_of_the_zone() {
        // 2023-11-14 22:13:20 UTC.
        let start = 1_700_000_000_000.0;
        check(start, 60.0 * MINUTE, 0.0, "22:15 22:30 22:45 23:00");
        check(start, 60.0 * MINUTE, 2.0 * HOUR, "00:15 00:30 00:45 01:00");
        check(start, 8.0 * HOUR, 0.0, "15 Nov 02:00 04:00 06:00");
        check(start, 20.0 * DAY, 0.0, "16 Nov 23 Nov 30 Nov");
        check(start, 40.0 * SECOND, 0.0, "22:13:30 22:13:45 22:14:00");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, expected) in
            [(0.0, (1970.0, 0, 1)), (59.0, (1970.0, 2, 1)), (19_782.0, (2024.0, 1, 29)), (-1.0, (1969.0, 11, 31))]
        {
            assert_eq!(civil(days), expected);
        }
    }

    #[test]
    fn no_span_is_too_long() {
        assert!(ticks(0.0, 1e15, 0.0, 4).len() < 61);
        assert!(ticks(0.0, 0.001, 0.0, 4).len() < 61);
    }
}
