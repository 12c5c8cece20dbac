//! Halimede: every machine-learning experiment a person has, in one browser tab.
//!
//! The map, in the order data flows. `ARCHITECTURE.md` says who may know whom.

/// The nouns: no I/O, no browser.
pub mod model;
/// Pure answers from columns.
pub mod query;
/// One file per tracking API or file format.
pub mod sources;
/// The cache.
pub mod store;
/// What to fetch and when.
pub mod sync;
/// Question in, answer out.
pub mod engine;
/// One file per chart.
pub mod charts;
/// Shared view parts.
pub mod components;
/// One file per route.
pub mod pages;
