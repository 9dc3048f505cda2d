// SPDX-License-Identifier: Apache-2.0
//! The stacked layers: bins as columns of rates, never smoothed.
use crate::report::digest::{Bin, Digest};
use crate::report::format::centi_mb_per_s;

/// Columns that are drawn at most; more bins than that are merged evenly.
const COLUMNS: usize = 400;

/// What every master moved from `start` to `end`.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) start: u64,
    pub(super) end: u64,
    /// By master, hundredths of MB/s.
    pub(super) rates: Vec<u64>,
    /// Bins in it; 0 for a gap in the log, where nothing moved.
    pub(super) bins: usize,
}

impl Column {
    pub(super) fn total(&self) -> u64 {
        self.rates.iter().sum()
    }
}

/// The bins of the log as columns without gaps, in order of time.
pub(super) fn columns(digest: &Digest<'_>) -> Vec<Column> {
    let bins = digest.bins();
    let merged = bins.len().div_ceil(COLUMNS).max(1);
    let mut columns: Vec<Column> = Vec::new();
    let mut group: Vec<Bin<'_>> = Vec::new();
    for bin in bins.into_iter().filter(|bin| bin.cycles > 0) {
        let apart = group.last().is_some_and(|last| last.start + last.cycles != bin.start);
        if apart || group.len() == merged {
            push(&mut columns, digest, &group);
            group.clear();
        }
        group.push(bin);
    }
    push(&mut columns, digest, &group);
    columns
}

/// Adds a group of adjacent bins, and the gap before it.
fn push(columns: &mut Vec<Column>, digest: &Digest<'_>, group: &[Bin<'_>]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let masters = digest.masters();
    let before = columns.last().map_or(0, |column| column.end);
    if before < first.start {
        let rates = vec![0; masters];
        columns.push(Column { start: before, end: first.start, rates, bins: 0 });
    }
    let (start, end) = (first.start, last.start + last.cycles);
    let cycles: u64 = group.iter().map(|bin| bin.cycles).sum();
    let moved = |master: usize| -> u64 {
        group.iter().filter_map(|bin| bin.bytes.get(master)).flatten().sum()
    };
    let rate = |master| centi_mb_per_s(moved(master), cycles, digest.clock());
    let rates = (0..masters).map(rate).collect();
    columns.push(Column { start, end, rates, bins: group.len() });
}

/// The outline of one master's layer as `(cycle, rate)`: along its upper side, back along its
/// lower.
pub(super) fn outline(columns: &[Column], master: usize) -> Vec<(u64, u64)> {
    let mut points = Vec::with_capacity(columns.len() * 4);
    for column in columns {
        let upper: u64 = column.rates[..=master].iter().sum();
        points.extend([(column.start, upper), (column.end, upper)]);
    }
    for column in columns.iter().rev() {
        let lower: u64 = column.rates[..master].iter().sum();
        points.extend([(column.end, lower), (column.start, lower)]);
    }
    points.dedup();
    points
}
