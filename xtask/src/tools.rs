//! Installs what building and testing need, below `target/` or as the system's packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Outcome, run, target};

const WASM_BINDGEN: &str = "0.2.130";
const TRUNK: &str = "0.21.14";

/// What a command prints, if it runs.
fn said(program: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The folder with the pinned trunk and wasm-bindgen.
pub fn install() -> Result<PathBuf, String> {
    let added = said(Path::new("rustup"), &["target", "list", "--installed"]);
    if added.is_some_and(|it| !it.contains("wasm32-unknown-unknown")) {
        run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]))?;
    }
    let tools = target().join("tools");
    // Their own lock where it resolves; wasm-bindgen-cli's does not on every registry.
    cargo_install(&tools, "trunk", TRUNK, true)?;
    cargo_install(&tools, "wasm-bindgen-cli", WASM_BINDGEN, false)?;
    Ok(tools.join("bin"))
}

fn cargo_install(tools: &Path, package: &str, version: &str, locked: bool) -> Outcome {
    let binary = tools.join("bin").join(package.trim_end_matches("-cli"));
    if said(&binary, &["--version"]).is_some_and(|it| it.contains(version)) {
        return Ok(());
    }
    println!("Installing {package} {version} into {} (once, a few minutes)", tools.display());
    let mut command = Command::new("cargo");
    // A debug build is quick to make and quick enough to use.
    command.args(["install", "--debug", "--quiet", &format!("{package}@{version}")]);
    command.arg("--root").arg(tools).env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_TARGET_DIR", target().join("tools-build"));
    if locked {
        command.arg("--locked");
    }
    run(&mut command)
}

/// A Python with these requirements, in a virtual environment of our own.
pub fn venv(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let venv = target().join(name);
    let python = venv.join("bin/python");
    let wanted =
        std::fs::read_to_string(requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let marker = venv.join("installed.txt");
    if python.exists() && std::fs::read_to_string(&marker).is_ok_and(|it| it == wanted) {
        return Ok(python);
    }
    println!("Making a Python environment in {} with {}", venv.display(), wanted.trim().replace('\n', ", "));
    if run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).is_err() {
        packages(&["python3", "python3-venv"])?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements))?;
    std::fs::write(&marker, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

/// A Chromium to test in.
pub fn chromium() -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os("HALIMEDE_CHROMIUM") {
        return Ok(given.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = || names.into_iter().map(PathBuf::from).find(|it| said(it, &["--version"]).is_some());
    if let Some(found) = found() {
        return Ok(found);
    }
    println!("Installing Chromium and the Inter font as system packages");
    packages(&["chromium", "chromium-driver", "fonts-inter"])?;
    found().ok_or_else(|| "no Chromium was found; install one or set HALIMEDE_CHROMIUM".to_owned())
}

/// What drives that Chromium in the tests that have no page of ours.
pub fn chromedriver() -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os("CHROMEDRIVER") {
        return Ok(given.into());
    }
    let places = ["/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver", "/usr/local/bin/chromedriver"];
    let found = || places.into_iter().map(PathBuf::from).find(|it| it.exists());
    if found().is_none() {
        packages(&["chromium-driver"])?;
    }
    found().ok_or_else(|| "no chromedriver was found; install one or set CHROMEDRIVER".to_owned())
}

/// What tables and charts are measured against.
pub fn peers() -> Outcome {
    let folder = target().join("bench");
    if ["ag-grid-community", "uplot", "plotly.js-dist-min"]
        .iter()
        .all(|it| folder.join("node_modules").join(it).is_dir())
    {
        return Ok(());
    }
    if said(Path::new("npm"), &["--version"]).is_none() {
        packages(&["npm"])?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    println!("installing AG Grid, uPlot and Plotly into {}", folder.display());
    run(Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "ag-grid-community@36",
            "uplot@1.6.32",
            "plotly.js-dist-min@4.1.2",
        ])
        // Else it would go to the nearest folder above that has a package.json.
        .arg("--prefix")
        .arg(&folder))
}

/// Debian's packages, where this may install them.
fn packages(names: &[&str]) -> Outcome {
    let is_root = said(Path::new("id"), &["-u"]).is_some_and(|it| it.trim() == "0");
    if !is_root || said(Path::new("apt-get"), &["--version"]).is_none() {
        return Err(format!("install {} with your package manager and try again", names.join(" and ")));
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends"]).args(names))
}
