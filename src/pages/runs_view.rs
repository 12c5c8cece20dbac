//! How the runs of a project are shown, and its text form after `?` in a link.

use super::route::{LONGEST, decoded, question, value};
use crate::components::format::Style;
use crate::model::packed_view as packed;
use crate::model::{Field, Lifecycle, RunId};
use crate::pages::board::spec::{self as board_spec, Widget};
use crate::pages::chart_settings::ChartSettings;
use crate::pages::chart_spec::{self, ChartSpec};
use crate::pages::over_spec::{self, OverSpec};
use crate::query::fields::is_better_lower;
use crate::query::group::Grouping;
use crate::query::out::SpreadStyle;
use crate::query::rows::{RowsQuery, Sort};
use crate::query::selection::Selection;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Look {
    #[default]
    Table,
    Charts,
    Board,
}

/// In links; the usual one is not said.
const LOOKS: [(&str, Look); 2] = [("charts", Look::Charts), ("dashboard", Look::Board)];

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
    pub charts: ChartSettings,
    /// Charts of metrics that are unlike the others.
    pub own: Vec<ChartSpec>,
    /// Sections of charts that are folded, by their titles.
    pub folded: Vec<String>,
    /// Charts over runs; none: what was swept is suggested.
    pub over: Option<Vec<OverSpec>>,
    /// The dashboard; none: what is logged is suggested.
    pub board: Option<Vec<Widget>>,
    /// Instead of all this, the view of this name on the tracker.
    pub stored: Option<String>,
}

/// A page of more sections is not one to fold by hand.
const MOST_FOLDED: usize = 100;
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
pub const MOST_BY_RULE: u32 = 1_000;
/// A link holds no more single runs.
pub const MOST_EYES: usize = 200;

impl Default for Eyes {
    fn default() -> Self {
        Eyes::First(FIRST_EYES)
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

    /// Whether a link can hold it.
    pub fn fits(&self) -> bool {
        /// For the place before it.
        const ROOM: usize = 2_000;
        let query = self.to_query();
        query.len() + ROOM < LONGEST && packed::unpack(&query).is_ok()
    }

    /// The part of a link after `?`, empty for the usual view.
    pub fn to_query(&self) -> String {
        self.query().trim_start_matches('?').to_owned()
    }

    pub fn from_query(query: &str) -> Self {
        let query = if query.len() > LONGEST { "" } else { query };
        let query = packed::unpack(query).unwrap_or_default();
        let pairs: Vec<(&str, &str)> = query.split('&').filter_map(|it| it.split_once('=')).collect();
        // One that only names another would go round in circles.
        Self { stored: None, ..Self::parse(&|key| pairs.iter().find(|it| it.0 == key).map(|it| it.1)) }
    }

    pub(super) fn parse<'a>(get: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let list = |key: &str| get(key).map(|it| it.split(',').filter(|it| !it.is_empty()).collect::<Vec<_>>());
        let words = |key: &str| list(key).unwrap_or_default();
        let sort = list("sort").unwrap_or_default().into_iter().filter_map(|it| {
            let (descending, field) = match it.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, it),
            };
            Some(Sort { field: decoded(field).parse().ok()?, descending })
        });
        let is_rule = |n: &str| n.parse::<u32>().is_ok();
        let rule = |n: &str| n.parse().unwrap_or(FIRST_EYES).min(MOST_BY_RULE);
        let eyes = list("eyes").map_or_else(Eyes::default, |it| match it.as_slice() {
            [one] if one.strip_prefix("first").is_some_and(is_rule) => Eyes::First(rule(&one[5..])),
            [one] if one.strip_prefix("newest").is_some_and(is_rule) => Eyes::Newest(rule(&one[6..])),
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
            look: LOOKS.iter().find(|it| Some(it.0) == get("look")).map_or_else(Look::default, |it| it.1),
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
            charts: ChartSettings::parse(get),
            own: chart_spec::parse(get("chart")),
            folded: words("folded").into_iter().map(decoded).take(MOST_FOLDED).collect(),
            over: over_spec::parse(get("over")),
            board: board_spec::parse(get("board")),
            stored: get("view").map(decoded).filter(|it| !it.is_empty()),
            lifecycle: if get("life") == Some("deleted") { Lifecycle::Deleted } else { Lifecycle::Active },
        }
    }

    pub(super) fn query(&self) -> String {
        if let Some(name) = &self.stored {
            return question(&[format!("view={}", value(name))]);
        }
        let mut pairs = Vec::new();
        pairs.extend(LOOKS.iter().find(|it| it.1 == self.look).map(|it| format!("look={}", it.0)));
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
        pairs.extend(self.charts.pairs());
        if !self.own.is_empty() {
            pairs.push(format!("chart={}", chart_spec::text(&self.own)));
        }
        if !self.folded.is_empty() {
            let titles: Vec<String> = self.folded.iter().take(MOST_FOLDED).map(|it| value(it)).collect();
            pairs.push(format!("folded={}", titles.join(",")));
        }
        pairs.extend(self.over.iter().map(|it| format!("over={}", over_spec::text(it))));
        pairs.extend(self.board.iter().map(|it| format!("board={}", board_spec::text(it))));
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
