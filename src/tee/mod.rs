// SPDX-License-Identifier: Apache-2.0
//! The allocator: Linux's protected heaps, their pools and dma-bufs, with Linux's semantics.
//!
//! Follows `drivers/tee/tee_heap.c`, `lib/genalloc.c` and `drivers/dma-buf/` as merged for 6.18.
//! Returns the kernel's errno; what no return value tells is an [`Outcome`]. Knows neither
//! cycles nor the bus, and asks no device for its right: the firewall alone does.
mod dmabuf;
mod effect;
mod errno;
mod facade;
#[cfg(test)]
pub(crate) mod fixture;
mod heap;
mod pool;
mod rights;
#[cfg(test)]
mod tests;

pub use dmabuf::DmaBufs;
pub use effect::{AttachmentId, Buffer, BufferId, DmaDirection, Effect, Grant, GrantId, Outcome};
pub use errno::Errno;
pub use facade::{SetupError, Tee};
pub use heap::{Heaps, Refused, RolePool, USE_CASES, heap_id, heap_name};
pub use pool::{Allocation, SECTION, Sections, StaticPool};
pub use rights::{Rights, rights};
