// SPDX-License-Identifier: Apache-2.0
//! Jobs by handle: those of a trusted application, and those that the TEE programs a device for
//! where buffers are tokens. There no address reaches a driver: it names handle and offset of every
//! job, and the TEE resolves them and takes the right back when the job has ended.
use super::calls::errno;
use super::player::Call;
use super::plays::Play;
use super::transfers::Job;
use super::{Around, Clients, State};
use crate::engine::event::GrantPhase;
use crate::scenario::Dma;
use crate::tee::optee::{Caller, Executor};
use crate::tee::{
    AttachmentId, DmaDirection, Errno, Fd, Grant, GrantId, InvokeError, Mapping, MemrefArg, Rights,
    rights,
};
use crate::units::{ByteLen, Cycle, Direction, MasterId};
use std::collections::VecDeque;

/// Grants that the TEE gives are numbered from here on; those of `dma_map` below.
pub(super) const TEE_GRANTS: u32 = 1 << 31;

/// A job that the TEE does, or programs a device for.
struct SecureJob {
    buffer: usize,
    /// The handle of the buffer.
    id: i32,
    master: MasterId,
    direction: Direction,
    offset: ByteLen,
    len: ByteLen,
    /// What the table permits of it.
    rights: Rights,
    /// From the end of the transfer until the caller knows.
    back: Cycle,
}

/// What the TEE answers for a device that the rights table does not have.
pub(super) const DENIED: &str = "TEE_ERROR_ACCESS_DENIED";

impl Clients {
    /// Whether only the TEE can give a device its jobs: where mappings are tokens, one that serves
    /// a use case is programmed by nobody else.
    pub(super) fn serves_by_token(&self, master: MasterId, around: &Around<'_, '_>) -> bool {
        let serves = |pool: &crate::scenario::Pool| {
            let ip = around.scenario.masters.iter().find(|m| m.id == master).map(|m| m.ip);
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
        let rights = self.permitted(buffer, master, direction, around);
        if rights.is_none() {
            return Err(DENIED.to_owned());
        }
        let back = around.scenario.tee.smc;
        let job = SecureJob { buffer, id, master, direction, offset, len, rights, back };
        self.secure_job(n, job, around)
    }

    /// A trusted application reads or writes a part of a registered buffer.
    pub(super) fn invoke(
        &mut self,
        n: usize,
        buffer: usize,
        direction: Direction,
        offset: ByteLen,
        len: ByteLen,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let id = self.buffers[buffer].shm.ok_or_else(|| errno(Errno::Ebadf))?;
        let master = self.hands.tee;
        let rights = self.permitted(buffer, master, direction, around);
        let setup = &around.scenario.tee;
        let back = Cycle(setup.smc.0.saturating_add(setup.ta_call.0));
        let job = SecureJob { buffer, id, master, direction, offset, len, rights, back };
        self.secure_job(n, job, around)
    }

    /// What the rights table lets a master do with a buffer, as far as a transfer needs it.
    fn permitted(
        &self,
        buffer: usize,
        master: MasterId,
        direction: Direction,
        around: &Around<'_, '_>,
    ) -> Rights {
        let known = self.buffers[buffer];
        let ip = around.scenario.masters.iter().find(|m| m.id == master).map(|m| m.ip);
        let permitted = ip.zip(known.heap).map(|(ip, heap)| rights(heap, known.role, ip));
        way(direction).rights() & permitted.unwrap_or_default()
    }

    /// The TEE resolves a handle, works or lets a device work, and takes the right back.
    fn secure_job(
        &mut self,
        n: usize,
        job: SecureJob,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let SecureJob { buffer, id, master, direction, offset, len, rights, back } = job;
        let arg = MemrefArg { id, offset: offset.0, len: len.0 };
        let ta = Executor::Ta { secure_data_path: true };
        let call = around.tee.invoke(ta, Caller::Client, &[arg]);
        let call = call.map_err(|InvokeError { result, .. }| result.to_string())?;
        let memory = around.tee.call_memory(call).first().map(|mobj| mobj.range);
        let Some(range) = memory else {
            around.tee.call_ends(call);
            return Err(errno(Errno::Einval));
        };
        // Memory shared with the TEE is no buffer: nobody needs a right to it.
        let grant = self.buffers[buffer].id.map(|buffer| Grant {
            id: GrantId(TEE_GRANTS | call.0),
            attachment: AttachmentId(u32::MAX),
            buffer,
            generation: 0,
            master,
            direction: way(direction),
            rights,
            range,
        });
        let (smc, work) = (around.scenario.tee.smc, around.scenario.tee.ta_call);
        let fill = self.fill(n);
        let job = Job { master, direction, range, fill, keep: false, stops: true };
        let phase = |phase| grant.map(|grant| Play::Grant(grant, phase));
        let mut plays: VecDeque<Play> = phase(GrantPhase::Requested).into_iter().collect();
        plays.push_back(Play::Wait(Cycle(smc.0.saturating_add(work.0))));
        plays.extend(phase(GrantPhase::Programmed));
        plays.push_back(Play::Touch(job));
        plays.extend(phase(GrantPhase::RevokeRequested));
        plays.extend(grant.map(Play::Revoked));
        plays.extend([Play::Wait(back), Play::TaReturns(call)]);
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, Ok(()))));
        Ok(())
    }
}

/// The direction of a mapping that a transfer needs.
const fn way(direction: Direction) -> DmaDirection {
    match direction {
        Direction::Read => DmaDirection::ToDevice,
        Direction::Write => DmaDirection::FromDevice,
    }
}
