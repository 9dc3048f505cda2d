// SPDX-License-Identifier: Apache-2.0
//! A board in miniature: masters wired straight to a small firewall, and memory behind it.
//!
//! Written from the specification a second time and otherwise than the golden model: it decides
//! on register words, keeps memory in a map, and moves one beat a call.
use super::scene;
use crate::engine::event::{Event, Party, Violation};
use crate::oracle::{Closing, Judgement, Oracle};
use crate::scenario::Scenario;
use crate::units::{Cycle, PhysAddr};
use ringfence_sim::{ApbIn, Ax, Outputs, PinCounts};
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
    WrongRoute,
    FabricAddress,
    FabricLast,
    CrossingAllowed,
}

/// One transaction on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) ax: Ax,
    pub(super) forwarded: bool,
    pub(super) allowed: bool,
    pub(super) master: usize,
    pub(super) filter: usize,
    pub(super) beat: u16,
}

pub(super) struct Rig {
    pub(super) oracle: Oracle,
    pub(super) cycle: u64,
    pub(super) fault: Fault,
    pub(super) log: Vec<Event>,
    pub(super) pins: PinCounts,
    pub(super) memory: BTreeMap<u64, [u8; 16]>,
    pub(super) words: BTreeMap<u16, u32>,
    pub(super) out: Outputs,
    pub(super) grants: u32,
    pub(super) filters: usize,
}

impl Rig {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self::with_filters(scenario, 1)
    }

    pub(super) fn with_filters(scenario: &Scenario, filters: usize) -> Self {
        Self {
            oracle: Oracle::new(scenario, filters, scene::pools()),
            filters,
            cycle: 0,
            fault: Fault::None,
            log: Vec::new(),
            pins: PinCounts::default(),
            memory: BTreeMap::new(),
            words: BTreeMap::new(),
            out: Outputs { apb_ready: true, ..Outputs::default() },
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
            self.apb_write(at + 0x10, (1 << self.filters) - 1);
        }
        self.apb_write(0x008, (1 << self.filters) - 1);
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
        self.out = Outputs { apb_ready: true, ..Outputs::default() };
        self.cycle += 1;
    }

    pub(super) fn idle(&mut self, cycles: u64) {
        for _ in 0..cycles {
            self.tick(&ApbIn::default());
        }
    }

    pub(super) fn word(&self, offset: u16) -> u32 {
        self.words.get(&offset).copied().unwrap_or(0)
    }

    pub(super) fn apb(&mut self, offset: u16, write: bool, data: u32, prot: u8) -> u32 {
        let setup =
            ApbIn { addr: offset, sel: true, write, strb: 0xf, prot, wdata: data, enable: false };
        self.tick(&setup);
        let secure = prot & 2 == 0;
        let top = u32::from((0x120..0x220).contains(&offset) && offset % 0x20 == 8) * 0xfff;
        let status = u32::from(offset == 8) * (self.word(8) << 16);
        let value = if secure && offset != 0x14 { self.word(offset) | top | status } else { 0 };
        self.out.apb_rdata = if write { 0 } else { value };
        self.out.apb_slverr = !secure;
        self.tick(&ApbIn { enable: true, ..setup });
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

    pub(super) fn run_read(&mut self, ax: Ax) -> Vec<[u8; 16]> {
        let mut flight = self.open(ax, false);
        (0..=ax.len).map(|_| self.read_beat(&mut flight)).collect()
    }

    pub(super) fn run_write(&mut self, ax: Ax, fill: u8) {
        let mut flight = self.open(ax, true);
        for beat in 0..=ax.len {
            self.write_beat(&mut flight, std::array::from_fn(|i| fill ^ beat ^ i as u8), 0xffff);
        }
        self.response(&flight);
    }

    pub(super) fn read(&mut self, master: u8, addr: u64, beats: u16) -> Vec<[u8; 16]> {
        self.run_read(Self::ax(master, 0, addr, beats))
    }

    pub(super) fn write(&mut self, master: u8, addr: u64, beats: u16, fill: u8) {
        self.run_write(Self::ax(master, 0, addr, beats), fill);
    }

    pub(super) fn finish(mut self) -> (Judgement, Vec<Event>) {
        let pages: Vec<(PhysAddr, Vec<u8>)> =
            self.memory.iter().map(|(addr, cell)| (PhysAddr(*addr), cell.to_vec())).collect();
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

pub(super) fn bytes_of(data: [u64; 2]) -> [u8; 16] {
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
    let mut all: Vec<(String, Party)> =
        violations(log).into_iter().map(|v| (v.check, v.fault[0])).collect();
    all.dedup();
    let mut once = Vec::new();
    for pair in all {
        if !once.contains(&pair) {
            once.push(pair);
        }
    }
    once
}
