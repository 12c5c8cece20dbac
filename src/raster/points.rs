//! The points of one line, small and not copied where they are small already: places along x as a rule
//! where they follow one, values as single floats where those tell them apart.

use halimede_columns::{Column, Slice, widen};

use super::axis::{Kind, Range};
use super::cover::{greater, lesser};
use super::extent;

#[derive(Clone, Debug)]
pub enum Along {
    /// The first and the distance to the next.
    Even { first: f64, step: f64 },
    /// Ascending.
    Each(Slice<f64>),
}

#[derive(Clone, Debug)]
pub enum Values {
    Single(Slice<f32>),
    Double(Slice<f64>),
}

/// Sorted by x. What is not finite is NaN here and breaks the line.
#[derive(Clone, Debug)]
pub struct Points {
    pub(crate) x: Along,
    pub(crate) y: Values,
    n: usize,
    /// Each value stands for its shortest decimal.
    are_short: bool,
    /// Of single floats, where they are many.
    blocks: Blocks,
}

/// Points of a block.
const BLOCK: usize = 32;
/// With fewer points a look at each is as fast.
const MANY: usize = 16_384;

/// Least and greatest of each block of points.
#[derive(Clone, Debug, Default)]
struct Blocks {
    lows: Vec<f32>,
    highs: Vec<f32>,
}

impl Blocks {
    fn of(values: &[f32]) -> Self {
        if values.len() < MANY {
            return Self::default();
        }
        let (lows, highs) = values.chunks(BLOCK).map(extent::of_single).unzip();
        Self { lows, highs }
    }
}

/// Beyond this share of its magnitude a line's own spread is lost on single floats: seven digits less
/// three for the pixels of a screen.
const FINE: f64 = 1e-3;

impl Points {
    /// `x` ascending; what has no finite x is left out.
    pub fn new(x: impl Into<Column>, y: impl Into<Column>) -> Self {
        Self::of(&x.into(), &y.into())
    }

    fn of(x: &Column, y: &Column) -> Self {
        let n = x.len().min(y.len());
        let (x, y) = (x.part(0..n), y.part(0..n));
        if !x.is_sorted() || !x.not_finite().is_empty() {
            let mut pairs: Vec<(f64, f64)> = x.iter().zip(y.iter()).filter(|it| it.0.is_finite()).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            return Self::of(&x.into(), &y.into());
        }
        let are_short = matches!(y, Column::Short(_));
        let y = match y {
            Column::Single(it) | Column::Short(it) => Values::Single(without_infinities(it)),
            Column::Double(it) => of_doubles(it),
            even @ Column::Even { .. } => of_doubles(even.to_vec().into()),
        };
        let blocks = if let Values::Single(y) = &y { Blocks::of(y) } else { Blocks::default() };
        Self { x: along(x), y, n, are_short, blocks }
    }

    pub fn len(&self) -> usize {
        self.n
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    pub fn x(&self, at: usize) -> f64 {
        match &self.x {
            #[expect(clippy::cast_precision_loss, reason = "a count of points")]
            Along::Even { first, step } => first + at as f64 * step,
            Along::Each(x) => x[at],
        }
    }

    /// To be told to people; `y` is to be drawn.
    pub fn value(&self, at: usize) -> f64 {
        match &self.y {
            Values::Single(y) if self.are_short => widen(y[at]),
            _ => self.y(at),
        }
    }

    pub fn y(&self, at: usize) -> f64 {
        match &self.y {
            Values::Single(y) => f64::from(y[at]),
            Values::Double(y) => y[at],
        }
    }

    /// The first point whose x is not below.
    pub fn first_from(&self, x: f64) -> usize {
        match &self.x {
            Along::Even { first, step } => {
                let at = ((x - first) / step).ceil().max(0.0);
                #[expect(clippy::cast_precision_loss, reason = "a count of points")]
                if at >= self.n as f64 {
                    return self.n;
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
                let mut at = at as usize;
                // The division may be off by one in its last digit.
                while at > 0 && self.x(at - 1) >= x {
                    at -= 1;
                }
                while at < self.n && self.x(at) < x {
                    at += 1;
                }
                at
            }
            Along::Each(all) => all.partition_point(|it| *it < x),
        }
    }

    /// Points of a range, and the one on each side of it, to which the line goes on.
    pub fn visible(&self, range: Range) -> std::ops::Range<usize> {
        let from = self.first_from(range.low).saturating_sub(1);
        let mut to = self.first_from(range.high);
        while to < self.n && self.x(to) <= range.high {
            to += 1;
        }
        from..(to + 1).min(self.n)
    }

    pub fn x_range(&self) -> Option<Range> {
        self.x_range_on(Kind::Linear)
    }

    /// From the first to the last point that a scale of this kind has a place for.
    pub fn x_range_on(&self, kind: Kind) -> Option<Range> {
        let first = if kind == Kind::Log { self.first_from(f64::MIN_POSITIVE) } else { 0 };
        (first < self.n).then(|| Range { low: self.x(first), high: self.x(self.n - 1) })
    }

    /// Least and greatest of the values that a scale of this kind has a place for.
    pub fn extent(&self, places: std::ops::Range<usize>, kind: Kind) -> Option<Range> {
        let (low, high) = match &self.y {
            Values::Single(y) => {
                let (low, high) = self.extent_of_single(y, places.clone());
                (f64::from(low), f64::from(high))
            }
            Values::Double(y) => extent::of_double(&y[places.clone()]),
        };
        // The usual case on a logarithmic scale: all are positive.
        if kind != Kind::Log || low > 0.0 {
            return (low <= high).then_some(Range { low, high });
        }
        let positive = places.map(|at| self.y(at)).filter(|it| *it > 0.0);
        let (low, high) = positive.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), it| (a.min(it), b.max(it)));
        (low <= high).then_some(Range { low, high })
    }

    /// The same of single floats, as they are; nothing: (∞, −∞).
    pub(crate) fn extent_of_single(&self, y: &[f32], places: std::ops::Range<usize>) -> (f32, f32) {
        let (first, last) = (places.start.div_ceil(BLOCK), places.end / BLOCK);
        if self.blocks.lows.is_empty() || last < first + 2 {
            return extent::of_single(&y[places]);
        }
        let before = extent::of_single(&y[places.start..first * BLOCK]);
        let after = extent::of_single(&y[last * BLOCK..places.end]);
        let low = extent::of_single(&self.blocks.lows[first..last]).0;
        let high = extent::of_single(&self.blocks.highs[first..last]).1;
        (lesser(lesser(before.0, after.0), low), greater(greater(before.1, after.1), high))
    }

    /// Whether `extent_about` is known for stretches of so many points.
    pub(crate) fn has_blocks(&self, n: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a count of points")]
        let least = (4 * BLOCK) as f64;
        !self.blocks.lows.is_empty() && n >= least
    }

    /// Least and greatest of the blocks that these points are in; nothing: (∞, −∞).
    pub(crate) fn extent_about(&self, places: std::ops::Range<usize>) -> (f32, f32) {
        let blocks = places.start / BLOCK..places.end.div_ceil(BLOCK);
        (extent::of_single(&self.blocks.lows[blocks.clone()]).0, extent::of_single(&self.blocks.highs[blocks]).1)
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let x = if let Along::Each(x) = &self.x { x.len() * 8 } else { 16 };
        let y = match &self.y {
            Values::Single(y) => y.len() * 4,
            Values::Double(y) => y.len() * 8,
        };
        x + y
    }
}

fn is_fine(range: Range) -> bool {
    let reach = range.low.abs().max(range.high.abs());
    let is_within = reach < 1e37 && (reach == 0.0 || reach > 1e-30);
    is_within && (range.high - range.low >= reach * FINE)
}

/// Whether people see the same number: whole ones are shown with all their digits, and none may fall
/// to zero.
fn is_single(value: f64) -> bool {
    const WHOLE: f64 = 16_777_216.0;
    let size = value.abs();
    !value.is_finite() || value == 0.0 || (size > 1e-37 && (size <= WHOLE || value.fract() != 0.0))
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be within the range of single floats")]
fn single(value: f64) -> f32 {
    if value.is_finite() { value as f32 } else { f32::NAN }
}

fn along(x: Column) -> Along {
    match x.ruled() {
        Column::Even { first, step, n } if step > 0.0 || n < 2 => {
            Along::Even { first, step: if step > 0.0 { step } else { 1.0 } }
        }
        Column::Double(it) => Along::Each(it),
        other => Along::Each(other.to_vec().into()),
    }
}

fn without_infinities(it: Slice<f32>) -> Slice<f32> {
    // Without a look at each, several at once.
    if it.iter().fold(false, |so_far, it| so_far | it.is_infinite()) {
        return it.iter().map(|it| if it.is_finite() { *it } else { f32::NAN }).collect();
    }
    it
}

fn of_doubles(it: Slice<f64>) -> Values {
    match Range::of(it.iter().copied()) {
        Some(range) if is_fine(range) && it.iter().all(|it| is_single(*it)) => {
            Values::Single(it.iter().map(|it| single(*it)).collect())
        }
        _ if it.iter().any(|it| it.is_infinite()) => {
            Values::Double(it.iter().map(|it| if it.is_finite() { *it } else { f64::NAN }).collect())
        }
        _ => Values::Double(it),
    }
}
