//! Lines with few points a pixel, piece by piece with exact edges.

use std::ops::Range as Places;

use super::blend::Paint;
use super::cover::{Cover, Slab, cells, greater, lesser};
use super::picture::Picture;
use super::points::Points;
use super::{Stroke, View};

/// In pixels.
type Place = (f32, f32);

#[inline(never)]
pub fn draw(
    points: &Points,
    visible: Places<usize>,
    stroke: &Stroke,
    view: &View,
    cover: &mut Cover,
    picture: &mut Picture,
) {
    let paint = Paint::new(stroke.colour, stroke.opacity);
    cover.start((view.width as usize, view.height as usize), stroke.width, paint);
    let mut dashes = Dashes { pattern: &stroke.dash, at: 0, left: stroke.dash.first().copied().unwrap_or(0.0) };
    let (x, y) = (view.x.placer(), view.y.placer());
    let mut before: Option<Place> = None;
    // A point with no neighbour would be invisible as a line.
    let mut lone = None;
    for at in visible {
        let now = (x.at(points.x(at)), y.at(points.y(at)));
        if now.0.is_nan() || now.1.is_nan() {
            if let Some(it) = lone.take() {
                disc(it, stroke.width * 1.35, cover, picture);
            }
            before = None;
            continue;
        }
        match before {
            Some(from) => {
                lone = None;
                if dashes.pattern.is_empty() {
                    piece(from, now, stroke.width, cover, picture);
                } else {
                    dashes.cut(from, now, &mut |a, b| piece(a, b, stroke.width, cover, picture));
                }
            }
            None => lone = Some(now),
        }
        before = Some(now);
    }
    if let Some(it) = lone {
        disc(it, stroke.width * 1.35, cover, picture);
    }
    cover.end(picture);
}

/// As steep as anything is: a line straight up has some width then.
const STEEP: f32 = 1e4;

/// A straight piece of a line. It is cut straight across where it is thinnest: up and down where it
/// slants less than half a right angle, else from side to side; so pieces that go on in one direction
/// meet without a seam.
fn piece(a: Place, b: Place, width: f32, cover: &mut Cover, picture: &mut Picture) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let is_flat = dx.abs() >= dy.abs();
    let along = greater(dx.abs(), dy.abs());
    if along == 0.0 {
        return;
    }
    // Corners are filled by pieces that begin a little before them, the more the sharper the turn.
    let length = if along > 3.0 { (dx * dx + dy * dy).sqrt() } else { 0.0 };
    let heading = if length > 0.0 { (dx / length, dy / length) } else { (0.0, 0.0) };
    let turn = 1.0 - heading.0 * cover.heading.0 - heading.1 * cover.heading.1;
    cover.heading = heading;
    let a = if length > 0.0 {
        let reach = width * 0.25 * lesser(turn, 2.0);
        (a.0 - heading.0 * reach, a.1 - heading.1 * reach)
    } else {
        a
    };
    #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
    let bounds = (cover.width() as f32, cover.height() as f32);
    let Some((a, b)) = clip(a, b, width, bounds) else { return };
    let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    let slope = dy / dx;
    if is_flat { flat(a, b, slope, width, cover, picture) } else { steep(a, b, slope, width, cover, picture) }
}

#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn flat(a: Place, b: Place, slope: f32, width: f32, cover: &mut Cover, picture: &mut Picture) {
    let (rise, thick) = (slope.abs(), width * (slope * slope + 1.0).sqrt());
    let columns = cells(a.0, b.0, cover.width());
    let whole = Slab::new(rise, thick, 1.0);
    for column in columns {
        let (left, right) = (greater(a.0, column as f32), lesser(b.0, column as f32 + 1.0));
        let middle = a.1 + ((left + right) * 0.5 - a.0) * slope;
        let share = right - left;
        if share >= 1.0 {
            cover.slab(column, middle, &whole, (-1e9, 1e9), picture);
        } else if share > 0.0 {
            cover.slab(column, middle, &Slab::new(rise * share, thick, share), (-1e9, 1e9), picture);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn steep(a: Place, b: Place, slope: f32, width: f32, cover: &mut Cover, picture: &mut Picture) {
    let slope = if slope.is_finite() { slope.clamp(-STEEP, STEEP) } else { STEEP };
    let thick = width * (slope * slope + 1.0).sqrt();
    // From side to side.
    let half = thick / slope.abs() * 0.5;
    let slab = Slab::new(slope.abs(), thick, 1.0);
    let centre = ((a.0 + b.0) * 0.5, (a.1 + b.1) * 0.5);
    let bounds = (lesser(a.1, b.1), greater(a.1, b.1));
    for column in cells(a.0 - half, b.0 + half, cover.width()) {
        let middle = centre.1 + (column as f32 + 0.5 - centre.0) * slope;
        cover.slab(column, middle, &slab, bounds, picture);
    }
}

/// What lies within a line's width of the picture.
/// Liang and Barsky, "A new concept and method for line clipping", 1984.
fn clip(a: Place, b: Place, margin: f32, (right, bottom): (f32, f32)) -> Option<(Place, Place)> {
    let inside = |it: Place| (-margin..=right + margin).contains(&it.0) && (-margin..=bottom + margin).contains(&it.1);
    if inside(a) && inside(b) {
        return Some((a, b));
    }
    let wide = |it: Place| (f64::from(it.0), f64::from(it.1));
    let (a, b) = (wide(a), wide(b));
    let (margin, right, bottom) = (f64::from(margin), f64::from(right), f64::from(bottom));
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let sides = [(-dx, a.0 + margin), (dx, right + margin - a.0), (-dy, a.1 + margin), (dy, bottom + margin - a.1)];
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
    #[expect(clippy::cast_possible_truncation, reason = "within the picture")]
    let at = |share: f64| ((a.0 + dx * share) as f32, (a.1 + dy * share) as f32);
    (from < to).then(|| (at(from), at(to)))
}

#[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
fn disc((x, y): Place, radius: f32, cover: &mut Cover, picture: &mut Picture) {
    for column in cells(x - radius - 1.0, x + radius + 1.0, cover.width()) {
        for row in cells(y - radius - 1.0, y + radius + 1.0, cover.height()) {
            let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
            cover.dot(column, row, (radius + 0.5 - distance).clamp(0.0, 1.0), picture);
        }
    }
}

/// Goes along a line and cuts it into what is drawn.
struct Dashes<'a> {
    pattern: &'a [f32],
    at: usize,
    left: f32,
}

/// A line so long has left the screen; its dashes need no exact place.
const FAR: f32 = 20_000.0;

impl Dashes<'_> {
    fn cut(&mut self, from: Place, to: Place, draw: &mut dyn FnMut(Place, Place)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        if length > FAR {
            draw(from, to);
            return;
        }
        let place = |at: f32| (from.0 + dx * at / length, from.1 + dy * at / length);
        let mut done = 0.0;
        while done < length {
            let next = (done + self.left).min(length);
            if self.at.is_multiple_of(2) {
                draw(place(done), place(next));
            }
            self.left -= next - done;
            // Far along, a step may be lost on single floats.
            done = if next > done { next } else { length };
            if self.left <= 1e-4 {
                self.at = (self.at + 1) % self.pattern.len().next_multiple_of(2);
                self.left = self.pattern[self.at % self.pattern.len()].max(0.1);
            }
        }
    }
}
