// SPDX-License-Identifier: Apache-2.0
//! Trusted UI: a trusted application draws a keypad, a dirty rectangle an update, and the display
//! shows it as a layer of its own.
use super::lines::Lines;
use super::picture::digit_lit;
use super::{FrameBuffer, Lane, Layer, NEVER, Seen, Task, World, stream};
use crate::engine::event::Event;
use crate::scenario::Ui;
use crate::units::{Cycle, MasterId};
use rand::RngExt;
use ringfence_sim::Desc;

/// Random stream of the keys, beside those of the ports.
const STREAM: u64 = 0x20;
/// Keys of the pad.
const KEYS: u32 = 12;
/// XRGB8888, as bytes in memory: blue, green, red, unused.
const INK: [u8; 4] = [0xf0, 0xf0, 0xf0, 0xff];
const KEY: [u8; 4] = [0x60, 0x48, 0x30, 0xff];
const PRESSED: [u8; 4] = [0x20, 0x90, 0xe0, 0xff];
const GROUND: [u8; 4] = [0x30, 0x20, 0x18, 0xff];

/// The trusted UI's shared state.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// The two buffers; what must be in each, for update `n` in buffer `n % 2`.
    pub buffers: Vec<FrameBuffer>,
    /// When slot 0 begins.
    pub start: Cycle,
    /// Updates drawn.
    pub drawn: u32,
    /// Updates shown.
    pub shown: u32,
    /// Updates shown whose bytes equal what was drawn.
    pub shown_exact: u32,
    /// Lines that were not there when the display needed them.
    pub underruns: u64,
}

impl Overlay {
    /// First cycle of slot `n`.
    fn slot_start(&self, n: u32, plan: &Ui) -> Cycle {
        Cycle(self.start.0 + u64::from(n) * plan.frame_cycles.0)
    }
}

/// Pixels of a key: left, top, width, height. Whole beats from left to right.
fn key_rect(key: u32, plan: &Ui) -> (u32, u32, u32, u32) {
    let (w, h) = ((plan.width / 3) & !3, plan.height / 4);
    (key % 3 * w, key / 3 * h, w, h)
}

fn pixel(x: u32, y: u32, pressed: u32, plan: &Ui) -> [u8; 4] {
    let (_, _, w, h) = key_rect(0, plan);
    let (column, row) = (x / w.max(1), y / h.max(1));
    if column > 2 || row > 3 {
        return GROUND;
    }
    let (key, x, y) = (row * 3 + column, x - column * w, y - row * h);
    let unit = (h / 8).min(w / 6).max(1);
    let (left, top) = ((w.saturating_sub(3 * unit)) / 2, (h.saturating_sub(5 * unit)) / 2);
    let digit = (key + 1) % 11 % 10;
    if key < 11 && key != 9 && digit_lit(digit, x.wrapping_sub(left), y.wrapping_sub(top), unit) {
        return INK;
    }
    let edge = x < 2 || y < 2 || x + 2 >= w || y + 2 >= h;
    match (edge, key == pressed) {
        (true, _) => GROUND,
        (false, true) => PRESSED,
        (false, false) => KEY,
    }
}

/// The whole pad with one key pressed, line after line without padding.
pub fn draw_ui(pressed: u32, plan: &Ui) -> Vec<u8> {
    let lines = (0..plan.height).flat_map(|y| (0..plan.width).map(move |x| (x, y)));
    lines.flat_map(|(x, y)| pixel(x, y, pressed, plan)).collect()
}

/// The trusted application: draws one update a slot into the buffer that is not shown.
pub struct Draw {
    plan: Ui,
    rng: rand_chacha::ChaCha8Rng,
    next: u32,
    drawing: bool,
    /// Key pressed in what each buffer holds.
    pressed: [u32; 2],
}

impl Draw {
    /// For `plan`.
    pub fn new(plan: Ui, seed: u64) -> Self {
        let rng = stream(seed, STREAM + u64::from(plan.crypto.0));
        Self { plan, rng, next: 0, drawing: false, pressed: [0; 2] }
    }

    fn begin(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) {
        let (plan, at) = (&self.plan, self.next as usize % 2);
        let (before, now) = (self.pressed[at], self.rng.random_range(0..KEYS));
        let image = draw_ui(now, plan);
        let mut rects = vec![key_rect(before, plan), key_rect(now, plan)];
        if self.next < Ui::BUFFERS {
            rects = vec![(0, 0, plan.width, plan.height)];
        } else if before == now {
            rects.pop();
        }
        let buffer = &mut world.ui.buffers[at];
        for (left, top, w, h) in rects {
            let desc = Desc {
                addr: buffer.range.base.0 + u64::from(top * plan.pitch() + left * 4),
                len: w * 4,
                rows: h as u16,
                stride: plan.pitch(),
                burst: plan.burst,
                outstanding: plan.outstanding,
                ..Desc::default()
            };
            lane.write(desc, 0, |row| {
                let first = ((top + u32::from(row)) * plan.width + left) as usize * 4;
                &image[first..first + w as usize * 4]
            });
        }
        buffer.decoded = image;
        self.pressed[at] = now;
        self.drawing = true;
    }
}

impl Task for Draw {
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        if seen.write.is_some() && lane.idle() {
            world.ui.drawn += 1;
            self.next += 1;
            self.drawing = false;
        }
        if self.drawing || self.next == self.plan.updates {
            return NEVER;
        }
        let start = world.ui.slot_start(self.next, &self.plan);
        if world.cycle < start {
            return start;
        }
        // The buffer is free once what it held has been shown.
        if self.next >= world.ui.shown + Ui::BUFFERS {
            return Cycle(world.cycle.0 + 64);
        }
        if lane.wanted {
            return Cycle(world.cycle.0 + 1);
        }
        self.begin(lane, world);
        NEVER
    }

    fn finished(&self) -> bool {
        self.next == self.plan.updates
    }

    fn waiting_for(&self) -> String {
        format!("update {} of the trusted UI to be drawn", self.next)
    }
}

/// The display's layer for it: shows one update a slot, a slot after it was to be drawn.
pub struct UiLayer {
    plan: Ui,
    update: u32,
    scanning: bool,
    lines: Lines,
    picture: Vec<u8>,
}

impl UiLayer {
    /// For `plan`.
    pub fn new(plan: Ui) -> Self {
        let (lines, picture) = (Lines::default(), Vec::new());
        Self { plan, update: 0, scanning: false, lines, picture }
    }

    const fn buffer(&self) -> usize {
        (self.update % Ui::BUFFERS) as usize
    }

    fn fetch(&mut self, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle {
        world.ui.underruns += self.lines.late(world.cycle, |line| line + 1);
        let base = world.ui.buffers[self.buffer()].range.base.0;
        for line in self.lines.ask() {
            let desc = Desc {
                addr: base + u64::from(line * self.plan.pitch()),
                len: self.plan.width * 4,
                rows: 1,
                burst: self.plan.burst,
                outstanding: self.plan.outstanding,
                ..Desc::default()
            };
            lane.read(desc, 0);
        }
        self.lines.next().unwrap_or(NEVER)
    }

    fn collect(&mut self, addr: u64, bytes: &[u8; 16], world: &World<'_>) {
        let offset = addr.wrapping_sub(world.ui.buffers[self.buffer()].range.base.0);
        let (pitch, row) = (u64::from(self.plan.pitch()), self.plan.width as usize * 4);
        let x = (offset % pitch) as usize;
        let at = (offset / pitch) as usize * row + x;
        let n = row.saturating_sub(x).min(16);
        if let Some(room) = self.picture.get_mut(at..at + n) {
            room.copy_from_slice(&bytes[..n]);
        }
    }

    fn end(&mut self, world: &mut World<'_>) {
        let at = self.buffer();
        world.broker.unmap_from_display(world.cycle, Layer::Ui, at);
        let exact = self.picture == world.ui.buffers[at].decoded;
        world.ui.shown += 1;
        world.ui.shown_exact += u32::from(exact);
        let same = if exact { "equal to" } else { "different from" };
        world.events.push(Event::Step {
            cycle: world.cycle,
            master: Some(MasterId(self.plan.display.0)),
            what: format!("update {} shown, {same} what was drawn", self.update),
        });
        self.update += 1;
        self.scanning = false;
    }
}

impl Task for UiLayer {
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
        if !self.scanning && self.update < self.plan.updates {
            let start = world.ui.slot_start(self.update + 1, &self.plan);
            if world.cycle < start {
                wake = start;
            } else if world.ui.drawn <= self.update {
                wake = Cycle(world.cycle.0 + 64);
            } else {
                world.broker.map_for_display(world.cycle, Layer::Ui, self.buffer());
                self.picture.clear();
                self.picture.resize(self.plan.width as usize * self.plan.height as usize * 4, 0);
                let plan = &self.plan;
                self.lines = Lines::begin(plan.height, plan.frame_cycles, world.cycle);
                self.scanning = true;
                wake = self.fetch(lane, world);
            }
        }
        wake
    }

    fn finished(&self) -> bool {
        self.update == self.plan.updates
    }

    fn waiting_for(&self) -> String {
        if self.scanning {
            format!("line {} of update {} to arrive", self.lines.asked(), self.update)
        } else {
            format!("update {} to be drawn", self.update)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Ui {
        Ui {
            width: 120,
            height: 64,
            updates: 4,
            frame_cycles: Cycle(1),
            burst: 16,
            outstanding: 4,
            crypto: MasterId(1),
            display: MasterId(3),
            pool: 0,
        }
    }

    #[test]
    fn two_pads_differ_in_their_two_keys_only() {
        let plan = plan();
        let (a, b) = (draw_ui(2, &plan), draw_ui(7, &plan));
        assert_eq!(a.len(), 120 * 64 * 4);
        let inside = |x: u32, y: u32, key: u32| {
            let (left, top, w, h) = key_rect(key, &plan);
            (left..left + w).contains(&x) && (top..top + h).contains(&y)
        };
        let mut differ = 0;
        for (n, (a, b)) in a.chunks(4).zip(b.chunks(4)).enumerate() {
            let (x, y) = (n as u32 % 120, n as u32 / 120);
            differ += u32::from(a != b);
            assert!(a == b || inside(x, y, 2) || inside(x, y, 7), "{x} {y}");
        }
        assert!(differ > 100);
        assert!(a.iter().all(|&byte| byte != 0), "no byte looks like a denied read");
    }

    #[test]
    fn rectangles_are_whole_beats_inside_the_picture() {
        for (width, height) in [(120, 64), (240, 136), (62, 34)] {
            let plan = Ui { width, height, ..plan() };
            for key in 0..KEYS {
                let (left, top, w, h) = key_rect(key, &plan);
                assert!((left * 4).is_multiple_of(16) && (w * 4).is_multiple_of(16));
                assert!(left + w <= width && top + h <= height && w > 0 && h > 0);
            }
        }
    }
}
