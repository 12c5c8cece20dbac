//! Questions about series: their points, a picture of them, and values under the cursor.

use halimede_raster::Kind;
use serde::{Deserialize, Serialize};

use crate::model::{Completeness, Problem, ProjectKey, RunId};
use crate::query::fold_lines::Folding;
use crate::query::smooth::Smooth;

/// Which points: a metric along an axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesOf {
    pub project: ProjectKey,
    pub metric: String,
    pub want: Want,
    pub x: XAxis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesAsk {
    pub of: SeriesOf,
    pub runs: Vec<RunId>,
    /// At most this many columns of points come back, extremes kept.
    pub columns: u32,
    pub smooth: Smooth,
    /// Along the axis; the points beside them too, to which the line goes on. None: all.
    pub between: Option<(f64, f64)>,
}

/// What a chart holds between two drawings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotOf {
    pub series: SeriesOf,
    pub smooth: Smooth,
    /// Another number: what is held is read again.
    pub reading: u32,
}

/// A picture of a drawing. What the drawing is made of is said once: while it is zoomed only the view
/// changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotAsk {
    /// The page's number for it.
    pub drawing: u32,
    pub made_of: Option<Drawing>,
    /// Of how many lines the page has the heads: an answer may have been given up before it was read.
    pub n_heads: u32,
    pub view: PlotView,
    /// The answer to the same said that there is more: some of it may be waited for.
    pub goes_on: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    pub of: PlotOf,
    /// What several runs' lines are as one.
    pub folding: Option<Folding>,
    /// The first is on top.
    pub lines: Vec<PlotLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotView {
    /// This line alone.
    pub only: Option<u32>,
    /// Of a line, in device pixels.
    pub line_width: f32,
    /// Values from and to; none: all there is.
    pub x: Option<(f64, f64)>,
    pub y: Option<(f64, f64)>,
    pub x_kind: AxisKind,
    pub y_kind: AxisKind,
    /// Values outside of the 1st to the 99th percentile may be cut off.
    pub clips: bool,
    /// Device pixels.
    pub width: u32,
    pub height: u32,
    pub look: PlotLook,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlotLook {
    #[default]
    Lines,
    /// How many go where: the side of a cell in device pixels, and colours from few lines to most.
    Heat { cell: u32, ramp: Vec<[u8; 3]> },
    /// How they are spread, about every so many device pixels.
    Ridges { apart: u32, colour: [u8; 3] },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AxisKind {
    #[default]
    Linear,
    Log,
    SymLog,
}

impl From<Kind> for AxisKind {
    fn from(it: Kind) -> Self {
        match it {
            Kind::Linear => AxisKind::Linear,
            Kind::Log => AxisKind::Log,
            Kind::SymLog => AxisKind::SymLog,
        }
    }
}

impl From<AxisKind> for Kind {
    fn from(it: AxisKind) -> Self {
        match it {
            AxisKind::Linear => Kind::Linear,
            AxisKind::Log => Kind::Log,
            AxisKind::SymLog => Kind::SymLog,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotLine {
    pub run: RunId,
    /// Drawn as one line with it.
    pub others: Vec<RunId>,
    pub colour: [u8; 3],
    /// Device pixels.
    pub dash: Vec<f32>,
}

/// One part beside it: RGBA, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotAnswer {
    pub drawing: u32,
    /// As drawn.
    pub x: (f64, f64),
    pub y: (f64, f64),
    /// The first and last point of any line between them.
    pub points: (f64, f64),
    /// Linear where nothing is positive.
    pub x_kind: AxisKind,
    pub y_kind: AxisKind,
    pub width: u32,
    pub height: u32,
    /// Of the lines that there are, where the drawing was said or goes on, or the page does not have them all.
    pub heads: Option<Vec<PlotHead>>,
    /// More is to be had from the source; asked for again, some of it will be there.
    pub left: bool,
    /// Why some could not be read.
    pub trouble: Option<Problem>,
    /// No line passes through the part that is asked for.
    pub is_empty: bool,
    /// Of a heat map: lines in the cell that has most.
    pub most: Option<u32>,
    /// The first of what has no place: which line's, x and the value.
    pub odd: Vec<(u32, f64, f64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlotHead {
    /// Which of the lines.
    pub line: u32,
    pub n_points: u32,
    pub completeness: Completeness,
    pub last: f64,
    /// Of several runs as one: from where to where they spread at its last point.
    pub band: Option<(f64, f64)>,
    /// Where the line ends as it is drawn, x and y.
    pub end: (f64, f64),
    pub stale: bool,
}

/// Where the cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Seek {
    At(f64),
    /// The next point of any line after this place; none: the first of all.
    Next(Option<f64>),
    Previous(Option<f64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    /// About this many points per run from a source that samples.
    Sampled(u32),
    Full,
}

#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum XAxis {
    #[default]
    Step,
    /// Time since the run's first point.
    Relative,
    Wall,
    /// What another metric was at the step.
    Metric(String),
}

impl XAxis {
    pub fn word(&self) -> &str {
        match self {
            XAxis::Step => "step",
            XAxis::Relative => "milliseconds since the start",
            XAxis::Wall => "milliseconds since the epoch",
            XAxis::Metric(name) => name,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesHead {
    pub run: RunId,
    /// Into the parts.
    pub offset: u32,
    pub len: u32,
    /// Points the engine holds, before thinning for the picture.
    pub n_points: u32,
    pub completeness: Completeness,
    pub fetched: f64,
    /// Not asked again now, because the source did not answer.
    pub stale: bool,
}
