//! The cached series of one metric, in one pack.

use std::collections::HashMap;

use halimede_columns::Column;
use serde::{Deserialize, Serialize};

use super::chunk::{decode, encode};
use super::layout::series_key;
use super::{Batch, Result, Store};
use crate::model::order::sort_by;
use crate::model::{Completeness, MetricValue, ProjectKey, RunId, Series, packed};

/// Of one metric in one pack, at most 48 MB.
const MOST_POINTS: usize = 2_000_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesPack {
    pub series: Vec<CachedSeries>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CachedSeries {
    pub series: Series,
    /// Points asked for, where it is a sample.
    pub asked: u32,
    pub fetched: f64,
    /// The run had ended when it was fetched, so it does not grow by itself any more.
    pub settled: bool,
    /// The metric's last value as the table had it then. Another one now: there is more to fetch.
    pub last: Option<MetricValue>,
}

/// Up to version 3 all numbers were doubles.
#[derive(Deserialize)]
struct OldPack(Vec<OldSeries>);

#[derive(Deserialize)]
struct OldSeries {
    run: RunId,
    #[serde(with = "packed::f64s")]
    steps: Vec<f64>,
    #[serde(with = "packed::f64s")]
    times: Vec<f64>,
    #[serde(with = "packed::f64s")]
    values: Vec<f64>,
    completeness: Completeness,
    asked: u32,
    fetched: f64,
    settled: bool,
    last: Option<MetricValue>,
}

impl OldSeries {
    fn renewed(self) -> CachedSeries {
        let [steps, times, values] = [self.steps, self.times, self.values].map(Column::from);
        CachedSeries {
            series: Series { run: self.run, steps, times, values, completeness: self.completeness },
            asked: self.asked,
            fetched: self.fetched,
            settled: self.settled,
            last: self.last,
        }
    }
}

fn pack(bytes: &[u8]) -> Result<SeriesPack> {
    if bytes.first().is_some_and(|version| *version <= 3) {
        let old: OldPack = decode(bytes)?;
        return Ok(SeriesPack { series: old.0.into_iter().map(OldSeries::renewed).collect() });
    }
    decode(bytes)
}

/// What is not as it should be is left out: it is fetched again.
pub async fn read_series(store: &dyn Store, key: &ProjectKey, metric: &str) -> Result<Vec<CachedSeries>> {
    let Some(bytes) = store.get(&[series_key(key, metric)]).await?.pop().flatten() else { return Ok(Vec::new()) };
    Ok(pack(&bytes)?.series.into_iter().filter(|it| it.series.is_sound()).collect())
}

/// Adds to the cached series of one metric; a better reading replaces a worse one.
pub async fn write_series(store: &dyn Store, key: &ProjectKey, metric: &str, new: Vec<CachedSeries>) -> Result<()> {
    let at = series_key(key, metric);
    let change = {
        let at = at.clone();
        move |old: Option<Vec<u8>>| {
            let mut all: SeriesPack = old.and_then(|bytes| pack(&bytes).ok()).unwrap_or_default();
            let mut places: HashMap<RunId, usize> =
                all.series.iter().enumerate().map(|(at, it)| (it.series.run.clone(), at)).collect();
            for it in new {
                let held = places.get(&it.series.run).copied();
                // All points of a run that has ended are worth more than a later sample of them.
                let keeps = |held: &CachedSeries| held.settled && it.settled && held.series.len() > it.series.len();
                match held {
                    Some(at) if keeps(&all.series[at]) => {}
                    Some(at) => all.series[at] = it,
                    None => {
                        places.insert(it.series.run.clone(), all.series.len());
                        all.series.push(it);
                    }
                }
            }
            // The oldest go first when one metric's pack grows beyond what a chart can use.
            let size = |all: &SeriesPack| all.series.iter().map(|it| it.series.len()).sum::<usize>();
            if size(&all) > MOST_POINTS {
                sort_by(&mut all.series, |a, b| b.fetched.total_cmp(&a.fetched));
                while size(&all) > MOST_POINTS && all.series.len() > 1 {
                    all.series.pop();
                }
            }
            match encode(&all) {
                Ok(bytes) => Batch { puts: vec![(at, bytes)], deletes: Vec::new() },
                Err(_) => Batch::default(),
            }
        }
    };
    store.update(&at, Box::new(change)).await
}
