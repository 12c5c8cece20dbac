//! What all charts of a page are asked to show, as it stands in a link.

use super::route::{decoded, value};
use crate::engine::protocol::{AxisKind, XAxis};
use crate::query::fold_lines::Folding;
use crate::query::smooth::Smooth;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartSettings {
    pub x: XAxis,
    /// How x is divided, where that makes sense.
    pub scale: AxisKind,
    pub smooth: Smooth,
    /// Outliers are cut off.
    pub clips: bool,
    /// Runs that differ in the seed only are one line.
    pub folding: Option<Folding>,
    /// From where to where along x; none: all there is.
    pub seen: Option<(f64, f64)>,
    pub size: Size,
}

/// How large all charts of a page are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    Small,
    #[default]
    Usual,
    Large,
}

impl Size {
    /// With the word in a link, which is the style sheet's too; what is usual is not said.
    pub const ALL: [(&str, Size); 3] = [("small", Size::Small), ("", Size::Usual), ("large", Size::Large)];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    pub fn of(word: &str) -> Self {
        Self::ALL.iter().find(|it| it.0 == word).map_or(Size::Usual, |it| it.1)
    }
}

/// As exact as a screen can show it, so that a link stays short.
pub fn rounded((low, high): (f64, f64)) -> (f64, f64) {
    // Over decades, as a logarithm shows them, each end counts by itself.
    if low > 0.0 && high / low >= 100.0 {
        let five = |it: f64| format!("{it:.4e}").parse().unwrap_or(it);
        return (five(low), five(high));
    }
    let unit = 10f64.powf(((high - low) / 1e4).log10().floor());
    // Where that is finer than a number can say, or nothing, it stays as it is.
    let round = |it: f64| {
        let rounded = (it / unit).round() * unit;
        // Powers of ten below one have no exact number; their text has the digits that are meant.
        if unit < 1.0 && unit > 1e-12 {
            format!("{rounded:.*}", digits(unit)).parse().unwrap_or(rounded)
        } else {
            rounded
        }
    };
    let (a, b) = (round(low), round(high));
    if a.is_finite() && b.is_finite() && a < b { (a, b) } else { (low, high) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 12")]
fn digits(unit: f64) -> usize {
    (-unit.log10()).round().clamp(0.0, 12.0) as usize
}

/// Exactly; with a power of ten where there would be long rows of zeros.
fn short(it: f64) -> String {
    let plain = it.to_string();
    if plain.len() > 24 { format!("{it:e}") } else { plain }
}

/// From where to where, as it stands in a link.
pub fn said((low, high): (f64, f64)) -> String {
    format!("{}..{}", short(low), short(high))
}

/// The same the other way.
pub fn seen(text: &str) -> Option<(f64, f64)> {
    let (low, high) = text.split_once("..")?;
    let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
    (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
}

/// How an axis is divided, by its word.
pub const AXES: [(&str, AxisKind); 3] =
    [("linear", AxisKind::Linear), ("log", AxisKind::Log), ("symlog", AxisKind::SymLog)];

pub fn axis_of(word: &str) -> Option<AxisKind> {
    AXES.iter().find(|it| it.0 == word).map(|it| it.1)
}

pub fn word_of(kind: AxisKind) -> &'static str {
    AXES.iter().find(|it| it.1 == kind).map_or("", |it| it.0)
}

/// Kinds of smoothing: the word in a link, the name, and its least, greatest and usual amount.
pub const KINDS: [(&str, &str, f64, f64, f64); 5] = [
    ("ema", "EMA", 0.0, 0.999, 0.6),
    ("time", "Time EMA", 0.0, 0.2, 0.02),
    ("gauss", "Gaussian", 0.0, 100.0, 5.0),
    ("mean", "Mean", 1.0, 501.0, 11.0),
    ("median", "Median", 1.0, 501.0, 11.0),
];

/// The kind and how much of it, in words. None: lines are as they were logged.
pub fn said_of(it: Smooth) -> Option<String> {
    let (kind, amount) = parts(it)?;
    Some(format!("{} {}", KINDS[kind].1, said_amount(amount)))
}

/// As many digits as a slider has.
pub fn said_amount(amount: f64) -> String {
    if amount >= 1.0 {
        return amount.to_string();
    }
    let text = format!("{amount:.3}");
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

/// Which of the kinds, and how much.
pub fn parts(it: Smooth) -> Option<(usize, f64)> {
    match it {
        Smooth::None => None,
        Smooth::Ema(it) => Some((0, it)),
        Smooth::TimeEma(it) => Some((1, it)),
        Smooth::Gaussian(it) => Some((2, it)),
        Smooth::Mean(n) => Some((3, f64::from(n))),
        Smooth::Median(n) => Some((4, f64::from(n))),
    }
}

/// No smoothing where the amount is the least.
pub fn of_parts(kind: usize, amount: f64) -> Smooth {
    let Some((_, _, least, most, _)) = KINDS.get(kind) else { return Smooth::None };
    if !amount.is_finite() || amount <= *least {
        return Smooth::None;
    }
    let amount = amount.min(*most);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the kind's bounds")]
    let whole = amount.round() as u32;
    match kind {
        0 => Smooth::Ema(amount),
        1 => Smooth::TimeEma(amount),
        2 => Smooth::Gaussian(amount),
        3 => Smooth::Mean(whole),
        _ => Smooth::Median(whole),
    }
}

impl ChartSettings {
    pub fn parse<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let smooth = get("smooth").and_then(|it| {
            let kind = KINDS.iter().position(|kind| it.starts_with(kind.0))?;
            Some(of_parts(kind, it[KINDS[kind].0.len()..].parse().ok()?))
        });
        ChartSettings {
            x: match get("x") {
                Some("relative") => XAxis::Relative,
                Some("wall") => XAxis::Wall,
                Some(it) => it.strip_prefix("metrics.").map_or(XAxis::Step, |it| XAxis::Metric(decoded(it))),
                None => XAxis::Step,
            },
            scale: get("xscale").and_then(axis_of).unwrap_or_default(),
            smooth: smooth.unwrap_or_default(),
            clips: get("cut") == Some("outliers"),
            folding: Folding::ALL.into_iter().find(|it| Some(it.0) == get("seeds")).map(|it| it.2),
            seen: get("seen").and_then(seen),
            size: get("size").map_or(Size::Usual, Size::of),
        }
    }

    /// Times of day have no logarithm.
    pub fn x_kind(&self) -> AxisKind {
        if self.x == XAxis::Wall { AxisKind::Linear } else { self.scale }
    }

    pub fn pairs(&self) -> Vec<String> {
        let mut pairs = Vec::new();
        match &self.x {
            XAxis::Step => {}
            XAxis::Relative => pairs.push("x=relative".to_owned()),
            XAxis::Wall => pairs.push("x=wall".to_owned()),
            XAxis::Metric(name) => pairs.push(format!("x=metrics.{}", value(name))),
        }
        if self.scale != AxisKind::Linear {
            pairs.push(format!("xscale={}", word_of(self.scale)));
        }
        if let Some((kind, amount)) = parts(self.smooth) {
            pairs.push(format!("smooth={}{amount}", KINDS[kind].0));
        }
        if self.clips {
            pairs.push("cut=outliers".to_owned());
        }
        let folding = Folding::ALL.iter().find(|it| Some(it.2) == self.folding);
        pairs.extend(folding.map(|it| format!("seeds={}", it.0)));
        pairs.extend(self.seen.map(|it| format!("seen={}", said(it))));
        pairs.extend((self.size != Size::Usual).then(|| format!("size={}", self.size.word())));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(query: &str) -> String {
        let pairs: Vec<(&str, &str)> = query.split('&').filter_map(|it| it.split_once('=')).collect();
        ChartSettings::parse(&|key| pairs.iter().find(|it| it.0 == key).map(|it| it.1)).pairs().join("&")
    }

    #[test]
    fn what_is_seen_is_said_as_exactly_as_a_screen_shows_it() {
        assert_eq!(rounded((123.456_789, 2_345.678_9)), (123.5, 2_345.7));
        assert_eq!(rounded((0.000_012_345_678, 0.000_022_345_678)), (0.000_012_346, 0.000_022_346));
        assert_eq!(rounded((1_700_000_000_123.4, 1_700_003_600_123.4)), (1_700_000_000_100.0, 1_700_003_600_100.0));
        assert_eq!(rounded((1.234_567, 1e6 + 0.123)), (1.2346, 1e6));
        for it in [(0.0, 5e-324), (-f64::MAX, f64::MAX), (1e15, 1e15 + 0.125)] {
            assert_eq!(rounded(it), it);
        }
    }

    #[test]
    fn a_link_comes_back_as_it_went() {
        for it in [
            "",
            "x=wall&smooth=ema0.6&cut=outliers&seeds=ci",
            "x=relative&xscale=log&smooth=median11",
            "xscale=symlog",
            "x=metrics.train/tokens%26",
            "smooth=gauss2.5&seen=-0.25..1e300&size=large",
            "size=small",
        ] {
            assert_eq!(round(it), it);
        }
        assert_eq!(round("x=sideways&smooth=ema9&cut=all"), "smooth=ema0.999");
        assert_eq!(round("smooth=emaNaN&seen=5..5"), "");
        assert_eq!(round("seen=inf..NaN&size=huge"), "");
        assert_eq!(round("smooth=mean-3&x=step"), "");
    }
}
