//! A headless Chromium with a fresh profile, and its pages.

use super::cdp::Cdp;
use super::page::Page;
use super::process::Group;
use super::watch::Watch;
use super::{TempDir, wait_until};
use serde_json::{Value, json};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--password-store=basic",
    "--window-size=1280,900",
    "--remote-debugging-port=0",
];

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// More command-line arguments, such as `--host-resolver-rules=...`.
    pub args: Vec<String>,
    /// Workers wait at birth until DevTools listens. Without it the requests a worker makes in its first moments can
    /// be missing from `Page::requests`.
    pub hold_workers: bool,
}

/// A running browser; dropping it ends it and removes its profile.
pub struct Browser {
    cdp: Cdp,
    // Goes before its profile.
    process: Group,
    profile: TempDir,
}

impl Browser {
    pub fn launch() -> Self {
        Self::launch_with(&Options::default())
    }

    pub fn launch_with(options: &Options) -> Self {
        let profile = TempDir::new("chromium");
        let log_path = profile.path().join("chromium.log");
        let log = File::create(&log_path).expect("create the browser's log");
        let mut command = Command::new(chromium());
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(&options.args)
            .arg("about:blank")
            .stdout(log.try_clone().expect("share the browser's log"))
            .stderr(log);
        let mut process = Group::spawn(&mut command);
        let mut address = None;
        wait_until("Chromium's DevTools port", Duration::from_secs(60), || {
            if let Some(status) = process.ended() {
                panic!("Chromium ended ({status}):\n{}", fs::read_to_string(&log_path).unwrap_or_default());
            }
            address = devtools_address(profile.path());
            address.is_some()
        });
        let (port, path) = address.unwrap_or_default();
        let cdp = Cdp::connect(port, &path, Watch::new(options.hold_workers));
        let browser = Self { cdp, process, profile };
        fs::create_dir_all(browser.downloads()).expect("create the downloads folder");
        browser
            .call("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": browser.downloads() }));
        browser
    }

    /// Opens another page at `url` ("about:blank" for an empty one) and waits until it has loaded.
    pub fn page(&self, url: &str) -> Page {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }));
        let page = self.attach(target["targetId"].as_str().unwrap_or_default());
        if url != "about:blank" {
            page.goto(url);
        }
        page
    }

    /// A page that is already open, such as one a link opened; see `targets`.
    pub fn attach(&self, target: &str) -> Page {
        let attached = self.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        Page::new(self.cdp.clone(), attached["sessionId"].as_str().unwrap_or_default(), target)
    }

    /// The open pages as (target, url).
    pub fn targets(&self) -> Vec<(String, String)> {
        let answer = self.call("Target.getTargets", json!({}));
        let pages = answer["targetInfos"].as_array().into_iter().flatten().filter(|t| t["type"] == "page");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        pages.map(|t| (text(&t["targetId"]), text(&t["url"]))).collect()
    }

    /// Lets pages of `origin` use, for instance, "clipboardReadWrite".
    pub fn grant(&self, origin: &str, permissions: &[&str]) {
        self.call("Browser.grantPermissions", json!({ "origin": origin, "permissions": permissions }));
    }

    /// Where downloads land, under the names the page suggests.
    pub fn downloads(&self) -> PathBuf {
        self.profile.path().join("halimede-downloads")
    }

    /// Processor time all renderers (pages with their workers) used so far.
    pub fn renderers_cpu_ms(&self) -> f64 {
        let answer = self.call("SystemInfo.getProcessInfo", json!({}));
        let renderers = answer["processInfo"].as_array().into_iter().flatten().filter(|p| p["type"] == "renderer");
        renderers.filter_map(|p| p["cpuTime"].as_f64()).sum::<f64>() * 1000.0
    }

    /// Processor time the renderers and the process that puts their pictures together used so far, to the microsecond:
    /// the browser itself counts in hundredths of a second.
    pub fn cpu_ms(&self) -> f64 {
        let answer = self.call("SystemInfo.getProcessInfo", json!({}));
        let all = answer["processInfo"].as_array().into_iter().flatten();
        let drawing = all.filter(|p| p["type"] == "renderer" || p["type"] == "GPU");
        let threads = drawing.filter_map(|p| std::fs::read_dir(format!("/proc/{}/task", p["id"].as_u64()?)).ok());
        let used = |thread: std::fs::DirEntry| {
            let said = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            said.split(' ').next()?.parse::<f64>().ok()
        };
        threads.flatten().flatten().filter_map(used).sum::<f64>() / 1e6
    }

    /// Resident memory of the largest renderer (a page with its workers) in megabytes. The browser
    /// keeps others in reserve, which come and go.
    pub fn renderer_mb(&self) -> f64 {
        let answer = self.call("SystemInfo.getProcessInfo", json!({}));
        let renderers = answer["processInfo"].as_array().into_iter().flatten().filter(|p| p["type"] == "renderer");
        let pages = |id: u64| {
            let said = std::fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
            said.split(' ').nth(1)?.parse::<f64>().ok()
        };
        renderers.filter_map(|p| pages(p["id"].as_u64()?)).fold(0.0, f64::max) * 4096.0 / 1e6
    }

    /// Any other method of the browser's session; failure panics.
    pub fn call(&self, method: &str, params: Value) -> Value {
        self.cdp.call("", method, params).unwrap_or_else(|e| panic!("browser: {e}"))
    }
}

impl Drop for Browser {
    /// Asks the browser to leave in peace, so that it reaps its own children; the group's drop kills what stays.
    fn drop(&mut self) {
        let start = Instant::now();
        let _ = self.cdp.call_within(Duration::from_secs(2), "", "Browser.close", json!({}));
        while self.process.ended().is_none() && start.elapsed() < Duration::from_secs(3) {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn devtools_address(profile: &Path) -> Option<(u16, String)> {
    let text = fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
    let (port, path) = text.split_once('\n')?;
    let path = path.trim();
    (!path.is_empty()).then_some((port.parse().ok()?, path.to_owned()))
}

fn chromium() -> PathBuf {
    if let Some(path) = env::var_os("HALIMEDE_CHROMIUM") {
        return path.into();
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mut candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.find(|path| path.is_file()).expect("no Chromium on the PATH: set HALIMEDE_CHROMIUM")
}
