//! Opening folders, files and the demo: by picker, by drag and drop, by `webkitdirectory`.
//! What is opened goes to the engine as a handle; nothing is read here and nothing is uploaded.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransferItem, File, FileList};

use super::nav::{Nav, use_nav};
use super::route::{Route, RunsView};
use crate::components::dom;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Question};
use crate::model::link::HERE;
use crate::model::{Problem, ProjectKey, SourceInfo};

#[derive(Clone, Copy)]
pub struct Opening {
    /// What is being read right now.
    pub busy: RwSignal<Option<String>>,
    pub problem: RwSignal<Option<Problem>>,
}

impl Opening {
    pub fn new() -> Self {
        Self { busy: RwSignal::new(None), problem: RwSignal::new(None) }
    }

    fn run(self, data: Data, nav: Nav, what: &str, question: Question, opened: Option<Array>) {
        self.busy.set(Some(what.to_owned()));
        self.problem.set(None);
        spawn(async move {
            match data.told(question, opened).await.map(|it| it.answer) {
                Ok(Answer::Source(info)) => show(data, nav, &info).await,
                Ok(_) => {}
                Err(problem) => self.problem.set(Some(problem)),
            }
            self.busy.set(None);
        });
    }
}

/// Straight to the runs where there is one project, else to the list of them.
async fn show(data: Data, nav: Nav, info: &SourceInfo) {
    if let Some(route) = start(info) {
        return nav.go(&route);
    }
    let source = info.id.clone();
    // The list is read in the background; a short wait decides most folders.
    for _ in 0..20 {
        let asked = Question::Projects { source: source.clone(), refresh: false };
        let Ok(Answer::Projects(it)) = data.ask(asked).await else { break };
        if it.loading {
            crate::sources::browser::sleep(50.0).await;
            continue;
        }
        if let [only] = it.projects.as_slice() {
            let key = ProjectKey { source, project: only.id.clone() };
            nav.go(&Route::Runs(key, Box::default()));
            return;
        }
        break;
    }
    nav.go(&Route::Projects(info.id.clone()));
}

/// Where it wants to be opened first. Whatever else it asks for is not within it.
fn start(info: &SourceInfo) -> Option<Route> {
    let place = info.start.as_deref()?.strip_prefix(HERE)?;
    let route = Route::parse(&format!("{}/{place}", Route::Projects(info.id.clone()).link()));
    matches!(route, Route::Runs(..) | Route::Run(..) | Route::Wiki(..)).then_some(route)
}

/// The snapshot that stands in this page, or that the address names with `?open=`, at its first view.
#[component]
pub fn OpenAtStart() -> impl IntoView {
    let (data, nav, opening) = (expect_context::<Data>(), use_nav(), expect_context::<Opening>());
    opening.busy.set(Some("the snapshot".into()));
    spawn(async move {
        let found = match dom::search_value("open") {
            Some(path) => data.ask(Question::OpenBeside(path)).await,
            None => data.ask(Question::Sources).await,
        };
        match found {
            Ok(Answer::Source(info)) => show_first(data, nav, &info).await,
            Ok(Answer::Sources(all)) => match all.first() {
                Some(info) => show_first(data, nav, info).await,
                None => opening.problem.set(Some(Problem::malformed("the snapshot", "it could not be opened"))),
            },
            Ok(_) => {}
            Err(problem) => opening.problem.set(Some(problem)),
        }
        opening.busy.set(None);
    });
    view! {
        <div class="empty">
            {move || match opening.problem.get() {
                Some(problem) => view! { <Notice problem=problem /> }.into_any(),
                None => view! { <p class="minor">"Opening the snapshot …"</p> }.into_any(),
            }}
        </div>
    }
}

/// Its first view, where somebody kept one in it.
async fn show_first(data: Data, nav: Nav, info: &SourceInfo) {
    if let Some(route) = start(info) {
        return nav.replace(&route);
    }
    let key = ProjectKey { source: info.id.clone(), project: first_project(data, info).await };
    let view = match data.ask(Question::Views(key.clone())).await {
        Ok(Answer::Views(it)) => it.stored.first().map(|it| RunsView::from_query(&it.text)),
        _ => None,
    };
    match view {
        Some(view) => nav.replace(&Route::Runs(key, Box::new(view))),
        None => show(data, nav, info).await,
    }
}

/// The first project of the demo, whose runs are the ones to look at first.
pub fn open_demo(opening: Opening, data: Data, nav: Nav) {
    opening.busy.set(Some("the demo".into()));
    opening.problem.set(None);
    spawn(async move {
        let outcome = data.ask(Question::OpenDemo).await;
        match outcome {
            Ok(Answer::Source(info)) => {
                let key = ProjectKey { source: info.id.clone(), project: first_project(data, &info).await };
                nav.go(&Route::Runs(key, Box::default()));
            }
            Ok(_) => {}
            Err(problem) => opening.problem.set(Some(problem)),
        }
        opening.busy.set(None);
    });
}

async fn first_project(data: Data, info: &SourceInfo) -> crate::model::ProjectId {
    for _ in 0..40 {
        let asked = Question::Projects { source: info.id.clone(), refresh: false };
        if let Ok(Answer::Projects(it)) = data.ask(asked).await
            && let Some(first) = it.projects.first()
            && !it.loading
        {
            return first.id.clone();
        }
        crate::sources::browser::sleep(25.0).await;
    }
    "1".into()
}

/// The system's own picker where there is one; else the page's hidden input is used.
pub fn has_folder_picker() -> bool {
    Reflect::get(&window(), &"showDirectoryPicker".into()).is_ok_and(|it| it.is_function())
}

pub fn pick_folder(opening: Opening, data: Data, nav: Nav) {
    let Ok(picker) = Reflect::get(&window(), &"showDirectoryPicker".into()) else { return };
    let Ok(picker) = picker.dyn_into::<Function>() else { return };
    let Ok(promise) = picker.call0(&window()).map(JsCast::unchecked_into::<Promise>) else { return };
    spawn(async move {
        // Closing the picker is not a failure.
        if let Ok(handle) = JsFuture::from(promise).await {
            opening.run(data, nav, "the folder", Question::OpenFiles, Some(Array::of1(&handle)));
        }
    });
}

/// What an input of type file holds: one file, or the files of a folder with their paths.
pub fn open_list(opening: Opening, data: Data, nav: Nav, list: &FileList) {
    let files: Vec<File> = (0..list.length()).filter_map(|i| list.get(i)).collect();
    let path_of = |file: &File| {
        Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|it| it.as_string()).unwrap_or_default()
    };
    match files.as_slice() {
        [] => {}
        [one] if path_of(one).is_empty() => open_file(opening, data, nav, one),
        many => {
            let pairs = many.iter().map(|it| (path_of(it), it.clone())).collect();
            open_tree(opening, data, nav, pairs);
        }
    }
}

fn open_file(opening: Opening, data: Data, nav: Nav, file: &File) {
    opening.run(data, nav, &file.name(), Question::OpenFiles, Some(Array::of1(file)));
}

fn open_tree(opening: Opening, data: Data, nav: Nav, files: Vec<(String, File)>) {
    let (paths, list) = (Array::new(), Array::new());
    for (path, file) in files {
        paths.push(&path.into());
        list.push(&file);
    }
    opening.run(data, nav, "the folder", Question::OpenFiles, Some(Array::of2(&paths, &list)));
}

/// Anything dropped anywhere on the page is opened.
pub fn listen_for_drops() {
    let (opening, data, nav) = (expect_context::<Opening>(), expect_context::<Data>(), use_nav());
    let shade = |on: bool| {
        if let Some(body) = document().body() {
            let _ = body.class_list().toggle_with_force("dropping", on);
        }
    };
    let has_files =
        |event: &ev::DragEvent| event.data_transfer().is_some_and(|it| it.types().includes(&"Files".into(), 0));
    // Where pictures are put into a text, nothing is opened.
    let is_taken = |event: &ev::DragEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        target.is_some_and(|it| it.closest("[data-takes-files]").is_ok_and(|it| it.is_some()))
    };
    let over = window_event_listener(ev::dragover, move |event| {
        if is_taken(&event) {
            shade(false);
            if has_files(&event) {
                event.prevent_default();
            }
        } else if has_files(&event) {
            event.prevent_default();
            shade(true);
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            shade(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        shade(false);
        if is_taken(&event) || !has_files(&event) {
            return;
        }
        event.prevent_default();
        let Some(items) = event.data_transfer().map(|it| it.items()) else { return };
        if let Some(item) = items.get(0) {
            open_dropped(opening, data, nav, &item);
        }
    });
    // For the life of the page.
    std::mem::forget((over, leave, drop));
}

fn open_dropped(opening: Opening, data: Data, nav: Nav, item: &DataTransferItem) {
    let method = |name: &str| Reflect::get(item, &name.into()).ok().and_then(|it| it.dyn_into::<Function>().ok());
    // Both must be called now: the item is empty after this event.
    let handle = method("getAsFileSystemHandle").and_then(|it| it.call0(item).ok());
    let entry = method("webkitGetAsEntry").and_then(|it| it.call0(item).ok());
    let file = item.get_as_file().ok().flatten();
    spawn(async move {
        if let Some(promise) = handle
            && let Ok(handle) = JsFuture::from(promise.unchecked_into::<Promise>()).await
            && text(&handle, "kind") == "directory"
        {
            opening.run(data, nav, &text(&handle, "name"), Question::OpenFiles, Some(Array::of1(&handle)));
            return;
        }
        match entry {
            Some(entry) if Reflect::get(&entry, &"isDirectory".into()).is_ok_and(|it| it.is_truthy()) => {
                opening.busy.set(Some(text(&entry, "name")));
                let mut files = Vec::new();
                walk(&entry, &mut files).await;
                open_tree(opening, data, nav, files);
            }
            _ => {
                if let Some(file) = file {
                    open_file(opening, data, nav, &file);
                }
            }
        }
    });
}

fn text(of: &JsValue, key: &str) -> String {
    Reflect::get(of, &key.into()).ok().and_then(|it| it.as_string()).unwrap_or_default()
}

/// A promise around a method that takes two callbacks, as the old file-entry interface has it.
async fn called_back(of: &JsValue, name: &str) -> Option<JsValue> {
    let function: Function = Reflect::get(of, &name.into()).ok()?.dyn_into().ok()?;
    let promise = Promise::new(&mut |resolve, reject| {
        let _ = function.call2(of, &resolve, &reject);
    });
    JsFuture::from(promise).await.ok()
}

/// Every file below an entry. Used where pages get no folder handles: plain http.
async fn walk(root: &JsValue, files: &mut Vec<(String, File)>) {
    let mut open = vec![root.clone()];
    while let Some(entry) = open.pop() {
        if Reflect::get(&entry, &"isFile".into()).is_ok_and(|it| it.is_truthy()) {
            if let Some(file) = called_back(&entry, "file").await {
                files.push((text(&entry, "fullPath").trim_start_matches('/').to_owned(), file.unchecked_into()));
            }
            continue;
        }
        let reader = Reflect::get(&entry, &"createReader".into()).ok().and_then(|it| it.dyn_into::<Function>().ok());
        let Some(reader) = reader.and_then(|it| it.call0(&entry).ok()) else { continue };
        // Entries come in portions until an empty one.
        while let Some(batch) = called_back(&reader, "readEntries").await {
            let batch: Array = batch.unchecked_into();
            if batch.length() == 0 {
                break;
            }
            open.extend(batch.iter());
        }
    }
}
