//! Metrics that nobody logged: calculated of those of the same run, step by step. Their name is the calculation,
//! behind a `=`: `= train/loss - val/loss`, `= loss / min(loss)`.

use super::filter::parse_value;
use super::filter::tree::{Arithmetic, Function, Scope, Trouble, Value, ValueKind};
use crate::model::field::Figure;
use crate::model::{Completeness, Series};

/// Logged names do not begin with it.
pub const MARK: char = '=';
/// Series that are read for one curve.
const MOST: usize = 8;

pub struct Formula {
    root: Node,
    /// Of the metrics it is made of, each once.
    pub names: Vec<String>,
}

/// A calculation whose metrics are places in the list of names.
enum Node {
    Number(f64),
    Now(usize),
    Figure(Figure, usize),
    Function(Function, Box<Node>),
    Negative(Box<Node>),
    Arithmetic(Box<Node>, Arithmetic, Box<Node>),
}

impl Formula {
    /// None: it is a metric that was logged.
    pub fn of(metric: &str) -> Option<Result<Self, Trouble>> {
        metric.strip_prefix(MARK).map(Self::parse)
    }

    pub fn parse(text: &str) -> Result<Self, Trouble> {
        let mut names = Vec::new();
        let root = Node::of(parse_value(text)?, &mut names)?;
        let trouble = |message: String| Trouble { span: 0..text.len(), message, instead: None };
        match names.len() {
            0 => Err(trouble("there is no metric in it".into())),
            1..=MOST => Ok(Self { root, names }),
            _ => Err(trouble(format!("it is of more than {MOST} metrics"))),
        }
    }

    /// Whether all points of a metric are needed, for a figure of it.
    pub fn needs_all(&self, name: &str) -> bool {
        self.names.iter().position(|it| it == name).is_some_and(|at| self.root.needs_all(at))
    }

    /// At the steps of the first of them, with what the others had at or before each. `series` in the order of
    /// the names.
    pub fn series(&self, series: &[&Series]) -> Option<Series> {
        let first = *series.first().filter(|_| series.len() == self.names.len())?;
        let figures: Vec<Figures> = series.iter().map(|it| Figures::of(it)).collect();
        let mut next = vec![0; series.len()];
        let mut now = vec![f64::NAN; series.len()];
        let mut points = Vec::with_capacity(first.len());
        for at in 0..first.len() {
            let step = first.steps.at(at);
            for ((it, next), now) in series.iter().zip(&mut next).zip(&mut now) {
                while *next < it.len() && it.steps.at(*next) <= step {
                    *now = it.values.at(*next);
                    *next += 1;
                }
            }
            // Several at one step: each is its own point.
            now[0] = first.values.at(at);
            points.push((step, first.times.at(at), self.root.at(&now, &figures)));
        }
        let rank = |it: &Completeness| *it != Completeness::Full;
        let completeness = series.iter().map(|it| it.completeness).find(rank).unwrap_or(Completeness::Full);
        Some(Series::from_points(first.run.clone(), points, completeness))
    }
}

impl Node {
    fn of(value: Value, names: &mut Vec<String>) -> Result<Self, Trouble> {
        let trouble = |message: &str| Err(Trouble { span: value.span, message: message.to_owned(), instead: None });
        Ok(match value.kind {
            ValueKind::Number(it) => Node::Number(it.value),
            ValueKind::Name(it) | ValueKind::Figure(_, it) if it.scope.is_some_and(|it| it != Scope::Metrics) => {
                return trouble("a curve is calculated of metrics");
            }
            ValueKind::Name(it) => Node::Now(place(names, it.text)),
            ValueKind::Figure(figure, it) => Node::Figure(figure, place(names, it.text)),
            ValueKind::Function(function, it) => Node::Function(function, Box::new(Node::of(*it, names)?)),
            ValueKind::Negative(it) => Node::Negative(Box::new(Node::of(*it, names)?)),
            ValueKind::Arithmetic(a, sign, b) => {
                Node::Arithmetic(Box::new(Node::of(*a, names)?), sign, Box::new(Node::of(*b, names)?))
            }
            ValueKind::Text(_) | ValueKind::Duration(_) => {
                return trouble("a curve is calculated of metrics and numbers");
            }
        })
    }

    fn at(&self, now: &[f64], figures: &[Figures]) -> f64 {
        match self {
            Node::Number(it) => *it,
            Node::Now(place) => now[*place],
            Node::Figure(figure, place) => figures[*place].get(*figure),
            Node::Function(function, it) => function.of(it.at(now, figures)),
            Node::Negative(it) => -it.at(now, figures),
            Node::Arithmetic(a, sign, b) => sign.of(a.at(now, figures), b.at(now, figures)),
        }
    }

    fn needs_all(&self, place: usize) -> bool {
        match self {
            Node::Number(_) | Node::Now(_) => false,
            Node::Figure(_, it) => *it == place,
            Node::Function(_, it) | Node::Negative(it) => it.needs_all(place),
            Node::Arithmetic(a, _, b) => a.needs_all(place) || b.needs_all(place),
        }
    }
}

/// Where a name stands in the list, into which it comes if it is new.
fn place(names: &mut Vec<String>, name: String) -> usize {
    names.iter().position(|it| *it == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// Of a whole series.
struct Figures {
    first: f64,
    last: f64,
    min: f64,
    max: f64,
    mean: f64,
    count: f64,
}

impl Figures {
    fn of(it: &Series) -> Self {
        let (mut min, mut max, mut sum, mut n) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0);
        for value in it.values.iter().filter(|it| !it.is_nan()) {
            (min, max, sum, n) = (f64::min(min, value), f64::max(max, value), sum + value, n + 1.0);
        }
        let any = |it: f64| if n > 0.0 { it } else { f64::NAN };
        let count = f64::from(u32::try_from(it.len()).unwrap_or(u32::MAX));
        let at = |at: Option<usize>| at.map_or(f64::NAN, |at| it.values.at(at));
        Self {
            first: at((!it.is_empty()).then_some(0)),
            last: at(it.len().checked_sub(1)),
            min: any(min),
            max: any(max),
            mean: any(sum / n),
            count,
        }
    }

    fn get(&self, figure: Figure) -> f64 {
        match figure {
            Figure::First => self.first,
            Figure::Last => self.last,
            Figure::Min => self.min,
            Figure::Max => self.max,
            Figure::Mean => self.mean,
            Figure::Count => self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(f64, f64)]) -> Series {
        Series::from_points("a".into(), points.iter().map(|it| (it.0, it.0, it.1)).collect(), Completeness::Full)
    }

    #[track_caller]
    fn check(text: &str, expected: &[(f64, f64)]) {
        let (train, val) = (
            series(&[(0.0, 8.0), (1.0, 4.0), (2.0, 2.0), (3.0, f64::NAN), (4.0, 1.0)]),
            series(&[(1.0, 5.0), (3.0, 3.0)]),
        );
        let formula = Formula::of(text).expect("a formula").expect("reads");
        let of: Vec<&Series> = formula.names.iter().map(|it| if it == "train/loss" { &train } else { &val }).collect();
        let made = formula.series(&of).expect("a series");
        let points: Vec<(f64, f64)> = (0..made.len()).map(|at| (made.steps.at(at), made.values.at(at))).collect();
        assert_eq!(format!("{points:?}"), format!("{expected:?}"), "{text}");
    }

    #[test]
    fn curves_are_calculated_step_by_step() {
        let nan = f64::NAN;
        check("= train/loss - val/loss", &[(0.0, nan), (1.0, -1.0), (2.0, -3.0), (3.0, nan), (4.0, -2.0)]);
        check("= val/loss / min(val/loss)", &[(1.0, 5.0 / 3.0), (3.0, 1.0)]);
        check("= exp(abs(-val/loss) - 5)", &[(1.0, 1.0), (3.0, (-2f64).exp())]);
        check("= log2(train/loss / max(train/loss))", &[(0.0, 0.0), (1.0, -1.0), (2.0, -2.0), (3.0, nan), (4.0, -3.0)]);
        check("= -metrics.`val/loss` * (2 + max(train/loss))", &[(1.0, -50.0), (3.0, -30.0)]);
    }

    #[test]
    fn figures_are_of_all_points() {
        let formula = Formula::parse("a / min(b) + exp(a)").expect("reads");
        assert_eq!(["a", "b", "c"].map(|it| formula.needs_all(it)), [false, true, false]);
    }

    #[test]
    fn what_is_no_calculation_says_why() {
        assert!(Formula::of("train/loss").is_none());
        for (text, why) in [
            ("=", "expected"),
            ("= 1 + 2", "no metric"),
            ("= params.lr * 2", "of metrics"),
            ("= loss +", "expected"),
            ("= a + b + c + d + e + f + g + h + i", "more than 8"),
            ("= 'x'", "metrics and numbers"),
        ] {
            let told = Formula::of(text).expect("a formula").err().map(|it| it.message).unwrap_or_default();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
