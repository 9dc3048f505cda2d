// SPDX-License-Identifier: Apache-2.0
//! Where a playback stands: which frame is in which buffer, and how far each stage is.
use crate::scenario;
use crate::units::{AddrRange, Cycle};

/// One buffer of the frame ring.
#[derive(Clone, Debug)]
pub struct FrameBuffer {
    /// Where it is.
    pub range: AddrRange,
    /// The decoder's own copy of what it wrote there: what the display must show.
    pub decoded: Vec<u8>,
}

/// The playback's shared state.
#[derive(Clone, Debug)]
pub struct Playback {
    /// What is to be played.
    pub plan: scenario::Playback,
    /// The frame ring; frame `n` lives in buffer `n % len`.
    pub frames: Vec<FrameBuffer>,
    /// The bitstream ring; the same.
    pub bitstreams: Vec<AddrRange>,
    /// When frame slot 0 begins.
    pub start: Cycle,
    /// Frames whose bitstream has been written.
    pub encrypted: u32,
    /// Frames decoded.
    pub decoded: u32,
    /// Frames shown.
    pub shown: u32,
    /// Frames shown whose bytes equal the decoder's.
    pub shown_exact: u32,
    /// Lines that were not there when the display needed them.
    pub underruns: u64,
    /// Descriptors that ended in an error, all actors.
    pub failed_descriptors: u64,
}

impl Playback {
    /// First cycle of frame slot `n`.
    pub fn slot_start(&self, n: u32) -> Cycle {
        Cycle(self.start.0 + u64::from(n) * self.plan.frame_cycles.0)
    }

    /// Bytes of one NV12 picture, without the padding of its lines.
    pub fn frame_bytes(&self) -> usize {
        self.plan.width as usize * self.plan.height as usize * 3 / 2
    }

    /// Buffer of frame `n`.
    pub fn buffer_of(&self, n: u32) -> usize {
        n as usize % self.frames.len()
    }
}
