// SPDX-License-Identifier: Apache-2.0
//! Addresses and write data, from the slave side to memory.
use super::{Accepted, Golden};
use crate::oracle::{burst, rule};
use ringfence_sim::{Ax, W};

impl Golden {
    /// An address is accepted at the slave side: the moment of its verdict (N1, N2, N3, N14).
    pub(super) fn address(&mut self, f: usize, ax: Ax, write: bool) {
        let verdict = rule::verdict(&self.registers, f, &ax, write);
        self.registers.count(f, write, verdict, burst::crosses_page(&ax));
        if !verdict.allow {
            self.failures[f][usize::from(write)] = Some((ax, verdict));
        }
        if self.registers.request >> f & 1 == 0 {
            self.differ(Some(f), "gate", || format!("accepted behind a closed gate: {ax:x?}"));
        }
        let region = &self.registers.region[usize::from(verdict.region)];
        self.accepted.push(Accepted {
            filter: f,
            write,
            ax,
            allow: verdict.allow,
            region: verdict.region,
            overlap: verdict.overlap,
            malformed: verdict.malformed,
            speculative: verdict.speculative,
            range: (region.base, region.top),
            action: self.registers.action as u8,
        });
        let filter = &mut self.filters[f];
        if write {
            let slot = filter.writes.open(ax, verdict);
            filter.near_due.push_back(slot);
        } else {
            filter.reads.open(ax, verdict);
        }
    }

    /// An address is offered to memory, and taken or not: the next one of its ID that the verdicts
    /// let through, unchanged but for the NSAID, which memory does not get (N4).
    pub(super) fn forwarded(&mut self, f: usize, ax: Ax, write: bool, taken: bool) {
        let filter = &mut self.filters[f];
        let lane = if write { &mut filter.writes } else { &mut filter.reads };
        let id = usize::from(ax.id);
        let slots = &lane.slots;
        let due = lane.by_id[id].iter().copied().find(|slot| {
            let txn = &slots[*slot as usize];
            txn.forwarded() && !txn.issued
        });
        let Some(slot) = due else {
            self.differ(Some(f), "verdict", || format!("nothing allowed is due as {ax:x?}"));
            return;
        };
        let txn = &mut lane.slots[slot as usize];
        let want = Ax { nsaid: 0, ..txn.ax };
        if taken {
            txn.issued = true;
            if write {
                filter.far_due.push_back(slot);
            }
        }
        if want != ax {
            self.differ(Some(f), "address", || format!("{ax:x?} at memory, not {want:x?}"));
        }
    }

    /// A data beat is taken at the slave side: it belongs to the oldest write that lacks one, and
    /// none is taken before its address (N6).
    pub(super) fn near_write(&mut self, f: usize, w: &W) {
        let filter = &mut self.filters[f];
        let Some(&slot) = filter.near_due.front() else {
            self.differ(Some(f), "write-data", || "a beat is taken before its address".into());
            return;
        };
        let txn = &mut filter.writes.slots[slot as usize];
        txn.near += 1;
        let last = txn.near == txn.len();
        if txn.verdict.allow {
            txn.beats.push_back((w.data, w.strb));
        } else if txn.forwarded() {
            txn.beats.push_back(([0; 2], 0));
        }
        if last {
            filter.near_due.pop_front();
        }
        if w.last != last {
            self.registers.wrong_last(f);
        }
    }

    /// A data beat reaches memory: the master's if allowed, else nothing in it (N4, N14).
    pub(super) fn far_write(&mut self, f: usize, w: &W) {
        let filter = &mut self.filters[f];
        let Some(&slot) = filter.far_due.front() else {
            self.differ(Some(f), "write-data", || "a beat without an address at memory".into());
            return;
        };
        let txn = &mut filter.writes.slots[slot as usize];
        txn.far += 1;
        let last = txn.far == txn.len();
        let want = txn.beats.pop_front();
        if last {
            filter.far_due.pop_front();
        }
        if want != Some((w.data, w.strb)) || w.last != last {
            let w = *w;
            self.differ(Some(f), "write-data", || {
                format!("{w:x?} at memory, not {want:x?} with WLAST {last}")
            });
        }
    }
}
