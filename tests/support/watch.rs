//! What pages and their workers asked of the network and told the console, gathered from DevTools events.

use super::seen::{ConsoleLine, NetRequest, argument, exception, net_request, string};
use serde_json::{Value, json};
use std::collections::HashMap;

#[derive(Default)]
struct Log {
    requests: Vec<NetRequest>,
    console: Vec<ConsoleLine>,
    offline: bool,
}

struct Session {
    /// The page this session belongs to.
    page: String,
    kind: String,
}

/// A call to make, without awaiting its result: session, method, parameters.
pub type Wish = (String, &'static str, Value);

#[derive(Default)]
pub struct Watch {
    /// New workers wait for DevTools before they run, so that none of their requests is missed.
    hold_workers: bool,
    sessions: HashMap<String, Session>,
    logs: HashMap<String, Log>,
    /// Trace events, and whether the last has come.
    trace: (Vec<Value>, bool),
}

impl Watch {
    pub fn new(hold_workers: bool) -> Self {
        Self { hold_workers, ..Self::default() }
    }

    /// Starts the log of a page; what its session must be asked.
    pub fn add_page(&mut self, page: &str) -> Vec<Wish> {
        self.logs.insert(page.to_owned(), Log::default());
        self.sessions.insert(page.to_owned(), Session { page: page.to_owned(), kind: "page".to_owned() });
        self.enabling(page)
    }

    pub fn requests(&self, page: &str) -> Vec<NetRequest> {
        self.logs.get(page).map(|log| log.requests.clone()).unwrap_or_default()
    }

    pub fn console(&self, page: &str) -> Vec<ConsoleLine> {
        self.logs.get(page).map(|log| log.console.clone()).unwrap_or_default()
    }

    pub fn forget(&mut self, page: &str) {
        if let Some(log) = self.logs.get_mut(page) {
            log.requests.clear();
            log.console.clear();
        }
    }

    /// The finished trace, once.
    pub fn take_trace(&mut self) -> Option<Vec<Value>> {
        self.trace.1.then(|| std::mem::take(&mut self.trace).0)
    }

    /// Cuts a page and its workers, present and to come, from the network, or joins them to it again.
    pub fn set_offline(&mut self, page: &str, offline: bool) -> Vec<Wish> {
        if let Some(log) = self.logs.get_mut(page) {
            log.offline = offline;
        }
        let of_page = self.sessions.iter().filter(|(_, s)| s.page == page);
        of_page.map(|(session, _)| network_conditions(session, offline)).collect()
    }

    /// Takes note of an event; what to ask in return.
    pub fn event(&mut self, event: &Value) -> Vec<Wish> {
        let session = event["sessionId"].as_str().unwrap_or_default();
        let params = &event["params"];
        let method = event["method"].as_str().unwrap_or_default();
        match method {
            "Target.attachedToTarget" => return self.attached(session, params),
            "Target.detachedFromTarget" => {
                self.sessions.remove(params["sessionId"].as_str().unwrap_or_default());
            }
            "Network.requestWillBeSent" => {
                if let Some((from, log)) = self.log_of(session) {
                    log.requests.push(net_request(from, params));
                }
            }
            "Tracing.dataCollected" => {
                self.trace.0.extend(params["value"].as_array().into_iter().flatten().cloned());
            }
            "Tracing.tracingComplete" => self.trace.1 = true,
            "Page.javascriptDialogOpening" => {
                self.tell(session, "dialog", string(&params["message"]));
                return vec![(session.to_owned(), "Page.handleJavaScriptDialog", json!({ "accept": true }))];
            }
            "Runtime.consoleAPICalled" => {
                let words: Vec<String> = params["args"].as_array().into_iter().flatten().map(argument).collect();
                self.tell(session, params["type"].as_str().unwrap_or_default(), words.join(" "));
            }
            "Runtime.exceptionThrown" => self.tell(session, "exception", exception(&params["exceptionDetails"])),
            // What a worker says comes from its own session already.
            "Log.entryAdded" if params["entry"]["source"] != "worker" => {
                let entry = &params["entry"];
                let level = format!("browser {}", string(&entry["level"]));
                self.tell(session, &level, format!("{} {}", string(&entry["text"]), string(&entry["url"])));
            }
            _ => {}
        }
        Vec::new()
    }

    fn attached(&mut self, parent: &str, params: &Value) -> Vec<Wish> {
        // A session without a parent is a page's own, which `add_page` sees to.
        let Some(page) = self.sessions.get(parent).map(|s| s.page.clone()) else {
            return Vec::new();
        };
        let session = string(&params["sessionId"]);
        self.sessions
            .insert(session.clone(), Session { page: page.clone(), kind: string(&params["targetInfo"]["type"]) });
        let mut wishes = self.enabling(&session);
        if self.logs.get(&page).is_some_and(|log| log.offline) {
            wishes.push(network_conditions(&session, true));
        }
        wishes.push((session, "Runtime.runIfWaitingForDebugger", json!({})));
        wishes
    }

    fn enabling(&self, session: &str) -> Vec<Wish> {
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": self.hold_workers, "flatten": true });
        vec![
            // Nobody reads answers through the protocol, and the renderer would keep a copy of them all.
            (
                session.to_owned(),
                "Network.enable",
                json!({ "maxPostDataSize": 64 * 1024 * 1024, "maxTotalBufferSize": 1024, "maxResourceBufferSize": 1024 }),
            ),
            (session.to_owned(), "Runtime.enable", json!({})),
            (session.to_owned(), "Log.enable", json!({})),
            (session.to_owned(), "Target.setAutoAttach", attach),
        ]
    }

    fn log_of(&mut self, session: &str) -> Option<(String, &mut Log)> {
        let Session { page, kind } = self.sessions.get(session)?;
        Some((kind.clone(), self.logs.get_mut(page)?))
    }

    fn tell(&mut self, session: &str, level: &str, text: String) {
        if let Some((from, log)) = self.log_of(session) {
            log.console.push(ConsoleLine { from, level: level.to_owned(), text });
        }
    }
}

fn network_conditions(session: &str, offline: bool) -> Wish {
    let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    (session.to_owned(), "Network.emulateNetworkConditions", conditions)
}
