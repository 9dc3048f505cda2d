// SPDX-License-Identifier: Apache-2.0
//! Transactions between a master's address handshake and its last answer, by physical ID.
//!
//! A flow is one direction of one filter-side ID. Answers of a flow come in the order of its
//! addresses, so every handshake finds its transaction a step or two behind the flow's head.
use super::burst;
use super::ledger::Claim;
use super::rule::Verdict;
use super::taint::Tainting;
use crate::engine::event::Upkeep;
use crate::units::Direction;
use ringfence_sim::{Ax, W};

/// No transaction, buffer, grant or attempt.
pub(super) const NONE: u32 = u32::MAX;
/// Flows a direction: eight masters of sixteen IDs.
const FLOWS: usize = 128;
/// Beats kept a transaction; not a power of two, or all of them would share a few cache sets.
const STRIDE: usize = 256 + 4;
/// Transactions for which there is room at once before anything is allocated.
const ROOM: usize = 256;

/// One transaction, as far as it has been seen.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, seen at another port")]
pub(super) struct Txn {
    next: u32,
    live: bool,
    /// Its master's port is watched: the transaction began there.
    pub(super) watched: bool,
    pub(super) write: bool,
    /// The address handshake was seen at the filter, at memory.
    pub(super) at_filter: bool,
    pub(super) at_memory: bool,
    /// The answer is complete at the filter.
    pub(super) answered: bool,
    /// The last answer has come where it ends.
    pub(super) over: bool,
    /// Allowed and within intent: nothing to count but beats.
    pub(super) plain: bool,
    /// Something about its passage was already reported.
    pub(super) blemished: bool,
    pub(super) master: u8,
    pub(super) filter: u8,
    pub(super) beats: u16,
    /// Data beats seen at the master, at the filter, at memory.
    pub(super) master_beats: u16,
    pub(super) filter_beats: u16,
    pub(super) memory_beats: u16,
    /// Response at memory, then at the filter (writes); merged response at the filter (reads).
    pub(super) resp: u8,
    pub(super) memory_resp: Option<u8>,
    /// Beats that came after the grant's revoke had returned.
    pub(super) late_beats: u16,
    pub(super) ax: Ax,
    pub(super) verdict: Verdict,
    pub(super) claim: Claim,
    /// What it does on the system's own account.
    pub(super) upkeep: Option<Upkeep>,
    /// What it writes is nobody's data: pages are being cleared or scrubbed.
    pub(super) cleans: bool,
    /// Buffer that held its first byte, else its last, as it was accepted, or [`NONE`].
    pub(super) owner: u32,
    /// Attempt that it carries out.
    pub(super) attempt: u32,
    /// Number at its filter port.
    pub(super) number: u64,
    /// Cycle of the address handshake at the filter.
    pub(super) cycle: u64,
    /// Cycle of the address handshake at memory.
    pub(super) memory_cycle: u64,
    /// Beats after this cycle are late.
    pub(super) late_since: u64,
    /// Bytes outside intent that got through, and the first of them.
    pub(super) through: u32,
    pub(super) first_through: u64,
    /// Bytes moved.
    pub(super) moved: u32,
    pub(super) late_bytes: u32,
    /// Bytes of an earlier generation, and the first of them.
    pub(super) residue: u32,
    pub(super) first_residue: u64,
    /// Number of the write for the scoreboard.
    pub(super) write_number: u32,
    /// Protected data in it.
    pub(super) taint: Tainting,
}

impl Txn {
    fn new(ax: &Ax, write: bool, master: u8) -> Self {
        Self {
            next: NONE,
            live: true,
            watched: false,
            write,
            at_filter: false,
            at_memory: false,
            answered: false,
            over: false,
            plain: false,
            blemished: false,
            master,
            filter: 0,
            beats: burst::beats(ax),
            master_beats: 0,
            filter_beats: 0,
            memory_beats: 0,
            resp: 0,
            memory_resp: None,
            late_beats: 0,
            ax: *ax,
            verdict: Verdict::default(),
            claim: Claim::default(),
            upkeep: None,
            cleans: false,
            owner: NONE,
            attempt: NONE,
            number: 0,
            cycle: 0,
            memory_cycle: 0,
            late_since: u64::MAX,
            through: 0,
            first_through: 0,
            moved: 0,
            late_bytes: 0,
            residue: 0,
            first_residue: 0,
            write_number: NONE,
            taint: Tainting::NONE,
        }
    }

    /// Which way.
    pub(super) fn direction(&self) -> Direction {
        if self.write { Direction::Write } else { Direction::Read }
    }

    /// Whether all its beats and answers have passed every port.
    pub(super) fn passed(&self) -> bool {
        let memory = self.memory_beats >= self.beats && (!self.write || self.memory_resp.is_some());
        self.answered
            && self.filter_beats >= self.beats
            && (!self.watched || self.master_beats >= self.beats)
            && (!self.at_memory || memory)
    }

    /// Whether the address is due at memory.
    pub(super) fn forwarded(&self) -> bool {
        self.verdict.allow || self.verdict.speculative
    }

    /// Whether what passes must be blanked: denied, but already on its way.
    pub(super) fn blanked(&self) -> bool {
        !self.verdict.allow && self.verdict.speculative
    }

    /// Whether the firewall in fact let it through (its answer is complete, or almost).
    pub(super) fn let_through(&self) -> bool {
        self.at_memory && !(self.blanked() && self.through == 0)
    }
}

/// A data beat as kept for comparison further on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) data: [u64; 2],
    /// Strobes of a write, response of a read.
    pub(super) side: u16,
}

impl From<&W> for Beat {
    fn from(w: &W) -> Self {
        Self { data: w.data, side: w.strb }
    }
}

/// Every transaction in flight.
pub(super) struct Inflight {
    txns: Vec<Txn>,
    beats: Vec<Beat>,
    free: Vec<u32>,
    head: [[u32; FLOWS]; 2],
    tail: [[u32; FLOWS]; 2],
}

impl Inflight {
    pub(super) fn new() -> Self {
        let mut new = Self {
            txns: Vec::new(),
            beats: Vec::new(),
            free: Vec::new(),
            head: [[NONE; FLOWS]; 2],
            tail: [[NONE; FLOWS]; 2],
        };
        new.grow(ROOM);
        new
    }

    fn grow(&mut self, by: usize) {
        let from = self.txns.len();
        let mut empty = Txn::new(&Ax::default(), false, 0);
        empty.live = false;
        self.txns.resize(from + by, empty);
        self.beats.resize((from + by) * STRIDE, Beat::default());
        // Last in, first out, lowest first: a few hot slots serve ordinary traffic.
        self.free.extend((from..from + by).rev().map(|slot| slot as u32));
    }

    /// Begins a transaction at the end of its flow.
    pub(super) fn begin(&mut self, flow: u8, ax: &Ax, write: bool) -> u32 {
        if self.free.is_empty() {
            self.grow(self.txns.len());
        }
        let slot = self.free.pop().expect("room was just made");
        self.txns[slot as usize] = Txn::new(ax, write, flow >> 4 & 7);
        let (way, flow) = (usize::from(write), usize::from(flow) % FLOWS);
        let tail = self.tail[way][flow];
        if tail == NONE {
            self.head[way][flow] = slot;
        } else {
            self.txns[tail as usize].next = slot;
        }
        self.tail[way][flow] = slot;
        slot
    }

    /// The oldest transaction of a flow that `wanted` accepts.
    #[inline]
    pub(super) fn find(&self, flow: u8, write: bool, wanted: impl Fn(&Txn) -> bool) -> Option<u32> {
        let mut slot = self.head[usize::from(write)][usize::from(flow) % FLOWS];
        while slot != NONE {
            let txn = &self.txns[slot as usize];
            if wanted(txn) {
                return Some(slot);
            }
            slot = txn.next;
        }
        None
    }

    /// Ends a transaction.
    pub(super) fn end(&mut self, slot: u32, flow: u8) {
        let (way, flow) = (usize::from(self.get(slot).write), usize::from(flow) % FLOWS);
        let next = self.get(slot).next;
        let mut before = NONE;
        let mut at = self.head[way][flow];
        while at != slot && at != NONE {
            before = at;
            at = self.txns[at as usize].next;
        }
        if before == NONE {
            self.head[way][flow] = next;
        } else {
            self.txns[before as usize].next = next;
        }
        if next == NONE {
            self.tail[way][flow] = before;
        }
        self.txns[slot as usize].live = false;
        self.free.push(slot);
    }

    /// A transaction in flight.
    #[inline]
    pub(super) fn get(&self, slot: u32) -> &Txn {
        &self.txns[slot as usize]
    }

    /// A transaction in flight.
    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Txn {
        &mut self.txns[slot as usize]
    }

    /// A kept beat; `index` is below the burst's beats.
    #[inline]
    pub(super) fn beat(&self, slot: u32, index: u16) -> &Beat {
        &self.beats[slot as usize * STRIDE + usize::from(index)]
    }

    /// Keeps a beat.
    #[inline]
    pub(super) fn keep(&mut self, slot: u32, index: u16, beat: Beat) {
        self.beats[slot as usize * STRIDE + usize::from(index)] = beat;
    }

    /// All transactions in flight, by slot.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Txn)> {
        (0..).zip(&self.txns).filter(|(_, txn)| txn.live)
    }

    /// All transactions in flight, to be changed.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Txn> {
        self.txns.iter_mut().filter(|txn| txn.live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    proptest! {
        /// Flows against plain queues, with ends out of order and more slots than there was room.
        #[test]
        fn flows_keep_their_order(steps in prop::collection::vec((0u8..4, any::<bool>(), 0usize..5), 0..900)) {
            let mut inflight = Inflight::new();
            let mut model: Vec<VecDeque<(u32, u64)>> = vec![VecDeque::new(); 8];
            for (number, (flow, write, act)) in (0u64..).zip(steps) {
                let queue = &mut model[usize::from(flow) * 2 + usize::from(write)];
                if act < 3 {
                    let ax = Ax { addr: number, ..Ax::default() };
                    queue.push_back((inflight.begin(flow, &ax, write), number));
                } else if let Some((slot, _)) = queue.remove(if act == 3 { 0 } else { queue.len() / 2 }) {
                    inflight.end(slot, flow);
                }
                let oldest = inflight.find(flow, write, |_| true);
                prop_assert_eq!(oldest, queue.front().map(|&(slot, _)| slot));
                let last = queue.back().map(|&(_, n)| n);
                let found = last.and_then(|n| inflight.find(flow, write, |t| t.ax.addr == n));
                prop_assert_eq!(found, queue.back().map(|&(slot, _)| slot));
            }
            prop_assert_eq!(inflight.all().count(), model.iter().map(VecDeque::len).sum::<usize>());
        }
    }
}
