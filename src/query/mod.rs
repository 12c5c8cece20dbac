//! Pure answers from columns: which runs, in which order, which points.

pub mod bits;
pub mod cells;
pub mod column;
pub mod diff;
pub mod downsample;
pub mod environment;
pub mod explained;
pub mod fields;
pub mod filter;
pub mod group;
pub mod json_diff;
pub mod myers;
pub mod order;
pub mod paired;
pub mod rank;
pub mod requirement;
pub mod rows;
pub mod signature;
pub mod split;
pub mod stats;
pub mod text_diff;
pub mod version;
