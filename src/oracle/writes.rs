// SPDX-License-Identifier: Apache-2.0
//! Write data: it follows its addresses in their order, port by port, unchanged or blanked.
use super::addresses::W as CHANNEL;
use super::book::Finding;
use super::burst;
use super::checks::{self, Check};
use super::inflight::{Beat, NONE};
use super::judge::Oracle;
use super::ledger::Class;
use ringfence_sim::{FILTER_SIDE, MEMORY_SIDE, W};

/// Beats kept of a port that gives data without an address.
const EARLY: usize = 4096;

/// Whether two beats differ in a strobed lane.
fn data_differs(a: [u64; 2], b: [u64; 2], strobes: u16) -> bool {
    if a == b {
        return false;
    }
    (0..16).any(|lane| {
        let shift = 8 * (lane % 8);
        let half = lane / 8;
        strobes >> lane & 1 == 1 && (a[half] ^ b[half]) >> shift & 0xff != 0
    })
}

impl Oracle {
    /// The data of a write is due at a port; beats that came early are judged now.
    pub(super) fn data_due(&mut self, port: usize, slot: u32) {
        let queue = &mut self.writes[port];
        if queue.now == NONE {
            queue.now = slot;
        } else {
            queue.due.push_back(slot);
        }
        while self.writes[port].now != NONE
            && let Some(beat) = self.writes[port].early.pop_front()
        {
            self.write_beat(port, &beat);
        }
    }

    /// A write data beat at any port.
    pub(super) fn write_beat(&mut self, port: usize, w: &W) {
        let slot = self.writes[port].now;
        if slot == NONE {
            if self.writes[port].early.len() < EARLY {
                self.writes[port].early.push_back(*w);
            }
            return;
        }
        self.evidence.judged[port][CHANNEL] += 1;
        let complete = match port {
            ..FILTER_SIDE => self.master_write_beat(slot, w),
            FILTER_SIDE..MEMORY_SIDE => self.filter_write_beat(slot, w),
            _ => self.memory_write_beat(slot, w),
        };
        if complete {
            let queue = &mut self.writes[port];
            queue.now = queue.due.pop_front().unwrap_or(NONE);
            self.end_if_passed(slot);
        }
    }

    fn master_write_beat(&mut self, slot: u32, w: &W) -> bool {
        let txn = self.inflight.get_mut(slot);
        let index = txn.master_beats;
        txn.master_beats += 1;
        let complete = txn.master_beats >= txn.beats;
        self.inflight.keep(slot, index, Beat::from(w));
        complete
    }

    fn filter_write_beat(&mut self, slot: u32, w: &W) -> bool {
        let txn = self.inflight.get_mut(slot);
        let index = txn.filter_beats;
        txn.filter_beats += 1;
        let complete = txn.filter_beats >= txn.beats;
        if txn.taint.look {
            self.taint_taken(slot, index);
        }
        if w.last != complete {
            let filter = usize::from(self.inflight.get(slot).filter);
            self.registers.wrong_last(filter);
        }
        let txn = self.inflight.get(slot);
        let (watched, given) = (txn.watched, txn.master_beats);
        let (kept, got) = (*self.inflight.beat(slot, index), Beat::from(w));
        if watched && index < given && kept == got {
            return complete;
        }
        let same = kept.side == w.strb && !data_differs(kept.data, w.data, w.strb);
        if watched && (index >= given || !same) {
            self.write_objection(&checks::FABRIC_WRITE_DATA, slot, index, kept, w);
        }
        self.inflight.keep(slot, index, got);
        complete
    }

    fn memory_write_beat(&mut self, slot: u32, w: &W) -> bool {
        let txn = self.inflight.get_mut(slot);
        let index = txn.memory_beats;
        txn.memory_beats += 1;
        let (cell, lanes) = burst::beat(&txn.ax, index);
        let (allowed, plain, given) = (txn.verdict.allow, txn.plain, txn.filter_beats);
        let (last, number) = (index + 1 >= txn.beats, txn.write_number);
        let tainting = txn.taint.look;
        let cleans = txn.cleans;
        let kept = *self.inflight.beat(slot, index);
        if index >= given || w.last != last || !allowed || kept != Beat::from(w) {
            self.odd_write_beat(slot, index, w);
        }
        if allowed {
            self.shadow.write(cell, kept.data, kept.side & lanes, number, self.cycle);
            if cleans {
                self.shadow.cleaned(cell, kept.side & lanes);
            }
            if tainting {
                self.taint_landed(slot, index, cell, kept.side & lanes);
            }
        }
        if plain {
            self.inflight.get_mut(slot).moved += burst::ones(w.strb);
        } else {
            self.landed(slot, cell, w.strb);
        }
        last
    }

    /// A beat at memory that is not just what the filter took.
    fn odd_write_beat(&mut self, slot: u32, index: u16, w: &W) {
        let txn = self.inflight.get(slot);
        let (blanked, given, last) = (txn.blanked(), txn.filter_beats, index + 1 == txn.beats);
        let kept = *self.inflight.beat(slot, index);
        let want = if blanked { Beat::default() } else { kept };
        let seen = if blanked { u16::MAX } else { w.strb };
        if index >= given {
            self.write_objection(&checks::WRITE_DATA, slot, index, want, w);
        } else if want.side != w.strb {
            self.write_objection(&checks::WRITE_STROBE, slot, index, want, w);
        } else if data_differs(want.data, w.data, seen) {
            self.write_objection(&checks::WRITE_DATA, slot, index, want, w);
        }
        if w.last != last {
            self.object(&checks::WRITE_LAST, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: WLAST {} at beat {index}", u8::from(w.last)))
                    .why(format!("rule: WLAST {}", u8::from(last)))
            });
        }
    }

    /// Counts the bytes of a beat that changed memory: moved, outside intent, or late.
    fn landed(&mut self, slot: u32, cell: u64, strobes: u16) {
        let cycle = self.cycle;
        let txn = self.inflight.get_mut(slot);
        txn.moved += burst::ones(strobes);
        let late = cycle > txn.late_since;
        if txn.claim.class >= Class::Returned || late {
            self.outside(slot, cell, strobes, late);
        }
    }

    /// Counts bytes of a beat that intent does not cover.
    pub(super) fn outside(&mut self, slot: u32, cell: u64, lanes: u16, late: bool) {
        let txn = self.inflight.get_mut(slot);
        let (claim, master, direction) = (txn.claim, txn.master, txn.direction());
        if late && lanes != 0 {
            txn.late_beats += 1;
            txn.late_bytes += lanes.count_ones();
        }
        if claim.class < Class::Returned {
            return;
        }
        let lanes = if claim.mixed {
            self.ledger.lanes_of(claim.class, master, direction, cell, lanes)
        } else {
            lanes
        };
        let txn = self.inflight.get_mut(slot);
        if txn.through == 0 && lanes != 0 {
            txn.first_through = cell + u64::from(lanes.trailing_zeros());
        }
        txn.through += lanes.count_ones();
    }

    fn write_objection(&mut self, check: &'static Check, slot: u32, index: u16, want: Beat, w: &W) {
        self.object(check, |o| {
            let txn = o.inflight.get(slot);
            let (cell, _) = burst::beat(&txn.ax, index);
            let lost = (want.side ^ w.strb).count_ones().max(1);
            let first = (want.side ^ w.strb).trailing_zeros() % 16;
            Finding::of(txn)
                .at(cell + u64::from(first), u64::from(lost))
                .why(format!(
                    "fact: beat {index} leaves as 0x{:016x}{:016x} strobes 0x{:04x}",
                    w.data[1], w.data[0], w.strb
                ))
                .why(format!(
                    "rule: 0x{:016x}{:016x} strobes 0x{:04x} is due",
                    want.data[1], want.data[0], want.side
                ))
        });
    }
}
