//! One page of the browser: going places, evaluating, waiting, emulating and measuring.

use super::cdp::{CALL, Cdp};
use super::seen;
use super::{PATIENCE, file_name, output_dir};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// A page; clones are the same page. It stays open until `close` or the browser's end.
#[derive(Clone)]
pub struct Page {
    pub(super) cdp: Cdp,
    pub(super) session: String,
    /// A CSS selector; elements are looked for inside its first match only.
    pub(super) scope: Option<String>,
    target: String,
}

impl Page {
    pub(super) fn new(cdp: Cdp, session: &str, target: &str) -> Self {
        let page = Self { cdp, session: session.to_owned(), scope: None, target: target.to_owned() };
        for (session, method, params) in page.cdp.watch(|watch| watch.add_page(session)) {
            page.cdp.call(&session, method, params).unwrap_or_else(|e| panic!("new page: {e}"));
        }
        page.call("Page.enable", json!({}));
        page.call("Performance.enable", json!({}));
        page.set_always_visible(true);
        page
    }

    /// The same page, but `click`, `fill`, `has` and their like look only inside the first match of a CSS selector.
    pub fn within(&self, selector: &str) -> Self {
        Self { scope: Some(selector.to_owned()), ..self.clone() }
    }

    pub fn goto(&self, url: &str) {
        if let Err(e) = self.try_goto(url) {
            self.fail(&format!("opening {url}"), &e);
        }
    }

    /// Opens an address and waits until it has loaded; the error is the browser's ("net::ERR_...").
    pub fn try_goto(&self, url: &str) -> Result<(), String> {
        let _ = self.try_eval("window.leaving = true");
        let answer = self.cdp.call(&self.session, "Page.navigate", json!({ "url": url }))?;
        if let Some(error) = answer["errorText"].as_str() {
            return Err(error.to_owned());
        }
        // Without a loader the document stayed, as when only the fragment changed.
        if answer.get("loaderId").is_none() {
            self.eval("delete window.leaving");
        }
        self.wait(&format!("{url} to load"), LOADED);
        Ok(())
    }

    pub fn reload(&self) {
        self.eval("window.leaving = true");
        self.call("Page.reload", json!({}));
        self.wait("the reload", LOADED);
    }

    pub fn url(&self) -> String {
        self.eval("location.href").as_str().unwrap_or_default().to_owned()
    }

    /// The value of a JavaScript expression, its promise awaited. An exception panics.
    pub fn eval(&self, js: &str) -> Value {
        self.try_eval(js).unwrap_or_else(|e| self.fail(&format!("evaluating {js}"), &e))
    }

    pub fn try_eval(&self, js: &str) -> Result<Value, String> {
        self.eval_within(CALL, js)
    }

    fn eval_within(&self, patience: Duration, js: &str) -> Result<Value, String> {
        let params = json!({ "expression": js, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        result(self.cdp.call_within(patience, &self.session, "Runtime.evaluate", params)?)
    }

    /// Polls a JavaScript expression until it is truthy; its value.
    pub fn wait(&self, what: &str, js: &str) -> Value {
        self.wait_for(PATIENCE, what, js)
    }

    pub fn wait_for(&self, patience: Duration, what: &str, js: &str) -> Value {
        self.retry(patience, what, || {
            // A page on its way elsewhere, or not yet far enough, fails like one that says no.
            self.eval_within(patience, js).and_then(|v| if truthy(&v) { Ok(v) } else { Err(v.to_string()) })
        })
    }

    /// Waits until the page's visible text contains `text`; runs of white space count as one space.
    pub fn wait_text(&self, text: &str) {
        self.wait(&format!("the text {text:?}"), &format!("{VISIBLE_TEXT}.includes({})", json!(text)));
    }

    pub fn wait_no_text(&self, text: &str) {
        self.wait(&format!("the text {text:?} to go"), &format!("!{VISIBLE_TEXT}.includes({})", json!(text)));
    }

    /// The page's visible text.
    pub fn text(&self) -> String {
        self.eval("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Tries until it succeeds, or fails the test with the last error and the state of the page.
    pub fn retry<T>(&self, patience: Duration, what: &str, mut attempt: impl FnMut() -> Result<T, String>) -> T {
        let start = Instant::now();
        loop {
            match attempt() {
                Ok(value) => return value,
                Err(last) if start.elapsed() >= patience => {
                    self.fail(&format!("waited {:.1} s for {what}", start.elapsed().as_secs_f32()), &last)
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Panics with what was wanted, what came last, what the page shows and what went wrong in it.
    pub fn fail(&self, what: &str, last: &str) -> ! {
        let shot = output_dir().join(format!("{}.png", file_name(what)));
        let shown = self
            .eval_within(
                Duration::from_secs(5),
                "location.href + '\\n' + (document.body?.innerText ?? '').slice(0, 2000)",
            )
            .map_or_else(|e| e, |v| v.as_str().unwrap_or_default().to_owned());
        let errors: Vec<String> =
            self.errors().iter().map(|l| format!("[{} {}] {}", l.from, l.level, l.text)).collect();
        let saved = self.try_screenshot(&shot).map_or_else(|e| e, |()| shot.display().to_string());
        panic!("{what}\nlast: {last}\npage: {shown}\nerrors: {}\nscreenshot: {saved}", errors.join("\n"));
    }

    /// Saves what the page shows as PNG.
    pub fn screenshot(&self, path: impl AsRef<Path>) {
        self.try_screenshot(path.as_ref()).unwrap_or_else(|e| panic!("screenshot: {e}"));
    }

    fn try_screenshot(&self, path: &Path) -> Result<(), String> {
        let params = json!({ "format": "png" });
        let answer = self.cdp.call_within(Duration::from_secs(15), &self.session, "Page.captureScreenshot", params)?;
        let png = STANDARD.decode(answer["data"].as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).and_then(|()| fs::write(path, png)).map_err(|e| format!("{}: {e}", path.display()))
    }

    pub fn close(self) {
        // The page may have closed itself.
        let _ = self.cdp.call("", "Target.closeTarget", json!({ "targetId": self.target }));
    }

    /// Any other method of the page's session; failure panics.
    pub fn call(&self, method: &str, params: Value) -> Value {
        self.cdp.call(&self.session, method, params).unwrap_or_else(|e| self.fail("DevTools", &e))
    }
}

/// A new document, and all of it.
const LOADED: &str = "!window.leaving && document.readyState === 'complete'";

const VISIBLE_TEXT: &str = "document.body.innerText.replace(/\\s+/g, ' ')";

/// What an evaluation gave, or what it threw.
pub(super) fn result(answer: Value) -> Result<Value, String> {
    match answer.get("exceptionDetails") {
        Some(details) => Err(seen::exception(details)),
        None => Ok(answer["result"]["value"].clone()),
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(n) => n.as_f64().is_some_and(|n| n != 0.0),
        Value::String(s) => !s.is_empty(),
        _ => true,
    }
}
