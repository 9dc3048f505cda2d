// SPDX-License-Identifier: Apache-2.0
//! Memory objects (mobj): lent, registered and static memory, and who may map what.
use crate::tee::result::TeeResult;
use crate::tee::world::Lendable;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Lent memory.
#[derive(Clone, Debug)]
pub(super) struct Protmem {
    pub(super) number: u32,
    pub(super) cookie: u64,
    pub(super) memory: Lendable,
    pub(super) use_case: u32,
    /// In force: at once over SMC, by `ASSIGN_PROTMEM` over FF-A.
    pub(super) assigned: bool,
    pub(super) refs: u32,
    pub(super) releasing: bool,
}

/// What OP-TEE knows of memory.
#[derive(Clone, Debug)]
pub struct Objects {
    nonsecure: Vec<AddrRange>,
    sdp: Vec<AddrRange>,
    pub(super) shared: Vec<(u64, AddrRange)>,
    pub(super) lent: Vec<Protmem>, // newest first, as the list in OP-TEE
    numbers: u32,
}

/// Memory that a parameter refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memref {
    /// By address (tmem).
    Address(AddrRange),
    /// By cookie, offset and length (rmem).
    Cookie {
        /// Cookie.
        cookie: u64,
        /// Bytes from the object's start.
        offset: u64,
        /// Bytes.
        len: ByteLen,
    },
}

/// A reference to a memory object, held while a trusted application uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobjRef {
    lent: Option<u32>, // only lent memory is counted
    /// What is referred to.
    pub range: AddrRange,
    /// Protected memory: a trusted application sees `TEE_MEMORY_ACCESS_SECURE`.
    pub secure: bool,
}

/// How far a reclaim came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Done.
    Done,
    /// Waits, with the caller, until every reference is gone.
    Blocked,
}

/// Who runs on the secure side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// A trusted application; `secure_data_path` is its flag `TA_FLAG_SECURE_DATA_PATH`.
    Ta {
        /// Whether it may map protected memory.
        secure_data_path: bool,
    },
    /// A pseudo trusted application: part of the core, which maps no protected memory.
    Pta,
}

/// Who calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client in the normal world.
    Client,
    /// A trusted application that has mapped the memory already.
    Ta,
}

impl Objects {
    pub(super) fn new(nonsecure: &[AddrRange]) -> Self {
        let nonsecure = nonsecure.to_vec();
        Self { nonsecure, sdp: Vec::new(), shared: Vec::new(), lent: Vec::new(), numbers: 0 }
    }

    /// Protected memory from boot on (`CFG_TEE_SDP_MEM_BASE`).
    pub fn add_sdp(&mut self, range: AddrRange) {
        self.sdp.push(range);
    }

    /// Protected memory from boot on.
    pub fn sdp(&self) -> &[AddrRange] {
        &self.sdp
    }

    /// Registers ordinary memory as shared under a cookie. Its pages are looked at whole.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` when it shares a page with lent memory, or is empty.
    pub fn register(&mut self, cookie: u64, range: AddrRange) -> Result<(), TeeResult> {
        let pages = pages(range);
        if range.len.0 == 0 || self.lent.iter().any(|lent| lent.memory.range.overlaps(pages)) {
            return Err(TeeResult::BadParameters);
        }
        self.shared.push((cookie, range));
        Ok(())
    }

    /// Forgets registered memory.
    pub fn unregister(&mut self, cookie: u64) {
        self.shared.retain(|(known, _)| *known != cookie);
    }

    /// Whether registered memory shares a page with `range`.
    pub fn overlaps_shared(&self, range: AddrRange) -> bool {
        self.shared.iter().any(|(_, shared)| pages(*shared).overlaps(range))
    }

    /// Whether memory lent or protected from boot on shares a byte with `range`.
    pub fn overlaps_protected(&self, range: AddrRange) -> bool {
        let lent = self.lent.iter().map(|lent| lent.memory.range);
        self.sdp.iter().copied().chain(lent).any(|known| known.overlaps(range))
    }

    /// Whether `range` can be lent at all: whole pages inside ordinary DRAM.
    pub(super) fn lendable(&self, range: AddrRange) -> bool {
        let whole = (range.base.0 | range.len.0).is_multiple_of(PAGE) && range.len.0 > 0;
        whole && self.nonsecure.iter().any(|ddr| ddr.covers(range))
    }

    pub(super) fn insert(&mut self, cookie: u64, memory: Lendable, use_case: u32, assigned: bool) {
        let number = self.numbers;
        self.numbers += 1;
        let (refs, releasing) = (0, false);
        let object = Protmem { number, cookie, memory, use_case, assigned, refs, releasing };
        self.lent.insert(0, object);
    }

    /// Takes a reference to what a parameter refers to.
    ///
    /// # Errors
    /// `BAD_PARAMETERS` when there is no such memory, or it is being released; `SECURITY` when the
    /// reference leaves an object named by cookie.
    pub fn get(&mut self, memref: Memref) -> Result<MobjRef, TeeResult> {
        match memref {
            Memref::Address(range) => self.get_address(range),
            Memref::Cookie { cookie, offset, len } => self.get_cookie(cookie, offset, len),
        }
    }

    fn get_address(&mut self, range: AddrRange) -> Result<MobjRef, TeeResult> {
        if self.sdp.iter().any(|sdp| sdp.covers(range)) {
            return Ok(MobjRef { lent: None, range, secure: true });
        }
        let held = |lent: &&mut Protmem| {
            lent.assigned && !lent.releasing && lent.memory.range.covers(range)
        };
        let lent = self.lent.iter_mut().find(held).ok_or(TeeResult::BadParameters)?;
        lent.refs += 1;
        Ok(MobjRef { lent: Some(lent.number), range, secure: true })
    }

    fn get_cookie(&mut self, cookie: u64, offset: u64, len: ByteLen) -> Result<MobjRef, TeeResult> {
        let part = |whole: AddrRange| {
            let end = offset.checked_add(len.0).filter(|end| *end <= whole.len.0);
            end.ok_or(TeeResult::Security)?;
            Ok(AddrRange { base: PhysAddr(whole.base.0 + offset), len })
        };
        let held = |lent: &&mut Protmem| lent.cookie == cookie && lent.assigned && !lent.releasing;
        if let Some(lent) = self.lent.iter_mut().find(held) {
            let range = part(lent.memory.range)?;
            lent.refs += 1;
            return Ok(MobjRef { lent: Some(lent.number), range, secure: true });
        }
        let shared = self.shared.iter().find(|(known, _)| *known == cookie);
        let range = part(shared.ok_or(TeeResult::BadParameters)?.1)?;
        Ok(MobjRef { lent: None, range, secure: false })
    }

    /// Drops a reference; the cookie of memory whose release waited for this one, if any.
    pub(super) fn put(&mut self, mobj: MobjRef) -> Option<u64> {
        let number = mobj.lent?;
        let lent = self.lent.iter_mut().find(|lent| lent.number == number)?;
        lent.refs = lent.refs.saturating_sub(1);
        (lent.releasing && lent.refs == 0).then_some(lent.cookie)
    }

    /// References that trusted applications hold to lent memory.
    pub fn references(&self) -> u32 {
        self.lent.iter().map(|lent| lent.refs).sum()
    }

    /// Ranges of the memory that is lent and in force.
    pub fn lent(&self) -> impl Iterator<Item = AddrRange> {
        self.lent.iter().filter(|lent| lent.assigned).map(|lent| lent.memory.range)
    }
}

/// Whether `executor` may map what `mobj` refers to, when `caller` calls it.
///
/// # Errors
/// `BAD_PARAMETERS` for a trusted application without the flag; for the core `over_core`, which
/// is `BAD_PARAMETERS` over SMC and `GENERIC` over FF-A. An empty reference passes.
pub(super) fn map(
    executor: Executor,
    caller: Caller,
    mobj: &MobjRef,
    over_core: TeeResult,
) -> Result<(), TeeResult> {
    if !mobj.secure || mobj.range.len.0 == 0 {
        return Ok(());
    }
    match (executor, caller) {
        (Executor::Ta { secure_data_path: true }, _) | (Executor::Pta, Caller::Ta) => Ok(()),
        (Executor::Ta { secure_data_path: false }, _) => Err(TeeResult::BadParameters),
        (Executor::Pta, Caller::Client) => Err(over_core),
    }
}

fn pages(range: AddrRange) -> AddrRange {
    let base = range.base.0 / PAGE * PAGE;
    let end = range.end().0.checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
    AddrRange { base: PhysAddr(base), len: ByteLen(end - base) }
}
