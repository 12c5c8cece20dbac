//! The project's commands. Everything they need they install below `target/`, saying what they do.

mod finish;
mod single;
mod sizes;
mod tests;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask serve          build, serve, rebuild on change; prints the address
cargo xtask build          a release in dist/, with its sizes
cargo xtask test           everything: format, lints, native, browser, end to end
cargo xtask demo           trains the demo project again and writes public/demo.halimede.zip
cargo xtask bench          measures against MLflow's own page and other libraries; prints ratios and the machine's load
cargo xtask release-check  the tests and the benchmarks
";

pub type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["serve", rest @ ..] => serve(rest),
        ["build"] => build().map(|_| ()),
        ["test", rest @ ..] => tests::all(rest),
        ["demo"] => demo(),
        ["bench", rest @ ..] => tests::bench(rest),
        ["release-check"] => tests::all(&[]).and_then(|()| tests::long()).and_then(|()| tests::bench(&[])),
        // Trunk calls this after each build.
        ["finish"] => finish::finish(),
        _ => {
            print!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(said) => {
            eprintln!("xtask: {said}");
            ExitCode::FAILURE
        }
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |it| root().join(PathBuf::from(it)))
}

/// Runs a command in the repository, showing it first.
pub fn run(command: &mut Command) -> Outcome {
    let shown: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let shown = shown.join(" ");
    println!("\x1b[2m$ {shown}\x1b[0m");
    let status = command.current_dir(root()).status().map_err(|error| format!("{shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

pub fn cargo(args: &[&str]) -> Outcome {
    run(Command::new("cargo").args(args))
}

fn trunk(args: &[&str]) -> Outcome {
    let bin = tools::install()?;
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", bin.display());
    run(Command::new(bin.join("trunk")).args(args).env("PATH", path).env_remove("NO_COLOR"))
}

fn serve(rest: &[&str]) -> Outcome {
    let port = rest.first().copied().unwrap_or("8800");
    println!("Halimede will be at http://localhost:{port}/ once it is built.");
    trunk(&["serve", "--no-autoreload", "--port", port])
}

/// Gives back the size of a first load.
pub fn build() -> Result<usize, String> {
    trunk(&["build", "--release"])?;
    sizes::print(&root().join("dist"))
}

fn demo() -> Outcome {
    let python = tools::venv("venv-demo", &root().join("demo/requirements.txt"))?;
    run(Command::new(python).arg("demo/make.py"))
}
