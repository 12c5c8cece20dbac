//! What people arrange and hand on: dashboards, links, snapshots.

use std::fs;
use std::process::Command;

use super::*;

const DEMO: &str = "#/s/snapshot:demo/p/3";

fn widgets(page: &Page) -> usize {
    usize::try_from(page.eval("document.querySelectorAll('.board-grid > .widget').length").as_u64().unwrap_or(0))
        .unwrap_or(0)
}

/// Column, row, width and height of a widget, as the page places it.
fn place(page: &Page, id: u32) -> String {
    let js = format!(
        "(it => ['x', 'y', 'w', 'h'].map(k => it.style.getPropertyValue('--' + k)).join(' '))(document.querySelector('[data-widget=\"{id}\"]'))"
    );
    page.eval(&js).as_str().unwrap_or_default().to_owned()
}

pub fn downloaded(browser: &Browser, ending: &str) -> PathBuf {
    let mut found = None;
    support::wait_until("the download", Duration::from_secs(30), || {
        let all = fs::read_dir(browser.downloads()).into_iter().flatten().flatten().map(|it| it.path());
        found = all.into_iter().find(|it| it.to_string_lossy().ends_with(ending));
        found.is_some()
    });
    found.expect("waited for")
}

pub fn make_snapshot(page: &Page) {
    page.click("button", "Make it");
    page.wait_for(Duration::from_secs(60), "a snapshot", "document.querySelector('.made') !== null");
    page.within(".made").click("button", "Save");
}

#[test]
fn a_dashboard_is_arranged_shared_and_opens_from_a_file_with_no_server() {
    let site = site();
    let browser = browser();
    let page = browser.page(&format!("{}{DEMO}", site.url()));
    page.wait_text("59 of 59 runs");
    page.press("3");
    page.wait("a suggestion", "document.querySelectorAll('.board-grid > .widget').length > 4");
    page.wait_text("Best val/accuracy");
    let n = widgets(&page);

    // By keyboard: moved, resized, doubled, taken back.
    let first = place(&page, 1);
    page.eval("document.querySelector('[data-widget=\"1\"] .grip').focus()");
    page.press("ArrowRight");
    page.wait("another column", "document.querySelector('[data-widget=\"1\"]').style.getPropertyValue('--x') === '2'");
    page.press("Shift+ArrowDown");
    page.wait("another height", "document.querySelector('[data-widget=\"1\"]').style.getPropertyValue('--h') === '4'");
    page.press("d");
    page.wait("one more", &format!("document.querySelectorAll('.board-grid > .widget').length === {}", n + 1));
    page.press("Control+z");
    page.wait("the way back", &format!("document.querySelectorAll('.board-grid > .widget').length === {n}"));
    page.press("Control+z");
    page.wait("the suggestion again", "!location.hash.includes('board=')");
    assert_eq!(place(&page, 1), first, "changes that follow each other quickly are one");

    // By mouse: the first curve to the very top, others give way; nothing overlaps.
    let grip = page.eval("(it => [it.left + 6, it.top + 10])(document.querySelector('[data-widget=\"4\"] .grip').getBoundingClientRect())");
    let at = |i: usize| grip[i].as_f64().expect("a number");
    page.drag((at(0), at(1)), (at(0), at(1) - 120.0));
    page.wait("the top", "document.querySelector('[data-widget=\"4\"]').style.getPropertyValue('--y') === '1'");
    page.wait("it in the link", "location.hash.includes('board=') || location.hash.includes('z=1')");
    let overlaps = page.eval(
        "(all => all.filter((a, i) => all.some((b, j) => i < j && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)).length)(\
         [...document.querySelectorAll('.board-grid > .widget')].map(it => Object.fromEntries(['x', 'y', 'w', 'h'].map(k => [k, +it.style.getPropertyValue('--' + k)]))))",
    );
    assert_eq!(overlaps, json!(0));

    // One of its own, with words in it, and another with runs of its own.
    page.click("button", "Widget");
    page.within(".gallery").click("button", "Add: Text");
    page.wait("a text", "document.querySelector('.widget-text h2')?.textContent === 'What this dashboard answers'");
    let text_id =
        page.eval("+document.querySelector('.widget:has(.widget-text)').dataset.widget").as_u64().expect("a number");
    page.eval(&format!("document.querySelector('[data-widget=\"{text_id}\"] [title=Settings]').click()"));
    page.fill("Text", "# Width\n\n<img src=x onerror=\"document.title='owned'\"> [evil](javascript:alert(1)) **bold**");
    page.within(".side").click("button", "Done");
    page.wait("words", "document.querySelector('.widget-text strong')?.textContent === 'bold'");
    assert_eq!(page.eval("document.querySelectorAll('.widget-text img, .widget-text a').length"), json!(0));
    page.click("button", "Widget");
    page.within(".gallery").click("button", "Add: Leaderboard");
    page.wait("two boards", "document.querySelectorAll('[aria-label^=\"Best val/accuracy\"] .rank').length > 20");

    // A reload and another browser show the same from the link alone.
    let link = page.url();
    let seen = "JSON.stringify([...document.querySelectorAll('.board-grid > .widget')].map(it => [it.ariaLabel, it.style.cssText]))";
    let before = page.eval(seen);
    let other = browser.page(&link);
    other.wait("the same", &format!("{seen} === {}", json!(before.as_str().unwrap_or_default())));
    other.close();
    let tiles = "JSON.stringify([...document.querySelectorAll('.widget-tile')].map(it => [it.closest('.widget').ariaLabel, it.querySelector('b').title]))";
    let numbers = page.eval(tiles);
    assert!(numbers.as_str().is_some_and(|it| it.contains("0.993333")), "{numbers}");

    // As one page that opens from a file: no request, no server, the same dashboard and the same numbers.
    page.eval("sessionStorage.canary = 'CANARY-7f3'; localStorage.setItem('halimede.canary', 'CANARY-7f3')");
    page.click("button", "Share");
    make_snapshot(&page);
    let file = downloaded(&browser, ".html");
    no_errors(&page);
    let letters: Vec<u16> =
        fs::read(&file).expect("a file").chunks(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
    let html = String::from_utf16(&letters).expect("UTF-16");
    assert!(!html.contains("CANARY-7f3") && !html.contains("127.0.0.1"), "nothing of here goes along");
    drop(site);
    let reader = self::browser();
    let alone = reader.page(&format!("file://{}", file.display()));
    alone.wait_for(
        Duration::from_secs(30),
        "the dashboard",
        "document.querySelectorAll('.board-grid > .widget').length > 4",
    );
    alone.wait("its numbers", &format!("{tiles} === {numbers}"));
    alone.eval(&format!("document.querySelector('[data-widget=\"{text_id}\"]').scrollIntoView()"));
    alone.wait("its words", "document.querySelector('.widget-text strong')?.textContent === 'bold'");
    alone.eval("document.querySelector('[data-widget=\"4\"]').scrollIntoView()");
    alone.wait(
        "its curves",
        "[...document.querySelectorAll('.plot')].some(it => (it.ariaLabel || '').includes('8 curves'))",
    );
    let asked: Vec<String> =
        alone.requests().into_iter().map(|it| it.url).filter(|it| it.starts_with("http")).collect();
    assert_eq!(asked, Vec::<String>::new(), "it asks nothing of anybody");
    no_errors(&alone);
}

#[test]
fn a_snapshot_is_read_by_python_and_beside_live_runs() {
    let mlflow = Mlflow::start(Options::default());
    let project = mlflow.experiment("shared");
    let points: Vec<(i64, f64)> = (0..50)
        .map(|it| (it, if it == 20 { f64::NAN } else { 0.1 * f64::from(i32::try_from(it).unwrap_or(0)) }))
        .collect();
    let params =
        [("lr", "0.1"), ("data", "/home/mara/digits.npz"), ("url", "https://user:CANARY@internal.corp:8443/x")];
    let tags = [("mlflow.user", "mara-k"), ("secret.token", "CANARY")];
    let run = mlflow.run(&project, "one of mara-k", &params, &[("loss", &points)], &tags);
    mlflow.run(&project, "two", &[("lr", "0.2")], &[("loss", &[(0, 3.0)])], &[]);
    mlflow.artifact(&project, &run, "notes/a.txt", b"hello");
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    connect(&page, &mlflow.url());
    page.click("link", "shared");
    page.wait_text("2 of 2 runs");
    page.click("button", "Share");
    page.click("button", "Archive (ZIP)");
    page.fill("Labels whose name has the pattern", "secret");
    make_snapshot(&page);
    page.wait_text("2 runs, 2 curves of 51 points");
    let file = downloaded(&browser, ".halimede.zip");
    let script = format!(
        "import json, zipfile, numpy as np\n\
         z = zipfile.ZipFile({:?})\n\
         assert z.testzip() is None\n\
         raw = b''.join(z.read(n) for n in z.namelist())\n\
         assert b'CANARY' not in raw and b'mara' not in raw and b'internal.corp' not in raw and b'127.0.0.1' not in raw\n\
         value, step = np.load(z.open('value.npy')), np.load(z.open('step.npy'))\n\
         runs = {{r['id']: r for r in map(json.loads, z.open('runs.jsonl'))}}\n\
         series = [json.loads(line) for line in z.open('series.jsonl')]\n\
         one = next(s for s in series if s['run'] == {run:?})\n\
         it = value[one['offset']:one['offset'] + one['length']]\n\
         assert one['length'] == 50 and one['complete'] and np.isnan(it[20]) and np.allclose(np.delete(it, 20), np.delete(np.arange(50) * 0.1, 20), rtol=1e-6), it\n\
         assert runs[{run:?}]['params']['data'] == '…/digits.npz'\n\
         assert z.read('artifacts/' + {run:?} + '/notes/a.txt') == b'hello'\n\
         import hashlib\n\
         m = json.load(z.open('manifest.json'))\n\
         assert all(hashlib.sha256(z.read(n)).hexdigest() == h for n, h in m['files'].items()) and len(m['files']) == len(z.namelist()) - 1\n\
         print('read')",
        file.display().to_string()
    );
    let python = std::env::var("HALIMEDE_PYTHON").unwrap_or_else(|_| "python3".into());
    let told = Command::new(python).args(["-c", &script]).output().expect("python runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));

    // So does what the format's description says.
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/snapshot.md")).expect("docs");
    let reader = docs.split("```python\n").nth(1).and_then(|it| it.split("```").next()).expect("a reader");
    let python = std::env::var("HALIMEDE_PYTHON").unwrap_or_else(|_| "python3".into());
    let told = Command::new(python)
        .args(["-c", reader])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("public"))
        .output()
        .expect("python runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(String::from_utf8_lossy(&told.stdout).contains("mlp-64"), "{}", String::from_utf8_lossy(&told.stdout));

    // Opened beside the live server, the two stand side by side.
    page.press("Escape");
    page.goto(&site.url());
    page.click("button", "Open folder or file");
    page.set_files("input[type=file]:not([webkitdirectory])", &[&file]);
    page.wait_text("2 of 2 runs");
    page.wait("the snapshot's place", "location.hash.includes('snapshot:')");
    no_errors(&page);
}

#[test]
fn a_short_link_opens_a_view_that_is_kept_on_the_tracker() {
    let mlflow = Mlflow::start(Options::default());
    let project = mlflow.experiment("views");
    mlflow.run(&project, "alpha", &[("lr", "0.1")], &[("val/acc", &[(1, 0.9)])], &[]);
    let site = site();
    let (browser, another) = (self::browser(), self::browser());
    let page = browser.page(&site.url());
    connect(&page, &mlflow.url());
    page.click("link", "views");
    page.wait_text("1 of 1 run");
    page.press("3");
    page.wait("a suggestion", "document.querySelector('.widget-tile') !== null");
    page.click("button", "Widget");
    page.within(".gallery").click("button", "Add: Text");
    page.wait("a text", "document.querySelector('.widget-text') !== null");
    page.click("button", "Share");
    page.fill("Name of the view on the tracker", "Width & depth");
    page.within(".side").click("button", "Keep");
    page.wait(
        "a short link",
        "document.querySelector('[aria-label=\"The short link\"]')?.value.includes('view=Width')",
    );
    let link = page
        .eval("document.querySelector('[aria-label=\"The short link\"]').value")
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(link.len() < 160, "{link}");
    // Somebody who has never been there: the address is shown and nothing asked before it is connected.
    let other = another.page(&link);
    other.wait_text(&mlflow.url());
    assert!(
        other.requests().iter().all(|it| !it.url.starts_with(&mlflow.url())),
        "nothing is asked of an unknown address"
    );
    connect_from_notice(&other);
    other.goto(&link);
    other.wait("the dashboard", "document.querySelector('.widget-text') !== null");
    other.goto(&link.replace("Width", "Nope"));
    other.wait_text("Nope");
    no_errors(&page);
}

/// The address is filled in already.
fn connect_from_notice(page: &Page) {
    page.click("button", "Connect");
    page.within(".side").click("button", "Connect");
    page.wait("the source", "document.querySelector('.rail .sources a') !== null");
}
