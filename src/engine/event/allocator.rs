// SPDX-License-Identifier: Apache-2.0
//! What the allocator did and when: buffers, grants, memory lent and reclaimed.
use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};
use serde::{Deserialize, Serialize};

/// Allocation and release of a dma-buf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BufferEvent {
    /// When.
    pub cycle: Cycle,
    /// Number of the buffer in this run.
    pub buffer: u32,
    /// Name, e.g. `frame[2]`.
    pub name: String,
    /// Pool index.
    pub pool: u8,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// Allocated (else released).
    pub allocated: bool,
}

/// Where a grant stands (design.md: a grant has five cycles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantPhase {
    /// The caller asked.
    Requested,
    /// In force: `dma_map` returned.
    Programmed,
    /// The caller asked to end it.
    RevokeRequested,
    /// Nothing of the master is in flight.
    Drained,
    /// Ended: unmap returned.
    Revoked,
}

/// A phase of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantEvent {
    /// When.
    pub cycle: Cycle,
    /// Number of the grant in this run.
    pub grant: u32,
    /// Buffer.
    pub buffer: u32,
    /// Who gets it.
    pub master: MasterId,
    /// May read.
    pub read: bool,
    /// May write.
    pub write: bool,
    /// Phase reached.
    pub phase: GrantPhase,
}

/// Where the memory of a dynamic pool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolPhase {
    /// The kernel asks the TEE to protect it.
    LendRequested,
    /// The firewall's region is in force.
    LendProgrammed,
    /// No transaction is under way in it, and no master goes on by itself; where the policy drains.
    Drained,
    /// The kernel asks for it back.
    ReclaimRequested,
    /// The firewall's region is gone.
    Opened,
    /// The kernel's own again.
    Returned,
    /// Kept from everybody, for the reclaim failed.
    Quarantined,
}

/// A phase of a dynamic pool's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolEvent {
    /// When.
    pub cycle: Cycle,
    /// Pool index.
    pub pool: u8,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// Phase reached.
    pub phase: PoolPhase,
}

/// The processor read bytes that its cache gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheHitEvent {
    /// When the read ended.
    pub cycle: Cycle,
    /// Whose cache.
    pub master: MasterId,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// When the oldest of the lines came into the cache.
    pub oldest: Cycle,
}

/// What kernel and TEE do to memory on their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upkeep {
    /// The kernel zeroes pages before they are lent.
    Clear,
    /// The TEE overwrites protected memory.
    Scrub,
    /// The kernel copies between a buffer and its bounce slots.
    Bounce,
    /// Cache maintenance writes dirty lines back.
    Maintain,
    /// A cache writes a dirty line back to make room.
    Evict,
    /// A cache fills a line that nobody asked for.
    Speculate,
}

impl Upkeep {
    /// Whether nobody means it: hardware does it by itself, or software beside what it is asked.
    pub const fn unmeant(self) -> bool {
        !matches!(self, Self::Clear | Self::Scrub)
    }

    /// As a report says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Clear => "the kernel zeroes pages",
            Self::Scrub => "the TEE overwrites memory",
            Self::Bounce => "the kernel copies between a buffer and its bounce slots",
            Self::Maintain => "cache maintenance writes a dirty line back",
            Self::Evict => "a cache evicts a dirty line",
            Self::Speculate => "the processor reads ahead of what it is asked",
        }
    }

    /// What ends it.
    pub const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Clear | Self::Scrub => None,
            Self::Bounce => Some("refuse a mapping that has to be bounced"),
            Self::Maintain => Some("no cache maintenance on memory that is lent"),
            Self::Evict => Some("clean caches before memory is lent"),
            Self::Speculate => {
                Some("remove the kernel's mapping and flush the TLB before memory is lent")
            }
        }
    }
}

/// Begin or end of an upkeep. An eviction and a speculative fill are one transaction each, which
/// ends them: they only begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpkeepEvent {
    /// When.
    pub cycle: Cycle,
    /// What.
    pub what: Upkeep,
    /// Through which port.
    pub master: MasterId,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// Begins (else has ended).
    pub begins: bool,
}
