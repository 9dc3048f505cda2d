// SPDX-License-Identifier: Apache-2.0
//! A processor with a small write-back cache, behind one raw master port.
//!
//! What it is asked for is an [`Op`], one after the other: one call of [`CachedCpu::push`], one
//! [`Done`]. What it does without being asked is a [`Note`]: evictions, which happen when a set is
//! full and now and then by themselves, and speculative fills, which follow the kernel's direct
//! map. Every access is an AXI transaction of its port and can be denied.
//!
//! Modelled: one level, physically tagged with the world, write-back, write-allocate, whole-line
//! stores that fetch nothing (`DC ZVA`), one demand miss at a time, eight posted writes, four
//! speculative fills. Not modelled: instruction fetches, page walks, snooping (the masters are not
//! coherent with it, as most media IPs are not), and errors that a program survives: an operation
//! ends at its first abort.
mod cpu;
mod direct_map;
mod lines;
mod steps;
#[cfg(test)]
mod tests;

pub use cpu::CachedCpu;
pub use direct_map::{DirectMap, Reach};

use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, Nsaid, PhysAddr};

/// Bytes of a cache line.
pub const LINE: u64 = 64;

/// Security state of an access and of the line that it makes (AxPROT bit 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Secure.
    Secure,
    /// Non-secure.
    NonSecure,
}

/// What a processor is like.
#[derive(Clone, Debug)]
pub struct CpuConfig {
    /// Its port, which `Inputs::raw_enable` must name.
    pub master: MasterId,
    /// Identity of its accesses.
    pub nsaid: Nsaid,
    /// Sets of the cache.
    pub sets: usize,
    /// Ways of the cache.
    pub ways: usize,
    /// A line whose fill was answered with an error stays with what came with it, zeros. Which it
    /// is is the core's own. With OKAY for denied accesses (`ACTION` bit 0 clear) every core keeps
    /// the zeros, for it cannot know.
    pub keeps_denied_lines: bool,
    /// Mean cycles between two evictions that nothing in the model asks for.
    pub evict_every: Option<Cycle>,
    /// How often, in percent, the line after a touched one is read ahead.
    pub ahead_percent: u8,
    /// Ranges into which the processor speculates by itself, and the mean cycles between two.
    pub wander: Option<(Vec<AddrRange>, Cycle)>,
    /// What the kernel's direct map covers. The secure world's own mapping always reaches.
    pub direct_map: Vec<AddrRange>,
    /// Cycles that a stale TLB entry lives after its page was removed without a flush.
    pub tlb_window: Cycle,
}

/// Names an operation; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpId(u32);

/// What a processor can be asked for. Non-cacheable accesses have a mapping of their own; all else
/// of the non-secure world goes through the kernel's direct map, maintenance by address included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Reads through the cache.
    Load(AddrRange),
    /// Writes through the cache; ended means in the cache, not in memory.
    Store(PhysAddr, Vec<u8>),
    /// Zeros through the cache, as the kernel clears pages.
    Clear(AddrRange),
    /// Copies through the cache, as a bounce copy does.
    Copy {
        /// Source.
        from: PhysAddr,
        /// Destination.
        to: PhysAddr,
        /// How much.
        len: ByteLen,
        /// The source is read past the cache.
        uncached_source: bool,
    },
    /// Writes dirty lines back and keeps them (`DC CVAC`); ended means answered (`DSB`).
    Clean(AddrRange),
    /// Drops lines, dirty or not (`DC IVAC`).
    Invalidate(AddrRange),
    /// Writes dirty lines back and drops all (`DC CIVAC`).
    CleanInvalidate(AddrRange),
    /// Reads past the cache, by whole beats of the bus.
    ReadUncached(AddrRange),
    /// Writes past the cache.
    WriteUncached(PhysAddr, Vec<u8>),
}

/// Why the processor made an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An operation needs it.
    Demand,
    /// Cache maintenance.
    Maintenance,
    /// A line had to make room, or went by itself.
    Eviction,
    /// Nobody asked.
    Speculation,
}

/// One AXI transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// When it was queued at the port; its address handshake comes later.
    pub cycle: Cycle,
    /// Why.
    pub why: Why,
    /// Fill or uncached read; write-back or uncached write.
    pub direction: Direction,
    /// Address of its first beat.
    pub addr: PhysAddr,
    /// World that it carries.
    pub world: World,
    /// Its AXI ID, by which it can be found at the pins.
    pub id: u8,
}

/// What an error response means for the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Taken by the operation, or, when nobody asked, by whoever runs (SError).
    ExternalAbort,
    /// What was written is nowhere any more.
    DataLost,
    /// A clean line now holds zeros that memory never held.
    StaleLine,
}

/// What happened beside the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A transaction that no operation asked for goes to the port.
    Unasked(Access),
    /// A transaction was answered with an error.
    Denied {
        /// Which.
        access: Access,
        /// 2 SLVERR, 3 DECERR.
        resp: u8,
        /// What comes of it.
        consequence: Consequence,
    },
    /// The kernel touched an address that it has no translation for: an oops, and no transaction.
    Unmapped {
        /// When.
        cycle: Cycle,
        /// Where.
        addr: PhysAddr,
    },
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it was done.
    Complete,
    /// An access of its own was answered with an error; what follows was not done.
    Aborted {
        /// Address of the transaction.
        addr: PhysAddr,
        /// The response.
        resp: u8,
    },
    /// There was no translation; what follows was not done.
    Unmapped {
        /// The first such byte.
        addr: PhysAddr,
    },
}

/// An operation that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which.
    pub id: OpId,
    /// When.
    pub cycle: Cycle,
    /// How.
    pub end: End,
    /// Bytes read, where it reads.
    pub data: Vec<u8>,
    /// When the oldest line that it read came into the cache. Older than the moment from which on
    /// the memory was somebody else's means stale data.
    pub oldest: Option<Cycle>,
    /// Write-backs of its maintenance that were answered with an error.
    pub lost: u32,
}
