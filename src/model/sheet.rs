//! Fields of many runs side by side: what charts over runs are drawn from.

use serde::{Deserialize, Serialize};

use super::{Field, RunId, packed};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub ids: Vec<RunId>,
    pub names: Vec<String>,
    pub columns: Vec<SheetColumn>,
    /// Runs that match; more than there are ids where they are too many.
    pub n_matched: u32,
    /// Runs that are far off, and those of them that are left out: all or none.
    pub n_far: u32,
    pub n_cut: u32,
    /// What the last column turns on, where that was asked for.
    pub ranking: Option<Ranking>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// That have the value.
    pub n_runs: u32,
    /// Share of the variance that a forest of all fields explains, of runs it has not seen.
    pub explained: f64,
    /// The most important first.
    pub fields: Vec<Importance>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Importance {
    pub field: Field,
    /// Permutation importance: share of the variance (R²) that is lost when it is shuffled among the runs.
    pub share: f64,
    /// Spearman's ρ; NaN of values without an order.
    pub correlation: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SheetColumn {
    pub field: Field,
    /// The different values, in order, where they are not all numbers; the numbers are places in it then.
    pub labels: Vec<String>,
    /// One a run. NaN where the run has none.
    #[serde(with = "packed::f64s")]
    pub numbers: Vec<f64>,
}

/// A missing value is the same as a missing value, though NaN is not NaN: an answer that says the same
/// is no news.
impl PartialEq for SheetColumn {
    fn eq(&self, other: &Self) -> bool {
        let bits = |it: &Self| it.numbers.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        self.field == other.field && self.labels == other.labels && bits(self) == bits(other)
    }
}

impl PartialEq for Importance {
    fn eq(&self, other: &Self) -> bool {
        let bits = |it: &Self| [it.share.to_bits(), it.correlation.to_bits()];
        self.field == other.field && bits(self) == bits(other)
    }
}
