// SPDX-License-Identifier: Apache-2.0
//! The display controller: scans a frame out line by line, at the pace of the screen.
use super::{Actor, DmaPort, NEVER, World};
use crate::engine::event::Event;
use crate::units::{Cycle, MasterId};
use ringfence_sim::{Desc, Inputs, Outputs};

/// Lines fetched ahead of the one on the screen: the line FIFO.
const AHEAD: u32 = 4;

/// Shows one frame a frame slot, two slots after its bitstream was written.
pub struct Display {
    port: DmaPort,
    master: usize,
    frame: u32,
    frames: u32,
    scanning: bool,
    began: Cycle,
    /// Lines asked for, lines arrived, and lines whose deadline has been checked.
    asked: u32,
    arrived: u32,
    checked: u32,
    /// What arrived, by position in the picture.
    picture: Vec<u8>,
}

impl Display {
    /// Behind master port `master`, for `frames` frames.
    pub fn new(master: usize, frames: u32) -> Self {
        Self {
            port: DmaPort::new(master),
            master,
            frame: 0,
            frames,
            scanning: false,
            began: Cycle(0),
            asked: 0,
            arrived: 0,
            checked: 0,
            picture: Vec::new(),
        }
    }

    fn begin(&mut self, world: &mut World<'_>) {
        let slot = world.playback.buffer_of(self.frame);
        world.broker.map_for_display(world.cycle, slot);
        self.picture.clear();
        self.picture.resize(world.playback.frame_bytes(), 0);
        (self.asked, self.arrived, self.checked) = (0, 0, 0);
        (self.scanning, self.began) = (true, world.cycle);
    }

    /// Cycle at which line `line` goes to the screen.
    fn deadline(&self, line: u32, world: &World<'_>) -> Cycle {
        let plan = &world.playback.plan;
        let lines = u64::from(plan.height) + u64::from(AHEAD);
        Cycle(self.began.0 + plan.frame_cycles.0 * u64::from(line + AHEAD) / lines)
    }

    /// Asks for the lines that the FIFO has room for; answers when the next line is shown.
    fn fetch(&mut self, world: &mut World<'_>) -> Cycle {
        let height = world.playback.plan.height;
        while self.checked < height && self.deadline(self.checked, world) <= world.cycle {
            // A chroma line belongs to two luma lines, so that descriptors are three to two lines.
            let needed = self.checked + 1 + (self.checked + 2) / 2;
            world.playback.underruns += u64::from(self.arrived < needed);
            self.checked += 1;
        }
        while self.asked < height.min(self.checked + AHEAD) {
            self.ask_line(self.asked, world);
            self.asked += 1;
        }
        if self.checked < height { self.deadline(self.checked, world) } else { NEVER }
    }

    fn ask_line(&mut self, y: u32, world: &World<'_>) {
        let plan = &world.playback.plan;
        let base = world.playback.frames[world.playback.buffer_of(self.frame)].range.base.0;
        let desc = Desc {
            len: plan.width,
            rows: 1,
            burst: plan.burst,
            outstanding: plan.outstanding,
            ..Desc::default()
        };
        self.port.read(Desc { addr: base + u64::from(plan.luma_at(0, y)), ..desc });
        if y.is_multiple_of(2) {
            self.port.read(Desc { addr: base + u64::from(plan.chroma_at(0, y / 2)), ..desc });
        }
    }

    /// Puts a beat where its address belongs in the picture.
    fn collect(&mut self, out: &Outputs, world: &World<'_>) {
        let plan = &world.playback.plan;
        let base = world.playback.frames[world.playback.buffer_of(self.frame)].range.base.0;
        let offset = out.rs[self.master].addr.wrapping_sub(base);
        let (line, x) = (offset / u64::from(plan.pitch()), offset % u64::from(plan.pitch()));
        let at = line as usize * plan.width as usize + x as usize;
        let data = out.port[self.master].r.data;
        let lanes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
        let n = (plan.width as usize).saturating_sub(x as usize).min(16);
        if let Some(room) = self.picture.get_mut(at..at + n) {
            room.copy_from_slice(&lanes[..n]);
        }
    }

    fn end(&mut self, world: &mut World<'_>) {
        let slot = world.playback.buffer_of(self.frame);
        world.broker.unmap_from_display(world.cycle, slot);
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

impl Actor for Display {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        if out.rs_valid >> self.master & 1 == 1 {
            self.collect(out, world);
        }
        if let Some(status) = self.port.tick(out, inputs).read {
            world.playback.failed_descriptors += u64::from(status.resp != 0);
            self.arrived += 1;
        }
        let mut wake = NEVER;
        if self.scanning {
            wake = self.fetch(world);
            if self.checked == world.playback.plan.height && self.port.idle() {
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
                wake = self.fetch(world);
            }
        }
        self.port.offer(inputs);
        wake
    }

    fn finished(&self) -> bool {
        self.frame == self.frames
    }

    fn waiting_for(&self) -> String {
        if self.scanning {
            format!("line {} of frame {} to arrive", self.asked, self.frame)
        } else {
            format!("frame {} to be decoded", self.frame)
        }
    }
}
