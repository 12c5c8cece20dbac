//! plotters on a 2D canvas, finer than a pixel and at any device pixel ratio. Text is measured by
//! the canvas itself; the crate's own backend would add an element to the page to do so.

use std::cell::Cell;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::frame::{FONT, Inset, UNIT, unit};
use super::surface::Never;

pub struct CanvasBackend {
    context: CanvasRenderingContext2d,
    size: (u32, u32),
    /// Colours and fonts cross to the browser as text, so they are set only when they change.
    stroke: Option<BackendColor>,
    fill: Option<BackendColor>,
    font_size: Cell<f64>,
}

type Drawn = Result<(), DrawingErrorKind<Never>>;

impl CanvasBackend {
    /// Sizes the canvas's pixels to its box and clears it. `size` is in CSS pixels.
    pub fn new(canvas: &HtmlCanvasElement, size: (f64, f64)) -> Option<Self> {
        Self::around(canvas, size, Inset { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 })
    }

    /// The same, but what lies within is left as it is: all of it is about to be put there.
    pub fn around(canvas: &HtmlCanvasElement, size: (f64, f64), within: Inset) -> Option<Self> {
        let ratio = web_sys::window()?.device_pixel_ratio().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a canvas's size")]
        let pixels = |it: f64| (it * ratio).round().clamp(1.0, 16_384.0) as u32;
        let (width, height) = (pixels(size.0), pixels(size.1));
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        if (canvas.width(), canvas.height()) == (width, height) {
            // A new buffer would cost more than what is drawn.
            let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
            let (width, height) = (f64::from(width), f64::from(height));
            // To whole pixels, of which those at the edge are cleared too.
            let [left, top] = [within.left, within.top].map(|it| (it * ratio).ceil() + 1.0);
            let [right, bottom] = [within.right, within.bottom].map(|it| (it * ratio).floor() - 1.0);
            if right <= left || bottom <= top {
                context.clear_rect(0.0, 0.0, width, height);
            } else {
                context.clear_rect(0.0, 0.0, width, top);
                context.clear_rect(0.0, bottom, width, height - bottom);
                context.clear_rect(0.0, top, left, bottom - top);
                context.clear_rect(right, top, width - right, bottom - top);
            }
        } else {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        let _ = context.set_global_composite_operation("source-over");
        let _ = context.set_transform(ratio / UNIT, 0.0, 0.0, ratio / UNIT, 0.0, 0.0);
        context.set_line_join("round");
        let size = (unit(size.0).unsigned_abs(), unit(size.1).unsigned_abs());
        Some(Self { context, size, stroke: None, fill: None, font_size: Cell::new(0.0) })
    }

    /// What is drawn from now on lies behind what is there.
    pub fn behind(self) -> Self {
        let _ = self.context.set_global_composite_operation("destination-over");
        self
    }

    fn colour(it: BackendColor) -> String {
        let (r, g, b) = it.rgb;
        format!("rgba({r},{g},{b},{})", it.alpha)
    }

    fn stroke<S: BackendStyle>(&mut self, style: &S) {
        let colour = style.color();
        if self.stroke.is_none_or(|it| it.rgb != colour.rgb || it.alpha != colour.alpha) {
            self.context.set_stroke_style_str(&Self::colour(colour));
            self.stroke = Some(colour);
        }
        self.context.set_line_width(f64::from(style.stroke_width()));
        self.context.stroke();
    }

    fn fill<S: BackendStyle>(&mut self, style: &S) {
        self.fill_with(style.color());
        self.context.fill();
    }

    fn fill_with(&mut self, colour: BackendColor) {
        if self.fill.is_none_or(|it| it.rgb != colour.rgb || it.alpha != colour.alpha) {
            self.context.set_fill_style_str(&Self::colour(colour));
            self.fill = Some(colour);
        }
    }

    /// To set one costs as much as ten labels, and it stays with the canvas: one that is set already is left.
    fn font(&self, size: f64) {
        if self.font_size.replace(size) != size {
            let font = format!("{size}px {FONT}");
            if self.context.font() != font {
                self.context.set_font(&font);
            }
        }
    }

    fn path(&self, points: impl IntoIterator<Item = BackendCoord>) {
        self.context.begin_path();
        for (i, (x, y)) in points.into_iter().enumerate() {
            if i == 0 {
                self.context.move_to(f64::from(x), f64::from(y));
            } else {
                self.context.line_to(f64::from(x), f64::from(y));
            }
        }
    }
}

impl DrawingBackend for CanvasBackend {
    type ErrorType = Never;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.fill_with(color);
        self.context.fill_rect(f64::from(point.0), f64::from(point.1), 1.0, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.path([from, to]);
        self.stroke(style);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        self.context.begin_path();
        self.context.rect(f64::from(a.0), f64::from(a.1), f64::from(b.0 - a.0), f64::from(b.1 - a.1));
        if fill {
            self.fill(style)
        } else {
            self.stroke(style)
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.path(path);
        self.stroke(style);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        self.context.begin_path();
        let _ =
            self.context.arc(f64::from(center.0), f64::from(center.1), f64::from(radius), 0.0, std::f64::consts::TAU);
        if fill {
            self.fill(style)
        } else {
            self.stroke(style)
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        self.path(vert);
        self.context.close_path();
        self.fill(style);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        self.font(style.size());
        self.fill_with(style.color());
        self.context.set_text_align(match style.anchor().h_pos {
            HPos::Left => "left",
            HPos::Right => "right",
            HPos::Center => "center",
        });
        self.context.set_text_baseline(match style.anchor().v_pos {
            VPos::Top => "top",
            VPos::Center => "middle",
            VPos::Bottom => "bottom",
        });
        let _ = self.context.fill_text(text, f64::from(pos.0), f64::from(pos.1));
        Ok(())
    }
}
