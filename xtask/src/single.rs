//! `single.html`: the whole app in one file, with a place for a snapshot. The engine puts one in and hands
//! it out as a page that opens by double-click.

use std::io::Write;
use std::path::Path;

use base64::Engine as _;
use flate2::Compression;
use sha2::{Digest, Sha256};

/// Fifteen bits a letter, from this one on: all of them are of one piece in UTF-16 and mean nothing in HTML.
/// `single.js` and `engine/single.rs` know it too.
const FIRST: u16 = 0x3400;
pub const FILE: &str = "single.html";
/// The demo as such a page.
pub const DEMO: &str = "demo.html";
const PLACE: &str = "{{snapshot}}";

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
    if style.is_empty() {
        return Err(missing("style"));
    }
    let wasm = std::fs::read(dir.join(format!("{app}_bg.wasm")))?;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), Compression::new(effort));
    for part in [style.as_bytes(), glue.as_bytes(), &wasm] {
        packed.write_all(part)?;
    }
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
         </head>\n<body>\n\
         <noscript>This snapshot needs JavaScript and WebAssembly. It asks nothing of any server.</noscript>\n\
         <script type=\"text/plain\" id=\"app\" data-length=\"{}\" data-parts=\"{} {}\">{}</script>\n{PLACE}\n\
         <script>{start}</script>\n</body>\n</html>\n",
        packed.len(),
        style.len(),
        glue.len(),
        encoded(&packed),
    );
    let demo = std::fs::read(dir.join("demo.halimede.zip"))?;
    let snapshot = format!(
        "<script type=\"text/plain\" id=\"snapshot\" data-length=\"{}\">{}</script>",
        demo.len(),
        encoded(&demo)
    );
    std::fs::write(dir.join(DEMO), utf16(&html.replace(PLACE, &snapshot)))?;
    std::fs::write(dir.join(FILE), utf16(&html))
}

/// As a browser knows it by its first letter, whatever a server says of it.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Not a module: a page without an origin can't start a worker from one. What a module would export is
/// `halimedeInit` then.
fn classic(module: &str) -> Option<String> {
    let (body, _) = module.rsplit_once("export { initSync, __wbg_init as default };")?;
    let body = body.replace("\nexport class ", "\nclass ").replace("import.meta.url", "location.href");
    let body = body.strip_prefix("export ").unwrap_or(&body);
    (!body.contains("\nexport ")).then(|| format!("(function(){{{body}\nself.halimedeInit=__wbg_init}})();"))
}

/// The highest bits first, the last letter filled up with zeros.
fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() / 15 * 24 + 3);
    let (mut held, mut n) = (0u32, 0);
    let mut put = |bits: u32| out.extend(char::from_u32(u32::from(FIRST) + (bits & 0x7fff)));
    for byte in bytes {
        (held, n) = ((held & 0x7fff) << 8 | u32::from(*byte), n + 8);
        if n >= 15 {
            n -= 15;
            put(held >> n);
        }
    }
    if n > 0 {
        put(held << (15 - n));
    }
    out
}
