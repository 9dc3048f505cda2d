// SPDX-License-Identifier: Apache-2.0
//! The golden firewall: untimed, written from tzasc.md section 6, fed by what is seen at the pins of
//! a firewall alone. Every transaction of every filter is compared: verdict, what goes on to memory,
//! data, response, order, logged failure, interrupt, gate, counters.
//!
//! Within one cycle, in this order: the interrupt and register reads show the state before it;
//! addresses get their verdicts; beats and answers move, requests towards memory first, answers
//! towards masters after; clears come before the capture of failures, other writes after.
mod answers;
mod requests;

use super::build::Build;
use super::burst;
use super::registers::{Expected, GATE_KEEPER, Region, Registers};
use super::rule::Verdict;
use ringfence_sim::{ApbIn, Ax, MAX_FILTERS, PINS_MEMORY_SIDE, PinsOutputs};
use std::collections::VecDeque;

/// Cycles in which a gate's status may lag behind (N7).
const GATE_LAG: u64 = 2;
/// Mismatches whose text is kept; a broken firewall repeats itself.
const MOST_KEPT: usize = 20;
const IDS: usize = 256;

/// Something that the firewall did and the golden one did not, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// When.
    pub cycle: u64,
    /// Where; `None` for the register bus and the interrupt.
    pub filter: Option<usize>,
    /// What was compared: `verdict`, `address`, `read-data`, `read-order`, `write-data`,
    /// `response`, `gate`, `register`, `interrupt`.
    pub check: &'static str,
    /// Fact and rule.
    pub detail: String,
}

/// An address handshake at a slave side and what the golden firewall said to it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent outcomes of one decision")]
pub struct Accepted {
    /// Filter.
    pub filter: usize,
    /// AW rather than AR.
    pub write: bool,
    /// The address.
    pub ax: Ax,
    /// Let through.
    pub allow: bool,
    /// Region that decided.
    pub region: u8,
    /// Two or more regions claim the address.
    pub overlap: bool,
    /// Denied for its shape.
    pub malformed: bool,
    /// Goes to memory whatever the verdict.
    pub speculative: bool,
    /// Inclusive byte range of that region.
    pub range: (u64, u64),
    /// ACTION at the handshake.
    pub action: u8,
}

/// One transaction between its address handshake and its last answer.
#[derive(Clone, Debug, Default)]
struct Txn {
    ax: Ax,
    verdict: Verdict,
    /// Its address was taken by memory.
    issued: bool,
    /// Data beats at the slave side.
    near: u16,
    /// Data beats at the memory side.
    far: u16,
    /// Beats that one side has given and the other not yet taken: data, and strobes or response.
    beats: VecDeque<([u64; 2], u16)>,
    /// Memory's write response.
    far_resp: Option<u8>,
}

impl Txn {
    fn forwarded(&self) -> bool {
        self.verdict.allow || self.verdict.speculative
    }

    fn len(&self) -> u16 {
        burst::beats(&self.ax)
    }
}

/// One direction of a filter.
#[derive(Debug)]
struct Lane {
    slots: Vec<Txn>,
    free: Vec<u32>,
    /// Open transactions of an ID, oldest first.
    by_id: Vec<VecDeque<u32>>,
    open: u32,
}

impl Default for Lane {
    fn default() -> Self {
        let by_id = (0..IDS).map(|_| VecDeque::new()).collect();
        Self { slots: Vec::new(), free: Vec::new(), by_id, open: 0 }
    }
}

impl Lane {
    fn open(&mut self, ax: Ax, verdict: Verdict) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Txn::default());
            self.slots.len() as u32 - 1
        });
        let txn = &mut self.slots[slot as usize];
        let mut beats = std::mem::take(&mut txn.beats);
        beats.clear();
        *txn = Txn { ax, verdict, beats, ..Txn::default() };
        self.by_id[usize::from(ax.id)].push_back(slot);
        self.open += 1;
        slot
    }

    fn close(&mut self, id: u8) {
        if let Some(slot) = self.by_id[usize::from(id)].pop_front() {
            self.free.push(slot);
            self.open -= 1;
        }
    }

    /// The oldest transaction of the ID that fits.
    fn find(&mut self, id: u8, fits: impl Fn(&Txn) -> bool) -> Option<&mut Txn> {
        let slots = &self.slots;
        let slot =
            *self.by_id[usize::from(id)].iter().find(|slot| fits(&slots[**slot as usize]))?;
        Some(&mut self.slots[slot as usize])
    }

    fn oldest(&mut self, id: u8) -> Option<&mut Txn> {
        self.find(id, |_| true)
    }
}

#[derive(Debug, Default)]
struct Filter {
    reads: Lane,
    writes: Lane,
    /// Writes whose data is not complete at the slave side, in the order of their addresses.
    near_due: VecDeque<u32>,
    /// The same at the memory side.
    far_due: VecDeque<u32>,
    gate: Gate,
}

#[derive(Clone, Copy, Debug, Default)]
struct Gate {
    status: bool,
    /// Cycle in which `status` last changed.
    since: u64,
}

/// The golden firewall beside a [`Pins`](ringfence_sim::Pins).
#[derive(Debug)]
pub struct Golden {
    registers: Registers,
    filters: Vec<Filter>,
    cycle: u64,
    failures: [[Option<(Ax, Verdict)>; 2]; MAX_FILTERS],
    accepted: Vec<Accepted>,
    answered: u64,
    mismatches: Vec<Mismatch>,
    count: u64,
}

impl Golden {
    /// After a reset.
    pub fn new(build: Build) -> Self {
        Self {
            registers: Registers::new(build),
            filters: (0..build.filters).map(|_| Filter::default()).collect(),
            cycle: 0,
            failures: [[None; 2]; MAX_FILTERS],
            accepted: Vec::new(),
            answered: 0,
            mismatches: Vec::new(),
            count: 0,
        }
    }

    /// A reset of the firewall: everything open is dropped.
    pub fn reset(&mut self) {
        self.registers = Registers::new(self.registers.build);
        for filter in &mut self.filters {
            *filter = Filter::default();
        }
        self.failures = [[None; 2]; MAX_FILTERS];
    }

    /// Compares one cycle: what was driven on APB, and what was seen.
    pub fn observe(&mut self, apb: &ApbIn, out: &PinsOutputs) {
        self.accepted.clear();
        if out.tzcint != self.registers.interrupt() {
            self.differ(None, "interrupt", || format!("tzcint is {}", u8::from(out.tzcint)));
        }
        self.transfer(apb, out);
        let (ar, aw, w) = (out.ar, out.aw, out.w);
        for filter in 0..self.filters.len() {
            self.gate(filter, out);
            let far = filter + PINS_MEMORY_SIDE;
            let on = |mask: u16, port: usize| mask >> port & 1 == 1;
            if on(ar.fire(), filter) {
                self.address(filter, out.port[filter].ar, false);
            }
            if on(aw.fire(), filter) {
                self.address(filter, out.port[filter].aw, true);
            }
            if on(ar.valid, far) {
                self.forwarded(filter, out.port[far].ar, false, on(ar.ready, far));
            }
            if on(aw.valid, far) {
                self.forwarded(filter, out.port[far].aw, true, on(aw.ready, far));
            }
            if on(w.fire(), filter) {
                self.near_write(filter, &out.port[filter].w);
            }
            if on(w.fire(), far) {
                self.far_write(filter, &out.port[far].w);
            }
            if on(out.r.fire(), far) {
                self.far_read(filter, &out.port[far].r);
            }
            if on(out.b.fire(), far) {
                self.far_response(filter, out.port[far].b);
            }
            if on(out.r.fire(), filter) {
                self.near_read(filter, &out.port[filter].r);
            }
            if on(out.b.fire(), filter) {
                self.near_response(filter, out.port[filter].b);
            }
            if on(ar.valid & !ar.ready | aw.valid & !aw.ready, filter) {
                self.registers.stalled(filter);
            }
        }
        self.effects(apb);
        self.cycle += 1;
    }

    /// Addresses accepted in the last cycle.
    pub fn accepted(&self) -> &[Accepted] {
        &self.accepted
    }

    /// Transactions answered to their last beat and compared.
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// Transactions accepted and not fully answered.
    pub fn outstanding(&self) -> u32 {
        self.filters.iter().map(|f| f.reads.open + f.writes.open).sum()
    }

    /// Gate requests, a bit a filter.
    pub fn requested(&self) -> u32 {
        self.registers.request
    }

    /// Inclusive byte ranges of the regions that are enabled on a filter, the background excluded.
    pub fn regions(&self, filter: usize) -> impl Iterator<Item = (u64, u64)> {
        let regions = &self.registers.region[1..self.registers.build.regions];
        let on = move |region: &&Region| region.attributes >> filter & 1 == 1;
        regions.iter().filter(on).map(|region| (region.base, region.top))
    }

    /// The first mismatches.
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// All mismatches.
    pub fn mismatch_count(&self) -> u64 {
        self.count
    }

    #[cold]
    fn differ(&mut self, filter: Option<usize>, check: &'static str, text: impl Fn() -> String) {
        self.count += 1;
        if self.mismatches.len() < MOST_KEPT {
            let detail = text();
            self.mismatches.push(Mismatch { cycle: self.cycle, filter, check, detail });
        }
    }

    /// A closed gate accepts nothing; its status falls once everything accepted is answered.
    fn gate(&mut self, filter: usize, out: &PinsOutputs) {
        let open = self.registers.request >> filter & 1 == 1;
        if !open && (out.ar.ready | out.aw.ready) >> filter & 1 == 1 {
            self.differ(Some(filter), "gate", || "READY is high behind a closed gate".into());
        }
    }

    /// APB's access phase: PREADY, PSLVERR, and what a read shows.
    fn transfer(&mut self, apb: &ApbIn, out: &PinsOutputs) {
        if !apb.sel || !apb.enable {
            return;
        }
        let secure = apb.prot & 2 == 0;
        if !out.apb_ready || out.apb_slverr == secure {
            let (ready, error) = (u8::from(out.apb_ready), u8::from(out.apb_slverr));
            self.differ(None, "register", || {
                format!("PREADY {ready}, PSLVERR {error}; secure {secure}")
            });
        }
        if apb.write {
            return;
        }
        let expected = match secure {
            true => self.registers.read(apb.addr & 0xffc, self.gate_status()),
            false => Expected { value: 0, care: u32::MAX },
        };
        if (out.apb_rdata ^ expected.value) & expected.care != 0 {
            let (offset, read) = (apb.addr, out.apb_rdata);
            self.differ(None, "register", || {
                format!("offset 0x{offset:03x} reads 0x{read:08x}, not 0x{:08x}", expected.value)
            });
        }
    }

    fn gate_status(&self) -> Expected {
        let mut status = Expected { value: 0, care: 0 };
        for (f, filter) in self.filters.iter().enumerate() {
            status.value |= u32::from(filter.gate.status) << f;
            let settled = self.cycle > filter.gate.since + GATE_LAG;
            status.care |= u32::from(settled) << f;
        }
        status
    }

    /// What the cycle leaves behind in the registers.
    fn effects(&mut self, apb: &ApbIn) {
        let write = apb.sel && apb.enable && apb.write && apb.prot & 2 == 0;
        let offset = apb.addr & 0xffc;
        let clears = write && self.registers.clears(offset);
        if clears {
            self.registers.write(offset, apb.wdata, apb.strb);
        }
        for filter in 0..self.filters.len() {
            let [read, write] = std::mem::take(&mut self.failures[filter]);
            // Of two in one cycle the write is logged (N8).
            if let Some((ax, verdict)) = write {
                self.registers.capture(filter, &ax, true, verdict);
            }
            if let Some((ax, verdict)) = read {
                self.registers.capture(filter, &ax, false, verdict);
            }
        }
        if write && !clears {
            self.registers.write(offset, apb.wdata, apb.strb);
            if offset == GATE_KEEPER {
                // A gate that opens and closes at once may show either for a while.
                for filter in &mut self.filters {
                    filter.gate.since = self.cycle;
                }
            }
        }
        self.registers.settle();
        for (f, filter) in self.filters.iter_mut().enumerate() {
            let outstanding = filter.reads.open + filter.writes.open;
            let status = self.registers.request >> f & 1 == 1 || outstanding > 0;
            if status != filter.gate.status {
                filter.gate = Gate { status, since: self.cycle };
            }
        }
    }
}
