//! A snapshot as one page that opens by double-click: the app's own file for that, with the snapshot in it.

use super::{Engine, Result};
use crate::model::Problem;
use crate::sources::http::Request;

/// Beside the page.
const FILE: &str = "single.html";
/// Where the snapshot goes.
const PLACE: &str = "{{snapshot}}";
/// Fifteen bits a letter, from this one on: all of them are of one piece in UTF-16 and mean nothing in HTML.
/// `xtask/src/single.js` knows it too.
const FIRST: u32 = 0x3400;
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
        let place = utf16(PLACE);
        // Both are of two bytes a letter, from an even place on.
        let found = response.bytes.chunks_exact(2).enumerate().find(|it| {
            let at = it.0 * 2;
            response.bytes.get(at..at + place.len()) == Some(&place)
        });
        let at = found
            .filter(|_| response.status == 200)
            .map(|it| it.0 * 2)
            .ok_or_else(|| Problem::NotFound { what: format!("{FILE}, which stands beside this page,") })?;
        let mut out = response.bytes[..at].to_vec();
        out.extend(utf16(&format!("<script type=\"text/plain\" id=\"snapshot\" data-length=\"{}\">", snapshot.len())));
        encode(snapshot, &mut out);
        out.extend(utf16("</script>"));
        out.extend(&response.bytes[at + place.len()..]);
        Ok(out)
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The highest bits first, the last letter filled up with zeros; as UTF-16, the lower byte first.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() / 15 * 16 + 16);
    let mut put = |bits: u32| out.extend(u16::try_from(FIRST + (bits & 0x7fff)).unwrap_or(0).to_le_bytes());
    let (mut held, mut n) = (0u32, 0u32);
    for byte in bytes {
        // What was put before falls out at the top.
        (held, n) = ((held & 0x7fff) << 8 | u32::from(*byte), n + 8);
        if n >= 15 {
            n -= 15;
            put(held >> n);
        }
    }
    if n > 0 {
        put(held << (15 - n));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `single.js` does it.
    fn decoded(letters: &[u8], length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut held, mut n) = (0u32, 0);
        for letter in letters.chunks(2).map(|it| u32::from(u16::from_le_bytes([it[0], it[1]]))) {
            (held, n) = ((held & 0xff) << 15 | (letter - FIRST), n + 15);
            while n >= 8 {
                n -= 8;
                out.push(u8::try_from(held >> n & 255).expect("a byte"));
            }
        }
        out.truncate(length);
        out
    }

    #[test]
    fn bytes_come_back_from_letters_that_are_whole() {
        let all: Vec<u8> =
            (0..=255).chain((0..2_000u32).map(|it| u8::try_from(it * it % 251).expect("a byte"))).collect();
        for bytes in [&all[..], &all[..9], &all[..1], &[][..], &[0; 50], &[255; 50]] {
            let mut out = Vec::new();
            encode(bytes, &mut out);
            let letters: Vec<u16> = out.chunks(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
            assert!(String::from_utf16(&letters).is_ok_and(|it| it.chars().all(|it| u32::from(it) >= FIRST)));
            assert_eq!(decoded(&out, bytes.len()), bytes);
        }
    }
}
