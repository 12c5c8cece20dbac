//! The lines of a chart as a table: of each its first, least, greatest and last value, and where.

use leptos::prelude::*;

use super::line::{XKind, x_label};
use crate::components::format;

/// A place along x and the value there.
pub type Point = (f64, f64);

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub n_points: u32,
    pub first: Point,
    pub last: Point,
    /// None: no value is a number.
    pub least: Option<Point>,
    pub most: Option<Point>,
}

impl Row {
    /// `points` hold at least the first, the last and the extremes. None: there are none.
    pub fn of(name: String, n_points: u32, points: &[Point]) -> Option<Self> {
        let numbers = || points.iter().copied().filter(|it| !it.1.is_nan());
        Some(Row {
            name,
            n_points,
            first: *points.first()?,
            last: *points.last()?,
            least: numbers().reduce(|a, b| if b.1 < a.1 { b } else { a }),
            most: numbers().reduce(|a, b| if b.1 > a.1 { b } else { a }),
        })
    }
}

#[component]
pub fn LineTable(rows: Vec<Row>, kind: XKind) -> impl IntoView {
    let value = |it: Option<Point>| it.map_or(String::new(), |it| format::number(it.1));
    let place = move |it: Option<Point>| it.map_or(String::new(), |it| x_label(kind, it.0));
    let rows = rows.into_iter().map(|it| {
        let (first, last) = (Some(it.first), Some(it.last));
        view! {
            <tr>
                <th scope="row" title=it.name.clone()><bdi>{it.name.clone()}</bdi></th>
                <td>{value(last)}</td><td>{place(last)}</td>
                <td>{value(it.most)}</td><td>{place(it.most)}</td>
                <td>{value(it.least)}</td><td>{place(it.least)}</td>
                <td>{value(first)}</td><td>{format::count(it.n_points)}</td>
            </tr>
        }
    });
    view! {
        <div class="values-table" tabindex="0" role="group" aria-label="The lines as a table"><table>
            <thead><tr>
                <th scope="col">"Run"</th>
                <th scope="col">"Last"</th><th scope="col">"at"</th><th scope="col">"Greatest"</th><th scope="col">"at"</th>
                <th scope="col">"Least"</th><th scope="col">"at"</th><th scope="col">"First"</th><th scope="col">"Points"</th>
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
}
