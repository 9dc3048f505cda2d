// SPDX-License-Identifier: Apache-2.0
//! Pools behind the kernel's operations (`struct tee_protmem_pool_ops`).
mod dynamic_pool;
mod static_pool;

pub use dynamic_pool::DynamicPool;
pub use static_pool::StaticPool;

use super::outcome::Failure;
use super::rights::Roles;
use super::world::{Lendable, World};
use crate::scenario::UseCase;
use crate::units::{AddrRange, ByteLen, PhysAddr};

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

/// What a pool is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Index of the pool in the scenario.
    pub index: usize,
    /// Use case that it serves.
    pub heap: UseCase,
    /// Roles of its buffers.
    pub roles: Roles,
}

impl Purpose {
    /// A range lent for it.
    pub fn lendable(self, range: AddrRange) -> Lendable {
        Lendable { range, heap: self.heap, rights: self.roles.rights(self.heap) }
    }
}

/// How a registered buffer is named to the TEE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShmPlace {
    /// By address; no parent.
    Address(PhysAddr),
    /// By the pool's memory and an offset into it.
    Parent {
        /// Number of the pool's memory.
        memory: u64,
        /// Bytes from its start.
        offset: ByteLen,
    },
}

/// A pool of either kind.
#[derive(Clone, Debug)]
pub enum Pool {
    /// A carve-out, protected from boot on.
    Static(StaticPool),
    /// One chunk, lent while anybody holds a part of it.
    Dynamic(DynamicPool),
}

impl Pool {
    /// `alloc`: `len` is whole pages.
    ///
    /// # Errors
    /// An errno, or no return when the kernel dies or hangs over it.
    pub fn alloc(&mut self, len: ByteLen, world: &mut World) -> Result<Allocation, Failure> {
        match self {
            Self::Static(pool) => pool.alloc(len, world),
            Self::Dynamic(pool) => {
                pool.get(world)?;
                pool.take(len, world)
            }
        }
    }

    /// First half of `free`: the pages are free again. `true` when the pool is to be torn down.
    #[must_use]
    pub fn give(&mut self, run: &Allocation, world: &mut World) -> bool {
        match self {
            Self::Static(pool) => {
                pool.give(run, world);
                false
            }
            Self::Dynamic(pool) => pool.give(run, world),
        }
    }

    /// Second half of `free` of a dynamic pool; others may have run in between.
    pub fn teardown(&mut self, world: &mut World) {
        if let Self::Dynamic(pool) = self {
            pool.teardown(world);
        }
    }

    /// The secure world let go of memory: ends a teardown that waited for it. Whether it did.
    pub fn wake(&mut self, memory: u64, world: &mut World) -> bool {
        match self {
            Self::Static(_) => false,
            Self::Dynamic(pool) => pool.wake(memory, world),
        }
    }

    /// `update_shm`: how a registered buffer is named to the TEE; `None` when the pool has no
    /// memory any more.
    pub fn update_shm(&self, run: &Allocation) -> Option<ShmPlace> {
        match self {
            Self::Static(_) => Some(ShmPlace::Address(run.range.base)),
            Self::Dynamic(pool) => {
                pool.memory().map(|memory| ShmPlace::Parent { memory, offset: run.offset })
            }
        }
    }

    /// `destroy_pool`; what is wrong with it is an outcome.
    pub fn destroy(self, world: &mut World) {
        match self {
            Self::Static(pool) => pool.destroy(world),
            Self::Dynamic(pool) => pool.destroy(world),
        }
    }

    /// Bytes that nobody holds, however scattered; of a dynamic pool that is not lent, 0.
    pub fn free(&self) -> ByteLen {
        match self {
            Self::Static(pool) => pool.free(),
            Self::Dynamic(pool) => pool.free(),
        }
    }

    /// Whether nobody holds a part of it.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Static(pool) => pool.is_whole(),
            Self::Dynamic(pool) => pool.is_whole(),
        }
    }
}
