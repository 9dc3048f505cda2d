// SPDX-License-Identifier: Apache-2.0
//! The allocator: Linux's protected heaps, their pools and dma-bufs, with Linux's semantics, and
//! the OP-TEE side that they lend memory to.
//!
//! Follows `drivers/tee/tee_heap.c`, `drivers/tee/optee/`, `lib/genalloc.c` and
//! `drivers/dma-buf/` as merged for 6.18; [`Policy`] says what else is checked and done. Returns
//! the kernel's errno; what no return value tells is an [`Outcome`]. Knows neither cycles nor the
//! bus: what must become transactions goes out as [`Effect`]s.
mod calls;
mod config;
mod dmabuf;
mod effect;
mod errno;
mod facade;
mod faults;
#[cfg(test)]
pub(crate) mod fixture;
mod heap;
mod ioctl;
mod mapping;
pub mod optee;
mod outcome;
mod pagemap;
mod policy;
mod pool;
mod poolmemory;
mod refcount;
mod result;
mod rights;
mod shm;
mod stepped;
mod swiotlb;
mod system;
#[cfg(test)]
mod tests;
mod world;

pub use calls::{CallId, InvokeError, Origin};
pub use config::{Backing, Config, Device, Layout, PoolPlan};
pub use dmabuf::DmaBufs;
pub use effect::{
    AttachmentId, Bounce, Buffer, BufferId, DmaDirection, Effect, Grant, GrantId, MemoryEffect,
    MemoryOp,
};
pub use errno::Errno;
pub use facade::{SetupError, Tee};
pub use faults::{FaultPoint, Faults};
pub use heap::{Heaps, Refused, RolePool, Teardown, USE_CASES, heap_id, heap_name};
pub use ioctl::{Fd, HeapRequest};
pub use outcome::{Counted, Failure, OopsAt, Outcome};
pub use pagemap::{Granule, PageMap, Placement, Strategy};
pub use policy::{DirectMap, Mapping, Policy, Provenance};
pub use pool::{Allocation, DynamicPool, Pool, PoolCall, Purpose, ShmPlace, StaticPool, Step};
pub use poolmemory::PoolMemories;
pub use refcount::{Refcount, RefcountWarning, SATURATED};
pub use result::TeeResult;
pub use rights::{PoolRights, ROLES, Rights, Roles, rights};
pub use shm::{MemrefArg, Shms};
pub use stepped::{Caller, Diverged, HeapCall, Race, Turn};
pub use swiotlb::{BounceCopy, Mapped, NoMapping, Reachable, SEGMENT, SLOT, Swiotlb};
pub use system::{SECTION, Sections, SystemMemory};
pub use world::{Context, Lendable, World};
