// SPDX-License-Identifier: Apache-2.0
//! The behaviours of the kernel, by their numbers in the list of behaviours (B1 to B41).
mod buffers;
mod heaps;
mod playback;
mod pools;

use super::fixture::{range, scenario};
use super::*;
use crate::units::{ByteLen, MasterId, PAGE, PhysAddr};

const MIB: u64 = 1 << 20;

/// Memory sections of a board with DRAM from 2 GiB on.
fn sections() -> Sections {
    Sections::of(&[range(0x8000_0000, 512 * MIB)])
}

fn pool(pages: u64) -> StaticPool {
    StaticPool::new(range(0x8000_0000, pages * PAGE), &sections()).expect("valid")
}
