// SPDX-License-Identifier: Apache-2.0
//! The static pool: a carve-out handed out in runs of pages, as `gen_pool` does it.
use super::{Allocation, Purpose};
use crate::tee::effect::MemoryOp;
use crate::tee::errno::Errno;
use crate::tee::faults::FaultPoint;
use crate::tee::outcome::{Failure, OopsAt, Outcome};
use crate::tee::pagemap::{PageMap, Placement};
use crate::tee::policy::Provenance;
use crate::tee::world::{Context, Lendable, World};
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// A carve-out that is protected from boot on (`tee_protmem_static_pool_alloc`).
///
/// First fit at the lowest address, whole pages, no clearing, unless placement or policy say
/// otherwise: what a buffer left in memory is there for the next one.
#[derive(Clone, Debug)]
pub struct StaticPool {
    purpose: Purpose,
    base: PhysAddr,
    len: ByteLen,
    placement: Placement,
    map: PageMap,
    generation: u32,
}

impl StaticPool {
    /// As the driver of OP-TEE makes it (`static_protmem_pool_init`): checks where the carve-out
    /// is, as far as the policy says so, and tells the secure world of it.
    ///
    /// # Errors
    /// `ENXIO` for memory that the kernel owns; `EINVAL` for what else the policy objects to, and
    /// when the firewall has no region for it; and as [`Self::new`].
    pub fn probe(
        purpose: Purpose,
        base: PhysAddr,
        len: ByteLen,
        placement: Placement,
        world: &mut World,
    ) -> Result<Self, Errno> {
        let policy = world.context.policy;
        let whole = (base.0 | len.0).is_multiple_of(PAGE);
        if whole {
            world.memory.check(base, len, policy.provenance)?;
        }
        let pool = Self::new(purpose, base, len, placement, world)?;
        let Some(range) = AddrRange::new(base, len).filter(|range| range.len.0 > 0) else {
            return Ok(pool);
        };
        let objects = &mut world.optee.objects;
        let overlaps = objects.overlaps_protected(range) || objects.overlaps_shared(range);
        if policy.overlap_refused && overlaps {
            return Err(Errno::Einval);
        }
        if policy.alignment_honoured && !world.optee.platform.granule().holds(range) {
            return Err(Errno::Einval);
        }
        if !placement.region_per_buffer {
            world.optee.platform.protect_at_boot(range).map_err(|_| Errno::Einval)?;
        }
        objects.add_sdp(range);
        Ok(pool)
    }

    /// Makes a pool of `len` bytes at `base` (`tee_protmem_static_pool_alloc`). A size of 0 is
    /// accepted; every allocation from it then fails.
    ///
    /// # Errors
    /// `EINVAL` when base or size is not whole pages, or the first page is not valid where the
    /// policy looks at it; `ENOMEM` when its bitmap cannot be had.
    pub fn new(
        purpose: Purpose,
        base: PhysAddr,
        len: ByteLen,
        placement: Placement,
        world: &mut World,
    ) -> Result<Self, Errno> {
        if !(base.0 | len.0).is_multiple_of(PAGE) {
            return Err(Errno::Einval);
        }
        if world.context.policy.provenance != Provenance::None {
            world.memory.check_first_page(base)?;
        }
        world.context.fail(FaultPoint::PoolObject, Errno::Enomem)?;
        let map = PageMap::new(AddrRange { base, len }).ok_or(Errno::Enomem)?;
        Ok(Self { purpose, base, len, placement, map, generation: 0 })
    }

    /// Bytes that nobody holds, however scattered.
    pub const fn free(&self) -> ByteLen {
        ByteLen(self.map.free_pages() * PAGE)
    }

    /// Whether every page is back, as `gen_pool_destroy` demands (`BUG_ON` otherwise).
    pub const fn is_whole(&self) -> bool {
        self.map.is_whole()
    }

    /// Hands out a run of free pages that holds `len` bytes.
    ///
    /// # Errors
    /// `ENOMEM` when `len` is 0, no run is long enough, whatever is free in total, or no region
    /// is left where every buffer has one; and when the run starts at address 0, which the kernel
    /// takes for failure: its pages are lost. Oops when the run has no page structure.
    pub fn alloc(&mut self, len: ByteLen, world: &mut World) -> Result<Allocation, Failure> {
        let (pages, align) = self.placement.shape(len).ok_or(Errno::Enomem)?;
        let first = self.map.take(pages, align, self.placement.strategy).ok_or(Errno::Enomem)?;
        let offset = first * PAGE;
        let base = PhysAddr(self.base.0.wrapping_add(offset));
        if base.0 == 0 {
            return Err(Errno::Enomem.into());
        }
        if world.context.fail(FaultPoint::BufferObject, Errno::Enomem).is_err() {
            self.map.give(first, pages);
            return Err(Errno::Enomem.into());
        }
        if !world.memory.pfn_valid(base) {
            let oops = Outcome::Oops { at: OopsAt::Page(base) };
            world.context.outcome(oops);
            return Err(Failure::NoReturn(oops));
        }
        let range = AddrRange { base, len: ByteLen(pages * PAGE) };
        if self.placement.region_per_buffer {
            let World { optee, context, .. } = world;
            if optee.platform.protect(self.purpose.lendable(range), context).is_err() {
                self.map.give(first, pages);
                return Err(Errno::Enomem.into());
            }
        }
        self.generation += 1;
        Ok(Allocation { range, offset: ByteLen(offset), generation: self.generation })
    }

    /// Takes a run back; its pages can be handed out again at once, with what is in them.
    pub fn give(&mut self, run: &Allocation, world: &mut World) {
        let memory = self.purpose.lendable(run.range);
        scrub(memory, &mut world.context);
        if self.placement.region_per_buffer && !self.close(memory, world) {
            world.context.memory(MemoryOp::Quarantine, memory);
            return;
        }
        self.map.give(run.offset.0 / PAGE, run.range.len.0 / PAGE);
    }

    /// Takes a buffer's own region away; `false` when its pages must not be used again.
    fn close(&self, memory: Lendable, world: &mut World) -> bool {
        let World { optee, context, .. } = world;
        if context.policy.drain_before_reclaim {
            context.memory(MemoryOp::Drain, memory);
        }
        if context.policy.scrub_before_reclaim && !context.policy.scrub_on_free {
            context.memory(MemoryOp::Scrub, memory);
        }
        let restored = optee.platform.restore(memory, context).is_ok();
        restored || !context.policy.reclaim_checked
    }

    /// `gen_pool_destroy`, a BUG while pages are used.
    pub fn destroy(self, world: &mut World) {
        if !self.is_whole() {
            world.context.outcome(Outcome::PagesLostAtDestroy { pool: self.purpose.index });
        }
    }

    /// The carve-out; never wraps where a pool serves, for no page at the wrap is valid.
    pub const fn base(&self) -> PhysAddr {
        self.base
    }

    /// Bytes of the carve-out.
    pub const fn len(&self) -> ByteLen {
        self.len
    }

    /// Whether it holds nothing at all.
    pub const fn is_empty(&self) -> bool {
        self.len.0 == 0
    }
}

/// Overwrites a freed buffer where the policy says so.
pub(super) fn scrub(memory: Lendable, context: &mut Context) {
    if context.policy.scrub_on_free {
        context.memory(MemoryOp::Scrub, memory);
    }
}
