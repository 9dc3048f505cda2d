// SPDX-License-Identifier: Apache-2.0
//! The dynamic pool: one chunk of ordinary memory, lent while anybody holds a part of it
//! (`drivers/tee/optee/protmem.c`).
use super::static_pool::scrub;
use super::{Allocation, Purpose};
use crate::tee::errno::Errno;
use crate::tee::faults::FaultPoint;
use crate::tee::heap::heap_id;
use crate::tee::optee::{ProtmemConfig, Release};
use crate::tee::outcome::{Counted, Failure, OopsAt, Outcome};
use crate::tee::pagemap::{PageMap, Placement};
use crate::tee::refcount::Refcount;
use crate::tee::result::TeeResult;
use crate::tee::world::World;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// The chunk while it is lent.
#[derive(Clone, Debug)]
struct Chunk {
    memory: u64,
    range: AddrRange,
    map: PageMap,
}

/// A pool that is lent by its first buffer and reclaimed by its last.
#[derive(Clone, Debug)]
pub struct DynamicPool {
    purpose: Purpose,
    placement: Placement,
    config: ProtmemConfig,
    count: Refcount,
    chunk: Option<Chunk>,
    /// Memory whose reclaim waits in the TEE; its caller holds the pool's mutex.
    waiting: Option<u64>,
    /// Somebody died with the pool's mutex held.
    dead: bool,
    generation: u32,
}

impl DynamicPool {
    /// Asks the TEE what it needs for the use case (`optee_protmem_alloc_dyn_pool`). Nothing is
    /// lent yet.
    ///
    /// # Errors
    /// `EINVAL` when the TEE has no such configuration, fails, or returns more attributes than it
    /// was asked for; `ENOSPC` when it wants more room a second time; `ENOMEM`.
    pub fn probe(purpose: Purpose, placement: Placement, world: &mut World) -> Result<Self, Errno> {
        world.context.fail(FaultPoint::PoolObject, Errno::Enomem)?;
        let config = match Self::ask(purpose, None, world) {
            Ok(reply) => reply,
            Err((Errno::Enospc, room)) => {
                Self::ask(purpose, Some(room), world).map_err(|(errno, _)| errno)?
            }
            Err((errno, _)) => return Err(errno),
        };
        let (count, chunk, waiting) = (Refcount::new(0), None, None);
        let (dead, generation) = (false, 0);
        Ok(Self { purpose, placement, config, count, chunk, waiting, dead, generation })
    }

    /// `get_protmem_config`; an error comes with the room that the TEE wants.
    fn ask(
        purpose: Purpose,
        room: Option<usize>,
        world: &mut World,
    ) -> Result<ProtmemConfig, (Errno, usize)> {
        let (optee, context) = (&world.optee, &mut world.context);
        let reply = optee.protmem_config(heap_id(purpose.heap), room.unwrap_or(0), context);
        let reply = reply.map_err(|_| (Errno::Einval, 0))?;
        match reply.result {
            Ok(()) if room.is_some_and(|room| reply.count > room) => Err((Errno::Einval, 0)),
            Ok(()) => Ok(reply.config),
            Err(TeeResult::ShortBuffer) => Err((Errno::Enospc, reply.count)),
            Err(_) => Err((Errno::Einval, 0)),
        }
    }

    /// What the TEE asked for.
    pub const fn config(&self) -> &ProtmemConfig {
        &self.config
    }

    /// Number of the memory that is lent now.
    pub fn memory(&self) -> Option<u64> {
        self.chunk.as_ref().map(|chunk| chunk.memory)
    }

    /// Bytes that nobody holds of what is lent.
    pub fn free(&self) -> ByteLen {
        ByteLen(self.chunk.as_ref().map_or(0, |chunk| chunk.map.free_pages() * PAGE))
    }

    /// Whether nobody holds a part of it.
    pub fn is_whole(&self) -> bool {
        self.chunk.as_ref().is_none_or(|chunk| chunk.map.is_whole())
    }

    /// `get_dyn_protmem`: counts a buffer, and lends the memory for the first one.
    ///
    /// # Errors
    /// `ENOMEM` without pages, `EINVAL` when the TEE refuses; the next call starts from scratch.
    /// No return while a reclaim waits in the TEE.
    pub fn get(&mut self, world: &mut World) -> Result<(), Failure> {
        let counted = Counted::Pool(self.purpose.index);
        let held = self.count.inc_not_zero();
        if world.context.counted(counted, held, true) {
            return Ok(());
        }
        self.lock(world)?;
        if self.chunk.is_none() {
            return Ok(self.init(world)?);
        }
        if world.context.policy.get_put_closed {
            self.count = Refcount::new(1); // whoever is about to tear down looks again
        } else {
            let result = self.count.inc().map(|()| true);
            world.context.counted(counted, result, true);
        }
        Ok(())
    }

    /// `mutex_lock`, which does not return while somebody sleeps or died with it.
    fn lock(&self, world: &mut World) -> Result<(), Failure> {
        if self.waiting.is_none() && !self.dead {
            return Ok(());
        }
        let hung = Outcome::HungCaller { pool: self.purpose.index };
        world.context.outcome(hung);
        Err(Failure::NoReturn(hung))
    }

    /// `init_dyn_protmem`.
    fn init(&mut self, world: &mut World) -> Result<(), Errno> {
        let (len, align) = world.pool_memory_shape(self.config.min_size, self.config.alignment);
        let memory = world.alloc_pool_memory(len, align, self.purpose)?;
        if let Err(errno) = world.lend(memory, &self.config.attributes) {
            world.put_pool_memory(memory);
            return Err(errno);
        }
        let range = world.pool_memories.range(memory);
        let failed = world.context.fail(FaultPoint::PoolMap, Errno::Enomem).is_err();
        let map = range.filter(|_| !failed).and_then(PageMap::new);
        let (Some(range), Some(map)) = (range, map) else {
            // The result is dropped here too.
            let _ = world.reclaim(memory);
            world.put_pool_memory(memory);
            return Err(Errno::Enomem);
        };
        self.chunk = Some(Chunk { memory, range, map });
        self.count = Refcount::new(1);
        Ok(())
    }

    /// The rest of `alloc`, after [`Self::get`].
    ///
    /// # Errors
    /// `ENOMEM` when no run is long enough; the count is dropped. Oops when the pool was torn
    /// down meanwhile.
    pub fn take(&mut self, len: ByteLen, world: &mut World) -> Result<Allocation, Failure> {
        let Some(chunk) = &mut self.chunk else {
            let oops = Outcome::Oops { at: OopsAt::Pool(self.purpose.index) };
            world.context.outcome(oops);
            return Err(Failure::NoReturn(oops));
        };
        let shape = self.placement.shape(len);
        let first = shape.and_then(|(p, align)| chunk.map.take(p, align, self.placement.strategy));
        let run = first.zip(shape);
        if let Some((first, (pages, _))) = run {
            if !world.context.faults.hit(FaultPoint::BufferObject) {
                let offset = ByteLen(first * PAGE);
                let base = PhysAddr(chunk.range.base.0 + offset.0);
                self.generation += 1;
                let range = AddrRange { base, len: ByteLen(pages * PAGE) };
                return Ok(Allocation { range, offset, generation: self.generation });
            }
            chunk.map.give(first, pages);
        }
        if self.put(world) {
            self.teardown(world);
        }
        Err(Errno::Enomem.into())
    }

    /// First half of `free`: gives the pages back and drops the count. `true` for the last.
    #[must_use]
    pub fn give(&mut self, run: &Allocation, world: &mut World) -> bool {
        if let Some(chunk) = &mut self.chunk {
            scrub(self.purpose.lendable(run.range), &mut world.context);
            chunk.map.give(run.offset.0 / PAGE, run.range.len.0 / PAGE);
        }
        self.put(world)
    }

    fn put(&mut self, world: &mut World) -> bool {
        let last = self.count.dec_and_test();
        world.context.counted(Counted::Pool(self.purpose.index), last, false)
    }

    /// Second half of `free` of the last buffer (`put_dyn_protmem` under the mutex). Between the
    /// halves somebody may have counted himself in again.
    pub fn teardown(&mut self, world: &mut World) {
        let revived = world.context.policy.get_put_closed && self.count.read() != 0;
        if self.lock(world).is_err() || revived {
            return;
        }
        let Some(chunk) = self.chunk.take() else {
            return;
        };
        if !chunk.map.is_whole() {
            // BUG_ON in gen_pool_destroy: the task dies with the mutex held.
            world.context.outcome(Outcome::PagesLostAtDestroy { pool: self.purpose.index });
            self.chunk = Some(chunk);
            self.dead = true;
            return;
        }
        if world.reclaim(chunk.memory) == Ok(Release::Blocked) {
            world.context.outcome(Outcome::HungCaller { pool: self.purpose.index });
            self.waiting = Some(chunk.memory);
            return;
        }
        self.finish(chunk.memory, world);
    }

    /// Ends a reclaim that waited for `memory`. Whether this pool was the one.
    pub fn wake(&mut self, memory: u64, world: &mut World) -> bool {
        if self.waiting != Some(memory) {
            return false;
        }
        self.waiting = None;
        // Linux drops the result; a policy that checks has put the pages aside already.
        let _ = world.finish_reclaim(memory);
        self.finish(memory, world);
        true
    }

    fn finish(&self, memory: u64, world: &mut World) {
        world.warn_unexpected(memory, self.purpose.index);
        world.put_pool_memory(memory);
    }

    /// `pool_op_dyn_destroy_pool`: forgets the attributes, and whatever is still lent.
    pub fn destroy(self, world: &mut World) {
        let attributes = self.config.attributes.len() as u64 * 4;
        let lent = self.chunk.as_ref().map_or(0, |chunk| chunk.range.len.0);
        if attributes + lent > 0 {
            world.context.outcome(Outcome::Leak { bytes: attributes + lent });
        }
    }
}
