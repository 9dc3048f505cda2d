// SPDX-License-Identifier: Apache-2.0
//! Address handshakes: at the masters, at the filters (where verdict and intent are taken) and at
//! memory.
use super::book::{Finding, Who};
use super::burst;
use super::checks;
use super::inflight::{NONE, Txn};
use super::judge::{MEMORY_PORTS, Oracle};
use super::ledger::Class;
use super::rule;
use crate::engine::event::{Party, Upkeep};
use crate::units::{Direction, PhysAddr};
use ringfence_sim::{Ax, FILTER_SIDE, MEMORY_SIDE, Outputs};

/// Cycles after a gate's closing write in which an address may still be accepted.
const GATE_SLACK: u64 = 1;
/// Channels in the order of the pin counts.
pub(super) const AR: usize = 0;
pub(super) const AW: usize = 1;
pub(super) const W: usize = 2;
pub(super) const R: usize = 3;
pub(super) const B: usize = 4;

/// Whether two address payloads ask for the same; ID and identity aside.
fn same_burst(a: &Ax, b: &Ax) -> bool {
    a.addr == b.addr
        && a.len == b.len
        && a.size == b.size
        && a.burst == b.burst
        && a.lock == b.lock
        && a.prot == b.prot
}

/// An address payload in words.
pub(super) fn words(ax: &Ax) -> String {
    format!(
        "{} len {} size {} burst {} lock {} prot {} id 0x{:02x}",
        PhysAddr(ax.addr),
        ax.len,
        ax.size,
        ax.burst,
        ax.lock,
        ax.prot,
        ax.id
    )
}

fn channel(write: bool) -> usize {
    if write { AW } else { AR }
}

impl Oracle {
    /// A master issued an address: a transaction begins.
    pub(super) fn master_address(&mut self, port: usize, ax: &Ax, write: bool) {
        let flow = (port as u8) << 4 | ax.id & 15;
        let slot = self.inflight.begin(flow, ax, write);
        let txn = self.inflight.get_mut(slot);
        txn.watched = true;
        txn.ax.id = flow;
        self.evidence.judged[port][channel(write)] += 1;
        self.identity(slot);
        if write {
            self.data_due(port, slot);
        }
    }

    /// A master must carry what is wired to it.
    fn identity(&mut self, slot: u32) {
        let txn = self.inflight.get(slot);
        let (master, ax) = (txn.master, txn.ax);
        let secure = ax.prot & 2 == 0;
        if ax.nsaid == self.names.nsaid(master) && secure == self.names.secure(master) {
            return;
        }
        self.object(&checks::IDENTITY, |o| {
            let word = |secure| if secure { "secure" } else { "non-secure" };
            Finding::of(o.inflight.get(slot))
                .why(format!("fact: NSAID {} {}", ax.nsaid, word(secure)))
                .why(format!(
                    "rule: wired to NSAID {} {}",
                    o.names.nsaid(master),
                    word(o.names.secure(master))
                ))
        });
    }

    /// An address was accepted at a filter: the moment of verdict and intent.
    pub(super) fn filter_address(&mut self, port: usize, ax: &Ax, write: bool) {
        let filter = port - FILTER_SIDE;
        let slot = self.arrive(port, ax, write);
        self.evidence.judged[port][channel(write)] += 1;
        let verdict = rule::verdict(&self.registers, filter, ax, write);
        let direction = if write { Direction::Write } else { Direction::Read };
        self.registers.count(filter, write, verdict, burst::crosses_page(ax));
        let (first, end) = burst::span(ax);
        let master = ax.id >> 4 & 7;
        let mut claim = self.ledger.claim(master, direction, first, end);
        let cleans = write && self.ledger.areas.cleans(master, first, end);
        let upkeep = self.ledger.areas.doing(master, direction, first, end);
        if upkeep == Some(Upkeep::Scrub) {
            claim.class = Class::Granted; // the TEE's own work in what it was lent
        }
        let owner = self.ledger.owner_of(ax).unwrap_or(NONE);
        let number = self.numbers[filter];
        self.numbers[filter] += 1;
        let attempt = if self.names.declares(master) {
            self.evidence.reach(master, direction, ax.addr)
        } else {
            NONE
        };
        let txn = self.inflight.get_mut(slot);
        txn.at_filter = true;
        txn.filter = filter as u8;
        txn.verdict = verdict;
        txn.claim = claim;
        txn.plain = verdict.allow && claim.class < Class::Returned;
        txn.number = number;
        txn.cycle = self.cycle;
        txn.attempt = attempt;
        (txn.upkeep, txn.cleans, txn.owner) = (upkeep, cleans, owner);
        if claim.class == Class::Transition {
            self.book.counts.in_transition += u64::from(txn.beats);
        }
        if !verdict.allow {
            self.failures[filter][usize::from(write)] = Some((*ax, verdict));
            self.any_failure = true;
        }
        self.taint_address(slot);
        self.admitted(filter, slot);
        if write {
            self.data_due(port, slot);
        }
    }

    /// Finds or makes the transaction of an address that came out of the fabric.
    fn arrive(&mut self, port: usize, ax: &Ax, write: bool) -> u32 {
        let flow = ax.id & 0x7f;
        let watched = self.watched >> (flow >> 4) & 1 == 1;
        let Some(slot) = self.inflight.find(flow, write, |txn| !txn.at_filter) else {
            let slot = self.inflight.begin(flow, ax, write);
            if watched {
                self.object(&checks::FABRIC_ADDRESS, |o| {
                    Finding::of(o.inflight.get(slot))
                        .why(format!("fact: {} shows {}", o.names.port(port), words(ax)))
                        .why("rule: this master has asked for nothing under this ID")
                });
            } else {
                self.identity(slot);
            }
            return slot;
        };
        let asked = self.inflight.get(slot).ax;
        if !same_burst(&asked, ax) {
            self.object(&checks::FABRIC_ADDRESS, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: {} shows {}", o.names.port(port), words(ax)))
                    .why(format!("rule: the master asked for {}", words(&asked)))
            });
        }
        if asked.nsaid != ax.nsaid {
            self.object(&checks::FABRIC_IDENTITY, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: NSAID {} at {}", ax.nsaid, o.names.port(port)))
                    .why(format!("rule: NSAID {} at the master", asked.nsaid))
            });
        }
        let txn = self.inflight.get_mut(slot);
        txn.ax = *ax;
        txn.beats = burst::beats(ax);
        slot
    }

    /// Gate and channel of an accepted address.
    fn admitted(&mut self, filter: usize, slot: u32) {
        self.gates[filter].outstanding += 1;
        let open = self.registers.request >> filter & 1 == 1;
        if !open {
            let closed = self.gates[filter].closed;
            if closed.is_none_or(|closed| self.cycle > closed + GATE_SLACK) {
                self.object(&checks::GATE_CLOSED, |o| {
                    Finding::of(o.inflight.get(slot))
                        .why(format!("fact: accepted at filter {filter}"))
                        .why(match closed {
                            Some(cycle) => format!("rule: the gate was closed in cycle {cycle}"),
                            None => "rule: the gate was never opened".to_owned(),
                        })
                });
            }
            self.gate_moved(filter);
        }
        let channel = self.inflight.get(slot).ax.addr >> 12 & (self.filters as u64 - 1);
        if channel != filter as u64 {
            self.object(&checks::FABRIC_ROUTE, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: seen at filter {filter}"))
                    .why(format!("rule: belongs to filter {channel}"))
            });
        }
    }

    /// An address was taken by memory.
    pub(super) fn memory_address(&mut self, port: usize, ax: &Ax, write: bool) {
        let filter = (port - MEMORY_SIDE) as u8;
        let flow = ax.id & 0x7f;
        let due = |txn: &Txn| txn.at_filter && !txn.at_memory && txn.filter == filter;
        let first = self.inflight.find(flow, write, |txn| due(txn) && txn.forwarded());
        let matching = first.filter(|&slot| same_burst(&self.inflight.get(slot).ax, ax));
        let denied = || self.inflight.find(flow, write, |txn| due(txn) && same_burst(&txn.ax, ax));
        let Some(slot) = matching.or_else(denied).or(first) else {
            self.unasked_address(port, ax, write);
            return;
        };
        let txn = self.inflight.get_mut(slot);
        txn.at_memory = true;
        txn.memory_cycle = self.cycle;
        if write {
            txn.write_number = self.shadow.begin_write();
        } else if txn.blanked() {
            self.book.counts.speculative_exposure += 1;
        }
        let (asked, denied) = (txn.ax, !txn.forwarded());
        txn.blemished |= denied;
        self.evidence.judged[port][channel(write)] += 1;
        if !same_burst(&asked, ax) {
            self.object(&checks::ADDRESS, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: memory side shows {}", words(ax)))
                    .why(format!("rule: slave side showed {}", words(&asked)))
            });
        }
        if denied {
            self.object(&checks::DENIED_NOT_FORWARDED, |o| {
                let txn = o.inflight.get(slot);
                Finding::of(txn)
                    .why(format!("fact: the {} appeared at memory", txn.direction()))
                    .why(o.rule_sentence(txn))
            });
        }
        if write {
            self.data_due(port, slot);
        }
    }

    fn unasked_address(&mut self, port: usize, ax: &Ax, write: bool) {
        self.object(&checks::ADDRESS, |o| {
            let mut finding = Finding::about("").at(ax.addr, 0);
            finding.who = Who::Master(ax.id >> 4 & 7);
            let way = if write { "write" } else { "read" };
            finding
                .why(format!("fact: {} shows a {way} of {}", o.names.port(port), words(ax)))
                .why("rule: nothing is due under this ID")
                .blame(vec![Party::Rtl])
        });
    }

    /// An address that waits at a memory side stays as it is until it is taken (N1).
    pub(super) fn held(&mut self, out: &Outputs) {
        for (write, seen) in [(0, out.ar), (1, out.aw)] {
            let mut waited = self.stalled[write];
            while waited != 0 {
                let port = waited.trailing_zeros() as usize;
                waited &= waited - 1;
                let now = if write == 1 { &out.port[port].aw } else { &out.port[port].ar };
                let before = self.stalled_ax[write][port - MEMORY_SIDE];
                let gone = seen.valid >> port & 1 == 0;
                if !gone && before == *now {
                    continue;
                }
                let now = *now;
                self.object(&checks::ADDRESS_HELD, |o| {
                    let mut finding = Finding::about("").at(before.addr, 0);
                    finding.who = Who::Master(before.id >> 4 & 7);
                    let fact = if gone { "VALID fell".to_owned() } else { words(&now) };
                    finding
                        .why(format!("fact: {}: {fact}", o.names.port(port)))
                        .why(format!("rule: {} was waiting for READY", words(&before)))
                });
            }
            self.stalled[write] = seen.valid & !seen.ready & MEMORY_PORTS & self.watched;
            let mut waiting = self.stalled[write];
            while waiting != 0 {
                let port = waiting.trailing_zeros() as usize;
                waiting &= waiting - 1;
                let ax = if write == 1 { &out.port[port].aw } else { &out.port[port].ar };
                self.stalled_ax[write][port - MEMORY_SIDE] = *ax;
            }
        }
    }
}
