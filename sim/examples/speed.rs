// SPDX-License-Identifier: Apache-2.0
//! What one cycle costs, idle and with all masters at work: the crate's own yardstick.
#![allow(clippy::print_stdout, reason = "prints its result")]

use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

use ringfence_sim::{
    ApbIn, Ax, B, Board, BoardOptions, Desc, Inputs, MEMORY_SIDE, Outputs, ProtocolMonitor, R,
    ReplayKind, SHAPES, replay,
};

const CYCLES: u64 = 400_000;

/// A memory without contents: takes everything, answers in order at full rate.
#[derive(Default)]
struct Memory {
    reads: VecDeque<(Ax, u16)>,
    writes: VecDeque<u8>,
    ended: VecDeque<u8>,
}

impl Memory {
    fn react(&mut self, f: usize, out: &Outputs, inputs: &mut Inputs) {
        let (at, mem) = (MEMORY_SIDE + f, &mut inputs.mem[f]);
        let port = &out.port[at];
        let fired = |mask: u16| mask >> at & 1 == 1;
        if fired(out.r.fire()) {
            if port.r.last {
                self.reads.pop_front();
            } else if let Some(front) = self.reads.front_mut() {
                front.1 += 1;
            }
        }
        if fired(out.b.fire()) {
            self.ended.pop_front();
        }
        if fired(out.ar.fire()) {
            self.reads.push_back((port.ar, 0));
        }
        if fired(out.aw.fire()) {
            self.writes.push_back(port.aw.id);
        }
        if fired(out.w.fire()) && port.w.last {
            self.ended.extend(self.writes.pop_front());
        }
        (mem.ar_ready, mem.aw_ready, mem.w_ready) = (true, true, true);
        mem.r_valid = !self.reads.is_empty();
        if let Some((ax, beat)) = self.reads.front() {
            let last = *beat == u16::from(ax.len);
            mem.r = R { data: [ax.addr, u64::from(*beat)], id: ax.id, resp: 0, last };
        }
        mem.b_valid = !self.ended.is_empty();
        if let Some(&id) = self.ended.front() {
            mem.b = B { id, resp: 0 };
        }
    }
}

fn open(board: &mut Board) {
    let filters = (1_u32 << board.filters()) - 1;
    for (addr, wdata) in [(0x110, 0xc000_0000), (0x114, u32::MAX), (0x008, filters)] {
        for enable in [false, true] {
            let apb = ApbIn { addr, wdata, enable, sel: true, write: true, strb: 0xf, prot: 0 };
            board.inputs().apb = apb;
            board.step();
        }
    }
    board.inputs().apb = ApbIn::default();
    board.step();
}

/// Keeps both engines of the first `masters` masters fed.
fn feed(masters: usize, n: u64, inputs: &mut Inputs, out: &Outputs) {
    let all = u8::try_from((1_u32 << masters) - 1).unwrap_or(u8::MAX);
    inputs.ws_valid = all;
    (inputs.rd_desc_valid, inputs.wr_desc_valid) = (all, all);
    for m in 0..masters {
        let desc = |offset: u64| Desc {
            addr: 0x8000_0000 + ((m as u64) << 24) + offset + (n % 4096) * 4096,
            len: 16384,
            rows: 1,
            burst: 16,
            outstanding: 16,
            ..Desc::default()
        };
        if out.rd_desc_ready >> m & 1 == 1 {
            inputs.rd_desc[m] = desc(0);
        }
        if out.wr_desc_ready >> m & 1 == 1 {
            inputs.wr_desc[m] = desc(0x80_0000);
        }
        inputs.ws_data[m] = [n, m as u64];
    }
}

/// Nanoseconds a cycle of the loop, and of it what is not the harness here.
fn run(shape: &str, masters: usize, hold: bool, watch: bool) -> Result<f64, Box<dyn Error>> {
    let options = BoardOptions { hold_clocks: hold, ..BoardOptions::default() };
    let mut board = Board::new(shape, options)?;
    let filters = board.filters();
    let mut monitor = ProtocolMonitor::new(filters);
    let mut memories: Vec<Memory> = (0..filters).map(|_| Memory::default()).collect();
    if watch {
        board.start_recording();
    }
    open(&mut board);
    let start = Instant::now();
    for n in 0..CYCLES {
        let (inputs, out) = board.io();
        for (f, memory) in memories.iter_mut().enumerate() {
            memory.react(f, out, inputs);
        }
        if masters > 0 {
            feed(masters, n, inputs, out);
        }
        board.step();
        if watch {
            monitor.observe(n, board.outputs());
        }
    }
    let time = start.elapsed().as_secs_f64() * 1e9 / CYCLES as f64;
    let beats: u64 = board.pin_counts()[..8].iter().map(|port| port[2] + port[3]).sum();
    print!("{shape} {masters} masters, held {hold}, watched {watch}: {time:.0} ns a cycle");
    println!(", {:.2} beats a cycle", beats as f64 / CYCLES as f64);
    if let Some(recording) = board.take_recording() {
        assert_eq!(monitor.errors(), []);
        for kind in [ReplayKind::Held, ReplayKind::Bare] {
            let hash = replay(shape, kind, &recording, true).map(|replay| replay.hash);
            if let Ok(replay) = replay(shape, kind, &recording, false) {
                let time = replay.seconds * 1e9 / recording.cycles() as f64;
                println!("  {kind:?}: {time:.0} ns a cycle, hash {:016x}", hash?);
            }
        }
    }
    Ok(time)
}

/// `speed [SHAPE MASTERS]`: one measurement, or all.
fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    if let (Some(shape), Some(masters)) = (words.next(), words.next()) {
        run(&shape, masters.parse()?, true, false)?;
        return Ok(());
    }
    for shape in SHAPES {
        for masters in [0, 1, 8] {
            run(shape.name, masters, true, false)?;
            run(shape.name, masters, false, false)?;
            run(shape.name, masters, true, true)?;
        }
    }
    Ok(())
}
