//! A dashboard as it stands in a link: `board=line*1*0.3.6.11*y:val/loss;title:Loss,text*2*…`. A widget has
//! a kind, a number that stays its own, a place on the grid and settings by name. The same settings, one a
//! line, make a widget in a page of the wiki.

use super::layout::{COLUMNS, Spot};
use crate::pages::route::{decoded, value};

/// Settings by name, in the order they were set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(Vec<(String, String)>);

#[derive(Clone, Debug, PartialEq)]
pub struct Widget {
    pub id: u32,
    /// Its kind's word; one of a newer version is kept as it is.
    pub kind: String,
    pub spot: Spot,
    pub set: Settings,
}

/// A link holds no more.
pub const MOST: usize = 100;
const MOST_SETTINGS: usize = 40;

impl Settings {
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let mut set = Settings::default();
        for (key, value) in pairs {
            set.put(key, value);
        }
        set
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|it| it.0 == key).map(|it| it.1.as_str())
    }

    /// Nothing takes it away.
    pub fn put(&mut self, key: &str, value: &str) {
        let at = self.0.iter().position(|it| it.0 == key);
        match at {
            Some(at) if value.is_empty() => {
                self.0.remove(at);
            }
            Some(at) => value.clone_into(&mut self.0[at].1),
            None if value.is_empty() || self.0.len() >= MOST_SETTINGS => {}
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|it| it.0.as_str())
    }

    /// The same with one set.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.put(key, value);
        self
    }

    fn parse(text: &str) -> Self {
        let mut set = Settings::default();
        for (key, value) in text.split(';').filter_map(|it| it.split_once(':')) {
            set.put(&decoded(key), &decoded(value));
        }
        set
    }

    fn text(&self) -> String {
        let part = |it: &str| value(it).replace('*', "%2A");
        let pair = |(key, value): &(String, String)| format!("{}:{}", part(key).replace(':', "%3A"), part(value));
        self.0.iter().map(pair).collect::<Vec<_>>().join(";")
    }

    /// `key: value` a line, as in a page.
    pub fn from_lines(text: &str) -> Self {
        let mut set = Settings::default();
        for (key, value) in text.lines().filter_map(|it| it.split_once(':')) {
            set.put(key.trim(), value.trim());
        }
        set
    }

    pub fn lines(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key}: {}\n", value.replace('\n', " "))).collect()
    }
}

impl Widget {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('*');
        let kind = decoded(parts.next().filter(|it| !it.is_empty())?);
        let id = parts.next()?.parse().ok()?;
        let mut places = parts.next()?.split('.');
        let mut number = || places.next()?.parse::<u16>().ok();
        let (x, y, w, h) = (number()?, number()?, number()?, number()?);
        let set = parts.next().map(Settings::parse).unwrap_or_default();
        Some(Widget { id, kind, spot: Spot::within(x, y, w, h), set })
    }

    fn text(&self) -> String {
        let Spot { x, y, w, h } = self.spot;
        let kind = value(&self.kind).replace('*', "%2A");
        let set = self.set.text();
        let mut out = format!("{kind}*{}*{x}.{y}.{w}.{h}", self.id);
        if !set.is_empty() {
            out.push('*');
            out.push_str(&set);
        }
        out
    }
}

/// None: nothing is said.
pub fn parse(text: Option<&str>) -> Option<Vec<Widget>> {
    let mut all: Vec<Widget> = Vec::new();
    for widget in text?.split(',').filter_map(Widget::parse).take(MOST) {
        if all.iter().all(|it| it.id != widget.id) {
            all.push(widget);
        }
    }
    Some(all)
}

pub fn text(all: &[Widget]) -> String {
    if all.is_empty() { "none".to_owned() } else { all.iter().map(Widget::text).collect::<Vec<_>>().join(",") }
}

/// A number no other has.
pub fn next_id(all: &[Widget]) -> u32 {
    (1..).find(|id| all.iter().all(|it| it.id != *id)).unwrap_or(u32::MAX)
}

/// One more, where there is room for it.
pub fn add(all: &mut Vec<Widget>, kind: &str, size: (u16, u16), set: Settings) -> Option<u32> {
    if all.len() >= MOST {
        return None;
    }
    let taken: Vec<Spot> = all.iter().map(|it| it.spot).collect();
    let spot = super::layout::free(&taken, size.0.min(COLUMNS), size.1);
    let id = next_id(all);
    all.push(Widget { id, kind: kind.to_owned(), spot, set });
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_as_it_went() {
        let set = Settings::of([("y", "a*b,c;d:e=f&%"), ("title", "Üb:er"), ("q;:*", "x\ny")]);
        let all = vec![
            Widget { id: 1, kind: "line".into(), spot: Spot::within(0, 3, 6, 11), set },
            Widget { id: 7, kind: "of*later,".into(), spot: Spot::within(6, 0, 6, 3), set: Settings::default() },
        ];
        assert_eq!(parse(Some(&text(&all))), Some(all));
        assert_eq!(parse(Some(&text(&[]))), Some(vec![]));
        assert_eq!(parse(None), None);
    }

    #[test]
    fn nonsense_is_left_out_and_places_stay_on_the_grid() {
        let all = parse(Some("line*1*0.0.6.8*y:loss,line,*2*,line*x*1.1.1.1,line*1*0.0.1.1,tile*3*99.70000.0.999"));
        let all = all.unwrap_or_default();
        assert_eq!(all.len(), 1, "the last one's place is no number: {all:?}");
        let odd = parse(Some("tile*3*99.65535.0.999")).unwrap_or_default();
        assert!(odd[0].spot.x + odd[0].spot.w <= COLUMNS && odd[0].spot.w > 0, "{odd:?}");
    }

    #[test]
    fn settings_are_lines_too() {
        let set = Settings::from_lines("y: val/accuracy\nruns: a = \"b: c\"\n\nnothing\nfold:\n");
        assert_eq!(set.get("runs"), Some("a = \"b: c\""));
        assert_eq!(set.get("fold"), None);
        assert_eq!(Settings::from_lines(&set.lines()), set);
    }

    #[test]
    fn one_more_has_its_own_number_and_place() {
        let mut all = Vec::new();
        assert_eq!(add(&mut all, "line", (6, 8), Settings::default()), Some(1));
        assert_eq!(add(&mut all, "line", (6, 8), Settings::default()), Some(2));
        assert_eq!((all[1].spot.x, all[1].spot.y), (6, 0));
        all.remove(0);
        assert_eq!(add(&mut all, "line", (99, 8), Settings::default()), Some(1));
        assert_eq!((all[1].spot.x, all[1].spot.y, all[1].spot.w), (0, 8, 12));
    }
}
