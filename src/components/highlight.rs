//! Code in the few colours that help reading it: words of the language, texts, numbers, remarks. One scanner
//! for the languages people paste beside experiments; it knows how they look, not what they mean.

/// Of Python, Rust, JavaScript, C, SQL and shells: a word too many does no harm.
const WORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "case", "class", "const", "continue", "def", "del", "do", "done",
    "elif", "else", "enum", "except", "export", "false", "False", "fi", "finally", "fn", "for", "from", "function",
    "global", "if", "impl", "import", "in", "is", "lambda", "let", "loop", "match", "mod", "mut", "None", "nonlocal",
    "not", "null", "or", "pass", "pub", "raise", "return", "select", "SELECT", "self", "static", "struct", "switch",
    "then", "this", "throw", "trait", "true", "True", "try", "type", "use", "var", "where", "WHERE", "while", "with",
    "yield", "FROM", "GROUP", "ORDER", "BY", "JOIN", "AND", "OR",
];

/// Pieces that make up the text, each with its class; "" for what has none.
pub fn highlight<'a>(language: &str, text: &'a str) -> Vec<(&'static str, &'a str)> {
    let language = language.to_ascii_lowercase();
    if language.is_empty() || ["text", "txt", "plain", "diff", "output"].contains(&language.as_str()) {
        return vec![("", text)];
    }
    let has_slashes = ["rust", "rs", "js", "javascript", "ts", "typescript", "c", "cpp", "java", "go", "css"];
    let remark = if has_slashes.contains(&language.as_str()) {
        "//"
    } else if language == "sql" {
        "--"
    } else {
        "#"
    };
    let has_words = !["json", "yaml", "yml", "toml", "ini"].contains(&language.as_str());
    let mut out: Vec<(&'static str, &str)> = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let (class, len) = piece(rest, remark, has_words);
        if !class.is_empty() {
            if plain < at {
                out.push(("", &text[plain..at]));
            }
            out.push((class, &text[at..at + len]));
            plain = at + len;
        }
        at += len;
    }
    if plain < text.len() {
        out.push(("", &text[plain..]));
    }
    out
}

/// What a text begins with, and how long that is.
fn piece(rest: &str, remark: &str, has_words: bool) -> (&'static str, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with(remark) {
        return ("hl-remark", rest.find('\n').unwrap_or(rest.len()));
    }
    for triple in ["\"\"\"", "'''"] {
        if rest.starts_with(triple) {
            return ("hl-text", rest[3..].find(triple).map_or(rest.len(), |it| it + 6));
        }
    }
    if first == '"' || first == '\'' {
        return ("hl-text", text_end(rest, first));
    }
    if first.is_ascii_digit() {
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '.' || it == '_';
        return ("hl-number", rest.find(|it| !is_part(it)).unwrap_or(rest.len()));
    }
    if first.is_alphanumeric() || first == '_' {
        let len = rest.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(rest.len());
        let is_word = has_words && WORDS.contains(&&rest[..len]);
        return (if is_word { "hl-word" } else { "" }, len);
    }
    ("", first.len_utf8())
}

/// One that does not end on its line, or soon, is none: an apostrophe.
fn text_end(rest: &str, quote: char) -> usize {
    const SOON: usize = 500;
    let mut is_escaped = false;
    for (at, it) in rest.char_indices().skip(1).take(SOON) {
        match it {
            '\n' => break,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            it if it == quote => return at + 1,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_text() {
        let text = "def f(x):  # it's\n    return \"a\\\"b\" + 1.5e3 + 'ü'\n";
        let all = highlight("python", text);
        assert_eq!(all.iter().map(|it| it.1).collect::<String>(), text);
        let of = |class: &str| all.iter().filter(|it| it.0 == class).map(|it| it.1).collect::<Vec<_>>();
        assert_eq!(of("hl-word"), ["def", "return"]);
        assert_eq!(of("hl-text"), ["\"a\\\"b\"", "'ü'"]);
        assert_eq!(of("hl-number"), ["1.5e3"]);
        assert_eq!(of("hl-remark"), ["# it's"]);
    }

    #[test]
    fn any_text_comes_through_whole() {
        for text in ["", "\"", "'''", "\"\"\"ü", "it's\n'x", "\\", "0x", "日本'語"] {
            for language in ["python", "json", "rust", "", "?"] {
                assert_eq!(highlight(language, text).iter().map(|it| it.1).collect::<String>(), text);
            }
        }
    }
}
