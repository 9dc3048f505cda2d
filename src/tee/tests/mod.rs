// SPDX-License-Identifier: Apache-2.0
//! The behaviours of the kernel, by their numbers in the list of behaviours (B1 to B41).
mod buffers;
mod heaps;
mod lending;
mod playback;
mod pools;

use super::fixture::{range, scenario};
use super::optee::{Abi, Optee, Platform};
use super::*;
use crate::scenario::UseCase;
use crate::units::{AddrRange, ByteLen, MasterId, PAGE, PhysAddr};

const MIB: u64 = 1 << 20;

/// A machine with DRAM at `dram`, all of it reserved for pools.
fn world_at(dram: AddrRange) -> World {
    let memory = SystemMemory::new(&[dram], &[dram], 40);
    World::new(Policy::merged(), memory, Optee::new(Abi::Smc, &[dram], Platform::default()))
}

/// A machine with DRAM from 2 GiB on.
fn world() -> World {
    world_at(range(0x8000_0000, 512 * MIB))
}

const fn purpose(index: usize) -> Purpose {
    Purpose { index, heap: UseCase::SecureVideo, roles: Roles::ALL }
}

fn new_pool(at: AddrRange, world: &mut World) -> Result<StaticPool, Errno> {
    StaticPool::new(purpose(0), at.base, at.len, Placement::default(), world)
}

fn pool(pages: u64) -> StaticPool {
    new_pool(range(0x8000_0000, pages * PAGE), &mut world()).expect("valid")
}
