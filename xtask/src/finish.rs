//! What a build needs after Trunk: the start left to `boot.js`, the content security policy with the
//! hashes of inline scripts, and the service worker's list of files.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use sha2::{Digest, Sha256};

use crate::Outcome;

/// Fetched and cached only when asked for.
const LAZY: [&str; 3] = ["demo.halimede.zip", crate::single::FILE, crate::single::DEMO];

pub fn finish() -> Outcome {
    let dir = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let dir = dir.ok_or_else(|| "finish is called by Trunk after a build".to_owned())?;
    let said = |error: std::io::Error| format!("finish: {error}");
    if std::env::var("TRUNK_PROFILE").is_ok_and(|it| it == "release") {
        strip_names(&dir).map_err(said)?;
    }
    let page = dir.join("index.html");
    let html = std::fs::read_to_string(&page).map_err(said)?;
    let html = leave_start_to_boot(&html)?;
    let html = html.replace("{{csp}}", &policy(&html));
    std::fs::write(&page, &html).map_err(said)?;
    let is_release = std::env::var("TRUNK_PROFILE").is_ok_and(|it| it == "release");
    crate::single::write(&dir, &html, if is_release { 9 } else { 1 }).map_err(said)?;
    precache(&dir).map_err(said)
}

/// Takes the names of functions out, two fifths of a release. Only this section: the one beside it
/// tells the browser's compiler which features are used.
fn strip_names(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)?.flatten().filter(|it| it.path().extension().is_some_and(|it| it == "wasm")) {
        let bytes = std::fs::read(entry.path())?;
        let broken = || std::io::Error::other("a wasm file that cannot be read");
        let mut kept = bytes.get(..8).ok_or_else(broken)?.to_vec();
        let mut at = 8;
        while at < bytes.len() {
            let (size, body) = leb(&bytes, at + 1).ok_or_else(broken)?;
            let end = body + size;
            let is_name = bytes[at] == 0 && bytes.get(body..body + 5) == Some(b"\x04name");
            if !is_name {
                kept.extend_from_slice(bytes.get(at..end).ok_or_else(broken)?);
            }
            at = end;
        }
        std::fs::write(entry.path(), kept)?;
    }
    Ok(())
}

/// A number as wasm writes it, and where it ends.
fn leb(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut number, mut shift) = (0usize, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        number |= usize::from(byte & 127) << shift;
        shift += 7;
        if byte < 128 {
            return Some((number, at));
        }
        if shift > 35 {
            return None;
        }
    }
}

/// Trunk starts the app by an inline script; `boot.js` does, for page and engine from one compiled
/// file. All it needs is the name.
fn leave_start_to_boot(html: &str) -> Result<String, String> {
    let start = "<script type=\"module\">\nimport init";
    let at = html.find(start).ok_or("finish: Trunk's start script is not where it was")?;
    let script = &html[at..];
    let end = script.find("</script>").ok_or("finish: Trunk's start script has no end")?;
    let name = script.split("'./").nth(1).and_then(|it| it.split(".js'").next());
    let name = name.ok_or("finish: Trunk's start script names no file")?;
    let kept = format!("{}{}", &html[..at], &script[end + "</script>".len()..]).replace("{{app}}", name);
    // `boot.js` fetches first; a preload after it would fetch again.
    match kept.split_once("<link rel=\"preload\"") {
        Some((before, after)) => Ok(format!("{before}{}", after.split_once('>').map_or("", |it| it.1))),
        None => Ok(kept),
    }
}

/// Any server may be connected to and shown pictures from; nothing else comes from elsewhere.
fn policy(html: &str) -> String {
    let mut hashes = String::new();
    for script in html.split("<script").skip(1) {
        let Some((attributes, rest)) = script.split_once('>') else { continue };
        let Some((body, _)) = rest.split_once("</script>") else { continue };
        if !attributes.contains("src=") && !body.is_empty() {
            let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(body.as_bytes()));
            hashes.push_str(&format!(" 'sha256-{hash}'"));
        }
    }
    [
        "default-src 'none'",
        &format!("script-src 'self' 'wasm-unsafe-eval'{hashes}"),
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data: blob: http: https:",
        "media-src blob:",
        "connect-src 'self' http: https: blob: data:",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
    ]
    .join("; ")
}

fn precache(dir: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    collect(dir, "", &mut files)?;
    files.retain(|it| it != "sw.js" && !LAZY.contains(&it.as_str()));
    files.sort();
    let mut all = Sha256::new();
    for file in &files {
        all.update(file.as_bytes());
        all.update(std::fs::read(dir.join(file))?);
    }
    let version: String = all.finalize().iter().take(8).map(|it| format!("{it:02x}")).collect();
    let list = |files: &[String]| files.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(",");
    let at = dir.join("sw.js");
    let script = std::fs::read_to_string(&at)?
        .replace("\"{{version}}\"", &format!("{version:?}"))
        .replace("[/* files */]", &format!("[{}]", list(&files)))
        .replace("[/* lazy */]", &format!("[{}]", list(&LAZY.map(str::to_owned))));
    std::fs::write(at, script)
}

fn collect(dir: &Path, prefix: &str, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}
