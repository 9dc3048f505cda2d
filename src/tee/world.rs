// SPDX-License-Identifier: Apache-2.0
//! Around heaps and pools: memory, secure world, policy, faults, and the list of effects.
use super::effect::{Effect, MemoryEffect, MemoryOp};
use super::errno::Errno;
use super::faults::{FaultPoint, Faults};
use super::optee::Optee;
use super::outcome::{Counted, Outcome};
use super::policy::Policy;
use super::poolmemory::PoolMemories;
use super::refcount::RefcountWarning;
use super::rights::PoolRights;
use super::system::SystemMemory;
use crate::scenario::UseCase;
use crate::units::AddrRange;

/// Policy and faults of a run, and what its calls changed, in order.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Policy in force.
    pub policy: Policy,
    /// Faults that wait to strike.
    pub faults: Faults,
    /// What calls changed.
    pub effects: Vec<Effect>,
}

impl Context {
    /// Fails with `errno` when a planted fault strikes here.
    ///
    /// # Errors
    /// `errno`.
    pub fn fail(&mut self, point: FaultPoint, errno: Errno) -> Result<(), Errno> {
        if self.faults.hit(point) { Err(errno) } else { Ok(()) }
    }

    /// Notes something that no return value tells.
    pub fn outcome(&mut self, outcome: Outcome) {
        self.effects.push(Effect::Outcome(outcome));
    }

    /// Notes a change of memory.
    pub fn memory(&mut self, op: MemoryOp, of: Lendable) {
        self.region(op, of, of.range);
    }

    /// Notes a change of memory for which the firewall has a region of its own size.
    pub fn region(&mut self, op: MemoryOp, of: Lendable, range: AddrRange) {
        let Lendable { range: asked, heap, rights } = of;
        self.effects.push(Effect::Memory(MemoryEffect { op, range, asked, heap, rights }));
    }

    /// Takes a reference count's answer, and notes its warning.
    pub fn counted(
        &mut self,
        of: Counted,
        result: Result<bool, RefcountWarning>,
        on_warning: bool,
    ) -> bool {
        result.unwrap_or_else(|warning| {
            self.outcome(Outcome::Refcount { of, warning });
            on_warning
        })
    }
}

/// A range with the use case and the rights that it is lent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lendable {
    /// Where.
    pub range: AddrRange,
    /// For what.
    pub heap: UseCase,
    /// For whom.
    pub rights: PoolRights,
}

/// Everything that a pool's operation can reach.
#[derive(Clone, Debug)]
pub struct World {
    /// Policy, faults and effects.
    pub context: Context,
    /// Linux's memory.
    pub memory: SystemMemory,
    /// The secure world.
    pub optee: Optee,
    /// Memory of dynamic pools (`tee_shm` of kind DMA_MEM).
    pub pool_memories: PoolMemories,
    /// The kernel has `CONFIG_TEE_DMABUF_HEAPS`.
    pub built_in: bool,
}

impl World {
    /// A machine without pools.
    pub fn new(policy: Policy, memory: SystemMemory, optee: Optee) -> Self {
        let context = Context { policy, ..Context::default() };
        Self { context, memory, optee, pool_memories: PoolMemories::default(), built_in: true }
    }
}
