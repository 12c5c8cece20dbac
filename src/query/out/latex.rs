//! A `tabular` with the rules of booktabs, the best value of each metric bold.

use super::number::short;
use super::{Datum, Header, Sheet, SpreadStyle};
use crate::query::filter::date::iso;

pub fn write(sheet: &Sheet, style: SpreadStyle) -> String {
    let kinds: String = sheet.columns.iter().map(|it| if it.is_numeric { 'r' } else { 'l' }).collect();
    let titles: Vec<String> = sheet.columns.iter().map(|it| text(&it.title)).collect();
    let best: Vec<Option<f64>> =
        sheet.columns.iter().enumerate().map(|(at, header)| best(header, &sheet.rows, at, style)).collect();
    let mut out = format!(
        "% needs \\usepackage{{booktabs}}; spreads are {}\n\\begin{{tabular}}{{{kinds}}}\n\\toprule\n{} \\\\\n\\midrule\n",
        style.words(),
        titles.join(" & ")
    );
    for row in &sheet.rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&best)
            .map(|(it, best)| cell(it, style, best.is_some() && middle(it, style) == *best))
            .collect();
        out += &format!("{} \\\\\n", cells.join(" & "));
    }
    out + "\\bottomrule\n\\end{tabular}\n"
}

/// Of two values at least: one alone is no best.
fn best(header: &Header, rows: &[Vec<Datum>], at: usize, style: SpreadStyle) -> Option<f64> {
    let values: Vec<f64> = rows.iter().filter_map(|it| middle(it.get(at)?, style)).filter(|it| !it.is_nan()).collect();
    let better = if header.is_better_lower? { f64::min } else { f64::max };
    if values.len() < 2 { None } else { values.into_iter().reduce(better) }
}

fn middle(datum: &Datum, style: SpreadStyle) -> Option<f64> {
    match datum {
        Datum::Number(it) | Datum::Sampled(it) => Some(*it),
        Datum::Spread(it) => Some(style.middle(it)),
        _ => None,
    }
}

fn cell(datum: &Datum, style: SpreadStyle, is_best: bool) -> String {
    match datum {
        Datum::Missing => String::new(),
        Datum::NotLoaded => "\\ldots".into(),
        Datum::Number(it) => formula(&[short(*it)], is_best),
        Datum::Sampled(it) => format!("$\\approx$ {}", formula(&[short(*it)], is_best)),
        Datum::Duration(ms) => formula(&[short(ms / 1000.0)], is_best),
        Datum::Time(ms) => iso(*ms),
        Datum::Spread(it) => formula(&style.texts(it), is_best),
        Datum::Text(it) => text(it),
    }
}

/// Bold is `\mathbf`: the digits of a formula stay thin in `\textbf`.
fn formula(numbers: &[String], is_best: bool) -> String {
    let numbers: Vec<String> = numbers.iter().map(|it| math(it)).collect();
    let inner = match numbers.as_slice() {
        [middle, beside] => format!("{middle} \\pm {beside}"),
        [middle, low, high] => format!("{middle}\\ ({low} \\ldots {high})"),
        _ => numbers.concat(),
    };
    if is_best { format!("$\\mathbf{{{inner}}}$") } else { format!("${inner}$") }
}

fn math(number: &str) -> String {
    match number.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa} \\times 10^{{{exponent}}}"),
        None => number.replace("NaN", "\\mathrm{NaN}").replace("inf", "\\infty"),
    }
}

/// A bracket or star that opens a line would belong to the `\\` before it.
fn text(text: &str) -> String {
    let mut out = String::new();
    for it in text.chars() {
        match it {
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '<' => out += "\\textless{}",
            '>' => out += "\\textgreater{}",
            '|' => out += "\\textbar{}",
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', it]),
            '[' | ']' | '*' => out.extend(['{', it, '}']),
            _ if it.is_control() => out.push(' '),
            _ => out.push(it),
        }
    }
    out
}
