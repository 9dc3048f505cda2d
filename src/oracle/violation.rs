// SPDX-License-Identifier: Apache-2.0
//! From what a check found to the full record: who, what, where, when, why, whose fault, what next.
use super::book::{Finding, Who};
use super::burst;
use super::checks::Check;
use super::inflight::Txn;
use super::judge::Oracle;
use super::ledger::{Act, NO_POOL, Record};
use crate::engine::event::{Access, Event, GrantPhase, HistoryLine, Violation};
use crate::units::{ByteLen, Cycle, FilterId, MasterId, Nsaid, PhysAddr};

/// History lines of a violation at most.
const LINES: usize = 8;
/// How far back in the ledger's history they are looked for.
const DEPTH: usize = 4096;

/// A transaction as reports show it.
pub(super) fn access(txn: &Txn) -> Access {
    let (first, end) = burst::span(&txn.ax);
    Access {
        txn: txn.number,
        cycle: Cycle(txn.cycle),
        master: MasterId(txn.master),
        filter: FilterId(txn.filter),
        direction: txn.direction(),
        addr: PhysAddr(txn.ax.addr),
        bytes: ByteLen(end - first),
        beats: txn.beats,
        burst: txn.ax.burst,
        axi_id: u32::from(txn.ax.id),
        nsaid: Nsaid(txn.ax.nsaid),
        prot: txn.ax.prot,
    }
}

impl Oracle {
    /// Reports what a check found; `make` runs only while violations are told in full.
    pub(super) fn object(&mut self, check: &'static Check, make: impl FnOnce(&Self) -> Finding) {
        let Some(number) = self.book.count(check) else {
            return;
        };
        let finding = make(self);
        let violation = self.violation(check, number, &finding);
        self.book.events.push(Event::Violation(Box::new(violation)));
    }

    fn violation(&self, check: &'static Check, number: u64, finding: &Finding) -> Violation {
        let addr = finding.addr.map(PhysAddr);
        let buffer = addr.and_then(|addr| self.ledger.buffer_at(addr));
        let pool = self.pool_of(finding);
        let who = match &finding.who {
            Who::Master(master) => self.names.master(*master).to_owned(),
            Who::Named(name) => name.clone(),
        };
        let region = finding
            .txn
            .as_ref()
            .filter(|txn| txn.at_filter)
            .map(|txn| self.programming.region_at(usize::from(txn.verdict.region), txn.cycle));
        let pool_name = pool.map(|pool| self.names.pool(pool).to_owned());
        let name = finding.name.clone().unwrap_or_else(|| check.name.to_owned());
        let way = finding.txn.as_ref().map_or("-", |txn| if txn.write { "w" } else { "r" });
        let place = pool_name.clone().unwrap_or_else(|| "memory".to_owned());
        Violation {
            id: format!("V{number}"),
            rule: check.code.to_owned(),
            violation: check.kind,
            title: format!("{who}: {}", check.title),
            cycle: Cycle(self.cycle),
            nanoseconds: self.names.clock.nanoseconds(Cycle(self.cycle)),
            fingerprint: format!("{}:{name}:{who}:{way}:{place}", check.code),
            check: name,
            who,
            access: finding.txn.as_ref().filter(|txn| txn.at_filter).map(access),
            addr,
            bytes: finding.bytes,
            resp: finding.resp,
            pool: pool_name,
            buffer: buffer
                .zip(addr)
                .map(|(buffer, addr)| (buffer.name.clone(), addr.0 - buffer.range.base.0)),
            region,
            why: finding.why.clone(),
            fault: finding.fault.clone().unwrap_or_else(|| check.fault.to_vec()),
            history: self.history(finding, buffer.map(|b| b.number), pool, region.map(|r| r.index)),
            next: finding.next.clone().unwrap_or_else(|| check.next.to_owned()),
            line: finding.line.or_else(|| self.line_of(finding, pool)),
        }
    }

    fn pool_of(&self, finding: &Finding) -> Option<u8> {
        let by_address = finding.addr.and_then(|addr| self.ledger.pool_at(PhysAddr(addr)));
        let claimed =
            finding.txn.as_ref().map(|txn| txn.claim.pool).filter(|&pool| pool != NO_POOL);
        by_address.or(claimed)
    }

    /// The scenario line that is responsible: the intruder's, else the pool's, else the master's.
    fn line_of(&self, finding: &Finding, pool: Option<u8>) -> Option<u32> {
        let master = match finding.who {
            Who::Master(master) => Some(master),
            Who::Named(_) => None,
        };
        let intruder = master.and_then(|master| self.names.intruder_line(master));
        let pool = pool.map(|pool| self.names.pool_line(pool));
        intruder.or(pool).or_else(|| master.map(|master| self.names.master_line(master)))
    }

    fn history(
        &self,
        finding: &Finding,
        buffer: Option<u32>,
        pool: Option<u8>,
        region: Option<u8>,
    ) -> Vec<HistoryLine> {
        let pooled = pool.is_some();
        let holds = |record: &&Record| match record.what {
            Act::Allocated(at) => finding.addr.is_some_and(|addr| at.contains(PhysAddr(addr))),
            _ => false,
        };
        let recent = || self.ledger.history().iter().rev().take(DEPTH).filter(|_| pooled);
        // A buffer that is gone still explains who was meant to be there.
        let buffer = buffer.or_else(|| recent().find(holds).map(|record| record.buffer));
        let mut lines: Vec<HistoryLine> = recent()
            .filter(|record| Some(record.buffer) == buffer)
            .take(LINES)
            .map(|record| self.history_line(record))
            .collect();
        lines.reverse();
        if let Some(region) = region {
            lines.extend(self.programming.lines(region));
        }
        if let Some(txn) = finding.txn.as_ref().filter(|txn| txn.at_filter) {
            let what = format!(
                "{} of {} accepted at filter {}",
                txn.direction(),
                PhysAddr(txn.ax.addr),
                txn.filter
            );
            lines.push(HistoryLine { cycle: Cycle(txn.cycle), what });
        }
        lines.sort_by_key(|line| line.cycle);
        lines
    }

    fn history_line(&self, record: &Record) -> HistoryLine {
        let name = self.ledger.name(record.buffer);
        let what = match record.what {
            Act::Allocated(range) => {
                format!("{name} allocated at {}, {} bytes", range.base, range.len.0)
            }
            Act::Released => format!("{name} released"),
            Act::Grant { grant, master, read, write, phase } => {
                let rights = match (read, write) {
                    (true, true) => "rw",
                    (true, false) => "r",
                    (false, true) => "w",
                    (false, false) => "-",
                };
                let phase = match phase {
                    GrantPhase::Requested => "requested",
                    GrantPhase::Programmed => "in force",
                    GrantPhase::RevokeRequested => "revoke requested",
                    GrantPhase::Drained => "drained",
                    GrantPhase::Revoked => "revoked",
                };
                format!(
                    "grant {grant} of {name} to {}:{rights} {phase}",
                    self.names.master(master.0)
                )
            }
        };
        HistoryLine { cycle: Cycle(record.cycle), what }
    }
}
