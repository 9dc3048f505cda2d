// SPDX-License-Identifier: Apache-2.0
//! Bounce buffers (swiotlb): which addresses a device is given, and what the processor must copy.
//!
//! A pure model of Linux's kernel/dma/swiotlb.c, read in its 6.x form: it moves nothing itself, a
//! [`BounceCopy`] is an operation for the processor. Mapping copies from the buffer whatever the
//! direction and whatever `DMA_ATTR_SKIP_CPU_SYNC` says, so that a device that writes only a part
//! leaves the rest as it was; the attribute only stops the copy back when unmapping. Slots are used
//! again as they are. Not modelled: areas a processor, growing pools, `min_align_mask`.
use super::effect::DmaDirection;
use super::errno::Errno;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Bytes of a slot (`IO_TLB_SIZE`).
pub const SLOT: u64 = 2048;
/// Slots of one mapping at most, which is also a segment that none crosses (`IO_TLB_SEGSIZE`).
pub const SEGMENT: usize = 128;

/// What a device can reach and must use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// Bits of an address that it drives (its DMA mask).
    pub address_bits: u32,
    /// Everything is bounced (`swiotlb=force`).
    pub force: bool,
}

impl Reachable {
    /// Whether it can use a buffer itself.
    pub const fn reaches(self, range: AddrRange) -> bool {
        self.covers(range) && !self.force
    }

    const fn covers(self, range: AddrRange) -> bool {
        let last = range.end().0.saturating_sub(1);
        self.address_bits >= u64::BITS || last >> self.address_bits == 0
    }
}

/// A copy that the processor makes, through its kernel addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceCopy {
    /// Source.
    pub from: PhysAddr,
    /// Destination.
    pub to: PhysAddr,
    /// How much.
    pub len: ByteLen,
}

/// What a mapping gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// The device uses the buffer itself.
    Direct(PhysAddr),
    /// The device uses slots, once the copy is made.
    Bounced {
        /// Address for the device.
        bus: PhysAddr,
        /// To be made before the mapping returns.
        copy: BounceCopy,
    },
}

/// Why there is no mapping. The caller of `dma_map_sgtable` sees `EIO` in each case: every failed
/// `dma_direct_map_page` becomes that (known, not read in the source at hand).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMapping {
    /// Longer than a segment: 256 KiB. A video frame in one piece can never be bounced.
    #[error("{} bytes are more than {SEGMENT} slots", .0.0)]
    TooLarge(ByteLen),
    /// No run of free slots is long enough.
    #[error("no run of free slots")]
    Full,
    /// The slots are beyond what the device reaches. The copy was made all the same before the
    /// kernel looks at the address.
    #[error("the slots are out of the device's reach")]
    OutOfReach(BounceCopy),
}

impl NoMapping {
    /// What the driver sees.
    pub const fn errno(self) -> Errno {
        Errno::Eio
    }
}

#[derive(Clone, Copy, Debug)]
struct Bounced {
    first: usize,
    slots: usize,
    orig: AddrRange,
    direction: DmaDirection,
}

/// A pool of slots in ordinary memory.
#[derive(Clone, Debug)]
pub struct Swiotlb {
    base: PhysAddr,
    restricted: bool,
    taken: Vec<bool>,
    /// Where the next search begins: slots go round, they are not the lowest free ones.
    index: usize,
    bounced: Vec<Bounced>,
}

impl Swiotlb {
    /// The pool of all devices: as many whole slots as `area` has from its first page on.
    pub fn new(area: AddrRange) -> Self {
        let base = area.base.0.next_multiple_of(PAGE);
        let slots = (area.end().0.saturating_sub(base) / SLOT) as usize;
        let taken = vec![false; slots];
        Self { base: PhysAddr(base), restricted: false, taken, index: 0, bounced: Vec::new() }
    }

    /// The pool of one device that can reach nothing else (`restricted-dma-pool`): it bounces
    /// everything, whatever the device could reach.
    pub fn restricted(area: AddrRange) -> Self {
        Self { restricted: true, ..Self::new(area) }
    }

    /// Maps a buffer for a device.
    ///
    /// # Errors
    /// When it must be bounced and cannot be; the driver sees `EIO`.
    pub fn map(
        &mut self,
        buffer: AddrRange,
        direction: DmaDirection,
        device: Reachable,
    ) -> Result<Mapped, NoMapping> {
        if device.reaches(buffer) && !self.restricted {
            return Ok(Mapped::Direct(buffer.base));
        }
        let slots = usize::try_from(buffer.len.0.div_ceil(SLOT)).unwrap_or(usize::MAX);
        if slots > SEGMENT {
            return Err(NoMapping::TooLarge(buffer.len));
        }
        let first = self.find(slots.max(1), buffer.len).ok_or(NoMapping::Full)?;
        let bus = PhysAddr(self.base.0 + first as u64 * SLOT);
        let copy = BounceCopy { from: buffer.base, to: bus, len: buffer.len };
        if !device.covers(AddrRange { base: bus, len: buffer.len }) {
            return Err(NoMapping::OutOfReach(copy));
        }
        let slots = slots.max(1);
        self.taken[first..first + slots].fill(true);
        self.bounced.push(Bounced { first, slots, orig: buffer, direction });
        Ok(Mapped::Bounced { bus, copy })
    }

    /// Unmaps what the device was given as `bus`; the copy to make before it returns, if any.
    pub fn unmap(&mut self, bus: PhysAddr, skip_cpu_sync: bool) -> Option<BounceCopy> {
        let slot = (bus.0.checked_sub(self.base.0)? / SLOT) as usize;
        let at = self.bounced.iter().position(|bounced| bounced.first == slot)?;
        let Bounced { first, slots, orig, direction } = self.bounced.remove(at);
        self.taken[first..first + slots].fill(false);
        let back = direction != DmaDirection::ToDevice && !skip_cpu_sync;
        back.then_some(BounceCopy { from: bus, to: orig.base, len: orig.len })
    }

    /// A run of free slots within a segment; from a page on where the mapping is a page or more.
    fn find(&mut self, slots: usize, len: ByteLen) -> Option<usize> {
        let total = self.taken.len();
        let stride = if len.0 >= PAGE { (PAGE / SLOT) as usize } else { 1 };
        let start = self.index.next_multiple_of(stride);
        let fits = |first: usize| {
            let end = first + slots;
            first % SEGMENT + slots <= SEGMENT
                && end <= total
                && !self.taken[first..end].contains(&true)
        };
        let round = (start..total).chain(0..start.min(total)).filter(|at| at % stride == 0);
        let first = round.into_iter().find(|&first| fits(first))?;
        self.index = if first + slots >= total { 0 } else { first + slots };
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    const NARROW: Reachable = Reachable { address_bits: 32, force: false };
    const KIB: u64 = 1024;

    fn range(base: u64, len: u64) -> AddrRange {
        AddrRange { base: PhysAddr(base), len: ByteLen(len) }
    }

    fn pool() -> Swiotlb {
        Swiotlb::new(range(0x8000_0000, 512 * KIB))
    }

    fn bus(mapping: Result<Mapped, NoMapping>) -> PhysAddr {
        match mapping {
            Ok(Mapped::Bounced { bus, .. }) => bus,
            other => panic!("not bounced: {other:?}"),
        }
    }

    #[test]
    fn only_what_a_device_cannot_reach_is_bounced_unless_forced() {
        let edge = range(0xffff_f000, 0x1000);
        let direct = Ok(Mapped::Direct(edge.base));
        assert_eq!(pool().map(edge, DmaDirection::ToDevice, NARROW), direct);
        let over = range(0xffff_f000, 0x1001);
        for direction in
            [DmaDirection::ToDevice, DmaDirection::FromDevice, DmaDirection::Bidirectional]
        {
            // The copy reads the buffer whatever the direction.
            let copy =
                BounceCopy { from: over.base, to: PhysAddr(0x8000_0000), len: ByteLen(0x1001) };
            let want = Mapped::Bounced { bus: copy.to, copy };
            assert_eq!(pool().map(over, direction, NARROW), Ok(want));
        }
        let forced = Reachable { address_bits: 64, force: true };
        bus(pool().map(edge, DmaDirection::ToDevice, forced));
        let wide = Reachable { force: false, ..forced };
        assert_eq!(pool().map(edge, DmaDirection::ToDevice, wide), direct);
        let mut own = Swiotlb::restricted(range(0x8000_0000, 64 * KIB));
        bus(own.map(edge, DmaDirection::ToDevice, wide));
    }

    #[test]
    fn a_mapping_has_128_slots_and_a_frame_is_eio() {
        let mut pool = pool();
        let at = |len| range(0x1_0000_0000, len);
        let frame = at(3_133_440);
        let refused = pool.map(frame, DmaDirection::ToDevice, NARROW).expect_err("too large");
        assert_eq!((refused, refused.errno()), (NoMapping::TooLarge(frame.len), Errno::Eio));
        assert!(pool.map(at(256 * KIB + 1), DmaDirection::ToDevice, NARROW).is_err());
        bus(pool.map(at(256 * KIB), DmaDirection::ToDevice, NARROW));
        bus(pool.map(at(200 * KIB), DmaDirection::ToDevice, NARROW));
        let full = pool.map(at(100 * KIB), DmaDirection::ToDevice, NARROW);
        assert_eq!(full, Err(NoMapping::Full));
        assert_eq!(full.expect_err("full").errno(), Errno::Eio);
    }

    #[test]
    fn slots_that_the_device_cannot_reach_are_filled_and_then_refused() {
        let mut high = Swiotlb::new(range(0x1_0000_0000, 64 * KIB));
        let buffer = range(0x2_0000_0000, 4096);
        let refused = high.map(buffer, DmaDirection::ToDevice, NARROW).expect_err("too high");
        let copy = BounceCopy { from: buffer.base, to: PhysAddr(0x1_0000_0000), len: buffer.len };
        assert_eq!(refused, NoMapping::OutOfReach(copy));
        assert!(!high.taken.contains(&true), "nothing is kept");
    }

    #[test]
    fn unmapping_copies_back_what_the_device_may_have_written_unless_skipped() {
        let buffer = range(0x1_0000_0123, 5000);
        for (direction, skip, copies) in [
            (DmaDirection::FromDevice, false, true),
            (DmaDirection::Bidirectional, false, true),
            (DmaDirection::ToDevice, false, false),
            (DmaDirection::FromDevice, true, false),
            (DmaDirection::Bidirectional, true, false),
        ] {
            let mut pool = pool();
            let bus = bus(pool.map(buffer, direction, NARROW));
            let back = BounceCopy { from: bus, to: buffer.base, len: buffer.len };
            assert_eq!(pool.unmap(bus, skip), copies.then_some(back), "{direction:?} {skip}");
            assert_eq!(pool.unmap(bus, skip), None, "only once");
        }
    }

    #[test]
    fn slots_go_round_so_that_freed_ones_rest_for_a_while() {
        let mut pool = Swiotlb::new(range(0x8000_0000, 8 * SLOT));
        let buffer = range(0x1_0000_0000, 3 * SLOT);
        let mut places = Vec::new();
        for _ in 0..4 {
            let bus = bus(pool.map(buffer, DmaDirection::ToDevice, NARROW));
            places.push((bus.0 - 0x8000_0000) / SLOT);
            pool.unmap(bus, true);
        }
        // From a page on, as the mapping is longer than one; the fourth begins again.
        assert_eq!(places, [0, 4, 0, 4]);
    }

    /// Against a plain map of slots: no two mappings share one, none crosses a segment, and a
    /// refusal means that no run was free.
    #[test]
    fn random_mappings_never_share_a_slot() {
        let mut rng = crate::workload::stream(5, 0);
        let mut pool = Swiotlb::new(range(0x8000_0800, 700 * KIB));
        let base = 0x8000_1000;
        let slots = ((700 * KIB - 0x800) / SLOT) as usize;
        let mut owner: Vec<Option<PhysAddr>> = vec![None; slots];
        let mut reused = 0;
        for _ in 0..4000 {
            let len = [512_u64, 2048, 5000, 17_000, 120_000][rng.random_range(0..5usize)];
            if let Some(bus) = owner.iter().flatten().next().filter(|_| rng.random_bool(0.5)) {
                let bus = *bus;
                pool.unmap(bus, true);
                owner.iter_mut().filter(|o| **o == Some(bus)).for_each(|o| *o = None);
                continue;
            }
            let n = len.div_ceil(SLOT) as usize;
            match pool.map(range(0x1_0000_0000, len), DmaDirection::ToDevice, NARROW) {
                Ok(Mapped::Bounced { bus, .. }) => {
                    let first = ((bus.0 - base) / SLOT) as usize;
                    assert_eq!(first / 128, (first + n - 1) / 128, "crosses a segment");
                    assert!(len < PAGE || bus.0 % PAGE == 0, "not from a page on");
                    for slot in &mut owner[first..first + n] {
                        assert_eq!(*slot, None, "a slot of another mapping");
                        *slot = Some(bus);
                    }
                    reused += usize::from(first == 0);
                }
                Err(NoMapping::Full) => {
                    let aligned = |at: &usize| len < PAGE || at.is_multiple_of(2);
                    let free = |at: usize| {
                        at / 128 == (at + n - 1) / 128
                            && owner
                                .get(at..at + n)
                                .is_some_and(|run| run.iter().all(Option::is_none))
                    };
                    assert!(!(0..slots).filter(aligned).any(free), "{len} bytes would fit");
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(reused > 2, "slots go round: {reused}");
    }
}
