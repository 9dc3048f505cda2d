// SPDX-License-Identifier: Apache-2.0
//! The display controller's video layer: scans a frame out line by line, at the pace of the screen.
use super::lines::Lines;
use super::{Lane, Layer, NEVER, Seen, Task, World};
use crate::engine::event::Event;
use crate::units::{Cycle, MasterId};
use ringfence_sim::Desc;

/// Shows one frame a frame slot, two slots after its bitstream was written.
pub struct Display {
    master: usize,
    frame: u32,
    frames: u32,
    scanning: bool,
    lines: Lines,
    /// What arrived, by position in the picture.
    picture: Vec<u8>,
}

impl Display {
    /// Behind master port `master`, for `frames` frames.
    pub fn new(master: usize, frames: u32) -> Self {
        let (lines, picture) = (Lines::default(), Vec::new());
        Self { master, frame: 0, frames, scanning: false, lines, picture }
    }

    fn begin(&mut self, world: &mut World<'_>) {
        let slot = world.playback.buffer_of(self.frame);
        world.broker.map_for_display(world.cycle, Layer::Video, slot);
        self.picture.clear();
        self.picture.resize(world.playback.frame_bytes(), 0);
        let plan = &world.playback.plan;
        self.lines = Lines::begin(plan.height, plan.frame_cycles, world.cycle);
        self.scanning = true;
    }

    /// Asks for the lines that the FIFO has room for; answers when the next line is shown.
    fn fetch(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        // A chroma line belongs to two luma lines, so that descriptors are three to two lines.
        let needed = |line: u32| line + 1 + (line + 2) / 2;
        world.playback.underruns += self.lines.late(world.cycle, needed);
        for line in self.lines.ask() {
            self.ask_line(line, lane, world);
        }
        self.lines.next().unwrap_or(NEVER)
    }

    fn ask_line(&self, y: u32, lane: &mut Lane<'_>, world: &World<'_>) {
        let plan = &world.playback.plan;
        let base = world.playback.frames[world.playback.buffer_of(self.frame)].range.base.0;
        let desc = Desc {
            len: plan.width,
            rows: 1,
            burst: plan.burst,
            outstanding: plan.outstanding,
            ..Desc::default()
        };
        lane.read(Desc { addr: base + u64::from(plan.luma_at(0, y)), ..desc }, 0);
        if y.is_multiple_of(2) {
            lane.read(Desc { addr: base + u64::from(plan.chroma_at(0, y / 2)), ..desc }, 0);
        }
    }

    /// Puts a beat where its address belongs in the picture.
    fn collect(&mut self, addr: u64, bytes: &[u8; 16], world: &World<'_>) {
        let plan = &world.playback.plan;
        let base = world.playback.frames[world.playback.buffer_of(self.frame)].range.base.0;
        let offset = addr.wrapping_sub(base);
        let (line, x) = (offset / u64::from(plan.pitch()), offset % u64::from(plan.pitch()));
        let at = line as usize * plan.width as usize + x as usize;
        let n = (plan.width as usize).saturating_sub(x as usize).min(16);
        if let Some(room) = self.picture.get_mut(at..at + n) {
            room.copy_from_slice(&bytes[..n]);
        }
    }

    fn end(&mut self, world: &mut World<'_>) {
        let slot = world.playback.buffer_of(self.frame);
        world.broker.unmap_from_display(world.cycle, Layer::Video, slot);
        let exact = self.picture == world.playback.frames[slot].decoded;
        world.playback.shown += 1;
        world.playback.shown_exact += u32::from(exact);
        let same = if exact { "equal to" } else { "different from" };
        world.events.push(Event::Step {
            cycle: world.cycle,
            master: Some(MasterId(self.master as u8)),
            what: format!("frame {} shown, {same} what was decoded", self.frame),
        });
        self.frame += 1;
        self.scanning = false;
    }
}

impl Task for Display {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if let Some(beat) = &seen.beat {
            self.collect(beat.addr, &beat.bytes, world);
        }
        if seen.read.is_some() {
            self.lines.arrive();
        }
        let mut wake = NEVER;
        if self.scanning {
            wake = self.fetch(lane, world);
            if self.lines.next().is_none() && lane.idle() {
                self.end(world);
            }
        }
        if !self.scanning && self.frame < self.frames {
            let start = world.playback.slot_start(self.frame + 2);
            if world.cycle < start {
                wake = start;
            } else if world.playback.decoded <= self.frame {
                wake = Cycle(world.cycle.0 + 64);
            } else {
                self.begin(world);
                wake = self.fetch(lane, world);
            }
        }
        wake
    }

    fn finished(&self) -> bool {
        self.frame == self.frames
    }

    fn waiting_for(&self) -> String {
        if self.scanning {
            format!("line {} of frame {} to arrive", self.lines.asked(), self.frame)
        } else {
            format!("frame {} to be decoded", self.frame)
        }
    }
}
