//! Writes the tree of a Markdown text to the page, node by node.

use std::collections::HashMap;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node as DomNode};

use crate::components::mathml;
use crate::components::prose::{self, Heading, Node};
use crate::components::react::effect;

const MATHML: &str = "http://www.w3.org/1998/Math/MathML";

/// Makes something live of a fenced block: its word and its lines. None: it is code. A run's picture comes as
/// [`PICTURE`] with its link and its words.
pub type Embed = Callback<(String, String), Option<AnyView>>;

/// Of one page: each asks for its own runs.
const MOST_LIVE: usize = 60;

pub const PICTURE: &str = "picture";

/// What is mounted in a page, kept as long as its block stands there unchanged.
type Mounted = HashMap<(String, String), Vec<Live>>;
/// And what keeps it alive.
type Live = (Element, Box<dyn std::any::Any>);

#[component]
pub fn Markdown(
    #[prop(into)] text: Signal<String>,
    /// Where links to pages of the same wiki lead.
    #[prop(optional)]
    base: Option<String>,
    #[prop(optional)] embed: Option<Embed>,
    /// Told what they are, for an outline.
    #[prop(optional)]
    headings: Option<RwSignal<Vec<Heading>>>,
) -> impl IntoView {
    let node: NodeRef<leptos::html::Div> = NodeRef::new();
    let mounted = StoredValue::new_local(Mounted::new());
    // What is live in it lives as long as its block: an effect's own are gone when it runs again.
    let owner = Owner::current();
    effect(move || {
        let Some(node) = node.get() else { return };
        let tree = text.with(|text| prose::tree(text, base.as_deref()));
        if let Some(headings) = headings {
            let _ = headings.try_set(prose::headings(&tree));
        }
        let old = mounted.try_update_value(std::mem::take).unwrap_or_default();
        let mut writer = Writer { embed, owner: owner.clone(), old, new: Mounted::new(), n_live: [0; 2] };
        node.set_text_content(None);
        writer.write(node.unchecked_ref(), tree);
        let new = writer.new;
        mounted.set_value(new);
    });
    // Pictures of the web are asked for when somebody wants them.
    let clicked = move |event: leptos::ev::MouseEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let button = target.and_then(|it| it.closest("button[data-picture]").ok().flatten());
        if let Some((button, address)) = button.and_then(|it| Some((it.clone(), it.get_attribute("data-picture")?)))
            && let Some(image) = image(&address, &button.text_content().unwrap_or_default())
        {
            let _ = button.replace_with_with_node_1(&image);
        }
    };
    view! { <div class="markdown" node_ref=node dir="auto" on:click=clicked></div> }
}

struct Writer {
    embed: Option<Embed>,
    owner: Option<Owner>,
    old: Mounted,
    new: Mounted,
    /// Widgets, and pictures.
    n_live: [usize; 2],
}

impl Writer {
    fn write(&mut self, at: &DomNode, nodes: Vec<Node>) {
        for node in nodes {
            let made = match node {
                Node::Text(text) => Some(document().create_text_node(&text).unchecked_into::<DomNode>()),
                Node::Element { name, attributes, children } => element(name).map(|made| {
                    for (name, value) in attributes {
                        let _ = made.set_attribute(name, &value);
                    }
                    self.write(&made, children);
                    made.unchecked_into()
                }),
                Node::Block { word, body } => self.block(word, body).map(JsCast::unchecked_into),
                Node::Picture { address, words } if address.starts_with('#') => {
                    self.file(address, words).map(JsCast::unchecked_into)
                }
                Node::Picture { address, words } => picture(&address, &words).map(JsCast::unchecked_into),
                Node::Math { tex, is_display } => math(&tex, is_display).map(JsCast::unchecked_into),
            };
            if let Some(made) = made {
                let _ = at.append_child(&made);
            }
        }
    }

    fn block(&mut self, word: String, body: String) -> Option<Element> {
        let key = (word, body);
        if let Some(live) = self.live(&key) {
            return Some(live);
        }
        let pre = element("pre")?;
        let code = element("code")?;
        let _ = pre.set_attribute("data-language", &key.0);
        let nodes = prose::code(&key.0, &key.1);
        self.write(&code, nodes);
        let _ = pre.append_child(&code);
        Some(pre)
    }

    /// A run's picture, or the way to it.
    fn file(&mut self, address: String, words: String) -> Option<Element> {
        if let Some(live) = self.live(&(PICTURE.to_owned(), format!("{address}\n{words}"))) {
            return Some(live);
        }
        let link = element("a")?;
        let _ = link.set_attribute("href", &address);
        link.set_text_content(Some(if words.is_empty() { "Picture" } else { &words }));
        Some(link)
    }

    /// As it stood there before, or made.
    fn live(&mut self, key: &(String, String)) -> Option<Element> {
        let n = usize::from(key.0 == PICTURE);
        let embed = self.embed.filter(|_| self.n_live[n] < MOST_LIVE)?;
        let (element, held) = match self.old.get_mut(key).and_then(Vec::pop) {
            Some(it) => it,
            None => mounted(embed, self.owner.as_ref()?, key)?,
        };
        self.n_live[n] += 1;
        self.new.entry(key.clone()).or_default().push((element.clone(), held));
        Some(element)
    }
}

fn mounted(embed: Embed, parent: &Owner, key: &(String, String)) -> Option<Live> {
    let owner = parent.with(Owner::new);
    let place = element(if key.0 == PICTURE { "span" } else { "div" })?;
    let _ = place.set_attribute("class", if key.0 == PICTURE { "picture" } else { "embed" });
    let at: web_sys::HtmlElement = place.clone().unchecked_into();
    let handle = owner.with(|| embed.run(key.clone()).map(|view| leptos::mount::mount_to(at, move || view)))?;
    Some((place, Box::new((handle, owner))))
}

fn element(name: &str) -> Option<Element> {
    document().create_element(name).ok()
}

fn picture(address: &str, words: &str) -> Option<Element> {
    if address.starts_with("data:") {
        return image(address, words);
    }
    let button = element("button")?;
    let _ = button.set_attribute("class", "button picture");
    let _ = button.set_attribute("type", "button");
    let _ = button.set_attribute("data-picture", address);
    let _ = button.set_attribute("title", &format!("Load the picture from {address}"));
    button.set_text_content(Some(if words.is_empty() { "Picture" } else { words }));
    Some(button)
}

fn image(address: &str, words: &str) -> Option<Element> {
    let image = element("img")?;
    let _ = image.set_attribute("referrerpolicy", "no-referrer");
    let _ = image.set_attribute("alt", words);
    let _ = image.set_attribute("src", address);
    Some(image)
}

/// Set, or as it was typed where it can't be.
fn math(tex: &str, is_display: bool) -> Option<Element> {
    if let Some(nodes) = mathml::set(tex, is_display) {
        let place = element(if is_display { "div" } else { "span" })?;
        let _ = place.set_attribute("class", "formula");
        let _ = place.set_attribute("title", tex);
        write_math(&place, nodes);
        return Some(place);
    }
    let made = element(if is_display { "pre" } else { "code" })?;
    let _ = made.set_attribute("class", "math");
    made.set_text_content(Some(tex));
    Some(made)
}

fn write_math(at: &DomNode, nodes: Vec<Node>) {
    for node in nodes {
        let made: Option<DomNode> = match node {
            Node::Text(text) => Some(document().create_text_node(&text).unchecked_into()),
            Node::Element { name, attributes, children } => {
                document().create_element_ns(Some(MATHML), name).ok().map(|made| {
                    for (name, value) in attributes {
                        let _ = made.set_attribute(name, &value);
                    }
                    write_math(&made, children);
                    made.unchecked_into()
                })
            }
            _ => None,
        };
        if let Some(made) = made {
            let _ = at.append_child(&made);
        }
    }
}
