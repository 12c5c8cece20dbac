//! Places and views as text after `#`. Opening a place pushes history; a change of view replaces it.

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::engine::protocol::MOST_COMPARED;
use crate::model::link::{PART, VALUE};
use crate::model::packed_view as packed;
use crate::model::page::clean_path;
use crate::model::{ProjectId, ProjectKey, RunKey, SourceId};

pub use super::runs_view::{Column, Eyes, FIRST_EYES, Look, MOST_BY_RULE, MOST_EYES, MOST_MORE_LINES, RunsView};

#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    Home,
    Storage,
    Projects(SourceId),
    Runs(ProjectKey, Box<RunsView>),
    Run(RunKey, RunView),
    /// A page of a project's wiki, or where it begins.
    Wiki(ProjectKey, WikiView),
    Compare(CompareView),
    Unknown(String),
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

#[derive(Clone, Debug, PartialEq, Default)]
pub struct WikiView {
    /// Names with slashes between them; nothing: where the wiki begins.
    pub path: String,
    pub mode: Mode,
    /// An older one than the newest.
    pub version: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Read,
    Split,
    Write,
}

impl Mode {
    pub const ALL: [(&str, Mode); 3] = [("read", Mode::Read), ("split", Mode::Split), ("write", Mode::Write)];
}

/// A link longer than this is not ours.
pub(super) const LONGEST: usize = 32_000;

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

pub(super) fn value(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

pub(super) fn decoded(text: &str) -> String {
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
        let Ok(query) = packed::unpack(query) else { return unknown() };
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
                Box::new(RunsView::parse(&get)),
            ),
            ["s", source, "p", project, "r", run] => Route::Run(
                RunKey { source: (*source).into(), project: (*project).into(), run: (*run).into() },
                RunView {
                    tab: Tab::ALL.into_iter().find(|it| Some(it.word()) == get("tab")).unwrap_or_default(),
                    file: get("file").map(decoded).filter(|it| !it.is_empty()),
                },
            ),
            ["s", source, "p", project, "w", path @ ..] => Route::Wiki(
                ProjectKey { source: (*source).into(), project: (*project).into() },
                WikiView {
                    path: clean_path(&path.join("/")),
                    mode: Mode::ALL.into_iter().find(|it| Some(it.0) == get("mode")).map(|it| it.1).unwrap_or_default(),
                    version: get("v").and_then(|it| it.parse().ok()),
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
            Route::Wiki(key, view) => {
                let mut pairs = Vec::new();
                if view.mode != Mode::default() {
                    pairs.extend(Mode::ALL.into_iter().find(|it| it.1 == view.mode).map(|it| format!("mode={}", it.0)));
                }
                pairs.extend(view.version.map(|it| format!("v={it}")));
                let path: String =
                    view.path.split('/').filter(|it| !it.is_empty()).map(|it| format!("/{}", part(it))).collect();
                format!("{}/w{path}{}", project_link(key), question(&pairs))
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
            Route::Wiki(key, _) => Some(&key.source),
            _ => None,
        }
    }
}

fn project_link(key: &ProjectKey) -> String {
    format!("#/s/{}/p/{}", part(key.source.as_str()), part(key.project.as_str()))
}

pub(super) fn question(pairs: &[String]) -> String {
    if pairs.is_empty() { String::new() } else { format!("?{}", packed::pack(&pairs.join("&"))) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::format::Style;
    use crate::engine::protocol::{AxisKind, XAxis};
    use crate::model::{Field, Lifecycle};
    use crate::pages::board::layout::Spot;
    use crate::pages::board::spec as board;
    use crate::pages::chart_settings::{ChartSettings, Size};
    use crate::pages::chart_spec::ChartSpec;
    use crate::pages::over_spec::OverSpec;
    use crate::query::fold_lines::Folding;
    use crate::query::group::Grouping;
    use crate::query::out::SpreadStyle;
    use crate::query::rows::Sort;
    use crate::query::smooth::Smooth;

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
        check(Route::Wiki(key(), WikiView::default()));
        let path = "reports/a b?#%/ü".to_owned();
        check(Route::Wiki(key(), WikiView { path, mode: Mode::Split, version: Some(3) }));
        check(Route::Runs(key(), Box::default()));
        check(Route::Run(key().run("r&=,*".into()), RunView { tab: Tab::Artifacts, file: Some("a b/ü&=.png".into()) }));
    }

    #[test]
    fn every_view_comes_back_from_its_link() {
        let metric = Field::Metric("val/acc,*-%&=#?".into());
        check(Route::Runs(
            key(),
            Box::new(RunsView {
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
                charts: ChartSettings {
                    x: XAxis::Wall,
                    scale: AxisKind::SymLog,
                    smooth: Smooth::Gaussian(2.5),
                    clips: true,
                    folding: Some(Folding::Se),
                    seen: Some((-1.5, 2e12)),
                    size: Size::Large,
                },
                own: vec![ChartSpec { is_pinned: true, y: Some(AxisKind::Log), ..ChartSpec::of("a,*b") }],
                folded: vec!["a,b/".into(), "Across runs".into()],
                over: Some(vec![OverSpec::of("heat", vec![Field::Param("a,*b".into()), Field::Status])]),
                board: board::parse(Some("text*4*0.0.6.8*text:a%2A%2Cb%0Ac")),
                stored: None,
            }),
        ));
        check(Route::Runs(
            key(),
            Box::new(RunsView { eyes: Eyes::These(vec![]), columns: Some(vec![]), ..RunsView::default() }),
        ));
        check(Route::Runs(key(), Box::new(RunsView { stored: Some("Width & depth".into()), ..RunsView::default() })));
        for eyes in
            [Eyes::First(20), Eyes::Newest(5), Eyes::AllBut(vec![]), Eyes::AllBut(vec!["a,b".into(), "first1".into()])]
        {
            check(Route::Runs(key(), Box::new(RunsView { eyes, ..RunsView::default() })));
        }
    }

    #[test]
    fn a_long_view_is_packed() {
        let text = "Width against depth, **same budget**. ".repeat(200);
        let board = vec![board::Widget {
            id: 1,
            kind: "text".into(),
            spot: Spot::within(0, 0, 6, 8),
            set: board::Settings::of([("text", &text)]),
        }];
        let route =
            Route::Runs(key(), Box::new(RunsView { look: Look::Board, board: Some(board), ..RunsView::default() }));
        assert!(route.link().len() < 1_000, "{}", route.link());
        check(route);
        assert!(matches!(Route::parse("#/s/a/p/b?z=2abc"), Route::Unknown(_)));
        assert!(matches!(Route::parse("#/s/a/p/b?z=1abc"), Route::Unknown(_)));
    }

    #[test]
    fn readable_where_it_can_be() {
        let view = RunsView {
            sort: vec![Sort { field: Field::Metric("val/accuracy".into()), descending: true }],
            ..RunsView::default()
        };
        let key = ProjectKey { source: "mlflow:http://localhost:5000".into(), project: "1".into() };
        let link = Route::Runs(key, Box::new(view)).link();
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
