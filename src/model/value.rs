//! Params keep the text as received; this is the parsed view beside it.

/// The number a param's text stands for, if it is one. Accepts what Python's `str(float)` and
/// `str(int)` print, with surrounding space; `True`, `0x10` and `1_000` stay text.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let first = text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.' | b'n' | b'N' | b'i' | b'I')) {
        return None;
    }
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Some(f64::NAN),
        "inf" | "+inf" | "infinity" | "+infinity" => return Some(f64::INFINITY),
        "-inf" | "-infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        let got = number(text);
        let same = match (got, expected) {
            (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
            (None, None) => true,
            _ => false,
        };
        assert!(same, "{text:?} gave {got:?}");
    }

    #[test]
    fn reads_what_python_prints() {
        check("0.001", Some(0.001));
        check("1e-05", Some(1e-5));
        check(" -3 ", Some(-3.0));
        check("nan", Some(f64::NAN));
        check("-inf", Some(f64::NEG_INFINITY));
    }

    #[test]
    fn leaves_text_as_text() {
        check("", None);
        check("True", None);
        check("adam", None);
        check("infinite", None);
        check("1_000", None);
        check("[64, 64]", None);
        check("1.2.3", None);
        check("2026-11-24", None);
    }
}
