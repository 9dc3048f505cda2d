// SPDX-License-Identifier: Apache-2.0
//! Buffers as tokens: no address reaches a driver. It names handle and offset of every job, and
//! the TEE resolves them, programs the device, and takes the right back when the job has ended.
use super::calls::{TEE_GRANTS, errno};
use super::player::Call;
use super::plays::Play;
use super::transfers::Job;
use super::{Around, Clients, State};
use crate::engine::event::GrantPhase;
use crate::scenario::Dma;
use crate::tee::optee::{Caller, Executor};
use crate::tee::{
    AttachmentId, DmaDirection, Errno, Fd, Grant, GrantId, InvokeError, Mapping, MemrefArg, rights,
};
use crate::units::{Cycle, Direction, MasterId};

/// What the TEE answers for a device that the rights table does not have.
const DENIED: &str = "TEE_ERROR_ACCESS_DENIED";

impl Clients {
    /// Whether a transfer is a job that only the TEE can give to the device: one that serves the
    /// use case is programmed by nobody else.
    pub(super) fn needs_token(&self, dma: &Dma, around: &Around<'_, '_>) -> bool {
        let serves = |pool: &crate::scenario::Pool| {
            let ip = around.scenario.masters.iter().find(|m| m.id == dma.master).map(|m| m.ip);
            ip.is_some_and(|ip| {
                pool.roles.iter().any(|role| !rights(pool.use_case, *role, ip).is_none())
            })
        };
        around.scenario.tee.policy.mapping == Mapping::Token
            && around.scenario.pools.iter().any(serves)
    }

    /// A mapping is a handle, which the TEE knows the buffer by.
    pub(super) fn take_token(
        &mut self,
        buffer: usize,
        master: MasterId,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let id = self.buffers[buffer].id.ok_or_else(|| errno(Errno::Ebadf))?;
        if !self.attachments.contains_key(&(buffer, master)) {
            return Err(errno(Errno::Einval));
        }
        let handle = around.tee.register_fd(Fd::Buffer(id), 0, false).map_err(errno)?;
        self.tokens.insert((buffer, master), handle);
        Ok(())
    }

    /// The handle is given back: no further job can name it.
    pub(super) fn drop_token(
        &mut self,
        buffer: usize,
        master: MasterId,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let handle = self.tokens.remove(&(buffer, master));
        around.tee.close_shm(handle.ok_or_else(|| errno(Errno::Einval))?).map_err(errno)
    }

    /// A job by handle and offset. An address of the driver's own is nothing that can be said.
    pub(super) fn submit(
        &mut self,
        n: usize,
        dma: Dma,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let Dma { buffer, master, direction, len, offset, at, .. } = dma;
        if at.is_some() {
            return Err(DENIED.to_owned());
        }
        let handle = self.tokens.get(&(buffer, master)).copied();
        let id = handle.ok_or_else(|| errno(Errno::Ebadf))?;
        let known = self.buffers[buffer];
        let ip = around.scenario.masters.iter().find(|m| m.id == master).map(|m| m.ip);
        let way = match direction {
            Direction::Read => DmaDirection::ToDevice,
            Direction::Write => DmaDirection::FromDevice,
        };
        let permitted = ip.zip(known.heap).map(|(ip, heap)| rights(heap, known.role, ip));
        let rights = way.rights() & permitted.unwrap_or_default();
        if rights.is_none() {
            return Err(DENIED.to_owned());
        }
        let arg = MemrefArg { id, offset: offset.0, len: len.0 };
        let ta = Executor::Ta { secure_data_path: true };
        let call = around.tee.invoke(ta, Caller::Client, &[arg]);
        let call = call.map_err(|InvokeError { result, .. }| result.to_string())?;
        let memory = around.tee.call_memory(call).first().map(|mobj| mobj.range);
        let range = memory.ok_or_else(|| errno(Errno::Einval))?;
        let grant = Grant {
            id: GrantId(TEE_GRANTS | call.0),
            attachment: AttachmentId(u32::MAX),
            buffer: known.id.ok_or_else(|| errno(Errno::Ebadf))?,
            generation: 0,
            master,
            direction: way,
            rights,
            range,
        };
        let (smc, work) = (around.scenario.tee.smc, around.scenario.tee.ta_call);
        let fill = self.fill(n);
        let job = Job { master, direction, range, fill, keep: false, stops: true };
        let plays = [
            Play::Grant(grant, GrantPhase::Requested),
            Play::Wait(Cycle(smc.0.saturating_add(work.0))),
            Play::Grant(grant, GrantPhase::Programmed),
            Play::Touch(job),
            Play::Grant(grant, GrantPhase::RevokeRequested),
            Play::Revoked(grant),
            Play::Wait(smc),
            Play::TaReturns(call),
        ];
        self.actors[n].state = State::Calling(Box::new(Call::new(plays.into(), Ok(()))));
        Ok(())
    }
}
