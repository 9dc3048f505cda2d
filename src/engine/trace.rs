// SPDX-License-Identifier: Apache-2.0
//! Every transaction as it crossed a master's port, for tests that ask what the bus saw.
use crate::memory::beat_addr;
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PhysAddr};
use ringfence_sim::{Ax, BEAT_BYTES, MASTERS, Outputs, W};
use std::collections::VecDeque;

/// A transaction, address handshake to last response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Cycle of the address handshake.
    pub cycle: Cycle,
    /// Cycle of its last response beat.
    pub ended: Cycle,
    /// At whose port.
    pub master: MasterId,
    /// Which way.
    pub direction: Direction,
    /// Bytes from the first to the last that was read, or written under a strobe.
    pub range: AddrRange,
    /// Worst response of its beats, as on the bus: 0 OKAY, 2 SLVERR, 3 DECERR.
    pub resp: u8,
    /// Secure (AxPROT bit 1 clear).
    pub secure: bool,
    /// The bytes of `range`.
    pub data: Vec<u8>,
}

/// A transaction under way.
struct Open {
    cycle: Cycle,
    ax: Ax,
    beats: u16,
    resp: u8,
    bytes: Vec<(u64, u8)>,
    full: bool,
}

/// Watches every master's port.
#[derive(Default)]
pub(super) struct Trace {
    reads: Vec<VecDeque<Open>>,
    writes: Vec<VecDeque<Open>>,
    done: Vec<Transaction>,
}

impl Trace {
    pub(super) fn new() -> Self {
        let queues = || (0..MASTERS).map(|_| VecDeque::new()).collect();
        Self { reads: queues(), writes: queues(), done: Vec::new() }
    }

    /// Takes in one cycle.
    pub(super) fn observe(&mut self, cycle: Cycle, out: &Outputs) {
        let mask = (1 << MASTERS) - 1;
        if (out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire()) & mask == 0
        {
            return;
        }
        for master in 0..MASTERS {
            self.one(cycle, master, out);
        }
    }

    /// Transactions that have ended, by the cycle of their address.
    pub(super) fn finish(mut self) -> Vec<Transaction> {
        self.done.sort_by_key(|t| (t.cycle, t.master));
        self.done
    }

    fn one(&mut self, cycle: Cycle, master: usize, out: &Outputs) {
        let fires = |mask: u16| mask >> master & 1 == 1;
        let (port, reads, writes) =
            (&out.port[master], &mut self.reads[master], &mut self.writes[master]);
        let open = |ax| Open { cycle, ax, beats: 0, resp: 0, bytes: Vec::new(), full: false };
        if fires(out.ar.fire()) {
            reads.push_back(open(port.ar));
        }
        if fires(out.aw.fire()) {
            writes.push_back(open(port.aw));
        }
        if fires(out.w.fire())
            && let Some(burst) = writes.iter_mut().find(|burst| !burst.full)
        {
            burst.write(port.w);
        }
        if fires(out.r.fire())
            && let Some(at) = reads.iter().position(|burst| burst.ax.id == port.r.id)
        {
            reads[at].read(port.r.data, port.r.resp);
            if port.r.last {
                self.done.extend(reads.remove(at).map(|b| b.end(cycle, master, Direction::Read)));
            }
        }
        if fires(out.b.fire())
            && let Some(at) = writes.iter().position(|burst| burst.ax.id == port.b.id)
        {
            writes[at].resp = port.b.resp;
            self.done.extend(writes.remove(at).map(|b| b.end(cycle, master, Direction::Write)));
        }
    }
}

impl Open {
    /// First byte of the bus word of the next beat, and the lanes that the beat may use.
    fn lanes(&mut self) -> (u64, std::ops::Range<usize>) {
        let addr = beat_addr(&self.ax, self.beats);
        let lane = addr as usize % BEAT_BYTES;
        let size = 1 << self.ax.size;
        self.beats += 1;
        (addr - lane as u64, lane..(lane - lane % size + size).min(BEAT_BYTES))
    }

    fn write(&mut self, w: W) {
        let (word, lanes) = self.lanes();
        let bytes = bytes(w.data);
        let strobed = lanes.filter(|lane| w.strb >> lane & 1 == 1);
        self.bytes.extend(strobed.map(|lane| (word + lane as u64, bytes[lane])));
        self.full = w.last;
    }

    fn read(&mut self, data: [u64; 2], resp: u8) {
        let (word, lanes) = self.lanes();
        let bytes = bytes(data);
        self.bytes.extend(lanes.map(|lane| (word + lane as u64, bytes[lane])));
        self.resp = self.resp.max(resp);
    }

    fn end(mut self, ended: Cycle, master: usize, direction: Direction) -> Transaction {
        self.bytes.sort_by_key(|(at, _)| *at);
        self.bytes.dedup_by_key(|(at, _)| *at);
        let base = self.bytes.first().map_or(self.ax.addr, |(at, _)| *at);
        let range = AddrRange { base: PhysAddr(base), len: ByteLen(self.bytes.len() as u64) };
        Transaction {
            cycle: self.cycle,
            ended,
            master: MasterId(master as u8),
            direction,
            range,
            resp: self.resp,
            secure: self.ax.prot & 2 == 0,
            data: self.bytes.into_iter().map(|(_, byte)| byte).collect(),
        }
    }
}

fn bytes(data: [u64; 2]) -> [u8; BEAT_BYTES] {
    (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes()
}
