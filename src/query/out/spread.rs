//! How the values of a group's runs are said: around which middle, and how far they go.

use serde::{Deserialize, Serialize};

use super::{Datum, Header, Sheet, number};
use crate::model::stats::Summary;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpreadStyle {
    #[default]
    Sd,
    StandardError,
    /// Of the mean, after Student.
    Interval95,
    /// With the least and the greatest value.
    Median,
}

impl SpreadStyle {
    pub const ALL: [SpreadStyle; 4] =
        [SpreadStyle::Sd, SpreadStyle::StandardError, SpreadStyle::Interval95, SpreadStyle::Median];

    /// As it stands in links.
    pub fn code(self) -> &'static str {
        match self {
            SpreadStyle::Sd => "sd",
            SpreadStyle::StandardError => "se",
            SpreadStyle::Interval95 => "ci95",
            SpreadStyle::Median => "median",
        }
    }

    /// Half the width of what stands beside the middle; none beside a median.
    pub fn half(self, of: &Summary) -> Option<f64> {
        match self {
            SpreadStyle::Sd => Some(of.sd),
            SpreadStyle::StandardError => Some(of.standard_error()),
            SpreadStyle::Interval95 => Some(of.half_interval()),
            SpreadStyle::Median => None,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            SpreadStyle::Sd => "mean ± standard deviation",
            SpreadStyle::StandardError => "mean ± standard error",
            SpreadStyle::Interval95 => "mean ± half of the 95 % interval",
            SpreadStyle::Median => "median (least–greatest)",
        }
    }

    pub fn middle(self, of: &Summary) -> f64 {
        if self == SpreadStyle::Median { of.median } else { of.mean }
    }

    /// What stands beside the middle, each with its name in a header.
    fn beside(self, of: &Summary) -> Vec<(&'static str, f64)> {
        match self {
            SpreadStyle::Sd => vec![("sd", of.sd)],
            SpreadStyle::StandardError => vec![("se", of.standard_error())],
            SpreadStyle::Interval95 => vec![("ci95", of.half_interval())],
            SpreadStyle::Median => vec![("min", of.min), ("max", of.max)],
        }
    }

    /// The texts of the middle and of what stands beside it; of one run there is only the middle.
    pub fn texts(self, of: &Summary) -> Vec<String> {
        let beside: Vec<f64> = if of.n < 2 { Vec::new() } else { self.beside(of).iter().map(|it| it.1).collect() };
        number::aligned(self.middle(of), &beside)
    }
}

/// Every number in a column of its own: no spread in a text.
pub fn apart(sheet: &Sheet, style: SpreadStyle) -> Sheet {
    let spreads: Vec<bool> = (0..sheet.columns.len())
        .map(|at| sheet.rows.iter().any(|row| matches!(row.get(at), Some(Datum::Spread(_)))))
        .collect();
    let beside = |of: &Summary| {
        let n = ("n", f64::from(of.n));
        style.beside(of).into_iter().chain([n])
    };
    let columns = sheet.columns.iter().zip(&spreads).flat_map(|(header, is_spread)| {
        let more = is_spread.then(|| beside(&Summary::default()).map(|it| it.0)).into_iter().flatten();
        let numeric =
            |word: &str| Header { title: format!("{} {word}", header.title), is_numeric: true, is_better_lower: None };
        std::iter::once(header.clone()).chain(more.map(numeric)).collect::<Vec<_>>()
    });
    let row = |row: &Vec<Datum>| {
        let cells = row.iter().zip(&spreads).flat_map(|(datum, is_spread)| match (datum, is_spread) {
            (Datum::Spread(it), _) => {
                let more = beside(it).map(|it| if it.1.is_nan() { Datum::Missing } else { Datum::Number(it.1) });
                std::iter::once(Datum::Number(style.middle(it))).chain(more).collect()
            }
            (other, true) => {
                let mut cells = vec![Datum::Missing; 1 + beside(&Summary::default()).count()];
                cells[0] = other.clone();
                cells
            }
            (other, false) => vec![other.clone()],
        });
        cells.collect()
    };
    Sheet { columns: columns.collect(), rows: sheet.rows.iter().map(row).collect() }
}
