//! Pixels from columns: draws thousands of dense lines into one buffer. Pure; a package of its own so
//! that it alone is compiled for speed where all else is compiled for size.
//!
//! A line with two or more points a pixel is drawn by columns: of each column of pixels the least and
//! greatest value and where the line enters and leaves (`dense`). A line with fewer is drawn piece by
//! piece with exact edges (`thin`). Lines are laid under one another, the first on top, so that what
//! is hidden costs nothing (`picture`). Where lines are too many to tell apart, it is drawn how many there are
//! (`spread`).

mod axis;
mod blend;
mod columns;
mod cover;
mod dense;
mod extent;
mod picture;
mod points;
mod spread;
mod thin;

pub use axis::{Kind, Placer, Range, Scale, nice};
pub use points::{Along, Points, Values};
pub use spread::{Grid, Ridge, SEEN, WIDE, ridges};

use blend::Paint;
use columns::Columns;
use cover::Cover;
use picture::Picture;

/// Where the plot stands: its pixels, and the scales from values to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Device pixels.
    pub width: u32,
    pub height: u32,
    /// Values to pixels from the left edge.
    pub x: Scale,
    /// Values to pixels from the top edge.
    pub y: Scale,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub colour: [u8; 3],
    /// Device pixels.
    pub width: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// Device pixels on, off, on, …; empty for a whole line.
    pub dash: Vec<f32>,
}

/// Points a pixel from which a line is drawn by columns: among more lines nobody sees the exact edge
/// of one. Lines up to, points from.
const DENSE: [(usize, f64); 3] = [(50, 1.5), (200, 0.3), (usize::MAX, 0.0)];
/// From here on the points of a column are gathered; up to here a line is walked along.
const GATHERED: f64 = 2.0;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a> {
    Line(&'a Points, &'a Stroke),
    /// All between two lines: the lower and the upper.
    Band(&'a Points, &'a Points, &'a Stroke),
}

/// Draws one picture after the other into the same memory.
#[derive(Debug, Default)]
pub struct Easel {
    picture: Picture,
    cover: Cover,
    edges: Vec<dense::Edge>,
    columns: Columns,
}

impl Easel {
    /// The first is on top.
    #[inline(never)]
    pub fn draw<'a>(&mut self, shapes: &[Shape<'a>], view: &View) {
        self.picture.start(view.width as usize, view.height as usize);
        let dense = DENSE.iter().find(|it| shapes.len() <= it.0).map_or(0.0, |it| it.1);
        for shape in shapes {
            match shape {
                Shape::Line(points, stroke) => self.line(points, stroke, view, dense),
                Shape::Band(low, high, stroke) => {
                    // What both go through together is all between them.
                    self.columns.start(view.width as usize);
                    let edge = Stroke { width: 0.0, ..(*stroke).clone() };
                    for points in [low, high] {
                        self.gather(points, points.visible(view.x.range()), &edge, view);
                    }
                    self.columns.lay(stroke, &mut self.picture);
                }
            }
        }
    }

    /// How many of the lines go where, from few to most by the colours. Gives back how many the most are.
    #[inline(never)]
    pub fn heat(&mut self, lines: &[&Points], view: &View, cell: u32, ramp: &[[u8; 3]]) -> u32 {
        self.picture.start(view.width as usize, view.height as usize);
        let grid = Grid::of(lines, view, cell);
        grid.lay(view, ramp, &mut self.picture);
        grid.most
    }

    /// How the lines are spread, about every so many pixels. `line`: how wide the shapes' own lines are.
    #[inline(never)]
    pub fn ridges(&mut self, lines: &[&Points], view: &View, apart: u32, line: f32, colour: [u8; 3]) {
        self.picture.start(view.width as usize, view.height as usize);
        #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
        let room = view.width as f32 / (view.width / apart.max(1)).max(1) as f32;
        for ridge in ridges(lines, view, apart) {
            ridge.lay(view, room, line, colour, &mut self.picture);
        }
    }

    fn line(&mut self, points: &Points, stroke: &Stroke, view: &View, dense: f64) {
        let visible = points.visible(view.x.range());
        if visible.is_empty() {
            return;
        }
        if density(visible.len(), view) < dense {
            thin::draw(points, visible, stroke, view, &mut self.cover, &mut self.picture);
            return;
        }
        self.columns.start(view.width as usize);
        self.gather(points, visible, stroke, view);
        self.columns.lay(stroke, &mut self.picture);
    }

    fn gather(&mut self, points: &Points, visible: std::ops::Range<usize>, stroke: &Stroke, view: &View) {
        if density(visible.len(), view) < GATHERED {
            columns::walk(points, visible, stroke, view, &mut self.columns);
        } else {
            dense::gather(points, visible, stroke, view, &mut self.edges, &mut self.columns);
        }
    }

    pub fn n_bytes(&self) -> usize {
        self.picture.n_bytes()
    }

    /// Gives the picture away, a few rows at a time from the top: RGBA, not premultiplied, as a canvas
    /// takes it. What is left is empty.
    pub fn pour(&mut self, mut take: impl FnMut(&[u8])) {
        self.picture.pour(&mut take);
    }
}

/// Points a pixel.
fn density(n: usize, view: &View) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of points")]
    let n = n as f64;
    n / f64::from(view.width)
}

#[cfg(test)]
mod tests;
