//! What is written along an axis: as short as tells the ticks apart, and never wider than there is room.

use super::frame::text_width;
use crate::components::format::grouped;

/// Places along an axis and what is written there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ticks {
    pub at: Vec<(f64, String)>,
    /// What is to be added to each, where they differ far behind their first digits: `+1.234e8`.
    pub offset: Option<String>,
}

impl FromIterator<(f64, String)> for Ticks {
    fn from_iter<I: IntoIterator<Item = (f64, String)>>(all: I) -> Self {
        Ticks { at: all.into_iter().collect(), offset: None }
    }
}

/// Numbers, each as wide as `room` at most, in pixels.
pub fn numbers(ticks: Vec<f64>, room: f64) -> Ticks {
    let fits = |names: &Vec<String>| names.iter().all(|it| text_width(it) <= room);
    // Two ticks may differ after rounding and be neither: what is said is what they are.
    let step = ticks.windows(2).map(|it| (it[1] - it[0]).abs()).fold(f64::INFINITY, f64::min);
    let are_true = |names: &Vec<String>| {
        names.iter().zip(&ticks).all(|(name, tick)| read(name).is_some_and(|it| (it - tick).abs() <= step * 0.01))
    };
    let all = |name: &dyn Fn(f64) -> String| ticks.iter().map(|it| name(*it)).collect::<Vec<_>>();
    let short = (0..4).map(|digits| all(&move |it| scientific(it, digits)));
    // Whole numbers have all their digits where there is room.
    let is_whole = ticks.iter().all(|it| it.fract() == 0.0 && it.abs() < 1e15);
    let whole = is_whole.then(|| all(&|it| decimal(it, 0)));
    let found = std::iter::once(usual(&ticks)).chain(short).chain(whole).find(|it| fits(it) && are_true(it));
    let (names, offset) = match (found, base(&ticks)) {
        (Some(names), _) => (names, None),
        (None, Some((base, unit))) => {
            // A difference has digits behind its own that mean nothing.
            let rest: Vec<f64> = ticks.iter().map(|it| ((it - base) / unit * 1e6).round() / 1e6 * unit).collect();
            (usual(&rest), Some(said(base, unit)))
        }
        (None, None) => (all(&|it| scientific(it, 2)), None),
    };
    Ticks { at: ticks.into_iter().zip(names).collect(), offset }
}

/// A label as a number again.
fn read(name: &str) -> Option<f64> {
    name.replace('−', "-").replace('\u{202f}', "").parse().ok()
}

/// What all have in common, and the power of ten it is a multiple of. None: they have nothing.
fn base(ticks: &[f64]) -> Option<(f64, f64)> {
    let (first, last) = (ticks.first()?, ticks.last()?);
    let unit = 10f64.powf((last - first).abs().log10().floor() + 1.0);
    let base = (first / unit).floor() * unit;
    (unit > 0.0 && base.is_finite() && base != 0.0).then_some((base, unit))
}

fn said(base: f64, unit: f64) -> String {
    let sign = if base < 0.0 { "" } else { "+" };
    if base.abs() < 1e15 && unit >= 1.0 {
        return format!("{sign}{}", decimal(base, 0));
    }
    let digits = (base.abs().log10().floor() - unit.log10().round()).clamp(0.0, 17.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 17")]
    let digits = digits as usize;
    format!("{sign}{}", scientific(base, digits))
}

/// Plain numbers with as many decimals as the ticks need to differ, powers of ten where those are shorter.
fn usual(ticks: &[f64]) -> Vec<String> {
    let biggest = ticks.iter().fold(0.0f64, |most, it| most.max(it.abs()));
    let step = ticks.windows(2).map(|it| (it[1] - it[0]).abs()).fold(f64::INFINITY, f64::min);
    let is_plain = biggest == 0.0 || ((1e-3..1e6).contains(&biggest) && step >= 1e-5);
    let is_uneven = ticks.windows(2).any(|it| (it[1] - it[0]).abs() > step * 1.5);
    let decimals = (0..6).find(|decimals| {
        (step * 10f64.powi(*decimals)).fract().min(1.0 - (step * 10f64.powi(*decimals)).fract()) < 1e-6
    });
    // Of a single tick nothing has to differ.
    let decimals = if step.is_finite() { usize::try_from(decimals.unwrap_or(6)).unwrap_or(0) } else { 3 };
    let name = |it: &f64| match *it {
        0.0 => "0".into(),
        // 0.3 as a power's multiple may be 0.30000000000000004.
        it if is_uneven && (1e-3..1e4).contains(&it.abs()) => format!("{}", (it * 1e6).round() / 1e6).replace('-', "−"),
        it if is_uneven || !is_plain => scientific(it, 2),
        it => decimal(it, decimals),
    };
    ticks.iter().map(name).collect()
}

fn decimal(value: f64, decimals: usize) -> String {
    let text = grouped(&format!("{:.decimals$}", value.abs()));
    if value < 0.0 { format!("−{text}") } else { text }
}

/// A power's multiple may be off in its last digit: only so many are said, and no zeros at the end.
fn scientific(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    format!("{}e{exponent}", mantissa.replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use halimede_raster::{Kind, Range, Scale};

    use super::super::scale::ticks;
    use super::*;

    fn named(low: f64, high: f64, kind: Kind, room: f64) -> Ticks {
        numbers(ticks(&Scale::new(Range { low, high }, kind, 200.0, 0.0), 5), room)
    }

    #[track_caller]
    fn check(low: f64, high: f64, kind: Kind, expected: &str) {
        let it = named(low, high, kind, 42.0);
        let names: Vec<&str> =
            it.offset.iter().map(String::as_str).chain(it.at.iter().map(|it| it.1.as_str())).collect();
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn labels_are_short() {
        check(0.0, 3000.0, Kind::Linear, "0 1000 2000 3000");
        check(0.901, 0.992, Kind::Linear, "0.92 0.94 0.96 0.98");
        check(1541.0, 2463.0, Kind::Linear, "1600 1800 2000 2200 2400");
        check(1e-6, 1.0, Kind::Log, "1e-6 1e-4 0.01 1");
        check(-1.0, 1.0, Kind::Linear, "−1.0 −0.5 0 0.5 1.0");
        check(0.0, 25_000.0, Kind::Linear, "0 5000 10\u{202f}000 15\u{202f}000 20\u{202f}000 25\u{202f}000");
        check(1e-4, 1.0, Kind::Log, "1e-4 0.001 0.01 0.1 1");
        check(0.04, 2.1, Kind::Log, "0.05 0.1 0.2 0.5 1 2");
        check(0.0, 0.0016, Kind::Linear, "0 0.0005 0.0010 0.0015");
        check(-0.2, 0.2, Kind::SymLog, "−0.1 −0.01 −0.001 0 0.001 0.01 0.1");
    }

    #[test]
    fn labels_say_what_the_ticks_are() {
        for ticks in [vec![-1.65e-7, -1.55e-7], vec![-1.25e5, -1.5e5], vec![1e9 + 3.0, 1e9 + 4.0], vec![0.125, 0.375]] {
            let it = numbers(ticks, 42.0);
            let base = it.offset.as_ref().map_or(0.0, |it| read(it.trim_start_matches('+')).expect("a number"));
            for (tick, name) in &it.at {
                let said = base + read(name).expect("a number");
                assert!((said - tick).abs() <= 1e-9 * tick.abs(), "{tick} is called {name}, {:?}", it.offset);
            }
        }
    }

    #[test]
    fn labels_fit_and_differ() {
        check(-452_000.0, -251_000.0, Kind::Linear, "−4.5e5 −4e5 −3.5e5 −3e5");
        check(1.234e-4, 1.236e-4, Kind::Linear, "+1.23e-4 4e-7 4.5e-7 5e-7 5.5e-7 6e-7");
        check(1_234_567.0, 1_234_567.5, Kind::Linear, "+1\u{202f}234\u{202f}567 0 0.1 0.2 0.3 0.4 0.5");
        check(1e8, 1e8 + 49.0, Kind::Linear, "+100\u{202f}000\u{202f}000 0 10 20 30 40");
        check(-1.000_03e-7, -1.000_01e-7, Kind::Linear, "−1.0001e-7 7e-12 7.5e-12 8e-12 8.5e-12 9e-12");
        // Along x there is more room.
        let steps = named(1e9, 1e9 + 7.0, Kind::Linear, 84.0);
        assert_eq!((steps.at[1].1.as_str(), steps.offset), ("1\u{202f}000\u{202f}000\u{202f}002", None));
        for (low, high) in
            [(2f64.powi(53), 2f64.powi(53) + 12.0), (0.1, 0.100_000_5), (-3e300, -2.9999e300), (5.0, 5.0 + 1e-12)]
        {
            let it = named(low, high, Kind::Linear, 42.0);
            let fits = it.at.iter().all(|it| text_width(&it.1) <= 42.0);
            assert!(fits && it.at.windows(2).all(|it| it[0].1 != it[1].1), "{low} {high}: {it:?}");
        }
    }
}
