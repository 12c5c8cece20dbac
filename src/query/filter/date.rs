//! Dates as people type them, and as files hold them.

/// Milliseconds since the epoch. `2026-11-24`, `2026-11-24 14:53`, `2026-11-24T14:53:07.5Z`,
/// `…+01:00`. Without a zone it is the viewer's, which `to_utc` knows.
pub fn parse(text: &str, to_utc: &dyn Fn(f64) -> f64) -> Option<f64> {
    let text = text.trim();
    let (day, rest) = text.split_at_checked(10)?;
    let mut parts = day.split('-');
    let mut number = |digits: usize| parts.next().filter(|it| it.len() == digits)?.parse::<u32>().ok();
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let days = days_since_epoch(year, month, day);
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let (clock, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let local = days * 86_400_000.0 + time_of_day(clock.trim())?;
    match zone {
        "" => Some(to_utc(local)),
        "Z" | "z" => Some(local),
        _ => {
            let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "0"));
            let offset = hours.parse::<f64>().ok()? * 60.0 + minutes.parse::<f64>().ok()?;
            Some(local - offset * 60_000.0 * if zone.starts_with('-') { -1.0 } else { 1.0 })
        }
    }
}

fn time_of_day(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let mut parts = text.split(':');
    let mut number = |below: f64| match parts.next() {
        None => Some(0.0),
        Some(it) if it.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            it.parse::<f64>().ok().filter(|it| *it < below)
        }
        Some(_) => None,
    };
    let (hours, minutes, seconds) = (number(24.0)?, number(60.0)?, number(61.0)?);
    parts.next().is_none().then_some(((hours * 60.0 + minutes) * 60.0 + seconds) * 1000.0)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Of the Gregorian calendar, after Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn days_since_epoch(year: u32, month: u32, day: u32) -> f64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    #[expect(clippy::cast_precision_loss, reason = "days of four-digit years")]
    let days = (era * 146_097 + day_of_era - 719_468) as f64;
    days
}

/// ISO 8601 in UTC. After Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub fn iso(ms: f64) -> String {
    const DAY: f64 = 86_400_000.0;
    let whole = |it: f64| it.floor();
    let days = whole(ms / DAY);
    let rest = whole(ms - days * DAY);
    let from_march = days + 719_468.0;
    let era = whole(from_march / 146_097.0);
    let day_of_era = from_march - era * 146_097.0;
    let leaps = whole(day_of_era / 1_460.0) - whole(day_of_era / 36_524.0) + whole(day_of_era / 146_096.0);
    let year_of_era = whole((day_of_era - leaps) / 365.0);
    let day_of_year = day_of_era - (365.0 * year_of_era + whole(year_of_era / 4.0) - whole(year_of_era / 100.0));
    let month_from_march = whole((5.0 * day_of_year + 2.0) / 153.0);
    let day = day_of_year - whole((153.0 * month_from_march + 2.0) / 5.0) + 1.0;
    let month = if month_from_march < 10.0 { month_from_march + 3.0 } else { month_from_march - 9.0 };
    let year = year_of_era + era * 400.0 + if month <= 2.0 { 1.0 } else { 0.0 };
    let (hours, minutes) = (whole(rest / 3_600_000.0), whole(rest / 60_000.0) % 60.0);
    let (seconds, ms) = (whole(rest / 1000.0) % 60.0, rest % 1000.0);
    format!("{year:04.0}-{month:02.0}-{day:02.0}T{hours:02.0}:{minutes:02.0}:{seconds:02.0}.{ms:03.0}Z")
}

#[cfg(test)]
mod tests {
    use super::{iso, parse};

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(parse(text, &|local| local - 3_600_000.0), expected, "{text}");
    }

    #[test]
    fn reads_dates_with_and_without_a_zone() {
        check("1970-01-01T00:00:00Z", Some(0.0));
        check("2026-11-24T10:00:00Z", Some(1_795_514_400_000.0));
        check("2026-11-24T11:00+01:00", Some(1_795_514_400_000.0));
        check("2026-11-24 05:30:00-04:30", Some(1_795_514_400_000.0));
        check("2026-11-24 11:00", Some(1_795_514_400_000.0));
        check("2024-02-29", Some(1_709_164_800_000.0 - 3_600_000.0));
        check("2023-02-29", None);
        check("2026-13-01", None);
        check("yesterday", None);
        check("2026-11-24 25:00", None);
        check("2026-11-24 1:2:3:4", None);
        check("2026-11-2é", None);
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "2026-11-24T13:00:00.000Z",
            "1970-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.000Z",
            "2024-02-29T23:59:59.000Z",
            "2000-03-01T00:00:00.000Z",
            "1900-02-28T12:34:56.000Z",
        ] {
            assert_eq!(parse(text, &|it| it).map(iso).as_deref(), Some(text));
        }
        assert_eq!(iso(1_700_000_000_123.9), "2023-11-14T22:13:20.123Z");
    }
}
