//! Which of two Python versions is newer (PEP 440): `1.10` after `1.9`, `2.0rc1` before `2.0`,
//! `2.0+cu121` after it.

use std::cmp::Ordering;

/// None where one is no such version.
pub fn compare_versions(a: &str, b: &str) -> Option<Ordering> {
    Some(Version::parse(a)?.cmp(&Version::parse(b)?))
}

/// In the order in which versions compare.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    epoch: u64,
    /// Without zeros at the end.
    release: Vec<u64>,
    pre: Pre,
    post: Option<u64>,
    /// The greatest number for none: development comes before what it leads to.
    dev: u64,
    local: Vec<Local>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// Only a development version, which comes before every other.
    Dev,
    Alpha(u64),
    Beta(u64),
    Candidate(u64),
    None,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Text(String),
    Number(u64),
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (text, local) = text.split_once('+').map_or((text, None), |it| (it.0, Some(it.1)));
        let (epoch, text) = text.split_once('!').map_or(Some((0, text)), |it| Some((it.0.parse().ok()?, it.1)))?;
        let mut rest = Rest(text);
        let mut release = vec![rest.number()?];
        while let Some(number) = rest.after(".", Rest::number) {
            release.push(number);
        }
        while release.last() == Some(&0) {
            release.pop();
        }
        let pre = rest.word(&["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"]).map(|it| match it.0 {
            "alpha" | "a" => Pre::Alpha(it.1),
            "beta" | "b" => Pre::Beta(it.1),
            _ => Pre::Candidate(it.1),
        });
        // `1.0-1` is written for `1.0.post1`.
        let post = rest.word(&["post", "rev", "r"]).map(|it| it.1).or_else(|| rest.after("-", Rest::number));
        let dev = rest.word(&["dev"]).map(|it| it.1);
        if !rest.0.is_empty() {
            return None;
        }
        let bare = if post.is_none() && dev.is_some() { Pre::Dev } else { Pre::None };
        Some(Self {
            epoch,
            release,
            pre: pre.unwrap_or(bare),
            post,
            dev: dev.unwrap_or(u64::MAX),
            local: local.map_or(Some(Vec::new()), locals)?,
        })
    }
}

fn locals(text: &str) -> Option<Vec<Local>> {
    let one = |it: &str| {
        let is_fit = !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
        is_fit.then(|| it.parse().map_or_else(|_| Local::Text(it.to_owned()), Local::Number))
    };
    text.split(['.', '-', '_']).map(one).collect()
}

/// What is not yet read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.0[..end].parse().ok()?;
        self.0 = &self.0[end..];
        Some(number)
    }

    /// What follows a text; where it does not, nothing is read.
    fn after<T>(&mut self, text: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut rest = Rest(self.0.strip_prefix(text)?);
        let found = read(&mut rest)?;
        self.0 = rest.0;
        Some(found)
    }

    /// One of the words with its number, zero where there is none, and with or without separators.
    fn word<'w>(&mut self, words: &[&'w str]) -> Option<(&'w str, u64)> {
        let separators = ['.', '-', '_'];
        let text = self.0.strip_prefix(separators).unwrap_or(self.0);
        let (word, text) = words.iter().find_map(|it| Some((*it, text.strip_prefix(it)?)))?;
        let mut rest = Rest(text.strip_prefix(separators).unwrap_or(text));
        let number = rest.number();
        self.0 = if number.is_some() { rest.0 } else { text };
        Some((word, number.unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_pip_does() {
        // packaging.version: sorted(map(Version, …)) leaves this list as it is.
        let sorted = [
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2-346",
            "1.0c1.dev456",
            "1.0rc1",
            "1.0c3",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1.9",
            "1.10",
            "2024.1.1",
            "1!0.1",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare_versions(a, b), Some(i.cmp(&j)), "{a} and {b}");
            }
        }
    }

    #[test]
    fn spellings_are_one_version() {
        for (a, b) in [("1.0", "v1.0.0"), ("1.0-rc.1", "1.0RC1"), ("1.0-1", "1.0.post1"), ("1.0.0.dev", "1dev0")] {
            assert_eq!(compare_versions(a, b), Some(Ordering::Equal), "{a} and {b}");
        }
    }

    #[test]
    fn says_nothing_of_what_is_no_version() {
        for text in ["", "latest", "1.1.1w", ">=1.0", "1.0 ", "1..2", "1.0+", "99999999999999999999999", "1.*", "ü"] {
            assert_eq!(compare_versions(text, "1"), (text == "1.0 ").then_some(Ordering::Equal), "{text}");
        }
    }
}
