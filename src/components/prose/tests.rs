//! Markdown as people write it, as attackers do, and as the official examples have it.

use super::*;

/// As HTML, to be held against what others say it is.
fn html(nodes: &[Node]) -> String {
    let escaped = |it: &str| it.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let one = |node: &Node| match node {
        Node::Text(text) => escaped(text),
        Node::Block { word, body } => {
            let class = if word.is_empty() { String::new() } else { format!(" class=\"language-{}\"", escaped(word)) };
            format!("<pre><code{class}>{}</code></pre>", escaped(body))
        }
        Node::Picture { address, words } => format!("<img src=\"{}\" alt=\"{}\">", escaped(address), escaped(words)),
        Node::Math { tex, .. } => format!("<math>{}</math>", escaped(tex)),
        Node::Element { name, attributes, children } => {
            let attributes: String = attributes
                .iter()
                .filter(|it| !["id", "title", "target", "rel"].contains(&it.0))
                .map(|it| format!(" {}=\"{}\"", it.0, escaped(&it.1)))
                .collect();
            format!("<{name}{attributes}>{}</{name}>", html(children))
        }
    };
    nodes.iter().map(one).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(html(&tree(text, Some("#/s/a/p/b/w"))), expected, "{text}");
}

#[test]
fn what_people_write() {
    check("# A *b* `c`\n\ntext", "<h1>A <em>b</em> <code>c</code></h1><p>text</p>");
    check("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    check(
        "- [x] done\n- [ ] open",
        "<ul><li><input type=\"checkbox\" disabled=\"\" checked=\"\"></input>done</li>\
         <li><input type=\"checkbox\" disabled=\"\"></input>open</li></ul>",
    );
    check(
        "| a | b |\n|---|--:|\n| 1 | 2 |",
        "<table><tr><th>a</th><th class=\"right\">b</th></tr><tr><td>1</td><td class=\"right\">2</td></tr></table>",
    );
    check("a[^x] b\n\n[^x]: note", "<p>a<sup>[1]</sup> b</p><div class=\"footnote\"><sup>[1]</sup><p>note</p></div>");
    check("~~a~~ $x^2$", "<p><s>a</s> <math>x^2</math></p>");
    check("```python x\nlet a\n```", "<pre><code class=\"language-python\">let a\n</code></pre>");
    check(
        "[q1](plans/q1) [w](https://w.org)",
        "<p><a href=\"#/s/a/p/b/w/plans/q1\">q1</a> <a href=\"https://w.org\">w</a></p>",
    );
}

#[test]
fn nothing_hostile_becomes_more_than_text() {
    check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    check("a <img src=x onerror=alert(1)> b", "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>");
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "  javascript:x",
        "data:text/html;base64,x",
        "vbscript:x",
        "//evil.org",
        "\\\\evil",
        "?open=x",
        "file:///etc/passwd",
    ] {
        let shown = html(&tree(&format!("[a](<{address}>)"), Some("#/w")));
        assert!(!shown.contains("<a"), "{address}: {shown}");
    }
    for address in ["data:image/svg+xml;base64,PHN2Zz4=", "javascript:x", "data:text/html,x"] {
        let shown = html(&tree(&format!("![a](<{address}>)"), None));
        assert!(!shown.contains("<img"), "{address}: {shown}");
    }
    check("![a](data:image/png;base64,AAAA)", "<p><img src=\"data:image/png;base64,AAAA\" alt=\"a\"></p>");
}

#[test]
fn what_explodes_is_cut() {
    let deep = "> ".repeat(5_000) + "x";
    assert!(html(&tree(&deep, None)).len() < 100_000);
    let wide = format!("|{}\n|{}\n", "a|".repeat(3_000), "-|".repeat(3_000)) + &"|x".repeat(60_000);
    assert!(html(&tree(&wide, None)).contains("too much to be shown") || html(&tree(&wide, None)).len() < 4_000_000);
    tree(&"*a **b ".repeat(20_000), None);
    tree(&"[".repeat(100_000), None);
    for piece in ["[a](", "[[a]", "[a][b", "$x$ ", "'\\", "**a ", "<a "] {
        tree(&piece.repeat(66_000 / piece.len()), None);
        code("python", &piece.repeat(190_000 / piece.len()));
        code("python", &piece.repeat(19_000 / piece.len()));
    }
}

#[test]
fn headings_have_names_of_their_own() {
    let all = headings(&tree("# A\n\n## b c\n\n> ## b c\n\n### *d*", None));
    let said: Vec<(u8, &str, &str)> = all.iter().map(|it| (it.level, it.id.as_str(), it.text.as_str())).collect();
    assert_eq!(said, [(1, "h-a", "A"), (2, "h-b-c", "b c"), (2, "h-b-c-2", "b c"), (3, "h-d", "d")]);
}

/// Tags without what stands in them, and texts without the space around them. Links and pictures are left
/// out: where they may lead is another question.
fn bare(html: &str) -> String {
    let mut out = String::new();
    for (text, tag) in pieces(html) {
        out.push_str(text);
        let name = tag.split([' ', '/']).find(|it| !it.is_empty()).unwrap_or_default();
        let is_end = tag.starts_with('/');
        match name {
            "a" | "" => {}
            // Its words stand for it.
            "img" => out.push_str(tag.split("alt=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default()),
            "br" | "hr" | "input" if is_end => {}
            name => out.push_str(&format!("<{}{name}>", if is_end { "/" } else { "" })),
        }
    }
    pieces(&out).into_iter().map(|(text, tag)| format!("{}<{tag}>", text.trim_matches([' ', '\n']))).collect()
}

/// Each text and the tag behind it.
fn pieces(html: &str) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        all.push((text, tag));
        rest = after;
    }
    all.push((rest, ""));
    all
}

/// The official examples. Raw HTML is shown as text here, for safety, so examples that hold any are not among those
/// that must agree.
#[test]
fn the_examples_of_commonmark_come_out_as_they_should() {
    #[derive(serde::Deserialize)]
    struct Examples {
        examples: Vec<(String, String, String)>,
    }
    let text = include_str!("../../../tests/recordings/commonmark.json");
    let all: Examples = serde_json::from_str(text).expect("JSON");
    let mut wrong = Vec::new();
    let mut n = 0;
    for (section, markdown, expected) in &all.examples {
        if html_in(markdown) {
            continue;
        }
        n += 1;
        let made = html(&tree(markdown, None));
        if bare(&made) != bare(expected) {
            wrong.push((section, markdown, bare(&made), bare(expected)));
        }
    }
    assert!(n > 570, "{n}");
    // Of a picture that may not be loaded the words stand there, in their own form.
    let n_wrong = wrong.len();
    wrong.retain(|it| it.0 != "Images" || !it.1.starts_with("!["));
    assert_eq!(n_wrong - wrong.len(), 5, "pictures whose words have a form");
    assert!(wrong.is_empty(), "{} of {n}: {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

fn html_in(markdown: &str) -> bool {
    pulldown_cmark::Parser::new(markdown)
        .any(|it| matches!(it, pulldown_cmark::Event::Html(_) | pulldown_cmark::Event::InlineHtml(_)))
}
