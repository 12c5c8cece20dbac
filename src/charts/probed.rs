//! What lines have at one place along x, for all who show it.

use std::sync::Arc;

use crate::model::order::sort_by;

/// The lines' values at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// Along x, as it was asked for.
    pub at: f64,
    /// The greatest first, what is not a number last.
    pub values: Arc<[Value]>,
}

impl Probed {
    pub fn new(at: f64, mut values: Vec<Value>) -> Self {
        sort_by(&mut values, |a, b| a.value.is_nan().cmp(&b.value.is_nan()).then(b.value.total_cmp(&a.value)));
        Self { at, values: values.into() }
    }

    /// Where the nearest of all points is.
    pub fn nearest_x(&self) -> Option<f64> {
        let off = |it: &f64| (it - self.at).abs();
        self.values.iter().map(|it| it.x).min_by(|a, b| off(a).total_cmp(&off(b)))
    }
}

/// Of a line under the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub name: Arc<str>,
    pub slot: u8,
    /// Where along x its own point is, which may lie beside the place asked for.
    pub x: f64,
    pub value: f64,
    /// Where the line is drawn, which may be smoothed.
    pub drawn: f64,
    /// From where to where it spreads, where it is of several runs.
    pub band: Option<(f64, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, x: f64, value: f64) -> Value {
        Value { name: name.into(), slot: 0, x, value, drawn: value, band: None }
    }

    #[test]
    fn the_greatest_comes_first_and_what_is_no_number_last() {
        let all = [("a", f64::NAN), ("b", -1.0), ("c", f64::INFINITY), ("d", 2.0)];
        let it = Probed::new(5.0, all.iter().map(|it| value(it.0, 5.0, it.1)).collect());
        let names: Vec<&str> = it.values.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["c", "d", "b", "a"]);
    }

    #[test]
    fn the_nearest_point_is_what_is_spoken_of() {
        let it = Probed::new(5.2, [4.0, 5.0, 7.0].map(|x| value("a", x, 1.0)).into());
        assert_eq!(it.nearest_x(), Some(5.0));
        assert_eq!(Probed::new(5.0, Vec::new()).nearest_x(), None);
    }
}
