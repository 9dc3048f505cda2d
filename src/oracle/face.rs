// SPDX-License-Identifier: Apache-2.0
//! What goes into the judge besides pins, and what comes out at the end.
use crate::engine::event::{Event, Summary, Verdict};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PhysAddr};
use ringfence_sim::{MASTERS, PinCounts};

/// Whether a master may ever read or write a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// May read.
    pub read: bool,
    /// May write.
    pub write: bool,
}

/// A protected pool and who may touch it at all: the rights table of its use case.
#[derive(Clone, Debug)]
pub struct PoolIntent {
    /// Where, from boot on; pools do not overlap. `None`: where and when it is lent.
    pub range: Option<AddrRange>,
    /// By master port.
    pub rights: [Rights; MASTERS],
}

/// Bytes that a permitted master was to move, by the workload's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Who.
    pub master: MasterId,
    /// Which way.
    pub direction: Direction,
    /// At least so many bytes, answered OKAY at the filter.
    pub bytes: ByteLen,
}

/// What the end of a run is judged by.
pub struct Closing<'a, 'm> {
    /// Cycle after the last one.
    pub cycle: Cycle,
    /// Handshakes counted at the pins.
    pub pins: &'a PinCounts,
    /// Contents of memory: every chunk that a beat ever touched, in any order and size.
    pub memory: &'a mut dyn Iterator<Item = (PhysAddr, &'m [u8])>,
    /// Display underruns; only handed through to [`Counts`].
    pub underruns: u64,
    /// What had to be moved.
    pub due: &'a [Due],
}

/// The part of [`Summary`] that the judge counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Data-beat handshakes judged, all ports.
    pub beats_checked: u64,
    /// Data-beat handshakes counted at the pins, all ports.
    pub beats_at_pins: u64,
    /// Escaped transactions.
    pub escapes: u64,
    /// Bytes read by escapes.
    pub escaped_bytes_read: u64,
    /// Bytes written by escapes.
    pub escaped_bytes_written: u64,
    /// Overreaching transactions.
    pub overreach: u64,
    /// Beats after revoke returned.
    pub late_landings: u64,
    /// Transactions that were let in after revoke had returned: late by the admission definition.
    pub late_admission: u64,
    /// Those, and what was denied then or moved data then: late by the strong definition.
    pub late_strong: u64,
    /// Bytes of an earlier generation that were read.
    pub residue_bytes: u64,
    /// Transactions that wrote protected data to ordinary memory.
    pub taint_leaks: u64,
    /// Bytes that they wrote.
    pub tainted_bytes: u64,
    /// Bytes of those that another master read.
    pub taint_read_bytes: u64,
    /// Permitted accesses denied.
    pub false_denies: u64,
    /// Denied transactions of declared intruders.
    pub blocked_expected: u64,
    /// Denied transactions of others.
    pub blocked_unexpected: u64,
    /// Beats admitted in a grant's transition.
    pub in_transition: u64,
    /// AXI and APB rule breaches.
    pub protocol_errors: u64,
    /// Illegal bursts that a declared intruder made.
    pub protocol_provoked: u64,
    /// Denied reads seen at memory because speculation was on.
    pub speculative_exposure: u64,
    /// Display underruns.
    pub underruns: u64,
    /// Violations in all.
    pub violations: u64,
    /// Violations not listed one by one.
    pub violations_not_listed: u64,
    /// Bytes answered OKAY (read) and landed (written) by master, as seen at the filters.
    pub moved: [[u64; 2]; MASTERS],
    /// Attempts that intruders declared.
    pub attempts: u64,
    /// Denied transactions by master, as seen at the filters.
    pub denied: [u64; MASTERS],
}

impl Counts {
    /// Fills in the fields of a summary that are the judge's.
    pub fn fill(&self, summary: &mut Summary) {
        summary.beats_checked = self.beats_checked;
        summary.beats_at_pins = self.beats_at_pins;
        summary.escapes = self.escapes;
        summary.escaped_bytes_read = self.escaped_bytes_read;
        summary.escaped_bytes_written = self.escaped_bytes_written;
        summary.overreach = self.overreach;
        summary.late_landings = self.late_landings;
        summary.late_admission = self.late_admission;
        summary.late_strong = self.late_strong;
        summary.residue_bytes = self.residue_bytes;
        summary.taint_leaks = self.taint_leaks;
        summary.tainted_bytes = self.tainted_bytes;
        summary.taint_read_bytes = self.taint_read_bytes;
        summary.false_denies = self.false_denies;
        summary.blocked_expected = self.blocked_expected;
        summary.blocked_unexpected = self.blocked_unexpected;
        summary.in_transition = self.in_transition;
        summary.protocol_errors = self.protocol_errors;
        summary.protocol_provoked = self.protocol_provoked;
        summary.speculative_exposure = self.speculative_exposure;
        summary.underruns = self.underruns;
        summary.violations = self.violations;
        summary.violations_not_listed = self.violations_not_listed;
    }
}

/// The judgement of a run. Declared requirements are not in it; the engine adds them.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// [`Verdict::Pass`] or [`Verdict::Fail`].
    pub verdict: Verdict,
    /// Why, in a few words.
    pub reason: String,
    /// Totals.
    pub counts: Counts,
    /// What was not yet drained, then one [`Event::Evidence`] a port and channel.
    pub events: Vec<Event>,
}
