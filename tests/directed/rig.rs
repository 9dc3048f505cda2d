// SPDX-License-Identifier: Apache-2.0
//! A firewall alone, driven one access at a time, with a memory that tells what reached it.
use ringfence_sim::{ApbIn, Ax, B, PINS_MEMORY_SIDE, Pins, PinsOutputs, R, W};
use std::collections::VecDeque;

pub(crate) const ACTION: u16 = 0x004;
pub(crate) const GATE: u16 = 0x008;
pub(crate) const SPECULATION: u16 = 0x00c;
pub(crate) const INT_STATUS: u16 = 0x010;
pub(crate) const INT_CLEAR: u16 = 0x014;
pub(crate) const PAGE: u64 = 0x8000_0000;
const LONGEST: u32 = 2000;

/// What a directed test found, if anything.
pub(crate) type Check = Result<(), String>;

/// Objects unless the two are equal.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, want: T) -> Check {
    if got == want { Ok(()) } else { Err(format!("{what}: {got:x?}, not {want:x?}")) }
}

/// One region as the driver writes it.
#[derive(Clone, Copy)]
pub(crate) struct Region {
    pub(crate) base: u64,
    pub(crate) top: u64,
    pub(crate) attributes: u32,
    pub(crate) ids: u32,
}

/// What became of one access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Response: of the last read beat, or of the write.
    pub(crate) resp: u8,
    /// Read data.
    pub(crate) data: Vec<[u64; 2]>,
    /// RLAST by beat.
    pub(crate) lasts: Vec<bool>,
    /// Addresses that reached memory.
    pub(crate) reached: Vec<Ax>,
    /// Write beats that reached memory: low word, strobes, WLAST.
    pub(crate) landed: Vec<(u64, u16, bool)>,
}

pub(crate) struct Rig {
    pub(crate) pins: Pins,
    pub(crate) filters: usize,
    pub(crate) bytes: u16,
    reads: [VecDeque<(Ax, u16)>; 2],
    owed: [VecDeque<(Ax, u16)>; 2],
    pub(crate) answers: [Answer; 2],
    /// Memory withholds its answers.
    pub(crate) hold: bool,
    /// What memory answers.
    pub(crate) memory_resp: u8,
}

impl Rig {
    /// After reset; gates closed.
    pub(crate) fn new(shape: &str, filters: usize, bytes: u16, fault: u8) -> Self {
        Self {
            pins: Pins::with_fault(shape, true, fault).expect("the shape is built"),
            filters,
            bytes,
            reads: Default::default(),
            owed: Default::default(),
            answers: Default::default(),
            hold: false,
            memory_resp: 0,
        }
    }

    /// Everything reads and writes region 1 as NSAID 1; region 0 is closed, gates open, no
    /// speculation, denied accesses get DECERR.
    pub(crate) fn ready(&mut self) {
        self.write(ACTION, 1);
        self.write(SPECULATION, 3);
        self.region(1, Region { base: PAGE, top: PAGE + 0x1fff, attributes: 0xf, ids: 0x2_0002 });
        self.write(GATE, 0xf);
    }

    pub(crate) fn region(&mut self, n: u16, region: Region) {
        let at = 0x100 + 0x20 * n;
        self.write(at, region.base as u32);
        self.write(at + 4, (region.base >> 32) as u32);
        self.write(at + 8, region.top as u32);
        self.write(at + 0xc, (region.top >> 32) as u32);
        self.write(at + 0x14, region.ids);
        self.write(at + 0x10, region.attributes);
    }

    pub(crate) fn transfer(&mut self, apb: ApbIn) -> (u32, bool) {
        self.pins.inputs().apb = ApbIn { sel: true, ..apb };
        self.step();
        self.pins.inputs().apb.enable = true;
        self.step();
        let out = self.pins.outputs();
        let answer = (out.apb_rdata, out.apb_slverr);
        self.pins.inputs().apb = ApbIn::default();
        answer
    }

    pub(crate) fn write(&mut self, addr: u16, wdata: u32) {
        self.transfer(ApbIn { addr, wdata, write: true, strb: 0xf, ..ApbIn::default() });
    }

    pub(crate) fn read(&mut self, addr: u16) -> u32 {
        self.transfer(ApbIn { addr, ..ApbIn::default() }).0
    }

    /// An ordinary access of a beat as NSAID 1.
    pub(crate) fn beat(&self, addr: u64) -> Ax {
        let size = self.bytes.trailing_zeros() as u8;
        Ax { addr, id: 1, size, burst: 1, prot: 2, nsaid: 1, ..Ax::default() }
    }

    /// Offers an address without waiting.
    pub(crate) fn offer(&mut self, filter: usize, write: bool, ax: Ax) {
        let raw = &mut self.pins.inputs().master[filter];
        (raw.r_ready, raw.b_ready) = (true, true);
        if write {
            (raw.aw_valid, raw.aw) = (true, ax);
        } else {
            (raw.ar_valid, raw.ar) = (true, ax);
        }
    }

    /// One access from its address to its last answer; data of write beat `n` is `n + 1`, all
    /// strobes set. An error when it takes too long.
    pub(crate) fn go(&mut self, filter: usize, write: bool, ax: Ax) -> Result<Answer, String> {
        self.go_with(filter, write, ax, |beat| beat == u16::from(ax.len))
    }

    /// The same with a WLAST of one's own.
    pub(crate) fn go_with(
        &mut self,
        filter: usize,
        write: bool,
        ax: Ax,
        last: impl Fn(u16) -> bool,
    ) -> Result<Answer, String> {
        self.answers[filter] = Answer::default();
        self.offer(filter, write, ax);
        let (mut sent, beats) = (0, u16::from(ax.len) + 1);
        let strb = ((1u32 << self.bytes) - 1) as u16;
        for _ in 0..LONGEST {
            if write {
                let w = W { data: [u64::from(sent) + 1, 0], strb, last: last(sent) };
                let raw = &mut self.pins.inputs().master[filter];
                (raw.w_valid, raw.w) = (sent < beats, w);
            }
            self.step();
            let out = self.pins.outputs();
            sent += u16::from(out.w.fire() >> filter & 1 == 1);
            if write && out.b.fire() >> filter & 1 == 1 {
                if sent < beats {
                    return Err(format!("answered after {sent} of {beats} beats"));
                }
                return Ok(self.answers[filter].clone());
            }
            if !write && self.answers[filter].data.len() == usize::from(beats) {
                // A beat too many would follow at once.
                self.step();
                self.step();
                return Ok(self.answers[filter].clone());
            }
        }
        Err(format!("no answer to {ax:x?} in {LONGEST} cycles"))
    }

    /// One cycle, with memory's part played.
    pub(crate) fn step(&mut self) {
        self.pins.step();
        for f in 0..self.filters {
            let (inputs, out) = self.pins.io();
            let out: &PinsOutputs = out;
            let far = f + PINS_MEMORY_SIDE;
            let on = |mask: u16, port: usize| mask >> port & 1 == 1;
            let raw = &mut inputs.master[f];
            raw.ar_valid &= !on(out.ar.fire(), f);
            raw.aw_valid &= !on(out.aw.fire(), f);
            let answer = &mut self.answers[f];
            if on(out.ar.fire(), far) {
                answer.reached.push(out.port[far].ar);
                self.reads[f].push_back((out.port[far].ar, 0));
            }
            if on(out.aw.fire(), far) {
                answer.reached.push(out.port[far].aw);
                self.owed[f].push_back((out.port[far].aw, u16::from(out.port[far].aw.len) + 1));
            }
            if on(out.w.fire(), far) {
                let w = &out.port[far].w;
                answer.landed.push((w.data[0], w.strb, w.last));
                if let Some((_, left)) = self.owed[f].iter_mut().find(|(_, left)| *left > 0) {
                    *left -= 1;
                }
            }
            if on(out.r.fire(), f) {
                answer.data.push(out.port[f].r.data);
                answer.lasts.push(out.port[f].r.last);
                answer.resp = out.port[f].r.resp;
            }
            if on(out.b.fire(), f) {
                answer.resp = out.port[f].b.resp;
            }
            let mem = &mut inputs.mem[f];
            (mem.ar_ready, mem.aw_ready, mem.w_ready) = (true, true, true);
            if on(out.r.fire(), far) {
                mem.r_valid = false;
                if let Some((ax, beat)) = self.reads[f].front_mut() {
                    *beat += 1;
                    if *beat > u16::from(ax.len) {
                        self.reads[f].pop_front();
                    }
                }
            }
            if on(out.b.fire(), far) {
                mem.b_valid = false;
                self.owed[f].pop_front();
            }
            if self.hold {
                continue;
            }
            if let Some((ax, beat)) = self.reads[f].front() {
                let data = [0x5a00_0001 + u64::from(*beat), 0];
                let last = *beat == u16::from(ax.len);
                mem.r_valid = true;
                mem.r = R { data, id: ax.id, resp: self.memory_resp, last };
            }
            if let Some((ax, 0)) = self.owed[f].front() {
                mem.b_valid = true;
                mem.b = B { id: ax.id, resp: self.memory_resp };
            }
        }
    }

    /// A reset; memory forgets what it owed.
    pub(crate) fn reset(&mut self) {
        self.pins.reset();
        self.reads = Default::default();
        self.owed = Default::default();
        self.answers = Default::default();
        self.hold = false;
    }
}
