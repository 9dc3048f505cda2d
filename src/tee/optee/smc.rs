// SPDX-License-Identifier: Apache-2.0
//! Messages over SMC: LEND_PROTMEM, RECLAIM_PROTMEM; and what both ABIs share.
use super::objects::{self, Protmem};
use super::{Abi, Caller, Executor, MobjRef, Optee, Param, Release, known};
use crate::tee::faults::FaultPoint;
use crate::tee::outcome::Outcome;
use crate::tee::result::TeeResult;
use crate::tee::rights::Roles;
use crate::tee::world::{Context, Lendable};
use crate::units::{AddrRange, ByteLen};

impl Optee {
    /// Command 8, `LEND_PROTMEM`: use case as value.a, roles as value.b (0, as Linux sends, for
    /// all), memory as tmem. An overlap with memory lent
    /// before and a cookie used before are taken, unless the policy refuses.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` for anything but one value and one tmem, an unknown use case, a range
    /// that is not whole pages of ordinary DRAM or overlaps registered memory, and when the
    /// platform fails.
    pub fn lend(&mut self, params: &[Param], context: &mut Context) -> Result<(), TeeResult> {
        let &[Param::Value { a, b }, Param::Tmem { range, cookie }] = params else {
            return Err(TeeResult::BadParameters);
        };
        let memory = self.lendable(a, b, range)?;
        let again = self.objects.lent.iter().any(|lent| lent.cookie == cookie);
        if context.policy.overlap_refused && (again || self.objects.overlaps_protected(range)) {
            return Err(TeeResult::BadParameters);
        }
        if self.objects.overlaps_shared(range) || context.faults.hit(FaultPoint::LendRefused) {
            return Err(TeeResult::BadParameters);
        }
        self.platform.protect(memory, context).map_err(|_| TeeResult::BadParameters)?;
        self.objects.insert(cookie, memory, a as u32, true);
        Ok(())
    }

    /// Command 9, `RECLAIM_PROTMEM`: memory as rmem. Waits for trusted applications, never for
    /// devices.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` for anything but one rmem, an unknown cookie, or a second reclaim. The
    /// platform's failure is told only by a policy that checks.
    pub fn reclaim(
        &mut self,
        params: &[Param],
        context: &mut Context,
    ) -> Result<Release, TeeResult> {
        match *params {
            [Param::Rmem { cookie }] => self.release(cookie, context),
            _ => Err(TeeResult::BadParameters),
        }
    }

    pub(super) fn release(
        &mut self,
        cookie: u64,
        context: &mut Context,
    ) -> Result<Release, TeeResult> {
        if context.faults.hit(FaultPoint::ReclaimRefused) {
            return Err(TeeResult::BadParameters);
        }
        let waiting = |lent: &&mut Protmem| lent.cookie == cookie && !lent.releasing;
        let lent = self.objects.lent.iter_mut().find(waiting).ok_or(TeeResult::BadParameters)?;
        lent.releasing = true;
        if lent.refs > 0 {
            return Ok(Release::Blocked);
        }
        self.finish_release(cookie, context).map(|()| Release::Done)
    }

    /// The end of a release whose last reference is gone.
    ///
    /// # Errors
    /// As [`Self::reclaim`].
    pub fn finish_release(&mut self, cookie: u64, context: &mut Context) -> Result<(), TeeResult> {
        let done = |lent: &Protmem| lent.cookie == cookie && lent.releasing && lent.refs == 0;
        let at = self.objects.lent.iter().position(done).ok_or(TeeResult::BadParameters)?;
        let Protmem { memory, assigned, .. } = self.objects.lent.remove(at);
        if !assigned {
            return Ok(());
        }
        let restored = self.platform.restore(memory, context);
        if restored.is_ok() {
            let open = |range: AddrRange| Outcome::LentMemoryOpened { range };
            let opened = self.objects.lent().filter(|lent| lent.overlaps(memory.range));
            let opened: Vec<_> = opened.map(|lent| open(overlap(lent, memory.range))).collect();
            opened.into_iter().for_each(|outcome| context.outcome(outcome));
        }
        // restore_mem() has no result in OP-TEE.
        if context.policy.reclaim_checked { restored } else { Ok(()) }
    }

    /// A trusted application lets go; the cookie of memory whose release can now end, if any.
    pub fn put(&mut self, mobj: MobjRef) -> Option<u64> {
        self.objects.put(mobj)
    }

    /// Whether `executor` may map memory.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` when it may not, or `GENERIC` for the core over FF-A.
    pub fn map(&self, executor: Executor, caller: Caller, mobj: &MobjRef) -> Result<(), TeeResult> {
        let over_core = match self.abi {
            Abi::Smc => TeeResult::BadParameters,
            Abi::FfA => TeeResult::Generic,
        };
        objects::map(executor, caller, mobj, over_core)
    }

    /// Range and use case of a lend, checked.
    pub(super) fn lendable(
        &self,
        use_case: u64,
        roles: u64,
        range: AddrRange,
    ) -> Result<Lendable, TeeResult> {
        let number = u32::try_from(use_case).map_err(|_| TeeResult::BadParameters)?;
        let heap = known(number).ok_or(TeeResult::BadParameters)?;
        let roles = Roles::from_code(roles).ok_or(TeeResult::BadParameters)?;
        if !self.objects.lendable(range) {
            return Err(TeeResult::BadParameters);
        }
        Ok(Lendable { range, heap, rights: roles.rights(heap) })
    }
}

fn overlap(a: AddrRange, b: AddrRange) -> AddrRange {
    let (base, end) = (a.base.max(b.base), a.end().min(b.end()));
    AddrRange { base, len: ByteLen(end.0 - base.0) }
}
