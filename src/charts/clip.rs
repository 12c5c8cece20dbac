//! What of a path lies within the plot, for drawings of paths: the line layer cuts its own.

use super::frame::Inset;

type Place = (f64, f64);

/// The parts of a line within the plot. A lone point is a part.
pub fn line(points: &[Place], inset: Inset) -> Vec<Vec<Place>> {
    let mut parts: Vec<Vec<Place>> = Vec::new();
    if let [one] = points {
        let is_in = (inset.left..=inset.right).contains(&one.0) && (inset.top..=inset.bottom).contains(&one.1);
        return if is_in { vec![vec![*one]] } else { parts };
    }
    for pair in points.windows(2) {
        let Some((from, to)) = piece(pair[0], pair[1], inset) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// Liang and Barsky, "A new concept and method for line clipping", 1984.
fn piece(a: Place, b: Place, inset: Inset) -> Option<(Place, Place)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let sides = [(-dx, a.0 - inset.left), (dx, inset.right - a.0), (-dy, a.1 - inset.top), (dy, inset.bottom - a.1)];
    for (p, q) in sides {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    // Ends that lie within stay what they are, so that pieces meet.
    let at = |share: f64| match share {
        0.0 => a,
        1.0 => b,
        it => (a.0 + dx * it, a.1 + dy * it),
    };
    (from <= to).then(|| (at(from), at(to)))
}

/// What of an area lies within the plot.
/// Sutherland and Hodgman, "Reentrant polygon clipping", 1974.
pub fn area(mut edge: Vec<Place>, inset: Inset) -> Vec<Place> {
    type Side = (fn(Place) -> f64, f64, f64);
    let sides: [Side; 4] = [
        (|it| it.0, inset.left, 1.0),
        (|it| it.0, inset.right, -1.0),
        (|it| it.1, inset.top, 1.0),
        (|it| it.1, inset.bottom, -1.0),
    ];
    for (of, bound, sign) in sides {
        let within = |it: Place| (of(it) - bound) * sign;
        let mut kept = Vec::with_capacity(edge.len());
        for (at, now) in edge.iter().copied().enumerate() {
            let before = edge[at.checked_sub(1).unwrap_or(edge.len() - 1)];
            let (a, b) = (within(before), within(now));
            if (a < 0.0) != (b < 0.0) {
                let share = a / (a - b);
                kept.push((before.0 + (now.0 - before.0) * share, before.1 + (now.1 - before.1) * share));
            }
            if b >= 0.0 {
                kept.push(now);
            }
        }
        edge = kept;
    }
    edge
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Inset = Inset { left: 0.0, right: 10.0, top: 0.0, bottom: 10.0 };

    #[test]
    fn a_line_is_cut_where_it_leaves() {
        let all = [(-5.0, 5.0), (5.0, 5.0), (5.0, 15.0), (8.0, 15.0), (8.0, 5.0)];
        assert_eq!(line(&all, PLOT), [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]);
        assert_eq!(line(&[(1.0, 20.0), (9.0, 30.0)], PLOT), Vec::<Vec<Place>>::new());
        assert_eq!(
            (line(&[(1.0, 1.0)], PLOT).len(), line(&[(1.0, 11.0)], PLOT).len(), line(&[], PLOT).len()),
            (1, 0, 0)
        );
    }

    #[test]
    fn an_area_is_cut_to_the_plot() {
        let all = vec![(-5.0, -5.0), (15.0, -5.0), (15.0, 5.0), (-5.0, 5.0)];
        let found = area(all, PLOT);
        assert!(found.iter().all(|it| (0.0..=10.0).contains(&it.0) && (0.0..=5.0).contains(&it.1)), "{found:?}");
        assert_eq!(found.len(), 4);
        assert!(area(vec![(1.0, 20.0), (9.0, 20.0), (5.0, 30.0)], PLOT).is_empty());
        assert!(area(Vec::new(), PLOT).is_empty());
    }
}
