// SPDX-License-Identifier: Apache-2.0
//! What a machine with protected heaps is made from.
use super::optee::{Abi, Optee, Platform};
use super::pagemap::Placement;
use super::policy::Policy;
use super::rights::ROLES;
use super::swiotlb::Reachable;
use super::system::SystemMemory;
use crate::scenario::{Ip, PoolKind, Role, Scenario, UseCase};
use crate::units::{AddrRange, ByteLen, MasterId, PhysAddr};
use serde::{Deserialize, Serialize};

/// Bits of an address on the board.
const ADDRESS_BITS: u32 = 40;

/// Which pools a use case has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One pool; its region grants the union of the roles' rights. What Linux has.
    #[default]
    OnePool,
    /// A pool a role, as vendors have with two heaps for one use case.
    SplitByRole,
}

impl Layout {
    /// Roles of each pool of a use case.
    pub fn roles(self) -> Vec<Vec<Role>> {
        match self {
            Self::OnePool => vec![ROLES.to_vec()],
            Self::SplitByRole => ROLES.iter().map(|&role| vec![role]).collect(),
        }
    }
}

/// Where a pool's memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// A carve-out that is protected from boot on; SMC only.
    Static {
        /// First byte.
        base: PhysAddr,
        /// Bytes.
        len: ByteLen,
    },
    /// Ordinary memory, lent while it is used.
    Dynamic,
}

/// A pool to be made.
#[derive(Clone, Debug)]
pub struct PoolPlan {
    /// Name, for messages.
    pub name: String,
    /// Use case that it serves.
    pub heap: UseCase,
    /// Roles of its buffers.
    pub roles: Vec<Role>,
    /// Where its memory comes from.
    pub backing: Backing,
    /// How it places its runs.
    pub placement: Placement,
}

/// A device that may import buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Port.
    pub id: MasterId,
    /// What it is; decides its rights.
    pub ip: Ip,
    /// Address bits that it can drive (DMA mask).
    pub dma_bits: u32,
    /// Everything it maps is bounced (`swiotlb=force`).
    pub force_bounce: bool,
    /// The processor's cache is in step with it (`dma-coherent`): the DMA API maintains nothing.
    pub coherent: bool,
    /// It is behind an IOMMU, by which it reaches everything.
    pub iommu: bool,
}

impl Device {
    /// A device that reaches all of memory, with nothing in front of it.
    pub const fn plain(id: MasterId, ip: Ip) -> Self {
        let (force_bounce, coherent, iommu) = (false, false, false);
        Self { id, ip, dma_bits: ADDRESS_BITS, force_bounce, coherent, iommu }
    }

    /// What it can reach.
    pub const fn reachable(&self) -> Reachable {
        Reachable { address_bits: self.dma_bits, force: self.force_bounce }
    }
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Config {
    /// Policy in force.
    pub policy: Policy,
    /// Linux's memory.
    pub memory: SystemMemory,
    /// The secure world.
    pub optee: Optee,
    /// Devices.
    pub devices: Vec<Device>,
    /// Pools; those of one heap have different roles.
    pub pools: Vec<PoolPlan>,
    /// The kernel has `CONFIG_TEE_DMABUF_HEAPS`.
    pub built_in: bool,
}

impl Config {
    /// The machine of a scenario: static pools in carve-outs of its DRAM, a kernel as merged.
    pub fn of(scenario: &Scenario) -> Self {
        let pools = || scenario.pools.iter().filter(|pool| pool.is_static());
        // Hidden from the kernel: what the device tree says, and pools that it says nothing of.
        let hidden = scenario.reserved.iter().filter(|node| node.no_map).map(|node| node.range);
        let told = |pool: &&crate::scenario::Pool| {
            scenario.reserved.iter().any(|node| node.range == pool.range)
        };
        let untold = pools().filter(|pool| !told(pool)).map(|pool| pool.range);
        let carve_outs: Vec<AddrRange> = hidden.chain(untold).collect();
        let dram = [scenario.memory.dram];
        let device = |master: &crate::scenario::Master| Device {
            id: master.id,
            ip: master.ip,
            dma_bits: master.dma_bits,
            force_bounce: master.force_bounce,
            coherent: master.coherent,
            iommu: scenario.iommus.iter().any(|iommu| iommu.master == master.id),
        };
        let plan = |pool: &crate::scenario::Pool| PoolPlan {
            name: pool.name.clone(),
            heap: pool.use_case,
            roles: pool.roles.clone(),
            backing: match pool.kind {
                PoolKind::Static => Backing::Static { base: pool.range.base, len: pool.range.len },
                PoolKind::Dynamic { .. } => Backing::Dynamic,
            },
            placement: Placement::default(),
        };
        Self {
            policy: Policy::merged(),
            memory: SystemMemory::new(&dram, &carve_outs, ADDRESS_BITS),
            optee: Optee::new(Abi::Smc, &dram, Platform::default()),
            devices: scenario.masters.iter().map(device).collect(),
            pools: scenario.pools.iter().map(plan).collect(),
            built_in: true,
        }
    }
}
