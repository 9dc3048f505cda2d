// SPDX-License-Identifier: Apache-2.0
//! What a change of the firewall took, as the call that made it returns.
use crate::units::{ByteLen, Cycle, PhysAddr};
use serde::{Deserialize, Serialize};

/// What a call changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Update {
    /// Memory became protected.
    Lend,
    /// It is ordinary again.
    Reclaim,
}

/// A lend or reclaim that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateEvent {
    /// When the call returned.
    pub cycle: Cycle,
    /// Pool index.
    pub pool: u8,
    /// What.
    pub update: Update,
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// When the kernel asked the secure world.
    pub requested: Cycle,
    /// When the registers said so.
    pub programmed: Cycle,
    /// Cycles until the masters at work there had stopped, before that.
    pub quiesce: u64,
    /// Cycles until all gates were closed with nothing in flight, and open again, before that.
    pub drain: u64,
    /// Cycles of both and of the change in which the address of a bystander waited: of a master
    /// that does nothing for clients.
    pub stalled: u64,
}

impl UpdateEvent {
    /// Cycles from the request until the change could be seen.
    pub const fn visibility(&self) -> u64 {
        self.programmed.0 - self.requested.0
    }

    /// Cycles from there until the caller knew.
    pub const fn completion(&self) -> u64 {
        self.cycle.0 - self.programmed.0
    }
}
