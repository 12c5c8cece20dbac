//! The line in focus, drawn once more over all others, where it is in their picture.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Chart, Numbered, Plotted, picture};
use crate::charts::line_state::Picture;
use crate::components::react::effect;
use crate::engine::protocol::{Answer, PlotAsk, PlotView, Question};
use crate::pages::ask::{Asked, use_answer};

impl Chart {
    pub fn over(
        self,
        focused: Memo<Option<u32>>,
        drawing: Memo<Numbered>,
        view: Memo<Option<PlotView>>,
        asked: Asked<Option<Plotted>>,
    ) -> Memo<Option<Picture>> {
        // Of which drawing and line the last question was: its answer is the one that comes.
        let last = StoredValue::new(None::<(u32, u32)>);
        let over = use_answer(
            move || {
                let line = focused.get().filter(|_| self.is_near())?;
                let (number, view) = (drawing.get().0, view.get()?);
                let answer = asked.value.with(|it| it.as_ref()?.as_ref().ok()?.as_ref().map(|it| it.answer.clone()))?;
                let is_its = answer.drawing == number && (answer.width, answer.height) == (view.width, view.height);
                is_its.then(|| {
                    last.set_value(Some((number, line)));
                    let (x, y, x_kind, y_kind) = (Some(answer.x), Some(answer.y), answer.x_kind, answer.y_kind);
                    let view =
                        PlotView { only: Some(line), line_width: view.line_width * 1.5, x, y, x_kind, y_kind, ..view };
                    Question::Plot(Box::new(PlotAsk {
                        drawing: number,
                        made_of: None,
                        n_heads: 0,
                        view,
                        goes_on: false,
                    }))
                })
            },
            move |told| {
                let pixels = told.pixels(0);
                match told.answer {
                    Answer::Plot(answer) => {
                        Some(pixels.map(|it| (last.try_get_value().flatten(), Arc::new(picture(it, &answer)))))
                    }
                    _ => Some(None),
                }
            },
        );
        effect(move || {
            if focused.get().is_none() && over.value.with_untracked(Option::is_some) {
                over.value.set(None);
            }
        });
        Memo::new(move |_| {
            let wanted = (drawing.get().0, focused.get()?);
            let (of, picture) = over.ok().flatten()?;
            (of == Some(wanted)).then(|| (*picture).clone())
        })
    }
}
