// SPDX-License-Identifier: Apache-2.0
//! A board as software on a chip finds it: registers behind loads and stores, an interrupt line,
//! and masters that make one access at a time to a small memory. `capi.rs` offers it to C.

use std::collections::BTreeMap;

use crate::pins::{ApbIn, Ax, B, FILTER_SIDE, MASTERS, MEMORY_SIDE, MemIn, Outputs, R, Raw, W};
use crate::{Board, BoardError, BoardOptions, ProtocolMonitor};

/// Cycles after which a call gives up.
pub(crate) const BUDGET: u32 = 2000;
/// Bytes of the register window.
const WINDOW: usize = 0x1000;
/// What memory that was never written holds, in every byte.
const UNWRITTEN: u8 = 0xee;

/// Why a call did nothing or came to nothing. The numbers are those of `sim/include/ringfence.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    Null = -1,
    Argument = -2,
    Offset = -3,
    Response = -4,
    Timeout = -5,
    Model = -6,
    Internal = -7,
}

/// How many bytes of a register a load or store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Byte,
    Word,
}

/// One access of four bytes by a master.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    pub(crate) master: usize,
    pub(crate) address: u64,
    pub(crate) nsaid: u8,
    pub(crate) prot: u8,
    /// Data of a write; none for a read.
    pub(crate) data: Option<u32>,
}

/// Answers of one access: the AXI response, and of a read the data.
type Answer = (u8, u32);

/// A master that makes one access at a time.
#[derive(Clone, Copy, Default)]
struct Master {
    busy: bool,
    lane: usize, // which word of the beat
    answer: Option<Answer>,
}

/// What memory owes behind one filter.
#[derive(Clone, Copy, Default)]
struct Channel {
    read: Option<Ax>,
    write: Option<Ax>,
    done: Option<u8>, // ID of a write whose data is here
}

/// The board with everything that software needs around it.
pub(crate) struct ClientBoard {
    board: Board,
    monitor: ProtocolMonitor,
    masters: [Master; MASTERS],
    channels: Vec<Channel>,
    cells: BTreeMap<u64, [u8; 16]>,
    error: Option<Error>,
}

impl ClientBoard {
    /// After reset: gates closed, all masters silent.
    pub(crate) fn new(shape: &str) -> Result<Self, BoardError> {
        let mut board = Board::new(shape, BoardOptions::default())?;
        board.inputs().raw_enable = 0xff;
        let filters = board.filters();
        let mut made = Self {
            board,
            monitor: ProtocolMonitor::new(filters),
            masters: [Master::default(); MASTERS],
            channels: vec![Channel::default(); filters],
            cells: BTreeMap::new(),
            error: None,
        };
        made.step();
        Ok(made)
    }

    /// A load; 0 when it failed.
    pub(crate) fn load(&mut self, offset: usize, width: Width, prot: u8) -> u32 {
        match self.transfer(offset, width, prot, None) {
            Ok(word) if width == Width::Byte => word >> (8 * (offset % 4)) & 0xff,
            Ok(word) => word,
            Err(error) => {
                self.note(error);
                0
            }
        }
    }

    /// A store.
    pub(crate) fn store(&mut self, offset: usize, width: Width, prot: u8, value: u32) {
        if let Err(error) = self.transfer(offset, width, prot, Some(value)) {
            self.note(error);
        }
    }

    /// One APB transfer (IHI 0024) and the cycle behind it, in which a write has taken effect.
    fn transfer(
        &mut self,
        offset: usize,
        width: Width,
        prot: u8,
        value: Option<u32>,
    ) -> Result<u32, Error> {
        if offset >= WINDOW || width == Width::Word && !offset.is_multiple_of(4) {
            return Err(Error::Offset);
        }
        if prot > 7 {
            return Err(Error::Argument);
        }
        // A byte is on its lane of the word; of a read PSTRB is low (IHI 0024, 3.2).
        let (lane, lanes) = if width == Width::Word { (0, 0xf) } else { (offset % 4, 1) };
        let strb = if value.is_some() { lanes << lane } else { 0 };
        self.board.inputs().apb = ApbIn {
            addr: (offset & !3) as u16,
            sel: true,
            enable: false,
            write: value.is_some(),
            strb,
            prot,
            wdata: value.unwrap_or(0) << (8 * lane),
        };
        self.step();
        self.board.inputs().apb.enable = true;
        let ended = (0..BUDGET).any(|_| {
            self.step();
            self.board.outputs().apb_ready
        });
        let out = self.board.outputs();
        let (error, word) = (out.apb_slverr, out.apb_rdata);
        self.board.inputs().apb = ApbIn::default();
        self.step();
        match (ended, error) {
            (false, _) => Err(Error::Timeout),
            (true, true) => Err(Error::Response),
            (true, false) => Ok(word),
        }
    }

    /// One access of a master, to its answer. An address that is not taken in time stays offered,
    /// as AXI demands; until it is answered the master takes no other.
    pub(crate) fn access(&mut self, access: &Access) -> Result<Answer, Error> {
        let Access { master, address, nsaid, prot, data } = *access;
        let sound = master < MASTERS && address.is_multiple_of(4) && address >> 40 == 0;
        if !sound || nsaid > 15 || prot > 7 {
            return Err(Error::Argument);
        }
        if self.masters[master].busy {
            self.wait(master)?;
        }
        let ax = Ax { addr: address, size: 2, burst: 1, prot, nsaid, ..Ax::default() };
        let lane = (address / 4 % 4) as usize;
        let raw = &mut self.board.inputs().raw[master];
        *raw = Raw { r_ready: true, b_ready: true, ..Raw::default() };
        if let Some(value) = data {
            let mut words = [0_u32; 4];
            words[lane] = value;
            let long = |at: usize| u64::from(words[at]) | u64::from(words[at + 1]) << 32;
            raw.w = W { data: [long(0), long(2)], strb: 0xf << (4 * lane), last: true };
            (raw.aw_valid, raw.aw, raw.w_valid) = (true, ax, true);
        } else {
            (raw.ar_valid, raw.ar) = (true, ax);
        }
        self.masters[master] = Master { busy: true, lane, answer: None };
        self.wait(master)
    }

    fn wait(&mut self, master: usize) -> Result<Answer, Error> {
        for _ in 0..BUDGET {
            self.step();
            if let Some(answer) = self.masters[master].answer.take() {
                return Ok(answer);
            }
        }
        Err(Error::Timeout)
    }

    /// The interrupt line.
    pub(crate) fn interrupt(&self) -> bool {
        self.board.outputs().tzcint
    }

    /// Remembers the first error until it is asked for.
    pub(crate) fn note(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// The first error since this was last asked; a model that broke a rule does so for good.
    pub(crate) fn take_error(&mut self) -> Option<Error> {
        let broken =
            !self.monitor.errors().is_empty() || !self.board.assertion_failures().is_empty();
        self.error.take().or(broken.then_some(Error::Model))
    }

    /// One cycle.
    pub(crate) fn step(&mut self) {
        let cycle = self.board.cycle();
        self.board.step();
        self.monitor.observe(cycle, self.board.outputs());
        let (inputs, out) = self.board.io();
        for (index, (master, raw)) in self.masters.iter_mut().zip(&mut inputs.raw).enumerate() {
            master.react(index, out, raw);
        }
        for (filter, (channel, pins)) in self.channels.iter_mut().zip(&mut inputs.mem).enumerate() {
            channel.react(MEMORY_SIDE + filter, out, &mut self.cells, pins);
        }
    }
}

impl Master {
    /// Lets go of what was taken and keeps the answer.
    fn react(&mut self, index: usize, out: &Outputs, raw: &mut Raw) {
        debug_assert!(index < FILTER_SIDE, "a master's port");
        let fired = |mask: u16| mask >> index & 1 == 1;
        raw.ar_valid &= !fired(out.ar.fire());
        raw.aw_valid &= !fired(out.aw.fire());
        raw.w_valid &= !fired(out.w.fire());
        let port = &out.port[index];
        if fired(out.r.fire()) {
            let half = port.r.data[self.lane / 2];
            self.answer = Some((port.r.resp, (half >> (32 * (self.lane % 2))) as u32));
            self.busy = false;
        }
        if fired(out.b.fire()) {
            self.answer = Some((port.b.resp, 0));
            self.busy = false;
        }
    }
}

impl Channel {
    /// Takes what the last cycle moved at port `at` and drives the next one; all bursts have one
    /// beat.
    fn react(
        &mut self,
        at: usize,
        out: &Outputs,
        cells: &mut BTreeMap<u64, [u8; 16]>,
        pins: &mut MemIn,
    ) {
        let port = &out.port[at];
        let fired = |mask: u16| mask >> at & 1 == 1;
        if fired(out.r.fire()) {
            self.read = None;
        }
        if fired(out.b.fire()) {
            self.done = None;
        }
        if fired(out.ar.fire()) {
            self.read = Some(port.ar);
        }
        if fired(out.aw.fire()) {
            self.write = Some(port.aw);
        }
        if fired(out.w.fire())
            && let Some(ax) = self.write.take()
        {
            let cell = cells.entry(ax.addr / 16).or_insert([UNWRITTEN; 16]);
            let bytes = port.w.data.map(u64::to_le_bytes);
            for lane in (0..16).filter(|lane| port.w.strb >> lane & 1 == 1) {
                cell[lane] = bytes[lane / 8][lane % 8];
            }
            self.done = Some(ax.id);
        }
        pins.ar_ready = self.read.is_none();
        pins.aw_ready = self.write.is_none() && self.done.is_none();
        pins.w_ready = self.write.is_some();
        (pins.r_valid, pins.b_valid) = (self.read.is_some(), self.done.is_some());
        if let Some(ax) = self.read {
            let cell = cells.get(&(ax.addr / 16)).copied().unwrap_or([UNWRITTEN; 16]);
            let (words, _) = cell.as_chunks::<8>();
            let data = [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])];
            pins.r = R { data, id: ax.id, resp: 0, last: true };
        }
        if let Some(id) = self.done {
            pins.b = B { id, resp: 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_rule_is_told_for_good() {
        let mut client = ClientBoard::new("f1").expect("built");
        assert_eq!(client.take_error(), None);
        let raw = &mut client.board.inputs().raw[0];
        (raw.ar_valid, raw.ar.burst) = (true, 3); // reserved
        client.step();
        client.note(Error::Offset);
        let told = [client.take_error(), client.take_error(), client.take_error()];
        assert_eq!(told, [Error::Offset, Error::Model, Error::Model].map(Some));
    }
}
