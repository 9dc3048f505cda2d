// SPDX-License-Identifier: Apache-2.0
//! The firewall alone: firmware's operations on its register bus, one master in front of it and
//! memory behind it, stepped together.
use super::memory::Memory;
use super::poll::Poller;
use ringfence::firmware::{
    ApbDriver, Hardware, Op, RegionFile, fence, open_gates, registers as reg, set_action,
};
use ringfence::scenario::Order;
use ringfence::units::Cycle;
use ringfence_sim::{BEAT_BYTES, Outputs, PINS, Pins, ProtocolMonitor};

/// Cycles that a poll of the gates may take.
pub(crate) const BUDGET: Cycle = Cycle(1000);
/// Cycles after which something hangs.
const LIMIT: u64 = 20_000;

/// What an access came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    /// Some page could be read.
    pub(crate) read: bool,
    /// Some page could be written.
    pub(crate) write: bool,
    /// Some page could not be read or not be written.
    pub(crate) denied: bool,
    /// The firewall found several regions.
    pub(crate) overlap: bool,
}

/// The bench.
pub(crate) struct Firewall {
    pins: Pins,
    monitor: ProtocolMonitor,
    apb: ApbDriver,
    /// The register bus as the driver looks at it.
    bus: Outputs,
    memory: Memory,
    cycle: u64,
}

impl Firewall {
    /// The hardware behind the pins.
    pub(crate) fn hardware() -> Hardware {
        Hardware::board(1)
    }

    /// A firewall of a check latency, 0 or 1 cycles, with a region file; gates open, denials answered
    /// by DECERR, speculation off.
    pub(crate) fn new(check_latency: u8, file: &RegionFile) -> Self {
        let shape = PINS[usize::from(check_latency)];
        assert_eq!((shape.check_latency, shape.filters), (check_latency, 1));
        assert_eq!((shape.regions, shape.extension), (9, true));
        let pins = Pins::new(shape.name, true).expect("both latencies are always built");
        let mut made = Self {
            pins,
            monitor: ProtocolMonitor::with_bus(BEAT_BYTES),
            apb: ApbDriver::new(BUDGET),
            bus: Outputs::default(),
            memory: Memory::default(),
            cycle: 0,
        };
        let off = Op::Write { offset: reg::SPECULATION_CTRL, value: reg::SPECULATION_OFF };
        let mut ops = vec![off, set_action(true, false)];
        let missing = RegionFile::reset(Self::hardware()).missing(file);
        ops.extend(missing.into_iter().map(|(offset, value)| Op::Write { offset, value }));
        ops.push(fence());
        ops.extend(open_gates(Self::hardware(), Order::Gated, BUDGET));
        made.play(&ops);
        made
    }

    /// One cycle with `poller` in front.
    fn step(&mut self, poller: &mut Poller, reads: bool, writes: bool) {
        self.pins.step();
        let (inputs, out) = self.pins.io();
        self.monitor.observe_pins(self.cycle, out);
        self.bus.apb_ready = out.apb_ready;
        self.bus.apb_slverr = out.apb_slverr;
        self.bus.apb_rdata = out.apb_rdata;
        self.apb.drive(&self.bus, &mut inputs.apb);
        self.memory.tick(self.cycle, out, &mut inputs.mem[0]);
        poller.tick(out, &mut inputs.master[0], reads, writes);
        self.cycle += 1;
        assert!(self.cycle < LIMIT, "something hangs");
    }

    /// Plays operations while nobody accesses anything; gives what was read.
    pub(crate) fn play(&mut self, ops: &[Op]) -> Vec<u32> {
        self.play_under(ops, &mut Poller::new(0, 0), false).0
    }

    /// Plays operations while `poller` polls or not; gives what was read and the cycles it took.
    pub(crate) fn play_under(
        &mut self,
        ops: &[Op],
        poller: &mut Poller,
        polling: bool,
    ) -> (Vec<u32>, u64) {
        let ticket = self.apb.start(ops).expect("the bus is free");
        let begun = self.cycle;
        loop {
            self.step(poller, polling, polling);
            if let Some(end) = self.apb.take_end(ticket) {
                end.result.unwrap_or_else(|error| panic!("{error} ({:?})", error.op));
                return (end.values.to_vec(), self.cycle - begun);
            }
        }
    }

    /// Polls for so many cycles.
    pub(crate) fn poll(&mut self, poller: &mut Poller, cycles: u64) {
        (0..cycles).for_each(|_| self.step(poller, true, true));
    }

    /// Stops polling and waits for every answer.
    pub(crate) fn drain(&mut self, poller: &mut Poller) {
        loop {
            self.step(poller, false, false);
            if poller.is_done(&self.pins.inputs().master[0]) {
                return;
            }
        }
    }

    /// One read and one write of each page, one after the other, and what the firewall says of
    /// regions that overlap.
    pub(crate) fn look(&mut self, pages: &[u64], who: impl Fn(u64) -> Poller) -> Access {
        let mut came = Access::default();
        for page in pages {
            for direction in [0, 1] {
                let mut poller = who(*page);
                let written = self.memory.written;
                self.step(&mut poller, direction == 0, direction == 1);
                self.drain(&mut poller);
                let seen = poller.seen[direction];
                assert_eq!(seen.allowed + seen.denied, 1, "one answer");
                let changed = u64::from(direction == 1) * seen.allowed;
                assert_eq!(self.memory.written - written, changed, "memory changed otherwise");
                let allowed = seen.allowed == 1;
                came.denied |= !allowed;
                *if direction == 0 { &mut came.read } else { &mut came.write } |= allowed;
            }
        }
        let clear = Op::Write { offset: reg::INT_CLEAR, value: 1 };
        let status = self.play(&[Op::Read { offset: reg::INT_STATUS }, clear, fence()])[0];
        came.overlap = status >> reg::INT_OVERLAP_SHIFT & 1 != 0;
        came
    }

    /// Whether everything kept to the rules.
    pub(crate) fn finish(mut self) {
        self.monitor.finish(self.cycle);
        assert_eq!(self.monitor.errors(), []);
        assert_eq!(self.pins.assertion_failures(), Vec::<String>::new());
    }
}
