//! Measured side by side in one run, medians over rounds, against MLflow's own page where it is
//! the peer. `cargo xtask bench` prints the figures with the machine's load.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used)]

mod boards;
mod charts;
mod pages;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use support::answers;
use support::browser::{Browser, Options as BrowserOptions};
use support::hostile::Hostile;
use support::mlflow::{Mlflow, Options};
use support::page::Page;
use support::site::Site;

const ROUNDS: usize = 5;

/// Milliseconds from the start of the navigation to the frame after this many rows are there.
fn watch_rows(page: &Page, selector: &str, n: usize) {
    let source = format!(
        "(() => {{ const look = () => {{ if (document.querySelectorAll({selector:?}).length >= {n}) requestAnimationFrame(() => requestAnimationFrame(() => window.__painted ??= performance.now())); else requestAnimationFrame(look) }}; requestAnimationFrame(look) }})()"
    );
    page.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source }));
}

/// Wall and CPU of a reload until the rows are painted.
fn reload(page: &Page) -> (f64, f64) {
    // A page in the background is throttled.
    page.bring_to_front();
    let cpu = page.cpu_ms();
    page.reload();
    let wall = page.wait_for(Duration::from_secs(60), "painted rows", "window.__painted").as_f64().expect("a time");
    // The process may be a new one after a reload; then its whole time counts.
    let used = page.cpu_ms() - cpu;
    (wall, if used > 0.0 { used } else { page.cpu_ms() })
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>().join(" ")
}

#[test]
#[ignore = "a benchmark"]
fn ten_thousand_cached_runs_against_mlflows_own_page() {
    let mlflow = Mlflow::start(Options::default());
    let experiment = mlflow.experiment("bench");
    let python = std::env::var("HALIMEDE_PYTHON").expect("HALIMEDE_PYTHON");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed_runs.py");
    let seeded = Command::new(python).arg(script).arg(mlflow.database()).arg(&experiment).arg("10000").status();
    assert!(seeded.is_ok_and(|it| it.success()));
    let site = Site::serve(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist"), "/sub/");
    let browser = Browser::launch_with(&BrowserOptions::default());

    let ours = browser.page(&site.url());
    ours.wait("the door", "window.halimede && halimede.ready()");
    ours.eval(&format!("halimede.connect('{}')", mlflow.url()));
    let project = json!({ "source": format!("mlflow:{}", mlflow.url()), "id": experiment });
    ours.wait_for(
        Duration::from_secs(120),
        "all runs cached",
        &format!("halimede.runs({project}, {{limit: 1}}).then(it => it.complete && it.cached === 10000)"),
    );
    let bare = browser.page(&site.url());
    watch_rows(&bare, ".doors", 1);
    watch_rows(&ours, ".tr", 20);
    ours.goto(&format!("{}#/s/{}/p/{experiment}", site.url(), format!("mlflow:{}", mlflow.url()).replace('/', "%2F")));
    let theirs = browser.page("about:blank");
    watch_rows(&theirs, "[role=row]", 20);
    theirs.goto(&format!("{}/#/experiments/{experiment}/runs", mlflow.url()));
    theirs.wait_for(Duration::from_secs(60), "MLflow's rows", "window.__painted");

    let mut all: [Vec<(f64, f64)>; 3] = Default::default();
    for round in 0..=ROUNDS {
        for (page, into) in [&ours, &theirs, &bare].into_iter().zip(&mut all) {
            let figures = reload(page);
            // The first is the warm-up.
            if round > 0 {
                into.push(figures);
            }
        }
    }
    println!("load {}", load());
    println!("{:<44}{:>10}{:>10}", "reload to painted rows, median of 5", "wall ms", "CPU ms");
    let figures: Vec<(f64, f64)> = all
        .iter()
        .map(|it| (median(it.iter().map(|it| it.0).collect()), median(it.iter().map(|it| it.1).collect())))
        .collect();
    for (name, (wall, cpu)) in ["Halimede, 10 000 cached runs", "MLflow's page, 100 of 10 000 runs", "Halimede's home"]
        .into_iter()
        .zip(&figures)
    {
        println!("{name:<44}{wall:>10.0}{cpu:>10.0}");
    }
    println!("ratio to MLflow's page: {:.1} wall, {:.1} CPU", figures[1].0 / figures[0].0, figures[1].1 / figures[0].1);
    println!("above Halimede's own start: {:.0} ms wall", figures[0].0 - figures[2].0);
}

#[test]
#[ignore = "a benchmark"]
fn the_page_thread_while_ten_thousand_runs_stream_in() {
    let (wall, cpu): (Vec<f64>, Vec<f64>) = (0..ROUNDS).map(|_| longest_task_of_a_first_opening()).unzip();
    println!("load {}", load());
    println!(
        "longest page-thread task while 10 000 runs stream in, median of {ROUNDS}: {:.0} ms CPU, {:.0} ms wall",
        median(cpu),
        median(wall)
    );
}

/// Wall and CPU.
fn longest_task_of_a_first_opening() -> (f64, f64) {
    let server = Hostile::start(|request| answers::plausible(request, 10_000));
    let site = Site::serve(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist"), "/sub/");
    let browser = Browser::launch_with(&BrowserOptions::default());
    let page = browser.page(&site.url());
    page.wait("the door", "window.halimede && halimede.ready()");
    page.eval(&format!("halimede.connect('{}')", server.url()));
    let place = format!("#/s/{}/p/0", format!("mlflow:{}", server.url()).replace('/', "%2F"));
    page.longest_task_ms(&format!(
        "(location.hash = {place:?}, new Promise(done => {{ const look = () => (document.querySelector('.runs footer')?.textContent ?? '').replace(/\\s/g, '').includes('10000of10000runs') ? done() : setTimeout(look, 50); look() }}))"
    ))
}
