//! What can stand on a dashboard and in a page. A widget is its file here, its `mod` line and its line in
//! `KINDS`; each kind of chart over runs is one besides. A widget is given a [`Scope`] and asks only the engine.

mod artifact;
mod compare;
mod datasets;
mod images;
mod leaders;
mod line;
mod list;
mod metric;
mod over;
mod page;
mod scope;
mod section;
mod table;
mod text;
mod tile;

use leptos::prelude::*;

pub use scope::{Scope, with_own};

use super::board::spec::Settings;
use super::board::templates::Known;
use crate::charts::over as charts;
use crate::components::words;
use crate::model::Problem;

/// A kind of widget.
#[derive(Clone, Copy)]
pub struct Kind {
    /// In links and pages: never change it.
    pub word: &'static str,
    pub label: &'static str,
    pub about: &'static str,
    pub icon: &'static str,
    /// In columns and rows, at first.
    pub size: (u16, u16),
    /// What it needs before it shows anything comes first.
    pub settings: fn(&Kind) -> Vec<Setting>,
    /// What it is called where nobody named it.
    pub title: fn(&Kind, &Settings) -> String,
    /// Its first settings in a project.
    pub first: fn(&Kind, &Known) -> Settings,
    pub show: fn(&Kind, Scope) -> AnyView,
    /// Shows runs, which a filter of its own may choose.
    pub has_runs: bool,
}

pub struct Setting {
    pub key: &'static str,
    pub label: &'static str,
    pub takes: Takes,
    pub hint: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Takes {
    Metric,
    Field(charts::Takes),
    /// With ", " between them.
    Fields,
    Text,
    Markdown,
    Filter,
    /// Of the runs shown.
    Run,
    Choice(&'static [(&'static str, &'static str)]),
    Number,
}

impl Setting {
    const fn new(key: &'static str, label: &'static str, takes: Takes, hint: &'static str) -> Self {
        Setting { key, label, takes, hint }
    }
}

const KINDS: &[Kind] = &[
    line::KIND,
    tile::KIND,
    leaders::KIND,
    table::KIND,
    list::KIND,
    text::KIND,
    section::KIND,
    compare::KIND,
    datasets::KIND,
    artifact::KIND,
    images::KIND,
    page::KIND,
];

pub fn kinds() -> impl Iterator<Item = Kind> {
    KINDS.iter().copied().chain(charts::KINDS.iter().map(over::kind))
}

pub fn kind(word: &str) -> Option<Kind> {
    // What people write in pages first.
    let word = if word == "chart" { "line" } else { word };
    kinds().find(|it| it.word == word)
}

/// Settings that every widget with runs has.
pub const OF_RUNS: [Setting; 3] = [
    Setting::new("runs", "Only runs where", Takes::Filter, "as on the page"),
    Setting::new("first", "Runs drawn", Takes::Number, "those with an open eye"),
    Setting::new("project", "Of project", Takes::Text, "this one; else the link of its runs"),
];

impl Kind {
    pub fn title_of(&self, set: &Settings) -> String {
        set.get("title").map_or_else(|| (self.title)(self, set), str::to_owned)
    }
}

/// Why it can't be shown.
fn trouble(problem: &Problem) -> AnyView {
    let said = words::of(problem);
    says(&said.title, &said.text)
}

/// What stands where a widget can't show anything yet.
pub fn says(title: &str, text: &str) -> AnyView {
    view! { <div class="widget-says"><b>{title.to_owned()}</b><span>{text.to_owned()}</span></div> }.into_any()
}
