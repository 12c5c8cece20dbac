//! Which charts over runs a view shows: in a link `over=scatter*params.lr*metrics.acc,parallel*-params.lr*…`,
//! where `-` says that an axis stands on its head, and what is shown where nobody chose.

use super::route::{decoded, value};
use crate::charts::over::{Arrange, KINDS, Kind, Slot, Takes, kind};
use crate::model::Field;
use crate::model::order::sort_by_key;
use crate::query::fields::FieldInfo;

#[derive(Clone, Debug, PartialEq)]
pub struct OverSpec {
    /// Its kind's word.
    pub kind: &'static str,
    /// Of its slots, in order.
    pub fields: Vec<Field>,
    /// Of its fields those whose axes stand on their heads.
    pub flipped: Vec<Field>,
}

/// A link holds no more.
const MOST: usize = 40;
/// Axes of parallel coordinates.
const MOST_FIELDS: usize = 16;

impl OverSpec {
    pub fn of(kind: &'static str, fields: Vec<Field>) -> Self {
        OverSpec { kind, fields, flipped: Vec::new() }
    }

    pub fn kind(&self) -> &'static Kind {
        kind(self.kind).unwrap_or(&KINDS[0])
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('*');
        let kind = kind(parts.next()?)?;
        let mut spec = OverSpec::of(kind.word, Vec::new());
        for part in parts.take(MOST_FIELDS) {
            let upright = part.strip_prefix('-');
            if let Ok(field) = decoded(upright.unwrap_or(part)).parse::<Field>() {
                if upright.is_some() && !spec.flipped.contains(&field) {
                    spec.flipped.push(field.clone());
                }
                spec.fields.push(field);
            }
        }
        Some(spec)
    }

    fn text(&self) -> String {
        let sign = |it: &Field| if self.flipped.contains(it) { "-" } else { "" };
        let field = |it: &Field| format!("{}{}", sign(it), value(&it.to_string()).replace('*', "%2A"));
        std::iter::once(self.kind.to_owned()).chain(self.fields.iter().map(field)).collect::<Vec<_>>().join("*")
    }

    /// Whether each slot that needs a field has one.
    pub fn is_whole(&self) -> bool {
        let needed = self.kind().slots.iter().filter(|it| !it.is_optional).count();
        self.fields.len() >= needed
    }

    /// Whether a place may be left empty.
    pub fn may_clear(&self, place: usize) -> bool {
        place < self.fields.len() && self.slot(place).is_some_and(|it| it.is_optional || it.is_many)
    }

    /// The last of them may take many.
    fn slot(&self, place: usize) -> Option<&'static Slot> {
        self.kind().slots.get(place).or(self.kind().slots.last())
    }

    /// Puts a field into a place, at the end into a new one; none: takes it out.
    pub fn put(&mut self, place: usize, field: Option<Field>) {
        match field {
            Some(field) if place < self.fields.len() => self.fields[place] = field,
            Some(field) => self.fields.push(field),
            None if self.may_clear(place) && self.slot(place).is_some_and(|it| it.is_many) => {
                self.fields.remove(place);
            }
            // What follows must not move into the place of another slot.
            None if self.may_clear(place) => self.fields.truncate(place),
            None => {}
        }
        // As the link will have it.
        let fields = &self.fields;
        self.flipped.retain(|it| fields.contains(it));
    }

    pub fn arrange(&mut self, how: Arrange) {
        match how {
            Arrange::Move { from, to } if from < self.fields.len() && to < self.fields.len() => {
                let field = self.fields.remove(from);
                self.fields.insert(to, field);
            }
            Arrange::Flip(at) if at < self.fields.len() => {
                let field = self.fields[at].clone();
                let n = self.flipped.len();
                self.flipped.retain(|it| *it != field);
                if self.flipped.len() == n {
                    self.flipped.push(field);
                }
            }
            _ => {}
        }
    }

    pub fn title(&self) -> String {
        let label = |at: usize| self.fields.get(at).map_or("?", |it| it.label());
        match self.kind {
            "scatter" => format!("{} × {}", label(1), label(0)),
            "importance" => format!("What {} turns on", self.fields.last().map_or("?", |it| it.label())),
            "parallel" => format!("Parameters → {}", self.fields.last().map_or("?", |it| it.label())),
            "heat" => format!("{} by {} and {}", label(2), label(0), label(1)),
            "histogram" => label(0).to_owned(),
            "bars" if self.fields.len() > 2 => format!("{} by {} and {}", label(1), label(0), label(2)),
            _ => format!("{} by {}", label(1), label(0)),
        }
    }
}

/// None: nothing is said.
pub fn parse(text: Option<&str>) -> Option<Vec<OverSpec>> {
    let text = text?;
    Some(text.split(',').filter_map(OverSpec::parse).take(MOST).collect())
}

/// Whether all of it comes back from a link.
pub fn fit_a_link(all: &[OverSpec]) -> bool {
    all.len() <= MOST && all.iter().all(|it| it.fields.len() <= MOST_FIELDS)
}

pub fn text(all: &[OverSpec]) -> String {
    if all.is_empty() { "none".to_owned() } else { all.iter().map(OverSpec::text).collect::<Vec<_>>().join(",") }
}

/// Fields that tell runs apart, those with numbers first: few values before many, as swept ones have.
fn params(fields: &[FieldInfo]) -> Vec<&FieldInfo> {
    let tells = |it: &&FieldInfo| matches!(it.field, Field::Param(_)) && it.n_values > 1;
    // A text that is another one for each run is a name.
    let is_name = |it: &&FieldInfo| !it.numeric && it.n_values > 3 && it.n_values == it.n_runs;
    let mut found: Vec<&FieldInfo> = fields.iter().filter(tells).filter(|it| !is_name(it)).collect();
    let rank = |it: &FieldInfo| {
        let name = it.field.label().to_lowercase();
        let is_seed = name.contains("seed");
        let is_rate = ["lr", "learning_rate", "learning-rate"].iter().any(|word| name.ends_with(word));
        (is_seed, !is_rate, std::cmp::Reverse(it.n_runs))
    };
    sort_by_key(&mut found, |it| rank(it));
    found
}

/// What may stand in a slot at first.
pub fn first_fields(kind: &Kind, fields: &[FieldInfo], target: Option<&Field>) -> Vec<Field> {
    let params = params(fields);
    let metric = |it: &&FieldInfo| matches!(it.field, Field::Metric(_));
    let target = target.cloned().or_else(|| fields.iter().find(metric).map(|it| it.field.clone()));
    let target = target.unwrap_or(Field::Duration);
    let numeric = || params.iter().filter(|it| it.numeric).map(|it| it.field.clone());
    let named = || params.iter().filter(|it| !it.numeric || it.n_values <= 12).map(|it| it.field.clone());
    match kind.word {
        "scatter" => {
            let mut numeric = numeric();
            let x = numeric.next().unwrap_or(Field::Started);
            [x, target].into_iter().chain(numeric.next().or_else(|| named().next())).collect()
        }
        "importance" => params.iter().take(MOST_FIELDS - 1).map(|it| it.field.clone()).chain([target]).collect(),
        "parallel" => params.iter().take(6).map(|it| it.field.clone()).chain([target]).collect(),
        "bars" | "boxes" | "violin" => vec![named().next().unwrap_or(Field::Status), target],
        "heat" => {
            let mut all = params.iter().map(|it| it.field.clone());
            vec![all.next().unwrap_or(Field::Status), all.next().unwrap_or(Field::User), target]
        }
        _ => vec![target],
    }
}

/// What is shown where nobody chose: the target over what was swept.
pub fn suggested(fields: &[FieldInfo], n_runs: u32, target: Option<&Field>) -> Vec<OverSpec> {
    const LEAST_RUNS: u32 = 3;
    if n_runs < LEAST_RUNS || target.is_none() {
        return Vec::new();
    }
    let n_swept = params(fields).len();
    let has_names = params(fields).iter().any(|it| !it.numeric);
    let words: &[&str] = match n_swept {
        0 => &[],
        1 => &["scatter"],
        _ if has_names => &["parallel", "scatter", "boxes"],
        _ => &["parallel", "scatter"],
    };
    let spec = |word: &&str| {
        let kind = kind(word)?;
        Some(OverSpec::of(kind.word, first_fields(kind, fields, target)))
    };
    words.iter().filter_map(spec).collect()
}

/// Whether a slot takes it.
pub fn fits(takes: Takes, info: &FieldInfo) -> bool {
    match takes {
        Takes::Any => !matches!(info.field, Field::Curve(_)),
        Takes::Numbers => info.numeric,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_as_it_went() {
        let it = vec![
            OverSpec::of("scatter", vec![Field::Param("a*b,c".into()), Field::Metric("val/acc".into())]),
            OverSpec::of("histogram", vec![]),
            OverSpec {
                flipped: vec![Field::Metric("loss".into())],
                ..OverSpec::of("parallel", vec![Field::Param("-lr".into()), Field::Metric("loss".into())])
            },
        ];
        assert_eq!(parse(Some(&text(&it))), Some(it));
        assert_eq!(parse(Some(&text(&[]))), Some(vec![]));
        assert_eq!(parse(None), None);
        assert_eq!(parse(Some("pie*params.x,scatter*nonsense")), Some(vec![OverSpec::of("scatter", vec![])]));
    }

    #[test]
    fn axes_are_moved_and_turned() {
        let field = |it: &str| Field::Param(it.into());
        let mut spec = OverSpec::of("parallel", ["a", "b", "c"].map(field).into());
        spec.arrange(Arrange::Flip(0));
        spec.arrange(Arrange::Move { from: 0, to: 2 });
        assert_eq!(spec.fields, ["b", "c", "a"].map(field));
        assert_eq!(spec.flipped, ["a"].map(field), "it stays on its head wherever it goes");
        spec.put(2, Some(field("d")));
        assert_eq!(spec.flipped, [], "gone with its field");
        spec.arrange(Arrange::Flip(2));
        spec.arrange(Arrange::Flip(2));
        spec.arrange(Arrange::Flip(9));
        spec.arrange(Arrange::Move { from: 9, to: 0 });
        assert_eq!(spec, OverSpec::of("parallel", ["b", "c", "d"].map(field).into()));
        let mut twice = OverSpec::parse("parallel*-params.a*-params.a").expect("is one");
        twice.arrange(Arrange::Flip(0));
        assert_eq!(twice.text(), "parallel*params.a*params.a");
    }

    #[test]
    fn what_was_swept_is_drawn_against_the_target() {
        let info = |field: Field, n_values: u32, numeric: bool| FieldInfo { field, n_runs: 40, n_values, numeric };
        let fields = [
            info(Field::Param("seed".into()), 5, true),
            info(Field::Param("width".into()), 3, true),
            info(Field::Param("lr".into()), 4, true),
            info(Field::Param("note".into()), 40, false),
            info(Field::Param("same".into()), 1, true),
        ];
        let target = Field::Metric("acc".into());
        let found = suggested(&fields, 40, Some(&target));
        let names: Vec<Vec<&str>> = found.iter().map(|it| it.fields.iter().map(Field::label).collect()).collect();
        assert_eq!(names, [vec!["lr", "width", "seed", "acc"], vec!["lr", "acc", "width"]]);
        assert_eq!(suggested(&fields, 2, Some(&target)), []);
    }
}
