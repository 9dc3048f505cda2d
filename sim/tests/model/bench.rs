// SPDX-License-Identifier: Apache-2.0
//! A board with a memory, a register bus and the protocol checks, for the tests of this folder.

use std::collections::{BTreeMap, VecDeque};

use ringfence_sim::{
    ApbIn, Ax, B, Board, BoardOptions, Inputs, MEMORY_SIDE, MemIn, Outputs, ProtocolMonitor, R, W,
};

/// xorshift64*: the tests need repeatable draws and no more.
#[derive(Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % end
    }

    /// True `percent` times of 100.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A register of the firewall.
pub(crate) mod reg {
    pub(crate) const ACTION: u16 = 0x004;
    pub(crate) const GATE_KEEPER: u16 = 0x008;
    pub(crate) const REGION_ATTR: u16 = 0x110;
    pub(crate) const REGION_ID_ACCESS: u16 = 0x114;
}

/// Sixteen bytes at an address.
type Cells = BTreeMap<u64, [u8; 16]>;

#[derive(Default)]
struct Channel {
    reads: VecDeque<(Ax, u32)>,
    writes: VecDeque<(Ax, u32)>,
    ended: VecDeque<u8>,
}

/// A memory behind every filter: answers in order, each READY and VALID at random.
pub(crate) struct Memory {
    pub(crate) cells: Cells,
    pub(crate) ready_percent: u64,
    /// Write beats that came before their address was taken.
    pub(crate) stray: u32,
    channels: Vec<Channel>,
    draw: Draw,
}

/// Address of beat `beat` of an INCR burst.
pub(crate) fn beat_address(ax: &Ax, beat: u32) -> u64 {
    let size = 1_u64 << ax.size;
    if beat == 0 { ax.addr } else { (ax.addr & !(size - 1)) + u64::from(beat) * size }
}

impl Memory {
    fn new(filters: usize, seed: u64) -> Self {
        let channels = (0..filters).map(|_| Channel::default()).collect();
        Self { cells: Cells::new(), ready_percent: 100, stray: 0, channels, draw: Draw::new(seed) }
    }

    pub(crate) fn bytes(&self, addr: u64) -> [u8; 16] {
        self.cells.get(&(addr & !15)).copied().unwrap_or([0xee; 16])
    }

    fn write(&mut self, addr: u64, w: &W) {
        let mut cell = self.bytes(addr);
        let data = lanes(w.data);
        for lane in (0..16).filter(|lane| w.strb >> lane & 1 == 1) {
            cell[lane] = data[lane];
        }
        self.cells.insert(addr & !15, cell);
    }

    /// Takes what the last cycle moved and drives the next one.
    fn react(&mut self, out: &Outputs, mem: &mut [MemIn; 4]) {
        for (f, mem) in mem.iter_mut().enumerate().take(self.channels.len()) {
            self.take(f, out);
            self.drive(f, mem);
        }
    }

    fn take(&mut self, f: usize, out: &Outputs) {
        let at = MEMORY_SIDE + f;
        let port = &out.port[at];
        let fired = |mask: u16| mask >> at & 1 == 1;
        if fired(out.r.fire()) {
            let front = self.channels[f].reads.front_mut().expect("an answered read is open");
            front.1 += 1;
            if front.1 > u32::from(front.0.len) {
                self.channels[f].reads.pop_front();
            }
        }
        if fired(out.b.fire()) {
            self.channels[f].ended.pop_front();
        }
        if fired(out.ar.fire()) {
            self.channels[f].reads.push_back((port.ar, 0));
        }
        if fired(out.aw.fire()) {
            self.channels[f].writes.push_back((port.aw, 0));
        }
        if fired(out.w.fire()) {
            let Some(front) = self.channels[f].writes.front_mut() else {
                self.stray += 1;
                return;
            };
            let (ax, beat) = *front;
            front.1 += 1;
            if port.w.last {
                self.channels[f].writes.pop_front();
                self.channels[f].ended.push_back(ax.id);
            }
            self.write(beat_address(&ax, beat), &port.w);
        }
    }

    fn drive(&mut self, f: usize, mem: &mut MemIn) {
        let percent = self.ready_percent;
        let mut flip = || percent == 100 || self.draw.chance(percent);
        mem.ar_ready = flip();
        mem.aw_ready = flip();
        let (r_may, b_may) = (flip(), flip());
        let channel = &self.channels[f];
        // Data may come with its address or after it, never before.
        mem.w_ready = !channel.writes.is_empty() && flip();
        let r = channel.reads.front().map(|(ax, beat)| R {
            data: words(self.bytes(beat_address(ax, *beat))),
            id: ax.id,
            resp: 0,
            last: *beat == u32::from(ax.len),
        });
        // A VALID that was raised stays, with its payload.
        mem.r_valid = r.is_some() && (r_may || mem.r_valid);
        mem.b_valid = !channel.ended.is_empty() && (b_may || mem.b_valid);
        if let Some(r) = r {
            mem.r = r;
        }
        if let Some(&id) = channel.ended.front() {
            mem.b = B { id, resp: 0 };
        }
    }
}

pub(crate) fn lanes(data: [u64; 2]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&data[0].to_le_bytes());
    bytes[8..].copy_from_slice(&data[1].to_le_bytes());
    bytes
}

pub(crate) fn words(bytes: [u8; 16]) -> [u64; 2] {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    [word(0), word(8)]
}

/// A board with everything around it.
pub(crate) struct Bench {
    pub(crate) board: Board,
    pub(crate) memory: Memory,
    pub(crate) monitor: ProtocolMonitor,
    /// A board that gets the same inputs and is to show the same.
    pub(crate) twin: Option<Board>,
    /// First cycle in which the twin did not.
    pub(crate) differs: Option<u64>,
}

impl Bench {
    pub(crate) fn new(shape: &str, options: BoardOptions, seed: u64) -> Self {
        let board = Board::new(shape, options).expect("the shape is built");
        let filters = board.filters();
        let (memory, monitor) = (Memory::new(filters, seed), ProtocolMonitor::new(filters));
        let mut bench = Self { board, memory, monitor, twin: None, differs: None };
        for straps in &mut bench.board.inputs().straps {
            // Non-secure on every stream; NSAID is the stream.
            (straps.nsaid, straps.prot) = (0x3210, 0o2222);
        }
        bench
    }

    pub(crate) fn inputs(&mut self) -> &mut Inputs {
        self.board.inputs()
    }

    pub(crate) fn outputs(&self) -> &Outputs {
        self.board.outputs()
    }

    pub(crate) fn step(&mut self) {
        let cycle = self.board.cycle();
        if let Some(twin) = &mut self.twin {
            twin.inputs().clone_from(self.board.inputs());
            twin.step();
        }
        self.board.step();
        let same = self.twin.as_ref().is_none_or(|twin| twin.outputs() == self.board.outputs());
        if !same && self.differs.is_none() {
            self.differs = Some(cycle);
        }
        self.monitor.observe(cycle, self.board.outputs());
        let (inputs, outputs) = self.board.io();
        self.memory.react(outputs, &mut inputs.mem);
    }

    fn apb(&mut self, addr: u16, write: bool, wdata: u32) -> u32 {
        let setup = ApbIn { addr, write, wdata, sel: true, strb: 0xf, ..ApbIn::default() };
        self.inputs().apb = setup;
        self.step();
        self.inputs().apb.enable = true;
        for _ in 0..100 {
            self.step();
            if self.outputs().apb_ready {
                let data = self.outputs().apb_rdata;
                assert!(!self.outputs().apb_slverr, "APB error at {addr:#x}");
                self.inputs().apb = ApbIn::default();
                self.step();
                return data;
            }
        }
        panic!("no PREADY at {addr:#x}");
    }

    pub(crate) fn write_register(&mut self, addr: u16, data: u32) {
        self.apb(addr, true, data);
    }

    pub(crate) fn read_register(&mut self, addr: u16) -> u32 {
        self.apb(addr, false, 0)
    }

    /// Opens region 0 to the non-secure identities of the masks, and every gate.
    pub(crate) fn open(&mut self, id_access: u32) {
        let filters = (1_u32 << self.board.filters()) - 1;
        self.write_register(reg::ACTION, 1);
        self.write_register(reg::REGION_ATTR, 0xc000_0000);
        self.write_register(reg::REGION_ID_ACCESS, id_access);
        self.write_register(reg::GATE_KEEPER, filters);
        let open =
            self.wait_for(100, |bench| bench.read_register(reg::GATE_KEEPER) >> 16 == filters);
        assert!(open, "the gates do not open");
    }

    /// Steps until `done` says so; false when `budget` cycles did not do.
    pub(crate) fn wait_for(
        &mut self,
        budget: u32,
        mut done: impl FnMut(&mut Self) -> bool,
    ) -> bool {
        for _ in 0..budget {
            if done(self) {
                return true;
            }
            self.step();
        }
        false
    }

    /// Steps until nothing is in flight, then looks at all that was checked on the way.
    #[track_caller]
    pub(crate) fn finish(&mut self) {
        assert!(self.wait_for(20_000, |bench| bench.board.quiescent()), "something hangs");
        self.step();
        self.step();
        self.monitor.finish(self.board.cycle());
        assert_eq!(self.memory.stray, 0);
        let errors: Vec<_> = self.monitor.errors().iter().map(ToString::to_string).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(self.board.assertion_failures(), Vec::<String>::new());
    }
}
