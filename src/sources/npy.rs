//! NumPy's `.npy` files: one little-endian column of f4 or f8.
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use halimede_columns::Column;

use super::Result;
use crate::model::Problem;

/// Reads a one-dimensional f4 or f8 column. An f4 reads as the f64 of its shortest decimal, so that
/// 0.1 logged and kept as f4 is 0.1 and not 0.10000000149.
pub fn column(name: &str, bytes: &[u8]) -> Result<Column> {
    let bad = |said: &str| Problem::malformed(name, said);
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(bad("not a NumPy file"));
    }
    let (start, length) = match bytes.get(6) {
        Some(1) => (10, bytes.get(8..10).map(|it| usize::from(u16::from_le_bytes([it[0], it[1]])))),
        Some(2 | 3) => (12, bytes.get(8..12).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]) as usize)),
        _ => return Err(bad("a version of the format that is not known")),
    };
    let length = length.ok_or_else(|| bad("the header is cut"))?;
    let end = length.checked_add(start).ok_or_else(|| bad("the header is cut"))?;
    let header = bytes.get(start..end).ok_or_else(|| bad("the header is cut"))?;
    let header = std::str::from_utf8(header).map_err(|_| bad("the header is not text"))?;
    let data = &bytes[end..];
    let shape = header.split("'shape': (").nth(1).and_then(|it| it.split(')').next());
    let shape = shape.map(|it| it.trim_end_matches(',')).and_then(|it| it.trim().parse::<usize>().ok());
    let n = shape.ok_or_else(|| bad("not a one-dimensional column"))?;
    let column = if header.contains("'<f8'") {
        Column::from_le_doubles(data)
    } else if header.contains("'<f4'") {
        Column::from_le_singles(data)
    } else {
        return Err(bad("only little-endian f4 and f8 are read"));
    };
    column.filter(|it| it.len() == n).ok_or_else(|| bad("shorter or longer than its header says"))
}

/// Writes a column: as f4 where each number is that of its shortest decimal, else as f8.
pub fn write(numbers: &[f64]) -> Vec<u8> {
    let is_short = numbers.iter().all(|it| it.is_nan() || short(*it).is_some());
    let (kind, size) = if is_short { ("<f4", 4) } else { ("<f8", 8) };
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({},), }}", numbers.len());
    // The data begins at a multiple of 64 bytes, behind a line break.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = Vec::with_capacity(10 + header.len() + numbers.len() * size);
    bytes.extend(b"\x93NUMPY\x01\x00");
    bytes.extend(u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(header.as_bytes());
    match kind {
        "<f4" => numbers.iter().for_each(|it| bytes.extend(short(*it).unwrap_or(f32::NAN).to_le_bytes())),
        _ => numbers.iter().for_each(|it| bytes.extend(it.to_le_bytes())),
    }
    bytes
}

/// The f4 that `column` reads as this very number; none: there is none.
fn short(it: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "whether it is the same number is looked at after it")]
    let short = it as f32;
    (short.to_string().parse() == Ok(it)).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (all, size) in [
            (vec![0.1, 0.0247, f64::NAN, f64::INFINITY, -0.0, 3e-30], 4),
            (vec![0.1, 0.123_456_789], 8),
            (vec![16_777_217.0], 8),
            (vec![1.0 / 3.0, 1e300, f64::NEG_INFINITY], 8),
            (vec![], 4),
        ] {
            let bytes = write(&all);
            let start = bytes.iter().position(|it| *it == b'\n').map_or(0, |it| it + 1);
            assert_eq!((start % 64, bytes.len() - start), (0, all.len() * size), "{all:?}");
            let read = column("value.npy", &bytes).expect("reads").to_vec();
            assert_eq!(read.len(), all.len());
            let is_same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
            assert!(read.iter().zip(&all).all(is_same), "{read:?} {all:?}");
        }
    }

    fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn reads_both_widths() {
        let f4: Vec<u8> = [0.1f32, f32::NAN, f32::NEG_INFINITY].iter().flat_map(|it| it.to_le_bytes()).collect();
        let read = column("value.npy", &npy("<f4", "3,", &f4)).expect("reads");
        assert_eq!(read.at(0), 0.1);
        assert!(read.at(1).is_nan() && read.at(2) == f64::NEG_INFINITY);
        let f8: Vec<u8> = [1e300f64].iter().flat_map(|it| it.to_le_bytes()).collect();
        assert_eq!(column("step.npy", &npy("<f8", "1,", &f8)).expect("reads").to_vec(), [1e300]);
    }

    #[test]
    fn refuses_what_is_not_whole() {
        assert!(column("x", b"").is_err());
        assert!(column("x", b"\x93NUMPY\x01\x00\xff\xff").is_err());
        assert!(column("x", &npy("<f8", "2,", &[0; 8])).is_err());
        assert!(column("x", &npy("<i8", "1,", &[0; 8])).is_err());
        assert!(column("x", &npy("<f8", "1, 1", &[0; 8])).is_err());
    }
}
