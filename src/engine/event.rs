// SPDX-License-Identifier: Apache-2.0
//! The event log: everything that a run tells. Reports are pure functions of it.
mod allocator;
mod job;
mod replay;
mod update;
mod violation;

use crate::units::{ByteLen, Cycle, Direction, FilterId, MasterId, Nsaid, PhysAddr};
pub use allocator::{
    BufferEvent, CacheHitEvent, GrantEvent, GrantPhase, PoolEvent, PoolPhase, Upkeep, UpkeepEvent,
};
pub use job::{ConfineEvent, ConfinePhase, JobEvent, SlotsEvent};
pub use replay::{CallEvent, CallOp, CallResult, ReplayHeader};
use serde::{Deserialize, Serialize};
pub use update::{Update, UpdateEvent};
pub use violation::{Access, Denial, HistoryLine, Party, RegionView, Violation, ViolationKind};

/// Version of the line format of `events.jsonl`.
pub const SCHEMA: u32 = 1;

/// One line of `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// First line: what is being run.
    Run(RunHeader),
    /// Second line of a replay: how it is done.
    Replay(ReplayHeader),
    /// A step of a replay has ended.
    Call(CallEvent),
    /// A workload milestone, e.g. `frame 3 decoded`.
    Step {
        /// When.
        cycle: Cycle,
        /// Which master, if it is one's doing.
        master: Option<MasterId>,
        /// What happened.
        what: String,
    },
    /// A register write or read at the APB pins.
    Register(RegisterAccess),
    /// A buffer came to be or ceased to be.
    Buffer(BufferEvent),
    /// A right was given or taken.
    Grant(GrantEvent),
    /// Memory of a dynamic pool was lent or reclaimed, step by step.
    Pool(PoolEvent),
    /// Kernel or TEE begin or end to touch memory on their own account.
    Upkeep(UpkeepEvent),
    /// A master begins or ends work in which what it writes may come from what it reads.
    Job(JobEvent),
    /// A device is given bounce slots, or no more.
    Slots(SlotsEvent),
    /// A master is kept from writing ordinary memory, or let again.
    Confine(ConfineEvent),
    /// A lend or reclaim is over, and what it took.
    Update(UpdateEvent),
    /// The processor read protected memory's addresses out of its cache.
    CacheHit(CacheHitEvent),
    /// An intruder's own record, made before the access is issued.
    Attempt(Attempt),
    /// An intruder's own record, when it has done all it set out to do.
    IntruderRecord(IntruderRecord),
    /// A transaction that the firewall denied.
    Deny(Denial),
    /// The firewall's interrupt line changed.
    Interrupt {
        /// When.
        cycle: Cycle,
        /// New level.
        high: bool,
    },
    /// What the fault handler read from a filter's failure registers.
    FailureLog {
        /// When the handler read it.
        cycle: Cycle,
        /// Which filter.
        filter: FilterId,
        /// Burst start.
        addr: PhysAddr,
        /// Which way.
        direction: Direction,
        /// Non-secure access.
        non_secure: bool,
        /// AXI ID at the filter.
        axi_id: u32,
        /// The hardware lost later failures.
        overrun: bool,
    },
    /// A scenario planted a fault.
    Planted {
        /// When.
        cycle: Cycle,
        /// What was done.
        what: String,
    },
    /// A judgement against somebody.
    Violation(Box<Violation>),
    /// Bytes moved in one time bin, by master `[read, written]`.
    Bin {
        /// First cycle of the bin.
        cycle: Cycle,
        /// By master.
        bytes: Vec<[u64; 2]>,
    },
    /// Latency of one master's transactions, address handshake to last response beat.
    Latency(Latency),
    /// Handshakes of a channel as counted at the pins and as judged.
    Evidence {
        /// Port, e.g. `vdec`, `filter0.s`, `filter0.m`.
        port: String,
        /// `AR`, `AW`, `W`, `R` or `B`.
        channel: String,
        /// Counted at the pins.
        pins: u64,
        /// Judged by the oracle.
        judged: u64,
    },
    /// A declared requirement and whether it was met.
    Expectation {
        /// The requirement in words.
        what: String,
        /// Whether it was met.
        met: bool,
        /// What was seen.
        seen: String,
        /// A performance requirement (exit code 5) rather than a behaviour (exit code 1).
        performance: bool,
    },
    /// Last line.
    Summary(Box<Summary>),
}

/// What is being run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Version of the line format.
    pub schema: u32,
    /// Scenario name.
    pub scenario: String,
    /// One sentence.
    pub summary: String,
    /// Seed in force.
    pub seed: u64,
    /// Overrides by `--set`, in order.
    pub overrides: Vec<String>,
    /// Fabric clock, hertz.
    pub clock_hz: u64,
    /// Board shape.
    pub shape: String,
    /// Bytes a second that one filter port can carry in one direction.
    pub port_ceiling: u64,
    /// Cycles in a bin.
    pub bin_cycles: u64,
    /// Masters by port number.
    pub masters: Vec<MasterInfo>,
    /// Protected pools.
    pub pools: Vec<PoolInfo>,
}

/// A master as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterInfo {
    /// Name in the scenario.
    pub name: String,
    /// What it is (`decoder`, `gpu`, ...).
    pub ip: String,
    /// Identity wired to it.
    pub nsaid: Nsaid,
    /// Whether the scenario declares it an intruder.
    pub intruder: bool,
}

/// A pool as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolInfo {
    /// Name in the scenario.
    pub name: String,
    /// Heap it backs.
    pub heap: String,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// Role of its buffers.
    pub role: String,
}

/// An APB transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAccess {
    /// Cycle of PREADY.
    pub cycle: Cycle,
    /// Byte offset.
    pub offset: u16,
    /// Written (else read).
    pub write: bool,
    /// Data.
    pub value: u32,
    /// PSLVERR.
    pub error: bool,
}

/// What an intruder is trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptKind {
    /// Reads a frame.
    Read,
    /// Writes a frame.
    Write,
    /// Reads the bitstream.
    Bitstream,
    /// Legal bursts on the inner side of a pool edge, and bursts that cross it.
    Edge,
}

/// An intruder's own record of one access into protected memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Cycle before the access was issued.
    pub cycle: Cycle,
    /// Who.
    pub master: MasterId,
    /// What it tries.
    pub attempt: AttemptKind,
    /// Which way.
    pub direction: Direction,
    /// First byte of the burst.
    pub addr: PhysAddr,
    /// Bytes of the burst.
    pub bytes: ByteLen,
    /// The burst is illegal on purpose (crosses 4 KiB): `protocol_provoked`.
    pub illegal: bool,
}

/// What an intruder tried and got, by its own count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntruderRecord {
    /// Who.
    pub master: MasterId,
    /// Attempts by kind, in the order of [`AttemptKind`].
    pub attempts: [u64; 4],
    /// Attempted reads whose last beat came back without an error response.
    pub reads_let_through: u64,
    /// Attempted writes that were answered without an error response.
    pub writes_let_through: u64,
    /// Bytes in beats of attempted reads without an error response.
    pub bytes_read: u64,
    /// Of those, bytes that were not zero.
    pub nonzero_bytes_read: u64,
    /// Bytes of attempted writes that were answered without an error response.
    pub bytes_written: u64,
}

/// Latency of one master's transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Who.
    pub master: MasterId,
    /// Which way.
    pub direction: Direction,
    /// Transactions.
    pub count: u64,
    /// Cycles, 50th percentile.
    pub p50: u64,
    /// Cycles, 90th percentile.
    pub p90: u64,
    /// Cycles, 99th percentile.
    pub p99: u64,
    /// Cycles, 99.9th percentile.
    pub p999: u64,
    /// Cycles, longest.
    pub max: u64,
}

/// Verdict of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No violation, all expectations met, and the evidence is there.
    Pass,
    /// Otherwise.
    #[default]
    Fail,
    /// Stopped by a signal; what is here is partial.
    Interrupted,
}

/// Totals of one master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterTotal {
    /// Name.
    pub name: String,
    /// Bytes read (R beats with OKAY or EXOKAY, and denied ones are not counted).
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Megabytes (10^6) a second over the run, both ways, hundredths.
    pub centi_mb_per_s: u64,
    /// Read and write latency together, nanoseconds.
    pub latency_p50_ns: u64,
    /// As above.
    pub latency_p99_ns: u64,
    /// As above.
    pub latency_max_ns: u64,
}

/// Counts that most runs do not have are told only where there are any.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The end of a run, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Verdict.
    pub verdict: Verdict,
    /// Why, in a few words.
    pub reason: String,
    /// Cycles of the run, skipped ones included.
    pub cycles: u64,
    /// Cycles passed over because nothing was in flight and nobody was due.
    pub skipped_cycles: u64,
    /// Data-beat handshakes (R and W) judged, all ports.
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
    #[serde(default, skip_serializing_if = "is_zero")]
    pub late_admission: u64,
    /// Those, and what was denied then or moved data then: late by the strong definition.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub late_strong: u64,
    /// Bytes of an earlier generation that were read.
    pub residue_bytes: u64,
    /// Transactions that wrote protected data to ordinary memory.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taint_leaks: u64,
    /// Bytes that they wrote.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tainted_bytes: u64,
    /// Bytes of those that another master read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taint_read_bytes: u64,
    /// Permitted accesses denied.
    pub false_denies: u64,
    /// Denied transactions of declared intruders.
    pub blocked_expected: u64,
    /// Denied transactions of others.
    pub blocked_unexpected: u64,
    /// Beats in a grant's transition, when either answer is right.
    pub in_transition: u64,
    /// AXI and APB rule breaches.
    pub protocol_errors: u64,
    /// Illegal bursts that a declared intruder made.
    pub protocol_provoked: u64,
    /// Denied reads seen at memory because speculation was on.
    pub speculative_exposure: u64,
    /// Display underruns.
    pub underruns: u64,
    /// Lines and pictures that a camera lost.
    #[serde(default, skip_serializing_if = "none")]
    pub overruns: u64,
    /// Violations in all.
    pub violations: u64,
    /// Violations not listed one by one, beyond the limit.
    pub violations_not_listed: u64,
    /// By master.
    pub masters: Vec<MasterTotal>,
}

/// Whether a count that few runs have is left out of the log.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn none(count: &u64) -> bool {
    *count == 0
}
