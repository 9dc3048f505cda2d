// SPDX-License-Identifier: Apache-2.0
//! What a call changed besides its return value: what a ledger must know, without time.
use super::rights::Rights;
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
    /// Something that no return value tells.
    Outcome(Outcome),
}

/// What the kernel tells by no return value: a warning, a bug, or silent damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// WARN at release: the pages went back with devices still attached.
    AttachmentsAtRelease {
        /// Buffer.
        buffer: BufferId,
        /// Attachments left.
        left: usize,
    },
    /// WARN at unmap: the table belongs to another attachment; it is unmapped all the same.
    ForeignTable {
        /// Attachment named by the caller.
        attachment: AttachmentId,
        /// Mapping that ended.
        grant: GrantId,
    },
    /// Unmapping what is not mapped; the kernel does not notice.
    UnmapWithoutMap {
        /// Mapping named by the caller.
        grant: GrantId,
    },
    /// Detached with mappings left; the device keeps its addresses.
    DetachedWhileMapped {
        /// Attachment.
        attachment: AttachmentId,
        /// Mappings left.
        left: usize,
    },
    /// WARN: no such attachment.
    UnknownAttachment {
        /// Attachment named by the caller.
        attachment: AttachmentId,
    },
    /// The attachment's dma-buf is gone: the kernel touches freed memory.
    UseAfterFree {
        /// Attachment named by the caller.
        attachment: AttachmentId,
    },
    /// The last reference to a heap is gone, and its pools with it; the device node stays.
    HeapDestroyed {
        /// Heap.
        heap: UseCase,
    },
    /// BUG: a pool was destroyed with pages marked as used.
    PagesLostAtDestroy {
        /// Index of the pool in the scenario.
        pool: usize,
    },
}
