//! A hash that stands in links and on trackers, and so is one forever.

/// FNV-1a of texts one after another, which is the same on every machine and in every version.
pub fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> u64 {
    fnv(parts.flat_map(|it| it.bytes().chain([0xff])))
}

pub fn hash_bytes(bytes: &[u8]) -> u64 {
    fnv(bytes.iter().copied())
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
