//! Pages of a project's wiki, and how versions of them stand in the labels of a tracker's project, where
//! teammates with the same server find them:
//!
//! ```text
//! halimede.page.<hash of the path>.<version>-<hash of the text>      {"path":…,"at":…,"by":…,"parts":2,"packed":true}\n<text>
//! halimede.page.<hash of the path>.<version>-<hash of the text>.<n>  further parts of the text
//! ```
//!
//! A version is written once and never changed, its first part last. Two people who save at once write two
//! names of the same number, so that neither is lost and whoever looks sees both; parts of one never mix
//! with those of another. A long text is packed (DEFLATE, RFC 1951; base64, RFC 4648 §4).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::hash::hash;

/// Stands on trackers: never change it.
const PREFIX: &str = "halimede.page.";
/// What a label of a project holds everywhere is 5 000 characters.
const MOST_IN_PART: usize = 4_400;
/// Unpacked, in bytes; a longer page is a file.
pub const LONGEST: usize = 64 << 10;
const EFFORT: u8 = 6;
/// Whatever a tracker or a file holds.
const MOST_VERSIONS: usize = 5_000;
const MOST_IN_ALL: usize = 32 << 20;
/// `reports/2026/width`.
pub const LONGEST_PATH: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageVersion {
    /// Names with slashes between them.
    pub path: String,
    /// From 1 on.
    pub n: u32,
    /// Milliseconds since the epoch, UTC.
    pub at: f64,
    pub by: String,
    /// Markdown, untrusted. None: the page was removed.
    pub text: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    path: String,
    at: f64,
    #[serde(default)]
    by: String,
    #[serde(default)]
    parts: u32,
    #[serde(default)]
    packed: bool,
    #[serde(default)]
    gone: bool,
}

/// What all labels of one number begin with.
fn numbered(path: &str, n: u32) -> String {
    format!("{PREFIX}{:016x}.{n}-", hash(std::iter::once(path)))
}

fn key(path: &str, n: u32, by: &str, text: Option<&str>) -> String {
    // A page that was removed says nothing, which is not the same as an empty one.
    let said = text.map_or("gone", |_| "");
    format!("{}{:016x}", numbered(path, n), hash([by, said, text.unwrap_or_default()].into_iter()))
}

/// Names without what would make two of one, or a place outside.
pub fn clean_path(path: &str) -> String {
    let plain: String = path.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST_PATH).collect();
    let names = plain.split('/').map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    names.filter(|it| !it.is_empty() && it != "." && it != "..").collect::<Vec<_>>().join("/")
}

impl PageVersion {
    /// The labels it is kept as, to be written in this order.
    pub fn labels(&self) -> Vec<(String, String)> {
        let text = self.text.as_deref().unwrap_or_default();
        let is_packed = text.len() > MOST_IN_PART;
        let body = if is_packed {
            STANDARD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), EFFORT))
        } else {
            text.to_owned()
        };
        let chunks = chunks(&body);
        let head = Head {
            path: self.path.clone(),
            at: self.at,
            by: self.by.clone(),
            parts: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
            packed: is_packed,
            gone: self.text.is_none(),
        };
        let head = serde_json::to_string(&head).unwrap_or_default();
        let key = key(&self.path, self.n, &self.by, self.text.as_deref());
        let rest = chunks.iter().enumerate().skip(1).map(|(at, it)| (format!("{key}.{at}"), (*it).to_owned()));
        let mut labels: Vec<(String, String)> = rest.collect();
        labels.push((key.clone(), format!("{head}\n{}", chunks.first().copied().unwrap_or_default())));
        labels
    }

    /// Names of the labels of a number.
    pub fn keys(path: &str, n: u32, labels: &[(String, String)]) -> Vec<String> {
        let first = numbered(path, n);
        labels.iter().map(|it| &it.0).filter(|it| it.starts_with(&first)).cloned().collect()
    }

    /// All versions among the labels of a project; what is not whole is none.
    pub fn of_labels(labels: &[(String, String)]) -> Vec<PageVersion> {
        let ours: HashMap<&str, &str> =
            labels.iter().filter_map(|it| Some((it.0.strip_prefix(PREFIX)?, it.1.as_str()))).collect();
        let mut names: Vec<&str> = ours.keys().copied().collect();
        names.sort_unstable();
        let mut room = MOST_IN_ALL;
        let mut all = Vec::new();
        for version in names.into_iter().filter_map(|it| Self::of_label(it, &ours)).take(MOST_VERSIONS) {
            let Some(left) = room.checked_sub(version.text.as_ref().map_or(0, String::len)) else { break };
            room = left;
            all.push(version);
        }
        all.sort_by(|a, b| a.path.cmp(&b.path).then(a.n.cmp(&b.n)).then(a.at.total_cmp(&b.at)));
        all
    }

    fn of_label(name: &str, ours: &HashMap<&str, &str>) -> Option<Self> {
        let n: u32 = name.split_once('.')?.1.split_once('-')?.0.parse().ok()?;
        let (head, first) = ours.get(name)?.split_once('\n')?;
        let head: Head = serde_json::from_str(head).ok()?;
        let is_its = format!("{PREFIX}{name}").starts_with(&numbered(&head.path, n));
        if !is_its || clean_path(&head.path) != head.path || head.path.is_empty() {
            return None;
        }
        let mut body = first.to_owned();
        // As long as a page may be, whatever is claimed.
        for at in 1..head.parts.min(64) {
            body.push_str(ours.get(format!("{name}.{at}").as_str())?);
        }
        let text = if head.packed {
            let bytes = STANDARD.decode(body).ok()?;
            let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, LONGEST).ok()?;
            String::from_utf8(bytes).ok()?
        } else {
            body
        };
        let text = (!head.gone).then_some(text);
        // Parts of two texts, or one that somebody changed, are none.
        let is_whole = key(&head.path, n, &head.by, text.as_deref()) == format!("{PREFIX}{name}");
        is_whole.then_some(PageVersion { path: head.path, n, at: head.at, by: head.by, text })
    }
}

/// Of a length that every tracker takes, at least one.
fn chunks(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while rest.len() > MOST_IN_PART {
        let mut at = MOST_IN_PART;
        while !rest.is_char_boundary(at) {
            at -= 1;
        }
        all.push(&rest[..at]);
        rest = &rest[at..];
    }
    all.push(rest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(n: u32, text: Option<String>) -> PageVersion {
        PageVersion { path: "reports/Width ü".into(), n, at: 5.0, by: "mara".into(), text }
    }

    #[test]
    fn versions_come_back_from_labels() {
        let mut seed = 1u32;
        let mut noise = |n: usize| -> String {
            let letter = |_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'a' + u8::try_from(seed >> 24).unwrap_or(0) % 26)
            };
            (0..n).map(letter).collect()
        };
        let all = vec![
            version(1, Some(String::new())),
            version(2, Some("# Short\n\nü".into())),
            version(3, Some("Same again. ".repeat(2_000))),
            version(4, Some(noise(40_000))),
            version(5, None),
        ];
        let labels: Vec<(String, String)> = all.iter().flat_map(PageVersion::labels).collect();
        assert!(labels.iter().all(|it| it.1.len() <= 5_000), "fits a label");
        assert_eq!(PageVersion::of_labels(&labels), all);
        assert_eq!(PageVersion::keys("reports/Width ü", 3, &labels).len(), 1);
        assert!(PageVersion::keys("reports/Width ü", 4, &labels).len() > 3);
    }

    #[test]
    fn what_is_not_whole_or_not_ours_is_none() {
        let long: String =
            (0..9_000u32).map(|it| char::from_u32(0x4e00 + it * 7_919 % 20_000).unwrap_or('x')).collect();
        let mut labels = version(1, Some(long)).labels();
        labels.remove(0);
        labels
            .push(("halimede.page.0123456789abcdef.1-0123456789abcdef".into(), "{\"path\":\"x\",\"at\":0}\nhi".into()));
        labels.push(("halimede.page.x".into(), "{}".into()));
        labels.push(("other".into(), "x".into()));
        assert_eq!(PageVersion::of_labels(&labels), []);
    }

    #[test]
    fn paths_stay_inside() {
        assert_eq!(clean_path(" a / ../b//./ c  d/"), "a/b/c d");
        assert_eq!(clean_path("../.."), "");
        assert_eq!(clean_path("x\u{0}y\nz/\u{1}/a"), "x y z/a");
    }
}
