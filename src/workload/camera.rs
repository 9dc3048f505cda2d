// SPDX-License-Identifier: Apache-2.0
//! The camera: a sensor whose lines cannot wait, and the picture processor that develops them.
use super::bayer::{develop, develop_pair, mosaic};
use super::recording::told;
use super::{FrameHeader, Lane, NEVER, Seen, Task, World, draw_frame, stream};
use crate::scenario::Recording;
use crate::units::Cycle;
use rand::RngExt;
use ringfence_sim::Desc;

/// Random stream of what the sensor sees, beside those of the ports.
const STREAM: u64 = 0x40;
/// Lines that the sensor's FIFO holds.
const FIFO: u32 = 8;
/// Pairs of lines that the picture processor asks for ahead.
const AHEAD: u32 = 4;

/// Writes a raw picture a slot, line by line, whether anybody has room or not.
pub struct Sensor {
    plan: Recording,
    rng: rand_chacha::ChaCha8Rng,
    frame: u32,
    line: u32,
    /// Lines that are in memory, or lost.
    done: u32,
}

impl Sensor {
    /// For `plan`.
    pub fn new(plan: Recording, seed: u64) -> Self {
        let rng = stream(seed, STREAM + u64::from(plan.camera.0));
        Self { plan, rng, frame: 0, line: 0, done: 0 }
    }

    fn due(&self, world: &World<'_>) -> Cycle {
        let (slot, height) = (self.plan.frame_cycles.0, u64::from(self.plan.picture.height));
        let start = world.recording.slot_start(self.frame, &self.plan).0;
        Cycle(start + slot * u64::from(self.line) / height)
    }

    /// A new picture: whatever the buffer held is written over.
    fn expose(&mut self, world: &mut World<'_>) {
        let (width, height) = (self.plan.picture.width, self.plan.picture.height);
        let header = FrameHeader { number: self.frame, look: self.rng.random::<u32>() };
        let recording = &mut *world.recording;
        recording.overruns += u64::from(self.frame >= recording.developed + Recording::PAIR);
        let at = (self.frame % Recording::PAIR) as usize;
        recording.raw[at].decoded = mosaic(&draw_frame(header, width, height), width, height);
    }

    fn give(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) {
        if self.line == 0 {
            self.expose(world);
        }
        if lane.writes_open() >= FIFO {
            world.recording.overruns += 1;
            self.done += 1;
            return;
        }
        let picture = self.plan.picture;
        let buffer = &world.recording.raw[(self.frame % Recording::PAIR) as usize];
        let desc = Desc {
            addr: buffer.range.base.0 + u64::from(picture.at(0, self.line)),
            len: picture.width,
            rows: 1,
            burst: self.plan.burst,
            outstanding: self.plan.outstanding,
            ..Desc::default()
        };
        let first = self.line as usize * picture.width as usize;
        lane.write(desc, 0, |_| &buffer.decoded[first..first + picture.width as usize]);
    }
}

impl Task for Sensor {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        self.done += u32::from(seen.write.is_some());
        world.recording.captured = self.done / self.plan.picture.height;
        while self.frame < self.plan.frames {
            let due = self.due(world);
            if due > world.cycle {
                return due;
            }
            self.give(lane, world);
            self.line += 1;
            if self.line == self.plan.picture.height {
                (self.frame, self.line) = (self.frame + 1, 0);
            }
        }
        NEVER
    }

    fn finished(&self) -> bool {
        self.frame == self.plan.frames
    }

    fn waiting_for(&self) -> String {
        format!("line {} of picture {} at the sensor", self.line, self.frame)
    }
}

/// Develops a raw picture a slot, a slot after the sensor.
pub struct Isp {
    plan: Recording,
    frame: u32,
    working: bool,
    asked: u32,
    arrived: u32,
    raw: Vec<u8>,
}

impl Isp {
    /// For `plan`.
    pub fn new(plan: Recording) -> Self {
        Self { plan, frame: 0, working: false, asked: 0, arrived: 0, raw: Vec::new() }
    }

    const fn pairs(&self) -> u32 {
        self.plan.picture.height / 2
    }

    fn base(&self, world: &World<'_>) -> u64 {
        world.recording.raw[(self.frame % Recording::PAIR) as usize].range.base.0
    }

    fn wait(&mut self, world: &mut World<'_>) -> Cycle {
        if self.frame == self.plan.frames {
            return NEVER;
        }
        let start = world.recording.slot_start(self.frame + 1, &self.plan);
        if world.cycle < start {
            return start;
        }
        let recording = &mut *world.recording;
        let full = self.frame >= recording.encoded + recording.frames.len() as u32;
        if recording.captured <= self.frame || full {
            return Cycle(world.cycle.0 + 64);
        }
        let (width, height) = (self.plan.picture.width, self.plan.picture.height);
        let at = recording.buffer_of(self.frame);
        let meant = &recording.raw[(self.frame % Recording::PAIR) as usize].decoded;
        recording.frames[at].decoded = develop(meant, width, height);
        self.raw.clear();
        self.raw.resize(width as usize * height as usize, 0);
        (self.asked, self.arrived, self.working) = (0, 0, true);
        world.cycle
    }

    /// Asks for the lines whose time has come; answers when the next ones' does.
    fn pace(&mut self, lane: &mut Lane<'_>, world: &World<'_>) -> Cycle {
        let slot = self.plan.frame_cycles.0;
        let start = world.recording.slot_start(self.frame + 1, &self.plan).0;
        while self.asked < self.pairs() {
            // Nine tenths of the slot, so that a late line still meets the next picture.
            let due = start + slot * 9 / 10 * u64::from(self.asked) / u64::from(self.pairs());
            if due > world.cycle.0 {
                return Cycle(due);
            }
            if lane.reads_open() >= AHEAD || lane.writes_open() >= 2 * AHEAD {
                return NEVER; // a status will call
            }
            let picture = self.plan.picture;
            let desc = Desc {
                addr: self.base(world) + u64::from(picture.at(0, 2 * self.asked)),
                len: picture.width,
                rows: 2,
                stride: picture.pitch(),
                burst: self.plan.burst,
                outstanding: self.plan.outstanding,
                ..Desc::default()
            };
            lane.read(desc, self.asked as u16);
            self.asked += 1;
        }
        NEVER
    }

    fn collect(&mut self, addr: u64, bytes: &[u8; 16], world: &World<'_>) {
        let picture = self.plan.picture;
        let Some(at) = picture.of_offset(addr.wrapping_sub(self.base(world))) else { return };
        let n = (picture.width as usize - at % picture.width as usize).min(16);
        if let Some(room) = self.raw.get_mut(at..at + n) {
            room.copy_from_slice(&bytes[..n]);
        }
    }

    /// Two lines of samples are here: writes what they look like.
    fn develop(&self, pair: u32, lane: &mut Lane<'_>, world: &World<'_>) {
        let picture = self.plan.picture;
        let width = picture.width as usize;
        let from = 2 * pair as usize * width;
        let rows = develop_pair(&self.raw[from..from + 2 * width], picture.width);
        let base = world.recording.frames[world.recording.buffer_of(self.frame)].range.base.0;
        let desc = Desc {
            len: picture.width,
            stride: picture.pitch(),
            burst: self.plan.burst,
            outstanding: self.plan.outstanding,
            ..Desc::default()
        };
        let luma = base + u64::from(picture.at(0, 2 * pair));
        lane.write(Desc { addr: luma, rows: 2, ..desc }, 0, |row| {
            &rows[usize::from(row) * width..(usize::from(row) + 1) * width]
        });
        let chroma = base + u64::from(picture.at(0, picture.height + pair));
        lane.write(Desc { addr: chroma, rows: 1, ..desc }, 0, |_| &rows[2 * width..]);
    }
}

impl Task for Isp {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if let Some(beat) = &seen.beat {
            self.collect(beat.addr, &beat.bytes, world);
        }
        if let Some(pair) = seen.read {
            self.arrived += 1;
            self.develop(u32::from(pair), lane, world);
        }
        if self.working && self.arrived == self.pairs() && lane.idle() {
            world.recording.developed += 1;
            let what = format!("frame {} developed", self.frame);
            world.events.push(told(world.cycle, self.plan.camera, what));
            self.frame += 1;
            self.working = false;
        }
        if !self.working {
            let wake = self.wait(world);
            if !self.working {
                return wake;
            }
        }
        self.pace(lane, world)
    }

    fn finished(&self) -> bool {
        self.frame == self.plan.frames
    }

    fn waiting_for(&self) -> String {
        let stage = if self.working { "to be developed" } else { "to come from the sensor" };
        format!("picture {} {stage}", self.frame)
    }
}
