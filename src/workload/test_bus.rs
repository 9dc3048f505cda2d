// SPDX-License-Identifier: Apache-2.0
//! A flat memory behind one raw port, with random timing and its own idea of who is denied.
//! Written from AXI's rules (IHI 0022), not from the actors that it tests.
use super::stream;
use crate::units::{AddrRange, Direction, PhysAddr};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{Ax, B, Inputs, Outputs, R};
use std::collections::{BTreeMap, VecDeque};

/// A transaction that the bus took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) cycle: u64,
    pub(super) direction: Direction,
    pub(super) ax: Ax,
    pub(super) denied: bool,
}

struct Pending {
    ax: Ax,
    denied: bool,
    beats: u16,
    due: u64,
    data: Vec<([u64; 2], u16)>,
}

/// The bus of one master.
pub(super) struct TestBus {
    master: usize,
    rng: ChaCha8Rng,
    pub(super) cycle: u64,
    pub(super) memory: BTreeMap<u64, [u8; 16]>,
    /// Nobody gets in here.
    pub(super) closed: Option<AddrRange>,
    /// Response of denied accesses: 0 OKAY with zeros, 3 DECERR.
    pub(super) deny_resp: u8,
    pub(super) log: Vec<Taken>,
    reads: Vec<Pending>,
    filling: VecDeque<Pending>,
    writes: Vec<Pending>,
    out: Box<Outputs>,
    pub(super) inputs: Box<Inputs>,
}

impl TestBus {
    pub(super) fn new(master: usize, seed: u64) -> Self {
        Self {
            master,
            rng: stream(seed, 0xb05),
            cycle: 0,
            memory: BTreeMap::new(),
            closed: None,
            deny_resp: 3,
            log: Vec::new(),
            reads: Vec::new(),
            filling: VecDeque::new(),
            writes: Vec::new(),
            out: Box::default(),
            inputs: Box::default(),
        }
    }

    /// Bytes of memory, zeros where nothing was written.
    pub(super) fn bytes(&self, addr: u64, len: usize) -> Vec<u8> {
        let byte = |at: u64| self.memory.get(&(at & !15)).map_or(0, |b| b[(at % 16) as usize]);
        (addr..addr + len as u64).map(byte).collect()
    }

    /// Puts bytes into memory before a test begins.
    pub(super) fn set(&mut self, addr: u64, bytes: &[u8]) {
        for (at, &byte) in (addr..).zip(bytes) {
            self.memory.entry(at & !15).or_insert([0; 16])[(at % 16) as usize] = byte;
        }
    }

    /// Transactions taken in a direction.
    pub(super) fn count(&self, direction: Direction) -> usize {
        self.log.iter().filter(|taken| taken.direction == direction).count()
    }

    /// One cycle; then the actor sees `parts`.
    pub(super) fn step(&mut self) {
        self.cycle += 1;
        *self.out = Outputs::default();
        let bit = 1u16 << self.master;
        let raw = self.inputs.raw[self.master];
        let port = &mut self.out.port[self.master];
        (port.ar, port.aw, port.w) = (raw.ar, raw.aw, raw.w);
        let (ar, aw, w) = (raw.ar_valid, raw.aw_valid, raw.w_valid);
        for (valid, channel) in
            [(ar, &mut self.out.ar), (aw, &mut self.out.aw), (w, &mut self.out.w)]
        {
            channel.valid = if valid { bit } else { 0 };
            channel.ready = if self.rng.random_range(0..4u8) > 0 { bit } else { 0 };
        }
        if self.out.w.fire() != 0 {
            self.take_beat(raw.w.data, raw.w.strb, raw.w.last);
        }
        if self.out.ar.fire() != 0 {
            let pending = self.take(Direction::Read, raw.ar);
            self.reads.push(pending);
        }
        if self.out.aw.fire() != 0 {
            let pending = self.take(Direction::Write, raw.aw);
            self.filling.push_back(pending);
        }
        self.answer_read(bit);
        self.answer_write(bit);
    }

    fn take(&mut self, direction: Direction, ax: Ax) -> Pending {
        assert_eq!((ax.size, ax.burst, ax.addr % 16), (4, 1, 0), "whole beats, incrementing");
        let last = ax.addr + 16 * u64::from(ax.len) + 15;
        assert_eq!(ax.addr / 4096, last / 4096, "a burst crosses 4 KiB");
        let denied = self.closed.is_some_and(|range| range.contains(PhysAddr(ax.addr)));
        self.log.push(Taken { cycle: self.cycle, direction, ax, denied });
        let due = self.cycle + self.rng.random_range(1..40u64);
        Pending { ax, denied, beats: 0, due, data: Vec::new() }
    }

    fn take_beat(&mut self, data: [u64; 2], strb: u16, last: bool) {
        let write = self.filling.front_mut().expect("no W beat comes before its AW");
        write.data.push((data, strb));
        assert_eq!(last, write.data.len() == usize::from(write.ax.len) + 1, "WLAST");
        if last {
            let mut write = self.filling.pop_front().expect("it is there");
            write.due = self.cycle + self.rng.random_range(1..40u64);
            self.writes.push(write);
        }
    }

    /// Reads see memory as it is when their beat is sent, in any order of the IDs.
    fn answer_read(&mut self, bit: u16) {
        let cycle = self.cycle;
        let Some(at) = self.reads.iter().position(|read| read.due <= cycle) else { return };
        let read = &mut self.reads[at];
        let addr = read.ax.addr + 16 * u64::from(read.beats);
        let bytes = self.memory.get(&addr).copied().filter(|_| !read.denied).unwrap_or([0; 16]);
        let all = u128::from_le_bytes(bytes);
        let last = read.beats == u16::from(read.ax.len);
        let resp = if read.denied { self.deny_resp } else { 0 };
        let data = [all as u64, (all >> 64) as u64];
        self.out.port[self.master].r = R { data, id: read.ax.id, resp, last };
        (self.out.r.valid, self.out.r.ready) = (bit, bit);
        read.beats += 1;
        if last {
            self.reads.remove(at);
        }
    }

    /// Writes reach memory as late as they may: with their answer.
    fn answer_write(&mut self, bit: u16) {
        let cycle = self.cycle;
        let Some(at) = self.writes.iter().position(|write| write.due <= cycle) else { return };
        let write = self.writes.remove(at);
        for (n, (data, strb)) in (0..).zip(&write.data) {
            let bytes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
            let cell = self.memory.entry(write.ax.addr + 16 * n).or_insert([0; 16]);
            for lane in (0..16).filter(|lane| !write.denied && strb >> lane & 1 == 1) {
                cell[lane] = bytes[lane];
            }
        }
        let resp = if write.denied { self.deny_resp } else { 0 };
        self.out.port[self.master].b = B { id: write.ax.id, resp };
        (self.out.b.valid, self.out.b.ready) = (bit, bit);
    }

    /// What the last cycle showed, and what is driven next.
    pub(super) fn parts(&mut self) -> (&Outputs, &mut Inputs) {
        (&self.out, &mut self.inputs)
    }
}
