// SPDX-License-Identifier: Apache-2.0
//! A master driven by hand: addresses and data from queues, at random moments, answers kept.

use std::collections::VecDeque;

use ringfence_sim::{Ax, B, BoardOptions, Inputs, Outputs, R, W};

use crate::bench::{Bench, Draw, beat_address, lanes, words};

/// Queues of one raw master.
pub(crate) struct RawMaster {
    pub(crate) index: usize,
    pub(crate) ar: VecDeque<Ax>,
    pub(crate) aw: VecDeque<Ax>,
    pub(crate) w: VecDeque<W>,
    pub(crate) reads: Vec<R>,
    pub(crate) writes: Vec<B>,
    /// Percent of cycles in which a waiting beat is offered, or an answer taken.
    pub(crate) pace: u64,
    /// Most addresses without their answer, a direction.
    pub(crate) limit: i32,
    open: (i32, i32),
    draw: Draw,
}

impl RawMaster {
    pub(crate) fn new(index: usize, pace: u64, bench: &mut Bench) -> Self {
        bench.inputs().raw_enable |= 1 << index;
        Self {
            index,
            ar: VecDeque::new(),
            aw: VecDeque::new(),
            w: VecDeque::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            pace,
            limit: 16,
            open: (0, 0),
            draw: Draw::new(index as u64 + 100),
        }
    }

    /// Queues a write burst whose bytes are `fill` plus the beat's number.
    pub(crate) fn write(&mut self, ax: Ax, fill: u8) {
        self.aw.push_back(ax);
        for beat in 0..=ax.len {
            let data = words([fill.wrapping_add(beat); 16]);
            self.w.push_back(W { data, strb: 0xffff, last: beat == ax.len });
        }
    }

    pub(crate) fn done(&self) -> bool {
        self.ar.is_empty() && self.aw.is_empty() && self.w.is_empty() && self.open == (0, 0)
    }

    /// Takes what the last cycle moved and offers the next.
    pub(crate) fn react(&mut self, out: &Outputs, inputs: &mut Inputs) {
        let (port, raw) = (&out.port[self.index], &mut inputs.raw[self.index]);
        let fired = |mask: u16| mask >> self.index & 1 == 1;
        if fired(out.ar.fire()) {
            self.ar.pop_front();
            self.open.0 += 1;
            raw.ar_valid = false;
        }
        if fired(out.aw.fire()) {
            self.aw.pop_front();
            self.open.1 += 1;
            raw.aw_valid = false;
        }
        if fired(out.w.fire()) {
            self.w.pop_front();
            raw.w_valid = false;
        }
        if fired(out.r.fire()) {
            self.reads.push(port.r);
            self.open.0 -= i32::from(port.r.last);
        }
        if fired(out.b.fire()) {
            self.writes.push(port.b);
            self.open.1 -= 1;
        }
        let pace = self.pace;
        let mut go = |waits: bool| waits && self.draw.chance(pace);
        raw.ar_valid |= go(!self.ar.is_empty() && self.open.0 < self.limit);
        raw.aw_valid |= go(!self.aw.is_empty() && self.open.1 < self.limit);
        raw.w_valid |= go(!self.w.is_empty());
        raw.r_ready = go(true);
        raw.b_ready = go(true);
        raw.ar = self.ar.front().copied().unwrap_or_default();
        raw.aw = self.aw.front().copied().unwrap_or_default();
        raw.w = self.w.front().copied().unwrap_or_default();
    }
}

/// Runs raw masters until all are done.
#[track_caller]
pub(crate) fn run(bench: &mut Bench, masters: &mut [RawMaster], budget: u32) {
    for _ in 0..budget {
        bench.step();
        let (inputs, out) = bench.board.io();
        for master in &mut *masters {
            master.react(out, inputs);
        }
        if masters.iter().all(RawMaster::done) {
            return;
        }
    }
    let open: Vec<_> = masters.iter().map(|m| (m.index, m.open, m.aw.len(), m.w.len())).collect();
    panic!("not done after {budget} cycles (master, open, AW left, W left): {open:?}");
}

fn burst(addr: u64, id: u8, len: u8) -> Ax {
    Ax { addr, id, len, size: 4, burst: 1, prot: 2, ..Ax::default() }
}

#[test]
fn every_field_of_a_raw_burst_arrives() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 3);
    bench.open(0xffff_ffff);
    let mut master = RawMaster::new(6, 100, &mut bench);
    let read = Ax {
        addr: 0x12_3456_7880,
        id: 0xb,
        len: 3,
        size: 3,
        burst: 2,
        lock: 1,
        prot: 7,
        nsaid: 0xd,
    };
    master.ar.push_back(read);
    let write = Ax { addr: 0x9000_0000, len: 0, size: 4, burst: 0, nsaid: 5, ..read };
    master.write(write, 0x77);
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let (inputs, out) = bench.board.io();
        master.react(out, inputs);
        bench.step();
        let out = bench.outputs();
        for port in [6, 8, 12] {
            if out.ar.fire() >> port & 1 == 1 {
                reads.push((port, out.port[port].ar));
            }
            if out.aw.fire() >> port & 1 == 1 {
                writes.push((port, out.port[port].aw));
            }
        }
    }
    let id = 6 << 4 | 0xb;
    let inside = Ax { id, ..read };
    assert_eq!(reads, [(6, read), (8, inside), (12, Ax { nsaid: 0, ..inside })]);
    let inside = Ax { id, ..write };
    assert_eq!(writes, [(6, write), (8, inside), (12, Ax { nsaid: 0, ..inside })]);
    assert_eq!(bench.memory.bytes(0x9000_0000), [0x77; 16]);
    assert_eq!((master.reads.len(), master.writes.len()), (4, 1));
    assert!(master.reads.iter().all(|r| r.id == 0xb));
    bench.finish();
}

#[test]
fn crosswise_writers_do_not_lock_each_other() {
    for (seed, pace) in [(1, 100), (2, 50), (3, 20)] {
        let mut bench = Bench::new("f4", BoardOptions::default(), seed);
        bench.open(0xffff_ffff);
        bench.memory.ready_percent = 60;
        let mut draw = Draw::new(seed);
        let mut masters = [6, 7].map(|index| RawMaster::new(index, pace, &mut bench));
        let mut expected = Vec::new();
        for n in 0..120_u64 {
            for (side, master) in masters.iter_mut().enumerate() {
                // One begins with the filter with which the other ends.
                let filter = (n + side as u64) % 2;
                let page = 0x8000_0000 + side as u64 * 0x100_0000 + (n * 4 + filter) * 4096;
                let ax = burst(page + draw.below(64) * 16, (n % 16) as u8, draw.below(8) as u8);
                master.write(ax, n as u8);
                expected.push((ax, n as u8));
            }
        }
        run(&mut bench, &mut masters, 40_000);
        for (ax, fill) in expected {
            for beat in 0..=ax.len {
                let at = beat_address(&ax, u32::from(beat));
                assert_eq!(bench.memory.bytes(at), [fill.wrapping_add(beat); 16], "{at:#x}");
            }
        }
        for master in &masters {
            assert!(master.writes.iter().all(|b| b.resp == 0));
            for id in 0..16 {
                let answers = master.writes.iter().filter(|b| b.id == id).count();
                assert_eq!(answers, if id < 8 { 8 } else { 7 }, "ID {id}");
            }
        }
        bench.finish();
    }
}

#[test]
fn one_id_keeps_its_order_across_filters() {
    let mut bench = Bench::new("f4", BoardOptions::default(), 9);
    bench.open(0xffff_ffff);
    bench.memory.ready_percent = 50;
    let mut masters = [RawMaster::new(4, 80, &mut bench), RawMaster::new(5, 80, &mut bench)];
    let place = |n: u64| 0x8000_0000 + (n % 4) * 4096 + (n / 4) * 0x40;
    for (side, master) in masters.iter_mut().enumerate() {
        for n in 0..64 {
            master.write(burst(place(n) + side as u64 * 0x10_0000, 3, 3), n as u8);
        }
    }
    run(&mut bench, &mut masters, 40_000);
    for (side, master) in masters.iter_mut().enumerate() {
        for n in 0..64 {
            master.ar.push_back(burst(place(n) + side as u64 * 0x10_0000, 3, 3));
        }
    }
    run(&mut bench, &mut masters, 40_000);
    for master in &masters {
        let order: Vec<u8> = master.reads.iter().map(|r| lanes(r.data)[0]).collect();
        let asked: Vec<u8> = (0..64_u8).flat_map(|n| (0..4).map(move |beat| n + beat)).collect();
        assert_eq!(order, asked);
    }
    bench.finish();
}
