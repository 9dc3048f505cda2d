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

/// What kernel and TEE do to memory on their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upkeep {
    /// The kernel zeroes pages before they are lent.
    Clear,
    /// The TEE overwrites protected memory.
    Scrub,
    /// The kernel copies into a bounce buffer.
    Bounce,
}

/// Begin or end of an upkeep.
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
