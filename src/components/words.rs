//! Problems in words: what happened, what still works, what to press.

use crate::model::Problem;
use crate::model::StorageTrouble;

pub struct Words {
    pub title: String,
    pub text: String,
}

fn words(title: impl Into<String>, text: impl Into<String>) -> Words {
    Words { title: title.into(), text: text.into() }
}

pub fn of(problem: &Problem) -> Words {
    match problem {
        Problem::Unreachable { address } => words(format!("{address} gives no answer"), "What is cached still works."),
        Problem::TimedOut { address, seconds } => {
            words(format!("{address} did not answer within {seconds} s"), "What is cached still works.")
        }
        Problem::Unauthorized { .. } => {
            words("The server asks for a sign-in", "Sign-ins are kept in this page only, so a reload ends them.")
        }
        Problem::Forbidden { said } => words("The server refused", said),
        Problem::NotFound { what } => words("It is not there any more", what),
        Problem::Busy { status, .. } => {
            words(format!("The server answered {status}"), "It is busy or restarting. What is cached still works.")
        }
        Problem::Server { status, said } => words(format!("The server answered {status}"), said),
        Problem::Malformed { what, said } => words(format!("Could not read {what}"), said),
        Problem::TooLarge { what, limit } => words(
            format!("Too large: {what}"),
            format!("More than {} is not read into the page.", super::format::bytes(*limit)),
        ),
        Problem::Unsupported { what } => words("Not possible", format!("{} is not possible.", sentence(what))),
        Problem::NotCached { what } => words(
            "Not cached on this device",
            format!("{what} was never downloaded here. It loads when the source is reachable."),
        ),
        Problem::Closed { what } => words(
            format!("Open {what} again"),
            "A page may keep a folder or file only while it is open. What is cached still works.",
        ),
        Problem::UnknownSource { source_id } => words("A source that is not known here", source_id),
        Problem::Storage(trouble) => words("The cache could not be used", storage(trouble)),
        Problem::Cancelled => words("Stopped", "It was stopped before it was done."),
        Problem::Engine { said } => words("Halimede's engine stopped and was started again", said),
    }
}

pub fn storage(trouble: &StorageTrouble) -> String {
    match trouble {
        StorageTrouble::Quota => "This browser has no room left for it. Remove a source in Sources & storage, or free disk space. What is shown still works until the tab is closed.".into(),
        StorageTrouble::Blocked => "Another tab holds an older version of the cache open. Close that tab and reload.".into(),
        StorageTrouble::Unavailable => {
            "This browser gives this page no lasting storage, so the cache ends with the tab.".into()
        }
        StorageTrouble::Newer => {
            "The cache was written by a newer version of Halimede. Reload to get that version; until then it lives in memory.".into()
        }
        StorageTrouble::Other(said) => sentence(said),
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
