//! Line charts beside uPlot: N curves of M points, the first picture and zooms, with axes and labels,
//! each contestant in a fresh browser each round. Ours runs as people run it: a snapshot opened in the
//! built site, the chart on its page, zoomed by the wheel.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::browser::{Browser, Options};
use crate::support::page::Page;
use crate::support::site::Site;
use crate::{ROUNDS, load, median};

const CASES: [(usize, usize); 6] =
    [(10, 1_000), (100, 1_000), (1_000, 1_000), (100, 10_000), (1_000, 10_000), (10, 1_000_000)];
const ZOOMS: usize = 12;

/// Wall and CPU of the first picture, of a zoom, and what the memory grew by.
#[derive(Default)]
struct Figures {
    first: (Vec<f64>, Vec<f64>),
    zoom: (Vec<f64>, Vec<f64>),
    memory: Vec<f64>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The built site with the curves and the peer beside it.
fn site(n: usize, m: usize) -> Site {
    let folder = root().join("target/bench/lines");
    let _ = std::fs::remove_dir_all(&folder);
    let copied = Command::new("cp").arg("-r").arg(root().join("dist")).arg(&folder).status();
    assert!(copied.is_ok_and(|it| it.success()), "copies the site");
    let python = std::env::var("HALIMEDE_PYTHON").expect("HALIMEDE_PYTHON");
    let made = Command::new(python)
        .arg(root().join("tests/bench/lines.py"))
        .args([n.to_string(), m.to_string()])
        .args([folder.join("curves.zip"), folder.join("values.bin")])
        .status();
    assert!(made.is_ok_and(|it| it.success()), "writes the snapshot");
    let peer = root().join("target/bench/node_modules/uplot/dist");
    for name in ["uPlot.iife.min.js", "uPlot.min.css"] {
        std::fs::copy(peer.join(name), folder.join(name)).expect("uPlot: cargo xtask bench installs it");
    }
    std::fs::write(folder.join("peer.html"), include_str!("lines.html")).expect("writes");
    Site::serve(folder, "/")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// CPU of a piece of work and of what it leaves behind in the next moments.
fn timed(browser: &Browser, page: &Page, work: &str) -> (f64, f64) {
    let cpu = browser.cpu_ms();
    let wall = number(&page.eval(work));
    std::thread::sleep(Duration::from_millis(150));
    (wall, browser.cpu_ms() - cpu)
}

/// Wall of the middle one, CPU of all in equal parts.
fn time_zooms(browser: &Browser, page: &Page, zooms: &[String], into: &mut Figures) {
    let work =
        format!("(async () => {{ const walls = []; {} return walls.sort((a, b) => a - b)[6]; }})()", zooms.join(""));
    let (wall, cpu) = timed(browser, page, &work);
    into.zoom.0.push(wall);
    into.zoom.1.push(cpu / 12.0);
}

fn widths() -> impl Iterator<Item = f64> {
    (0..ZOOMS).map(|i| 0.9 - 0.8 * f64::from(u32::try_from(i).unwrap_or(0)) / 12.0)
}

fn uplot(site: &Site, n: usize, m: usize, into: &mut Figures) {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&format!("{}peer.html", site.url()));
    page.set_viewport(1262, 660, 1.0);
    page.eval(&format!("peer.load({n}, {m}).then(() => 0)"));
    std::thread::sleep(Duration::from_millis(500));
    page.bring_to_front();
    let before = browser.renderer_mb();
    let (wall, cpu) = timed(&browser, &page, "peer.first()");
    into.memory.push(browser.renderer_mb() - before);
    into.first.0.push(wall);
    into.first.1.push(cpu);
    let all = f64::from(u32::try_from(m).unwrap_or(u32::MAX));
    let zooms: Vec<String> = widths()
        .map(|it| format!("walls.push(await peer.zoom({}, {}));", all * (1.0 - it) / 2.0, all * (1.0 + it) / 2.0))
        .collect();
    time_zooms(&browser, &page, &zooms, into);
}

/// Waits until the chart's canvas is drawn again, axes and all, and reads it back.
const HELPERS: &str = r#"
window.lines = () => document.querySelector(".chart.full .plot canvas");
window.drawn = (act) => new Promise((done) => {
  const start = performance.now();
  const context = lines().getContext("2d");
  context.putImageData = (...picture) => {
    delete context.putImageData;
    context.putImageData(...picture);
    queueMicrotask(() => {
      context.getImageData(0, 0, 1, 1);
      done(performance.now() - start);
    });
  };
  act();
});
window.wheel = (times) => {
  const plot = document.querySelector(".chart.full .plot"), box = plot.getBoundingClientRect();
  plot.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ctrlKey: true, deltaY: 300 * Math.log2(times), clientX: box.left + 650, clientY: box.top + 100 }));
};
window.zoomed = async (times) => { await new Promise(requestAnimationFrame); return drawn(() => wheel(times)); };
0
"#;

fn ours(site: &Site, n: usize, into: &mut Figures) {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&site.url());
    page.set_viewport(1262, 660, 1.0);
    page.wait("the door", "window.halimede && halimede.ready()");
    let source = page.eval(
        "fetch('curves.zip').then(it => it.blob()).then(it => halimede.open(new File([it], 'curves.zip'))).then(() => halimede.sources()).then(it => it[0].id)",
    );
    let place = format!("#/s/{}/p/1", source.as_str().expect("a source").replace('/', "%2F"));
    page.eval(&format!("location.hash = '{place}?look=charts&eyes=none'"));
    page.wait("the chart", "document.querySelector('[aria-label=\"Full screen\"]')");
    page.click("button", "Full screen");
    page.eval(HELPERS);
    std::thread::sleep(Duration::from_millis(1_500));
    page.bring_to_front();
    let before = browser.renderer_mb();
    let look = format!("drawn(() => location.hash = '{place}?look=charts&eyes=first{n}')");
    let (wall, cpu) = timed(&browser, &page, &look);
    page.wait(
        "all curves",
        &format!("document.querySelector('.chart.full .plot').ariaLabel.includes(', {} curves')", grouped(n)),
    );
    into.memory.push(browser.renderer_mb() - before);
    into.first.0.push(wall);
    into.first.1.push(cpu);
    let mut last = 1.0;
    let zooms: Vec<String> = widths()
        .map(|it| {
            let times = it / last;
            last = it;
            format!("walls.push(await zoomed({times}));")
        })
        .collect();
    time_zooms(&browser, &page, &zooms, into);
}

fn grouped(n: usize) -> String {
    halimede::components::format::count(u32::try_from(n).unwrap_or(0))
}

#[test]
#[ignore = "a benchmark"]
fn charts_against_uplot() {
    // A quick look at one case: HALIMEDE_CASES=100x10000 HALIMEDE_ROUNDS=1.
    let rounds = std::env::var("HALIMEDE_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    println!("load {}; uPlot 1.6.32; 1200 x 600, one device pixel each; medians of {rounds}", load());
    println!(
        "{:<14}{:>34}{:>34}{:>20}",
        "", "first: wall, CPU ms (uPlot)", "zoom: wall, CPU ms (uPlot)", "memory MB (uPlot)"
    );
    let only = std::env::var("HALIMEDE_CASES").unwrap_or_default();
    for (n, m) in
        CASES.into_iter().filter(|it| only.is_empty() || only.split(',').any(|one| one == format!("{}x{}", it.0, it.1)))
    {
        let site = site(n, m);
        let (mut we, mut they) = (Figures::default(), Figures::default());
        for _ in 0..rounds {
            ours(&site, n, &mut we);
            uplot(&site, n, m, &mut they);
        }
        let middle = |it: &Vec<f64>| median(it.clone());
        let pair = |ours: &(Vec<f64>, Vec<f64>), theirs: &(Vec<f64>, Vec<f64>)| {
            let (a, b, c, d) = (middle(&ours.0), middle(&ours.1), middle(&theirs.0), middle(&theirs.1));
            format!("{a:.0} {b:.0} ({c:.0} {d:.0}) {:.1}x {:.1}x", c / a, d / b)
        };
        println!(
            "{:<14}{:>34}{:>34}{:>20}",
            format!("{n} x {m}"),
            pair(&we.first, &they.first),
            pair(&we.zoom, &they.zoom),
            format!("{:.0} ({:.0})", middle(&we.memory), middle(&they.memory))
        );
    }
}
