//! Where the ticks of an axis stand, and what they are called.

use halimede_raster::{Kind, Range, Scale, nice};

/// Round values, about `n` of them.
pub fn ticks(scale: &Scale, n: u32) -> Vec<f64> {
    match scale.kind() {
        Kind::Linear => linear_ticks(scale.range(), n),
        Kind::Log => log_ticks(scale.range(), n),
        Kind::SymLog => symlog_ticks(scale, n),
    }
}

/// Zero, and powers of ten on both sides that stand far enough from one another.
fn symlog_ticks(scale: &Scale, n: u32) -> Vec<f64> {
    let range = scale.range();
    let reach = range.low.abs().max(range.high.abs());
    let top = reach.log10().floor();
    if !top.is_finite() {
        return linear_ticks(range, n);
    }
    let apart = ((scale.pixel(range.low) - scale.pixel(range.high)).abs() / f64::from(n.max(1)) * 0.6).max(1.0);
    let mut ticks: Vec<f64> = Vec::new();
    let powers = (0..10).flat_map(|i| [1.0, -1.0].map(|sign| sign * 10f64.powf(top - f64::from(i))));
    let all = std::iter::once(0.0).chain(powers);
    for it in all.filter(|it| (range.low..=range.high).contains(it)) {
        if ticks.iter().all(|other| (scale.pixel(*other) - scale.pixel(it)).abs() >= apart) {
            ticks.push(it);
        }
    }
    ticks.sort_unstable_by(f64::total_cmp);
    // Between two powers there may be none.
    if ticks.len() < 2 { linear_ticks(range, n) } else { ticks }
}

fn linear_ticks(range: Range, n: u32) -> Vec<f64> {
    let raw = (range.high / 2.0 - range.low / 2.0) / f64::from(n.max(1)) * 2.0;
    // Rounded up there may be one tick, or none: then rounded down.
    let few = (range.high / nice(raw)).floor() - (range.low / nice(raw)).ceil() < 1.0;
    let step = nice(if few { raw / 2.5 } else { raw });
    if !step.is_finite() || step <= 0.0 {
        return vec![range.low, range.high];
    }
    let first = (range.low / step).ceil();
    (0..=n.saturating_mul(3))
        .map(|i| (first + f64::from(i)) * step)
        .take_while(|it| it.is_finite() && *it <= range.high + step * 1e-9)
        // 3 × 0.1 is not 0.3; the label must be.
        .map(|it| (it / step).round() * step)
        .collect()
}

fn log_ticks(range: Range, n: u32) -> Vec<f64> {
    let (low, high) = (range.low.log10(), range.high.log10());
    let mut every = ((high - low) / f64::from(n.max(1))).ceil().max(1.0);
    loop {
        let first = (low / every).ceil() * every;
        let decades: Vec<f64> =
            (0..200).map(|i| first + f64::from(i) * every).take_while(|it| *it <= high + 1e-9).collect();
        if decades.len() >= 3 {
            return decades.into_iter().map(|it| 10f64.powf(it)).collect();
        }
        if every <= 1.0 || !every.is_finite() {
            break;
        }
        every = (every - 1.0).max(1.0);
    }
    // Few decades: 1, 2, 5 within them.
    let mut ticks: Vec<f64> = Vec::new();
    let mut decade = low.floor();
    while decade <= high {
        ticks.extend([1.0, 2.0, 5.0].map(|it| it * 10f64.powf(decade)));
        decade += 1.0;
    }
    ticks.retain(|it| (range.low * 0.999..=range.high * 1.001).contains(it));
    if ticks.len() < 2 { linear_ticks(range, n) } else { ticks }
}

/// Short labels with as many decimals as the ticks need to differ.
pub fn labels(ticks: &[f64]) -> Vec<String> {
    let biggest = ticks.iter().fold(0.0f64, |most, it| most.max(it.abs()));
    let step = ticks.windows(2).map(|it| (it[1] - it[0]).abs()).fold(f64::INFINITY, f64::min);
    let plain = biggest == 0.0 || ((1e-3..1e6).contains(&biggest) && step >= 1e-5);
    let uneven = ticks.windows(2).any(|it| (it[1] - it[0]).abs() > step * 1.5);
    let decimals = (0..6).find(|decimals| {
        (step * 10f64.powi(*decimals)).fract().min(1.0 - (step * 10f64.powi(*decimals)).fract()) < 1e-6
    });
    // Of a single tick nothing has to differ.
    let decimals = if step.is_finite() { usize::try_from(decimals.unwrap_or(6)).unwrap_or(0) } else { 3 };
    // A power's multiple may be off in its last digit, so three figures are enough, but for ticks that differ
    // later; of more there is no room.
    let said = |digits: usize| ticks.iter().map(|it| scientific(*it, digits)).collect::<Vec<_>>();
    let digits = (2..6).find(|it| said(*it).windows(2).all(|it| it[0] != it[1])).unwrap_or(2);
    ticks
        .iter()
        .map(|it| {
            if *it == 0.0 {
                return "0".into();
            }
            if uneven && (1e-3..1e4).contains(&it.abs()) {
                // 0.3 as a power's multiple may be 0.30000000000000004.
                return format!("{}", (it * 1e6).round() / 1e6);
            }
            if uneven || !plain || (it.abs() < 1e-3 && step >= it.abs()) {
                return scientific(*it, digits);
            }
            let text = crate::components::format::grouped(&format!("{:.decimals$}", it.abs()));
            if *it < 0.0 { format!("−{text}") } else { text }
        })
        .collect()
}

fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.').replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, high: f64, log: bool, expected: &str) {
        let kind = if log { Kind::Log } else { Kind::Linear };
        let scale = Scale::new(Range { low, high }, kind, 0.0, 1.0);
        assert_eq!(labels(&ticks(&scale, 5)).join(" "), expected);
    }

    #[test]
    fn ticks_are_round_and_labels_short() {
        check(0.0, 3000.0, false, "0 1000 2000 3000");
        check(0.901, 0.992, false, "0.92 0.94 0.96 0.98");
        check(1541.0, 2463.0, false, "1600 1800 2000 2200 2400");
        check(1e-6, 1.0, true, "1e-6 1e-4 0.01 1");
        check(-1.0, 1.0, false, "−1.0 −0.5 0 0.5 1.0");
        check(0.0, 25_000.0, false, "0 5000 10\u{202f}000 15\u{202f}000 20\u{202f}000 25\u{202f}000");
        check(1e-4, 1.0, true, "1e-4 0.001 0.01 0.1 1");
        check(0.04, 2.1, true, "0.05 0.1 0.2 0.5 1 2");
    }

    #[test]
    fn both_sides_of_zero_have_ticks() {
        let scale = Scale::new(Range { low: -1000.0, high: 1000.0 }, Kind::SymLog, 200.0, 0.0);
        assert_eq!(ticks(&scale, 5), [-1000.0, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn an_axis_ends_at_a_round_value_nearby() {
        assert_eq!(Range { low: 0.0, high: 2999.0 }.rounded_up(5).high, 3000.0);
        assert_eq!(Range { low: 0.0, high: 2700.0 }.rounded_up(5).high, 2700.0);
        assert_eq!(Range { low: -f64::MAX, high: f64::MAX }.rounded_up(5).high, f64::MAX);
    }

    #[test]
    fn extremes_do_not_break_it() {
        for (low, high) in [(-f64::MAX, f64::MAX), (1e-308, 2e-308), (1e308, 1.1e308), (5.0, 5.0 + 1e-12)] {
            let scale = Scale::new(Range { low, high }, Kind::Linear, 0.0, 100.0);
            let ticks = ticks(&scale, 5);
            assert!(ticks.len() < 30 && ticks.iter().all(|it| it.is_finite()), "{low} {high}: {ticks:?}");
            assert!(scale.place(high).is_some_and(|it| (it - 100.0).abs() < 1e-6));
        }
        assert_eq!(Range::of([f64::NAN, f64::INFINITY].into_iter()), None);
        assert_eq!(Range::of([0.0].into_iter()), Some(Range { low: -1.0, high: 1.0 }));
        let log = Scale::new(Range { low: 1e-3, high: 1.0 }, Kind::Log, 0.0, 1.0);
        assert_eq!(log.place(0.0), None);
        assert_eq!(log.place(-1.0), None);
    }
}
