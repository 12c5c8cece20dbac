//! Markdown (CommonMark and GitHub's tables, task lists, strikethrough, footnotes, maths) as a tree of the few
//! elements it may be: what is written to the page is made of these and of text, so no HTML string exists.
//! Raw HTML in it is shown as the text it is. Addresses are looked at here.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::highlight::highlight;
use crate::model::link::HERE;

/// Longer texts are cut, and say so. What a page may have is all there.
const LIMIT: usize = crate::model::page::LONGEST;
/// Brackets and formulas beyond this are no text: the parser's work grows with their square.
const MOST_BRACKETS: usize = 4_000;
const MOST_FORMULAS: usize = 600;
/// Code beyond this stands in one colour.
const MOST_CODE: usize = 20_000;
/// Deeper nesting is flattened into its parent.
const DEPTH: usize = 40;
/// More of it would hold up the page: tables and lists that explode.
const MOST_NODES: usize = 40_000;
const REST: &str = "… the rest is too much to be shown";

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    Element {
        name: &'static str,
        attributes: Vec<(&'static str, String)>,
        children: Vec<Node>,
    },
    /// A fenced block whose first word may be a widget's: the word, and its lines.
    Block {
        word: String,
        body: String,
    },
    /// Loaded when somebody wants it; one that stands in the text itself, or is a file of the same tracker, is
    /// shown at once.
    Picture {
        address: String,
        words: String,
    },
    Math {
        tex: String,
        is_display: bool,
    },
}

/// A heading, for an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

struct Open {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

/// `base`: where links that name a page of the same wiki lead; none: there is no wiki.
pub fn tree(text: &str, base: Option<&str>) -> Vec<Node> {
    let end = text.char_indices().nth(LIMIT).map_or(text.len(), |it| it.0);
    let is_cut = end < text.len();
    let text = &text[..end];
    if text.matches('[').count() > MOST_BRACKETS {
        return vec![Node::Block { word: String::new(), body: text.to_owned() }];
    }
    let mut options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES;
    if text.matches('$').count() <= 2 * MOST_FORMULAS {
        options |= Options::ENABLE_MATH;
    }
    let mut maker = Maker { open: vec![Open::of("div")], base, ..Maker::default() };
    for event in Parser::new_ext(text, options) {
        if maker.n_nodes > MOST_NODES {
            maker.add(Node::Text(REST.into()));
            break;
        }
        maker.take(event);
    }
    let mut nodes = maker.done();
    if is_cut {
        nodes.push(Node::Text(REST.into()));
    }
    nodes
}

/// The headings of a text, in order.
pub fn headings(nodes: &[Node]) -> Vec<Heading> {
    let mut all = Vec::new();
    for node in nodes {
        let Node::Element { name, attributes, children } = node else { continue };
        match (name.strip_prefix('h').and_then(|it| it.parse().ok()), attributes.iter().find(|it| it.0 == "id")) {
            (Some(level), Some(id)) => all.push(Heading { level, id: id.1.clone(), text: words(children) }),
            _ => all.extend(headings(children)),
        }
    }
    all
}

/// Without any form.
fn words(nodes: &[Node]) -> String {
    let word = |it: &Node| match it {
        Node::Text(text) => text.clone(),
        Node::Element { children, .. } => words(children),
        Node::Picture { words, .. } => words.clone(),
        Node::Math { tex, .. } => tex.clone(),
        Node::Block { .. } => String::new(),
    };
    nodes.iter().map(word).collect()
}

impl Open {
    fn of(name: &'static str) -> Self {
        Open { name, attributes: Vec::new(), children: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
}

#[derive(Default)]
struct Maker<'a> {
    open: Vec<Open>,
    base: Option<&'a str>,
    /// Tags too deep to be elements.
    skipped: usize,
    n_nodes: usize,
    in_head: bool,
    /// Of the columns of the table that is open, and the one that is next.
    columns: (Vec<Alignment>, usize),
    /// A fenced block: its word, and what it holds so far.
    fenced: Option<(String, String)>,
    ids: HashMap<String, u32>,
    notes: HashMap<String, usize>,
}

impl Maker<'_> {
    fn add(&mut self, node: Node) {
        self.n_nodes += 1;
        if let Some(open) = self.open.last_mut() {
            match (open.children.last_mut(), node) {
                (Some(Node::Text(held)), Node::Text(more)) => held.push_str(&more),
                (_, node) => open.children.push(node),
            }
        }
    }

    fn close(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(Open { name, mut attributes, children }) = self.open.pop() else { return };
        if name.len() == 2 && name.starts_with('h') && name != "hr" {
            attributes.push(("id", self.id(&words(&children))));
        }
        match name {
            // Only its content was wanted.
            "" => children.into_iter().for_each(|it| self.add(it)),
            "picture" => {
                let address = attributes.into_iter().next().map(|it| it.1).unwrap_or_default();
                self.add(Node::Picture { address, words: words(&children) });
            }
            _ => self.add(Node::Element { name, attributes, children }),
        }
    }

    fn done(mut self) -> Vec<Node> {
        while self.open.len() > 1 {
            self.close();
        }
        self.open.pop().map(|it| it.children).unwrap_or_default()
    }

    /// Another one for each heading.
    fn id(&mut self, text: &str) -> String {
        let plain: String =
            text.to_lowercase().chars().map(|it| if it.is_alphanumeric() { it } else { '-' }).take(60).collect();
        let n = self.ids.entry(plain.clone()).or_default();
        *n += 1;
        if *n == 1 { format!("h-{plain}") } else { format!("h-{plain}-{n}") }
    }

    fn note(&mut self, name: &str) -> usize {
        let next = self.notes.len() + 1;
        *self.notes.entry(name.to_owned()).or_insert(next)
    }

    fn take(&mut self, event: Event) {
        if let Some((_, body)) = &mut self.fenced {
            match event {
                Event::Text(text) => body.push_str(&text),
                Event::End(TagEnd::CodeBlock) => self.end_block(),
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let word = match kind {
                    CodeBlockKind::Fenced(it) => it.split_whitespace().next().unwrap_or_default().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.fenced = Some((word, String::new()));
            }
            Event::Start(_) if self.open.len() > DEPTH => self.skipped += 1,
            Event::Start(tag) => self.start(tag),
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            Event::End(end) => {
                if matches!(end, TagEnd::TableHead) {
                    self.in_head = false;
                }
                if matches!(end, TagEnd::TableCell) {
                    self.columns.1 += 1;
                }
                self.close();
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.add(Node::Text(text.into_string())),
            Event::Code(text) => self.leaf("code", Some(text.into_string())),
            Event::InlineMath(tex) => self.add(Node::Math { tex: tex.into_string(), is_display: false }),
            Event::DisplayMath(tex) => self.add(Node::Math { tex: tex.into_string(), is_display: true }),
            Event::SoftBreak => self.add(Node::Text("\n".into())),
            Event::HardBreak => self.leaf("br", None),
            Event::Rule => self.leaf("hr", None),
            Event::FootnoteReference(name) => {
                let n = self.note(&name);
                self.leaf("sup", Some(format!("[{n}]")));
            }
            Event::TaskListMarker(done) => {
                let mut attributes = vec![("type", "checkbox".to_owned()), ("disabled", String::new())];
                attributes.extend(done.then(|| ("checked", String::new())));
                self.add(Node::Element { name: "input", attributes, children: Vec::new() });
            }
        }
    }

    fn leaf(&mut self, name: &'static str, text: Option<String>) {
        let children = text.map(Node::Text).into_iter().collect();
        self.add(Node::Element { name, attributes: Vec::new(), children });
    }

    fn end_block(&mut self) {
        let Some((word, body)) = self.fenced.take() else { return };
        self.add(Node::Block { word, body });
    }

    fn start(&mut self, tag: Tag) {
        let open = match tag {
            Tag::Paragraph => Open::of("p"),
            Tag::Heading { level, .. } => Open::of(match level {
                HeadingLevel::H1 => "h1",
                HeadingLevel::H2 => "h2",
                HeadingLevel::H3 => "h3",
                HeadingLevel::H4 => "h4",
                HeadingLevel::H5 => "h5",
                HeadingLevel::H6 => "h6",
            }),
            Tag::BlockQuote(_) => Open::of("blockquote"),
            Tag::List(Some(1)) => Open::of("ol"),
            Tag::List(Some(n)) => Open::of("ol").with("start", n.to_string()),
            Tag::List(None) => Open::of("ul"),
            Tag::Item => Open::of("li"),
            Tag::Emphasis => Open::of("em"),
            Tag::Strong => Open::of("strong"),
            Tag::Strikethrough => Open::of("s"),
            Tag::Table(columns) => {
                self.columns = (columns, 0);
                Open::of("table")
            }
            Tag::TableHead | Tag::TableRow => {
                self.in_head = matches!(tag, Tag::TableHead);
                self.columns.1 = 0;
                Open::of("tr")
            }
            Tag::TableCell => {
                let cell = Open::of(if self.in_head { "th" } else { "td" });
                match self.columns.0.get(self.columns.1) {
                    Some(Alignment::Right) => cell.with("class", "right"),
                    Some(Alignment::Center) => cell.with("class", "middle"),
                    _ => cell,
                }
            }
            Tag::FootnoteDefinition(name) => {
                let n = self.note(&name);
                self.open.push(Open::of("div").with("class", "footnote"));
                self.leaf("sup", Some(format!("[{n}]")));
                return;
            }
            Tag::Link { dest_url, .. } => match self.address(&dest_url) {
                Some((address, true)) => Open::of("a").with("href", address),
                Some((address, false)) => Open::of("a")
                    .with("href", address.clone())
                    .with("title", address)
                    .with("target", "_blank")
                    .with("rel", "noopener noreferrer"),
                None => Open::of(""),
            },
            Tag::Image { dest_url, .. } => match self.address(&dest_url) {
                // A run's file.
                Some((address, true)) if address.starts_with("#/s/") && address.contains("/r/") => {
                    Open::of("picture").with("src", address)
                }
                _ if is_picture(&dest_url) => Open::of("picture").with("src", dest_url.trim().to_owned()),
                _ => Open::of(""),
            },
            _ => Open::of(""),
        };
        self.open.push(open);
    }

    /// Where a link may lead, and whether that is within the app. Anything else is shown as text.
    fn address(&self, address: &str) -> Option<(String, bool)> {
        let address = address.trim();
        let lower = address.to_ascii_lowercase();
        if ["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it)) {
            return Some((address.to_owned(), false));
        }
        if let (Some(rest), Some(base)) = (address.strip_prefix(HERE), self.base) {
            // Of the same source, wherever it was opened.
            let source = base.strip_prefix("#/s/").and_then(|it| it.split('/').next())?;
            return Some((format!("#/s/{source}/{rest}"), true));
        }
        if address.starts_with("#/") {
            return Some((address.to_owned(), true));
        }
        // A page of the same wiki, by its path.
        let is_path = !address.is_empty() && !address.contains(':') && !address.starts_with(['#', '/', '\\', '?']);
        self.base.filter(|_| is_path).map(|base| (format!("{base}/{address}"), true))
    }
}

/// One on the web, or one that stands in the text itself: no SVG there, which may hold more than a picture.
fn is_picture(address: &str) -> bool {
    let lower = address.trim().to_ascii_lowercase();
    let own = ["png", "jpeg", "gif", "webp"].iter().any(|it| lower.starts_with(&format!("data:image/{it};base64,")));
    own || lower.starts_with("https://") || lower.starts_with("http://")
}

/// Code as text with the few kinds of words it is made of.
pub fn code(language: &str, text: &str) -> Vec<Node> {
    let part = |(class, text): (&'static str, &str)| match class {
        "" => Node::Text(text.to_owned()),
        class => Node::Element {
            name: "span",
            attributes: vec![("class", class.to_owned())],
            children: vec![Node::Text(text.to_owned())],
        },
    };
    let language = if text.len() > MOST_CODE { "" } else { language };
    highlight(language, text).into_iter().map(part).collect()
}

#[cfg(test)]
mod tests;
