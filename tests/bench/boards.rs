//! A dashboard of forty widgets over a thousand runs, a widget that is dragged, a page with twenty live blocks, a
//! link that holds a whole dashboard.

use std::time::{Duration, Instant};

use halimede::model::packed_view::{MOST_SHARED, pack};
use halimede::pages::route::Route;
use serde_json::json;

use crate::charts::{number, opened, site};
use crate::pages::spread;
use crate::support::browser::{Browser, Options};
use crate::support::page::Page;
use crate::{ROUNDS, load, median};

/// Twenty charts of curves, and of each other kind a few.
fn board() -> String {
    let mut all = Vec::new();
    let mut add = |kind: &str, w: u32, h: u32, set: String| {
        let n = u32::try_from(all.len()).unwrap_or(0);
        let (x, y) = (n % 3 * 4, n / 3 * 8);
        all.push(format!("{kind}*{}*{x}.{y}.{w}.{h}*{set}", n + 1));
    };
    for n in 0..20 {
        add("line", 4, 8, format!("y:value_{n:03}"));
        match n % 5 {
            0 => add("tile", 4, 8, format!("metric:value_{n:03};better:lower")),
            1 => add("leaders", 4, 8, format!("metric:value_{n:03};better:lower")),
            2 => add("histogram", 4, 8, format!("value:metrics.value_{n:03}")),
            3 => add("scatter", 4, 8, format!("x:metrics.value_{n:03};y:metrics.value_000")),
            _ => add("runs", 4, 8, "rows:20".to_owned()),
        }
    }
    format!("look=dashboard&eyes=first20&board={}", all.join(","))
}

/// What is on the screen has its picture, and nothing more comes.
const PAINTED: &str = "(all => all.length > 5 && all.every(it => it.querySelector('.plot[aria-label*=\"20 curves\"], .widget-tile b, .widget-table td, .plot[aria-label*=\"runs\"]')))([...document.querySelectorAll('.board-grid > .widget')].filter(it => it.getBoundingClientRect().top < innerHeight - 40))";

fn settled(browser: &Browser) {
    // What runs on after a picture is not idle yet.
    loop {
        let before = browser.cpu_ms();
        std::thread::sleep(Duration::from_millis(300));
        if browser.cpu_ms() - before < 15.0 {
            return;
        }
    }
}

fn cpu_of(browser: &Browser, page: &Page, work: &str, done: &str) -> f64 {
    settled(browser);
    let before = browser.cpu_ms();
    page.eval(work);
    page.wait(done, done);
    browser.cpu_ms() - before
}

#[test]
#[ignore = "a benchmark"]
fn boards_open_are_dragged_and_pages_open() {
    let site = site((1_000, 1_000), 40);
    let (mut paints, mut drags, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let browser = Browser::launch_with(&Options::default());
        let (page, place) = opened(&browser, &site, (1440, 900));
        page.eval(&format!("location.hash = '{place}?eyes=first20'"));
        page.wait("rows", "document.querySelectorAll('.tr').length > 10");
        // The first dashboard of a page pays for compiling what draws it: its second is what is measured.
        page.eval(&format!("location.hash = {}", json!(format!("{place}?{}", board()))));
        page.wait("a first dashboard", PAINTED);
        page.eval(&format!("location.hash = '{place}?eyes=first20'"));
        page.wait("rows", "document.querySelectorAll('.tr').length > 10");
        paints.push(cpu_of(
            &browser,
            &page,
            &format!("location.hash = {}", json!(format!("{place}?{}", board()))),
            PAINTED,
        ));
        settled(&browser);
        drags.push(spread(&page.eval(DRAG)));

        // Twenty live blocks in a page of the wiki.
        page.eval(&format!("location.hash = '{place}/w'"));
        page.click("button", "Write the first page");
        page.fill("Name", "Many");
        page.click("button", "Write it");
        page.wait("the editor", "document.querySelector('textarea') !== null");
        let text: String = (0..20).map(|n| format!("## {n}\n\n```line\ny: value_{n:03}\nfirst: 20\n```\n\n")).collect();
        page.eval(&format!("(it => {{ it.value = {}; it.dispatchEvent(new Event('input', {{bubbles: true}})) }})(document.querySelector('textarea'))", json!(text)));
        page.press("Control+s");
        page.wait_text("version 1");
        page.eval(&format!("location.hash = '{place}?eyes=first20'"));
        page.wait("rows", "document.querySelectorAll('.tr').length > 10");
        let shown = "[...document.querySelectorAll('.embed')].length === 20 && [...document.querySelectorAll('.embed')].filter(it => it.getBoundingClientRect().top < innerHeight - 60).every(it => it.querySelector('.plot[aria-label*=\"20 curves\"]'))";
        pages.push(cpu_of(&browser, &page, &format!("location.hash = '{place}/w/Many'"), shown));
    }
    println!("load {}; 1000 runs x 40 metrics x 1000 points in memory, medians of {ROUNDS}", load());
    println!("a dashboard of 40 widgets: CPU until what is visible is painted {:.0} ms (at most 300)", median(paints));
    let of = |at: usize| median(drags.iter().map(|it| it[at]).collect());
    println!("a widget dragged over it: frame median {:.1}, p95 {:.1}, longest {:.1} ms", of(0), of(1), of(2));
    println!("a page with 20 live blocks: CPU until what is visible is painted {:.0} ms (at most 500)", median(pages));
}

/// By its grip, a little with each frame; the time between frames.
const DRAG: &str = r#"
(async () => {
  const grip = document.querySelector('[data-widget="1"] .grip'), box = grip.getBoundingClientRect();
  const at = (x, y) => ({ bubbles: true, clientX: box.left + 5 + x, clientY: box.top + 8 + y, button: 0, pointerId: 1 });
  grip.setPointerCapture = () => {};
  grip.dispatchEvent(new PointerEvent("pointerdown", at(0, 0)));
  const frames = [], frame = () => new Promise(requestAnimationFrame);
  let last = await frame();
  for (let i = 1; i <= 120; i++) {
    grip.dispatchEvent(new PointerEvent("pointermove", at(i * 5, 200 * Math.sin(i / 15))));
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  grip.dispatchEvent(new PointerEvent("pointercancel", at(0, 0)));
  return frames;
})()
"#;

#[test]
#[ignore = "a benchmark"]
fn links_are_read() {
    // As long as a link may be that is shared.
    let mut text = board();
    let mut n = 0u32;
    while pack(&text).len() < MOST_SHARED {
        n += 1;
        text.push_str(&format!(
            ",text*{}*0.{n}.4.8*text:{:x}{:x}",
            100 + n,
            n.wrapping_mul(2_654_435_761),
            n.wrapping_mul(40_503)
        ));
    }
    let link = format!("#/s/a/p/b?{}", pack(&text));
    let start = Instant::now();
    let rounds = 200u32;
    for _ in 0..rounds {
        assert!(matches!(Route::parse(&link), Route::Runs(..)));
    }
    let each = start.elapsed().as_secs_f64() * 1_000.0 / f64::from(rounds);
    println!(
        "load {}; a link of {} letters that unpacks to {}: read in {each:.2} ms, natively (at most 50)",
        load(),
        link.len(),
        text.len()
    );
    assert!(number(&json!(each)) < 50.0);
}
