// SPDX-License-Identifier: Apache-2.0
//! Linux's view of physical memory: what is RAM, what has a page structure, what may be lent.
use super::effect::DmaDirection;
use super::errno::Errno;
use super::pagemap::{PageMap, Strategy};
use super::policy::Provenance;
use super::swiotlb::{BounceCopy, Mapped, NoMapping, Reachable, Swiotlb};
use crate::units::{AddrRange, ByteLen, MasterId, PAGE, PhysAddr};

/// Bytes of a memory section of arm64 (`SECTION_SIZE_BITS` = 27).
pub const SECTION: u64 = 128 << 20;
/// `CONFIG_CMA_ALIGNMENT` of arm64: a run is aligned on its own size up to this many pages.
const CMA_ALIGN_PAGES: u64 = 1 << 8;

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
    swiotlb: Option<Swiotlb>,
    restricted: Vec<(MasterId, Swiotlb)>,
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
            restricted: Vec::new(),
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

    /// Keeps whole pages for bounce buffers of all devices, or of one that reaches nothing else.
    ///
    /// # Errors
    /// `EINVAL` when the area is not whole pages of ordinary memory.
    pub fn with_swiotlb(mut self, area: AddrRange, of: Option<MasterId>) -> Result<Self, Errno> {
        let whole = (area.base.0 | area.len.0).is_multiple_of(PAGE);
        if !whole || !self.is_system_ram(area) {
            return Err(Errno::Einval);
        }
        match of {
            None => self.swiotlb = Some(Swiotlb::new(area)),
            Some(master) => self.restricted.push((master, Swiotlb::restricted(area))),
        }
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

    /// Maps a buffer for a device through its own bounce buffers or those of all, if it must be.
    ///
    /// # Errors
    /// When it must be bounced and cannot be.
    pub fn bounce(
        &mut self,
        master: MasterId,
        buffer: AddrRange,
        direction: DmaDirection,
        device: Reachable,
    ) -> Result<Mapped, NoMapping> {
        match self.bounce_pool(master) {
            Some(pool) => pool.map(buffer, direction, device),
            None if device.reaches(buffer) => Ok(Mapped::Direct(buffer.base)),
            None => Err(NoMapping::Full),
        }
    }

    /// Whether a device must bounce whatever it maps, for it has slots of its own.
    pub fn must_bounce(&self, master: MasterId) -> bool {
        self.restricted.iter().any(|(who, _)| *who == master)
    }

    /// Gives slots back; the copy to make before that is over, if any.
    pub fn unbounce(
        &mut self,
        master: MasterId,
        bus: PhysAddr,
        skip_cpu_sync: bool,
    ) -> Option<BounceCopy> {
        self.bounce_pool(master)?.unmap(bus, skip_cpu_sync)
    }

    fn bounce_pool(&mut self, master: MasterId) -> Option<&mut Swiotlb> {
        let own = self.restricted.iter_mut().find(|(who, _)| *who == master);
        own.map(|(_, pool)| pool).or(self.swiotlb.as_mut())
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
    fn a_device_bounces_through_its_own_buffers_if_it_has_any() {
        let (display, other) = (MasterId(3), MasterId(4));
        let memory = memory().with_swiotlb(range(BASE, MIB), None).expect("ordinary memory");
        let own = range(BASE + MIB, MIB);
        let mut memory = memory.with_swiotlb(own, Some(display)).expect("ordinary memory");
        let (buffer, to) = (range(BASE + 65 * MIB, PAGE), DmaDirection::ToDevice);
        let wide = Reachable { address_bits: 40, force: false };
        let direct = Ok(Mapped::Direct(buffer.base));
        assert_eq!(memory.bounce(other, buffer, to, wide), direct);
        let narrow = Reachable { address_bits: 31, force: false };
        assert!(memory.bounce(other, buffer, to, narrow).is_err(), "its slots are too high");
        match memory.bounce(display, buffer, to, wide) {
            Ok(Mapped::Bounced { bus, .. }) => assert!(own.contains(bus)),
            found => panic!("{found:?}"),
        }
        let mut none = self::memory();
        assert_eq!(none.bounce(other, buffer, to, wide), direct);
        assert_eq!(none.bounce(other, buffer, to, narrow), Err(NoMapping::Full));
        let reserved = range(BASE + 64 * MIB, MIB);
        let refused = self::memory().with_swiotlb(reserved, None);
        assert_eq!(refused.map(|_| ()), Err(Errno::Einval));
    }
}
