//! All tests, in the order that finds a mistake soonest; and the benchmarks.

use std::process::Command;

use crate::{Outcome, build, cargo, root, run, sizes, tools};

/// `--quick` leaves out the browser.
pub fn all(rest: &[&str]) -> Outcome {
    let bin = tools::install()?;
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "--lib", "--bins", "--", "-D", "warnings"])?;
    cargo(&["test", "--quiet", "--package", "halimede-raster", "-p", "halimede-columns"])?;
    cargo(&["test", "--quiet", "--lib", "--test", "sources", "--test", "store", "--test", "tidy", "--test", "fuzz"])?;
    if rest.contains(&"--quick") {
        return Ok(());
    }
    let (chromium, driver) = (tools::chromium()?, tools::chromedriver()?);
    // The lasting store, in a browser and without a page.
    run(Command::new("cargo")
        .args(["test", "--target", "wasm32-unknown-unknown", "--test", "web"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", bin.join("wasm-bindgen-test-runner"))
        .env("CHROMEDRIVER", driver))?;
    let python = tools::venv("venv", &root().join("tests/requirements.txt"))?;
    sizes::check(build()?)?;
    run(Command::new("cargo")
        .args(["test", "--test", "e2e", "--", "--test-threads", "2"])
        .env("HALIMEDE_PYTHON", python)
        .env("HALIMEDE_CHROMIUM", chromium))
}

/// End to end at a size that takes minutes. Needs what `all` has built and installed.
pub fn long() -> Outcome {
    let chromium = tools::chromium()?;
    let python = tools::venv("venv", &root().join("tests/requirements.txt"))?;
    run(Command::new("cargo")
        .args(["test", "--test", "e2e", "--", "--ignored", "--test-threads", "1"])
        .env("HALIMEDE_PYTHON", python)
        .env("HALIMEDE_CHROMIUM", chromium))
}

pub fn bench(rest: &[&str]) -> Outcome {
    let chromium = tools::chromium()?;
    let python = tools::venv("venv", &root().join("tests/requirements.txt"))?;
    tools::peers()?;
    build()?;
    run(Command::new("cargo")
        .args(["test", "--release", "--test", "bench", "--", "--nocapture", "--ignored", "--test-threads", "1"])
        .args(rest)
        .env("HALIMEDE_PYTHON", python)
        .env("HALIMEDE_CHROMIUM", chromium))
}
