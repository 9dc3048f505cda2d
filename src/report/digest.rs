// SPDX-License-Identifier: Apache-2.0
//! The event log sorted by what a report asks of it; nothing is judged here.
use crate::engine::event::{
    Attempt, AttemptKind, Denial, Event, GrantEvent, IntruderRecord, Latency, MasterTotal,
    PoolEvent, PoolInfo, RunHeader, Summary, UpdateEvent, Verdict, Violation,
};
use crate::report::format::plain;
use crate::units::{Hertz, MasterId};
use std::borrow::Cow;

/// Handshakes of one channel of one port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel<'a> {
    pub(super) port: &'a str,
    pub(super) name: &'a str,
    pub(super) pins: u64,
    pub(super) judged: u64,
}

/// A declared requirement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requirement<'a> {
    pub(super) what: &'a str,
    pub(super) met: bool,
    pub(super) seen: &'a str,
    pub(super) performance: bool,
}

/// Bytes moved from `start` for `cycles`, by master `[read, written]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bin<'a> {
    pub(super) start: u64,
    pub(super) cycles: u64,
    pub(super) bytes: &'a [[u64; 2]],
}

/// Violations with one fingerprint, in order of occurrence; never empty.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) fingerprint: &'a str,
    pub(super) members: Vec<&'a Violation>,
}

/// The log, sorted.
#[derive(Debug)]
pub(super) struct Digest<'a> {
    pub(super) header: Option<&'a RunHeader>,
    pub(super) summary: Cow<'a, Summary>,
    pub(super) violations: Vec<&'a Violation>,
    pub(super) denials: Vec<&'a Denial>,
    pub(super) attempts: Vec<&'a Attempt>,
    pub(super) records: Vec<&'a IntruderRecord>,
    pub(super) steps: Vec<(u64, &'a str)>,
    pub(super) planted: Vec<(u64, &'a str)>,
    pub(super) grants: Vec<&'a GrantEvent>,
    pub(super) pool_events: Vec<&'a PoolEvent>,
    pub(super) updates: Vec<&'a UpdateEvent>,
    pub(super) evidence: Vec<Channel<'a>>,
    pub(super) requirements: Vec<Requirement<'a>>,
    pub(super) latencies: Vec<&'a Latency>,
    /// Records that the fault handler read, and those of them behind which failures were lost.
    pub(super) failures: [u64; 2],
    raw_bins: Vec<(u64, &'a [[u64; 2]])>,
}

/// Attempts of every kind in the order of [`AttemptKind`].
pub(super) const ATTEMPT_KINDS: [AttemptKind; 4] =
    [AttemptKind::Read, AttemptKind::Write, AttemptKind::Bitstream, AttemptKind::Edge];

impl<'a> Digest<'a> {
    pub(super) fn new(events: &'a [Event]) -> Self {
        let mut digest = Self {
            header: None,
            summary: Cow::Owned(unfinished()),
            violations: Vec::new(),
            denials: Vec::new(),
            attempts: Vec::new(),
            records: Vec::new(),
            steps: Vec::new(),
            planted: Vec::new(),
            grants: Vec::new(),
            pool_events: Vec::new(),
            updates: Vec::new(),
            evidence: Vec::new(),
            requirements: Vec::new(),
            latencies: Vec::new(),
            failures: [0; 2],
            raw_bins: Vec::new(),
        };
        for event in events {
            digest.add(event);
        }
        digest
    }

    fn add(&mut self, event: &'a Event) {
        match event {
            Event::Run(header) => self.header = Some(header),
            Event::Step { cycle, what, .. } => self.steps.push((cycle.0, what)),
            Event::Planted { cycle, what } => self.planted.push((cycle.0, what)),
            Event::Grant(grant) => self.grants.push(grant),
            Event::Pool(pool) => self.pool_events.push(pool),
            Event::Update(update) => self.updates.push(update),
            Event::Attempt(attempt) => self.attempts.push(attempt),
            Event::IntruderRecord(record) => self.records.push(record),
            Event::Deny(denial) => self.denials.push(denial),
            Event::Violation(violation) => self.violations.push(violation),
            Event::Bin { cycle, bytes } => self.raw_bins.push((cycle.0, bytes)),
            Event::Latency(latency) => self.latencies.push(latency),
            Event::Evidence { port, channel, pins, judged } => {
                let (pins, judged) = (*pins, *judged);
                self.evidence.push(Channel { port, name: channel, pins, judged });
            }
            Event::Expectation { what, met, seen, performance } => {
                let (met, performance) = (*met, *performance);
                self.requirements.push(Requirement { what, met, seen, performance });
            }
            Event::Summary(summary) => self.summary = Cow::Borrowed(summary),
            Event::FailureLog { overrun, .. } => {
                self.failures[0] += 1;
                self.failures[1] += u64::from(*overrun);
            }
            Event::Register(_)
            | Event::Buffer(_)
            | Event::Upkeep(_)
            | Event::Job(_)
            | Event::Slots(_)
            | Event::Confine(_)
            | Event::Replay(_)
            | Event::Call(_)
            | Event::CacheHit(_)
            | Event::Interrupt { .. } => {}
        }
    }

    /// Scenario name as given; empty if the log has no header.
    pub(super) fn scenario(&self) -> &'a str {
        self.header.map_or("", |header| &header.scenario)
    }

    pub(super) fn seed(&self) -> u64 {
        self.header.map_or(0, |header| header.seed)
    }

    pub(super) fn overrides(&self) -> &'a [String] {
        self.header.map_or(&[], |header| &header.overrides)
    }

    pub(super) fn clock(&self) -> Hertz {
        Hertz(self.header.map_or(0, |header| header.clock_hz))
    }

    pub(super) fn bin_cycles(&self) -> u64 {
        self.header.map_or(1, |header| header.bin_cycles).max(1)
    }

    pub(super) fn pools(&self) -> &'a [PoolInfo] {
        self.header.map_or(&[], |header| &header.pools)
    }

    /// Number of masters that the header names.
    pub(super) fn masters(&self) -> usize {
        self.header.map_or(0, |header| header.masters.len())
    }

    /// Name of a master as given; `port N` where the header names none.
    pub(super) fn raw_master(&self, id: MasterId) -> Cow<'a, str> {
        self.header.and_then(|header| header.masters.get(usize::from(id.0))).map_or_else(
            || Cow::Owned(format!("port {}", id.0)),
            |info| Cow::Borrowed(info.name.as_str()),
        )
    }

    /// As [`Self::raw_master`], fit for one line of text.
    pub(super) fn master(&self, id: MasterId) -> String {
        plain(&self.raw_master(id))
    }

    /// Name of a pool as one line of text.
    pub(super) fn pool(&self, pool: Option<u8>) -> String {
        match pool {
            None => "outside every pool".to_owned(),
            Some(index) => self
                .pools()
                .get(usize::from(index))
                .map_or_else(|| format!("pool {index}"), |pool| plain(&pool.name)),
        }
    }

    /// The summary's totals of the master at a port.
    pub(super) fn total(&self, id: MasterId) -> Option<&MasterTotal> {
        let name = self.raw_master(id);
        self.summary.masters.iter().find(|total| total.name == name)
    }

    /// Violations by fingerprint, groups in order of their first.
    pub(super) fn groups(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for violation in &self.violations {
            let fingerprint = violation.fingerprint.as_str();
            match groups.iter_mut().find(|group| group.fingerprint == fingerprint) {
                Some(group) => group.members.push(violation),
                None => groups.push(Group { fingerprint, members: vec![violation] }),
            }
        }
        groups
    }

    /// Violations by kind, kinds in their declared order, those that occurred.
    pub(super) fn kinds(&self) -> Vec<(crate::engine::event::ViolationKind, u64)> {
        let mut kinds = std::collections::BTreeMap::new();
        for violation in &self.violations {
            *kinds.entry(violation.violation).or_insert(0) += 1;
        }
        kinds.into_iter().collect()
    }

    /// Attempts of one kind.
    pub(super) fn attempted(&self, kind: AttemptKind) -> u64 {
        self.attempts.iter().filter(|attempt| attempt.attempt == kind).count() as u64
    }

    /// Requirements `[met, declared]`, of performance or of behaviour.
    pub(super) fn met(&self, performance: bool) -> [usize; 2] {
        let mine = || self.requirements.iter().filter(|r| r.performance == performance);
        [mine().filter(|r| r.met).count(), mine().count()]
    }

    /// First cycle after the run.
    pub(super) fn end(&self) -> u64 {
        let last_bin = self.raw_bins.last().map_or(0, |(start, _)| start.saturating_add(1));
        let last_violation =
            self.violations.iter().map(|v| v.cycle.0.saturating_add(1)).max().unwrap_or(0);
        self.summary.cycles.max(last_bin).max(last_violation).max(1)
    }

    /// Bins with the cycles that each covers: the last one ends with the run.
    pub(super) fn bins(&self) -> Vec<Bin<'a>> {
        let end = self.end();
        let mut bins = Vec::with_capacity(self.raw_bins.len());
        for (i, &(start, bytes)) in self.raw_bins.iter().enumerate() {
            let next = self.raw_bins.get(i + 1).map_or(end, |&(next, _)| next);
            let cycles = self.bin_cycles().min(next.saturating_sub(start));
            bins.push(Bin { start, cycles, bytes });
        }
        bins
    }
}

/// What stands for the summary of a log that stops before its last line: no evidence, no pass.
fn unfinished() -> Summary {
    Summary {
        verdict: Verdict::Fail,
        reason: "the event log has no summary".to_owned(),
        cycles: 0,
        skipped_cycles: 0,
        beats_checked: 0,
        beats_at_pins: 0,
        escapes: 0,
        escaped_bytes_read: 0,
        escaped_bytes_written: 0,
        overreach: 0,
        late_landings: 0,
        late_admission: 0,
        late_strong: 0,
        residue_bytes: 0,
        taint_leaks: 0,
        tainted_bytes: 0,
        taint_read_bytes: 0,
        false_denies: 0,
        blocked_expected: 0,
        blocked_unexpected: 0,
        in_transition: 0,
        protocol_errors: 0,
        protocol_provoked: 0,
        speculative_exposure: 0,
        underruns: 0,
        overruns: 0,
        violations: 0,
        violations_not_listed: 0,
        masters: Vec::new(),
    }
}
