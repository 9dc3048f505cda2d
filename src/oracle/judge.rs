// SPDX-License-Identifier: Apache-2.0
//! The judge's order of business in one cycle.
use super::book::{Book, Finding};
use super::build::Build;
use super::checks;
use super::evidence::Evidence;
use super::face::PoolIntent;
use super::inflight::{Inflight, NONE};
use super::ledger::{Class, Ledger};
use super::names::Names;
use super::programming::Programming;
use super::registers::Registers;
use super::rule::Verdict;
use super::scoreboard::Scoreboard;
use super::taint::Taint;
use crate::engine::event::{Attempt, CacheHitEvent, Event, Party, PoolEvent, PoolPhase};
use crate::scenario::Scenario;
use crate::units::{AddrRange, Cycle, PhysAddr};
use ringfence_sim::{ApbIn, Ax, FILTER_SIDE, MASTERS, MAX_FILTERS, MEMORY_SIDE, Outputs, PORTS, W};
use std::collections::VecDeque;

/// Ports of masters, a bit each.
const MASTER_PORTS: u16 = (1 << MASTERS) - 1;
/// Slave sides of all filters.
const SLAVE_PORTS: u16 = ((1 << MAX_FILTERS) - 1) << FILTER_SIDE;
/// Memory sides of filters, a bit a port.
pub(super) const MEMORY_PORTS: u16 = ((1 << MAX_FILTERS) - 1) << MEMORY_SIDE;

/// A gate as its status register must show it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gate {
    /// Accepted at the filter and not fully answered.
    pub(super) outstanding: u32,
    /// What the status must settle to, and the cycle in which that last changed.
    pub(super) target: bool,
    pub(super) since: u64,
    /// Cycle of the write that closed it.
    pub(super) closed: Option<u64>,
}

/// Denied addresses of one cycle at one filter, not yet captured: read, write.
pub(super) type Failures = [Option<(Ax, Verdict)>; 2];

/// Write data that belongs to the addresses of one port, in their order.
#[derive(Debug)]
pub(super) struct WriteQueue {
    /// Transaction whose data is due next, or `NONE`.
    pub(super) now: u32,
    /// Transactions whose data is due after that.
    pub(super) due: VecDeque<u32>,
    /// Beats that came ahead of their address.
    pub(super) early: VecDeque<W>,
}

impl Default for WriteQueue {
    fn default() -> Self {
        Self { now: NONE, due: VecDeque::new(), early: VecDeque::new() }
    }
}

/// The judge of one run.
pub struct Oracle {
    pub(super) cycle: u64,
    pub(super) names: Names,
    pub(super) registers: Registers,
    pub(super) programming: Programming,
    pub(super) ledger: Ledger,
    pub(super) inflight: Inflight,
    pub(super) shadow: Scoreboard,
    pub(super) taint: Taint,
    pub(super) book: Book,
    pub(super) evidence: Evidence,
    pub(super) gates: [Gate; MAX_FILTERS],
    pub(super) failures: [Failures; MAX_FILTERS],
    pub(super) any_failure: bool,
    pub(super) writes: [WriteQueue; PORTS],
    /// Next transaction number by filter.
    pub(super) numbers: [u64; MAX_FILTERS],
    pub(super) filters: usize,
    /// Ports that are looked at.
    pub(super) watched: u16,
    /// Addresses that wait at memory sides (AR, AW) and must not change.
    pub(super) stalled: [u16; 2],
    pub(super) stalled_ax: [[Ax; MAX_FILTERS]; 2],
    /// Level of the interrupt pin, and whether it was already reported as wrong.
    pub(super) interrupt: bool,
    pub(super) interrupt_wrong: bool,
    pub(super) planted: Vec<PhysAddr>,
}

impl Oracle {
    /// A judge for a board with so many filters; `pools` in the scenario's order.
    pub fn new(scenario: &Scenario, filters: usize, pools: Vec<PoolIntent>) -> Self {
        let filters = filters.clamp(1, MAX_FILTERS);
        let names = Names::new(scenario);
        let registers = Registers::new(Build::board(filters));
        let sides = ((1u16 << filters) - 1) << FILTER_SIDE | ((1u16 << filters) - 1) << MEMORY_SIDE;
        Self {
            cycle: 0,
            programming: Programming::new(&registers),
            ledger: Ledger::new(names.dram, names.cells, pools),
            inflight: Inflight::new(),
            shadow: Scoreboard::new(names.dram, names.cells),
            taint: Taint::new(names.dram, names.cells),
            book: Book::default(),
            evidence: Evidence::default(),
            gates: [Gate::default(); MAX_FILTERS],
            failures: [[None; 2]; MAX_FILTERS],
            any_failure: false,
            writes: Default::default(),
            numbers: [0; MAX_FILTERS],
            filters,
            watched: MASTER_PORTS & !names.unwatched | sides,
            stalled: [0; 2],
            stalled_ax: [[Ax::default(); MAX_FILTERS]; 2],
            interrupt: false,
            interrupt_wrong: false,
            planted: Vec::new(),
            names,
            registers,
        }
    }

    /// Judges one stepped cycle; cycles are given in order.
    #[inline]
    pub fn observe(&mut self, cycle: Cycle, apb: &ApbIn, out: &Outputs) {
        self.cycle = cycle.0;
        let interrupt = self.registers.interrupt();
        if out.tzcint != self.interrupt || (out.tzcint != interrupt) != self.interrupt_wrong {
            self.interrupt_line(out.tzcint, interrupt);
        }
        let waiting = (out.ar.valid | out.aw.valid) & MEMORY_PORTS;
        if waiting | self.stalled[0] | self.stalled[1] != 0 {
            self.held(out);
        }
        let (ar, aw, w) = (out.ar.fire(), out.aw.fire(), out.w.fire());
        if (ar | aw | w) & self.watched != 0 {
            self.requests(ar & self.watched, aw & self.watched, w & self.watched, out);
        }
        let (r, b) = (out.r.fire(), out.b.fire());
        if (r | b) & self.watched != 0 {
            self.answers(r & self.watched, b & self.watched, out);
        }
        if (apb.sel && apb.enable) || self.any_failure {
            self.register_bus(apb, out);
        }
        let stalls = (out.ar.valid & !out.ar.ready | out.aw.valid & !out.aw.ready) & SLAVE_PORTS;
        if stalls != 0 {
            self.stalled(stalls);
        }
        self.registers.settle();
    }

    fn stalled(&mut self, mut ports: u16) {
        while ports != 0 {
            self.registers.stalled(ports.trailing_zeros() as usize - FILTER_SIDE);
            ports &= ports - 1;
        }
    }

    /// Addresses, then write data; each from the masters towards memory, for a beat may pass
    /// several ports in one cycle.
    fn requests(&mut self, ar: u16, aw: u16, w: u16, out: &Outputs) {
        for (mask, write) in [(ar, false), (aw, true)] {
            let mut left = mask;
            while left != 0 {
                let port = left.trailing_zeros() as usize;
                left &= left - 1;
                let ax = if write { &out.port[port].aw } else { &out.port[port].ar };
                match port {
                    ..FILTER_SIDE => self.master_address(port, ax, write),
                    FILTER_SIDE..MEMORY_SIDE => self.filter_address(port, ax, write),
                    _ => self.memory_address(port, ax, write),
                }
            }
        }
        let mut left = w;
        while left != 0 {
            let port = left.trailing_zeros() as usize;
            left &= left - 1;
            self.write_beat(port, &out.port[port].w);
        }
    }

    /// Answers, from memory towards the masters.
    fn answers(&mut self, r: u16, b: u16, out: &Outputs) {
        let mut left = r;
        while left != 0 {
            let port = left.ilog2() as usize;
            left &= !(1 << port);
            match port {
                ..FILTER_SIDE => self.master_read_beat(port, &out.port[port].r),
                FILTER_SIDE..MEMORY_SIDE => self.filter_read_beat(port, &out.port[port].r),
                _ => self.memory_read_beat(port, &out.port[port].r),
            }
        }
        let mut left = b;
        while left != 0 {
            let port = left.ilog2() as usize;
            left &= !(1 << port);
            match port {
                ..FILTER_SIDE => self.master_response(port, out.port[port].b),
                FILTER_SIDE..MEMORY_SIDE => self.filter_response(port, out.port[port].b),
                _ => self.memory_response(port, out.port[port].b),
            }
        }
    }

    /// Takes an [`Event::Buffer`], [`Event::Grant`], [`Event::Pool`], [`Event::Upkeep`],
    /// [`Event::Job`], [`Event::Confine`] or [`Event::CacheHit`], before the same cycle is observed;
    /// others are ignored.
    pub fn intent(&mut self, event: &Event) {
        match event {
            Event::Buffer(buffer) => {
                self.cycle = self.cycle.max(buffer.cycle.0);
                if let Some(range) =
                    AddrRange::new(buffer.base, buffer.len).filter(|_| buffer.allocated)
                {
                    self.shadow.changes_hands(range);
                }
                match self.ledger.buffer(buffer) {
                    Ok(cut_off) => {
                        for grant in cut_off {
                            self.revoked(grant, buffer.cycle.0);
                        }
                    }
                    Err(clash) => self.object(&checks::ALLOCATION, |o| {
                        let name = o.ledger.name(clash.buffer).to_owned();
                        Finding::about("allocator")
                            .at(clash.addr.0, buffer.len.0)
                            .why(format!("fact: {name} was allocated over {}", clash.with))
                            .why("intent: every byte of a pool belongs to one buffer at most")
                    }),
                }
            }
            Event::Grant(grant) => {
                self.cycle = self.cycle.max(grant.cycle.0);
                if self.ledger.phase(grant) {
                    self.revoked(grant.grant, grant.cycle.0);
                }
            }
            Event::Pool(pool) => self.pool_phase(pool),
            Event::Upkeep(upkeep) => {
                self.cycle = self.cycle.max(upkeep.cycle.0);
                self.ledger.areas.upkeep(upkeep);
                self.taint.upkeep(upkeep);
            }
            Event::Confine(confine) => {
                self.cycle = self.cycle.max(confine.cycle.0);
                self.ledger.confine(confine);
            }
            Event::Job(job) => {
                self.cycle = self.cycle.max(job.cycle.0);
                self.taint.job(job, self.names.secure(job.master.0));
            }
            Event::Slots(slots) => {
                self.cycle = self.cycle.max(slots.cycle.0);
                let buffer = self.ledger.range_of(slots.buffer).map(|range| range.base);
                let pool = buffer.and_then(|base| self.ledger.pool_at(base));
                self.taint.slots(slots, buffer.zip(pool));
            }
            Event::CacheHit(hit) => self.cache_hit(hit),
            _ => {}
        }
    }

    /// A line that came while the memory was lent, or before, says nothing of what is there now.
    fn cache_hit(&mut self, hit: &CacheHitEvent) {
        self.cycle = self.cycle.max(hit.cycle.0);
        let Some(range) = AddrRange::new(hit.base, hit.len) else { return };
        let Some(since) = self.ledger.areas.returned_since(range) else { return };
        if hit.oldest.0 >= since {
            return;
        }
        self.object(&checks::STALE_LINE, |o| {
            Finding::about(o.names.master(hit.master.0))
                .at(hit.base.0, hit.len.0)
                .why(format!("fact: the oldest line came in cycle {}", hit.oldest.0))
                .why(format!("rule: the memory is the kernel's again since cycle {since}"))
                .why("intent: what is read is what was written last")
        });
    }

    fn pool_phase(&mut self, event: &PoolEvent) {
        self.cycle = self.cycle.max(event.cycle.0);
        self.ledger.areas.phase(event);
        let range = AddrRange::new(event.base, event.len);
        if let Some(range) = range.filter(|_| event.phase == PoolPhase::LendProgrammed) {
            self.taint.protected(range);
        }
        let open = matches!(event.phase, PoolPhase::Opened | PoolPhase::Returned);
        let Some(range) = range.filter(|_| open) else { return };
        self.shadow.changes_hands(range);
        // What was let in before the memory was the kernel's again must not move data any more.
        for txn in self.inflight.all_mut().filter(|txn| txn.at_filter) {
            let (first, end) = super::burst::span(&txn.ax);
            let now = self.ledger.claim(txn.master, txn.direction(), first, end);
            if now.class == Class::Returned {
                txn.late_since = txn.late_since.min(event.cycle.0);
                txn.plain = false;
            }
        }
    }

    /// What is in flight under an ended grant is late from now on, unless another grant covers it.
    fn revoked(&mut self, grant: u32, cycle: u64) {
        for txn in self.inflight.all_mut().filter(|txn| txn.at_filter && txn.claim.grant == grant) {
            let (first, end) = super::burst::span(&txn.ax);
            let now = self.ledger.claim(txn.master, txn.direction(), first, end);
            if now.grant == NONE {
                txn.late_since = txn.late_since.min(cycle);
                txn.plain = false;
            } else {
                txn.claim = now;
            }
        }
    }

    /// Takes an intruder's own record, before the access is issued.
    pub fn attempt(&mut self, attempt: &Attempt) {
        self.book.counts.attempts += 1;
        self.evidence.declare(attempt);
    }

    /// Takes note that the scenario changed a byte behind the board.
    pub fn planted(&mut self, addr: PhysAddr) {
        self.planted.push(addr);
    }

    /// Takes what the protocol checkers found at an observed port; `provoked` when a declared
    /// intruder broke the rule on purpose.
    pub fn protocol(
        &mut self,
        cycle: Cycle,
        port: usize,
        rule: &str,
        section: &str,
        detail: &str,
        provoked: bool,
    ) {
        if provoked {
            self.book.counts.protocol_provoked += 1;
            return;
        }
        self.cycle = self.cycle.max(cycle.0);
        self.book.counts.protocol_errors += 1;
        self.object(&checks::PROTOCOL, |o| {
            let mut finding = Finding::about(o.names.port(port));
            if port < MASTERS {
                finding.who = super::book::Who::Master(port as u8);
            }
            finding.name = Some(rule.to_owned());
            finding.next = Some(format!("read {section}"));
            finding.why(format!("fact: {rule} broken: {detail}")).why(format!("rule: {section}"))
        });
    }

    /// Takes note that something waited longer than its budget; names the oldest transaction.
    pub fn hang(&mut self, cycle: Cycle, who: &str, what: &str) {
        self.cycle = self.cycle.max(cycle.0);
        let Some((sentence, party, txn)) = self.oldest_outstanding() else {
            self.object(&checks::HANG, |_| {
                let finding = Finding::about(who).why(format!("fact: {what}"));
                finding.why("fact: nothing is outstanding on the bus").blame(vec![Party::Driver])
            });
            return;
        };
        // An address that the firewall took, had to pass on and never did is the cause of the wait.
        let lost = txn.at_filter && txn.verdict.allow && !txn.at_memory;
        let check = if lost { &checks::ALLOWED_FORWARDED } else { &checks::HANG };
        self.object(check, |_| {
            let finding = if lost { Finding::of(&txn) } else { Finding::about(who) };
            finding.why(format!("fact: {what}")).why(sentence).blame(vec![party])
        });
    }

    /// Takes note that what had to be drained went on for longer than its budget.
    pub fn drain_timeout(&mut self, cycle: Cycle, who: &str, what: &str) {
        self.cycle = self.cycle.max(cycle.0);
        self.object(&checks::DRAIN_TIMEOUT, |o| {
            let finding = Finding::about(who).why(format!("fact: {what}"));
            match o.oldest_outstanding() {
                Some((sentence, ..)) => finding.why(sentence),
                None => finding.why("fact: nothing is outstanding on the bus"),
            }
        });
    }

    /// Moves the events since the last call to the end of `into`.
    pub fn drain_events(&mut self, into: &mut Vec<Event>) {
        into.append(&mut self.book.events);
    }
}
