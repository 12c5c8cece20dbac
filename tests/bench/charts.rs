//! Line charts beside uPlot and Plotly: N curves of M points, the first picture and zooms, with axes
//! and labels, each contestant in a fresh browser each round: with lines as wide as ours, and uPlot with hairlines too. Ours runs as people run it: a snapshot
//! opened in the built site, the chart on its page, zoomed by the wheel. The peers are given arrays in
//! memory; beside our first picture from the snapshot's file stands one of curves that are in memory.

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
/// Plotly takes minutes for more.
const PLOTLY_CASES: [(usize, usize); 2] = [(100, 10_000), (1_000, 1_000)];

/// Wall and CPU of the first picture, of a zoom, and what the memory grew by.
#[derive(Default)]
struct Figures {
    file: (Vec<f64>, Vec<f64>),
    first: (Vec<f64>, Vec<f64>),
    zoom: (Vec<f64>, Vec<f64>),
    memory: Vec<f64>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The built site with the curves and the peer beside it.
pub fn site((n, m): (usize, usize), metrics: usize) -> Site {
    let folder = root().join("target/bench/lines");
    let _ = std::fs::remove_dir_all(&folder);
    let _ = std::fs::create_dir_all(root().join("target/bench"));
    let copied = Command::new("cp").arg("-r").arg(root().join("dist")).arg(&folder).status();
    assert!(copied.is_ok_and(|it| it.success()), "copies the site");
    let python = std::env::var("HALIMEDE_PYTHON").expect("HALIMEDE_PYTHON");
    let made = Command::new(python)
        .arg(root().join("tests/bench/lines.py"))
        .args([n.to_string(), m.to_string()])
        .args([folder.join("curves.zip"), folder.join("values.bin")])
        .arg(metrics.to_string())
        .status();
    assert!(made.is_ok_and(|it| it.success()), "writes the snapshot");
    let peers = root().join("target/bench/node_modules");
    for (package, name) in
        [("uplot/dist", "uPlot.iife.min.js"), ("uplot/dist", "uPlot.min.css"), ("plotly.js-dist-min", "plotly.min.js")]
    {
        // Not every benchmark has peers; those that do say what is missing.
        let _ = std::fs::copy(peers.join(package).join(name), folder.join(name));
    }
    std::fs::write(folder.join("peer.html"), include_str!("lines.html")).expect("writes");
    Site::serve(folder, "/")
}

pub fn number(value: &Value) -> f64 {
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

/// `name`: of the page's object for it.
fn peer(site: &Site, name: &str, (n, m): (usize, usize), into: &mut Figures) {
    let browser = Browser::launch_with(&Options::default());
    let page = browser.page(&format!("{}peer.html", site.url()));
    page.set_viewport(1262, 660, 1.0);
    page.eval(&format!("{name}.load({n}, {m}).then(() => 0)"));
    std::thread::sleep(Duration::from_millis(500));
    page.bring_to_front();
    let before = browser.renderer_mb();
    let (wall, cpu) = timed(&browser, &page, &format!("{name}.first()"));
    into.memory.push(browser.renderer_mb() - before);
    into.first.0.push(wall);
    into.first.1.push(cpu);
    let all = f64::from(u32::try_from(m).unwrap_or(u32::MAX));
    let zooms: Vec<String> = widths()
        .map(|it| format!("walls.push(await {name}.zoom({}, {}));", all * (1.0 - it) / 2.0, all * (1.0 + it) / 2.0))
        .collect();
    time_zooms(&browser, &page, &zooms, into);
}

/// Waits until the chart's canvas is drawn again, axes and all, and reads it back.
const HELPERS: &str = r#"
// A browser without a head reads the page's icon again with each link; the peers' page has none.
document.querySelector("link[rel=icon]")?.remove();
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
// The same until all curves are in it: of several pictures the last.
window.drawnAll = async (act, curves) => {
  const start = performance.now(), context = lines().getContext("2d"), put = CanvasRenderingContext2D.prototype.putImageData;
  const has = () => document.querySelector(".chart.full .plot").ariaLabel.includes(`, ${curves} curves`);
  let last = NaN;
  context.putImageData = (...picture) => {
    put.apply(context, picture);
    queueMicrotask(() => { context.getImageData(0, 0, 1, 1); last = performance.now(); });
  };
  act();
  while (!has() || Number.isNaN(last)) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  delete context.putImageData;
  return last - start;
};
window.wheel = (times) => {
  const plot = document.querySelector(".chart.full .plot"), box = plot.getBoundingClientRect();
  plot.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ctrlKey: true, deltaY: 300 * Math.log2(times), clientX: box.left + 650, clientY: box.top + 100 }));
};
window.zoomed = async (times) => { await new Promise(requestAnimationFrame); return drawn(() => wheel(times)); };
0
"#;

/// A page with the snapshot open, and the place of its project.
pub fn opened(browser: &Browser, site: &Site, size: (u32, u32)) -> (Page, String) {
    let page = browser.page(&site.url());
    page.set_viewport(size.0, size.1, 1.0);
    // A page in the background draws nothing.
    page.bring_to_front();
    page.wait("the door", "window.halimede && halimede.ready()");
    let source = page.eval(
        "fetch('curves.zip').then(it => it.blob()).then(it => halimede.open(new File([it], 'curves.zip'))).then(() => halimede.sources()).then(it => it[0].id)",
    );
    let place = format!("#/s/{}/p/1", source.as_str().expect("a source").replace('/', "%2F"));
    (page, place)
}

fn ours(site: &Site, n: usize, into: &mut Figures) {
    let browser = Browser::launch_with(&Options::default());
    let (page, place) = opened(&browser, site, (1262, 660));
    page.eval(&format!("location.hash = '{place}?look=charts&eyes=none'"));
    page.wait("the chart", "document.querySelector('[aria-label=\"Full screen\"]')");
    page.click("button", "Full screen");
    page.eval(HELPERS);
    std::thread::sleep(Duration::from_millis(1_500));
    page.bring_to_front();
    let before = browser.renderer_mb();
    let look = format!("drawnAll(() => location.hash = '{place}?look=charts&eyes=first{n}', '{}')", grouped(n));
    let (wall, cpu) = timed(&browser, &page, &look);
    into.memory.push(browser.renderer_mb() - before);
    into.file.0.push(wall);
    into.file.1.push(cpu);
    let mut last = 1.0;
    let zooms: Vec<String> = widths()
        .map(|it| {
            let times = it / last;
            last = it;
            format!("walls.push(await zoomed({times}));")
        })
        .collect();
    time_zooms(&browser, &page, &zooms, into);
    // All eyes closed and opened again: the curves are there.
    page.eval(&format!("location.hash = '{place}?look=charts&eyes=none'"));
    page.wait("no curves", "document.querySelector('.chart.full .plot .says')");
    std::thread::sleep(Duration::from_millis(1_000));
    let (wall, cpu) = timed(&browser, &page, &look);
    into.first.0.push(wall);
    into.first.1.push(cpu);
}

pub fn grouped(n: usize) -> String {
    halimede::components::format::count(u32::try_from(n).unwrap_or(0))
}

/// A quick look at one case: HALIMEDE_CASES=100x10000 HALIMEDE_ROUNDS=1.
fn asked(cases: &[(usize, usize)]) -> (Vec<(usize, usize)>, usize) {
    let rounds = std::env::var("HALIMEDE_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    let only = std::env::var("HALIMEDE_CASES").unwrap_or_default();
    let is_asked = |it: &(usize, usize)| only.split(',').any(|one| one == format!("{}x{}", it.0, it.1));
    (cases.iter().copied().filter(|it| only.is_empty() || is_asked(it)).collect(), rounds)
}

/// Wall and CPU, the peer's in brackets, and how many times less.
fn pair(ours: &(Vec<f64>, Vec<f64>), theirs: &(Vec<f64>, Vec<f64>)) -> String {
    let middle = |it: &Vec<f64>| median(it.clone());
    let (a, b, c, d) = (middle(&ours.0), middle(&ours.1), middle(&theirs.0), middle(&theirs.1));
    format!("{a:.0} {b:.0} ({c:.0} {d:.0}) {:.1}x {:.1}x", c / a, d / b)
}

/// `names`: of the page's objects for each peer, and of what people call them.
fn against(names: &[(&str, &str)], cases: &[(usize, usize)], most_rounds: usize) {
    let (cases, rounds) = asked(cases);
    let rounds = rounds.min(most_rounds);
    println!("load {}; 1200 x 600, one device pixel each; medians of {rounds}", load());
    println!(
        "{:<34}{:>34}{:>34}{:>34}{:>16}",
        "wall, CPU ms: ours (theirs)", "first, from a file", "first, from memory", "zoom", "memory MB"
    );
    for case in cases {
        let site = site(case, 1);
        let mut we = Figures::default();
        let mut they: Vec<Figures> = names.iter().map(|_| Figures::default()).collect();
        for _ in 0..rounds {
            ours(&site, case.0, &mut we);
            for ((name, _), they) in names.iter().zip(&mut they).filter(|it| !is_left_out(it.0.0, case)) {
                peer(&site, name, case, they);
            }
        }
        for ((name, title), they) in names.iter().zip(&they) {
            if is_left_out(name, case) {
                println!("{} x {} {title}: left out, it takes minutes", case.0, case.1);
                continue;
            }
            println!(
                "{:<34}{:>34}{:>34}{:>34}{:>16}",
                format!("{} x {} {title}", case.0, case.1),
                pair(&we.file, &they.first),
                pair(&we.first, &they.first),
                pair(&we.zoom, &they.zoom),
                format!("{:.0} ({:.0})", median(we.memory.clone()), median(they.memory.clone()))
            );
        }
    }
}

/// A zoom of so many lines that are wider than a pixel takes uPlot more than five seconds, all of them a minute.
fn is_left_out(name: &str, case: (usize, usize)) -> bool {
    name == "uplot" && case == (1_000, 10_000)
}

/// The same picture, lines as wide as ours; and lines of one pixel, for which the browser has a shorter way.
const UPLOT: [(&str, &str); 2] = [("uplot", "uPlot 1.6.32"), ("hairlines", "uPlot 1.6.32, 1 px")];

#[test]
#[ignore = "a benchmark"]
fn charts_against_uplot() {
    against(&UPLOT, &CASES, usize::MAX);
}

#[test]
#[ignore = "a benchmark"]
fn charts_against_plotly() {
    against(&[("plotly", "Plotly 4.1.2")], &PLOTLY_CASES, 3);
}
