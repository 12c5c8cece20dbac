//! Tables, pivots and scripts that leave: text beside the answer.

use super::protocol::{Answer, Export, ExportAsk, Part, RowsAsk};
use super::{Engine, Reply, Result};
use crate::model::{Field, Problem};
use crate::query::out::pivot::pivot;
use crate::query::out::python::python;
use crate::query::out::{Sheet, write};
use crate::query::selection::Selection;

impl Engine {
    pub(super) async fn export(&self, ask: ExportAsk) -> Result<Reply> {
        let (sheet, format, spread) = match ask.export {
            Export::Table(format, spread) => (self.table_sheet(ask.rows).await?, format, spread),
            Export::Pivot(ref of, format, spread) => {
                let fields: Vec<Field> = of.down.iter().chain(&of.across).chain([&of.value]).cloned().collect();
                // Asked for as a table first, which has the series read that the pivot needs.
                let rows = RowsAsk { fields: fields.clone(), ..ask.rows };
                let (project, query) = (rows.project.clone(), rows.query.clone());
                self.table_sheet(rows).await?;
                let slot = self.loaded(&project).await;
                let clock = self.0.outside.clock.as_ref();
                let matched = slot.ordered(&query, clock).unwrap_or_default();
                let prepared = slot.prepared();
                let made =
                    slot.with_context(&query, &fields, clock, |context| pivot(&matched.rows, of, context, &prepared));
                (made.map_err(|it| Problem::malformed("the pivot", it))?, format, spread)
            }
            Export::Script => return self.script(ask.rows).await,
        };
        let n_lines = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
        let n_not_loaded = u32::try_from(sheet.n_not_loaded()).unwrap_or(u32::MAX);
        let text = write(&sheet, format, spread);
        Ok(Reply { answer: Answer::Exported { n_lines, n_not_loaded }, parts: vec![Part::Bytes(text.into_bytes())] })
    }

    /// All lines of the table, open and closed as they are seen.
    async fn table_sheet(&self, rows: RowsAsk) -> Result<Sheet> {
        let fields = rows.fields.clone();
        let all = RowsAsk { offset: 0, limit: u32::MAX, selection: Selection::First(0), ..rows };
        match self.rows(all).await? {
            Answer::Rows(answer) => Ok(Sheet::of(&answer.rows, &fields)),
            _ => Err(Problem::Engine { said: "an answer of the wrong kind".into() }),
        }
    }

    async fn script(&self, rows: RowsAsk) -> Result<Reply> {
        let slot = self.loaded(&rows.project).await;
        let clock = self.0.outside.clock.as_ref();
        let (address, project) = (rows.project.source.address(), rows.project.project.as_str());
        let made = slot.with_context(&rows.query, &[], clock, |context| python(address, project, &rows.query, context));
        let text = made.map_err(|it| Problem::malformed("the filter", it.message))?;
        Ok(Reply {
            answer: Answer::Exported { n_lines: 0, n_not_loaded: 0 },
            parts: vec![Part::Bytes(text.into_bytes())],
        })
    }
}
