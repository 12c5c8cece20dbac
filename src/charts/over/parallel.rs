//! Parallel coordinates: an axis for each field, a line for each run, coloured by the last field. A
//! stretch dragged along an axis keeps the runs within; an axis is moved by its name, and a click on that
//! turns it upside down.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::{Arrange, Colours, Hit, Marks, Over, Place, Slot, Takes, fill, label, stroke};
use crate::charts::frame::{Area, Drawn, short, text, text_width, unit};
use crate::charts::palette::{Theme, series};
use crate::components::format;
use crate::model::sheet::Sheet;

pub struct Parallel;

const TOP: f64 = 28.0;
const BOTTOM: f64 = 12.0;
const SIDE: f64 = 52.0;
const NEAR: f64 = 8.0;
/// More lines than this are drawn straight.
const MOST_BENT: usize = 600;
/// Of this much of an axis runs without a value pass below it.
const BELOW: f64 = 6.0;

struct Line {
    x: f64,
    axis: Option<Axis>,
}

/// The axes from left to right.
fn axes(sheet: &Sheet, (width, height): (f64, f64), marks: &Marks) -> Vec<Line> {
    let apart = apart(width, sheet.columns.len());
    let axis = |(at, column): (u32, &_)| {
        let is_flipped = is_flipped(marks, at as usize);
        let ends = (height - BOTTOM - BELOW, TOP);
        let (from, to) = if is_flipped { (ends.1, ends.0) } else { ends };
        let pulled = marks.pulled.filter(|it| it.0 == at as usize).map(|it| it.1);
        Line { x: pulled.unwrap_or(SIDE + apart * f64::from(at)), axis: Axis::of(column, from, to) }
    };
    (0..).zip(&sheet.columns).map(axis).collect()
}

fn is_flipped(marks: &Marks, at: usize) -> bool {
    marks.flips.get(at).copied().unwrap_or(false)
}

/// The axis whose name is there.
fn named(sheet: &Sheet, size: Place, at: Place) -> Option<usize> {
    let apart = apart(size.0, sheet.columns.len());
    let bottom = if n_rows(apart) == 2 { TOP } else { TOP - 8.0 };
    nearest(sheet, size, at.0).filter(|it| at.1 < bottom && it.1 < apart / 2.0).map(|it| it.0)
}

/// Where axes stand near, names take turns in two rows.
fn n_rows(apart: f64) -> u32 {
    if apart < 90.0 { 2 } else { 1 }
}

/// The axis nearest to a place, and how far it is.
fn nearest(sheet: &Sheet, size: Place, x: f64) -> Option<(usize, f64)> {
    let apart = apart(size.0, sheet.columns.len());
    let far = |at: u32| (SIDE + apart * f64::from(at) - x).abs();
    (0..).zip(&sheet.columns).map(|it| (it.0 as usize, far(it.0))).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// From one axis to the next.
fn apart(width: f64, n_axes: usize) -> f64 {
    let n = f64::from(u32::try_from(n_axes).unwrap_or(u32::MAX));
    (width - 2.0 * SIDE).max(1.0) / (n - 1.0).max(1.0)
}

/// That fit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "4 to 28")]
fn letters(width: f64) -> usize {
    (width / 6.6).clamp(4.0, 28.0) as usize
}

/// Where a run's line crosses each axis.
fn places(sheet: &Sheet, axes: &[Line], row: usize, height: f64) -> Vec<(f64, f64)> {
    let place = |(at, line): (usize, &Line)| {
        let y = line.axis.as_ref().and_then(|it| it.place(sheet.columns[at].numbers[row]));
        (line.x, y.unwrap_or(height - BOTTOM))
    };
    axes.iter().enumerate().map(place).collect()
}

/// Level at each axis, so that a line can be followed through.
fn bent(places: &[(f64, f64)]) -> Vec<(i32, i32)> {
    const STEPS: u32 = 24;
    let mut path = Vec::new();
    for pair in places.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        for i in 0..=STEPS {
            let t = f64::from(i) / f64::from(STEPS);
            let ease = t * t * (3.0 - 2.0 * t);
            path.push((unit(x0 + (x1 - x0) * t), unit(y0 + (y1 - y0) * ease)));
        }
    }
    path
}

fn path(places: &[(f64, f64)], is_bent: bool) -> Vec<(i32, i32)> {
    if is_bent { bent(places) } else { places.iter().map(|it| (unit(it.0), unit(it.1))).collect() }
}

fn is_within(places: &[(f64, f64)], marks: &Marks, height: f64) -> bool {
    let share = |y: f64| (height - BOTTOM - BELOW - y) / (height - BOTTOM - BELOW - TOP);
    places
        .iter()
        .zip(&marks.ranges)
        .all(|(place, range)| range.is_none_or(|(low, high)| (low..=high).contains(&share(place.1))))
}

impl Over for Parallel {
    const WORD: &'static str = "parallel";
    const LABEL: &'static str = "Parallel coordinates";
    const SLOTS: &'static [Slot] = &[Slot::new("axis", Takes::Any).many()];
    const HAS_AXES: bool = true;

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let (axes, height) = (axes(sheet, size, marks), size.1);
        let Some(last) = sheet.columns.last() else { return Ok(()) };
        let colours = Colours::of(last, theme.dark);
        let n = sheet.ids.len();
        let is_bent = n <= MOST_BENT;
        let picked = marks.ranges.iter().any(Option::is_some);
        let opacity = if n > 2_000 {
            0.25
        } else if n > 200 {
            0.5
        } else {
            0.8
        };
        // What is not kept lies below.
        for front in [false, true] {
            for row in 0..n {
                let places = places(sheet, &axes, row, height);
                if is_within(&places, marks, height) != front {
                    continue;
                }
                let style = match colours.at(row) {
                    Some(colour) if front => stroke(colour.mix(if picked { 0.95 } else { opacity }), 1.2),
                    _ => stroke(theme.axis.mix(0.45), 1.0),
                };
                area.draw(&PathElement::new(path(&places, is_bent), style))?;
            }
        }
        for row in &marks.rows {
            let places = places(sheet, &axes, *row, height);
            let colour = colours.at(*row).unwrap_or(theme.label);
            area.draw(&PathElement::new(path(&places, is_bent), stroke(theme.ground.to_rgba(), 5.0)))?;
            area.draw(&PathElement::new(path(&places, is_bent), stroke(colour.to_rgba(), 2.5)))?;
        }
        for (at, line) in axes.iter().enumerate() {
            let sign = if is_flipped(marks, at) { "↓ " } else { "" };
            draw_axis(area, &format!("{sign}{}", label(&sheet.columns[at])), line, axes.len(), at, size, theme)?;
            // Where the lines of those go that have nothing there.
            let lacks = |it: &f64| line.axis.as_ref().is_none_or(|axis| axis.place(*it).is_none());
            if sheet.columns[at].numbers.iter().any(lacks) {
                text(area, "none", (line.x, height - BOTTOM + 1.0), HPos::Center, VPos::Top, theme)?;
            }
            let Some((low, high)) = marks.ranges.get(at).copied().flatten() else { continue };
            let y = |share: f64| height - BOTTOM - BELOW - share * (height - BOTTOM - BELOW - TOP);
            let corners = [(unit(line.x - 5.0), unit(y(high))), (unit(line.x + 5.0), unit(y(low)))];
            area.draw(&Rectangle::new(corners, fill(series(0, theme.dark).mix(0.3))))?;
            area.draw(&Rectangle::new(corners, stroke(series(0, theme.dark).to_rgba(), 1.0)))?;
        }
        Ok(())
    }

    fn hit(sheet: &Sheet, size: Place, marks: &Marks, at: Place) -> Option<Hit> {
        let axes = axes(sheet, size, marks);
        let distance = |row: usize| {
            let places = places(sheet, &axes, row, size.1);
            let pair = places.windows(2).find(|it| it[0].0 <= at.0 && at.0 <= it[1].0)?;
            let t = (at.0 - pair[0].0) / (pair[1].0 - pair[0].0).max(1e-9);
            let t = if sheet.ids.len() <= MOST_BENT { t * t * (3.0 - 2.0 * t) } else { t };
            Some((pair[0].1 + (pair[1].1 - pair[0].1) * t - at.1).abs())
        };
        let near = (0..sheet.ids.len()).filter_map(|row| Some((row, distance(row)?)));
        let (row, _) = near.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|it| it.1 < NEAR)?;
        let said = |(column, line): (&crate::model::sheet::SheetColumn, &Line)| {
            let value = column.numbers[row];
            let said = line.axis.as_ref().filter(|_| !value.is_nan()).map_or("–".to_owned(), |it| it.said(value));
            (label(column), said)
        };
        let lines = sheet.columns.iter().zip(&axes).map(said).collect();
        Some(Hit { rows: vec![row], title: sheet.names[row].clone(), lines })
    }

    fn drag(sheet: &Sheet, size: Place, marks: &mut Marks, from: Place, to: Place) {
        if let Some(at) = named(sheet, size, from) {
            marks.pulled = Some((at, to.0.clamp(SIDE / 2.0, (size.0 - SIDE / 2.0).max(SIDE))));
            return;
        }
        let Some((at, _)) = nearest(sheet, size, from.0).filter(|it| it.1 < 24.0) else { return };
        let share = |y: f64| ((size.1 - BOTTOM - BELOW - y) / (size.1 - BOTTOM - BELOW - TOP)).clamp(0.0, 1.0);
        marks.ranges.resize(sheet.columns.len(), None);
        let (a, b) = (share(from.1), share(to.1));
        // What is dragged to nothing is let go.
        marks.ranges[at] = ((from.1 - to.1).abs() > 3.0).then(|| (a.min(b), a.max(b)));
    }

    fn arrange(sheet: &Sheet, size: Place, from: Place, to: Place) -> Option<Arrange> {
        let at = named(sheet, size, from)?;
        if from == to {
            return Some(Arrange::Flip(at));
        }
        let (to, _) = nearest(sheet, size, to.0)?;
        (to != at).then_some(Arrange::Move { from: at, to })
    }

    fn picked(sheet: &Sheet, size: Place, marks: &Marks) -> Option<Vec<bool>> {
        if marks.ranges.iter().all(Option::is_none) {
            return None;
        }
        let axes = axes(sheet, size, marks);
        Some((0..sheet.ids.len()).map(|row| is_within(&places(sheet, &axes, row, size.1), marks, size.1)).collect())
    }
}

fn draw_axis(
    area: &Area,
    name: &str,
    line: &Line,
    n_axes: usize,
    at: usize,
    (width, height): (f64, f64),
    theme: Theme,
) -> Drawn {
    let ends = [(unit(line.x), unit(TOP)), (unit(line.x), unit(height - BOTTOM - BELOW))];
    area.draw(&PathElement::new(ends, stroke(theme.label.mix(0.6), 1.0)))?;
    let apart = apart(width, n_axes);
    let n_rows = n_rows(apart);
    let name = short(name, letters(apart * f64::from(n_rows) - 8.0));
    let top = if n_rows == 2 && at % 2 == 1 { 15.0 } else { 3.0 };
    let half = text_width(&name) / 2.0;
    text(
        area,
        &name,
        (line.x.clamp(half + 2.0, (width - half - 2.0).max(half + 2.0)), top),
        HPos::Center,
        VPos::Top,
        theme,
    )?;
    let Some(axis) = &line.axis else { return Ok(()) };
    let is_last = at + 1 == n_axes;
    // Names have no order in which one could be guessed.
    let ticks = axis.ticks(if axis.is_named() { 14 } else { 4 }, |_| f64::INFINITY);
    for (value, said) in ticks.at {
        let Some(y) = axis.place(value).filter(|y| (TOP - 1.0..=height - BOTTOM).contains(y)) else { continue };
        // A number that is cut is another number.
        let said = match (axis.is_named(), &ticks.offset) {
            (true, _) => short(&said, letters(apart - 10.0).min(12)),
            (false, Some(_)) => format::exact(value),
            (false, None) => said,
        };
        let wide = text_width(&said);
        let (left, side) = if is_last { (line.x + 6.0, HPos::Left) } else { (line.x - 6.0, HPos::Right) };
        // A shade behind, so that lines do not run through the words.
        let from = if is_last { left - 2.0 } else { left - wide - 2.0 };
        let shade = [(unit(from), unit(y - 6.5)), (unit(from + wide + 4.0), unit(y + 6.5))];
        area.draw(&Rectangle::new(shade, fill(theme.ground.mix(0.8))))?;
        text(area, &said, (left, y), side, VPos::Center, theme)?;
    }
    Ok(())
}
