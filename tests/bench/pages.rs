//! Pages of charts: how evenly a hundred of them scroll, how soon a crosshair answers among a million
//! of points, and how soon all runs of a real MLflow are drawn, beside its own page.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::charts::{grouped, number, opened, site};
use crate::support::browser::{Browser, Options};
use crate::support::mlflow::{self, Mlflow};
use crate::support::page::Page;
use crate::support::site::Site;
use crate::{ROUNDS, load, median};

/// The middle, the 95th of a hundred, and the longest.
pub fn spread(value: &Value) -> [f64; 3] {
    let mut all: Vec<f64> = value.as_array().into_iter().flatten().map(number).collect();
    all.sort_by(f64::total_cmp);
    assert!(!all.is_empty(), "nothing was measured");
    [all[all.len() / 2], all[all.len() * 95 / 100], all[all.len() - 1]]
}

/// Down a page of charts by so many pixels a frame, to its end; the time between frames.
const SCROLL: &str = r#"
(async () => {
  const scroller = [...document.querySelectorAll("main *")].filter((it) => it.scrollHeight > it.clientHeight + 2000 && getComputedStyle(it).overflowY !== "visible")[0];
  const frames = [], frame = () => new Promise(requestAnimationFrame);
  let last = await frame();
  while (scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1) {
    scroller.scrollTop += 24;
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  return frames;
})()
"#;

#[test]
#[ignore = "a benchmark"]
fn pages_of_a_hundred_charts_scroll() {
    let site = site((50, 1_000), 100);
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let browser = Browser::launch_with(&Options::default());
        let (page, place) = opened(&browser, &site, (1440, 900));
        page.eval(&format!("location.hash = '{place}?look=charts&eyes=first50'"));
        page.wait("curves", "document.querySelector('.chart .plot')?.ariaLabel.includes(', 50 curves')");
        std::thread::sleep(Duration::from_millis(1_000));
        let cpu = browser.cpu_ms();
        let frames = page.eval(SCROLL);
        let n = frames.as_array().map_or(0, Vec::len);
        let per_frame = (browser.cpu_ms() - cpu) / n.max(1) as f64;
        assert!(n > 100, "{n} frames: the page does not scroll");
        let [middle, most, longest] = spread(&frames);
        all.push((middle, most, longest, per_frame));
    }
    let of = |pick: fn(&(f64, f64, f64, f64)) -> f64| median(all.iter().map(pick).collect());
    println!("load {}; 100 charts x 50 runs x 1000 points, scrolled 24 pixels a frame, medians of {ROUNDS}", load());
    println!(
        "frame: median {:.1}, p95 {:.1}, longest {:.1} ms; CPU {:.1} ms a frame",
        of(|it| it.0),
        of(|it| it.1),
        of(|it| it.2),
        of(|it| it.3)
    );
}

/// From the pointer's move to the legend with the values there, at many places.
const HOVER: &str = r#"
(async () => {
  const plot = document.querySelector(".chart.full .plot"), box = plot.getBoundingClientRect(), walls = [];
  const said = () => plot.querySelector(".legend")?.textContent ?? "";
  for (let i = 0; i < 60; i++) {
    await new Promise(requestAnimationFrame);
    const before = said(), start = performance.now();
    const heard = new Promise((done) => {
      const look = new MutationObserver(() => { if (said() && said() !== before) { look.disconnect(); done(performance.now() - start); } });
      look.observe(plot, { childList: true, subtree: true, characterData: true });
    });
    const at = { bubbles: true, clientX: box.left + 100 + (i * 389) % 1000, clientY: box.top + 300 };
    plot.dispatchEvent(new PointerEvent("pointermove", at));
    walls.push(await heard);
  }
  return walls;
})()
"#;

#[test]
#[ignore = "a benchmark"]
fn pages_answer_a_hover() {
    let site = site((1_000, 10_000), 1);
    let browser = Browser::launch_with(&Options::default());
    let (page, place) = opened(&browser, &site, (1262, 660));
    page.eval(&format!("location.hash = '{place}?look=charts&eyes=first1000'"));
    page.wait("the chart", "document.querySelector('[aria-label=\"Full screen\"]')");
    page.click("button", "Full screen");
    let curves = format!(", {} curves", grouped(1_000));
    page.wait("curves", &format!("document.querySelector('.chart.full .plot')?.ariaLabel.includes({})", json!(curves)));
    std::thread::sleep(Duration::from_millis(1_000));
    let [middle, most, longest] = spread(&page.eval(HOVER));
    println!("load {}; 1000 x 10000, from the pointer to the values of all lines there, 60 places", load());
    println!("median {middle:.1}, p95 {most:.1}, longest {longest:.1} ms");
}

/// All runs of the first visible chart, from when they are asked for.
fn drawn_by_us(site: &Site, mlflow: &Mlflow, experiment: &str) -> f64 {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&site.url());
    page.set_viewport(1440, 900, 1.0);
    page.bring_to_front();
    page.wait("the door", "window.halimede && halimede.ready()");
    page.eval(&format!("halimede.connect('{}')", mlflow.url()));
    let place = format!("#/s/{}/p/{experiment}", format!("mlflow:{}", mlflow.url()).replace('/', "%2F"));
    page.eval(&format!("location.hash = '{place}?look=charts&eyes=none'"));
    page.wait("the charts", "!!document.querySelector('.chart .plot')");
    std::thread::sleep(Duration::from_millis(2_000));
    let done = "document.querySelector('.chart .plot')?.ariaLabel.includes(', 100 curves')";
    let act = format!("location.hash = '{place}?look=charts&eyes=first100'");
    until(&page, &act, done)
}

fn drawn_by_mlflow(mlflow: &Mlflow, experiment: &str) -> f64 {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&format!("{}/#/experiments/{experiment}/runs?compareRunsMode=CHART", mlflow.url()));
    page.set_viewport(1440, 900, 1.0);
    // A page in the background draws nothing.
    page.bring_to_front();
    let minute = Duration::from_secs(60);
    page.wait_for(minute, "its first charts", "!!document.querySelector('.js-plotly-plot path.js-line')");
    std::thread::sleep(Duration::from_millis(3_000));
    page.click("button", "Toggle visibility of runs");
    let all = "[...document.querySelectorAll('[role=menuitemradio]')].find((it) => it.textContent === 'Show all runs')";
    page.wait("its menu", &format!("{all} !== undefined"));
    // The points themselves stand behind each smoothed line.
    let done = "document.querySelectorAll('.js-plotly-plot')[0]?.querySelectorAll('path.js-line').length >= 100";
    until(&page, &format!("{all}.click()"), done)
}

/// Milliseconds from an act to the frame after which something holds.
fn until(page: &Page, act: &str, done: &str) -> f64 {
    page.eval(&format!(
        "window.took = null; (() => {{ const start = performance.now(); const look = () => {{ if ({done}) requestAnimationFrame(() => took = performance.now() - start); else requestAnimationFrame(look); }}; {act}; look(); }})(); 0"
    ));
    number(&page.wait_for(Duration::from_secs(180), "the picture", "window.took"))
}

/// What one request for all curves takes.
fn request(mlflow: &Mlflow) -> f64 {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&format!("{}/version", mlflow.url()));
    let runs: Vec<String> = (0..100).map(|it| format!("run_ids={it:032x}")).collect();
    let url = format!(
        "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?{}&metric_key=m0%2Fvalue&max_results=320",
        runs.join("&")
    );
    number(&page.eval(&format!(
        "(async () => {{ const start = performance.now(); await (await fetch({})).text(); return performance.now() - start; }})()",
        json!(url)
    )))
}

#[test]
#[ignore = "a benchmark"]
fn pages_draw_all_runs_of_a_real_mlflow() {
    const MOST: usize = 3;
    // As many workers as it has when nobody says how many.
    let args = ["--workers", "4"].map(str::to_owned).into();
    let mlflow = Mlflow::start(mlflow::Options { args, ..mlflow::Options::default() });
    let experiment = mlflow.experiment("bench");
    let python = std::env::var("HALIMEDE_PYTHON").expect("HALIMEDE_PYTHON");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed_runs.py");
    let seeded = Command::new(python).arg(script).arg(mlflow.database()).args([&experiment, "100", "1000"]).status();
    assert!(seeded.is_ok_and(|it| it.success()));
    let site = Site::serve(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist"), "/sub/");
    let (mut we, mut they, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..MOST {
        we.push(drawn_by_us(&site, &mlflow, &experiment));
        they.push(drawn_by_mlflow(&mlflow, &experiment));
        bare.push(request(&mlflow));
    }
    let each = |it: &[f64]| it.iter().map(|it| format!("{it:.0}")).collect::<Vec<_>>().join(", ");
    println!("in turn: Halimede {}; MLflow's page {}; the request {}", each(&we), each(&they), each(&bare));
    let (we, they, bare) = (median(we), median(they), median(bare));
    println!("load {}; 100 runs x 10 metrics x 1000 points, all runs asked for until the first chart has them", load());
    println!("Halimede {we:.0} ms, MLflow's page {they:.0} ms ({:.1}x), one bulk request {bare:.0} ms", they / we);
}
