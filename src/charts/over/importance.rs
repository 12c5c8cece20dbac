//! What a value turns on: a bar for each field, the most important first, with how the two rise
//! together, and how much all this explains.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::{Figures, Hit, Marks, Over, Place, Slot, Takes, fill};
use crate::charts::frame::{Area, Drawn, short, text, text_width, unit};
use crate::charts::palette::{Theme, series};
use crate::components::format;
use crate::model::sheet::{Importance, Sheet};

pub struct ImportanceChart;

/// Fewer runs than this, or less explained, say little.
const FEW: u32 = 30;
const LITTLE: f64 = 0.3;

struct Lines {
    left: f64,
    right: f64,
    high: f64,
    n: usize,
}

const TOP: f64 = 20.0;
const MOST: usize = 16;

fn lines(sheet: &Sheet, (width, height): Place) -> Option<Lines> {
    let ranking = sheet.ranking.as_ref()?;
    let n = ranking.fields.len().min(MOST);
    let wide = ranking.fields.iter().take(n).map(|it| text_width(&short(it.field.label(), 24))).fold(0.0, f64::max);
    let left = (wide + 20.0).max(60.0).min(width * 0.5);
    let high = ((height - TOP - 24.0) / f64::from(u32::try_from(n).ok()?).max(1.0)).clamp(2.0, 30.0);
    Some(Lines { left, right: (width - 64.0).max(left + 1.0), high, n })
}

impl Lines {
    fn middle(&self, at: usize) -> f64 {
        TOP + self.high * (f64::from(u32::try_from(at).unwrap_or(0)) + 0.5)
    }
}

impl Over for ImportanceChart {
    const WORD: &'static str = "importance";
    const LABEL: &'static str = "Importance of fields";
    /// The last is the value.
    const SLOTS: &'static [Slot] = &[Slot::new("field", Takes::Any).many()];
    const IS_RANKED: bool = true;

    fn draw(area: &Area, sheet: &Sheet, size: Place, marks: &Marks, theme: Theme) -> Drawn {
        let (Some(ranking), Some(lines)) = (&sheet.ranking, lines(sheet, size)) else { return Ok(()) };
        let most = ranking.fields.first().map_or(1.0, |it| it.share).max(1e-9);
        let head = ["permutation importance: R² lost when shuffled", "R² lost when shuffled", "R² lost"];
        let fits = |it: &&str| text_width(it) < size.0 - 36.0 - lines.left;
        let head = head.into_iter().find(fits).unwrap_or_default();
        text(area, head, (lines.left, 4.0), HPos::Left, VPos::Top, theme)?;
        text(area, "ρ", (size.0 - 16.0, 4.0), HPos::Right, VPos::Top, theme)?;
        let doubt = if ranking.n_runs < FEW {
            "too few runs to trust: "
        } else if ranking.explained < LITTLE {
            "not to be trusted: "
        } else {
            ""
        };
        for (at, it) in ranking.fields.iter().take(lines.n).enumerate() {
            let y = lines.middle(at);
            let half = (lines.high * 0.32).min(8.0);
            let to = lines.left + (lines.right - lines.left - 44.0).max(1.0) * it.share / most;
            let is_marked = marks.rows.first() == Some(&at);
            // What is not to be trusted does not look like a result.
            let strength = if is_marked { 1.0 } else { 0.75 } * if doubt.is_empty() { 1.0 } else { 0.4 };
            let colour = series(0, theme.dark).mix(strength);
            area.draw(&Rectangle::new([(unit(lines.left), unit(y - half)), (unit(to), unit(y + half))], fill(colour)))?;
            if lines.high >= 10.0 {
                text(area, &short(it.field.label(), 24), (lines.left - 8.0, y), HPos::Right, VPos::Center, theme)?;
                text(area, &format!("{:.2}", it.share), (to + 6.0, y), HPos::Left, VPos::Center, theme)?;
                let rho = if it.correlation.is_nan() {
                    "–".to_owned()
                } else {
                    format!("{:+.2}", it.correlation).replace('-', "−")
                };
                text(area, &rho, (size.0 - 16.0, y), HPos::Right, VPos::Center, theme)?;
            }
        }
        let explained = format::number((ranking.explained.max(0.0) * 100.0).round());
        let said = format!("{doubt}{} runs, {explained} % of unseen variance explained", ranking.n_runs);
        text(area, &said, (12.0, size.1 - 18.0), HPos::Left, VPos::Top, theme)
    }

    fn figures(sheet: &Sheet) -> Option<Figures> {
        let row = |it: &Importance| (it.field.to_string(), vec![it.share, it.correlation]);
        let rows = sheet.ranking.as_ref()?.fields.iter().map(row).collect();
        Some(Figures::new("field", &["R² lost when shuffled", "Spearman's ρ"], rows))
    }

    fn hit(sheet: &Sheet, size: Place, _marks: &Marks, at: Place) -> Option<Hit> {
        let (ranking, lines) = (sheet.ranking.as_ref()?, lines(sheet, size)?);
        let place = (0..lines.n).find(|it| (lines.middle(*it) - at.1).abs() <= lines.high / 2.0)?;
        let it = &ranking.fields[place];
        let mut said = vec![("R² lost when shuffled".to_owned(), format!("{:.3}", it.share))];
        if !it.correlation.is_nan() {
            said.push(("Spearman's ρ".to_owned(), format!("{:+.3}", it.correlation)));
        }
        // Two rows at least: it is no single run that could be opened.
        Some(Hit { rows: vec![place, usize::MAX], title: it.field.label().to_owned(), lines: said })
    }
}
