//! The points of a line chart as text: for a spreadsheet, and for LaTeX.

use std::fmt::Write;

use halimede_raster::{Kind, Range};

use super::ends::End;
use super::line::Line;
use super::palette;
use crate::model::csv::{line, text};

/// With all digits. `y`: what the values are.
pub fn csv(lines: &[Line], (x, y): (&str, &str)) -> String {
    let mut out = String::new();
    // Of runs that are one line also from where to where they spread.
    let has_bands = lines.iter().any(|it| it.band.is_some());
    let heads = ["run", x, y, "low", "high"];
    line(&mut out, heads.into_iter().take(if has_bands { 5 } else { 3 }).map(text));
    for it in lines {
        for (at, (x, y)) in it.x.iter().zip(&it.y).enumerate() {
            let edge = |of: &[f64]| of.get(at).map(f64::to_string).unwrap_or_default().into();
            let own = [text(&it.name), x.to_string().into(), y.to_string().into()];
            let (low, high) = it.band.as_ref().map_or((&[][..], &[][..]), |it| (&it.0, &it.1));
            let edges = has_bands.then(|| [edge(low), edge(high)]);
            line(&mut out, own.into_iter().chain(edges.into_iter().flatten()));
        }
    }
    out
}

/// A picture that `\\input` takes, in the fonts of the paper. Needs the package pgfplots.
pub fn pgfplots(lines: &[Line], title: &str, x: &str, axes: ((Range, Kind), (Range, Kind))) -> String {
    let axis = |name: &str, (range, kind): (Range, Kind)| {
        let mode = if kind == Kind::Log { format!(", {name}mode=log") } else { String::new() };
        format!("{mode}, {name}min={}, {name}max={}", range.low, range.high)
    };
    let mode = axis("x", axes.0) + &axis("y", axes.1);
    // A band that reaches below zero goes on to the end of a logarithmic scale.
    let least = if axes.1.1 == Kind::Log { axes.1.0.low } else { f64::NEG_INFINITY };
    let mut out = String::from("% \\usepackage{pgfplots}\n\\begin{tikzpicture}\n");
    for (at, line) in lines.iter().enumerate() {
        let [r, g, b] = palette::rgb(line.slot, false);
        let _ = writeln!(out, "\\definecolor{{run{at}}}{{RGB}}{{{r},{g},{b}}}");
    }
    let (title, x) = (latex(title), latex(x));
    let _ = writeln!(
        out,
        "\\begin{{axis}}[xlabel={{{x}}}, ylabel={{{title}}}{mode}, no markers, unbounded coords=jump, legend pos=outer north east]"
    );
    for (at, line) in lines.iter().enumerate() {
        // There along the upper edge, and back along the lower.
        let Some((low, high)) = &line.band else { continue };
        let places: Vec<_> = line.x.iter().zip(low.iter().zip(high)).collect();
        // A gap is a gap.
        for stretch in places.split(|(_, (low, high))| !(low.is_finite() && high.is_finite())) {
            if stretch.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\\addplot[draw=none, fill=run{at}, fill opacity=0.16, forget plot] coordinates {{");
            let (there, back) =
                (stretch.iter().map(|it| (it.0, it.1.1)), stretch.iter().rev().map(|it| (it.0, it.1.0)));
            for (x, y) in there.chain(back) {
                let _ = writeln!(out, "({x},{})", y.max(least));
            }
            let _ = writeln!(out, "}} -- cycle;");
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let dash = dash_pattern(palette::dash(line.slot));
        let _ = writeln!(out, "\\addplot[run{at}{dash}] coordinates {{");
        for (x, y) in line.x.iter().zip(&line.y) {
            // As pgfplots writes what is not finite.
            let y = y.to_string().to_lowercase();
            let _ = writeln!(out, "({x},{y})");
        }
        let _ = writeln!(out, "}};\n\\addlegendentry{{{}}}", latex(&line.name));
    }
    out.push_str("\\end{axis}\n\\end{tikzpicture}\n");
    out
}

/// The same of values that were logged once: a bar for each run.
pub fn pgfplots_singles(ends: &[End], title: &str) -> String {
    let reach = |it: &End| it.band.filter(|it| it.0 < it.1).map(|band| (it.value - band.0, band.1 - it.value));
    let of = |(group, it): (usize, &End)| Bars {
        name: None,
        colour: palette::rgb(it.slot, false),
        bars: vec![Bar { group, value: it.value, reach: reach(it) }],
    };
    let names: Vec<String> = ends.iter().map(|it| it.name.clone()).collect();
    let bars: Vec<Bars> = ends.iter().enumerate().map(of).collect();
    pgfplots_bars(&names, &bars, ("", title), Stand::Flat)
}

/// A bar, and how far its interval reaches to both sides.
pub struct Bar {
    /// Which of the groups.
    pub group: usize,
    pub value: f64,
    pub reach: Option<(f64, f64)>,
}

/// Bars of one colour.
pub struct Bars {
    /// What they have in common.
    pub name: Option<String>,
    pub colour: [u8; 3],
    pub bars: Vec<Bar>,
}

/// How bars stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Side by side, from zero.
    Up,
    /// The same as dots, where zero is far off.
    Dots,
    /// One below the other, from zero.
    Flat,
}

/// The same of bars with names. `axes`: what they are groups by, and what is measured.
pub fn pgfplots_bars(groups: &[String], all: &[Bars], axes: (&str, &str), stand: Stand) -> String {
    let is_flat = stand == Stand::Flat;
    let (along, across) = if is_flat { ("y", "x") } else { ("x", "y") };
    let places: Vec<String> = (0..groups.len()).map(|it| it.to_string()).collect();
    let names: Vec<String> = groups.iter().map(|it| format!("{{{}}}", latex(it))).collect();
    let mode = match stand {
        Stand::Up => "ybar, ymin=0, ",
        Stand::Dots => "only marks, ",
        Stand::Flat => "xbar, bar shift=0pt, xmin=0, y dir=reverse, ",
    };
    // What falls below zero has to be seen.
    let is_below = all.iter().flat_map(|it| &it.bars).any(|it| it.value - it.reach.map_or(0.0, |it| it.0) < 0.0);
    let mode = if is_below { mode.replace("ymin=0, ", "").replace("xmin=0, ", "") } else { mode.to_owned() };
    let mut out = String::from("% \\usepackage{pgfplots}\n\\begin{tikzpicture}\n");
    for (at, Bars { colour: [r, g, b], .. }) in all.iter().enumerate() {
        let _ = writeln!(out, "\\definecolor{{bars{at}}}{{RGB}}{{{r},{g},{b}}}");
    }
    let _ = writeln!(
        out,
        "\\begin{{axis}}[{mode}{along}label={{{}}}, {across}label={{{}}}, {along}tick={{{}}}, {along}ticklabels={{{}}}, legend pos=outer north east]",
        latex(axes.0),
        latex(axes.1),
        places.join(","),
        names.join(",")
    );
    let pair =
        |group: f64, value: f64| if is_flat { format!("({value},{group})") } else { format!("({group},{value})") };
    for (at, bars) in all.iter().enumerate() {
        let _ = writeln!(
            out,
            "\\addplot+[bars{at}, fill=bars{at}, mark=*, mark options={{fill=bars{at}}}, error bars/.cd, {across} dir=both, {across} explicit, error bar style=black] coordinates {{"
        );
        for it in bars.bars.iter().filter(|it| it.value.is_finite()) {
            let place = count(it.group) + if stand == Stand::Dots { aside(at, all.len()) } else { 0.0 };
            let reach = it.reach.map(|(low, high)| format!(" += {} -= {}", pair(0.0, high), pair(0.0, low)));
            let _ = writeln!(out, "{}{}", pair(place, it.value), reach.unwrap_or_default());
        }
        let _ = writeln!(out, "}};");
        if let Some(name) = &bars.name {
            let _ = writeln!(out, "\\addlegendentry{{{}}}", latex(name));
        }
    }
    out.push_str("\\end{axis}\n\\end{tikzpicture}\n");
    out
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// How far beside the middle of a group of one its dots of one colour stand, as bars do of themselves.
fn aside(at: usize, n: usize) -> f64 {
    (0.6 * ((count(at) + 0.5) / count(n) - 0.5) * 1e3).round() / 1e3
}

/// Half as long as on a screen, as lines are on paper.
fn dash_pattern(dash: &[f64]) -> String {
    let part = |(at, it): (usize, &f64)| format!("{} {}pt", if at.is_multiple_of(2) { "on" } else { "off" }, it / 2.0);
    let parts: Vec<String> = dash.iter().enumerate().map(part).collect();
    if parts.is_empty() { String::new() } else { format!(", dash pattern={}", parts.join(" ")) }
}

/// Characters that mean something to LaTeX stand for themselves.
fn latex(text: &str) -> String {
    let of = |it: char| match it {
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{it}"),
        '−' => "-".to_owned(),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '\\' => "\\textbackslash{}".to_owned(),
        it => it.to_string(),
    };
    text.chars().filter(|it| !it.is_control()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Range = Range { low: 0.5, high: 2.0 };

    fn lines() -> Vec<Line> {
        vec![Line { x: vec![0.0, 1.5], y: vec![0.1, f64::NAN], band: None, slot: 4, name: "a\"_1".into() }]
    }

    #[test]
    fn a_spreadsheet_reads_it() {
        assert_eq!(csv(&lines(), ("step", "value")), "run,step,value\r\n\"a\"\"_1\",0,0.1\r\n\"a\"\"_1\",1.5,NaN\r\n");
        let hostile = Line { name: "=1+1".into(), x: vec![-5.0], y: vec![-1.0], ..Line::default() };
        assert!(csv(&[hostile], ("step", "value")).ends_with("\r\n'=1+1,-5,-1\r\n"));
    }

    #[test]
    fn latex_reads_bands() {
        let (low, high) = (vec![1.0, 2.0, f64::NAN, 5.0, 6.0], vec![3.0, 4.0, f64::NAN, 7.0, 8.0]);
        let line = Line {
            x: vec![0.0, 1.0, 2.0, 3.0, 4.0],
            y: vec![2.0, f64::INFINITY, f64::NEG_INFINITY, 6.0, 7.0],
            band: Some((low, high)),
            ..Line::default()
        };
        let text = pgfplots(&[line], "loss", "step", ((SEEN, Kind::Linear), (SEEN, Kind::Linear)));
        assert!(text.contains("forget plot] coordinates {\n(0,3)\n(1,4)\n(1,2)\n(0,1)\n} -- cycle;"), "{text}");
        assert!(text.contains("forget plot] coordinates {\n(3,7)\n(4,8)\n(4,6)\n(3,5)\n} -- cycle;"), "a gap: {text}");
        assert!(text.contains("(0,2)\n(1,inf)\n(2,-inf)"), "{text}");
    }

    #[test]
    fn latex_reads_bars() {
        let bar = |group, value, reach| Bar { group, value, reach };
        let all = [Bars {
            name: Some("a_1".into()),
            colour: [1, 2, 3],
            bars: vec![bar(0, 0.5, Some((0.1, 0.2))), bar(1, 0.25, None)],
        }];
        let groups = ["adam".to_owned(), "50 %".to_owned()];
        let up = pgfplots_bars(&groups, &all, ("optimizer", "acc"), Stand::Up);
        assert!(up.contains("[ybar, ymin=0, xlabel={optimizer}, ylabel={acc}, xtick={0,1}"), "{up}");
        assert!(up.contains("xticklabels={{adam},{50 \\%}}") && up.contains("\\addlegendentry{a\\_1}"), "{up}");
        assert!(up.contains("{\n(0,0.5) += (0,0.2) -= (0,0.1)\n(1,0.25)\n};"), "{up}");
        let flat = pgfplots_bars(&groups, &all, ("", "acc"), Stand::Flat);
        assert!(flat.contains("(0.5,0) += (0.2,0) -= (0.1,0)") && flat.contains("x dir=both"), "{flat}");
    }

    #[test]
    fn latex_reads_it() {
        let text = pgfplots(&lines(), "val_loss", "step", ((SEEN, Kind::Log), (SEEN, Kind::Log)));
        assert!(
            text.contains("ylabel={val\\_loss}, xmode=log, xmin=0.5, xmax=2, ymode=log, ymin=0.5, ymax=2")
                && text.contains("\\addlegendentry{a\"\\_1}"),
            "{text}"
        );
        assert!(
            text.contains("\\addplot[run0, dash pattern=on 3.5pt off 1.25pt] coordinates {\n(0,0.1)\n(1.5,nan)\n};"),
            "{text}"
        );
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
