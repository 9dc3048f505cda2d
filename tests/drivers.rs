// SPDX-License-Identifier: Apache-2.0
//! Firmware's operations in the order of existing drivers, on the board's RTL, the oracle's
//! registers beside it; sim/tests/cdriver has the same from C.
mod common;

use ringfence::engine::event::{Event, Party};
use ringfence::firmware::{
    ApbDriver, ApbError, ApbFault, FailureRecord, FaultHandler, Handled, Hardware, Op, RegionFile,
    RegionWords, background, disable_filters, dump, enable_filters, identify, region_driver,
    registers as reg, set_action,
};
use ringfence::oracle::Oracle;
use ringfence::units::{Cycle, Direction, FilterId, PhysAddr};
use ringfence_sim::{Ax, Board, BoardOptions, ProtocolMonitor};

const BUDGET: Cycle = Cycle(500);

/// A published map for protected video, regions 1 to 7.
const MAP: [RegionWords; 7] = [
    RegionWords([0xff00_0000, 0, 0xffff_ffff, 0, 0xc000_000f, 0]),
    RegionWords([0x8000_0000, 0, 0xe6ff_ffff, 0, 0xf, 0x167f_177f]),
    RegionWords([0xe700_0000, 0, 0xf4ff_ffff, 0, 0xf, 0x0300_0100]),
    RegionWords([0xf500_0000, 0, 0xfaff_ffff, 0, 0xc000_000f, 0x0080_0080]),
    RegionWords([0xfb00_0000, 0, 0xfcff_ffff, 0, 0xc000_000f, 0x0400_0400]),
    RegionWords([0xfd00_0000, 0, 0xfeff_ffff, 0, 0xf, 0x167f_177f]),
    RegionWords([0x8000_0000, 8, 0xffff_ffff, 9, 0xf, 0x167f_177f]),
];

struct Bench {
    board: Board,
    hw: Hardware,
    apb: ApbDriver,
    handler: FaultHandler,
    told: Vec<Vec<FailureRecord>>,
    oracle: Oracle,
    protocol: ProtocolMonitor,
}

impl Bench {
    /// After reset, the oracle with the filters that it believes in.
    fn new(shape: &str, believed: usize) -> Self {
        let mut board = Board::new(shape, BoardOptions::default()).expect("built");
        board.inputs().raw_enable = 0xff;
        let filters = board.filters();
        Self {
            board,
            hw: Hardware::board(filters as u8),
            apb: ApbDriver::new(BUDGET),
            handler: FaultHandler::default(),
            told: Vec::new(),
            oracle: Oracle::new(&common::playback(&[], ""), believed, Vec::new()),
            protocol: ProtocolMonitor::new(filters),
        }
    }

    fn step(&mut self, handling: bool) {
        let cycle = Cycle(self.board.cycle());
        self.board.step();
        let (inputs, out) = self.board.io();
        self.oracle.observe(cycle, &inputs.apb, out);
        self.protocol.observe(cycle.0, out);
        if handling {
            match self.handler.step(out, &mut self.apb) {
                Some(Handled::Failures(records)) => self.told.push(records.to_vec()),
                Some(other) => panic!("{other:?}"),
                None => {}
            }
        }
        self.apb.drive(out, &mut inputs.apb);
        let taken = out.ar.fire();
        for (master, raw) in inputs.raw.iter_mut().enumerate() {
            raw.r_ready = true;
            raw.ar_valid &= taken >> master & 1 == 0;
        }
    }

    fn try_play(&mut self, ops: &[Op]) -> Result<Vec<u32>, ApbError> {
        let ticket = self.apb.start(ops).expect("the bus is free");
        for _ in 0..10_000 {
            self.step(false);
            if let Some(end) = self.apb.take_end(ticket) {
                return end.result.map(|()| end.values.to_vec());
            }
        }
        panic!("no end");
    }

    fn play(&mut self, ops: &[Op]) -> Vec<u32> {
        self.try_play(ops).unwrap_or_else(|error| panic!("{error}"))
    }

    fn read(&mut self, offset: u16) -> u32 {
        self.play(&[Op::Read { offset }])[0]
    }

    /// The whole set-up; speculation is off, as there is no memory here.
    fn set_up(&mut self) {
        let hw = self.hw;
        let nobody = RegionWords([0, 0, u32::MAX, 0, 0, 0]);
        let off = Op::Write { offset: reg::SPECULATION_CTRL, value: reg::SPECULATION_OFF };
        let all = u32::from(hw.filters);
        let mut ops = identify(hw);
        ops.push(off);
        ops.extend(disable_filters(hw, 0, (1 << all) - 1, BUDGET));
        ops.extend(background(&nobody));
        ops.extend((1..).zip(&MAP).flat_map(|(index, words)| region_driver(index, words)));
        ops.push(set_action(true, true));
        ops.extend(enable_filters(hw, 0, BUDGET));
        self.play(&ops);
    }

    /// What the oracle holds against the RTL, and what AXI and the assertions do.
    fn objections(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        self.oracle.drain_events(&mut events);
        let rules = |event: &Event| match event {
            Event::Violation(violation) => {
                violation.fault.contains(&Party::Rtl).then(|| violation.check.clone())
            }
            _ => None,
        };
        let axi = self.protocol.errors().iter().map(ToString::to_string);
        let rtl = self.board.assertion_failures();
        events.iter().filter_map(rules).chain(axi).chain(rtl).collect()
    }
}

#[test]
fn existing_orders_set_up_the_board_and_read_it_back() {
    for (shape, filters) in [("f1", 1), ("f4", 4)] {
        let mut bench = Bench::new(shape, filters);
        bench.set_up();
        let values = bench.play(&dump(bench.hw));
        let mut want = RegionFile::reset(bench.hw);
        for (index, words) in (1..).zip(&MAP) {
            for (word, value) in (0..).zip(words.0) {
                want.write(reg::region(reg::REGION_BASE_LOW + 4 * word, index), value);
            }
        }
        assert_eq!(RegionFile::from_dump(bench.hw, &values), want, "{shape}");
        let open = (1 << filters) - 1;
        assert_eq!(bench.read(reg::GATE_KEEPER), open << 16 | open);
        // Firmware leaves the filter of its own memory open, a secure OS none.
        let hw = bench.hw;
        bench.play(&disable_filters(hw, open, open & !1, BUDGET));
        assert_eq!(bench.read(reg::GATE_KEEPER), 0x1_0001);
        bench.play(&disable_filters(hw, 1, open, BUDGET));
        assert_eq!(bench.read(reg::GATE_KEEPER), 0);
        assert_eq!(bench.objections(), Vec::<String>::new(), "{shape}");
    }
}

#[test]
fn the_oracle_looks_at_what_is_read_back() {
    let mut bench = Bench::new("f4", 1);
    bench.set_up();
    bench.play(&dump(bench.hw));
    assert!(bench.objections().contains(&"register".to_owned()), "it believes in one filter");
}

#[test]
fn four_filters_that_failed_are_told_in_one_run() {
    let mut bench = Bench::new("f4", 4);
    bench.set_up();
    for filter in 0..4_u8 {
        let addr = 0xf500_0040 + 4096 * u64::from(filter);
        let ax = Ax { addr, size: 2, burst: 1, prot: 3, nsaid: 9, ..Ax::default() };
        let raw = &mut bench.board.inputs().raw[usize::from(filter)];
        (raw.ar_valid, raw.ar) = (true, ax);
    }
    (0..20).for_each(|_| bench.step(false));
    assert!(bench.board.outputs().tzcint);
    (0..200).for_each(|_| bench.step(true));
    let record = |filter: u8| FailureRecord {
        filter: FilterId(filter),
        addr: PhysAddr(0xf500_0040 + 4096 * u64::from(filter)),
        direction: Direction::Read,
        non_secure: true,
        privileged: true,
        axi_id: u32::from(filter) << 4,
        overrun: false,
        overlap: false,
    };
    assert_eq!(bench.told, [(0..4).map(record).collect::<Vec<_>>()]);
    assert!(!bench.board.outputs().tzcint);
    assert_eq!(bench.read(reg::INT_STATUS), 0);
    assert_eq!(bench.objections(), Vec::<String>::new());
}

#[test]
fn a_filter_that_is_open_already_stops_the_sequence() {
    let cases =
        [(0, 0, false), (1, 1, false), (1, 0, true), (4, 0, true), (5, 1, true), (8, 0, true)];
    for (open, known, stops) in cases {
        let mut bench = Bench::new("f4", 4);
        bench.play(&[Op::Write { offset: reg::GATE_KEEPER, value: open }]);
        let came = bench.try_play(&enable_filters(bench.hw, known, BUDGET));
        let fault = came.err().map(|error| (error.step, error.fault));
        let found = open << reg::GATE_STATUS_SHIFT | open;
        assert_eq!(fault, stops.then_some((0, ApbFault::Mismatch { found })), "open {open:#x}");
        let left = if stops { open } else { 0xf };
        assert_eq!(bench.read(reg::GATE_KEEPER), left << reg::GATE_STATUS_SHIFT | left);
        assert_eq!(bench.objections(), Vec::<String>::new());
    }
}
