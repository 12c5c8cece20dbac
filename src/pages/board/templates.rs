//! Dashboards made from what a project logs, for a start.

use super::layout::settled;
use super::spec::{Settings, Widget, add};
use crate::model::Field;
use crate::model::order::sort;
use crate::pages::over_spec::{self, OverSpec};
use crate::query::fields::{FieldInfo, is_better_lower, metric_rank};

/// What a template is made from.
pub struct Known<'a> {
    pub fields: &'a [FieldInfo],
    pub n_runs: u32,
    /// What all is about.
    pub target: Option<Field>,
}

pub struct Template {
    pub name: &'static str,
    pub about: &'static str,
    pub make: fn(&Known) -> Vec<Widget>,
}

pub const TEMPLATES: [Template; 4] = [
    Template { name: "Training", about: "best values, the leaders, curves of what was learned", make: training },
    Template { name: "Sweep", about: "what the outcome turns on, over all runs", make: sweep },
    Template { name: "Evaluation", about: "the leaders by every measure, and what they differ in", make: evaluation },
    Template { name: "System", about: "curves of the machines", make: system },
];

/// Curves side by side in the rest of the page.
const MOST_CURVES: usize = 6;

impl Known<'_> {
    /// Metrics by how much they tell.
    pub fn metrics(&self) -> Vec<&str> {
        let mut all: Vec<(u8, std::cmp::Reverse<u32>, &str)> = self
            .fields
            .iter()
            .filter(|it| matches!(it.field, Field::Metric(_)))
            .map(|it| (metric_rank(it.field.label()), std::cmp::Reverse(it.n_runs), it.field.label()))
            .collect();
        sort(&mut all);
        all.into_iter().map(|it| it.2).collect()
    }

    fn outcome(&self) -> Option<String> {
        let named = self.target.as_ref().map(|it| it.label().to_owned());
        named.or_else(|| self.metrics().first().map(|it| (*it).to_owned()))
    }
}

#[derive(Default)]
struct Made(Vec<Widget>);

impl Made {
    fn add(&mut self, kind: &str, size: (u16, u16), set: Settings) {
        add(&mut self.0, kind, size, set);
    }

    fn tiles(&mut self, metrics: &[&str]) {
        let w = if metrics.len() >= 4 { 3 } else { 4 };
        for metric in metrics.iter().take(4) {
            self.add("tile", (w, 3), Settings::of([("metric", metric)]));
        }
    }

    fn curves(&mut self, metrics: &[&str]) {
        for metric in metrics.iter().take(MOST_CURVES) {
            self.add("line", (4, 8), Settings::of([("y", metric)]));
        }
    }

    fn over(&mut self, size: (u16, u16), spec: &OverSpec) {
        self.add(spec.kind, size, over_settings(spec));
    }

    fn done(mut self) -> Vec<Widget> {
        let spots: Vec<_> = self.0.iter().map(|it| it.spot).collect();
        for (widget, spot) in self.0.iter_mut().zip(settled(&spots)) {
            widget.spot = spot;
        }
        self.0
    }
}

/// The fields of a chart over runs by the names of its slots; those of the last one that takes many stand
/// in one setting.
pub fn over_settings(spec: &OverSpec) -> Settings {
    let mut set = Settings::default();
    let slots = spec.kind().slots;
    for (at, slot) in slots.iter().enumerate() {
        let fields = if slot.is_many { spec.fields.get(at..) } else { spec.fields.get(at..=at) };
        let names: Vec<String> = fields.unwrap_or_default().iter().map(Field::to_string).collect();
        set.put(slot.name, &names.join(", "));
    }
    set
}

/// Tiles, the first curve beside the leaders, further curves.
fn training(known: &Known) -> Vec<Widget> {
    let metrics: Vec<&str> = known.metrics().into_iter().filter(|it| !it.starts_with("system/")).collect();
    let mut made = Made::default();
    let Some(outcome) = known.outcome() else {
        made.add("runs", (12, 10), Settings::default());
        return made.done();
    };
    let judged: Vec<&str> = metrics.iter().copied().filter(|it| is_better_lower(it).is_some()).collect();
    made.tiles(&judged);
    made.add("line", (8, 11), Settings::of([("y", &outcome)]));
    made.add("leaders", (4, 11), Settings::of([("metric", &outcome)]));
    let others: Vec<&str> = metrics.into_iter().filter(|it| *it != outcome).collect();
    made.curves(&others);
    made.done()
}

fn sweep(known: &Known) -> Vec<Widget> {
    let mut made = Made::default();
    let Some(outcome) = known.outcome() else { return training(known) };
    let target = Field::Metric(outcome.clone());
    let spec = |word: &str| {
        let kind = crate::charts::over::kind(word)?;
        Some(OverSpec::of(kind.word, over_spec::first_fields(kind, known.fields, Some(&target))))
    };
    made.add("tile", (4, 3), Settings::of([("metric", &outcome)]));
    let runs = Settings::of([("title", "What is running, and what failed"), ("runs", "status != 'FINISHED'")]);
    made.add("runs", (8, 8), runs);
    made.add("leaders", (4, 11), Settings::of([("metric", &outcome)]));
    for (word, size) in [("parallel", (8, 9)), ("scatter", (4, 9)), ("importance", (4, 9)), ("boxes", (4, 9))] {
        if let Some(spec) = spec(word).filter(OverSpec::is_whole) {
            made.over(size, &spec);
        }
    }
    made.add("line", (12, 9), Settings::of([("y", &outcome)]));
    made.done()
}

fn evaluation(known: &Known) -> Vec<Widget> {
    let metrics: Vec<&str> = known.metrics().into_iter().filter(|it| metric_rank(it) < 9).collect();
    let judged: Vec<&str> = metrics.iter().copied().filter(|it| is_better_lower(it).is_some()).collect();
    let mut made = Made::default();
    made.tiles(&judged);
    for metric in judged.iter().take(3) {
        made.add("leaders", (4, 10), Settings::of([("metric", metric)]));
    }
    made.add("compare", (12, 12), Settings::default());
    if let Some(first) = judged.first() {
        let value = Field::Metric((*first).to_owned()).to_string();
        made.add("histogram", (6, 8), Settings::of([("value", &value)]));
        made.add("datasets", (6, 8), Settings::default());
    }
    made.done()
}

fn system(known: &Known) -> Vec<Widget> {
    let of_machine: Vec<&str> = known.metrics().into_iter().filter(|it| it.starts_with("system/")).collect();
    let mut made = Made::default();
    if of_machine.is_empty() {
        let text = "No run here logged figures of its machine: their names begin with `system/`.";
        made.add("text", (6, 4), Settings::of([("text", text)]));
    }
    for metric in of_machine.iter().take(12) {
        let short = metric.trim_start_matches("system/");
        made.add("line", (4, 8), Settings::of([("y", metric), ("title", short), ("x", "relative")]));
    }
    made.add("runs", (12, 8), Settings::default());
    made.done()
}

#[cfg(test)]
mod tests {
    use super::super::spec;
    use super::*;

    fn info(field: Field, n_values: u32, numeric: bool) -> FieldInfo {
        FieldInfo { field, n_runs: 40, n_values, numeric }
    }

    #[test]
    fn every_template_stands_on_the_grid_whatever_is_logged() {
        let metrics = ["val/acc", "val/loss", "train/loss", "system/cpu", "epoch"];
        let mut rich: Vec<FieldInfo> = metrics.map(|it| info(Field::Metric(it.into()), 0, true)).into();
        rich.extend(["lr", "width"].map(|it| info(Field::Param(it.into()), 4, true)));
        rich.push(info(Field::Param("optimizer".into()), 2, false));
        for fields in [Vec::new(), rich] {
            let known = Known { fields: &fields, n_runs: 40, target: None };
            for template in &TEMPLATES {
                let made = (template.make)(&known);
                assert!(!made.is_empty() || fields.is_empty(), "{}", template.name);
                assert_eq!(spec::parse(Some(&spec::text(&made))).unwrap_or_default(), made, "{}", template.name);
                let spots: Vec<_> = made.iter().map(|it| it.spot).collect();
                assert_eq!(settled(&spots), spots, "{}: none in the air", template.name);
            }
        }
    }

    #[test]
    fn a_chart_over_runs_names_its_fields_by_slot() {
        let fields = vec![Field::Param("lr".into()), Field::Param("a b".into()), Field::Metric("acc".into())];
        let set = over_settings(&OverSpec::of("parallel", fields.clone()));
        assert_eq!(set.get("axis"), Some("params.lr, params.a b, metrics.acc"));
        let set = over_settings(&OverSpec::of("scatter", fields));
        assert_eq!((set.get("x"), set.get("colour")), (Some("params.lr"), Some("metrics.acc")));
    }
}
