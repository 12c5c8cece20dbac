//! Views that are kept on the tracker, as labels of the project, where teammates find them.

use super::protocol::{Answer, ViewsAnswer};
use super::{Engine, Result};
use crate::model::view::StoredView;
use crate::model::{Problem, Project, ProjectKey};
use crate::sync::edits::write_project_tag;
use crate::sync::retry::retrying;

/// Stands on trackers: never change it.
const PREFIX: &str = "halimede.view.";
/// What a label of a project holds everywhere.
const LONGEST: usize = 5_000;

impl Engine {
    pub(super) async fn views(&self, key: &ProjectKey) -> Result<Answer> {
        let source = self.open(&key.source).await?;
        let clock = self.0.outside.clock.as_ref();
        let project = retrying(clock, &|_, _| {}, || source.project(&key.project)).await?;
        Ok(Answer::Views(ViewsAnswer { shared: source.views(&project), stored: stored(project) }))
    }

    /// `text` none takes it away. Gives what stands there, where somebody changed it meanwhile.
    pub(super) async fn keep_view(
        &self,
        key: &ProjectKey,
        name: &str,
        text: Option<&str>,
        base: Option<&str>,
    ) -> Result<Answer> {
        if text.is_some_and(|it| it.len() > LONGEST) {
            return Err(Problem::TooLarge { what: "this view".into(), limit: LONGEST as u64 });
        }
        let source = self.open(&key.source).await?;
        let clock = self.0.outside.clock.as_ref();
        let label = format!("{PREFIX}{name}");
        let theirs = write_project_tag(source.as_ref(), &key.project, &label, text, base, clock).await?;
        Ok(Answer::KeptView { theirs: theirs.map(Option::unwrap_or_default) })
    }
}

fn stored(project: Project) -> Vec<StoredView> {
    let view = |(key, text): (String, String)| {
        Some(StoredView { name: key.strip_prefix(PREFIX).filter(|it| !it.is_empty())?.to_owned(), text })
    };
    project.tags.into_iter().filter_map(view).collect()
}
