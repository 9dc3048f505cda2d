// SPDX-License-Identifier: Apache-2.0
//! The AXI side of one DRAM channel: accepts bursts, moves beats, answers.
use super::{Contents, DramTiming, Request};
use crate::units::{Cycle, Direction, PhysAddr};
use ringfence_sim::{Ax, B, MEMORY_SIDE, MemIn, Outputs, R};
use std::collections::VecDeque;

const OKAY: u8 = 0;
const EXOKAY: u8 = 1;
const DECERR: u8 = 3;
/// Bursts a channel holds at most, a direction: the usual queue of a DRAM controller.
const DEPTH: usize = 32;

#[derive(Clone, Copy, Default)]
struct Burst {
    ax: Ax,
    beat: u16,
    resp: u8,
    /// An exclusive write that lost its reservation is answered but not performed.
    suppressed: bool,
}

/// One filter's memory side.
pub struct MemoryPort<T> {
    filter: usize,
    timing: T,
    slots: Vec<Burst>,
    free: Vec<u16>,
    reads_held: usize,
    writes_held: usize,
    read_ready: VecDeque<u16>,
    writes: VecDeque<u16>,
    answers: VecDeque<u16>,
    /// Reservations by filter-side ID (IHI 0022 A7.2): armed by an exclusive read that got here.
    reserved: Vec<Option<(u64, u64)>>,
    reservations: usize,
}

/// Address of beat `n` of a burst (IHI 0022 A3.4.1).
pub fn beat_addr(ax: &Ax, n: u16) -> u64 {
    let size = 1u64 << ax.size;
    let aligned = ax.addr & !(size - 1);
    match (ax.burst, n) {
        (0, _) | (_, 0) => ax.addr,
        (2, _) => {
            let span = size * (u64::from(ax.len) + 1);
            let low = ax.addr & !(span - 1);
            low + (aligned - low + size * u64::from(n)) % span
        }
        _ => aligned + size * u64::from(n),
    }
}

impl<T: DramTiming> MemoryPort<T> {
    /// The memory side of `filter`.
    pub fn new(filter: usize, timing: T) -> Self {
        Self {
            filter,
            timing,
            slots: vec![Burst::default(); 2 * DEPTH],
            free: (0..2 * DEPTH as u16).collect(),
            reads_held: 0,
            writes_held: 0,
            read_ready: VecDeque::with_capacity(DEPTH),
            writes: VecDeque::with_capacity(DEPTH),
            answers: VecDeque::with_capacity(DEPTH),
            reserved: vec![None; 256],
            reservations: 0,
        }
    }

    /// Nothing accepted is unanswered.
    pub fn idle(&self) -> bool {
        self.reads_held == 0 && self.writes_held == 0
    }

    /// Takes in what was handshaken in `cycle` and sets what memory drives in the next.
    pub fn tick(&mut self, cycle: Cycle, out: &Outputs, memory: &mut Contents, pins: &mut MemIn) {
        let (index, bit) = (MEMORY_SIDE + self.filter, 1u16 << (MEMORY_SIDE + self.filter));
        let port = &out.port[index];
        let active = (out.ar.valid | out.aw.valid | out.w.valid) & bit != 0;
        if !active && self.idle() {
            (pins.ar_ready, pins.aw_ready) = (true, true);
            (pins.r_valid, pins.b_valid, pins.w_ready) = (false, false, false);
            return;
        }
        let r_taken = out.r.fire() & bit != 0;
        let b_taken = out.b.fire() & bit != 0;
        if r_taken {
            self.advance_read();
        }
        if b_taken {
            self.free.extend(self.answers.pop_front());
            self.writes_held -= 1;
        }
        if out.w.fire() & bit != 0 {
            self.write_beat(cycle, port.w.data, port.w.strb, memory);
        }
        if out.ar.fire() & bit != 0 {
            self.accept(cycle, port.ar, Direction::Read, memory);
        }
        if out.aw.fire() & bit != 0 {
            self.accept(cycle, port.aw, Direction::Write, memory);
        }
        while let Some(slot) = self.timing.served(Cycle(cycle.0 + 1)) {
            if self.slots[slot as usize].beat == u16::MAX {
                self.answers.push_back(slot);
            } else {
                self.read_ready.push_back(slot);
            }
        }
        pins.ar_ready = self.reads_held < DEPTH;
        pins.aw_ready = self.writes_held < DEPTH;
        pins.w_ready = !self.writes.is_empty();
        self.present_read(pins, r_taken, memory);
        self.present_answer(pins);
    }

    fn accept(&mut self, cycle: Cycle, ax: Ax, direction: Direction, memory: &Contents) {
        // READY is low while a direction holds DEPTH bursts, so that a slot is always free here.
        let Some(slot) = self.free.pop() else { return };
        let present = memory.present(PhysAddr(ax.addr));
        let mut burst =
            Burst { ax, beat: 0, resp: if present { OKAY } else { DECERR }, ..Burst::default() };
        let bytes = (u32::from(ax.len) + 1) << ax.size;
        match direction {
            Direction::Read => {
                if ax.lock == 1 && present {
                    self.reservations += usize::from(self.reserved[ax.id as usize].is_none());
                    self.reserved[ax.id as usize] = Some((ax.addr, u64::from(bytes)));
                    burst.resp = EXOKAY;
                }
                self.reads_held += 1;
                let addr = PhysAddr(ax.addr);
                self.timing.admit(cycle, Request { slot, addr, bytes, direction });
            }
            Direction::Write => {
                if ax.lock == 1 && present {
                    let kept = self.reserved[ax.id as usize] == Some((ax.addr, u64::from(bytes)));
                    burst.resp = if kept { EXOKAY } else { OKAY };
                    burst.suppressed = !kept;
                }
                self.writes_held += 1;
                self.writes.push_back(slot);
            }
        }
        self.slots[slot as usize] = burst;
    }

    /// A write beat takes effect at its handshake; the response follows when DRAM has served it.
    fn write_beat(&mut self, cycle: Cycle, data: [u64; 2], strobes: u16, memory: &mut Contents) {
        let Some(&slot) = self.writes.front() else {
            return;
        };
        let burst = &mut self.slots[slot as usize];
        let addr = beat_addr(&burst.ax, burst.beat);
        if !burst.suppressed && strobes != 0 {
            if !memory.write_beat(PhysAddr(addr), data, strobes) {
                burst.resp = DECERR;
            }
            if self.reservations > 0 {
                self.end_reservations(addr & !15);
            }
        }
        let burst = &mut self.slots[slot as usize];
        burst.beat += 1;
        if burst.beat > u16::from(burst.ax.len) {
            burst.beat = u16::MAX;
            let (addr, ax) = (PhysAddr(burst.ax.addr), burst.ax);
            let bytes = (u32::from(ax.len) + 1) << ax.size;
            self.writes.pop_front();
            self.timing.admit(cycle, Request { slot, addr, bytes, direction: Direction::Write });
        }
    }

    fn end_reservations(&mut self, beat: u64) {
        for held in &mut self.reserved {
            if held.is_some_and(|(base, len)| beat < base + len && base < beat + 16) {
                *held = None;
                self.reservations -= 1;
            }
        }
    }

    fn advance_read(&mut self) {
        let Some(&slot) = self.read_ready.front() else {
            return;
        };
        let burst = &mut self.slots[slot as usize];
        burst.beat += 1;
        if burst.beat > u16::from(burst.ax.len) {
            self.free.extend(self.read_ready.pop_front());
            self.reads_held -= 1;
        }
    }

    /// A beat is sampled when it is first offered and then stays as it is.
    fn present_read(&mut self, pins: &mut MemIn, taken: bool, memory: &mut Contents) {
        if pins.r_valid && !taken {
            return;
        }
        let Some(&slot) = self.read_ready.front() else {
            pins.r_valid = false;
            return;
        };
        let burst = &self.slots[slot as usize];
        let data = memory.read_beat(PhysAddr(beat_addr(&burst.ax, burst.beat)));
        let resp = if data.is_none() { DECERR } else { burst.resp };
        let last = burst.beat == u16::from(burst.ax.len);
        pins.r = R { data: data.unwrap_or([0; 2]), id: burst.ax.id, resp, last };
        pins.r_valid = true;
    }

    fn present_answer(&mut self, pins: &mut MemIn) {
        pins.b_valid = !self.answers.is_empty();
        if let Some(&slot) = self.answers.front() {
            let burst = &self.slots[slot as usize];
            pins.b = B { id: burst.ax.id, resp: burst.resp };
        }
    }

    /// First cycle at which this port has something to do by itself.
    pub fn due(&self) -> Option<Cycle> {
        self.timing.due()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_follow_the_burst_type() {
        let ax = |burst, addr, len, size| Ax { burst, addr, len, size, ..Ax::default() };
        let incr = ax(1, 0x1007, 3, 4);
        assert_eq!(
            (0..4).map(|n| beat_addr(&incr, n)).collect::<Vec<_>>(),
            [0x1007, 0x1010, 0x1020, 0x1030]
        );
        let wrap = ax(2, 0x1030, 3, 4);
        assert_eq!(
            (0..4).map(|n| beat_addr(&wrap, n)).collect::<Vec<_>>(),
            [0x1030, 0x1000, 0x1010, 0x1020]
        );
        let fixed = ax(0, 0x1004, 3, 2);
        assert!((0..4).all(|n| beat_addr(&fixed, n) == 0x1004));
    }
}
