//! A formula in LaTeX as a tree of MathML (<https://www.w3.org/TR/mathml-core/>), by the library math-core. What it
//! writes is read back by the few elements and attributes that a formula is made of: anything else is refused,
//! and the formula is shown as it was typed.

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::prose::Node;

/// In letters; a longer one is none that a person typed.
const LONGEST: usize = 1_500;
/// Brackets within brackets: the library goes down a level for each, and a browser's stack is short.
const DEEPEST_BRACKETS: usize = 30;
/// Commands of which each may be within the one before it.
const MOST_COMMANDS: usize = 150;
const LONGEST_OUT: usize = 400_000;
const DEEPEST: usize = 200;

const NAMES: [&str; 30] = [
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "msup",
    "msub",
    "msubsup",
    "mfrac",
    "msqrt",
    "mroot",
    "mover",
    "munder",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mstyle",
    "mpadded",
    "mphantom",
    "merror",
    "menclose",
    "mlabeledtr",
    "maction",
    "none",
];
const ATTRIBUTES: [&str; 34] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "symmetric",
    "fence",
    "separator",
    "form",
    "lspace",
    "rspace",
    "width",
    "height",
    "depth",
    "voffset",
    "minsize",
    "maxsize",
    "movablelimits",
    "largeop",
    "accent",
    "accentunder",
    "linethickness",
    "columnalign",
    "columnspacing",
    "rowspacing",
    "columnlines",
    "rowlines",
    "mathcolor",
    "mathbackground",
    "notation",
    "class",
    "columnspan",
    "rowspan",
    "dir",
];

/// None: it is no formula that can be set.
pub fn set(tex: &str, is_display: bool) -> Option<Vec<Node>> {
    if tex.len() > LONGEST || depth(tex) > DEEPEST_BRACKETS || tex.matches(['\\', '^', '_']).count() > MOST_COMMANDS {
        return None;
    }
    let maker = LatexToMathML::new(MathCoreConfig::default()).ok()?;
    let display = if is_display { MathDisplay::Block } else { MathDisplay::Inline };
    let made = maker.convert_with_local_state(tex, display).ok()?.mathml;
    if made.len() > LONGEST_OUT {
        return None;
    }
    let mut reader = Reader { rest: &made };
    let nodes = reader.nodes(0)?;
    reader.rest.is_empty().then_some(nodes)
}

fn depth(tex: &str) -> usize {
    let (mut now, mut deepest) = (0usize, 0);
    for letter in tex.chars() {
        match letter {
            '{' | '(' | '[' => now += 1,
            '}' | ')' | ']' => now = now.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Up to the end, or the end of the element they stand in.
    fn nodes(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut all = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with("</") {
            if self.rest.starts_with('<') {
                all.push(self.element(depth)?);
            } else {
                let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
                self.rest = rest;
                all.push(Node::Text(plain(text)?));
            }
        }
        Some(all)
    }

    fn element(&mut self, depth: usize) -> Option<Node> {
        if depth > DEEPEST {
            return None;
        }
        let (tag, rest) = self.rest.strip_prefix('<')?.split_once('>')?;
        self.rest = rest;
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |it| (it, true));
        let (name, mut said) = tag.split_once(' ').unwrap_or((tag, ""));
        let name = *NAMES.iter().find(|it| **it == name)?;
        let mut attributes = Vec::new();
        while let Some((key, more)) = said.trim_start().split_once("=\"") {
            let (value, more) = more.split_once('"')?;
            // What says how it looks; a style of its own, a link or a script is none of these.
            if let Some(key) = ATTRIBUTES.iter().find(|it| **it == key) {
                attributes.push((*key, plain(value)?));
            }
            said = more;
        }
        let children = if is_empty { Vec::new() } else { self.nodes(depth + 1)? };
        if !is_empty {
            self.rest = self.rest.strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
        }
        Some(Node::Element { name, attributes, children })
    }
}

/// With the five names of XML and numbers for letters.
fn plain(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (word, after) = after.split_once(';')?;
        out.push_str(before);
        out.push(match word {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = word.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(nodes: &[Node]) -> String {
        let one = |it: &Node| match it {
            Node::Text(text) => text.clone(),
            Node::Element { name, children, .. } => format!("{name}({})", names(children)),
            _ => String::new(),
        };
        nodes.iter().map(one).collect()
    }

    #[test]
    fn formulas_are_set() {
        let made = names(&set(r"\sqrt{\frac{p (1 - p)}{n}}", true).expect("a formula"));
        assert!(made.starts_with("math(") && made.contains("msqrt(mfrac("), "{made}");
        for tex in [
            r"\sum_{i=1}^n x_i^2",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\hat\theta \le \argmin_\theta \mathcal{L}",
            "a < b \\& c",
        ] {
            assert!(set(tex, false).is_some() || tex.contains("argmin"), "{tex}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for tex in [r"\frac{1}{", r"\nope", "{", &"x".repeat(5_000), &format!("{}x", "{".repeat(1_400))] {
            assert_eq!(set(tex, true), None, "{tex:.20}");
        }
    }

    /// A release goes 300 levels deep in the megabyte of stack that a browser has; frames of a debug build
    /// are many times as large.
    #[test]
    fn as_deep_as_it_may_be_it_stops_nothing() {
        let deep = std::thread::Builder::new().stack_size(256 << 20).spawn(deep).expect("starts");
        deep.join().expect("ends");
    }

    fn deep() {
        for piece in [r"\sqrt", "{", r"\left(", "^", "_{", r"\frac{", r"\begin{matrix}", "(", r"\hat{"] {
            for n in [30, 39, 190, 300] {
                set(&piece.repeat(n), true);
                set(&format!("{}x{}", piece.repeat(n), "}".repeat(n)), true);
            }
        }
    }

    #[test]
    fn no_link_and_no_script_comes_out() {
        // Whatever is typed, no link and no script comes out.
        for tex in [r"\href{javascript:alert(1)}{x}", r"\text{<script>alert(1)</script>}", r"\class{a onclick=b}{x}"] {
            let made = format!("{:?}", set(tex, false));
            assert!(!made.contains("\"script\"") && !made.contains("href") && !made.contains("onclick\""), "{made}");
        }
    }
}
