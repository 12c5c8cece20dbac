//! Runs in groups: by the values of columns, nested, and folded over seeds. Groups stand in the
//! order in which the sort brings up their first run; folds by their own mean.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::filter::Trouble;
use super::filter::apply::Context;
use super::order;
use super::rows::{Prepared, Sort, calculated};
use crate::model::hash::hash;
use crate::model::stats::Summary;
use crate::model::{Field, RunTable};
use crate::query::column::{Numbers, numbers_of, texts_of};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    /// Outermost first.
    pub by: Vec<Field>,
    /// Innermost: runs that are equal in every param but the seed become one line.
    pub fold_seeds: bool,
    /// Without groups: child runs below their parents.
    pub nest: bool,
}

impl Grouping {
    pub fn is_flat(&self) -> bool {
        self.by.is_empty() && !self.fold_seeds && !self.nest
    }
}

/// One line of the table, groups open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub depth: u8,
    pub kind: LineKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Run(u32),
    /// A run that others are nested below, and whether they show.
    Parent {
        row: u32,
        key: u64,
        is_open: bool,
        n_below: u32,
    },
    /// Index into the groups.
    Group {
        at: u32,
        is_open: bool,
    },
}

#[derive(Debug)]
pub struct Group {
    /// The same for the same values, so that a link can say which are open.
    pub key: u64,
    pub field: Option<Field>,
    pub value: String,
    /// In the order of the sort.
    pub rows: Vec<u32>,
    pub children: Vec<u32>,
}

impl Group {
    pub fn is_fold(&self) -> bool {
        self.field.is_none()
    }
}

#[derive(Debug, Default)]
pub struct Grouped {
    pub groups: Vec<Group>,
    pub lines: Vec<Line>,
}

/// Names that say a param is a seed.
pub fn is_seed(name: &str) -> bool {
    let name = name.to_lowercase();
    let last = name.rsplit(['/', '.']).next().unwrap_or(&name);
    let words = ["seed", "random_state", "random_seed", "rng", "trial", "replicate", "repeat"];
    // Only at the end: `repeat_penalty` is none.
    words.iter().any(|it| last == *it || last.ends_with(&format!("_{it}")))
}

/// For each row a number that is the same where all params but the seed are.
pub fn fold_keys(table: &RunTable) -> Vec<u64> {
    let mut keys = vec![0xcbf2_9ce4_8422_2325_u64; table.len()];
    let mix = |key: &mut u64, name: u64, value: u64| {
        // Names come in order, so mixing one after the other depends on nothing else.
        *key = (*key ^ name.wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(23).wrapping_mul(0xff51_afd7_ed55_8ccd);
        *key = (*key ^ value).rotate_left(29).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    };
    for (name, column) in table.params.iter().filter(|it| !is_seed(it.0)) {
        let name = hash(std::iter::once(name.as_str()));
        let texts: Vec<u64> = column.texts().iter().map(|it| hash(std::iter::once(it))).collect();
        column.each(|row, code| mix(&mut keys[row as usize], name, texts[code as usize]));
    }
    for row in 0..table.n_rows() {
        for dataset in table.datasets_of(row) {
            let digest = hash([dataset.name.as_str(), dataset.digest.as_str()].into_iter());
            mix(&mut keys[row as usize], u64::MAX, digest);
        }
    }
    keys
}

/// `rows` in the order of the sort; `toggled` are the keys of lines that are not as usual: value
/// groups and parents are open, folds closed.
pub fn group(
    rows: &[u32],
    grouping: &Grouping,
    sort: &[Sort],
    toggled: &HashSet<u64>,
    context: &Context,
    prepared: &Prepared,
) -> Result<Grouped, Trouble> {
    let mut grouped = Grouped::default();
    if grouping.by.is_empty() && !grouping.fold_seeds {
        if grouping.nest {
            nest(rows, toggled, context.table, &mut grouped.lines);
        }
        return Ok(grouped);
    }
    let mut levels: Vec<(Option<Field>, Level)> = Vec::new();
    for field in &grouping.by {
        levels.push((Some(field.clone()), Level::of(field, context)?));
    }
    if grouping.fold_seeds {
        levels.push((None, Level::Fold(prepared.fold_keys(context.table))));
    }
    let means = match sort.first() {
        Some(sort) if grouping.fold_seeds && sort.field.is_numeric_kind() => {
            Some((numbers_for(&sort.field, context)?, sort.descending))
        }
        _ => None,
    };
    let top = split(rows, &levels, 0, means.as_ref(), context.table, &mut grouped.groups);
    let mut lines = Vec::new();
    for at in top {
        show(at, 0, &grouped.groups, toggled, &mut lines);
    }
    grouped.lines = lines;
    Ok(grouped)
}

/// The numbers a field shows; texts that are numbers too.
pub fn numbers_for(field: &Field, context: &Context) -> Result<Numbers, Trouble> {
    match field {
        Field::Figure(..) | Field::Expr(_) => Ok(calculated(field, context)?.0),
        _ => Ok(numbers_of(context.table, field)),
    }
}

/// What makes runs belong together.
pub(super) enum Level<'a> {
    Texts(&'a crate::model::table::TextColumn),
    /// Of what is no column of texts: equal keys, equal group.
    Keys(Vec<u64>, Field),
    Calculated(Vec<u64>, Numbers),
    Fold(std::rc::Rc<Vec<u64>>),
}

impl<'a> Level<'a> {
    pub(super) fn of(field: &Field, context: &Context<'a>) -> Result<Self, Trouble> {
        if let Some(column) = texts_of(context.table, field) {
            return Ok(Level::Texts(column));
        }
        if let Field::Figure(..) | Field::Expr(_) = field {
            let numbers = calculated(field, context)?.0;
            return Ok(Level::Calculated(order::of_numbers(&numbers), numbers));
        }
        Ok(Level::Keys(order::keys(context.table, field), field.clone()))
    }

    pub(super) fn code(&self, row: u32) -> u64 {
        match self {
            Level::Texts(column) => column.code(row).map_or(u64::MAX, u64::from),
            Level::Keys(keys, _) | Level::Calculated(keys, _) => keys[row as usize],
            Level::Fold(keys) => keys[row as usize],
        }
    }

    pub(super) fn value(&self, row: u32, table: &RunTable) -> String {
        match self {
            Level::Texts(column) => column.get(row).unwrap_or_default().to_owned(),
            Level::Keys(_, field) => super::cells::words(&super::cells::cell(table, row, field)),
            Level::Calculated(_, numbers) => numbers.get(row).map_or(String::new(), |it| it.to_string()),
            Level::Fold(_) => String::new(),
        }
    }
}

fn split(
    rows: &[u32],
    levels: &[(Option<Field>, Level)],
    parent: u64,
    means: Option<&(Numbers, bool)>,
    table: &RunTable,
    groups: &mut Vec<Group>,
) -> Vec<u32> {
    let Some(((field, level), deeper)) = levels.split_first() else { return Vec::new() };
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut found: Vec<Vec<u32>> = Vec::new();
    for row in rows {
        let place = *places.entry(level.code(*row)).or_insert(found.len());
        if place == found.len() {
            found.push(Vec::new());
        }
        found[place].push(*row);
    }
    if let (None, Some((numbers, descending))) = (field, means) {
        let keys: Vec<f64> =
            found.iter().map(|rows| Summary::of(rows.iter().filter_map(|row| numbers.get(*row))).mean).collect();
        let places = crate::model::order::order(found.len(), &|a, b| {
            let (a, b) = (keys[a], keys[b]);
            let by_value = if *descending { b.total_cmp(&a) } else { a.total_cmp(&b) };
            a.is_nan().cmp(&b.is_nan()).then(by_value)
        });
        let mut taken: Vec<Option<Vec<u32>>> = found.into_iter().map(Some).collect();
        found = places.into_iter().filter_map(|at| taken[at].take()).collect();
    }
    let mut made = Vec::new();
    for rows in found {
        let value = level.value(rows[0], table);
        // A fold is known by its first run's configuration, a value group by its value.
        let of = match level {
            Level::Fold(keys) => keys[rows[0] as usize].to_string(),
            _ => value.clone(),
        };
        let name = field.as_ref().map_or("fold".to_owned(), Field::to_string);
        let key = hash([name.as_str(), of.as_str()].into_iter()) ^ parent.rotate_left(7);
        let children = split(&rows, deeper, key, means, table, groups);
        made.push(u32::try_from(groups.len()).unwrap_or(u32::MAX));
        groups.push(Group { key, field: field.clone(), value, rows, children });
    }
    made
}

fn show(at: u32, depth: u8, groups: &[Group], toggled: &HashSet<u64>, lines: &mut Vec<Line>) {
    let group = &groups[at as usize];
    if group.is_fold() && group.rows.len() == 1 {
        // Nothing to fold.
        lines.push(Line { depth, kind: LineKind::Run(group.rows[0]) });
        return;
    }
    let is_open = toggled.contains(&group.key) == group.is_fold();
    lines.push(Line { depth, kind: LineKind::Group { at, is_open } });
    if !is_open {
        return;
    }
    if group.children.is_empty() {
        lines.extend(group.rows.iter().map(|row| Line { depth: depth + 1, kind: LineKind::Run(*row) }));
    }
    for child in &group.children {
        show(*child, depth + 1, groups, toggled, lines);
    }
}

/// Deeper than this children stand beside their parent rather than below it.
const DEEPEST: u8 = 20;

fn nest(rows: &[u32], toggled: &HashSet<u64>, table: &RunTable, lines: &mut Vec<Line>) {
    let is_in: HashSet<u32> = rows.iter().copied().collect();
    let parent_of = |row: u32| {
        let parent = table.parents.get(row)?;
        table.row_of(&parent.into()).filter(|it| is_in.contains(it) && *it != row)
    };
    let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut top = Vec::new();
    for row in rows {
        // A circle of parents has no top; each of its runs stands on its own.
        let mut seen = 0;
        let mut at = *row;
        while let Some(up) = parent_of(at) {
            at = up;
            seen += 1;
            if seen > usize::from(DEEPEST) || at == *row {
                break;
            }
        }
        match parent_of(*row) {
            Some(parent) if at != *row && seen <= usize::from(DEEPEST) => below.entry(parent).or_default().push(*row),
            _ => top.push(*row),
        }
    }
    let mut open: Vec<(u32, u8)> = top.into_iter().rev().map(|row| (row, 0)).collect();
    while let Some((row, depth)) = open.pop() {
        match below.get(&row) {
            None => lines.push(Line { depth, kind: LineKind::Run(row) }),
            Some(children) => {
                let key = hash(std::iter::once(table.id(row).as_str()));
                let is_open = !toggled.contains(&key);
                let n_below = u32::try_from(children.len()).unwrap_or(u32::MAX);
                lines.push(Line { depth, kind: LineKind::Parent { row, key, is_open, n_below } });
                if is_open {
                    open.extend(children.iter().rev().map(|row| (*row, depth + 1)));
                }
            }
        }
    }
}

/// What the runs of a fold are called together: their common name, or what their names begin with.
pub fn fold_name(rows: &[u32], table: &RunTable) -> String {
    let name = |row: &u32| table.names.get(*row).unwrap_or_default();
    let first = rows.first().map(name).unwrap_or_default();
    let common = rows.iter().fold(first.len(), |n, row| {
        first.as_bytes()[..n].iter().zip(name(row).as_bytes()).take_while(|it| it.0 == it.1).count().min(n)
    });
    if common == first.len() {
        return first.to_owned();
    }
    let cut = (0..=common).rev().find(|it| first.is_char_boundary(*it)).unwrap_or(0);
    let start = first[..cut].trim_end_matches(|it: char| !it.is_alphanumeric());
    let start = ["seed", "trial", "run"].iter().fold(start, |it, word| it.strip_suffix(word).unwrap_or(it));
    let start = start.trim_end_matches(|it: char| !it.is_alphanumeric());
    if start.chars().count() >= 3 { start.to_owned() } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};
    use crate::query::filter::apply::NoFigures;
    use crate::query::rows::{RowsQuery, rows};

    fn table() -> RunTable {
        let mut table = RunTable::default();
        for (i, (model, lr, seed, acc)) in [
            ("big", "0.1", "0", 0.9),
            ("big", "0.1", "1", 0.7),
            ("big", "0.2", "0", 0.85),
            ("big", "0.2", "1", 0.83),
            ("small", "0.1", "0", 0.95),
            ("small", "0.1", "1", 0.1),
        ]
        .into_iter()
        .enumerate()
        {
            let mut run = Run::empty(format!("r{i}").into());
            run.name = format!("{model}-{lr}-seed{seed}");
            run.start = Some(10.0 - f64::from(u32::try_from(i).expect("few")));
            run.params = vec![("lr".into(), lr.into()), ("model".into(), model.into()), ("seed".into(), seed.into())];
            run.metrics = vec![("acc".into(), MetricValue { value: acc, step: 0.0, time: 0.0 })];
            if i == 3 {
                run.parent = Some("r2".into());
            }
            table.upsert(&run);
        }
        table
    }

    /// Lines as people see them: indentation, name or value, number of runs.
    fn seen(grouping: &Grouping, toggled: &[usize]) -> Vec<String> {
        let table = table();
        let context = Context { table: &table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
        let prepared = Prepared::default();
        let sort = vec![Sort { field: Field::Metric("acc".into()), descending: true }];
        let query = RowsQuery { sort: sort.clone(), ..RowsQuery::default() };
        let found = rows(&query, &context, &prepared).expect("rows").rows;
        let make =
            |toggled: &HashSet<u64>| group(&found, grouping, &sort, toggled, &context, &prepared).expect("groups");
        let usual = make(&HashSet::new());
        let key = |line: &Line| match line.kind {
            LineKind::Group { at, .. } => usual.groups[at as usize].key,
            LineKind::Parent { key, .. } => key,
            LineKind::Run(_) => 0,
        };
        let toggled: HashSet<u64> = toggled.iter().map(|at| key(&usual.lines[*at])).collect();
        let grouped = make(&toggled);
        let text = |line: &Line| {
            let (sign, name, n) = match line.kind {
                LineKind::Run(row) => (" ", table.id(row).to_string(), 1),
                LineKind::Parent { row, is_open, n_below, .. } => {
                    (if is_open { "v" } else { ">" }, table.id(row).to_string(), n_below)
                }
                LineKind::Group { at, is_open } => {
                    let group = &grouped.groups[at as usize];
                    let name = if group.is_fold() { fold_name(&group.rows, &table) } else { group.value.clone() };
                    (if is_open { "v" } else { ">" }, name, u32::try_from(group.rows.len()).expect("few"))
                }
            };
            format!("{}{sign}{name} {n}", "  ".repeat(usize::from(line.depth)))
        };
        grouped.lines.iter().map(text).collect()
    }

    #[test]
    fn folds_seeds_within_groups_in_order_of_their_means() {
        let grouping = Grouping { by: vec![Field::Param("model".into())], fold_seeds: true, nest: false };
        let expected = ["vsmall 2", "  >small-0.1 2", "vbig 4", "  >big-0.2 2", "  >big-0.1 2"];
        assert_eq!(seen(&grouping, &[]), expected, "the best run leads its group, the best mean its fold");
        let opened = seen(&grouping, &[0, 3]);
        assert_eq!(opened, [">small 2", "vbig 4", "  vbig-0.2 2", "     r2 1", "     r3 1", "  >big-0.1 2"]);
    }

    #[test]
    fn nests_children_in_any_order() {
        let grouping = Grouping { nest: true, ..Grouping::default() };
        assert_eq!(seen(&grouping, &[]), [" r4 1", " r0 1", "vr2 1", "   r3 1", " r1 1", " r5 1"]);
        assert_eq!(seen(&grouping, &[2]), [" r4 1", " r0 1", ">r2 1", " r1 1", " r5 1"]);
    }

    #[test]
    fn names_a_fold_by_what_its_runs_share() {
        let check = |names: &[&str], expected: &str| {
            let mut table = RunTable::default();
            for (i, name) in names.iter().enumerate() {
                let mut run = Run::empty(format!("r{i}").into());
                run.name = (*name).into();
                table.upsert(&run);
            }
            let rows: Vec<u32> = (0..table.n_rows()).collect();
            assert_eq!(fold_name(&rows, &table), expected);
        };
        check(&["mlp-adam", "mlp-adam"], "mlp-adam");
        check(&["mlp-adam-seed0", "mlp-adam-seed1"], "mlp-adam");
        check(&["a1", "b2"], "a1");
        // Characters of several bytes that begin the same.
        check(&["实验组一", "实验组二", "实验组三"], "实验组");
        check(&["ü", "ö"], "ü");
    }

    #[test]
    fn a_new_param_elsewhere_changes_no_key() {
        let mut table = table();
        let before = fold_keys(&table);
        let mut other = Run::empty("other".into());
        other.params = vec![("aaa".into(), "first".into()), ("lr".into(), "new".into())];
        table.upsert(&other);
        assert_eq!(fold_keys(&table)[..before.len()], before[..]);
    }

    #[test]
    fn knows_a_seed_when_it_sees_one() {
        assert!(["seed", "random_state", "train/seed", "data_seed"].iter().all(|it| is_seed(it)));
        assert!(
            ["lr", "seeds_used_before", "proceed", "trials", "repeat_penalty", "trial_budget"]
                .iter()
                .all(|it| !is_seed(it))
        );
    }
}
