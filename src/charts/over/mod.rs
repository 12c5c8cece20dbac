//! Charts over runs: a point, line, bar or cell for each run or group of runs. Each kind is its file
//! here and its two lines below; it is given a sheet and never fetches.

mod axis;
mod bars;
mod boxes;
mod heat;
mod histogram;
mod importance;
mod key;
mod parallel;
mod scatter;
#[cfg(target_arch = "wasm32")]
pub mod view;
mod violin;

use super::frame::{Area, Drawn, short, text, title_height, titled, unit};
use super::palette::{self, Theme};
use super::surface::Surface;
use crate::model::order::sort_by;
use crate::model::sheet::{Sheet, SheetColumn};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// A place or a size, in CSS pixels.
pub type Place = (f64, f64);

type Draw = fn(&Area, &Sheet, Place, &Marks, Theme) -> Drawn;

/// What a kind of chart is and does. The columns of the sheet are its slots', in order.
pub trait Over {
    /// In links.
    const WORD: &'static str;
    const LABEL: &'static str;
    const SLOTS: &'static [Slot];
    /// Is drawn from what the last column turns on.
    const IS_RANKED: bool = false;
    /// Its axes can be moved and turned.
    const HAS_AXES: bool = false;
    const HAS_LATEX: bool = false;

    /// `size` in CSS pixels.
    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn;

    /// What is drawn in numbers, where that is not the runs' own values.
    fn figures(_sheet: &Sheet) -> Option<Figures> {
        None
    }

    /// What LaTeX draws with pgfplots, where it can.
    fn latex(_sheet: &Sheet) -> Option<String> {
        None
    }

    /// What is under the pointer.
    fn hit(_sheet: &Sheet, _size: Place, _marks: &Marks, _at: Place) -> Option<Hit> {
        None
    }

    /// The pointer went from one place to another with its button down.
    fn drag(_sheet: &Sheet, _size: Place, _marks: &mut Marks, _from: Place, _to: Place) {}

    /// What a pull from one place to another does to the chart itself; to the same place, a click.
    fn arrange(_sheet: &Sheet, _size: Place, _from: Place, _to: Place) -> Option<Arrange> {
        None
    }

    /// Of each run whether what was dragged holds it; None: nothing was.
    fn picked(_sheet: &Sheet, _size: Place, _marks: &Marks) -> Option<Vec<bool>> {
        None
    }
}

/// A table of what a chart made of its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Of the names, then of the numbers.
    pub heads: Vec<String>,
    pub rows: Vec<(String, Vec<f64>)>,
}

impl Figures {
    fn new(of: &str, heads: &[&str], rows: Vec<(String, Vec<f64>)>) -> Self {
        let heads = std::iter::once(of).chain(heads.iter().copied()).map(str::to_owned).collect();
        Self { heads, rows }
    }
}

/// A field that a kind is made of.
#[derive(Debug)]
pub struct Slot {
    pub name: &'static str,
    pub takes: Takes,
    /// The last slot may hold any number of fields.
    pub is_many: bool,
    pub is_optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Any,
    Numbers,
}

impl Slot {
    const fn new(name: &'static str, takes: Takes) -> Self {
        Slot { name, takes, is_many: false, is_optional: false }
    }

    const fn optional(self) -> Self {
        Slot { is_optional: true, ..self }
    }

    const fn many(self) -> Self {
        Slot { is_many: true, ..self }
    }
}

/// What people have pointed at, and how they turned it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Of each axis whether it stands on its head.
    pub flips: Vec<bool>,
    /// An axis that is being moved, and where it is.
    pub pulled: Option<(usize, f64)>,
    /// Under the pointer.
    pub rows: Vec<usize>,
    /// A line drawn around something, in CSS pixels.
    pub lasso: Vec<Place>,
    /// Of each axis from where to where, in shares from its bottom.
    pub ranges: Vec<Option<(f64, f64)>>,
}

impl Marks {
    /// The stretches of these axes on those of another sheet of the same runs.
    pub fn carried(&self, from: &Sheet, to: &Sheet, flips: &[bool]) -> Vec<Option<(f64, f64)>> {
        let one = |(at, column): (usize, &SheetColumn)| {
            let old = from.columns.iter().position(|it| it.field == column.field)?;
            let (low, high) = self.ranges.get(old).copied()??;
            let is_turned = self.flips.get(old) != flips.get(at);
            Some(if is_turned { (1.0 - high, 1.0 - low) } else { (low, high) })
        };
        to.columns.iter().enumerate().map(one).collect()
    }
}

/// A change of how a chart is arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrange {
    /// One axis to the place of another.
    Move {
        from: usize,
        to: usize,
    },
    Flip(usize),
}

/// Of a run, or of several that are drawn as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub rows: Vec<usize>,
    pub title: String,
    /// Names and values.
    pub lines: Vec<(String, String)>,
}

/// A kind, with its type forgotten.
pub struct Kind {
    pub word: &'static str,
    pub label: &'static str,
    pub slots: &'static [Slot],
    pub is_ranked: bool,
    draw: Draw,
    pub hit: fn(&Sheet, Place, &Marks, Place) -> Option<Hit>,
    pub has_axes: bool,
    pub has_latex: bool,
    pub figures: fn(&Sheet) -> Option<Figures>,
    pub latex: fn(&Sheet) -> Option<String>,
    pub drag: fn(&Sheet, Place, &mut Marks, Place, Place),
    pub arrange: fn(&Sheet, Place, Place, Place) -> Option<Arrange>,
    pub picked: fn(&Sheet, Place, &Marks) -> Option<Vec<bool>>,
}

impl Kind {
    const fn of<T: Over>() -> Self {
        Kind {
            word: T::WORD,
            label: T::LABEL,
            slots: T::SLOTS,
            is_ranked: T::IS_RANKED,
            draw: T::draw,
            hit: T::hit,
            has_axes: T::HAS_AXES,
            has_latex: T::HAS_LATEX,
            latex: T::latex,
            figures: T::figures,
            drag: T::drag,
            arrange: T::arrange,
            picked: T::picked,
        }
    }

    /// How many of the runs have what it takes to be drawn.
    pub fn n_drawn(&self, sheet: &Sheet) -> usize {
        if let Some(ranking) = &sheet.ranking {
            return ranking.n_runs as usize;
        }
        let n_needed = self.slots.iter().take_while(|it| !it.is_optional && !it.is_many).count();
        let needed = sheet.columns.get(..n_needed).unwrap_or_default();
        (0..sheet.ids.len()).filter(|row| needed.iter().all(|it| it.numbers[*row].is_finite())).count()
    }
}

pub static KINDS: [Kind; 8] = [
    Kind::of::<scatter::Scatter>(),
    Kind::of::<parallel::Parallel>(),
    Kind::of::<bars::Bars>(),
    Kind::of::<boxes::Boxes>(),
    Kind::of::<violin::Violin>(),
    Kind::of::<histogram::Histogram>(),
    Kind::of::<heat::Heat>(),
    Kind::of::<importance::ImportanceChart>(),
];

pub fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|it| it.word == word)
}

/// As a file that a paper can print, and its size with the title. None where it cannot be drawn.
pub fn svg(kind: &Kind, title: &str, sheet: &Sheet, size: Place, marks: &Marks) -> Option<(String, Place)> {
    let mut out = String::new();
    let whole = (size.0, size.1 + title_height(title));
    {
        let backend = SVGBackend::with_string(&mut out, (unit(whole.0).unsigned_abs(), unit(whole.1).unsigned_abs()));
        let theme = palette::theme(false);
        let area = Surface::area(backend);
        (kind.draw)(&titled(&area, title, size, theme).ok()?, sheet, size, marks, theme).ok()?;
        area.present().ok()?;
    }
    Some((out, whole))
}

/// Where the plot stands in the chart, with room for labels and the axis' name.
fn room((width, height): Place) -> super::frame::Inset {
    let inset = super::frame::inset(width, height);
    super::frame::Inset { bottom: (inset.bottom - 14.0).max(inset.top + 1.0), ..inset }
}

/// What a field is called on an axis.
fn label(column: &SheetColumn) -> String {
    match &column.field {
        crate::model::Field::Figure(figure, name) => format!("{} {name}", figure.word()),
        field => field.label().to_owned(),
    }
}

/// The colour of each run by a column: a step of the sequence, or of the series where it has names.
struct Colours<'a> {
    column: &'a SheetColumn,
    axis: Option<axis::Axis>,
    /// Of each run its value's place among all that are different, from 0 to 1: by value one run that went wrong
    /// would make all others one colour.
    ranks: Vec<f64>,
    dark: bool,
}

impl<'a> Colours<'a> {
    fn of(column: &'a SheetColumn, dark: bool) -> Self {
        let mut different: Vec<f64> = column.numbers.iter().map(|it| it + 0.0).filter(|it| !it.is_nan()).collect();
        different.sort_unstable_by(f64::total_cmp);
        different.dedup();
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let last = count(different.len().saturating_sub(1)).max(1.0);
        let place = |it: &f64| different.binary_search_by(|other| other.total_cmp(&(it + 0.0))).map_or(f64::NAN, count);
        let ranks = column.numbers.iter().map(|it| place(it) / last).collect();
        Self { column, axis: axis::Axis::of(column, 0.0, 1.0), ranks, dark }
    }

    /// The value at a share of the runs.
    fn quantile(&self, share: f64) -> Option<String> {
        let near = |it: &(usize, &f64)| if it.1.is_nan() { f64::INFINITY } else { (it.1 - share).abs() };
        let (row, _) = self.ranks.iter().enumerate().min_by(|a, b| near(a).total_cmp(&near(b)))?;
        Some(self.axis.as_ref()?.said(self.column.numbers[row]))
    }

    /// Where they are names: each with its colour.
    fn names(&self) -> Option<Vec<(String, RGBColor)>> {
        let names = self.axis.as_ref().filter(|it| it.is_named()).map(|_| &self.column.labels)?;
        Some(
            (0..=u8::MAX).cycle().zip(names).map(|(at, name)| (name.clone(), palette::series(at, self.dark))).collect(),
        )
    }

    fn at(&self, row: usize) -> Option<RGBColor> {
        let value = *self.column.numbers.get(row)?;
        let axis = self.axis.as_ref()?;
        axis.place(value)?;
        if !axis.is_named() {
            return Some(palette::sequence(self.ranks[row], self.dark));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        Some(palette::series((value.max(0.0) % 256.0) as u8, self.dark))
    }
}

fn fill(colour: RGBAColor) -> ShapeStyle {
    ShapeStyle { color: colour, filled: true, stroke_width: 0 }
}

fn stroke(colour: RGBAColor, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour, filled: false, stroke_width: unit(width).unsigned_abs() }
}

/// A value of a column, as people read it.
fn said(column: &SheetColumn, value: f64) -> String {
    match column.field {
        crate::model::Field::Duration => crate::components::format::duration(value),
        _ => crate::components::format::number(value),
    }
}

/// Groups of runs by the values of a column, in its order.
fn groups(by: &SheetColumn) -> Vec<(f64, Vec<usize>)> {
    let mut order: Vec<usize> = (0..by.numbers.len()).filter(|row| !by.numbers[*row].is_nan()).collect();
    sort_by(&mut order, |a, b| by.numbers[*a].total_cmp(&by.numbers[*b]));
    let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
    for row in order {
        let value = by.numbers[row];
        match groups.last_mut() {
            Some((held, rows)) if *held == value => rows.push(row),
            _ => groups.push((value, vec![row])),
        }
    }
    groups
}

/// Names of groups side by side, each `wide`, below their places; and of what they are groups by.
fn name_groups(
    area: &Area,
    by: &SheetColumn,
    groups: impl Iterator<Item = (f64, f64)>,
    (wide, inset): (f64, super::frame::Inset),
    theme: Theme,
) -> Drawn {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of letters")]
    let letters = (wide / 6.6).clamp(1.0, 30.0) as usize;
    if letters > 2 {
        for (x, value) in groups {
            let name = short(&group_name(by, value), letters);
            text(area, &name, (x, inset.bottom + 6.0), HPos::Center, VPos::Top, theme)?;
        }
    }
    text(area, &short(&label(by), 40), (inset.right, inset.bottom + 20.0), HPos::Right, VPos::Top, theme)
}

/// The name of a group.
fn group_name(by: &SheetColumn, value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let named = by.labels.get(value.max(0.0) as usize);
    // As somebody would have written it: 0.001 and not 0.0010, 3e-4 and not 0.0003.
    let (plain, power) = (value.to_string(), format!("{value:e}"));
    let written = if plain.len() > 5 && power.len() < plain.len() { power } else { plain };
    let plain = || Some(written).filter(|it| it.len() <= 7);
    named.cloned().or_else(plain).unwrap_or_else(|| crate::components::format::number(value))
}

#[cfg(test)]
mod tests;
