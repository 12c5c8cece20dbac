//! One file for both threads: in a window it is the page, in a worker it is the engine. The browser
//! fetches and compiles it once, and two versions can never meet.

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::{JsCast, JsValue};

    let global = js_sys::global();
    if global.has_type::<web_sys::Window>() {
        halimede::pages::start();
    } else {
        let base = js_sys::Reflect::get(&global, &JsValue::from("halimedeBase"));
        let base = base.ok().and_then(|it| it.as_string()).unwrap_or_default();
        wasm_bindgen_futures::spawn_local(halimede::engine::shell::run(base));
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Halimede runs in a browser: cargo xtask serve");
}
