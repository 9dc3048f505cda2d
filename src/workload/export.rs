// SPDX-License-Identifier: Apache-2.0
//! The TEE's end of a recording: reads the encoded stream and puts its ciphertext into ordinary
//! memory.
use super::recording::told;
use super::{Lane, NEVER, Seen, Task, World, stream};
use crate::scenario::Recording;
use crate::units::{Cycle, PAGE};
use rand::Rng;
use ringfence_sim::Desc;

/// Random stream that stands for the TEE's key, beside those of the ports.
const STREAM: u64 = 0x60;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Reading,
    Writing,
}

/// Encrypts a frame's stream as soon as it is encoded.
pub struct Export {
    plan: Recording,
    key: rand_chacha::ChaCha8Rng,
    frame: u32,
    stage: Stage,
    bytes: Vec<u8>,
}

impl Export {
    /// For `plan`.
    pub fn new(plan: Recording, seed: u64) -> Self {
        let key = stream(seed, STREAM + u64::from(plan.crypto.0));
        Self { plan, key, frame: 0, stage: Stage::Waiting, bytes: Vec::new() }
    }

    fn desc(&self, addr: u64) -> Desc {
        Desc {
            addr,
            len: self.plan.stream_bytes.0 as u32,
            rows: 1,
            burst: self.plan.burst,
            outstanding: 4,
            ..Desc::default()
        }
    }

    const fn output(&self) -> usize {
        (self.frame % Recording::PAIR) as usize
    }

    fn read(&mut self, lane: &mut Lane<'_>, world: &World<'_>) {
        self.bytes.clear();
        self.bytes.resize(self.plan.stream_bytes.0 as usize, 0);
        lane.read(self.desc(world.recording.outputs[self.output()].range.base.0), 0);
        self.stage = Stage::Reading;
    }

    fn collect(&mut self, addr: u64, bytes: &[u8; 16], world: &World<'_>) {
        let base = world.recording.outputs[self.output()].range.base.0;
        if let Some(room) = self.bytes.get_mut(addr.wrapping_sub(base) as usize..) {
            let n = room.len().min(16);
            room[..n].copy_from_slice(&bytes[..n]);
        }
    }

    fn write(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) {
        let exact = self.bytes == world.recording.outputs[self.output()].decoded;
        world.recording.exported_exact += u32::from(exact);
        let mut key = vec![0; self.bytes.len()];
        self.key.fill_bytes(&mut key);
        for (byte, key) in self.bytes.iter_mut().zip(key) {
            *byte ^= key;
        }
        let slot = self.plan.stream_bytes.0.next_multiple_of(PAGE);
        let at = self.plan.export.base.0 + u64::from(self.frame % Recording::PAIR) * slot;
        let desc = self.desc(at);
        lane.write(desc, 0, |_| &self.bytes);
        let same = if exact { "equal to" } else { "different from" };
        let what = format!("stream of frame {} encrypted, {same} what was encoded", self.frame);
        world.events.push(told(world.cycle, self.plan.crypto, what));
        self.stage = Stage::Writing;
    }
}

impl Task for Export {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if let Some(beat) = &seen.beat {
            self.collect(beat.addr, &beat.bytes, world);
        }
        if seen.read.is_some() {
            self.write(lane, world);
        }
        if seen.write.is_some() {
            world.recording.exported += 1;
            self.frame += 1;
            self.stage = Stage::Waiting;
        }
        if self.stage != Stage::Waiting || self.frame == self.plan.frames {
            return NEVER;
        }
        if world.recording.encoded <= self.frame {
            let ready = world.recording.slot_start(self.frame + 2, &self.plan);
            return Cycle((world.cycle.0 + 64).max(ready.0));
        }
        if lane.wanted {
            return Cycle(world.cycle.0 + 1);
        }
        self.read(lane, world);
        NEVER
    }

    fn finished(&self) -> bool {
        self.frame == self.plan.frames
    }

    fn waiting_for(&self) -> String {
        match self.stage {
            Stage::Waiting => format!("frame {} to be encoded", self.frame),
            Stage::Reading => format!("the stream of frame {} to arrive", self.frame),
            Stage::Writing => format!("the ciphertext of frame {} to be written", self.frame),
        }
    }
}
