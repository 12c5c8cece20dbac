//! Key names as `Page::press` takes them, turned into what DevTools wants.

use serde_json::{Value, json};

/// Bits of DevTools' `modifiers`.
pub fn modifier(name: &str) -> Option<u8> {
    Some(match name {
        "Alt" => 1,
        "Control" | "Ctrl" => 2,
        "Meta" => 4,
        "Shift" => 8,
        _ => return None,
    })
}

/// The events of one key press, such as "a", "Enter" or "Control+Shift+K".
pub fn events(chord: &str) -> Vec<Value> {
    let split = chord.char_indices().rev().skip(1).find(|(_, c)| *c == '+').map(|(at, _)| at);
    let (held, key) = split.map_or(("", chord), |at| (&chord[..at], &chord[at + 1..]));
    let bits = held
        .split('+')
        .filter(|name| !name.is_empty())
        .map(|name| modifier(name).unwrap_or_else(|| panic!("no modifier {name:?} in {chord:?}")))
        .fold(0, |bits, bit| bits | bit);
    let (key, code, number, text) = describe(key);
    let text = if bits & !8 == 0 { text } else { String::new() };
    let base = json!({ "modifiers": bits, "key": key, "code": code, "windowsVirtualKeyCode": number });
    let mut down = base.clone();
    down["type"] = json!(if text.is_empty() { "rawKeyDown" } else { "keyDown" });
    if !text.is_empty() {
        down["text"] = json!(text);
    }
    let mut up = base;
    up["type"] = json!("keyUp");
    vec![down, up]
}

/// (key, code, Windows key number, text it types)
fn describe(key: &str) -> (String, String, u32, String) {
    let named = |code: &str, number: u32, text: &str| (key.to_owned(), code.to_owned(), number, text.to_owned());
    match key {
        "Enter" => return named("Enter", 13, "\r"),
        "Tab" => return named("Tab", 9, ""),
        "Escape" => return named("Escape", 27, ""),
        "Backspace" => return named("Backspace", 8, ""),
        "Delete" => return named("Delete", 46, ""),
        "Insert" => return named("Insert", 45, ""),
        "PageUp" => return named("PageUp", 33, ""),
        "PageDown" => return named("PageDown", 34, ""),
        "End" => return named("End", 35, ""),
        "Home" => return named("Home", 36, ""),
        "ArrowLeft" => return named("ArrowLeft", 37, ""),
        "ArrowUp" => return named("ArrowUp", 38, ""),
        "ArrowRight" => return named("ArrowRight", 39, ""),
        "ArrowDown" => return named("ArrowDown", 40, ""),
        "Space" | " " => return (" ".to_owned(), "Space".to_owned(), 32, " ".to_owned()),
        _ => {}
    }
    if let Some(n) = key.strip_prefix('F').and_then(|n| n.parse::<u32>().ok()).filter(|n| (1..=12).contains(n)) {
        return named(key, 111 + n, "");
    }
    let mut chars = key.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { panic!("no key {key:?}") };
    let upper = c.to_ascii_uppercase();
    match c {
        'a'..='z' | 'A'..='Z' => named(&format!("Key{upper}"), u32::from(upper), key),
        '0'..='9' => named(&format!("Digit{c}"), u32::from(c), key),
        _ => {
            let (code, number) = match c {
                '/' | '?' => ("Slash", 191),
                ',' | '<' => ("Comma", 188),
                '.' | '>' => ("Period", 190),
                '-' | '_' => ("Minus", 189),
                '=' | '+' => ("Equal", 187),
                '[' | '{' => ("BracketLeft", 219),
                ']' | '}' => ("BracketRight", 221),
                _ => ("", 0),
            };
            named(code, number, key)
        }
    }
}
