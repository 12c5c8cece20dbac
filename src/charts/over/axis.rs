//! An axis of a chart over runs: numbers, logarithmic where they span decades, times, or values by name.

use halimede_raster::{Kind, Range, Scale};

use crate::charts::frame::{Inset, short, x_room, x_tick_count, y_room, y_tick_count};
use crate::charts::labels::{Ticks, numbers};
use crate::charts::scale::ticks;
use crate::charts::time_axis;
use crate::components::format;
use crate::model::Field;
use crate::model::sheet::SheetColumn;

/// All positive, and so many times as great as the least: then each decade gets the same room.
const DECADES: f64 = 50.0;

#[derive(Clone, Debug)]
pub struct Axis {
    pub scale: Scale,
    /// Of values by name.
    names: Vec<String>,
    /// Of numbers that are few, as of a sweep: all of them.
    few: Vec<f64>,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Plain,
    Time,
    Duration,
    Name,
}

impl Axis {
    /// From one place to another, in CSS pixels. None: no run has a value.
    pub fn of(column: &SheetColumn, from: f64, to: f64) -> Option<Self> {
        Self::among(column, column, from, to)
    }

    /// As far as the runs reach that have the other value too.
    pub fn among(column: &SheetColumn, other: &SheetColumn, from: f64, to: f64) -> Option<Self> {
        let unit = match column.field {
            _ if !column.labels.is_empty() => Unit::Name,
            Field::Started | Field::Ended => Unit::Time,
            Field::Duration => Unit::Duration,
            _ => Unit::Plain,
        };
        if unit == Unit::Name {
            let n = f64::from(u32::try_from(column.labels.len()).unwrap_or(u32::MAX));
            let scale = Scale::new(Range { low: -0.5, high: n - 0.5 }, Kind::Linear, from, to);
            return Some(Self { scale, names: column.labels.clone(), few: Vec::new(), unit });
        }
        let both = column.numbers.iter().zip(&other.numbers).filter(|it| it.1.is_finite());
        let range = Range::of(both.map(|it| *it.0))?;
        let is_log = unit == Unit::Plain && range.low > 0.0 && range.high / range.low >= DECADES;
        let scale = if is_log {
            Scale::new(
                Range { low: (range.low / 1.15).max(f64::MIN_POSITIVE), high: (range.high * 1.15).min(f64::MAX) },
                Kind::Log,
                from,
                to,
            )
        } else {
            Scale::new(range.padded(0.04), Kind::Linear, from, to)
        };
        let few = if unit == Unit::Plain { few(&column.numbers) } else { Vec::new() };
        Some(Self { scale, names: Vec::new(), few, unit })
    }

    pub fn place(&self, value: f64) -> Option<f64> {
        self.scale.place(value)
    }

    pub fn said(&self, value: f64) -> String {
        match self.unit {
            Unit::Plain => format::number(value),
            Unit::Time => {
                let zone = zone(value);
                format!("{} {}", time_axis::label(value, zone, f64::INFINITY), time_axis::label(value, zone, 1.0))
            }
            Unit::Duration => format::duration(value),
            Unit::Name => self.name(value).to_owned(),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    fn name(&self, value: f64) -> &str {
        self.names.get(value.round().max(0.0) as usize).map_or("", String::as_str)
    }

    pub fn is_named(&self) -> bool {
        self.unit == Unit::Name
    }

    /// The values themselves, where each has room.
    fn few_ticks(&self) -> Option<Vec<f64>> {
        const APART: f64 = 34.0;
        let places: Vec<f64> = self.few.iter().filter_map(|it| self.scale.place(*it)).collect();
        let is_roomy = places.windows(2).all(|it| (it[1] - it[0]).abs() >= APART);
        (places.len() > 1 && places.len() == self.few.len() && is_roomy).then(|| self.few.clone())
    }

    /// Below a plot.
    pub fn along(&self, inset: Inset) -> Ticks {
        self.ticks(x_tick_count(inset), |ticks| x_room(&self.scale, ticks))
    }

    /// At the left of a plot.
    pub fn up(&self, inset: Inset) -> Ticks {
        self.ticks(y_tick_count(inset), |_| y_room(inset))
    }

    /// Values and their labels, about so many. `room`: of a number.
    pub fn ticks(&self, n: u32, room: impl Fn(&[f64]) -> f64) -> Ticks {
        let range = self.scale.range();
        match self.unit {
            Unit::Plain => {
                let ticks = self.few_ticks().unwrap_or_else(|| ticks(&self.scale, n));
                let room = room(&ticks);
                numbers(ticks, room)
            }
            Unit::Time => {
                let zone = zone(range.low);
                let ticks = time_axis::ticks(range.low, range.high, zone, n);
                ticks.iter().copied().zip(time_axis::labels(&ticks, zone)).collect()
            }
            Unit::Duration => {
                let ticks = time_axis::ticks(range.low, range.high, 0.0, n);
                ticks.iter().copied().zip(time_axis::elapsed(&ticks)).collect()
            }
            Unit::Name => {
                let every = self.names.len().div_ceil((n as usize).max(1)).max(1);
                let named = (0u32..).zip(&self.names).step_by(every);
                named.map(|(at, name)| (f64::from(at), short(name, 12))).collect()
            }
        }
    }
}

/// The different numbers in order, if they are few.
fn few(numbers: &[f64]) -> Vec<f64> {
    const MOST: usize = 6;
    let mut few: Vec<f64> = Vec::new();
    for it in numbers.iter().filter(|it| it.is_finite()) {
        if !few.contains(it) {
            if few.len() == MOST {
                return Vec::new();
            }
            few.push(*it);
        }
    }
    few.sort_unstable_by(f64::total_cmp);
    few
}

/// What is added to a time to get the viewer's.
#[cfg(target_arch = "wasm32")]
fn zone(ms: f64) -> f64 {
    crate::components::dom::zone_offset(ms)
}

#[cfg(not(target_arch = "wasm32"))]
fn zone(_: f64) -> f64 {
    0.0
}
