//! How the values of each group of runs are spread, as a shape: their density by Gaussian kernels whose width is
//! Scott's rule (Scott, "Multivariate Density Estimation", 1992), as `scipy.stats.gaussian_kde` has it, between the
//! least and the greatest; in it the median, the quartiles, and every run as a dot.

use plotters::prelude::*;

use super::boxes::{Plot, percentile, plot};
use super::{Hit, Marks, Over, Place, Slot, Takes, fill, group_name, groups, name_groups, said, stroke};
use crate::charts::frame::{self, Area, Drawn, unit};
use crate::charts::labels::Ticks;
use crate::charts::palette::{Theme, series};
use crate::model::order::sort_by;
use crate::model::sheet::Sheet;

pub struct Violin;

const MOST: usize = 60;
const MOST_DOTS: usize = 400;
/// Places where the density is known.
const STEPS: u32 = 48;
/// Fewer have no shape.
const LEAST: usize = 3;

struct Shape {
    value: f64,
    /// By what they measured.
    rows: Vec<usize>,
    sorted: Vec<f64>,
    /// Places along the axis and density there; nothing: too few, or all the same.
    outline: Vec<(f64, f64)>,
}

/// Along the axis as it is shown, so that a shape on a logarithmic one is that of the logarithms.
fn shapes(sheet: &Sheet, plot: &Plot) -> Vec<Shape> {
    let [by, values, ..] = sheet.columns.as_slice() else { return Vec::new() };
    let one = |(value, mut rows): (f64, Vec<usize>)| {
        rows.retain(|row| plot.y.place(values.numbers[*row]).is_some());
        sort_by(&mut rows, |a, b| values.numbers[*a].total_cmp(&values.numbers[*b]));
        let sorted: Vec<f64> = rows.iter().map(|row| values.numbers[*row]).collect();
        let places: Vec<f64> = sorted.iter().filter_map(|it| plot.y.place(*it)).collect();
        (!sorted.is_empty()).then(|| Shape { value, rows, outline: outline(&places), sorted })
    };
    groups(by).into_iter().filter_map(one).take(MOST).collect()
}

/// From the least to the greatest.
fn outline(places: &[f64]) -> Vec<(f64, f64)> {
    let (low, high) = places.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), it| (a.min(*it), b.max(*it)));
    let Some(density) = Density::of(places).filter(|_| high > low) else { return Vec::new() };
    let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(STEPS);
    (0..=STEPS).map(|step| (at(step), density.at(at(step)))).collect()
}

struct Density<'a> {
    values: &'a [f64],
    /// Of a kernel.
    sd: f64,
}

impl<'a> Density<'a> {
    fn of(values: &'a [f64]) -> Option<Self> {
        let n = f64::from(u32::try_from(values.len()).ok()?);
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let sd = variance.sqrt() * n.powf(-0.2);
        (values.len() >= LEAST && sd > 0.0).then_some(Density { values, sd })
    }

    fn at(&self, x: f64) -> f64 {
        let n = f64::from(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
        let kernel = |it: &f64| (-0.5 * ((x - it) / self.sd).powi(2)).exp();
        self.values.iter().map(kernel).sum::<f64>() / (n * self.sd * (2.0 * std::f64::consts::PI).sqrt())
    }
}

impl Over for Violin {
    const WORD: &'static str = "violin";
    const LABEL: &'static str = "Violins, how values are spread";
    const SLOTS: &'static [Slot] = &[Slot::new("by", Takes::Any), Slot::new("value", Takes::Numbers)];

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let n_groups = sheet.columns.first().map_or(0, |it| groups(it).len().min(MOST));
        let Some(plot) = plot(sheet, n_groups, size) else { return Ok(()) };
        let shapes = shapes(sheet, &plot);
        let inset = plot.inset;
        frame::draw_with(area, inset, &plot.y.scale, &Ticks::default(), &plot.y.scale, &plot.y.up(inset), theme)?;
        let colour = series(0, theme.dark);
        for (i, it) in shapes.iter().enumerate() {
            let (x, half) = (plot.at(i), (plot.wide * 0.42).min(46.0));
            // Each as wide as any other: shapes are compared, and how many runs are in one is said.
            let most = it.outline.iter().map(|it| it.1).fold(0.0, f64::max);
            let side =
                |sign: f64| move |(place, density): &(f64, f64)| (unit(x + sign * half * density / most), unit(*place));
            let edge: Vec<_> =
                it.outline.iter().map(side(1.0)).chain(it.outline.iter().rev().map(side(-1.0))).collect();
            if !edge.is_empty() {
                area.draw(&Polygon::new(edge.clone(), fill(colour.mix(0.28))))?;
                let is_marked = marks.rows.iter().any(|row| it.rows.contains(row));
                let around = edge.iter().copied().chain(edge.first().copied()).collect::<Vec<_>>();
                area.draw(&PathElement::new(around, stroke(colour.to_rgba(), if is_marked { 2.5 } else { 1.0 })))?;
            }
            let y = |value: f64| unit(plot.y.scale.pixel(value));
            let [lower, median, upper] = [0.25, 0.5, 0.75].map(|share| percentile(&it.sorted, share));
            let ink = theme.label.to_rgba();
            area.draw(&PathElement::new([(unit(x), y(lower)), (unit(x), y(upper))], stroke(ink, 3.0)))?;
            area.draw(&PathElement::new([(unit(x - 7.0), y(median)), (unit(x + 7.0), y(median))], stroke(ink, 2.0)))?;
            if sheet.ids.len() <= MOST_DOTS {
                for (k, value) in it.sorted.iter().enumerate() {
                    let aside = f64::from(u32::try_from(k % 5).unwrap_or(0)) * 2.4 - 4.8;
                    area.draw(&Circle::new((unit(x + aside), y(*value)), unit(1.8), fill(colour.mix(0.9))))?;
                }
            }
        }
        let places = shapes.iter().enumerate().map(|(i, it)| (plot.at(i), it.value));
        name_groups(area, &sheet.columns[0], places, (plot.wide, inset), theme)
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let n_groups = groups(sheet.columns.first()?).len().min(MOST);
        let plot = plot(sheet, n_groups, size)?;
        let shapes = shapes(sheet, &plot);
        let (_, it) = shapes.iter().enumerate().find(|(i, _)| (plot.at(*i) - at.0).abs() <= plot.wide / 2.0)?;
        let figure = |name: &str, share: f64| (name.to_owned(), said(&sheet.columns[1], percentile(&it.sorted, share)));
        let lines = vec![
            figure("greatest", 1.0),
            figure("upper quartile", 0.75),
            figure("median", 0.5),
            figure("lower quartile", 0.25),
            figure("least", 0.0),
            ("runs".into(), it.rows.len().to_string()),
        ];
        Some(Hit { rows: it.rows.clone(), title: group_name(&sheet.columns[0], it.value), lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_is_that_of_scipy() {
        // scipy.stats.gaussian_kde([1, 2, 4, 8, 8.5])([0, 3, 8])
        let values = [1.0, 2.0, 4.0, 8.0, 8.5];
        let density = Density::of(&values).expect("a shape");
        for (x, expected) in
            [(0.0, 0.061_937_130_442_406_48), (3.0, 0.089_541_228_077_822_96), (8.0, 0.074_795_376_676_510_04)]
        {
            assert!((density.at(x) - expected).abs() < 1e-12, "{x}: {}", density.at(x));
        }
        assert!(Density::of(&[1.0, 2.0]).is_none());
        assert!(Density::of(&[3.0; 5]).is_none());
        assert_eq!(outline(&values).len(), 49);
        assert_eq!(outline(&[]), []);
    }
}
