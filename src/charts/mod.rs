//! One file per chart. A chart is given its data and draws it; it never fetches.
//! Only this room knows plotters.

mod clip;
pub mod ends;
pub mod frame;
mod labels;
pub mod line;
pub mod over;
pub mod palette;
pub mod points;
pub mod probed;
pub mod scale;
pub mod single;
pub mod spread;
mod surface;
pub mod svg;
mod time_axis;

#[cfg(target_arch = "wasm32")]
mod canvas;
#[cfg(target_arch = "wasm32")]
mod cursor;
#[cfg(target_arch = "wasm32")]
pub mod line_state;
#[cfg(target_arch = "wasm32")]
pub mod line_table;
#[cfg(target_arch = "wasm32")]
pub mod line_view;
#[cfg(target_arch = "wasm32")]
mod line_zoom;
#[cfg(target_arch = "wasm32")]
pub mod save;
#[cfg(target_arch = "wasm32")]
mod single_view;
#[cfg(target_arch = "wasm32")]
mod size;
#[cfg(target_arch = "wasm32")]
pub mod spark;

#[cfg(test)]
mod snapshots;
