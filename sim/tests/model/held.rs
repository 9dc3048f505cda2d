// SPDX-License-Identifier: Apache-2.0
//! Holding an idle unit's clock must not show; holding it one cycle early must.

use ringfence_sim::{Ax, Board, BoardOptions, Desc, ReplayKind, replay};

use crate::bench::{Bench, Draw};
use crate::raw::RawMaster;

/// Masters whose DMA engine works; the others are raw.
const ENGINES: usize = 6;

/// What one engine's write stream still owes.
#[derive(Default)]
struct Stream {
    beats_due: u64,
    sent: u64,
}

fn random_desc(draw: &mut Draw, master: usize) -> Desc {
    let len = 1 + draw.below(700) as u32;
    Desc {
        addr: 0x8000_0000 + ((master as u64) << 20) + draw.below(0x8_0000),
        len,
        stride: len + draw.below(4000) as u32,
        rows: 1 + draw.below(3) as u16,
        tag: draw.below(0x1_0000) as u16,
        burst: 1 + draw.below(64) as u8,
        outstanding: 1 + draw.below(16) as u8,
        stream: draw.below(4) as u8,
        stop_on_error: false,
    }
}

/// Beats that a descriptor takes from the write stream.
fn beats(desc: &Desc) -> u64 {
    let row = |row: u64| {
        let start = desc.addr + row * u64::from(desc.stride);
        (start % 16 + u64::from(desc.len)).div_ceil(16)
    };
    (0..u64::from(desc.rows)).map(row).sum()
}

fn random_burst(draw: &mut Draw) -> Ax {
    Ax {
        addr: 0x8000_0000 + draw.below(0x2000) * 1024,
        id: draw.below(16) as u8,
        len: draw.below(16) as u8,
        size: 4,
        burst: 1,
        prot: 2,
        nsaid: draw.below(4) as u8,
        ..Ax::default()
    }
}

/// Random traffic of all masters: times of work and times of silence.
struct Traffic {
    draw: Draw,
    streams: [Stream; ENGINES],
    raws: Vec<RawMaster>,
    works: bool,
}

impl Traffic {
    fn new(bench: &mut Bench, seed: u64) -> Self {
        let raws = (ENGINES..8).map(|index| RawMaster::new(index, 70, bench)).collect();
        Self { draw: Draw::new(seed), streams: Default::default(), raws, works: true }
    }

    fn drive(&mut self, bench: &mut Bench) {
        // Pauses long enough for everything in flight to end: that is when clocks are held.
        self.works = bench.board.cycle() / 1000 % 3 != 2;
        for master in 0..ENGINES {
            self.drive_engine(bench, master);
        }
        let (inputs, out) = bench.board.io();
        for raw in &mut self.raws {
            if self.works && raw.ar.len() + raw.aw.len() < 4 && self.draw.chance(10) {
                let ax = random_burst(&mut self.draw);
                if self.draw.chance(50) { raw.ar.push_back(ax) } else { raw.write(ax, ax.id) }
            }
            raw.react(out, inputs);
        }
    }

    fn drive_engine(&mut self, bench: &mut Bench, master: usize) {
        let (inputs, out) = bench.board.io();
        let (stream, bit) = (&mut self.streams[master], 1_u8 << master);
        if inputs.ws_valid & out.ws_ready & bit != 0 {
            stream.sent += 1;
            stream.beats_due -= 1;
        }
        inputs.rd_desc_valid &= !(out.rd_desc_ready & bit);
        inputs.wr_desc_valid &= !(out.wr_desc_ready & bit);
        if self.works && inputs.rd_desc_valid & bit == 0 && self.draw.chance(4) {
            inputs.rd_desc[master] = random_desc(&mut self.draw, master);
            inputs.rd_desc_valid |= bit;
        }
        if self.works && inputs.wr_desc_valid & bit == 0 && self.draw.chance(4) {
            inputs.wr_desc[master] = random_desc(&mut self.draw, master);
            inputs.wr_desc_valid |= bit;
            stream.beats_due += beats(&inputs.wr_desc[master]);
        }
        let waits = inputs.ws_valid & !out.ws_ready & bit != 0;
        inputs.ws_valid &= !bit;
        if stream.beats_due > 0 && (waits || self.draw.chance(80)) {
            inputs.ws_valid |= bit;
        }
        inputs.ws_data[master] = [stream.sent, master as u64];
    }
}

/// Runs random traffic on a board with held clocks beside a twin, and returns the first cycle in
/// which the two differ.
fn first_difference(shape: &str, twin: BoardOptions, cycles: u32) -> Option<u64> {
    let mut bench = Bench::new(shape, BoardOptions::default(), 11);
    bench.twin = Some(Board::new(shape, twin).expect("the shape is built"));
    // Of the identities 0 to 3, one may only read and one neither.
    bench.open(0x0005_000d);
    let mut traffic = Traffic::new(&mut bench, 5);
    bench.memory.ready_percent = 70;
    for _ in 0..cycles {
        traffic.drive(&mut bench);
        bench.step();
    }
    let moved: Vec<u64> = (0..8).map(|m| bench.board.pin_counts()[m].iter().sum()).collect();
    assert!(moved.iter().all(|&moved| moved > 400), "all masters were to work: {moved:?}");
    assert!(bench.board.assertion_failures().is_empty());
    bench.differs
}

#[test]
fn held_clocks_do_not_show() {
    for shape in ["f1", "f4"] {
        let all_clocks = BoardOptions { hold_clocks: false, ..BoardOptions::default() };
        assert_eq!(first_difference(shape, all_clocks, 20_000), None, "{shape}");
    }
}

#[test]
fn idle_one_cycle_early_shows() {
    let early = BoardOptions { early_idle: true, ..BoardOptions::default() };
    assert!(first_difference("f1", early, 12_000).is_some());
}

#[test]
fn a_recording_plays_back_the_same() {
    for shape in ["f1", "f4"] {
        let mut bench = Bench::new(shape, BoardOptions::default(), 11);
        bench.board.start_recording();
        bench.board.set_hashing(true);
        bench.open(0x0005_000d);
        let mut traffic = Traffic::new(&mut bench, 5);
        for _ in 0..5000 {
            traffic.drive(&mut bench);
            bench.step();
        }
        let recording = bench.board.take_recording().expect("it was started");
        assert_eq!(recording.cycles(), bench.board.cycle());
        let held = replay(shape, ReplayKind::Held, &recording, true).expect("the shape is built");
        assert_eq!(held.hash, bench.board.output_hash(), "{shape}");
        if cfg!(feature = "bare") && shape == "f1" {
            let bare = replay(shape, ReplayKind::Bare, &recording, true).expect("it is built");
            assert_eq!(bare.hash, bench.board.output_hash(), "{shape}");
        }
    }
}
