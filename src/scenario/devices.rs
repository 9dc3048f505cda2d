// SPDX-License-Identifier: Apache-2.0
//! What stands between a master and the bus: the processor's cache, IOMMUs, bounce buffers.
use crate::units::{AddrRange, Cycle, MasterId};

/// The processor's write-back cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Whose.
    pub master: MasterId,
    /// Sets, a power of two.
    pub sets: usize,
    /// Ways.
    pub ways: usize,
    /// A line whose fill was denied stays, with the zeros that came.
    pub keeps_denied_lines: bool,
    /// Mean time between two evictions that nothing asks for.
    pub evict_every: Option<Cycle>,
    /// How often the next line is read ahead, percent.
    pub ahead_percent: u8,
    /// Mean time between two speculative reads into the pools' memory.
    pub speculate_every: Option<Cycle>,
    /// How long a TLB entry that was not flushed still translates.
    pub tlb_window: Cycle,
}

/// An IOMMU in front of a master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iommu {
    /// Whose.
    pub master: MasterId,
    /// Entries of the IOTLB.
    pub entries: usize,
    /// A table walk.
    pub walk: Cycle,
    /// An invalidation, from command to end.
    pub invalidation: Cycle,
    /// Unmapping returns at once, and entries go later.
    pub deferred: Option<Deferred>,
}

/// When entries of unmapped pages go that nobody waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Unmaps that fill the queue.
    pub unmaps: usize,
    /// Time after the first of them.
    pub within: Cycle,
}

/// Memory for bounce buffers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BouncePool {
    /// Where; ordinary memory.
    pub range: AddrRange,
    /// The only master that uses it, and must (`restricted-dma-pool`); all others when absent.
    pub master: Option<MasterId>,
}
