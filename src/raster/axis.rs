//! Ranges of values, and scales from values to pixels.

/// A closed range of finite values, low < high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// Of the finite values; a single value gets some room around it.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut range: Option<Range> = None;
        for it in values.filter(|it| it.is_finite()) {
            range = Some(match range {
                None => Range { low: it, high: it },
                Some(range) => Range { low: range.low.min(it), high: range.high.max(it) },
            });
        }
        range.map(Range::with_room)
    }

    /// Both, where there are both.
    pub fn join(a: Option<Range>, b: Option<Range>) -> Option<Range> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Range { low: a.low.min(b.low), high: a.high.max(b.high) }),
            (a, b) => a.or(b),
        }
    }

    /// A single value gets some room around it.
    pub fn with_room(self) -> Self {
        if self.high > self.low {
            return self;
        }
        let room = if self.low == 0.0 { 1.0 } else { (self.low.abs() * 0.05).max(f64::MIN_POSITIVE) };
        Range { low: (self.low - room).max(f64::MIN), high: (self.high + room).min(f64::MAX) }
    }

    /// Ends at the next round value if that is close: 2999 steps end at 3000.
    pub fn rounded_up(self, n_ticks: u32) -> Self {
        let step = nice((self.high / 2.0 - self.low / 2.0) / f64::from(n_ticks.max(1)) * 2.0);
        let end = (self.high / step).ceil() * step;
        let close = end.is_finite() && (end - self.high) / 2.0 <= (self.high / 2.0 - self.low / 2.0) * 0.02;
        Range { high: if close { end } else { self.high }, ..self }
    }

    /// A little air above and below, so that extremes are not cut.
    pub fn padded(self, share: f64) -> Self {
        let room = (self.high / 2.0 - self.low / 2.0) * 2.0 * share;
        let room = if room.is_finite() { room } else { 0.0 };
        let padded = Range { low: self.low - room, high: self.high + room };
        if padded.low.is_finite() && padded.high.is_finite() { padded } else { self }
    }
}

/// The next 1, 2 or 5 times a power of ten.
pub fn nice(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let lead = match raw / power {
        it if it <= 1.0 => 1.0,
        it if it <= 2.0 => 2.0,
        it if it <= 5.0 => 5.0,
        _ => 10.0,
    };
    lead * power
}

/// How values lie along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    #[default]
    Linear,
    /// Positive values only.
    Log,
    /// Linear around zero, logarithmic beyond: log10(1 + |value| / unit), with its sign.
    SymLog,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    range: Range,
    kind: Kind,
    /// Of the symmetrical logarithm: up to about here it is linear.
    unit: f64,
    /// Both ends, bent.
    low: f64,
    span: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Maps `range.low` to `from` and `range.high` to `to`.
    pub fn new(range: Range, kind: Kind, from: f64, to: f64) -> Self {
        let reach = range.low.abs().max(range.high.abs());
        // Four decades of the larger side are seen.
        let unit = if reach > 0.0 { reach / 1e4 } else { 1.0 };
        let mut scale = Self { range, kind, unit: unit.max(f64::MIN_POSITIVE), low: 0.0, span: 1.0, from, to };
        scale.low = scale.bend(range.low);
        scale.span = scale.bend(range.high) - scale.low;
        scale
    }

    pub fn range(&self) -> Range {
        self.range
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn bend(&self, value: f64) -> f64 {
        match self.kind {
            // Halves: the difference of two huge values would overflow.
            Kind::Linear => value / 2.0,
            Kind::Log => value.ln(),
            Kind::SymLog => value.signum() * (value.abs() / self.unit).ln_1p(),
        }
    }

    fn unbend(&self, bent: f64) -> f64 {
        match self.kind {
            Kind::Linear => bent * 2.0,
            Kind::Log => bent.exp(),
            Kind::SymLog => bent.signum() * bent.abs().exp_m1() * self.unit,
        }
    }

    /// Whether the scale has a place for it: finite, and positive on a logarithmic one.
    pub fn has(&self, value: f64) -> bool {
        value.is_finite() && (self.kind != Kind::Log || value > 0.0)
    }

    pub fn place(&self, value: f64) -> Option<f64> {
        self.has(value).then(|| self.pixel(value))
    }

    /// Of a value that has a place. Far outside is as good as just outside, and keeps pixels small.
    pub fn pixel(&self, value: f64) -> f64 {
        let share = (self.bend(value) - self.low) / self.span;
        self.from + share.clamp(-1e3, 1e3) * (self.to - self.from)
    }

    /// The same for many values, on single floats.
    pub fn placer(&self) -> Placer<'_> {
        let slope = (self.to - self.from) / self.span / 2.0;
        let is_plain = self.kind == Kind::Linear && slope.is_finite() && (self.range.high - self.range.low).is_finite();
        Placer { scale: self, low: self.range.low, slope, from: self.from, is_plain }
    }

    pub fn value(&self, pixel: f64) -> f64 {
        self.unbend(self.low + (pixel - self.from) / (self.to - self.from) * self.span)
    }
}

/// Places of values in pixels; NaN where there is none.
pub struct Placer<'a> {
    scale: &'a Scale,
    low: f64,
    slope: f64,
    from: f64,
    /// Linear, and far from overflowing.
    is_plain: bool,
}

/// Far outside is as good as just outside.
const FAR: f64 = 1e6;

impl Placer<'_> {
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    pub fn at(&self, value: f64) -> f32 {
        if self.is_plain {
            // The difference first: of times in milliseconds it is exact. NaN stays NaN.
            return (self.from + (value - self.low) * self.slope).clamp(-FAR, FAR) as f32;
        }
        self.scale.place(value).map_or(f32::NAN, |it| it as f32)
    }

    /// Values that a column's extremes can be placed by: their order is kept or turned.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }
}
