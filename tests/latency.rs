// SPDX-License-Identifier: Apache-2.0
//! How many cycles the firewall adds, channel by channel, beside the same bench with wires in its
//! place (tzasc.md, N4 and properties 33 and 34).
//!
//! Every filter's master offers an address and a data beat of each direction in every cycle, all
//! allowed, memory takes everything at once and answers in order; each shape passes 100 000
//! transactions a region matched. Address: first VALID at memory minus first VALID at the slave
//! side. Data: the same, from the later of its own VALID and the first cycle in which its verdict can
//! be known, which is the one after its address was accepted, or with a registered check the one
//! after that. R, B: from memory to the master.
#![allow(clippy::print_stdout, reason = "prints its result")]
use ringfence_sim::{ApbIn, Ax, B, LATENCY_PINS, PINS_MEMORY_SIDE, Pins, PinsShape, R, W};
use std::collections::VecDeque;
use std::process::ExitCode;

const TRANSACTIONS: u64 = 100_000;
const CHANNELS: [&str; 5] = ["AR", "AW", "W", "R", "B"];
/// Cycles that the transactions of a region may take beyond one each: the way there and back.
const FILL: u64 = 16;
/// Memory's delay between the last beat of a request and its answer, cycles.
const MEMORY: u64 = 5;

/// Least and most cycles that a channel added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    least: u64,
    most: u64,
}

impl Span {
    const NONE: Self = Self { least: u64::MAX, most: 0 };

    fn add(&mut self, cycles: u64) {
        self.least = self.least.min(cycles);
        self.most = self.most.max(cycles);
    }

    fn merge(&mut self, other: Self) {
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

/// One filter's two sides. Everything has one ID, so queues of cycles tell who is who.
#[derive(Default)]
struct Side {
    /// First VALID at the slave side, by AR, AW, W; first VALID at memory, by R, B.
    began: [VecDeque<u64>; 5],
    /// The channel's VALID was high and not taken in the cycle before, at both ends.
    offered: [[bool; 2]; 5],
    verdicts: VecDeque<u64>,
    due: [VecDeque<u64>; 2],
    passed: u64,
}

struct Bench {
    pins: Pins,
    shape: &'static PinsShape,
    sides: Vec<Side>,
    spans: [Span; 5],
    cycle: u64,
}

impl Bench {
    fn new(shape: &'static PinsShape) -> Self {
        let pins = Pins::new(shape.name, true).expect("the shape is built");
        let sides = (0..shape.filters).map(|_| Side::default()).collect();
        Self { pins, shape, sides, spans: [Span::NONE; 5], cycle: 0 }
    }

    fn write(&mut self, addr: u16, wdata: u32) {
        let apb = ApbIn { addr, wdata, sel: true, write: true, strb: 0xf, ..ApbIn::default() };
        self.pins.inputs().apb = apb;
        self.step();
        self.pins.inputs().apb.enable = true;
        self.step();
        self.pins.inputs().apb = ApbIn::default();
    }

    /// Region `n` is page `n`; the background is open to NSAID 1 too.
    fn program(&mut self) {
        self.write(0x00c, 3);
        self.write(0x114, 0x2_0002);
        for region in 1..self.shape.regions as u16 {
            let at = 0x100 + 0x20 * region;
            self.write(at, u32::from(region) << 12);
            self.write(at + 8, u32::from(region) << 12);
            self.write(at + 0x14, 0x2_0002);
            self.write(at + 0x10, 0xf);
        }
        self.write(0x008, 0xf);
    }

    /// Passes the transactions of one region and gives the cycles that it took.
    fn region(&mut self, region: usize) -> u64 {
        let start = self.cycle;
        let page = if region == 0 { 0x40 } else { region as u64 };
        let ax = Ax { addr: page << 12, size: 2, burst: 1, prot: 2, nsaid: 1, ..Ax::default() };
        for side in &mut self.sides {
            side.passed = 0;
        }
        while self.sides.iter().any(|side| side.passed < TRANSACTIONS) {
            for f in 0..self.shape.filters {
                let raw = &mut self.pins.inputs().master[f];
                (raw.ar_valid, raw.aw_valid, raw.w_valid) = (true, true, true);
                (raw.ar, raw.aw) = (ax, ax);
                raw.w = W { data: [1, 0], strb: 0xf, last: true };
            }
            self.step();
        }
        let cycles = self.cycle - start;
        for f in 0..self.shape.filters {
            let raw = &mut self.pins.inputs().master[f];
            (raw.ar_valid, raw.aw_valid) = (false, false);
        }
        for _ in 0..100 {
            self.step();
            for f in 0..self.shape.filters {
                let left = self.sides[f].verdicts.len();
                self.pins.inputs().master[f].w_valid &= left > 0;
            }
        }
        cycles
    }

    fn step(&mut self) {
        self.pins.step();
        let (inputs, out) = self.pins.io();
        let now = self.cycle;
        let channels = [out.ar, out.aw, out.w, out.r, out.b];
        for (f, side) in self.sides.iter_mut().enumerate() {
            let ends = |channel: usize| {
                let (near, far) = (f, f + PINS_MEMORY_SIDE);
                if channel < 3 { [near, far] } else { [far, near] }
            };
            let fired = |channel: usize, end: usize| channels[channel].fire() >> end & 1 == 1;
            for channel in 0..5 {
                for (end, port) in ends(channel).into_iter().enumerate() {
                    let valid = channels[channel].valid >> port & 1 == 1;
                    if valid && !side.offered[channel][end] {
                        if end == 0 {
                            side.began[channel].push_back(now);
                        } else if let Some(mut from) = side.began[channel].pop_front() {
                            if channel == 2 {
                                let verdict = side.verdicts.pop_front().unwrap_or(now);
                                from = from.max(verdict);
                            }
                            self.spans[channel].add(now - from);
                        }
                    }
                    side.offered[channel][end] = valid && !fired(channel, port);
                }
                // Wires give no verdict.
                if channel == 1 && fired(1, f) {
                    let known = now + 1 + u64::from(self.shape.check_latency);
                    side.verdicts.push_back(if self.shape.wires { now } else { known });
                }
            }
            let far = f + PINS_MEMORY_SIDE;
            if fired(0, far) {
                side.due[0].push_back(now + MEMORY);
            }
            if fired(2, far) {
                side.due[1].push_back(now + MEMORY);
            }
            side.passed += u64::from(fired(4, f));
            let (raw, mem) = (&mut inputs.master[f], &mut inputs.mem[f]);
            (raw.r_ready, raw.b_ready) = (true, true);
            (mem.ar_ready, mem.aw_ready, mem.w_ready) = (true, true, true);
            for direction in 0..2 {
                let taken = fired(3 + direction, far);
                if taken {
                    side.due[direction].pop_front();
                }
                let valid = side.due[direction].front().is_some_and(|due| *due <= now);
                if direction == 0 {
                    mem.r_valid = valid;
                    mem.r = R { data: [7, 0], id: 0, resp: 0, last: true };
                } else {
                    mem.b_valid = valid;
                    mem.b = B { id: 0, resp: 0 };
                }
            }
        }
        self.cycle += 1;
    }
}

/// What one shape must add, by channel.
fn expected(shape: &PinsShape) -> [u64; 5] {
    let latency = u64::from(shape.check_latency);
    [latency, latency, 0, 0, 0]
}

fn main() -> ExitCode {
    println!("added cycles, least..most of {TRANSACTIONS} transactions a region and filter");
    println!(
        "shape     region   {}   transactions a cycle",
        CHANNELS.map(|c| format!("{c:6}")).join(" ")
    );
    let mut wrong = 0;
    for shape in LATENCY_PINS {
        let mut bench = Bench::new(shape);
        bench.program();
        let mut all = [Span::NONE; 5];
        for region in 0..if shape.wires { 1 } else { shape.regions } {
            bench.spans = [Span::NONE; 5];
            let cycles = bench.region(region);
            let cells = bench.spans.map(|s| format!("{:6}", format!("{}..{}", s.least, s.most)));
            let rate = TRANSACTIONS as f64 / cycles as f64;
            println!("{:9} {region:6}   {}   {rate:.3}", shape.name, cells.join(" "));
            if cycles > TRANSACTIONS + FILL {
                println!("{}: not a transaction a cycle: {cycles} cycles", shape.name);
                wrong += 1;
            }
            for (all, span) in all.iter_mut().zip(bench.spans) {
                all.merge(span);
            }
        }
        let exact = expected(shape).map(|cycles| Span { least: cycles, most: cycles });
        if all != exact {
            println!("{}: not what N4 says: {exact:?}", shape.name);
            wrong += 1;
        }
    }
    println!("{} shapes, {wrong} figures not as specified", LATENCY_PINS.len());
    ExitCode::from(u8::from(wrong > 0))
}
