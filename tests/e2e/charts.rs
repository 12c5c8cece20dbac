//! What people do to charts: how lines are shown, how axes stand, what was logged by step below them.

use super::*;

/// Opens the demo's charts.
fn demo(page: &Page, rest: &str) {
    page.click("button", "Try the demo");
    page.wait_text("59 of 59 runs");
    page.eval(&format!("location.hash = '#/s/snapshot:demo/p/3?look=charts{rest}'"));
}

#[test]
fn many_lines_are_a_heat_map_or_ridges_and_a_chart_is_found_whatever_it_is_of() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&eyes=first59&q=val%2Faccuracy%20%3E%200.9&seen=1000..2000");
    let chart =
        "[...document.querySelectorAll('figure.chart')].find(it => it.querySelector('h3').textContent === 'val/loss')";
    page.wait("the curves", &format!("{chart}?.querySelector('.plot').ariaLabel.includes('58 curves')"));
    // Colours between the axes that are neither grid nor a shade of grey.
    let colours = format!(
        "(() => {{ const it = {chart}.querySelector('canvas'); const {{data}} = it.getContext('2d').getImageData(50, 8, it.width - 62, it.height - 30); const all = new Map(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 24) {{ const key = [data[i], data[i + 1], data[i + 2]].join(); all.set(key, (all.get(key) ?? 0) + 1); }} return [...all].filter(it => it[1] >= 12).map(it => it[0]); }})()"
    );
    let menu = |item: &str| {
        page.eval(&format!("{chart}.querySelector('[aria-label=\"More of this chart\"]').click()"));
        page.click("button", item);
    };
    menu("As a heat map");
    page.wait("in the link", "location.hash.includes('chart=val/loss*heat')");
    page.wait("what the colours say", &format!("/[0-9]+ of 58 lines/.test({chart}.innerText)"));
    // The look's sequence for light themes, from its first colour to its last.
    page.wait("its colours", &format!("(all => all.includes('48,33,113') && all.includes('118,154,65'))({colours})"));
    let n = page.eval(&format!("Number({chart}.innerText.match(/([0-9]+) of 58 lines/)[1])"));
    assert!(n.as_u64().is_some_and(|it| (5..=58).contains(&it)), "{n}");
    menu("As ridges");
    page.wait("in the link", "location.hash.includes('chart=val/loss*ridges')");
    page.wait("no colours to be explained", &format!("!{chart}.innerText.includes('58 lines')"));
    menu("Twice as high");
    page.wait("higher than others", &format!("{chart}.clientHeight > 450"));
    page.reload();
    page.wait("the same", &format!("{chart}?.clientHeight > 450"));
    page.press("Control+z");
    page.press("Control+z");
    menu("As lines");
    page.wait("as others are", "!location.hash.includes('ridges')");

    // Charts over runs are found by what they are called, too.
    page.fill("Find a chart", "parameters");
    page.wait("one chart", "[...document.querySelectorAll('.chartgrid figure h3')].map(it => it.textContent).join() === 'Parameters → val/accuracy'");
    page.wait_no_text("No chart is called");
    page.fill("Find a chart", "val(");
    page.wait("why there is none", "document.body.innerText.includes('is a bracket left open?')");
    page.click("button", "Show all charts");
    page.wait("all", "document.querySelectorAll('.chartgrid figure').length > 1");
    no_errors(&page);
}

#[test]
fn how_charts_are_seen_is_in_the_link_and_comes_back() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&eyes=first3&chart=val/accuracy*y0.8..0.95&size=small");
    let chart = "[...document.querySelectorAll('figure.chart')].find(it => it.querySelector('h3').textContent === 'val/accuracy')";
    page.wait("the curves", &format!("{chart}?.querySelector('.plot').ariaLabel.includes('3 curves')"));
    assert_eq!(page.eval(&format!("{chart}.closest('.cell').clientHeight < 190")), true, "small");
    page.click("button", "reset zoom");
    page.wait("all of it", "!location.hash.includes('y0.8') && !location.hash.includes('chart=')");
    page.press("Control+z");
    page.wait("as it was", "location.hash.includes('chart=val/accuracy*y0.8..0.95')");
    page.wait("and shown so", &format!("{chart}.innerText.includes('reset zoom')"));
    // What the browser took from a canvas it is given again.
    page.eval(&format!("window.canvas = {chart}.querySelector('canvas'); window.before = canvas.toDataURL()"));
    page.eval("canvas.getContext('2d').reset(); window.taken = canvas.toDataURL() !== before");
    assert_eq!(page.eval("taken"), true);
    page.eval("canvas.dispatchEvent(new Event('contextrestored'))");
    page.wait("the same picture", "canvas.toDataURL() === before");
    // Another picture of the same size between the same axes is drawn, too.
    page.eval("window.before = canvas.toDataURL(); location.hash += '&seeds=sd'");
    page.wait("seeds as one", &format!("{chart}.querySelector('.plot').ariaLabel.includes('2 curves')"));
    page.wait("drawn so", "canvas.toDataURL() !== before");
    page.eval("window.before = canvas.toDataURL(); canvas.getContext('2d').reset()");
    page.eval("canvas.dispatchEvent(new Event('contextrestored'))");
    page.wait("as it was", "canvas.toDataURL() === before");
    page.eval("location.hash = location.hash.replace('&seeds=sd', '')");
    page.wait("three again", &format!("{chart}.querySelector('.plot').ariaLabel.includes('3 curves')"));
    page.click("button", "More for all charts");
    // A setting of all charts is drawn at once.
    page.eval(&format!("window.before = {chart}.querySelector('canvas').toDataURL()"));
    page.click("button", "symlog");
    page.wait(
        "x otherwise",
        &format!("location.hash.includes('xscale=symlog') && {chart}.querySelector('canvas').toDataURL() !== before"),
    );
    page.click("button", "log");
    page.wait("log x", "location.hash.includes('xscale=log')");
    // Step 0 has no place there.
    page.eval(&format!("{chart}.querySelector('.plot').focus()"));
    let is_at = |step: &str| format!("{chart}.querySelector('.chip-step')?.innerText === '{step}'");
    page.press("ArrowRight");
    page.wait("the first that is seen", &is_at("10"));
    page.press("ArrowLeft");
    page.press("ArrowRight");
    page.wait("the next", &is_at("20"));
    // From curve to curve, in words too.
    let said = format!("{chart}.querySelector('[role=status]').innerText");
    page.press("ArrowDown");
    page.wait("the first curve", &format!("{chart}.querySelector('.legend .on') && /^20: .+ 0/.test({said})"));
    page.eval(&format!("window.before = {said}"));
    page.press("ArrowDown");
    page.wait("the next curve", &format!("/^20: .+ 0/.test({said}) && {said} !== before"));
    page.press("Escape");
    page.click("button", "Large charts");
    page.wait("large", &format!("location.hash.includes('size=large') && {chart}.closest('.cell').clientHeight > 380"));
    page.click("button", "reset zoom");
    page.wait("all of it", "!location.hash.includes('y0.8')");
    let place =
        page.eval(&format!("(it => [it.left, it.top])({chart}.querySelector('.plot').getBoundingClientRect())"));
    let at = |i: usize| place[i].as_f64().expect("a number");
    // What follows soon is the same step.
    std::thread::sleep(std::time::Duration::from_millis(900));
    page.drag((at(0) + 100.0, at(1) + 40.0), (at(0) + 300.0, at(1) + 200.0));
    page.wait(
        "a box",
        "/chart=val\\/accuracy\\*y[0-9.]+\\.\\.[0-9.]+/.test(location.hash) && location.hash.includes('seen=')",
    );

    page.press("Control+z");
    page.wait("both axes in one step", "!location.hash.includes('seen=') && !location.hash.includes('chart=')");
    page.press("Control+Shift+z");
    page.wait("and again", "location.hash.includes('seen=') && location.hash.includes('chart=')");
    // Another way to divide the axis, from outside, keeps what is seen of it.
    page.eval("location.hash = location.hash.replace(/chart=[^&]*/, 'chart=val/accuracy*log*y0.5..0.9')");
    page.wait(
        "log",
        &format!(
            "[...{chart}.querySelectorAll('button')].some(it => it.innerText === 'log y' && it.ariaPressed === 'true')"
        ),
    );
    assert!(page.url().contains("chart=val/accuracy*log*y0.5..0.9"), "{}", page.url());

    // Sections fold, but not over what is looked for.
    page.click("button", "val/");
    page.wait("folded", &format!("location.hash.includes('folded=val') && !{chart}"));
    page.fill("Find a chart", "accuracy");
    page.wait("found all the same", &format!("!!{chart}"));
    page.fill("Find a chart", "");
    page.wait("folded", &format!("!{chart}"));
    page.click("button", "val/");
    page.wait("open", &format!("!location.hash.includes('folded') && !!{chart}"));

    // A line of the list stays, whatever its eye does.
    let eye = "document.querySelector('.runlist li .eye')";
    page.eval(&format!("window.line = {eye}.closest('li'); {eye}.click()"));
    page.wait("closed", &format!("{eye}.ariaPressed === 'false' && window.line === {eye}.closest('li')"));
    page.wait("two drawn", "document.querySelector('.runlist .head').innerText.includes('2 drawn')");
    page.eval(&format!("{eye}.click()"));
    page.wait("open", &format!("{eye}.ariaPressed === 'true' && !window.line.classList.contains('off')"));
    no_errors(&page);
}

#[test]
fn axes_are_pulled_by_their_names_and_turned() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&over=parallel*params.optim%2Flr*params.batch_size*metrics.val%2Faccuracy");
    let plot = "document.querySelector('.charts.across .plot')";
    page.wait("the chart", &format!("{plot}?.ariaLabel.endsWith('59 runs')"));
    page.eval(&format!("{plot}.scrollIntoView({{block: 'center'}})"));
    let place = page.eval(&format!("(it => [it.left, it.top, it.width])({plot}.getBoundingClientRect())"));
    let at = |i: usize| place[i].as_f64().expect("a number");
    let (first, second) = ((at(0) + 52.0, at(1) + 8.0), (at(0) + at(2) / 2.0, at(1) + 40.0));
    page.click_at(first.0, first.1, "left", 1, &[]);
    let link = |fields: &str| format!("decodeURIComponent(location.hash).includes('over=parallel*{fields}')");
    page.wait("upside down", &link("-params.optim/lr*params.batch_size"));
    // What is picked on an axis goes with it.
    page.drag((first.0, at(1) + 80.0), (first.0, at(1) + 160.0));
    page.wait("some are picked", "/select [0-9]+/.test(document.querySelector('.charts.across').innerText)");
    page.drag(first, second);
    page.wait("in second place", &link("params.batch_size*-params.optim/lr*metrics"));
    page.wait("still picked", "/select [0-9]+/.test(document.querySelector('.charts.across').innerText)");
    page.reload();
    page.wait("the same chart", &format!("{plot}?.ariaLabel.endsWith('59 runs')"));
    // Those who do not pull have buttons.
    page.click("button", "Fields of this chart");
    page.click_nth("button", "Upside down", 1);
    page.wait("upright", &link("params.batch_size*params.optim/lr*metrics"));
    page.click_nth("button", "To the left", 1);
    page.wait("as it was", &link("params.optim/lr*params.batch_size*metrics"));
    page.press("Escape");
    page.press("Control+z");
    page.wait("taken back", &link("params.batch_size*params.optim/lr*metrics"));
    no_errors(&page);
}

#[test]
fn a_finger_on_a_chart_says_its_values() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&eyes=first3&over=none");
    let plot = "document.querySelector('.chart .plot')";
    page.wait("the curves", &format!("{plot}?.ariaLabel.includes('3 curves')"));
    // What is above it has come, too.
    std::thread::sleep(Duration::from_millis(500));
    let place = page.eval(&format!("(it => [it.left, it.top, it.width])({plot}.getBoundingClientRect())"));
    let at = |i: usize| place[i].as_f64().expect("a number");
    let points = json!([{ "x": at(0) + at(2) / 2.0, "y": at(1) + 80.0 }]);
    page.call("Input.dispatchTouchEvent", json!({ "type": "touchStart", "touchPoints": points }));
    page.call("Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] }));
    page.wait("the values", &format!("{plot}.querySelectorAll('.legend .value').length === 3"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(page.eval(&format!("{plot}.querySelectorAll('.legend .value').length")), 3, "they stay");
    // One that is moved scrolls the page, and leaves nothing behind.
    let touch = |kind: &str, by: f64| {
        let points = json!([{ "x": at(0) + at(2) / 3.0, "y": at(1) + 120.0 - by }]);
        let points = if kind == "touchEnd" { json!([]) } else { points };
        page.call("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }));
    };
    touch("touchStart", 0.0);
    for by in 1..12 {
        touch("touchMove", f64::from(by) * 10.0);
    }
    touch("touchEnd", 0.0);
    page.wait("no values", "document.querySelectorAll('.chart .legend .value').length === 0");
    no_errors(&page);
}

/// A picture of one pixel.
const PIXEL: &[u8] = include_bytes!("pixel.png");

#[test]
fn what_runs_logged_by_step_stands_below_their_charts() {
    let dir = TempDir::new("files");
    let root = mlruns(&dir, 3, 20);
    for run in 0..3 {
        let files = root.join("123456").join(format!("{run:032x}")).join("artifacts");
        for folder in ["images", "samples", "plots"] {
            std::fs::create_dir_all(files.join(folder)).expect("a folder");
        }
        for step in [5, 10] {
            let write = |name: &str, bytes: &[u8]| std::fs::write(files.join(name), bytes).expect("writes");
            write(&format!("images/grid+step+{step}+timestamp+17+ab{step}.png"), PIXEL);
            write(&format!("samples/text_step_{step}.txt"), format!("run {run} said {step}").as_bytes());
            write(&format!("samples/table_step_{step}.csv"), format!("a,b\n{run},{step}\n").as_bytes());
        }
        std::fs::write(files.join("plots/roc.png"), PIXEL).expect("writes");
        // Not what people read; and the newest run has nothing yet.
        std::fs::create_dir_all(files.join("checkpoints")).expect("a folder");
        std::fs::write(files.join("checkpoints/epoch=3-step=300.ckpt"), [0, 1, 2]).expect("writes");
        // In none of the runs before it.
        if run == 0 {
            std::fs::create_dir_all(files.join("later")).expect("a folder");
            std::fs::write(files.join("later/text_step_5.txt"), "only here").expect("writes");
        }
        if run == 2 {
            std::fs::remove_dir_all(&files).expect("removes");
        }
    }
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    page.click("button", "Open folder or file");
    page.set_files("#open-folder", &[&root]);
    page.wait_text("3 of 3 runs");
    page.press("2");
    page.wait("the charts look", "location.hash.includes('look=charts')");
    page.wait("below the charts", "document.querySelector('.logged')");
    page.eval("document.querySelector('.logged').scrollIntoView()");
    page.wait_text("Files by step");
    // Each folder is read when it comes near.
    page.wait("all folders", "document.querySelectorAll('.logged .folder').length === 3");
    page.eval("document.querySelectorAll('.logged .folder').forEach(it => it.scrollIntoView())");
    let said = "document.querySelector('.logged').innerText";
    page.wait("the last step of all", &format!("[0, 1].every(it => {said}.includes(`run ${{it}} said 10`))"));
    page.wait("a picture of each", "document.querySelectorAll('.logged .pictures img').length === 2");
    assert_eq!(
        page.eval(&format!(
            "{said}.includes('plots/') || {said}.includes('checkpoints/') || {said}.includes('said 5')"
        )),
        false
    );
    page.wait("what only the last has", "document.querySelector('.logged').innerText.includes('later/')");
    page.eval("document.querySelector('.logged input[type=range]').focus()");
    page.press("ArrowLeft");
    page.wait("one step before", &format!("[0, 1].every(it => {said}.includes(`run ${{it}} said 5`))"));
    page.wait(
        "its table",
        "[...document.querySelectorAll('.logged td')].map(it => it.textContent).join().includes('5')",
    );
    no_errors(&page);
}

#[test]
fn a_chart_that_goes_while_it_is_dragged_takes_nothing_with_it() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&eyes=first3");
    let plot = "document.querySelector('figure.chart.lines .plot')";
    page.wait("the curves", &format!("{plot}?.ariaLabel.includes('3 curves')"));
    // What has the focus loses it when it goes.
    page.eval(&format!("{plot}.focus()"));
    page.press("1");
    page.wait_text("59 of 59 runs");
    page.wait("the table", "!document.querySelector('.chartgrid')");
    page.press("2");
    page.wait("the curves again", &format!("{plot}?.ariaLabel.includes('3 curves')"));
    page.eval("location.hash = document.querySelector('.runlist li a').hash");
    page.wait("the run's curves", "!document.querySelector('.chartgrid') && document.querySelector('figure.chart.lines .plot')?.ariaLabel.includes('curve')");
    page.eval(&format!("{plot}.focus()"));
    page.eval("location.hash = '#/s/snapshot:demo/p/3?look=charts&eyes=first3&chart=nosuch*pin*y0..1'");
    page.wait(
        "the curves once more",
        "document.querySelector('.chartgrid figure.chart.lines .plot')?.ariaLabel.includes('3 curves')",
    );
    no_errors(&page);
}

/// Once a file of this kind is there that says this.
fn saved(page: &Page, browser: &Browser, kind: &str, says: &str) -> String {
    page.retry(Duration::from_secs(20), kind, || {
        let files = std::fs::read_dir(browser.downloads()).map_err(|it| it.to_string())?.flatten();
        let of_kind = files.filter(|it| it.path().extension().is_some_and(|it| it == kind));
        let mut texts = of_kind.filter_map(|it| std::fs::read_to_string(it.path()).ok());
        texts.find(|it| it.contains(says)).ok_or_else(|| "no file yet".to_owned())
    })
}

#[test]
fn what_was_logged_once_is_a_bar_for_each_run() {
    let dir = TempDir::new("once");
    let root = mlruns(&dir, 5, 1);
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    page.click("button", "Open folder or file");
    page.set_files("#open-folder", &[&root]);
    page.wait_text("5 of 5 runs");
    page.press("2");
    let plot =
        "[...document.querySelectorAll('figure.chart.lines .plot')].find(it => it.ariaLabel.startsWith('val/acc,'))";
    page.wait(
        "bars",
        &format!("{plot}?.ariaLabel.includes('one value of each of 5 runs: run-4 0.1000, run-3 0.1250')"),
    );
    page.eval(&format!("{plot}.focus()"));
    page.press("ArrowDown");
    page.press("ArrowDown");
    page.wait("a run in words", &format!("{plot}.title === 'run-3: 0.1250'"));
    page.click_nth("button", "More of this chart", 0);
    page.click("button", "Save as pgfplots (LaTeX)");
    let text = saved(&page, &browser, "tex", "xbar");
    assert!(text.contains("(0.1,0)") && text.contains("yticklabels={{run-4},{run-3}"), "{text}");
    page.click_nth("button", "More of this chart", 0);
    page.click("button", "Save as SVG");
    assert!(saved(&page, &browser, "svg", "run-0").contains("0.5000"));
    no_errors(&page);
}

#[test]
fn bars_stand_side_by_side_by_a_second_field_and_leave_for_latex() {
    let site = site();
    let browser = browser();
    let page = browser.page(&site.url());
    demo(&page, "&eyes=none&over=bars*params.optim/name*metrics.val/loss*params.batch_size");
    let across = page.within(".charts.across");
    let chart = "document.querySelector('.charts.across figure')";
    page.wait("the chart", &format!("{chart}?.querySelector('.plot')?.ariaLabel.endsWith('58 runs')"));
    page.wait_text("58 of 59 runs");
    page.wait("why", &format!("{chart}.querySelector('.minor').title === '1 run without a value'"));
    across.click("button", "More of this chart");
    across.click("button", "Save as pgfplots (LaTeX)");
    let text = saved(&page, &browser, "tex", "ybar");
    assert!(text.contains("xticklabels={{adam},{adamw},{lion},{rmsprop},{sgd}}"), "{text}");
    assert!(text.contains("\\addlegendentry{32}") && text.contains("\\addlegendentry{64}"), "{text}");
    no_errors(&page);
}
