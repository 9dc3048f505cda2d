// SPDX-License-Identifier: Apache-2.0
//! When DRAM serves a burst. Time is picoseconds, so that DRAM and fabric clocks need not divide.
use crate::scenario::Memory;
use crate::units::{Cycle, Direction, Hertz, PhysAddr};
use std::collections::VecDeque;

/// A burst offered to DRAM.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Which entry of the port's table it is.
    pub slot: u16,
    /// First byte.
    pub addr: PhysAddr,
    /// Bytes on the DRAM bus.
    pub bytes: u32,
    /// Which way.
    pub direction: Direction,
}

/// The interface that every DRAM model serves: bursts go in, and come out when, and in the order
/// in which, the model has served them.
pub trait DramTiming {
    /// Takes a burst at the end of cycle `now`.
    fn admit(&mut self, now: Cycle, request: Request);
    /// The next burst served by the start of cycle `now`, if any; each is told once.
    fn served(&mut self, now: Cycle) -> Option<u16>;
    /// First cycle at which `served` may answer; `None` when nothing is queued.
    fn due(&self) -> Option<Cycle>;
}

/// Fixed latency and limited bandwidth: one bus that reads and writes share, first come first served.
pub struct FixedTiming {
    hertz: u64,
    latency_ps: u64,
    bytes_per_second: u64,
    bus_free_ps: u64,
    queue: VecDeque<(Cycle, u16)>,
}

impl FixedTiming {
    /// For one channel.
    pub fn new(memory: &Memory, clock: Hertz) -> Self {
        Self {
            hertz: clock.0,
            latency_ps: memory.latency_ps,
            bytes_per_second: memory.bandwidth.0.max(1),
            bus_free_ps: 0,
            queue: VecDeque::with_capacity(256),
        }
    }
}

fn mul_div_up(value: u64, by: u64, over: u64) -> u64 {
    (u128::from(value) * u128::from(by)).div_ceil(u128::from(over)) as u64
}

const PS: u64 = 1_000_000_000_000;

impl DramTiming for FixedTiming {
    fn admit(&mut self, now: Cycle, request: Request) {
        let now_ps = mul_div_up(now.0, PS, self.hertz);
        let start = (now_ps + self.latency_ps).max(self.bus_free_ps);
        self.bus_free_ps = start + mul_div_up(u64::from(request.bytes), PS, self.bytes_per_second);
        let cycle = mul_div_up(start, self.hertz, PS).max(now.0 + 1);
        self.queue.push_back((Cycle(cycle), request.slot));
    }

    fn served(&mut self, now: Cycle) -> Option<u16> {
        match self.queue.front() {
            Some(&(cycle, slot)) if cycle <= now => {
                self.queue.pop_front();
                Some(slot)
            }
            _ => None,
        }
    }

    fn due(&self) -> Option<Cycle> {
        self.queue.front().map(|&(cycle, _)| cycle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{AddrRange, ByteLen, ByteRate};

    #[test]
    fn latency_then_bandwidth() {
        let memory = Memory {
            alias_bits: None,
            dram: AddrRange::new(PhysAddr(0), ByteLen(1 << 20)).expect("does not wrap"),
            latency_ps: 50_000,
            bandwidth: ByteRate(4_800_000_000),
        };
        let mut t = FixedTiming::new(&memory, Hertz(600_000_000));
        for slot in 0..2 {
            let direction = Direction::Read;
            t.admit(Cycle(0), Request { slot, addr: PhysAddr(0), bytes: 256, direction });
        }
        // 50 ns is 30 cycles; 256 bytes at 4.8 GB/s keep the bus for 53.3 ns, 32 cycles.
        assert_eq!(t.served(Cycle(29)), None);
        assert_eq!(t.served(Cycle(30)), Some(0));
        assert_eq!(t.served(Cycle(61)), None);
        assert_eq!(t.served(Cycle(63)), Some(1));
        assert_eq!(t.due(), None);
    }
}
