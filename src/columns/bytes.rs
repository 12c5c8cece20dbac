//! Columns as they are written: the kind, then little-endian numbers in one piece instead of a call per
//! number. A whole file of them is copied once.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Column, Slice};

/// A rule for more numbers than this is a damaged one.
const MOST: usize = 1 << 28;

/// How it is written. The order of the kinds is the format.
#[derive(Clone, Copy)]
enum Kind {
    Even,
    Single,
    Short,
    Double,
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        // As a pair of the kind's number and its bytes.
        match self {
            Column::Even { first, step, n } => {
                let n = u64::try_from(*n).unwrap_or(u64::MAX);
                let parts = [first.to_le_bytes(), step.to_le_bytes(), n.to_le_bytes()];
                (Kind::Even as u8, Bytes(parts.as_flattened())).serialize(out)
            }
            Column::Single(it) => (Kind::Single as u8, Bytes(bytemuck::cast_slice(it))).serialize(out),
            Column::Short(it) => (Kind::Short as u8, Bytes(bytemuck::cast_slice(it))).serialize(out),
            Column::Double(it) => (Kind::Double as u8, Bytes(bytemuck::cast_slice(it))).serialize(out),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let (kind, bytes) = <(u8, Given<'de>)>::deserialize(input)?;
        column(kind, bytes.0).ok_or_else(|| D::Error::custom("not a column"))
    }
}

fn column(kind: u8, bytes: &[u8]) -> Option<Column> {
    Some(match kind {
        it if it == Kind::Even as u8 => {
            let (parts, []) = bytes.as_chunks::<8>() else { return None };
            let [first, step, n] = parts else { return None };
            let n = usize::try_from(u64::from_le_bytes(*n)).ok().filter(|it| *it <= MOST)?;
            let (first, step) = (f64::from_le_bytes(*first), f64::from_le_bytes(*step));
            Column::Even { first, step, n: Some(n).filter(|_| first.is_finite() && step.is_finite())? }
        }
        it if it == Kind::Single as u8 => Column::Single(singles(bytes)?),
        it if it == Kind::Short as u8 => Column::Short(singles(bytes)?),
        it if it == Kind::Double as u8 => Column::Double(doubles(bytes)?),
        _ => return None,
    })
}

/// Little-endian single floats.
pub(crate) fn singles(bytes: &[u8]) -> Option<Slice<f32>> {
    let is_whole = bytes.len().is_multiple_of(4);
    is_whole.then(|| bytemuck::pod_collect_to_vec::<u8, f32>(bytes).into())
}

/// Little-endian doubles.
pub(crate) fn doubles(bytes: &[u8]) -> Option<Slice<f64>> {
    let is_whole = bytes.len().is_multiple_of(8);
    is_whole.then(|| bytemuck::pod_collect_to_vec::<u8, f64>(bytes).into())
}

impl Column {
    /// From little-endian single floats that stand for their shortest decimals; None: not whole.
    pub fn from_le_singles(bytes: &[u8]) -> Option<Self> {
        singles(bytes).map(Column::Short)
    }

    /// From little-endian doubles; None: not whole.
    pub fn from_le_doubles(bytes: &[u8]) -> Option<Self> {
        doubles(bytes).map(Column::Double)
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_bytes(self.0)
    }
}

struct Given<'a>(&'a [u8]);

impl<'de> Deserialize<'de> for Given<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Given<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("little-endian numbers")
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Given<'de>, E> {
                Ok(Given(bytes))
            }
        }
        input.deserialize_bytes(Whole)
    }
}

#[cfg(target_endian = "big")]
compile_error!("numbers are written as they lie in memory, little end first");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_keeps_every_bit_and_the_kind() {
        let columns = [
            Column::from(&[0.0, 5.0, 10.0]),
            Column::from(&[0.5, f64::NAN, f64::NEG_INFINITY]),
            Column::Short([0.1f32, 0.2].into_iter().collect()),
            Column::from(&[0.1, -0.0]),
            Column::from(&[] as &[f64; 0]),
        ];
        for column in columns {
            let bytes = postcard::to_allocvec(&column).expect("encodes");
            let back: Column = postcard::from_bytes(&bytes).expect("decodes");
            assert_eq!(std::mem::discriminant(&back), std::mem::discriminant(&column));
            let bits = |it: &Column| it.iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(&back), bits(&column));
        }
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for bytes in [&[3u8, 9, 1][..], &[1, 3, 0, 0, 0], &[0, 8, 0, 0, 0, 0, 0, 0, 0, 0], &[9, 0], &[]] {
            assert!(postcard::from_bytes::<Column>(bytes).is_err(), "{bytes:?}");
        }
        let endless = Column::Even { first: 0.0, step: 1.0, n: usize::MAX };
        let bytes = postcard::to_allocvec(&endless).expect("encodes");
        assert!(postcard::from_bytes::<Column>(&bytes).is_err());
    }
}
