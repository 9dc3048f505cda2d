// SPDX-License-Identifier: Apache-2.0
//! The video decoder: reads bitstream and reference blocks, writes the frame block by block.
use super::{Actor, DmaPort, FrameHeader, NEVER, World, draw_frame, stream};
use crate::engine::event::Event;
use crate::units::{Cycle, MasterId};
use rand::RngExt;
use ringfence_sim::{Desc, Inputs, Outputs};

/// A block of luma, in pixels; its chroma is as wide in bytes and half as high.
const BLOCK_W: u32 = 64;
const BLOCK_H: u32 = 16;
/// Descriptors queued ahead of the engine; more would only grow the queue.
const AHEAD: u32 = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Bitstream,
    Blocks,
    Draining,
}

/// Decodes one frame a frame slot.
pub struct Decoder {
    port: DmaPort,
    master: usize,
    rng: rand_chacha::ChaCha8Rng,
    stage: Stage,
    frame: u32,
    frames: u32,
    bitstream: Vec<u8>,
    block: u32,
    blocks: u32,
    reference_credit: u32,
}

impl Decoder {
    /// Behind master port `master`, for `frames` frames.
    pub fn new(master: usize, seed: u64, frames: u32) -> Self {
        Self {
            port: DmaPort::new(master),
            master,
            rng: stream(seed, master as u64),
            stage: Stage::Waiting,
            frame: 0,
            frames,
            bitstream: Vec::new(),
            block: 0,
            blocks: 0,
            reference_credit: 0,
        }
    }

    /// Whether frame and bitstream buffers are there; else when to look again.
    fn wait(&mut self, world: &mut World<'_>) -> Cycle {
        let playback = &world.playback;
        if self.frame == self.frames {
            return NEVER;
        }
        let start = playback.slot_start(self.frame + 1);
        if world.cycle < start {
            return start;
        }
        let ring = playback.frames.len() as u32;
        // The buffer's former frame must have been shown, and the one before us stays as reference.
        if playback.encrypted <= self.frame || self.frame >= playback.shown + ring {
            return Cycle(world.cycle.0 + 64);
        }
        let range = playback.bitstreams[self.frame as usize % playback.bitstreams.len()];
        let len = playback.plan.bitstream_bytes.0 as usize;
        self.bitstream.clear();
        self.bitstream.resize(len, 0);
        self.port.read(Desc {
            addr: range.base.0,
            len: len as u32,
            rows: 1,
            burst: playback.plan.burst,
            outstanding: playback.plan.outstanding,
            ..Desc::default()
        });
        self.stage = Stage::Bitstream;
        NEVER
    }

    fn collect(&mut self, out: &Outputs, world: &World<'_>) {
        let playback = &world.playback;
        let base = playback.bitstreams[self.frame as usize % playback.bitstreams.len()].base.0;
        let at = (out.rs[self.master].addr.wrapping_sub(base)) as usize;
        let data = out.port[self.master].r.data;
        let lanes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
        if let Some(room) = self.bitstream.get_mut(at..) {
            let n = room.len().min(16);
            room[..n].copy_from_slice(&lanes[..n]);
        }
    }

    /// What the bitstream says is what gets drawn; a denied bitstream draws an empty frame.
    fn begin_frame(&mut self, world: &mut World<'_>) {
        let (width, height) = (world.playback.plan.width, world.playback.plan.height);
        let picture = match FrameHeader::parse(&self.bitstream) {
            Some(header) => draw_frame(header, width, height),
            None => vec![16; world.playback.frame_bytes()],
        };
        let slot = world.playback.buffer_of(self.frame);
        world.playback.frames[slot].decoded = picture;
        self.block = 0;
        self.blocks = width.div_ceil(BLOCK_W) * height.div_ceil(BLOCK_H);
        self.stage = Stage::Blocks;
    }

    /// Queues the blocks whose time has come; answers when the next one's does.
    fn pace(&mut self, world: &mut World<'_>) -> Cycle {
        let slot = world.playback.plan.frame_cycles.0;
        let start = world.playback.slot_start(self.frame + 1).0;
        while self.block < self.blocks {
            // Nine tenths of the slot, so that a late block still meets the next frame.
            let due = start + slot * 9 / 10 * u64::from(self.block) / u64::from(self.blocks);
            if due > world.cycle.0 {
                return Cycle(due);
            }
            if self.port.writes_open >= AHEAD || self.port.reads_open >= 4 * AHEAD {
                return NEVER; // a status will call
            }
            self.reference_reads(world);
            self.write_block(world);
            self.block += 1;
        }
        self.stage = Stage::Draining;
        NEVER
    }

    fn position(&self, world: &World<'_>) -> (u32, u32, u32, u32) {
        let (width, height) = (world.playback.plan.width, world.playback.plan.height);
        let across = width.div_ceil(BLOCK_W);
        let (x, y) = (self.block % across * BLOCK_W, self.block / across * BLOCK_H);
        (x, y, BLOCK_W.min(width - x), BLOCK_H.min(height - y))
    }

    fn reference_reads(&mut self, world: &World<'_>) {
        let plan = &world.playback.plan;
        if self.frame == 0 {
            return;
        }
        let reference = world.playback.buffer_of(self.frame - 1);
        let base = world.playback.frames[reference].range.base.0;
        let (x, y, w, h) = self.position(world);
        self.reference_credit += plan.reference_percent;
        while self.reference_credit >= 100 {
            self.reference_credit -= 100;
            // Motion of up to 24 pixels, kept inside the picture and on beat boundaries.
            let rx =
                (x + self.rng.random_range(0..48)).saturating_sub(24).min(plan.width - w) & !15;
            let ry =
                (y + self.rng.random_range(0..48)).saturating_sub(24).min(plan.height - h) & !1;
            let desc = Desc {
                len: w,
                stride: plan.pitch(),
                burst: plan.burst,
                outstanding: plan.outstanding,
                stream: 1,
                ..Desc::default()
            };
            let luma = base + u64::from(plan.luma_at(rx, ry));
            self.port.read(Desc { addr: luma, rows: h as u16, ..desc });
            let chroma = base + u64::from(plan.chroma_at(rx, ry / 2));
            self.port.read(Desc { addr: chroma, rows: (h / 2) as u16, ..desc });
        }
    }

    fn write_block(&mut self, world: &World<'_>) {
        let plan = &world.playback.plan;
        let frame = &world.playback.frames[world.playback.buffer_of(self.frame)];
        let (x, y, w, h) = self.position(world);
        let desc = Desc {
            len: w,
            stride: plan.pitch(),
            burst: plan.burst,
            outstanding: plan.outstanding,
            stream: 1,
            ..Desc::default()
        };
        let (width, plane) = (plan.width as usize, plan.width as usize * plan.height as usize);
        let luma = (plan.luma_at(x, y), y as usize * width, h);
        let chroma = (plan.chroma_at(x, y / 2), plane + y as usize / 2 * width, h / 2);
        for (offset, first, rows) in [luma, chroma] {
            let addr = frame.range.base.0 + u64::from(offset);
            self.port.write(Desc { addr, rows: rows as u16, ..desc }, |row| {
                let begin = first + x as usize + row as usize * width;
                &frame.decoded[begin..begin + w as usize]
            });
        }
    }
}

impl Actor for Decoder {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        if self.stage == Stage::Bitstream && out.rs_valid >> self.master & 1 == 1 {
            self.collect(out, world);
        }
        let done = self.port.tick(out, inputs);
        for status in [done.read, done.write].into_iter().flatten() {
            world.playback.failed_descriptors += u64::from(status.resp != 0);
        }
        if self.stage == Stage::Bitstream && self.port.idle() {
            self.begin_frame(world);
        }
        let mut wake = NEVER;
        if self.stage == Stage::Blocks {
            wake = self.pace(world);
        }
        if self.stage == Stage::Draining && self.port.idle() {
            world.playback.decoded += 1;
            world.events.push(Event::Step {
                cycle: world.cycle,
                master: Some(MasterId(self.master as u8)),
                what: format!("frame {} decoded", self.frame),
            });
            self.frame += 1;
            self.stage = Stage::Waiting;
        }
        if self.stage == Stage::Waiting {
            wake = self.wait(world);
        }
        self.port.offer(inputs);
        wake
    }

    fn finished(&self) -> bool {
        self.frame == self.frames
    }

    fn waiting_for(&self) -> String {
        match self.stage {
            Stage::Waiting => format!("the bitstream or a buffer of frame {}", self.frame),
            Stage::Bitstream => format!("the bitstream of frame {} to arrive", self.frame),
            Stage::Blocks | Stage::Draining => {
                format!(
                    "frame {} to be written: block {} of {}",
                    self.frame, self.block, self.blocks
                )
            }
        }
    }
}
