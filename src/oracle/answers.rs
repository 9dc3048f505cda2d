// SPDX-License-Identifier: Apache-2.0
//! Read data and responses, from memory through the filters to the masters.
use super::addresses::{B as RESPONSE, R as READ};
use super::book::Finding;
use super::burst;
use super::checks::{self, Check};
use super::inflight::{Beat, Txn};
use super::judge::Oracle;
use super::ledger::Class;
use super::scoreboard::Mismatch;
use crate::engine::event::Party;
use ringfence_sim::{B, FILTER_SIDE, MEMORY_SIDE, R};

/// Whether a response carries data (OKAY, EXOKAY).
fn good(resp: u8) -> bool {
    resp < 2
}

impl Oracle {
    /// A read beat leaves memory: compared with the shadow, kept for the filter.
    pub(super) fn memory_read_beat(&mut self, port: usize, r: &R) {
        let filter = (port - MEMORY_SIDE) as u8;
        let due = |txn: &Txn| txn.at_memory && txn.filter == filter && txn.memory_beats < txn.beats;
        let Some(slot) = self.inflight.find(r.id & 0x7f, false, due) else {
            self.unasked(&checks::MEMORY_ANSWER, port, r.id);
            return;
        };
        self.evidence.judged[port][READ] += 1;
        let txn = self.inflight.get_mut(slot);
        let index = txn.memory_beats;
        txn.memory_beats += 1;
        let (cell, lanes) = burst::beat(&txn.ax, index);
        let since = txn.memory_cycle;
        self.inflight.keep(slot, index, Beat { data: r.data, side: u16::from(r.resp) });
        if !good(r.resp) {
            self.end_if_passed(slot);
            return;
        }
        let (stale, mismatch) = self.shadow.read(cell, r.data, lanes, since);
        if stale != 0 {
            let txn = self.inflight.get_mut(slot);
            if txn.residue == 0 {
                txn.first_residue = cell + u64::from(stale.trailing_zeros());
            }
            txn.residue += stale.count_ones();
        }
        if let Some(mismatch) = mismatch {
            self.integrity(&checks::INTEGRITY, Some(slot), mismatch);
        }
        self.end_if_passed(slot);
    }

    /// A byte of memory is not what was written.
    pub(super) fn integrity(
        &mut self,
        check: &'static Check,
        slot: Option<u32>,
        mismatch: Mismatch,
    ) {
        let Mismatch { addr, bytes, expected, found } = mismatch;
        self.object(check, |o| {
            let planted = o.planted.iter().any(|at| at.0 & !15 == addr.0 & !15);
            let finding = match slot {
                Some(slot) => Finding::of(o.inflight.get(slot)),
                None => Finding::about("memory"),
            };
            let finding = finding
                .at(addr.0, u64::from(bytes))
                .why(format!("fact: byte {addr} is 0x{found:02x}"))
                .why(format!("rule: the beats seen make it 0x{expected:02x}"))
                .why(if planted {
                    "intent: the scenario planted this change"
                } else {
                    "intent: nothing but a beat changes memory"
                });
            if planted { finding.blame(vec![Party::Scenario]) } else { finding }
        });
    }

    /// A read beat leaves a filter: what memory gave, or zeros.
    pub(super) fn filter_read_beat(&mut self, port: usize, r: &R) {
        let filter = port - FILTER_SIDE;
        let due = |txn: &Txn| {
            txn.at_filter && usize::from(txn.filter) == filter && txn.filter_beats < txn.beats
        };
        let Some(slot) = self.inflight.find(r.id & 0x7f, false, due) else {
            self.unasked(&checks::BEAT_COUNT, port, r.id);
            return;
        };
        self.evidence.judged[port][READ] += 1;
        let got = Beat { data: r.data, side: u16::from(r.resp) };
        let txn = self.inflight.get(slot);
        let index = txn.filter_beats;
        let last = index + 1 == txn.beats;
        let plain = txn.plain
            && index < txn.memory_beats
            && r.last == last
            && good(r.resp)
            && *self.inflight.beat(slot, index) == got;
        if !plain {
            self.odd_read_beat(slot, index, r);
        }
        let txn = self.inflight.get_mut(slot);
        if plain {
            txn.moved += burst::ones(burst::beat(&txn.ax, index).1);
        }
        txn.filter_beats += 1;
        txn.resp = txn.resp.max(r.resp);
        if txn.taint.look && good(r.resp) {
            let (cell, lanes) = burst::beat(&txn.ax, index);
            self.taint_given(slot, cell, lanes);
        }
        if last {
            self.answered(slot, filter);
        }
    }

    /// A read beat that is not just what memory gave, within intent.
    fn odd_read_beat(&mut self, slot: u32, index: u16, r: &R) {
        let txn = self.inflight.get(slot);
        let zeros = Beat { data: [0; 2], side: u16::from(txn.verdict.deny_resp) };
        let want = if txn.verdict.allow { *self.inflight.beat(slot, index) } else { zeros };
        let got = Beat { data: r.data, side: u16::from(r.resp) };
        let absent = txn.forwarded() && index >= txn.memory_beats;
        if absent || want != got {
            self.wrong_read_beat(slot, r, want, absent);
        }
        self.last_beat(&checks::BEAT_COUNT, slot, index, r.last);
        self.inflight.keep(slot, index, got);
        self.returned(slot, index, r);
    }

    /// Says what is wrong with a read beat at a filter.
    fn wrong_read_beat(&mut self, slot: u32, r: &R, want: Beat, absent: bool) {
        let txn = *self.inflight.get(slot);
        let check = if absent && txn.verdict.allow && !txn.at_memory {
            if txn.blemished {
                return;
            }
            &checks::ALLOWED_FORWARDED
        } else if absent || self.younger_gave(&txn, r) {
            &checks::R_ORDER
        } else if want.data == r.data {
            &checks::RESPONSE
        } else if txn.verdict.allow {
            &checks::READ_DATA
        } else {
            &checks::DENIED_READ_ZERO
        };
        self.inflight.get_mut(slot).blemished = true;
        let index = txn.filter_beats;
        self.object(check, |o| {
            let (cell, lanes) = burst::beat(&txn.ax, index);
            let fact = format!(
                "fact: beat {index} is 0x{:016x}{:016x} resp {}",
                r.data[1], r.data[0], r.resp
            );
            let rule = if absent {
                "rule: memory has not given this beat".to_owned()
            } else {
                format!(
                    "rule: 0x{:016x}{:016x} resp {} is due",
                    want.data[1], want.data[0], want.side
                )
            };
            let mut finding = Finding::of(&txn)
                .at(cell + u64::from(lanes.trailing_zeros()), u64::from(lanes.count_ones()))
                .why(fact)
                .why(rule)
                .why(o.rule_sentence(&txn));
            finding.resp = Some(r.resp);
            finding
        });
    }

    /// Whether a beat belongs to a younger transaction of the same ID.
    fn younger_gave(&self, txn: &Txn, r: &R) -> bool {
        let got = Beat { data: r.data, side: u16::from(r.resp) };
        let (number, filter) = (txn.number, txn.filter);
        let younger = self.inflight.find(txn.ax.id & 0x7f, false, |other| {
            other.at_memory && other.filter == filter && other.number > number
        });
        younger.is_some_and(|slot| {
            let other = self.inflight.get(slot);
            other.memory_beats > 0 && r.data != [0; 2] && *self.inflight.beat(slot, 0) == got
        })
    }

    /// Counts the bytes of a read beat that a master got: moved, outside intent, or late.
    fn returned(&mut self, slot: u32, index: u16, r: &R) {
        let cycle = self.cycle;
        let txn = self.inflight.get_mut(slot);
        let data = txn.verdict.allow || r.data != [0; 2];
        if !good(r.resp) && txn.verdict.allow || !data {
            return;
        }
        let (cell, lanes) = burst::beat(&txn.ax, index);
        txn.moved += burst::ones(lanes);
        let late = cycle > txn.late_since;
        if txn.claim.class >= Class::Returned || late {
            self.outside(slot, cell, lanes, late);
        }
    }

    pub(super) fn last_beat(&mut self, check: &'static Check, slot: u32, index: u16, last: bool) {
        let due = index + 1 == self.inflight.get(slot).beats;
        if last != due {
            self.object(check, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: RLAST {} at beat {index}", u8::from(last)))
                    .why(format!("rule: RLAST {}", u8::from(due)))
            });
        }
    }

    /// A write response leaves memory.
    pub(super) fn memory_response(&mut self, port: usize, b: B) {
        let filter = (port - MEMORY_SIDE) as u8;
        let due = |txn: &Txn| {
            txn.at_memory
                && txn.filter == filter
                && txn.memory_resp.is_none()
                && txn.memory_beats == txn.beats
        };
        let Some(slot) = self.inflight.find(b.id & 0x7f, true, due) else {
            self.unasked(&checks::MEMORY_ANSWER, port, b.id);
            return;
        };
        self.evidence.judged[port][RESPONSE] += 1;
        let txn = self.inflight.get_mut(slot);
        txn.memory_resp = Some(b.resp);
        let refused = !good(b.resp) || txn.ax.lock != 0 && b.resp != 1;
        if refused {
            (txn.moved, txn.through, txn.late_beats, txn.late_bytes) = (0, 0, 0, 0);
            txn.taint.bytes = 0;
        }
        self.shadow.end_write(txn.write_number, self.cycle, refused);
        self.end_if_passed(slot);
    }

    /// A write response leaves a filter: memory's, or the one that ACTION asks for.
    pub(super) fn filter_response(&mut self, port: usize, b: B) {
        let filter = port - FILTER_SIDE;
        let due = |txn: &Txn| txn.at_filter && usize::from(txn.filter) == filter && !txn.answered;
        let Some(slot) = self.inflight.find(b.id & 0x7f, true, due) else {
            self.unasked(&checks::BEAT_COUNT, port, b.id);
            return;
        };
        self.evidence.judged[port][RESPONSE] += 1;
        let txn = self.inflight.get_mut(slot);
        txn.resp = b.resp;
        let want = if txn.verdict.allow { txn.memory_resp } else { Some(txn.verdict.deny_resp) };
        let early = txn.forwarded() && txn.memory_resp.is_none();
        let check = if txn.verdict.allow && !txn.at_memory {
            Some(&checks::ALLOWED_FORWARDED)
        } else if txn.filter_beats < txn.beats {
            Some(&checks::BEAT_COUNT)
        } else if early {
            Some(&checks::R_ORDER)
        } else if want != Some(b.resp) {
            Some(&checks::RESPONSE)
        } else {
            None
        };
        if let Some(check) = check {
            self.object(check, |o| {
                let txn = o.inflight.get(slot);
                let due = want.map_or("no response yet".to_owned(), |resp| format!("resp {resp}"));
                let mut finding = Finding::of(txn)
                    .why(format!(
                        "fact: resp {} after {} of {} beats",
                        b.resp, txn.filter_beats, txn.beats
                    ))
                    .why(format!("rule: {due} is due"))
                    .why(o.rule_sentence(txn));
                finding.resp = Some(b.resp);
                finding
            });
        }
        self.answered(slot, filter);
    }

    /// The answer of a transaction is complete at its filter.
    fn answered(&mut self, slot: u32, filter: usize) {
        self.inflight.get_mut(slot).answered = true;
        self.gates[filter].outstanding = self.gates[filter].outstanding.saturating_sub(1);
        self.gate_moved(filter);
        self.settle(slot);
        if self.inflight.get(slot).watched {
            self.end_if_passed(slot);
        } else {
            self.retire(slot);
        }
    }

    /// The last answer has come; the transaction ends when nothing else of it is under way.
    pub(super) fn retire(&mut self, slot: u32) {
        self.inflight.get_mut(slot).over = true;
        self.end_if_passed(slot);
    }

    /// Ends a transaction that is over once all its beats have passed all ports.
    pub(super) fn end_if_passed(&mut self, slot: u32) {
        let txn = self.inflight.get(slot);
        if txn.over && txn.passed() {
            let flow = txn.ax.id & 0x7f;
            self.inflight.end(slot, flow);
        }
    }

    /// An answer that belongs to no transaction.
    pub(super) fn unasked(&mut self, check: &'static Check, port: usize, id: u8) {
        self.object(check, |o| {
            Finding::about(o.names.port(port))
                .why(format!(
                    "fact: an answer with ID 0x{id:02x} to {}",
                    o.names.master(id >> 4 & 7)
                ))
                .why("rule: none is due under this ID")
        });
    }
}
