// SPDX-License-Identifier: Apache-2.0
//! The fault handler over the register bus.
use super::bus::Completer;
use crate::firmware::*;
use crate::units::{Cycle, Direction, FilterId, PhysAddr};
use ringfence_sim::{ApbIn, Outputs};

struct Bench {
    completer: Completer,
    driver: ApbDriver,
    handler: FaultHandler,
    out: Outputs,
    apb: ApbIn,
}

/// What a run of the handler came to, owned.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Failures(Vec<FailureRecord>),
    Spurious,
    Storm,
    Bus(ApbFault),
}

impl Bench {
    fn new(waits: u32) -> Self {
        Self {
            completer: Completer::new(waits),
            driver: ApbDriver::new(Cycle(50)),
            handler: FaultHandler::default(),
            out: Outputs::default(),
            apb: ApbIn::default(),
        }
    }

    fn fail(&mut self, filter: u16, record: [u32; 4]) {
        for (word, value) in (0..).zip(record) {
            self.completer.model.set(0x20 + 0x10 * filter + 4 * word, value);
        }
        let status = self.completer.model.word(0x10) | 1 << filter;
        self.completer.model.set(0x10, status);
    }

    /// The line is high while a filter's status is, or as `forced`.
    fn cycle(&mut self, forced: bool) -> Option<Came> {
        self.out.tzcint = forced || self.completer.model.word(0x10) & 0xf != 0;
        let came = self.handler.step(&self.out, &mut self.driver).map(|handled| match handled {
            Handled::Failures(records) => Came::Failures(records.to_vec()),
            Handled::Spurious => Came::Spurious,
            Handled::Storm => Came::Storm,
            Handled::Bus(error) => Came::Bus(error.fault),
        });
        self.driver.drive(&self.out, &mut self.apb);
        self.completer.cycle(self.apb, &mut self.out);
        came
    }

    fn run(&mut self, cycles: u32, forced: bool) -> Vec<Came> {
        (0..cycles).filter_map(|_| self.cycle(forced)).collect()
    }
}

const READ_BY_DECODER: [u32; 4] = [0x9003_4b00, 0x0000_0001, 0x0020_0000, 0x0f00_0025];
const SECURE_WRITE: [u32; 4] = [0x8000_0040, 0, 0x0110_0000, 0x0000_0013];

fn record(filter: u8) -> FailureRecord {
    FailureRecord {
        filter: FilterId(filter),
        addr: PhysAddr(0x1_9003_4b00),
        direction: Direction::Read,
        non_secure: true,
        privileged: false,
        axi_id: 0x25,
        overrun: false,
        overlap: false,
    }
}

#[test]
fn a_failure_is_read_and_cleared_once() {
    for waits in [0, 3] {
        let mut bench = Bench::new(waits);
        assert!(bench.run(20, false).is_empty() && !bench.handler.is_busy());
        bench.fail(0, READ_BY_DECODER);
        assert_eq!(bench.run(200, false), [Came::Failures(vec![record(0)])]);
        assert_eq!(bench.completer.model.word(0x10), 0);
        assert_eq!(bench.completer.model.writes, [(0x014, 1)]);
        assert_eq!(bench.completer.transfers.len(), 8, "no second run");
    }
}

#[test]
fn every_failed_filter_has_its_record() {
    let mut bench = Bench::new(0);
    bench.fail(3, SECURE_WRITE);
    bench.fail(1, READ_BY_DECODER);
    let write = FailureRecord {
        filter: FilterId(3),
        addr: PhysAddr(0x8000_0040),
        direction: Direction::Write,
        non_secure: false,
        privileged: true,
        axi_id: 0x13,
        ..record(3)
    };
    assert_eq!(bench.run(200, false), [Came::Failures(vec![record(1), write])]);
    assert_eq!(bench.completer.model.writes, [(0x014, 0b1010)]);
    let mut all = Bench::new(0);
    (0..4).for_each(|filter| all.fail(filter, READ_BY_DECODER));
    let want = (0..4).map(record).collect();
    assert_eq!(all.run(200, false), [Came::Failures(want)]);
    assert_eq!(all.completer.transfers.len(), 20, "as bounded");
}

#[test]
fn overrun_while_the_handler_reads_is_told() {
    let mut bench = Bench::new(0);
    bench.fail(0, READ_BY_DECODER);
    assert!(bench.run(6, false).is_empty() && bench.handler.is_busy());
    bench.completer.model.set(0x10, 0x0101_0101); // filter 0: again, and an overlap
    let want = FailureRecord { overrun: true, overlap: true, ..record(0) };
    assert_eq!(bench.run(100, false), [Came::Failures(vec![want])]);
    // A flag of another filter is not this one's.
    bench.fail(0, READ_BY_DECODER);
    let other = bench.completer.model.word(0x10) | 0x2 << 8 | 0x2 << 16;
    bench.completer.model.set(0x10, other);
    assert_eq!(bench.run(100, false), [Came::Failures(vec![record(0)])]);
}

#[test]
fn a_filter_that_fails_meanwhile_is_not_cleared_unread() {
    let mut bench = Bench::new(0);
    bench.fail(0, READ_BY_DECODER);
    assert!(bench.run(8, false).is_empty());
    bench.fail(2, READ_BY_DECODER);
    let runs = bench.run(200, false);
    assert_eq!(runs, [Came::Failures(vec![record(0)]), Came::Failures(vec![record(2)])]);
    assert_eq!(bench.completer.model.writes, [(0x014, 1), (0x014, 4)]);
}

#[test]
fn the_handler_waits_for_its_turn_on_the_bus() {
    let mut bench = Bench::new(0);
    let ops = [Op::Read { offset: 0 }; 10];
    let ticket = bench.driver.start(&ops).expect("free");
    bench.fail(0, READ_BY_DECODER);
    assert!(bench.run(30, false).is_empty() && !bench.handler.is_busy());
    assert!(bench.driver.take_end(ticket).is_some());
    assert_eq!(bench.run(100, false), [Came::Failures(vec![record(0)])]);
}

#[test]
fn a_line_stuck_high_is_given_up() {
    let mut bench = Bench::new(0);
    let runs = bench.run(1000, true);
    assert_eq!(runs.len(), SPURIOUS_LIMIT as usize);
    assert!(runs[..runs.len() - 1].iter().all(|came| *came == Came::Spurious));
    assert_eq!(runs.last(), Some(&Came::Storm));
    assert_eq!(bench.completer.transfers.len(), SPURIOUS_LIMIT as usize);
}

#[test]
fn a_failing_bus_ends_the_handler() {
    let mut bench = Bench::new(0);
    bench.fail(0, READ_BY_DECODER);
    bench.completer.error = Some(0x028);
    assert_eq!(bench.run(300, false), [Came::Bus(ApbFault::Response)]);
    assert!(bench.completer.model.writes.is_empty(), "what was not read is not cleared");
    let mut bench = Bench::new(0);
    bench.fail(0, READ_BY_DECODER);
    bench.completer.error = Some(0x010);
    assert_eq!(bench.run(300, false), [Came::Bus(ApbFault::Response)]);
}
