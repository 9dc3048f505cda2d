// SPDX-License-Identifier: Apache-2.0
//! Lending over FF-A: FFA_MEM_LEND and FFA_MEM_RECLAIM of the partition manager, ASSIGN_PROTMEM and
//! RELEASE_PROTMEM of OP-TEE.
use super::objects::Protmem;
use super::{Optee, Release};
use crate::tee::errno::Errno;
use crate::tee::faults::FaultPoint;
use crate::tee::result::TeeResult;
use crate::tee::world::Context;
use crate::units::AddrRange;

/// Bit of a lend's tag from which on it carries roles; 0 there, as Linux sends, is all of them.
pub const ROLES_SHIFT: u32 = 32;

/// One entry of the receivers' list of a lend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Endpoint.
    pub endpoint: u16,
    /// Permissions, e.g. 2 for `FFA_MEM_ACC_RW`.
    pub permissions: u16,
}

impl Receiver {
    /// From an attribute of `GET_PROTMEM_CONFIG`: endpoint in the low half, permissions above.
    pub const fn of_attribute(attribute: u32) -> Self {
        Self { endpoint: attribute as u16, permissions: (attribute >> 16) as u16 }
    }
}

impl Optee {
    /// `FFA_MEM_LEND`: gives a handle; nothing is in force until it is assigned.
    ///
    /// # Errors
    /// `EINVAL` for an unknown use case (tag), no receiver, a handle in use, or memory that cannot be lent.
    pub fn ffa_lend(
        &mut self,
        handle: u64,
        range: AddrRange,
        tag: u64,
        receivers: &[Receiver],
    ) -> Result<(), Errno> {
        let (use_case, roles) = (tag & 0xffff_ffff, tag >> ROLES_SHIFT);
        let memory = self.lendable(use_case, roles, range).map_err(|_| Errno::Einval)?;
        if receivers.is_empty() || self.objects.lent.iter().any(|lent| lent.cookie == handle) {
            return Err(Errno::Einval);
        }
        self.objects.insert(handle, memory, use_case as u32, false);
        Ok(())
    }

    /// Command 11, `ASSIGN_PROTMEM`: the memory comes under the use case's protection.
    ///
    /// # Errors
    /// `ITEM_NOT_FOUND` without such a handle, `BUSY` when assigned before, `BAD_PARAMETERS` for
    /// another use case than at the lend, an overlap, or when the platform fails.
    pub fn assign(
        &mut self,
        handle: u64,
        use_case: u32,
        context: &mut Context,
    ) -> Result<(), TeeResult> {
        let at = self.objects.lent.iter().position(|lent| lent.cookie == handle);
        let at = at.ok_or(TeeResult::ItemNotFound)?;
        let lent = self.objects.lent[at].clone();
        if lent.assigned {
            return Err(TeeResult::Busy);
        }
        let overlaps =
            |other: &Protmem| other.assigned && other.memory.range.overlaps(lent.memory.range);
        let taken = self.objects.lent.iter().any(overlaps)
            || self.objects.overlaps_shared(lent.memory.range);
        if lent.use_case != use_case || taken || context.faults.hit(FaultPoint::LendRefused) {
            return Err(TeeResult::BadParameters);
        }
        self.platform.protect(lent.memory, context).map_err(|_| TeeResult::BadParameters)?;
        self.objects.lent[at].assigned = true;
        Ok(())
    }

    /// `OPTEE_FFA_RELEASE_PROTMEM`, a blocking call.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` without such a handle or at a second release.
    pub fn ffa_release(
        &mut self,
        handle: u64,
        context: &mut Context,
    ) -> Result<Release, TeeResult> {
        self.release(handle, context)
    }

    /// `FFA_MEM_RECLAIM` after a release that was refused or never made.
    ///
    /// # Errors
    /// `EACCES` while OP-TEE has the memory in force (`FFA_RET_DENIED`).
    pub fn ffa_reclaim(&mut self, handle: u64) -> Result<(), Errno> {
        let lent = self.objects.lent.iter().position(|lent| lent.cookie == handle);
        match lent {
            Some(at) if self.objects.lent[at].assigned => Err(Errno::Eacces),
            Some(at) => {
                self.objects.lent.remove(at);
                Ok(())
            }
            None => Ok(()), // released: the partition manager gives it back
        }
    }
}
