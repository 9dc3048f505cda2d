// SPDX-License-Identifier: Apache-2.0
//! What the kernel tells by no return value.
use super::effect::{AttachmentId, BufferId, GrantId};
use super::errno::Errno;
use super::refcount::RefcountWarning;
use crate::scenario::UseCase;
use crate::units::{AddrRange, PhysAddr};

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
    /// WARN by a reference count, which is saturated from here on.
    Refcount {
        /// Whose.
        of: Counted,
        /// What it says.
        warning: RefcountWarning,
    },
    /// WARN "Unexpected refcount": somebody still holds the memory of a pool that was torn down;
    /// its pages are freed at the last put.
    UnexpectedRefcount {
        /// Index of the pool.
        pool: usize,
    },
    /// Oops: the kernel touched a page structure or a pool that is not there.
    Oops {
        /// Address or heap it was about.
        at: OopsAt,
    },
    /// The caller waits in the TEE until a trusted application lets go of the pool's memory.
    HungCaller {
        /// Index of the pool.
        pool: usize,
    },
    /// The firewall kept its region at a reclaim, and nobody was told.
    StillProtected {
        /// What is still out of the kernel's reach.
        range: AddrRange,
    },
    /// The firewall has no region left for a map with this range in it: nothing was protected.
    NoRegionLeft {
        /// What was to be protected.
        range: AddrRange,
        /// Regions that the map would take, those for ordinary memory between included.
        needed: usize,
        /// Regions that there are.
        available: usize,
    },
    /// A reclaim opened bytes of another lend.
    LentMemoryOpened {
        /// What lies open.
        range: AddrRange,
    },
    /// A reclaim opened memory that buffers of the same pool still hold.
    LiveMemoryOpened {
        /// Index of the pool.
        pool: usize,
    },
    /// A buffer's pages were freed while a call into the TEE was using them.
    FreedUnderCall {
        /// Buffer.
        buffer: BufferId,
        /// Call.
        call: u32,
    },
    /// Memory of the kernel that nothing points to any more.
    Leak {
        /// Bytes.
        bytes: u64,
    },
}

/// What a reference count counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Registration and buffers of a heap (`tee_dma_heap.kref`).
    Heap(UseCase),
    /// Buffers of a dynamic pool, by the pool's index.
    Pool(usize),
    /// References to a dynamic pool's memory, by its number.
    PoolMemory(u64),
    /// References to a registered buffer, by its id.
    Shm(i32),
}

/// What a kernel stumbled over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OopsAt {
    /// A page without a page structure.
    Page(PhysAddr),
    /// The pool of a heap, which is gone.
    Pool(usize),
}

/// Why a call gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It returned an errno.
    #[error(transparent)]
    Errno(#[from] Errno),
    /// It did not return: the caller hangs or died.
    #[error("no return: {0:?}")]
    NoReturn(Outcome),
}
