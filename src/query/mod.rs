//! Pure answers from columns: which runs, in which order, which points.

pub mod bits;
pub mod by_step;
pub mod cells;
pub mod check;
pub mod column;
pub mod compare;
pub mod derived;
pub mod distribution;
pub mod downsample;
pub mod fields;
pub mod filter;
pub mod fold_lines;
pub mod group;
pub mod importance;
pub mod join;
pub mod matrix;
pub mod merge;
pub mod order;
pub mod out;
pub mod redact;
pub mod rows;
pub mod selection;
pub mod sheet;
pub mod smooth;
