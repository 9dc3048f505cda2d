// SPDX-License-Identifier: Apache-2.0
//! The miniature's firewall and the way of transactions through it, one beat a call.
use super::rig::{Fault, Flight, Rig, bytes_of, halves};
use super::scene;
use ringfence_sim::{Ax, B, FILTER_SIDE, MEMORY_SIDE, R, W};

impl Rig {
    fn decide(&self, ax: &Ax, write: bool, filter: usize) -> bool {
        let page = ax.addr >> 12;
        let end = ax.addr / 16 * 16 + 16 * (u64::from(ax.len) + 1);
        if (end - 1) >> 12 != page && self.fault != Fault::CrossingAllowed {
            return false;
        }
        let mut hits = Vec::new();
        for n in 1..9u16 {
            let at = 0x100 + 0x20 * n;
            let join = |o| u64::from(self.word(at + o)) | u64::from(self.word(at + o + 4)) << 32;
            let (base, mut top) = (join(0) >> 12, join(8) >> 12);
            if self.fault == Fault::TopExclusive {
                top = top.saturating_sub(1);
            }
            if self.word(at + 0x10) >> filter & 1 == 1 && (base..=top).contains(&page) {
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

    fn fail(&mut self, ax: &Ax, write: bool, filter: usize) {
        let status = self.word(0x010);
        if status >> filter & 1 == 1 {
            let overrun = u32::from(self.fault != Fault::NoOverrun) << (8 + filter);
            self.words.insert(0x010, status | overrun);
            return;
        }
        self.words.insert(0x010, status | 1 << filter);
        let id = u32::from(ax.id) ^ u32::from(self.fault == Fault::FailId);
        let control =
            u32::from(write) << 24 | u32::from(ax.prot & 2) << 20 | u32::from(ax.prot & 1) << 20;
        for (offset, value) in
            [(0x20, ax.addr as u32), (0x24, (ax.addr >> 32) as u32), (0x28, control), (0x2c, id)]
        {
            self.words.insert(offset + 0x10 * filter as u16, value);
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
        let mut filter = (ax.addr >> 12) as usize & (self.filters - 1);
        if self.fault == Fault::WrongRoute {
            filter ^= 1;
        }
        let mut allowed = self.decide(&ax, write, filter);
        let speculative = self.word(0x00c) >> u32::from(write) & 1 == 0;
        let (at_master, mut at_filter, mut at_memory) = (Ax { id: ax.id & 15, ..ax }, ax, ax);
        at_memory.nsaid = 0;
        match self.fault {
            Fault::FabricNsaid => at_filter.nsaid ^= 1,
            Fault::FabricAddress => (at_filter.addr, at_memory.addr) = (ax.addr ^ 64, ax.addr ^ 64),
            Fault::AddressChanged => at_memory.addr ^= 0x1000,
            Fault::AllowedDenied => allowed = false,
            _ => {}
        }
        let forwarded = allowed || speculative;
        self.address(master, at_master, write);
        self.address(FILTER_SIDE + filter, at_filter, write);
        if forwarded {
            self.address(MEMORY_SIDE + filter, at_memory, write);
        }
        self.idle(1);
        // Seen by the registers from the cycle after the handshake.
        if !allowed {
            self.fail(&ax, write, filter);
        }
        Flight { ax, forwarded, allowed, master, filter, beat: 0 }
    }

    pub(super) fn address(&mut self, port: usize, ax: Ax, write: bool) {
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
        self.memory.get(&(addr / 16 * 16)).copied().unwrap_or([0xa5; 16])
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
        let truth =
            R { data: halves(bytes), id: flight.ax.id, resp: if inside { 0 } else { 3 }, last };
        let zeros = R { data: [0; 2], resp: if self.word(4) & 1 == 1 { 3 } else { 0 }, ..truth };
        let mut given = if flight.allowed { truth } else { zeros };
        match self.fault {
            Fault::ReadNotZeroed if !flight.allowed => given.data = halves(self.cell(addr)),
            Fault::DataChanged => given.data[1] ^= 1 << 9,
            Fault::DenyResponse if !flight.allowed => given.resp = 0,
            Fault::LastEarly => given.last = true,
            _ => {}
        }
        let mut taken = R { id: given.id & 15, ..given };
        match self.fault {
            Fault::FabricRead => taken.data[0] ^= 1,
            Fault::FabricResponse => taken.resp ^= 2,
            Fault::FabricLast => taken.last = !taken.last,
            _ => {}
        }
        if flight.forwarded {
            self.r(MEMORY_SIDE + flight.filter, truth);
        }
        self.r(FILTER_SIDE + flight.filter, given);
        self.r(flight.master, taken);
        self.idle(1);
        bytes_of(taken.data)
    }

    pub(super) fn r(&mut self, port: usize, r: R) {
        self.out.r.valid |= 1 << port;
        self.out.r.ready |= 1 << port;
        self.out.port[port].r = r;
    }

    pub(super) fn w(&mut self, port: usize, w: W) {
        self.out.w.valid |= 1 << port;
        self.out.w.ready |= 1 << port;
        self.out.port[port].w = w;
    }

    /// The next write beat at all ports, in one cycle.
    pub(super) fn write_beat(&mut self, flight: &mut Flight, data: [u8; 16], strb: u16) {
        let addr = flight.ax.addr / 16 * 16 + 16 * u64::from(flight.beat);
        let last = flight.beat == u16::from(flight.ax.len);
        flight.beat += 1;
        let given = W { data: halves(data), strb, last };
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
            landing = W { data: [0; 2], strb: 0, last };
        }
        if flight.forwarded {
            let mut cell = self.cell(addr);
            for (lane, byte) in bytes_of(landing.data).into_iter().enumerate() {
                if landing.strb >> lane & 1 == 1 {
                    cell[lane] = byte;
                }
            }
            self.memory.insert(addr, cell);
            self.w(MEMORY_SIDE + flight.filter, landing);
        }
        self.w(flight.master, given);
        self.w(FILTER_SIDE + flight.filter, taken);
        self.idle(1);
    }

    /// The write response at all ports, in one cycle.
    pub(super) fn response(&mut self, flight: &Flight) {
        let truth = B { id: flight.ax.id, resp: 0 };
        let mut given = truth;
        if !flight.allowed {
            given.resp = if self.word(4) & 1 == 1 { 3 } else { 0 };
        }
        if self.fault == Fault::DenyResponse && !flight.allowed {
            given.resp = 0;
        }
        let mut taken = B { id: given.id & 15, ..given };
        if self.fault == Fault::FabricResponse {
            taken.resp ^= 2;
        }
        for (port, b) in [
            (MEMORY_SIDE + flight.filter, truth),
            (FILTER_SIDE + flight.filter, given),
            (flight.master, taken),
        ] {
            if port < MEMORY_SIDE || flight.forwarded {
                self.out.b.valid |= 1 << port;
                self.out.b.ready |= 1 << port;
                self.out.port[port].b = b;
            }
        }
        self.idle(1);
    }
}
