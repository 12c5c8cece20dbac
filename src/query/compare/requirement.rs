//! One line of a list of packages, as pip and conda write it.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Where it is exactly one.
    pub version: Option<String>,
    /// What stands after the name; empty where any version will do.
    pub text: String,
}

impl Requirement {
    pub fn said(&self) -> &str {
        match &self.version {
            Some(version) => version,
            None if self.text.is_empty() => "any",
            None => &self.text,
        }
    }
}

/// Continued lines joined, comments and blank lines left out.
pub fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for part in text.trim_start_matches('\u{feff}').lines() {
        // pip freeze tells the version of what is installed from a folder in a comment only.
        let editable = part.strip_prefix("# Editable ").and_then(|it| it.rsplit_once('(')?.1.strip_suffix(')'));
        if let Some(editable) = editable {
            lines.push(editable.to_owned());
            continue;
        }
        let part = match part.find('#') {
            Some(_) if part.trim_start().starts_with('#') => "",
            _ => part.find(" #").map_or(part, |at| &part[..at]),
        };
        match part.trim_end().strip_suffix('\\') {
            Some(start) => line.push_str(start),
            None => {
                line.push_str(part);
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    lines.push(line);
    lines.retain(|it| !it.trim().is_empty());
    lines
}

/// The normalised name and what is asked of it.
pub fn requirement(line: &str) -> Option<(String, Requirement)> {
    let line = line.trim();
    let editable = ["-e", "--editable"].iter().find_map(|it| line.strip_prefix(it)?.strip_prefix([' ', '=']));
    if let Some(from) = editable {
        return located(None, from.trim());
    }
    // Hashes and other options of the one requirement.
    let line = line.split(" --").next()?.trim_end();
    // Of `channel::package` the package.
    let line = line.split_once("::").filter(|it| !it.0.contains([' ', '/', ';'])).map_or(line, |it| it.1);
    if line.contains("://") && !line.contains('@') || line.starts_with("git+") {
        return located(None, line);
    }
    let end = line.find(|it: char| !it.is_ascii_alphanumeric() && !".-_".contains(it)).unwrap_or(line.len());
    let name = normalised(&line[..end])?;
    let text = line[end..].trim();
    let asked = match text.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim(),
        None => text,
    };
    if let Some(from) = asked.strip_prefix('@') {
        return located(Some(name), from.trim());
    }
    let asked = asked.split(';').next()?.trim().trim_start_matches('(').trim_end_matches(')');
    if !asked.is_empty() && !asked.starts_with(['=', '<', '>', '~', '!']) && !asked.starts_with(char::is_numeric) {
        return None;
    }
    Some((name, Requirement { version: pinned(asked), text: text.to_owned() }))
}

/// `==1.2` and conda's `=1.2=build` and `1.2 build`.
fn pinned(asked: &str) -> Option<String> {
    let version = asked.trim_start_matches('=').trim_start();
    let version = version.split([' ', '=']).next()?;
    let is_one = version.starts_with(char::is_numeric) && !version.contains(['*', ',', '|', '<', '>', '!', '~']);
    (is_one && !asked.contains([',', '|'])).then(|| version.to_owned())
}

/// From an address, which may name the package in its fragment or as a wheel.
fn located(name: Option<String>, from: &str) -> Option<(String, Requirement)> {
    let address = from.split([' ', ';', '#']).next()?;
    let egg = from.split_once("egg=").and_then(|it| it.1.split(['&', '[', ' ', ';']).next());
    let mut wheel = address.rsplit('/').next()?.strip_suffix(".whl").unwrap_or_default().split('-');
    let wheel_name = wheel.next().unwrap_or_default();
    let name = name.or_else(|| normalised(egg.unwrap_or(wheel_name)))?;
    let version = wheel.next().map(|it| it.replace("%2B", "+"));
    Some((name, Requirement { version, text: format!("@ {from}") }))
}

/// As PEP 503 spells it; none for what can be no name.
fn normalised(name: &str) -> Option<String> {
    let is_end = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    if !is_end(name.chars().next()) || !is_end(name.chars().next_back()) {
        return None;
    }
    let words = name.split(['-', '_', '.']).filter(|it| !it.is_empty());
    Some(words.collect::<Vec<_>>().join("-").to_ascii_lowercase())
}
