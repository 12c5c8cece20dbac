//! Lines with few points a pixel, piece by piece with exact edges. What a line covers of each pixel is
//! added up first, so that pieces that meet in a pixel are not laid over one another.

use std::ops::Range as Places;

use super::picture::{Paint, Picture};
use super::points::Points;
use super::{Stroke, View};

/// How much of each pixel the present line covers, in 255ths, column by column; and of each column
/// the rows that were touched.
#[derive(Default)]
pub struct Scratch {
    cover: Vec<u8>,
    touched: Vec<(u32, u32)>,
    width: usize,
    height: usize,
}

impl Scratch {
    fn fit(&mut self, view: &View) {
        let (width, height) = (view.width as usize, view.height as usize);
        if (self.width, self.height) != (width, height) {
            *self = Self { cover: vec![0; width * height], touched: vec![(u32::MAX, 0); width], width, height };
        }
    }

    /// A part of a pixel, 0 to 1.
    fn add(&mut self, column: usize, row: usize, part: f32) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let part = (part * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
        let cover = &mut self.cover[column * self.height + row];
        *cover = cover.saturating_add(part);
    }

    fn touch(&mut self, column: usize, from: usize, to: usize) {
        let touched = &mut self.touched[column];
        let narrow = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        touched.0 = touched.0.min(narrow(from));
        touched.1 = touched.1.max(narrow(to));
    }

    /// Lays the line under the picture and clears the scratch for the next.
    fn lay(&mut self, paint: Paint, picture: &mut Picture) {
        for (column, touched) in self.touched.iter_mut().enumerate() {
            let (from, to) = std::mem::replace(touched, (u32::MAX, 0));
            for row in from as usize..to as usize {
                let cover = std::mem::take(&mut self.cover[column * self.height + row]);
                if cover > 0 {
                    picture.dab(column, row, u32::from(cover), paint);
                }
            }
        }
    }
}

type Place = (f64, f64);

pub fn draw(
    points: &Points,
    visible: Places<usize>,
    stroke: &Stroke,
    view: &View,
    scratch: &mut Scratch,
    picture: &mut Picture,
) {
    scratch.fit(view);
    let mut dashes =
        Dashes { pattern: &stroke.dash, at: 0, left: stroke.dash.first().map_or(0.0, |it| f64::from(*it)) };
    let mut before: Option<Place> = None;
    // A point with no neighbour would be invisible as a line.
    let mut lone = None;
    for at in visible {
        let now = view.y.place(points.y(at)).map(|y| (view.x.pixel(points.x(at)), y));
        match (before, now) {
            (Some(from), Some(to)) => {
                lone = None;
                dashes.cut(from, to, &mut |a, b| piece(a, b, stroke.width, view, scratch));
            }
            (None, Some(_)) => lone = now,
            (_, None) => {
                if let Some(it) = lone.take() {
                    disc(it, stroke.width * 1.35, scratch);
                }
            }
        }
        before = now;
    }
    if let Some(it) = lone {
        disc(it, stroke.width * 1.35, scratch);
    }
    scratch.lay(Paint::new(stroke.colour, stroke.opacity), picture);
}

/// A straight piece of a line. Slanting less than half a right angle it is drawn column by column,
/// else row by row: so each step crosses the line where it is thinnest.
#[expect(clippy::cast_possible_truncation, reason = "within the picture after clipping")]
fn piece(a: Place, b: Place, width: f32, view: &View, scratch: &mut Scratch) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return;
    }
    // Corners are filled by pieces that reach a little beyond their ends.
    let reach = if length > 3.0 { f64::from(width) * 0.25 / length } else { 0.0 };
    let (a, b) = ((a.0 - dx * reach, a.1 - dy * reach), (b.0 + dx * reach, b.1 + dy * reach));
    let margin = f64::from(width);
    let bounds = (-margin, f64::from(view.width) + margin, -margin, f64::from(view.height) + margin);
    let Some((a, b)) = clip(a, b, bounds) else { return };
    let (a, b) = ((a.0 as f32, a.1 as f32), (b.0 as f32, b.1 as f32));
    if dx.abs() >= dy.abs() { by_columns(a, b, width, scratch) } else { by_rows(a, b, width, scratch) }
}

/// Liang and Barsky, "A new concept and method for line clipping", 1984.
fn clip(a: Place, b: Place, (left, right, top, bottom): (f64, f64, f64, f64)) -> Option<(Place, Place)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (p, q) in [(-dx, a.0 - left), (dx, right - a.0), (-dy, a.1 - top), (dy, bottom - a.1)] {
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
    (from < to).then_some(((a.0 + dx * from, a.1 + dy * from), (a.0 + dx * to, a.1 + dy * to)))
}

/// Whole numbers of `from..to` that lie within `0..most`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=most")]
fn cells(from: f32, to: f32, most: usize) -> Places<usize> {
    (from.floor().max(0.0) as usize).min(most)..(to.ceil().max(0.0) as usize).min(most)
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns of a screen")]
fn by_columns(a: (f32, f32), b: (f32, f32), width: f32, scratch: &mut Scratch) {
    let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    let slope = (b.1 - a.1) / (b.0 - a.0);
    let half = width / 2.0 * slope.hypot(1.0);
    for column in cells(a.0, b.0, scratch.width) {
        let (left, right) = ((column as f32).max(a.0), (column as f32 + 1.0).min(b.0));
        let share = right - left;
        let middle = a.1 + ((left + right) / 2.0 - a.0) * slope;
        let (top, bottom) = (middle - half, middle + half);
        let rows = cells(top, bottom, scratch.height);
        scratch.touch(column, rows.start, rows.end);
        for row in rows {
            let covered = (row as f32 + 1.0).min(bottom) - (row as f32).max(top);
            scratch.add(column, row, covered * share);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns of a screen")]
fn by_rows(a: (f32, f32), b: (f32, f32), width: f32, scratch: &mut Scratch) {
    let (a, b) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    let slope = (b.0 - a.0) / (b.1 - a.1);
    let half = width / 2.0 * slope.hypot(1.0);
    for row in cells(a.1, b.1, scratch.height) {
        let (top, bottom) = ((row as f32).max(a.1), (row as f32 + 1.0).min(b.1));
        let share = bottom - top;
        let middle = a.0 + ((top + bottom) / 2.0 - a.1) * slope;
        let (left, right) = (middle - half, middle + half);
        for column in cells(left, right, scratch.width) {
            let covered = (column as f32 + 1.0).min(right) - (column as f32).max(left);
            scratch.touch(column, row, row + 1);
            scratch.add(column, row, covered * share);
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels of a screen")]
fn disc(at: Place, radius: f32, scratch: &mut Scratch) {
    let (x, y) = (at.0 as f32, at.1 as f32);
    for column in cells(x - radius - 1.0, x + radius + 1.0, scratch.width) {
        let rows = cells(y - radius - 1.0, y + radius + 1.0, scratch.height);
        scratch.touch(column, rows.start, rows.end);
        for row in rows {
            let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
            scratch.add(column, row, (radius + 0.5 - distance).clamp(0.0, 1.0));
        }
    }
}

/// Goes along a line and cuts it into what is drawn.
struct Dashes<'a> {
    pattern: &'a [f32],
    at: usize,
    left: f64,
}

/// A line so long has left the screen; its dashes need no exact place.
const FAR: f64 = 20_000.0;

impl Dashes<'_> {
    fn cut(&mut self, from: Place, to: Place, draw: &mut dyn FnMut(Place, Place)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if self.pattern.is_empty() || length > FAR {
            draw(from, to);
            return;
        }
        let place = |at: f64| (from.0 + dx * at / length, from.1 + dy * at / length);
        let mut done = 0.0;
        while done < length {
            let next = (done + self.left).min(length);
            if self.at.is_multiple_of(2) {
                draw(place(done), place(next));
            }
            self.left -= next - done;
            done = next;
            if self.left <= 1e-9 {
                self.at = (self.at + 1) % self.pattern.len().next_multiple_of(2);
                self.left = f64::from(self.pattern[self.at % self.pattern.len()]).max(0.1);
            }
        }
    }
}
