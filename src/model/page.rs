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
//! with those of another. A long text is packed (DEFLATE, RFC 1951; base64, RFC 4648 §4). One too long for
//! labels is a file of a run that is marked for it, as pictures are: `"file":{"run":…,"name":…,"size":…}`.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::hash::{hash, hash_bytes};
use super::link::run_link;
use super::order::{set, sort, sort_by};
use super::{ProjectId, RunId};

/// Stands on trackers: never change it.
const PREFIX: &str = "halimede.page.";
/// What a label of a project holds everywhere is 5 000 characters.
const MOST_IN_PART: usize = 4_400;
/// Unpacked, in bytes; a longer page is a file.
pub const LONGEST_IN_LABELS: usize = 64 << 10;
pub const LONGEST: usize = 1 << 20;
/// The label of a run that only holds files of a project's pages.
pub const KEEPER: &str = "halimede.files";
/// What is kept in it lies there, under the name of what it holds: what was read once never changes.
pub const KEPT: &str = "halimede/";
/// Pictures that every browser shows, and that are no program: what a browser calls them, and their ending.
pub const PICTURES: [(&str, &str); 4] =
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"), ("image/webp", "webp")];
/// Behind the run, in links to pictures.
const PICTURE: &str = "?tab=artifacts&file=halimede/pictures/";
/// What trackers take in one request.
pub const LARGEST_FILE: u64 = 10 << 20;
const EFFORT: u8 = 6;
const MOST_PARTS: u32 = 400;
const LONGEST_ID: usize = 100;
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
    /// Markdown, untrusted. None: the page was removed, or the text is a file that is not read yet.
    pub text: Option<String>,
    pub file: Option<KeptFile>,
}

/// Where a text lies that is too long for labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptFile {
    pub run: String,
    pub name: String,
    /// In bytes.
    pub size: u32,
}

impl KeptFile {
    /// Of a text or picture that is to be kept: what is the same is kept once.
    pub fn name_of(bytes: &[u8], ending: &str) -> String {
        let kind = if ending == "md" { "pages" } else { "pictures" };
        format!("{KEPT}{kind}/{:016x}.{ending}", hash_bytes(bytes))
    }

    /// Whether this is what was kept under the name; other files may be called so too.
    pub fn is(name: &str, bytes: &[u8]) -> bool {
        name.rsplit_once('.').is_some_and(|it| name == Self::name_of(bytes, it.1))
    }

    /// Whether a file may be one that was kept.
    pub fn is_name(name: &str) -> bool {
        let Some((kind, rest)) = name.strip_prefix(KEPT).and_then(|it| it.split_once('/')) else { return false };
        let Some((hash, ending)) = rest.split_once('.') else { return false };
        let is_hash = hash.len() == 16 && hash.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let is_ending = !ending.is_empty() && ending.bytes().all(|it| it.is_ascii_alphanumeric());
        matches!(kind, "pages" | "pictures") && is_hash && is_ending
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<KeptFile>,
}

/// What all labels of one number begin with.
fn numbered(path: &str, n: u32) -> String {
    format!("{PREFIX}{:016x}.{n}-", hash(std::iter::once(path)))
}

fn key(it: &PageVersion) -> String {
    let said = match (&it.file, &it.text) {
        (Some(file), _) => [file.run.as_str(), file.name.as_str()],
        (None, Some(text)) => ["", text],
        // A page that was removed says nothing, which is not the same as an empty one.
        (None, None) => ["gone", ""],
    };
    format!("{}{:016x}", numbered(&it.path, it.n), hash(std::iter::once(it.by.as_str()).chain(said)))
}

/// A picture that was kept, as it stands in the text of a page: of the same source, wherever it is opened.
pub fn picture_link(project: &ProjectId, run: &RunId, name: &str) -> String {
    format!("{}{PICTURE}{}", run_link(project, run), name.rsplit('/').next().unwrap_or(name))
}

/// The pictures of a page that were kept: run and name.
pub fn pictures_in(text: &str) -> BTreeSet<(String, String)> {
    let is_id = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    let one = |(at, _): (usize, &str)| {
        let before = text[..at].bytes().rev().take(LONGEST_ID);
        let n = before.take_while(|it| is_id(&char::from(*it))).count();
        let run = text.get(at - n..at).filter(|it| !it.is_empty() && text[..at - it.len()].ends_with("/r/"))?;
        let rest = &text[at + PICTURE.len()..];
        let file: String = rest.chars().take(LONGEST_ID).take_while(|it| is_id(it) || *it == '.').collect();
        Some((run.to_owned(), format!("{KEPT}pictures/{file}")))
    };
    set(text.match_indices(PICTURE).filter_map(one))
}

/// Names without what would make two of one, or a place outside.
pub fn clean_path(path: &str) -> String {
    let plain: String = path.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST_PATH).collect();
    let names = plain.split('/').map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    names.filter(|it| !it.is_empty() && it != "." && it != "..").collect::<Vec<_>>().join("/")
}

impl PageVersion {
    /// The version that took the page away.
    pub fn is_gone(&self) -> bool {
        self.text.is_none() && self.file.is_none()
    }

    /// What stands in labels of it.
    pub fn kept_text(&self) -> Option<String> {
        self.text.clone().filter(|_| self.file.is_none())
    }

    /// In bytes.
    pub fn size(&self) -> u32 {
        let of_text = |it: &String| u32::try_from(it.len()).unwrap_or(u32::MAX);
        self.file.as_ref().map_or_else(|| self.text.as_ref().map_or(0, of_text), |it| it.size)
    }

    /// The labels it is kept as, to be written in this order.
    pub fn labels(&self) -> Vec<(String, String)> {
        let text = if self.file.is_some() { "" } else { self.text.as_deref().unwrap_or_default() };
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
            gone: self.is_gone(),
            file: self.file.clone(),
        };
        let head = serde_json::to_string(&head).unwrap_or_default();
        let key = key(self);
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
        sort(&mut names);
        let mut room = MOST_IN_ALL;
        let mut all = Vec::new();
        for version in names.into_iter().filter_map(|it| Self::of_label(it, &ours)).take(MOST_VERSIONS) {
            let Some(left) = room.checked_sub(version.text.as_ref().map_or(0, String::len)) else { break };
            room = left;
            all.push(version);
        }
        sort_by(&mut all, |a, b| a.path.cmp(&b.path).then(a.n.cmp(&b.n)).then(a.at.total_cmp(&b.at)));
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
        for at in 1..head.parts.min(MOST_PARTS) {
            body.push_str(ours.get(format!("{name}.{at}").as_str())?);
        }
        let text = if head.packed {
            let bytes = STANDARD.decode(body).ok()?;
            let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, LONGEST).ok()?;
            String::from_utf8(bytes).ok()?
        } else {
            body
        };
        let file = head.file;
        if file.as_ref().is_some_and(|it| !KeptFile::is_name(&it.name)) {
            return None;
        }
        let text = (!head.gone && file.is_none()).then_some(text);
        let version = PageVersion { path: head.path, n, at: head.at, by: head.by, text, file };
        // Parts of two texts, or one that somebody changed, are none.
        (key(&version) == format!("{PREFIX}{name}")).then_some(version)
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
        PageVersion { path: "reports/Width ü".into(), n, at: 5.0, by: "mara".into(), text, file: None }
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
            PageVersion {
                file: Some(KeptFile { run: "ab".into(), name: KeptFile::name_of(b"long", "md"), size: 4 }),
                ..version(6, None)
            },
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
    fn pictures_are_found_by_their_links() {
        let name = KeptFile::name_of(b"a picture", "png");
        let link = picture_link(&"1/ü".into(), &"ab12".into(), &name);
        assert_eq!(link, format!("#/s/~/p/1%2F%C3%BC/r/ab12?tab=artifacts&file={name}"));
        let text = format!("ü![a]({link})\n{link} ![b](x{PICTURE}y.png) ![c](/r/{PICTURE}) {PICTURE}");
        assert_eq!(pictures_in(&text), BTreeSet::from([("ab12".into(), name)]));
    }

    #[test]
    fn paths_stay_inside() {
        assert_eq!(clean_path(" a / ../b//./ c  d/"), "a/b/c d");
        assert_eq!(clean_path("../.."), "");
        assert_eq!(clean_path("x\u{0}y\nz/\u{1}/a"), "x y z/a");
    }
}
