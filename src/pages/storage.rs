//! Sources & storage: what is kept on this device, how safe it is there, and how to be rid of it.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::app::Syncing;
use super::ask::use_answer;
use super::frame::health;
use super::route::Route;
use super::shell;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::components::words;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Event, Question, StorageAnswer};

/// What the browser says of this page's storage. Plain http pages have no such answers.
#[derive(Clone, PartialEq, Default)]
struct BrowserStorage {
    usage: Option<f64>,
    quota: Option<f64>,
    persisted: Option<bool>,
}

async fn browser_storage() -> BrowserStorage {
    let mut found = BrowserStorage::default();
    let navigator = window().navigator();
    if !Reflect::get(&navigator, &"storage".into()).is_ok_and(|it| it.is_truthy()) {
        return found;
    }
    let manager = navigator.storage();
    if let Ok(promise) = manager.estimate()
        && let Ok(estimate) = JsFuture::from(promise).await
    {
        let number = |key: &str| Reflect::get(&estimate, &key.into()).ok().and_then(|it: JsValue| it.as_f64());
        found.usage = number("usage");
        found.quota = number("quota");
    }
    if let Ok(promise) = manager.persisted()
        && let Ok(answer) = JsFuture::from(promise).await
    {
        found.persisted = answer.as_bool();
    }
    found
}

fn is_secure() -> bool {
    Reflect::get(&window(), &"isSecureContext".into()).is_ok_and(|it| it.is_truthy())
}

#[component]
pub fn StoragePage() -> impl IntoView {
    let data = expect_context::<Data>();
    expect_context::<Syncing>().0.set(None);
    let asked = use_answer(
        move || {
            data.track(&Event::Sources);
            Some(Question::Storage)
        },
        |told| match told.answer {
            Answer::Storage(it) => Some(it),
            _ => None,
        },
    );
    let browser = RwSignal::new(None::<BrowserStorage>);
    let look = move || {
        spawn(async move {
            let found = browser_storage().await;
            let _ = browser.try_set(Some(found));
        });
    };
    look();
    let ask_to_keep = move |_| {
        spawn(async move {
            let granted = dom::persist().await;
            let _ = browser.try_update(|it| {
                if let Some(it) = it {
                    it.persisted = Some(granted);
                }
            });
        });
    };
    view! {
        <div class="page">
            <h1>"Sources & storage"</h1>
            <h2 style="margin-top:24px">"Sources"</h2>
            {move || asked.problem().map(|problem| view! { <Notice problem=problem /> })}
            {move || asked.ok().map(|it| view! { <Sources storage=it /> })}
            <h2>"This browser"</h2>
            <table class="facts-table"><tbody>
                <Facts asked=Signal::derive(move || asked.ok()) browser=browser.into() />
            </tbody></table>
            <Show when=move || browser.get().is_some_and(|it| it.persisted == Some(false))>
                <button class="button" on:click=ask_to_keep>"Ask the browser to keep the cache"</button>
            </Show>
            <Show when=|| !is_secure()>
                <div class="notice warn">
                    <div class="title">"This page came over plain http from another machine"</div>
                    <div class="text">"Tables, charts, cache and links work. Browsers give such pages no offline start, no folder handles and no lasting-storage promise. Open it from https or localhost to have them."</div>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Sources(storage: StorageAnswer) -> impl IntoView {
    let data = expect_context::<Data>();
    if storage.sources.is_empty() {
        return view! { <p class="empty" style="padding:16px 0 28px">"None yet. Connect a server or open a folder on the "<a href="#/">"home page"</a>"."</p> }.into_any();
    }
    let act = move |question: Question| {
        spawn(async move {
            let _ = data.ask(question).await;
        })
    };
    let line = |it: crate::engine::protocol::StoredSource| {
        let (dot, said) = health(&it.info.health);
        let (clear, forget) = (it.info.id.clone(), it.info.id.clone());
        let label = it.info.label.clone();
        let confirm = move |_| {
            let asked = format!(
                "Remove {label} and all that is cached of it from this browser? The source itself is not touched."
            );
            if window().confirm_with_message(&asked).unwrap_or(false) {
                act(Question::Forget(forget.clone()));
            }
        };
        view! {
            <tr>
                <td><a href=Route::Projects(it.info.id.clone()).link()><bdi>{it.info.label.clone()}</bdi></a>
                    <div class="minor mono">{it.info.id.to_string()}</div></td>
                <td class="wide"><span class=format!("dot {dot}") style="display:inline-block;margin-right:6px"></span>{said}</td>
                <td class="num">{format::count(it.n_runs)}</td>
                <td class="num">{if it.bytes > 0 { format::bytes(it.bytes) } else { "read from its file".into() }}</td>
                <td class="actions">
                    {(it.bytes > 0).then(|| view! {
                        <button class="button quiet" on:click=move |_| act(Question::ClearCache(Some(clear.clone())))>"Empty cache"</button>
                    })}
                    <button class="button quiet" on:click=confirm><Icon name="trash-2" />"Remove"</button>
                </td>
            </tr>
        }
    };
    view! {
        <table class="facts-table">
            <thead><tr><th>"Source"</th><th class="wide">"Health"</th><th class="num">"Cached runs"</th><th class="num">"Size"</th><th></th></tr></thead>
            <tbody>{storage.sources.into_iter().map(line).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Facts(asked: Signal<Option<StorageAnswer>>, browser: Signal<Option<BrowserStorage>>) -> impl IntoView {
    let row = |what: &'static str, said: Box<dyn Fn() -> String + Send + Sync>| view! { <tr><td style="width:34%">{what}</td><td>{said}</td></tr> };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
    let size = |it: f64| format::bytes(it.max(0.0) as u64);
    let cache = move || match asked.get() {
        None => "…".into(),
        Some(it) => match it.trouble {
            Some(trouble) => words::storage(&trouble),
            None if it.lasting => "in IndexedDB, kept after the tab is closed".into(),
            None => "in memory, ends with the tab".into(),
        },
    };
    let usage = move || match browser.get() {
        Some(BrowserStorage { usage: Some(usage), quota: Some(quota), .. }) => {
            format!("{} of {} the browser allows", size(usage), size(quota))
        }
        Some(_) => "this browser does not say".into(),
        None => "…".into(),
    };
    let kept = move || match browser.get().and_then(|it| it.persisted) {
        Some(true) => "yes, the browser keeps it until you remove it".into(),
        Some(false) => "no, the browser may clear it when disk space is short".into(),
        None => "this browser does not say".to_owned(),
    };
    let offline = || {
        if shell::is_offline_capable() {
            "yes, this page starts with no network".into()
        } else {
            "not from here".to_owned()
        }
    };
    view! {
        {row("Cache", Box::new(cache))}
        {row("Used", Box::new(usage))}
        {row("Kept when space is short", Box::new(kept))}
        {row("Offline start", Box::new(offline))}
        {row("Halimede", Box::new(|| format!("version {}", env!("CARGO_PKG_VERSION"))))}
    }
}
