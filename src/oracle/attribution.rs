// SPDX-License-Identifier: Apache-2.0
//! Whose fault: fact against rule is the hardware's, rule against intent the programming's, unless
//! the identity itself is wrong; and the sentences that say so.
use super::areas::Stage;
use super::inflight::{NONE, Txn};
use super::judge::Oracle;
use super::ledger::{Class, NO_POOL};
use crate::engine::event::{GrantEvent, GrantPhase, Party};
use crate::units::{MasterId, PhysAddr};
use ringfence_sim::MASTERS;

/// Bytes behind a buffer in which an access is called an overrun.
const NEAR: u64 = 1 << 20;

/// A chain of causes, first cause first, and a hint better than the check's own.
pub(super) type Blame = (Vec<Party>, Option<String>);

impl Oracle {
    /// Why an access without a right got through.
    pub(super) fn blame_for_escape(&self, txn: &Txn) -> Blame {
        if !txn.verdict.allow {
            return (vec![Party::Rtl], None);
        }
        if let Some(blame) = self.wrong_identity(txn) {
            return blame;
        }
        if let Some(other) = self.shares_identity(txn) {
            let hint = format!(
                "{} and {} carry one NSAID: the firewall cannot tell them apart",
                self.names.master(txn.master),
                self.names.master(other)
            );
            return (vec![Party::Integration, Party::Firmware], Some(hint));
        }
        let cell = txn.ax.addr & self.names.cells;
        if cell != txn.ax.addr {
            let hint = format!(
                "the address is an alias of {}, which is protected: memory decodes fewer bits than \
                 the firewall compares; close what is above DRAM",
                PhysAddr(cell)
            );
            return (vec![Party::Integration, Party::Firmware], Some(hint));
        }
        let region = txn.verdict.region;
        let hint = if region == 0 {
            "no region covers the address and the background lets everybody in: program the pool's \
             region and close region 0"
                .to_owned()
        } else {
            format!(
                "region {region} gives NSAID {} the {} that the pool's rights table refuses",
                txn.ax.nsaid,
                txn.direction()
            )
        };
        (vec![Party::Firmware], Some(hint))
    }

    /// Why an access was denied that nobody expected to be.
    pub(super) fn blame_for_refusal(&self, txn: &Txn) -> Blame {
        if txn.verdict.allow {
            return (vec![Party::Rtl], None);
        }
        if let Some(blame) = self.wrong_identity(txn) {
            return blame;
        }
        if txn.upkeep.is_some() {
            return (vec![Party::AllocatorKernel], None);
        }
        if txn.verdict.malformed || txn.claim.class > Class::Transition {
            return (vec![Party::Driver], None);
        }
        let area = self.ledger.areas.at(txn.ax.addr);
        if area.is_ok_and(|area| area.stage == Stage::Returned && !area.opened) {
            let hint = "the reclaim failed and nobody looked: keep such pages from the kernel";
            return (vec![Party::AllocatorTee, Party::AllocatorKernel], Some(hint.to_owned()));
        }
        let hint = if txn.verdict.overlap {
            "two enabled regions cover the address: keep regions apart".to_owned()
        } else {
            format!(
                "region {} does not give NSAID {} the {} that intent grants",
                txn.verdict.region,
                txn.ax.nsaid,
                txn.direction()
            )
        };
        (vec![Party::Firmware], Some(hint))
    }

    fn wrong_identity(&self, txn: &Txn) -> Option<Blame> {
        let wired = self.names.nsaid(txn.master);
        let secure = txn.ax.prot & 2 == 0;
        if txn.ax.nsaid == wired && secure == self.names.secure(txn.master) {
            return None;
        }
        let hint = format!(
            "{} is wired to NSAID {wired} but this access carried {}{}",
            self.names.master(txn.master),
            txn.ax.nsaid,
            if secure { ", secure" } else { "" }
        );
        Some((vec![Party::Integration], Some(hint)))
    }

    /// Another master with the same identity that has the right.
    fn shares_identity(&self, txn: &Txn) -> Option<u8> {
        let pool = self.ledger.pool(txn.claim.pool)?;
        let mine = (self.names.nsaid(txn.master), self.names.secure(txn.master));
        (0..MASTERS as u8).filter(|&other| other != txn.master).find(|&other| {
            let rights = pool.rights[usize::from(other)];
            let right = if txn.write { rights.write } else { rights.read };
            let theirs = (self.names.nsaid(other), self.names.secure(other));
            right && if mine.1 { theirs.1 } else { mine == theirs }
        })
    }

    /// Who let a master go on after its right had ended: its driver, and a kernel that took the
    /// memory back without waiting.
    pub(super) fn blame_for_late(&self, txn: &Txn) -> Vec<Party> {
        let area = self.ledger.areas.at(txn.ax.addr);
        let hasty = area.is_ok_and(|area| area.stage == Stage::Returned && !area.drained);
        if hasty { vec![Party::Driver, Party::AllocatorKernel] } else { vec![Party::Driver] }
    }

    /// In what way an access to the pool's memory leaves the grants that there are.
    pub(super) fn misuse(&self, txn: &Txn, addr: u64) -> Option<String> {
        let who = self.names.master(txn.master);
        let grants = || self.ledger.grants_of(MasterId(txn.master));
        let here = self.ledger.buffer_at(PhysAddr(addr)).map(|buffer| buffer.number);
        let on = |grant: &&GrantEvent| Some(grant.buffer) == here;
        let live = |grant: &&GrantEvent| grant.phase == GrantPhase::Programmed;
        if let Some(grant) = grants().filter(on).find(live) {
            let (number, name) = (grant.grant, self.ledger.name(grant.buffer));
            let kind = if grant.read || grant.write { "direction" } else { "role" };
            return Some(format!("note: wrong {kind}, grant {number} of {name} does not give it"));
        }
        if let Some(grant) = grants().rfind(on) {
            let (number, cycle) = (grant.grant, grant.cycle.0);
            return Some(format!("note: after unmap, grant {number} ended in cycle {cycle}"));
        }
        let ends = |grant: &&GrantEvent| {
            let range = self.ledger.range_of(grant.buffer);
            range.is_some_and(|range| range.end().0 <= addr && addr - range.end().0 < NEAR)
        };
        if let Some(grant) = grants().filter(live).find(ends) {
            let name = self.ledger.name(grant.buffer);
            return Some(format!("note: overrun, {who} holds grant {} of {name}", grant.grant));
        }
        let old = |grant: &&GrantEvent| {
            self.ledger.was_at(grant.buffer, PhysAddr(addr)) && Some(grant.buffer) != here
        };
        let Some(grant) = grants().rfind(old) else {
            return Some(format!("note: never mapped for {who}"));
        };
        let name = self.ledger.name(grant.buffer);
        Some(format!("note: stale, grant {} was of {name}, which is gone", grant.grant))
    }

    /// Whose the first byte was as the access was accepted and as it was answered.
    pub(super) fn owners(&self, txn: &Txn) -> Option<String> {
        let now = self.ledger.owner_of(&txn.ax).unwrap_or(NONE);
        let name = |buffer| match buffer {
            NONE => "nobody",
            buffer => self.ledger.name(buffer),
        };
        let known = txn.owner != NONE || now != NONE;
        known.then(|| {
            format!("note: owned by {} at issue, {} at response", name(txn.owner), name(now))
        })
    }

    /// What the registers said, in words.
    pub(super) fn rule_sentence(&self, txn: &Txn) -> String {
        let verdict = txn.verdict;
        if verdict.malformed {
            return "rule: DENY, the burst is malformed or leaves its page".to_owned();
        }
        if verdict.overlap {
            return format!("rule: DENY, region {} and another one overlap", verdict.region);
        }
        let word = if verdict.allow { "ALLOW" } else { "DENY" };
        let index = usize::from(verdict.region);
        let view = self.programming.region_at(index, txn.cycle);
        let name = if index == 0 { "background".to_owned() } else { format!("region {index}") };
        let whom = if txn.ax.prot & 2 == 0 {
            "secure".to_owned()
        } else {
            format!("NSAID {}", txn.ax.nsaid)
        };
        format!(
            "rule: {word} by {name} {}..{} ATTRIBUTES 0x{:08x} ID_ACCESS 0x{:08x} for {whom} {}",
            view.base,
            view.top,
            view.attributes,
            view.id_access,
            txn.direction()
        )
    }

    /// What the ledger said, in words.
    pub(super) fn intent_sentence(&self, txn: &Txn, addr: u64) -> String {
        let who = self.names.master(txn.master);
        let way = txn.direction();
        let pool = || {
            if txn.claim.pool == NO_POOL { "no pool" } else { self.names.pool(txn.claim.pool) }
        };
        let buffer = self.ledger.buffer_at(PhysAddr(addr));
        match txn.claim.class {
            Class::Open => "intent: PERMIT, ordinary memory is for everybody".to_owned(),
            Class::Returned => format!(
                "intent: {} reclaimed this memory, and {who} has no right to it any more",
                pool()
            ),
            Class::Nowhere => "intent: nothing is there".to_owned(),
            Class::Granted => {
                format!("intent: PERMIT, grant {} gives {who} this {way}", txn.claim.grant)
            }
            Class::Transition if txn.claim.grant == NONE => {
                format!("intent: {} is being lent or reclaimed, either is right", pool())
            }
            Class::Transition => {
                format!(
                    "intent: grant {} of {who} is in transition, either is right",
                    txn.claim.grant
                )
            }
            Class::Forbidden if txn.claim.pool == NO_POOL => format!(
                "intent: DENY, {who} reads protected memory and may not write ordinary memory"
            ),
            Class::Forbidden => {
                format!("intent: DENY, the rights of {} never give {who} a {way}", pool())
            }
            Class::Ungranted => match buffer {
                Some(buffer) => {
                    format!("intent: DENY, {who} holds no live {way} grant of {}", buffer.name)
                }
                None => format!("intent: DENY, no buffer of {} is allocated there", pool()),
            },
        }
    }

    /// The oldest transaction that is not over, where it stands, and who is to move.
    pub(super) fn oldest_outstanding(&self) -> Option<(String, Party, Txn)> {
        let key = |txn: &Txn| if txn.at_filter { txn.cycle } else { u64::MAX };
        let (_, txn) = self.inflight.all().min_by_key(|(_, txn)| key(txn))?;
        let short = txn.write && txn.watched && txn.master_beats < txn.beats;
        let memory_owes = txn.at_memory
            && if txn.write {
                txn.memory_beats == txn.beats && txn.memory_resp.is_none()
            } else {
                txn.memory_beats < txn.beats
            };
        let (place, party) = if short {
            ("its master owes write data", Party::Driver)
        } else if !txn.at_filter {
            ("the fabric holds its address", Party::Rtl)
        } else if memory_owes {
            ("memory owes the answer", Party::Integration)
        } else if txn.answered {
            ("the fabric holds its answer, or the master does not take it", Party::Rtl)
        } else {
            ("the firewall holds it, or the master does not take the answer", Party::Rtl)
        };
        let way = txn.direction();
        let sentence = format!(
            "fact: oldest outstanding is {}'s {way} of {} ID 0x{:02x}, {} of {} beats at the filter: {place}",
            self.names.master(txn.master),
            PhysAddr(txn.ax.addr),
            txn.ax.id,
            txn.filter_beats,
            txn.beats
        );
        Some((sentence, party, *txn))
    }
}
