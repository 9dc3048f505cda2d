// SPDX-License-Identifier: Apache-2.0
//! Linux's view of physical memory: what is RAM, what has a page structure, what may be lent.
use super::errno::Errno;
use super::pagemap::{PageMap, Strategy};
use super::policy::Provenance;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Bytes of a memory section of arm64 (`SECTION_SIZE_BITS` = 27).
pub const SECTION: u64 = 128 << 20;
/// `CONFIG_CMA_ALIGNMENT` of arm64: a run is aligned on its own size up to this many pages.
const CMA_ALIGN_PAGES: u64 = 1 << 8;
/// Bytes that one bounce mapping can have: 128 slots of 2 KiB.
pub const BOUNCE_LIMIT: u64 = 256 << 10;

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

/// An area of ordinary memory kept for contiguous allocations; movable pages live in it meanwhile.
#[derive(Clone, Debug)]
struct Cma {
    area: AddrRange,
    lend_pool: bool,
    map: PageMap,
}

/// Physical memory as the kernel knows it.
#[derive(Clone, Debug, Default)]
pub struct SystemMemory {
    ram: Vec<AddrRange>,
    no_map: Vec<AddrRange>,
    sections: Sections,
    address_bits: u32,
    cma: Option<Cma>,
    swiotlb: Option<(AddrRange, PageMap)>,
}

impl SystemMemory {
    /// Memory at `ram`, which is ordinary but for the reserved carve-outs `no_map`; the address
    /// map ends at 2^`address_bits`.
    pub fn new(ram: &[AddrRange], no_map: &[AddrRange], address_bits: u32) -> Self {
        Self {
            ram: ram.to_vec(),
            no_map: no_map.to_vec(),
            sections: Sections::of(ram),
            address_bits,
            cma: None,
            swiotlb: None,
        }
    }

    /// Keeps whole pages for contiguous allocations; `lend_pool` marks an `arm,ffa-lend-pool`.
    ///
    /// # Errors
    /// `EINVAL` when the area is not whole pages of ordinary memory.
    pub fn with_cma(mut self, area: AddrRange, lend_pool: bool) -> Result<Self, Errno> {
        let whole = (area.base.0 | area.len.0).is_multiple_of(PAGE);
        let map = PageMap::new(area).filter(|_| whole && self.is_system_ram(area));
        self.cma = Some(Cma { area, lend_pool, map: map.ok_or(Errno::Einval)? });
        Ok(self)
    }

    /// Keeps whole pages for bounce buffers.
    ///
    /// # Errors
    /// `EINVAL` when the area is not whole pages of ordinary memory.
    pub fn with_swiotlb(mut self, area: AddrRange) -> Result<Self, Errno> {
        let whole = (area.base.0 | area.len.0).is_multiple_of(PAGE);
        let map = PageMap::new(area).filter(|_| whole && self.is_system_ram(area));
        self.swiotlb = Some((area, map.ok_or(Errno::Einval)?));
        Ok(self)
    }

    /// Whether the page of `addr` has a page structure.
    pub fn pfn_valid(&self, addr: PhysAddr) -> bool {
        self.sections.pfn_valid(addr)
    }

    /// Whether every byte is memory, reserved or not.
    pub fn is_ram(&self, range: AddrRange) -> bool {
        covered(&self.ram, range)
    }

    /// Whether every byte is memory that the kernel owns.
    pub fn is_system_ram(&self, range: AddrRange) -> bool {
        self.is_ram(range) && !self.no_map.iter().any(|hole| hole.overlaps(range))
    }

    /// Whether any byte is memory that the kernel owns.
    pub fn touches_system_ram(&self, range: AddrRange) -> bool {
        let memory = self.ram.iter().filter_map(|ram| intersection(*ram, range));
        memory.into_iter().any(|part| !covered(&self.no_map, part))
    }

    /// The check of a pool's address that a kernel of this kind makes.
    ///
    /// # Errors
    /// `EINVAL` when it objects; `ENXIO` when the range holds memory that the kernel owns, which
    /// `devm_memremap(MEMREMAP_WC)` refuses (`static_protmem_pool_init`, kernel/iomem.c).
    pub fn check(&self, base: PhysAddr, len: ByteLen, how: Provenance) -> Result<(), Errno> {
        let range = AddrRange::new(base, len);
        match how {
            Provenance::None => Ok(()),
            Provenance::FirstPage => {
                let to_the_end = ByteLen(u64::MAX - base.0);
                let seen = range.unwrap_or(AddrRange { base, len: to_the_end });
                if self.touches_system_ram(seen) {
                    return Err(Errno::Enxio);
                }
                self.check_first_page(base)
            }
            Provenance::WholeRange => {
                let below = |range: &AddrRange| range.end().0 >> self.address_bits == 0;
                let range = range.filter(|r| base.0 != 0 && below(r)).ok_or(Errno::Einval)?;
                covered(&self.no_map, range)
                    .then_some(())
                    .filter(|()| self.is_ram(range))
                    .ok_or(Errno::Einval)
            }
        }
    }

    /// The check inside `tee_protmem_static_pool_alloc`: one page, the first.
    ///
    /// # Errors
    /// `EINVAL` when that page has no page structure.
    pub fn check_first_page(&self, base: PhysAddr) -> Result<(), Errno> {
        if self.pfn_valid(base) { Ok(()) } else { Err(Errno::Einval) }
    }

    /// Whether `range` belongs to a lend pool.
    pub fn in_lend_pool(&self, range: AddrRange) -> bool {
        self.cma.as_ref().is_some_and(|cma| cma.lend_pool && cma.area.covers(range))
    }

    /// Takes `len` bytes, whole pages, for `dma_alloc_pages`; movable pages are moved out of it.
    /// `align` in bytes comes on top of the area's own alignment.
    ///
    /// # Errors
    /// `ENOMEM` without an area, or when no run is long enough.
    pub fn take(&mut self, len: ByteLen, align: u64) -> Result<AddrRange, Errno> {
        let cma = self.cma.as_mut().ok_or(Errno::Enomem)?;
        let pages = len.0 / PAGE;
        let own = pages.checked_next_power_of_two().ok_or(Errno::Enomem)?.min(CMA_ALIGN_PAGES);
        let first = cma.map.take(pages, own.max(align / PAGE), Strategy::FirstFit);
        let base = PhysAddr(cma.area.base.0 + first.ok_or(Errno::Enomem)? * PAGE);
        Ok(AddrRange { base, len: ByteLen(pages * PAGE) })
    }

    /// Gives pages back, which movable pages fill again.
    pub fn give(&mut self, range: AddrRange) {
        if let Some(cma) = self.cma.as_mut().filter(|cma| cma.area.covers(range)) {
            cma.map.give((range.base.0 - cma.area.base.0) / PAGE, range.len.0 / PAGE);
        }
    }

    /// Bytes of the area that hold nothing but movable pages.
    pub fn movable(&self) -> ByteLen {
        ByteLen(self.cma.as_ref().map_or(0, |cma| cma.map.free_pages() * PAGE))
    }

    /// Takes a bounce buffer for one mapping.
    ///
    /// # Errors
    /// `EIO` when the mapping is longer than the slots that one can have, or none are free.
    pub fn bounce(&mut self, len: ByteLen) -> Result<AddrRange, Errno> {
        let (area, map) =
            self.swiotlb.as_mut().filter(|_| len.0 <= BOUNCE_LIMIT).ok_or(Errno::Eio)?;
        let pages = len.0.div_ceil(PAGE);
        let first = map.take(pages, 1, Strategy::FirstFit).ok_or(Errno::Eio)?;
        Ok(AddrRange { base: PhysAddr(area.base.0 + first * PAGE), len: ByteLen(pages * PAGE) })
    }

    /// Gives a bounce buffer back; nothing is copied (`DMA_ATTR_SKIP_CPU_SYNC`).
    pub fn unbounce(&mut self, range: AddrRange) {
        if let Some((area, map)) = self.swiotlb.as_mut().filter(|(area, _)| area.covers(range)) {
            map.give((range.base.0 - area.base.0) / PAGE, range.len.0 / PAGE);
        }
    }
}

/// Whether `ranges` together hold every byte of `range`.
fn covered(ranges: &[AddrRange], range: AddrRange) -> bool {
    let mut at = range.base;
    while at < range.end() {
        match ranges.iter().find(|r| r.contains(at)) {
            Some(found) => at = found.end(),
            None => return false,
        }
    }
    true
}

fn intersection(a: AddrRange, b: AddrRange) -> Option<AddrRange> {
    let (base, end) = (a.base.max(b.base), a.end().min(b.end()));
    (base < end).then(|| AddrRange { base, len: ByteLen(end.0 - base.0) })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::range;
    use super::*;

    const MIB: u64 = 1 << 20;
    const BASE: u64 = 0x8000_0000;

    fn memory() -> SystemMemory {
        let no_map = [range(BASE + 64 * MIB, 16 * MIB)];
        SystemMemory::new(&[range(BASE, 512 * MIB)], &no_map, 40)
    }

    #[test]
    fn reserved_memory_is_ram_but_not_the_kernels() {
        let memory = memory();
        assert!(memory.is_ram(range(BASE, 512 * MIB)) && !memory.is_ram(range(BASE, 513 * MIB)));
        assert!(memory.is_system_ram(range(BASE, 64 * MIB)));
        assert!(!memory.is_system_ram(range(BASE, 64 * MIB + 1)));
        assert!(!memory.touches_system_ram(range(BASE + 64 * MIB, 16 * MIB)));
        assert!(memory.touches_system_ram(range(BASE + 64 * MIB, 16 * MIB + 1)));
        assert!(!memory.touches_system_ram(range(BASE + 512 * MIB, MIB)), "no memory at all");
    }

    #[test]
    fn contiguous_areas_hand_out_aligned_runs_and_take_them_back() {
        let area = range(BASE + 0x1_0000, 8 * MIB);
        let mut memory = memory().with_cma(area, true).expect("ordinary memory");
        let one = memory.take(ByteLen(MIB), PAGE).expect("fits");
        assert_eq!(one.base.0, BASE + MIB, "aligned on its size up to 1 MiB");
        let two = memory.take(ByteLen(MIB), 4 * MIB).expect("fits");
        assert_eq!(two.base.0, BASE + 4 * MIB);
        assert_eq!(memory.take(ByteLen(8 * MIB), PAGE), Err(Errno::Enomem));
        assert_eq!(memory.movable(), ByteLen(6 * MIB));
        assert!(memory.in_lend_pool(one) && !memory.in_lend_pool(range(BASE, PAGE)));
        memory.give(one);
        memory.give(two);
        assert_eq!(memory.movable(), ByteLen(8 * MIB));
        assert_eq!(SystemMemory::default().take(ByteLen(PAGE), PAGE), Err(Errno::Enomem));
        let reserved = range(BASE + 64 * MIB, MIB);
        assert_eq!(self::memory().with_cma(reserved, true).map(|_| ()), Err(Errno::Einval));
    }

    #[test]
    fn a_bounce_buffer_holds_256_kib_and_no_more() {
        let area = range(BASE, 300 << 10);
        let mut memory = memory().with_swiotlb(area).expect("ordinary memory");
        assert_eq!(memory.bounce(ByteLen(BOUNCE_LIMIT + 1)), Err(Errno::Eio));
        let slot = memory.bounce(ByteLen(BOUNCE_LIMIT)).expect("fits");
        assert_eq!(memory.bounce(ByteLen(BOUNCE_LIMIT)), Err(Errno::Eio), "full");
        memory.unbounce(slot);
        assert_eq!(memory.bounce(ByteLen(1)).expect("fits").len, ByteLen(PAGE));
    }
}
