//! What the lines of a chart have at a place along x, and which place is the next that has a point.

use halimede_raster::{Points, Range};

use super::protocol::{Answer, Part, Seek};
use super::{Engine, Reply, Result};

impl Engine {
    pub(super) async fn probe(&self, number: u32, seek: Seek) -> Result<Reply> {
        let Some(known) = self.0.plots.drawing(number) else { return Ok(Answer::NoDrawing(number).into()) };
        let lines = self.shown(&known).await?;
        let at = sought(lines.iter().flatten().map(|it| it.exact()), seek);
        // A run that has ended, or has not begun, has no value there; a little beside its end is at it.
        let whole =
            lines.iter().flatten().filter_map(|it| it.exact().x_range()).fold(None, |a, b| Range::join(a, Some(b)));
        let slack = whole.map_or(0.0, |it| (it.high / 400.0 - it.low / 400.0).abs());
        // Near zero a little of a logarithmic axis is much.
        let beside = |end: f64| slack.min(end.abs() / 50.0);
        let is_within = |points: &Points, x: f64| {
            let is_in = |it: Range| x >= it.low - beside(it.low) && x <= it.high + beside(it.high);
            points.x_range().is_some_and(is_in)
        };
        let mut parts = [const { Vec::new() }; 5];
        for line in &lines {
            let found = line.as_ref().zip(at).filter(|(line, x)| is_within(line.exact(), *x));
            let found = found.and_then(|(line, x)| Some((line, nearest(line.exact(), x)?)));
            let values = match found {
                Some((line, at)) => {
                    let exact = line.exact();
                    let edge = |of: &Points| place(of, exact.x(at)).map_or(f64::NAN, |at| of.value(at));
                    let (low, high) = line.exact_band().map_or((f64::NAN, f64::NAN), |it| (edge(&it.0), edge(&it.1)));
                    let (x, value) = (exact.x(at), exact.value(at));
                    // Of several as one no run's speaks for all.
                    let odd = || line.odd.iter().rfind(|it| it.0 == x).map_or(value, |it| it.1);
                    [
                        x,
                        if value.is_nan() && line.band.is_none() { odd() } else { value },
                        line.points.value(at),
                        low,
                        high,
                    ]
                }
                None => [f64::NAN; 5],
            };
            parts.iter_mut().zip(values).for_each(|(part, it)| part.push(it));
        }
        if lines.iter().flatten().all(|it| it.band.is_none()) {
            parts[3..].iter_mut().for_each(Vec::clear);
        }
        Ok(Reply { answer: Answer::Probe { drawing: number, at }, parts: parts.map(Part::Numbers).into() })
    }
}

/// The point at or before a place, else the first.
fn place(points: &Points, x: f64) -> Option<usize> {
    let mut at = points.first_from(x);
    // Of several at one place the last.
    while at < points.len() && points.x(at) == x {
        at += 1;
    }
    (!points.is_empty()).then(|| at.saturating_sub(1))
}

/// The point nearest to a place.
fn nearest(points: &Points, x: f64) -> Option<usize> {
    let at = place(points, x)?;
    let next = (at + 1 < points.len()).then(|| points.x(at + 1)).filter(|it| it - x < x - points.x(at));
    next.map_or(Some(at), |it| place(points, it))
}

fn sought<'a>(lines: impl Iterator<Item = &'a Points>, seek: Seek) -> Option<f64> {
    let lines = lines.filter(|it| !it.is_empty());
    match seek {
        Seek::At(x) => Some(x).filter(|it| it.is_finite()),
        Seek::Next(None) => lines.map(|it| it.x(0)).min_by(f64::total_cmp),
        Seek::Previous(None) => lines.map(|it| it.x(it.len() - 1)).max_by(f64::total_cmp),
        Seek::Next(Some(x)) => {
            let next = |it: &Points| {
                let at = (it.first_from(x)..it.len()).find(|at| it.x(*at) > x)?;
                Some(it.x(at))
            };
            lines.filter_map(next).min_by(f64::total_cmp).or(Some(x))
        }
        Seek::Previous(Some(x)) => {
            let before = |it: &Points| it.first_from(x).checked_sub(1).map(|at| it.x(at));
            lines.filter_map(before).max_by(f64::total_cmp).or(Some(x))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(x: &[f64], y: &[f64]) -> Points {
        Points::new(x, y)
    }

    #[test]
    fn the_cursor_finds_the_point_at_or_before() {
        let it = points(&[0.0, 10.0, 10.0, 20.0], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!([-5.0, 10.0, 19.0, 99.0].map(|x| place(&it, x)), [Some(0), Some(2), Some(2), Some(3)]);
        assert_eq!(place(&points(&[], &[]), 1.0), None);
    }

    #[test]
    fn the_cursor_steps_from_point_to_point_of_any_line() {
        let lines = [points(&[0.0, 10.0], &[1.0, 2.0]), points(&[4.0, 12.0], &[1.0, 2.0])];
        let to = |seek| sought(lines.iter(), seek);
        assert_eq!([to(Seek::Next(None)), to(Seek::Previous(None))], [Some(0.0), Some(12.0)]);
        assert_eq!([0.0, 4.0, 12.0].map(|x| to(Seek::Next(Some(x)))), [Some(4.0), Some(10.0), Some(12.0)]);
        assert_eq!([0.0, 4.0, 11.0].map(|x| to(Seek::Previous(Some(x)))), [Some(0.0), Some(0.0), Some(10.0)]);
    }
}
