//! Views that are kept on the tracker, as labels of the project, where teammates find them.

use super::protocol::{Answer, ViewsAnswer};
use super::{Engine, Result};
use crate::model::view::StoredView;
use crate::model::{Problem, Project, ProjectKey};
use crate::sync::edits::write_project_tag;
use crate::sync::retry::retrying;

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
        let whole = |text: &str| StoredView { name: name.to_owned(), text: text.to_owned() }.value();
        let (text, base) = (text.map(whole), base.map(whole));
        if text.as_ref().is_some_and(|it| it.len() > LONGEST) {
            return Err(Problem::TooLarge { what: "this view".into(), limit: LONGEST as u64 });
        }
        let source = self.open(&key.source).await?;
        let clock = self.0.outside.clock.as_ref();
        let label = StoredView::key(name);
        let theirs =
            write_project_tag(source.as_ref(), &key.project, &label, text.as_deref(), base.as_deref(), clock).await?;
        let shown = |it: String| it.split_once('\n').map_or(String::new(), |it| it.1.to_owned());
        Ok(Answer::KeptView { theirs: theirs.map(|it| it.map(shown).unwrap_or_default()) })
    }
}

fn stored(project: Project) -> Vec<StoredView> {
    project.tags.iter().filter_map(|it| StoredView::of_label(&it.0, &it.1)).collect()
}
