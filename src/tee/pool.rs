// SPDX-License-Identifier: Apache-2.0
//! The static pool: a carve-out handed out in runs of pages, as `gen_pool` does it.
use super::errno::Errno;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Bytes of a memory section of arm64 (`SECTION_SIZE_BITS` = 27).
pub const SECTION: u64 = 128 << 20;

/// The memory sections that have page structures: what `pfn_valid` knows about an address.
///
/// A hole inside a present section passes, memory or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    present: Vec<(u64, u64)>, // first and last section number
}

impl Sections {
    /// The sections that the platform's memory touches; empty ranges touch none.
    pub fn of(memory: &[AddrRange]) -> Self {
        let touched = memory.iter().filter(|range| range.len.0 > 0);
        let numbers = |range: &AddrRange| (range.base.0 / SECTION, (range.end().0 - 1) / SECTION);
        Self { present: touched.map(numbers).collect() }
    }

    /// Whether the page of `addr` has a page structure.
    pub fn pfn_valid(&self, addr: PhysAddr) -> bool {
        let number = addr.0 / SECTION;
        self.present.iter().any(|&(first, last)| (first..=last).contains(&number))
    }
}

/// One contiguous run of pages that a pool handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Where.
    pub range: AddrRange,
    /// Bytes from the pool's base.
    pub offset: ByteLen,
    /// Counts this pool's allocations from 1, so that a re-used page is told from its old self.
    pub generation: u32,
}

/// A carve-out that is protected from boot on (`tee_protmem_static_pool_alloc`).
///
/// First fit at the lowest address, whole pages, no clearing: what a buffer left in memory is
/// there for the next one.
#[derive(Clone, Debug)]
pub struct StaticPool {
    range: AddrRange,
    used: Vec<u64>, // a bit a page, as in genalloc
    free_pages: u64,
    generation: u32,
}

impl StaticPool {
    /// Makes a pool of `range`. A size of 0 is accepted; every allocation from it then fails.
    ///
    /// # Errors
    /// `EINVAL` when base or size is not a whole number of pages, or the first page is not valid;
    /// no later page is looked at.
    pub fn new(range: AddrRange, sections: &Sections) -> Result<Self, Errno> {
        if !(range.base.0 | range.len.0).is_multiple_of(PAGE) || !sections.pfn_valid(range.base) {
            return Err(Errno::Einval);
        }
        let pages = range.len.0 / PAGE;
        let used = vec![0; pages.div_ceil(64) as usize];
        Ok(Self { range, used, free_pages: pages, generation: 0 })
    }

    /// The carve-out.
    pub const fn range(&self) -> AddrRange {
        self.range
    }

    /// Bytes that nobody holds, however scattered.
    pub const fn free(&self) -> ByteLen {
        ByteLen(self.free_pages * PAGE)
    }

    /// Hands out the lowest run of free pages that holds `len` bytes, rounded up to pages.
    ///
    /// # Errors
    /// `ENOMEM` when `len` is 0 or no run is long enough, whatever is free in total; and when the
    /// run starts at address 0, which the kernel takes for failure: its pages are lost.
    pub fn alloc(&mut self, len: ByteLen) -> Result<Allocation, Errno> {
        let pages = len.0.div_ceil(PAGE);
        if pages == 0 || pages > self.free_pages {
            return Err(Errno::Enomem);
        }
        let first = self.first_fit(pages).ok_or(Errno::Enomem)?;
        self.mark(first, pages, true);
        self.free_pages -= pages;
        let offset = first * PAGE;
        let base = PhysAddr(self.range.base.0 + offset);
        if base.0 == 0 {
            return Err(Errno::Enomem);
        }
        self.generation += 1;
        Ok(Allocation {
            range: AddrRange { base, len: ByteLen(pages * PAGE) },
            offset: ByteLen(offset),
            generation: self.generation,
        })
    }

    /// Takes a run back; its pages can be handed out again at once, with what is in them.
    pub fn free_run(&mut self, run: &Allocation) {
        let pages = run.range.len.0 / PAGE;
        self.mark(run.offset.0 / PAGE, pages, false);
        self.free_pages += pages;
    }

    /// Whether every page is back, as `gen_pool_destroy` demands (`BUG_ON` otherwise).
    pub const fn is_whole(&self) -> bool {
        self.free_pages * PAGE == self.range.len.0
    }

    fn first_fit(&self, pages: u64) -> Option<u64> {
        let end = self.range.len.0 / PAGE;
        let mut start = self.next(0, end, false);
        while end - start >= pages {
            let limit = start + pages;
            let taken = self.next(start, limit, true);
            if taken == limit {
                return Some(start);
            }
            start = self.next(taken, end, false);
        }
        None
    }

    /// First page in `[from, end)` whose bit is `used`, or `end`.
    fn next(&self, from: u64, end: u64, used: bool) -> u64 {
        let mut page = from;
        while page < end {
            let word = self.used[(page / 64) as usize];
            let wanted = (if used { word } else { !word }) >> (page % 64);
            if wanted != 0 {
                return end.min(page + u64::from(wanted.trailing_zeros()));
            }
            page = (page / 64 + 1) * 64;
        }
        end
    }

    fn mark(&mut self, first: u64, pages: u64, used: bool) {
        for page in first..first + pages {
            let (word, bit) = (&mut self.used[(page / 64) as usize], 1 << (page % 64));
            debug_assert_eq!(*word & bit != 0, !used, "page {page} changes hands twice");
            if used { *word |= bit } else { *word &= !bit }
        }
    }
}
