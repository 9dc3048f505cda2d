// SPDX-License-Identifier: Apache-2.0
//! Calls into a heap with a dynamic pool that stop between the kernel's steps, and the
//! interleavings of `drivers/tee/optee/protmem.c` that end badly.
use super::effect::{Buffer, BufferId, Effect};
use super::errno::Errno;
use super::facade::Tee;
use super::heap::Teardown;
use super::outcome::{Counted, Failure, OopsAt, Outcome};
use super::pool::{Allocation, Pool, PoolCall, Step};
use super::refcount::RefcountWarning;
use crate::scenario::{Role, UseCase};
use crate::units::{ByteLen, PAGE};

/// What a caller of a dynamic pool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Releases a buffer of one page that was there before.
    Free,
    /// Allocates a buffer of one page.
    Alloc,
}

/// A step of a caller, numbered from 0.
pub type Turn = (usize, Step);

/// What the window between the last drop of the count and the mutex leads to in a kernel as
/// merged. Found by `tests/interleavings`, which also says that each is the shortest way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// WARN: a reference taken on a count of 0, which is saturated from then on.
    AddOnZero,
    /// An allocation reads a `gen_pool` that is NULL.
    NullPool,
    /// BUG_ON: the map is destroyed with a live allocation.
    PagesLost,
    /// Memory of a live buffer is reclaimed: an allocation between the look for set bits and the
    /// end of the map.
    LiveMemoryOpened,
}

impl Race {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::AddOnZero, Self::NullPool, Self::PagesLost, Self::LiveMemoryOpened];

    /// Who takes part; caller 0 holds the pool's only buffer.
    pub const CALLERS: [Caller; 2] = [Caller::Free, Caller::Alloc];

    /// What it ends with, in the pool with this index.
    pub const fn outcome(self, pool: usize) -> Outcome {
        match self {
            Self::AddOnZero => {
                Outcome::Refcount { of: Counted::Pool(pool), warning: RefcountWarning::AddOnZero }
            }
            Self::NullPool => Outcome::Oops { at: OopsAt::Pool(pool) },
            Self::PagesLost => Outcome::PagesLostAtDestroy { pool },
            Self::LiveMemoryOpened => Outcome::LiveMemoryOpened { pool },
        }
    }

    /// The interleaving: nobody else runs, and the outcome comes with the last step.
    pub const fn turns(self) -> &'static [Turn] {
        match self {
            Self::AddOnZero => WINDOW.split_at(6).0,
            Self::NullPool => &NULL_POOL,
            Self::PagesLost => &PAGES_LOST,
            Self::LiveMemoryOpened => &LIVE_MEMORY_OPENED,
        }
    }
}

/// The count drops to 0, an allocation comes before the mutex, and the release goes on.
const WINDOW: [Turn; 9] = [
    (0, Step::Give),
    (0, Step::DecAndTest),
    (1, Step::IncNotZero),
    (1, Step::Lock),
    (1, Step::GetLooks),
    (1, Step::Inc),
    (1, Step::Unlock),
    (0, Step::Lock),
    (0, Step::PutLooks),
];
const NULL_POOL: [Turn; 12] =
    after_window([(0, Step::CheckBits), (0, Step::Destroy), (1, Step::Take)]);
const PAGES_LOST: [Turn; 11] = after_window([(1, Step::Take), (0, Step::CheckBits)]);
const LIVE_MEMORY_OPENED: [Turn; 13] =
    after_window([(0, Step::CheckBits), (1, Step::Take), (0, Step::Destroy), (0, Step::Reclaim)]);

const fn after_window<const M: usize, const N: usize>(rest: [Turn; M]) -> [Turn; N] {
    assert!(WINDOW.len() + M == N);
    let mut turns = [WINDOW[0]; N];
    let mut at = 0;
    while at < N {
        turns[at] = if at < WINDOW.len() { WINDOW[at] } else { rest[at - WINDOW.len()] };
        at += 1;
    }
    turns
}

/// What a call is for.
#[derive(Clone, Copy, Debug)]
enum What {
    Alloc(Role),
    Put(BufferId),
}

/// A call into a heap that stops between the steps of its dynamic pool.
#[derive(Clone, Debug)]
pub struct HeapCall {
    heap: UseCase,
    pool: usize,
    what: What,
    steps: PoolCall,
    buffer: Option<BufferId>,
}

impl HeapCall {
    /// The step that comes next; `None` after the last, and when the caller died or hangs.
    pub const fn next(&self) -> Option<Step> {
        self.steps.next()
    }

    /// What an allocation got, once it is at its end.
    ///
    /// # Errors
    /// As [`Tee::alloc`].
    pub fn result(&self) -> Result<Option<BufferId>, Failure> {
        self.steps.result().map(|_| self.buffer)
    }
}

/// A caller's next step is not the one that an interleaving lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("caller {caller} comes to {next:?}, not to {listed:?}")]
pub struct Diverged {
    /// Caller.
    pub caller: usize,
    /// The step that is listed.
    pub listed: Step,
    /// Where the caller is; `None` at its end.
    pub next: Option<Step>,
}

impl Tee {
    /// Begins [`Tee::alloc`] in a dynamic pool without taking a step.
    ///
    /// # Errors
    /// As [`Tee::alloc`]; `EINVAL` for a static pool, whose calls have no steps.
    pub fn alloc_call(
        &mut self,
        heap: UseCase,
        role: Role,
        len: ByteLen,
    ) -> Result<HeapCall, Errno> {
        let (found, len) = self.heaps.serves(heap, role, len)?;
        let Pool::Dynamic(_) = found.pool else {
            return Err(Errno::Einval);
        };
        let (pool, what, steps) = (found.index, What::Alloc(role), PoolCall::alloc(len));
        Ok(HeapCall { heap, pool, what, steps, buffer: None })
    }

    /// Drops a file reference and, when it was the last one, begins the release in a dynamic pool
    /// without taking a step.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released already; `EINVAL` for a static pool.
    pub fn put_call(&mut self, id: BufferId) -> Result<Option<HeapCall>, Errno> {
        let Buffer { heap, pool, range, offset, generation, .. } = *self.bufs.buffer(id)?;
        let Some(Pool::Dynamic(_)) = self.heaps.pool_mut(heap, pool) else {
            return Err(Errno::Einval);
        };
        let Some(buffer) = self.bufs.put(id)? else {
            return Ok(None);
        };
        self.world.context.effects.push(Effect::Released(buffer));
        self.calls.warn_freed(&buffer, &mut self.world.context);
        let steps = PoolCall::free(Allocation { range, offset, generation });
        Ok(Some(HeapCall { heap, pool, what: What::Put(id), steps, buffer: None }))
    }

    /// Takes a call's next step and says which it was; `None` when there is none left.
    pub fn step(&mut self, call: &mut HeapCall) -> Option<Step> {
        let Some(Pool::Dynamic(pool)) = self.heaps.pool_mut(call.heap, call.pool) else {
            return None;
        };
        let step = pool.step(&mut call.steps, &mut self.world)?;
        if call.next().is_none() {
            self.end(call);
        }
        Some(step)
    }

    /// What surrounds the pool's steps, as in [`Tee::alloc`] and [`Tee::put`].
    fn end(&mut self, call: &mut HeapCall) {
        match call.what {
            What::Alloc(role) => {
                if let Ok(Some(run)) = call.steps.result() {
                    self.heaps.get(call.heap, &mut self.world);
                    call.buffer = Some(self.export(call.heap, role, call.pool, run));
                }
            }
            What::Put(id) => {
                self.heaps.finish(Teardown::of_heap(call.heap), &mut self.world);
                self.bufs.warn_attached(id, &mut self.world.context.effects);
            }
        }
    }

    /// Allocates a page for every caller that releases one, then takes the turns in order. What
    /// came of them is among the effects.
    ///
    /// # Errors
    /// The outer one is that of a call before the turns, as [`Tee::alloc_call`]; the inner one,
    /// [`Diverged`], comes as soon as a caller takes another way.
    pub fn replay(
        &mut self,
        heap: UseCase,
        role: Role,
        callers: &[Caller],
        turns: &[Turn],
    ) -> Result<Result<(), Diverged>, Failure> {
        let mut held = Vec::new();
        for caller in callers {
            let free = *caller == Caller::Free;
            held.push(if free { Some(self.alloc(heap, role, ByteLen(PAGE))?) } else { None });
        }
        let mut calls = Vec::new();
        for held in held {
            calls.push(match held {
                Some(id) => self.put_call(id)?,
                None => Some(self.alloc_call(heap, role, ByteLen(PAGE))?),
            });
        }
        for &(caller, listed) in turns {
            let call = calls.get_mut(caller).and_then(Option::as_mut);
            let next = call.as_ref().and_then(|call| call.next());
            match call {
                Some(call) if next == Some(listed) => self.step(call),
                _ => return Ok(Err(Diverged { caller, listed, next })),
            };
        }
        Ok(Ok(()))
    }
}
