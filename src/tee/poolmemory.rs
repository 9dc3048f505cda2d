// SPDX-License-Identifier: Apache-2.0
//! Memory of dynamic pools: taken from the kernel, lent to the TEE, reclaimed, given back
//! (`tee_shm_alloc_dma_mem`, `optee_*_lend_protmem`, `optee_*_reclaim_protmem`).
use super::effect::MemoryOp;
use super::errno::Errno;
use super::faults::FaultPoint;
use super::heap::heap_id;
use super::optee::{Abi, Param, ROLES_SHIFT, Receiver, Release};
use super::outcome::{Counted, Outcome};
use super::policy::DirectMap;
use super::pool::Purpose;
use super::refcount::Refcount;
use super::result::TeeResult;
use super::rights::Roles;
use super::world::{Lendable, World};
use crate::units::{AddrRange, ByteLen, PAGE};
use std::collections::BTreeMap;

/// Memory of one dynamic pool (`struct tee_shm_dma_mem`).
#[derive(Clone, Debug)]
struct PoolMemory {
    memory: Lendable,
    roles: Roles,
    count: Refcount,
    unmapped: bool,
    quarantined: bool,
}

/// All of them, by number; the number is the cookie too and never used twice.
#[derive(Clone, Debug, Default)]
pub struct PoolMemories {
    next: u64,
    live: BTreeMap<u64, PoolMemory>,
}

impl PoolMemories {
    /// The next cookie.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Where the memory is; `None` when it was given back.
    pub fn range(&self, number: u64) -> Option<AddrRange> {
        self.live.get(&number).map(|one| one.memory.range)
    }

    /// References to the memory; 0 when it was given back.
    pub fn references(&self, number: u64) -> i32 {
        self.live.get(&number).map_or(0, |one| one.count.read())
    }
}

impl World {
    /// Takes pages for a pool; they come cleared, through the processor's cache.
    ///
    /// # Errors
    /// `ENOMEM` when the contiguous area has no such run; `EINVAL` in a kernel without protected
    /// heaps.
    pub fn alloc_pool_memory(
        &mut self,
        len: ByteLen,
        align: u64,
        purpose: Purpose,
    ) -> Result<u64, Errno> {
        if !self.built_in {
            return Err(Errno::Einval);
        }
        self.context.fail(FaultPoint::DmaPages, Errno::Enomem)?;
        let range = self.memory.take(len, align)?;
        let memory = purpose.lendable(range);
        self.context.memory(MemoryOp::Migrate, memory);
        self.context.memory(MemoryOp::Clear, memory);
        // By virtual address: clean while the mapping is there.
        if self.context.policy.cache_before_lend {
            self.context.memory(MemoryOp::CacheClean, memory);
        }
        if self.context.policy.invalidate_before_lend {
            self.context.memory(MemoryOp::CacheInvalidate, memory);
        }
        let unmapped = self.remove_direct_map(memory);
        let number = self.pool_memories.number();
        let count = Refcount::new(1);
        let (roles, quarantined) = (purpose.roles, false);
        let one = PoolMemory { memory, roles, count, unmapped, quarantined };
        self.pool_memories.live.insert(number, one);
        Ok(number)
    }

    fn remove_direct_map(&mut self, memory: Lendable) -> bool {
        let (remove, flush) = match self.context.policy.direct_map {
            DirectMap::Kept => (false, false),
            DirectMap::RemovedInLendPool => (self.memory.in_lend_pool(memory.range), false),
            DirectMap::Removed => (true, false),
            DirectMap::RemovedAndFlushed => (true, true),
        };
        if remove {
            self.context.memory(MemoryOp::DirectMapRemove, memory);
        }
        if flush {
            self.context.memory(MemoryOp::TlbFlush, memory);
        }
        remove
    }

    /// Takes a reference for the length of a call.
    pub fn get_pool_memory(&mut self, number: u64) {
        if let Some(one) = self.pool_memories.live.get_mut(&number) {
            let result = one.count.inc().map(|()| true);
            self.context.counted(Counted::PoolMemory(number), result, true);
        }
    }

    /// Drops a reference; the last one gives the pages back, protected or not.
    pub fn put_pool_memory(&mut self, number: u64) {
        let Some(one) = self.pool_memories.live.get_mut(&number) else {
            return;
        };
        let result = one.count.dec_and_test();
        if !self.context.counted(Counted::PoolMemory(number), result, false) {
            return;
        }
        let (memory, quarantined, unmapped) = (one.memory, one.quarantined, one.unmapped);
        self.pool_memories.live.remove(&number);
        if quarantined {
            return;
        }
        if unmapped {
            self.context.memory(MemoryOp::DirectMapRestore, memory);
        }
        // By the address that has just come back: maintenance without a mapping is an oops.
        if self.context.policy.cache_after_reclaim {
            self.context.memory(MemoryOp::CacheInvalidate, memory);
        }
        self.memory.give(memory.range);
        self.context.memory(MemoryOp::GiveBack, memory);
    }

    /// Lends a pool's memory to the TEE.
    ///
    /// # Errors
    /// `EINVAL` when the TEE refuses, whatever it said.
    pub fn lend(&mut self, number: u64, attributes: &[u32]) -> Result<(), Errno> {
        let one = self.pool_memories.live.get(&number).ok_or(Errno::Einval)?;
        let (memory, roles) = (one.memory, one.roles.code());
        let use_case = heap_id(memory.heap);
        let (optee, context) = (&mut self.optee, &mut self.context);
        if optee.abi == Abi::Smc {
            let value = Param::Value { a: u64::from(use_case), b: roles };
            let params = [value, Param::Tmem { range: memory.range, cookie: number }];
            return optee.lend(&params, context).map_err(|_| Errno::Einval);
        }
        let receivers: Vec<_> = attributes.iter().map(|a| Receiver::of_attribute(*a)).collect();
        let tag = u64::from(use_case) | roles << ROLES_SHIFT;
        optee.ffa_lend(number, memory.range, tag, &receivers)?;
        optee.assign(number, use_case, context).map_err(|_| {
            // The kernel reclaims, and prints what that says.
            let _ = optee.ffa_reclaim(number);
            Errno::Einval
        })
    }

    /// Overwrites, drains and reclaims a pool's memory, as far as the policy says so.
    ///
    /// # Errors
    /// `EINVAL` when the TEE refuses (SMC), `EACCES` when it has not released (FF-A).
    pub fn reclaim(&mut self, number: u64) -> Result<Release, Errno> {
        let memory = self.pool_memories.live.get(&number).ok_or(Errno::Einval)?.memory;
        if self.context.policy.drain_before_reclaim {
            self.context.memory(MemoryOp::Drain, memory);
        }
        if self.context.policy.scrub_before_reclaim {
            self.context.memory(MemoryOp::Scrub, memory);
        }
        let (optee, context) = (&mut self.optee, &mut self.context);
        let released = match optee.abi {
            Abi::Smc => optee.reclaim(&[Param::Rmem { cookie: number }], context),
            Abi::FfA => optee.ffa_release(number, context),
        };
        if released == Ok(Release::Blocked) {
            return Ok(Release::Blocked);
        }
        self.reclaimed(number, released.map(|_| ())).map(|()| Release::Done)
    }

    /// The end of a reclaim that waited.
    ///
    /// # Errors
    /// As [`Self::reclaim`].
    pub fn finish_reclaim(&mut self, number: u64) -> Result<(), Errno> {
        let released = self.optee.finish_release(number, &mut self.context);
        self.reclaimed(number, released)
    }

    /// What the TEE's answer means to the kernel.
    fn reclaimed(&mut self, number: u64, released: Result<(), TeeResult>) -> Result<(), Errno> {
        let result = match self.optee.abi {
            Abi::Smc => released.map_err(|_| Errno::Einval),
            Abi::FfA => {
                let reclaimed = self.optee.ffa_reclaim(number);
                reclaimed.and(released.map_err(|_| Errno::Einval))
            }
        };
        if result.is_err()
            && self.context.policy.reclaim_checked
            && let Some(one) = self.pool_memories.live.get_mut(&number)
        {
            one.quarantined = true;
            self.context.memory(MemoryOp::Quarantine, one.memory);
        }
        result
    }

    /// Bytes and alignment of a pool's memory, from what the TEE asks for.
    pub(super) fn pool_memory_shape(&self, asked: ByteLen, alignment: ByteLen) -> (ByteLen, u64) {
        let whole = ByteLen(asked.0 / PAGE * PAGE);
        if !self.context.policy.alignment_honoured {
            return (whole, PAGE);
        }
        let granule = self.optee.platform.granule();
        let (len, align) = granule.fit(whole).unwrap_or((whole.0, PAGE));
        let align = align.max(alignment.0.checked_next_power_of_two().unwrap_or(PAGE)).max(PAGE);
        let len = if alignment.0 > 0 { len.checked_next_multiple_of(alignment.0) } else { None };
        (ByteLen(len.unwrap_or(whole.0)), align)
    }

    /// WARN "Unexpected refcount" at the end of a pool whose memory somebody else holds.
    pub(super) fn warn_unexpected(&mut self, number: u64, pool: usize) {
        if self.pool_memories.references(number) != 1 {
            self.context.outcome(Outcome::UnexpectedRefcount { pool });
        }
    }
}
