// SPDX-License-Identifier: Apache-2.0
//! What is found wrong, and everything that a reader needs to know of it.
use crate::units::{ByteLen, Cycle, Direction, FilterId, MasterId, Nsaid, PhysAddr};
use serde::{Deserialize, Serialize};

/// A transaction as seen at a filter's slave side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Number of the transaction at its filter port, counted from 0, reads and writes together.
    pub txn: u64,
    /// Cycle of the address handshake at the filter.
    pub cycle: Cycle,
    /// Physical master port.
    pub master: MasterId,
    /// Filter.
    pub filter: FilterId,
    /// Which way.
    pub direction: Direction,
    /// Address.
    pub addr: PhysAddr,
    /// Bytes of the whole burst.
    pub bytes: ByteLen,
    /// Beats.
    pub beats: u16,
    /// AxBURST.
    pub burst: u8,
    /// AxID at the filter.
    pub axi_id: u32,
    /// Identity it carried.
    pub nsaid: Nsaid,
    /// AxPROT.
    pub prot: u8,
}

/// A denied transaction and whether it was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The transaction.
    pub access: Access,
    /// The master is a declared intruder.
    pub expected: bool,
    /// Response it got (0 OKAY, 3 DECERR).
    pub resp: u8,
    /// Pool it pointed at.
    pub pool: Option<u8>,
    /// Buffer that held its first byte, else its last, as it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
    /// The same as it was answered: asynchronous errors may come after the memory changed hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_at_response: Option<u32>,
}

/// What went wrong (design.md, verdicts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViolationKind {
    /// Outside pool intent and let through.
    Escape,
    /// Inside pool intent, outside buffer intent; invisible to the firewall.
    Overreach,
    /// A beat after revoke returned.
    LateLanding,
    /// A byte of an earlier generation read.
    Residue,
    /// Protected data where it must not be.
    TaintLeak,
    /// Data differs from what was written.
    Integrity,
    /// A permitted access was denied.
    FalseDeny,
    /// A denied access that nobody declared.
    UndeclaredAttempt,
    /// The firewall did not do what its registers say.
    RuleMismatch,
    /// AXI or APB rules broken.
    Protocol,
    /// Something waited longer than its budget.
    Hang,
    /// Transactions in flight did not end within the time that the allocator gives them.
    DrainTimeout,
    /// An access that the system's own software or hardware makes without meaning to.
    SelfInflicted,
}

impl ViolationKind {
    /// What one and what several are called.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Escape => ("escape", "escapes"),
            Self::Overreach => ("overreach", "overreaches"),
            Self::LateLanding => ("late landing", "late landings"),
            Self::Residue => ("residue", "residues"),
            Self::TaintLeak => ("taint leak", "taint leaks"),
            Self::Integrity => ("data mismatch", "data mismatches"),
            Self::FalseDeny => ("false deny", "false denies"),
            Self::UndeclaredAttempt => ("undeclared attempt", "undeclared attempts"),
            Self::RuleMismatch => ("rule mismatch", "rule mismatches"),
            Self::Protocol => ("protocol error", "protocol errors"),
            Self::Hang => ("hang", "hangs"),
            Self::DrainTimeout => ("drain timeout", "drain timeouts"),
            Self::SelfInflicted => ("self-inflicted access", "self-inflicted accesses"),
        }
    }
}

/// Whose fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The hardware description.
    Rtl,
    /// The firewall's programming.
    Firmware,
    /// Heap, pool or DMA API.
    AllocatorKernel,
    /// OP-TEE, SPMC.
    AllocatorTee,
    /// The importer.
    Driver,
    /// Wiring of identities and addresses.
    Integration,
    /// The scenario itself planted it.
    Scenario,
}

/// A region of the firewall as the golden model held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionView {
    /// Region number; 0 is the background.
    pub index: u8,
    /// First byte.
    pub base: PhysAddr,
    /// Last byte.
    pub top: PhysAddr,
    /// REGION_ATTRIBUTES.
    pub attributes: u32,
    /// REGION_ID_ACCESS.
    pub id_access: u32,
}

/// A line of a violation's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub cycle: Cycle,
    /// What.
    pub what: String,
}

/// A judgement: who, what, where, when, why, whose fault, and what to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// `V1`, `V2`, ... in order of occurrence.
    pub id: String,
    /// Stable code, `TZ001`, `AX001`, ...
    pub rule: String,
    /// Kind.
    pub violation: ViolationKind,
    /// One line.
    pub title: String,
    /// When it happened.
    pub cycle: Cycle,
    /// The same in nanoseconds.
    pub nanoseconds: u64,
    /// The check that objected, by name.
    pub check: String,
    /// Master name, or the port where no master is known.
    pub who: String,
    /// The transaction, where there is one.
    pub access: Option<Access>,
    /// Exact address of the first offending byte, where there is one.
    pub addr: Option<PhysAddr>,
    /// Bytes that got through (or differ).
    pub bytes: u64,
    /// Response it got, if any.
    pub resp: Option<u8>,
    /// Pool name.
    pub pool: Option<String>,
    /// Buffer name and offset in it.
    pub buffer: Option<(String, u64)>,
    /// Region that decided.
    pub region: Option<RegionView>,
    /// Fact, rule and intent, in words.
    pub why: Vec<String>,
    /// First cause first.
    pub fault: Vec<Party>,
    /// How it came to this.
    pub history: Vec<HistoryLine>,
    /// What to do next.
    pub next: String,
    /// Line of the scenario file that is responsible, if one is.
    pub line: Option<u32>,
    /// Groups the like: rule, who, direction, where; no cycle, no seed.
    pub fingerprint: String,
}
