//! A snapshot as one page that opens by double-click: the app's own file for that, with the snapshot in it.

use super::{Engine, Result};
use crate::model::Problem;
use crate::sources::http::Request;

/// Beside the page.
const FILE: &str = "single.html";
/// Where the snapshot goes.
const PLACE: &str = "{{snapshot}}";
/// What can't stand in a script element: it becomes another letter. `xtask/src/single.js` knows them too.
const ODD: [u8; 3] = [0, b'\r', b'<'];
const LARGEST: u64 = 64 << 20;

impl Engine {
    pub(super) async fn single_page(&self, snapshot: &[u8]) -> Result<Vec<u8>> {
        let request = Request {
            method: "GET",
            url: format!("{}{FILE}", self.0.outside.base),
            headers: Vec::new(),
            body: None,
            limit: LARGEST,
            cut_at_limit: false,
            timeout_ms: 60_000,
        };
        let response = self.0.outside.http.send(request).await?;
        let page = String::from_utf8(response.bytes).unwrap_or_default();
        let (before, after) = page
            .split_once(PLACE)
            .filter(|_| response.status == 200)
            .ok_or_else(|| Problem::NotFound { what: format!("{FILE}, which stands beside this page,") })?;
        let mut out = before.as_bytes().to_vec();
        out.extend(format!("<script type=\"text/plain\" id=\"snapshot\" data-length=\"{}\">", snapshot.len()).bytes());
        encode(snapshot, &mut out);
        out.extend(b"</script>");
        out.extend(after.as_bytes());
        Ok(out)
    }
}

/// Seven bits a letter, the highest first, the last ones filled up with zeros; letters that can't stand there
/// are those from U+0080 on, as UTF-8.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() / 7 * 8 + 8);
    let mut put = |seven: u32| {
        let seven = u8::try_from(seven & 127).unwrap_or(0);
        match ODD.iter().position(|it| *it == seven) {
            Some(at) => out.extend([0xc2, 0x80 + u8::try_from(at).unwrap_or(0)]),
            None => out.push(seven),
        }
    };
    let (mut held, mut n) = (0u32, 0u32);
    for byte in bytes {
        // What was put before falls out at the top.
        (held, n) = ((held & 127) << 8 | u32::from(*byte), n + 8);
        while n >= 7 {
            n -= 7;
            put(held >> n);
        }
    }
    if n > 0 {
        put(held << (7 - n));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `single.js` does it.
    fn decoded(text: &str, length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut held, mut n) = (0u32, 0);
        for letter in text.chars().map(u32::from) {
            let seven = if letter < 128 { letter } else { u32::from(ODD[(letter - 128) as usize]) };
            (held, n) = ((held & 0xff) << 7 | seven, n + 7);
            if n >= 8 {
                n -= 8;
                out.push(u8::try_from(held >> n & 255).expect("a byte"));
            }
        }
        out.truncate(length);
        out
    }

    #[test]
    fn bytes_come_back_from_letters_that_stand_in_a_script() {
        let all: Vec<u8> =
            (0..=255).chain((0..2_000u32).map(|it| u8::try_from(it * it % 251).expect("a byte"))).collect();
        for bytes in [&all[..], &all[..9], &all[..1], &[][..], &[0; 50], &[255; 50]] {
            let mut out = Vec::new();
            encode(bytes, &mut out);
            let text = String::from_utf8(out).expect("UTF-8");
            assert!(!text.contains(['\0', '\r', '<']));
            assert_eq!(decoded(&text, bytes.len()), bytes);
        }
    }
}
