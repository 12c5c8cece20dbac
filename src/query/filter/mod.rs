//! The filter language: a superset of MLflow's filter strings with or, not, brackets, regular
//! expressions, numeric ranges on params, durations, dates and figures of a whole series.
//!
//! What a missing value means: every comparison with it fails, `!=` too, as in MLflow. `not` turns
//! the answer round, so `not lr < 1` finds runs without `lr`, as `~(df.lr < 1)` does in pandas.

pub mod apply;
pub mod bind;
mod colour;
pub mod complete;
pub mod date;
mod lex;
mod parse;
mod show;
pub mod suggest;
#[cfg(test)]
mod tests;
mod texts;
pub mod tree;

/// Its machine is bounded, and so is the time it takes: this one never backtracks.
fn regex(pattern: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::RegexBuilder::new(pattern).size_limit(100_000).build()
}

pub use bind::{figures, figures_of_value};
pub use colour::colours;
pub use parse::{parse, parse_value};
pub use show::Quoted;
pub use tree::{Expr, Trouble};
