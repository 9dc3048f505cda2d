// SPDX-License-Identifier: Apache-2.0
//! Taint leaks as violations: what left protected memory, who can see it, who did.
use super::book::Finding;
use super::checks;
use super::inflight::Txn;
use super::judge::Oracle;
use super::ledger::NO_POOL;
use super::rule;
use super::taint::{What, Work};
use crate::engine::event::Party;
use crate::units::PhysAddr;
use ringfence_sim::{Ax, MASTERS};

impl Oracle {
    /// A transaction is over in which tainted bytes of ordinary memory were written or read.
    pub(super) fn tainted(&mut self, txn: &Txn) {
        let bytes = u64::from(txn.taint.bytes);
        if txn.write {
            self.book.counts.taint_leaks += 1;
            self.book.counts.tainted_bytes += bytes;
            self.object(&checks::TAINT_LEAK, |o| o.leak(txn));
            return;
        }
        let from = self.taint.work(txn.taint.of).map(|work| work.master);
        if from == Some(txn.master) {
            return; // it has seen them before
        }
        self.book.counts.taint_read_bytes += bytes;
        if self.first_sight(txn.taint.of, txn.master) {
            self.object(&checks::TAINT_READ, |o| o.sighting(txn));
        }
    }

    fn leak(&self, txn: &Txn) -> Finding {
        let (addr, bytes) = (txn.taint.first, u64::from(txn.taint.bytes));
        let mut finding = Finding::of(txn)
            .at(addr, bytes)
            .why(format!("fact: {bytes} bytes landed outside every protected area"));
        if let Some(work) = self.taint.work(txn.taint.job) {
            finding = finding.why(self.came_from(work));
            if !matches!(work.what, What::Job(_)) {
                let hint = "refuse mappings that need a bounce buffer: tee.bounce-refused";
                finding = finding.blame(vec![Party::AllocatorKernel]);
                finding.next = Some(hint.to_owned());
            }
        }
        finding = finding
            .why(self.rule_sentence(txn))
            .why("intent: what is read from protected memory stays in protected memory");
        let who = self.readers(txn, addr);
        let who = if who.is_empty() { "nobody".to_owned() } else { who.join(", ") };
        finding =
            finding.why(format!("note: from cycle {} on, {who} can read it", txn.taint.since));
        finding.resp = Some(txn.resp);
        finding
    }

    fn sighting(&self, txn: &Txn) -> Finding {
        let (addr, bytes) = (txn.taint.first, u64::from(txn.taint.bytes));
        let mut finding = Finding::of(txn).at(addr, bytes).why(format!(
            "fact: {} was given {bytes} bytes of protected data in ordinary memory",
            self.names.master(txn.master)
        ));
        if let Some(work) = self.taint.work(txn.taint.of) {
            finding = finding.why(self.came_from(work)).why(format!(
                "note: {} wrote it there from cycle {} on",
                self.names.master(work.master),
                work.leaked
            ));
            if !matches!(work.what, What::Job(_)) {
                finding = finding.blame(vec![Party::AllocatorKernel]);
            }
        }
        finding = finding
            .why(self.rule_sentence(txn))
            .why("intent: what is read from protected memory stays in protected memory");
        finding.resp = Some(txn.resp);
        finding
    }

    fn came_from(&self, work: &Work) -> String {
        let who = self.names.master(work.master);
        let what = match work.what {
            What::Job(number) => format!("job {number}"),
            What::BounceCopy => "a bounce copy".to_owned(),
            What::InSlots => return self.bounced(work),
        };
        let Some(source) = work.source else { return format!("fact: {what} of {who}") };
        let place = match source.pool {
            NO_POOL => "tainted memory".to_owned(),
            pool => format!("pool {}", self.names.pool(pool)),
        };
        let (addr, cycle) = (PhysAddr(source.addr), source.cycle);
        format!("fact: {what} of {who} read {addr} of {place} in cycle {cycle}")
    }

    fn bounced(&self, work: &Work) -> String {
        let who = self.names.master(work.master);
        let Some(source) = work.source else { return format!("fact: {who} writes bounce slots") };
        let (addr, pool) = (PhysAddr(source.addr), self.names.pool(source.pool));
        format!("fact: {who} was given these slots for the buffer at {addr} of pool {pool}")
    }

    /// Masters other than the writer that the firewall lets read an address now.
    fn readers(&self, txn: &Txn, addr: u64) -> Vec<String> {
        let lets = |&master: &u8| {
            let prot = if self.names.secure(master) { 0 } else { 2 };
            let nsaid = self.names.nsaid(master);
            let ax = Ax { addr, size: 4, burst: 1, prot, nsaid, ..Ax::default() };
            rule::verdict(&self.registers, usize::from(txn.filter), &ax, false).allow
        };
        let others = (0..MASTERS as u8).filter(|&m| m != txn.master && self.names.declared(m));
        others.filter(lets).map(|m| self.names.master(m).to_owned()).collect()
    }
}
