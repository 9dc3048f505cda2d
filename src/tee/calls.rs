// SPDX-License-Identifier: Apache-2.0
//! Calls of a client into the TEE, and what they hold while they run.
use super::effect::Buffer;
use super::errno::Errno;
use super::facade::Tee;
use super::optee::{Caller, Executor, MobjRef};
use super::outcome::Outcome;
use super::result::TeeResult;
use super::shm::{Hold, MemrefArg, ShmKind};
use super::world::Context;
use std::collections::BTreeMap;

/// A call that runs; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u32);

/// Which layer refused a call (TEE Client API, `returnOrigin`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The normal world's driver.
    Comms,
    /// The secure world's core.
    Tee,
}

/// A call that did not reach its trusted application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{result} from {origin:?}")]
pub struct InvokeError {
    /// Which layer refused.
    pub origin: Origin,
    /// What the client sees.
    pub result: TeeResult,
}

#[derive(Clone, Debug)]
struct Call {
    holds: Vec<Hold>,
    mobjs: Vec<MobjRef>,
}

/// Calls that run.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    next: u32,
    live: BTreeMap<CallId, Call>,
}

impl Calls {
    /// The pages of a buffer go while a call uses them.
    pub(super) fn warn_freed(&self, buffer: &Buffer, context: &mut Context) {
        for (id, call) in &self.live {
            if call.mobjs.iter().any(|mobj| mobj.range.overlaps(buffer.range)) {
                context.outcome(Outcome::FreedUnderCall { buffer: buffer.id, call: id.0 });
            }
        }
    }
}

impl Tee {
    /// Invokes a trusted application with parts of registered shms; it runs when this returns,
    /// until [`Self::call_returns`].
    ///
    /// # Errors
    /// When the kernel or the core refuses a parameter; nothing is held then.
    pub fn invoke(
        &mut self,
        executor: Executor,
        caller: Caller,
        args: &[MemrefArg],
    ) -> Result<CallId, InvokeError> {
        let mut call = Call { holds: Vec::new(), mobjs: Vec::new() };
        let entered = self.enter(executor, caller, args, &mut call);
        let id = CallId(self.calls.next);
        self.calls.next += 1;
        self.calls.live.insert(id, call);
        entered.map(|()| id).inspect_err(|_| self.call_ends(id))
    }

    fn enter(
        &mut self,
        executor: Executor,
        caller: Caller,
        args: &[MemrefArg],
        call: &mut Call,
    ) -> Result<(), InvokeError> {
        let comms = |errno| {
            let result = TeeResult::of_errno(errno);
            InvokeError { origin: Origin::Comms, result }
        };
        let tee = |result| InvokeError { origin: Origin::Tee, result };
        let mut memrefs = Vec::new();
        for &arg in args {
            let (holds, memref) = self.shms.param(arg, &mut self.world).map_err(comms)?;
            call.holds.extend(holds);
            memrefs.push(memref);
        }
        for memref in memrefs {
            let mobj = self.world.optee.objects.get(memref).map_err(tee)?;
            call.mobjs.push(mobj);
            self.world.optee.map(executor, caller, &mobj).map_err(tee)?;
        }
        Ok(())
    }

    /// What a running call refers to: where, and whether a trusted application sees it as secure.
    pub fn call_memory(&self, id: CallId) -> &[MobjRef] {
        self.calls.live.get(&id).map_or(&[], |call| &call.mobjs)
    }

    /// The trusted application returns and the secure world lets go; a reclaim that waited for
    /// it goes on. The kernel still holds the parameters until [`Self::call_ends`].
    pub fn call_returns(&mut self, id: CallId) {
        let call = self.calls.live.get_mut(&id);
        let mobjs = call.map(|call| std::mem::take(&mut call.mobjs)).unwrap_or_default();
        for mobj in mobjs {
            if let Some(memory) = self.world.optee.put(mobj) {
                self.heaps.wake(memory, &mut self.world);
            }
        }
    }

    /// The kernel drops the call's references.
    pub fn call_ends(&mut self, id: CallId) {
        self.call_returns(id);
        let Some(call) = self.calls.live.remove(&id) else {
            return;
        };
        for hold in call.holds {
            match hold {
                Hold::PoolMemory(memory) => self.world.put_pool_memory(memory),
                // The call held it: it is there.
                Hold::Shm(shm) => drop(self.close_shm(shm)),
            }
        }
    }

    /// Drops a reference to a registered shm: its file is closed, or a call that held it ended.
    ///
    /// # Errors
    /// `EBADF` when there is no such shm.
    pub fn close_shm(&mut self, id: i32) -> Result<(), Errno> {
        match self.shms.put(id, &mut self.world)? {
            Some(ShmKind::DmaBuf { buffer, .. }) => self.put(buffer),
            Some(ShmKind::Ordinary { cookie }) => {
                self.world.optee.objects.unregister(cookie);
                Ok(())
            }
            None => Ok(()),
        }
    }
}
