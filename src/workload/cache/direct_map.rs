// SPDX-License-Identifier: Apache-2.0
//! The kernel's direct map (linear map) and what the TLB still knows of it.
use crate::units::{AddrRange, Cycle, PAGE, PhysAddr};
use std::collections::BTreeMap;

/// What the processor finds when it translates a kernel address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Mapped.
    Mapped,
    /// Removed, but a stale TLB entry still translates.
    Stale,
    /// No translation: an access is an oops, speculation stops.
    None,
}

/// Ordinary memory as the kernel maps it: all of `ranges` but the pages removed. A removed page
/// stays reachable through its TLB entry until that is flushed, or `window` cycles have passed and
/// other entries have pushed it out (`set_direct_map_invalid_noflush` flushes nothing).
#[derive(Clone, Debug)]
pub struct DirectMap {
    ranges: Vec<AddrRange>,
    window: Cycle,
    /// Removed pages, each with the cycle at which its TLB entry is gone.
    removed: BTreeMap<u64, Cycle>,
}

impl DirectMap {
    /// Everything in `ranges` is mapped; a stale TLB entry lives `window` cycles.
    pub fn new(ranges: Vec<AddrRange>, window: Cycle) -> Self {
        Self { ranges, window, removed: BTreeMap::new() }
    }

    /// Removes pages at `cycle`, without a flush; pages removed before stay as they are.
    pub fn remove(&mut self, cycle: Cycle, range: AddrRange) {
        let until = Cycle(cycle.0.saturating_add(self.window.0));
        for page in pages(range) {
            self.removed.entry(page).or_insert(until);
        }
    }

    /// Flushes the TLB entries of `range`.
    pub fn flush(&mut self, range: AddrRange) {
        for page in pages(range) {
            if let Some(until) = self.removed.get_mut(&page) {
                *until = Cycle(0);
            }
        }
    }

    /// Maps pages again.
    pub fn restore(&mut self, range: AddrRange) {
        for page in pages(range) {
            self.removed.remove(&page);
        }
    }

    /// What an access at `addr` finds in `cycle`.
    pub fn reach(&self, cycle: Cycle, addr: PhysAddr) -> Reach {
        if !self.ranges.iter().any(|range| range.contains(addr)) {
            return Reach::None;
        }
        match self.removed.get(&(addr.0 / PAGE)) {
            None => Reach::Mapped,
            Some(&until) if cycle < until => Reach::Stale,
            Some(_) => Reach::None,
        }
    }
}

fn pages(range: AddrRange) -> std::ops::Range<u64> {
    range.base.0 / PAGE..range.end().0.div_ceil(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteLen;

    #[test]
    fn a_removed_page_is_reachable_until_its_window_ends_or_a_flush() {
        let range = |base, len| AddrRange { base: PhysAddr(base), len: ByteLen(len) };
        let mut map = DirectMap::new(vec![range(0x8000_0000, 0x10_0000)], Cycle(50));
        let inside = PhysAddr(0x8000_1fff);
        let lent = range(0x8000_1000, 0x2000);
        map.remove(Cycle(100), lent);
        map.remove(Cycle(140), lent); // the entry is as old as before
        assert_eq!(map.reach(Cycle(149), inside), Reach::Stale);
        assert_eq!(map.reach(Cycle(150), inside), Reach::None);
        assert_eq!(map.reach(Cycle(149), PhysAddr(0x8000_3000)), Reach::Mapped);
        assert_eq!(map.reach(Cycle(149), PhysAddr(0x8010_0000)), Reach::None, "no memory");
        map.restore(range(0x8000_1000, 1));
        assert_eq!(map.reach(Cycle(149), inside), Reach::Mapped);
        assert_eq!(map.reach(Cycle(149), PhysAddr(0x8000_2000)), Reach::Stale);
        map.flush(lent);
        assert_eq!(map.reach(Cycle(149), PhysAddr(0x8000_2000)), Reach::None);
    }
}
