//! A hundred thousand runs of fifty columns: sort, filter, groups, scroll, reload and memory, beside
//! AG Grid Community on the same data and plain pooled rows as the floor of scrolling.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::answers;
use crate::support::browser::{Browser, Options};
use crate::support::hostile::{Hostile, Reply};
use crate::support::http::Request;
use crate::support::page::Page;
use crate::support::site::Site;
use crate::{ROUNDS, load, median};

const RUNS: usize = 100_000;
const METRICS: usize = 45;
const PARAMS: usize = 4;

/// A number below one that depends on run and column only.
fn random(run: usize, column: usize) -> f64 {
    let mut it = (run as u64 * 64 + column as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((it ^ it >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

fn run(out: &mut String, n: usize) {
    let start = 1_700_000_000_000_u64 + 1000 * n as u64;
    let _ = write!(
        out,
        r#"{{"info":{{"run_id":"{n:032x}","run_name":"run-{n}","experiment_id":"0","status":"FINISHED","start_time":{start},"end_time":{},"lifecycle_stage":"active"}},"data":{{"params":["#,
        start + 60_000
    );
    for c in 0..PARAMS {
        let value = (random(n, 50 + c) * 20.0).floor();
        let _ = write!(out, r#"{}{{"key":"tag{c}","value":"v{value}"}}"#, if c > 0 { "," } else { "" });
    }
    out.push_str(r#"],"metrics":["#);
    for c in 0..METRICS {
        let comma = if c > 0 { "," } else { "" };
        let _ = write!(out, r#"{comma}{{"key":"m{c}","value":{},"timestamp":{start},"step":9}}"#, random(n, c));
    }
    out.push_str(r#"],"tags":[]}}"#);
}

fn answer(request: &Request) -> Reply {
    if !request.path().ends_with("/runs/search") {
        return answers::plausible(request, 0);
    }
    let asked = request.json();
    if asked["run_view_type"] == "DELETED_ONLY" {
        return Reply::json(&json!({}));
    }
    let from: usize = asked["page_token"].as_str().and_then(|it| it.parse().ok()).unwrap_or(0);
    let size = asked["max_results"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(1000);
    let to = RUNS.min(from + size);
    let mut out = String::from(r#"{"runs":["#);
    for n in from..to {
        if n > from {
            out.push(',');
        }
        run(&mut out, RUNS - 1 - n);
    }
    out.push(']');
    if to < RUNS {
        let _ = write!(out, r#","next_page_token":"{to}""#);
    }
    out.push('}');
    Reply::bytes(200, "application/json", out)
}

/// Wall time until two frames after `done`, and the CPU all renderers used meanwhile.
fn act(browser: &Browser, page: &Page, start: &str, done: &str) -> (f64, f64) {
    measured(
        browser,
        page,
        &format!(
            "new Promise(yes => {{ {start}; const look = () => ({done}) ? yes() : setTimeout(look, 2); look() }})"
        ),
    )
}

fn measured(browser: &Browser, page: &Page, work: &str) -> (f64, f64) {
    page.bring_to_front();
    let cpu = browser.renderers_cpu_ms();
    let wall = page.eval(&format!(
        "(async () => {{ const frame = () => new Promise(requestAnimationFrame); const t = performance.now(); await {work}; await frame(); await frame(); return performance.now() - t }})()"
    ));
    std::thread::sleep(Duration::from_millis(300));
    (wall.as_f64().unwrap_or(f64::NAN), browser.renderers_cpu_ms() - cpu)
}

/// A smooth scroll of 60 frames: the 95th percentile between frames.
fn scroll(page: &Page, selector: &str) -> f64 {
    page.bring_to_front();
    let frames = page.eval(&format!(
        "new Promise(yes => {{ const box = {selector}; const times = []; let last = performance.now(); const step = () => {{ const now = performance.now(); times.push(now - last); last = now; box.scrollTop += 700; times.length < 120 ? requestAnimationFrame(step) : (box.scrollTop = 0, yes(times.slice(2))) }}; requestAnimationFrame(step) }})"
    ));
    let mut times: Vec<f64> = frames.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() * 95 / 100]
}

fn open(source: &str, rest: &str) -> String {
    format!("location.hash = '#/s/{}/p/0{rest}'", source.replace('/', "%2F"))
}

/// The peers' page, with AG Grid beside it where `cargo xtask bench` put it.
fn peers() -> Site {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    let grid = folder.join("node_modules/ag-grid-community/dist/ag-grid-community.min.js");
    assert!(grid.is_file(), "no AG Grid: cargo xtask bench installs it");
    let site = folder.join("site");
    std::fs::create_dir_all(&site).expect("a folder");
    std::fs::copy(grid, site.join("ag-grid-community.min.js")).expect("copies");
    std::fs::write(site.join("index.html"), include_str!("peers.html")).expect("writes");
    Site::serve(site, "/")
}

#[test]
#[ignore = "a benchmark"]
fn a_hundred_thousand_runs_against_ag_grid() {
    let server = Hostile::start(answer);
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    let site = Site::serve(dist, "/sub/");
    let browser = Browser::launch_with(&Options::default());
    let empty = browser.renderer_mb();
    let page = browser.page(&site.url());
    page.wait("the door", "window.halimede && halimede.ready()");
    page.eval(&format!("halimede.connect('{}')", server.url()));
    let source = format!("mlflow:{}", server.url());
    let reading = std::time::Instant::now();
    page.eval(&open(&source, "?cols=metrics.m0,metrics.m1,metrics.m2,params.tag0,params.tag1,metrics.m3"));
    let project = json!({ "source": source, "id": "0" });
    page.wait_for(
        Duration::from_secs(400),
        "all runs cached",
        &format!("halimede.runs({project}, {{limit: 1, wait: false}}).then(it => it.complete && it.cached === {RUNS})"),
    );
    println!("load {}", load());
    println!(
        "read {RUNS} runs of {} columns from the server: {:.1} s",
        METRICS + PARAMS + 1,
        reading.elapsed().as_secs_f64()
    );
    std::thread::sleep(Duration::from_secs(20));

    println!("memory of the renderer after reading, above an empty page: {:.0} MB", browser.renderer_mb() - empty);
    crate::watch_rows(&page, ".tr", 10);
    let (wall, cpu): (Vec<f64>, Vec<f64>) = (0..3).map(|_| crate::reload(&page)).unzip();
    println!("reload of {RUNS} cached runs to painted rows: {:.0} ms wall, {:.0} ms CPU", median(wall), median(cpu));
    page.wait("the door", "window.halimede && halimede.ready()");
    std::thread::sleep(Duration::from_secs(3));
    println!("memory of the renderer after a reload, above an empty page: {:.0} MB", browser.renderer_mb() - empty);

    let grid_browser = Browser::launch_with(&Options::default());
    let peers = peers();
    let grid = grid_browser.page(&peers.url());
    grid.eval("grid.setup().then(() => 0)");
    let plain_browser = Browser::launch_with(&Options::default());
    let plain = plain_browser.page(&peers.url());
    plain.eval("plain.setup().then(() => 0)");

    let cell = "document.querySelector('.tr[aria-rowindex=\"2\"] .td')?.textContent";
    let shows =
        |it: &str| format!("document.querySelector('.runs footer')?.textContent.replace(/\\s/g, '').includes('{it}')");
    let mut sorts = Vec::new();
    let mut filters = Vec::new();
    let mut groups = Vec::new();
    let columns = "cols=metrics.m0,metrics.m1,metrics.m2,params.tag0,params.tag1,metrics.m3";
    let [mut their_sorts, mut their_filters] = [Vec::new(), Vec::new()];
    let [mut our_scroll, mut their_scroll, mut floor] = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let metric = format!("m{}", 10 + round);
        page.eval(&format!("window.__first = {cell}; 0"));
        let sort = open(&source, &format!("?sort=-metrics.{metric}&{columns}"));
        sorts.push(act(&browser, &page, &sort, &format!("{cell} !== window.__first && {cell} !== undefined")));
        their_sorts.push(measured(&grid_browser, &grid, &format!("grid.sort('{metric}')")));
        let filter = open(&source, &format!("?q={metric}%20%3E%200.5{round}&{columns}"));
        filters.push(act(&browser, &page, &filter, &format!("!({})", shows(&format!("{RUNS}of")))));
        their_filters.push(measured(&grid_browser, &grid, &format!("grid.filter('{metric}', 0.5{round})")));
        measured(&grid_browser, &grid, "grid.filter(null)");
        let back = open(&source, &format!("?{columns}"));
        act(&browser, &page, &back, &shows(&format!("{RUNS}of")));
        let group = open(&source, &format!("?group=params.tag{},params.tag{}&{columns}", round % 4, (round + 1) % 4));
        groups.push(act(&browser, &page, &group, &shows("lines")));
        act(&browser, &page, &back, &format!("!({})", shows("lines")));
        our_scroll.push(scroll(&page, "document.querySelector('.tablebox')"));
        their_scroll.push(scroll(&grid, "grid.box()"));
        floor.push(scroll(&plain, "plain.box()"));
    }
    let show = |name: &str, all: &[(f64, f64)]| {
        let wall = median(all.iter().map(|it| it.0).collect());
        let cpu = median(all.iter().map(|it| it.1).collect());
        println!("{name:<44}{wall:>10.0}{cpu:>10.0}");
    };
    println!("load {}", load());
    println!("{:<44}{:>10}{:>10}", format!("{RUNS} runs, median of {ROUNDS}"), "wall ms", "CPU ms");
    show("Halimede, sort", &sorts);
    show("AG Grid, sort", &their_sorts);
    show("Halimede, filter", &filters);
    show("AG Grid, filter", &their_filters);
    show("Halimede, group by two columns", &groups);
    let wall = |all: &[(f64, f64)]| median(all.iter().map(|it| it.0).collect());
    println!(
        "ratio to AG Grid, wall: sort {:.1}, filter {:.1}",
        wall(&their_sorts) / wall(&sorts),
        wall(&their_filters) / wall(&filters)
    );
    let (ours, theirs, floor) = (median(our_scroll), median(their_scroll), median(floor));
    println!("scroll, p95 frame: Halimede {ours:.1} ms, AG Grid {theirs:.1}, plain pooled rows {floor:.1}");
    for (what, options) in [
        ("first 50 rows", "{limit: 50, wait: false}"),
        ("sort", "{limit: 50, wait: false, sort: '-metrics.m7'}"),
        ("sort again", "{limit: 50, wait: false, sort: '-metrics.m7'}"),
        ("sort by a text", "{limit: 50, wait: false, sort: 'params.tag0'}"),
        ("sort by name", "{limit: 50, wait: false, sort: 'attributes.run_name'}"),
        ("filter", "{limit: 50, wait: false, filter: 'm7 > 0.5'}"),
        ("word", "{limit: 50, wait: false, filter: 'run-77'}"),
        ("regex", "{limit: 50, wait: false, filter: \"name =~ '77$'\"}"),
        ("group", "{limit: 50, wait: false, group: 'params.tag0,params.tag1', columns: ['metrics.m1','metrics.m2']}"),
        ("fold", "{limit: 50, wait: false, group: 'seeds', sort: '-metrics.m3', columns: ['metrics.m1','metrics.m2']}"),
    ] {
        let ms = page.eval(&format!("(async () => {{ const t = performance.now(); await halimede.runs({project}, {options}); return performance.now() - t }})()"));
        println!("engine: {what:<20} {:.1} ms", ms.as_f64().unwrap_or(f64::NAN));
    }
}
