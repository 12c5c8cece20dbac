//! The points of a line chart as text: for a spreadsheet, and for LaTeX.

use std::fmt::Write;

use halimede_raster::Kind;

use super::line::Line;
use super::palette;
use crate::model::csv::{line, text};

/// With all digits.
pub fn csv(lines: &[Line], x: &str) -> String {
    let mut out = String::new();
    // Of runs that are one line also from where to where they spread.
    let has_bands = lines.iter().any(|it| it.band.is_some());
    let heads = ["run", x, "value", "low", "high"];
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
pub fn pgfplots(lines: &[Line], title: &str, x: &str, kinds: (Kind, Kind)) -> String {
    let modes = [(kinds.0, ", xmode=log"), (kinds.1, ", ymode=log")];
    let mode: String = modes.into_iter().filter(|it| it.0 == Kind::Log).map(|it| it.1).collect();
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
        let dash = dash_pattern(palette::dash(line.slot));
        let _ = writeln!(out, "\\addplot[run{at}{dash}] coordinates {{");
        for (x, y) in line.x.iter().zip(&line.y) {
            let y = if y.is_finite() { y.to_string() } else { "nan".to_owned() };
            let _ = writeln!(out, "({x},{y})");
        }
        let _ = writeln!(out, "}};\n\\addlegendentry{{{}}}", latex(&line.name));
    }
    out.push_str("\\end{axis}\n\\end{tikzpicture}\n");
    out
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

    fn lines() -> Vec<Line> {
        vec![Line { x: vec![0.0, 1.5], y: vec![0.1, f64::NAN], band: None, slot: 4, name: "a\"_1".into() }]
    }

    #[test]
    fn a_spreadsheet_reads_it() {
        assert_eq!(csv(&lines(), "step"), "run,step,value\r\n\"a\"\"_1\",0,0.1\r\n\"a\"\"_1\",1.5,NaN\r\n");
        let hostile = Line { name: "=1+1".into(), x: vec![-5.0], y: vec![-1.0], ..Line::default() };
        assert!(csv(&[hostile], "step").ends_with("\r\n'=1+1,-5,-1\r\n"));
    }

    #[test]
    fn latex_reads_it() {
        let text = pgfplots(&lines(), "val_loss", "step", (Kind::Log, Kind::Log));
        assert!(
            text.contains("ylabel={val\\_loss}, xmode=log, ymode=log") && text.contains("\\addlegendentry{a\"\\_1}"),
            "{text}"
        );
        assert!(
            text.contains("\\addplot[run0, dash pattern=on 3.5pt off 1.25pt] coordinates {\n(0,0.1)\n(1.5,nan)\n};"),
            "{text}"
        );
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
