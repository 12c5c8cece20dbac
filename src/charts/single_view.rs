//! What the pointer and the keys do in a chart of bars: they go from run to run, as in charts of curves.

use std::sync::Arc;

use leptos::prelude::*;

use super::ends::End;
use super::line_state::Link;
use super::single;
use crate::components::format;

#[derive(Clone, Copy)]
pub struct Singles {
    /// None: the chart is one of curves.
    pub ends: Memo<Option<Arc<[End]>>>,
    pub link: Link,
    pub size: RwSignal<(f64, f64)>,
}

impl Singles {
    /// The pointer is at this height. False: nothing is here for it.
    pub fn point(self, y: f64) -> bool {
        let Some(ends) = self.ends.get_untracked() else { return false };
        self.focus(single::at(&ends, self.size.get_untracked(), y).map(|it| ends[it].name.clone()));
        true
    }

    /// To the next run or the one before.
    pub fn step(self, key: &str) -> bool {
        let (Some(ends), is_next) = (self.ends.get_untracked(), matches!(key, "ArrowDown" | "ArrowRight")) else {
            return false;
        };
        let now = self.link.focused.get_untracked().and_then(|name| ends.iter().position(|it| it.name == name));
        let to = match now {
            Some(at) if is_next => (at + 1).min(ends.len() - 1),
            Some(at) => at.saturating_sub(1),
            None => 0,
        };
        self.focus(ends.get(to).map(|it| it.name.clone()));
        true
    }

    fn focus(self, name: Option<String>) {
        if self.link.focused.with_untracked(|it| *it != name) {
            self.link.focused.set(name);
        }
    }

    /// The run in focus in words, which the rows may have no room for.
    pub fn tip(self) -> String {
        let (Some(ends), Some(name)) = (self.ends.get(), self.link.focused.get()) else { return String::new() };
        let said = |it: &End| {
            let band = it.band.filter(|it| it.0 < it.1);
            let band = band.map(|(low, high)| format!(", {} to {}", format::number(low), format::number(high)));
            format!("{}: {}{}", it.name, format::number(it.value), band.unwrap_or_default())
        };
        ends.iter().find(|it| it.name == name).map(said).unwrap_or_default()
    }
}
