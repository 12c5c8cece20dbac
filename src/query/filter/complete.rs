//! What may come next at the cursor: names, operators, values, and or or.

use serde::{Deserialize, Serialize};

use super::bind;
use super::lex::{Token, tokens};
use super::show::Quoted;
use super::tree::{Function, Name, Scope, Span};
use crate::model::table::TextColumn;
use crate::model::value::number;
use crate::model::{Field, Figure, RunTable, Status};
use crate::query::column::texts_of;

/// More than anyone reads; typing on narrows them.
const MOST: usize = 40;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completions {
    /// What a chosen one replaces.
    pub span: Span,
    pub items: Vec<Completion>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    pub insert: String,
    pub label: String,
    /// What it is: metric, param, value.
    pub kind: String,
    /// Runs that have it, where it is counted.
    pub n_runs: Option<u32>,
}

enum Expected {
    Name,
    Operator,
    Value(Option<Field>),
    Joint,
}

pub fn complete(text: &str, cursor: usize, table: &RunTable) -> Completions {
    let cursor = (0..=cursor.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    let before = &text[..cursor];
    let (tokens, typed) = split(before);
    let span = cursor - typed.len()..cursor;
    let items = match expected(&tokens, table) {
        Expected::Name => names(&typed, table),
        Expected::Operator => {
            let words =
                ["=", "!=", "<", "<=", ">", ">=", "=~", "in (", "like", "ilike", "between", "is null", "is not null"];
            plain(&typed, "operator", &words)
        }
        Expected::Value(Some(field)) => match values(&typed, &field, table) {
            // Numbers are compared with others.
            known if known.is_empty() && !typed.is_empty() => names(&typed, table),
            known => known,
        },
        Expected::Value(None) => Vec::new(),
        Expected::Joint => plain(&typed, "", &["and", "or"]),
    };
    Completions { span, items }
}

/// The whole tokens, and the text of the one still being typed.
fn split(before: &str) -> (Vec<(Token, Span)>, String) {
    match tokens(before) {
        Ok(mut all) => {
            // What the cursor touches is being typed, unless it is a sign.
            let touched = all.last().filter(|it| {
                it.1.end == before.len() && matches!(it.0, Token::Name(_) | Token::Number(_) | Token::Duration(_))
            });
            match touched.map(|it| it.1.clone()) {
                Some(span) => {
                    all.pop();
                    (all, before[span].to_owned())
                }
                None => (all, String::new()),
            }
        }
        // A quote that is not closed is a text being typed; another mistake is not for completing.
        Err(trouble) => {
            let whole = tokens(&before[..trouble.span.start]).unwrap_or_default();
            let is_typed =
                trouble.span.end == before.len() && before[trouble.span.start..].starts_with(['"', '\'', '`']);
            (whole, if is_typed { before[trouble.span].to_owned() } else { String::new() })
        }
    }
}

/// What a bracket that is open stands for.
enum Bracket {
    /// A call on this side of a comparison.
    Call {
        is_right: bool,
    },
    List,
    Group,
}

fn expected(tokens: &[(Token, Span)], table: &RunTable) -> Expected {
    let mut state = Expected::Name;
    let mut subject: Option<Field> = None;
    let mut brackets: Vec<Bracket> = Vec::new();
    // Behind the sign of a comparison.
    let mut is_right = false;
    for (at, (token, _)) in tokens.iter().enumerate() {
        let word = match token {
            Token::Name(it) => it.to_ascii_lowercase(),
            _ => String::new(),
        };
        let in_call = matches!(brackets.last(), Some(Bracket::Call { .. }));
        let in_list = matches!(brackets.last(), Some(Bracket::List));
        // Behind a value: nothing but signs and the bracket's end in a call.
        let behind = |is_right: bool| match (in_call, is_right) {
            (true, _) => Expected::Value(None),
            (false, true) => Expected::Joint,
            (false, false) => Expected::Operator,
        };
        state = match (token, &state) {
            (Token::Name(_), _)
                if ["and", "or", "not"].contains(&word.as_str()) && !matches!(state, Expected::Operator) =>
            {
                is_right = false;
                Expected::Name
            }
            (Token::Name(_), Expected::Operator) => {
                is_right = !matches!(word.as_str(), "and" | "or");
                match word.as_str() {
                    "like" | "ilike" | "between" | "in" => Expected::Value(subject.clone()),
                    "and" | "or" => Expected::Name,
                    _ => Expected::Joint,
                }
            }
            // What is called comes with the bracket.
            (Token::Name(_), _) if is_call(&tokens[at..]) => state,
            (Token::Name(it), Expected::Name) => {
                subject = field(it, table);
                behind(is_right)
            }
            (Token::Scoped(scope, it), Expected::Name) => {
                subject = field(&format!("{scope}.{it}"), table);
                behind(is_right)
            }
            (Token::Open, _) if at > 0 && is_call(&tokens[at - 1..]) => {
                brackets.push(Bracket::Call { is_right });
                Expected::Name
            }
            (Token::Open, Expected::Value(_)) => {
                brackets.push(Bracket::List);
                Expected::Value(subject.clone())
            }
            (Token::Open, Expected::Name) => {
                brackets.push(Bracket::Group);
                Expected::Name
            }
            (Token::Close, _) => match brackets.pop() {
                Some(Bracket::Call { is_right: it }) => {
                    is_right = it;
                    match (brackets.last(), is_right) {
                        (Some(Bracket::Call { .. }), _) => Expected::Value(None),
                        (_, true) => Expected::Joint,
                        (_, false) => Expected::Operator,
                    }
                }
                Some(Bracket::Group) if matches!(state, Expected::Operator) => Expected::Operator,
                _ => Expected::Joint,
            },
            (Token::Comma, _) => Expected::Value(subject.clone()),
            (Token::Sign("+" | "-" | "*" | "/"), _) => Expected::Name,
            (Token::Sign(_), _) => {
                is_right = true;
                Expected::Value(subject.clone())
            }
            (Token::Number(_), Expected::Name) => behind(is_right),
            (_, Expected::Value(_)) if in_list => Expected::Value(None),
            _ => Expected::Joint,
        };
    }
    state
}

/// A word that is called, and its bracket right behind it.
fn is_call(tokens: &[(Token, Span)]) -> bool {
    let [(Token::Name(word), span), (Token::Open, open), ..] = tokens else { return false };
    span.end == open.start && calls().any(|it| word.eq_ignore_ascii_case(it.0))
}

fn field(word: &str, table: &RunTable) -> Option<Field> {
    let name = match word.split_once('.') {
        Some((scope, rest)) if Scope::of(scope).is_some() => Name { scope: Scope::of(scope), text: rest.to_owned() },
        _ => Name { scope: None, text: word.to_owned() },
    };
    match bind::source(&name, &(0..0), table, &mut Vec::new()) {
        Ok(bind::Source::Field(field)) => Some(field),
        _ => None,
    }
}

/// What a bracket may follow on, and what kind of call it is.
fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    let figures = Figure::ALL.into_iter().map(|it| (it.0, "of a series"));
    figures.chain(Function::ALL.into_iter().map(|it| (it.0, "function")))
}

/// How well what was typed fits: at the start, after a `/`, somewhere.
fn rank(typed: &str, label: &str) -> Option<u8> {
    let (typed, label) = (typed.to_lowercase(), label.to_lowercase());
    let at = label.find(&typed)?;
    Some(match at {
        0 => 0,
        _ if matches!(label.as_bytes()[at - 1], b'/' | b'.' | b'_' | b' ') => 1,
        _ => 2,
    })
}

fn names(typed: &str, table: &RunTable) -> Vec<Completion> {
    let (scope, rest) = match typed.split_once('.') {
        Some((scope, rest)) if Scope::of(scope).is_some() => (Scope::of(scope), rest),
        _ => (None, typed),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let metrics = table.metrics.iter().map(|it| (Scope::Metrics, it.0, count(it.1.rows.len())));
    let params = table.params.iter().map(|it| (Scope::Params, it.0, count(it.1.rows.len())));
    let tags = table.tags.iter().map(|it| (Scope::Tags, it.0, count(it.1.rows.len())));
    let mut found: Vec<(u8, Completion)> = metrics
        .chain(params)
        .chain(tags)
        .filter(|it| it.2 > 0 && scope.is_none_or(|scope| scope == it.0))
        .filter_map(|(of, name, n_runs)| {
            // The tracker's own tags come last.
            let rank = rank(rest, name)? + if of == Scope::Tags { 3 } else { 0 };
            let is_one =
                [table.metrics.contains_key(name), table.params.contains_key(name), table.tags.contains_key(name)];
            let needs_scope = scope.is_some() || is_one.iter().filter(|it| **it).count() > 1 || of == Scope::Tags;
            let insert = Name { scope: needs_scope.then_some(of), text: name.clone() }.to_string();
            let kind = of.word().trim_end_matches('s').to_owned();
            Some((rank, Completion { insert, label: name.clone(), kind, n_runs: Some(n_runs) }))
        })
        .collect();
    if scope.is_none_or(|it| it == Scope::Attributes) {
        found.extend(bind::attributes().filter_map(|name| {
            let item = Completion { insert: name.into(), label: name.into(), kind: "attribute".into(), n_runs: None };
            Some((rank(rest, name)?, item))
        }));
    }
    crate::model::order::sort_by_key(&mut found, |it| (it.0, std::cmp::Reverse(it.1.n_runs.unwrap_or(0))));
    let is_called = |it: &(&str, &str)| scope.is_none() && !typed.is_empty() && it.0.starts_with(&typed.to_lowercase());
    let called: Vec<Completion> = calls()
        .filter(is_called)
        .map(|(word, kind)| {
            let (insert, label) = (format!("{word}("), format!("{word}( )"));
            Completion { insert, label, kind: kind.into(), n_runs: None }
        })
        .collect();
    // However many names begin the same, what is called is among the first.
    let n_like = found.iter().take_while(|it| it.0 == 0).take(MOST - called.len()).count();
    let mut all: Vec<Completion> = found.into_iter().map(|it| it.1).take(MOST - called.len()).collect();
    all.splice(n_like..n_like, called);
    all
}

fn values(typed: &str, field: &Field, table: &RunTable) -> Vec<Completion> {
    let inner = typed.trim_start_matches(['"', '\'']);
    let item = |insert: String, label: String, n_runs| Completion { insert, label, kind: "value".into(), n_runs };
    if let Field::Status = field {
        let all = [Status::Finished, Status::Running, Status::Failed, Status::Killed, Status::Scheduled];
        return all
            .iter()
            .filter(|it| rank(inner, it.word()).is_some())
            .map(|it| item(format!("\"{}\"", it.word()), it.word().into(), None))
            .collect();
    }
    if let Field::Started | Field::Ended = field {
        return plain(typed, "value", &["-1h", "-1d", "-7d", "-30d"]);
    }
    let Some(column) = texts_of(table, field) else { return Vec::new() };
    let mut counts = counts(column);
    counts.retain(|it| it.0.len() <= 200 && rank(inner, it.0).is_some());
    crate::model::order::sort_by_key(&mut counts, |it| (rank(inner, it.0), std::cmp::Reverse(it.1)));
    counts
        .into_iter()
        .take(MOST)
        .map(|(text, n)| {
            let insert = if number(text).is_some() { text.to_owned() } else { Quoted(text).to_string() };
            item(insert, text.to_owned(), Some(n))
        })
        .collect()
}

/// Different texts and how many rows have each.
pub fn counts(column: &TextColumn) -> Vec<(&str, u32)> {
    let mut counts = vec![0u32; column.texts().len()];
    column.each(|_, code| counts[code as usize] += 1);
    column.texts().iter().zip(counts).filter(|it| it.1 > 0).collect()
}

fn plain(typed: &str, kind: &str, words: &[&str]) -> Vec<Completion> {
    words
        .iter()
        .filter(|it| it.starts_with(&typed.to_lowercase()))
        .map(|it| Completion { insert: (*it).into(), label: (*it).into(), kind: kind.into(), n_runs: None })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::complete;
    use crate::model::{MetricValue, Run, RunTable};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut table = RunTable::default();
        for (id, opt) in [("a", "adam"), ("b", "adam"), ("c", "sgd w")] {
            let mut run = Run::empty(id.into());
            run.params =
                vec![("optimizer".into(), opt.into()), ("lr".into(), "0.1".into()), ("both".into(), "1".into())];
            let value = MetricValue { value: 1.0, step: 0.0, time: 0.0 };
            run.metrics = vec![("val/loss".into(), value), ("both".into(), value)];
            table.upsert(&run);
        }
        let found = complete(text, text.len(), &table);
        let inserts: Vec<&str> = found.items.iter().take(4).map(|it| it.insert.as_str()).collect();
        assert_eq!(format!("{}|{}", &text[found.span], inserts.join(" ")), expected, "{text}");
    }

    #[test]
    fn offers_what_can_come_next() {
        check("op", "op|optimizer");
        check("los", "los|val/loss");
        check("(opt", "opt|optimizer");
        check("lr < 1 and bo", "bo|metrics.both params.both");
        check("params.l", "params.l|params.lr");
        check("optimizer ", "|= != < <=");
        check("optimizer = ", "|\"adam\" \"sgd w\"");
        check("optimizer = 's", "'s|\"sgd w\"");
        check("optimizer in ('adam', ", "|\"adam\" \"sgd w\"");
        check("optimizer = \"adam\" ", "|and or");
        check("optimizer = \"adam\" o", "o|or");
        check("max(val", "val|val/loss");
        check("max(val/loss) ", "|= != < <=");
        check("status = ", "|\"finished\" \"running\" \"failed\" \"killed\"");
        check("not opt", "opt|optimizer");
        check("start_time > ", "|-1h -1d -7d -30d");
    }

    #[test]
    fn calls_are_of_names_on_either_side() {
        check("ex", "ex|exp(");
        check("log(val/loss ", "|");
        check("abs(val/loss - 2) ", "|= != < <=");
        check("abs(log(val/loss) - 2) ", "|= != < <=");
        check("val/loss < ex", "ex|exp(");
        check("val/loss < exp(val", "val|val/loss");
        check("val/loss < exp(val/loss) ", "|and or");
        check("lr - 1 ", "|= != < <=");
    }
}
