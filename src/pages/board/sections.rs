//! Sections: a heading over all that stands below it up to the next one, which it can fold away.

use super::layout::{Spot, settled_in};
use super::spec::Widget;
use crate::model::order::{sort, sort_by_key};

/// The word of their kind.
pub const SECTION: &str = "section";

/// The order in which they are read.
fn order(all: &[Widget]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    sort_by_key(&mut order, |it| (all[*it].spot.y, all[*it].spot.x));
    order
}

/// Of each widget, in reading order, the section that folds it away.
fn hidden_by(all: &[Widget]) -> Vec<(usize, Option<u32>)> {
    let mut folded = None;
    order(all)
        .into_iter()
        .map(|at| {
            let it = &all[at];
            if it.kind != SECTION {
                return (at, folded);
            }
            folded = it.set.get("folded").map(|_| it.id);
            (at, None)
        })
        .collect()
}

/// Those that no section folds away, where they stand without the others; in the order of the list.
pub fn shown(all: &[Widget]) -> Vec<(u32, Spot)> {
    let mut visible: Vec<usize> = hidden_by(all).into_iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
    let mut spots: Vec<Spot> = all.iter().map(|it| it.spot).collect();
    settled_in(&mut spots, &visible);
    sort(&mut visible);
    visible.into_iter().map(|at| (all[at].id, spots[at])).collect()
}

/// The shown ones stand elsewhere; what a section folds away follows it.
pub fn arrange(all: &mut [Widget], spots: &[(u32, Spot)]) {
    let hidden: Vec<(usize, u32)> = hidden_by(all).into_iter().filter_map(|it| Some((it.0, it.1?))).collect();
    for (id, spot) in spots {
        if let Some(it) = all.iter_mut().find(|it| it.id == *id) {
            it.spot = *spot;
        }
    }
    let is_hidden = |at: &usize| hidden.iter().any(|it| it.0 == *at);
    let mut whole = Vec::new();
    for at in order(all).into_iter().filter(|at| !is_hidden(at)) {
        whole.push(at);
        whole.extend(hidden.iter().filter(|it| it.1 == all[at].id).map(|it| it.0));
    }
    let mut spots: Vec<Spot> = all.iter().map(|it| it.spot).collect();
    settled_in(&mut spots, &whole);
    for (it, spot) in all.iter_mut().zip(spots) {
        it.spot = spot;
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::Settings;
    use super::*;

    fn widget(id: u32, kind: &str, (x, y, w, h): (u16, u16, u16, u16), is_folded: bool) -> Widget {
        let set = if is_folded { Settings::of([("folded", "yes")]) } else { Settings::default() };
        Widget { id, kind: kind.to_owned(), spot: Spot::within(x, y, w, h), set }
    }

    fn board() -> Vec<Widget> {
        vec![
            widget(1, "line", (0, 0, 12, 4), false),
            widget(2, SECTION, (0, 4, 12, 1), true),
            widget(3, "line", (0, 5, 6, 4), false),
            widget(4, "line", (6, 5, 6, 4), false),
            widget(5, SECTION, (0, 9, 12, 1), false),
            widget(6, "line", (0, 10, 6, 4), false),
        ]
    }

    #[test]
    fn what_is_folded_away_takes_no_room() {
        let shown = shown(&board());
        assert_eq!(shown.iter().map(|it| (it.0, it.1.y)).collect::<Vec<_>>(), [(1, 0), (2, 4), (5, 5), (6, 6)]);
    }

    #[test]
    fn what_is_folded_away_follows_its_section() {
        let mut all = board();
        let mut spots = shown(&all);
        // The first chart goes to the end: the folded section with its two is first then.
        spots[0].1.y = 10;
        spots[1].1.y = 0;
        spots[2].1.y = 1;
        spots[3].1.y = 2;
        arrange(&mut all, &spots);
        let rows: Vec<(u32, u16)> = all.iter().map(|it| (it.id, it.spot.y)).collect();
        assert_eq!(rows, [(1, 10), (2, 0), (3, 1), (4, 1), (5, 5), (6, 6)]);
        // Nothing was moved: nothing changes.
        let before = all.clone();
        let spots = shown(&all);
        arrange(&mut all, &spots);
        assert_eq!(all, before);
    }
}
