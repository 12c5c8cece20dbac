//! View parts that pages and charts share. They show what they are given and fetch nothing.

pub mod format;
mod highlight;
pub mod mathml;
pub mod prose;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod browser {
    pub mod copy;
    pub mod corner;
    pub mod dialog;
    pub mod dom;
    pub mod each;
    pub mod icon;
    pub mod markdown;
    pub mod menu;
    pub mod notice;
    pub mod on_screen;
    pub mod paper;
    pub mod react;
    pub mod redraw;
    pub mod segment;
    pub mod theme;
    pub mod toast;
}
#[cfg(target_arch = "wasm32")]
pub use browser::*;
