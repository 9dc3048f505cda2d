// SPDX-License-Identifier: Apache-2.0
//! Faults planted in the model: what the kernel or the secure world is made to fail at.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A place where something can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultPoint {
    /// `kzalloc` of a pool (B14).
    PoolObject,
    /// `xa_reserve` of a heap's slot (B11).
    HeapSlot,
    /// `kzalloc` of a buffer, or `sg_alloc_table` of its table.
    BufferObject,
    /// No file descriptor is free (B23).
    FileDescriptor,
    /// `kcalloc` of an attachment's table (B33).
    AttachmentTable,
    /// `dma_map_sgtable` (B35).
    DmaMap,
    /// `kzalloc` of a registered shm (B42).
    ShmObject,
    /// `copy_to_user` (B19, B42).
    CopyOut,
    /// `dma_alloc_pages` of a dynamic pool (B26).
    DmaPages,
    /// `gen_pool_create` after the lend (B26).
    PoolMap,
    /// The TEE refuses a lend (B26).
    LendRefused,
    /// The TEE refuses a reclaim (B29).
    ReclaimRefused,
    /// The platform cannot open the firewall at a reclaim (H7).
    RangeRestore,
    /// `GET_PROTMEM_CONFIG` fails (B32).
    ConfigRefused,
    /// `GET_PROTMEM_CONFIG` returns more attributes than it was asked for (B32).
    ConfigTooLong,
}

/// Faults that wait to strike, each so many times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<FaultPoint, u32>);

impl Faults {
    /// Makes the next `times` passes of `point` fail.
    pub fn plant(&mut self, point: FaultPoint, times: u32) {
        self.0.insert(point, times);
    }

    /// Whether this pass of `point` fails.
    pub fn hit(&mut self, point: FaultPoint) -> bool {
        match self.0.get_mut(&point) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether every planted fault struck; one that did not proves nothing.
    pub fn spent(&self) -> bool {
        self.0.values().all(|left| *left == 0)
    }
}
