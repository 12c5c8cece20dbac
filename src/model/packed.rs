//! Number columns as little-endian bytes: one copy instead of a call per element.

macro_rules! packed {
    ($module:ident, $number:ty, $size:literal) => {
        pub mod $module {
            use serde::de::{Error, Visitor};
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(column: &[$number], out: S) -> Result<S::Ok, S::Error> {
                let bytes: Vec<u8> = column.iter().flat_map(|it| it.to_le_bytes()).collect();
                out.serialize_bytes(&bytes)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<$number>, D::Error> {
                input.deserialize_bytes(Column)
            }

            struct Column;
            impl Visitor<'_> for Column {
                type Value = Vec<$number>;

                fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                    f.write_str("little-endian numbers")
                }

                fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                    let (numbers, rest) = bytes.as_chunks::<$size>();
                    if !rest.is_empty() {
                        return Err(E::invalid_length(bytes.len(), &self));
                    }
                    Ok(numbers.iter().map(|it| <$number>::from_le_bytes(*it)).collect())
                }
            }
        }
    };
}

packed!(f64s, f64, 8);
packed!(u32s, u32, 4);
packed!(u16s, u16, 2);

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super::f64s")]
        numbers: Vec<f64>,
        #[serde(with = "super::u32s")]
        rows: Vec<u32>,
    }

    #[test]
    fn round_trip_keeps_every_bit() {
        let both = Both { numbers: vec![0.1, f64::NAN, -0.0, f64::INFINITY], rows: vec![0, u32::MAX] };
        let bytes = postcard::to_allocvec(&both).expect("encodes");
        let back: Both = postcard::from_bytes(&bytes).expect("decodes");
        let bits = |it: &[f64]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back.numbers), bits(&both.numbers));
        assert_eq!(back.rows, both.rows);
    }

    #[test]
    fn a_cut_column_is_an_error() {
        assert!(postcard::from_bytes::<Both>(&[3, 1, 2, 3, 0]).is_err());
    }
}
