// SPDX-License-Identifier: Apache-2.0
//! Calls into a dynamic pool, step by step (`get_dyn_protmem`, `put_dyn_protmem` and around them):
//! between any two steps another processor may take its own.
use super::Allocation;
use super::dynamic_pool::{Chunk, DynamicPool};
use crate::tee::errno::Errno;
use crate::tee::outcome::Failure;
use crate::tee::refcount::Refcount;
use crate::tee::world::World;
use crate::units::ByteLen;
use serde::{Deserialize, Serialize};

/// An atomic operation, a lock, or a part of what runs under the lock.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// `refcount_inc_not_zero` before the mutex.
    IncNotZero,
    /// `mutex_lock`.
    Lock,
    /// An allocation reads `gen_pool`.
    GetLooks,
    /// `refcount_inc` under the mutex; with `get_put_closed`, `refcount_inc_not_zero`.
    Inc,
    /// `refcount_set` to 1, with `get_put_closed` only: nobody held the pool.
    Revive,
    /// `init_dyn_protmem`: pages, lend, map, count.
    Init,
    /// `mutex_unlock`.
    Unlock,
    /// `gen_pool_alloc`.
    Take,
    /// `gen_pool_free`.
    Give,
    /// `refcount_dec_and_test`.
    DecAndTest,
    /// `refcount_read` under the mutex, with `get_put_closed` only.
    Recheck,
    /// A release reads `gen_pool`.
    PutLooks,
    /// `gen_pool_destroy` looks for bits that are set: BUG_ON.
    CheckBits,
    /// `gen_pool_destroy` frees the map, and `gen_pool` becomes NULL.
    Destroy,
    /// `reclaim_protmem`.
    Reclaim,
    /// WARN "Unexpected refcount", then `tee_shm_put`.
    PutMemory,
}

/// What a call is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Alloc(ByteLen),
    Free(Allocation),
}

/// A call into a dynamic pool that stops between its steps.
#[derive(Clone, Debug)]
pub struct PoolCall {
    purpose: Purpose,
    next: Option<Step>,
    /// It is past its drop of the count.
    putting: bool,
    result: Result<Option<Allocation>, Failure>,
    torn: Option<Chunk>,
}

impl PoolCall {
    /// `protmem_pool_op_dyn_alloc` of whole pages.
    pub const fn alloc(len: ByteLen) -> Self {
        Self::new(Purpose::Alloc(len), Step::IncNotZero)
    }

    /// `protmem_pool_op_dyn_free`.
    pub const fn free(run: Allocation) -> Self {
        Self::new(Purpose::Free(run), Step::Give)
    }

    const fn new(purpose: Purpose, first: Step) -> Self {
        Self { purpose, next: Some(first), putting: false, result: Ok(None), torn: None }
    }

    /// The step that comes next; `None` after the last, and when the caller died or hangs.
    pub const fn next(&self) -> Option<Step> {
        self.next
    }

    /// What an allocation got.
    ///
    /// # Errors
    /// As [`DynamicPool::alloc`].
    pub const fn result(&self) -> Result<Option<Allocation>, Failure> {
        self.result
    }
}

impl DynamicPool {
    /// Takes a call's next step and says which it was; `None` when there is none left. The step
    /// [`Step::Lock`] of a call that would wait for another's [`Step::Unlock`] hangs: whoever
    /// interleaves calls looks at [`Self::is_locked`] first.
    pub fn step(&mut self, call: &mut PoolCall, world: &mut World) -> Option<Step> {
        let step = call.next?;
        call.next = match step {
            Step::IncNotZero => Some(if self.count_in(world) { Step::Take } else { Step::Lock }),
            Step::Lock => self.lock_for(call, world),
            Step::GetLooks => Some(if self.chunk.is_some() { Step::Inc } else { Step::Init }),
            Step::Inc => Some(if self.inc(world) { Step::Unlock } else { Step::Revive }),
            Step::Revive => {
                self.count = Refcount::new(1);
                Some(Step::Unlock)
            }
            Step::Init => {
                call.result = self.init(world).map(|()| None).map_err(Failure::from);
                Some(Step::Unlock)
            }
            Step::Unlock => {
                self.locked = false;
                (!call.putting && call.result.is_ok()).then_some(Step::Take)
            }
            Step::Take => self.take_for(call, world),
            Step::Give => self.give_for(call, world),
            Step::DecAndTest => {
                call.putting = true;
                self.put(world).then_some(Step::Lock)
            }
            Step::Recheck => {
                Some(if self.count.read() == 0 { Step::PutLooks } else { Step::Unlock })
            }
            Step::PutLooks => {
                Some(if self.chunk.is_some() { Step::CheckBits } else { Step::Unlock })
            }
            Step::CheckBits => self.check_bits(world).then_some(Step::Destroy),
            Step::Destroy => {
                call.torn = self.chunk.take();
                Some(Step::Reclaim)
            }
            Step::Reclaim => {
                let torn = call.torn.as_ref();
                torn.is_some_and(|torn| self.reclaim(torn, world)).then_some(Step::PutMemory)
            }
            Step::PutMemory => {
                if let Some(torn) = call.torn.take() {
                    self.finish(torn.memory, world);
                }
                Some(Step::Unlock)
            }
        };
        Some(step)
    }

    fn lock_for(&mut self, call: &mut PoolCall, world: &mut World) -> Option<Step> {
        if let Err(failure) = self.lock(world) {
            call.result = Err(failure);
            return None;
        }
        match call.putting {
            false => Some(Step::GetLooks),
            true if world.context.policy.get_put_closed => Some(Step::Recheck),
            true => Some(Step::PutLooks),
        }
    }

    fn take_for(&mut self, call: &mut PoolCall, world: &mut World) -> Option<Step> {
        let Purpose::Alloc(len) = call.purpose else {
            return None;
        };
        call.result = self.take(len, world).map(Some);
        // Without room the count is dropped.
        (call.result == Err(Failure::Errno(Errno::Enomem))).then_some(Step::DecAndTest)
    }

    fn give_for(&mut self, call: &PoolCall, world: &mut World) -> Option<Step> {
        let Purpose::Free(run) = call.purpose else {
            return None;
        };
        self.give(&run, world);
        Some(Step::DecAndTest)
    }

    /// Takes a call's steps to its end.
    pub(super) fn run(&mut self, call: &mut PoolCall, world: &mut World) {
        while self.step(call, world).is_some() {}
    }

    /// `alloc` of whole pages: lends the memory for the first buffer.
    ///
    /// # Errors
    /// `ENOMEM` without pages or a run that is long enough, `EINVAL` when the TEE refuses; the
    /// next call starts from scratch. No return while a reclaim waits in the TEE, or when the
    /// pool was torn down meanwhile.
    pub fn alloc(&mut self, len: ByteLen, world: &mut World) -> Result<Allocation, Failure> {
        let mut call = PoolCall::alloc(len);
        self.run(&mut call, world);
        call.result?.ok_or(Failure::Errno(Errno::Enomem))
    }

    /// First half of `free`: gives the pages back and drops the count. What is left of the call
    /// after the last buffer.
    #[must_use]
    pub fn release(&mut self, run: &Allocation, world: &mut World) -> Option<PoolCall> {
        let mut call = PoolCall::free(*run);
        while !call.putting && self.step(&mut call, world).is_some() {}
        call.next.is_some().then_some(call)
    }
}
