//! Conditions as masks of pandas: true or false for every run, never missing.

use super::column::{Column, Constant, Numbers, is_nan, limit};
use super::{literal, quoted};
use crate::query::filter::Trouble;
use crate::query::filter::apply::Context;
use crate::query::filter::tree::{Expr, ExprKind, Op, Value};

type Result<T> = std::result::Result<T, Trouble>;

pub fn mask(expr: &Expr, context: &Context) -> Result<String> {
    let all = |parts: &[Expr], sign: &str| -> Result<String> {
        let parts: Vec<String> = parts.iter().map(|it| mask(it, context)).collect::<Result<_>>()?;
        Ok(format!("({})", parts.join(sign)))
    };
    Ok(match &expr.kind {
        ExprKind::And(parts) => all(parts, " & ")?,
        ExprKind::Or(parts) => all(parts, " | ")?,
        ExprKind::Not(inner) => format!("~{}", mask(inner, context)?),
        ExprKind::Word(text) => format!("word({})", quoted(&text.to_lowercase())),
        ExprKind::Compare { left, op, right } => {
            compare(Column::of(left, context)?, *op, Column::of(right, context)?, context)
        }
        ExprKind::Between { left, low, high, negated } => {
            let side = |value: &Value, op: Op| -> Result<String> {
                Ok(compare(Column::of(left, context)?, op, Column::of(value, context)?, context))
            };
            let inside = format!("({} & {})", side(low, Op::GreaterEqual)?, side(high, Op::LessEqual)?);
            unless(*negated, inside, &Column::of(left, context)?)
        }
        ExprKind::In { left, list, negated } => {
            let one = |it| Ok(compare(Column::of(left, context)?, Op::Equal, Column::of(it, context)?, context));
            let found: Vec<String> = list.iter().map(one).collect::<Result<_>>()?;
            unless(*negated, format!("({})", found.join(" | ")), &Column::of(left, context)?)
        }
        ExprKind::Like { left, pattern, any_case, negated } => {
            let pattern = if *any_case { pattern.to_lowercase() } else { pattern.clone() };
            let whole = Pattern { text: of_like(&pattern), of_whole: true, any_case: *any_case };
            whole.mask(&Column::of(left, context)?, *negated)
        }
        ExprKind::Matches { left, pattern, negated } => {
            let part = Pattern { text: of_regex(pattern), of_whole: false, any_case: false };
            part.mask(&Column::of(left, context)?, *negated)
        }
        ExprKind::IsNull { left, negated } => {
            format!("{}{}", if *negated { "" } else { "~" }, Column::of(left, context)?.present())
        }
    })
}

/// `not in` and `not between` fail where the value is missing, as `!=` does.
fn unless(negated: bool, mask: String, column: &Column) -> String {
    if negated { format!("({} & ~{mask})", column.present()) } else { mask }
}

fn compare(left: Column, op: Op, right: Column, context: &Context) -> String {
    match (left, right) {
        (Column::Nowhere, _) | (_, Column::Nowhere) => "constant(False)".into(),
        (Column::Constant(a), Column::Constant(b)) => {
            let holds = match (&a, &b) {
                (Constant::Text(a), Constant::Text(b)) => op.holds_for(a.cmp(b)),
                (Constant::Number(a) | Constant::Duration(a), Constant::Number(b) | Constant::Duration(b)) => {
                    op.holds(*a, *b)
                }
                _ => false,
            };
            format!("constant({})", if holds { "True" } else { "False" })
        }
        (Column::Constant(a), other) => compare_with(other, op.turned(), &a, context),
        (other, Column::Constant(b)) => compare_with(other, op, &b, context),
        (Column::Texts { code: a, .. }, Column::Texts { code: b, .. }) => {
            format!("pairs({a}, {b}, lambda x, y: x {} y)", sign(op))
        }
        (a, b) => of_numbers(&a.numbers(), op, &b.numbers()),
    }
}

fn compare_with(column: Column, op: Op, constant: &Constant, context: &Context) -> String {
    match (column, constant) {
        (Column::Numbers(it), _) => match limit(constant, it.kind, context) {
            Some(limit) => number_mask(&it.code, &it.present, &format!("{}.isna()", it.code), op, limit),
            None => "constant(False)".into(),
        },
        (Column::Texts { code, any_case }, Constant::Text(text)) => {
            let text = if any_case { text.to_lowercase() } else { text.clone() };
            let holds = format!("({code} {} {})", sign(op), quoted(&text));
            if op == Op::NotEqual { format!("({code}.notna() & {holds})") } else { holds }
        }
        (Column::Texts { code, .. }, Constant::Number(limit)) => {
            number_mask(&format!("numbers({code})"), &format!("{code}.notna()"), &is_nan(&code), op, *limit)
        }
        (Column::Many(part), Constant::Text(text)) => {
            format!("any_dataset({}, lambda it: it {} {})", quoted(part), sign(op), quoted(text))
        }
        (Column::Many(part), _) => {
            let holds = if op == Op::NotEqual { "True" } else { "False" };
            format!("any_dataset({}, lambda it: {holds})", quoted(part))
        }
        (other, Constant::Duration(_) | Constant::Number(_)) => {
            of_numbers(&other.numbers(), op, &Column::Constant(constant.clone()).numbers())
        }
        (Column::Constant(_) | Column::Nowhere, Constant::Text(_)) => "constant(False)".into(),
    }
}

/// NaN equals NaN here, and is not equal to any number.
fn number_mask(code: &str, present: &str, is_nan: &str, op: Op, limit: f64) -> String {
    match op {
        Op::Equal if limit.is_nan() => format!("({present} & {is_nan})"),
        Op::NotEqual if limit.is_nan() => format!("({present} & ~{is_nan})"),
        Op::NotEqual => format!("({present} & ({code} != {}))", literal(limit)),
        _ => format!("({code} {} {})", sign(op), literal(limit)),
    }
}

fn of_numbers(a: &Numbers, op: Op, b: &Numbers) -> String {
    let there = format!("{} & {}", a.present, b.present);
    let (a, b) = (&a.code, &b.code);
    let equal = format!("(({a} == {b}) | ({a}.isna() & {b}.isna()))");
    match op {
        Op::Equal => format!("({there} & {equal})"),
        Op::NotEqual => format!("({there} & ~{equal})"),
        _ => format!("({a} {} {b})", sign(op)),
    }
}

/// A regular expression of Python.
struct Pattern {
    text: String,
    of_whole: bool,
    any_case: bool,
}

impl Pattern {
    fn mask(&self, column: &Column, negated: bool) -> String {
        let text = quoted(&self.text);
        let flags = if self.of_whole { "re.DOTALL" } else { "re.ASCII" };
        let code = match column {
            Column::Texts { code, .. } => code.clone(),
            Column::Constant(Constant::Text(text)) => format!("constant({})", quoted(text)),
            Column::Many(part) => {
                let method = if self.of_whole { "fullmatch" } else { "search" };
                let case = if self.any_case { ".lower()" } else { "" };
                let not = if negated { "not " } else { "" };
                return format!(
                    "any_dataset({}, lambda it: {not}re.{method}({text}, it{case}, {flags}))",
                    quoted(part)
                );
            }
            Column::Constant(_) | Column::Numbers(_) | Column::Nowhere => return "constant(False)".into(),
        };
        let method = if self.of_whole { "fullmatch" } else { "contains" };
        let case = if self.any_case { ".str.lower()" } else { "" };
        let found = format!("{code}{case}.str.{method}({text}, flags={flags}, na=False)");
        if negated { format!("({code}.notna() & ~{found})") } else { found }
    }
}

fn sign(op: Op) -> &'static str {
    if op == Op::Equal { "==" } else { op.sign() }
}

fn of_like(pattern: &str) -> String {
    let mut out = String::new();
    for it in pattern.chars() {
        match it {
            '%' => out += ".*",
            '_' => out.push('.'),
            _ if it.is_ascii_punctuation() => out.extend(['\\', it]),
            _ => out.push(it),
        }
    }
    out
}

/// Python's words for what differs: `\z`, named groups, and `$`, which stands before a last line break
/// there.
fn of_regex(pattern: &str) -> String {
    let of_lines = pattern.contains("(?")
        && pattern.split("(?").skip(1).any(|it| it.chars().take_while(char::is_ascii_alphabetic).any(|it| it == 'm'));
    let mut out = String::new();
    let mut is_class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(it) = characters.next() {
        match it {
            '\\' => match characters.next() {
                Some('z') => out += "\\Z",
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            '$' if !is_class && !of_lines => out += "\\Z",
            _ => {
                is_class = (is_class || it == '[') && it != ']';
                out.push(it);
                if out.ends_with("(?<") && !is_class {
                    out.truncate(out.len() - 1);
                    out += "P<";
                }
            }
        }
    }
    out
}
