//! The dashboard of a project: widgets on a grid, moved, resized, added and described by mouse, touch and
//! keyboard. It is part of the view, so a link holds it, undo knows it, and it is saved as views are.

pub mod layout;
mod sections;
pub mod spec;
pub mod templates;

pub use sections::{SECTION, arrange, shown};

#[cfg(target_arch = "wasm32")]
mod drag;
#[cfg(target_arch = "wasm32")]
mod edit;
#[cfg(target_arch = "wasm32")]
mod gallery;
#[cfg(target_arch = "wasm32")]
mod grid;

#[cfg(target_arch = "wasm32")]
pub use grid::Board;
