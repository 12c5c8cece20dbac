//! The mean of a value over two fields, as colours: fields of numbers with many values in bins, each
//! other value in a row or column of its own.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::{Hit, Marks, Over, Place, Slot, Takes, fill, group_name, groups, label, room, said, stroke};
use crate::charts::frame::{Area, Drawn, Inset, short, text, text_width, unit};
use crate::charts::palette::{Theme, sequence};
use crate::model::sheet::{Sheet, SheetColumn};

pub struct Heat;

/// Different values that have places of their own; of more numbers there are bins.
const MOST_PLACES: usize = 24;
const BINS: usize = 12;

/// One side: names, and where each run stands.
struct Side {
    names: Vec<String>,
    place: Vec<Option<usize>>,
}

fn side(column: &SheetColumn) -> Option<Side> {
    let groups = groups(column);
    let mut place = vec![None; column.numbers.len()];
    if groups.len() <= MOST_PLACES || !column.labels.is_empty() {
        for (at, (_, rows)) in groups.iter().enumerate().take(MOST_PLACES) {
            rows.iter().for_each(|row| place[*row] = Some(at));
        }
        let names = groups.iter().take(MOST_PLACES).map(|it| group_name(column, it.0)).collect();
        return Some(Side { names, place });
    }
    let n_bins = f64::from(u32::try_from(BINS).ok()?);
    let axis = Axis::of(column, 0.0, n_bins)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bins")]
    let bin = |value: &f64| Some((axis.place(*value)?.max(0.0) as usize).min(BINS - 1));
    let place = column.numbers.iter().map(bin).collect();
    let middle = |at: usize| axis.said(axis.scale.value(f64::from(u32::try_from(at).unwrap_or(0)) + 0.5));
    Some(Side { names: (0..BINS).map(middle).collect(), place })
}

/// Room for the key of colours.
const KEY: f64 = 18.0;

struct Grid {
    inset: Inset,
    x: Side,
    y: Side,
    /// Row by row from the bottom.
    cells: Vec<Vec<usize>>,
}

fn grid(sheet: &Sheet, size: Place) -> Option<Grid> {
    let [x, y, value, ..] = sheet.columns.as_slice() else { return None };
    let (x, y) = (side(x)?, side(y)?);
    let mut cells = vec![Vec::new(); x.names.len() * y.names.len()];
    for row in 0..sheet.ids.len() {
        if let (Some(column), Some(line)) = (x.place[row], y.place[row])
            && value.numbers[row].is_finite()
        {
            cells[line * x.names.len() + column].push(row);
        }
    }
    let mut inset = room(size);
    let wide = y.names.iter().map(|it| text_width(&short(it, 16))).fold(0.0, f64::max);
    inset.left = (wide + 14.0).max(40.0).min(size.0 * 0.4);
    inset.top += KEY;
    Some(Grid { inset, x, y, cells })
}

fn mean(sheet: &Sheet, rows: &[usize]) -> Option<f64> {
    let n = f64::from(u32::try_from(rows.len()).ok()?);
    (!rows.is_empty()).then(|| rows.iter().map(|row| sheet.columns[2].numbers[*row] / n).sum())
}

impl Grid {
    fn sides(&self) -> (f64, f64) {
        let n = |it: &Side| f64::from(u32::try_from(it.names.len()).unwrap_or(1)).max(1.0);
        ((self.inset.right - self.inset.left) / n(&self.x), (self.inset.bottom - self.inset.top) / n(&self.y))
    }

    fn corner(&self, column: usize, line: usize) -> (f64, f64) {
        let (wide, high) = self.sides();
        let at = |it: usize| f64::from(u32::try_from(it).unwrap_or(0));
        (self.inset.left + wide * at(column), self.inset.bottom - high * at(line))
    }
}

/// Which colour is how much, above the cells.
fn key(area: &Area, (low, high): (f64, f64), column: &SheetColumn, inset: Inset, theme: Theme) -> Drawn {
    const STEPS: u32 = 24;
    const WIDE: f64 = 72.0;
    if low >= high {
        return Ok(());
    }
    let (middle, said) = (inset.top - KEY / 2.0 - 2.0, [said(column, low), said(column, high)]);
    let right = inset.right - text_width(&said[1]) - 6.0;
    for step in 0..STEPS {
        let share = |it: u32| f64::from(it) / f64::from(STEPS);
        let at = |it: u32| unit(right - WIDE + WIDE * share(it));
        let corners = [(at(step), unit(middle - 3.0)), (at(step + 1), unit(middle + 3.0))];
        area.draw(&Rectangle::new(corners, fill(sequence(share(step), theme.dark).to_rgba())))?;
    }
    text(area, &said[1], (inset.right, middle), HPos::Right, VPos::Center, theme)?;
    text(area, &said[0], (right - WIDE - 6.0, middle), HPos::Right, VPos::Center, theme)
}

impl Over for Heat {
    const WORD: &'static str = "heat";
    const LABEL: &'static str = "Heat map";
    const SLOTS: &'static [Slot] =
        &[Slot::new("x", Takes::Any), Slot::new("y", Takes::Any), Slot::new("value", Takes::Numbers)];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let Some(grid) = grid(sheet, size) else { return Ok(()) };
        let means: Vec<Option<f64>> = grid.cells.iter().map(|it| mean(sheet, it)).collect();
        let range =
            means.iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), it| (a.min(*it), b.max(*it)));
        let (wide, high) = grid.sides();
        for (at, value) in means.iter().enumerate().filter_map(|(at, it)| Some((at, (*it)?))) {
            let (column, line) = (at % grid.x.names.len(), at / grid.x.names.len());
            let (left, bottom) = grid.corner(column, line);
            let share = if range.1 > range.0 { (value - range.0) / (range.1 - range.0) } else { 0.5 };
            let corners =
                [(unit(left + 0.5), unit(bottom - high + 0.5)), (unit(left + wide - 0.5), unit(bottom - 0.5))];
            let colour = sequence(share, theme.dark);
            area.draw(&Rectangle::new(corners, fill(colour.to_rgba())))?;
            if marks.rows.iter().any(|row| grid.cells[at].contains(row)) {
                area.draw(&Rectangle::new(corners, stroke(theme.label.to_rgba(), 2.0)))?;
            }
            let words = said(&sheet.columns[2], value);
            if wide > text_width(&words) + 6.0 && high > 15.0 {
                // Against the cell, not against the page.
                let RGBColor(r, g, b) = colour;
                let light = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
                let ink = if light > 140.0 { RGBColor(0x1b, 0x1d, 0x21) } else { RGBColor(0xff, 0xff, 0xff) };
                let ink = Theme { label: ink, ..theme };
                text(area, &words, (left + wide / 2.0, bottom - high / 2.0), HPos::Center, VPos::Center, ink)?;
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of letters")]
        let letters = (wide / 6.6).clamp(1.0, 24.0) as usize;
        let every = if letters < 4 { 4 } else { 1 };
        for (at, name) in grid.x.names.iter().enumerate().step_by(every) {
            let place = (grid.corner(at, 0).0 + wide / 2.0, grid.inset.bottom + 5.0);
            text(area, &short(name, letters.max(6)), place, HPos::Center, VPos::Top, theme)?;
        }
        if high > 9.0 {
            for (at, name) in grid.y.names.iter().enumerate() {
                let place = (grid.inset.left - 6.0, grid.corner(0, at).1 - high / 2.0);
                text(area, &short(name, 16), place, HPos::Right, VPos::Center, theme)?;
            }
        }
        key(area, range, &sheet.columns[2], grid.inset, theme)?;
        let below = grid.inset.bottom + 20.0;
        let y_name = format!("↑ {}", short(&label(&sheet.columns[1]), 30));
        text(area, &y_name, (8.0, below), HPos::Left, VPos::Top, theme)?;
        let x_name = format!("{} →", short(&label(&sheet.columns[0]), 30));
        text(area, &x_name, (grid.inset.right, below), HPos::Right, VPos::Top, theme)
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let grid = grid(sheet, size)?;
        let (wide, high) = grid.sides();
        let (x, y) = ((at.0 - grid.inset.left) / wide, (grid.inset.bottom - at.1) / high);
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let (column, line) = (x.max(-1.0).floor() as i64, y.max(-1.0).floor() as i64);
        let (column, line) = (usize::try_from(column).ok()?, usize::try_from(line).ok()?);
        let names = (grid.x.names.get(column)?, grid.y.names.get(line)?);
        let rows = grid.cells.get(line * grid.x.names.len() + column)?;
        let mean = mean(sheet, rows)?;
        let lines = vec![
            (label(&sheet.columns[0]), names.0.clone()),
            (label(&sheet.columns[1]), names.1.clone()),
            ("runs".to_owned(), rows.len().to_string()),
        ];
        Some(Hit { rows: rows.clone(), title: said(&sheet.columns[2], mean), lines })
    }
}
