// SPDX-License-Identifier: Apache-2.0
//! A transaction is over at its filter: fact against intent.
use super::book::Finding;
use super::burst;
use super::checks::{self, Check};
use super::inflight::{NONE, Txn};
use super::judge::Oracle;
use super::ledger::{Class, NO_POOL};
use super::violation;
use crate::engine::event::{Denial, Event, Party, Upkeep};
use ringfence_sim::MASTERS;

impl Oracle {
    /// Judges a transaction by what it got against what it was to get.
    pub(super) fn settle(&mut self, slot: u32) {
        let txn = *self.inflight.get(slot);
        let master = usize::from(txn.master) % MASTERS;
        if txn.verdict.allow {
            self.book.counts.moved[master][usize::from(txn.write)] += u64::from(txn.moved);
        }
        if txn.late_beats > 0 && txn.claim.class != Class::Returned {
            self.late(&txn);
        }
        if txn.residue > 0 && txn.verdict.allow {
            self.residue(&txn);
        }
        if txn.taint.bytes > 0 {
            self.tainted(&txn);
        }
        if txn.let_through() || txn.through > 0 {
            self.through(&txn);
        } else {
            self.denied(&txn);
        }
    }

    fn through(&mut self, txn: &Txn) {
        self.evidence.ended(txn.attempt, false);
        let counts = &mut self.book.counts;
        match txn.claim.class {
            Class::Open | Class::Granted | Class::Transition | Class::Nowhere => {}
            Class::Returned => {
                counts.late_landings += u64::from(txn.beats);
                counts.late_admission += 1;
                counts.late_strong += 1;
                self.object(&checks::AFTER_RECLAIM, |o| {
                    o.outside_intent(txn).blame(o.blame_for_late(txn))
                });
            }
            Class::Ungranted => {
                counts.overreach += 1;
                if self.ledger.had(txn) {
                    counts.late_admission += 1;
                    counts.late_strong += 1;
                }
                self.object(&checks::OVERREACH, |o| {
                    let finding = o.outside_intent(txn);
                    let addr = finding.addr.unwrap_or(txn.ax.addr);
                    match o.misuse(txn, addr) {
                        Some(sentence) => finding.why(sentence),
                        None => finding,
                    }
                });
            }
            Class::Forbidden => {
                counts.escapes += 1;
                let bytes = if txn.write {
                    &mut counts.escaped_bytes_written
                } else {
                    &mut counts.escaped_bytes_read
                };
                *bytes += u64::from(txn.through);
                let straddles = burst::crosses_page(&txn.ax);
                let check = if straddles { &checks::STRADDLE } else { &checks::ESCAPE };
                self.object(check, |o| {
                    let (chain, next) = o.blame_for_escape(txn);
                    let mut finding = o.outside_intent(txn).blame(chain);
                    finding.next = next;
                    finding
                });
            }
        }
    }

    fn outside_intent(&self, txn: &Txn) -> Finding {
        let addr = if txn.through > 0 { txn.first_through } else { txn.ax.addr };
        let verb = if txn.write { "landed" } else { "were returned" };
        let mut finding = Finding::of(txn)
            .at(addr, u64::from(txn.through))
            .why(format!("fact: {} bytes {verb}, resp {}", txn.through, txn.resp))
            .why(self.rule_sentence(txn))
            .why(self.intent_sentence(txn, addr));
        if txn.claim.class == Class::Ungranted {
            finding = finding.why("note: invisible to the firewall, which knows one region a pool");
        }
        finding.resp = Some(txn.resp);
        finding
    }

    fn late(&mut self, txn: &Txn) {
        self.book.counts.late_landings += u64::from(txn.late_beats);
        self.book.counts.late_strong += 1;
        self.object(&checks::LATE_LANDING, |o| {
            let mut finding = Finding::of(txn)
                .at(txn.ax.addr, u64::from(txn.late_bytes))
                .why(format!(
                    "fact: {} beats ({} bytes) moved after cycle {}",
                    txn.late_beats, txn.late_bytes, txn.late_since
                ))
                .why(o.rule_sentence(txn))
                .why(format!(
                    "intent: grant {} ended in cycle {}, {} cycles after the address was accepted",
                    txn.claim.grant,
                    txn.late_since,
                    txn.late_since.saturating_sub(txn.cycle)
                ));
            finding.resp = Some(txn.resp);
            finding.blame(o.blame_for_late(txn))
        });
    }

    fn residue(&mut self, txn: &Txn) {
        self.book.counts.residue_bytes += u64::from(txn.residue);
        self.object(&checks::RESIDUE, |o| {
            let finding = Finding::of(txn).at(txn.first_residue, u64::from(txn.residue));
            if o.ledger.areas.at(txn.first_residue).is_ok_and(|area| area.is_open()) {
                return finding
                    .why(format!("fact: {} bytes read are of the time of the lend", txn.residue))
                    .why(o.rule_sentence(txn))
                    .why("intent: memory comes back from the TEE without what was in it")
                    .blame(vec![Party::AllocatorTee, Party::AllocatorKernel]);
            }
            finding
                .why(format!(
                    "fact: {} bytes read were written before the buffer was allocated",
                    txn.residue
                ))
                .why(o.rule_sentence(txn))
                .why("intent: a buffer shows nothing of its earlier owner")
        });
    }

    fn denied(&mut self, txn: &Txn) {
        let class = txn.claim.class;
        let right = matches!(class, Class::Open | Class::Granted) && !txn.verdict.malformed;
        let intruder = self.names.intruder_line(txn.master).is_some();
        let expected = (intruder || txn.attempt != NONE) && !right;
        let counts = &mut self.book.counts;
        counts.denied[usize::from(txn.master) % MASTERS] += 1;
        let late = class == Class::Returned || class == Class::Ungranted && self.ledger.had(txn);
        counts.late_strong += u64::from(late);
        if expected {
            counts.blocked_expected += 1;
        } else if class != Class::Transition {
            counts.blocked_unexpected += 1;
        }
        let denial = Denial {
            access: violation::access(txn),
            expected,
            resp: txn.resp,
            pool: (txn.claim.pool != NO_POOL).then_some(txn.claim.pool),
            owner: (txn.owner != NONE).then_some(txn.owner),
            owner_at_response: self.ledger.owner_of(&txn.ax),
        };
        self.book.events.push(Event::Deny(denial));
        self.evidence.ended(txn.attempt, true);
        if let Some(what) = txn.upkeep.filter(|what| what.unmeant() && !right) {
            self.self_inflicted(txn, what);
        } else if right {
            self.book.counts.false_denies += 1;
            self.refusal(&checks::FALSE_DENY, txn);
        } else if !expected && class != Class::Transition {
            self.refusal(&checks::UNDECLARED, txn);
        }
    }

    /// The system denied itself; what comes of it, though nobody meant the access.
    fn self_inflicted(&mut self, txn: &Txn, what: Upkeep) {
        let zeros = txn.resp < 2;
        let consequence = match (what, txn.write, zeros) {
            (Upkeep::Evict | Upkeep::Maintain, ..) => {
                "note: the line is written back by nobody any more: what was in it is lost"
            }
            (Upkeep::Speculate, _, true) => {
                "note: the cache keeps a line of zeros that memory never held"
            }
            (Upkeep::Speculate, ..) => "note: an external abort that whoever runs takes (SError)",
            (_, true, _) => "note: the copy is lost, and nobody is told",
            (_, false, true) => "note: zeros are copied on as if they were the buffer's bytes",
            (_, false, false) => "note: the kernel takes an external abort in the middle of a copy",
        };
        self.object(&checks::SELF_INFLICTED, |o| {
            let mut finding = Finding::of(txn)
                .why(format!("fact: denied, resp {}", txn.resp))
                .why(o.rule_sentence(txn))
                .why(o.intent_sentence(txn, txn.ax.addr))
                .why(format!("note: {}", what.words()))
                .why(consequence)
                .blame(vec![Party::AllocatorKernel]);
            finding.next = what.remedy().map(str::to_owned);
            finding.resp = Some(txn.resp);
            finding
        });
    }

    fn refusal(&mut self, check: &'static Check, txn: &Txn) {
        self.object(check, |o| {
            let (chain, next) = o.blame_for_refusal(txn);
            let mut finding = Finding::of(txn)
                .why(format!("fact: denied, resp {}", txn.resp))
                .why(o.rule_sentence(txn))
                .why(o.intent_sentence(txn, txn.ax.addr))
                .blame(chain);
            if txn.claim.class == Class::Ungranted
                && let Some(sentence) = o.misuse(txn, txn.ax.addr)
            {
                finding = finding.why(sentence);
            }
            if let Some(owners) = o.owners(txn) {
                finding = finding.why(owners);
            }
            finding.next = next;
            finding.resp = Some(txn.resp);
            finding
        });
    }
}
