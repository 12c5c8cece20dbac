//! Opening sources: a server by its address, a folder or file by what it holds.

use std::rc::Rc;

use super::protocol::Answer;
use super::{Engine, Result};
use crate::model::hash::hash_bytes;
use crate::model::order::sort_by;
use crate::model::{Auth, Problem, SourceId};
use crate::sources::diagnose::{self, Place};
use crate::sources::files::{Files, InMemory};
use crate::sources::http::{BaseAddress, Request};
use crate::sources::{self, Source};

impl Engine {
    pub(super) async fn connect(&self, kind: &str, address: &str, auth: Auth) -> Result<Answer> {
        let (base, source) = self.server(kind, address, auth)?;
        let greeting = source.greet().await?;
        let id = SourceId::new(kind, base.as_str());
        self.0.lists.borrow_mut().remove(&id);
        Ok(Answer::Source(self.add(id, source, greeting).await))
    }

    pub(super) async fn diagnose(&self, kind: &str, address: &str, auth: Auth, place: Place) -> Result<Answer> {
        let base = BaseAddress::parse(address).map_err(|it| Problem::malformed("the address", it))?;
        let source = self.server(kind, address, auth)?.1;
        let http = self.0.outside.http.as_ref();
        let clock = self.0.outside.clock.as_ref();
        let now = || clock.now();
        Ok(Answer::Diagnosis(diagnose::diagnose(&base, source.as_ref(), http, &place, &now).await))
    }

    /// A file on the page's own host: nothing else is asked for by a link.
    pub(super) async fn open_beside(&self, path: &str) -> Result<Answer> {
        /// As large as a snapshot may be.
        const LARGEST: u64 = 512 << 20;
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "._~-/%".contains(it);
        if path.is_empty() || !path.chars().all(is_plain) || path.contains("//") || path.split('/').any(|it| it == "..")
        {
            return Err(Problem::malformed(
                "the address of the snapshot",
                "only a file of this page's own host is opened",
            ));
        }
        let base = self.0.outside.base.as_str();
        let origin = base.match_indices('/').nth(2).map_or(base, |it| &base[..it.0]);
        let url = if path.starts_with('/') { format!("{origin}{path}") } else { format!("{base}{path}") };
        let request = Request {
            method: "GET",
            url,
            headers: Vec::new(),
            body: None,
            limit: LARGEST,
            cut_at_limit: false,
            timeout_ms: 300_000,
        };
        let response = self.0.outside.http.send(request).await?;
        if response.status != 200 {
            return Err(Problem::NotFound { what: format!("{path} beside this page") });
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        self.open_files(Rc::new(InMemory { name, bytes: response.bytes })).await
    }

    pub async fn open_files(&self, files: Rc<dyn Files>) -> Result<Answer> {
        let name = files.name();
        let (kind, source) = sources::open_files(files).await?;
        let greeting = source.greet().await?;
        let id = SourceId::new(kind.name, &format!("{name}~{}", fingerprint(source.as_ref()).await?));
        self.0.lists.borrow_mut().remove(&id);
        Ok(Answer::Source(self.add(id, source, greeting).await))
    }
}

/// Tells two folders of the same name apart and knows one again: from all
/// its projects. It stands in links and in the cache, so the hash is a fixed one.
async fn fingerprint(source: &dyn Source) -> Result<String> {
    let mut projects = source.projects(None).await?.items;
    sort_by(&mut projects, |a, b| a.id.cmp(&b.id));
    let mut all = Vec::new();
    for project in &projects {
        for part in [project.id.as_str(), &project.name, &project.created.unwrap_or(0.0).to_string()] {
            all.extend(part.bytes().chain([0]));
        }
    }
    Ok(format!("{:08x}", hash_bytes(&all) >> 32))
}
