//! A tree back to text. Parsing what this writes gives the same tree.

use std::fmt::{self, Display, Formatter, Write};

use super::tree::{Expr, ExprKind, Name, Value, ValueKind};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match &self.kind {
            ExprKind::And(parts) => {
                parts_of(f, parts, " and ", |it| matches!(it.kind, ExprKind::And(_) | ExprKind::Or(_)))
            }
            ExprKind::Or(parts) => parts_of(f, parts, " or ", |it| matches!(it.kind, ExprKind::Or(_))),
            ExprKind::Not(inner) => {
                f.write_str("not ")?;
                bracketed(f, inner, matches!(inner.kind, ExprKind::And(_) | ExprKind::Or(_)))
            }
            ExprKind::Compare { left, op, right } => write!(f, "{left} {} {right}", op.sign()),
            ExprKind::Like { left, pattern, any_case, negated } => {
                let word = if *any_case { "ilike" } else { "like" };
                write!(f, "{left} {}{word} {}", not(*negated), Quoted(pattern))
            }
            ExprKind::Matches { left, pattern, negated } => {
                write!(f, "{left} {} {}", if *negated { "!~" } else { "=~" }, Quoted(pattern))
            }
            ExprKind::In { left, list, negated } => {
                write!(f, "{left} {}in (", not(*negated))?;
                for (i, it) in list.iter().enumerate() {
                    write!(f, "{}{it}", if i > 0 { ", " } else { "" })?;
                }
                f.write_char(')')
            }
            ExprKind::Between { left, low, high, negated } => {
                write!(f, "{left} {}between {low} and {high}", not(*negated))
            }
            ExprKind::IsNull { left, negated } => write!(f, "{left} is {}null", not(*negated)),
            ExprKind::Word(word) => Quoted(word).fmt(f),
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

fn parts_of(f: &mut Formatter, parts: &[Expr], between: &str, needs_brackets: fn(&Expr) -> bool) -> fmt::Result {
    for (i, it) in parts.iter().enumerate() {
        f.write_str(if i > 0 { between } else { "" })?;
        bracketed(f, it, needs_brackets(it))?;
    }
    Ok(())
}

fn bracketed(f: &mut Formatter, it: &impl Display, yes: bool) -> fmt::Result {
    if yes { write!(f, "({it})") } else { write!(f, "{it}") }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match &self.kind {
            ValueKind::Number(it) | ValueKind::Duration(it) => f.write_str(&it.text),
            ValueKind::Text(it) => Quoted(it).fmt(f),
            ValueKind::Name(it) => it.fmt(f),
            ValueKind::Figure(figure, name) => write!(f, "{}({name})", figure.word()),
            ValueKind::Function(function, inner) => write!(f, "{}({inner})", function.word()),
            ValueKind::Negative(inner) => {
                f.write_char('-')?;
                bracketed(f, &**inner, matches!(inner.kind, ValueKind::Arithmetic(..)))
            }
            ValueKind::Arithmetic(left, op, right) => {
                let is_loose =
                    |it: &Value| matches!(it.kind, ValueKind::Arithmetic(_, inner, _) if !inner.binds_tightly());
                bracketed(f, &**left, op.binds_tightly() && is_loose(left))?;
                write!(f, " {} ", op.sign())?;
                // Minus and divide group to the left.
                bracketed(
                    f,
                    &**right,
                    matches!(&right.kind, ValueKind::Arithmetic(_, inner, _) if inner.binds_tightly() == op.binds_tightly() || op.binds_tightly()),
                )
            }
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self.scope {
            Some(scope) => {
                write!(f, "{}.", scope.word())?;
                let reads_back = super::lex::tokens(&format!("{}.{}", scope.word(), self.text));
                let is_plain = matches!(reads_back.as_deref(), Ok([(super::lex::Token::Name(it), _)]) if it.len() == scope.word().len() + 1 + self.text.len());
                if is_plain && !self.text.is_empty() { f.write_str(&self.text) } else { Backticked(&self.text).fmt(f) }
            }
            None => {
                let reads_back = super::parse::parse_value(&self.text);
                let is_plain = matches!(reads_back.map(|it| it.kind), Ok(ValueKind::Name(Name { scope: None, text })) if text == self.text);
                if is_plain && !self.text.starts_with('`') {
                    f.write_str(&self.text)
                } else {
                    Backticked(&self.text).fmt(f)
                }
            }
        }
    }
}

/// A text value, in double quotes.
pub struct Quoted<'a>(pub &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        in_quotes(f, self.0, '"')
    }
}

struct Backticked<'a>(&'a str);

impl Display for Backticked<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        in_quotes(f, self.0, '`')
    }
}

fn in_quotes(f: &mut Formatter, text: &str, quote: char) -> fmt::Result {
    f.write_char(quote)?;
    for it in text.chars() {
        if it == quote || it == '\\' {
            f.write_char('\\')?;
        }
        f.write_char(it)?;
    }
    f.write_char(quote)
}
