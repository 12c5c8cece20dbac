//! What a page can be made to believe about its surroundings, and what can be measured of it.

use super::page::Page;
use super::seen::{ConsoleLine, NetRequest};
use serde_json::{Value, json};

impl Page {
    pub fn set_viewport(&self, width: u32, height: u32, dpr: f64) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": dpr, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// "dark" or "light".
    pub fn set_color_scheme(&self, scheme: &str) {
        self.set_media(&[("prefers-color-scheme", scheme)]);
    }

    /// Sets media features such as ("prefers-reduced-motion", "reduce") and unsets all others.
    pub fn set_media(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Cuts the page and its workers from the network (or joins them again).
    pub fn set_offline(&self, offline: bool) {
        for (session, method, params) in self.cdp.watch(|watch| watch.set_offline(&self.session, offline)) {
            // A worker may end in between.
            let done = self.cdp.call(&session, method, params);
            assert!(done.is_ok() || session != self.session, "set_offline: {done:?}");
        }
    }

    /// A page believes to be visible and focused, unless this is set to false; then it is so only in front.
    pub fn set_always_visible(&self, always: bool) {
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": always }));
    }

    /// Makes this the page in front; others without `set_always_visible` become hidden.
    pub fn bring_to_front(&self) {
        self.call("Page.bringToFront", json!({}));
    }

    /// Every request since the page opened (or `forget`), by the page and its workers.
    pub fn requests(&self) -> Vec<NetRequest> {
        self.cdp.watch(|watch| watch.requests(&self.session))
    }

    /// Console messages and uncaught exceptions of the page and its workers.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.cdp.watch(|watch| watch.console(&self.session))
    }

    /// Those of them that are errors.
    pub fn errors(&self) -> Vec<ConsoleLine> {
        self.console().into_iter().filter(ConsoleLine::is_error).collect()
    }

    /// Empties `requests` and `console`.
    pub fn forget(&self) {
        self.cdp.watch(|watch| watch.forget(&self.session));
    }

    /// Processor time the page's process used so far, workers included (and other pages that share the process).
    pub fn cpu_ms(&self) -> f64 {
        self.metric("ProcessTime") * 1000.0
    }

    /// Time the page's main thread spent in tasks so far.
    pub fn main_thread_ms(&self) -> f64 {
        self.metric("TaskDuration") * 1000.0
    }

    pub fn heap_bytes(&self) -> f64 {
        self.metric("JSHeapUsedSize")
    }

    fn metric(&self, name: &str) -> f64 {
        let answer = self.call("Performance.getMetrics", json!({}));
        let metric = answer["metrics"].as_array().into_iter().flatten().find(|m| m["name"] == name);
        metric.and_then(|m| m["value"].as_f64()).unwrap_or_else(|| panic!("no metric {name} in {answer}"))
    }

    /// The longest main-thread task (of 50 ms or more, else 0) while `js` runs and in the half second after.
    pub fn longest_task_ms(&self, js: &str) -> f64 {
        let measured = self.eval(&format!(
            "(async () => {{
                let longest = 0;
                const observer = new PerformanceObserver(list => {{
                    for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
                }});
                observer.observe({{ type: 'longtask' }});
                // Work done inside a DevTools call is no task to the observer; work in a timer is.
                await new Promise((done, fail) => setTimeout(() => (async () => ({js}))().then(done, fail)));
                await new Promise(done => setTimeout(done, 500));
                observer.disconnect();
                return longest;
            }})()"
        ));
        measured.as_f64().unwrap_or_default()
    }
}
