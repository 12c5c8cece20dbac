//! Places and views as text after `#`. Opening a place pushes history; a change of view replaces it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::components::format::Style;
use crate::engine::protocol::MOST_COMPARED;
use crate::model::{Field, Lifecycle, ProjectId, ProjectKey, RunId, RunKey, SourceId};
use crate::query::fields::is_better_lower;
use crate::query::group::Grouping;
use crate::query::out::SpreadStyle;
use crate::query::rows::{RowsQuery, Sort};
use crate::query::selection::Selection;

#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    Home,
    Storage,
    Projects(SourceId),
    Runs(ProjectKey, RunsView),
    Run(RunKey, RunView),
    Compare(CompareView),
    Unknown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Look {
    #[default]
    Table,
    Charts,
}

/// How the runs of a project are shown. Everything here is in the link.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RunsView {
    pub look: Look,
    /// In the filter language.
    pub filter: String,
    pub sort: Vec<Sort>,
    /// None: the engine's suggestion.
    pub columns: Option<Vec<Column>>,
    pub eyes: Eyes,
    pub lifecycle: Lifecycle,
    pub group: Grouping,
    /// Groups that are not open or closed as usual.
    pub toggled: Vec<u64>,
    /// Lines of text that a row holds, 0 for one.
    pub more_lines: u8,
    /// What stands beside the mean of several runs.
    pub spread: SpreadStyle,
}

/// Rows of more lines show too few runs.
pub const MOST_MORE_LINES: u8 = 3;

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub field: Field,
    /// In pixels; none: what its kind usually needs.
    pub width: Option<u32>,
    /// Stands beside the run's name, whatever is scrolled.
    pub is_pinned: bool,
    pub style: Style,
    /// Which way it is better; none: as its name says.
    pub is_lower_better: Option<bool>,
}

impl From<Field> for Column {
    fn from(field: Field) -> Self {
        Column { field, width: None, is_pinned: false, style: Style::Auto, is_lower_better: None }
    }
}

impl Column {
    pub fn is_better_lower(&self) -> Option<bool> {
        self.is_lower_better.or_else(|| is_better_lower(self.field.label()))
    }

    /// `metrics.loss*120*pin*f3*lower`, encoded; what is not said is as usual.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('*');
        let mut column = Column::from(decoded(parts.next()?).parse::<Field>().ok()?);
        for part in parts {
            match part {
                "pin" => column.is_pinned = true,
                "lower" => column.is_lower_better = Some(true),
                "higher" => column.is_lower_better = Some(false),
                _ => match part.parse() {
                    Ok(width) => column.width = Some(width),
                    Err(_) => column.style = Style::from_code(part).unwrap_or(column.style),
                },
            }
        }
        Some(column)
    }

    fn text(&self) -> String {
        let mut parts = vec![field(&self.field)];
        parts.extend(self.width.map(|it| it.to_string()));
        parts.extend(self.is_pinned.then(|| "pin".to_owned()));
        parts.extend(Some(self.style.code()).filter(|it| !it.is_empty()));
        parts.extend(self.is_lower_better.map(|it| if it { "lower" } else { "higher" }.to_owned()));
        parts.join("*")
    }
}

/// The one selection: which runs are drawn, compared and changed. A run keeps its colour slot while its eye is open.
#[derive(Clone, Debug, PartialEq)]
pub enum Eyes {
    /// The first n of the table, slots in order.
    First(u32),
    /// The latest started n, whatever the table is sorted by.
    Newest(u32),
    /// All that match, without these.
    AllBut(Vec<RunId>),
    These(Vec<(RunId, u8)>),
}

impl Eyes {
    pub fn selection(&self) -> Selection {
        match self {
            Eyes::First(n) => Selection::First(*n),
            Eyes::Newest(n) => Selection::Newest(*n),
            Eyes::AllBut(runs) => Selection::AllBut(runs.clone()),
            Eyes::These(runs) => Selection::These(runs.iter().map(|it| it.0.clone()).collect()),
        }
    }
}

/// Deeper than anyone reads.
const MOST_GROUPS: usize = 6;

pub const FIRST_EYES: u32 = 8;
/// The greatest n of a rule.
pub const MOST_BY_RULE: u32 = 200;
/// A link holds no more single runs.
pub const MOST_EYES: usize = 200;

impl Default for Eyes {
    fn default() -> Self {
        Eyes::First(FIRST_EYES)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Overview,
    Metrics,
    Artifacts,
    Data,
    Tags,
}

impl Tab {
    pub const ALL: [Tab; 5] = [Tab::Overview, Tab::Metrics, Tab::Artifacts, Tab::Data, Tab::Tags];

    pub fn word(self) -> &'static str {
        match self {
            Tab::Overview => "overview",
            Tab::Metrics => "metrics",
            Tab::Artifacts => "artifacts",
            Tab::Data => "data",
            Tab::Tags => "tags",
        }
    }
}

/// Runs side by side, of any projects and sources.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CompareView {
    pub runs: Vec<RunKey>,
    /// Place of the run that the others are held against.
    pub baseline: usize,
    /// Lines that are the same in all runs show too.
    pub all: bool,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct RunView {
    pub tab: Tab,
    /// The artifact shown.
    pub file: Option<String>,
}

/// A link longer than this is not ours.
const LONGEST: usize = 32_000;
const PART: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'!').remove(b'*');
/// In a query `/` may stand as it is, which keeps `val/accuracy` readable.
const VALUE: &AsciiSet = &PART.remove(b'/').remove(b'@');

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

fn value(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl Route {
    pub fn parse(fragment: &str) -> Self {
        let text = fragment.trim_start_matches('#');
        let unknown = || Route::Unknown(crate::model::problem::shortened(&decoded(text), 200));
        if text.len() > LONGEST {
            return unknown();
        }
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let parts: Vec<String> = path.split('/').filter(|it| !it.is_empty()).map(decoded).collect();
        let pairs: Vec<(String, &str)> =
            query.split('&').filter_map(|it| it.split_once('=')).map(|(key, it)| (decoded(key), it)).collect();
        let get = |key: &str| pairs.iter().find(|it| it.0 == key).map(|it| it.1);
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Route::Home,
            ["storage"] => Route::Storage,
            ["compare"] => Route::Compare(CompareView::parse(&get)),
            ["s", source] => Route::Projects((*source).into()),
            ["s", source, "p", project] => Route::Runs(
                ProjectKey { source: (*source).into(), project: ProjectId::from(*project) },
                RunsView::parse(&get),
            ),
            ["s", source, "p", project, "r", run] => Route::Run(
                RunKey { source: (*source).into(), project: (*project).into(), run: (*run).into() },
                RunView {
                    tab: Tab::ALL.into_iter().find(|it| Some(it.word()) == get("tab")).unwrap_or_default(),
                    file: get("file").map(decoded).filter(|it| !it.is_empty()),
                },
            ),
            _ => unknown(),
        }
    }

    pub fn link(&self) -> String {
        match self {
            Route::Home => "#/".into(),
            Route::Storage => "#/storage".into(),
            Route::Projects(source) => format!("#/s/{}", part(source.as_str())),
            Route::Runs(key, view) => format!("{}{}", project_link(key), view.query()),
            Route::Run(key, view) => {
                let mut pairs = Vec::new();
                if view.tab != Tab::default() {
                    pairs.push(format!("tab={}", view.tab.word()));
                }
                pairs.extend(view.file.iter().map(|it| format!("file={}", value(it))));
                format!("{}/r/{}{}", project_link(&key.project_key()), part(key.run.as_str()), question(&pairs))
            }
            Route::Compare(view) => format!("#/compare{}", view.query()),
            Route::Unknown(text) => format!("#{text}"),
        }
    }

    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Route::Projects(source) => Some(source),
            Route::Runs(key, _) => Some(&key.source),
            Route::Run(key, _) => Some(&key.source),
            _ => None,
        }
    }
}

fn project_link(key: &ProjectKey) -> String {
    format!("#/s/{}/p/{}", part(key.source.as_str()), part(key.project.as_str()))
}

fn question(pairs: &[String]) -> String {
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

impl CompareView {
    fn parse<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let run = |it: &str| {
            let mut parts = it.split('*').map(decoded);
            let (source, project, run) = (parts.next()?, parts.next()?, parts.next()?);
            Some(RunKey { source: source.into(), project: project.as_str().into(), run: run.as_str().into() })
        };
        let runs: Vec<RunKey> =
            get("runs").unwrap_or_default().split(',').filter_map(run).take(MOST_COMPARED).collect();
        let baseline = get("base").and_then(|it| it.parse().ok()).filter(|it| *it < runs.len()).unwrap_or(0);
        Self { runs, baseline, all: get("show") == Some("all") }
    }

    fn query(&self) -> String {
        let part = |it: &str| value(it).replace('*', "%2A");
        let run = |it: &RunKey| {
            format!("{}*{}*{}", part(it.source.as_str()), part(it.project.as_str()), part(it.run.as_str()))
        };
        let mut pairs = Vec::new();
        if !self.runs.is_empty() {
            pairs.push(format!("runs={}", self.runs.iter().map(run).collect::<Vec<_>>().join(",")));
        }
        if self.baseline > 0 {
            pairs.push(format!("base={}", self.baseline));
        }
        if self.all {
            pairs.push("show=all".into());
        }
        question(&pairs)
    }
}

impl RunsView {
    pub fn rows_query(&self) -> RowsQuery {
        RowsQuery {
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            lifecycle: self.lifecycle,
            group: self.group.clone(),
        }
    }

    /// The part of a link after `?`, empty for the usual view.
    pub fn to_query(&self) -> String {
        self.query().trim_start_matches('?').to_owned()
    }

    pub fn from_query(query: &str) -> Self {
        let query = if query.len() > LONGEST { "" } else { query };
        let pairs: Vec<(&str, &str)> = query.split('&').filter_map(|it| it.split_once('=')).collect();
        Self::parse(&|key| pairs.iter().find(|it| it.0 == key).map(|it| it.1))
    }

    fn parse<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let list = |key: &str| get(key).map(|it| it.split(',').filter(|it| !it.is_empty()).collect::<Vec<_>>());
        let words = |key: &str| list(key).unwrap_or_default();
        let sort = list("sort").unwrap_or_default().into_iter().filter_map(|it| {
            let (descending, field) = match it.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, it),
            };
            Some(Sort { field: decoded(field).parse().ok()?, descending })
        });
        let rule = |n: &str| n.parse().unwrap_or(FIRST_EYES).min(MOST_BY_RULE);
        let eyes = list("eyes").map_or_else(Eyes::default, |it| match it.as_slice() {
            [one] if one.starts_with("first") => Eyes::First(rule(&one[5..])),
            [one] if one.starts_with("newest") => Eyes::Newest(rule(&one[6..])),
            ["none"] => Eyes::These(Vec::new()),
            ["all", but @ ..] => Eyes::AllBut(but.iter().take(MOST_EYES).map(|it| decoded(it).into()).collect()),
            all => Eyes::These(
                all.iter()
                    .take(MOST_EYES)
                    .filter_map(|it| {
                        let (id, slot) = it.rsplit_once('*')?;
                        Some((decoded(id).into(), slot.parse().ok()?))
                    })
                    .collect(),
            ),
        });
        RunsView {
            look: if get("look") == Some("charts") { Look::Charts } else { Look::Table },
            filter: get("q").map(decoded).unwrap_or_default(),
            sort: sort.take(5).collect(),
            columns: list("cols").map(|it| it.into_iter().filter_map(Column::parse).take(200).collect()),
            eyes,
            group: Grouping {
                by: words("group").into_iter().filter_map(|it| decoded(it).parse().ok()).take(MOST_GROUPS).collect(),
                fold_seeds: words("fold").contains(&"seeds"),
                nest: words("fold").contains(&"children"),
            },
            toggled: words("turned")
                .into_iter()
                .filter_map(|it| u64::from_str_radix(it, 16).ok())
                .take(MOST_EYES)
                .collect(),
            spread: SpreadStyle::ALL.into_iter().find(|it| Some(it.code()) == get("spread")).unwrap_or_default(),
            more_lines: get("lines")
                .and_then(|it| it.parse::<u8>().ok())
                .map_or(0, |it| it.clamp(1, MOST_MORE_LINES + 1) - 1),
            lifecycle: if get("life") == Some("deleted") { Lifecycle::Deleted } else { Lifecycle::Active },
        }
    }

    fn query(&self) -> String {
        let mut pairs = Vec::new();
        if self.look == Look::Charts {
            pairs.push("look=charts".to_owned());
        }
        if !self.filter.is_empty() {
            pairs.push(format!("q={}", value(&self.filter)));
        }
        if !self.sort.is_empty() {
            let sorts: Vec<String> = self
                .sort
                .iter()
                .map(|it| format!("{}{}", if it.descending { "-" } else { "" }, field(&it.field)))
                .collect();
            pairs.push(format!("sort={}", sorts.join(",")));
        }
        if let Some(columns) = &self.columns {
            let columns: Vec<String> = columns.iter().map(Column::text).collect();
            pairs.push(format!("cols={}", columns.join(",")));
        }
        match &self.eyes {
            Eyes::First(FIRST_EYES) => {}
            Eyes::First(n) => pairs.push(format!("eyes=first{n}")),
            Eyes::Newest(n) => pairs.push(format!("eyes=newest{n}")),
            Eyes::AllBut(runs) => {
                let runs = runs.iter().map(|it| format!(",{}", value(it.as_str())));
                pairs.push(format!("eyes=all{}", runs.collect::<String>()));
            }
            Eyes::These(runs) if runs.is_empty() => pairs.push("eyes=none".into()),
            Eyes::These(runs) => {
                let runs: Vec<String> = runs
                    .iter()
                    .map(|(id, slot)| format!("{}*{slot}", value(id.as_str()).replace('*', "%2A")))
                    .collect();
                pairs.push(format!("eyes={}", runs.join(",")));
            }
        }
        if !self.group.by.is_empty() {
            pairs.push(format!("group={}", self.group.by.iter().map(field).collect::<Vec<_>>().join(",")));
        }
        if self.group.fold_seeds || self.group.nest {
            pairs.push(format!("fold={}", if self.group.fold_seeds { "seeds" } else { "children" }));
        }
        if !self.toggled.is_empty() {
            let keys: Vec<String> = self.toggled.iter().take(MOST_EYES).map(|it| format!("{it:x}")).collect();
            pairs.push(format!("turned={}", keys.join(",")));
        }
        if self.spread != SpreadStyle::default() {
            pairs.push(format!("spread={}", self.spread.code()));
        }
        if self.more_lines > 0 {
            pairs.push(format!("lines={}", self.more_lines + 1));
        }
        if self.lifecycle == Lifecycle::Deleted {
            pairs.push("life=deleted".into());
        }
        question(&pairs)
    }
}

/// `*` sets off a width or slot, `,` the next one.
fn field(field: &Field) -> String {
    value(&field.to_string()).replace('*', "%2A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: Route) {
        let link = route.link();
        assert_eq!(Route::parse(&link), route, "{link}");
    }

    fn key() -> ProjectKey {
        ProjectKey { source: "mlflow:http://h:5000/a b".into(), project: "1/2?#".into() }
    }

    #[test]
    fn every_place_comes_back_from_its_link() {
        check(Route::Home);
        check(Route::Storage);
        check(Route::Compare(CompareView::default()));
        let runs = vec![key().run("a*b,c".into()), key().run("d".into())];
        check(Route::Compare(CompareView { runs, baseline: 1, all: true }));
        check(Route::Projects("mlflow:https://h/ü%".into()));
        check(Route::Runs(key(), RunsView::default()));
        check(Route::Run(key().run("r&=,*".into()), RunView { tab: Tab::Artifacts, file: Some("a b/ü&=.png".into()) }));
    }

    #[test]
    fn every_view_comes_back_from_its_link() {
        let metric = Field::Metric("val/acc,*-%&=#?".into());
        check(Route::Runs(
            key(),
            RunsView {
                look: Look::Charts,
                filter: "adam & lr=1e-3, ü".into(),
                sort: vec![
                    Sort { field: metric.clone(), descending: true },
                    Sort { field: Field::Param("-x".into()), descending: false },
                ],
                columns: Some(vec![
                    Column {
                        width: Some(120),
                        is_pinned: true,
                        style: Style::Percent(1),
                        is_lower_better: Some(true),
                        ..metric.into()
                    },
                    Field::Started.into(),
                ]),
                eyes: Eyes::These(vec![("a*b".into(), 3), ("c,d".into(), 0)]),
                lifecycle: Lifecycle::Deleted,
                group: Grouping { by: vec![Field::Param("a,b".into()), Field::Status], fold_seeds: true, nest: false },
                toggled: vec![7, u64::MAX],
                more_lines: 2,
                spread: SpreadStyle::Interval95,
            },
        ));
        check(Route::Runs(key(), RunsView { eyes: Eyes::These(vec![]), columns: Some(vec![]), ..RunsView::default() }));
        for eyes in
            [Eyes::First(20), Eyes::Newest(5), Eyes::AllBut(vec![]), Eyes::AllBut(vec!["a,b".into(), "first1".into()])]
        {
            check(Route::Runs(key(), RunsView { eyes, ..RunsView::default() }));
        }
    }

    #[test]
    fn readable_where_it_can_be() {
        let view = RunsView {
            sort: vec![Sort { field: Field::Metric("val/accuracy".into()), descending: true }],
            ..RunsView::default()
        };
        let key = ProjectKey { source: "mlflow:http://localhost:5000".into(), project: "1".into() };
        let link = Route::Runs(key, view).link();
        assert_eq!(link, "#/s/mlflow:http:%2F%2Flocalhost:5000/p/1?sort=-metrics.val/accuracy");
    }

    #[test]
    fn nonsense_is_a_place_that_says_so() {
        for text in ["#/nope", "#/s/a/p", "#/s/a/p/b/x/c", &format!("#/s/{}", "x".repeat(40_000))] {
            assert!(matches!(Route::parse(text), Route::Unknown(_)), "{text:.20}");
        }
        assert!(matches!(Route::parse("#/s/%ff%00/p/1?sort=,,nope,-&cols=&eyes=x"), Route::Runs(..)));
    }
}
