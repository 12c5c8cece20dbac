//! What a page can be made to believe about its surroundings, and what can be measured of it.

use super::page::Page;
use super::seen::{ConsoleLine, NetRequest};
use serde_json::{Value, json};
use std::time::Duration;

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

    /// The longest main-thread task while `js` runs and in the half second after: wall and CPU time.
    pub fn longest_task_ms(&self, js: &str) -> (f64, f64) {
        let categories =
            json!({ "includedCategories": ["toplevel", "blink.user_timing"], "excludedCategories": ["*"] });
        self.cdp.call("", "Tracing.start", json!({ "traceConfig": categories })).expect("tracing starts");
        // Work done inside a DevTools call is no task of the page; work in a timer is.
        self.eval(&format!(
            "performance.mark('measured'), new Promise((done, fail) => setTimeout(() => (async () => ({js}))().then(done, fail)))
                .then(() => new Promise(done => setTimeout(done, 500)))"
        ));
        self.cdp.call("", "Tracing.end", json!({})).expect("tracing ends");
        let events = self.retry(Duration::from_secs(20), "the trace", || {
            self.cdp.watch(|it| it.take_trace()).ok_or_else(|| "not there yet".to_owned())
        });
        let thread = |it: &Value| (it["pid"].as_u64(), it["tid"].as_u64());
        // Other pages of the browser have main threads too.
        let here = events.iter().find(|it| it["name"] == "measured").map(thread).expect("the page's mark");
        let tasks = events
            .iter()
            .filter(|it| it["name"] == "ThreadControllerImpl::RunTask" && thread(it) == here)
            .map(|it| (it["dur"].as_f64().unwrap_or(0.0) / 1e3, it["tdur"].as_f64().unwrap_or(0.0) / 1e3));
        tasks.fold((0.0, 0.0), |longest, it| (it.0.max(longest.0), it.1.max(longest.1)))
    }
}
