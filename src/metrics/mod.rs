// SPDX-License-Identifier: Apache-2.0
//! Throughput by time bin and latency by master, taken passively at the master ports.
use crate::engine::event::{Event, Latency, MasterTotal};
use crate::units::{Cycle, Direction, Hertz, MasterId};
use hdrhistogram::Histogram;
use ringfence_sim::{Ax, MASTERS, Outputs};
use std::collections::VecDeque;

const MASTER_BITS: u16 = (1 << MASTERS) - 1;
const IDS: usize = 16;
/// Longest latency that a histogram tells apart; longer ones count as this.
const CEILING: u64 = 10_000_000;

#[derive(Clone, Copy)]
struct Open {
    since: Cycle,
    bytes: u64,
}

/// What one direction of one master keeps.
struct Lane {
    open: Vec<VecDeque<Open>>,
    latency: Histogram<u64>,
    bytes: u64,
}

/// All of a run's measurements.
pub struct Metrics {
    bin: Cycle,
    bins: Vec<[[u64; 2]; MASTERS]>,
    lanes: Vec<[Lane; 2]>,
}

fn lane() -> Lane {
    let latency = Histogram::new_with_bounds(1, CEILING, 3)
        .expect("1..10^7 at three digits is a legal histogram");
    Lane { open: (0..IDS).map(|_| VecDeque::with_capacity(4)).collect(), latency, bytes: 0 }
}

fn burst_bytes(ax: &Ax) -> u64 {
    let whole = (u64::from(ax.len) + 1) << ax.size;
    // An unaligned first beat carries less (IHI 0022 A3.4.1).
    whole - (ax.addr & ((1 << ax.size) - 1)) * u64::from(ax.burst == 1)
}

fn each_bit(mut mask: u16, mut f: impl FnMut(usize)) {
    while mask != 0 {
        f(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

impl Metrics {
    /// With bins of `bin` cycles.
    pub fn new(bin: Cycle) -> Self {
        let lanes = (0..MASTERS).map(|_| [lane(), lane()]).collect();
        Self { bin, bins: Vec::new(), lanes }
    }

    /// Takes in one cycle.
    pub fn observe(&mut self, cycle: Cycle, out: &Outputs) {
        let any = out.ar.fire() | out.aw.fire() | out.r.fire() | out.b.fire();
        if any & MASTER_BITS == 0 {
            return;
        }
        each_bit(out.ar.fire() & MASTER_BITS, |m| self.open(cycle, m, 0, &out.port[m].ar));
        each_bit(out.aw.fire() & MASTER_BITS, |m| self.open(cycle, m, 1, &out.port[m].aw));
        each_bit(out.r.fire() & MASTER_BITS, |m| {
            let r = &out.port[m].r;
            if r.last {
                self.close(cycle, m, 0, r.id, r.resp);
            }
        });
        each_bit(out.b.fire() & MASTER_BITS, |m| {
            let b = &out.port[m].b;
            self.close(cycle, m, 1, b.id, b.resp);
        });
    }

    fn open(&mut self, since: Cycle, master: usize, way: usize, ax: &Ax) {
        let bytes = burst_bytes(ax);
        self.lanes[master][way].open[ax.id as usize % IDS].push_back(Open { since, bytes });
    }

    fn close(&mut self, cycle: Cycle, master: usize, way: usize, id: u8, resp: u8) {
        let lane = &mut self.lanes[master][way];
        let Some(open) = lane.open[id as usize % IDS].pop_front() else {
            return;
        };
        lane.latency.saturating_record(cycle.0 - open.since.0);
        if resp >= 2 {
            return;
        }
        lane.bytes += open.bytes;
        let bin = (cycle.0 / self.bin.0) as usize;
        if bin >= self.bins.len() {
            self.bins.resize(bin + 1, [[0; 2]; MASTERS]);
        }
        self.bins[bin][master][way] += open.bytes;
    }

    /// Bins and latencies as events.
    pub fn events(&self, into: &mut Vec<Event>) {
        for (n, bytes) in self.bins.iter().enumerate() {
            let cycle = Cycle(n as u64 * self.bin.0);
            into.push(Event::Bin { cycle, bytes: bytes.to_vec() });
        }
        for (m, lanes) in self.lanes.iter().enumerate() {
            for (lane, direction) in lanes.iter().zip([Direction::Read, Direction::Write]) {
                let h = &lane.latency;
                if h.is_empty() {
                    continue;
                }
                into.push(Event::Latency(Latency {
                    master: MasterId(m as u8),
                    direction,
                    count: h.len(),
                    p50: h.value_at_quantile(0.5),
                    p90: h.value_at_quantile(0.9),
                    p99: h.value_at_quantile(0.99),
                    p999: h.value_at_quantile(0.999),
                    max: h.max(),
                }));
            }
        }
    }

    /// Totals of one master over `cycles` cycles.
    pub fn total(&self, master: usize, name: &str, cycles: Cycle, clock: Hertz) -> MasterTotal {
        let [read, write] = &self.lanes[master];
        let mut both = read.latency.clone();
        // Equal bounds and digits: adding cannot fail.
        let _ = both.add(&write.latency);
        let bytes = read.bytes + write.bytes;
        let ns = |cycles| clock.nanoseconds(Cycle(cycles));
        let rate = u128::from(bytes) * u128::from(clock.0) / u128::from(cycles.0.max(1)) / 10_000;
        MasterTotal {
            name: name.to_owned(),
            bytes_read: read.bytes,
            bytes_written: write.bytes,
            centi_mb_per_s: rate as u64,
            latency_p50_ns: ns(both.value_at_quantile(0.5)),
            latency_p99_ns: ns(both.value_at_quantile(0.99)),
            latency_max_ns: ns(both.max()),
        }
    }

    /// Bytes that a master moved both ways without an error response.
    pub fn bytes(&self, master: usize) -> u64 {
        self.lanes[master].iter().map(|lane| lane.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_sim::{Handshake, R};

    #[test]
    fn a_read_is_timed_from_address_to_last_beat_and_errors_move_nothing() {
        let mut metrics = Metrics::new(Cycle(100));
        let mut out = Outputs::default();
        for (start, resp) in [(10, 0), (110, 3)] {
            out.ar = Handshake { valid: 4, ready: 4 };
            out.r = Handshake::default();
            out.port[2].ar = Ax { addr: 0x1004, len: 1, size: 4, burst: 1, ..Ax::default() };
            metrics.observe(Cycle(start), &out);
            out.ar = Handshake::default();
            out.r = Handshake { valid: 4, ready: 4 };
            for (n, last) in [(20, false), (21, true)] {
                out.port[2].r = R { resp, last, ..R::default() };
                metrics.observe(Cycle(start + n), &out);
            }
        }
        let total = metrics.total(2, "vdec", Cycle(200), Hertz(600_000_000));
        assert_eq!((total.bytes_read, total.bytes_written), (28, 0));
        assert_eq!((total.latency_p50_ns, total.latency_max_ns), (35, 35));
        assert_eq!(metrics.bins.len(), 1);
        // 28 bytes in 200 cycles of 600 MHz are 84 MB/s.
        assert_eq!(total.centi_mb_per_s, 8400);
    }
}
