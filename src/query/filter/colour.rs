//! The parts of a filter's text by what they are, for the field that shows it.

use super::lex::{Token, tokens};
use super::tree::Span;

const WORDS: [&str; 9] = ["and", "or", "not", "like", "ilike", "in", "is", "between", "null"];

/// `name`, `word`, `number` or `text` for stretches of the text; what cannot be read has none.
pub fn colours(text: &str) -> Vec<(&'static str, Span)> {
    let (whole, rest) = match tokens(text) {
        Ok(all) => (all, None),
        Err(trouble) => {
            let rest = text[trouble.span.clone()].starts_with(['"', '\'']).then(|| trouble.span.clone());
            (tokens(&text[..trouble.span.start]).unwrap_or_default(), rest)
        }
    };
    let class = |token: &Token, span: &Span| match token {
        Token::Name(_) if WORDS.iter().any(|it| text[span.clone()].eq_ignore_ascii_case(it)) => "word",
        Token::Name(_) | Token::Scoped(..) => "name",
        Token::Number(_) | Token::Duration(_) => "number",
        Token::Text(_) => "text",
        Token::Sign(_) => "word",
        Token::Open | Token::Close | Token::Comma => "",
    };
    let mut all: Vec<(&'static str, Span)> =
        whole.iter().map(|(token, span)| (class(token, span), span.clone())).collect();
    all.extend(rest.map(|span| ("text", span)));
    all
}
