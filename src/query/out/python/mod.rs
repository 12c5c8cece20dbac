//! The table's question as a Python script: what MLflow answers itself goes into its filter string,
//! pandas does the rest.

mod column;
mod mask;
mod pandas_sort;
mod push;

use super::number::exact;
use crate::model::Lifecycle;
use crate::query::filter::apply::{Context, apply};
use crate::query::filter::tree::{Expr, ExprKind};
use crate::query::filter::{self, Trouble};
use crate::query::rows::RowsQuery;
pub use push::pushable;

/// Functions a script may need; it holds those it calls.
const HELPERS: &str = include_str!("helpers.py");

/// `project` is the experiment's id. Times that count from now are those of the moment this is written.
pub fn python(address: &str, project: &str, query: &RowsQuery, context: &Context) -> Result<String, Trouble> {
    let (pushed, mut steps) = conditions(query, context)?;
    let order_by = push::order_by(&query.sort);
    if order_by.is_none() {
        steps.extend(pandas_sort::steps(&query.sort, context));
    }
    let mut search = format!("[{}]", quoted(project));
    if !pushed.is_empty() {
        search += &format!(", filter_string={}", quoted(&pushed.join(" AND ")));
    }
    if query.lifecycle == Lifecycle::Deleted {
        search += ", run_view_type=mlflow.entities.ViewType.DELETED_ONLY";
    }
    let order_by = match order_by.unwrap_or_default().as_slice() {
        [] => String::new(),
        keys => format!(", order_by=[{}]", keys.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", ")),
    };
    let filter = query.filter.trim();
    let comment = if filter.is_empty() { String::new() } else { format!("# {}\n", quoted(filter)) };
    Ok(comment + &script(address, &search, &order_by, &steps.join("\n")))
}

/// What goes to the server, and the lines of pandas that do the rest: those that read series last.
fn conditions(query: &RowsQuery, context: &Context) -> Result<(Vec<String>, Vec<String>), Trouble> {
    let (mut pushed, mut steps) = (Vec::new(), Vec::new());
    let Some(expr) = filter::parse(&query.filter)? else { return Ok((pushed, steps)) };
    // Says what is wrong with a filter, so that the rest only meets good ones.
    apply(&expr, context)?;
    let (slow, quick): (Vec<&Expr>, Vec<&Expr>) =
        parts(&expr).into_iter().partition(|it| !filter::figures(it).is_empty());
    for part in quick.into_iter().chain(slow) {
        let by_server = push::part(part, context);
        if !by_server.as_ref().is_some_and(|it| it.is_exact) {
            steps.push(format!("runs = runs[{}]", mask::mask(part, context)?));
        }
        pushed.extend(by_server.map(|it| it.filter));
    }
    Ok((pushed, steps))
}

fn script(address: &str, search: &str, order_by: &str, body: &str) -> String {
    let helpers = helpers(body);
    let needs = |word: &str| helpers.contains(word) || body.contains(word);
    let mut out = String::new();
    if [" re.", "(re.", "=re."].into_iter().any(needs) {
        out += "import re\n\n";
    }
    out += "import mlflow\n";
    if needs("np.") {
        out += "import numpy as np\n";
    }
    if needs("pd.") {
        out += "import pandas as pd\n";
    }
    out += &format!("\nmlflow.set_tracking_uri({})\n", quoted(address));
    if needs("client.") {
        out += "client = mlflow.MlflowClient()\n";
    }
    out += &format!("runs = mlflow.search_runs({search}{order_by})\n");
    if needs("found[") {
        let listed = format!("mlflow.search_runs({search}, output_format=\"list\")");
        out += &format!("found = {{it.info.run_id: it for it in {listed}}}\n");
    }
    if !helpers.is_empty() {
        out += &format!("\n\n{helpers}\n\n");
    }
    if !body.is_empty() {
        out += &format!("\n{body}\n");
    }
    out + "print(runs)\n"
}

/// What must all hold.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::And(inner) => inner.iter().flat_map(parts).collect(),
        _ => vec![expr],
    }
}

/// Those that the body calls, and those that they call.
fn helpers(body: &str) -> String {
    let all: Vec<(&str, &str)> = HELPERS
        .trim_end()
        .split("\n\n\n")
        .filter_map(|text| Some((text.strip_prefix("def ")?.split_once('(')?.0, text)))
        .collect();
    let mut called: Vec<&str> = Vec::new();
    let calls = |text: &str, name: &str| text.contains(&format!("{name}("));
    let mut open = vec![body];
    while let Some(text) = open.pop() {
        for (name, helper) in &all {
            if !called.contains(name) && calls(text, name) {
                called.push(name);
                open.push(helper);
            }
        }
    }
    let kept: Vec<&str> = all.iter().filter(|it| called.contains(&it.0)).map(|it| it.1).collect();
    kept.join("\n\n\n")
}

/// A text of JSON is one of Python, too: nothing in it can end it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn literal(value: f64) -> String {
    if value.is_finite() { exact(value) } else { format!("float(\"{}\")", exact(value).to_lowercase()) }
}

#[cfg(test)]
mod tests;
