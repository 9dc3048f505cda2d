// SPDX-License-Identifier: Apache-2.0
//! The TEE's crypto engine: writes the clear bitstream into the bitstream pool.
use super::{FrameHeader, Lane, NEVER, Seen, Task, World, stream, write_bitstream};
use crate::units::Cycle;
use rand::RngExt;
use ringfence_sim::Desc;

/// Writes one frame's bitstream a frame slot, one slot ahead of the decoder.
pub struct Crypto {
    rng: rand_chacha::ChaCha8Rng,
    next: u32,
    frames: u32,
    writing: bool,
}

impl Crypto {
    /// Behind master port `master`, for `frames` frames.
    pub fn new(master: usize, seed: u64, frames: u32) -> Self {
        let rng = stream(seed, master as u64);
        Self { rng, next: 0, frames, writing: false }
    }

    fn begin(&mut self, lane: &mut Lane<'_>, world: &World<'_>) {
        let playback = &world.playback;
        let len = playback.plan.bitstream_bytes.0 as usize;
        let header = FrameHeader { number: self.next, look: self.rng.random::<u32>() };
        let bytes = write_bitstream(header, len, &mut self.rng);
        let range = playback.bitstreams[self.next as usize % playback.bitstreams.len()];
        let desc = Desc {
            addr: range.base.0,
            len: len as u32,
            rows: 1,
            burst: playback.plan.burst,
            outstanding: 4,
            ..Desc::default()
        };
        lane.write(desc, 0, |_| &bytes);
        self.writing = true;
    }
}

impl Task for Crypto {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if seen.write.is_some() {
            world.playback.encrypted += 1;
            self.next += 1;
            self.writing = false;
        }
        if self.writing || self.next == self.frames {
            return NEVER;
        }
        // A bitstream buffer is free again once its former frame has been decoded.
        let ring = world.playback.bitstreams.len() as u32;
        let start = world.playback.slot_start(self.next);
        if self.next >= world.playback.decoded + ring {
            return Cycle(world.cycle.0 + 64);
        }
        if world.cycle < start {
            return start;
        }
        if lane.wanted {
            return Cycle(world.cycle.0 + 1);
        }
        self.begin(lane, world);
        NEVER
    }

    fn finished(&self) -> bool {
        self.next == self.frames
    }

    fn waiting_for(&self) -> String {
        format!("the bitstream of frame {} to be written", self.next)
    }
}
