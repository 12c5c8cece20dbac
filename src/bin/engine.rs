//! The engine's worker: all it does is start the shell.

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::JsValue;

    let base = js_sys::Reflect::get(&js_sys::global(), &JsValue::from("halimedeBase"));
    let base = base.ok().and_then(|it| it.as_string()).unwrap_or_default();
    wasm_bindgen_futures::spawn_local(halimede::engine::shell::run(base));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Halimede's engine runs in a browser: cargo xtask serve");
}
