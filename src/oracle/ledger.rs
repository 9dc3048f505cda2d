// SPDX-License-Identifier: Apache-2.0
//! Intent: pools with their rights tables, buffers in them, and the grants in force.
use super::areas::{Area, Areas, Stage};
use super::face::PoolIntent;
use super::inflight::{NONE, Txn};
use crate::engine::event::{BufferEvent, ConfineEvent, ConfinePhase, GrantEvent, GrantPhase};
use crate::units::{AddrRange, Direction, MasterId, PhysAddr};
use ringfence_sim::{Ax, MASTERS};
use std::collections::BTreeMap;

/// No pool.
pub(super) const NO_POOL: u8 = u8::MAX;

/// What intent says to one master about some bytes; the worst comes last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Ordinary memory: anybody may.
    #[default]
    Open,
    /// A live grant.
    Granted,
    /// A grant that is being given or taken: either answer is right.
    Transition,
    /// No DRAM is there.
    Nowhere,
    /// Ordinary memory again, which a grant of the past still points this master at.
    Returned,
    /// The pool's rights table has the master, but no live grant of a buffer.
    Ungranted,
    /// The pool's rights table does not have the master.
    Forbidden,
}

/// Intent about a whole burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The worst of its bytes.
    pub(super) class: Class,
    /// Bytes of more than one class.
    pub(super) mixed: bool,
    /// Pool of the worst byte, or [`NO_POOL`].
    pub(super) pool: u8,
    /// Number of its grant, or [`NONE`].
    pub(super) grant: u32,
}

impl Default for Claim {
    fn default() -> Self {
        Self { class: Class::Open, mixed: false, pool: NO_POOL, grant: NONE }
    }
}

/// Bytes up to `end` of which intent says the same.
struct Segment {
    claim: Claim,
    end: u64,
}

/// A live buffer.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) range: AddrRange,
    /// Grants not yet revoked.
    grants: Vec<u32>,
    /// By master and direction (read, write): what the grants add up to.
    state: [[(Class, u32); 2]; MASTERS],
}

/// One line of the ledger's history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) cycle: u64,
    pub(super) buffer: u32,
    pub(super) what: Act,
}

/// What a history line tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Allocated(AddrRange),
    Released,
    Grant { grant: u32, master: MasterId, read: bool, write: bool, phase: GrantPhase },
}

/// A contradiction in the allocator's own doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    pub(super) buffer: u32,
    pub(super) addr: PhysAddr,
    pub(super) with: String,
}

/// The ledger.
pub(super) struct Ledger {
    dram: AddrRange,
    /// Bits of an address that name a cell: intent is about cells.
    cells: u64,
    pools: Vec<PoolIntent>,
    /// Protected memory over time.
    pub(super) areas: Areas,
    /// Live buffers by base address; `bases` is the search key, apart so that it stays small.
    bases: Vec<u64>,
    buffers: Vec<Buffer>,
    grants: BTreeMap<u32, GrantEvent>,
    history: Vec<Record>,
    names: BTreeMap<u32, String>,
    /// What intent says to each master about writing ordinary memory.
    outside: [Class; MASTERS],
}

fn way(direction: Direction) -> usize {
    usize::from(direction == Direction::Write)
}

impl Ledger {
    pub(super) fn new(dram: AddrRange, cells: u64, pools: Vec<PoolIntent>) -> Self {
        Self {
            dram,
            cells,
            areas: Areas::new(&pools),
            pools,
            bases: Vec::new(),
            buffers: Vec::new(),
            grants: BTreeMap::new(),
            history: Vec::new(),
            names: BTreeMap::new(),
            outside: [Class::Open; MASTERS],
        }
    }

    /// What intent says to `master` about the bytes `[first, end)`.
    pub(super) fn claim(&self, master: u8, direction: Direction, first: u64, end: u64) -> Claim {
        // No burst crosses 4 KiB, and so none the end of what is decoded.
        let (first, end) = (first & self.cells, (first & self.cells) + (end - first));
        let segment = self.segment(master, direction, first);
        let mut claim = segment.claim;
        let mut at = segment.end;
        while at < end {
            let next = self.segment(master, direction, at);
            let mixed = claim.mixed || next.claim.class != claim.class;
            if next.claim.class > claim.class {
                claim = next.claim;
            }
            claim.mixed = mixed;
            at = next.end;
        }
        claim
    }

    /// The lanes of a beat of which intent says just `class`.
    pub(super) fn lanes_of(
        &self,
        class: Class,
        master: u8,
        direction: Direction,
        cell: u64,
        lanes: u16,
    ) -> u16 {
        let cell = cell & self.cells;
        (0..16)
            .filter(|lane| lanes >> lane & 1 == 1)
            .filter(|lane| self.segment(master, direction, cell + lane).claim.class == class)
            .fold(0, |m, lane| m | 1 << lane)
    }

    fn segment(&self, master: u8, direction: Direction, at: u64) -> Segment {
        let mut end = match self.areas.at(at) {
            Ok(area) => return self.segment_in_area(area, master, direction, at),
            Err(next) => next,
        };
        let inside = self.dram.contains(PhysAddr(at));
        let border = if inside { self.dram.end().0 } else { self.dram.base.0 };
        if border > at {
            end = end.min(border);
        }
        let class = if inside { self.ordinary(master, direction) } else { Class::Nowhere };
        Segment { claim: Claim { class, ..Claim::default() }, end }
    }

    /// Ordinary memory is for everybody, but that the destination rule keeps a master from writing.
    fn ordinary(&self, master: u8, direction: Direction) -> Class {
        match direction {
            Direction::Read => Class::Open,
            Direction::Write => self.outside[usize::from(master) % MASTERS],
        }
    }

    /// Takes a phase of the destination rule.
    pub(super) fn confine(&mut self, event: &ConfineEvent) {
        self.outside[usize::from(event.master.0) % MASTERS] = match event.phase {
            ConfinePhase::Requested | ConfinePhase::LiftRequested => Class::Transition,
            ConfinePhase::InForce => Class::Forbidden,
            ConfinePhase::Lifted => Class::Open,
        };
    }

    fn segment_in_area(&self, area: &Area, master: u8, direction: Direction, at: u64) -> Segment {
        let rights = self
            .pool(area.pool)
            .map_or_else(Default::default, |pool| pool.rights[usize::from(master) % MASTERS]);
        let permitted = if direction == Direction::Write { rights.write } else { rights.read };
        let claim = |class, grant| Claim { class, mixed: false, pool: area.pool, grant };
        let border = area.range.end().0;
        match area.stage {
            Stage::Lent if permitted => {}
            Stage::Lent => return Segment { claim: claim(Class::Forbidden, NONE), end: border },
            Stage::Returned if area.granted >> (master & 7) & 1 == 1 => {
                return Segment { claim: claim(Class::Returned, NONE), end: border };
            }
            Stage::Returned => {
                let class = self.ordinary(master, direction);
                return Segment { claim: Claim { class, ..Claim::default() }, end: border };
            }
            Stage::Transition => {
                return Segment { claim: claim(Class::Transition, NONE), end: border };
            }
        }
        let after = self.bases.partition_point(|&base| base <= at);
        if let Some(buffer) = after.checked_sub(1).map(|index| &self.buffers[index])
            && buffer.range.contains(PhysAddr(at))
        {
            let (class, grant) = buffer.state[usize::from(master) % MASTERS][way(direction)];
            return Segment { claim: claim(class, grant), end: buffer.range.end().0.min(border) };
        }
        let next = self.bases.get(after).copied().unwrap_or(u64::MAX);
        Segment { claim: claim(Class::Ungranted, NONE), end: next.min(border) }
    }

    /// The live buffer that holds an address.
    pub(super) fn buffer_at(&self, addr: PhysAddr) -> Option<&Buffer> {
        let addr = PhysAddr(addr.0 & self.cells);
        let after = self.bases.partition_point(|&base| base <= addr.0);
        let buffer = &self.buffers[after.checked_sub(1)?];
        buffer.range.contains(addr).then_some(buffer)
    }

    /// The live buffer that holds the first byte of a burst, else the last.
    pub(super) fn owner_of(&self, ax: &Ax) -> Option<u32> {
        let (first, end) = super::burst::span(ax);
        let held = self.buffer_at(PhysAddr(first));
        let held = held.or_else(|| self.buffer_at(PhysAddr(end.saturating_sub(1))));
        held.map(|buffer| buffer.number)
    }

    /// The pool that holds an address, or held it last.
    pub(super) fn pool_at(&self, addr: PhysAddr) -> Option<u8> {
        self.areas.at(addr.0 & self.cells).ok().map(|area| area.pool)
    }

    /// A pool's intent.
    pub(super) fn pool(&self, index: u8) -> Option<&PoolIntent> {
        self.pools.get(usize::from(index))
    }

    /// Name of a buffer, live or not.
    pub(super) fn name(&self, buffer: u32) -> &str {
        self.names.get(&buffer).map_or("?", String::as_str)
    }

    /// Every grant that a master ever had, by number, as it stands.
    pub(super) fn grants_of(
        &self,
        master: MasterId,
    ) -> impl DoubleEndedIterator<Item = &GrantEvent> {
        self.grants.values().filter(move |grant| grant.master == master)
    }

    /// Where a live buffer is.
    pub(super) fn range_of(&self, buffer: u32) -> Option<AddrRange> {
        self.buffers.iter().find(|b| b.number == buffer).map(|b| b.range)
    }

    /// Whether a buffer, live or not, held an address.
    pub(super) fn was_at(&self, buffer: u32, addr: PhysAddr) -> bool {
        let held = |record: &Record| match record.what {
            Act::Allocated(range) => record.buffer == buffer && range.contains(addr),
            _ => false,
        };
        self.history.iter().any(held)
    }

    /// Whether a transaction is one that an earlier grant of its master gave, which has ended.
    pub(super) fn had(&self, txn: &Txn) -> bool {
        let addr = PhysAddr(txn.ax.addr);
        let here = self.buffer_at(addr).map(|buffer| buffer.number);
        self.grants_of(MasterId(txn.master)).any(|grant| {
            let right = if txn.write { grant.write } else { grant.read };
            let there = || Some(grant.buffer) == here || self.was_at(grant.buffer, addr);
            right && grant.phase == GrantPhase::Revoked && there()
        })
    }

    /// What happened so far, oldest first.
    pub(super) fn history(&self) -> &[Record] {
        &self.history
    }

    /// Takes an allocation or a release. Grants that a release cuts off are returned.
    pub(super) fn buffer(&mut self, event: &BufferEvent) -> Result<Vec<u32>, Clash> {
        let Some(range) = AddrRange::new(event.base, event.len) else {
            return Ok(Vec::new());
        };
        let what = if event.allocated { Act::Allocated(range) } else { Act::Released };
        self.history.push(Record { cycle: event.cycle.0, buffer: event.buffer, what });
        if !event.allocated {
            let Some(index) = self.buffers.iter().position(|b| b.number == event.buffer) else {
                return Ok(Vec::new());
            };
            self.bases.remove(index);
            return Ok(self.buffers.remove(index).grants);
        }
        self.names.insert(event.buffer, event.name.clone());
        let clash = self.clash(event.buffer, range);
        let index = self.bases.partition_point(|&base| base <= range.base.0);
        self.bases.insert(index, range.base.0);
        let buffer = Buffer {
            number: event.buffer,
            name: event.name.clone(),
            range,
            grants: Vec::new(),
            state: [[(Class::Ungranted, NONE); 2]; MASTERS],
        };
        self.buffers.insert(index, buffer);
        clash.map_or(Ok(Vec::new()), Err)
    }

    fn clash(&self, buffer: u32, range: AddrRange) -> Option<Clash> {
        if let Some(other) = self.buffers.iter().find(|b| b.range.overlaps(range)) {
            let addr = other.range.base.max(range.base);
            return Some(Clash { buffer, addr, with: other.name.clone() });
        }
        (!self.areas.protects(range)).then(|| Clash {
            buffer,
            addr: range.base,
            with: "memory outside its pool".into(),
        })
    }

    /// Takes a phase of a grant. True when the grant has ended with it.
    pub(super) fn phase(&mut self, event: &GrantEvent) -> bool {
        let what = Act::Grant {
            grant: event.grant,
            master: event.master,
            read: event.read,
            write: event.write,
            phase: event.phase,
        };
        self.history.push(Record { cycle: event.cycle.0, buffer: event.buffer, what });
        self.grants.insert(event.grant, event.clone());
        let ended = event.phase == GrantPhase::Revoked;
        let live = self.buffers.iter().find(|b| b.number == event.buffer);
        if let Some(range) = live.map(|b| b.range) {
            self.areas.granted(range, event.master.0);
        }
        if let Some(index) = self.buffers.iter().position(|b| b.number == event.buffer) {
            let grants = &mut self.buffers[index].grants;
            grants.retain(|&grant| grant != event.grant);
            if !ended {
                grants.push(event.grant);
            }
            self.add_up(index, event.master);
        }
        ended
    }

    fn add_up(&mut self, buffer: usize, master: MasterId) {
        let mut state = [(Class::Ungranted, NONE); 2];
        for grant in self.buffers[buffer].grants.iter().filter_map(|number| self.grants.get(number))
        {
            if grant.master != master {
                continue;
            }
            let programmed = grant.phase == GrantPhase::Programmed;
            let class = if programmed { Class::Granted } else { Class::Transition };
            for (permitted, entry) in [grant.read, grant.write].into_iter().zip(&mut state) {
                if permitted && class < entry.0 {
                    *entry = (class, grant.grant);
                }
            }
        }
        if let Some(entry) = self.buffers[buffer].state.get_mut(usize::from(master.0)) {
            *entry = state;
        }
    }
}

#[cfg(test)]
#[path = "tests/ledger.rs"]
mod tests;
