// SPDX-License-Identifier: Apache-2.0
//! The video encoder: reads frames and references, keeps its reconstruction, writes the stream.
use super::recording::told;
use super::{Lane, NEVER, Seen, Task, World};
use crate::scenario::Recording;
use crate::units::Cycle;
use ringfence_sim::Desc;

/// Luma lines of a row of blocks; its chroma is half as many.
const ROW: u32 = 16;
/// Rows asked for ahead.
const AHEAD: u32 = 2;
/// Tag of a reference read, above every row's.
const REFERENCE: u16 = 0x1000;
/// First word of an encoded frame.
const MAGIC: u32 = 0x5246_5354;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Rows,
    Stream,
}

/// Encodes one frame a slot, two slots after the sensor.
pub struct Encoder {
    plan: Recording,
    frame: u32,
    stage: Stage,
    asked: u32,
    picture: Vec<u8>,
    reference_credit: u32,
}

/// What a frame is encoded to, in `len` bytes: number and digest of the picture, then its luma at
/// an eighth of each side, over and over. Any byte of the picture changes it.
pub(super) fn encode(number: u32, picture: &[u8], width: u32, height: u32, len: usize) -> Vec<u8> {
    // FNV-1a.
    let digest = picture
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let words = [MAGIC, number, digest, MAGIC ^ number ^ digest];
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let small = (0..height / 8).flat_map(|y| (0..width / 8).map(move |x| (x, y)));
    let small: Vec<u8> = small.map(|(x, y)| picture[(8 * y * width + 8 * x) as usize]).collect();
    bytes.extend(small.iter().chain(&digest.to_le_bytes()).cycle().take(len));
    bytes.truncate(len);
    bytes
}

impl Encoder {
    /// For `plan`.
    pub fn new(plan: Recording) -> Self {
        let (stage, picture) = (Stage::Waiting, Vec::new());
        Self { plan, frame: 0, stage, asked: 0, picture, reference_credit: 0 }
    }

    const fn rows(&self) -> u32 {
        self.plan.picture.height.div_ceil(ROW)
    }

    /// Lines of luma and chroma of a row of blocks: first and how many, twice.
    fn lines(&self, row: u32) -> [(u32, u32); 2] {
        let height = self.plan.picture.height;
        let (y, h) = (row * ROW, ROW.min(height - row * ROW));
        [(y, h), (height + y / 2, h / 2)]
    }

    fn desc(&self, base: u64, (line, rows): (u32, u32)) -> Desc {
        Desc {
            addr: base + u64::from(self.plan.picture.at(0, line)),
            len: self.plan.picture.width,
            rows: rows as u16,
            stride: self.plan.picture.pitch(),
            burst: self.plan.burst,
            outstanding: self.plan.outstanding,
            ..Desc::default()
        }
    }

    fn wait(&mut self, world: &World<'_>) -> Cycle {
        if self.frame == self.plan.frames {
            return NEVER;
        }
        let start = world.recording.slot_start(self.frame + 2, &self.plan);
        if world.cycle < start {
            return start;
        }
        let full = self.frame >= world.recording.exported + Recording::PAIR;
        if world.recording.developed <= self.frame || full {
            return Cycle(world.cycle.0 + 64);
        }
        self.picture.clear();
        self.picture.resize(self.plan.picture.picture_len(), 0);
        (self.asked, self.stage) = (0, Stage::Rows);
        world.cycle
    }

    /// Asks for the rows whose time has come; answers when the next one's does.
    fn pace(&mut self, lane: &mut Lane<'_>, world: &World<'_>) -> Cycle {
        let (slot, rows) = (self.plan.frame_cycles.0, u64::from(self.rows()));
        let start = world.recording.slot_start(self.frame + 2, &self.plan).0;
        while self.asked < self.rows() {
            let due = start + slot * 9 / 10 * u64::from(self.asked) / rows;
            if due > world.cycle.0 {
                return Cycle(due);
            }
            if lane.reads_open() >= 4 * AHEAD || lane.writes_open() >= 2 * AHEAD {
                return NEVER; // a status will call
            }
            let at = world.recording.buffer_of(self.frame);
            let base = world.recording.frames[at].range.base.0;
            for (part, lines) in self.lines(self.asked).into_iter().enumerate() {
                let tag = (2 * self.asked as usize + part) as u16;
                lane.read(self.desc(base, lines), tag);
            }
            self.reference_reads(lane, world);
            self.asked += 1;
        }
        NEVER
    }

    /// The same rows of the frame before, as often as the plan says.
    fn reference_reads(&mut self, lane: &mut Lane<'_>, world: &World<'_>) {
        if self.frame == 0 {
            return;
        }
        let before = ((self.frame - 1) % Recording::PAIR) as usize;
        let base = world.recording.references[before].range.base.0;
        self.reference_credit += self.plan.reference_percent;
        while self.reference_credit >= 100 {
            self.reference_credit -= 100;
            for lines in self.lines(self.asked) {
                lane.read(self.desc(base, lines), REFERENCE);
            }
        }
    }

    fn collect(&mut self, addr: u64, bytes: &[u8; 16], world: &World<'_>) {
        let at = world.recording.buffer_of(self.frame);
        let base = world.recording.frames[at].range.base.0;
        let picture = self.plan.picture;
        let Some(at) = picture.of_offset(addr.wrapping_sub(base)) else { return };
        let n = (picture.width as usize - at % picture.width as usize).min(16);
        if let Some(room) = self.picture.get_mut(at..at + n) {
            room.copy_from_slice(&bytes[..n]);
        }
    }

    /// Part of a row is here: keeps its reconstruction for the next frame.
    fn keep(&self, tag: u16, lane: &mut Lane<'_>, world: &World<'_>) {
        let (row, part) = (u32::from(tag / 2), usize::from(tag % 2));
        let lines = self.lines(row)[part];
        let at = (self.frame % Recording::PAIR) as usize;
        let base = world.recording.references[at].range.base.0;
        let width = self.plan.picture.width as usize;
        lane.write(self.desc(base, lines), 0, |n| {
            let from = (lines.0 as usize + usize::from(n)) * width;
            &self.picture[from..from + width]
        });
    }

    fn write_stream(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) {
        let (picture, len) = (self.plan.picture, self.plan.stream_bytes.0);
        let bytes = encode(self.frame, &self.picture, picture.width, picture.height, len as usize);
        let output = &mut world.recording.outputs[(self.frame % Recording::PAIR) as usize];
        let desc = Desc {
            addr: output.range.base.0,
            len: len as u32,
            rows: 1,
            burst: self.plan.burst,
            outstanding: self.plan.outstanding,
            ..Desc::default()
        };
        lane.write(desc, 0, |_| &bytes);
        output.decoded = bytes;
        self.stage = Stage::Stream;
    }

    fn end(&mut self, world: &mut World<'_>) {
        let recording = &mut *world.recording;
        let at = recording.buffer_of(self.frame);
        let exact = self.picture == recording.frames[at].decoded;
        recording.encoded += 1;
        recording.encoded_exact += u32::from(exact);
        let same = if exact { "equal to" } else { "different from" };
        let what = format!("frame {} encoded, {same} what the camera meant", self.frame);
        world.events.push(told(world.cycle, self.plan.encoder, what));
        self.frame += 1;
        self.stage = Stage::Waiting;
    }
}

impl Task for Encoder {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if let Some(beat) = seen.beat.as_ref().filter(|beat| beat.tag < REFERENCE) {
            self.collect(beat.addr, &beat.bytes, world);
        }
        if let Some(tag) = seen.read.filter(|tag| *tag < REFERENCE) {
            self.keep(tag, lane, world);
        }
        if self.stage == Stage::Stream && lane.idle() {
            self.end(world);
        }
        if self.stage == Stage::Waiting {
            let wake = self.wait(world);
            if self.stage == Stage::Waiting {
                return wake;
            }
        }
        let mut wake = NEVER;
        if self.stage == Stage::Rows {
            wake = self.pace(lane, world);
            if self.asked == self.rows() && lane.idle() {
                self.write_stream(lane, world);
            }
        }
        wake
    }

    fn finished(&self) -> bool {
        self.frame == self.plan.frames
    }

    fn waiting_for(&self) -> String {
        match self.stage {
            Stage::Waiting => format!("frame {} to be developed", self.frame),
            Stage::Rows => format!("row {} of frame {} to be encoded", self.asked, self.frame),
            Stage::Stream => format!("the stream of frame {} to be written", self.frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_of_a_picture_changes_what_it_is_encoded_to() {
        let picture = vec![7; 64 * 32 * 3 / 2];
        let whole = encode(3, &picture, 64, 32, 4096);
        assert_eq!(whole.len(), 4096);
        for at in [0, 1000, picture.len() - 1] {
            let mut other = picture.clone();
            other[at] ^= 1;
            assert_ne!(encode(3, &other, 64, 32, 4096), whole, "byte {at}");
        }
        assert_eq!(encode(3, &picture, 64, 32, 8), whole[..8]);
    }
}
