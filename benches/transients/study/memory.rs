// SPDX-License-Identifier: Apache-2.0
//! Memory behind the firewall's pins: takes everything, answers in order after a fixed time.
use ringfence_sim::{B, MemIn, PINS_MEMORY_SIDE, PinsOutputs, R};
use std::collections::VecDeque;

/// Cycles from an address to its answer: 60 ns at 600 MHz, the idle latency of the boards.
pub(crate) const LATENCY: u64 = 36;
/// What every read beat carries; denied reads carry zeros.
pub(crate) const MARK: u64 = 0x5eed_0bee_f00d_cafe;
/// The memory side in a handshake's mask.
const SIDE: u16 = 1 << PINS_MEMORY_SIDE;

/// One-beat bursts only.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    reads: VecDeque<(u64, u8)>,
    writes: VecDeque<(u64, u8)>,
    /// Write addresses whose data is not here yet.
    owed: VecDeque<u8>,
    beats: usize,
    /// Write beats with a byte lane on.
    pub(crate) written: u64,
}

impl Memory {
    /// One cycle: looks at what the last one showed and sets what the next one drives.
    pub(crate) fn tick(&mut self, cycle: u64, out: &PinsOutputs, pins: &mut MemIn) {
        (pins.ar_ready, pins.aw_ready, pins.w_ready) = (true, true, true);
        let due = cycle + LATENCY;
        if out.ar.fire() & SIDE != 0 {
            self.reads.push_back((due, out.port[PINS_MEMORY_SIDE].ar.id));
        }
        if out.aw.fire() & SIDE != 0 {
            self.owed.push_back(out.port[PINS_MEMORY_SIDE].aw.id);
        }
        if out.w.fire() & SIDE != 0 {
            self.beats += 1;
            self.written += u64::from(out.port[PINS_MEMORY_SIDE].w.strb != 0);
        }
        while self.beats > 0
            && let Some(id) = self.owed.pop_front()
        {
            self.beats -= 1;
            self.writes.push_back((due, id));
        }
        if out.r.fire() & SIDE != 0 {
            self.reads.pop_front();
        }
        if out.b.fire() & SIDE != 0 {
            self.writes.pop_front();
        }
        let ready = |queue: &VecDeque<(u64, u8)>| {
            queue.front().filter(|(due, _)| *due <= cycle).map(|(_, id)| *id)
        };
        let (read, write) = (ready(&self.reads), ready(&self.writes));
        (pins.r_valid, pins.b_valid) = (read.is_some(), write.is_some());
        pins.r = R { data: [MARK; 2], id: read.unwrap_or(0), resp: 0, last: true };
        pins.b = B { id: write.unwrap_or(0), resp: 0 };
    }
}
