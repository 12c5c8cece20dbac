//! What the diagnosis means and what to do about it, with the exact command for this origin.

use leptos::prelude::*;

use crate::components::copy::{Command, CopyButton};
use crate::components::dom;
use crate::components::words;
use crate::sources::diagnose::{Diagnosis, Verdict};
use crate::sources::http::BaseAddress;

struct Fix {
    title: &'static str,
    note: &'static str,
    command: Option<String>,
}

fn fix(title: &'static str, note: &'static str, command: impl Into<String>) -> Fix {
    Fix { title, note, command: Some(command.into()) }
}

fn advice(title: &'static str, note: &'static str) -> Fix {
    Fix { title, note, command: None }
}

struct Meaning {
    title: String,
    text: String,
    fixes: Vec<Fix>,
}

fn meaning(verdict: &Verdict, address: &str) -> Meaning {
    let origin = dom::origin();
    let base = BaseAddress::parse(address).ok();
    let host = base.as_ref().map_or(address, |it| it.host()).to_owned();
    let port = host.rsplit_once(':').map_or("5000", |it| it.1).to_owned();
    let is_file = origin == "null" || origin.starts_with("file:");
    let say = |title: &str, text: &str, fixes: Vec<Fix>| Meaning { title: title.into(), text: text.into(), fixes };
    let allow = || {
        fix(
            "Allow this origin",
            "where the server runs, needs a restart",
            format!("mlflow server --cors-allowed-origins {origin} --port {port}"),
        )
    };
    let serve_locally = || {
        fix(
            "Or serve Halimede from localhost",
            "MLflow 3.5 and later let that origin in",
            "python3 -m http.server 8800 --directory halimede",
        )
    };
    let proxy = || {
        fix(
            "Or put both behind one origin",
            "no setting on the server; needs kubectl",
            format!("kubectl proxy --server=http://{host} --www=halimede --www-prefix=/ui/"),
        )
    };
    match verdict {
        Verdict::Fine => say("It works now", "The test reached the server. Connect again.", vec![]),
        Verdict::MixedContent => say(
            "This browser keeps an https page from calling an http address",
            "Only this machine itself is an exception. One of these gets around it.",
            vec![
                fix(
                    "Serve Halimede over http too",
                    "on any machine that reaches the server",
                    "python3 -m http.server 8800 --directory halimede",
                ),
                advice("Or put https before the server", "a reverse proxy with a certificate, such as Caddy or nginx"),
            ],
        ),
        Verdict::Down => say(
            &format!("Nothing answers at {host}"),
            "The server is down, the address or port is wrong, the name does not resolve, or the browser does not trust its certificate. A page cannot tell these apart.",
            vec![
                fix(
                    "See whether it answers from a terminal",
                    "on this machine",
                    format!("curl -i {}/version", base.as_ref().map_or(address, |it| it.as_str())),
                ),
                fix("Start it", "where the data is", format!("mlflow server --port {port}")),
            ],
        ),
        Verdict::DownOrLocalNetwork => say(
            "One of these two: the server is down, or this page may not reach your local network",
            "The browser asks before a page from the internet may call a local address. If it asked, allow it and test again.",
            vec![fix(
                "See whether it answers from a terminal",
                "on this machine",
                format!("curl -i {}/version", base.as_ref().map_or(address, |it| it.as_str())),
            )],
        ),
        Verdict::LocalNetworkDenied => say(
            "This browser keeps the page out of your local network",
            "Allow “Local network access” for this site in the browser's site settings, then test again.",
            vec![],
        ),
        Verdict::OriginRefused { sure_mlflow } => Meaning {
            title: "The server is up, but refuses this origin.".into(),
            text: format!(
                "It does not let pages from {origin} read its replies. Browsers enforce that, so nothing on our side can get around it. {}",
                if *sure_mlflow {
                    "Its icon shows that it is MLflow."
                } else {
                    "It may also be something other than MLflow, or a proxy that signs people in first."
                },
            ),
            fixes: if is_file { vec![serve_locally()] } else { vec![allow(), serve_locally(), proxy()] },
        },
        Verdict::TooOldForCors { sure_mlflow } => Meaning {
            title: if *sure_mlflow {
                "This MLflow is older than 3.5, which lets no page read it".into()
            } else {
                "One of these two: MLflow before 3.5, or not an MLflow".into()
            },
            text: format!(
                "It answers, but without the headers a browser wants. From 3.5 on MLflow sends them to {origin} without any setting."
            ),
            fixes: vec![
                fix("Update MLflow", "where the server runs", "pip install --upgrade 'mlflow>=3.5'"),
                proxy(),
                advice("Or open its files", "a copy of its mlruns folder opens here without any server"),
            ],
        },
        Verdict::HostRefused { host } => say(
            &format!("The server is up, but does not accept the name {host}"),
            "Its open address can be read and its data cannot. MLflow guards against foreign host names.",
            vec![fix(
                "Allow this name",
                "where the server runs, needs a restart",
                format!("mlflow server --allowed-hosts {host} --cors-allowed-origins {origin} --port {port}"),
            )],
        ),
        Verdict::NotMlflow { said } => say(
            "There is a server, but it does not answer like MLflow",
            &format!("It said: {said}. If MLflow runs below a path, add the path to the address."),
            vec![],
        ),
        Verdict::SignIn { said } => say(
            "The server asks for a sign-in",
            &format!("It said: {said}. Enter what it wants above and test again. A wrong password looks the same."),
            vec![],
        ),
        Verdict::Forbidden { said } => say("The server refused this sign-in", said, vec![]),
        Verdict::Other(problem) => {
            let said = words::of(problem);
            Meaning { title: said.title, text: said.text, fixes: vec![] }
        }
    }
}

#[component]
pub fn VerdictView(diagnosis: Diagnosis, address: String) -> impl IntoView {
    let meaning = meaning(&diagnosis.verdict, &address);
    let report = report(&diagnosis, &meaning, &address);
    let numbered = meaning.fixes.len() > 1;
    let fixes: Vec<_> = meaning
        .fixes
        .into_iter()
        .enumerate()
        .map(|(i, it)| {
            let title = if numbered { format!("{}  {}", i + 1, it.title) } else { it.title.to_owned() };
            view! {
                <div class="fix">
                    <h3>{title}<span>{it.note}</span></h3>
                    {it.command.map(|command| view! { <Command text=command what="the command" /> })}
                </div>
            }
        })
        .collect();
    view! {
        <div class="notice bad" role="alert">
            <div class="title">{meaning.title}</div>
            <div class="text">{meaning.text}</div>
        </div>
        {fixes}
        <details open>
            <summary>"What the browser told us"</summary>
            <table class="evidence"><tbody>
                {diagnosis.evidence.into_iter().map(|(what, said)| view! { <tr><td>{what}</td><td>{said}</td></tr> }).collect_view()}
            </tbody></table>
        </details>
        <div style="display:flex;align-items:center;gap:8px" class="minor">
            <CopyButton text=report what="this report for the server's admin" />
            "Report for the server's admin"
        </div>
    }
}

fn report(diagnosis: &Diagnosis, meaning: &Meaning, address: &str) -> String {
    let mut text = format!("Halimede could not open {address}\n{}\n{}\n\nTried:\n", meaning.title, meaning.text);
    for step in &diagnosis.steps {
        text.push_str(&format!("- {}: {:?} {}\n", step.what, step.outcome, step.said));
    }
    text.push_str("\nEvidence:\n");
    for (what, said) in &diagnosis.evidence {
        text.push_str(&format!("- {what}: {said}\n"));
    }
    for fix in &meaning.fixes {
        text.push_str(&format!("\n{} ({})\n{}\n", fix.title, fix.note, fix.command.as_deref().unwrap_or_default()));
    }
    text
}
