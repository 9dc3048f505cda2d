// SPDX-License-Identifier: Apache-2.0
//! Read data and responses, from memory to the slave side.
use super::Golden;
use ringfence_sim::{B, R};

impl Golden {
    /// Memory gives a read beat: to the oldest read of the ID that it has and that lacks one.
    pub(super) fn far_read(&mut self, f: usize, r: &R) {
        let reads = &mut self.filters[f].reads;
        match reads.find(r.id, |txn| txn.issued && txn.far < txn.len()) {
            Some(txn) => {
                txn.far += 1;
                txn.beats.push_back((r.data, u16::from(r.resp)));
            }
            None => self.differ(Some(f), "read-order", || "memory was not asked".into()),
        }
    }

    /// A read beat is given to the master: of the oldest read of its ID, memory's own if allowed,
    /// else zeros with the response that ACTION asked for at its address (N4, N5, N6).
    pub(super) fn near_read(&mut self, f: usize, r: &R) {
        let got = *r;
        let Some(txn) = self.filters[f].reads.oldest(r.id) else {
            self.differ(Some(f), "read-order", || format!("no read is open for {got:x?}"));
            return;
        };
        txn.near += 1;
        let last = txn.near == txn.len();
        let given = if txn.forwarded() { txn.beats.pop_front() } else { Some(([0; 2], 0)) };
        let denied = ([0; 2], u16::from(txn.verdict.deny_resp));
        let want = if txn.verdict.allow { given } else { given.map(|_| denied) };
        if last {
            self.filters[f].reads.close(r.id);
            self.answered += 1;
        }
        if want != Some((r.data, u16::from(r.resp))) || r.last != last {
            let check = if want.is_none() { "read-order" } else { "read-data" };
            self.differ(Some(f), check, || format!("{got:x?}, not {want:x?} with RLAST {last}"));
        }
    }

    /// Memory answers a write.
    pub(super) fn far_response(&mut self, f: usize, b: B) {
        let writes = &mut self.filters[f].writes;
        let due =
            writes.find(b.id, |txn| txn.issued && txn.far == txn.len() && txn.far_resp.is_none());
        match due {
            Some(txn) => txn.far_resp = Some(b.resp),
            None => self.differ(Some(f), "response", || "memory was not asked".into()),
        }
    }

    /// A write is answered to the master: the oldest of its ID, after its last beat (N4, N5, N6).
    pub(super) fn near_response(&mut self, f: usize, b: B) {
        let Some(txn) = self.filters[f].writes.oldest(b.id) else {
            self.differ(Some(f), "response", || format!("no write is open for {b:x?}"));
            return;
        };
        let complete = txn.near == txn.len() && (!txn.forwarded() || txn.far_resp.is_some());
        let want = if txn.verdict.allow { txn.far_resp } else { Some(txn.verdict.deny_resp) };
        let ax = txn.ax;
        self.filters[f].writes.close(b.id);
        self.answered += 1;
        if !complete || want != Some(b.resp) {
            self.differ(Some(f), "response", || {
                format!("{b:x?} to {ax:x?}, not {want:?}, complete {complete}")
            });
        }
    }
}
