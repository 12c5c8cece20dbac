//! What people write: pages of a project's wiki.

use super::boards::{downloaded, make_snapshot};
use super::*;

#[test]
fn a_page_is_written_found_by_a_teammate_changed_by_both_and_gone_back() {
    let mlflow = Mlflow::start(Options::default());
    let project = mlflow.experiment("wiki");
    for (name, lr, acc) in [("alpha", "0.1", 0.9), ("beta", "0.2", 0.7)] {
        mlflow.run(&project, name, &[("lr", lr)], &[("val/acc", &[(1, 0.1), (2, acc)])], &[]);
    }
    let site = site();
    let (browser, another) = (self::browser(), self::browser());
    let a = browser.page(&site.url());
    connect(&a, &mlflow.url());
    a.click("link", "wiki");
    a.wait_text("2 of 2 runs");
    a.click("link", "Wiki");
    a.click("button", "Write the first page");
    a.fill("Name", "Reports/Width");
    a.click("radio", "Experiment report");
    a.click("button", "Write it");
    a.wait("the report", "document.querySelector('textarea')?.value.includes('y: val/acc')");
    a.wait("a live table", "[...document.querySelectorAll('.embed .widget-table td')].some(it => it.textContent.includes('0.9000') || it.textContent.includes('0.9'))");
    a.fill("Your name, for the history", "mara");
    a.press("Tab");
    a.press("Control+s");
    a.wait_text("version 1 · saved in the tracker");

    // A teammate with the same server.
    let b = another.page(&site.url());
    connect(&b, &mlflow.url());
    b.click("link", "wiki");
    b.wait_text("2 of 2 runs");
    b.click("link", "Wiki");
    b.wait("the page", "document.querySelector('.reading h1')?.textContent === 'Width'");
    b.wait_text("mara");
    b.wait("its live table", "document.querySelectorAll('.embed .widget-table tbody tr').length >= 2");

    // Both change it: different lines are put together, the same line stands twice until somebody chose.
    let write = |page: &Page, from: &str, to: &str| {
        page.click("button", "Split");
        page.wait("the editor", "document.querySelector('textarea') !== null");
        page.eval(&format!(
            "(it => {{ it.value = it.value.replace({}, {}); it.dispatchEvent(new Event('input', {{bubbles: true}})) }})(document.querySelector('textarea'))",
            json!(from),
            json!(to)
        ));
        page.press("Control+s");
    };
    write(&b, "What do we want to know, and what would change our mind?", "Is wider better?");
    b.wait_text("version 2 · saved in the tracker");
    write(&a, "## Decision", "## Decision of mara");
    a.wait_text("saved this page meanwhile");
    a.wait("both", "(it => it.includes('Is wider better?') && it.includes('## Decision of mara') && !it.includes('<<<<<<<'))(document.querySelector('textarea').value)");
    a.press("Control+s");
    a.wait_text("version 3 · saved in the tracker");
    write(&b, "# Width", "# Width b");
    b.wait_text("saved this page meanwhile");
    b.press("Control+s");
    b.wait_text("version 4 · saved in the tracker");
    write(&a, "# Width", "# Width a");
    a.wait_text("Where you changed the same lines both stand");
    a.wait("marks", "document.querySelector('textarea').value.includes('<<<<<<< yours')");

    // What is typed and not saved outlives the page; then back to the first version.
    a.wait("a draft", "document.querySelector('.wiki-tree').textContent.includes('draft')");
    std::thread::sleep(Duration::from_millis(1_000));
    a.reload();
    a.wait("the draft again", "document.querySelector('textarea')?.value.includes('<<<<<<< yours')");
    a.click("button", "Discard");
    a.wait("what is saved", "document.querySelector('textarea')?.value.startsWith('# Width b')");
    a.click("button", "Undo");
    a.wait("the draft once more", "document.querySelector('textarea')?.value.includes('<<<<<<< yours')");
    a.click("button", "Discard");
    a.wait("what is saved", "document.querySelector('textarea')?.value.startsWith('# Width b')");
    // What is typed right before the tab goes is there when it comes back.
    a.eval("(it => { it.value += '\\nGONE'; it.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('textarea'))");
    a.reload();
    a.wait("what was typed", "document.querySelector('textarea')?.value.endsWith('GONE')");
    a.click("button", "Discard");
    a.wait("what is saved", "document.querySelector('textarea')?.value.startsWith('# Width b')");
    a.click("button", "v1");
    a.wait_text("Version 1, not the newest");
    a.wait("what changed", "document.querySelector('.hunks')?.textContent.includes('Is wider better?')");
    a.click("button", "Make it the newest");
    a.wait_text("version 5 · saved in the tracker");
    a.wait("the first again", "document.querySelector('.reading h1')?.textContent === 'Width'");

    // Typed and saved at once, nothing older is left of it.
    a.click("button", "Split");
    a.wait("the editor", "document.querySelector('textarea') !== null");
    a.eval("(it => { it.value += '\\nAT ONCE'; it.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('textarea'))");
    a.press("Control+s");
    a.wait_text("version 6 · saved in the tracker");
    a.reload();
    a.wait("what was saved", "document.querySelector('textarea')?.value.endsWith('AT ONCE')");
    a.wait_text("version 6 · saved in the tracker");
    assert_eq!(a.eval("document.querySelector('.wiki-tree').textContent.includes('draft')"), json!(false));

    // What is typed right before the page is left is its draft, and no other page's; what is live in it lives on.
    a.click("button", "Split");
    a.wait("the editor", "document.querySelector('textarea') !== null");
    a.wait("a live chart", "document.querySelector('.embed .plot[aria-label*=\"curves\"]') !== null");
    a.eval("(it => { it.value += '\\nLEFT'; it.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('textarea'))");
    a.eval("[...document.querySelectorAll('.embed button')].find(it => it.textContent.includes('log y')).click()");
    a.wait("its axis", "[...document.querySelectorAll('.embed button')].find(it => it.textContent.includes('log y'))?.ariaPressed === 'true'");
    a.eval("(it => { it.value += ' AGAIN'; it.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('textarea')); location.hash = location.hash.replace('Reports/Width', 'Nope')");
    a.wait_text("There is no page Nope");
    a.press("Control+s");
    a.eval("location.hash = location.hash.replace('Nope', 'Reports/Width')");
    a.wait("the draft", "document.querySelector('textarea')?.value.endsWith('LEFT AGAIN')");
    a.click("button", "Discard");
    a.wait("what is saved", "!document.querySelector('textarea')?.value.includes('LEFT')");
    let tags = mlflow.get(&format!("/api/2.0/mlflow/experiments/get?experiment_id={project}"))["experiment"]["tags"]
        .to_string();
    assert!(!tags.contains("Nope") && !tags.contains("LEFT"), "nothing is written that nobody saved");

    // The whole of it is found by its words, and read with the tracker gone.
    b.reload();
    b.wait_text("version 6");
    b.fill("Search all pages", "would change our mind");
    b.wait("found", "document.querySelector('.found')?.textContent.includes('Reports/Width')");
    drop(mlflow);
    b.reload();
    b.wait("the page, offline", "document.querySelector('.reading h1')?.textContent === 'Width'");
    b.wait("its table, offline", "document.querySelectorAll('.embed .widget-table tbody tr').length >= 2");
    no_errors(&a);
}

#[test]
fn a_picture_and_a_long_page_are_files_of_the_tracker() {
    let mlflow = Mlflow::start(Options::default());
    let project = mlflow.experiment("wiki");
    mlflow.run(&project, "alpha", &[("lr", "0.1")], &[("acc", &[(1, 0.1), (2, 0.9)])], &[]);
    let site = site();
    let (browser, another) = (self::browser(), self::browser());
    let a = browser.page(&site.url());
    connect(&a, &mlflow.url());
    a.click("link", "wiki");
    a.wait_text("1 of 1 run");
    a.click("link", "Wiki");
    a.click("button", "Write the first page");
    a.fill("Name", "Pictures");
    a.click("button", "Write it");
    a.wait("the editor", "document.querySelector('textarea') !== null");

    // Noise does not pack: far more than a label holds.
    let paste = r#"(async () => {
        const it = Object.assign(document.createElement('canvas'), {width: 300, height: 200}), at = it.getContext('2d');
        const data = at.createImageData(300, 200);
        for (let i = 0; i < data.data.length; i++) data.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
        at.putImageData(data, 0, 0);
        const blob = await new Promise(done => it.toBlob(done, 'image/png'));
        const box = document.querySelector('textarea'), held = new DataTransfer();
        held.items.add(new File([blob], 'spread [of] width.png', {type: 'image/png'}));
        box.value = '# Seen\n\n\n\nafter';
        box.dispatchEvent(new Event('input', {bubbles: true}));
        box.setSelectionRange(8, 8);
        box.dispatchEvent(new ClipboardEvent('paste', {clipboardData: held, bubbles: true, cancelable: true}));
        box.setSelectionRange(box.value.length, box.value.length);
        return blob.size;
    })()"#;
    assert!(a.eval(paste).as_u64().is_some_and(|it| it > 100_000));
    let shown = "document.querySelector('.markdown .picture img')?.naturalWidth === 300";
    a.wait("its link", r"/^# Seen\n\n!\[spread of width\]\(#\/s\/~\/.*halimede\/pictures\/[0-9a-f]{16}.png\)\n\nafter$/.test(document.querySelector('textarea').value)");
    a.wait("the picture", shown);
    // What lies over the page while a file is dragged to it says that it is opened; here it is not.
    a.eval("(it => { const held = new DataTransfer(); held.items.add(new File(['x'], 'x.png', {type: 'image/png'})); it.dispatchEvent(new DragEvent('dragover', {dataTransfer: held, bubbles: true, cancelable: true})) })(document.querySelector('textarea'))");
    assert_eq!(a.eval("document.body.classList.contains('dropping')"), json!(false));
    let caret = "(it => it.selectionStart === it.value.length)(document.querySelector('textarea'))";
    assert_eq!(a.eval(caret), json!(true), "who types on keeps the place");
    a.press("Control+s");
    a.wait_text("version 1 · saved in the tracker");
    let b = another.page(&site.url());
    connect(&b, &mlflow.url());
    b.click("link", "wiki");
    b.wait_text("1 of 1 run");
    b.click("link", "Wiki");
    b.wait("the picture", shown);
    assert_eq!(b.eval("document.querySelector('.markdown .picture img').alt"), json!("spread of width"));

    // A long page.
    a.eval(r"(it => { it.value += '\n\n' + 'A line of a long report, one of many.\n'.repeat(3000) + '\n## The end\n'; it.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('textarea'))");
    a.press("Control+s");
    a.wait_text("version 2 · saved in the tracker");
    let tags = mlflow.get(&format!("/api/2.0/mlflow/experiments/get?experiment_id={project}"))["experiment"]["tags"]
        .to_string();
    assert!(tags.len() < 5_000 && tags.contains("halimede/pages/"), "{}", tags.len());
    // It comes by itself to those who read.
    b.wait_for(
        Duration::from_secs(45),
        "its end",
        "[...document.querySelectorAll('.markdown h2')].some(it => it.textContent === 'The end')",
    );

    // In a snapshot both are there, with nothing of the tracker.
    b.click("button", "Share");
    make_snapshot(&b);
    let file = downloaded(&another, ".html");
    no_errors(&a);
    drop(mlflow);
    b.reload();
    b.wait("the picture, offline", shown);
    let reader = self::browser();
    let alone = reader.page(&format!("file://{}", file.display()));
    alone.wait_for(Duration::from_secs(30), "the page", shown);
    alone.wait("its end", "[...document.querySelectorAll('.markdown h2')].some(it => it.textContent === 'The end')");
    no_errors(&alone);
}
