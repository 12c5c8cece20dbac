//! Runs side by side: lines of values, code and environments, texts, models, seed by seed, and what
//! the differences go along with.

pub mod diff;
pub mod environment;
mod explained;
pub mod json_diff;
pub(super) mod myers;
pub mod paired;
pub mod rank;
mod requirement;
pub mod signature;
pub mod split;
pub mod text_diff;
pub mod version;
