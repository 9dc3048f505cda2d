// SPDX-License-Identifier: Apache-2.0
//! Answers at the masters: what the filters gave, unchanged, and the end of every transaction.
use super::addresses::{B as RESPONSE, R as READ};
use super::book::Finding;
use super::burst;
use super::checks;
use super::inflight::Txn;
use super::judge::Oracle;
use ringfence_sim::{B, R};

impl Oracle {
    /// A read beat reaches its master: what the filter gave.
    pub(super) fn master_read_beat(&mut self, port: usize, r: &R) {
        let flow = (port as u8) << 4 | r.id & 15;
        let due = |txn: &Txn| txn.watched && txn.master_beats < txn.beats;
        let Some(slot) = self.inflight.find(flow, false, due) else {
            self.unasked(&checks::FABRIC_BEAT_COUNT, port, flow);
            return;
        };
        self.evidence.judged[port][READ] += 1;
        let txn = self.inflight.get_mut(slot);
        let index = txn.master_beats;
        txn.master_beats += 1;
        let (given, last) = (txn.filter_beats, txn.master_beats == txn.beats);
        let want = *self.inflight.beat(slot, index);
        let same = want.data == r.data && want.side == u16::from(r.resp);
        if index >= given || !same {
            let check = if index < given && want.data == r.data {
                &checks::FABRIC_RESPONSE
            } else {
                &checks::FABRIC_READ_DATA
            };
            self.object(check, |o| {
                let txn = o.inflight.get(slot);
                let (cell, lanes) = burst::beat(&txn.ax, index);
                Finding::of(txn)
                    .at(cell, u64::from(lanes.count_ones()))
                    .why(format!(
                        "fact: beat {index} is 0x{:016x}{:016x} resp {}",
                        r.data[1], r.data[0], r.resp
                    ))
                    .why(format!(
                        "rule: the filter gave 0x{:016x}{:016x} resp {} ({given} beats so far)",
                        want.data[1], want.data[0], want.side
                    ))
            });
        }
        if r.last != last {
            self.last_beat(&checks::FABRIC_BEAT_COUNT, slot, index, r.last);
        }
        if last {
            self.retire(slot);
        }
    }

    /// A write response reaches its master.
    pub(super) fn master_response(&mut self, port: usize, b: B) {
        let flow = (port as u8) << 4 | b.id & 15;
        let Some(slot) =
            self.inflight.find(flow, true, |txn| txn.watched && txn.answered && !txn.over)
        else {
            self.unasked(&checks::FABRIC_RESPONSE, port, flow);
            return;
        };
        self.evidence.judged[port][RESPONSE] += 1;
        let given = self.inflight.get(slot).resp;
        if given != b.resp {
            self.object(&checks::FABRIC_RESPONSE, |o| {
                Finding::of(o.inflight.get(slot))
                    .why(format!("fact: resp {}", b.resp))
                    .why(format!("rule: the filter gave resp {given}"))
            });
        }
        self.retire(slot);
    }
}
