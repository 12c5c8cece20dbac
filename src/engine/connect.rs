//! Opening sources: a server by its address, a folder or file by what it holds.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::protocol::Answer;
use super::{Engine, Result};
use crate::model::{Auth, Problem, SourceId};
use crate::sources::diagnose::{self, Place};
use crate::sources::files::Files;
use crate::sources::http::BaseAddress;
use crate::sources::{self, Source};

impl Engine {
    pub(super) async fn connect(&self, kind: &str, address: &str, auth: Auth) -> Result<Answer> {
        let (base, source) = self.server(kind, address, auth)?;
        let greeting = source.greet().await?;
        let id = SourceId::new(kind, base.as_str());
        self.0.lists.borrow_mut().remove(&id);
        Ok(Answer::Source(self.add(id, source, greeting, true).await))
    }

    pub(super) async fn diagnose(&self, kind: &str, address: &str, auth: Auth, place: Place) -> Result<Answer> {
        let base = BaseAddress::parse(address).map_err(|it| Problem::malformed("the address", it))?;
        let source = self.server(kind, address, auth)?.1;
        let http = self.0.outside.http.as_ref();
        let clock = self.0.outside.clock.as_ref();
        let now = || clock.now();
        Ok(Answer::Diagnosis(diagnose::diagnose(&base, source.as_ref(), http, &place, &now).await))
    }

    pub(super) async fn open_files(&self, files: Rc<dyn Files>) -> Result<Answer> {
        let name = files.name();
        let (kind, source) = sources::open_files(files).await?;
        let greeting = source.greet().await?;
        let id = SourceId::new(kind.name, &format!("{name}~{}", fingerprint(source.as_ref()).await?));
        self.0.lists.borrow_mut().remove(&id);
        Ok(Answer::Source(self.add(id, source, greeting, true).await))
    }
}

/// Tells two folders of the same name apart and knows one again: from its oldest project.
async fn fingerprint(source: &dyn Source) -> Result<String> {
    let projects = source.projects(None).await?.items;
    let oldest = projects.iter().min_by(|a, b| {
        let created = |it: &crate::model::Project| it.created.unwrap_or(f64::INFINITY);
        created(a).total_cmp(&created(b)).then_with(|| a.id.cmp(&b.id))
    });
    let mut hasher = std::hash::DefaultHasher::new();
    oldest.map(|it| (it.id.as_str(), it.created.map(f64::to_bits))).hash(&mut hasher);
    Ok(format!("{:08x}", hasher.finish() >> 32))
}
