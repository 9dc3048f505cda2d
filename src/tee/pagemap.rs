// SPDX-License-Identifier: Apache-2.0
//! Free and used pages of one range, a bit a page as in genalloc, and where the next run goes.
use crate::units::{AddrRange, ByteLen, PAGE};
use serde::{Deserialize, Serialize};

/// Most pages that a map can have: the bitmap of more than 2^40 bytes cannot be had.
const MAX_PAGES: u64 = 1 << 28;

/// Which free run is taken (lib/genalloc.c names its algorithms alike).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The lowest that is long enough (`gen_pool_first_fit`); what Linux uses.
    #[default]
    FirstFit,
    /// The shortest that is long enough, the lowest of equals (`gen_pool_best_fit`).
    BestFit,
    /// Lengths are powers of two, each aligned on itself, the lowest first.
    Buddy,
}

/// What lengths and bases are multiples of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Granule {
    /// A page; what Linux uses.
    #[default]
    #[serde(rename = "4k")]
    Kib4,
    /// 64 KiB.
    #[serde(rename = "64k")]
    Kib64,
    /// 1 MiB.
    #[serde(rename = "1m")]
    Mib1,
    /// 2 MiB.
    #[serde(rename = "2m")]
    Mib2,
    /// A power of two, aligned on its own size, as some DDR firewalls demand.
    #[serde(rename = "size-aligned")]
    SizeAligned,
}

impl Granule {
    /// Bytes of the smallest unit.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Kib4 | Self::SizeAligned => PAGE,
            Self::Kib64 => 64 << 10,
            Self::Mib1 => 1 << 20,
            Self::Mib2 => 2 << 20,
        }
    }

    /// Length and alignment in bytes of a range that holds `len` bytes; `None` when it overflows
    /// or is empty.
    pub fn fit(self, len: ByteLen) -> Option<(u64, u64)> {
        if len.0 == 0 {
            return None;
        }
        let whole = len.0.checked_next_multiple_of(self.bytes())?;
        match self {
            Self::SizeAligned => whole.checked_next_power_of_two().map(|len| (len, len)),
            _ => Some((whole, self.bytes())),
        }
    }

    /// Whether a range can be a region of such a firewall.
    pub fn holds(self, range: AddrRange) -> bool {
        self.fit(range.len)
            .is_some_and(|(len, align)| len == range.len.0 && range.base.0.is_multiple_of(align))
    }
}

/// How a pool places its runs. The default is Linux's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Placement {
    /// Which free run is taken.
    pub strategy: Strategy,
    /// What lengths and bases are multiples of.
    pub granule: Granule,
    /// Every buffer is a firewall region of its own, as many as the hardware leaves.
    pub region_per_buffer: bool,
}

impl Placement {
    /// Pages and their alignment for `len` bytes; `None` when there is no such run.
    pub fn shape(self, len: ByteLen) -> Option<(u64, u64)> {
        let (len, align) = self.granule.fit(len)?;
        let pages = len / PAGE;
        match self.strategy {
            Strategy::Buddy => {
                let pages = pages.checked_next_power_of_two()?;
                Some((pages, pages.max(align / PAGE)))
            }
            _ => Some((pages, align / PAGE)),
        }
    }
}

/// Pages of one range; numbers count from its base, alignment is that of addresses.
#[derive(Clone, Debug)]
pub struct PageMap {
    base: u64,
    pages: u64,
    used: Vec<u64>,
    free: u64,
}

impl PageMap {
    /// A map of whole pages, all free; `None` when its bitmap cannot be had.
    pub fn new(range: AddrRange) -> Option<Self> {
        let pages = range.len.0 / PAGE;
        let used = (pages <= MAX_PAGES).then(|| vec![0; pages.div_ceil(64) as usize])?;
        Some(Self { base: range.base.0 / PAGE, pages, used, free: pages })
    }

    /// Pages that nobody holds.
    pub const fn free_pages(&self) -> u64 {
        self.free
    }

    /// Whether every page is free.
    pub const fn is_whole(&self) -> bool {
        self.free == self.pages
    }

    /// Takes `pages` contiguous pages whose first is a multiple of `align`.
    pub fn take(&mut self, pages: u64, align: u64, strategy: Strategy) -> Option<u64> {
        if pages == 0 || pages > self.free {
            return None;
        }
        let first = self.find(pages, align, strategy)?;
        self.mark(first, pages, true);
        Some(first)
    }

    /// Gives pages back.
    pub fn give(&mut self, first: u64, pages: u64) {
        self.mark(first, pages, false);
    }

    fn find(&self, pages: u64, align: u64, strategy: Strategy) -> Option<u64> {
        let mut best: Option<(u64, u64)> = None; // length of the free run, start in it
        let mut from = 0;
        loop {
            let free = self.next(from, self.pages, false);
            if free == self.pages {
                return best.map(|(_, start)| start);
            }
            let end = self.next(free, self.pages, true);
            let start = (self.base + free).next_multiple_of(align) - self.base;
            if start.checked_add(pages).is_some_and(|top| top <= end) {
                if strategy != Strategy::BestFit {
                    return Some(start);
                }
                if best.is_none_or(|(len, _)| end - free < len) {
                    best = Some((end - free, start));
                }
            }
            from = end;
        }
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
        if used { self.free -= pages } else { self.free += pages }
    }
}
