//! `single.html`: the whole app in one file, with a place for a snapshot. The engine puts one in and hands
//! it out as a page that opens by double-click.

use std::io::Write;
use std::path::Path;

use base64::Engine as _;
use flate2::Compression;
use sha2::{Digest, Sha256};

/// Letters that stand in HTML as they are; `single.js` and `engine/single.rs` know them too.
const LETTERS: &[u8; 85] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?,;_()[]{}@%$#";
pub const FILE: &str = "single.html";

pub fn write(dir: &Path, page: &str, effort: u32) -> std::io::Result<()> {
    let missing = |what: &str| std::io::Error::other(format!("the page names no {what}"));
    let app = page.split("name=\"halimede-app\" content=\"").nth(1).and_then(|it| it.split('"').next());
    let app = app.ok_or_else(|| missing("app"))?;
    let read = |name: &str| std::fs::read_to_string(dir.join(name));
    let mut style = String::new();
    for link in page.split("<link rel=\"stylesheet\" href=\"./").skip(1) {
        style.push_str(&read(link.split('"').next().unwrap_or_default())?);
    }
    let glue = classic(&read(&format!("{app}.js"))?).ok_or_else(|| missing("code of the kind that is known"))?;
    // As a script that nobody runs it stands here unescaped.
    if glue.contains("</script") || style.is_empty() {
        return Err(missing("style, or its code can't stand in a page"));
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), Compression::new(effort));
    packed.write_all(&std::fs::read(dir.join(format!("{app}_bg.wasm")))?)?;
    let packed = packed.finish()?;
    let start = include_str!("single.js");
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(start.as_bytes()));
    let policy = [
        "default-src 'none'",
        &format!("script-src 'wasm-unsafe-eval' blob: 'sha256-{hash}'"),
        "worker-src blob:",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "media-src blob:",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
    ]
    .join("; ");
    let icon = base64::engine::general_purpose::STANDARD.encode(read("icon.svg")?);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Halimede snapshot</title>\n<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\">\n\
         <style>{style}</style>\n</head>\n<body>\n\
         <noscript>This snapshot needs JavaScript and WebAssembly. It asks nothing of any server.</noscript>\n\
         <script type=\"text/plain\" id=\"glue\">{glue}</script>\n\
         <script type=\"text/plain\" id=\"app\" data-length=\"{}\">{}</script>\n{{{{snapshot}}}}\n\
         <script>{start}</script>\n</body>\n</html>\n",
        packed.len(),
        encoded(&packed),
    );
    std::fs::write(dir.join(FILE), html)
}

/// Not a module: a page without an origin can't start a worker from one. What a module would export is
/// `halimedeInit` then.
fn classic(module: &str) -> Option<String> {
    let (body, _) = module.rsplit_once("export { initSync, __wbg_init as default };")?;
    let body = body.replace("\nexport class ", "\nclass ").replace("import.meta.url", "location.href");
    let body = body.strip_prefix("export ").unwrap_or(&body);
    (!body.contains("\nexport ")).then(|| format!("(function(){{{body}\nself.halimedeInit=__wbg_init}})();"))
}

/// Base 85: four bytes, the first one highest, are five letters; the last ones are filled up with zeros.
fn encoded(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 5 + 5);
    for four in bytes.chunks(4) {
        let mut word = four.iter().fold(0u32, |word, it| word << 8 | u32::from(*it));
        word <<= 8 * (4 - u32::try_from(four.len()).unwrap_or(4));
        let mut letters = [0u8; 5];
        for letter in letters.iter_mut().rev() {
            *letter = LETTERS[(word % 85) as usize];
            word /= 85;
        }
        out.extend(letters);
    }
    String::from_utf8_lossy(&out).into_owned()
}
