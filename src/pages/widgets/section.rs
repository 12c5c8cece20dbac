//! A heading over what stands below it, which it can fold away.

use leptos::prelude::*;

use super::{Kind, Setting, Takes};
use crate::pages::board::SECTION;
use crate::pages::board::spec::Settings;

pub const KIND: Kind = Kind {
    word: SECTION,
    label: "Section",
    about: "a heading that folds away what stands below it",
    icon: "heading",
    size: (12, 1),
    settings: |_| vec![Setting::new("folded", "Below it", Takes::Choice(&[("", "shown"), ("yes", "folded away")]), "")],
    title: |_, _| "Section".to_owned(),
    first: |_, _| Settings::of([("title", "Section")]),
    // Its title is all there is.
    show: |_, _| ().into_any(),
    has_runs: false,
};
