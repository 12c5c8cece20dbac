//! Comma-separated values after RFC 4180, as pandas reads them.

use std::borrow::Cow;

use super::value::number;

pub fn line<'a>(out: &mut String, fields: impl Iterator<Item = Cow<'a, str>>) {
    for (i, it) in fields.enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        out.push_str(&it);
    }
    out.push_str("\r\n");
}

/// Spreadsheets run a text that begins like a formula, and names and params come from whoever logged
/// them: an apostrophe before it makes it text there. Numbers such as `-0.5` stay as they are.
pub fn text(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && number(text).is_none();
    let guard = if is_formula { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\"")).into();
    }
    if is_formula { format!("{guard}{text}").into() } else { text.into() }
}
