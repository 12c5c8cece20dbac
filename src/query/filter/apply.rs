//! A filter against columns: a bit for each run. Work on texts is done once per different text.

use super::bind::{self, Source};
use super::date;
use super::texts::{beginning, is_like};
use super::tree::{Expr, ExprKind, Op, Trouble, Value, ValueKind};
use crate::model::table::TextColumn;
use crate::model::value::number;
use crate::model::{Field, Figure, RunTable};
use crate::query::bits::Bits;
use crate::query::column::{Numbers, numbers_of};

type Result<T> = std::result::Result<T, Trouble>;

/// Figures of series, where they are known.
pub trait Figures {
    fn get(&self, figure: Figure, metric: &str) -> Option<&FigureColumn>;
}

/// Where no series is at hand.
pub struct NoFigures;

impl Figures for NoFigures {
    fn get(&self, _: Figure, _: &str) -> Option<&FigureColumn> {
        None
    }
}

/// One figure of one metric's series, a place for each row.
#[derive(Clone, Debug, Default)]
pub struct FigureColumn {
    pub values: Numbers,
    /// Rows whose series was looked at; the others are not loaded, which is not the same as missing.
    pub known: Bits,
}

pub struct Context<'a> {
    pub table: &'a RunTable,
    /// Milliseconds since the epoch.
    pub now: f64,
    /// A time without a zone to UTC, both in milliseconds.
    pub to_utc: &'a dyn Fn(f64) -> f64,
    pub figures: &'a dyn Figures,
}

/// Which rows pass; which cannot be told before series are loaded; and of which metrics.
#[derive(Debug)]
pub struct Passed {
    pub yes: Bits,
    pub open: Bits,
    pub wanted: Vec<(Figure, String)>,
    /// What stands in the filter and no run has, or is ambiguous.
    pub notes: Vec<Trouble>,
}

pub fn apply(expr: &Expr, context: &Context) -> Result<Passed> {
    let mut eval = Eval { context, n: context.table.len(), wanted: Vec::new(), notes: Vec::new() };
    let Both { yes, open } = eval.expr(expr)?;
    Ok(Passed { yes, open, wanted: eval.wanted, notes: eval.notes })
}

/// A column from an expression: numbers for every row.
pub fn numbers(value: &Value, context: &Context) -> Result<(Numbers, Passed)> {
    let mut eval = Eval { context, n: context.table.len(), wanted: Vec::new(), notes: Vec::new() };
    let side = eval.side(value)?;
    let (numbers, open) = eval.to_numbers(&side, &value.span)?;
    let yes = numbers.present.clone();
    Ok((numbers, Passed { yes, open, wanted: eval.wanted, notes: eval.notes }))
}

struct Both {
    yes: Bits,
    open: Bits,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    /// A point in time; a duration beside it counts from now, a text is a date.
    Time,
    /// A plain number beside it is in seconds.
    Duration,
}

enum Side<'a> {
    Number(f64),
    Duration(f64),
    Text(&'a str),
    Numbers {
        numbers: Numbers,
        open: Bits,
        kind: Kind,
    },
    /// A figure, open where its series is not read. The greatest value is no less than the last and
    /// the least no more, so that many rows pass without reading anything.
    Figure {
        numbers: Numbers,
        open: Bits,
        figure: Figure,
        last: Numbers,
    },
    Texts(&'a TextColumn),
    /// A text each row has: ids, the words of statuses.
    Each(fn(&RunTable, u32) -> &str, AnyCase),
    /// Several texts a row: parts of datasets.
    Many(fn(&crate::model::Dataset) -> &str),
    Nowhere,
}

type AnyCase = bool;

struct Eval<'a> {
    context: &'a Context<'a>,
    n: usize,
    wanted: Vec<(Figure, String)>,
    notes: Vec<Trouble>,
}

fn trouble(span: &super::tree::Span, message: impl Into<String>) -> Trouble {
    Trouble { span: span.clone(), message: message.into(), instead: None }
}

impl<'a> Eval<'a> {
    fn expr(&mut self, expr: &'a Expr) -> Result<Both> {
        match &expr.kind {
            ExprKind::And(parts) => {
                let mut all = Both { yes: Bits::all(self.n), open: Bits::none(self.n) };
                for part in parts {
                    let it = self.expr(part)?;
                    // Open where neither side says no and not both say yes.
                    let mut possible = it.yes.clone();
                    possible.or(&it.open);
                    all.open.or(&all.yes);
                    all.open.and(&possible);
                    all.yes.and(&it.yes);
                    all.open.without(&all.yes);
                }
                Ok(all)
            }
            ExprKind::Or(parts) => {
                let mut any = self.none();
                for part in parts {
                    let it = self.expr(part)?;
                    any.yes.or(&it.yes);
                    any.open.or(&it.open);
                    any.open.without(&any.yes);
                }
                Ok(any)
            }
            ExprKind::Not(inner) => {
                let Both { mut yes, open } = self.expr(inner)?;
                yes.or(&open);
                yes.invert();
                Ok(Both { yes, open })
            }
            ExprKind::Word(word) => {
                Ok(Both { yes: crate::query::rows::word(self.context.table, word), open: Bits::none(self.n) })
            }
            ExprKind::Compare { left, op, right } => self.compare(left, *op, right),
            ExprKind::Between { left, low, high, negated } => {
                let mut inside = self.compare(left, Op::GreaterEqual, low)?;
                let below = self.compare(left, Op::LessEqual, high)?;
                inside.open.or(&below.open);
                inside.yes.and(&below.yes);
                inside.open.without(&inside.yes);
                let side = self.side(left)?;
                Ok(self.unless(*negated, inside, &side))
            }
            ExprKind::In { left, list, negated } => {
                let mut any = self.none();
                let side = self.side(left)?;
                for it in list {
                    let item = self.side(it)?;
                    let found = self.compare_sides(&side, Op::Equal, &item, left, it)?;
                    any.yes.or(&found.yes);
                    any.open.or(&found.open);
                }
                any.open.without(&any.yes);
                Ok(self.unless(*negated, any, &side))
            }
            ExprKind::Like { left, pattern, any_case, negated } => {
                let side = self.side(left)?;
                let any_case = *any_case || matches!(side, Side::Each(_, true));
                let pattern = if any_case { pattern.to_lowercase() } else { pattern.clone() };
                let like = |text: &str| {
                    if any_case { is_like(&pattern, &text.to_lowercase()) } else { is_like(&pattern, text) }
                };
                self.texts_in(&side, left, &|text| like(text) != *negated)
            }
            ExprKind::Matches { left, pattern, negated } => {
                let regex = super::regex(pattern)
                    .map_err(|error| trouble(&expr.span, format!("not a regular expression: {error}")))?;
                self.texts(left, &|text| regex.is_match(beginning(text)) != *negated)
            }
            ExprKind::IsNull { left, negated } => {
                let side = self.side(left)?;
                let mut yes = self.present(&side);
                if !negated {
                    yes.invert();
                }
                Ok(Both { yes, open: Bits::none(self.n) })
            }
        }
    }

    fn none(&self) -> Both {
        Both { yes: Bits::none(self.n), open: Bits::none(self.n) }
    }

    /// `not in` and `not between` fail where the value is missing, as `!=` does.
    fn unless(&self, negated: bool, it: Both, side: &Side) -> Both {
        if !negated {
            return it;
        }
        let mut yes = self.present(side);
        yes.without(&it.yes);
        yes.without(&it.open);
        Both { yes, open: it.open }
    }

    fn side(&mut self, value: &'a Value) -> Result<Side<'a>> {
        let table = self.context.table;
        Ok(match &value.kind {
            ValueKind::Number(it) => Side::Number(it.value),
            ValueKind::Duration(it) => Side::Duration(it.value),
            ValueKind::Text(it) => Side::Text(it),
            ValueKind::Negative(inner) => match self.side(inner)? {
                Side::Duration(it) => Side::Duration(-it),
                side => self.each(&side, &inner.span, |it| -it)?,
            },
            ValueKind::Function(function, inner) => {
                let side = self.side(inner)?;
                self.each(&side, &inner.span, |it| function.of(it))?
            }
            ValueKind::Arithmetic(left, op, right) => {
                let (a, b) = (self.side(left)?, self.side(right)?);
                if let (Side::Number(a), Side::Number(b)) = (&a, &b) {
                    return Ok(Side::Number(op.of(*a, *b)));
                }
                let (mut a, open_a) = self.to_numbers(&a, &left.span)?;
                let (b, open_b) = self.to_numbers(&b, &right.span)?;
                let open = open_of((&a, &open_a), (&b, &open_b));
                for (a, b) in a.values.iter_mut().zip(&b.values) {
                    *a = op.of(*a, *b);
                }
                a.present.and(&b.present);
                Side::Numbers { numbers: a, open, kind: Kind::Plain }
            }
            ValueKind::Name(_) | ValueKind::Figure(..) => {
                let place = bind::place(value, table, &mut self.notes)?;
                match place.unwrap_or(Source::Nowhere) {
                    Source::Nowhere => Side::Nowhere,
                    Source::DatasetDigest => Side::Many(|it| &it.digest),
                    Source::DatasetContext => Side::Many(|it| &it.context),
                    Source::Field(field) => self.field(&field),
                    Source::Figure(figure, metric) => self.figure(figure, metric),
                }
            }
        })
    }

    fn each(&self, side: &Side<'a>, span: &super::tree::Span, of: impl Fn(f64) -> f64) -> Result<Side<'a>> {
        if let Side::Number(it) = side {
            return Ok(Side::Number(of(*it)));
        }
        let (mut numbers, open) = self.to_numbers(side, span)?;
        numbers.values.iter_mut().for_each(|it| *it = of(*it));
        Ok(Side::Numbers { numbers, open, kind: Kind::Plain })
    }

    fn field(&self, field: &Field) -> Side<'a> {
        let table = self.context.table;
        let texts = |column: Option<&'a TextColumn>| column.map_or(Side::Nowhere, Side::Texts);
        match field {
            Field::Name => Side::Texts(&table.names),
            Field::User => Side::Texts(&table.users),
            Field::Parent => Side::Texts(&table.parents),
            Field::Param(name) => texts(table.params.get(name)),
            Field::Tag(name) => texts(table.tags.get(name)),
            Field::Id => Side::Each(|table, row| table.id(row).as_str(), false),
            Field::Status => Side::Each(|table, row| table.status[row as usize].word(), true),
            Field::Dataset => Side::Many(|it| &it.name),
            Field::Figure(..) | Field::Expr(_) | Field::Curve(_) => Side::Nowhere,
            Field::Metric(_) | Field::Started | Field::Ended | Field::Duration => {
                let kind = match field {
                    Field::Started | Field::Ended => Kind::Time,
                    Field::Duration => Kind::Duration,
                    _ => Kind::Plain,
                };
                Side::Numbers { numbers: numbers_of(table, field), open: Bits::none(self.n), kind }
            }
        }
    }

    fn figure(&mut self, figure: Figure, metric: String) -> Side<'a> {
        let known = self.context.figures.get(figure, &metric);
        let last = numbers_of(self.context.table, &Field::Metric(metric.clone()));
        let mut open = last.present.clone();
        let numbers = match known {
            Some(column) => {
                open.without(&column.known);
                column.values.clone()
            }
            None => Numbers::missing(self.n),
        };
        if !self.wanted.iter().any(|it| it.0 == figure && it.1 == metric) {
            self.wanted.push((figure, metric));
        }
        Side::Figure { numbers, open, figure, last }
    }

    /// As calculations see it. Times and durations are seconds there, as plain numbers beside them are.
    fn to_numbers(&self, side: &Side, span: &super::tree::Span) -> Result<(Numbers, Bits)> {
        let closed = Bits::none(self.n);
        Ok(match side {
            Side::Number(it) => (Numbers::all(self.n, *it), closed),
            Side::Duration(it) => (Numbers::all(self.n, it / 1000.0), closed),
            Side::Numbers { numbers, open, kind: Kind::Time | Kind::Duration } => {
                let mut numbers = numbers.clone();
                numbers.values.iter_mut().for_each(|it| *it /= 1000.0);
                (numbers, open.clone())
            }
            Side::Numbers { numbers, open, .. } | Side::Figure { numbers, open, .. } => (numbers.clone(), open.clone()),
            Side::Texts(column) => (Numbers::of_texts(column, self.n), closed),
            Side::Nowhere => (Numbers::missing(self.n), closed),
            Side::Text(_) | Side::Each(..) | Side::Many(_) => {
                return Err(trouble(span, "this is a text, not a number to calculate with"));
            }
        })
    }

    /// Never open: a metric that has a last value has a series, read or not, and so has what is made of it.
    fn present(&self, side: &Side) -> Bits {
        let mut present = Bits::none(self.n);
        match side {
            Side::Number(_) | Side::Duration(_) | Side::Text(_) => present = Bits::all(self.n),
            Side::Each(..) => present = Bits::all(self.n),
            Side::Numbers { numbers, open, .. } | Side::Figure { numbers, open, .. } => {
                present = numbers.present.clone();
                present.or(open);
            }
            Side::Texts(column) => column.rows.iter().for_each(|row| present.set(row)),
            Side::Many(_) => {
                for row in 0..self.context.table.n_rows() {
                    present.set_if(row, self.context.table.datasets_of(row).next().is_some());
                }
            }
            Side::Nowhere => {}
        }
        present
    }

    /// Rows with a text that passes.
    fn texts(&mut self, left: &'a Value, passes: &dyn Fn(&str) -> bool) -> Result<Both> {
        let side = self.side(left)?;
        self.texts_in(&side, left, passes)
    }

    fn texts_in(&self, side: &Side, left: &Value, passes: &dyn Fn(&str) -> bool) -> Result<Both> {
        let mut yes = Bits::none(self.n);
        let table = self.context.table;
        match side {
            Side::Texts(column) => {
                let found: Vec<bool> = column.texts().iter().map(passes).collect();
                column.each(|row, code| yes.set_if(row, found[code as usize]));
            }
            Side::Each(text, _) => (0..table.n_rows()).for_each(|row| yes.set_if(row, passes(text(table, row)))),
            Side::Many(text) => {
                for row in 0..table.n_rows() {
                    yes.set_if(row, table.datasets_of(row).any(|it| passes(text(it))));
                }
            }
            Side::Nowhere => {}
            Side::Text(it) => {
                if passes(it) {
                    yes = Bits::all(self.n);
                }
            }
            Side::Number(_) | Side::Duration(_) | Side::Numbers { .. } | Side::Figure { .. } => {
                return Err(trouble(&left.span, "this is a number: compare it with = < > or a range"));
            }
        }
        Ok(Both { yes, open: Bits::none(self.n) })
    }

    fn compare(&mut self, left: &'a Value, op: Op, right: &'a Value) -> Result<Both> {
        let (a, b) = (self.side(left)?, self.side(right)?);
        if matches!((&a, &b), (Side::Texts(_) | Side::Each(..) | Side::Many(_), Side::Nowhere)) {
            bind::hint_quotes(right, &mut self.notes);
        }
        let is_constant = |it: &Side| matches!(it, Side::Number(_) | Side::Duration(_) | Side::Text(_));
        if is_constant(&a) && !is_constant(&b) {
            return self.compare_sides(&b, op.turned(), &a, right, left);
        }
        self.compare_sides(&a, op, &b, left, right)
    }

    fn compare_sides(&self, a: &Side, op: Op, b: &Side, left: &Value, right: &Value) -> Result<Both> {
        let mut yes = Bits::none(self.n);
        match (a, b) {
            (Side::Nowhere, _) | (_, Side::Nowhere) => {}
            (Side::Number(x) | Side::Duration(x), Side::Number(y) | Side::Duration(y)) => {
                if op.holds(*x, *y) {
                    yes = Bits::all(self.n);
                }
            }
            (Side::Text(x), Side::Text(y)) => {
                if op.holds_for(x.cmp(y)) {
                    yes = Bits::all(self.n);
                }
            }
            (Side::Numbers { numbers, open, kind }, Side::Number(_) | Side::Duration(_) | Side::Text(_)) => {
                let limit = self.limit(b, *kind, right)?;
                numbers.each(|row, value| yes.set_if(row, op.holds(value, limit)));
                return Ok(Both { yes, open: open.clone() });
            }
            (Side::Figure { numbers, open, figure, last }, Side::Number(_) | Side::Duration(_) | Side::Text(_)) => {
                let limit = self.limit(b, Kind::Plain, right)?;
                numbers.each(|row, value| yes.set_if(row, op.holds(value, limit)));
                let tells = matches!(
                    (figure, op),
                    (Figure::Max, Op::Greater | Op::GreaterEqual) | (Figure::Min, Op::Less | Op::LessEqual)
                );
                let mut open = open.clone();
                if tells {
                    open.rows().for_each(|row| yes.set_if(row, last.get(row).is_some_and(|it| op.holds(it, limit))));
                    open.without(&yes);
                }
                return Ok(Both { yes, open });
            }
            (Side::Texts(_) | Side::Each(..) | Side::Many(_), Side::Text(text)) => {
                let any_case = matches!(a, Side::Each(_, true));
                // MLflow's word for a run that waits.
                let text = if any_case && text.eq_ignore_ascii_case("scheduled") { "queued" } else { text };
                return self.texts_in(a, left, &|it| {
                    if any_case {
                        op.holds_for(it.to_lowercase().as_str().cmp(&text.to_lowercase()))
                    } else {
                        op.holds_for(it.cmp(text))
                    }
                });
            }
            (Side::Texts(_) | Side::Each(..) | Side::Many(_), Side::Number(limit)) => {
                // A text that is no number is not that number, and neither more nor less.
                return self.texts_in(a, left, &|it| number(it).map_or(op == Op::NotEqual, |it| op.holds(it, *limit)));
            }
            (Side::Texts(a), Side::Texts(b)) => {
                for row in 0..self.context.table.n_rows() {
                    if let (Some(a), Some(b)) = (a.get(row), b.get(row)) {
                        yes.set_if(
                            row,
                            match (number(a), number(b)) {
                                (Some(a), Some(b)) => op.holds(a, b),
                                _ => op.holds_for(a.cmp(b)),
                            },
                        );
                    }
                }
            }
            _ => {
                let (a, open_a) = self.to_numbers(a, &left.span)?;
                let (b, open_b) = self.to_numbers(b, &right.span)?;
                let open = open_of((&a, &open_a), (&b, &open_b));
                a.each(|row, value| yes.set_if(row, b.present.get(row) && op.holds(value, b.values[row as usize])));
                yes.without(&open);
                return Ok(Both { yes, open });
            }
        }
        Ok(Both { yes, open: Bits::none(self.n) })
    }

    /// What a constant means beside a column of this kind.
    fn limit(&self, constant: &Side, kind: Kind, value: &Value) -> Result<f64> {
        match (constant, kind) {
            (Side::Number(it), Kind::Duration) => Ok(it * 1000.0),
            (Side::Number(it), _) | (Side::Duration(it), Kind::Duration) => Ok(*it),
            (Side::Duration(it), Kind::Time) => Ok(self.context.now + it),
            (Side::Duration(_), Kind::Plain) => Err(trouble(&value.span, "a duration beside a plain number")),
            (Side::Text(it), Kind::Time) => date::parse(it, self.context.to_utc).ok_or_else(|| {
                trouble(
                    &value.span,
                    "expected a date such as \"2026-11-24\" or \"2026-11-24 14:53\", or a time ago such as -7d",
                )
            }),
            (Side::Text(it), _) => number(it).ok_or_else(|| trouble(&value.span, "expected a number here")),
            _ => Err(trouble(&value.span, "expected a value here")),
        }
    }
}

/// Where what is made of both cannot be told yet: one has still to be read, and none is missing.
fn open_of(a: (&Numbers, &Bits), b: (&Numbers, &Bits)) -> Bits {
    let may_be = |(numbers, open): (&Numbers, &Bits)| {
        let mut it = numbers.present.clone();
        it.or(open);
        it
    };
    let mut open = a.1.clone();
    open.or(b.1);
    open.and(&may_be(a));
    open.and(&may_be(b));
    open
}
