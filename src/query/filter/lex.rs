//! Text to tokens. Names may hold `/ . : @ -` as tracker names do, so minus and divide need a space
//! before them.

use super::tree::{Span, Trouble};

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// Bare, or quoted with backticks.
    Name(String),
    /// A scope and a dot, then a quoted name: `metrics."a b"`.
    Scoped(String, String),
    Text(String),
    Number(f64),
    /// Milliseconds.
    Duration(f64),
    Sign(&'static str),
    Open,
    Close,
    Comma,
}

/// Longest first.
const SIGNS: [&str; 14] = ["=~", "!~", "!=", "<>", "<=", ">=", "==", "&&", "||", "<", ">", "=", "+", "*"];

pub const UNITS: [(&str, f64); 6] = [("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 3.6e6), ("d", 8.64e7), ("w", 6.048e8)];

pub fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Trouble> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, end) = token(text, at, first)?;
        found.push((token, at..end));
        at = end;
    }
    Ok(found)
}

fn token(text: &str, at: usize, first: char) -> Result<(Token, usize), Trouble> {
    let rest = &text[at..];
    match first {
        '(' => return Ok((Token::Open, at + 1)),
        ')' => return Ok((Token::Close, at + 1)),
        ',' => return Ok((Token::Comma, at + 1)),
        '"' | '\'' => return quoted(text, at, first).map(|(inner, end)| (Token::Text(inner), end)),
        '`' => return quoted(text, at, first).map(|(inner, end)| (Token::Name(inner), end)),
        '-' => return Ok((Token::Sign("-"), at + 1)),
        '/' => return Ok((Token::Sign("/"), at + 1)),
        _ => {}
    }
    if let Some(sign) = SIGNS.iter().find(|it| rest.starts_with(**it)) {
        return Ok((Token::Sign(sign), at + sign.len()));
    }
    if !is_in_name(first) {
        return Err(Trouble {
            span: at..at + first.len_utf8(),
            message: format!("{first} means nothing here"),
            instead: None,
        });
    }
    let end = at + name_length(rest);
    let word = &text[at..end];
    if let Some(scope) = word.strip_suffix('.')
        && let Some(quote @ ('"' | '`' | '\'')) = text[end..].chars().next()
    {
        return quoted(text, end, quote).map(|(inner, end)| (Token::Scoped(scope.to_owned(), inner), end));
    }
    Ok((literal(word).unwrap_or_else(|| Token::Name(word.to_owned())), end))
}

fn is_in_name(it: char) -> bool {
    it.is_alphanumeric() || matches!(it, '_' | '.' | ':' | '@' | '#' | '$' | '%' | '~' | '[' | ']' | '{' | '}' | '?')
}

/// A minus, plus or slash belongs to the name when it stands between two of its characters.
fn name_length(text: &str) -> usize {
    let mut end = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, it)) = characters.next() {
        let next_is_in_name = characters.peek().is_some_and(|it| is_in_name(it.1) || matches!(it.1, '-' | '/'));
        let joins = matches!(it, '-' | '/' | '+') && at > 0 && next_is_in_name;
        if !is_in_name(it) && !joins {
            break;
        }
        end = at + it.len_utf8();
    }
    end
}

/// A number, a duration, or a date, which is a text.
fn literal(word: &str) -> Option<Token> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "nan" => return Some(Token::Number(f64::NAN)),
        "inf" | "infinity" => return Some(Token::Number(f64::INFINITY)),
        _ => {}
    }
    if !word.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
        return None;
    }
    let plain = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    if plain(word)
        && let Ok(number) = word.parse()
    {
        return Some(Token::Number(number));
    }
    let unit = UNITS.iter().find(|it| {
        lower.strip_suffix(it.0).is_some_and(|number| number.ends_with(|it: char| it.is_ascii_digit() || it == '.'))
    });
    if let Some((unit, ms)) = unit
        && let Ok(number) = lower[..lower.len() - unit.len()].parse::<f64>()
    {
        return Some(Token::Duration(number * ms));
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4 && word[4..].starts_with('-')).then(|| Token::Text(word.to_owned()))
}

/// The inner text, where a doubled quote or one after a backslash stands for itself.
fn quoted(text: &str, at: usize, quote: char) -> Result<(String, usize), Trouble> {
    let mut inner = String::new();
    let mut characters = text[at + 1..].char_indices().peekable();
    while let Some((place, it)) = characters.next() {
        if it == quote {
            if characters.peek().is_some_and(|it| it.1 == quote) {
                characters.next();
                inner.push(quote);
                continue;
            }
            return Ok((inner, at + 1 + place + 1));
        }
        match characters.peek() {
            Some((_, next)) if it == '\\' && (*next == quote || *next == '\\') => {
                inner.push(*next);
                characters.next();
            }
            _ => inner.push(it),
        }
    }
    Err(Trouble {
        span: at..text.len(),
        message: format!("this quote is not closed: add {quote}"),
        instead: Some(format!("{}{quote}", &text[at..])),
    })
}
