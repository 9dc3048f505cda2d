// SPDX-License-Identifier: Apache-2.0
//! A board in miniature: masters wired straight to a small firewall, and memory behind it.
//!
//! Written from the specification a second time and otherwise than the golden model: it decides
//! on register words, keeps memory in a map, and moves one beat a call.
use super::scene;
use crate::engine::event::{
    Attempt, AttemptKind, BufferEvent, Event, GrantEvent, GrantPhase, Party, Violation,
};
use crate::oracle::{Closing, Judgement, Oracle};
use crate::scenario::Scenario;
use crate::units::{ByteLen, Cycle, Direction, MasterId, PhysAddr};
use ringfence_sim::{ApbIn, Ax, B, FILTER_SIDE, MEMORY_SIDE, Outputs, PinCounts, R, W};
use std::collections::BTreeMap;

/// What is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fault {
    #[default]
    None,
    TopExclusive,
    RightsSwapped,
    ReadNotZeroed,
    StrobeLost,
    DataChanged,
    DenyResponse,
    AllowedDenied,
    AddressChanged,
    LastEarly,
    FabricRead,
    FabricWrite,
    FabricResponse,
    FabricNsaid,
    FailId,
    NoOverrun,
    NoInterrupt,
    BlankingOff,
}

/// One transaction on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) ax: Ax,
    pub(super) forwarded: bool,
    pub(super) allowed: bool,
    master: usize,
    beat: u16,
}

pub(super) struct Rig {
    pub(super) oracle: Oracle,
    pub(super) cycle: u64,
    pub(super) fault: Fault,
    pub(super) log: Vec<Event>,
    pub(super) pins: PinCounts,
    memory: BTreeMap<u64, [u8; 16]>,
    words: BTreeMap<u16, u32>,
    pub(super) out: Outputs,
    grants: u32,
}

impl Rig {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            oracle: Oracle::new(scenario, 1, scene::pools()),
            cycle: 0,
            fault: Fault::None,
            log: Vec::new(),
            pins: PinCounts::default(),
            memory: BTreeMap::new(),
            words: BTreeMap::new(),
            out: Outputs {
                apb_ready: true,
                ..Outputs::default()
            },
            grants: 0,
        }
    }

    /// Programmed as the scene says, gate open, speculation off, DECERR and interrupt on.
    pub(super) fn ready(scenario: &Scenario) -> Self {
        let mut rig = Self::new(scenario);
        rig.program(&scene::regions());
        rig
    }

    pub(super) fn program(&mut self, regions: &[(u16, u64, u64, u32)]) {
        self.apb_write(0x00c, 3);
        self.apb_write(0x004, 3);
        for &(n, base, top, id) in regions {
            let at = 0x100 + 0x20 * n;
            self.apb_write(at + 0x14, id);
            self.apb_write(at, base as u32);
            self.apb_write(at + 4, (base >> 32) as u32);
            self.apb_write(at + 8, top as u32);
            self.apb_write(at + 0xc, (top >> 32) as u32);
            self.apb_write(at + 0x10, 1);
        }
        self.apb_write(0x008, 1);
    }

    /// Lets one cycle pass with what is in `out`.
    pub(super) fn tick(&mut self, apb: &ApbIn) {
        let channels = [self.out.ar, self.out.aw, self.out.w, self.out.r, self.out.b];
        for (channel, seen) in channels.iter().enumerate() {
            for (port, counts) in self.pins.iter_mut().enumerate() {
                counts[channel] += u64::from(seen.fire() >> port & 1);
            }
        }
        self.out.tzcint = self.fault != Fault::NoInterrupt
            && self.word(0x010) & 0xf != 0
            && self.word(0x004) & 2 != 0;
        self.oracle.observe(Cycle(self.cycle), apb, &self.out);
        self.oracle.drain_events(&mut self.log);
        self.out = Outputs {
            apb_ready: true,
            ..Outputs::default()
        };
        self.cycle += 1;
    }

    pub(super) fn idle(&mut self, cycles: u64) {
        for _ in 0..cycles {
            self.tick(&ApbIn::default());
        }
    }

    fn word(&self, offset: u16) -> u32 {
        self.words.get(&offset).copied().unwrap_or(0)
    }

    pub(super) fn apb(&mut self, offset: u16, write: bool, data: u32, prot: u8) -> u32 {
        let setup = ApbIn {
            addr: offset,
            sel: true,
            write,
            strb: 0xf,
            prot,
            wdata: data,
            enable: false,
        };
        self.tick(&setup);
        let secure = prot & 2 == 0;
        let top = u32::from((0x120..0x220).contains(&offset) && offset % 0x20 == 8) * 0xfff;
        let status = u32::from(offset == 8) * (self.word(8) << 16);
        let value = if secure && offset != 0x14 {
            self.word(offset) | top | status
        } else {
            0
        };
        self.out.apb_rdata = if write { 0 } else { value };
        self.out.apb_slverr = !secure;
        self.tick(&ApbIn {
            enable: true,
            ..setup
        });
        if write && secure {
            if offset == 0x014 {
                let cleared = (data & 0xf) * 0x1_0101;
                self.words.insert(0x010, self.word(0x010) & !cleared);
            } else {
                self.words.insert(offset, data);
            }
        }
        value
    }

    pub(super) fn apb_write(&mut self, offset: u16, data: u32) {
        self.apb(offset, true, data, 0);
    }

    pub(super) fn apb_read(&mut self, offset: u16) -> u32 {
        self.apb(offset, false, 0, 0)
    }

    fn decide(&self, ax: &Ax, write: bool) -> bool {
        let page = ax.addr >> 12;
        let end = ax.addr / 16 * 16 + 16 * (u64::from(ax.len) + 1);
        if (end - 1) >> 12 != page {
            return false;
        }
        let mut hits = Vec::new();
        for n in 1..9u16 {
            let at = 0x100 + 0x20 * n;
            let join = |o| u64::from(self.word(at + o)) | u64::from(self.word(at + o + 4)) << 32;
            let (base, mut top) = (join(0) >> 12, join(8) >> 12);
            if self.fault == Fault::TopExclusive {
                top -= 1;
            }
            if self.word(at + 0x10) & 1 == 1 && (base..=top).contains(&page) {
                hits.push(n);
            }
        }
        let at = match hits[..] {
            [] => 0x100,
            [n] => 0x100 + 0x20 * n,
            _ => return false,
        };
        let high = write != (self.fault == Fault::RightsSwapped);
        if ax.prot & 2 == 0 {
            return self.word(at + 0x10) >> (30 + u32::from(write)) & 1 == 1;
        }
        self.word(at + 0x14) >> (u32::from(ax.nsaid) + if high { 16 } else { 0 }) & 1 == 1
    }

    fn fail(&mut self, ax: &Ax, write: bool) {
        let status = self.word(0x010);
        if status & 1 == 1 {
            let overrun = u32::from(self.fault != Fault::NoOverrun) << 8;
            self.words.insert(0x010, status | overrun);
            return;
        }
        self.words.insert(0x010, status | 1);
        let id = u32::from(ax.id) ^ u32::from(self.fault == Fault::FailId);
        let control =
            u32::from(write) << 24 | u32::from(ax.prot & 2) << 20 | u32::from(ax.prot & 1) << 20;
        for (offset, value) in [
            (0x20, ax.addr as u32),
            (0x24, (ax.addr >> 32) as u32),
            (0x28, control),
            (0x2c, id),
        ] {
            self.words.insert(offset, value);
        }
    }

    /// An address of 16-byte beats at `master`.
    pub(super) fn ax(master: u8, id: u8, addr: u64, beats: u16) -> Ax {
        Ax {
            addr,
            id: master << 4 | id,
            len: (beats - 1) as u8,
            size: 4,
            burst: 1,
            prot: 2,
            nsaid: master + 1,
            lock: 0,
        }
    }

    /// The address handshakes of a transaction at all ports, in one cycle.
    pub(super) fn open(&mut self, ax: Ax, write: bool) -> Flight {
        let master = usize::from(ax.id >> 4);
        let mut allowed = self.decide(&ax, write);
        let speculative = self.word(0x00c) >> u32::from(write) & 1 == 0;
        let (at_master, mut at_filter, mut at_memory) = (
            Ax {
                id: ax.id & 15,
                ..ax
            },
            ax,
            ax,
        );
        at_memory.nsaid = 0;
        match self.fault {
            Fault::FabricNsaid => at_filter.nsaid ^= 1,
            Fault::AddressChanged => at_memory.addr ^= 0x1000,
            Fault::AllowedDenied => allowed = false,
            _ => {}
        }
        let forwarded = allowed || speculative;
        self.address(master, at_master, write);
        self.address(FILTER_SIDE, at_filter, write);
        if forwarded {
            self.address(MEMORY_SIDE, at_memory, write);
        }
        self.idle(1);
        // Seen by the registers from the cycle after the handshake.
        if !allowed {
            self.fail(&ax, write);
        }
        Flight {
            ax,
            write,
            forwarded,
            allowed,
            master,
            beat: 0,
        }
    }

    fn address(&mut self, port: usize, ax: Ax, write: bool) {
        let (channel, place) = if write {
            (&mut self.out.aw, &mut self.out.port[port].aw)
        } else {
            (&mut self.out.ar, &mut self.out.port[port].ar)
        };
        channel.valid |= 1 << port;
        channel.ready |= 1 << port;
        *place = ax;
    }

    pub(super) fn cell(&self, addr: u64) -> [u8; 16] {
        self.memory
            .get(&(addr / 16 * 16))
            .copied()
            .unwrap_or([0xa5; 16])
    }

    /// Changes a byte behind the board.
    pub(super) fn flip(&mut self, addr: u64) {
        let mut cell = self.cell(addr);
        cell[addr as usize % 16] ^= 1;
        self.memory.insert(addr / 16 * 16, cell);
    }

    /// The next read beat at all ports, in one cycle; the data that the master got.
    pub(super) fn read_beat(&mut self, flight: &mut Flight) -> [u8; 16] {
        let addr = flight.ax.addr / 16 * 16 + 16 * u64::from(flight.beat);
        let last = flight.beat == u16::from(flight.ax.len);
        flight.beat += 1;
        let inside = (scene::DRAM..scene::DRAM + scene::DRAM_LEN).contains(&addr);
        let bytes = if inside { self.cell(addr) } else { [0; 16] };
        let truth = R {
            data: halves(bytes),
            id: flight.ax.id,
            resp: if inside { 0 } else { 3 },
            last,
        };
        let zeros = R {
            data: [0; 2],
            resp: if self.word(4) & 1 == 1 { 3 } else { 0 },
            ..truth
        };
        let mut given = if flight.allowed { truth } else { zeros };
        match self.fault {
            Fault::ReadNotZeroed if !flight.allowed => given.data = halves(self.cell(addr)),
            Fault::DataChanged => given.data[1] ^= 1 << 9,
            Fault::DenyResponse if !flight.allowed => given.resp = 0,
            Fault::LastEarly => given.last = true,
            _ => {}
        }
        let mut taken = R {
            id: given.id & 15,
            ..given
        };
        match self.fault {
            Fault::FabricRead => taken.data[0] ^= 1,
            Fault::FabricResponse => taken.resp ^= 2,
            _ => {}
        }
        if flight.forwarded {
            self.r(MEMORY_SIDE, truth);
        }
        self.r(FILTER_SIDE, given);
        self.r(flight.master, taken);
        self.idle(1);
        bytes_of(taken.data)
    }

    pub(super) fn r(&mut self, port: usize, r: R) {
        self.out.r.valid |= 1 << port;
        self.out.r.ready |= 1 << port;
        self.out.port[port].r = r;
    }

    fn w(&mut self, port: usize, w: W) {
        self.out.w.valid |= 1 << port;
        self.out.w.ready |= 1 << port;
        self.out.port[port].w = w;
    }

    /// The next write beat at all ports, in one cycle.
    pub(super) fn write_beat(&mut self, flight: &mut Flight, data: [u8; 16], strb: u16) {
        let addr = flight.ax.addr / 16 * 16 + 16 * u64::from(flight.beat);
        let last = flight.beat == u16::from(flight.ax.len);
        flight.beat += 1;
        let given = W {
            data: halves(data),
            strb,
            last,
        };
        let mut taken = given;
        if self.fault == Fault::FabricWrite {
            taken.data[0] ^= 0x10;
        }
        let mut landing = taken;
        match self.fault {
            Fault::StrobeLost => landing.strb &= !0x0020,
            Fault::DataChanged => landing.data[0] ^= 1,
            Fault::LastEarly => landing.last = true,
            _ => {}
        }
        if !flight.allowed && self.fault != Fault::BlankingOff {
            landing = W {
                data: [0; 2],
                strb: 0,
                last,
            };
        }
        if flight.forwarded {
            let mut cell = self.cell(addr);
            for (lane, byte) in bytes_of(landing.data).into_iter().enumerate() {
                if landing.strb >> lane & 1 == 1 {
                    cell[lane] = byte;
                }
            }
            self.memory.insert(addr, cell);
            self.w(MEMORY_SIDE, landing);
        }
        self.w(flight.master, given);
        self.w(FILTER_SIDE, taken);
        self.idle(1);
    }

    /// The write response at all ports, in one cycle.
    pub(super) fn response(&mut self, flight: &Flight) {
        let truth = B {
            id: flight.ax.id,
            resp: 0,
        };
        let mut given = truth;
        if !flight.allowed {
            given.resp = if self.word(4) & 1 == 1 { 3 } else { 0 };
        }
        if self.fault == Fault::DenyResponse && !flight.allowed {
            given.resp = 0;
        }
        let mut taken = B {
            id: given.id & 15,
            ..given
        };
        if self.fault == Fault::FabricResponse {
            taken.resp ^= 2;
        }
        for (port, b) in [
            (MEMORY_SIDE, truth),
            (FILTER_SIDE, given),
            (flight.master, taken),
        ] {
            if port != MEMORY_SIDE || flight.forwarded {
                self.out.b.valid |= 1 << port;
                self.out.b.ready |= 1 << port;
                self.out.port[port].b = b;
            }
        }
        self.idle(1);
    }

    pub(super) fn run_read(&mut self, ax: Ax) -> Vec<[u8; 16]> {
        let mut flight = self.open(ax, false);
        (0..=ax.len).map(|_| self.read_beat(&mut flight)).collect()
    }

    pub(super) fn run_write(&mut self, ax: Ax, fill: u8) {
        let mut flight = self.open(ax, true);
        for beat in 0..=ax.len {
            self.write_beat(
                &mut flight,
                std::array::from_fn(|i| fill ^ beat ^ i as u8),
                0xffff,
            );
        }
        self.response(&flight);
    }

    pub(super) fn read(&mut self, master: u8, addr: u64, beats: u16) -> Vec<[u8; 16]> {
        self.run_read(Self::ax(master, 0, addr, beats))
    }

    pub(super) fn write(&mut self, master: u8, addr: u64, beats: u16, fill: u8) {
        self.run_write(Self::ax(master, 0, addr, beats), fill);
    }

    /// A declared attempt to read.
    pub(super) fn attempt(&mut self, direction: Direction, ax: Ax) {
        self.oracle.attempt(&Attempt {
            cycle: Cycle(self.cycle),
            master: MasterId(ax.id >> 4),
            attempt: AttemptKind::Read,
            direction,
            addr: PhysAddr(ax.addr),
            bytes: ByteLen(16 * (u64::from(ax.len) + 1)),
            illegal: false,
        });
    }

    pub(super) fn buffer(&mut self, buffer: u32, pool: u8, base: u64, len: u64, allocated: bool) {
        self.oracle.intent(&Event::Buffer(BufferEvent {
            cycle: Cycle(self.cycle),
            buffer,
            name: format!("buffer[{buffer}]"),
            pool,
            base: PhysAddr(base),
            len: ByteLen(len),
            allocated,
        }));
    }

    pub(super) fn phase(
        &mut self,
        grant: u32,
        buffer: u32,
        master: u8,
        rights: &str,
        phase: GrantPhase,
    ) {
        self.oracle.intent(&Event::Grant(GrantEvent {
            cycle: Cycle(self.cycle),
            grant,
            buffer,
            master: MasterId(master),
            read: rights.contains('r'),
            write: rights.contains('w'),
            phase,
        }));
    }

    /// A grant from request to force; its number.
    pub(super) fn grant(&mut self, buffer: u32, master: u8, rights: &str) -> u32 {
        let grant = self.grants;
        self.grants += 1;
        self.phase(grant, buffer, master, rights, GrantPhase::Requested);
        self.phase(grant, buffer, master, rights, GrantPhase::Programmed);
        grant
    }

    pub(super) fn finish(mut self) -> (Judgement, Vec<Event>) {
        let pages: Vec<(PhysAddr, Vec<u8>)> = self
            .memory
            .iter()
            .map(|(addr, cell)| (PhysAddr(*addr), cell.to_vec()))
            .collect();
        let mut chunks = pages.iter().map(|(addr, bytes)| (*addr, bytes.as_slice()));
        let mut judgement = self.oracle.finish(Closing {
            cycle: Cycle(self.cycle),
            pins: &self.pins,
            memory: &mut chunks,
            underruns: 0,
            due: &[],
        });
        self.log.append(&mut judgement.events);
        (judgement, self.log)
    }
}

pub(super) fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let half = |at: usize| (0..8).fold(0, |x, i| x | u64::from(bytes[at + i]) << (8 * i));
    [half(0), half(8)]
}

fn bytes_of(data: [u64; 2]) -> [u8; 16] {
    std::array::from_fn(|lane| (data[lane / 8] >> (8 * (lane % 8))) as u8)
}

pub(super) fn violations(log: &[Event]) -> Vec<Violation> {
    log.iter()
        .filter_map(|event| match event {
            Event::Violation(violation) => Some((**violation).clone()),
            _ => None,
        })
        .collect()
}

/// `(check, first party)` of every violation, each pair once.
pub(super) fn objections(log: &[Event]) -> Vec<(String, Party)> {
    let mut all: Vec<(String, Party)> = violations(log)
        .into_iter()
        .map(|v| (v.check, v.fault[0]))
        .collect();
    all.dedup();
    let mut once = Vec::new();
    for pair in all {
        if !once.contains(&pair) {
            once.push(pair);
        }
    }
    once
}
