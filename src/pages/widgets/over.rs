//! Each kind of chart over runs as a widget: its slots are its settings.

use leptos::prelude::*;

use super::{Kind, Scope, Setting, Takes};
use crate::charts::over;
use crate::model::Field;
use crate::pages::board::spec::Settings;
use crate::pages::board::templates::over_settings;
use crate::pages::over_spec::{OverSpec, first_fields};
use crate::pages::sheet_chart::SheetChart;

pub fn kind(of: &'static over::Kind) -> Kind {
    Kind {
        word: of.word,
        label: of.label,
        about: "over all runs that match",
        icon: "chart-scatter",
        size: if of.word == "parallel" { (12, 9) } else { (6, 9) },
        settings,
        title: |kind, set| spec(kind, set).title(),
        first: |kind, known| {
            let of = over::kind(kind.word).unwrap_or(&over::KINDS[0]);
            over_settings(&OverSpec::of(of.word, first_fields(of, known.fields, known.target.as_ref())))
        },
        show,
        has_runs: true,
    }
}

fn settings(kind: &Kind) -> Vec<Setting> {
    let of = over::kind(kind.word).unwrap_or(&over::KINDS[0]);
    let setting = |it: &over::Slot| {
        let takes = if it.is_many { Takes::Fields } else { Takes::Field(it.takes) };
        Setting::new(it.name, it.name, takes, if it.is_optional { "none" } else { "" })
    };
    of.slots.iter().map(setting).collect()
}

fn spec(kind: &Kind, set: &Settings) -> OverSpec {
    let of = over::kind(kind.word).unwrap_or(&over::KINDS[0]);
    let mut fields: Vec<Field> = Vec::new();
    for slot in of.slots {
        let text = set.get(slot.name).unwrap_or_default();
        let parts: Vec<&str> = if slot.is_many { text.split(", ").collect() } else { vec![text] };
        let found: Vec<Field> = parts.into_iter().filter_map(|it| it.trim().parse().ok()).collect();
        // What follows must not move into the place of one that is missing.
        if found.is_empty() {
            break;
        }
        fields.extend(found);
    }
    OverSpec::of(of.word, fields)
}

fn show(kind: &Kind, scope: Scope) -> AnyView {
    let kind = *kind;
    let spec = Memo::new(move |_| scope.set.with(|set| spec(&kind, set)));
    view! {
        <SheetChart project=scope.project.get_value() query=scope.query spec=spec clips=Signal::derive(move || scope.charts.with(|it| it.clips)) on_clips=None on_select=None on_arrange=None>""</SheetChart>
    }
    .into_any()
}
