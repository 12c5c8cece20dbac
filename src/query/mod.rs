//! Pure answers from columns: which runs, in which order, which points.

pub mod cells;
pub mod downsample;
pub mod fields;
pub mod rows;
