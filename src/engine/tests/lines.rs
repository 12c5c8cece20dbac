//! Lines of charts from a tracker that thins them: what is read at first, what of the rest, and what a zoom reads.

use super::*;
use crate::engine::lines::FIRST_RUNS;

fn plot(bench: &mut Bench, n: u32, x: Option<(f64, f64)>, goes_on: bool) -> (PlotAnswer, Vec<u32>) {
    plot_of(bench, "long", n, x, goes_on)
}

/// The picture of a metric of the first `n` runs, and how many points of each are known.
fn plot_of(bench: &mut Bench, metric: &str, n: u32, x: Option<(f64, f64)>, goes_on: bool) -> (PlotAnswer, Vec<u32>) {
    plot_along(bench, (metric, XAxis::Step), n, x, goes_on)
}

fn plot_along(
    bench: &mut Bench,
    (metric, axis): (&str, XAxis),
    n: u32,
    x: Option<(f64, f64)>,
    goes_on: bool,
) -> (PlotAnswer, Vec<u32>) {
    let line = |i: u32| PlotLine {
        run: RunId::from(format!("r{i}").as_str()),
        others: Vec::new(),
        colour: [0; 3],
        dash: Vec::new(),
    };
    let series = SeriesOf { project: key(), metric: metric.into(), want: Want::Sampled(320), x: axis };
    let of = PlotOf { series, smooth: crate::query::smooth::Smooth::None, reading: 0 };
    let made_of = Some(Drawing { of, folding: None, lines: (0..n).map(line).collect() });
    let mut answer = told(bench, PlotAsk { drawing: 1, made_of, n_heads: 0, view: view(x), goes_on });
    let heads = answer.heads.take().unwrap_or_default();
    (answer, heads.iter().map(|it| it.n_points).collect())
}

fn view(x: Option<(f64, f64)>) -> PlotView {
    PlotView {
        only: None,
        line_width: 1.5,
        x,
        y: None,
        x_kind: AxisKind::Linear,
        y_kind: AxisKind::Linear,
        clips: false,
        width: 300,
        height: 200,
        look: PlotLook::Lines,
    }
}

fn told(bench: &mut Bench, ask: PlotAsk) -> PlotAnswer {
    match bench.ask(Question::Plot(Box::new(ask))).map(|it| it.answer) {
        Ok(Answer::Plot(it)) => *it,
        other => panic!("{other:?}"),
    }
}

#[test]
fn heads_come_until_the_page_has_them_all() {
    let mut bench = bench(server(60), Rc::new(Memory::default()));
    bench.connect();
    bench.server.slow.set(300.0);
    assert_eq!(plot(&mut bench, 60, None, false).1.len(), FIRST_RUNS);
    let mut again = |n_heads, goes_on| {
        let view = PlotView { width: 200, ..view(None) };
        told(&mut bench, PlotAsk { drawing: 1, made_of: None, n_heads, view, goes_on }).heads.map(|it| it.len())
    };
    // The page gives this answer up, for it has another size by now.
    assert_eq!(again(16, true), Some(60));
    assert_eq!(again(16, false), Some(60));
    assert_eq!(again(60, false), None);
}

#[test]
fn a_first_picture_does_not_wait_for_all_runs() {
    let mut bench = bench(server(60), Rc::new(Memory::default()));
    bench.connect();
    bench.server.slow.set(300.0);
    let (answer, heads) = plot(&mut bench, 60, None, false);
    assert_eq!((heads.len(), answer.left), (FIRST_RUNS, true));
    let (answer, heads) = plot(&mut bench, 60, None, true);
    assert_eq!((heads.len(), answer.left), (60, false));
    // With more eyes open what is there is shown at once.
    let (answer, heads) = plot(&mut bench, 40, None, false);
    assert_eq!((heads.len(), answer.left), (40, false));
}

#[test]
fn a_source_that_answers_at_once_is_read_to_its_end() {
    let mut bench = bench(server(600), Rc::new(Memory::default()));
    bench.connect();
    let (answer, heads) = plot(&mut bench, 600, None, false);
    assert_eq!((heads.len(), answer.left), (600, false));
}

#[test]
fn what_could_not_be_read_of_more_runs_is_said_beside_those_there_are() {
    let mut bench = bench(server(60), Rc::new(Memory::default()));
    bench.connect();
    bench.server.slow.set(300.0);
    assert_eq!(plot(&mut bench, 60, None, false).1.len(), FIRST_RUNS);
    bench.server.down.set(true);
    let (answer, heads) = plot(&mut bench, 60, None, true);
    assert_eq!((heads.len(), answer.left, answer.trouble.is_some()), (FIRST_RUNS, false, true));
    bench.server.down.set(false);
    let (answer, heads) = plot(&mut bench, 60, None, true);
    assert_eq!((heads.len(), answer.left, answer.trouble), (60, false, None));
}

#[test]
fn a_zoom_reads_more_of_what_is_seen() {
    let mut bench = bench(server(2), Rc::new(Memory::default()));
    bench.connect();
    assert_eq!(plot(&mut bench, 2, None, false).1, [320, 320]);
    let near = Some((1_000.0, 1_100.0));
    let (answer, heads) = plot(&mut bench, 2, near, false);
    assert!(!answer.is_empty && plot(&mut bench, 2, Some((-900.0, -800.0)), false).0.is_empty);
    assert!(answer.left, "four points are seen, a picture is there at once, and there is more");
    assert_eq!(heads, [320, 320]);
    let (answer, heads) = plot(&mut bench, 2, near, true);
    assert!(!answer.left);
    assert_eq!(heads, [320 - 4 + 101; 2], "all steps of the stretch in the place of those known before");
    let asked = bench.server.asked.borrow().len();
    assert!(!plot(&mut bench, 2, Some((1_010.0, 1_020.0)), false).0.left, "within what is whole");
    assert!(!plot(&mut bench, 2, near, true).0.left);
    assert_eq!(bench.server.asked.borrow().len(), asked, "nothing is asked for twice");
}

#[test]
fn a_zoom_in_time_reads_more_too() {
    for (axis, start) in [(XAxis::Relative, 0.0), (XAxis::Wall, 1_000_000.0)] {
        let mut bench = bench(server(2), Rc::new(Memory::default()));
        bench.connect();
        let mut plot = |x, goes_on| plot_along(&mut bench, ("long", axis.clone()), 2, x, goes_on);
        assert_eq!(plot(None, false).1, [320, 320]);
        // Ten seconds, that is 100 steps.
        let near = Some((start + 100_000.0, start + 110_000.0));
        assert!(plot(near, false).0.left, "{axis:?}");
        let (answer, heads) = plot(near, true);
        assert!(!answer.left && heads.iter().all(|it| (470..=480).contains(it)), "{axis:?}: {heads:?}");
        assert!(!plot(near, false).0.left && !plot(Some((start + 101_000.0, start + 102_000.0)), false).0.left);
    }
}

#[test]
fn a_zoom_never_loses_what_was_known() {
    let mut bench = bench(server(1), Rc::new(Memory::default()));
    bench.connect();
    assert_eq!(plot_of(&mut bench, "long-old", 1, None, false).1, [320]);
    let near = Some((6_000.5, 6_499.5));
    assert!(plot_of(&mut bench, "long-old", 1, near, false).0.left);
    let (answer, heads) = plot_of(&mut bench, "long-old", 1, near, true);
    assert_eq!((heads, answer.left), (vec![321], false), "the one point more, none less and none from elsewhere");
    let deeper = Some((6_100.0, 6_200.0));
    assert!(plot_of(&mut bench, "long-old", 1, deeper, false).0.left, "that was not all");
}

#[test]
fn of_many_lines_each_is_refined() {
    let mut bench = bench(server(130), Rc::new(Memory::default()));
    bench.connect();
    let mut left = plot(&mut bench, 130, None, false).0.left;
    while left {
        left = plot(&mut bench, 130, None, true).0.left;
    }
    let near = Some((1_000.0, 1_010.0));
    assert!(plot(&mut bench, 130, near, false).0.left);
    assert!(plot(&mut bench, 130, near, true).0.left, "a hundred at a time");
    let (answer, heads) = plot(&mut bench, 130, near, true);
    assert!(!answer.left && heads.len() == 130 && heads.iter().all(|it| *it > 320), "{heads:?}");
}

#[test]
fn runs_without_the_metric_are_asked_once() {
    let mut bench = bench(server(300), Rc::new(Memory::default()));
    bench.connect();
    let asked = |bench: &Bench| {
        let asked = bench.server.asked.borrow();
        asked.iter().filter(|it| it.contains("metric_key=none")).map(|it| it.matches("run_ids=").count()).sum::<usize>()
    };
    let mut left = plot_of(&mut bench, "none", 300, None, false).0.left;
    let mut rounds = 0;
    while left {
        left = plot_of(&mut bench, "none", 300, None, true).0.left;
        rounds += 1;
        assert!(rounds < 10, "it ends");
    }
    assert_eq!(asked(&bench), 300);
}
