//! The page: all it does is mount the app.

#[cfg(target_arch = "wasm32")]
fn main() {
    halimede::pages::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Halimede runs in a browser: cargo xtask serve");
}
