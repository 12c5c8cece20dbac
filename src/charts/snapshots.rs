//! Each chart and each odd input as an SVG in `tests/snapshots`, which a person looks at when it changes:
//! `UPDATE=1 cargo test snapshots` writes them anew. Tests only.

use std::path::PathBuf;

use halimede_raster::{Kind, Range};

use super::line::{Line, XKind};
use super::spread::Style;
use super::svg::line_chart;

/// What is drawn is what was looked at.
#[track_caller]
pub fn check(name: &str, drawn: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.svg"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("makes the folder");
        std::fs::write(&file, drawn).expect("writes");
        return;
    }
    let held = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(held == drawn, "{name}.svg is drawn in another way: UPDATE=1 cargo test snapshots, then look at it");
}

fn line(slot: u8, x: impl IntoIterator<Item = f64>, y: impl Fn(f64) -> f64) -> Line {
    let x: Vec<f64> = x.into_iter().collect();
    let y = x.iter().map(|it| y(*it)).collect();
    Line { x, y, band: None, slot, name: format!("run-{slot}") }
}

fn of(points: &[(f64, f64)]) -> Line {
    Line {
        x: points.iter().map(|it| it.0).collect(),
        y: points.iter().map(|it| it.1).collect(),
        band: None,
        slot: 0,
        name: "a <run> & more".into(),
    }
}

fn steps(n: u32) -> impl Iterator<Item = f64> + Clone {
    (0..n).map(f64::from)
}

fn checked(name: &str, lines: &[Line], y_kind: Kind, kind: XKind) {
    checked_as(name, lines, (Kind::Linear, y_kind), kind, Style::Lines);
}

fn checked_as(name: &str, lines: &[Line], (x_kind, y_kind): (Kind, Kind), kind: XKind, style: Style) {
    let fits = |kind: Kind| move |it: &f64| kind != Kind::Log || *it > 0.0;
    let x = Range::of(lines.iter().flat_map(|it| it.x.iter().copied()).filter(fits(x_kind)));
    let x = x.unwrap_or(Range { low: 0.0, high: 1.0 });
    let y = Range::of(lines.iter().flat_map(|it| it.y.iter().copied()).filter(fits(y_kind)));
    let y = y.unwrap_or(Range { low: 0.1, high: 1.0 });
    let y = if y_kind == Kind::Log { y } else { y.with_room().padded(0.04) };
    let (drawn, _) = line_chart("", lines, ((x.with_room(), x_kind), (y, y_kind)), kind, style, "").expect("draws");
    check(&format!("line-{name}"), &drawn);
}

#[test]
fn lines() {
    let loss = |rate: f64| move |x: f64| 0.02 + 2.0 * (-rate * x / 100.0).exp();
    let few: Vec<Line> = (0u8..4).map(|it| line(it, steps(100), loss(1.0 + f64::from(it)))).collect();
    checked("linear", &few, Kind::Linear, XKind::Step);
    checked("log", &few, Kind::Log, XKind::Step);
    checked_as("log-along-x", &few, (Kind::Log, Kind::Log), XKind::Step, Style::Lines);
    checked_as("symlog-along-x", &few, (Kind::SymLog, Kind::Linear), XKind::Step, Style::Lines);
    let signed = [line(0, steps(60), |x| (x - 30.0).powi(3)), line(1, steps(60), |x| 30.0 - x)];
    checked("symlog", &signed, Kind::SymLog, XKind::Step);
    let many: Vec<Line> = (0u8..20).map(|it| line(it, steps(3), move |x| f64::from(it) + x * 0.2)).collect();
    checked("twenty", &many, Kind::Linear, XKind::Step);
    let hour = 3_600_000.0;
    checked("relative", &[line(0, steps(50).map(|it| it * hour / 7.0), |x| x / hour)], Kind::Linear, XKind::Relative);
    let elapsed = [line(0, steps(90).map(|it| it * hour / 7.0), |x| x / hour)];
    checked_as("relative-log", &elapsed, (Kind::Log, Kind::Linear), XKind::Relative, Style::Lines);
    let wall = XKind::Wall { zone: 2.0 * hour };
    checked("wall", &[line(0, steps(50).map(|it| 1.7e12 + it * hour), |x| x - 1.7e12)], Kind::Linear, wall);
    let mut band = line(2, steps(40), |x| 1.0 / (1.0 + x));
    band.band = Some((band.y.iter().map(|it| it * 0.5).collect(), band.y.iter().map(|it| it * 1.5).collect()));
    checked("band", std::slice::from_ref(&band), Kind::Linear, XKind::Step);
    band.band = band.band.map(|(low, high)| (low.iter().map(|it| it - 0.2).collect(), high));
    checked("band-below-zero-log", &[band], Kind::Log, XKind::Step);
}

#[test]
fn many_lines_as_how_many() {
    let noise = |it: f64, x: f64| ((it * 12.9 + x * 78.2).sin() * 43_758.5).fract() * 0.1;
    let loss = move |it: f64| move |x: f64| 0.05 + (0.4 + it / 200.0) * (-x / 30.0).exp() + noise(it, x).abs();
    let many: Vec<Line> = (0u8..120).map(|it| line(it, steps(100), loss(f64::from(it)))).collect();
    checked_as("heat", &many, (Kind::Linear, Kind::Linear), XKind::Step, Style::Heat);
    checked_as("ridges", &many, (Kind::Linear, Kind::Linear), XKind::Step, Style::Ridges);
    let nan = of(&[(0.0, f64::NAN), (1.0, f64::INFINITY)]);
    for (name, style) in [("heat-of-nothing", Style::Heat), ("ridges-of-nothing", Style::Ridges)] {
        checked_as(name, std::slice::from_ref(&nan), (Kind::Linear, Kind::Linear), XKind::Step, style);
    }
}

/// A name, points, and how y is divided.
type Case<'a> = (&'a str, &'a [(f64, f64)], Kind);

#[test]
fn odd_lines() {
    let (nan, inf, big) = (f64::NAN, f64::INFINITY, f64::MAX);
    let cases: [Case; 14] = [
        ("nothing", &[], Kind::Linear),
        ("one-point", &[(5.0, 5.0)], Kind::Linear),
        ("all-equal", &[(0.0, 0.3), (1.0, 0.3), (2.0, 0.3)], Kind::Linear),
        ("all-nan", &[(0.0, nan), (1.0, nan)], Kind::Linear),
        ("infinities", &[(0.0, 1.0), (1.0, inf), (2.0, 2.0), (3.0, -inf), (4.0, 1.5), (5.0, nan)], Kind::Linear),
        ("greatest", &[(0.0, big), (1.0, -big), (2.0, big)], Kind::Linear),
        ("1e308-log", &[(0.0, 1e308), (1.0, 1e-308)], Kind::Log),
        ("least", &[(0.0, 1e-308), (1.0, 2e-308), (2.0, 5e-324)], Kind::Linear),
        ("negative-log", &[(0.0, 1.0), (1.0, -1.0), (2.0, 0.0), (3.0, 10.0)], Kind::Log),
        ("same-place", &[(1.0, 1.0), (1.0, 2.0), (1.0, 0.5), (2.0, 1.0)], Kind::Linear),
        ("steps-of-2-53", &[(9_007_199_254_740_990.0, 1.0), (9_007_199_254_740_992.0, 2.0)], Kind::Linear),
        ("a-gap", &[(0.0, 1.0), (1.0, 2.0), (2.0, nan), (10.0, 2.0), (11.0, 1.0)], Kind::Linear),
        ("same-digits", &[(0.0, 1.000_000_000_1), (1.0, 1.000_000_000_2)], Kind::Linear),
        ("symlog-of-zero", &[(0.0, 0.0), (1.0, 0.0)], Kind::SymLog),
    ];
    for (name, points, kind) in cases {
        checked(name, &[of(points)], kind, XKind::Step);
    }
    let long_and_short = [line(0, steps(1_500), f64::sin), line(1, steps(10), |x| x / 10.0)];
    checked("long-and-short", &long_and_short, Kind::Linear, XKind::Step);
}
