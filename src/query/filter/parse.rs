//! Tokens to a tree. A superset of MLflow's filter strings: what is valid there means the same here.

use super::lex::{Token, tokens};
use super::tree::{Arithmetic, Expr, ExprKind, Function, Name, Number, Op, Scope, Span, Trouble, Value, ValueKind};
use crate::model::Figure;

/// Deeper than anyone writes by hand; the parser, the evaluation and the formatter recurse.
const DEEPEST: usize = 64;
const MOST_OPERATIONS: usize = 200;
const LONGEST: usize = 10_000;

type Result<T> = std::result::Result<T, Trouble>;

/// `None` for a text without anything in it, which lets every run through.
pub fn parse(text: &str) -> Result<Option<Expr>> {
    if text.len() > LONGEST {
        return Err(trouble(0..text.len(), format!("longer than {LONGEST} bytes")));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { text, tokens, at: 0, depth: 0, n_operations: 0 };
    let expr = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(Some(expr)),
        Some((Token::Close, span)) => Err(trouble(span.clone(), "no bracket is open here")),
        Some((_, span)) => Err(trouble(span.clone(), "expected and, or, or the end")),
    }
}

/// A column's expression, such as `max(val/acc) - last(val/acc)`.
pub fn parse_value(text: &str) -> Result<Value> {
    if text.len() > LONGEST {
        return Err(trouble(0..text.len(), format!("longer than {LONGEST} bytes")));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0, n_operations: 0 };
    let value = parser.value()?;
    match parser.tokens.get(parser.at) {
        None => Ok(value),
        Some((_, span)) => Err(trouble(span.clone(), "expected + - * / or the end")),
    }
}

fn trouble(span: Span, message: impl Into<String>) -> Trouble {
    Trouble { span, message: message.into(), instead: None }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
    n_operations: usize,
}

const WORDS: [&str; 9] = ["and", "or", "not", "like", "ilike", "in", "is", "between", "null"];

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|it| &it.0)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |it| it.1.clone())
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |it| it.1.end)
    }

    /// Backticks make a name of a keyword.
    fn is_word(&self, ahead: usize, word: &str) -> bool {
        match self.tokens.get(self.at + ahead) {
            Some((Token::Name(it), span)) => !self.text[span.start..].starts_with('`') && it.eq_ignore_ascii_case(word),
            Some((Token::Sign("&&"), _)) => word == "and",
            Some((Token::Sign("||"), _)) => word == "or",
            _ => false,
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.is_word(0, word);
        self.at += usize::from(is_there);
        is_there
    }

    /// At the end of the text the bracket may still come; before it something else stands there.
    fn not_closed(&self, open: Span) -> Trouble {
        let place = if self.peek().is_none() { self.span() } else { open };
        trouble(place, "a bracket is not closed")
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEEPEST {
            return Err(trouble(self.span(), format!("nested deeper than {DEEPEST}")));
        }
        self.depth += 1;
        let found = inner(self);
        self.depth -= 1;
        found
    }

    fn or(&mut self) -> Result<Expr> {
        let mut parts = vec![self.and()?];
        while self.take_word("or") {
            parts.push(self.and()?);
        }
        Ok(joined(parts, ExprKind::Or))
    }

    fn and(&mut self) -> Result<Expr> {
        let mut parts = vec![self.not()?];
        loop {
            let ends = matches!(self.peek(), None | Some(Token::Close | Token::Comma)) || self.is_word(0, "or");
            if ends {
                break;
            }
            // Words one after the other must all occur, as in a search.
            self.take_word("and");
            parts.push(self.not()?);
        }
        Ok(joined(parts, ExprKind::And))
    }

    fn not(&mut self) -> Result<Expr> {
        let from = self.span().start;
        if self.take_word("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expr { span: from..inner.span.end, kind: ExprKind::Not(Box::new(inner)) });
        }
        if self.peek() == Some(&Token::Open) && !self.opens_a_value() {
            let open = self.span();
            self.at += 1;
            let mut inner = self.deeper(Self::or)?;
            if self.peek() != Some(&Token::Close) {
                return Err(self.not_closed(open));
            }
            self.at += 1;
            inner.span = from..self.last_end();
            return Ok(inner);
        }
        self.condition()
    }

    /// Whether the bracket here groups a calculation rather than conditions: an operator follows it.
    fn opens_a_value(&self) -> bool {
        let mut depth = 0usize;
        for (i, (token, _)) in self.tokens.iter().enumerate().skip(self.at) {
            match token {
                Token::Open => depth += 1,
                Token::Close => {
                    depth -= 1;
                    if depth == 0 {
                        let after = self.tokens.get(i + 1).map(|it| &it.0);
                        let acts = match after {
                            Some(Token::Sign(sign)) => *sign != "&&" && *sign != "||",
                            Some(Token::Name(_)) => ["like", "ilike", "in", "is", "between"]
                                .iter()
                                .any(|it| self.is_word(i + 1 - self.at, it)),
                            _ => false,
                        };
                        return acts;
                    }
                }
                Token::Sign("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "=~" | "!~") => return false,
                _ => {}
            }
        }
        false
    }

    fn condition(&mut self) -> Result<Expr> {
        let from = self.span();
        if let Some(word) = self.lone_word() {
            self.at += 1;
            return Ok(Expr { span: from, kind: ExprKind::Word(word) });
        }
        let left = self.value()?;
        let negated_at = self.at;
        let negated = self.take_word("not");
        let kind = if self.take_word("like") {
            ExprKind::Like { pattern: self.pattern(&left)?, left, any_case: false, negated }
        } else if self.take_word("ilike") {
            ExprKind::Like { pattern: self.pattern(&left)?, left, any_case: true, negated }
        } else if self.take_word("in") {
            ExprKind::In { list: self.list()?, left, negated }
        } else if self.take_word("between") {
            let low = self.value()?;
            if !self.take_word("and") {
                return Err(trouble(self.span(), "expected and, as in between 1 and 2"));
            }
            ExprKind::Between { left, low, high: self.value()?, negated }
        } else if negated {
            self.at = negated_at;
            return Err(trouble(self.span(), "expected like, ilike, in or between after not"));
        } else if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("null") {
                return Err(trouble(self.span(), "expected null or not null after is"));
            }
            ExprKind::IsNull { left, negated }
        } else {
            self.comparison(left)?
        };
        Ok(Expr { span: from.start..self.last_end(), kind })
    }

    fn comparison(&mut self, left: Value) -> Result<ExprKind> {
        let sign = match self.peek() {
            Some(Token::Sign(sign)) => *sign,
            _ => {
                let what = &self.text[left.span.clone()];
                return Err(trouble(self.span(), format!("expected a comparison after {what}, such as = or <")));
            }
        };
        let span = self.span();
        self.at += 1;
        if sign == "=~" || sign == "!~" {
            let pattern_span = self.span();
            let pattern = self.pattern(&left)?;
            if let Err(error) = super::regex(&pattern) {
                return Err(trouble(pattern_span, format!("not a regular expression: {error}")));
            }
            return Ok(ExprKind::Matches { left, pattern, negated: sign == "!~" });
        }
        let op = match sign {
            "==" => Op::Equal,
            "<>" => Op::NotEqual,
            _ => match Op::ALL.iter().find(|it| it.0 == sign) {
                Some(it) => it.1,
                None => return Err(trouble(span, format!("{sign} compares nothing"))),
            },
        };
        let right = self.value()?;
        Ok(ExprKind::Compare { left, op, right })
    }

    /// A name or quoted text that no operator follows: a search for the word.
    fn lone_word(&self) -> Option<String> {
        let word = match self.peek()? {
            Token::Name(it) if !WORDS.iter().any(|word| self.is_word(0, word)) => it.clone(),
            Token::Text(it) => it.clone(),
            Token::Number(_) | Token::Duration(_) => self.text[self.span()].to_owned(),
            _ => return None,
        };
        let ends = match self.tokens.get(self.at + 1) {
            None => true,
            Some((Token::Sign(sign), _)) => *sign == "&&" || *sign == "||",
            Some((Token::Open, span)) => {
                // `max(` is a figure, `word (` two conditions.
                span.start > self.span().end
            }
            Some((Token::Name(_), _)) => {
                let acts = ["like", "ilike", "in", "is", "between"].iter().any(|it| self.is_word(1, it));
                let negates =
                    self.is_word(1, "not") && ["like", "ilike", "in", "between"].iter().any(|it| self.is_word(2, it));
                !acts && !negates
            }
            Some(_) => true,
        };
        ends.then_some(word)
    }

    fn pattern(&mut self, left: &Value) -> Result<String> {
        match self.peek() {
            Some(Token::Text(it)) => {
                let it = it.clone();
                self.at += 1;
                Ok(it)
            }
            _ => {
                let span = self.span();
                let instead = (!span.is_empty()).then(|| format!("\"{}\"", &self.text[span.clone()]));
                let what = &self.text[left.span.clone()];
                Err(Trouble { span, message: format!("expected a text in quotes to match {what} with"), instead })
            }
        }
    }

    fn list(&mut self) -> Result<Vec<Value>> {
        if self.peek() != Some(&Token::Open) {
            return Err(trouble(self.span(), "expected a list in brackets, such as ('a', 'b')"));
        }
        let open = self.span();
        self.at += 1;
        let mut list = Vec::new();
        loop {
            list.push(self.value()?);
            match self.peek() {
                Some(Token::Comma) => self.at += 1,
                Some(Token::Close) => {
                    self.at += 1;
                    return Ok(list);
                }
                None => return Err(self.not_closed(open)),
                Some(_) => return Err(trouble(self.span(), "expected a comma or )")),
            }
        }
    }

    fn value(&mut self) -> Result<Value> {
        self.sum(false)
    }

    fn sum(&mut self, tight: bool) -> Result<Value> {
        let mut left = if tight { self.unit()? } else { self.sum(true)? };
        while let Some(Token::Sign(sign)) = self.peek() {
            let Some((_, op)) = Arithmetic::ALL.iter().find(|it| it.0 == *sign && it.1.binds_tightly() == tight) else {
                break;
            };
            self.at += 1;
            let right = if tight { self.unit()? } else { self.sum(true)? };
            let span = left.span.start..right.span.end;
            left = self.operation(span, ValueKind::Arithmetic(Box::new(left), *op, Box::new(right)))?;
        }
        Ok(left)
    }

    /// Each makes the tree deeper by one at most, and who walks it has only so much of a stack.
    fn operation(&mut self, span: Span, kind: ValueKind) -> Result<Value> {
        self.n_operations += 1;
        if self.n_operations > MOST_OPERATIONS {
            return Err(trouble(span, format!("more than {MOST_OPERATIONS} operations")));
        }
        Ok(Value { span, kind })
    }

    fn unit(&mut self) -> Result<Value> {
        let span = self.span();
        let Some(token) = self.peek().cloned() else {
            return Err(trouble(span, "expected a name or a value"));
        };
        let written = self.text[span.clone()].to_owned();
        let kind = match token {
            Token::Number(value) => ValueKind::Number(Number { value, text: written }),
            Token::Duration(value) => ValueKind::Duration(Number { value, text: written }),
            Token::Text(text) => ValueKind::Text(text),
            Token::Scoped(scope, text) => match Scope::of(&scope) {
                Some(scope) => ValueKind::Name(Name { scope: Some(scope), text }),
                None => return Err(unknown_scope(span, &scope)),
            },
            Token::Name(word) => return self.name(word, span),
            Token::Sign("-") => {
                self.at += 1;
                let inner = self.deeper(Self::unit)?;
                let span = span.start..inner.span.end;
                return self.operation(span, ValueKind::Negative(Box::new(inner)));
            }
            Token::Open => {
                self.at += 1;
                let mut inner = self.deeper(Self::value)?;
                if self.peek() != Some(&Token::Close) {
                    return Err(self.not_closed(span));
                }
                self.at += 1;
                inner.span = span.start..self.last_end();
                return Ok(inner);
            }
            Token::Sign(_) | Token::Close | Token::Comma => {
                return Err(trouble(span, format!("expected a name or a value, not {written}")));
            }
        };
        self.at += 1;
        Ok(Value { span, kind })
    }

    /// A name, bare or with its scope, or a call.
    fn name(&mut self, word: String, span: Span) -> Result<Value> {
        let is_quoted = self.text[span.start..].starts_with('`');
        if !is_quoted && WORDS.iter().any(|it| word.eq_ignore_ascii_case(it)) {
            return Err(trouble(span, format!("expected a name or a value before {word}; write `{word}` for a name")));
        }
        self.at += 1;
        let follows_at_once = matches!(self.tokens.get(self.at), Some((Token::Open, open)) if open.start == span.end);
        if !is_quoted && follows_at_once {
            return self.call(&word, span);
        }
        if is_quoted {
            return Ok(Value { span, kind: ValueKind::Name(Name { scope: None, text: word }) });
        }
        let name = match word.split_once('.') {
            Some((scope, rest)) if !rest.is_empty() => match Scope::of(scope) {
                Some(scope) => Name { scope: Some(scope), text: rest.to_owned() },
                None => Name { scope: None, text: word },
            },
            _ => Name { scope: None, text: word },
        };
        Ok(Value { span, kind: ValueKind::Name(name) })
    }

    /// A figure of a metric's series, or a function of a value. The next token opens the bracket.
    fn call(&mut self, word: &str, span: Span) -> Result<Value> {
        let open = self.span();
        self.at += 1;
        let kind = if let Some((_, figure)) = Figure::ALL.iter().find(|it| word.eq_ignore_ascii_case(it.0)) {
            let inner = self.deeper(Self::unit)?;
            let ValueKind::Name(name) = inner.kind else {
                return Err(trouble(inner.span, format!("expected the name of a metric in {word}( )")));
            };
            if !matches!(name.scope, None | Some(Scope::Metrics)) {
                return Err(trouble(inner.span, "only metrics have a series"));
            }
            if self.peek() != Some(&Token::Close) {
                return Err(trouble(self.span(), format!("expected ) after the name in {word}( )")));
            }
            ValueKind::Figure(*figure, name)
        } else if let Some((_, function)) = Function::ALL.iter().find(|it| word.eq_ignore_ascii_case(it.0)) {
            let inner = self.deeper(Self::value)?;
            if self.peek() != Some(&Token::Close) {
                return Err(self.not_closed(open));
            }
            ValueKind::Function(*function, Box::new(inner))
        } else {
            let words = |all: &[&'static str]| all.join(", ");
            let (figures, functions) = (Figure::ALL.map(|it| it.0), Function::ALL.map(|it| it.0));
            return Err(Trouble {
                instead: super::suggest::nearest(word, figures.into_iter().chain(functions)).map(str::to_owned),
                message: format!(
                    "{word} is neither a figure of a series ({}) nor a function ({})",
                    words(&figures),
                    words(&functions)
                ),
                span,
            });
        };
        self.at += 1;
        self.operation(span.start..self.last_end(), kind)
    }
}

fn unknown_scope(span: Span, scope: &str) -> Trouble {
    trouble(span, format!("{scope} is no kind of name; there are metrics, params, tags, attributes and datasets"))
}

fn joined(mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Expr {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let span = parts.first().map_or(0, |it| it.span.start)..parts.last().map_or(0, |it| it.span.end);
    Expr { span, kind: kind(parts) }
}
