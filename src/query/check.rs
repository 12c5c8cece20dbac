//! Whether a calculation makes sense for the runs that are known, before a column or a curve is made of it.

use serde::{Deserialize, Serialize};

use super::derived::Formula;
use super::filter::apply::{self, Context, NoFigures};
use super::filter::bind::each_part;
use super::filter::tree::{Arithmetic, Name, Trouble, Value, ValueKind};
use super::filter::{parse_value, suggest};
use crate::model::RunTable;

/// What is wrong with it, and whether it may be taken all the same: its runs may not be read yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub trouble: Option<Trouble>,
    pub may_be_added: bool,
}

impl Checked {
    fn refused(trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), may_be_added: false }
    }
}

/// Of any fields, a number for each run.
pub fn column(text: &str, table: &RunTable) -> Checked {
    let value = match parse_value(text) {
        Ok(it) => it,
        Err(trouble) => return Checked::refused(trouble),
    };
    let context = Context { table, now: 0.0, to_utc: &|it| it, figures: &NoFigures };
    match apply::numbers(&value, &context) {
        Ok((_, passed)) => Checked { trouble: passed.notes.into_iter().next(), may_be_added: true },
        Err(trouble) => Checked::refused(trouble),
    }
}

/// Of metrics, step by step.
pub fn curve(text: &str, table: &RunTable) -> Checked {
    let value = match Formula::parse(text).and_then(|_| parse_value(text)) {
        Ok(it) => it,
        Err(trouble) => return Checked::refused(trouble),
    };
    let unknown = each_part(&value, &mut |part| unknown(part, table).map_or(Ok(()), Err));
    Checked { trouble: unknown.err(), may_be_added: true }
}

/// A part that is of no metric of any run, and what may have been meant.
fn unknown(part: &Value, table: &RunTable) -> Option<Trouble> {
    let (figure, name) = match &part.kind {
        ValueKind::Name(name) => (None, &name.text),
        ValueKind::Figure(figure, name) => (Some(*figure), &name.text),
        _ => return None,
    };
    let is_known = |it: &str| table.metrics.get(it).is_some_and(|it| !it.rows.is_empty());
    if is_known(name) {
        return None;
    }
    // `a-b` is a name as any other.
    let apart = name.char_indices().filter(|_| figure.is_none()).find_map(|(at, sign)| {
        let (left, right) = (&name[..at], &name[at + sign.len_utf8()..]);
        let is_sign = Arithmetic::ALL.iter().any(|it| it.0.starts_with(sign));
        (is_sign && is_known(left) && is_known(right)).then(|| format!("{left} {sign} {right}"))
    });
    let (message, instead) = match apart {
        Some(it) => (format!("{name} is one name; signs between names have blanks round them"), Some(it)),
        None => {
            let near = suggest::nearest(name, table.metrics.keys().map(String::as_str));
            let near = near.map(|it| Name { scope: None, text: it.to_owned() }.to_string());
            let instead = near.map(|it| figure.map_or(it.clone(), |figure| format!("{}({it})", figure.word())));
            (format!("no cached run has the metric {name}"), instead)
        }
    };
    Some(Trouble { span: part.span.clone(), message, instead })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricValue, Run};

    fn table() -> RunTable {
        let mut run = Run::empty("a".into());
        run.params = vec![("optim/lr".into(), "0.1".into())];
        let value = MetricValue { value: 1.0, step: 0.0, time: 0.0 };
        run.metrics = vec![("val/loss".into(), value), ("train/loss".into(), value)];
        let mut table = RunTable::default();
        table.upsert(&run);
        table
    }

    #[track_caller]
    fn says(it: Checked, message: &str, instead: Option<&str>, may_be_added: bool) {
        let trouble = it.trouble.expect("trouble");
        assert_eq!(
            (trouble.message.as_str(), trouble.instead.as_deref(), it.may_be_added),
            (message, instead, may_be_added)
        );
    }

    #[test]
    fn a_curve_is_of_metrics_that_were_logged() {
        let table = table();
        assert_eq!(curve("exp(val/loss) - train/loss", &table).trouble, None);
        says(curve("log10(val/los)", &table), "no cached run has the metric val/los", Some("val/loss"), true);
        says(curve("optim/lr * 2", &table), "no cached run has the metric optim/lr", None, true);
        let one = "val/loss-train/loss is one name; signs between names have blanks round them";
        says(curve("val/loss-train/loss", &table), one, Some("val/loss - train/loss"), true);
        let it = curve("max(train/loss) - max(loss)", &table);
        assert_eq!(it.trouble.as_ref().map(|it| it.span.clone()), Some(18..27), "not the end of another name");
        says(it, "no cached run has the metric loss", Some("max(train/loss)"), true);
        says(curve("log(", &table), "expected a name or a value", None, false);
    }

    #[test]
    fn a_column_is_of_any_numbers() {
        let table = table();
        assert_eq!(column("max(val/loss) / optim/lr", &table).trouble, None);
        says(column("max(val/los)", &table), "no cached run has the metric val/los", Some("max(val/loss)"), true);
        says(column("log(status)", &table), "this is a text, not a number to calculate with", None, false);
    }
}
