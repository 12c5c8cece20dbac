//! Numbers, sizes and times as people read them. The exact value is always one hover away.

/// U+202F, the narrow space that groups digits.
const THIN: char = '\u{202f}';
const MINUS: char = '−';

/// About four figures: `0.9844`, `17 226`, `9.75e-4`. NaN and infinities by name.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "−Inf".into() };
    }
    let size = value.abs();
    let text = if size == 0.0 {
        "0".into()
    } else if size < 1e9 && (size.fract() == 0.0 || size >= 1e6) {
        grouped(&format!("{size:.0}"))
    } else if !(1e-3..1e6).contains(&size) {
        scientific(size)
    } else {
        let decimals = match size {
            it if it < 10.0 => 4,
            it if it < 100.0 => 3,
            it if it < 1000.0 => 2,
            _ => 1,
        };
        grouped(&format!("{size:.decimals$}"))
    };
    if value < 0.0 { format!("{MINUS}{text}") } else { text }
}

/// How the numbers of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    /// About four figures.
    #[default]
    Auto,
    /// With so many places after the point.
    Fixed(u8),
    /// With a power of ten and so many places.
    Exponent(u8),
    /// Times a hundred.
    Percent(u8),
    /// Bytes, with their unit.
    Bytes,
    /// Seconds, as a duration.
    Seconds,
    /// Every digit.
    Exact,
}

impl Style {
    /// The choices, with their names.
    pub const ALL: [(&str, Style); 8] = [
        ("Usual", Style::Auto),
        ("0.12", Style::Fixed(2)),
        ("0.1234", Style::Fixed(4)),
        ("1.23e-4", Style::Exponent(2)),
        ("12.3 %", Style::Percent(1)),
        ("Bytes", Style::Bytes),
        ("Seconds", Style::Seconds),
        ("Every digit", Style::Exact),
    ];

    /// As it stands in links: `f2`, `e2`, `p1`, `bytes`, `s`, `exact`.
    pub fn code(self) -> String {
        match self {
            Style::Auto => String::new(),
            Style::Fixed(n) => format!("f{n}"),
            Style::Exponent(n) => format!("e{n}"),
            Style::Percent(n) => format!("p{n}"),
            Style::Bytes => "bytes".into(),
            Style::Seconds => "s".into(),
            Style::Exact => "exact".into(),
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        let places = |text: &str| text.parse::<u8>().ok().filter(|it| *it <= 15);
        match code {
            "bytes" => Some(Style::Bytes),
            "s" => Some(Style::Seconds),
            "exact" => Some(Style::Exact),
            _ => match code.split_at_checked(1)? {
                ("f", n) => places(n).map(Style::Fixed),
                ("e", n) => places(n).map(Style::Exponent),
                ("p", n) => places(n).map(Style::Percent),
                _ => None,
            },
        }
    }

    pub fn write(self, value: f64) -> String {
        if !value.is_finite() {
            return number(value);
        }
        let size = value.abs();
        let text = match self {
            Style::Auto => return number(value),
            Style::Fixed(n) => grouped(&format!("{size:.*}", usize::from(n))),
            Style::Exponent(n) => format!("{size:.*e}", usize::from(n)),
            Style::Percent(n) => format!("{}\u{202f}%", grouped(&format!("{:.*}", usize::from(n), size * 100.0))),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size; beyond 2^64 it stops")]
            Style::Bytes => bytes(size.round() as u64),
            Style::Seconds => duration(size * 1_000.0),
            Style::Exact => exact(size),
        };
        if value < 0.0 { format!("{MINUS}{text}") } else { text }
    }
}

/// A deviation beside its value: short, and without the nought before the point.
pub fn spread(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if !size.is_finite() || size >= 10.0 => number(value),
        it if it >= 1e-4 => format!("{it:.4}"),
        0.0 => "0".into(),
        it => scientific(it),
    };
    text.strip_prefix("0.").map_or(text.clone(), |rest| format!(".{rest}"))
}

fn scientific(size: f64) -> String {
    let text = format!("{size:.2e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => {
            format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// Every digit that tells the value apart from its neighbours.
pub fn exact(value: f64) -> String {
    if value.is_finite() && value != 0.0 && !(1e-5..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}").replace("inf", "Infinity")
    }
}

/// Digits in groups of three from 10 000 on.
pub fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if whole.len() > 4 && i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(THIN);
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

pub fn count(n: impl Into<u64>) -> String {
    grouped(&n.into().to_string())
}

/// `one run`, `3 runs`.
pub fn n_of(n: impl Into<u64>, one: &str) -> String {
    let n = n.into();
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

#[expect(clippy::cast_precision_loss, reason = "three figures are shown")]
pub fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} kB", short(size as f64 / 1e3)),
        1_000_000..1_000_000_000 => format!("{} MB", short(size as f64 / 1e6)),
        _ => format!("{} GB", short(size as f64 / 1e9)),
    }
}

fn short(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Milliseconds as `0.8 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`.
pub fn duration(ms: f64) -> String {
    let seconds = ms.abs() / 1000.0;
    let sign = if ms < 0.0 { "−" } else { "" };
    let whole = |it: f64| format!("{it:.0}");
    let two = |big: f64, big_unit: &str, small: f64, small_unit: &str| {
        let (big, small) = (whole(big.floor()), whole(small.floor()));
        if small == "0" { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
    };
    let text = match seconds {
        it if it < 59.95 => {
            if it < 9.95 {
                format!("{it:.1} s")
            } else {
                format!("{it:.0} s")
            }
        }
        it if it < 3_600.0 => two(it / 60.0, "min", it % 60.0, "s"),
        it if it < 86_400.0 => two(it / 3_600.0, "h", it % 3_600.0 / 60.0, "min"),
        it => two(it / 86_400.0, "d", it % 86_400.0 / 3_600.0, "h"),
    };
    format!("{sign}{text}")
}

/// How long ago: `just now`, `3 min ago`, `5 h ago`, `2 d ago`.
pub fn ago(ms: f64) -> String {
    let seconds = ms / 1000.0;
    match seconds {
        it if it < 10.0 => "just now".into(),
        it if it < 60.0 => format!("{:.0} s ago", it.floor()),
        it if it < 3_600.0 => format!("{:.0} min ago", (it / 60.0).floor()),
        it if it < 86_400.0 => format!("{:.0} h ago", (it / 3_600.0).floor()),
        it => format!("{:.0} d ago", (it / 86_400.0).floor()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_figures() {
        let check = |value: f64, expected: &str| assert_eq!(number(value), expected, "{value}");
        check(0.984_444, "0.9844");
        check(0.0, "0");
        check(1.0, "1");
        check(17_226.0, "17\u{202f}226");
        check(9_999.0, "9999");
        check(0.000_975, "9.75e-4");
        check(1e-300, "1e-300");
        check(2.5e7, "25\u{202f}000\u{202f}000");
        check(2.5e7 + 0.4, "25\u{202f}000\u{202f}000");
        check(-12.3456, "−12.346");
        check(1234.56, "1234.6");
        check(f64::NAN, "NaN");
        check(f64::NEG_INFINITY, "−Inf");
        check(f64::MAX, "1.8e308");
    }

    #[test]
    fn the_exact_value_loses_nothing() {
        for value in [0.1, 1e-300, 123_456_789.123, f64::MAX, -0.25] {
            assert_eq!(exact(value).parse::<f64>(), Ok(value));
        }
        assert_eq!(exact(f64::INFINITY), "Infinity");
        assert_eq!(exact(f64::NAN), "NaN");
    }

    #[test]
    fn styles_write_and_come_back_from_links() {
        let check = |code: &str, value: f64, expected: &str| {
            let style = Style::from_code(code).expect("a style");
            assert_eq!((style.code().as_str(), style.write(value).as_str()), (code, expected));
        };
        check("f2", 1234.567, "1234.57");
        check("f0", -0.6, "−1");
        check("e2", 0.000_123_4, "1.23e-4");
        check("p1", 0.9876, "98.8\u{202f}%");
        check("s", 90.0, "1 min 30 s");
        check("exact", 0.1 + 0.2, "0.30000000000000004");
        check("bytes", 1_500.0, "1.5 kB");
        check("f2", f64::NAN, "NaN");
        assert_eq!([Style::from_code("f16"), Style::from_code("x"), Style::from_code("ü1")], [None; 3]);
        for (_, style) in Style::ALL.into_iter().skip(1) {
            assert_eq!(Style::from_code(&style.code()), Some(style));
        }
    }

    #[test]
    fn durations_and_ages() {
        assert_eq!(duration(840.0), "0.8 s");
        assert_eq!(duration(22_300.0), "22 s");
        assert_eq!(duration(250_000.0), "4 min 10 s");
        assert_eq!(duration(7_200_000.0), "2 h");
        assert_eq!(duration(-1_000.0), "−1.0 s");
        assert_eq!(ago(3.0 * 3_600_000.0), "3 h ago");
        assert_eq!(bytes(480), "480 B");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(n_of(1u32, "run"), "1 run");
        assert_eq!(n_of(10_240u32, "run"), "10\u{202f}240 runs");
    }
}
