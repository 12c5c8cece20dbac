//! A line and a cell to copy, and what it takes to make and mend nodes: cloning is one call where
//! building is dozens.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Node};

const SVG: &str = "http://www.w3.org/2000/svg";

pub struct Moulds {
    pub line: Element,
    pub cell: Element,
}

impl Moulds {
    pub fn new(document: &Document) -> Self {
        Self { line: line_mould(document), cell: cell_mould(document) }
    }
}

fn line_mould(document: &Document) -> Element {
    let root = element(document, "div", "tr");
    set(&root, "role", "row");
    let pin = element(document, "div", "pin");
    set(&pin, "role", "rowheader");
    let eye = element(document, "button", "eye");
    set(&eye, "tabindex", "-1");
    add_icon(document, &eye);
    let fold = element(document, "button", "fold none");
    set(&fold, "tabindex", "-1");
    add_icon(document, &fold);
    let child = element(document, "span", "child");
    set(&child, "title", "A child run");
    let swatch = element(document, "span", "swatch");
    let status = element(document, "span", "status");
    add_icon(document, &status);
    append(&status, &[&element(document, "span", "sr")]);
    let name = element(document, "a", "name");
    append(&name, &[&element(document, "bdi", "")]);
    let partly = element(document, "span", "badge warn");
    partly.set_text_content(Some("partly read"));
    let inside = element(document, "span", "inside");
    let (running, failed) = (element(document, "span", "badge accent"), element(document, "span", "badge bad"));
    append(&pin, &[&eye, &fold, &child, &swatch, &status, &name, &partly, &inside, &running, &failed]);
    append(&root, &[&pin]);
    root
}

fn cell_mould(document: &Document) -> Element {
    let root = element(document, "div", "td");
    set(&root, "role", "cell");
    let _ = root.append_child(&document.create_text_node(""));
    root
}

pub fn element(document: &Document, name: &str, class: &str) -> Element {
    let made = document.create_element(name).unwrap_or_else(|_| wasm_bindgen::JsValue::NULL.unchecked_into());
    if !class.is_empty() {
        made.set_class_name(class);
    }
    made
}

fn add_icon(document: &Document, parent: &Element) {
    if let Some(svg) = add_picture(document, parent).and_then(|it| it.parent_element()) {
        set(&svg, "class", "icon");
        set(&svg, "viewBox", "0 0 24 24");
    }
}

/// A picture of one path; gives the path.
pub fn add_picture(document: &Document, parent: &Element) -> Option<Element> {
    let make = |name| document.create_element_ns(Some(SVG), name).ok();
    let (svg, path) = (make("svg")?, make("path")?);
    set(&svg, "class", "spark");
    set(&svg, "aria-hidden", "true");
    append(&svg, &[&path]);
    append(parent, &[&svg]);
    Some(path)
}

pub fn copy(mould: &Element) -> Element {
    mould.clone_node_with_deep(true).map_or_else(|_| mould.clone(), JsCast::unchecked_into)
}

/// Of a mould, so it is there.
pub fn child(parent: &Element, at: u32) -> Element {
    let node = (0..at).fold(parent.first_element_child(), |it, _| it.and_then(|it| it.next_element_sibling()));
    node.unwrap_or_else(|| parent.clone())
}

pub fn append(parent: &Element, children: &[&Element]) {
    for child in children {
        let _ = parent.append_child(AsRef::<Node>::as_ref(*child));
    }
}

pub fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

pub fn set_hidden(element: &Element, hidden: bool) {
    let _ = element.toggle_attribute_with_force("hidden", hidden);
}
