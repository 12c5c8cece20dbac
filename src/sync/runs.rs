//! Streams a project's runs: a small first page to paint, then large ones.

use std::collections::HashSet;

use futures_util::future::LocalBoxFuture;

use super::{Clock, retry::retrying};
use crate::model::{Problem, ProjectId, Run, RunId};
use crate::sources::{Page, Source, Which};

/// What fits a screen a few times; the server answers it in a fraction of a second.
pub const FIRST_PAGE: u32 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Newest first until a page brings nothing new, then the newest of the deleted.
    News,
    /// From end to end, deleted runs too; what is gone at the source goes here.
    All,
}

/// Where the pages go.
pub trait Sink {
    /// A page is about to be asked for: what is written from here on may not be in it.
    fn asking(&self);
    /// Takes one page in; says whether it brought anything that was not there.
    fn page(&mut self, runs: Vec<Run>) -> bool;
    /// The tracker is asked again at `until`, because of `problem`.
    fn waiting(&self, problem: &Problem, until: f64);
    /// Resolves when the first page is on screen.
    fn painted(&self) -> LocalBoxFuture<'static, ()>;
}

/// On success the ids seen if everything was read, to know what is gone.
pub async fn stream(
    source: &dyn Source,
    project: &ProjectId,
    extent: Extent,
    page_limit: u32,
    with_deleted: bool,
    clock: &dyn Clock,
    sink: &mut dyn Sink,
) -> Result<Option<HashSet<RunId>>, Problem> {
    let mut seen = HashSet::new();
    let kinds: &[Which] = if with_deleted { &[Which::Active, Which::Deleted] } else { &[Which::Active] };
    let mut first = true;
    for which in kinds {
        let mut from = None;
        let mut cursors = HashSet::new();
        loop {
            let limit = if first { FIRST_PAGE.min(page_limit) } else { page_limit };
            let batch = {
                let sink = &*sink;
                let ask = || {
                    sink.asking();
                    source.runs(project, Page { limit, from: from.clone(), which: *which, filter: None })
                };
                retrying(clock, &|problem, until| sink.waiting(problem, until), ask).await?
            };
            let is_live = batch.items.iter().any(|it| it.status.is_live());
            let n_seen = seen.len();
            seen.extend(batch.items.iter().map(|it| it.id.clone()));
            if seen.len() == n_seen && !batch.items.is_empty() && batch.next.is_some() {
                return Err(Problem::malformed(
                    "the list of runs",
                    "the server sent a page of runs it had sent before, so the list would never end",
                ));
            }
            let news = sink.page(batch.items);
            if extent == Extent::News && ((!news && !is_live) || *which == Which::Deleted) {
                break;
            }
            let Some(next) = batch.next else { break };
            if !cursors.insert(next.0.clone()) {
                return Err(Problem::malformed(
                    "the list of runs",
                    "the server sent the same page token twice, so the list would never end",
                ));
            }
            from = Some(next);
            if first {
                sink.painted().await;
                first = false;
            }
        }
    }
    // News that reached the last page has read all active runs, but not the deleted ones.
    Ok((extent == Extent::All).then_some(seen))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use async_trait::async_trait;
    use futures::executor::block_on;

    use super::super::FakeClock;
    use super::*;
    use crate::model::{Artifact, ArtifactBytes, Project, RunTable, Series, table::Upsert};
    use crate::sources::{Batch, Cursor, Greeting, Reading};

    type Script = Vec<Result<(Vec<&'static str>, Option<&'static str>), Problem>>;
    type Seen = Result<Option<usize>, Problem>;

    /// Answers `runs` from a script; a page is its run ids and the next token.
    struct Scripted {
        pages: RefCell<Script>,
        asked: RefCell<Vec<(u32, Which)>>,
    }

    #[async_trait(?Send)]
    impl Source for Scripted {
        async fn greet(&self) -> Result<Greeting, Problem> {
            Err(Problem::Cancelled)
        }
        async fn projects(&self, _: Option<Cursor>) -> Result<Batch<Project>, Problem> {
            Err(Problem::Cancelled)
        }
        async fn runs(&self, _: &ProjectId, page: Page) -> Result<Batch<Run>, Problem> {
            self.asked.borrow_mut().push((page.limit, page.which));
            let (ids, next) = self.pages.borrow_mut().remove(0)?;
            let items = ids.into_iter().map(|id| Run::empty(id.into())).collect();
            Ok(Batch { items, next: next.map(|it| Cursor(it.into())) })
        }
        async fn run(&self, _: &ProjectId, _: &RunId) -> Result<Run, Problem> {
            Err(Problem::Cancelled)
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
    }

    #[derive(Default)]
    struct Into {
        table: RunTable,
        waits: RefCell<u32>,
    }

    impl Sink for Into {
        fn asking(&self) {}
        fn page(&mut self, runs: Vec<Run>) -> bool {
            runs.iter().map(|it| self.table.upsert(it)).filter(|it| *it != Upsert::Same).count() > 0
        }
        fn waiting(&self, _: &Problem, _: f64) {
            *self.waits.borrow_mut() += 1;
        }
        fn painted(&self) -> LocalBoxFuture<'static, ()> {
            Box::pin(async {})
        }
    }

    fn run(pages: Script, extent: Extent, sink: &mut Into) -> (Seen, Vec<(u32, Which)>) {
        let source = Scripted { pages: RefCell::new(pages), asked: RefCell::default() };
        let clock = FakeClock::default();
        let done = block_on(stream(&source, &"1".into(), extent, 1000, true, &clock, sink));
        (done.map(|it| it.map(|it| it.len())), source.asked.into_inner())
    }

    #[test]
    fn a_small_page_then_large_ones_then_the_deleted() {
        let mut sink = Into::default();
        let pages = vec![Ok((vec!["a"], Some("1"))), Ok((vec!["b"], None)), Ok((vec!["gone"], None))];
        let (seen, asked) = run(pages, Extent::All, &mut sink);
        assert_eq!(seen, Ok(Some(3)));
        assert_eq!(asked, [(100, Which::Active), (1000, Which::Active), (1000, Which::Deleted)]);
        assert_eq!(sink.table.len(), 3);
    }

    #[test]
    fn news_stops_at_the_first_page_that_brings_none() {
        let mut sink = Into::default();
        sink.table.upsert(&Run::empty("b".into()));
        let pages = vec![Ok((vec!["a"], Some("1"))), Ok((vec!["b"], Some("2"))), Ok((vec!["gone"], Some("3")))];
        let (seen, asked) = run(pages, Extent::News, &mut sink);
        assert_eq!((seen, asked.len()), (Ok(None), 3));
        assert_eq!(asked[2].1, Which::Deleted, "one page of what was deleted");
    }

    #[test]
    fn a_token_that_repeats_ends_with_what_came() {
        let mut sink = Into::default();
        let pages = vec![Ok((vec!["a"], Some("1"))), Ok((vec!["b"], Some("1"))), Ok((vec!["c"], None))];
        let (seen, _) = run(pages, Extent::All, &mut sink);
        assert!(seen.is_err_and(|it| it.to_string().contains("token twice")));
        assert_eq!(sink.table.len(), 2, "nothing that came is lost");
    }

    #[test]
    fn the_same_page_under_new_tokens_ends_too() {
        let mut sink = Into::default();
        let pages = vec![Ok((vec!["a"], Some("1"))), Ok((vec!["a"], Some("2"))), Ok((vec!["a"], Some("3")))];
        let (seen, asked) = run(pages, Extent::All, &mut sink);
        assert!(seen.is_err_and(|it| it.to_string().contains("sent before")));
        assert_eq!(asked.len(), 2);
    }

    #[test]
    fn a_busy_server_in_the_middle_is_waited_for() {
        let mut sink = Into::default();
        let busy = Problem::Busy { status: 503, retry_after_ms: None };
        let pages = vec![Ok((vec!["a"], Some("1"))), Err(busy), Ok((vec!["b"], None)), Ok((vec![], None))];
        let (seen, _) = run(pages, Extent::All, &mut sink);
        assert_eq!(seen, Ok(Some(2)));
        assert_eq!(*sink.waits.borrow(), 1);
    }

    #[test]
    fn a_500_in_the_middle_keeps_what_came() {
        let mut sink = Into::default();
        let broken = Problem::Server { status: 500, said: "boom".into() };
        let (seen, _) = run(vec![Ok((vec!["a"], Some("1"))), Err(broken.clone())], Extent::All, &mut sink);
        assert_eq!(seen, Err(broken));
        assert_eq!(sink.table.len(), 1);
    }
}
