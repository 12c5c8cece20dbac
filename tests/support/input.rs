//! Real mouse and keyboard events, typing into fields, and giving the page files.

use super::PATIENCE;
use super::keys;
use super::page::Page;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Sets fields one cannot type into and says so; otherwise selects what is there, to be typed over.
const FILL: &str = "function (text) {
    const set = value => {
        this.value = value;
        for (const type of ['input', 'change']) this.dispatchEvent(new Event(type, { bubbles: true }));
        return 'set';
    };
    if (this.tagName === 'SELECT') {
        const options = [...this.options];
        const option = options.find(o => o.label.trim() === text) ?? options.find(o => o.value === text);
        return option ? set(option.value) : 'its options are ' + options.map(o => o.label).join(', ');
    }
    if (['date', 'time', 'datetime-local', 'month', 'week', 'range', 'color'].includes(this.type)) return set(text);
    if (this.readOnly) return 'it is read-only';
    this.focus();
    if (this.select) this.select(); else getSelection().selectAllChildren(this);
    return 'type';
}";

impl Page {
    /// Clicks the first element of this accessible role and name, once it can be clicked. A name matches exactly, or,
    /// if none does, as a part.
    pub fn click(&self, role: &str, name: &str) {
        self.click_nth(role, name, 0);
    }

    pub fn click_nth(&self, role: &str, name: &str, nth: usize) {
        let (x, y) = self.point(role, name, nth);
        self.click_at(x, y, "left", 1, &[]);
    }

    /// Moves the mouse over an element.
    pub fn hover(&self, role: &str, name: &str) {
        let (x, y) = self.point(role, name, 0);
        self.mouse("mouseMoved", x, y, json!({}));
    }

    /// A click at a point of the viewport: "left", "middle" or "right", `count` 2 for a double click, modifiers such
    /// as "Control" held.
    pub fn click_at(&self, x: f64, y: f64, button: &str, count: u32, held: &[&str]) {
        let bits = held.iter().filter_map(|name| keys::modifier(name)).fold(0, |bits, bit| bits | bit);
        self.mouse("mouseMoved", x, y, json!({ "modifiers": bits }));
        for n in 1..=count {
            let press = json!({ "button": button, "clickCount": n, "modifiers": bits });
            self.mouse("mousePressed", x, y, press.clone());
            self.mouse("mouseReleased", x, y, press);
        }
    }

    /// Presses at one point, moves to another in small steps, and releases.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        self.mouse("mouseMoved", from.0, from.1, json!({}));
        self.mouse("mousePressed", from.0, from.1, json!({ "button": "left", "clickCount": 1 }));
        for part in (1..=10).map(|n| f64::from(n) / 10.0) {
            let (x, y) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            self.mouse("mouseMoved", x, y, json!({ "button": "left", "buttons": 1 }));
        }
        self.mouse("mouseReleased", to.0, to.1, json!({ "button": "left", "clickCount": 1 }));
    }

    pub fn wheel(&self, x: f64, y: f64, delta_x: f64, delta_y: f64) {
        self.mouse("mouseWheel", x, y, json!({ "deltaX": delta_x, "deltaY": delta_y }));
    }

    fn mouse(&self, kind: &str, x: f64, y: f64, mut event: Value) {
        event["type"] = json!(kind);
        event["x"] = json!(x);
        event["y"] = json!(y);
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Replaces the content of the field with this accessible name. A select takes an option's label or value.
    pub fn fill(&self, label: &str, text: &str) {
        let what = format!("a field {label:?} to fill");
        let typing = self.retry(PATIENCE, &what, || {
            let node = self.field(label)?;
            let (x, y) = self.reach(node)?;
            match self.on_node(node, FILL, &json!(text))?.as_str() {
                Some("set") => Ok(false),
                Some("type") => {
                    self.click_at(x, y, "left", 1, &[]);
                    self.on_node(node, FILL, &json!(text)).map(|_| true)
                }
                other => Err(format!("{other:?}")),
            }
        });
        match (typing, text) {
            (false, _) => {}
            (true, "") => self.press("Delete"),
            (true, text) => drop(self.call("Input.insertText", json!({ "text": text }))),
        }
    }

    /// Presses a key where the focus is: "a", "Enter", "Control+Shift+K".
    pub fn press(&self, chord: &str) {
        for event in keys::events(chord) {
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types key by key where the focus is.
    pub fn type_text(&self, text: &str) {
        for c in text.chars() {
            self.press(&c.to_string());
        }
    }

    /// Chooses files (or one folder, for a `webkitdirectory` input) in a file input, hidden or not.
    pub fn set_files(&self, selector: &str, paths: &[&Path]) {
        let input = format!("document.querySelector({})", json!(selector));
        let object = self.retry(PATIENCE, &format!("a file input {selector}"), || self.object(&input));
        self.call("DOM.setFileInputFiles", json!({ "files": absolute(paths), "objectId": object }));
    }

    /// Drags files or folders from outside the browser onto an element, and drops them there.
    pub fn drop_paths(&self, selector: &str, paths: &[&Path]) {
        let target = format!("document.querySelector({})", json!(selector));
        let (x, y) =
            self.retry(PATIENCE, &format!("a drop target {selector}"), || self.reach_object(&self.object(&target)?));
        let data = json!({ "items": [], "files": absolute(paths), "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.call("Input.dispatchDragEvent", json!({ "type": kind, "x": x, "y": y, "data": data }));
        }
    }
}

fn absolute(paths: &[&Path]) -> Vec<String> {
    let absolute = |path: &&Path| fs::canonicalize(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    paths.iter().map(|path| absolute(path).display().to_string()).collect()
}
