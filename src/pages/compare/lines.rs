//! The lines of a comparison: values and what they are against the baseline, seeds, differences of files.

use leptos::prelude::*;

use super::{Page, causes, file_diff};
use crate::components::format;
use crate::engine::protocol::PairedLine;
use crate::query::compare::diff::{Line, Part, Value};
use crate::query::compare::paired::{Paired, Verdict};

/// The same metric, each run with its siblings of other seeds against those of the baseline.
pub fn seeds_row(of: &PairedLine, baseline: usize) -> impl IntoView + use<> {
    let cell = |(i, it): (usize, &Option<Paired>)| {
        let said = it.as_ref().map(|it| {
            let (low, high) = it.interval();
            let class = match it.verdict {
                Verdict::Better => "better",
                Verdict::Worse => "worse",
                _ => "",
            };
            let left_out = it.baseline.without_value + it.candidate.without_value;
            let unpaired = it.baseline.unpaired + it.candidate.unpaired;
            let mut more = vec![format!("95 % interval of the mean difference over {}", format::n_of(it.difference.n, "pair"))];
            more.extend((unpaired > 0).then(|| format!("{} without a partner", format::n_of(unpaired as u64, "run"))));
            more.extend((left_out > 0).then(|| format!("{} without a finite value left out", format::n_of(left_out as u64, "run"))));
            let title = more.join(" · ");
            let lost = (left_out > 0).then(|| view! { <span class="badge warn">{format!("{} left out", format::count(left_out as u64))}</span> });
            view! {
                <span class="cut" title=title>{format!("{} [{}, {}]", signed(it.difference.mean), signed(low), signed(high))}</span>
                {lost}
                <span class=format!("delta {class}")>{format!("{}, n {}", it.verdict.words(), it.difference.n)}</span>
            }
        });
        view! { <td class:base=i == baseline><div class="cell minor">{said}</div></td> }
    };
    view! { <tr class="seeds"><th scope="row">"by seed"</th>{of.each.iter().enumerate().map(cell).collect_view()}</tr> }
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, format::number(value))
}

/// The open difference of a file, below its line.
pub fn diff_row(page: Page, path: String, n: usize) -> impl IntoView + use<> {
    let held = StoredValue::new(path);
    move || {
        let (open, at) = page.diff.get()?;
        if held.with_value(|it| *it != open) {
            return None;
        }
        let view = page.view.get();
        let (a, b) = (view.runs.get(view.baseline)?.clone(), view.runs.get(at)?.clone());
        Some(view! { <tr class="filediff"><td colspan=n + 1><file_diff::FileDiffView a=a b=b path=open /></td></tr> })
    }
}

/// A line of values, with what each is against the baseline.
pub fn line(page: Page, line: &Line, baseline: usize, difference: Option<usize>) -> impl IntoView + use<> {
    let best = line.best();
    let cells: Vec<_> = (0..line.values.len())
        .map(|i| {
            let class = match () {
                () if line.is_changed(i, baseline) && line.part != Part::Metrics => "changed",
                () if best == Some(i) => "best",
                () => "",
            };
            let text = said(&line.values[i]);
            let delta = line.delta(i, baseline).map(|it| {
                let sign = if it.absolute > 0.0 { "+" } else { "" };
                let arrow = if it.absolute > 0.0 { "↑" } else { "↓" };
                let relative = it.relative.filter(|it| it.abs() < 100.0).map(percent);
                let size = match line.values[i] {
                    Value::Duration(_) => format!("{}{}", if it.absolute > 0.0 { "+" } else { "−" }, format::duration(it.absolute.abs())),
                Value::Size(_) => format!("{}{}", if it.absolute > 0.0 { "+" } else { "−" }, bytes(it.absolute.abs())),
                    _ => format!("{sign}{}", format::number(it.absolute)),
                };
                let (class, word) = match it.is_better {
                    Some(true) => ("delta better", " better"),
                    Some(false) => ("delta worse", " worse"),
                    None => ("delta", ""),
                };
                view! { <span class=class>{format!("{arrow} {size}{}{word}", relative.unwrap_or_default())}</span> }
            });
            let path = (line.part == Part::Artifacts && i != baseline && file_diff::is_text(&line.name))
                .then(|| line.name.clone())
                .filter(|_| line.values[i] != Value::Missing && line.values[baseline] != Value::Missing);
            let compare = path.map(|path| {
                let (held, is) = (path.clone(), path);
                let is_open = move || page.diff.get().is_some_and(|it| it.0 == is && it.1 == i);
                let is_open = Memo::new(move |_| is_open());
                let toggle = move |_| page.diff.update(|it| {
                    let next = Some((held.clone(), i));
                    *it = if *it == next { None } else { next };
                });
                view! { <button class="more" aria-expanded=move || is_open.get().to_string() on:click=toggle>"diff"</button> }
            });
            view! { <td class:base=i == baseline><div class="cell">{compare}<span class=format!("cut {class}") title=text.clone()><bdi>{text.clone()}</bdi></span>{delta}</div></td> }
        })
        .collect();
    let id = difference.map(|it| format!("difference-{it}"));
    view! {
        <tr id=causes::row_id(line) data-difference=id class:current=move || difference.is_some() && page.at.get() == difference>
            <th scope="row"><bdi>{line.name.clone()}</bdi></th>
            {cells}
        </tr>
    }
}

/// ` (+12.5 %)`.
fn percent(part: f64) -> String {
    let size = format!("{:.1}", part.abs() * 100.0);
    let size = size.strip_suffix(".0").unwrap_or(&size);
    format!(" ({}{size} %)", if part > 0.0 { "+" } else { "−" })
}

fn said(value: &Value) -> String {
    match value {
        Value::Missing => "–".into(),
        Value::Number(it) => format::number(*it),
        Value::NumberText(_, text) | Value::Text(text) => crate::model::problem::shortened(text, 400),
        Value::Duration(ms) => format::duration(*ms),
        Value::Size(size) => bytes(*size),
    }
}

fn bytes(size: f64) -> String {
    format::Style::Bytes.write(size)
}
