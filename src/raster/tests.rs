//! Pictures against a plain reference: a pixel is covered by the share of 8 × 8 places in it that lie
//! within half a width of the line.

use super::*;

const WIDTH: u32 = 120;
const HEIGHT: u32 = 80;

fn view(x: (f64, f64), y: (f64, f64), kind: Kind) -> View {
    View {
        width: WIDTH,
        height: HEIGHT,
        x: Scale::new(Range { low: x.0, high: x.1 }, Kind::Linear, 0.0, f64::from(WIDTH)),
        y: Scale::new(Range { low: y.0, high: y.1 }, kind, f64::from(HEIGHT), 0.0),
    }
}

fn stroke(width: f32) -> Stroke {
    Stroke { colour: [200, 40, 90], width, opacity: 1.0, dash: Vec::new() }
}

fn draw(lines: &[(&Points, &Stroke)], view: &View) -> Vec<u8> {
    let mut easel = Easel::default();
    // What was drawn before leaves no trace.
    easel.draw(&[Shape::Line(&line(50, f64::sin), &stroke(9.0))], &View { height: view.height + 70, ..*view });
    let shapes: Vec<Shape> = lines.iter().map(|it| Shape::Line(it.0, it.1)).collect();
    easel.draw(&shapes, view);
    let mut bytes = Vec::new();
    easel.pour(|some| bytes.extend_from_slice(some));
    assert_eq!(bytes.len(), easel.n_bytes());
    bytes
}

fn alphas(points: &Points, stroke: &Stroke, view: &View) -> Vec<u8> {
    draw(&[(points, stroke)], view).chunks(4).map(|it| it[3]).collect()
}

/// Distance of a place to the nearest piece of the line.
fn distance(place: (f64, f64), line: &[(f64, f64)]) -> f64 {
    let near = line.partition_point(|it| it.0 < place.0 - 4.0).saturating_sub(1);
    let far = (line.partition_point(|it| it.0 <= place.0 + 4.0) + 1).min(line.len());
    let to = |pair: &[(f64, f64)]| {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let along = ((place.0 - ax) * dx + (place.1 - ay) * dy) / (dx * dx + dy * dy).max(1e-12);
        let along = along.clamp(0.0, 1.0);
        (place.0 - ax - dx * along).hypot(place.1 - ay - dy * along)
    };
    line[near..far].windows(2).map(to).fold(f64::INFINITY, f64::min)
}

fn reference(points: &Points, width: f64, view: &View) -> Vec<f64> {
    let line: Vec<(f64, f64)> =
        (0..points.len()).map(|at| (view.x.pixel(points.x(at)), view.y.pixel(points.y(at)))).collect();
    let mut covered = Vec::new();
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            let mut n = 0u32;
            for i in 0..64u32 {
                let place = (
                    f64::from(column) + f64::from(i % 8) / 8.0 + 1.0 / 16.0,
                    f64::from(row) + f64::from(i / 8) / 8.0 + 1.0 / 16.0,
                );
                n += u32::from(distance(place, &line) <= width / 2.0);
            }
            covered.push(f64::from(n) / 64.0 * 255.0);
        }
    }
    covered
}

/// Mean difference in 255ths over the pixels that either picture touches, and the share of ink.
#[track_caller]
fn check(points: &Points, width: f32, view: &View, most: f64) {
    let ours = alphas(points, &stroke(width), view);
    let theirs = reference(points, f64::from(width), view);
    let touched = ours.iter().zip(&theirs).filter(|it| *it.0 > 0 || *it.1 > 0.0);
    let (sum, n) = touched.fold((0.0, 0u32), |(sum, n), (a, b)| (sum + (f64::from(*a) - b).abs(), n + 1));
    let mean = sum / f64::from(n.max(1));
    let ink = ours.iter().map(|it| f64::from(*it)).sum::<f64>() / theirs.iter().sum::<f64>();
    assert!(mean < most, "mean difference {mean:.1} of 255 over {n} pixels, ink {ink:.3}");
    assert!((0.92..1.1).contains(&ink), "ink {ink:.3}, mean difference {mean:.1}");
}

fn line(n: u32, y: impl Fn(f64) -> f64) -> Points {
    let x: Vec<f64> = (0..n).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|it| y(*it)).collect();
    Points::new(&x, &y)
}

#[test]
fn thin_lines_are_as_a_plain_rasteriser_has_them() {
    for width in [1.0, 1.5, 2.25, 3.0] {
        check(&line(2, |x| x), width, &view((0.0, 1.0), (-0.2, 1.2), Kind::Linear), 14.0);
        check(&line(2, |x| x * 0.1), width, &view((0.0, 1.0), (-0.2, 1.2), Kind::Linear), 14.0);
        check(&line(30, |x| (x / 5.0).sin()), width, &view((0.0, 29.0), (-1.1, 1.1), Kind::Linear), 14.0);
        check(
            &line(60, |x| if x as u32 % 7 == 3 { 1.0 } else { 0.1 }),
            width,
            &view((0.0, 59.0), (0.0, 1.1), Kind::Linear),
            16.0,
        );
        check(&line(20, |x| 10f64.powf(-x / 5.0)), width, &view((0.0, 19.0), (1e-4, 2.0), Kind::Log), 14.0);
    }
}

#[test]
fn dense_lines_cover_what_they_should() {
    // A band of noise: solid between its extremes.
    let noise = line(4_000, |x| (x * 12.9898).sin() * 0.5);
    check(&noise, 1.5, &view((0.0, 3_999.0), (-1.0, 1.0), Kind::Linear), 12.0);
    let smooth = line(4_000, |x| (x / 900.0).sin());
    check(&smooth, 1.5, &view((0.0, 3_999.0), (-1.1, 1.1), Kind::Linear), 20.0);
}

#[test]
fn a_curved_x_is_as_a_plain_rasteriser_has_it() {
    let bent = |kind, low: f64, high: f64, y: (f64, f64)| View {
        x: Scale::new(Range { low, high }, kind, 0.0, f64::from(WIDTH)),
        ..view((low, high), y, Kind::Linear)
    };
    // Few points, then many that are far apart at the left: the first pieces are as wide as a third of the picture.
    for n in [60u32, 4_000] {
        let end = f64::from(n - 1);
        let placed = |it: &dyn Fn(f64) -> f64| {
            let x: Vec<f64> = (1..n).map(f64::from).collect();
            let y: Vec<f64> = x.iter().map(|x| it(*x)).collect();
            Points::new(&x, &y)
        };
        check(&placed(&|x| x.ln()), 1.5, &bent(Kind::Log, 1.0, end, (-0.5, 9.0)), 20.0);
        check(&placed(&|x| 1.0 / x), 1.5, &bent(Kind::Log, 1.0, end, (-0.1, 1.1)), 20.0);
        check(&line(n, |x| (x / end * 5.0).sin()), 1.5, &bent(Kind::SymLog, -end, end, (-6.0, 6.0)), 20.0);
        // Step 0 has no place: the line begins with step 1.
        let all = alphas(&line(n, f64::sqrt), &stroke(1.5), &bent(Kind::Log, 1.0, end, (-1.0, 70.0)));
        let without = alphas(&placed(&f64::sqrt), &stroke(1.5), &bent(Kind::Log, 1.0, end, (-1.0, 70.0)));
        assert!(all == without, "{n} points");
    }
    // So many that blocks of points are known: columns at the left hold a few of them, or none.
    let y = |x: f64| (x.ln() * 2.0).sin();
    let x: Vec<f64> = (0..=2_000).map(|it| 200_000f64.powf(f64::from(it) / 2_000.0)).collect();
    let few = Points::new(x.clone(), x.iter().map(|it| y(*it)).collect::<Vec<_>>());
    let view = bent(Kind::Log, 2.0, 199_999.0, (-1.5, 1.5));
    let (a, b) = (alphas(&line(200_000, y), &stroke(2.0), &view), alphas(&few, &stroke(2.0), &view));
    let differ = a.iter().zip(&b).filter(|it| it.0.abs_diff(*it.1) > 120).count();
    assert!(differ < 60, "{differ} pixels");
    let even = line(4_000, |x| x);
    assert_eq!(even.x_range_on(Kind::Log), Some(Range { low: 1.0, high: 3_999.0 }));
    assert_eq!(Points::new(vec![-3.0, 0.0], vec![1.0, 2.0]).x_range_on(Kind::Log), None);
}

#[test]
fn a_spike_is_never_lost() {
    for n in [100, 1_000, 100_000] {
        let spiked = line(n, |x| if x == f64::from(n / 3) { 1.0 } else { 0.0 });
        let drawn = alphas(&spiked, &stroke(1.5), &view((0.0, f64::from(n - 1)), (-0.1, 1.1), Kind::Linear));
        let row = |at: u32| drawn.iter().skip((at * WIDTH) as usize).take(WIDTH as usize).any(|it| *it > 40);
        assert!(row(8) && row(30), "{n} points");
    }
}

#[test]
fn zooming_in_shows_the_same_line() {
    let all = line(100_000, |x| (x / 3_000.0).sin());
    // One wave of it, thinly: a hundred points of every ten thousand.
    let x: Vec<f64> = (0..1_000).map(|it| f64::from(it) * 100.0).collect();
    let few = Points::new(&x, x.iter().map(|it| (it / 3_000.0).sin()).collect::<Vec<_>>());
    let view = view((20_000.0, 21_000.0), (-1.1, 1.1), Kind::Linear);
    let (a, b) = (alphas(&all, &stroke(2.0), &view), alphas(&few, &stroke(2.0), &view));
    let differ = a.iter().zip(&b).filter(|it| it.0.abs_diff(*it.1) > 90).count();
    assert!(differ < 40, "{differ} pixels");
}

#[test]
fn gaps_stay_gaps_and_lone_points_are_seen() {
    for n in [40u32, 4_000] {
        let gap = line(n, |x| if (0.4..0.6).contains(&(x / f64::from(n))) { f64::NAN } else { 0.0 });
        let drawn = alphas(&gap, &stroke(1.5), &view((0.0, f64::from(n - 1)), (-1.0, 1.0), Kind::Linear));
        let at = |column: u32| (0..HEIGHT).any(|row| drawn[(row * WIDTH + column) as usize] > 0);
        assert!(at(20) && !at(60) && at(100), "{n}");
    }
    let lone = line(3, |x| if x == 1.0 { 0.0 } else { f64::NAN });
    let drawn = alphas(&lone, &stroke(1.5), &view((0.0, 2.0), (-1.0, 1.0), Kind::Linear));
    assert!(drawn[(40 * WIDTH + 60) as usize] > 200);
}

#[test]
fn the_first_is_on_top_and_what_is_seen_through_adds_up() {
    let flat = line(2, |_| 0.0);
    let view = view((0.0, 1.0), (-1.0, 1.0), Kind::Linear);
    let red = Stroke { colour: [255, 0, 0], width: 6.0, opacity: 1.0, dash: Vec::new() };
    let blue = Stroke { colour: [0, 0, 255], ..red.clone() };
    let middle = ((HEIGHT / 2 * WIDTH + WIDTH / 2) * 4) as usize;
    assert_eq!(draw(&[(&flat, &red), (&flat, &blue)], &view)[middle..middle + 4], [255, 0, 0, 255]);
    let glass = Stroke { opacity: 0.5, ..red };
    let seen = draw(&[(&flat, &glass), (&flat, &blue)], &view);
    assert_eq!(seen[middle + 3], 255);
    assert!(seen[middle].abs_diff(128) < 3 && seen[middle + 2].abs_diff(127) < 3, "{:?}", &seen[middle..middle + 4]);
    // The same through alpha alone: not premultiplied on the way out.
    let alone = draw(&[(&flat, &glass)], &view);
    assert!(alone[middle] > 252 && alone[middle + 3].abs_diff(128) < 2, "{:?}", &alone[middle..middle + 4]);
}

#[test]
fn dashes_leave_gaps() {
    let pattern = Stroke { dash: vec![7.0, 3.0], ..stroke(2.0) };
    for n in [2u32, 1_000] {
        let drawn = alphas(&line(n, |_| 0.0), &pattern, &view((0.0, f64::from(n - 1)), (-1.0, 1.0), Kind::Linear));
        let row: Vec<bool> = (0..WIDTH).map(|it| drawn[(HEIGHT / 2 * WIDTH + it) as usize] > 128).collect();
        let on = row.iter().filter(|it| **it).count();
        assert!((70..=100).contains(&on), "{n}: {on} of {WIDTH}");
        assert!(!row[8] && row[12], "{n}");
    }
}

#[test]
fn odd_input_draws_something_or_nothing_but_never_fails() {
    let big = f64::MAX;
    for points in [
        Points::new(&[], &[]),
        line(1, |_| 5.0),
        line(50, |_| f64::NAN),
        line(50, |_| f64::INFINITY),
        line(3, |x| if x == 1.0 { big } else { -big }),
        line(3_000, |x| if x as u32 % 2 == 1 { big } else { -big }),
        line(50, |x| x * 1e-308),
        Points::new(&[1.0, 1.0, 1.0], &[0.0, 1.0, 2.0]),
        Points::new(&[9_007_199_254_740_990.0, 9_007_199_254_740_992.0], &[1.0, 2.0]),
        Points::new(&[f64::NAN, 1.0, f64::INFINITY], &[1.0, 2.0, 3.0]),
    ] {
        for (low, high) in [(-1.0, 1.0), (-big, big), (1e-308, 2e-308), (0.1, 1e300)] {
            for kind in [Kind::Linear, Kind::Log, Kind::SymLog] {
                if kind == Kind::Log && low <= 0.0 {
                    continue;
                }
                let x = points.x_range().unwrap_or(Range { low: 0.0, high: 1.0 }).with_room();
                let view = view((x.low, x.high), (low, high), kind);
                let dash = Stroke { dash: vec![2.0, 2.0], ..stroke(1.5) };
                assert_eq!(
                    draw(&[(&points, &stroke(1.5)), (&points, &dash)], &view).len(),
                    (WIDTH * HEIGHT * 4) as usize
                );
            }
        }
        for size in [0, 1] {
            let view = View { width: size, height: size, ..view((0.0, 1.0), (0.0, 1.0), Kind::Linear) };
            assert_eq!(draw(&[(&points, &stroke(1.5))], &view).len(), (size * size * 4) as usize);
        }
    }
}

#[test]
fn points_are_kept_small_where_nothing_is_lost() {
    let even = line(1_000, |x| x / 7.0);
    assert!(matches!((&even.x, &even.y), (Along::Even { .. }, Values::Single(_))));
    assert!(even.size() < 4_100);
    // A small ripple on a large value needs all digits.
    let ripple = line(1_000, |x| 1e9 + x / 1e3);
    assert!(matches!(ripple.y, Values::Double(_)));
    assert!(matches!(line(10, |x| x * 1e300).y, Values::Double(_)));
    assert_eq!(Points::new(&[0.0, 1.0], &[0.0, 123_456_789.0]).y(1), 123_456_789.0);
    assert_eq!(Points::new(&[0.0, 1.0], &[1.0, 1e-50]).y(1), 1e-50);
    let late = Points::new(&[1000.0, 1.0, 5.0], &[1.0, 2.0, 3.0]);
    assert_eq!([late.x(0), late.x(2), late.y(0)], [1.0, 1000.0, 2.0], "what comes in no order is put in order");
    let uneven = Points::new(&[0.0, 1.0, 3.0], &[1.0, 2.0, 3.0]);
    assert_eq!([uneven.first_from(0.5), uneven.first_from(3.0), uneven.first_from(9.0)], [1, 2, 3]);
    for step in [0.1, 1.0, 3.0, 1e-7] {
        let x: Vec<f64> = (0..1_000).map(|it| f64::from(it) * step).collect();
        let points = Points::new(&x, &x);
        for at in [-1.0, 0.0, 0.35, 7.0, 99.9, 1e9] {
            assert_eq!(points.first_from(at), x.partition_point(|it| *it < at), "{step} {at}");
        }
    }
}

#[test]
fn least_and_greatest_are_those_of_a_plain_loop() {
    for n in [0u32, 1, 15, 16, 17, 200] {
        let y: Vec<f32> =
            (0..n).map(|it| if it % 5 == 2 { f32::NAN } else { ((it * 37) % 101) as f32 - 50.0 }).collect();
        let finite: Vec<f32> = y.iter().copied().filter(|it| it.is_finite()).collect();
        let expected = finite.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), it| (a.min(*it), b.max(*it)));
        assert_eq!(extent::of_single(&y), expected);
    }
}

#[test]
fn those_of_a_million_points_are_found_by_blocks() {
    let y: Vec<f64> = (0u32..50_000)
        .map(|it| if it % 977 == 3 { f64::NAN } else { f64::from(it.wrapping_mul(2_654_435_761) >> 8) / 16_384.0 })
        .collect();
    let points = line(50_000, |x| y[x as usize]);
    for (from, to) in [(0, 50_000), (1, 49_999), (127, 129), (100, 300), (128, 384), (0, 1), (7, 7), (777, 31_111)] {
        let plain = Range::of(y[from..to].iter().map(|it| f64::from(*it as f32)));
        let found = points.extent(from..to, Kind::Linear).map(Range::with_room);
        assert_eq!(found, plain, "{from}..{to}");
    }
}

#[test]
fn a_line_of_a_million_points_has_no_hole_and_no_spike_less() {
    let n = 400_000u32;
    let wave = |x: f64| (x / 9_000.0).sin() + if x == 123_456.0 { 3.0 } else { 0.0 };
    let it = line(n, wave);
    let view = view((0.0, f64::from(n)), (-1.5, 4.5), Kind::Linear);
    let alphas = alphas(&it, &stroke(1.5), &view);
    let at = |column: u32, row: u32| alphas[(row * WIDTH + column) as usize];
    for column in 0..WIDTH - 1 {
        let seen = |column: u32| (0..HEIGHT).filter(|row| at(column, *row) > 100).collect::<Vec<_>>();
        let (here, next) = (seen(column), seen(column + 1));
        let meet = here.iter().any(|row| next.iter().any(|other| row.abs_diff(*other) <= 1));
        assert!(meet, "torn at {column}");
    }
    let spike = (123_456.0 / f64::from(n) * f64::from(WIDTH)) as u32;
    let top = (0..HEIGHT).find(|row| at(spike, *row) > 100).expect("a line");
    assert!(f64::from(top) < view.y.pixel(wave(123_456.0)) + 2.0, "{top}");
}

#[test]
fn a_band_fills_what_lies_between_two_lines() {
    for n in [3, 90, 900] {
        let (low, high) = (line(n, |x| 10.0 + x / f64::from(n)), line(n, |x| 20.0 + x / f64::from(n)));
        let view = view((0.0, f64::from(n - 1)), (0.0, 40.0), Kind::Linear);
        let mut easel = Easel::default();
        easel.draw(&[Shape::Band(&low, &high, &Stroke { opacity: 0.5, ..stroke(1.0) })], &view);
        let mut bytes = Vec::new();
        easel.pour(|some| bytes.extend_from_slice(some));
        let alpha = |column: u32, row: u32| bytes[((row * WIDTH + column) * 4 + 3) as usize];
        for column in 1..WIDTH - 1 {
            let rows: Vec<u32> = (0..HEIGHT).filter(|row| alpha(column, *row) == 128).collect();
            // Ten of forty values over 80 rows.
            assert!((19..=21).contains(&rows.len()), "{n} points, column {column}: {rows:?}");
            assert_eq!(rows.last().zip(rows.first()).map(|it| it.0 - it.1 + 1), Some(rows.len() as u32), "no hole");
        }
    }
}

fn flat(at: f64) -> Points {
    Points::new(vec![0.0, 50.0, 100.0], vec![at; 3])
}

#[test]
fn lines_are_counted_where_they_go() {
    let view = view((0.0, 120.0), (0.0, 80.0), Kind::Linear);
    let missing = Points::new(vec![0.0, 50.0, 100.0], vec![f64::NAN; 3]);
    let lines = [flat(5.0), flat(6.0), flat(75.0), missing];
    let grid = Grid::of(&lines.iter().collect::<Vec<_>>(), &view, 10);
    let column = |at: usize| grid.counts[at * grid.rows..(at + 1) * grid.rows].to_vec();
    // The last twenty steps have no line; a cell holds ten values, the greatest on top.
    assert_eq!((grid.rows, grid.most, grid.counts.len()), (8, 2, 12 * 8));
    for at in 0..10 {
        assert_eq!(column(at), [1, 0, 0, 0, 0, 0, 0, 2], "{at}");
    }
    assert_eq!([column(10), column(11)].concat().iter().sum::<u32>(), 3, "the last point is in one cell more");
    let rising = Points::new((0..12_000).map(|it| f64::from(it) / 100.0).collect::<Vec<_>>(), vec![40.0; 12_000]);
    assert_eq!(
        Grid::of(&[&rising], &view, 10).counts.iter().sum::<u32>(),
        12,
        "a line counts once, however many points"
    );
    let nothing = Grid::of(&[], &view, 10);
    assert_eq!((nothing.most, nothing.cells().count()), (0, 0));
}

#[test]
fn between_two_points_a_line_is_counted_where_it_is_drawn() {
    let view = view((0.0, 120.0), (1e-6, 1.0), Kind::Log);
    let falling = Points::new(vec![0.0, 120.0], vec![1.0, 1e-6]);
    let grid = Grid::of(&[&falling], &view, 20);
    for column in 0..6 {
        let row = grid.counts[column * grid.rows..][..grid.rows].iter().position(|it| *it == 1);
        // Straight down from corner to corner: 80 rows over 120 columns.
        assert_eq!(row, Some((column * 20 + 10) * 80 / 120 / 20), "{column}");
    }
}

#[test]
fn one_line_that_went_wrong_hides_no_others() {
    let view = view((0.0, 100.0), (0.0, 80.0), Kind::Linear);
    let mut lines: Vec<Points> = (0..59).map(|it| flat(40.0 + f64::from(it) / 10.0)).collect();
    lines.push(flat(1e12));
    let found = ridges(&lines.iter().collect::<Vec<_>>(), &view, 60);
    let high = found[0].density.iter().filter(|it| **it > 0.1).count();
    assert!((4..20).contains(&high), "{high} rows");
    // Where only a tail is seen it is small.
    let view = View { y: Scale::new(Range { low: 46.5, high: 48.0 }, Kind::Linear, 80.0, 0.0), ..view };
    let tail = ridges(&lines.iter().collect::<Vec<_>>(), &view, 60);
    assert!(tail[0].density.iter().all(|it| *it < 0.6), "{:?}", tail[0].density);
}

/// No order of pieces goes back to a column that is laid.
#[test]
fn a_wide_line_with_gaps_and_cliffs_is_whole() {
    let y = |it: u32| if it % 7 == 3 { f64::NAN } else { f64::from(it % 2) * 1e6 - 5e5 };
    let cliffs =
        Points::new((0..60).map(|it| f64::from(it / 3)).collect::<Vec<_>>(), (0..60).map(y).collect::<Vec<_>>());
    for width in [0.5, 1.5, 8.0, 40.0] {
        for dash in [vec![], vec![7.0, 2.5]] {
            let stroke = Stroke { dash, ..stroke(width) };
            for seen in [(0.0, 20.0), (-500.0, 500.0), (9.9, 10.1)] {
                draw(&[(&cliffs, &stroke)], &view(seen, (0.0, 1.0), Kind::Linear));
            }
        }
    }
}

/// `scipy.stats.gaussian_kde` of the same places, divided by its greatest value at these rows.
#[test]
fn how_lines_are_spread_is_what_scipy_says() {
    let view = view((0.0, 100.0), (0.0, 80.0), Kind::Linear);
    let lines: Vec<Points> = [10.0, 12.0, 15.0, 20.0, 22.0, 40.0, 41.0, 60.0].map(flat).into();
    let all: Vec<&Points> = lines.iter().collect();
    let found = ridges(&all, &view, 60);
    assert_eq!(found.iter().map(|it| (it.x, it.median)).collect::<Vec<_>>(), [(0.0, 60.0), (60.0, 60.0)]);
    for (row, expected) in [(5, 0.1004), (20, 0.3156), (40, 0.6122), (60, 0.9907), (65, 0.9798), (79, 0.4567)] {
        assert!((f64::from(found[0].density[row]) - expected).abs() < 2e-3, "{row}: {}", found[0].density[row]);
    }
    assert_eq!(ridges(&all[..2], &view, 60), [], "two lines have no shape");
}

#[test]
fn pictures_of_many_lines_hold_whatever_is_asked() {
    let lines = [flat(5.0), flat(5.0), flat(5.0), flat(f64::MAX), flat(-1.0), Points::new(vec![0.0; 0], vec![])];
    let all: Vec<&Points> = lines.iter().collect();
    for kind in [Kind::Linear, Kind::Log, Kind::SymLog] {
        for (width, height) in [(1, 1), (WIDTH, HEIGHT), (37, 3)] {
            let view = View { width, height, ..view((-10.0, 1e9), (1e-3, 1e3), kind) };
            for size in [0, 1, 7, 5_000] {
                let mut easel = Easel::default();
                easel.heat(&all, &view, size, &[[1, 2, 3], [4, 5, 6]]);
                easel.heat(&all, &view, size, &[]);
                easel.ridges(&all, &view, size, 1.5, [1, 2, 3]);
                let mut n = 0;
                easel.pour(|it| n += it.len());
                assert_eq!(n, easel.n_bytes());
            }
        }
    }
}
