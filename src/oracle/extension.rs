// SPDX-License-Identifier: Apache-2.0
//! Golden extension block at 0xE00: locks, shadow mode, flags, counters (tzasc.md, section 6).
use ringfence_sim::MAX_FILTERS;

/// First offset of the block.
pub(super) const EXTENSION: u16 = 0xe00;
/// First offset after the block.
pub(super) const EXTENSION_END: u16 = 0xf00;
const ENABLE: u16 = 0xe00;
const ID: u16 = 0xe04;
const LOCK: u16 = 0xe08;
const COMMIT: u16 = 0xe0c;
const FLAGS: u16 = 0xe10;
const FILTER: u16 = 0xe40;
const FILTER_STEP: u16 = 0x20;
const ID_VALUE: u32 = 0x5246_0001;

/// What a filter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counter {
    /// Denied reads.
    DenyRead = 1,
    /// Denied writes.
    DenyWrite = 2,
    /// Allowed transactions.
    Allow = 3,
    /// Cycles in which an address waits at the slave side.
    Stall = 4,
}

/// A sticky flag of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// A WLAST that AxLEN contradicts.
    Wlast = 0,
    /// An INCR burst that leaves its page.
    Crossing = 16,
}

/// What a write to the block asks of the region file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    /// Everything staged applies, but for locked regions.
    pub(super) commit: bool,
    /// What is staged and not applied is dropped.
    pub(super) leave: bool,
}

/// State of the block.
#[derive(Clone, Debug, Default)]
pub(super) struct Extension {
    enabled: bool,
    enable_locked: bool,
    /// A bit a region.
    pub(super) lock: u32,
    /// Region writes are staged.
    pub(super) shadow: bool,
    /// Region registers were written since shadow mode began or the last commit.
    pub(super) pending: bool,
    flags: u32,
    /// NSAID of the logged failure.
    pub(super) nsaid: [u32; MAX_FILTERS],
    counters: [[u32; 5]; MAX_FILTERS],
    /// What happened in this cycle; it shows from the next one on.
    fresh: [[u32; 5]; MAX_FILTERS],
    fresh_flags: u32,
    any_fresh: bool,
}

impl Extension {
    pub(super) fn count(&mut self, filter: usize, counter: Counter) {
        self.fresh[filter][counter as usize] += 1;
        self.any_fresh = true;
    }

    /// The end of a cycle: after a clear of the same cycle, what happened in it counts.
    #[inline]
    pub(super) fn settle(&mut self) {
        if self.any_fresh {
            self.flags |= std::mem::take(&mut self.fresh_flags);
            let fresh = std::mem::take(&mut self.fresh);
            for (counters, fresh) in self.counters.iter_mut().zip(fresh) {
                for (counter, fresh) in counters.iter_mut().zip(fresh) {
                    *counter = counter.saturating_add(fresh);
                }
            }
            self.any_fresh = false;
        }
    }

    pub(super) fn flag(&mut self, filter: usize, flag: Flag) {
        self.fresh_flags |= 1 << (filter + flag as usize);
        self.any_fresh = true;
    }

    /// Whether a write there clears something, and so counts before what happens in its cycle.
    pub(super) fn clears(&self, offset: u16) -> bool {
        self.enabled && (offset == FLAGS || (FILTER..EXTENSION_END).contains(&offset))
    }

    pub(super) fn read(&self, offset: u16, filters: usize) -> u32 {
        if !self.enabled {
            return 0;
        }
        match offset {
            ENABLE => u32::from(self.enable_locked) << 31 | 1,
            ID => ID_VALUE,
            LOCK => self.lock,
            COMMIT => u32::from(self.pending) << 8 | u32::from(self.shadow),
            FLAGS => self.flags,
            FILTER.. => match place(offset, filters) {
                Some((filter, 0)) => self.nsaid[filter],
                Some((filter, word @ 1..=4)) => self.counters[filter][word],
                _ => 0,
            },
            _ => 0,
        }
    }

    /// A secure write of `data` where `bytes` has ones.
    pub(super) fn write(
        &mut self,
        offset: u16,
        data: u32,
        bytes: u32,
        [filters, regions]: [usize; 2],
    ) -> Orders {
        let was = self.shadow;
        let mut commit = false;
        let given = data & bytes;
        match offset {
            ENABLE if !self.enable_locked => {
                if bytes & 1 != 0 {
                    self.enabled = data & 1 != 0;
                    self.shadow &= self.enabled;
                }
                self.enable_locked = given >> 31 != 0;
            }
            _ if !self.enabled => {}
            LOCK => self.lock |= given & ((1 << regions) - 1),
            COMMIT if bytes & 1 != 0 => {
                commit = was && data & 2 != 0;
                self.shadow = data & 1 != 0;
            }
            FLAGS => self.flags &= !given,
            FILTER.. => {
                if let Some((filter, word @ 1..=4)) = place(offset, filters) {
                    self.counters[filter][word] = 0;
                }
            }
            _ => {}
        }
        let leave = was && !self.shadow;
        if commit || was != self.shadow {
            self.pending = false;
        }
        Orders { commit, leave }
    }
}

/// Filter and word of a filter's offset.
fn place(offset: u16, filters: usize) -> Option<(usize, usize)> {
    let at = usize::from(offset - FILTER);
    let (filter, word) = (at / usize::from(FILTER_STEP), at % usize::from(FILTER_STEP) / 4);
    (filter < filters).then_some((filter, word))
}
