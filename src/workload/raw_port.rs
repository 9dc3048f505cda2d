// SPDX-License-Identifier: Apache-2.0
//! A master port driven by hand: bursts in, answers out, in any order of the IDs.
use ringfence_sim::{Ax, BEAT_BYTES, Inputs, Outputs, Raw, W};
use std::collections::VecDeque;

/// Transaction IDs of a direction; one burst an ID is in flight at most.
pub(super) const IDS: usize = 16;
/// Beats of a burst at most.
pub(super) const BEATS: usize = 16;

/// Whether a response is an error: SLVERR or DECERR (IHI 0022, A3.4.4).
pub(super) const fn is_error(resp: u8) -> bool {
    resp >= 2
}

/// One burst, its data and its answer. Data and strobes are bus lanes by beat.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Burst {
    /// Address channel.
    pub(super) ax: Ax,
    /// Written, or read so far.
    pub(super) data: [[u64; 2]; BEATS],
    /// Lanes to write.
    pub(super) strb: [u16; BEATS],
    /// Worst response so far.
    pub(super) resp: u8,
    beat: u8,
    busy: bool,
}

impl Burst {
    /// An incrementing burst of whole beats from the beat of `addr` on, nothing to write yet.
    pub(super) fn new(addr: u64, beats: usize, prot: u8, nsaid: u8) -> Self {
        let beats = beats.clamp(1, BEATS);
        let (addr, len) = (addr & !(BEAT_BYTES as u64 - 1), (beats - 1) as u8);
        let ax = Ax { addr, id: 0, len, size: 4, burst: 1, lock: 0, prot, nsaid };
        Self { ax, ..Self::default() }
    }

    /// Sets bytes to write, `at` bytes from the burst's address on; what does not fit is left out.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        for (place, &byte) in (at..BEATS * BEAT_BYTES).zip(bytes) {
            let (beat, lane) = (place / BEAT_BYTES, place % BEAT_BYTES);
            let (word, shift) = (&mut self.data[beat][lane / 8], 8 * (lane % 8));
            *word = *word & !(0xff << shift) | u64::from(byte) << shift;
            self.strb[beat] |= 1 << lane;
        }
    }

    /// Takes bytes read, `at` bytes from the burst's address on.
    pub(super) fn get(&self, at: usize, bytes: &mut [u8]) {
        for (place, byte) in (at..BEATS * BEAT_BYTES).zip(bytes) {
            let (beat, lane) = (place / BEAT_BYTES, place % BEAT_BYTES);
            *byte = (self.data[beat][lane / 8] >> (8 * (lane % 8))) as u8;
        }
    }
}

/// IDs whose burst was answered in a cycle; `done_read` and `done_write` free them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answered {
    /// Last beat of a read.
    pub(super) read: Option<u8>,
    /// Response of a write.
    pub(super) write: Option<u8>,
}

/// Queues in front of one raw master port.
pub(super) struct RawPort {
    master: usize,
    reads: [Burst; IDS],
    writes: [Burst; IDS],
    ar: VecDeque<u8>,
    aw: VecDeque<u8>,
    /// Writes whose address was taken and whose data is not out yet: W follows AW.
    w: VecDeque<u8>,
    sent: u8,
}

impl RawPort {
    /// For the port of `master`, which `Inputs::raw_enable` must name.
    pub(super) fn new(master: usize) -> Self {
        let queue = || VecDeque::with_capacity(IDS);
        let bursts = [Burst::default(); IDS];
        let (ar, aw, w) = (queue(), queue(), queue());
        Self { master, reads: bursts, writes: bursts, ar, aw, w, sent: 0 }
    }

    /// Queues a read as `id`, which must be free.
    pub(super) fn read(&mut self, id: u8, mut burst: Burst) {
        debug_assert!(!self.reads[id as usize].busy, "read ID {id} is taken");
        burst.ax.id = id;
        burst.busy = true;
        self.reads[id as usize] = burst;
        self.ar.push_back(id);
    }

    /// Queues a write as `id`, which must be free.
    pub(super) fn write(&mut self, id: u8, mut burst: Burst) {
        debug_assert!(!self.writes[id as usize].busy, "write ID {id} is taken");
        burst.ax.id = id;
        burst.busy = true;
        self.writes[id as usize] = burst;
        self.aw.push_back(id);
    }

    /// Whether a read of this ID is under way.
    pub(super) fn reading(&self, id: u8) -> bool {
        self.reads[id as usize].busy
    }

    /// The first ID of `ids` with no write under way.
    pub(super) fn free_write(&self, mut ids: std::ops::Range<u8>) -> Option<u8> {
        ids.find(|&id| !self.writes[id as usize].busy)
    }

    /// The first ID of `ids` with no read under way.
    pub(super) fn free_read(&self, mut ids: std::ops::Range<u8>) -> Option<u8> {
        ids.find(|&id| !self.reads[id as usize].busy)
    }

    /// Worst response of the read `id` so far.
    pub(super) fn response(&self, id: u8) -> u8 {
        self.reads[id as usize].resp
    }

    /// Takes an answered read; its ID is free.
    pub(super) fn done_read(&mut self, id: u8) -> Burst {
        self.reads[id as usize].busy = false;
        self.reads[id as usize]
    }

    /// Takes an answered write; its ID is free.
    pub(super) fn done_write(&mut self, id: u8) -> Burst {
        self.writes[id as usize].busy = false;
        self.writes[id as usize]
    }

    /// Nothing queued and nothing in flight.
    pub(super) fn idle(&self) -> bool {
        !self.reads.iter().chain(&self.writes).any(|burst| burst.busy)
    }

    /// Takes note of what was handshaken in the cycle just stepped.
    pub(super) fn tick(&mut self, out: &Outputs) -> Answered {
        let bit = 1u16 << self.master;
        let port = &out.port[self.master];
        let mut answered = Answered::default();
        if out.ar.fire() & bit != 0 {
            self.ar.pop_front();
        }
        if out.w.fire() & bit != 0 {
            let last = self.w.front().map_or(0, |&id| self.writes[id as usize].ax.len);
            self.sent += 1;
            if self.sent > last {
                self.w.pop_front();
                self.sent = 0;
            }
        }
        if out.aw.fire() & bit != 0 {
            self.w.extend(self.aw.pop_front());
        }
        if out.r.fire() & bit != 0 {
            let burst = &mut self.reads[port.r.id as usize % IDS];
            burst.data[burst.beat as usize % BEATS] = port.r.data;
            burst.beat += 1;
            burst.resp = burst.resp.max(port.r.resp);
            answered.read = port.r.last.then_some(port.r.id);
        }
        if out.b.fire() & bit != 0 {
            self.writes[port.b.id as usize % IDS].resp = port.b.resp;
            answered.write = Some(port.b.id);
        }
        answered
    }

    /// Sets what is offered next; after all of the cycle's bursts.
    pub(super) fn offer(&self, inputs: &mut Inputs) {
        let raw: &mut Raw = &mut inputs.raw[self.master];
        (raw.r_ready, raw.b_ready) = (true, true);
        raw.ar_valid = !self.ar.is_empty();
        if let Some(&id) = self.ar.front() {
            raw.ar = self.reads[id as usize].ax;
        }
        raw.aw_valid = !self.aw.is_empty();
        if let Some(&id) = self.aw.front() {
            raw.aw = self.writes[id as usize].ax;
        }
        raw.w_valid = !self.w.is_empty();
        if let Some(&id) = self.w.front() {
            let burst = &self.writes[id as usize];
            let beat = self.sent as usize % BEATS;
            let (data, strb, last) =
                (burst.data[beat], burst.strb[beat], self.sent == burst.ax.len);
            raw.w = W { data, strb, last };
        }
    }
}
