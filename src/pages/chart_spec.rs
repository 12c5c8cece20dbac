//! What one chart of a metric is asked to show unlike the others of its page. In a link
//! `chart=val/loss*pin*wide*log*y0.1..2*heat,…`; what is not said is as usual.

use super::chart_settings::{axis_of, said, seen, word_of};
use super::route::{decoded, value};
use crate::charts::spread::Style;
use crate::engine::protocol::AxisKind;

#[derive(Clone, Debug, PartialEq, Default)]
pub struct ChartSpec {
    pub metric: String,
    /// Stands above all sections.
    pub is_pinned: bool,
    /// Takes the room of two, side by side.
    pub is_wide: bool,
    /// One over the other.
    pub is_tall: bool,
    /// None: as its name suggests.
    pub y: Option<AxisKind>,
    /// From where to where along y; none: all there is.
    pub seen: Option<(f64, f64)>,
    pub style: Style,
}

/// A link holds no more.
const MOST: usize = 100;
const MOST_LETTERS: usize = 6_000;
const STYLES: [(&str, Style); 2] = [("heat", Style::Heat), ("ridges", Style::Ridges)];

impl ChartSpec {
    pub fn of(metric: &str) -> Self {
        ChartSpec { metric: metric.to_owned(), ..ChartSpec::default() }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('*');
        let mut spec = ChartSpec::of(&decoded(parts.next().filter(|it| !it.is_empty())?));
        for part in parts {
            match part {
                "pin" => spec.is_pinned = true,
                "wide" => spec.is_wide = true,
                "tall" => spec.is_tall = true,
                word => {
                    spec.seen = word.strip_prefix('y').and_then(seen).or(spec.seen);
                    spec.y = axis_of(word).or(spec.y);
                    spec.style = STYLES.iter().find(|it| it.0 == word).map_or(spec.style, |it| it.1);
                }
            }
        }
        Some(spec)
    }

    fn text(&self) -> String {
        let mut parts = vec![value(&self.metric).replace('*', "%2A")];
        parts.extend(self.is_pinned.then(|| "pin".to_owned()));
        parts.extend(self.is_wide.then(|| "wide".to_owned()));
        parts.extend(self.is_tall.then(|| "tall".to_owned()));
        parts.extend(self.y.map(|it| word_of(it).to_owned()));
        parts.extend(self.seen.map(|it| format!("y{}", said(it))));
        parts.extend(STYLES.iter().find(|it| it.1 == self.style).map(|it| it.0.to_owned()));
        parts.join("*")
    }
}

pub fn parse(said: Option<&str>) -> Vec<ChartSpec> {
    let mut all: Vec<ChartSpec> = Vec::new();
    for spec in said.into_iter().flat_map(|it| it.split(',')).filter_map(ChartSpec::parse).take(MOST) {
        if all.iter().all(|it| it.metric != spec.metric) {
            all.push(spec);
        }
    }
    all
}

pub fn text(all: &[ChartSpec]) -> String {
    all.iter().map(ChartSpec::text).collect::<Vec<_>>().join(",")
}

/// The one of this metric.
pub fn find(all: &[ChartSpec], metric: &str) -> ChartSpec {
    all.iter().find(|it| it.metric == metric).cloned().unwrap_or_else(|| ChartSpec::of(metric))
}

/// One takes the place of what was said of its metric; what is as usual is not kept. False: there is no room for it.
pub fn set(all: &mut Vec<ChartSpec>, spec: ChartSpec) -> bool {
    let is_usual = spec == ChartSpec::of(&spec.metric);
    match all.iter().position(|it| it.metric == spec.metric) {
        Some(at) if is_usual => {
            all.remove(at);
        }
        Some(at) => all[at] = spec,
        None if is_usual => {}
        None if all.len() >= MOST || text(all).len() + spec.text().len() > MOST_LETTERS => return false,
        None => all.push(spec),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_as_it_went() {
        for it in ["val/loss*pin*wide*tall*log*y0.001..2*heat", "a%2C%2Ab*linear,loss*symlog,acc*y-1.5..0*ridges"] {
            assert_eq!(text(&parse(Some(it))), it);
        }
        assert_eq!(text(&parse(Some("loss*sideways*y2..1*yellow,,*pin"))), "loss");
        assert_eq!(text(&parse(Some("loss*pin,loss*wide"))), "loss*pin", "one of each");
        assert_eq!(parse(None), []);
    }

    #[test]
    fn what_is_as_usual_is_not_kept() {
        let mut all = Vec::new();
        set(&mut all, ChartSpec { is_wide: true, ..ChartSpec::of("loss") });
        set(&mut all, ChartSpec { is_wide: true, is_pinned: true, ..ChartSpec::of("loss") });
        assert_eq!(text(&all), "loss*pin*wide");
        assert!(find(&all, "loss").is_pinned && !find(&all, "other").is_pinned);
        set(&mut all, ChartSpec::of("loss"));
        assert_eq!(all, []);
    }

    #[test]
    fn what_a_link_has_no_room_for_is_refused() {
        let pinned = |it: usize| ChartSpec { is_pinned: true, ..ChartSpec::of(&format!("m{it}")) };
        let mut all = Vec::new();
        assert!((0..MOST).all(|it| set(&mut all, pinned(it))));
        assert!(!set(&mut all, pinned(MOST)) && all.len() == MOST);
        assert!(set(&mut all, ChartSpec::of("m3")) && set(&mut all, pinned(MOST)));
        let long = ChartSpec { is_pinned: true, ..ChartSpec::of(&"x".repeat(MOST_LETTERS)) };
        assert!(!set(&mut Vec::new(), long));
    }
}
