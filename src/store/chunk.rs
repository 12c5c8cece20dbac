//! What stands in one chunk: a format version, then the value as postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Result;
use crate::model::StorageTrouble;

/// Raise it with every change of what is written, keep reading the older ones, and add a recorded
/// chunk of the old version to `tests/recordings/store`.
pub const VERSION: u8 = 5;

pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    postcard::to_extend(value, vec![VERSION]).map_err(|error| StorageTrouble::Other(error.to_string()))
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match bytes.split_first() {
        // Of what changed since an older version, its own reader takes care, in `layout`.
        Some((1..=VERSION, rest)) => {
            postcard::from_bytes(rest).map_err(|error| StorageTrouble::Other(format!("a damaged chunk: {error}")))
        }
        Some((version, _)) if *version > VERSION => Err(StorageTrouble::Newer),
        _ => Err(StorageTrouble::Other("an empty chunk".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let bytes = encode(&("x", 1u32)).expect("encodes");
        assert_eq!(decode::<(String, u32)>(&bytes), Ok(("x".to_owned(), 1)));
        assert!(decode::<(String, u32)>(&bytes[..2]).is_err());
        assert_eq!(decode::<u8>(&[VERSION + 1, 0]), Err(StorageTrouble::Newer));
        assert!(decode::<u8>(&[]).is_err());
    }
}
