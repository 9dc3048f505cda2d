// SPDX-License-Identifier: Apache-2.0
//! What memory must hold, byte by byte, learnt from beats alone.
//!
//! A byte is known once it was written or read. Writes take effect in the order of their data
//! beats at the memory side; until the write's response a read of the beat may see old or new.
use crate::units::{AddrRange, PAGE, PhysAddr};
use ringfence_sim::BEAT_BYTES;

/// Beats of a page.
const BEATS: usize = PAGE as usize / BEAT_BYTES;
/// Writes that a racing read can look back on; a power of two.
const RECENT: usize = 8192;
const NO_PAGE: u32 = u32::MAX;

/// A bit a byte lane.
#[derive(Clone, Copy, Default)]
struct Lanes {
    known: u16,
    written: u16,
    /// Written with somebody's data, not by clearing or scrubbing.
    payload: u16,
    /// Somebody's data, but from before the memory came to its present owner.
    stale: u16,
}

struct Page {
    base: u64,
    /// Written bytes compared with memory at the end.
    shown: u32,
    /// Latest write, a cycle.
    touched: u64,
    data: [[u64; 2]; BEATS],
    lanes: [Lanes; BEATS],
}

/// What a write replaced.
#[derive(Clone, Copy, Default)]
struct Replaced {
    cell: u64,
    old: [u64; 2],
    lanes: u16,
    known: u16,
    write: u32,
}

/// Bytes that are not what they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub(super) addr: PhysAddr,
    pub(super) bytes: u32,
    pub(super) expected: u8,
    pub(super) found: u8,
}

/// The shadow of memory.
pub(super) struct Scoreboard {
    dram: AddrRange,
    /// Bits of an address that name a cell.
    cells: u64,
    table: Vec<u32>,
    pages: Vec<Box<Page>>,
    recent: Vec<Replaced>,
    recent_next: usize,
    /// Cycle of a write's response, by its number; `u64::MAX` until then.
    done: Vec<u64>,
    writes: u32,
}

/// One bit a byte that differs.
fn differing(a: [u64; 2], b: [u64; 2]) -> u16 {
    let half = |x: u64| (0..8).fold(0u16, |m, i| m | u16::from(x >> (8 * i) & 0xff != 0) << i);
    half(a[0] ^ b[0]) | half(a[1] ^ b[1]) << 8
}

/// The bytes of `lanes` all ones.
fn spread(lanes: u16) -> [u64; 2] {
    if lanes == u16::MAX {
        return [u64::MAX; 2];
    }
    let half = |m: u16| (0..8).fold(0u64, |x, i| x | (u64::from(m >> i & 1) * 0xff) << (8 * i));
    [half(lanes & 0xff), half(lanes >> 8)]
}

fn merge(old: [u64; 2], new: [u64; 2], lanes: u16) -> [u64; 2] {
    let mask = spread(lanes);
    [old[0] & !mask[0] | new[0] & mask[0], old[1] & !mask[1] | new[1] & mask[1]]
}

fn byte(data: [u64; 2], lane: u32) -> u8 {
    (data[lane as usize / 8] >> (8 * (lane % 8))) as u8
}

impl Scoreboard {
    pub(super) fn new(dram: AddrRange, cells: u64) -> Self {
        let pages = dram.end().0.div_ceil(PAGE) - dram.base.0 / PAGE;
        Self {
            dram,
            cells,
            table: vec![NO_PAGE; pages as usize],
            pages: Vec::new(),
            recent: vec![Replaced::default(); RECENT],
            recent_next: 0,
            done: vec![u64::MAX; RECENT],
            writes: 0,
        }
    }

    /// Index of the page of a cell; `None` where no DRAM is.
    #[inline]
    fn page(&self, cell: u64) -> Option<usize> {
        let number = (cell / PAGE).checked_sub(self.dram.base.0 / PAGE)?;
        self.table.get(number as usize).map(|&p| p as usize).filter(|&p| p < self.pages.len())
    }

    #[inline]
    fn page_or_new(&mut self, cell: u64) -> Option<usize> {
        if let Some(page) = self.page(cell) {
            return Some(page);
        }
        let number = (cell / PAGE).checked_sub(self.dram.base.0 / PAGE)?;
        let entry = self.table.get_mut(number as usize)?;
        *entry = self.pages.len() as u32;
        self.pages.push(Box::new(Page {
            base: cell & !(PAGE - 1),
            shown: 0,
            touched: 0,
            data: [[0; 2]; BEATS],
            lanes: [Lanes::default(); BEATS],
        }));
        Some(self.pages.len() - 1)
    }

    /// A number for a write whose data follows.
    pub(super) fn begin_write(&mut self) -> u32 {
        let number = self.writes;
        self.writes = self.writes.wrapping_add(1);
        self.done[number as usize % RECENT] = u64::MAX;
        number
    }

    /// The response of a write; `lost` when memory said that nothing was written.
    pub(super) fn end_write(&mut self, write: u32, cycle: u64, lost: bool) {
        self.done[write as usize % RECENT] = cycle;
        if !lost {
            return;
        }
        // What such a write left behind is not known any more; the next read teaches it.
        let newest = self.recent_next;
        for at in newest.saturating_sub(RECENT)..newest {
            let entry = self.recent[at % RECENT];
            if entry.write == write
                && let Some(page) = self.page(entry.cell)
            {
                let index = (entry.cell % PAGE) as usize / BEAT_BYTES;
                self.pages[page].lanes[index].known &= !entry.lanes;
            }
        }
    }

    /// A data beat of a write at the memory side, with the strobes that must land.
    #[inline]
    pub(super) fn write(&mut self, cell: u64, data: [u64; 2], lanes: u16, write: u32, cycle: u64) {
        if lanes == 0 {
            return;
        }
        let cell = cell & self.cells;
        let Some(page) = self.page_or_new(cell) else {
            return;
        };
        let page = &mut self.pages[page];
        let index = (cell % PAGE) as usize / BEAT_BYTES;
        let (old, state) = (&mut page.data[index], &mut page.lanes[index]);
        self.recent[self.recent_next % RECENT] =
            Replaced { cell, old: *old, lanes, known: state.known, write };
        self.recent_next += 1;
        state.payload |= lanes;
        *old = if lanes == u16::MAX { data } else { merge(*old, data, lanes) };
        state.known |= lanes;
        state.written |= lanes;
        state.stale &= !lanes;
        page.touched = cycle;
    }

    /// A data beat of a read at the memory side whose address was taken in cycle `since`.
    /// Returns the stale lanes and what differs from what was written.
    #[inline]
    pub(super) fn read(
        &mut self,
        cell: u64,
        data: [u64; 2],
        lanes: u16,
        since: u64,
    ) -> (u16, Option<Mismatch>) {
        let cell = cell & self.cells;
        let Some(page) = self.page_or_new(cell) else {
            return (0, None);
        };
        let index = (cell % PAGE) as usize / BEAT_BYTES;
        let state = self.pages[page].lanes[index];
        let want = self.pages[page].data[index];
        if state.known == u16::MAX && want == data {
            return (state.stale & lanes, None);
        }
        let wrong = differing(want, data) & lanes & state.known;
        let found = if wrong == 0 { None } else { self.mismatch(page, cell, data, wrong, since) };
        let page = &mut self.pages[page];
        let learn = lanes & !state.known | found.map_or(0, |(_, lanes)| lanes);
        page.data[index] = merge(want, data, learn);
        page.lanes[index].known |= lanes;
        (state.stale & lanes, found.map(|(mismatch, _)| mismatch))
    }

    /// What of the `wrong` lanes no write explains that was under way during the read.
    fn mismatch(
        &self,
        page: usize,
        cell: u64,
        data: [u64; 2],
        wrong: u16,
        since: u64,
    ) -> Option<(Mismatch, u16)> {
        let mut left = wrong;
        let oldest = self.recent_next.saturating_sub(RECENT);
        for at in (oldest..self.recent_next).rev() {
            let entry = self.recent[at % RECENT];
            let under_way = self.done[entry.write as usize % RECENT] >= since;
            if entry.cell == cell && under_way {
                let same = !differing(entry.old, data) | !entry.known;
                left &= !(entry.lanes & same);
            }
            if left == 0 {
                return None;
            }
        }
        // A read so long under way that its races have left the list is given the doubt.
        let forgotten = oldest > 0 && self.pages[page].touched >= since && {
            let last = self.recent[oldest % RECENT];
            self.done[last.write as usize % RECENT] >= since
        };
        if forgotten {
            return None;
        }
        let lane = left.trailing_zeros();
        let index = (cell % PAGE) as usize / BEAT_BYTES;
        let mismatch = Mismatch {
            addr: PhysAddr(cell + u64::from(lane)),
            bytes: left.count_ones(),
            expected: byte(self.pages[page].data[index], lane),
            found: byte(data, lane),
        };
        Some((mismatch, left))
    }

    /// The beat just written was one of clearing or scrubbing: nobody's data is there.
    pub(super) fn cleaned(&mut self, cell: u64, lanes: u16) {
        if let Some(page) = self.page(cell & self.cells) {
            self.pages[page].lanes[(cell % PAGE) as usize / BEAT_BYTES].payload &= !lanes;
        }
    }

    /// Memory has a new owner: what is in it now belongs to an earlier one.
    pub(super) fn changes_hands(&mut self, range: AddrRange) {
        let range = AddrRange { base: PhysAddr(range.base.0 & self.cells), ..range };
        let mut cell = range.base.0 & !(BEAT_BYTES as u64 - 1);
        while cell < range.end().0 {
            let Some(page) = self.page(cell) else {
                cell = (cell | (PAGE - 1)) + 1;
                continue;
            };
            let state = &mut self.pages[page].lanes[(cell % PAGE) as usize / BEAT_BYTES];
            let first = range.base.0.saturating_sub(cell).min(16);
            let end = (range.end().0 - cell).min(16);
            state.stale |= state.payload & ((1u32 << end) - (1u32 << first)) as u16;
            cell += BEAT_BYTES as u64;
        }
    }

    /// Compares a chunk of memory with the shadow; one mismatch a page at most.
    pub(super) fn compare(&mut self, addr: PhysAddr, bytes: &[u8]) -> Vec<Mismatch> {
        let mut found: Vec<Mismatch> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let here = addr.0 + at as u64;
            let rest = (PAGE - here % PAGE).min((bytes.len() - at) as u64) as usize;
            if let Some(page) = self.page(here) {
                found.extend(self.compare_in_page(page, here, &bytes[at..at + rest]));
            }
            at += rest;
        }
        found
    }

    fn compare_in_page(&mut self, page: usize, addr: u64, bytes: &[u8]) -> Option<Mismatch> {
        let page = &mut self.pages[page];
        let mut mismatch: Option<Mismatch> = None;
        for (here, &found) in (addr..).zip(bytes) {
            let index = (here % PAGE) as usize / BEAT_BYTES;
            let lane = (here % BEAT_BYTES as u64) as u32;
            page.shown += u32::from(page.lanes[index].written >> lane & 1);
            let expected = byte(page.data[index], lane);
            if expected != found && page.lanes[index].known >> lane & 1 == 1 {
                let first = mismatch.get_or_insert(Mismatch {
                    addr: PhysAddr(here),
                    bytes: 0,
                    expected,
                    found,
                });
                first.bytes += 1;
            }
        }
        mismatch
    }

    /// First page with written bytes that [`Self::compare`] was not shown.
    pub(super) fn not_shown(&self) -> Option<PhysAddr> {
        let written = |p: &Page| p.lanes.iter().map(|l| l.written.count_ones()).sum::<u32>();
        let missing = self.pages.iter().filter(|p| p.shown < written(p)).map(|p| PhysAddr(p.base));
        missing.min()
    }
}

#[cfg(test)]
#[path = "tests/scoreboard.rs"]
mod tests;
