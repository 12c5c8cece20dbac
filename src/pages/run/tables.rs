//! Tables and JSON as people read them: CSV, logged tables, laid-out JSON.

use leptos::prelude::*;

use crate::query::matrix::shares;

/// JSON with line breaks and indents, every number, name and order as it was written.
pub fn laid_out(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(60)));
    };
    while let Some(it) = chars.next() {
        if in_string {
            in_string = escaped || it != '"';
            escaped = it == '\\' && !escaped;
            out.push(it);
            continue;
        }
        match it {
            '"' => {
                in_string = true;
                out.push(it);
            }
            '{' | '[' => {
                out.push(it);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = chars.next_if(|it| matches!(it, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(it);
            }
            ',' => {
                out.push(it);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            it if it.is_ascii_whitespace() => {}
            it => out.push(it),
        }
    }
    out
}

pub fn logged_table(value: &serde_json::Value) -> Option<Vec<Vec<String>>> {
    let cell = |it: &serde_json::Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let row = |it: &serde_json::Value| -> Option<Vec<String>> {
        Some(it.as_array()?.iter().take(MOST_COLUMNS + 1).map(cell).collect())
    };
    let mut rows = vec![row(value.get("columns")?)?];
    for it in value.get("data")?.as_array()?.iter().take(MOST_ROWS + 1) {
        rows.push(row(it)?);
    }
    Some(rows)
}

/// Rows and columns beyond these are left to a spreadsheet.
const MOST_ROWS: usize = 1_000;
const MOST_COLUMNS: usize = 100;

pub fn rows(bytes: &[u8], separator: u8) -> Vec<Vec<String>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(separator).build();
    let mut rows = Vec::new();
    // The reader ends a row at its newline; a file may lack the last one.
    let ended = [bytes.trim_ascii_end(), b"\n"].concat();
    let bytes = ended.as_slice();
    let (mut out, mut ends) = (vec![0; bytes.len() + 1], vec![0; 4_096]);
    let mut rest = bytes;
    while rows.len() <= MOST_ROWS {
        let (result, n_read, n_written, n_ends) = reader.read_record(rest, &mut out, &mut ends);
        rest = &rest[n_read..];
        let mut start = 0;
        let row: Vec<String> = ends[..n_ends]
            .iter()
            .take(MOST_COLUMNS + 1)
            .map(|end| {
                let text = String::from_utf8_lossy(&out[start..*end]).into_owned();
                start = *end;
                text
            })
            .collect();
        match result {
            csv_core::ReadRecordResult::Record => rows.push(row),
            csv_core::ReadRecordResult::InputEmpty if n_read == 0 && n_written == 0 => break,
            csv_core::ReadRecordResult::End => break,
            csv_core::ReadRecordResult::OutputEndsFull => break,
            _ => {}
        }
    }
    rows
}

#[component]
pub fn Sheet(rows: Vec<Vec<String>>) -> impl IntoView {
    let more_rows = rows.len() > MOST_ROWS;
    let more_columns = rows.iter().any(|it| it.len() > MOST_COLUMNS);
    let cut = match (more_rows, more_columns) {
        (true, true) => Some("Only the first 1000 rows and 100 columns are shown."),
        (true, false) => Some("Only the first 1000 rows are shown."),
        (false, true) => Some("Only the first 100 columns are shown."),
        (false, false) => None,
    };
    let shares = if cut.is_none() { shares(&rows) } else { None };
    let is_matrix = shares.is_some();
    let shares = StoredValue::new(shares.unwrap_or_default());
    let cell = move |row: usize, column: usize, text: String| {
        let share = column.checked_sub(1).and_then(|column| shares.with_value(|it| it.get(row)?.get(column).copied()));
        let colour = share.map(|it| {
            format!("background:color-mix(in srgb, var(--accent) {:.0}%, transparent)", 62.0 * it.clamp(0.0, 1.0))
        });
        let title = share.map_or_else(|| text.clone(), |it| format!("{text}: {:.1} % of its row", 100.0 * it));
        view! { <td title=title style=colour><bdi>{text}</bdi></td> }
    };
    let line = move |(at, row): (usize, Vec<String>)| {
        view! { <tr>{row.into_iter().enumerate().map(|(i, it)| cell(at, i, it)).collect_view()}</tr> }
    };
    let shown = |mut it: Vec<String>| {
        it.truncate(MOST_COLUMNS);
        it
    };
    let mut rows = rows.into_iter().take(MOST_ROWS).map(shown);
    let head = rows.next().unwrap_or_default();
    view! {
        <table class="sheet" class:matrix=is_matrix>
            <thead><tr>{head.into_iter().map(|it| view! { <th><bdi>{it}</bdi></th> }).collect_view()}</tr></thead>
            <tbody>
                {rows.enumerate().map(line).collect_view()}
            </tbody>
        </table>
        {cut.map(|it| view! { <p class="minor" style="margin-top:8px"><span class="badge warn">{it}</span></p> })}
    }
}
