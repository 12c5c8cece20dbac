//! How names stand in links.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ProjectId, RunId};

/// A name between slashes.
pub const PART: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'!').remove(b'*');
/// In a query `/` may stand as it is, which keeps `val/accuracy` readable.
pub const VALUE: &AsciiSet = &PART.remove(b'/').remove(b'@');
/// A link begins with it where it leads to the source that the text itself comes from, as in a snapshot.
pub const HERE: &str = "#/s/~/";

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// A run of the same source.
pub fn run_link(project: &ProjectId, run: &RunId) -> String {
    format!("{HERE}p/{}/r/{}", part(project.as_str()), part(run.as_str()))
}

/// A page of the wiki of a project of the same source.
pub fn page_link(project: &ProjectId, path: &str) -> String {
    let path: String = path.split('/').map(|it| format!("/{}", part(it))).collect();
    format!("{HERE}p/{}/w{path}", part(project.as_str()))
}
