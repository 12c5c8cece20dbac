//! A snapshot as one page that opens by double-click: the app's own file for that, with the snapshot in it.

use super::{Engine, Result};
use crate::model::Problem;
use crate::sources::http::Request;

/// Beside the page.
const FILE: &str = "single.html";
/// Where the snapshot goes.
const PLACE: &str = "{{snapshot}}";
/// Letters that stand in HTML as they are; `xtask/src/single.js` reads them.
const LETTERS: &[u8; 85] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?,;_()[]{}@%$#";
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

/// Base 85: four bytes, the first one highest, are five letters; the last ones are filled up with zeros.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() / 4 * 5 + 5);
    for four in bytes.chunks(4) {
        let mut word = [0u8; 4];
        word[..four.len()].copy_from_slice(four);
        let mut word = u32::from_be_bytes(word);
        let mut letters = [0u8; 5];
        for letter in letters.iter_mut().rev() {
            *letter = LETTERS[(word % 85) as usize];
            word /= 85;
        }
        out.extend(letters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_html_that_need_no_escape() {
        let mut out = Vec::new();
        encode(&[0, 0, 0, 0, 255, 255, 255, 255, 1], &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "00000%nSc00rr91");
        assert!(LETTERS.iter().all(|it| !b"<>&\"'\\`".contains(it)));
    }
}
