// SPDX-License-Identifier: Apache-2.0
//! Work of a master that reads and writes: what it writes may be what it read.
use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};
use serde::{Deserialize, Serialize};

/// Begin or end of a job. A master does one job at a time, and nothing else meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEvent {
    /// When: it counts from here on.
    pub cycle: Cycle,
    /// Number of the job in this run.
    pub job: u32,
    /// Who works.
    pub master: MasterId,
    /// The TEE's own release of protected data, declared as such; means nothing for a master of the
    /// normal world.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declassifies: bool,
    /// Begins (else has ended).
    pub begins: bool,
}

/// A mapping gives a device bounce slots in ordinary memory instead of the buffer, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotsEvent {
    /// When.
    pub cycle: Cycle,
    /// The device.
    pub master: MasterId,
    /// The buffer that they stand for.
    pub buffer: u32,
    /// First byte of the slots.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
    /// Begins (else has ended).
    pub begins: bool,
}

/// Where the destination rule stands for a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfinePhase {
    /// The kernel asks that the master write no ordinary memory: either answer is right.
    Requested,
    /// It has no right to write it.
    InForce,
    /// The kernel asks to let it again: either answer is right.
    LiftRequested,
    /// It may.
    Lifted,
}

/// A phase of the destination rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfineEvent {
    /// When.
    pub cycle: Cycle,
    /// Whom it is about.
    pub master: MasterId,
    /// Phase reached.
    pub phase: ConfinePhase,
}
