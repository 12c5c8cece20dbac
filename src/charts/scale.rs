//! From values to pixels, and where the ticks stand.

/// A closed range of finite values, low < high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// Of the finite values; a single value gets some room around it.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut range: Option<Range> = None;
        for it in values.filter(|it| it.is_finite()) {
            range = Some(match range {
                None => Range { low: it, high: it },
                Some(range) => Range { low: range.low.min(it), high: range.high.max(it) },
            });
        }
        range.map(|it| {
            if it.high > it.low {
                return it;
            }
            let room = if it.low == 0.0 { 1.0 } else { it.low.abs() * 0.05 };
            Range { low: it.low - room, high: it.high + room }
        })
    }

    /// Ends at the next round value if that is close: 2999 steps end at 3000.
    pub fn rounded_up(self, n_ticks: u32) -> Self {
        let step = nice((self.high / 2.0 - self.low / 2.0) / f64::from(n_ticks.max(1)) * 2.0);
        let end = (self.high / step).ceil() * step;
        let close = end.is_finite() && (end - self.high) / 2.0 <= (self.high / 2.0 - self.low / 2.0) * 0.02;
        Range { high: if close { end } else { self.high }, ..self }
    }

    /// A little air above and below, so that extremes are not cut.
    pub fn padded(self, share: f64) -> Self {
        let room = (self.high / 2.0 - self.low / 2.0) * 2.0 * share;
        let room = if room.is_finite() { room } else { 0.0 };
        Range { low: self.low - room, high: self.high + room }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    range: Range,
    log: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// Maps `range.low` to `from` and `range.high` to `to`. A log scale shows positive values only.
    pub fn new(range: Range, log: bool, from: f64, to: f64) -> Self {
        Self { range, log, from, to }
    }

    /// None where the scale has no place for it: not finite, or not positive on a log scale.
    pub fn place(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return None;
        }
        let share = if self.log {
            (value.ln() - self.range.low.ln()) / (self.range.high.ln() - self.range.low.ln())
        } else {
            // Halves first: the difference of two huge values overflows.
            (value / 2.0 - self.range.low / 2.0) / (self.range.high / 2.0 - self.range.low / 2.0)
        };
        // Far outside is as good as just outside, and keeps pixels within i32.
        Some(self.from + share.clamp(-10.0, 10.0) * (self.to - self.from))
    }

    pub fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.from) / (self.to - self.from);
        if self.log {
            (self.range.low.ln() + share * (self.range.high.ln() - self.range.low.ln())).exp()
        } else {
            self.range.low + share * (self.range.high - self.range.low)
        }
    }

    /// Round values, about `n` of them.
    pub fn ticks(&self, n: u32) -> Vec<f64> {
        if self.log { log_ticks(self.range, n) } else { linear_ticks(self.range, n) }
    }
}

fn linear_ticks(range: Range, n: u32) -> Vec<f64> {
    let step = nice((range.high / 2.0 - range.low / 2.0) / f64::from(n.max(1)) * 2.0);
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

/// The next 1, 2 or 5 times a power of ten.
fn nice(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let lead = raw / power;
    let lead = match lead {
        it if it <= 1.0 => 1.0,
        it if it <= 2.0 => 2.0,
        it if it <= 5.0 => 5.0,
        _ => 10.0,
    };
    lead * power
}

fn log_ticks(range: Range, n: u32) -> Vec<f64> {
    let (low, high) = (range.low.log10(), range.high.log10());
    let every = ((high - low) / f64::from(n.max(1))).ceil().max(1.0);
    let first = (low / every).ceil() * every;
    let decades: Vec<f64> =
        (0..200).map(|i| first + f64::from(i) * every).take_while(|it| *it <= high + 1e-9).collect();
    if decades.len() >= 3 {
        return decades.into_iter().map(|it| 10f64.powf(it)).collect();
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
    let decimals = usize::try_from(decimals.unwrap_or(6)).unwrap_or(0);
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
                return scientific(*it);
            }
            let text = crate::components::format::grouped(&format!("{:.decimals$}", it.abs()));
            if *it < 0.0 { format!("−{text}") } else { text }
        })
        .collect()
}

/// A power's multiple may be off in its last digit, so three figures are enough.
fn scientific(value: f64) -> String {
    let text = format!("{value:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.').replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, high: f64, log: bool, expected: &str) {
        let scale = Scale::new(Range { low, high }, log, 0.0, 1.0);
        assert_eq!(labels(&scale.ticks(5)).join(" "), expected);
    }

    #[test]
    fn ticks_are_round_and_labels_short() {
        check(0.0, 3000.0, false, "0 1000 2000 3000");
        check(0.901, 0.992, false, "0.92 0.94 0.96 0.98");
        check(-1.0, 1.0, false, "−1.0 −0.5 0 0.5 1.0");
        check(0.0, 25_000.0, false, "0 5000 10\u{202f}000 15\u{202f}000 20\u{202f}000 25\u{202f}000");
        check(1e-4, 1.0, true, "1e-4 0.001 0.01 0.1 1");
        check(0.04, 2.1, true, "0.05 0.1 0.2 0.5 1 2");
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
            let scale = Scale::new(Range { low, high }, false, 0.0, 100.0);
            let ticks = scale.ticks(5);
            assert!(ticks.len() < 30 && ticks.iter().all(|it| it.is_finite()), "{low} {high}: {ticks:?}");
            assert!(scale.place(high).is_some_and(|it| (it - 100.0).abs() < 1e-6));
        }
        assert_eq!(Range::of([f64::NAN, f64::INFINITY].into_iter()), None);
        assert_eq!(Range::of([0.0].into_iter()), Some(Range { low: -1.0, high: 1.0 }));
        let log = Scale::new(Range { low: 1e-3, high: 1.0 }, true, 0.0, 1.0);
        assert_eq!(log.place(0.0), None);
        assert_eq!(log.place(-1.0), None);
    }
}
