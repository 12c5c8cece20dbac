//! A filter as a tree. Every node knows the bytes of the text it came from.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::{Field, Figure};

/// Bytes of the text, on character boundaries.
pub type Span = Range<usize>;

#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare {
        left: Value,
        op: Op,
        right: Value,
    },
    /// SQL's pattern: `%` any text, `_` any character.
    Like {
        left: Value,
        pattern: String,
        any_case: bool,
        negated: bool,
    },
    /// A regular expression that matches somewhere in the text.
    Matches {
        left: Value,
        pattern: String,
        negated: bool,
    },
    In {
        left: Value,
        list: Vec<Value>,
        negated: bool,
    },
    Between {
        left: Value,
        low: Value,
        high: Value,
        negated: bool,
    },
    IsNull {
        left: Value,
        negated: bool,
    },
    /// A word on its own: somewhere in the run's name, id, user, params or tags, in any case.
    Word(String),
}

/// Two trees are equal when they say the same, wherever it stands.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Op {
    pub const ALL: [(&str, Op); 6] = [
        ("=", Op::Equal),
        ("!=", Op::NotEqual),
        ("<=", Op::LessEqual),
        (">=", Op::GreaterEqual),
        ("<", Op::Less),
        (">", Op::Greater),
    ];

    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    /// Of two numbers. NaN equals NaN, so that `loss = nan` finds them; it is neither less nor greater.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Op::Equal => a == b || (a.is_nan() && b.is_nan()),
            Op::NotEqual => !(a == b || (a.is_nan() && b.is_nan())),
            Op::Less => a < b,
            Op::LessEqual => a <= b,
            Op::Greater => a > b,
            Op::GreaterEqual => a >= b,
        }
    }

    /// For the sides in the other order.
    pub fn turned(self) -> Self {
        match self {
            Op::Less => Op::Greater,
            Op::LessEqual => Op::GreaterEqual,
            Op::Greater => Op::Less,
            Op::GreaterEqual => Op::LessEqual,
            Op::Equal | Op::NotEqual => self,
        }
    }

    pub fn holds_for(self, order: std::cmp::Ordering) -> bool {
        match self {
            Op::Equal => order.is_eq(),
            Op::NotEqual => order.is_ne(),
            Op::Less => order.is_lt(),
            Op::LessEqual => order.is_le(),
            Op::Greater => order.is_gt(),
            Op::GreaterEqual => order.is_ge(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Value {
    pub span: Span,
    pub kind: ValueKind,
}

impl Value {
    pub fn figure(figure: Figure, metric: &str) -> Self {
        let name = Name { scope: Some(Scope::Metrics), text: metric.to_owned() };
        Self { span: 0..0, kind: ValueKind::Figure(figure, name) }
    }

    /// A field by its full name.
    pub fn field(field: &Field) -> Self {
        let (scope, text) = match field {
            Field::Metric(name) => (Scope::Metrics, name.clone()),
            Field::Param(name) => (Scope::Params, name.clone()),
            Field::Tag(name) => (Scope::Tags, name.clone()),
            attribute => {
                let whole = attribute.to_string();
                (Scope::Attributes, whole.split_once('.').map_or(String::new(), |it| it.1.to_owned()))
            }
        };
        Self { span: 0..0, kind: ValueKind::Name(Name { scope: Some(scope), text }) }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    Number(Number),
    Text(String),
    /// Milliseconds. Against a point in time it counts from now: `start_time > -7d`.
    Duration(Number),
    Name(Name),
    /// A figure of a whole series: `max(val/acc)`.
    Figure(Figure, Name),
    Function(Function, Box<Value>),
    Negative(Box<Value>),
    Arithmetic(Box<Value>, Arithmetic, Box<Value>),
}

/// A number and how it was written, so that `1e-3` stays `1e-3`.
#[derive(Clone, Debug)]
pub struct Number {
    pub value: f64,
    pub text: String,
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.value.to_bits() == other.value.to_bits()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arithmetic {
    pub const ALL: [(&str, Arithmetic); 4] =
        [("+", Arithmetic::Add), ("-", Arithmetic::Subtract), ("*", Arithmetic::Multiply), ("/", Arithmetic::Divide)];

    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    pub fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Arithmetic::Add => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide => a / b,
        }
    }

    pub fn binds_tightly(self) -> bool {
        matches!(self, Arithmetic::Multiply | Arithmetic::Divide)
    }
}

/// Of one number, by the names that numpy has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Abs,
    Sqrt,
    Exp,
    /// To the base e.
    Log,
    Log2,
    Log10,
}

impl Function {
    pub const ALL: [(&str, Function); 6] = [
        ("abs", Function::Abs),
        ("sqrt", Function::Sqrt),
        ("exp", Function::Exp),
        ("log", Function::Log),
        ("log2", Function::Log2),
        ("log10", Function::Log10),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    pub fn of(self, it: f64) -> f64 {
        match self {
            Function::Abs => it.abs(),
            Function::Sqrt => it.sqrt(),
            Function::Exp => it.exp(),
            Function::Log => it.ln(),
            Function::Log2 => it.log2(),
            Function::Log10 => it.log10(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// None for a bare name, which may be a metric, a param, an attribute or a tag.
    pub scope: Option<Scope>,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Metrics,
    Params,
    Tags,
    Attributes,
    Datasets,
}

impl Scope {
    /// First the word we write, then what MLflow takes for the same.
    const WORDS: [(Scope, &[&str]); 5] = [
        (Scope::Metrics, &["metrics", "metric"]),
        (Scope::Params, &["params", "param", "parameters", "parameter"]),
        (Scope::Tags, &["tags", "tag"]),
        (Scope::Attributes, &["attributes", "attribute", "attr", "run"]),
        (Scope::Datasets, &["datasets", "dataset"]),
    ];

    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|it| it.0 == self).map_or("", |it| it.1[0])
    }

    pub fn of(word: &str) -> Option<Scope> {
        let word = word.to_ascii_lowercase();
        Self::WORDS.iter().find(|it| it.1.contains(&word.as_str())).map(|it| it.0)
    }
}

/// What is wrong, where, and what may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub span: Span,
    pub message: String,
    /// What to put in the place of the span.
    pub instead: Option<String>,
}
