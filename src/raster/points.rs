//! The points of one line, small: places along x as a rule where they follow one, values as single
//! floats where those tell them apart.

use super::axis::{Kind, Range};
use super::extent;

#[derive(Clone, Debug, PartialEq)]
pub enum Along {
    /// The first and the distance to the next.
    Even { first: f64, step: f64 },
    /// Ascending.
    Each(Vec<f64>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// Sorted by x. What is not finite is NaN here and breaks the line.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    pub(crate) x: Along,
    pub(crate) y: Values,
    n: usize,
}

/// Beyond this share of its magnitude a line's own spread is lost on single floats: seven digits less
/// three for the pixels of a screen.
const FINE: f64 = 1e-3;

impl Points {
    /// `x` ascending; what has no finite x is left out.
    pub fn new(x: &[f64], y: &[f64]) -> Self {
        let n = x.len().min(y.len());
        let (x, y) = (&x[..n], &y[..n]);
        if x.iter().any(|it| !it.is_finite()) {
            let (x, y): (Vec<f64>, Vec<f64>) = x.iter().zip(y).filter(|it| it.0.is_finite()).unzip();
            return Self::new(&x, &y);
        }
        if !x.is_sorted() {
            let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            return Self::new(&x, &y);
        }
        let y = match Range::of(y.iter().copied()) {
            Some(range) if is_fine(range) && y.iter().all(|it| is_single(*it)) => {
                Values::Single(y.iter().map(|it| single(*it)).collect())
            }
            _ => Values::Double(y.iter().map(|it| if it.is_finite() { *it } else { f64::NAN }).collect()),
        };
        Self { x: along(x), y, n }
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
        (self.n > 0).then(|| Range { low: self.x(0), high: self.x(self.n - 1) })
    }

    /// Least and greatest of the values that a scale of this kind has a place for.
    pub fn extent(&self, places: std::ops::Range<usize>, kind: Kind) -> Option<Range> {
        let (low, high) = match &self.y {
            Values::Single(y) => {
                let (low, high) = extent::of_single(&y[places.clone()]);
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

fn along(x: &[f64]) -> Along {
    if let [first, second, ..] = x {
        let step = second - first;
        let even = |(at, x): (usize, &f64)| {
            #[expect(clippy::cast_precision_loss, reason = "a count of points")]
            let expected = first + at as f64 * step;
            *x == expected
        };
        if step > 0.0 && x.iter().enumerate().all(even) {
            return Along::Even { first: *first, step };
        }
    }
    Along::Each(x.to_vec())
}
