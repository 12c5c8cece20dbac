//! Why a server cannot be read, as far as a browser can know. The evidence is shown, and where it
//! fits two causes both are named.

use serde::{Deserialize, Serialize};

use super::Source;
use super::http::{BaseAddress, Http};
use crate::model::Problem;

/// What only the page knows about where it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// As the server would see it in `Origin`: `https://host`, `null` for a file.
    pub origin: String,
    /// `granted`, `denied`, `prompt`: the browser's answer about calls to the local network.
    pub local_network: Option<String>,
    /// A picture that MLflow serves loaded from the address. Pictures need no CORS.
    pub picture: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Yes,
    No,
    /// An earlier step failed.
    NotReached,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub what: String,
    pub outcome: Outcome,
    pub said: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    Fine,
    /// An https page may not call an http address, except on this machine.
    MixedContent,
    /// Nothing answers there: down, wrong address or port, a name that does not resolve, a
    /// certificate the browser refuses.
    Down,
    /// As `Down`, or the browser's permission for the local network is missing.
    DownOrLocalNetwork,
    /// The browser was told not to let pages into the local network.
    LocalNetworkDenied,
    /// It answers and does not let this origin read.
    OriginRefused {
        sure_mlflow: bool,
    },
    /// It answers without the headers and this origin is one that 3.5 and later let in.
    TooOldForCors {
        sure_mlflow: bool,
    },
    /// The open address can be read, the data cannot.
    HostRefused {
        host: String,
    },
    NotMlflow {
        said: String,
    },
    SignIn {
        said: String,
    },
    Forbidden {
        said: String,
    },
    Other(Problem),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub steps: Vec<Step>,
    pub verdict: Verdict,
    /// What was tried and what the browser said, for the person who runs the server.
    pub evidence: Vec<(String, String)>,
}

const STEPS: [&str; 4] =
    ["The address answers", "This page may read the answer", "It is MLflow", "Sign-in and first page of experiments"];

pub async fn diagnose(
    base: &BaseAddress,
    source: &dyn Source,
    http: &dyn Http,
    place: &Place,
    now: &dyn Fn() -> f64,
) -> Diagnosis {
    let mut evidence = vec![("page origin".to_owned(), place.origin.clone())];
    let is_mixed = place.origin.starts_with("https:") && !base.is_https() && !base.is_loopback();
    if is_mixed {
        evidence.push(("mixed content".into(), "yes: an https page and an http address".into()));
        return finish(0, "blocked by this browser", Verdict::MixedContent, evidence);
    }
    let began = now();
    let greeted = source.greet().await;
    let took = format!("{:.0} ms", now() - began);
    evidence.push((
        "read of /version and the experiments".into(),
        match &greeted {
            Ok(it) => format!("MLflow {}, {took}", it.version.as_deref().unwrap_or("of unknown version")),
            Err(problem) => format!("{problem}, {took}"),
        },
    ));
    let problem = match greeted {
        Ok(greeting) => {
            let version = greeting.version.unwrap_or_default();
            return finish(4, &version, Verdict::Fine, evidence);
        }
        Err(problem) => problem,
    };
    match problem {
        Problem::Unreachable { .. } | Problem::TimedOut { .. } => unreadable(base, http, place, now, evidence).await,
        Problem::Unauthorized { said } => finish(3, "asks for a sign-in", Verdict::SignIn { said }, evidence),
        Problem::Forbidden { said } if said.contains("Host header") => {
            finish(2, "host refused", Verdict::HostRefused { host: base.host().to_owned() }, evidence)
        }
        Problem::Forbidden { said } if said.contains("Cross-origin") => {
            finish(1, "blocked by CORS", Verdict::OriginRefused { sure_mlflow: true }, evidence)
        }
        Problem::Forbidden { said } => finish(3, "refused", Verdict::Forbidden { said }, evidence),
        Problem::Malformed { said, .. } => finish(2, "something else", Verdict::NotMlflow { said }, evidence),
        Problem::NotFound { what } => finish(2, "not found", Verdict::NotMlflow { said: what }, evidence),
        other => {
            let said = other.to_string();
            finish(3, &said, Verdict::Other(other), evidence)
        }
    }
}

/// The browser gave no reason. A request whose answer may not be read tells whether anyone is there.
async fn unreadable(
    base: &BaseAddress,
    http: &dyn Http,
    place: &Place,
    now: &dyn Fn() -> f64,
    mut evidence: Vec<(String, String)>,
) -> Diagnosis {
    let began = now();
    let answers = http.answers(&format!("{}/version", base.as_str())).await;
    let took = format!("{:.0} ms", now() - began);
    let said = if answers { "an answer, closed to this page" } else { "no answer" };
    evidence.push(("fetch no-cors /version".into(), format!("{said}, {took}")));
    if let Some(loads) = place.picture {
        let said = if loads { "loads, so this is MLflow" } else { "does not load" };
        evidence.push(("MLflow's own icon".into(), said.into()));
    }
    if let Some(state) = &place.local_network {
        evidence.push(("permission for the local network".into(), state.clone()));
    }
    if !answers {
        let verdict = match place.local_network.as_deref() {
            Some("denied") => Verdict::LocalNetworkDenied,
            Some("prompt") if !is_local_page(&place.origin) => Verdict::DownOrLocalNetwork,
            _ => Verdict::Down,
        };
        return finish(0, "no answer", verdict, evidence);
    }
    // Can the open address be read, though the data could not?
    let version = http
        .send(super::http::Request {
            method: "GET",
            url: format!("{}/version", base.as_str()),
            headers: Vec::new(),
            body: None,
            limit: 4096,
            cut_at_limit: true,
            timeout_ms: 15_000,
        })
        .await;
    evidence.push((
        "fetch cors /version, no sign-in".into(),
        match &version {
            Ok(it) => format!("status {}", it.status),
            Err(problem) => problem.to_string(),
        },
    ));
    if version.is_ok_and(|it| it.status == 200) {
        return finish(2, "its data is closed", Verdict::HostRefused { host: base.host().to_owned() }, evidence);
    }
    let sure_mlflow = place.picture == Some(true);
    let verdict = if is_let_in_by_default(&place.origin) {
        Verdict::TooOldForCors { sure_mlflow }
    } else {
        Verdict::OriginRefused { sure_mlflow }
    };
    finish(1, "blocked by CORS", verdict, evidence)
}

fn is_local_page(origin: &str) -> bool {
    BaseAddress::parse(origin).is_ok_and(|it| it.is_loopback())
}

/// MLflow 3.5 and later answer http pages of this machine without any setting.
fn is_let_in_by_default(origin: &str) -> bool {
    ["http://localhost", "http://127.0.0.1", "http://[::1]"]
        .iter()
        .any(|it| origin.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}

fn finish(n_passed: usize, said: &str, verdict: Verdict, evidence: Vec<(String, String)>) -> Diagnosis {
    let step = |(i, what): (usize, &&str)| Step {
        what: (*what).to_owned(),
        outcome: match i {
            i if i < n_passed => Outcome::Yes,
            i if i == n_passed => Outcome::No,
            _ => Outcome::NotReached,
        },
        said: if i == n_passed { said.to_owned() } else { String::new() },
    };
    Diagnosis { steps: STEPS.iter().enumerate().map(step).collect(), verdict, evidence }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures::executor::block_on;

    use super::super::http::{Client, Request, Response};
    use super::super::{Result, open_server};
    use super::*;
    use crate::model::Auth;

    /// A server as a browser meets it: what can be read, and whether anything answers.
    struct Met {
        version: Option<(u16, &'static str)>,
        data: Option<(u16, &'static str)>,
        answers: bool,
    }

    #[async_trait(?Send)]
    impl Http for Met {
        async fn send(&self, request: Request) -> Result<Response> {
            let met = if request.url.ends_with("/version") { self.version } else { self.data };
            match met {
                Some((status, text)) => Ok(Response { status, bytes: text.into(), ..Response::default() }),
                None => Err(Problem::Unreachable { address: "h".into() }),
            }
        }
        async fn answers(&self, _: &str) -> bool {
            self.answers
        }
    }

    const HTTPS: &str = "https://halimede.example";
    const LOCAL: &str = "http://localhost:8800";

    fn verdict(met: Met, address: &str, origin: &str, local_network: Option<&str>) -> Verdict {
        let base = BaseAddress::parse(address).expect("an address");
        let met = std::rc::Rc::new(met);
        let source = open_server("mlflow", Client::new(base.clone(), Auth::None, met.clone())).expect("opens");
        let place =
            Place { origin: origin.into(), local_network: local_network.map(str::to_owned), picture: Some(false) };
        block_on(diagnose(&base, source.as_ref(), met.as_ref(), &place, &|| 0.0)).verdict
    }

    fn silent(answers: bool) -> Met {
        Met { version: None, data: None, answers }
    }

    #[test]
    fn each_cause_has_its_verdict() {
        let check = |met: Met, address: &str, origin: &str, expected: Verdict| {
            assert_eq!(verdict(met, address, origin, None), expected, "{address} from {origin}");
        };
        check(silent(false), "http://10.0.0.1:5000", HTTPS, Verdict::MixedContent);
        check(silent(false), "http://localhost:5000", HTTPS, Verdict::Down);
        check(silent(false), "http://h:5000", LOCAL, Verdict::Down);
        check(silent(true), "https://h", HTTPS, Verdict::OriginRefused { sure_mlflow: false });
        check(silent(true), "http://h:5000", LOCAL, Verdict::TooOldForCors { sure_mlflow: false });
        let half = || Met { version: Some((200, "3.18.0")), data: None, answers: true };
        check(half(), "http://h:5000", LOCAL, Verdict::HostRefused { host: "h:5000".into() });
        let host = Met { version: Some((200, "3.18.0")), data: Some((403, "Invalid Host header")), answers: true };
        check(host, "http://h:5000", LOCAL, Verdict::HostRefused { host: "h:5000".into() });
        let login = Met { version: Some((401, "sign in")), data: None, answers: true };
        check(login, "http://h", LOCAL, Verdict::SignIn { said: "sign in".into() });
        let fine = Met { version: Some((200, "3.18.0")), data: Some((200, "{}")), answers: true };
        check(fine, "http://h", LOCAL, Verdict::Fine);
        let other = Met { version: Some((200, "<html>")), data: None, answers: true };
        assert!(matches!(verdict(other, "http://h", LOCAL, None), Verdict::NotMlflow { .. }));
    }

    #[test]
    fn a_permission_that_is_missing_is_named() {
        let down = |state| verdict(silent(false), "http://localhost:5000", HTTPS, Some(state));
        assert_eq!(down("denied"), Verdict::LocalNetworkDenied);
        assert_eq!(down("prompt"), Verdict::DownOrLocalNetwork);
        assert_eq!(down("granted"), Verdict::Down);
        let here = verdict(silent(false), "http://localhost:5000", LOCAL, Some("prompt"));
        assert_eq!(here, Verdict::Down, "a page of this machine needs no permission");
    }
}
