// SPDX-License-Identifier: Apache-2.0
//! Where a secure recording stands: sensor, camera, encoder and the TEE, each behind the other.
use super::FrameBuffer;
use crate::scenario;
use crate::units::{Cycle, MasterId};

/// The recording's shared state. Each stage leaves its own copy of what it wrote in `decoded` of
/// the buffer: what the next one must read there.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Raw pictures; picture `n` is in buffer `n % 2`.
    pub raw: Vec<FrameBuffer>,
    /// Developed frames; frame `n` is in buffer `n % len`.
    pub frames: Vec<FrameBuffer>,
    /// The encoder's references.
    pub references: Vec<FrameBuffer>,
    /// Encoded stream.
    pub outputs: Vec<FrameBuffer>,
    /// When slot 0 begins.
    pub start: Cycle,
    /// Pictures whose last line the sensor has given.
    pub captured: u32,
    /// Frames developed.
    pub developed: u32,
    /// Frames encoded.
    pub encoded: u32,
    /// Frames that the encoder read as the camera meant them.
    pub encoded_exact: u32,
    /// Frames encrypted and written to ordinary memory.
    pub exported: u32,
    /// Frames that the TEE read as the encoder wrote them.
    pub exported_exact: u32,
    /// Lines that the sensor gave and nobody could take, and pictures that it wrote over.
    pub overruns: u64,
}

impl Recording {
    /// First cycle of slot `n`.
    pub(super) fn slot_start(&self, n: u32, plan: &scenario::Recording) -> Cycle {
        Cycle(self.start.0 + u64::from(n) * plan.frame_cycles.0)
    }

    /// Buffer of developed frame `n`.
    pub fn buffer_of(&self, n: u32) -> usize {
        n as usize % self.frames.len()
    }
}

/// A milestone of a frame, for the log.
pub(super) fn told(cycle: Cycle, master: MasterId, what: String) -> crate::engine::event::Event {
    crate::engine::event::Event::Step { cycle, master: Some(master), what }
}
