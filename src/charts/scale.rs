//! Where the ticks of an axis stand.

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
    let mut ticks: Vec<f64> = (0..=n.saturating_mul(3))
        .map(|i| (first + f64::from(i)) * step)
        .take_while(|it| it.is_finite() && *it <= range.high + step * 1e-9)
        // 3 × 0.1 is not 0.3; the label must be.
        .map(|it| (it / step).round() * step)
        .collect();
    // Neighbouring numbers have none between them.
    ticks.dedup();
    ticks
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
    let decades = (0..=4).map(|i| low.floor() + f64::from(i));
    let mut ticks: Vec<f64> = decades.flat_map(|it| [1.0, 2.0, 5.0].map(|lead| lead * 10f64.powf(it))).collect();
    ticks.retain(|it| it.is_finite() && (range.low * 0.999..=range.high * 1.001).contains(it));
    if ticks.len() < 2 { linear_ticks(range, n) } else { ticks }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        // Bent to minus infinity, and beyond the greatest number.
        for (low, high) in [(0.0, 1e-321), (1e-323, 2e-323), (1.5e308, f64::MAX)] {
            let ticks = ticks(&Scale::new(Range { low, high }, Kind::Log, 0.0, 100.0), 5);
            assert!(ticks.len() < 30 && ticks.iter().all(|it| it.is_finite()), "{low} {high}: {ticks:?}");
        }
        assert!(Range { low: 5e-324, high: 5e-324 }.with_room().high > 5e-324);
    }
}
