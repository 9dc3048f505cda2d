// SPDX-License-Identifier: Apache-2.0
//! OP-TEE as the kernel sees it: lending, memory objects and their references, over two ABIs.
//!
//! Follows `core/mm/mobj_dyn_shm.c`, `core/mm/mobj_ffa.c` and `core/tee/entry_std.c` of 4.9 on;
//! `CFG_CORE_DYN_PROTMEM` and `CFG_SECURE_DATA_PATH` are on.
mod ffa;
mod message;
mod objects;
mod platform;
mod regions;
mod smc;

pub use ffa::{ROLES_SHIFT, Receiver};
pub use message::{ConfigReply, Param, ProtmemConfig};
pub use objects::{Caller, Executor, Memref, MobjRef, Objects, Release};
pub use platform::{Platform, Rounding};
pub use regions::Budget;

use crate::scenario::UseCase;
use crate::units::AddrRange;
use serde::{Deserialize, Serialize};

/// How the normal world calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abi {
    /// SMCs with messages in shared memory.
    #[default]
    Smc,
    /// Arm FF-A.
    FfA,
}

/// The secure world.
#[derive(Clone, Debug)]
pub struct Optee {
    /// How it is called.
    pub abi: Abi,
    /// The firewall, as its driver sees it.
    pub platform: Platform,
    /// What it knows of memory.
    pub objects: Objects,
    pub(super) configs: Vec<(u32, ProtmemConfig)>,
}

impl Optee {
    /// A secure world that may be lent memory inside `nonsecure`, with the default configuration
    /// of protected memory: use case 1, 1 MiB, 4 KiB.
    pub fn new(abi: Abi, nonsecure: &[AddrRange], platform: Platform) -> Self {
        let objects = Objects::new(nonsecure);
        Self { abi, platform, objects, configs: vec![(1, ProtmemConfig::default())] }
    }

    /// Sets what `GET_PROTMEM_CONFIG` says about a use case, which the platform then has.
    #[must_use]
    pub fn with_config(mut self, use_case: u32, config: ProtmemConfig) -> Self {
        self.configs.retain(|(id, _)| *id != use_case);
        self.configs.push((use_case, config));
        self
    }
}

/// Use cases that OP-TEE knows (`enum mobj_use_case`): recording is none of them.
const fn known(use_case: u32) -> Option<UseCase> {
    match use_case {
        1 => Some(UseCase::SecureVideo),
        2 => Some(UseCase::TrustedUi),
        _ => None,
    }
}
