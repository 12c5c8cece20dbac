//! Numbers as files hold them.

/// Every digit that tells the value apart from its neighbours. NaN and infinities as pandas reads them.
pub fn exact(value: f64) -> String {
    let size = value.abs();
    if value.is_finite() && size != 0.0 && !(1e-5..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Four significant digits for eyes, but every whole digit below a million.
pub fn short(value: f64) -> String {
    match decimals(value) {
        Some(decimals) => trimmed(&format!("{value:.decimals$}")).to_owned(),
        None if value.is_finite() => {
            let text = format!("{value:.3e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{}e{exponent}", trimmed(mantissa))
        }
        None => exact(value),
    }
}

/// A value and what belongs to it with as many decimals as the value has; each for itself where that
/// would make nothing of one of them.
pub fn aligned(value: f64, others: &[f64]) -> Vec<String> {
    let all: Vec<f64> = std::iter::once(value).chain(others.iter().copied()).collect();
    let vanishes = |it: f64, decimals: usize| it != 0.0 && format!("{it:.decimals$}").parse() == Ok(0.0);
    match decimals(value) {
        Some(decimals) if all.iter().all(|it| it.is_finite() && !vanishes(*it, decimals)) => {
            let needed = |it: &f64| trimmed(&format!("{it:.decimals$}")).split_once('.').map_or(0, |it| it.1.len());
            let decimals = all.iter().map(needed).max().unwrap_or(0);
            all.iter().map(|it| format!("{it:.decimals$}")).collect()
        }
        _ => all.into_iter().map(short).collect(),
    }
}

/// None where it is written with an exponent or by name.
fn decimals(value: f64) -> Option<usize> {
    let size = value.abs();
    match size {
        0.0 => Some(0),
        _ if !(1e-4..1e6).contains(&size) => None,
        _ => (0..8).find(|decimals| size * 10f64.powi(*decimals) >= 1e3).map_or(Some(7), |it| usize::try_from(it).ok()),
    }
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_lose_nothing() {
        for value in [0.1, 1e-300, 123_456_789.123, f64::MAX, -0.25, 5e-324, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(exact(value).parse::<f64>(), Ok(value));
        }
        assert_eq!([0.0, 1e-7, f64::NAN, f64::INFINITY, -2.0].map(exact), ["0", "1e-7", "NaN", "inf", "-2"]);
    }

    #[test]
    fn short_numbers_have_four_digits() {
        let check = |value: f64, expected: &str| assert_eq!(short(value), expected);
        check(0.912_345, "0.9123");
        check(0.000_123_456, "0.0001235");
        check(0.9, "0.9");
        check(-12.3456, "-12.35");
        check(17_226.4, "17226");
        check(25_000_000.0, "2.5e7");
        check(0.000_012_34, "1.234e-5");
        check(0.0, "0");
        check(f64::NAN, "NaN");
        assert_eq!(aligned(0.912, &[0.004]), ["0.912", "0.004"]);
        assert_eq!(aligned(0.912_34, &[0.003_98]), ["0.9123", "0.0040"]);
        assert_eq!(aligned(0.912_34, &[0.000_001]), ["0.9123", "1e-6"]);
        assert_eq!(aligned(120.0, &[10.0]), ["120", "10"]);
    }
}
