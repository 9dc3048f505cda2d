// SPDX-License-Identifier: Apache-2.0
//! The TEE's crypto engine: writes the clear bitstream into the bitstream pool.
use super::{Actor, DmaPort, FrameHeader, NEVER, World, stream, write_bitstream};
use crate::units::Cycle;
use rand::RngExt;
use ringfence_sim::{Desc, Inputs, Outputs};

/// Writes one frame's bitstream a frame slot, one slot ahead of the decoder.
pub struct Crypto {
    port: DmaPort,
    master: usize,
    rng: rand_chacha::ChaCha8Rng,
    next: u32,
    frames: u32,
    writing: bool,
}

impl Crypto {
    /// Behind master port `master`, for `frames` frames.
    pub fn new(master: usize, seed: u64, frames: u32) -> Self {
        let rng = stream(seed, master as u64);
        Self { port: DmaPort::new(master), master, rng, next: 0, frames, writing: false }
    }

    fn begin(&mut self, world: &mut World<'_>) {
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
            tag: self.next as u16,
            ..Desc::default()
        };
        self.port.write(desc, |_| &bytes);
        self.writing = true;
    }
}

impl Actor for Crypto {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        if let Some(status) = self.port.tick(out, inputs).write {
            world.playback.failed_descriptors += u64::from(status.resp != 0);
            world.playback.encrypted += 1;
            self.next += 1;
            self.writing = false;
        }
        let mut wake = NEVER;
        if !self.writing && self.next < self.frames {
            // A bitstream buffer is free again once its former frame has been decoded.
            let ring = world.playback.bitstreams.len() as u32;
            let start = world.playback.slot_start(self.next);
            if self.next >= world.playback.decoded + ring {
                wake = Cycle(world.cycle.0 + 64);
            } else if world.cycle < start {
                wake = start;
            } else if world.wanted >> self.master & 1 == 1 {
                wake = Cycle(world.cycle.0 + 1);
            } else {
                self.begin(world);
            }
        }
        self.port.offer(inputs);
        wake
    }

    fn rests(&self) -> bool {
        self.port.idle()
    }

    fn finished(&self) -> bool {
        self.next == self.frames && self.port.idle()
    }

    fn waiting_for(&self) -> String {
        format!("the bitstream of frame {} to be written", self.next)
    }
}
