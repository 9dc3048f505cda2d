// SPDX-License-Identifier: Apache-2.0
//! A slave side's master: every legal shape of burst, and the illegal ones.
use crate::bench::{below, pick};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{Ax, PinsOutputs, PinsShape, Raw, W};
use std::collections::VecDeque;

const PAGE: u64 = 4096;
const FIXED: u8 = 0;
const INCR: u8 = 1;
const WRAP: u8 = 2;
/// Addresses, and bursts of data, that wait to be offered.
const AHEAD: usize = 3;

pub(crate) struct Master {
    shape: &'static PinsShape,
    /// log2 of the bus in bytes.
    bus: u8,
    reads: VecDeque<Ax>,
    writes: VecDeque<Ax>,
    data: VecDeque<W>,
}

impl Master {
    pub(crate) fn new(shape: &'static PinsShape) -> Self {
        Self {
            shape,
            bus: (shape.data_bits / 8).trailing_zeros() as u8,
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            data: VecDeque::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty() && self.data.is_empty()
    }

    /// Takes what the last cycle moved and thinks of new transactions.
    pub(crate) fn react(
        &mut self,
        filter: usize,
        out: &PinsOutputs,
        raw: &mut Raw,
        draining: bool,
        rng: &mut ChaCha8Rng,
        pages: &[u64],
    ) {
        let on = |mask: u16| mask >> filter & 1 == 1;
        if on(out.ar.fire()) {
            raw.ar_valid = false;
            self.reads.pop_front();
        }
        if on(out.aw.fire()) {
            raw.aw_valid = false;
            self.writes.pop_front();
        }
        if on(out.w.fire()) {
            raw.w_valid = false;
            self.data.pop_front();
        }
        if draining {
            return;
        }
        if self.reads.is_empty() {
            self.reads.push_back(self.address(rng, pages));
        }
        if self.writes.len() < AHEAD && self.data.len() < 8 {
            let ax = self.address(rng, pages);
            self.writes.push_back(ax);
            self.burst_data(&ax, rng);
        }
    }

    /// Offers what waits, by the chances of this cycle; what is offered stays.
    pub(crate) fn drive(&self, raw: &mut Raw, [read, write, data]: [bool; 3]) {
        if !raw.ar_valid
            && read
            && let Some(ax) = self.reads.front()
        {
            (raw.ar_valid, raw.ar) = (true, *ax);
        }
        if !raw.aw_valid
            && write
            && let Some(ax) = self.writes.front()
        {
            (raw.aw_valid, raw.aw) = (true, *ax);
        }
        if !raw.w_valid
            && data
            && let Some(w) = self.data.front()
        {
            (raw.w_valid, raw.w) = (true, *w);
        }
    }

    fn address(&self, rng: &mut ChaCha8Rng, pages: &[u64]) -> Ax {
        let size = match below(rng, 16) {
            0..=8 => self.bus,
            9..=14 => below(rng, u64::from(self.bus) + 1) as u8,
            _ => below(rng, 8) as u8,
        };
        let burst = match below(rng, 32) {
            0..=15 => INCR,
            16..=22 => WRAP,
            23..=30 => FIXED,
            _ => 3,
        };
        let len = length(rng, burst);
        let lock = u8::from(below(rng, 24) == 0);
        let mut ax = Ax { id: self.id(rng), len, size, burst, lock, ..Ax::default() };
        if lock != 0 && below(rng, 4) > 0 {
            ax.len = pick(rng, &[0, 1, 3, 7, 15]);
        }
        let draw = rng.next_u64();
        (ax.prot, ax.nsaid) = ((draw & 7) as u8, (draw >> 8 & 15) as u8);
        let limit = (1u64 << self.shape.address_bits) - 1;
        ax.addr = (pick(rng, pages) * PAGE + offset(&ax, rng)) & limit;
        ax
    }

    fn id(&self, rng: &mut ChaCha8Rng) -> u8 {
        let ids = 1u64 << self.shape.id_bits;
        // Few IDs make long orders.
        let among = if below(rng, 2) == 0 { ids.min(2) } else { ids };
        below(rng, among) as u8
    }

    fn burst_data(&mut self, ax: &Ax, rng: &mut ChaCha8Rng) {
        let wrong = below(rng, 128) == 0;
        for beat in 0..=u16::from(ax.len) {
            let lanes = lanes(ax, u64::from(beat), self.bus);
            let strb = match below(rng, 4) {
                0 => lanes & rng.next_u64() as u16,
                _ => lanes,
            };
            let last = beat == u16::from(ax.len);
            let flip = wrong && below(rng, 4) == 0;
            let data = self.word(rng);
            self.data.push_back(W { data, strb, last: last != flip });
        }
    }

    fn word(&self, rng: &mut ChaCha8Rng) -> [u64; 2] {
        let low = rng.next_u64();
        match self.shape.data_bits {
            32 => [low & 0xffff_ffff, 0],
            64 => [low, 0],
            _ => [low, rng.next_u64()],
        }
    }
}

fn length(rng: &mut ChaCha8Rng, burst: u8) -> u8 {
    match (burst, below(rng, 64)) {
        (WRAP, 1..) => pick(rng, &[1, 1, 3, 3, 7, 15]),
        (FIXED, 1..) => below(rng, 16) as u8,
        (_, 0..=31) => below(rng, 3) as u8,
        (_, 32..=57) => below(rng, 16) as u8,
        (_, 58..=62) => below(rng, 64) as u8,
        _ => pick(rng, &[255, 254, 128, 127, 16, 31]),
    }
}

/// Where in a page: its start, ending with it, one byte off either, aligned, or anywhere.
fn offset(ax: &Ax, rng: &mut ChaCha8Rng) -> u64 {
    let size = 1u64 << ax.size;
    let total = if ax.burst == FIXED { size } else { size * (u64::from(ax.len) + 1) };
    let place = below(rng, 16);
    let offset = match place {
        0..=3 => 0,
        4..=7 => PAGE.saturating_sub(total),
        8 => 1,
        9 => PAGE - 1,
        10 => PAGE.saturating_sub(total) + 1,
        11 => PAGE.saturating_sub(total) + size,
        12 | 13 => below(rng, PAGE) & !(total.next_power_of_two() - 1),
        _ => below(rng, PAGE),
    };
    let aligned = ax.burst == WRAP && below(rng, 16) > 0 || ax.lock != 0 && below(rng, 8) > 0;
    let offset = if aligned { offset & !(size - 1) } else { offset };
    let exclusive = ax.lock != 0 && total.is_power_of_two() && below(rng, 4) > 0;
    let offset = if exclusive { offset & !(total - 1) } else { offset };
    // Seldom across the page.
    if ax.burst == INCR && (offset & !(size - 1)) + total > PAGE && below(rng, 8) > 0 {
        return PAGE.saturating_sub(total);
    }
    offset % PAGE
}

/// Lanes that a beat may use (IHI 0022, A3.4.3); all for what is no legal burst.
fn lanes(ax: &Ax, beat: u64, bus: u8) -> u16 {
    let width = 1u64 << bus;
    let all = ((1u32 << width) - 1) as u16;
    if ax.size > bus {
        return all;
    }
    let size = 1u64 << ax.size;
    let total = size * (u64::from(ax.len) + 1);
    let aligned = ax.addr & !(size - 1);
    let from = match ax.burst {
        WRAP if total.is_power_of_two() => {
            let low = aligned & !(total - 1);
            low + (aligned - low + beat * size) % total
        }
        INCR if beat > 0 => aligned + beat * size,
        _ => ax.addr,
    };
    let first = from & (width - 1);
    let end = (first & !(size - 1)) + size;
    ((((1u64 << end) - 1) & !((1u64 << first) - 1)) as u16) & all
}
