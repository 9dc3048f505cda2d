// SPDX-License-Identifier: Apache-2.0
//! How the regions came to be programmed as they are.
use super::registers::{self, REGIONS, Registers};
use crate::engine::event::{HistoryLine, RegionView};
use crate::units::Cycle;

/// Lines of a region's programming in a violation at most.
const LINES: usize = 6;

struct Change {
    cycle: u64,
    offset: u16,
    value: u32,
    after: RegionView,
}

/// Every write to a region, in order.
pub(super) struct Programming {
    reset: Vec<RegionView>,
    changes: Vec<Change>,
}

impl Programming {
    pub(super) fn new(registers: &Registers) -> Self {
        Self {
            reset: (0..REGIONS).map(|index| registers.view(index)).collect(),
            changes: Vec::new(),
        }
    }

    /// Notes a write that changed a region.
    pub(super) fn note(&mut self, cycle: u64, offset: u16, value: u32, after: RegionView) {
        self.changes.push(Change { cycle, offset, value, after });
    }

    /// A region as it stood for an address handshake in `cycle`.
    pub(super) fn region_at(&self, index: usize, cycle: u64) -> RegionView {
        let earlier = self.changes[..self.changes.partition_point(|c| c.cycle < cycle)].iter();
        let last = earlier.rev().find(|change| usize::from(change.after.index) == index);
        last.map_or(self.reset[index % REGIONS], |change| change.after)
    }

    /// The last writes to a region, as history lines.
    pub(super) fn lines(&self, region: u8) -> Vec<HistoryLine> {
        let changes = self.changes.iter().rev().filter(|change| change.after.index == region);
        let lines = changes.take(LINES).map(|change| HistoryLine {
            cycle: Cycle(change.cycle),
            what: format!("{} = 0x{:08x}", registers::name(change.offset), change.value),
        });
        let mut lines: Vec<HistoryLine> = lines.collect();
        lines.reverse();
        lines
    }
}
