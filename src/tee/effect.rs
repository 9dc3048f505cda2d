// SPDX-License-Identifier: Apache-2.0
//! What a call changed besides its return value: what a ledger must know, without time.
use super::outcome::Outcome;
use super::rights::{PoolRights, Rights};
use super::swiotlb::BounceCopy;
use crate::scenario::{Role, UseCase};
use crate::units::{AddrRange, ByteLen, MasterId};

/// A dma-buf of this run, numbered from 0 in order of allocation; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BufferId(pub u32);

/// An attachment of a device to a dma-buf; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttachmentId(pub u32);

/// One mapping of one attachment, which is one grant; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantId(pub u32);

/// A live dma-buf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Number.
    pub id: BufferId,
    /// Heap that made it.
    pub heap: UseCase,
    /// What it is for.
    pub role: Role,
    /// Index of its pool in the scenario.
    pub pool: usize,
    /// Where; the length is a whole number of pages.
    pub range: AddrRange,
    /// Bytes from the pool's base.
    pub offset: ByteLen,
    /// Counts the pool's allocations.
    pub generation: u32,
}

/// Which way a mapping is for (`enum dma_data_direction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DmaDirection {
    /// `DMA_TO_DEVICE`: the device reads.
    ToDevice,
    /// `DMA_FROM_DEVICE`: the device writes.
    FromDevice,
    /// `DMA_BIDIRECTIONAL`.
    Bidirectional,
}

impl DmaDirection {
    /// What the device does to memory.
    pub const fn rights(self) -> Rights {
        match self {
            Self::ToDevice => Rights::READ,
            Self::FromDevice => Rights::WRITE,
            Self::Bidirectional => Rights::READ_WRITE,
        }
    }
}

/// A mapping and the right that comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Number.
    pub id: GrantId,
    /// Attachment that was mapped.
    pub attachment: AttachmentId,
    /// Buffer.
    pub buffer: BufferId,
    /// The buffer's generation.
    pub generation: u32,
    /// Device.
    pub master: MasterId,
    /// Direction asked for.
    pub direction: DmaDirection,
    /// The direction as far as the rights table permits it: mapping alone gives no right.
    pub rights: Rights,
    /// Bus addresses that the device was given.
    pub range: AddrRange,
}

/// What happened to a range of memory; each costs time on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryOp {
    /// The processor copies movable pages out of the range (CMA).
    Migrate,
    /// The processor writes zeros through its cache (`dma_direct_alloc_pages`).
    Clear,
    /// Dirty lines are written back.
    CacheClean,
    /// Lines are dropped.
    CacheInvalidate,
    /// The kernel's own mapping goes; stale TLB entries stay until a flush.
    DirectMapRemove,
    /// Every TLB entry of the range goes.
    TlbFlush,
    /// The kernel's own mapping comes back.
    DirectMapRestore,
    /// The firewall's region comes into force, with the rights beside it.
    Lend,
    /// Writes in flight are waited for.
    Drain,
    /// The secure world overwrites the range.
    Scrub,
    /// The firewall's region goes: ordinary memory again.
    Reclaim,
    /// The pages go back to the kernel.
    GiveBack,
    /// The pages are kept from everybody, for nobody knows who can reach them.
    Quarantine,
}

/// A change of a range of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryEffect {
    /// What.
    pub op: MemoryOp,
    /// Where; as the firewall rounded it for a lend or reclaim.
    pub range: AddrRange,
    /// Where the caller meant it to be.
    pub asked: AddrRange,
    /// Use case that the memory serves.
    pub heap: UseCase,
    /// Who may reach the range while it is lent.
    pub rights: PoolRights,
}

/// A copy between a buffer and bounce slots, which the processor makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Which bytes.
    pub copy: BounceCopy,
    /// Use case of the buffer.
    pub heap: UseCase,
    /// Out of the slots, at unmap (else into them, at map: `swiotlb_tbl_map_single`).
    pub back: bool,
}

/// What a call did besides returning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A buffer came to be.
    Allocated(Buffer),
    /// A buffer ceased to be; its pages are free.
    Released(Buffer),
    /// A mapping returned.
    GrantOpened(Grant),
    /// An unmapping returned.
    GrantClosed(Grant),
    /// A range of memory changed hands, contents or visibility.
    Memory(MemoryEffect),
    /// The processor copies between a buffer and bounce slots.
    Bounce(Bounce),
    /// Something that no return value tells.
    Outcome(Outcome),
}
