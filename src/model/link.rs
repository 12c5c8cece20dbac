//! How names stand in links.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// A name between slashes.
pub const PART: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'!').remove(b'*');
/// In a query `/` may stand as it is, which keeps `val/accuracy` readable.
pub const VALUE: &AsciiSet = &PART.remove(b'/').remove(b'@');
/// A link begins with it where it leads to the source that the text itself comes from, as in a snapshot.
pub const HERE: &str = "#/s/~/";
