//! How texts are matched: within bounds, whatever the pattern.

/// Of a text of megabytes the rest is not matched.
pub fn beginning(text: &str) -> &str {
    const MOST: usize = 64 * 1024;
    let end = (0..=MOST.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    &text[..end]
}

/// SQL's LIKE, without backtracking more than one `%` back: at most pattern × text steps.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '%' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '_' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            (p, t) = (at + 1, from + 1);
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|it| *it == '%')
}
