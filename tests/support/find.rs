//! Finding elements by accessible role and name, and where the mouse can reach them.

use super::PATIENCE;
use super::page::{Page, result};
use serde_json::{Value, json};

/// The roles `fill` looks through for a label.
const FILLABLE: &[&str] = &["textbox", "searchbox", "combobox", "spinbutton", "slider", "listbox", "Date", "ColorWell"];

/// Where the element can be clicked (`[x, y]`), or why it cannot be yet.
const REACH: &str = "async function () {
    const el = this.nodeType === 1 ? this : this.parentElement;
    const tell = e => `<${e.tagName.toLowerCase()}${e.id ? ' id=' + e.id : ''}> ${(e.innerText ?? '').slice(0, 60)}`;
    if (!el?.isConnected) return 'it left the page';
    if (el.matches(':disabled') || el.closest('[aria-disabled=true], [inert]')) return 'it is disabled';
    el.scrollIntoViewIfNeeded();
    const place = () => { const b = el.getBoundingClientRect(); return [b.x, b.y, b.width, b.height].join(); };
    const before = place();
    await new Promise(done => setTimeout(done, 30));
    if (place() !== before) return 'it moves';
    let hit = null;
    for (const box of [el.getBoundingClientRect(), ...el.getClientRects()]) {
        if (!box.width || !box.height) continue;
        const at = [box.x + box.width / 2, box.y + box.height / 2];
        hit = document.elementFromPoint(...at) ?? hit;
        if (hit && (el.contains(hit) || hit.closest('label')?.control === el)) return at;
    }
    el.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    return hit ? 'it is covered by ' + tell(hit) : 'it has no visible box';
}";

impl Page {
    /// Whether such an element is there now.
    pub fn has(&self, role: &str, name: &str) -> bool {
        self.count(role, name) > 0
    }

    pub fn count(&self, role: &str, name: &str) -> usize {
        self.nodes(role, name).map_or(0, |nodes| nodes.len())
    }

    /// Waits for such an element.
    pub fn see(&self, role: &str, name: &str) {
        self.retry(PATIENCE, &format!("a {role} {name:?}"), || {
            if self.nodes(role, name)?.is_empty() { Err(self.missing(role, 0)) } else { Ok(()) }
        });
    }

    /// Waits until there is no such element.
    pub fn see_no(&self, role: &str, name: &str) {
        self.retry(PATIENCE, &format!("no {role} {name:?}"), || match self.nodes(role, name)?.len() {
            0 => Ok(()),
            n => Err(format!("there are {n}")),
        });
    }

    /// The accessible names of all elements of a role, in document order.
    pub fn names(&self, role: &str) -> Vec<String> {
        self.accessible(role).map_or_else(|_| Vec::new(), |all| all.into_iter().map(|(_, name)| name).collect())
    }

    /// Where the nth such element can be clicked, once it can; it has then been scrolled into view.
    pub fn point(&self, role: &str, name: &str, nth: usize) -> (f64, f64) {
        self.retry(PATIENCE, &format!("a clickable {role} {name:?}"), || {
            let found = self.nodes(role, name)?;
            let node = found.get(nth).ok_or_else(|| self.missing(role, found.len()))?;
            self.reach(*node)
        })
    }

    fn nodes(&self, role: &str, name: &str) -> Result<Vec<u64>, String> {
        let all = self.accessible(role)?;
        let pick = |matches: &dyn Fn(&str) -> bool| {
            all.iter().filter(|(_, n)| matches(n)).map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let exact = pick(&|n| n == name);
        Ok(if exact.is_empty() { pick(&|n| n.contains(name)) } else { exact })
    }

    pub(super) fn field(&self, label: &str) -> Result<u64, String> {
        let mut names = Vec::new();
        for role in FILLABLE {
            names.extend(self.accessible(role)?);
        }
        let exact = names.iter().find(|(_, name)| name == label);
        let found = exact.or_else(|| names.iter().find(|(_, name)| name.contains(label)));
        found
            .map(|(id, _)| *id)
            .ok_or_else(|| format!("the fields are {:?}", names.iter().map(|(_, n)| n).collect::<Vec<_>>()))
    }

    fn missing(&self, role: &str, found: usize) -> String {
        format!("found {found}; every {role}: {:?}", self.names(role))
    }

    /// Backend node and accessible name of every element of a role.
    fn accessible(&self, role: &str) -> Result<Vec<(u64, String)>, String> {
        let root =
            self.scope.as_ref().map_or("document".to_owned(), |s| format!("document.querySelector({})", json!(s)));
        let query = json!({ "objectId": self.object(&root)?, "role": role });
        let answer = self.cdp.call(&self.session, "Accessibility.queryAXTree", query)?;
        let shown = answer["nodes"].as_array().into_iter().flatten().filter(|node| node["ignored"] != true);
        let of_node = |node: &Value| {
            let name = node["name"]["value"].as_str().unwrap_or_default().trim().to_owned();
            Some((node["backendDOMNodeId"].as_u64()?, name))
        };
        Ok(shown.filter_map(of_node).collect())
    }

    pub(super) fn object(&self, js: &str) -> Result<String, String> {
        let answer = self.cdp.call(&self.session, "Runtime.evaluate", json!({ "expression": js }))?;
        let object = answer["result"]["objectId"].as_str().map(str::to_owned);
        object.ok_or_else(|| format!("{js} is {}", answer["result"]))
    }

    pub(super) fn on_node(&self, node: u64, function: &str, argument: &Value) -> Result<Value, String> {
        let answer = self.cdp.call(&self.session, "DOM.resolveNode", json!({ "backendNodeId": node }))?;
        self.on_object(answer["object"]["objectId"].as_str().unwrap_or_default(), function, argument)
    }

    pub(super) fn on_object(&self, object: &str, function: &str, argument: &Value) -> Result<Value, String> {
        let params = json!({
            "functionDeclaration": function, "objectId": object, "arguments": [{ "value": argument }],
            "awaitPromise": true, "returnByValue": true,
        });
        result(self.cdp.call(&self.session, "Runtime.callFunctionOn", params)?)
    }

    pub(super) fn reach(&self, node: u64) -> Result<(f64, f64), String> {
        reached(&self.on_node(node, REACH, &Value::Null)?)
    }

    pub(super) fn reach_object(&self, object: &str) -> Result<(f64, f64), String> {
        reached(&self.on_object(object, REACH, &Value::Null)?)
    }
}

fn reached(answer: &Value) -> Result<(f64, f64), String> {
    match (answer[0].as_f64(), answer[1].as_f64()) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => Err(answer.as_str().unwrap_or("no answer").to_owned()),
    }
}
