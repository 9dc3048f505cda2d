// SPDX-License-Identifier: Apache-2.0
//! An IOMMU in front of a master: the device gives IO virtual addresses (IOVA), the bus sees
//! physical ones.
//!
//! The board's DMA engines issue physical addresses, so that the device here is a raw port:
//! [`IommuPort`] takes transfers, cuts them at pages and bursts, and translates every burst as it
//! is issued, in order. Modelled: 4 KiB pages with rights, a small fully associative IOTLB with
//! seeded replacement, one walk at a time of a fixed length, unmapping with strict and deferred
//! invalidation (Linux's `iommu.strict=1` and its flush queue), and that an invalidation is over
//! only when the bursts translated before it are answered. Not modelled: the walker's own reads
//! (tables are out of every attack's reach), large pages, several address spaces, stalled faults: a
//! fault ends its transfer.
mod port;
mod table;
#[cfg(test)]
mod tests;

pub use port::IommuPort;
pub use table::Iommu;

use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, Nsaid, PhysAddr};

/// An address as the device gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Iova(pub u64);

/// When entries of unmapped pages leave the IOTLB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidation {
    /// Unmapping returns when they are gone and nothing translated by them is in flight.
    Strict,
    /// Unmapping returns at once; all entries go together, later.
    Deferred {
        /// Unmaps that the queue holds; the one that fills it flushes (256 in Linux).
        unmaps: usize,
        /// Time after the first unmap in the queue at which it is flushed (10 ms in Linux).
        within: Cycle,
    },
}

/// What an IOMMU is like.
#[derive(Clone, Copy, Debug)]
pub struct IommuConfig {
    /// Entries of the IOTLB.
    pub entries: usize,
    /// Cycles of a table walk.
    pub walk: Cycle,
    /// Cycles from the command to the end of an invalidation.
    pub invalidation: Cycle,
    /// When they are given.
    pub mode: Invalidation,
}

/// The port behind an IOMMU.
#[derive(Clone, Copy, Debug)]
pub struct IommuPortConfig {
    /// Its port, which `Inputs::raw_enable` must name.
    pub master: MasterId,
    /// Identity of its accesses.
    pub nsaid: Nsaid,
    /// Its accesses are secure.
    pub secure: bool,
    /// Beats of a burst, 1..=16.
    pub burst: u8,
    /// Bursts in flight, 1..=16.
    pub outstanding: u8,
}

/// Why pages are not mapped or unmapped, or a transfer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not whole pages, or nothing, or past the end of the address space; a transfer: not whole
    /// beats, or too long.
    #[error("not whole pages or beats")]
    Misaligned,
    /// An IOVA page is in use, or its old entry may still be in the IOTLB.
    #[error("IOVA {0:?} is not free")]
    Taken(Iova),
    /// An IOVA page has no mapping.
    #[error("IOVA {0:?} is not mapped")]
    NotMapped(Iova),
}

/// Names an unmapping; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmapId(u32);

/// Names a transfer; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransferId(u32);

/// What a device moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Memory to device, whole beats.
    Read(Iova, ByteLen),
    /// Device to memory, whole beats.
    Write(Iova, Vec<u8>),
}

/// Why a burst has no physical address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No page is mapped there.
    NotMapped,
    /// The mapping does not allow the direction.
    Permission,
}

/// A translation fault: no transaction was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When.
    pub cycle: Cycle,
    /// First byte of the burst.
    pub iova: Iova,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub reason: Reason,
}

/// A burst that a stale IOTLB entry let out: its page is no longer mapped so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale {
    /// When it was queued at the port.
    pub cycle: Cycle,
    /// Where the device wanted to go.
    pub iova: Iova,
    /// Where it goes.
    pub addr: PhysAddr,
    /// Which way.
    pub direction: Direction,
    /// The unmapping has returned already: the kernel believes that the device cannot do this.
    pub returned: bool,
}

/// What happened beside the transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A fault.
    Fault(Fault),
    /// A burst through a stale entry.
    Stale(Stale),
}

/// A transfer that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which.
    pub id: TransferId,
    /// When.
    pub cycle: Cycle,
    /// Worst response.
    pub resp: u8,
    /// The fault that ended it.
    pub fault: Option<Fault>,
    /// Bytes given to the bus.
    pub moved: ByteLen,
    /// Bytes read; zeros where nothing came.
    pub data: Vec<u8>,
}

/// The pages of a range that is whole pages.
fn pages(base: u64, len: ByteLen) -> Result<std::ops::Range<u64>, Refused> {
    use crate::units::PAGE;
    let whole = (base | len.0).is_multiple_of(PAGE) && len.0 > 0;
    let range = AddrRange::new(PhysAddr(base), len).filter(|_| whole).ok_or(Refused::Misaligned)?;
    Ok(base / PAGE..range.end().0 / PAGE)
}
