//! A long view in a link: `?z=1…`, where 1 is the version, then the view's text after DEFLATE (RFC 1951) in
//! the web's base64 (RFC 4648 §5). What is unpacked is text of the same grammar as a short link's and goes
//! through the same parser.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A shorter one stays readable.
const SHORT: usize = 1_500;
/// Of the text in a link, which is what a chat or an e-mail carries; a longer one is kept, but not shared.
pub const MOST_SHARED: usize = 8 << 10;
/// Of the text that comes out.
const MOST_UNPACKED: usize = 64 << 10;
const MARK: &str = "z=";
const VERSION: char = '1';
const EFFORT: u8 = 8;

#[derive(Debug, PartialEq)]
pub enum Trouble {
    /// Of a version that is not known here.
    Newer,
    Damaged,
}

/// The text after `?` in a link, for the text of a view.
pub fn pack(query: &str) -> Cow<'_, str> {
    if query.len() <= SHORT {
        return Cow::Borrowed(query);
    }
    let bytes = miniz_oxide::deflate::compress_to_vec(query.as_bytes(), EFFORT);
    Cow::Owned(format!("{MARK}{VERSION}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// And back.
pub fn unpack(query: &str) -> Result<Cow<'_, str>, Trouble> {
    let Some(packed) = query.strip_prefix(MARK) else { return Ok(Cow::Borrowed(query)) };
    // What a program that reads links put behind it is not ours.
    let packed = packed.split('&').next().unwrap_or_default();
    let Some(body) = packed.strip_prefix(VERSION) else {
        let is_newer = packed.starts_with(|it: char| it.is_ascii_digit() && it > VERSION);
        return Err(if is_newer { Trouble::Newer } else { Trouble::Damaged });
    };
    let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| Trouble::Damaged)?;
    let text = miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, MOST_UNPACKED);
    let text = text.ok().and_then(|it| String::from_utf8(it).ok()).ok_or(Trouble::Damaged)?;
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_one_comes_back_and_is_short() {
        let long: String = (0..300).map(|it| format!("board=line*{it}*0.0.6.8*y:val/loss,")).collect();
        let packed = pack(&long);
        assert!(packed.len() * 5 < long.len(), "{} of {}", packed.len(), long.len());
        assert_eq!(unpack(&packed).as_deref(), Ok(long.as_str()));
        assert_eq!(unpack(&format!("{packed}&utm_source=x")).as_deref(), Ok(long.as_str()));
        assert_eq!(pack("sort=-metrics.acc"), "sort=-metrics.acc");
    }

    #[test]
    fn nonsense_bombs_and_later_versions_are_told_apart() {
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b'a'; 10 << 20], 9);
        let bomb = format!("z=1{}", URL_SAFE_NO_PAD.encode(bomb));
        for odd in ["z=", "z=1", "z=1!!", "z=1AAAA", "z=x", bomb.as_str()] {
            assert_eq!(unpack(odd), Err(Trouble::Damaged), "{odd:.20}");
        }
        assert_eq!(unpack("z=2abc"), Err(Trouble::Newer));
    }
}
