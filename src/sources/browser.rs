//! The browser's side of the sources: fetch, and folders and files a person opened.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use futures_util::future::{Either, select};
use gloo_net::http::RequestBuilder;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, File, FileReaderSync, FileSystemDirectoryHandle, FileSystemFileHandle,
    ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestMode, RequestRedirect,
};

use super::Result;
use super::files::{Entry, Files, join};
use super::http::{Http, Request, Response};
use crate::handover;
use crate::model::Problem;

pub async fn sleep(ms: f64) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        let global = js_sys::global();
        if let Ok(set) = Reflect::get(&global, &"setTimeout".into())
            && let Ok(set) = set.dyn_into::<Function>()
        {
            let _ = set.call2(&global, &resolve, &ms.into());
        }
    });
    let _ = JsFuture::from(promise).await;
}

pub struct Fetch;

/// Aborts the request when the question that needed it is dropped.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn origin_of(url: &str) -> String {
    super::http::BaseAddress::parse(url).map_or_else(|_| url.to_owned(), |it| it.origin().to_owned())
}

#[async_trait(?Send)]
impl Http for Fetch {
    async fn send(&self, request: Request) -> Result<Response> {
        let address = origin_of(&request.url);
        let timeout = f64::from(request.timeout_ms);
        let seconds = request.timeout_ms / 1000;
        let work = Box::pin(exchange(request));
        match select(work, Box::pin(sleep(timeout))).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(Problem::TimedOut { address, seconds }),
        }
    }

    async fn answers(&self, url: &str) -> bool {
        let Ok(controller) = AbortController::new() else { return false };
        let abort = Abort(controller);
        let probe = RequestBuilder::new(url)
            .mode(RequestMode::NoCors)
            .credentials(RequestCredentials::Omit)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .cache(RequestCache::NoStore)
            .redirect(RequestRedirect::Follow)
            .abort_signal(Some(&abort.0.signal()))
            .build();
        let Ok(probe) = probe else { return false };
        matches!(select(Box::pin(probe.send()), Box::pin(sleep(10_000.0))).await, Either::Left((Ok(_), _)))
    }
}

async fn exchange(request: Request) -> Result<Response> {
    let address = origin_of(&request.url);
    let unreachable = || Problem::Unreachable { address: address.clone() };
    let controller = AbortController::new().map_err(|_| unreachable())?;
    let abort = Abort(controller);
    let mut builder = RequestBuilder::new(&request.url)
        .method(if request.method == "POST" { gloo_net::http::Method::POST } else { gloo_net::http::Method::GET })
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .redirect(RequestRedirect::Error)
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&abort.0.signal()));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let body = request.body.as_deref().map(Uint8Array::from);
    let sent = match body {
        Some(body) => builder.body(body).map_err(|error| Problem::malformed("the request", error))?.send().await,
        None => builder.send().await,
    };
    let answer = sent.map_err(|_| unreachable())?;
    let headers = answer.headers();
    let content_length = headers.get("content-length").and_then(|it| it.parse().ok());
    let mut response = Response {
        status: answer.status(),
        content_type: headers.get("content-type").unwrap_or_default(),
        retry_after: headers.get("retry-after"),
        authenticate: headers.get("www-authenticate"),
        content_length,
        bytes: Vec::new(),
    };
    if !request.cut_at_limit && content_length.is_some_and(|it| it > request.limit) {
        return Err(Problem::TooLarge { what: "the answer".into(), limit: request.limit });
    }
    let Some(stream) = answer.body() else { return Ok(response) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let read = JsFuture::from(reader.read()).await;
        let chunk = read.map_err(|_| Problem::malformed("the answer", "the connection broke off in the middle"))?;
        if Reflect::get(&chunk, &"done".into()).is_ok_and(|it| it.is_truthy()) {
            return Ok(response);
        }
        let bytes: Uint8Array = Reflect::get(&chunk, &"value".into()).unwrap_or_default().unchecked_into();
        response.bytes.append(&mut handover::take(&bytes));
        if response.bytes.len() as u64 > request.limit {
            if !request.cut_at_limit {
                return Err(Problem::TooLarge { what: "the answer".into(), limit: request.limit });
            }
            response.bytes.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
            return Ok(response);
        }
    }
}

fn said(what: &str, error: &JsValue) -> Problem {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|it| it.as_string()).unwrap_or_default();
    match name.as_str() {
        "NotFoundError" | "TypeMismatchError" => Problem::NotFound { what: what.to_owned() },
        "NotAllowedError" | "SecurityError" | "InvalidStateError" => Problem::Closed { what: what.to_owned() },
        _ => {
            let text = Reflect::get(error, &"message".into()).ok().and_then(|it| it.as_string());
            Problem::malformed(what, text.unwrap_or(name))
        }
    }
}

/// In a worker a slice of a file can be read at once.
fn read_slice(path: &str, file: &File, from: u64, to: u64) -> Result<Vec<u8>> {
    let failed = |error: JsValue| said(path, &error);
    #[expect(clippy::cast_precision_loss, reason = "file sizes are far below 2^53")]
    let slice = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(failed)?;
    let buffer = FileReaderSync::new().map_err(failed)?.read_as_array_buffer(&slice).map_err(failed)?;
    Ok(handover::take(&Uint8Array::new(&buffer)))
}

fn size_of(file: &File) -> u64 {
    format!("{:.0}", file.size()).parse().unwrap_or(0)
}

/// A folder through its handle: from the picker, or dropped.
pub struct Folder(pub FileSystemDirectoryHandle);

impl Folder {
    async fn dir(&self, path: &str) -> Result<FileSystemDirectoryHandle> {
        let mut at = self.0.clone();
        for part in path.split('/').filter(|it| !it.is_empty()) {
            let next = JsFuture::from(at.get_directory_handle(part)).await;
            at = next.map_err(|error| said(path, &error))?.unchecked_into();
        }
        Ok(at)
    }

    async fn file(&self, path: &str) -> Result<File> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let failed = |error: JsValue| said(path, &error);
        let handle = JsFuture::from(self.dir(dir).await?.get_file_handle(name)).await.map_err(failed)?;
        let handle: FileSystemFileHandle = handle.unchecked_into();
        Ok(JsFuture::from(handle.get_file()).await.map_err(failed)?.unchecked_into())
    }
}

#[async_trait(?Send)]
impl Files for Folder {
    fn name(&self) -> String {
        self.0.name()
    }

    async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
        let failed = |error: JsValue| said(dir, &error);
        let handle = self.dir(dir).await?;
        let values: Function = Reflect::get(&handle, &"values".into()).map_err(failed)?.unchecked_into();
        let iterator = values.call0(&handle).map_err(failed)?;
        let next: Function = Reflect::get(&iterator, &"next".into()).map_err(failed)?.unchecked_into();
        let mut entries = Vec::new();
        loop {
            let promise: Promise = next.call0(&iterator).map_err(failed)?.unchecked_into();
            let item = JsFuture::from(promise).await.map_err(failed)?;
            if Reflect::get(&item, &"done".into()).is_ok_and(|it| it.is_truthy()) {
                return Ok(entries);
            }
            let value = Reflect::get(&item, &"value".into()).map_err(failed)?;
            let text = |key: &str| Reflect::get(&value, &key.into()).ok().and_then(|it| it.as_string());
            entries.push(Entry {
                name: text("name").unwrap_or_default(),
                is_dir: text("kind").as_deref() == Some("directory"),
            });
        }
    }

    async fn size(&self, path: &str) -> Result<u64> {
        Ok(size_of(&self.file(path).await?))
    }

    async fn read(&self, path: &str, from: u64, to: u64) -> Result<Vec<u8>> {
        read_slice(path, &self.file(path).await?, from, to)
    }
}

/// A single file.
pub struct OneFile(pub File);

#[async_trait(?Send)]
impl Files for OneFile {
    fn name(&self) -> String {
        self.0.name()
    }

    fn is_file(&self) -> bool {
        true
    }

    async fn list(&self, _dir: &str) -> Result<Vec<Entry>> {
        Ok(vec![Entry { name: self.0.name(), is_dir: false }])
    }

    async fn size(&self, _path: &str) -> Result<u64> {
        Ok(size_of(&self.0))
    }

    async fn read(&self, _path: &str, from: u64, to: u64) -> Result<Vec<u8>> {
        read_slice(&self.0.name(), &self.0, from, to)
    }
}

/// A folder as the list of files that `webkitdirectory` gives; empty folders are not in it.
pub struct FileTree {
    name: String,
    files: BTreeMap<String, File>,
    folders: BTreeMap<String, BTreeSet<(String, bool)>>,
}

impl FileTree {
    /// `paths[i]` is the path of `files[i]`, beginning with the folder's own name.
    pub fn new(paths: &Array, files: &Array) -> Self {
        let mut tree = FileTree { name: String::new(), files: BTreeMap::new(), folders: BTreeMap::new() };
        for (path, file) in paths.iter().zip(files.iter()) {
            let path = path.as_string().unwrap_or_default();
            let (root, inner) = path.split_once('/').unwrap_or(("", &path));
            if tree.name.is_empty() {
                tree.name = root.to_owned();
            }
            let mut dir = String::new();
            let parts: Vec<&str> = inner.split('/').collect();
            for (i, part) in parts.iter().enumerate() {
                let is_dir = i + 1 < parts.len();
                tree.folders.entry(dir.clone()).or_default().insert(((*part).to_owned(), is_dir));
                dir = join(&dir, part);
            }
            tree.files.insert(inner.to_owned(), file.unchecked_into());
        }
        tree
    }

    fn file(&self, path: &str) -> Result<&File> {
        self.files.get(path).ok_or_else(|| Problem::NotFound { what: path.to_owned() })
    }
}

#[async_trait(?Send)]
impl Files for FileTree {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
        let entries = self.folders.get(dir).ok_or_else(|| Problem::NotFound { what: dir.to_owned() })?;
        Ok(entries.iter().map(|(name, is_dir)| Entry { name: name.clone(), is_dir: *is_dir }).collect())
    }

    async fn size(&self, path: &str) -> Result<u64> {
        Ok(size_of(self.file(path)?))
    }

    async fn read(&self, path: &str, from: u64, to: u64) -> Result<Vec<u8>> {
        read_slice(path, self.file(path)?, from, to)
    }
}
