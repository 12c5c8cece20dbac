//! A curve in a line of text: no axes, only its course.

use halimede_raster::{Kind, Range, Scale};
use leptos::html;
use leptos::prelude::*;
use plotters::prelude::*;

use super::canvas::CanvasBackend;
use super::frame::{UNIT, unit};
use super::line::Line;
use super::palette::series;
use super::surface::Surface;
use crate::components::react::effect;
use crate::components::redraw::redrawn;
use crate::components::theme::Dark;

const SIZE: (f64, f64) = (96.0, 32.0);

#[component]
pub fn Spark(#[prop(into)] line: Signal<Option<Line>>) -> impl IntoView {
    let node: NodeRef<html::Canvas> = NodeRef::new();
    let dark = use_context::<Dark>();
    effect(move || {
        redrawn();
        let dark = dark.is_some_and(|it| it.0.get());
        if let (Some(canvas), Some(line)) = (node.get(), line.get()) {
            draw(&canvas, &line, dark);
        }
    });
    view! { <canvas node_ref=node aria-hidden="true"></canvas> }
}

fn draw(canvas: &web_sys::HtmlCanvasElement, line: &Line, dark: bool) -> Option<()> {
    let x = Scale::new(Range::of(line.x.iter().copied())?, Kind::Linear, 1.0, SIZE.0 - 2.0);
    let y = Scale::new(Range::of(line.y.iter().copied())?, Kind::Linear, SIZE.1 - 3.0, 3.0);
    let area = Surface::area(CanvasBackend::new(canvas, SIZE)?);
    let stroke = ShapeStyle {
        color: series(line.slot, dark).to_rgba(),
        filled: false,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a line's width")]
        stroke_width: (1.4 * UNIT) as u32,
    };
    let points = line.x.iter().zip(&line.y).filter_map(|(a, b)| Some((unit(x.place(*a)?), unit(y.place(*b)?))));
    area.draw(&PathElement::new(points.collect::<Vec<_>>(), stroke)).ok()
}
