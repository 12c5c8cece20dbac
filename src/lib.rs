//! Halimede: every machine-learning experiment a person has, in one browser tab.
//!
//! The map, in the order data flows. `ARCHITECTURE.md` says who may know whom.

/// One file per chart.
pub mod charts;
/// Shared view parts.
pub mod components;
/// Question in, answer out.
pub mod engine;
/// Bytes from JavaScript.
#[cfg(target_arch = "wasm32")]
mod handover;
/// The nouns: no I/O, no browser.
pub mod model;
/// One file per route.
pub mod pages;
/// Pure answers from columns.
pub mod query;
/// One file per tracking API or file format.
pub mod sources;
/// The cache.
pub mod store;
/// What to fetch and when.
pub mod sync;
