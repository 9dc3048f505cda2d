// SPDX-License-Identifier: Apache-2.0
//! The judge's book: events in order, counts, and the limit on violations told one by one.
use super::checks::Check;
use super::face::Counts;
use super::inflight::Txn;
use crate::engine::event::{Event, Party, ViolationKind};

/// Violations told one by one in a run; the rest is counted.
pub(super) const LISTED: u64 = 10_000;

/// Who a violation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A master port.
    Master(u8),
    /// Any other observed port, or somebody by name.
    Named(String),
}

/// What a check found; the rest of a violation follows from the ledger and the registers.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) who: Who,
    pub(super) txn: Option<Txn>,
    pub(super) addr: Option<u64>,
    pub(super) bytes: u64,
    pub(super) resp: Option<u8>,
    pub(super) why: Vec<String>,
    /// Instead of the check's own.
    pub(super) fault: Option<Vec<Party>>,
    pub(super) name: Option<String>,
    pub(super) next: Option<String>,
    pub(super) line: Option<u32>,
}

impl Finding {
    /// About somebody who is not at a master port.
    pub(super) fn about(who: impl Into<String>) -> Self {
        Self {
            who: Who::Named(who.into()),
            txn: None,
            addr: None,
            bytes: 0,
            resp: None,
            why: Vec::new(),
            fault: None,
            name: None,
            next: None,
            line: None,
        }
    }

    /// About a transaction, at its first byte.
    pub(super) fn of(txn: &Txn) -> Self {
        let mut new = Self::about("");
        new.who = Who::Master(txn.master);
        new.txn = Some(*txn);
        new.addr = Some(txn.ax.addr);
        new
    }

    /// With the first offending byte, and how many there are.
    pub(super) fn at(mut self, addr: u64, bytes: u64) -> Self {
        self.addr = Some(addr);
        self.bytes = bytes;
        self
    }

    /// With one more sentence.
    pub(super) fn why(mut self, sentence: impl Into<String>) -> Self {
        self.why.push(sentence.into());
        self
    }

    /// With a chain of causes instead of the check's own.
    pub(super) fn blame(mut self, chain: Vec<Party>) -> Self {
        self.fault = Some(chain);
        self
    }
}

/// Events and counts.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) events: Vec<Event>,
    pub(super) counts: Counts,
    kinds: Vec<(ViolationKind, u64)>,
}

impl Book {
    /// Counts a violation. Its number if it is to be told in full.
    pub(super) fn count(&mut self, check: &Check) -> Option<u64> {
        self.counts.violations += 1;
        match self.kinds.iter_mut().find(|(kind, _)| *kind == check.kind) {
            Some((_, count)) => *count += 1,
            None => self.kinds.push((check.kind, 1)),
        }
        if self.counts.violations > LISTED {
            self.counts.violations_not_listed += 1;
            return None;
        }
        Some(self.counts.violations)
    }

    /// The violations in a few words, the most serious kind first.
    pub(super) fn reason(&self) -> String {
        let mut kinds = self.kinds.clone();
        kinds.sort_by_key(|(kind, _)| *kind);
        let list: Vec<String> = kinds
            .iter()
            .map(|&(kind, count)| {
                let (one, many) = kind.names();
                format!("{count} {}", if count == 1 { one } else { many })
            })
            .collect();
        list.join(", ")
    }
}
