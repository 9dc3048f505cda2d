// SPDX-License-Identifier: Apache-2.0
//! Page table, IOTLB and the invalidations between them.
use super::{Fault, Invalidation, IommuConfig, Iova, Reason, Refused, UnmapId, pages};
use crate::tee::Rights;
use crate::units::{ByteLen, Cycle, Direction, PAGE, PhysAddr};
use crate::workload::{NEVER, stream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// First random stream of IOMMUs; those below belong to ports and clients.
const STREAMS: u64 = 0x10_0000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    page: u64,
    phys: u64,
    rights: Rights,
}

/// Pages that were unmapped and whose entries may still be used.
#[derive(Clone, Debug)]
struct Unmapped {
    id: UnmapId,
    pages: Range<u64>,
    /// When the entries go; none while it waits in the flush queue.
    at: Option<Cycle>,
    since: Cycle,
    /// The unmapping has returned.
    returned: bool,
    gone: bool,
}

/// Where a burst goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) addr: PhysAddr,
    /// The mapping is no longer so; and whether its unmapping has returned.
    pub(super) stale: Option<bool>,
}

/// Translation for one device.
#[derive(Clone, Debug)]
pub struct Iommu {
    config: IommuConfig,
    table: BTreeMap<u64, Entry>,
    tlb: Vec<Option<Entry>>,
    unmapped: VecDeque<Unmapped>,
    rng: ChaCha8Rng,
    next: u32,
}

impl Iommu {
    /// An empty table; `master` picks the random stream.
    pub fn new(config: IommuConfig, seed: u64, master: u8) -> Self {
        Self {
            config,
            table: BTreeMap::new(),
            tlb: vec![None; config.entries.max(1)],
            unmapped: VecDeque::new(),
            rng: stream(seed, STREAMS + u64::from(master)),
            next: 0,
        }
    }

    /// Maps whole pages.
    ///
    /// # Errors
    /// When the range is not whole pages, or an IOVA page is in use or not flushed yet.
    pub fn map(
        &mut self,
        iova: Iova,
        phys: PhysAddr,
        len: ByteLen,
        rights: Rights,
    ) -> Result<(), Refused> {
        let (from, to) = (pages(iova.0, len)?, pages(phys.0, len)?);
        let waits = |page: &u64| self.unmapped.iter().any(|u| u.pages.contains(page));
        let taken = from.clone().find(|page| self.table.contains_key(page) || waits(page));
        if let Some(page) = taken {
            return Err(Refused::Taken(Iova(page * PAGE)));
        }
        self.table.extend(from.zip(to).map(|(page, phys)| (page, Entry { page, phys, rights })));
        Ok(())
    }

    /// Unmaps whole pages at `cycle`: the table's entries go now, those of the IOTLB as the mode
    /// says. [`Self::returned`] tells when the caller may go on.
    ///
    /// # Errors
    /// When the range is not whole pages that are mapped.
    pub fn unmap(&mut self, cycle: Cycle, iova: Iova, len: ByteLen) -> Result<UnmapId, Refused> {
        let pages = pages(iova.0, len)?;
        if let Some(page) = pages.clone().find(|page| !self.table.contains_key(page)) {
            return Err(Refused::NotMapped(Iova(page * PAGE)));
        }
        self.table.retain(|page, _| !pages.contains(page));
        let id = UnmapId(self.next);
        self.next += 1;
        let strict = self.config.mode == Invalidation::Strict;
        let at = strict.then(|| self.after(cycle));
        let unmapped = Unmapped { id, pages, at, since: cycle, returned: !strict, gone: false };
        self.unmapped.push_back(unmapped);
        if let Invalidation::Deferred { unmaps, .. } = self.config.mode
            && self.unmapped.iter().filter(|u| u.at.is_none()).count() >= unmaps
        {
            self.flush(cycle);
        }
        Ok(id)
    }

    fn after(&self, cycle: Cycle) -> Cycle {
        Cycle(cycle.0.saturating_add(self.config.invalidation.0))
    }

    /// Begins to flush the queue.
    fn flush(&mut self, cycle: Cycle) {
        let at = Some(self.after(cycle));
        self.unmapped.iter_mut().filter(|u| u.at.is_none()).for_each(|u| u.at = at);
    }

    /// What has become due by `cycle`; `busy` are pages with bursts in flight, which an
    /// invalidation waits for.
    pub(super) fn tick(&mut self, cycle: Cycle, busy: &[Option<u64>]) {
        if let Invalidation::Deferred { within, .. } = self.config.mode {
            let mut queued = self.unmapped.iter().filter(|u| u.at.is_none());
            if queued.next().is_some_and(|u| cycle.0 >= u.since.0.saturating_add(within.0)) {
                self.flush(cycle);
            }
        }
        let deferred = self.config.mode != Invalidation::Strict;
        for unmapped in self.unmapped.iter_mut().filter(|u| u.at.is_some_and(|at| at <= cycle)) {
            let pages = &unmapped.pages;
            if !unmapped.gone {
                // A flush of the queue takes every entry, as Linux does.
                let goes = |entry: &Entry| deferred || pages.contains(&entry.page);
                self.tlb.iter_mut().filter(|e| e.is_some_and(|e| goes(&e))).for_each(|e| *e = None);
                unmapped.gone = true;
            }
            unmapped.returned |= !busy.iter().flatten().any(|page| pages.contains(page));
        }
        // The IOVA can be used again.
        self.unmapped.retain(|u| !(u.gone && u.returned));
    }

    /// Whether an unmapping has returned to its caller.
    pub fn returned(&self, id: UnmapId) -> bool {
        !self.unmapped.iter().any(|u| u.id == id && !u.returned)
    }

    /// When something becomes due by itself.
    pub(super) fn due(&self) -> Cycle {
        let within = match self.config.mode {
            Invalidation::Strict => 0,
            Invalidation::Deferred { within, .. } => within.0,
        };
        let due = |u: &Unmapped| match u.at {
            Some(_) if u.gone => NEVER, // an answer will call
            Some(at) => at,
            None => Cycle(u.since.0.saturating_add(within)),
        };
        self.unmapped.iter().map(due).min().unwrap_or(NEVER)
    }

    /// Translates by the IOTLB; `None` when the page has to be walked for.
    pub(super) fn look_up(
        &self,
        cycle: Cycle,
        iova: Iova,
        direction: Direction,
    ) -> Option<Result<Translated, Fault>> {
        let page = iova.0 / PAGE;
        let entry = self.tlb.iter().flatten().find(|entry| entry.page == page)?;
        let allowed = match direction {
            Direction::Read => entry.rights.read,
            Direction::Write => entry.rights.write,
        };
        if !allowed {
            let reason = Reason::Permission;
            return Some(Err(Fault { cycle, iova, direction, reason }));
        }
        let returned = || self.unmapped.iter().any(|u| u.pages.contains(&page) && u.returned);
        let stale = (self.table.get(&page) != Some(entry)).then(returned);
        Some(Ok(Translated { addr: PhysAddr(entry.phys * PAGE + iova.0 % PAGE), stale }))
    }

    /// Cycles of a walk.
    pub(super) const fn walk(&self) -> Cycle {
        self.config.walk
    }

    /// The end of a walk: takes the page's entry into the IOTLB.
    ///
    /// # Errors
    /// The fault, when there is no entry.
    pub(super) fn fill(
        &mut self,
        cycle: Cycle,
        iova: Iova,
        direction: Direction,
    ) -> Result<(), Fault> {
        let reason = Reason::NotMapped;
        let entry = self.table.get(&(iova.0 / PAGE));
        let entry = *entry.ok_or(Fault { cycle, iova, direction, reason })?;
        let empty = self.tlb.iter().position(Option::is_none);
        let ways = self.tlb.len() as u64;
        let at = empty.unwrap_or_else(|| self.rng.random_range(0..ways) as usize);
        self.tlb[at] = Some(entry);
        Ok(())
    }
}
