// SPDX-License-Identifier: Apache-2.0
//! Which bytes outside protected areas hold data of protected memory, learnt from jobs and beats.
//!
//! The rule: a beat that a master writes within a job carries taint once a filter has given that
//! job a byte of a protected area, or a tainted byte; landing outside every protected area it is a
//! leak. Data that carries none makes what it overwrites clean. What is in memory that was lent,
//! after its return, is residue and judged as such. What a device writes into bounce slots that it
//! was given for a protected buffer is what belongs into that buffer, whatever it has read.
use super::judge::Oracle;
use super::ledger::NO_POOL;
use crate::engine::event::{JobEvent, SlotsEvent, Upkeep, UpkeepEvent};
use crate::units::{AddrRange, PAGE, PhysAddr};
use ringfence_sim::{BEAT_BYTES, MASTERS};

/// Beats of a page.
const BEATS: usize = PAGE as usize / BEAT_BYTES;
const NO_PAGE: u32 = u32::MAX;
/// No job.
pub(super) const NO_JOB: u32 = u32::MAX;

/// Where a job got protected data from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) addr: u64,
    pub(super) cycle: u64,
    /// Pool of the protected area, or [`NO_POOL`] for a tainted byte outside.
    pub(super) pool: u8,
}

/// What a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A job of the log, by its number.
    Job(u32),
    /// The kernel's copy between a buffer and bounce slots.
    BounceCopy,
    /// A device's work in bounce slots.
    InSlots,
}

/// A job, running or over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) master: u8,
    /// What it is in the log.
    pub(super) what: What,
    /// The TEE's own release: what it writes is declared to be no secret.
    declared: bool,
    pub(super) source: Option<Source>,
    /// Cycle in which its first tainted byte landed outside.
    pub(super) leaked: u64,
    /// Masters that read what it leaked, a bit each.
    seen_by: u8,
}

/// What a transaction means to the shadow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tainting {
    /// Its beats are looked at.
    pub(super) look: bool,
    /// Its bytes are in a protected area.
    pub(super) inside: bool,
    /// Job that it belongs to, or [`NO_JOB`].
    pub(super) job: u32,
    /// First beat of a write that carries taint.
    pub(super) from: u16,
    /// Tainted bytes that landed or were given, the first of them, and the job they are from.
    pub(super) bytes: u32,
    pub(super) first: u64,
    pub(super) of: u32,
    /// Cycle of the first of them.
    pub(super) since: u64,
}

impl Tainting {
    /// Of a transaction that the shadow has nothing to do with.
    pub(super) const NONE: Self = Self {
        look: false,
        inside: false,
        job: NO_JOB,
        from: u16::MAX,
        bytes: 0,
        first: 0,
        of: NO_JOB,
        since: 0,
    };
}

struct Page {
    lanes: [u16; BEATS],
    /// Job that tainted it last.
    job: u32,
}

/// The shadow and the jobs.
pub(super) struct Taint {
    dram: AddrRange,
    /// Bits of an address that name a cell.
    cells: u64,
    /// A job has ever begun; else there is nothing to look at.
    live: bool,
    table: Vec<u32>,
    pages: Vec<Page>,
    jobs: Vec<Work>,
    running: [u32; MASTERS],
    /// Jobs of a master that overlap: told apart by nothing on the bus, they count as one.
    open: [u32; MASTERS],
    /// Bounce slots that devices work in, with the job that each of them is.
    slots: Vec<(u8, AddrRange, u32)>,
}

impl Taint {
    pub(super) fn new(dram: AddrRange, cells: u64) -> Self {
        let (table, pages, jobs) = (Vec::new(), Vec::new(), Vec::new());
        let (running, slots) = ([NO_JOB; MASTERS], Vec::new());
        let open = [0; MASTERS];
        Self { dram, cells, live: false, table, pages, jobs, running, open, slots }
    }

    /// A job by its place in the book.
    pub(super) fn work(&self, job: u32) -> Option<&Work> {
        self.jobs.get(job as usize)
    }

    /// Takes begin or end of a device's work in slots; `of` is the buffer's place and pool.
    pub(super) fn slots(&mut self, event: &SlotsEvent, of: Option<(PhysAddr, u8)>) {
        let Some(range) = AddrRange::new(event.base, event.len) else { return };
        let master = event.master.0;
        if !event.begins {
            self.slots.retain(|(who, slots, _)| (*who, *slots) != (master, range));
            return;
        }
        self.wake();
        self.slots.push((master, range, self.jobs.len() as u32));
        let source = of.map(|(base, pool)| Source { addr: base.0, cycle: event.cycle.0, pool });
        let (what, declared, leaked, seen_by) = (What::InSlots, false, 0, 0);
        self.jobs.push(Work { master, what, declared, source, leaked, seen_by });
    }

    /// The job of a master that writes there because it was given slots.
    fn in_slots(&self, master: u8, at: u64) -> Option<u32> {
        let inside = |(who, range, _): &&(u8, AddrRange, u32)| {
            *who == master && range.contains(PhysAddr(at))
        };
        self.slots.iter().find(inside).map(|(.., job)| *job)
    }

    fn wake(&mut self) {
        if !self.live {
            let pages = self.dram.end().0.div_ceil(PAGE) - self.dram.base.0 / PAGE;
            self.table = vec![NO_PAGE; pages as usize];
            self.live = true;
        }
    }

    fn begin(&mut self, master: u8, what: What, declared: bool) {
        self.wake();
        let at = usize::from(master) % MASTERS;
        self.open[at] += 1;
        if let Some(work) = self.jobs.get_mut(self.running[at] as usize) {
            work.declared &= declared;
            return;
        }
        self.running[at] = self.jobs.len() as u32;
        let (source, leaked, seen_by) = (None, 0, 0);
        self.jobs.push(Work { master, what, declared, source, leaked, seen_by });
    }

    fn end(&mut self, master: u8) {
        let at = usize::from(master) % MASTERS;
        self.open[at] = self.open[at].saturating_sub(1);
        if self.open[at] == 0 {
            self.running[at] = NO_JOB;
        }
    }

    /// Takes begin or end of a job; `secure` where its master is of the secure world.
    pub(super) fn job(&mut self, event: &JobEvent, secure: bool) {
        let master = event.master.0;
        if event.begins {
            self.begin(master, What::Job(event.job), event.declassifies && secure);
        } else {
            self.end(master);
        }
    }

    /// A bounce copy is a job that the kernel tells as an upkeep.
    pub(super) fn upkeep(&mut self, event: &UpkeepEvent) {
        match (event.what, event.begins) {
            (Upkeep::Bounce, true) => self.begin(event.master.0, What::BounceCopy, false),
            (Upkeep::Bounce, false) => self.end(event.master.0),
            _ => {}
        }
    }

    /// Memory that is protected from now on has no bytes outside.
    pub(super) fn protected(&mut self, range: AddrRange) {
        let mut cell = range.base.0 & !(BEAT_BYTES as u64 - 1);
        while cell < range.end().0 {
            if let Some(page) = self.page(cell) {
                self.pages[page].lanes[(cell % PAGE) as usize / BEAT_BYTES] = 0;
                cell += BEAT_BYTES as u64;
            } else {
                cell = (cell | (PAGE - 1)) + 1;
            }
        }
    }

    fn page(&self, cell: u64) -> Option<usize> {
        let cell = cell & self.cells;
        let number = (cell / PAGE).checked_sub(self.dram.base.0 / PAGE)?;
        self.table.get(number as usize).map(|&p| p as usize).filter(|&p| p < self.pages.len())
    }

    fn page_or_new(&mut self, cell: u64) -> Option<usize> {
        let cell = cell & self.cells;
        if let Some(page) = self.page(cell) {
            return Some(page);
        }
        let number = (cell / PAGE).checked_sub(self.dram.base.0 / PAGE)?;
        *self.table.get_mut(number as usize)? = self.pages.len() as u32;
        self.pages.push(Page { lanes: [0; BEATS], job: NO_JOB });
        Some(self.pages.len() - 1)
    }

    /// Tainted lanes of a cell, and the job that tainted its page last.
    fn lanes(&self, cell: u64) -> (u16, u32) {
        let page = self.page(cell).map(|page| &self.pages[page]);
        let index = (cell % PAGE) as usize / BEAT_BYTES;
        page.map_or((0, NO_JOB), |page| (page.lanes[index], page.job))
    }

    /// Whether what a job writes now carries taint.
    fn carries(&self, job: u32) -> bool {
        self.work(job).is_some_and(|work| work.source.is_some() && !work.declared)
    }
}

impl Oracle {
    /// An address was accepted at a filter: what its beats will mean to the shadow.
    #[inline]
    pub(super) fn taint_address(&mut self, slot: u32) {
        if !self.taint.live {
            return;
        }
        let (first, _) = super::burst::span(&self.inflight.get(slot).ax);
        let first = first & self.taint.cells;
        let inside = self.ledger.areas.keeps(first);
        let txn = self.inflight.get_mut(slot);
        let mut job = self.taint.running[usize::from(txn.master) % MASTERS];
        if txn.write && job == NO_JOB {
            job = self.taint.in_slots(txn.master, first).unwrap_or(NO_JOB);
        }
        // A write inside leaves nothing outside; a read inside concerns a job only.
        let look = txn.verdict.allow && (!inside || !txn.write && job != NO_JOB);
        txn.taint = Tainting { look, inside, job, ..Tainting::NONE };
    }

    /// A beat with good data has left a filter for the master of a transaction that is looked at.
    pub(super) fn taint_given(&mut self, slot: u32, cell: u64, lanes: u16) {
        let txn = self.inflight.get_mut(slot);
        let (lanes, of) = match txn.taint.inside {
            true => (lanes, NO_JOB),
            false => {
                let (tainted, of) = self.taint.lanes(cell);
                (tainted & lanes, of)
            }
        };
        if lanes == 0 {
            return;
        }
        let addr = cell + u64::from(lanes.trailing_zeros());
        if !txn.taint.inside {
            if txn.taint.bytes == 0 {
                (txn.taint.first, txn.taint.of) = (addr, of);
            }
            txn.taint.bytes += lanes.count_ones();
        }
        if let Some(work) = self.taint.jobs.get_mut(txn.taint.job as usize)
            && work.source.is_none()
        {
            let area = if txn.taint.inside { self.ledger.pool_at(PhysAddr(addr)) } else { None };
            let pool = area.unwrap_or(NO_POOL);
            work.source = Some(Source { addr, cycle: self.cycle, pool });
        }
    }

    /// A beat of a job's write has come to a filter: what the job has read by now may be in it.
    pub(super) fn taint_taken(&mut self, slot: u32, index: u16) {
        let txn = self.inflight.get_mut(slot);
        if txn.taint.from == u16::MAX && self.taint.carries(txn.taint.job) {
            txn.taint.from = index;
        }
    }

    /// A beat has changed ordinary memory.
    pub(super) fn taint_landed(&mut self, slot: u32, index: u16, cell: u64, lanes: u16) {
        let txn = self.inflight.get_mut(slot);
        let at = (cell % PAGE) as usize / BEAT_BYTES;
        if index < txn.taint.from {
            // An exclusive write may yet turn out to have written nothing.
            if let Some(page) = self.taint.page(cell).filter(|_| txn.ax.lock == 0) {
                self.taint.pages[page].lanes[at] &= !lanes;
            }
            return;
        }
        let Some(page) = self.taint.page_or_new(cell).filter(|_| lanes != 0) else { return };
        let page = &mut self.taint.pages[page];
        page.lanes[at] |= lanes;
        page.job = txn.taint.job;
        if txn.taint.bytes == 0 {
            txn.taint.first = cell + u64::from(lanes.trailing_zeros());
            txn.taint.since = self.cycle;
        }
        txn.taint.bytes += lanes.count_ones();
        if let Some(work) = self.taint.jobs.get_mut(txn.taint.job as usize)
            && work.leaked == 0
        {
            work.leaked = self.cycle;
        }
    }

    /// Whether this is the first time that a master reads what a job leaked.
    pub(super) fn first_sight(&mut self, job: u32, master: u8) -> bool {
        let Some(work) = self.taint.jobs.get_mut(job as usize) else { return true };
        let bit = 1 << (master & 7);
        let first = work.seen_by & bit == 0;
        work.seen_by |= bit;
        first
    }
}
