//! A point for each run at two of its values, coloured by a third and as large as a fourth says, with the straight
//! line that fits them best.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::key;
use super::{Colours, Hit, Marks, Over, Place, Slot, Takes, fill, label, room, stroke};
use crate::charts::frame::{Area, Drawn, Inset, short, text, unit};
use crate::charts::{
    frame,
    palette::{Theme, sequence, series},
};
use crate::components::format;
use crate::model::order::sort_by;
use crate::model::sheet::{Sheet, SheetColumn};

pub struct Scatter;

const RADIUS: f64 = 3.5;
/// Of the least and the greatest value; areas grow with it.
const RADII: (f64, f64) = (2.5, 9.0);
/// What is this near to the pointer is meant.
const NEAR: f64 = 14.0;
/// Room for the scale of colours.
const BAR: f64 = 54.0;

struct Plot {
    inset: Inset,
    x: Axis,
    y: Axis,
}

fn plot(sheet: &Sheet, size: Place) -> Option<Plot> {
    let mut inset = room(size);
    if sheet.columns.get(2).is_some_and(|it| it.labels.is_empty()) && size.0 > 240.0 {
        inset.right -= BAR;
    }
    if sheet.columns.get(2).is_some_and(|it| !it.labels.is_empty()) {
        inset.top += key::HEIGHT;
    }
    let [x, y, ..] = sheet.columns.as_slice() else { return None };
    Some(Plot {
        inset,
        x: Axis::among(x, y, inset.left + 6.0, inset.right - 6.0)?,
        y: Axis::among(y, x, inset.bottom - 6.0, inset.top + 6.0)?,
    })
}

impl Plot {
    fn place(&self, sheet: &Sheet, row: usize) -> Option<(f64, f64)> {
        Some((self.x.place(sheet.columns[0].numbers[row])?, self.y.place(sheet.columns[1].numbers[row])?))
    }

    fn places<'a>(&'a self, sheet: &'a Sheet) -> impl Iterator<Item = (usize, (f64, f64))> + 'a {
        (0..sheet.ids.len()).filter_map(|row| Some((row, self.place(sheet, row)?)))
    }
}

impl Over for Scatter {
    const WORD: &'static str = "scatter";
    const LABEL: &'static str = "Scatter";
    const SLOTS: &'static [Slot] = &[
        Slot::new("x", Takes::Any),
        Slot::new("y", Takes::Any),
        Slot::new("colour", Takes::Any).optional(),
        Slot::new("size", Takes::Numbers).optional(),
    ];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let Some(plot) = plot(sheet, size) else { return Ok(()) };
        let inset = plot.inset;
        let (x_ticks, y_ticks) = (plot.x.along(inset), plot.y.up(inset));
        frame::draw_with(area, inset, &plot.x.scale, &x_ticks, &plot.y.scale, &y_ticks, theme)?;
        let named = (inset.right, inset.bottom + 20.0);
        text(area, &short(&label(&sheet.columns[0]), 40), named, HPos::Right, VPos::Top, theme)?;
        let colours = sheet.columns.get(2).map(|it| Colours::of(it, theme.dark));
        let picked = Self::picked(sheet, size, marks);
        let sizes = sheet.columns.get(3).and_then(Sizes::of);
        let radius = |row: usize| sizes.as_ref().map_or(RADIUS, |it| it.radius(row));
        let mut points: Vec<(usize, Place)> = plot.places(sheet).collect();
        if sizes.is_some() {
            // Small ones are not to hide behind large ones.
            sort_by(&mut points, |a, b| radius(b.0).total_cmp(&radius(a.0)));
        }
        for (row, (x, y)) in points {
            let colour = match &colours {
                Some(it) => it.at(row).unwrap_or(theme.axis),
                None => series(0, theme.dark),
            };
            let is_out = picked.as_ref().is_some_and(|it| !it[row]);
            let alpha = match (is_out, &sizes) {
                (true, _) => 0.15,
                (false, Some(_)) => 0.7,
                (false, None) => 0.9,
            };
            area.draw(&Circle::new((unit(x), unit(y)), unit(radius(row)), fill(colour.mix(alpha))))?;
        }
        if let Some(it) = trend(&plot, sheet) {
            let line = [it.from, it.to].map(|it| (unit(it.0), unit(it.1)));
            area.draw(&PathElement::new(line, stroke(theme.label.mix(0.8), 1.0)))?;
        }
        for (row, (x, y)) in marks.rows.iter().filter_map(|row| Some((*row, plot.place(sheet, *row)?))) {
            let ring = Circle::new((unit(x), unit(y)), unit(radius(row) + 3.0), stroke(theme.label.to_rgba(), 1.5));
            area.draw(&ring)?;
        }
        if let Some(it) = &sizes {
            let said = format!("size: {}", it.said());
            text(area, &short(&said, 60), (inset.left, inset.bottom + 20.0), HPos::Left, VPos::Top, theme)?;
        }
        if marks.lasso.len() > 1 {
            let path: Vec<(i32, i32)> = marks.lasso.iter().map(|it| (unit(it.0), unit(it.1))).collect();
            area.draw(&PathElement::new(path, stroke(series(0, theme.dark).to_rgba(), 1.0)))?;
        }
        if let Some(names) = colours.as_ref().and_then(Colours::names) {
            key::draw(area, &names, inset, theme)?;
        }
        let is_scale = |it: &&Colours| it.axis.as_ref().is_some_and(|it| !it.is_named()) && size.0 > 240.0;
        match colours.as_ref().filter(is_scale) {
            Some(it) => colour_bar(area, it, &label(&sheet.columns[2]), inset, theme),
            None => Ok(()),
        }
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let plot = plot(sheet, size)?;
        let distance = |it: &(usize, (f64, f64))| (it.1.0 - at.0).hypot(it.1.1 - at.1);
        let (row, _) =
            plot.places(sheet).min_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|it| distance(it) < NEAR)?;
        let lines = sheet.columns.iter().filter_map(|column| {
            let value = *column.numbers.get(row)?;
            let said = Axis::of(column, 0.0, 1.0)
                .map_or("–".into(), |it| if value.is_nan() { "–".into() } else { it.said(value) });
            Some((label(column), said))
        });
        let mut lines: Vec<(String, String)> = lines.collect();
        if let Some(it) = trend(&plot, sheet) {
            lines.push(("r of all".into(), format::number(it.r)));
        }
        Some(Hit { rows: vec![row], title: sheet.names[row].clone(), lines })
    }

    fn drag(_: &Sheet, _: Place, marks: &mut Marks, from: Place, to: Place) {
        if marks.lasso.is_empty() {
            marks.lasso.push(from);
        }
        // As fine as it has to be.
        if marks.lasso.last().is_none_or(|it| (it.0 - to.0).hypot(it.1 - to.1) >= 3.0) {
            marks.lasso.push(to);
        }
    }

    fn picked(sheet: &Sheet, size: Place, marks: &Marks) -> Option<Vec<bool>> {
        if marks.lasso.len() < 3 {
            return None;
        }
        let plot = plot(sheet, size)?;
        let is_in = |row| plot.place(sheet, row).is_some_and(|it| is_inside(it, &marks.lasso));
        Some((0..sheet.ids.len()).map(is_in).collect())
    }
}

/// How large each point is, by a column of numbers.
struct Sizes<'a> {
    column: &'a SheetColumn,
    axis: Axis,
}

impl<'a> Sizes<'a> {
    fn of(column: &'a SheetColumn) -> Option<Self> {
        Some(Self { column, axis: Axis::of(column, 0.0, 1.0)? })
    }

    /// A run without the value is as small as the least.
    fn radius(&self, row: usize) -> f64 {
        let share = self.axis.place(self.column.numbers[row]).unwrap_or(0.0).clamp(0.0, 1.0);
        let (least, most) = (RADII.0.powi(2), RADII.1.powi(2));
        (least + (most - least) * share).sqrt()
    }

    fn said(&self) -> String {
        let finite = || self.column.numbers.iter().copied().filter(|it| it.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        format!("{}, {} to {}", label(self.column), self.axis.said(low), self.axis.said(high))
    }
}

/// How often a line to the right crosses the edge: an odd number of times from inside.
fn is_inside((x, y): (f64, f64), edge: &[(f64, f64)]) -> bool {
    let mut before = edge[edge.len() - 1];
    let mut inside = false;
    for it in edge {
        if (it.1 > y) != (before.1 > y) && x < (before.0 - it.0) * (y - it.1) / (before.1 - it.1) + it.0 {
            inside = !inside;
        }
        before = *it;
    }
    inside
}

struct Trend {
    from: Place,
    to: Place,
    r: f64,
}

/// The straight line of least squares along the axes as they are drawn, and Pearson's r.
fn trend(plot: &Plot, sheet: &Sheet) -> Option<Trend> {
    const LEAST: f64 = 8.0;
    if plot.x.is_named() || plot.y.is_named() {
        return None;
    }
    let all = || plot.places(sheet).map(|it| it.1);
    let n = f64::from(u32::try_from(all().count()).ok()?);
    let (x, y) = all().fold((0.0, 0.0), |sum, it| (sum.0 + it.0 / n, sum.1 + it.1 / n));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for it in all() {
        xx += (it.0 - x) * (it.0 - x);
        xy += (it.0 - x) * (it.1 - y);
        yy += (it.1 - y) * (it.1 - y);
    }
    if n < LEAST || xx <= 0.0 || yy <= 0.0 {
        return None;
    }
    let slope = xy / xx;
    // Where it leaves the plot above or below it ends.
    let at = |place: f64| {
        let height = y + slope * (place - x);
        let within = height.clamp(plot.inset.top, plot.inset.bottom);
        (if height == within { place } else { x + (within - y) / slope }, within)
    };
    // On a screen what grows goes up.
    Some(Trend { from: at(plot.inset.left + 6.0), to: at(plot.inset.right - 6.0), r: -xy / (xx * yy).sqrt() })
}

fn colour_bar(area: &Area, colours: &Colours, name: &str, inset: Inset, theme: Theme) -> Drawn {
    const STEPS: u32 = 24;
    // Below its name.
    let top = inset.top + 12.0;
    let (left, height) = (inset.right + 12.0, inset.bottom - top);
    for i in 0..STEPS {
        let share = |i: u32| f64::from(i) / f64::from(STEPS);
        let at = unit(inset.bottom - height * share(i));
        let colour = sequence(share(i) + share(1) / 2.0, theme.dark);
        // To the top: steps that meet would show a seam.
        area.draw(&Rectangle::new([(unit(left), unit(top)), (unit(left + 7.0), at)], fill(colour.to_rgba())))?;
    }
    // The least, the one in the middle of all runs, and the greatest.
    let mut shown: Vec<String> = Vec::new();
    for share in [0.0, 1.0, 0.5] {
        if let Some(said) = colours.quantile(share).filter(|it| !shown.contains(it)) {
            let y = (inset.bottom - height * share).clamp(top + 5.0, (inset.bottom - 5.0).max(top + 5.0));
            text(area, &short(&said, 7), (left + 11.0, y), HPos::Left, VPos::Center, theme)?;
            shown.push(said);
        }
    }
    text(area, &short(name, 16), (inset.right + BAR, inset.top - 6.0), HPos::Right, VPos::Top, theme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_inside_or_not() {
        let edge = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 2.0), (0.0, 10.0)];
        assert!(is_inside((1.0, 1.0), &edge) && is_inside((9.0, 7.0), &edge));
        assert!(!is_inside((5.0, 6.0), &edge) && !is_inside((11.0, 1.0), &edge));
    }
}
