//! Markdown from others, straight from the parser's events to elements, so that no HTML string
//! exists. Raw HTML in it is shown as the text it is. Pictures are links until clicked.

use leptos::prelude::*;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use crate::components::react::effect;

/// Longer notes are cut; nobody reads them here.
const LIMIT: usize = 200_000;
/// Deeper nesting is flattened into its parent.
const DEPTH: usize = 40;

#[component]
pub fn Markdown(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let node: NodeRef<leptos::html::Div> = NodeRef::new();
    effect(move || {
        if let Some(node) = node.get() {
            let node: &HtmlElement = &node;
            node.set_text_content(None);
            let text = text.get();
            let end = text.char_indices().nth(LIMIT).map_or(text.len(), |it| it.0);
            render(node, &text[..end]);
        }
    });
    view! { <div class="markdown" node_ref=node dir="auto"></div> }
}

fn render(root: &HtmlElement, text: &str) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut open: Vec<Node> = vec![root.clone().unchecked_into()];
    let mut skipped = 0usize;
    let mut in_head = false;
    for event in Parser::new_ext(text, options) {
        let Some(at) = open.last().cloned() else { return };
        match event {
            Event::Start(tag) => {
                if open.len() > DEPTH {
                    skipped += 1;
                    continue;
                }
                if matches!(tag, Tag::TableHead) {
                    in_head = true;
                }
                if let Some(element) = start(&tag, in_head) {
                    let _ = at.append_child(&element);
                    open.push(element.unchecked_into());
                } else {
                    open.push(at);
                }
            }
            Event::End(end) => {
                if skipped > 0 {
                    skipped -= 1;
                    continue;
                }
                if matches!(end, TagEnd::TableHead) {
                    in_head = false;
                }
                open.pop();
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => append_text(&at, &text),
            Event::Code(text) => {
                if let Some(code) = element("code") {
                    code.set_text_content(Some(&text));
                    let _ = at.append_child(&code);
                }
            }
            Event::SoftBreak => append_text(&at, "\n"),
            Event::HardBreak => {
                if let Some(it) = element("br") {
                    let _ = at.append_child(&it);
                }
            }
            Event::Rule => {
                if let Some(it) = element("hr") {
                    let _ = at.append_child(&it);
                }
            }
            Event::TaskListMarker(done) => append_text(&at, if done { "☑ " } else { "☐ " }),
            _ => {}
        }
    }
}

fn element(name: &str) -> Option<Element> {
    document().create_element(name).ok()
}

fn append_text(at: &Node, text: &str) {
    let node = document().create_text_node(text);
    let _ = at.append_child(&node);
}

fn start(tag: &Tag, in_head: bool) -> Option<Element> {
    let name = match tag {
        Tag::Paragraph => "p",
        Tag::Heading { level, .. } => match *level as u8 {
            1 | 2 => "h2",
            _ => "h3",
        },
        Tag::BlockQuote(_) => "blockquote",
        Tag::CodeBlock(_) => "pre",
        Tag::List(Some(_)) => "ol",
        Tag::List(None) => "ul",
        Tag::Item => "li",
        Tag::Emphasis => "em",
        Tag::Strong => "strong",
        Tag::Strikethrough => "s",
        Tag::Table(_) => "table",
        Tag::TableHead | Tag::TableRow => "tr",
        Tag::TableCell => {
            if in_head {
                "th"
            } else {
                "td"
            }
        }
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
            return link(dest_url, matches!(tag, Tag::Image { .. }));
        }
        _ => return None,
    };
    let made = element(name)?;
    if let Tag::CodeBlock(CodeBlockKind::Fenced(language)) = tag {
        let _ = made.set_attribute("data-language", language);
    }
    if let Tag::Table(alignments) = tag
        && alignments.contains(&Alignment::Right)
    {
        let _ = made.set_attribute("class", "num");
    }
    Some(made)
}

/// Only web addresses become links; anything else is shown as text.
fn link(address: &str, is_image: bool) -> Option<Element> {
    let lower = address.trim().to_ascii_lowercase();
    if !["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it)) {
        return element("span");
    }
    let made = element("a")?;
    let _ = made.set_attribute("href", address);
    let _ = made.set_attribute("target", "_blank");
    let _ = made.set_attribute("rel", "noopener noreferrer");
    let _ = made.set_attribute("title", address);
    if is_image {
        append_text(made.unchecked_ref(), "Picture: ");
    }
    Some(made)
}
