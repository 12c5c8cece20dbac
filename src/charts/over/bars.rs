//! A bar for each group of runs, or several beside one another where a second field tells them apart: the mean of a
//! value, with its 95 % interval.

use plotters::prelude::*;

use super::{
    Figures, Hit, Marks, Over, Place, Slot, Takes, fill, group_name, groups, key, label, name_groups, room, said,
    stroke,
};
use crate::charts::frame::{self, Area, Drawn, unit};
use crate::charts::labels::Ticks;
use crate::charts::palette::{Theme, sequence, series, theme};
use crate::charts::points::{self, Stand};
use crate::model::sheet::{Sheet, SheetColumn};
use crate::model::stats::Summary;
use halimede_raster::{Kind, Range, Scale};

pub struct Bars;

/// More bars than this have no room for a name.
const MOST: usize = 60;
/// More shades nobody tells apart.
const MOST_SHADES: usize = 12;

struct Bar {
    /// Which of the groups, and which of the shades.
    group: usize,
    shade: usize,
    rows: Vec<usize>,
    mean: f64,
    /// Half of the interval; None: of one run nothing is known.
    half: Option<f64>,
    sd: f64,
}

/// Groups, each with the value they have in common, and their bars.
struct Grouped<'a> {
    by: &'a SheetColumn,
    values: &'a SheetColumn,
    groups: Vec<f64>,
    bars: Vec<Bar>,
    /// What stands beside one another in a group, and its values; none: nothing does.
    shades: Option<(&'a SheetColumn, Vec<f64>)>,
}

fn grouped(sheet: &Sheet) -> Option<Grouped<'_>> {
    let [by, values, rest @ ..] = sheet.columns.as_slice() else { return None };
    let shades = rest.first().map(|it| (it, groups(it).into_iter().map(|it| it.0).collect::<Vec<_>>()));
    let shades = shades.filter(|it| (2..=MOST_SHADES).contains(&it.1.len()));
    let mut all = Grouped { by, values, groups: Vec::new(), bars: Vec::new(), shades };
    for (value, rows) in groups(by) {
        let rows: Vec<usize> = rows.into_iter().filter(|row| values.numbers[*row].is_finite()).collect();
        if rows.is_empty() || all.bars.len() >= MOST {
            continue;
        }
        // Those without a shade come last.
        let n_shades = all.shades.as_ref().map_or(0, |it| it.1.len());
        for shade in 0..=n_shades {
            let has = |row: &usize| all.shades.as_ref().is_none_or(|it| place_of(it, *row) == shade);
            let rows: Vec<usize> = rows.iter().copied().filter(has).collect();
            if rows.is_empty() {
                continue;
            }
            let it = Summary::of(rows.iter().map(|row| values.numbers[*row]));
            let half = (it.n > 1).then(|| it.half_interval());
            all.bars.push(Bar { group: all.groups.len(), shade, rows, mean: it.mean, half, sd: it.sd });
        }
        all.groups.push(value);
    }
    (!all.bars.is_empty()).then_some(all)
}

fn place_of((column, values): &(&SheetColumn, Vec<f64>), row: usize) -> usize {
    values.iter().position(|it| *it == column.numbers[row]).unwrap_or(values.len())
}

impl Grouped<'_> {
    fn n_shades(&self) -> usize {
        self.bars.iter().map(|it| it.shade + 1).max().unwrap_or(1)
    }

    fn colour(&self, shade: usize, theme: Theme) -> RGBColor {
        match &self.shades {
            None => series(0, theme.dark),
            Some((_, values)) if shade >= values.len() => theme.axis,
            Some((column, values)) if column.labels.is_empty() => {
                sequence(count(shade) / count(values.len() - 1), theme.dark)
            }
            Some(_) => series(u8::try_from(shade).unwrap_or(0), theme.dark),
        }
    }

    fn shade_name(&self, shade: usize) -> Option<String> {
        let (column, values) = self.shades.as_ref()?;
        Some(values.get(shade).map_or("–".to_owned(), |it| group_name(column, *it)))
    }

    fn name(&self, bar: &Bar) -> String {
        let names = [Some(self.group_name(bar.group)), self.shade_name(bar.shade)];
        names.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn group_name(&self, group: usize) -> String {
        self.groups.get(group).map_or(String::new(), |it| group_name(self.by, *it))
    }
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

struct Plot {
    inset: frame::Inset,
    y: Scale,
    /// A group, and a bar of it.
    wide: f64,
    bar: f64,
    n_shades: f64,
}

fn plot(all: &Grouped, size: Place) -> Option<Plot> {
    let mut inset = room(size);
    if all.shades.is_some() {
        inset.top += key::HEIGHT;
    }
    let ends = all.bars.iter().flat_map(|it| [it.mean - it.half.unwrap_or(0.0), it.mean + it.half.unwrap_or(0.0)]);
    let range = Range::of(ends)?;
    // From zero, unless all differ little from one another and much from it: then from a dot's place.
    let starts_at_zero = range.low < 0.0 || range.high - range.low > 0.2 * range.high;
    let range =
        if starts_at_zero { Range { low: range.low.min(0.0), high: range.high.max(0.0) } } else { range.padded(0.12) };
    let y = Scale::new(range.padded(0.02), Kind::Linear, inset.bottom, inset.top);
    let (wide, n_shades) = ((inset.right - inset.left) / count(all.groups.len()), count(all.n_shades()));
    Some(Plot { inset, y, wide, bar: (wide * 0.76 / n_shades).min(64.0), n_shades })
}

impl Plot {
    /// The middle of a group.
    fn at(&self, group: usize) -> f64 {
        self.inset.left + self.wide * (count(group) + 0.5)
    }

    /// The middle of a bar.
    fn at_bar(&self, bar: &Bar) -> f64 {
        self.at(bar.group) + self.bar * (count(bar.shade) + 0.5 - self.n_shades / 2.0)
    }

    fn starts_at_zero(&self) -> bool {
        let range = self.y.range();
        range.low <= 0.0 && range.high >= 0.0
    }
}

impl Over for Bars {
    const WORD: &'static str = "bars";
    const LABEL: &'static str = "Bars, mean and interval";
    const SLOTS: &'static [Slot] = &[
        Slot::new("by", Takes::Any),
        Slot::new("value", Takes::Numbers),
        Slot::new("side by side", Takes::Any).optional(),
    ];
    const HAS_LATEX: bool = true;

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let Some(all) = grouped(sheet) else { return Ok(()) };
        let Some(plot) = plot(&all, size) else { return Ok(()) };
        let inset = plot.inset;
        frame::draw_with(area, inset, &plot.y, &Ticks::default(), &plot.y, &frame::y_ticks(&plot.y, inset), theme)?;
        let base = plot.y.pixel(if plot.starts_at_zero() { 0.0 } else { plot.y.range().low });
        for bar in &all.bars {
            let (x, y) = (plot.at_bar(bar), plot.y.pixel(bar.mean));
            let half = (plot.bar * 0.47).max(0.5);
            let is_marked = marks.rows.iter().any(|row| bar.rows.contains(row));
            let colour = all.colour(bar.shade, theme);
            if plot.starts_at_zero() {
                let corners = [(unit(x - half), unit(y.min(base))), (unit(x + half), unit(y.max(base)))];
                area.draw(&Rectangle::new(corners, fill(colour.mix(if is_marked { 1.0 } else { 0.75 }))))?;
            } else {
                let radius = (if is_marked { 6.0 } else { 4.5f64 }).min(plot.bar * 0.5);
                area.draw(&Circle::new((unit(x), unit(y)), unit(radius), fill(colour.to_rgba())))?;
            }
            if let Some(wide) = bar.half {
                let (low, high) = (plot.y.pixel(bar.mean - wide), plot.y.pixel(bar.mean + wide));
                let (style, cap) = (stroke(theme.label.to_rgba(), 1.25), half.min(4.0));
                area.draw(&PathElement::new([(unit(x), unit(low)), (unit(x), unit(high))], style))?;
                for end in [low, high] {
                    area.draw(&PathElement::new([(unit(x - cap), unit(end)), (unit(x + cap), unit(end))], style))?;
                }
            }
        }
        if all.shades.is_some() {
            let name = |shade| Some((all.shade_name(shade)?, all.colour(shade, theme)));
            key::draw(area, &(0..all.n_shades()).filter_map(name).collect::<Vec<_>>(), inset, theme)?;
        }
        let places = all.groups.iter().enumerate().map(|(i, it)| (plot.at(i), *it));
        name_groups(area, all.by, places, (plot.wide, inset), theme)
    }

    fn figures(sheet: &Sheet) -> Option<Figures> {
        let all = grouped(sheet)?;
        let row = |it: &Bar| {
            let half = it.half.unwrap_or(f64::NAN);
            (all.name(it), vec![it.mean, it.mean - half, it.mean + half, it.sd, count(it.rows.len())])
        };
        let heads = ["mean", "95 % from", "95 % to", "sd", "runs"];
        Some(Figures::new(&label(all.by), &heads, all.bars.iter().map(row).collect()))
    }

    fn latex(sheet: &Sheet) -> Option<String> {
        let all = grouped(sheet)?;
        let groups: Vec<String> = (0..all.groups.len()).map(|it| all.group_name(it)).collect();
        let series = (0..all.n_shades()).map(|shade| {
            let RGBColor(r, g, b) = all.colour(shade, theme(false));
            let of = |it: &Bar| points::Bar { group: it.group, value: it.mean, reach: it.half.map(|it| (it, it)) };
            let bars = all.bars.iter().filter(|it| it.shade == shade).map(of).collect();
            points::Bars { name: all.shade_name(shade), colour: [r, g, b], bars }
        });
        // As on the screen.
        let stand = if plot(&all, (640.0, 360.0))?.starts_at_zero() { Stand::Up } else { Stand::Dots };
        Some(points::pgfplots_bars(&groups, &series.collect::<Vec<_>>(), (&label(all.by), &label(all.values)), stand))
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let all = grouped(sheet)?;
        let plot = plot(&all, size)?;
        let reach = if all.shades.is_some() { plot.bar } else { plot.wide };
        let bar = all.bars.iter().find(|it| (plot.at_bar(it) - at.0).abs() <= reach / 2.0)?;
        let mut lines =
            vec![("mean".to_owned(), said(all.values, bar.mean)), ("runs".to_owned(), bar.rows.len().to_string())];
        if let Some(half) = bar.half {
            let ends = [bar.mean - half, bar.mean + half].map(|it| said(all.values, it));
            lines.insert(1, ("± sd".to_owned(), said(all.values, bar.sd)));
            lines.insert(2, ("95 %".to_owned(), ends.join(" to ")));
        }
        Some(Hit { rows: bar.rows.clone(), title: all.name(bar), lines })
    }
}
