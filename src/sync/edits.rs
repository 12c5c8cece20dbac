//! The one place that writes to a tracker. It looks at what is there first: an edit never goes over
//! a change that its author has not seen.

use super::Clock;
use super::retry::retrying;
use crate::model::edit::Edit;
use crate::model::{Problem, ProjectId, Run, RunId};
use crate::sources::Source;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The run as it is now, and what it had in this place.
    Written { run: Box<Run>, before: Edit },
    /// Somebody else set the same.
    Already(Box<Run>),
    /// Somebody else set something else meanwhile; nothing was written.
    Changed { run: Box<Run>, theirs: Edit },
}

/// `base` is what the author saw in this place; none: to be set over whatever is there.
pub async fn write(
    source: &dyn Source,
    project: &ProjectId,
    run: &RunId,
    edit: &Edit,
    base: Option<&Edit>,
    clock: &dyn Clock,
) -> Result<Outcome, Problem> {
    let mut now = Box::new(retrying(clock, &|_, _| {}, || source.run(project, run)).await?);
    let theirs = edit.as_in(&now);
    if theirs == *edit {
        return Ok(Outcome::Already(now));
    }
    if base.is_some_and(|base| *base != theirs) {
        return Ok(Outcome::Changed { run: now, theirs });
    }
    let along = retrying(clock, &|_, _| {}, || source.edit(project, run, edit)).await?;
    edit.apply(&mut now);
    along.into_iter().for_each(|(key, value)| Edit::Tag(key, value).apply(&mut now));
    Ok(Outcome::Written { run: now, before: theirs })
}

/// The same for a label of the project itself. Gives what stands there where that is not the base.
pub async fn write_project_tag(
    source: &dyn Source,
    project: &ProjectId,
    key: &str,
    value: Option<&str>,
    base: Option<&str>,
    clock: &dyn Clock,
) -> Result<Option<Option<String>>, Problem> {
    let now = retrying(clock, &|_, _| {}, || source.project(project)).await?;
    let theirs = now.tags.into_iter().find(|it| it.0 == key).map(|it| it.1);
    if theirs.as_deref() == value {
        return Ok(None);
    }
    if theirs.as_deref() != base {
        return Ok(Some(theirs));
    }
    retrying(clock, &|_, _| {}, || source.tag_project(project, key, value)).await?;
    Ok(None)
}

/// A file for the project's pages. Its name is that of what it holds, so there is nothing to look at first.
pub async fn keep_file(
    source: &dyn Source,
    project: &ProjectId,
    name: &str,
    bytes: &[u8],
    now: f64,
    clock: &dyn Clock,
) -> Result<RunId, Problem> {
    retrying(clock, &|_, _| {}, || source.keep_file(project, name, bytes.to_vec(), now)).await
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use async_trait::async_trait;
    use futures::executor::block_on;

    use super::super::FakeClock;
    use super::*;
    use crate::model::{Artifact, ArtifactBytes, Lifecycle, Project, Series};
    use crate::sources::{Batch, Cursor, Greeting, Label, Page, Reading};

    /// A tracker that holds one run.
    struct Tracker(RefCell<Run>, RefCell<u32>);

    #[async_trait(?Send)]
    impl Source for Tracker {
        async fn greet(&self) -> Result<Greeting, Problem> {
            Err(Problem::Cancelled)
        }
        async fn projects(&self, _: Option<Cursor>) -> Result<Batch<Project>, Problem> {
            Err(Problem::Cancelled)
        }
        async fn runs(&self, _: &ProjectId, _: Page) -> Result<Batch<Run>, Problem> {
            Err(Problem::Cancelled)
        }
        async fn run(&self, _: &ProjectId, _: &RunId) -> Result<Run, Problem> {
            Ok(self.0.borrow().clone())
        }
        async fn series(&self, _: &ProjectId, _: &str, _: &[RunId], _: Reading) -> Result<Vec<Series>, Problem> {
            Err(Problem::Cancelled)
        }
        async fn artifacts(&self, _: &ProjectId, _: &RunId, _: &str) -> Result<Artifact, Problem> {
            Err(Problem::Cancelled)
        }
        async fn artifact(&self, _: &ProjectId, _: &RunId, _: &str, _: u64) -> Result<ArtifactBytes, Problem> {
            Err(Problem::Cancelled)
        }
        async fn edit(&self, _: &ProjectId, _: &RunId, edit: &Edit) -> Result<Vec<Label>, Problem> {
            *self.1.borrow_mut() += 1;
            // Busy once, as servers are.
            if *self.1.borrow() == 1 {
                return Err(Problem::Busy { status: 503, retry_after_ms: None });
            }
            edit.apply(&mut self.0.borrow_mut());
            Ok(vec![("written".into(), Some("by us".into()))])
        }
    }

    fn tag(value: Option<&str>) -> Edit {
        Edit::Tag("stage".into(), value.map(str::to_owned))
    }

    /// The outcome's kind, and what the tracker holds then.
    fn check(edit: Edit, base: Option<Edit>, expected: (&str, Option<&str>)) {
        let mut run = Run::empty("r".into());
        run.tags = vec![("stage".into(), "theirs".into())];
        let tracker = Tracker(RefCell::new(run), RefCell::new(0));
        let clock = FakeClock::default();
        let outcome =
            block_on(write(&tracker, &"1".into(), &"r".into(), &edit, base.as_ref(), &clock)).expect("an answer");
        let held = tracker.0.borrow().tags.first().map(|it| it.1.clone());
        let kind = match outcome {
            Outcome::Written { before, run } if before == tag(Some("theirs")) => {
                assert!(run.tags.contains(&("written".into(), "by us".into())), "labels that went along");
                "written"
            }
            Outcome::Written { .. } => "written, wrong way back",
            Outcome::Already(_) => "already",
            Outcome::Changed { theirs, .. } => {
                assert_eq!(theirs, tag(Some("theirs")));
                "changed"
            }
        };
        assert_eq!((kind, held.as_deref()), expected, "{edit:?} on {base:?}");
    }

    #[test]
    fn writes_only_over_what_was_seen() {
        check(tag(Some("mine")), Some(tag(Some("theirs"))), ("written", Some("mine")));
        check(tag(None), Some(tag(Some("theirs"))), ("written", None));
        check(tag(Some("theirs")), Some(tag(Some("old"))), ("already", Some("theirs")));
        check(tag(Some("mine")), Some(tag(Some("old"))), ("changed", Some("theirs")));
        check(tag(Some("mine")), Some(tag(None)), ("changed", Some("theirs")));
        check(tag(Some("mine")), None, ("written", Some("mine")));
    }

    #[test]
    fn an_edit_and_the_way_back() {
        let mut run = Run::empty("r".into());
        let before = run.clone();
        for edit in [
            Edit::Name("new".into()),
            Edit::Note(Some("# why".into())),
            tag(Some("x")),
            Edit::Lifecycle(Lifecycle::Deleted),
        ] {
            let back = edit.as_in(&run);
            edit.apply(&mut run);
            assert_eq!(edit.as_in(&run), edit);
            back.apply(&mut run);
            assert_eq!(run, before);
        }
    }
}
