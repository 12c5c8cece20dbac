//! What charts are drawn on. plotters makes the code of a chart anew for each of its backends; behind
//! one surface there is one backend, and the code is there once.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::Pos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontFamily as Family,
};

use super::frame::FONT;

pub type Area<'a> = DrawingArea<Surface<'a>, Shift>;
pub type DrawError = DrawingAreaErrorKind<Never>;
pub type Drawn = Result<(), DrawError>;

/// Neither a canvas nor a text fails; the type is only asked for.
#[derive(Debug)]
pub struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("never")
    }
}
impl std::error::Error for Never {}

pub struct Surface<'a>(Box<dyn Pen + 'a>);

impl<'a> Surface<'a> {
    pub fn area(backend: impl DrawingBackend + 'a) -> Area<'a> {
        Surface(Box::new(backend)).into_drawing_area()
    }
}

#[derive(Clone, Copy)]
struct Stroke {
    colour: BackendColor,
    width: u32,
}

impl Stroke {
    fn of(style: &impl BackendStyle) -> Self {
        Self { colour: style.color(), width: style.stroke_width() }
    }
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.colour
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

struct Letters {
    colour: BackendColor,
    size: f64,
    anchor: Pos,
}

impl BackendTextStyle for Letters {
    type FontError = Never;

    fn color(&self) -> BackendColor {
        self.colour
    }

    fn size(&self) -> f64 {
        self.size
    }

    fn anchor(&self) -> Pos {
        Pos::new(self.anchor.h_pos, self.anchor.v_pos)
    }

    fn family(&self) -> Family<'_> {
        Family::Name(FONT)
    }

    fn layout_box(&self, _: &str) -> Result<((i32, i32), (i32, i32)), Never> {
        Ok(((0, 0), (0, 0)))
    }

    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: BackendCoord,
        _: F,
    ) -> Result<Result<(), E>, Never> {
        Ok(Ok(()))
    }
}

/// A backend, with its type forgotten.
trait Pen {
    fn size(&self) -> (u32, u32);
    fn end(&mut self);
    fn path(&mut self, points: &[BackendCoord], style: Stroke);
    fn polygon(&mut self, points: &[BackendCoord], style: Stroke);
    fn rect(&mut self, a: BackendCoord, b: BackendCoord, style: Stroke, fill: bool);
    fn circle(&mut self, at: BackendCoord, radius: u32, style: Stroke, fill: bool);
    fn text(&mut self, text: &str, style: &Letters, at: BackendCoord);
}

impl<B: DrawingBackend> Pen for B {
    fn size(&self) -> (u32, u32) {
        self.get_size()
    }

    fn end(&mut self) {
        let _ = self.present();
    }

    fn path(&mut self, points: &[BackendCoord], style: Stroke) {
        let _ = self.draw_path(points.iter().copied(), &style);
    }

    fn polygon(&mut self, points: &[BackendCoord], style: Stroke) {
        let _ = self.fill_polygon(points.iter().copied(), &style);
    }

    fn rect(&mut self, a: BackendCoord, b: BackendCoord, style: Stroke, fill: bool) {
        let _ = self.draw_rect(a, b, &style, fill);
    }

    fn circle(&mut self, at: BackendCoord, radius: u32, style: Stroke, fill: bool) {
        let _ = self.draw_circle(at, radius, &style, fill);
    }

    fn text(&mut self, text: &str, style: &Letters, at: BackendCoord) {
        let _ = self.draw_text(text, style, at);
    }
}

type Done = Result<(), DrawingErrorKind<Never>>;

impl DrawingBackend for Surface<'_> {
    type ErrorType = Never;

    fn get_size(&self) -> (u32, u32) {
        self.0.size()
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        self.0.end();
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Done {
        self.0.rect(point, (point.0 + 1, point.1 + 1), Stroke { colour, width: 0 }, true);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.0.path(&[from, to], Stroke::of(style));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Done {
        self.0.rect(a, b, Stroke::of(style), fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        self.0.path(&path.into_iter().collect::<Vec<_>>(), Stroke::of(style));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, at: BackendCoord, radius: u32, style: &S, fill: bool) -> Done {
        self.0.circle(at, radius, Stroke::of(style), fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Done {
        self.0.polygon(&corners.into_iter().collect::<Vec<_>>(), Stroke::of(style));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Done {
        self.0.text(text, &Letters { colour: style.color(), size: style.size(), anchor: style.anchor() }, at);
        Ok(())
    }
}
