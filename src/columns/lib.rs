//! Columns of numbers: in as few bytes as they allow, and shared by all who hold them, so that a
//! million points of a file are in memory once, whether they are charted, counted or cached. A package
//! of its own, as the line layer is: it is all loops.

#![cfg_attr(test, allow(clippy::expect_used))]

mod bytes;
mod slice;

pub use slice::Slice;

/// Doubles, bit for bit but for the payload of NaNs.
#[derive(Clone, Debug)]
pub enum Column {
    /// `first + i * step`, and exactly so.
    Even {
        first: f64,
        step: f64,
        n: usize,
    },
    /// Doubles that single floats hold.
    Single(Slice<f32>),
    /// Doubles of which the shortest decimal is that of these: 0.1 that was kept as a single float is
    /// 0.1 and not 0.10000000149.
    Short(Slice<f32>),
    Double(Slice<f64>),
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Column::Even { n, .. } => *n,
            Column::Single(it) | Column::Short(it) => it.len(),
            Column::Double(it) => it.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Panics beyond the end, as a slice does.
    pub fn at(&self, at: usize) -> f64 {
        match self {
            Column::Even { first, step, n } => {
                assert!(at < *n, "within the column");
                even(*first, *step, at)
            }
            Column::Single(it) => f64::from(it[at]),
            Column::Short(it) => widen(it[at]),
            Column::Double(it) => it[at],
        }
    }

    pub fn first(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.at(0))
    }

    pub fn last(&self) -> Option<f64> {
        self.len().checked_sub(1).map(|it| self.at(it))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = f64> + DoubleEndedIterator + Clone + '_ {
        (0..self.len()).map(|it| self.at(it))
    }

    pub fn to_vec(&self) -> Vec<f64> {
        match self {
            Column::Double(it) => it.to_vec(),
            Column::Single(it) => it.iter().map(|it| f64::from(*it)).collect(),
            _ => self.iter().collect(),
        }
    }

    /// Where the number is NaN or infinite.
    pub fn not_finite(&self) -> Vec<usize> {
        match self {
            Column::Even { .. } => Vec::new(),
            Column::Single(it) | Column::Short(it) => odd(it, |it| !it.is_finite()),
            Column::Double(it) => odd(it, |it| !it.is_finite()),
        }
    }

    /// Ascending, and no NaN.
    pub fn is_sorted(&self) -> bool {
        match self {
            Column::Even { first, step, n } => *n == 0 || (*step >= 0.0 && first.is_finite()),
            Column::Single(it) | Column::Short(it) => it.is_sorted() && !it.last().is_some_and(|it| it.is_nan()),
            Column::Double(it) => it.is_sorted() && !it.last().is_some_and(|it| it.is_nan()),
        }
    }

    /// The first place whose number is not below. Of an ascending column.
    pub fn first_from(&self, bound: f64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle) < bound { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Some of it, not copied. Panics beyond the end, as a slice does.
    pub fn part(&self, places: std::ops::Range<usize>) -> Column {
        match self {
            Column::Even { first, step, n } => {
                assert!(places.start <= places.end && places.end <= *n, "within the column");
                Column::Even { first: even(*first, *step, places.start), step: *step, n: places.len() }
            }
            Column::Single(it) => Column::Single(it.part(places)),
            Column::Short(it) => Column::Short(it.part(places)),
            Column::Double(it) => Column::Double(it.part(places)),
        }
    }

    /// As a rule where it follows one: then it costs nothing.
    #[must_use]
    pub fn ruled(self) -> Column {
        let rule = match &self {
            Column::Even { .. } => None,
            Column::Single(it) | Column::Short(it) => rule_of_singles(it),
            Column::Double(it) => rule(it.len(), |at| it[at]),
        };
        // Of short decimals only those a single float holds are what they seem.
        let is_exact = !matches!(&self, Column::Short(it) if !it.iter().all(|it| is_whole(*it)));
        match rule.filter(|_| is_exact) {
            Some((first, step)) => Column::Even { first, step, n: self.len() },
            None => self,
        }
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl From<Vec<f64>> for Column {
    fn from(numbers: Vec<f64>) -> Self {
        Column::from(numbers.as_slice())
    }
}

impl From<&Vec<f64>> for Column {
    fn from(numbers: &Vec<f64>) -> Self {
        Column::from(numbers.as_slice())
    }
}

impl<const N: usize> From<&[f64; N]> for Column {
    fn from(numbers: &[f64; N]) -> Self {
        Column::from(numbers.as_slice())
    }
}

impl From<&Column> for Column {
    fn from(it: &Column) -> Self {
        it.clone()
    }
}

impl From<&[f64]> for Column {
    fn from(numbers: &[f64]) -> Self {
        if let Some((first, step)) = rule(numbers.len(), |at| numbers[at]) {
            return Column::Even { first, step, n: numbers.len() };
        }
        let is_single = |it: &f64| it.is_nan() || f64::from(narrow(*it)).to_bits() == it.to_bits();
        if numbers.iter().all(is_single) {
            return Column::Single(numbers.iter().map(|it| narrow(*it)).collect());
        }
        Column::Double(numbers.iter().copied().collect())
    }
}

fn even(first: f64, step: f64, at: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of points")]
    let at = at as f64;
    first + at * step
}

/// First and step of numbers that follow a rule, bit for bit.
fn rule(n: usize, get: impl Fn(usize) -> f64) -> Option<(f64, f64)> {
    if n < 2 {
        return None;
    }
    let first = get(0);
    let step = get(1) - first;
    // Without a look at each result a piece is done several numbers at once.
    let follows = |piece: usize| {
        let places = piece * PIECE..((piece + 1) * PIECE).min(n);
        places.fold(true, |so_far, at| so_far & (even(first, step, at).to_bits() == get(at).to_bits()))
    };
    (step.is_finite() && (0..n.div_ceil(PIECE)).all(follows)).then_some((first, step))
}

/// The same of single floats. Whole ones are counted in single floats, several at once.
fn rule_of_singles(numbers: &[f32]) -> Option<(f64, f64)> {
    let [first, second, ..] = *numbers else { return None };
    let step = second - first;
    let last = even(f64::from(first), f64::from(step), numbers.len());
    if !(is_whole(first) && is_whole(step) && is_whole(narrow(last))) {
        return rule(numbers.len(), |at| f64::from(numbers[at]));
    }
    let follows = |(piece, numbers): (usize, &[f32])| {
        #[expect(clippy::cast_precision_loss, reason = "below the last, which is exact")]
        let expected = |at: usize| first + (piece * PIECE + at) as f32 * step;
        numbers.iter().enumerate().fold(true, |so_far, (at, it)| so_far & (expected(at) == *it))
    };
    numbers.chunks(PIECE).enumerate().all(follows).then_some((f64::from(first), f64::from(step)))
}

const PIECE: usize = 64;

/// Where something holds; seldom, so that most pieces are passed over.
fn odd<T>(numbers: &[T], holds: impl Fn(&T) -> bool) -> Vec<usize> {
    let pieces = numbers.chunks(PIECE).enumerate();
    let some = pieces.filter(|it| it.1.iter().fold(false, |so_far, it| so_far | holds(it)));
    let places = some.flat_map(|(piece, _)| (piece * PIECE..).take(PIECE)).take_while(|it| *it < numbers.len());
    places.filter(|it| holds(&numbers[*it])).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "whether something is lost is looked at")]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// Whole, and so small that single floats have all around it.
fn is_whole(number: f32) -> bool {
    number.fract() == 0.0 && number.abs() < 16_777_216.0
}

/// The double of a single float's shortest decimal.
pub fn widen(number: f32) -> f64 {
    if is_whole(number) || !number.is_finite() {
        return f64::from(number);
    }
    number.to_string().parse().unwrap_or(f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(it: &Column) -> &'static str {
        match it {
            Column::Even { .. } => "even",
            Column::Single(_) => "single",
            Column::Short(_) => "short",
            Column::Double(_) => "double",
        }
    }

    #[test]
    fn each_is_kept_as_small_as_it_allows() {
        let nan = f64::NAN;
        let cases: [(&[f64], &str); 8] = [
            (&[0.0, 10.0, 20.0, 30.0], "even"),
            (&[7.0, 7.0, 7.0], "even"),
            (&[3.0, 1.0, -1.0], "even"),
            (&[0.5, 0.25, nan, f64::INFINITY], "single"),
            (&[0.1, 0.2, 0.5], "double"),
            (&[0.0, -0.0, 0.0], "single"),
            (&[1e300, 1.0, 2.0], "double"),
            (&[], "single"),
        ];
        for (numbers, expected) in cases {
            let column = Column::from(numbers);
            assert_eq!(kind(&column), expected, "{numbers:?}");
            let bits = |it: &[f64]| it.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&column.to_vec()), bits(numbers), "bit for bit");
        }
    }

    #[test]
    fn short_decimals_read_as_they_were_written() {
        let column = Column::Short([0.1f32, 3.0, 1e-7, f32::NAN].into_iter().collect());
        assert_eq!([column.at(0), column.at(1), column.at(2)], [0.1, 3.0, 1e-7]);
        assert!(column.at(3).is_nan());
        assert_eq!(kind(&Column::Short([1.0f32, 2.0, 3.0].into_iter().collect()).ruled()), "even");
        assert_eq!(kind(&Column::Short([0.5f32, 1.0, 1.5].into_iter().collect()).ruled()), "short");
        assert_eq!(kind(&Column::Single([0.5f32, 1.0, 1.5].into_iter().collect()).ruled()), "even");
        assert_eq!(kind(&Column::Single([0.0f32, 1.0, 3.0].into_iter().collect()).ruled()), "single");
        assert_eq!(kind(&Column::Single([7.0f32; 300].into_iter().collect()).ruled()), "even");
    }

    #[test]
    fn parts_are_shared() {
        let column = Column::from(&[0.5, 0.25, 0.125, 9.0]);
        let part = column.part(1..3);
        assert_eq!(part.to_vec(), [0.25, 0.125]);
        assert_eq!(part.part(1..2).to_vec(), [0.125]);
        assert_eq!(Column::from(&[0.0, 2.0, 4.0, 6.0]).part(2..4).to_vec(), [4.0, 6.0]);
    }

    #[test]
    fn what_is_not_finite_is_found() {
        let mut numbers = vec![0.25; 1_000];
        for at in [0, 63, 64, 500, 999] {
            numbers[at] = if at == 500 { f64::INFINITY } else { f64::NAN };
        }
        assert_eq!(Column::from(&numbers).not_finite(), [0, 63, 64, 500, 999]);
        numbers[1] = 0.1;
        assert_eq!(Column::from(&numbers).not_finite(), [0, 63, 64, 500, 999]);
        numbers[999] = 0.5;
        assert_eq!(Column::from(&numbers).not_finite(), [0, 63, 64, 500]);
    }

    #[test]
    fn places_are_found_in_what_ascends() {
        for numbers in [[0.0, 1.0, 2.0, 3.0], [0.1, 0.2, 0.2, 9.0]] {
            let column = Column::from(&numbers);
            assert!(column.is_sorted());
            for bound in [-1.0, 0.0, 0.15, 0.2, 2.5, 9.0, 99.0] {
                assert_eq!(column.first_from(bound), numbers.partition_point(|it| *it < bound), "{bound}");
            }
        }
        assert!(!Column::from(&[1.0, 0.5]).is_sorted());
        assert!(!Column::from(&[1.0, f64::NAN]).is_sorted());
    }
}
