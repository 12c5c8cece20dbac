//! Connecting a server: the form, then the truth about what happened.

mod verdict;

use futures_util::future::{AbortHandle, Abortable};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::nav::{Nav, use_nav};
use super::route::Route;
use crate::components::dialog::Dialog;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::react::spawn;
use crate::components::segment::segment;
use crate::engine::data::Data;
use crate::engine::protocol::{Answer, Question};
use crate::model::{Auth, Problem, SourceId};
use crate::sources::diagnose::{Diagnosis, Outcome, Place, Step, Verdict};
use crate::sources::http::BaseAddress;
use verdict::VerdictView;

/// The dialog's state, for whoever wants to open it.
#[derive(Clone, Copy)]
pub struct Connecting {
    form: RwSignal<Option<Form>>,
}

#[derive(Clone, PartialEq)]
struct Form {
    address: String,
    /// Where to go when it worked; the source's projects otherwise.
    then: Option<Route>,
}

impl Connecting {
    pub fn new() -> Self {
        Self { form: RwSignal::new(None) }
    }

    pub fn open(self, address: &str, then: Option<Route>) {
        self.form.set(Some(Form { address: address.to_owned(), then }));
    }

    pub fn open_for(self, source: &SourceId, then: Option<Route>) {
        self.open(source.address(), then);
    }

    pub fn is_open(self) -> bool {
        self.form.with_untracked(Option::is_some)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignIn {
    None,
    Basic,
    Bearer,
    Headers,
}

#[component]
pub fn ConnectDialog() -> impl IntoView {
    let connecting = expect_context::<Connecting>();
    view! { {move || connecting.form.get().map(|form| view! { <ConnectForm form=form connecting=connecting /> })} }
}

#[derive(Clone, Copy)]
struct Attempt {
    kind: RwSignal<String>,
    address: RwSignal<String>,
    sign_in: RwSignal<SignIn>,
    user: RwSignal<String>,
    secret: RwSignal<String>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    diagnosis: RwSignal<Option<Diagnosis>>,
    running: StoredValue<Option<AbortHandle>>,
}

impl Attempt {
    fn auth(self) -> Auth {
        match self.sign_in.get_untracked() {
            SignIn::None => Auth::None,
            SignIn::Basic => Auth::Basic { user: self.user.get_untracked(), password: self.secret.get_untracked() },
            SignIn::Bearer => Auth::Bearer(self.secret.get_untracked().trim().to_owned()),
            SignIn::Headers => Auth::Headers(headers(&self.secret.get_untracked())),
        }
    }

    fn go(self, data: Data, nav: Nav, connecting: Connecting, then: Option<Route>) {
        let address = self.address.get_untracked();
        if let Err(error) = BaseAddress::parse(&address) {
            self.diagnosis.set(None);
            self.problem.set(Some(Problem::malformed("the address", error)));
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        let (auth, kind) = (self.auth(), self.kind.get_untracked());
        // Closing the dialog ends the attempt, down to the request that carries the sign-in.
        let (handle, registration) = AbortHandle::new_pair();
        if let Some(Some(older)) = self.running.try_update_value(|it| it.replace(handle)) {
            older.abort();
        }
        let work = async move {
            let asked = Question::Connect { kind: kind.clone(), address: address.clone(), auth: auth.clone() };
            match data.ask(asked).await {
                Ok(Answer::Source(info)) => {
                    connecting.form.set(None);
                    // The first moment there is something worth keeping. Some browsers ask the person.
                    spawn(async {
                        dom::persist().await;
                    });
                    nav.go(&then.unwrap_or(Route::Projects(info.id)));
                }
                Ok(_) => {}
                Err(Problem::Cancelled) => {}
                Err(_) => {
                    let place = place(&address).await;
                    let asked = Question::Diagnose { kind, address, auth, place };
                    match data.ask(asked).await {
                        Ok(Answer::Diagnosis(it)) => {
                            if let Verdict::SignIn { .. } = it.verdict
                                && self.sign_in.get_untracked() == SignIn::None
                            {
                                self.sign_in.set(SignIn::Basic);
                            }
                            self.diagnosis.set(Some(it));
                        }
                        Ok(_) => {}
                        Err(problem) => self.problem.set(Some(problem)),
                    }
                }
            }
            let _ = self.busy.try_set(false);
        };
        spawn(async move {
            let _ = Abortable::new(work, registration).await;
        });
    }
}

/// `Name: value`, a line each.
fn headers(text: &str) -> Vec<(String, String)> {
    let pairs = text.lines().filter_map(|it| it.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).filter(|it| !it.0.is_empty()).collect()
}

/// What only the page can find out: its origin, a permission, whether a picture loads.
async fn place(address: &str) -> Place {
    let picture = match BaseAddress::parse(address) {
        Ok(base) => Some(picture_loads(&format!("{}/static-files/favicon.ico", base.as_str())).await),
        Err(_) => None,
    };
    Place { origin: dom::origin(), local_network: local_network_permission().await, picture }
}

/// Pictures need no CORS, so an icon that loads tells who is there.
async fn picture_loads(url: &str) -> bool {
    let Ok(image) = web_sys::HtmlImageElement::new() else { return false };
    image.set_referrer_policy("no-referrer");
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let failed = resolve.clone();
        let on_load = Closure::once_into_js(move || resolve.call1(&JsValue::NULL, &true.into()));
        let on_error = Closure::once_into_js(move || failed.call1(&JsValue::NULL, &false.into()));
        image.set_onload(Some(on_load.unchecked_ref()));
        image.set_onerror(Some(on_error.unchecked_ref()));
    });
    image.set_src(url);
    let loaded = std::pin::pin!(JsFuture::from(promise));
    let patience = std::pin::pin!(crate::sources::browser::sleep(5_000.0));
    match futures_util::future::select(loaded, patience).await {
        futures_util::future::Either::Left((done, _)) => done.is_ok_and(|it| it.is_truthy()),
        futures_util::future::Either::Right(_) => false,
    }
}

async fn local_network_permission() -> Option<String> {
    let permissions = js_sys::Reflect::get(&window().navigator(), &"permissions".into()).ok()?;
    let query: js_sys::Function = js_sys::Reflect::get(&permissions, &"query".into()).ok()?.dyn_into().ok()?;
    let asked = js_sys::Object::new();
    js_sys::Reflect::set(&asked, &"name".into(), &"local-network-access".into()).ok()?;
    let promise: js_sys::Promise = query.call1(&permissions, &asked).ok()?.dyn_into().ok()?;
    let status = JsFuture::from(promise).await.ok()?;
    js_sys::Reflect::get(&status, &"state".into()).ok()?.as_string()
}

#[component]
fn ConnectForm(form: Form, connecting: Connecting) -> impl IntoView {
    let (data, nav) = (expect_context::<Data>(), use_nav());
    let first = crate::sources::servers().next().map_or("", |it| it.name);
    let attempt = Attempt {
        kind: RwSignal::new(first.to_owned()),
        address: RwSignal::new(form.address.clone()),
        sign_in: RwSignal::new(SignIn::None),
        user: RwSignal::new(String::new()),
        secret: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        problem: RwSignal::new(None),
        diagnosis: RwSignal::new(None),
        running: StoredValue::new(None),
    };
    on_cleanup(move || {
        if let Some(Some(running)) = attempt.running.try_update_value(Option::take) {
            running.abort();
        }
    });
    let then = StoredValue::new(form.then);
    let close = move || connecting.form.set(None);
    let go = move || attempt.go(data, nav, connecting, then.get_value());
    view! {
        <Dialog title="Connect a server" first="#address" close=Callback::new(move |()| close()) submit=Callback::new(move |()| go())>
            <div class="body">
                <div class="pair">
                    <div class="field">
                        <label for="tracker">"Tracker"</label>
                        <select id="tracker" class="input" on:change=move |event| attempt.kind.set(event_target_value(&event))>
                            {crate::sources::servers().map(|it| view! { <option value=it.name>{it.label}</option> }).collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="address">"Address"</label>
                        <input id="address" class="input mono" inputmode="url" autocomplete="url" spellcheck="false"
                            placeholder="http://localhost:5000" bind:value=attempt.address />
                    </div>
                </div>
                <SignInFields attempt=attempt />
                {move || attempt.problem.get().map(|problem| view! { <Notice problem=problem /> })}
                {move || attempt.diagnosis.get().map(|it| view! {
                    <Steps steps=it.steps.clone() />
                    <VerdictView diagnosis=it address=attempt.address.get_untracked() />
                })}
            </div>
            <div class="foot">
                <span class="minor grow">"The address and sign-in go to that server only."</span>
                <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || attempt.busy.get()>
                    {move || match (attempt.busy.get(), attempt.diagnosis.get().is_some()) {
                        (true, _) => "Connecting …",
                        (false, true) => "Test again",
                        (false, false) => "Connect",
                    }}
                </button>
            </div>
        </Dialog>
    }
}

#[component]
fn SignInFields(attempt: Attempt) -> impl IntoView {
    let ways = vec![
        (SignIn::None, "None", ""),
        (SignIn::Basic, "User and password", ""),
        (SignIn::Bearer, "Token", ""),
        (SignIn::Headers, "Headers", ""),
    ];
    let ways = segment("Sign-in", ways, move || attempt.sign_in.get(), move |it| attempt.sign_in.set(it));
    view! {
        <div class="field">
            <span class="label">"Sign-in"</span>
            <div>{ways}</div>
        </div>
        {move || match attempt.sign_in.get() {
            SignIn::None => ().into_any(),
            SignIn::Basic => view! {
                <div class="pair even">
                    <div class="field"><label for="user">"User"</label>
                        <input id="user" class="input" autocomplete="username" bind:value=attempt.user /></div>
                    <div class="field"><label for="password">"Password"</label>
                        <input id="password" class="input" type="password" autocomplete="current-password" bind:value=attempt.secret /></div>
                </div>
            }.into_any(),
            SignIn::Bearer => view! {
                <div class="field"><label for="token">"Token"</label>
                    <input id="token" class="input mono" type="password" autocomplete="off" bind:value=attempt.secret /></div>
            }.into_any(),
            SignIn::Headers => view! {
                <div class="field"><label for="headers">"Headers, one a line"</label>
                    <textarea id="headers" class="input mono" style="height:64px" placeholder="X-Team: vision" bind:value=attempt.secret></textarea></div>
            }.into_any(),
        }}
        {move || (attempt.sign_in.get() != SignIn::None).then(|| view! {
            <p class="minor">"Kept in this page's memory only. A reload asks again."</p>
        })}
    }
}

#[component]
fn Steps(steps: Vec<Step>) -> impl IntoView {
    let line = |it: Step| {
        let (class, icon, fallback) = match it.outcome {
            Outcome::Yes => ("yes", "check", "yes"),
            Outcome::No => ("no", "x", "no"),
            Outcome::NotReached => ("not", "minus", "not reached"),
        };
        let said = if it.said.is_empty() { fallback.to_owned() } else { it.said };
        view! { <li class=class><Icon name=icon /><span>{it.what}</span><span class="said">{said}</span></li> }
    };
    view! { <ol class="steps" aria-label="What was tried">{steps.into_iter().map(line).collect_view()}</ol> }
}
