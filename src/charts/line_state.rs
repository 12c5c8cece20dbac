//! What a line chart is given to show, and what it would like to.

use std::sync::Arc;

use halimede_raster::{Kind, Range};
use leptos::prelude::*;

use super::ends::End;
use super::line;
use crate::handover::Pixels;

/// What all charts of a page share: where the pointer is along x, the line it is on, and from where
/// to where they show.
#[derive(Clone, Copy)]
pub struct Link {
    pub at: RwSignal<Option<f64>>,
    pub focused: RwSignal<Option<String>>,
    pub x: RwSignal<Option<(f64, f64)>>,
}

impl Link {
    pub fn new() -> Self {
        Self { at: RwSignal::new(None), focused: RwSignal::new(None), x: RwSignal::new(None) }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

/// What a chart shows instead of, or beside, its lines.
#[derive(Clone, PartialEq, Default)]
pub struct State {
    pub picture: Option<Picture>,
    pub loading: bool,
    /// Title and text, when there is nothing to draw.
    pub says: Option<(String, String)>,
    /// Some points were left out by the source: `320 of 3000`.
    pub sampled: Option<String>,
    pub stale: bool,
    /// Why some runs could not be read.
    pub missed: Option<String>,
    /// What its colours say.
    pub key: Option<Key>,
}

/// Colours from one line to many.
#[derive(Clone, PartialEq)]
pub struct Key {
    /// As CSS has it.
    pub gradient: String,
    /// What the last of them stands for.
    pub most: String,
}

/// The lines as the line layer drew them.
#[derive(Clone, PartialEq)]
pub struct Picture {
    /// RGBA, row by row.
    pub pixels: Pixels,
    pub width: u32,
    pub height: u32,
    pub x: (Range, Kind),
    pub y: (Range, Kind),
    /// From the first point to the last.
    pub points: Range,
    /// Of the lines that there are.
    pub lasts: Arc<[End]>,
    /// Slot, x and value of what has no place.
    pub odd: Vec<(u8, f64, f64)>,
    /// No line has a second point: the values are drawn instead.
    pub is_single: bool,
}

/// What the chart would like to show.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Wish {
    /// Of the plot with its axes, in CSS pixels.
    pub size: (f64, f64),
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    pub y: Option<(f64, f64)>,
    pub y_kind: Kind,
}

impl Wish {
    /// Of the plot between the axes, in device pixels; none before it has a place.
    pub fn pixels(&self, has_ends: bool) -> Option<(u32, u32)> {
        let (width, height) = self.size;
        let room = line::room(width, height, has_ends);
        let is_seen = width > 1.0 && height > 1.0;
        is_seen.then(|| (pixels(room.right - room.left, self.ratio), pixels(room.bottom - room.top, self.ratio)))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a canvas's size")]
pub fn pixels(it: f64, ratio: f64) -> u32 {
    (it * ratio).round().clamp(1.0, 16_384.0) as u32
}
