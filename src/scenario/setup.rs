// SPDX-License-Identifier: Apache-2.0
//! How the allocator and the secure world are set up, and what the platform reserves.
use crate::tee::optee::{Abi, Rounding};
use crate::tee::{Granule, Policy, Strategy};
use crate::units::{AddrRange, ByteLen, Cycle, PhysAddr};

/// Memory that a device tree reserves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// Name.
    pub name: String,
    /// Where.
    pub range: AddrRange,
    /// The kernel does not map it.
    pub no_map: bool,
    /// An area of movable memory, from which contiguous ranges are taken.
    pub cma: bool,
    /// Such an area whose direct map a kernel of 2026 removes before it lends.
    pub lend_pool: bool,
}

/// What is waited for before memory is reclaimed, where the policy waits at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Every filter: its gate closes until nothing is in flight behind it, and opens again.
    Filter,
    /// The masters at work there: each stops after the descriptors that it has.
    Master,
    /// The masters, then the filters.
    Both,
}

/// The allocator and the secure world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeeSetup {
    /// What the allocator checks and does.
    pub policy: Policy,
    /// How the secure world is called.
    pub abi: Abi,
    /// One way of an SMC: normal world to secure world, or back.
    pub smc: Cycle,
    /// One way of a call into a trusted application, the SMC not counted.
    pub ta_call: Cycle,
    /// What the firewall's regions are multiples of, as the platform has it.
    pub granule: Granule,
    /// What the platform makes of a range that no region can have.
    pub rounding: Rounding,
    /// Which free run a pool takes.
    pub strategy: Strategy,
    /// What is waited for before a reclaim, where the policy waits.
    pub drain: Drain,
    /// Every buffer of a static pool is a region of its own.
    pub region_per_buffer: bool,
    /// What the secure world says of static pools (`GET_PROTMEM_CONFIG`), where it is something
    /// else than what it protects: index of the pool, base and size. The kernel may refuse it.
    pub claims: Vec<(usize, PhysAddr, ByteLen)>,
}

impl Default for TeeSetup {
    /// As merged, over SMC, 1 us and 5 us at 600 MHz.
    fn default() -> Self {
        Self {
            policy: Policy::merged(),
            abi: Abi::Smc,
            smc: Cycle(600),
            ta_call: Cycle(3000),
            granule: Granule::Kib4,
            rounding: Rounding::Refuse,
            strategy: Strategy::FirstFit,
            drain: Drain::Both,
            region_per_buffer: false,
            claims: Vec::new(),
        }
    }
}
