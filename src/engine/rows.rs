//! Questions about a project's runs: which match, in which order and groups, and what they show.
//! What was worked out is kept until the table or the figures change.

use std::cell::RefCell;
use std::rc::Rc;

use super::protocol::{Answer, FieldsAnswer, MOST_DRAWN, RowsAnswer, RowsAsk};
use super::table::{ProjectSlot, named};
use super::{Engine, Result};
use crate::model::hash::hash;
use crate::model::{Field, Figure, ProjectKey, RunId, RunTable};
use crate::query::cells::{Calculated, Fold, FoldKind};
use crate::query::distribution::distribution;
use crate::query::filter::Trouble;
use crate::query::filter::apply::Context;
use crate::query::filter::complete::complete;
use crate::query::group::{Grouped, Line, LineKind, group};
use crate::query::importance::ranking;
use crate::query::rows::{Matched, Prepared, RowsQuery};
use crate::query::selection::Selection;
use crate::query::sheet::{find_outliers, sheet};
use crate::query::{cells, check, fields, filter, rows};
use crate::sync::Clock;

/// Of which generation of table and figures, of which minute, of which question, and the rows.
type Ordered = ((u64, u64, f64), RowsQuery, Rc<Matched>);

/// What the last questions had worked out.
#[derive(Default)]
pub struct Answers {
    order: RefCell<Option<Ordered>>,
    /// Of the rows above: which lines are open, and the lines.
    grouped: RefCell<Option<(Vec<u64>, Rc<Grouped>)>>,
    /// Of which generation, and what is worked out once for it.
    prepared: RefCell<(u64, Rc<Prepared>)>,
    /// The last question whose filter made sense.
    last_good: RefCell<RowsQuery>,
}

impl ProjectSlot {
    pub(super) fn ordered(&self, query: &RowsQuery, clock: &dyn Clock) -> Result<Rc<Matched>, Trouble> {
        let reads_figures = !wanted(query, &[]).is_empty();
        let figures = if reads_figures { self.figures.generation.get() } else { 0 };
        // "The last seven days" move on.
        let minute = if query.filter.contains('-') { (clock.now() / 60_000.0).floor() } else { 0.0 };
        let generation = (self.generation.get(), figures, minute);
        if let Some((of, asked, order)) = &*self.answers.order.borrow()
            && *of == generation
            && asked == query
        {
            return Ok(order.clone());
        }
        let prepared = self.prepared();
        let order = self.with_context(query, &[], clock, |context| rows::rows(query, context, &prepared))?;
        let order = Rc::new(order);
        *self.answers.order.borrow_mut() = Some((generation, query.clone(), order.clone()));
        *self.answers.last_good.borrow_mut() = query.clone();
        *self.answers.grouped.borrow_mut() = None;
        Ok(order)
    }

    pub(super) fn with_context<T>(
        &self,
        query: &RowsQuery,
        fields: &[Field],
        clock: &dyn Clock,
        work: impl FnOnce(&Context) -> T,
    ) -> T {
        let table = self.table.borrow();
        let to_utc = |local| clock.to_utc(local);
        let figures = self.figures.columns(&wanted(query, fields), &table);
        work(&Context { table: &table, now: clock.now(), to_utc: &to_utc, figures: &figures })
    }

    pub(super) fn prepared(&self) -> Rc<Prepared> {
        let mut held = self.answers.prepared.borrow_mut();
        if held.0 != self.generation.get() {
            *held = (self.generation.get(), Rc::default());
        }
        held.1.clone()
    }

    /// None where every line is a run and stands on its own.
    fn grouped(&self, query: &RowsQuery, rows: &[u32], toggled: &[u64], clock: &dyn Clock) -> Option<Rc<Grouped>> {
        if query.group.is_flat() {
            return None;
        }
        if let Some((of, grouped)) = &*self.answers.grouped.borrow()
            && of == toggled
        {
            return Some(grouped.clone());
        }
        let exceptions = toggled.iter().copied().collect();
        let prepared = self.prepared();
        let grouped = self.with_context(query, &[], clock, |context| {
            group(rows, &query.group, &query.sort, &exceptions, context, &prepared).ok()
        })?;
        let grouped = Rc::new(grouped);
        *self.answers.grouped.borrow_mut() = Some((toggled.to_vec(), grouped.clone()));
        Some(grouped)
    }

    /// Figures and expressions among the columns.
    fn calculated(&self, query: &RowsQuery, fields: &[Field], clock: &dyn Clock) -> Calculated {
        let fields: Vec<&Field> = fields.iter().filter(|it| matches!(it, Field::Figure(..) | Field::Expr(_))).collect();
        if fields.is_empty() {
            return Calculated::default();
        }
        let owned: Vec<Field> = fields.iter().map(|it| (*it).clone()).collect();
        self.with_context(query, &owned, clock, |context| {
            let column = |it: &Field| {
                let (numbers, passed) = rows::calculated(it, context).ok()?;
                let (steps, sampled) = match it {
                    Field::Figure(figure, metric) => self.figures.places(*figure, metric, context.table),
                    _ => Default::default(),
                };
                Some((it.clone(), cells::Column { numbers, open: passed.open, steps, sampled }))
            };
            owned.iter().filter_map(column).collect()
        })
    }
}

impl Engine {
    pub(super) async fn rows(&self, ask: RowsAsk) -> Result<Answer> {
        let slot = self.loaded(&ask.project).await;
        self.ensure_fresh(&ask.project, &slot);
        let clock = self.0.outside.clock.as_ref();
        self.search_source(&ask, &slot);
        let wanted = wanted(&ask.query, &ask.fields);
        let metrics: Vec<&str> = wanted.iter().map(|it| it.1.as_str()).collect();
        self.load_figures(&ask.project, &slot, &metrics).await;
        // A filter that makes no sense leaves the rows of the last that did.
        let (asked, matched, refused) = match slot.ordered(&ask.query, clock) {
            Ok(matched) => (ask.query, matched, None),
            Err(trouble) => {
                let filter = slot.answers.last_good.borrow().filter.clone();
                let query = RowsQuery { filter, ..ask.query };
                let last = slot.ordered(&query, clock).unwrap_or_default();
                (query, last, Some(trouble))
            }
        };
        let order = &matched.rows;
        self.gather_for(&ask.project, &slot, &asked, &matched, &ask.fields, (ask.offset, ask.limit));
        let table = slot.table.borrow();
        let n_matched = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let grouped = slot.grouped(&asked, order, &ask.toggled, clock);
        let columns = slot.calculated(&asked, &ask.fields, clock);
        let n_lines = grouped.as_ref().map_or(order.len(), |it| it.lines.len());
        let window =
            (ask.offset as usize).min(n_lines)..(ask.offset as usize).saturating_add(ask.limit as usize).min(n_lines);
        let mut lines: Vec<cells::Row> = match &grouped {
            None => order[window].iter().map(|row| cells::row(&table, *row, &ask.fields, &columns)).collect(),
            Some(it) => it.lines[window].iter().map(|line| line_row(&table, it, line, &ask.fields, &columns)).collect(),
        };
        for (at, metric) in (0..).zip(&ask.fields).filter_map(|(at, it)| Some((at, it.as_curve()?))) {
            for line in lines.iter_mut().filter(|it| it.fold.as_ref().is_none_or(|it| it.kind == FoldKind::Parent)) {
                line.cells[at] = slot.figures.curve(metric, &line.id);
            }
        }
        let selected = ask.selection.rows(order, &table, &slot.prepared());
        let folds = slot.prepared().fold_keys(&table);
        let n_broken = table.n_broken();
        Ok(Answer::Rows(Box::new(RowsAnswer {
            n_cached: table.n_rows(),
            n_matched,
            n_lines: u32::try_from(n_lines).unwrap_or(u32::MAX),
            n_broken: u32::try_from(n_broken).unwrap_or(u32::MAX),
            offset: ask.offset,
            fields: ask.fields.clone(),
            drawn: selected.iter().take(MOST_DRAWN).map(|row| named(&table, *row)).collect(),
            drawn_folds: selected.iter().take(MOST_DRAWN).map(|row| folds[*row as usize]).collect(),
            n_selected: u32::try_from(selected.len()).unwrap_or(u32::MAX),
            selected_mark: mark(selected.iter().map(|row| table.id(*row))),
            rows: lines,
            sync: slot.state.borrow().clone(),
            notes: matched.notes.clone(),
            refused,
            n_open: matched.open.count(),
            gathering: slot.figures.gathering(),
            searching: slot.search.state(),
        })))
    }

    /// Has the series read that this question turns on: for a filter those of runs it cannot tell, for
    /// a sort those of all runs that match, for a column those of the lines on screen.
    fn gather_for(
        &self,
        key: &ProjectKey,
        slot: &Rc<ProjectSlot>,
        query: &RowsQuery,
        matched: &Matched,
        fields: &[Field],
        window: (u32, u32),
    ) {
        let sorts: Vec<Field> = query.sort.iter().map(|it| it.field.clone()).collect();
        for (_, metric) in figures_of(&sorts).into_iter().chain(figures_of(&query.group.by)) {
            self.gather(key, slot, &metric, matched.rows.iter().copied());
        }
        for (_, metric) in figures_of(fields) {
            let rows = matched.rows.iter().copied();
            // A group's line stands for all its runs.
            if query.group.is_flat() {
                self.gather(key, slot, &metric, rows.skip(window.0 as usize).take(window.1 as usize));
            } else {
                self.gather(key, slot, &metric, rows);
            }
        }
        for (_, metric) in &matched.wanted {
            let old = slot.figures.old(metric, &slot.table.borrow());
            self.gather(key, slot, metric, matched.open.rows().chain(old));
        }
    }

    /// Runs of a selection, as the table shows it.
    pub(super) fn selected(&self, slot: &ProjectSlot, query: &RowsQuery, selection: &Selection) -> Vec<RunId> {
        let Ok(matched) = slot.ordered(query, self.0.outside.clock.as_ref()) else { return Vec::new() };
        let table = slot.table.borrow();
        let rows = selection.rows(&matched.rows, &table, &slot.prepared());
        rows.into_iter().map(|row| table.id(row).clone()).collect()
    }

    pub(super) async fn distribution(&self, key: &ProjectKey, query: &RowsQuery, field: &Field) -> Result<Answer> {
        let slot = self.loaded(key).await;
        let clock = self.0.outside.clock.as_ref();
        let matched = slot.ordered(query, clock).unwrap_or_default();
        let columns = slot.calculated(query, std::slice::from_ref(field), clock);
        Ok(Answer::Distribution(distribution(&matched.rows, field, &slot.table.borrow(), &columns)))
    }

    /// Has the series read that its figures turn on.
    pub(super) async fn sheet(
        &self,
        key: &ProjectKey,
        query: &RowsQuery,
        fields: &[Field],
        (ranked, clips): (bool, bool),
    ) -> Result<Answer> {
        let slot = self.loaded(key).await;
        let metrics = wanted(query, fields);
        self.load_figures(key, &slot, &metrics.iter().map(|it| it.1.as_str()).collect::<Vec<_>>()).await;
        let clock = self.0.outside.clock.as_ref();
        // Of a filter that makes no sense yet the last that did.
        let matched = match slot.ordered(query, clock) {
            Ok(matched) => matched,
            Err(_) => {
                let filter = slot.answers.last_good.borrow().filter.clone();
                slot.ordered(&RowsQuery { filter, ..query.clone() }, clock).unwrap_or_default()
            }
        };
        let n_all = u32::try_from(matched.rows.len()).unwrap_or(u32::MAX);
        self.gather_for(key, &slot, query, &matched, fields, (0, n_all));
        let columns = slot.calculated(query, fields, clock);
        let mut sheet = sheet(&matched.rows, fields, &slot.table.borrow(), &columns);
        find_outliers(&mut sheet, clips);
        sheet.ranking = ranked.then(|| ranking(&sheet.columns)).flatten();
        Ok(Answer::Sheet(Box::new(sheet)))
    }

    pub(super) async fn fields(&self, key: &ProjectKey) -> Result<Answer> {
        let slot = self.loaded(key).await;
        self.ensure_fresh(key, &slot);
        let table = slot.table.borrow();
        let fields = fields::fields(&table);
        Ok(Answer::Fields(FieldsAnswer {
            suggested: fields::suggested(&fields, table.n_rows()),
            n_runs: table.n_rows(),
            fields,
        }))
    }

    pub(super) async fn complete(&self, key: &ProjectKey, text: &str, cursor: u32) -> Result<Answer> {
        let slot = self.loaded(key).await;
        let table = slot.table.borrow();
        Ok(Answer::Completions(complete(text, cursor as usize, &table)))
    }

    pub(super) async fn check(&self, key: &ProjectKey, text: &str, is_curve: bool) -> Result<Answer> {
        let slot = self.loaded(key).await;
        let table = slot.table.borrow();
        Ok(Answer::Checked(if is_curve { check::curve(text, &table) } else { check::column(text, &table) }))
    }
}

/// Tells one set of runs from another.
pub(super) fn mark<'a>(runs: impl Iterator<Item = &'a RunId>) -> u64 {
    runs.map(|it| hash(std::iter::once(it.as_str()))).fold(0, |mark, it| mark ^ it)
}

/// Figures that a question reads.
fn wanted(query: &RowsQuery, fields: &[Field]) -> Vec<(Figure, String)> {
    let mut all = figures_of(fields);
    let sorts: Vec<Field> = query.sort.iter().map(|it| it.field.clone()).chain(query.group.by.clone()).collect();
    all.extend(figures_of(&sorts));
    if let Ok(Some(expr)) = filter::parse(&query.filter) {
        all.extend(filter::figures(&expr));
    }
    all
}

fn figures_of(fields: &[Field]) -> Vec<(Figure, String)> {
    let of = |field: &Field| match field {
        Field::Figure(figure, metric) => vec![(*figure, metric.clone())],
        Field::Curve(metric) => vec![(Figure::Count, metric.clone())],
        Field::Expr(text) => filter::parse_value(text).map(|it| filter::figures_of_value(&it)).unwrap_or_default(),
        _ => Vec::new(),
    };
    fields.iter().flat_map(of).collect()
}

fn line_row(
    table: &RunTable,
    grouped: &Grouped,
    line: &Line,
    fields: &[Field],
    columns: &cells::Calculated,
) -> cells::Row {
    let mut made = match line.kind {
        LineKind::Run(row) => cells::row(table, row, fields, columns),
        LineKind::Group { at, is_open } => {
            cells::group_row(table, &grouped.groups[at as usize], is_open, fields, columns)
        }
        LineKind::Parent { row, key, is_open, n_below } => {
            let fold = Fold {
                key,
                kind: FoldKind::Parent,
                is_open,
                n_runs: n_below,
                n_running: 0,
                n_failed: 0,
                runs: vec![table.id(row).clone()],
            };
            cells::Row { fold: Some(fold), ..cells::row(table, row, fields, columns) }
        }
    };
    made.depth = line.depth;
    made
}
