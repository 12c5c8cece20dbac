//! What a new page may begin with.

use crate::model::{ProjectKey, Run};
use crate::pages::route::{Route, RunView};

pub struct Template {
    pub name: &'static str,
    /// Whether it is filled from a run.
    pub of_run: bool,
    pub text: fn(&About) -> String,
}

pub struct About<'a> {
    pub title: &'a str,
    /// In the viewer's zone: `27 Nov 2026`.
    pub today: &'a str,
    /// What all is about.
    pub metric: Option<&'a str>,
    pub run: Option<(&'a ProjectKey, &'a Run)>,
}

pub const TEMPLATES: [Template; 4] = [
    Template { name: "Empty page", of_run: false, text: |it| format!("# {}\n\n", it.title) },
    Template { name: "Experiment report", of_run: false, text: report },
    Template { name: "Weekly log", of_run: false, text: weekly },
    Template { name: "Model card", of_run: true, text: card },
];

/// Lines that tell a run's params and metrics are cut where nobody reads on.
const MOST_LINES: usize = 40;

fn report(it: &About) -> String {
    let (title, today) = (it.title, it.today);
    let metric = it.metric.unwrap_or("loss");
    format!(
        "# {title}\n\n{today}\n\n## Question\n\nWhat do we want to know, and what would change our mind?\n\n\
         ## What we saw\n\n```line\ny: {metric}\n```\n\n```leaders\nmetric: {metric}\n```\n\n\
         ## What it turns on\n\n```compare\n```\n\n## Decision\n\n- [ ] \n"
    )
}

fn weekly(it: &About) -> String {
    let (title, today) = (it.title, it.today);
    format!("# {title}\n\n## {today}\n\n### Done\n\n- \n\n### Seen\n\n```recent\nrows: 8\n```\n\n### Next\n\n- [ ] \n")
}

/// After "Model Cards for Model Reporting" (Mitchell et al., 2019), with what the run logged.
fn card(it: &About) -> String {
    let title = it.title;
    let Some((key, run)) = it.run else {
        return format!("# {title}\n\n## Model details\n\n## Intended use\n\n## Data\n\n## Metrics\n\n## Caveats\n");
    };
    let name = if run.name.is_empty() { run.id.to_string() } else { run.name.clone() };
    let link = Route::Run(key.run(run.id.clone()), RunView::default()).link();
    let cell = |it: &str| it.replace('|', "\\|").replace('\n', " ");
    let rows = |pairs: Vec<(String, String)>| -> String {
        pairs.into_iter().take(MOST_LINES).map(|it| format!("| {} | {} |\n", cell(&it.0), cell(&it.1))).collect()
    };
    let params = rows(run.params.clone());
    let metrics = run.metrics.iter().map(|it| (it.0.clone(), crate::components::format::number(it.1.value))).collect();
    let metrics = rows(metrics);
    let data: String =
        run.datasets.iter().map(|it| format!("- {} `{}` ({})\n", it.name, it.digest, it.context)).collect();
    format!(
        "# {title}\n\n## Model details\n\nFrom [{name}]({link}).\n\n| param | value |\n|---|---|\n{params}\n\
         ## Intended use\n\nWhat it is for, and what it is not for.\n\n## Data\n\n{data}\n\
         ## Metrics\n\n| metric | last value |\n|---|--:|\n{metrics}\n## Caveats\n\nWhere it fails, and how we know.\n"
    )
}
